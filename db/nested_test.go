package db_test

import (
	"context"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/dbtest"
)

// A read that waits for a second connection while it holds one can wait for ever: it is refused at once.
func TestNoReadInsideARead(t *testing.T) {
	d := dbtest.Open(t, dbtest.NewClock())
	nothing := func(context.Context, *db.Tx) error { return nil }
	err := d.Core.Read(t.Context(), func(ctx context.Context, _ *db.Tx) error {
		if err := d.Engines.Read(ctx, nothing); err != nil {
			t.Errorf("of the other database: %v", err)
		}
		return d.Core.Read(ctx, nothing)
	})
	if err == nil || !strings.Contains(err.Error(), "a read inside a read") {
		t.Errorf("%v", err)
	}
	if err := d.Core.Write(t.Context(), func(ctx context.Context, _ *db.Tx) error { return d.Core.Read(ctx, nothing) }); err != nil {
		t.Errorf("inside a write: %v", err)
	}
}
