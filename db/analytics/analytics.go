// Package analytics keeps what is searched for and clicked in engines, counted by the hour, and a log of the requests
// made of each engine.
//
// Recording happens in memory, never touches a database and never fails: Flush writes what has come, in slices that hold
// the writer of the engines database for milliseconds. What is on disk is at most FlushEvery behind; what a crash loses
// is at most that. A row of an engine that is gone is dropped, and Run frees what was kept of it.
//
// Whoever holds a search key, which is public, chooses the words, the tags, the documents and the number of their
// requests. None of it makes memory or tables grow without end. Of an engine and day MaxRows searches and as many clicks
// are told apart, by hour, term and tags (and document, or whether anything was found); those beyond are counted
// together, without term and tags. New sets of tags are MaxTagSets a day; searches beyond count without tags. Of requests
// the latest MaxLogs of a day are kept: made with public keys and with others each, so that nobody can push out of sight
// with a public key what servers do. Between two flushes MaxWaiting different searches, as many clicks, and MaxPending
// requests are told apart, MaxPendingOne of one engine; the requests beyond are not logged.
//
// A secret is never kept: not under which name it came, not where its form tells, and not the one that a request proved
// itself with (secret.Hider). Of a body that is no JSON nothing is kept.
package analytics

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"latchkey/db"
)

// FlushEvery is how often what has come is written.
const FlushEvery = time.Second

// How much is kept of one engine.
const (
	MaxRows    = 20_000  // different searches of a day, and different clicks
	MaxTagSets = 100     // new ones of a day
	MaxLogs    = 2_000   // requests of a day with public keys, and with others
	MaxBody    = 4 << 10 // bytes of the body of a request, and of an answer
	MaxPath    = 2 << 10
	MaxAgent   = 200
)

// How much waits in memory.
const (
	MaxWaiting    = 5_000
	MaxPending    = 400
	MaxPendingOne = 100
)

// How long it is kept. It is removed by whole days.
const (
	KeepCounts = 181 * day
	KeepLogs   = 8 * day
)

const (
	day        = 24 * time.Hour
	hourMillis = int64(time.Hour / time.Millisecond)
	dayHours   = 24
)

// Store records and tells. It is safe for concurrent use.
type Store struct {
	core    *db.DB
	engines *db.DB

	mu      sync.Mutex
	pending *batch

	writing sync.Mutex // one flush at a time
	cleaned int64      // the day on which what is old was removed last; only Clean looks at it
}

// NewStore opens the analytics of an instance. core tells which engines there are; all else stands in engines.
func NewStore(core, engines *db.DB) *Store {
	return &Store{core: core, engines: engines, pending: newBatch()}
}

// tidyEvery is how often Run looks for engines that are gone, and for a new day.
const tidyEvery = time.Minute

// Run flushes until the context ends, and once more then. Beside that it removes what was kept long enough and what was
// kept of engines that are gone.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	var both sync.WaitGroup
	both.Go(func() {
		every(ctx, tidyEvery, func() { report(ctx, logger, "remove old analytics", s.Clean(ctx)) })
	})
	every(ctx, FlushEvery, func() { report(ctx, logger, "write analytics", s.Flush(ctx)) })
	report(context.WithoutCancel(ctx), logger, "write analytics", s.Flush(ctx))
	both.Wait()
}

func every(ctx context.Context, interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}

// report logs a failure, unless it only says that the program ends.
func report(ctx context.Context, logger *slog.Logger, what string, err error) {
	if err != nil && ctx.Err() == nil {
		logger.Error(what, "error", err)
	}
}
