package usage_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/usage"
)

var ctx = context.Background()

type instance struct {
	*usage.Store
	dir   *db.Dir
	clock *dbtest.Clock
}

// open gives an instance with the keys k1 and k2 of project p and k3 of project q.
func open(t testing.TB) instance {
	t.Helper()
	clock := dbtest.NewClock()
	dir := dbtest.Open(t, clock)
	err := dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO all_organizations (id, name, slug, created_at, updated_at) VALUES ('o', 'o', 'o', 1, 1);
			INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at)
			VALUES ('p', 'o', 'p', 'p', 'p', 1, 1), ('q', 'o', 'q', 'q', 'q', 1, 1);
			INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, created_at, created_by, updated_at, search_text)
			SELECT k, p, k, 'search', '', 1, substr(k || hex(zeroblob(32)), 1, 64), k, 1, '', 1, k
			FROM (SELECT 'k1' AS k, 'p' AS p UNION ALL SELECT 'k2', 'p' UNION ALL SELECT 'k3', 'q')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return instance{usage.NewStore(dir.Core), dir, clock}
}

func (i instance) flush(t testing.TB) {
	t.Helper()
	if err := i.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func (i instance) many(n int, key string, o usage.Outcome) {
	for range n {
		i.Count(key, o, "192.0.2.1", "curl/8")
	}
}

func TestSummaries(t *testing.T) {
	i := open(t)
	i.many(1, "k1", usage.Accepted)
	i.clock.Add(28 * 24 * time.Hour)
	i.many(2, "k1", usage.Accepted)
	i.clock.Add(10 * time.Hour)
	i.many(4, "k1", usage.Accepted)
	i.many(3, "k1", usage.Rejected)
	i.many(8, "k2", usage.Accepted)
	i.many(16, "k3", usage.Accepted)
	i.flush(t)
	i.clock.Add(30 * time.Minute)
	sum, err := i.OfKey(ctx, "k1")
	if err != nil {
		t.Fatal(err)
	}
	if sum.Hour != (usage.Totals{Accepted: 4, Rejected: 3}) || sum.Day != (usage.Totals{Accepted: 6, Rejected: 3}) || sum.Month != (usage.Totals{Accepted: 7, Rejected: 3}) {
		t.Errorf("%+v %+v %+v", sum.Hour, sum.Day, sum.Month)
	}
	if len(sum.Days) != 30 || sum.Days[29].Accepted+sum.Days[28].Accepted != 6 || sum.Days[1].Accepted+sum.Days[0].Accepted != 1 {
		t.Errorf("days %+v", sum.Days)
	}
	project, err := i.OfProject(ctx, "p")
	if err != nil || project.Month.Accepted != 15 {
		t.Errorf("project: %+v, %v", project.Month, err)
	}
	days, err := i.DaysOf(ctx, []string{"k1", "k2", "none"})
	if err != nil || len(days) != 2 || len(days["k2"]) != 30 || days["k2"][29] != 8 {
		t.Errorf("days of keys: %v, %v", days, err)
	}
	i.clock.Add(40 * 24 * time.Hour)
	if sum, err = i.OfKey(ctx, "k1"); err != nil || sum.Month != (usage.Totals{}) {
		t.Errorf("after forty days: %+v, %v", sum.Month, err)
	}
}

func TestCountsAddUpOverManyFlushesAndWriters(t *testing.T) {
	i := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { i.many(500, "k1", usage.Accepted) })
	}
	for range 20 {
		i.flush(t)
	}
	wg.Wait()
	i.flush(t)
	if sum, err := i.OfKey(ctx, "k1"); err != nil || sum.Month.Accepted != 4000 {
		t.Errorf("%+v, %v", sum.Month, err)
	}
}

func (i instance) lastUse(t *testing.T, key string) (at int64, address, agent string) {
	t.Helper()
	err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT used_at, address, user_agent FROM key_use WHERE key_id = $1", key).Scan(&at, &address, &agent)
	})
	if err != nil {
		return 0, "", ""
	}
	return at, address, agent
}

