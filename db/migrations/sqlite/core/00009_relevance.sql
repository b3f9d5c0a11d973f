-- +goose Up
-- What people set to steer what a search of an engine finds: synonyms, curations and search settings.

CREATE TABLE synonym_sets (
    id         TEXT    NOT NULL PRIMARY KEY,
    engine_id  TEXT    NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    synonyms   TEXT    NOT NULL, -- a JSON array of texts
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX synonym_sets_engine ON synonym_sets (engine_id, created_at);

-- The first word of each synonym, as words are compared: by it a search finds the sets that may concern it.
CREATE TABLE synonym_words (
    engine_id TEXT NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    word      TEXT NOT NULL,
    set_id    TEXT NOT NULL REFERENCES synonym_sets (id) ON DELETE CASCADE,
    PRIMARY KEY (engine_id, word, set_id)
) STRICT;
CREATE INDEX synonym_words_set ON synonym_words (set_id);

CREATE TABLE curations (
    id         TEXT    NOT NULL PRIMARY KEY,
    engine_id  TEXT    NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    queries    TEXT    NOT NULL, -- JSON arrays of texts
    promoted   TEXT    NOT NULL,
    hidden     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX curations_engine ON curations (engine_id, created_at);

-- The queries of curations, as queries are compared. A query belongs to one curation of its engine at most.
CREATE TABLE curation_queries (
    engine_id   TEXT NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    query       TEXT NOT NULL,
    curation_id TEXT NOT NULL REFERENCES curations (id) ON DELETE CASCADE,
    PRIMARY KEY (engine_id, query)
) STRICT;
CREATE INDEX curation_queries_curation ON curation_queries (curation_id);

CREATE TABLE search_settings (
    engine_id  TEXT    NOT NULL PRIMARY KEY REFERENCES engines (id) ON DELETE CASCADE,
    settings   TEXT    NOT NULL, -- a JSON object
    updated_at INTEGER NOT NULL
) STRICT;
