package session

import (
	"context"
	"log/slog"
	"time"

	"latchkey/db"
)

// sweepEvery is how often secrets are looked for whose time is over.
const sweepEvery = 15 * time.Second

// Run destroys the secrets whose time is over until the context ends, so that none outlives its ten minutes in the
// database because nobody signs in or creates a key.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			logger.Error("destroy secrets whose time is over", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Sweep destroys the secrets whose time is over and tells how many there were. It does not disturb the writer where
// there are none.
func (s *Store) Sweep(ctx context.Context) (int64, error) {
	var due int64
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		due, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM reveals WHERE expires_at <= $1", tx.NowMillis())
		return err
	})
	if err != nil || due == 0 {
		return 0, err
	}
	var swept int64
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		swept, err = db.Exec(ctx, tx, "DELETE FROM reveals WHERE expires_at <= $1", tx.NowMillis())
		return err
	})
	return swept, err
}
