// Package usage counts what keys are used for: accepted and rejected requests per key and hour, and the last use.
//
// Counting happens in memory and touches no database; Flush writes what has changed, in slices that never hold the
// writer for long. What is on disk is at most FlushEvery behind; what a crash loses is at most that.
package usage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"latchkey/db"
	"latchkey/db/fault"
)

// FlushEvery is how often what was counted is written. slice is how many keys are written in one transaction, so that a
// revocation waits for at most one slice.
const (
	FlushEvery = 2 * time.Second
	slice      = 500
)

// maxAgent is how many bytes of a user agent are kept.
const maxAgent = 300

// Outcome says what became of a request.
type Outcome bool

// The outcomes.
const (
	Accepted Outcome = true
	Rejected Outcome = false
)

// counter is what was counted of one key since the last flush.
type counter struct {
	hours     map[int64]*[2]int64 // Unix hour to accepted and rejected
	at        int64
	address   string
	userAgent string
	used      bool // accepted at least once: only then was the key "used"
}

// Store counts. It is safe for concurrent use.
type Store struct {
	db      *db.DB
	mu      sync.Mutex
	pending map[string]*counter
	writing sync.Mutex // one flush at a time
}

// NewStore opens the counts of an instance.
func NewStore(d *db.DB) *Store { return &Store{db: d, pending: map[string]*counter{}} }

// Count counts one request made with a key. A rejected request counts, but is no use of the key.
func (s *Store) Count(keyID string, outcome Outcome, address, userAgent string) {
	if keyID == "" {
		return
	}
	now := s.db.Now().UnixMilli()
	userAgent = fault.Cut(userAgent, maxAgent)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counter(keyID)
	n := c.hour(now / time.Hour.Milliseconds())
	if outcome == Rejected {
		n[1]++
		return
	}
	n[0]++
	c.used, c.at, c.address, c.userAgent = true, now, address, userAgent
}

// CountResult counts a request by the error it ended with: refused and not found is rejected, a failure of ours is not
// counted, and all else was accepted, also where the input was wrong.
func (s *Store) CountResult(keyID string, err error, address, userAgent string) {
	switch {
	case err == nil, fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict), fault.Is(err, fault.TooLarge), fault.Is(err, fault.TooMany):
		s.Count(keyID, Accepted, address, userAgent)
	case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.Forbidden), fault.Is(err, fault.NotFound):
		s.Count(keyID, Rejected, address, userAgent)
	}
}

func (s *Store) counter(keyID string) *counter {
	c := s.pending[keyID]
	if c == nil {
		c = &counter{hours: map[int64]*[2]int64{}}
		s.pending[keyID] = c
	}
	return c
}

func (c *counter) hour(h int64) *[2]int64 {
	n := c.hours[h]
	if n == nil {
		n = new([2]int64)
		c.hours[h] = n
	}
	return n
}

