-- +goose Up
-- What was deleted keeps its row, so that ids, keys, usage and history still fit together and a host identifier is never
-- given again. Everybody reads the views, which hold only what is there: no query can find a deleted project by mistake.
-- Whoever makes, changes or deletes one writes to the table.
ALTER TABLE organizations RENAME TO all_organizations;
ALTER TABLE all_organizations ADD COLUMN deleted_at INTEGER;
CREATE VIEW organizations AS
    SELECT id, name, slug, created_at, updated_at
    FROM all_organizations
    WHERE deleted_at IS NULL;

ALTER TABLE projects RENAME TO all_projects;
ALTER TABLE all_projects ADD COLUMN deleted_at INTEGER;
CREATE VIEW projects AS
    SELECT id, organization_id, name, slug, host_identifier, readable_secrets, created_at, updated_at
    FROM all_projects
    WHERE deleted_at IS NULL;

CREATE TABLE invitations (
    id              TEXT    NOT NULL PRIMARY KEY,
    organization_id TEXT    NOT NULL REFERENCES all_organizations (id),
    email           TEXT    NOT NULL CHECK (email <> ''),
    role            TEXT    NOT NULL CHECK (role IN ('ORGANIZATION_ADMIN', 'ORGANIZATION_MEMBER')),
    token_hash      TEXT    NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    created_at      INTEGER NOT NULL,
    -- Who answers for it, and must still be allowed to invite when it is accepted. NULL: the command line.
    invited_by      TEXT    REFERENCES users (id),
    issued_at       INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    accepted_at     INTEGER,
    accepted_by     TEXT    REFERENCES users (id),
    revoked_at      INTEGER,
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    CHECK (accepted_at IS NULL OR revoked_at IS NULL)
) STRICT;
-- An address has one invitation to an organization at a time.
CREATE UNIQUE INDEX invitations_email ON invitations (organization_id, email) WHERE accepted_at IS NULL;
CREATE INDEX invitations_organization ON invitations (organization_id, created_at);

CREATE TABLE invitation_projects (
    invitation_id   TEXT    NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    organization_id TEXT    NOT NULL,
    project_id      TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('PROJECT_ADMIN', 'PROJECT_VIEWER')),
    PRIMARY KEY (invitation_id, project_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES all_projects (organization_id, id)
) STRICT;
CREATE INDEX invitation_projects_project ON invitation_projects (project_id);
