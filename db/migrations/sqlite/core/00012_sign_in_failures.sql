-- +goose Up
-- How often signing in to an account failed in a row, so that a restart gives nobody a fresh start. Place is the network
-- from which the user has signed in before, and '' for everywhere else.
CREATE TABLE sign_in_failures (
    user_id  TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    place    TEXT    NOT NULL,
    failures INTEGER NOT NULL CHECK (failures > 0),
    at       INTEGER NOT NULL,
    PRIMARY KEY (user_id, place)
) STRICT;
