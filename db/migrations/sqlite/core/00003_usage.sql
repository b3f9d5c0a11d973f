-- +goose Up
-- What is known about the use of keys. hour and day count from 1970, UTC. Hours are kept for 60 days, days for 400.
-- What is counted of a project is kept beside its keys, so that no page has to add up 100,000 of them.

ALTER TABLE key_use ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';
ALTER TABLE key_use ADD COLUMN signed_at INTEGER;
ALTER TABLE key_hours ADD COLUMN signed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE key_days (
    key_id     TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,
    project_id TEXT    NOT NULL,
    accepted   INTEGER NOT NULL DEFAULT 0,
    rejected   INTEGER NOT NULL DEFAULT 0,
    signed     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;
-- The keys of a project with the most requests of a day.
CREATE INDEX key_days_accepted ON key_days (project_id, day, accepted);
CREATE INDEX key_days_rejected ON key_days (project_id, day, rejected) WHERE rejected > 0;

CREATE TABLE key_hour_reasons (
    key_id TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    hour   INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (key_id, hour, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_day_reasons (
    key_id TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    day    INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (key_id, day, reason)
) STRICT, WITHOUT ROWID;

-- All refusals there ever were, by reason, with the latest: also what a dead key is tried with is kept.
CREATE TABLE key_rejections (
    key_id     TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    reason     TEXT    NOT NULL,
    n          INTEGER NOT NULL,
    first_at   INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    address    TEXT    NOT NULL DEFAULT '',
    user_agent TEXT    NOT NULL DEFAULT '',
    endpoint   TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (key_id, reason)
) STRICT, WITHOUT ROWID;

-- The latest addresses, user agents and endpoints of a key, a bounded number of each, as one JSON text.
CREATE TABLE key_seen (
    key_id  TEXT    NOT NULL PRIMARY KEY REFERENCES keys (id) ON DELETE CASCADE,
    seen    TEXT    NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed search keys that were seen with their parent, each as a piece of its hash: to count them, not to know them.
CREATE TABLE key_tokens (
    key_id  TEXT    NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    token   TEXT    NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (key_id, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_hours (
    project_id TEXT    NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    hour       INTEGER NOT NULL,
    accepted   INTEGER NOT NULL DEFAULT 0,
    rejected   INTEGER NOT NULL DEFAULT 0,
    signed     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_days (
    project_id TEXT    NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,
    accepted   INTEGER NOT NULL DEFAULT 0,
    rejected   INTEGER NOT NULL DEFAULT 0,
    signed     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_hour_reasons (
    project_id TEXT    NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    hour       INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (project_id, hour, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_day_reasons (
    project_id TEXT    NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (project_id, day, reason)
) STRICT, WITHOUT ROWID;

-- What was counted so far. Why requests were refused was not written down; only that a key which was revoked in an
-- earlier hour was refused for that is certain.
INSERT INTO key_hour_reasons (key_id, hour, reason, n)
SELECT h.key_id, h.hour, CASE WHEN h.hour > k.revoked_at / 3600000 THEN 'key_revoked' ELSE 'unknown' END, h.rejected
FROM key_hours h JOIN keys k ON k.id = h.key_id WHERE h.rejected > 0;

INSERT INTO key_day_reasons (key_id, day, reason, n)
SELECT key_id, hour / 24, reason, SUM(n) FROM key_hour_reasons GROUP BY key_id, hour / 24, reason;

INSERT INTO key_rejections (key_id, reason, n, first_at, last_at)
SELECT key_id, reason, SUM(n), MIN(hour) * 3600000, MAX(hour) * 3600000 FROM key_hour_reasons GROUP BY key_id, reason;

INSERT INTO key_days (key_id, day, project_id, accepted, rejected)
SELECT h.key_id, h.hour / 24, k.project_id, SUM(h.accepted), SUM(h.rejected)
FROM key_hours h JOIN keys k ON k.id = h.key_id GROUP BY h.key_id, h.hour / 24, k.project_id;

INSERT INTO project_hours (project_id, hour, accepted, rejected)
SELECT k.project_id, h.hour, SUM(h.accepted), SUM(h.rejected)
FROM key_hours h JOIN keys k ON k.id = h.key_id GROUP BY k.project_id, h.hour;

INSERT INTO project_days (project_id, day, accepted, rejected)
SELECT project_id, day, SUM(accepted), SUM(rejected) FROM key_days GROUP BY project_id, day;

INSERT INTO project_hour_reasons (project_id, hour, reason, n)
SELECT k.project_id, h.hour, h.reason, SUM(h.n)
FROM key_hour_reasons h JOIN keys k ON k.id = h.key_id GROUP BY k.project_id, h.hour, h.reason;

INSERT INTO project_day_reasons (project_id, day, reason, n)
SELECT project_id, hour / 24, reason, SUM(n) FROM project_hour_reasons GROUP BY project_id, hour / 24, reason;
