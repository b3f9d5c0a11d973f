-- +goose Up
-- Ids are random TEXT, times are Unix milliseconds, flags are 0 or 1, JSON is TEXT.

CREATE TABLE instance (
    id         TEXT    NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    key_check  TEXT    NOT NULL,
    one        INTEGER NOT NULL DEFAULT 1 UNIQUE CHECK (one = 1)
) STRICT;

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE CHECK (email <> ''),
    password_hash TEXT    NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    -- Whatever was proven under an older epoch is void: it grows with every password change and every disabling.
    epoch         INTEGER NOT NULL DEFAULT 1,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    disabled_at   INTEGER,
    last_login_at INTEGER,
    last_login_address TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE organizations (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL CHECK (name <> ''),
    slug       TEXT    NOT NULL UNIQUE CHECK (slug <> ''),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
    id               TEXT    NOT NULL PRIMARY KEY,
    organization_id  TEXT    NOT NULL REFERENCES organizations (id),
    name             TEXT    NOT NULL CHECK (name <> ''),
    slug             TEXT    NOT NULL CHECK (slug <> ''),
    host_identifier  TEXT    NOT NULL UNIQUE CHECK (host_identifier <> ''),
    readable_secrets INTEGER NOT NULL DEFAULT 0 CHECK (readable_secrets IN (0, 1)),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    UNIQUE (organization_id, slug),
    UNIQUE (organization_id, id)
) STRICT;

CREATE TABLE members (
    organization_id TEXT    NOT NULL REFERENCES organizations (id),
    user_id         TEXT    NOT NULL REFERENCES users (id),
    role            TEXT    NOT NULL CHECK (role IN ('ORGANIZATION_ADMIN', 'ORGANIZATION_MEMBER')),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) STRICT;
CREATE INDEX members_user ON members (user_id);

CREATE TABLE project_members (
    organization_id TEXT    NOT NULL,
    project_id      TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('PROJECT_ADMIN', 'PROJECT_VIEWER')),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES members (organization_id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX project_members_user ON project_members (user_id);
CREATE INDEX project_members_member ON project_members (organization_id, user_id);

CREATE TABLE sessions (
    token_hash TEXT    NOT NULL PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    user_id    TEXT    NOT NULL REFERENCES users (id),
    epoch      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    address    TEXT    NOT NULL,
    user_agent TEXT    NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_seen ON sessions (seen_at);
CREATE INDEX sessions_created ON sessions (created_at);

-- Secrets waiting to be stored by the person who made them, sealed under that person's session token.
CREATE TABLE reveals (
    subject_id TEXT    NOT NULL PRIMARY KEY,
    token_hash TEXT    NOT NULL REFERENCES sessions (token_hash) ON DELETE CASCADE,
    sealed     TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reveals_session ON reveals (token_hash);
CREATE INDEX reveals_expiry ON reveals (expires_at);

CREATE TABLE keys (
    id            TEXT    NOT NULL PRIMARY KEY,
    project_id    TEXT    NOT NULL REFERENCES projects (id),
    name          TEXT    NOT NULL CHECK (name <> ''),
    description   TEXT    NOT NULL DEFAULT '',
    type          TEXT    NOT NULL CHECK (type IN ('search', 'private', 'admin')),
    access        TEXT    NOT NULL CHECK (access IN ('', 'read', 'write', 'full', 'custom')),
    permissions   TEXT    NOT NULL DEFAULT '[]',
    all_engines   INTEGER NOT NULL CHECK (all_engines IN (0, 1)),
    expires_at    INTEGER,
    hash          TEXT    NOT NULL UNIQUE CHECK (length(hash) = 64),
    visible       TEXT    NOT NULL,
    states        TEXT,
    sealed        TEXT,
    legacy        INTEGER NOT NULL DEFAULT 0 CHECK (legacy IN (0, 1)),
    form_token    TEXT,
    -- What a text filter looks in, in lower case: SQLite folds ASCII only.
    search_text   TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    created_by    TEXT    NOT NULL,
    updated_at    INTEGER NOT NULL,
    revoked_at    INTEGER,
    revoked_by    TEXT,
    UNIQUE (project_id, form_token),
    CHECK ((type = 'private') = (access <> '')),
    CHECK ((access = 'custom') = (permissions <> '[]')),
    CHECK (type <> 'admin' OR (all_engines = 1 AND states IS NULL)),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CHECK (revoked_at IS NULL OR (states IS NULL AND sealed IS NULL))
) STRICT;
-- A name is free again once its key is revoked.
CREATE UNIQUE INDEX keys_name ON keys (project_id, name) WHERE revoked_at IS NULL;
CREATE INDEX keys_project ON keys (project_id, created_at, id);

CREATE TABLE key_engines (
    key_id TEXT NOT NULL REFERENCES keys (id),
    -- The scope is by name: a key may name an engine that does not exist yet.
    engine TEXT NOT NULL CHECK (engine <> ''),
    PRIMARY KEY (key_id, engine)
) STRICT;

CREATE TABLE key_use (
    key_id     TEXT    NOT NULL PRIMARY KEY REFERENCES keys (id),
    used_at    INTEGER NOT NULL,
    address    TEXT    NOT NULL,
    user_agent TEXT    NOT NULL
) STRICT;

CREATE TABLE key_hours (
    key_id   TEXT    NOT NULL REFERENCES keys (id),
    hour     INTEGER NOT NULL,
    accepted INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (key_id, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE engines (
    id         TEXT    NOT NULL PRIMARY KEY,
    project_id TEXT    NOT NULL REFERENCES projects (id),
    name       TEXT    NOT NULL CHECK (name <> ''),
    language   TEXT    NOT NULL DEFAULT '',
    created_by TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE search_queries (
    id            TEXT    NOT NULL PRIMARY KEY,
    engine_id     TEXT    NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    query_key     TEXT    NOT NULL UNIQUE CHECK (query_key <> ''),
    description   TEXT    NOT NULL DEFAULT '',
    configuration TEXT    NOT NULL,
    debug_mode    INTEGER NOT NULL DEFAULT 0 CHECK (debug_mode IN (0, 1)),
    created_by    TEXT    NOT NULL DEFAULT '',
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX search_queries_engine ON search_queries (engine_id, created_at);

CREATE TABLE audit (
    seq             INTEGER NOT NULL PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    at              INTEGER NOT NULL,
    organization_id TEXT    NOT NULL DEFAULT '',
    project_id      TEXT    NOT NULL DEFAULT '',
    actor_kind      TEXT    NOT NULL,
    actor_id        TEXT    NOT NULL,
    actor_label     TEXT    NOT NULL,
    address         TEXT    NOT NULL,
    request_id      TEXT    NOT NULL,
    action          TEXT    NOT NULL,
    subject_id      TEXT    NOT NULL,
    subject_label   TEXT    NOT NULL,
    changes         TEXT    NOT NULL,
    hash            TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_subject ON audit (subject_id, seq);
CREATE INDEX audit_project ON audit (project_id, seq);
CREATE INDEX audit_organization ON audit (organization_id, seq);
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never cut'); END;
-- +goose StatementEnd
