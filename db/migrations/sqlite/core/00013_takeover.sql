-- +goose Up
-- How far an import from another system has come, so that one that was cut off goes on where it was. Rows live only while
-- an import is under way; they hold no secret.
CREATE TABLE takeover_progress (
    project_id TEXT    NOT NULL REFERENCES all_projects (id),
    source     TEXT    NOT NULL CHECK (source <> ''), -- the address of the other system
    item       TEXT    NOT NULL CHECK (item <> ''),   -- what of it, such as the documents of an engine
    position   TEXT    NOT NULL,                      -- JSON that the importer understands
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, source, item)
) STRICT, WITHOUT ROWID;
