package audit_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// Exports ask the database who is asking while they read from it. As many of them at once as there are connections to
// read with must not wait for each other.
func TestExportsDoNotWaitForEachOther(t *testing.T) {
	d, l := open(t)
	n := max(4, 2*runtime.GOMAXPROCS(0))
	place := permission.Target{Organization: "o"}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var here sync.WaitGroup
	here.Add(n)
	var done sync.WaitGroup
	for range n {
		done.Go(func() {
			who, asked := audit.CommandLine(), 0
			who.Again = func(ctx context.Context) (permission.Principal, error) {
				if asked++; asked == 2 { // the first time it is asked for the event of the export
					here.Done()
					here.Wait()
				}
				return who.Principal, d.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
					_, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM users")
					return err
				})
			}
			if err := l.Export(ctx, who, audit.Wanted{Place: place}, func(audit.Row) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
}
