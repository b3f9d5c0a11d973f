package credential

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/dbtest"
)

// Every page of every order walks along an index made for it: no statement reads all keys or sorts them, on the first
// page, behind a cursor, forwards and backwards. The counts on every page touch no key but those of a day.
func TestListsWalkAlongIndexes(t *testing.T) {
	ctx := context.Background()
	dir := dbtest.Open(t, dbtest.NewClock())
	views := map[string]Filter{"living": {}, "with the expired": {Live: true}, "all": {Inactive: true}, "revoked": {Status: "revoked"}}
	err := dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		explain := func(name, query string, args []any) {
			t.Helper()
			plan, err := db.Query(ctx, tx, func(s db.Scanner) (string, error) {
				var id, parent, unused int
				var detail string
				return detail, s.Scan(&id, &parent, &unused, &detail)
			}, "EXPLAIN QUERY PLAN "+query, args...)
			if err != nil {
				t.Fatalf("%s: %v in %s", name, err, query)
			}
			steps := strings.Join(plan, "; ")
			if len(plan) != 1 || !strings.HasPrefix(steps, "SEARCH k USING ") || !strings.Contains(steps, "INDEX keys_") {
				t.Errorf("%s: %s\n%s", name, steps, query)
			}
		}
		for sort, o := range orders {
			for name, f := range views {
				w := walker{tx: tx, project: "p", order: o, view: f.view(), moments: momentsAt(tx.Now)}
				for number, seg := range o.segments {
					for _, dead := range w.view.sides(seg) {
						for _, down := range []bool{false, true} {
							for _, after := range []*mark{nil, {Segment: number, Value: int64(5), Name: "n", ID: "i"}} {
								s := source{walker: w, number: number, dead: dead, down: down, after: after}
								query, args := s.query(piece)
								explain(fmt.Sprintf("%s %s, segment %d, revoked %v, down %v, first %v", name, sort, number, dead, down, after == nil), query, args)
							}
						}
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
