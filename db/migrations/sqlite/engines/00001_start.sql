-- +goose Up
-- Documents, schema and full text. Whether an engine exists is said by the core database; a row of engines here is
-- made with the first field or document. Each engine has a full-text table of its own beside these, text_<number>,
-- with one column for each slot (db/engine/storage.go).

CREATE TABLE engines (
    number    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id        TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    documents INTEGER NOT NULL DEFAULT 0 CHECK (documents >= 0),
    -- While types change: the last document that is indexed by the new ones. NULL when all are.
    pending   INTEGER,
    -- While a deleted engine is freed: with how many rows left the full text is made smaller next.
    keep      INTEGER NOT NULL DEFAULT 0 CHECK (keep >= 0)
) STRICT;

CREATE TABLE fields (
    engine INTEGER NOT NULL REFERENCES engines (number) ON DELETE CASCADE,
    slot   INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 63),
    name   TEXT    NOT NULL CHECK (name <> ''),
    type   TEXT    NOT NULL CHECK (type IN ('text', 'number', 'date', 'geolocation')),
    PRIMARY KEY (engine, slot),
    UNIQUE (engine, name)
) STRICT, WITHOUT ROWID;

-- number is also the rowid in text_<engine>.
CREATE TABLE documents (
    number INTEGER NOT NULL PRIMARY KEY,
    engine INTEGER NOT NULL REFERENCES engines (number),
    id     TEXT    NOT NULL CHECK (id <> ''),
    body   TEXT    NOT NULL,
    UNIQUE (engine, id)
) STRICT;
CREATE INDEX documents_engine ON documents (engine);

-- What filters, sorts and facets look up: TEXT for text fields, REAL for numbers and, in milliseconds, for dates. One
-- slot holds only one of the two.
CREATE TABLE field_values (
    engine   INTEGER NOT NULL,
    slot     INTEGER NOT NULL,
    value    ANY     NOT NULL CHECK (typeof(value) IN ('text', 'real')),
    document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
    PRIMARY KEY (engine, slot, value, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX field_values_document ON field_values (document, slot, value);

CREATE TABLE field_points (
    engine   INTEGER NOT NULL,
    slot     INTEGER NOT NULL,
    lat      REAL    NOT NULL CHECK (lat BETWEEN -90 AND 90),
    lon      REAL    NOT NULL CHECK (lon BETWEEN -180 AND 180),
    document INTEGER NOT NULL REFERENCES documents (number) ON DELETE CASCADE,
    PRIMARY KEY (engine, slot, lat, lon, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX field_points_document ON field_points (document, slot);
