// Package session keeps who is signed in with which browser.
//
// A session is known by a random token of 256 bits that only the browser's cookie holds; the table has its hash. It
// ends after Idle without a request, after Life in any case, when its user signs out, is disabled or changes the
// password, and when MaxPerUser newer ones exist. The time of the last request is written at most once a minute.
//
// A session can also hold secrets that its user has just made and not yet stored (Stash): sealed under the token, so
// that no other session, and nobody with the database and the master key, can open them.
package session

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/secret"
)

// Limits of a session and of what it holds.
const (
	Idle       = 30 * time.Minute
	Life       = 12 * time.Hour
	MaxPerUser = 10
	StashLife  = 10 * time.Minute
	touchEvery = time.Minute
)

// Session is one signed-in browser.
type Session struct {
	ID        string // for people and lists; it proves nothing
	UserID    string
	Epoch     int64 // of the user when they signed in
	CreatedAt time.Time
	SeenAt    time.Time
	Address   string
	UserAgent string
}

// Store keeps sessions. It is safe for concurrent use.
type Store struct {
	db  *db.DB
	log *audit.Log
}

// NewStore opens the sessions of an instance.
func NewStore(d *db.DB, log *audit.Log) *Store { return &Store{db: d, log: log} }

// errNone is the answer for a session that never was or has ended.
var errNone = fault.New(fault.Unauthenticated, "Sign in to go on.").WithReason("signed_out")

func hashOf(token secret.Secret) string {
	h := secret.HashToken(token.Reveal())
	return hex.EncodeToString(h[:])
}

const columns = "SELECT id, user_id, epoch, created_at, seen_at, address, user_agent FROM sessions"

func scan(s db.Scanner) (Session, error) {
	var v Session
	var created, seen sql.NullInt64
	err := s.Scan(&v.ID, &v.UserID, &v.Epoch, &created, &seen, &v.Address, &v.UserAgent)
	v.CreatedAt, v.SeenAt = db.Time(created), db.Time(seen)
	return v, err
}

// Create starts a session for a user and gives its token. The user's oldest sessions beyond MaxPerUser end, and so do
// everybody's that are over.
func (s *Store) Create(ctx context.Context, v Session) (secret.Secret, error) {
	token := secret.Token()
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := tx.NowMillis()
		if _, err := db.Exec(ctx, tx, "DELETE FROM sessions WHERE seen_at <= $1", now-Idle.Milliseconds()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE expires_at <= $1", now); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM sessions WHERE created_at <= $1", now-Life.Milliseconds()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO sessions (token_hash, id, user_id, epoch, created_at, seen_at, address, user_agent)
			VALUES ($1, $2, $3, $4, $5, $5, $6, $7)`,
			hashOf(token), uuid.NewString(), v.UserID, v.Epoch, now, v.Address, v.UserAgent); err != nil {
			return fmt.Errorf("insert session: %w", err)
		}
		_, err := db.Exec(ctx, tx, `
			DELETE FROM sessions WHERE user_id = $1 AND token_hash NOT IN (
				SELECT token_hash FROM sessions WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT $2)
			AND token_hash <> $3`, v.UserID, MaxPerUser, hashOf(token))
		return err
	})
	return token, err
}

// Find gives the session of a token and notes that it was seen.
func (s *Store) Find(ctx context.Context, token secret.Secret) (Session, error) {
	v, err := s.Look(ctx, token)
	if err != nil || s.db.Now().Sub(v.SeenAt) < touchEvery {
		return v, err
	}
	// Where this cannot be written, such as on a full disk, a session ends earlier; it must not end now.
	_ = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE sessions SET seen_at = $1 WHERE token_hash = $2", tx.NowMillis(), hashOf(token))
		return err
	})
	return v, nil
}

// Look is Find without noting anything: it can be asked inside a write transaction.
func (s *Store) Look(ctx context.Context, token secret.Secret) (Session, error) {
	var v Session
	var now time.Time
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		now = tx.Now
		v, err = db.One(ctx, tx, errNone, scan, columns+" WHERE token_hash = $1", hashOf(token))
		return err
	})
	if err != nil {
		return Session{}, err
	}
	if now.Sub(v.SeenAt) >= Idle || now.Sub(v.CreatedAt) >= Life || v.SeenAt.Sub(now) > time.Minute {
		return Session{}, errNone
	}
	return v, nil
}

// OfUser lists a user's sessions, the newest first.
func (s *Store) OfUser(ctx context.Context, userID string) ([]Session, error) {
	var list []Session
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, scan, columns+" WHERE user_id = $1 AND seen_at > $2 AND created_at > $3 ORDER BY created_at DESC, id",
			userID, tx.NowMillis()-Idle.Milliseconds(), tx.NowMillis()-Life.Milliseconds())
		return err
	})
	return list, err
}

// Delete ends a session. Ending one that is over is no error.
func (s *Store) Delete(ctx context.Context, token secret.Secret) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DELETE FROM sessions WHERE token_hash = $1", hashOf(token))
		return err
	})
}

// DeleteOfUser ends all of a user's sessions.
func (s *Store) DeleteOfUser(ctx context.Context, userID string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DELETE FROM sessions WHERE user_id = $1", userID)
		return err
	})
}
