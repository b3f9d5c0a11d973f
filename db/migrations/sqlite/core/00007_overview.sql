-- +goose Up
-- What the overview of a project and the pages of engines ask for.

-- The latest uses of keys that were at their end.
CREATE INDEX key_rejections_dead ON key_rejections (last_at) WHERE reason IN ('key_revoked', 'key_expired');

-- The keys that name an engine.
CREATE INDEX key_engines_engine ON key_engines (engine, key_id);
