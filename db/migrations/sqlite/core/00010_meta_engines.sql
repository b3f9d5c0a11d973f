-- +goose Up
-- A meta engine has no documents of its own: it searches its source engines. They are kept by id: an engine that is made
-- later under the name of a deleted source is another one.
ALTER TABLE engines ADD COLUMN meta INTEGER NOT NULL DEFAULT 0 CHECK (meta IN (0, 1));

CREATE TABLE engine_sources (
    meta_id   TEXT    NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    source_id TEXT    NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL, -- in the order of the sources
    PRIMARY KEY (meta_id, source_id)
) STRICT;
CREATE INDEX engine_sources_source ON engine_sources (source_id);
