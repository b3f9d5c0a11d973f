-- +goose Up
-- What the list of keys needs to stay quick with a hundred thousand keys in one project: a sorted index for every order,
-- and counts that nobody has to count anew.

-- A copy of key_use.used_at, to sort by. Whoever writes key_use need not know of it: the triggers below keep it.
ALTER TABLE keys ADD COLUMN used_at INTEGER;
-- The first engine of a scope that names some, to sort by; '' for all engines.
ALTER TABLE keys ADD COLUMN first_engine TEXT NOT NULL DEFAULT '';
UPDATE keys SET
    used_at = (SELECT u.used_at FROM key_use u WHERE u.key_id = keys.id),
    first_engine = COALESCE((SELECT MIN(e.engine) FROM key_engines e WHERE e.key_id = keys.id), '');

-- +goose StatementBegin
CREATE TRIGGER key_use_insert AFTER INSERT ON key_use BEGIN
    UPDATE keys SET used_at = NEW.used_at WHERE id = NEW.key_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_use_update AFTER UPDATE OF used_at ON key_use BEGIN
    UPDATE keys SET used_at = NEW.used_at WHERE id = NEW.key_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_use_delete AFTER DELETE ON key_use BEGIN
    UPDATE keys SET used_at = NULL WHERE id = OLD.key_id;
END;
-- +goose StatementEnd

ALTER TABLE keys ADD COLUMN revoked INTEGER GENERATED ALWAYS AS (revoked_at IS NOT NULL) VIRTUAL;
-- When it was last used, or else made: from there on it lies still.
ALTER TABLE keys ADD COLUMN idle_since INTEGER GENERATED ALWAYS AS (COALESCE(used_at, created_at)) VIRTUAL;
-- From the least that can be done with it to the most.
ALTER TABLE keys ADD COLUMN access_order INTEGER GENERATED ALWAYS AS (
    CASE WHEN type = 'search' THEN 0 WHEN type = 'admin' THEN 5 WHEN access = 'read' THEN 1 WHEN access = 'write' THEN 2
        WHEN access = 'custom' THEN 3 ELSE 4 END) VIRTUAL;
-- All engines first, then by name; '~' lies behind every name. An admin key has no engines.
ALTER TABLE keys ADD COLUMN engine_order TEXT GENERATED ALWAYS AS (CASE WHEN type = 'admin' THEN '~' ELSE first_engine END) VIRTUAL;

-- Each ends with what decides whether a key is alive, so that dead ones are passed over without being read.
DROP INDEX keys_project;
CREATE INDEX keys_by_name ON keys (project_id, revoked, name, id, expires_at);
CREATE INDEX keys_by_type ON keys (project_id, revoked, type, name, id, expires_at);
CREATE INDEX keys_by_access ON keys (project_id, revoked, access_order, name, id, expires_at);
CREATE INDEX keys_by_engine ON keys (project_id, revoked, engine_order, name, id, expires_at);
CREATE INDEX keys_by_use ON keys (project_id, revoked, used_at, name, id, expires_at, created_at);
CREATE INDEX keys_by_idleness ON keys (project_id, revoked, idle_since, name, id, expires_at);
CREATE INDEX keys_by_expiry ON keys (project_id, revoked, expires_at, name, id, idle_since);
CREATE INDEX keys_by_creation ON keys (project_id, revoked, created_at, name, id, expires_at);
CREATE INDEX keys_by_creator ON keys (project_id, created_by, revoked, name, id, expires_at);
CREATE INDEX keys_legacy ON keys (project_id, revoked, name, id, expires_at) WHERE legacy;

-- How many keys that are not revoked end on a day, and lie still since a day. A key counts as unused from 90 days
-- (7,776,000,000 ms) after its last use until it ends; one that ends earlier never does, and has no idle_day.
ALTER TABLE keys ADD COLUMN expiry_day INTEGER GENERATED ALWAYS AS (
    CASE WHEN revoked_at IS NULL THEN expires_at / 86400000 END) VIRTUAL;