// Run flushes until the context ends, and once more then.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	ticker := time.NewTicker(FlushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
		if err := s.Flush(ctx); err != nil {
			logger.Error("write usage", "error", err)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// Flush writes what was counted since the last one. What could not be written is kept for the next.
func (s *Store) Flush(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	batch := s.pending
	s.pending = make(map[string]*counter, len(batch))
	s.mu.Unlock()
	var errs []error
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(batch)), slice) {
		err := s.writeSlice(ctx, batch, ids)
		if db.IsForeignKey(err) {
			err = s.writeSingly(ctx, batch, ids)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	s.keep(batch)
	return errors.Join(errs...)
}

// writeSlice writes the counts of some keys and takes what was written out of the batch.
func (s *Store) writeSlice(ctx context.Context, batch map[string]*counter, ids []string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range ids {
			if err := write(ctx, tx, id, batch[id]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		for _, id := range ids {
			delete(batch, id)
		}
	}
	return err
}

// writeSingly is for a slice in which one key cannot be written, such as one that is no more: the others must not
// wait for it, and it must not come again.
func (s *Store) writeSingly(ctx context.Context, batch map[string]*counter, ids []string) error {
	var errs []error
	for _, id := range ids {
		err := s.writeSlice(ctx, batch, []string{id})
		if db.IsForeignKey(err) {
			delete(batch, id)
			err = fmt.Errorf("drop counts of key %s: %w", id, err)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// keep puts counts that could not be written back under those that came since.
func (s *Store) keep(batch map[string]*counter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range batch {
		c := s.counter(id)
		for h, n := range old.hours {
			sum := c.hour(h)
			sum[0], sum[1] = sum[0]+n[0], sum[1]+n[1]
		}
		if old.used && !c.used {
			c.used, c.at, c.address, c.userAgent = true, old.at, old.address, old.userAgent
		}
	}
}

func write(ctx context.Context, tx *db.Tx, id string, c *counter) error {
	for h, n := range c.hours {
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO key_hours (key_id, hour, accepted, rejected) VALUES ($1, $2, $3, $4)
			ON CONFLICT (key_id, hour) DO UPDATE SET
				accepted = key_hours.accepted + excluded.accepted, rejected = key_hours.rejected + excluded.rejected`,
			id, h, n[0], n[1]); err != nil {
			return fmt.Errorf("write counts: %w", err)
		}
	}
	if !c.used {
		return nil
	}
	if _, err := db.Exec(ctx, tx, `
		INSERT INTO key_use (key_id, used_at, address, user_agent) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at, address = excluded.address, user_agent = excluded.user_agent`,
		id, c.at, c.address, c.userAgent); err != nil {
		return fmt.Errorf("write last use: %w", err)
	}
	return nil
}

// Totals are numbers of requests.
type Totals struct{ Accepted, Rejected int64 }

// Day is the number of requests on one day, UTC.
type Day struct {
	Date time.Time
	Totals
}

// Summary is how much a key, or a whole project, was used lately.
type Summary struct {
	Hour, Day, Month Totals // the present and the past hour; 24 hours; 30 days
	Days             []Day  // the last 30, oldest first, also those without requests
}

// days is how many days a Summary covers.
const days = 30

// OfKey sums up one key. The caller has checked that the asker may see it.
func (s *Store) OfKey(ctx context.Context, keyID string) (Summary, error) {
	return s.sum(ctx, "SELECT hour, accepted, rejected FROM key_hours WHERE key_id = $1 AND hour >= $2", keyID)
}

// OfProject sums up all keys of a project. The caller has checked that the asker may see it.
func (s *Store) OfProject(ctx context.Context, projectID string) (Summary, error) {
	return s.sum(ctx, `
		SELECT h.hour, SUM(h.accepted), SUM(h.rejected)
		FROM keys k JOIN key_hours h ON h.key_id = k.id
		WHERE k.project_id = $1 AND h.hour >= $2
		GROUP BY h.hour`, projectID)
}

type hourCount struct {
	hour int64
	Totals
}

func scanHour(s db.Scanner) (hourCount, error) {
	var h hourCount
	err := s.Scan(&h.hour, &h.Accepted, &h.Rejected)
	return h, err
}

func (s *Store) sum(ctx context.Context, query, id string) (Summary, error) {
	var sum Summary
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		today := tx.Now.Truncate(24 * time.Hour)
		first := today.AddDate(0, 0, 1-days)
		hours, err := db.Query(ctx, tx, scanHour, query, id, first.Unix()/3600)
		if err != nil {
			return err
		}
		for d := first; !d.After(today); d = d.AddDate(0, 0, 1) {
			sum.Days = append(sum.Days, Day{Date: d})
		}
		now := tx.Now.Unix() / 3600
		for _, h := range hours {
			sum.add(h, now, first)
		}
		return nil
	})
	return sum, err
}

func (s *Summary) add(h hourCount, now int64, first time.Time) {
	plus := func(t *Totals) { t.Accepted, t.Rejected = t.Accepted+h.Accepted, t.Rejected+h.Rejected }
	plus(&s.Month)
	if h.hour > now-24 {
		plus(&s.Day)
	}
	if h.hour >= now-1 {
		plus(&s.Hour)
	}
	if i := int((h.hour*3600 - first.Unix()) / 86400); i >= 0 && i < len(s.Days) {
		plus(&s.Days[i].Totals)
	}
}

// DaysOf gives the accepted requests per day of several keys over the last 30 days, for small charts in a list.
func (s *Store) DaysOf(ctx context.Context, keyIDs []string) (map[string][]int, error) {
	all := make(map[string][]int, len(keyIDs))
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		first := tx.Now.Truncate(24*time.Hour).AddDate(0, 0, 1-days).Unix() / 3600
		for _, id := range keyIDs {
			rows, err := db.Query(ctx, tx, scanHour, `
				SELECT hour / 24, SUM(accepted), SUM(rejected) FROM key_hours
				WHERE key_id = $1 AND hour >= $2 GROUP BY hour / 24`, id, first)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				continue
			}
			list := make([]int, days)
			for _, r := range rows {
				if i := int(r.hour - first/24); i >= 0 && i < days {
					list[i] = int(r.Accepted)
				}
			}
			all[id] = list
		}
		return nil
	})
	return all, err
}

// RejectedSince counts the rejected requests of a key in and after the hour of a moment.
func (s *Store) RejectedSince(ctx context.Context, keyID string, since time.Time) (int64, error) {
	var n sql.NullInt64
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT SUM(rejected) FROM key_hours WHERE key_id = $1 AND hour >= $2", keyID, since.Unix()/3600).Scan(&n)
	})
	return n.Int64, err
}
