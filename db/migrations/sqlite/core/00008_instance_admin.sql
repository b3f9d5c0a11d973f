-- +goose Up
ALTER TABLE users ADD COLUMN instance_admin INTEGER NOT NULL DEFAULT 0 CHECK (instance_admin IN (0, 1));
CREATE INDEX users_instance_admin ON users (id) WHERE instance_admin;

-- Who set the instance up is its admin, or, where they were barred since, who came next: somebody has to be.
UPDATE users SET instance_admin = 1 WHERE id = (
    SELECT id FROM users ORDER BY CASE WHEN disabled_at IS NULL THEN 0 ELSE 1 END, created_at, id LIMIT 1);