ALTER TABLE keys ADD COLUMN idle_day INTEGER GENERATED ALWAYS AS (
    CASE WHEN revoked_at IS NULL AND (expires_at IS NULL OR expires_at > COALESCE(used_at, created_at) + 7776000000)
        THEN COALESCE(used_at, created_at) / 86400000 END) VIRTUAL;
ALTER TABLE keys ADD COLUMN idle_end_day INTEGER GENERATED ALWAYS AS (
    CASE WHEN revoked_at IS NULL AND expires_at > COALESCE(used_at, created_at) + 7776000000 THEN expires_at / 86400000 END) VIRTUAL;

CREATE TABLE key_tally (
    project_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('all', 'revoked', 'expiry', 'idle', 'idle_end')),
    day        INTEGER NOT NULL, -- since 1970; 0 for all and revoked
    n          INTEGER NOT NULL,
    PRIMARY KEY (project_id, kind, day)
) STRICT, WITHOUT ROWID;

INSERT INTO key_tally (project_id, kind, day, n)
    SELECT project_id, 'all', 0, COUNT(*) FROM keys GROUP BY project_id
    UNION ALL
    SELECT project_id, 'revoked', 0, COUNT(*) FROM keys WHERE revoked_at IS NOT NULL GROUP BY project_id
    UNION ALL
    SELECT project_id, 'expiry', expiry_day, COUNT(*) FROM keys WHERE expiry_day IS NOT NULL GROUP BY project_id, expiry_day
    UNION ALL
    SELECT project_id, 'idle', idle_day, COUNT(*) FROM keys WHERE idle_day IS NOT NULL GROUP BY project_id, idle_day
    UNION ALL
    SELECT project_id, 'idle_end', idle_end_day, COUNT(*) FROM keys WHERE idle_end_day IS NOT NULL GROUP BY project_id, idle_end_day;

-- +goose StatementBegin
CREATE TRIGGER key_tally_insert AFTER INSERT ON keys BEGIN
    INSERT INTO key_tally (project_id, kind, day, n) VALUES (NEW.project_id, 'all', 0, 1)
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'revoked', 0, 1 WHERE NEW.revoked
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'expiry', NEW.expiry_day, 1 WHERE NEW.expiry_day IS NOT NULL
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'idle', NEW.idle_day, 1 WHERE NEW.idle_day IS NOT NULL
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'idle_end', NEW.idle_end_day, 1 WHERE NEW.idle_end_day IS NOT NULL
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_tally_delete AFTER DELETE ON keys BEGIN
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'all' AND day = 0;
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'revoked' AND OLD.revoked;
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'expiry' AND day = OLD.expiry_day;
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'idle' AND day = OLD.idle_day;
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'idle_end' AND day = OLD.idle_end_day;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_tally_revoked AFTER UPDATE OF revoked_at ON keys WHEN OLD.revoked <> NEW.revoked BEGIN
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'revoked' AND OLD.revoked;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'revoked', 0, 1 WHERE NEW.revoked
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_tally_expiry AFTER UPDATE OF revoked_at, expires_at ON keys WHEN OLD.expiry_day IS NOT NEW.expiry_day BEGIN
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'expiry' AND day = OLD.expiry_day;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'expiry', NEW.expiry_day, 1 WHERE NEW.expiry_day IS NOT NULL
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_tally_idle AFTER UPDATE OF revoked_at, expires_at, used_at, created_at ON keys WHEN OLD.idle_day IS NOT NEW.idle_day BEGIN
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'idle' AND day = OLD.idle_day;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'idle', NEW.idle_day, 1 WHERE NEW.idle_day IS NOT NULL
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER key_tally_idle_end AFTER UPDATE OF revoked_at, expires_at, used_at, created_at ON keys WHEN OLD.idle_end_day IS NOT NEW.idle_end_day BEGIN
    UPDATE key_tally SET n = n - 1 WHERE project_id = OLD.project_id AND kind = 'idle_end' AND day = OLD.idle_end_day;
    INSERT INTO key_tally (project_id, kind, day, n) SELECT NEW.project_id, 'idle_end', NEW.idle_end_day, 1 WHERE NEW.idle_end_day IS NOT NULL
        ON CONFLICT (project_id, kind, day) DO UPDATE SET n = key_tally.n + 1;
END;
-- +goose StatementEnd
