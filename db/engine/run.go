package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"latchkey/db"
)

// lookEvery is how often Run looks for work that nobody rang for: what failed, and what an earlier run left.
const lookEvery = time.Minute

// Run does what no request waits for, until the context ends: it finishes re-indexing and frees the storage of deleted
// engines. What fails is logged and tried again later.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	var both sync.WaitGroup
	both.Go(func() { work(ctx, logger, "finish re-indexing", s.reindexing, s.resume) })
	both.Go(func() { work(ctx, logger, "free storage of deleted engines", s.freeing, s.sweep) })
	both.Wait()
}

// work does something at once, whenever the bell rings, and from time to time.
func work(ctx context.Context, logger *slog.Logger, what string, wake bell, do func(ctx context.Context) error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			logger.Error(what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-ticker.C:
		}
	}
}

// background runs one transaction of the engines database that belongs to no request.
func (s *Store) background(ctx context.Context, f func(ctx context.Context, tx *db.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.engines.Write(ctx, f)
}

// bell wakes whoever waits for it. Rung while nobody waits, it is heard by the next who does.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}
