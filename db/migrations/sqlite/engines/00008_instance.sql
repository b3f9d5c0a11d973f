-- +goose Up
-- Which instance these documents belong to; filled in when the data directory is opened. A copy of one database that
-- is put beside a foreign one is noticed by it.
CREATE TABLE instance (
    id  TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    one INTEGER NOT NULL DEFAULT 1 UNIQUE CHECK (one = 1)
) STRICT;
