-- +goose Up
-- What was searched for and clicked, and the requests made of engines (db/analytics). It stands here so that its volume
-- never delays a revocation. An engine has a row of its own here, because it may be searched before anything is stored
-- in it.
CREATE TABLE analytics_engines (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id     TEXT    NOT NULL UNIQUE CHECK (id <> '')
) STRICT;

-- Sets of tags that came together. Set 0 is no tags and has no row.
CREATE TABLE analytics_tag_sets (
    number   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    engine   INTEGER NOT NULL REFERENCES analytics_engines (number),
    tags     TEXT    NOT NULL CHECK (tags <> ''),
    last_day INTEGER NOT NULL,
    UNIQUE (engine, tags)
) STRICT;
CREATE TABLE analytics_tags (
    engine  INTEGER NOT NULL,
    tag     TEXT    NOT NULL,
    tag_set INTEGER NOT NULL REFERENCES analytics_tag_sets (number) ON DELETE CASCADE,
    PRIMARY KEY (engine, tag, tag_set)
) STRICT, WITHOUT ROWID;
CREATE INDEX analytics_tags_set ON analytics_tags (tag_set);

-- Searches of an hour. rest holds those that came when a day had too many different ones: without term and tags.
CREATE TABLE analytics_queries (
    engine  INTEGER NOT NULL REFERENCES analytics_engines (number),
    hour    INTEGER NOT NULL,
    rest    INTEGER NOT NULL CHECK (rest IN (0, 1)),
    term    TEXT    NOT NULL,
    tag_set INTEGER NOT NULL,
    found   INTEGER NOT NULL CHECK (found IN (0, 1)),
    n       INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (engine, hour, rest, term, tag_set, found)
) STRICT, WITHOUT ROWID;

CREATE TABLE analytics_clicks (
    engine   INTEGER NOT NULL REFERENCES analytics_engines (number),
    hour     INTEGER NOT NULL,
    rest     INTEGER NOT NULL CHECK (rest IN (0, 1)),
    term     TEXT    NOT NULL,
    document TEXT    NOT NULL,
    tag_set  INTEGER NOT NULL,
    n        INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (engine, hour, rest, term, document, tag_set)
) STRICT, WITHOUT ROWID;

-- How many rows of a kind an engine has got on a day.
CREATE TABLE analytics_days (
    engine INTEGER NOT NULL REFERENCES analytics_engines (number),
    day    INTEGER NOT NULL,
    kind   TEXT    NOT NULL CHECK (kind IN ('queries', 'clicks', 'tag_sets', 'public_logs', 'private_logs')),
    n      INTEGER NOT NULL,
    PRIMARY KEY (engine, day, kind)
) STRICT, WITHOUT ROWID;

-- Requests with their answers, without secrets. public: made with a key that anybody may have.
CREATE TABLE api_logs (
    number     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    engine     INTEGER NOT NULL REFERENCES analytics_engines (number),
    day        INTEGER NOT NULL,
    public     INTEGER NOT NULL CHECK (public IN (0, 1)),
    at         INTEGER NOT NULL,
    method     TEXT    NOT NULL,
    status     INTEGER NOT NULL,
    path       TEXT    NOT NULL,
    user_agent TEXT    NOT NULL,
    request    TEXT    NOT NULL,
    response   TEXT    NOT NULL
) STRICT;
CREATE INDEX api_logs_engine ON api_logs (engine, at, number);
CREATE INDEX api_logs_day ON api_logs (engine, day, public, number);
