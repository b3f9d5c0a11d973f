-- +goose Up
-- The audit log is read newest first, by time and then by place in the chain: of everything, of one actor, of one
-- action, of one object. Each of these has an index that begins with whose log it is, so that a page of a million
-- events costs as much as a page of a hundred.
DROP INDEX audit_subject;
DROP INDEX audit_project;
DROP INDEX audit_organization;
CREATE INDEX audit_subject ON audit (subject_id, at, seq);
CREATE INDEX audit_project ON audit (project_id, at, seq);
CREATE INDEX audit_project_actor ON audit (project_id, actor_id, at, seq);
CREATE INDEX audit_project_action ON audit (project_id, action, at, seq);
CREATE INDEX audit_organization ON audit (organization_id, at, seq);
CREATE INDEX audit_organization_actor ON audit (organization_id, actor_id, at, seq);
CREATE INDEX audit_organization_action ON audit (organization_id, action, at, seq);
CREATE INDEX audit_organization_subject ON audit (organization_id, subject_id, at, seq);

-- The sign-ins of each user, for that user to see. Failures that follow one another from one place are one row.
CREATE TABLE logins (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    outcome    TEXT    NOT NULL CHECK (outcome <> ''),
    address    TEXT    NOT NULL,
    user_agent TEXT    NOT NULL,
    -- How often, the last time at "at".
    times      INTEGER NOT NULL DEFAULT 1 CHECK (times > 0)
) STRICT;
CREATE INDEX logins_user ON logins (user_id, at, id);