func TestLastUse(t *testing.T) {
	i := open(t)
	i.Count("k1", usage.Rejected, "192.0.2.9", "evil")
	i.flush(t)
	if at, _, _ := i.lastUse(t, "k1"); at != 0 {
		t.Error("a rejected request counts as use")
	}
	i.Count("k1", usage.Accepted, "192.0.2.1", "curl/8")
	i.clock.Add(time.Second)
	i.Count("k1", usage.Accepted, "192.0.2.2", strings.Repeat("x", 5000))
	i.Count("k1", usage.Rejected, "192.0.2.9", "evil")
	i.flush(t)
	at, address, agent := i.lastUse(t, "k1")
	if at != dbtest.Start.Add(time.Second).UnixMilli() || address != "192.0.2.2" || len(agent) != 300 {
		t.Errorf("%d %s %d bytes", at, address, len(agent))
	}
}

func TestNothingIsLostWhenAFlushFails(t *testing.T) {
	i := open(t)
	i.many(5, "k1", usage.Accepted)
	block := func(query string) {
		if err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.ExecContext(ctx, query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	block("CREATE TRIGGER broken BEFORE INSERT ON key_use BEGIN SELECT RAISE(ABORT, 'broken'); END")
	if err := i.Flush(ctx); err == nil {
		t.Fatal("the flush did not fail")
	}
	i.many(2, "k1", usage.Accepted)
	block("DROP TRIGGER broken")
	i.flush(t)
	if sum, err := i.OfKey(ctx, "k1"); err != nil || sum.Month.Accepted != 7 {
		t.Errorf("%+v, %v", sum.Month, err)
	}
	if n, err := i.RejectedSince(ctx, "k1", i.clock.Now()); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if err := i.Flush(ctx); err != nil {
		t.Error(err)
	}
}

// A key that is no more, or any other that cannot be written, must not hold up the counts of the others, nor come again.
func TestOneBadKeyStopsNoOthers(t *testing.T) {
	i := open(t)
	i.many(2, "k1", usage.Accepted)
	i.many(3, "nosuch", usage.Accepted)
	i.many(4, "k2", usage.Rejected)
	if err := i.Flush(ctx); err == nil || !strings.Contains(err.Error(), "nosuch") {
		t.Errorf("the flush says %v", err)
	}
	if sum, err := i.OfProject(ctx, "p"); err != nil || sum.Month != (usage.Totals{Accepted: 2, Rejected: 4}) {
		t.Errorf("%+v, %v", sum.Month, err)
	}
	i.flush(t)
}

func TestResultsAreCountedByHowTheyEnd(t *testing.T) {
	i := open(t)
	for _, err := range []error{nil, fault.New(fault.Invalid, ""), fault.New(fault.Forbidden, ""), fault.New(fault.NotFound, ""), fault.New(fault.Unauthenticated, ""), fault.New(fault.Unavailable, ""), errors.New("ours")} {
		i.CountResult("k1", err, "192.0.2.1", "curl/8 \xff")
	}
	i.flush(t)
	if sum, err := i.OfKey(ctx, "k1"); err != nil || sum.Month != (usage.Totals{Accepted: 2, Rejected: 3}) {
		t.Errorf("%+v, %v", sum.Month, err)
	}
	if _, _, agent := i.lastUse(t, "k1"); agent != "curl/8 " {
		t.Errorf("user agent %q", agent)
	}
}

// What is counted is on the disk within five seconds, also when the process is told to end.
func TestRunFlushes(t *testing.T) {
	i := open(t)
	if usage.FlushEvery > 5*time.Second {
		t.Errorf("flushed every %s", usage.FlushEvery)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { i.Run(run, slog.New(slog.DiscardHandler)); close(done) }()
	i.many(3, "k1", usage.Accepted)
	stop()
	<-done
	if sum, err := i.OfKey(ctx, "k1"); err != nil || sum.Month.Accepted != 3 {
		t.Errorf("%+v, %v", sum.Month, err)
	}
}

func BenchmarkCount(b *testing.B) {
	i := open(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i.Count("k1", usage.Accepted, "192.0.2.1", "curl/8")
		}
	})
}
