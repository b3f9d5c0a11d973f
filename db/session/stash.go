package session

import (
	"context"
	"fmt"

	"latchkey/db"
	"latchkey/db/fault"
	"latchkey/db/secret"
)

// ErrGone is the answer where no secret waits: it was stored, its time is over, or another browser made it.
var ErrGone = fault.New(fault.NotFound, "This secret is not here any more.").WithReason("gone")

const stashPlace = "reveals"

// StashTx puts a secret about a subject aside for the holder of a session token, for StashLife, in the transaction
// that made the secret.
func StashTx(ctx context.Context, tx *db.Tx, token secret.Secret, subjectID string, s secret.Secret) error {
	sealed, err := secret.SealFor(token, []byte(s.Reveal()), stashPlace, subjectID)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE expires_at <= $1", tx.NowMillis()); err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO reveals (subject_id, token_hash, sealed, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (subject_id) DO UPDATE SET token_hash = excluded.token_hash, sealed = excluded.sealed, expires_at = excluded.expires_at`,
		subjectID, hashOf(token), sealed, tx.Now.Add(StashLife).UnixMilli())
	if err != nil {
		return fmt.Errorf("put secret aside: %w", err)
	}
	return nil
}

// Stash is StashTx in a transaction of its own.
func (s *Store) Stash(ctx context.Context, token secret.Secret, subjectID string, v secret.Secret) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return StashTx(ctx, tx, token, subjectID, v) })
}

// Peek gives a secret that waits for the holder of a session token. It stays until Forget or the end of its time.
func (s *Store) Peek(ctx context.Context, token secret.Secret, subjectID string) (secret.Secret, error) {
	var plain []byte
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		sealed, err := db.One(ctx, tx, ErrGone, db.String, `
			SELECT sealed FROM reveals WHERE subject_id = $1 AND token_hash = $2 AND expires_at > $3`,
			subjectID, hashOf(token), tx.NowMillis())
		if err != nil {
			return err
		}
		plain, err = secret.OpenFor(token, sealed, stashPlace, subjectID)
		return err
	})
	return secret.Secret(plain), err
}

// Forget destroys a secret that waits for the holder of a session token. Forgetting twice is no error.
func (s *Store) Forget(ctx context.Context, token secret.Secret, subjectID string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE subject_id = $1 AND token_hash = $2", subjectID, hashOf(token))
		return err
	})
}
