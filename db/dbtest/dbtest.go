// Package dbtest gives tests a real, fresh data directory in milliseconds.
package dbtest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/db"
)

// Clock is a clock that tests move by hand. It starts at a fixed moment and is safe for concurrent use.
type Clock struct{ ms atomic.Int64 }

// Start is where every Clock starts.
var Start = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// NewClock makes a clock that stands at Start.
func NewClock() *Clock {
	c := &Clock{}
	c.ms.Store(Start.UnixMilli())
	return c
}

// Now is the time it shows.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()).UTC() }

// Add moves the clock.
func (c *Clock) Add(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// Open makes a data directory in a temporary folder, opened with the given clock, and closes it with the test.
func Open(t testing.TB, clock *Clock) *db.Dir {
	t.Helper()
	d, err := db.OpenDir(context.Background(), db.DirOptions{Path: t.TempDir(), Now: clock.Now})
	if err != nil {
		t.Fatalf("open data directory: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close data directory: %v", err)
		}
	})
	return d
}
