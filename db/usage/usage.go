// Package usage keeps what keys are used for: accepted and refused requests by hour and day, why requests were
// refused, and where a key was last seen, with which client, at which endpoint, accepted or not.
//
// Counting happens in memory and touches no database; Flush writes what has changed, in slices that never hold the
// writer for long. What is on disk is at most FlushEvery behind; what a crash loses is at most that. Sums of a whole
// project are kept beside those of its keys and never added up from them.
//
// Whoever holds a key chooses the address, the user agent and the number of their requests. None of it makes memory or
// tables grow without end: of each key the latest MaxSeen addresses, user agents and endpoints are kept, MaxTokens
// signed search keys are told apart, an endpoint is the pattern of a route and never an address, and text is cut and
// freed of anything that looks like a secret before it is kept.
package usage

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"latchkey/db"
)

// FlushEvery is how often what was counted is written.
const FlushEvery = 2 * time.Second

// How much is kept of a key.
const (
	MaxSeen   = 20   // addresses, user agents and endpoints, each
	MaxTokens = 1000 // signed search keys told apart in TokensFor
)

// How long it is kept.
const (
	KeepHours = 60 * 24 * time.Hour
	KeepDays  = 400 * 24 * time.Hour
	TokensFor = 30 * 24 * time.Hour
)

// Store counts. It is safe for concurrent use.
type Store struct {
	db      *db.DB
	mu      sync.Mutex
	pending map[string]*counter

	writing  sync.Mutex        // one flush at a time; guards what follows
	projects map[string]string // of the keys that were written before
	sweep    sweep
}

// NewStore opens the counts of an instance.
func NewStore(d *db.DB) *Store {
	return &Store{db: d, pending: map[string]*counter{}, projects: map[string]string{}}
}

// Run flushes until the context ends, and once more then. In between it removes what was kept long enough.
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
		if err := s.Clean(ctx); err != nil {
			logger.Error("remove old usage", "error", err)
		}
	}
}

const (
	hourMillis = int64(time.Hour / time.Millisecond)
	day        = 24 * time.Hour
)
