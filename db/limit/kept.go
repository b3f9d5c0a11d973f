package limit

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"latchkey/db"
)

const (
	// slice is how many counts are written in one transaction, so that the one writer is never held for long.
	slice = 50
	// pace is how often counts are written while they change: what a crash loses is no older.
	pace = time.Second
)

// row is a count as it is kept.
type row struct {
	Account
	failures int
	last     time.Time
}

// Load reads the counts of accounts that were kept. Nothing may be counted before.
func (s *SignIns) Load(ctx context.Context, d *db.DB) error {
	return d.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := db.Query(ctx, tx, scanRow, "SELECT user_id, place, failures, at FROM sign_in_failures")
		for _, r := range rows {
			s.users[r.Account] = &count{failures: r.failures, last: r.last}
		}
		return err
	})
}

func scanRow(s db.Scanner) (row, error) {
	var r row
	var at int64
	err := s.Scan(&r.User, &r.Place, &r.failures, &at)
	r.last = time.UnixMilli(at).UTC()
	return r, err
}

// Run writes counts down while they change, until the context ends. What is left then Flush writes. It is apart from the
// attempts themselves: a failure for an account must take no longer than one for nobody's.
func (s *SignIns) Run(ctx context.Context, d *db.DB, logger *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.signal:
		}
		if err := s.Flush(ctx, d); err != nil {
			logger.Error("write failures to sign in", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pace):
		}
	}
}

// Flush writes what has changed. What cannot be written is tried again with the next change.
func (s *SignIns) Flush(ctx context.Context, d *db.DB) error {
	for rows := range slices.Chunk(s.take(), slice) {
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, r := range rows {
				if err := r.write(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			s.giveBack(rows)
			return err
		}
	}
	return nil
}

// take gives the changed counts as they are now, and forgets those that say nothing any more.
func (s *SignIns) take() []row {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for a, c := range s.users {
		if c.age(now); c.failures == 0 && c.pending == 0 {
			delete(s.users, a)
			if !c.last.IsZero() {
				s.changed[a] = true
			}
		}
	}
	var rows []row
	for a := range maps.Keys(s.changed) {
		r := row{Account: a}
		if c := s.users[a]; c != nil {
			r.failures, r.last = c.failures, c.last
		}
		rows = append(rows, r)
	}
	clear(s.changed)
	return rows
}

func (s *SignIns) giveBack(rows []row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows {
		s.changed[r.Account] = true
	}
}

func (r row) write(ctx context.Context, tx *db.Tx) error {
	if r.failures == 0 {
		_, err := db.Exec(ctx, tx, "DELETE FROM sign_in_failures WHERE user_id = $1 AND place = $2", r.User, r.Place)
		return err
	}
	// The user may have been removed in the meantime.
	_, err := db.Exec(ctx, tx, `
		INSERT INTO sign_in_failures (user_id, place, failures, at)
		SELECT id, $2, $3, $4 FROM users WHERE id = $1
		ON CONFLICT (user_id, place) DO UPDATE SET failures = excluded.failures, at = excluded.at`,
		r.User, r.Place, r.failures, r.last.UnixMilli())
	return err
}
