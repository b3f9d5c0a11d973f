package audit_test

import (
	"context"
	"fmt"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
)

func open(t *testing.T) (*db.Dir, *audit.Log) {
	t.Helper()
	d := dbtest.Open(t, dbtest.NewClock())
	l, err := audit.NewLog(d.Core, d.Master)
	if err != nil {
		t.Fatal(err)
	}
	return d, l
}

func write(t *testing.T, d *db.Dir, do func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Core.Write(context.Background(), do)
}

func fill(t *testing.T, d *db.Dir, l *audit.Log, n int) {
	t.Helper()
	for i := range n {
		err := write(t, d, func(ctx context.Context, tx *db.Tx) error {
			return l.Append(ctx, tx, audit.CommandLine(), audit.Event{Action: audit.KeyUpdate, SubjectID: fmt.Sprint(i % 2), SubjectLabel: "x",
				Changes: audit.Diff("description", "a", fmt.Sprint(i))})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestHistoryOfASubject(t *testing.T) {
	d, l := open(t)
	fill(t, d, l, 6)
	got, err := l.OfSubject(context.Background(), "1")
	if err != nil || len(got) != 3 {
		t.Fatalf("%d events, %v", len(got), err)
	}
	if first := got[0]; first.Seq != 6 || first.Changes[0].To != "5" || first.ActorLabel != "command line" || !first.At.Equal(dbtest.Start) {
		t.Errorf("newest event: %+v", first)
	}
}

func TestVerifyNamesTheEventThatWasTouched(t *testing.T) {
	for _, c := range []struct {
		name, damage string
		broken       int64
	}{
		{"nothing", "", 0},
		{"a text was edited", "UPDATE audit SET actor_label = 'nobody' WHERE seq = 3", 3},
		{"a time was edited", "UPDATE audit SET at = at + 1 WHERE seq = 2", 2},
		{"a change was edited", `UPDATE audit SET changes = '[{"field":"x"}]' WHERE seq = 5`, 5},
		{"an event was taken out", "DELETE FROM audit WHERE seq = 4", 4},
		{"the first was taken out", "DELETE FROM audit WHERE seq = 1", 1},
		{"two changed places", "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3); UPDATE audit SET seq = -seq WHERE seq < 0", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, l := open(t)
			fill(t, d, l, 6)
			err := write(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.ExecContext(ctx, "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; "+c.damage)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			v, err := l.Verify(context.Background())
			if err != nil || v.Broken != c.broken {
				t.Errorf("broken at %d, %v; want %d", v.Broken, err, c.broken)
			}
		})
	}
}

// A row of another history of the same instance, such as a restored backup went on to write, has a true seal of its own
// but does not fit into this one.
func TestVerifyNoticesARowOfAnotherHistory(t *testing.T) {
	d, l := open(t)
	fill(t, d, l, 5)
	run := func(query string) {
		t.Helper()
		if err := write(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := tx.ExecContext(ctx, query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	run(`DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;
		CREATE TABLE other AS SELECT * FROM audit WHERE seq = 3; DELETE FROM audit WHERE seq >= 3`)
	fill(t, d, l, 3)
	if v, err := l.Verify(context.Background()); err != nil || v.Broken != 0 || v.Events != 5 {
		t.Fatalf("the new history: %+v, %v", v, err)
	}
	run("DELETE FROM audit WHERE seq = 3; INSERT INTO audit SELECT * FROM other")
	if v, err := l.Verify(context.Background()); err != nil || v.Broken != 4 {
		t.Errorf("broken at %d, %v; want 4", v.Broken, err)
	}
}

func TestEventsCannotBeChangedOrDeletedBySQL(t *testing.T) {
	d, l := open(t)
	fill(t, d, l, 1)
	for _, q := range []string{"UPDATE audit SET at = 0", "DELETE FROM audit"} {
		if err := write(t, d, func(ctx context.Context, tx *db.Tx) error { _, err := db.Exec(ctx, tx, q); return err }); err == nil {
			t.Errorf("%s was carried out", q)
		}
	}
}

// Whoever has the database but not the master key cannot write a chain that fits.
func TestChainNeedsTheMasterKey(t *testing.T) {
	d, _ := open(t)
	other := dbtest.Open(t, dbtest.NewClock())
	forger, err := audit.NewLog(d.Core, other.Master)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d, forger, 3)
	l, err := audit.NewLog(d.Core, d.Master)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := l.Verify(context.Background()); err != nil || v.Broken != 1 {
		t.Errorf("broken at %d, %v", v.Broken, err)
	}
}
