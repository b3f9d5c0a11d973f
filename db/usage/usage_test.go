package usage_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/dbtest"
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
	i := instance{usage.NewStore(dir.Core), dir, clock}
	i.sql(t, `
		INSERT INTO all_organizations (id, name, slug, created_at, updated_at) VALUES ('o', 'o', 'o', 1, 1);
		INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at)
		VALUES ('p', 'o', 'p', 'p', 'p', 1, 1), ('q', 'o', 'q', 'q', 'q', 1, 1);`)
	i.keys(t, "p", "k1", "k2")
	i.keys(t, "q", "k3")
	return i
}

func (i instance) sql(t testing.TB, query string, args ...any) {
	t.Helper()
	err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.ExecContext(ctx, query, args...); return err })
	if err != nil {
		t.Fatal(err)
	}
}

func (i instance) keys(t testing.TB, project string, ids ...string) {
	t.Helper()
	err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, created_at, created_by, updated_at, search_text)
				VALUES ($1, $2, $1, 'search', '', 1, substr($1 || hex(zeroblob(32)), 1, 64), $1, 1, '', 1, $1)`, id, project); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (i instance) flush(t testing.TB) {
	t.Helper()
	if err := i.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}

func (i instance) number(t testing.TB, query string, args ...any) int64 {
	t.Helper()
	var n int64
	err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func request(key string) usage.Request {
	return usage.Request{Key: key, Address: "192.0.2.1", Agent: "curl/8", Method: "GET", Route: "/things/:thing"}
}

func (i instance) many(n int, key string, why usage.Reason) {
	for range n {
		i.Count(request(key), why)
	}
}

func (i instance) of(t testing.TB, key string) usage.Summary {
	t.Helper()
	sum, err := i.OfKey(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func (i instance) known(t testing.TB, key string) usage.Known {
	t.Helper()
	k, err := i.KnownOf(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSummaries(t *testing.T) {
	i := open(t)
	i.many(32, "k1", usage.NotFound)
	i.clock.Add(20 * 24 * time.Hour)
	i.many(1, "k1", usage.Accepted)
	i.clock.Add(28 * 24 * time.Hour)
	i.many(2, "k1", usage.Accepted)
	i.clock.Add(10 * time.Hour)
	i.many(4, "k1", usage.Accepted)
	i.many(2, "k1", usage.KeyExpired)
	i.many(1, "k1", usage.NotPermitted)
	i.many(8, "k2", usage.Accepted)
	i.many(16, "k3", usage.Accepted)
	i.flush(t)
	i.clock.Add(30 * time.Minute)
	sum := i.of(t, "k1")
	if sum.Hour != (usage.Totals{Accepted: 4, Rejected: 3}) || sum.Day != (usage.Totals{Accepted: 6, Rejected: 3}) || sum.Month != (usage.Totals{Accepted: 7, Rejected: 3}) {
		t.Errorf("%+v %+v %+v", sum.Hour, sum.Day, sum.Month)
	}
	if sum.Before != (usage.Totals{Rejected: 32}) || sum.Dead() != 2 || len(sum.Reasons) != 2 || sum.Reasons[usage.NotPermitted] != 1 {
		t.Errorf("before %+v, reasons %v", sum.Before, sum.Reasons)
	}
	if len(sum.Days) != 30 || sum.Days[29].Accepted+sum.Days[28].Accepted != 6 || sum.Days[1].Accepted+sum.Days[0].Accepted != 1 {
		t.Errorf("days %+v", sum.Days)
	}
	project, err := i.OfProject(ctx, "p")
	if err != nil || project.Month != (usage.Totals{Accepted: 15, Rejected: 3}) || project.Before.Rejected != 32 || project.Dead() != 2 {
		t.Errorf("project: %+v, %v", project, err)
	}
	days, err := i.DaysOf(ctx, []string{"k1", "k2", "none"})
	if err != nil || len(days) != 2 || len(days["k2"]) != 30 || days["k2"][29] != 8 {
		t.Errorf("days of keys: %v, %v", days, err)
	}
	i.clock.Add(40 * 24 * time.Hour)
	if sum := i.of(t, "k1"); sum.Month != (usage.Totals{}) || sum.Before.Accepted == 0 {
		t.Errorf("after forty days: %+v", sum.Month)
	}
}

func TestCountsAddUpOverManyFlushesAndWriters(t *testing.T) {
	i := open(t)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			if n%2 == 0 {
				i.many(500, "k1", usage.Accepted)
			} else {
				i.many(500, "k1", usage.KeyRevoked)
			}
		})
	}
	for n := range 20 {
		if n%2 == 0 {
			i.flush(t)
		} else if err := i.Settle(ctx, "k1"); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	i.flush(t)
	if sum := i.of(t, "k1"); sum.Month != (usage.Totals{Accepted: 2000, Rejected: 2000}) {
		t.Errorf("%+v", sum.Month)
	}
	if n := i.known(t, "k1").Rejected(usage.KeyRevoked).Count; n != 2000 {
		t.Errorf("%d refused", n)
	}
}

func TestLastUse(t *testing.T) {
	i := open(t)
	i.Count(usage.Request{Key: "k1", Address: "192.0.2.9", Agent: "evil"}, usage.NotPermitted)
	i.flush(t)
	if k := i.known(t, "k1"); !k.Last.At.IsZero() || k.Rejections[0].Agent != "evil" {
		t.Errorf("a rejected request counts as use: %+v", k)
	}
	i.many(1, "k1", usage.Accepted)
	i.clock.Add(time.Second)
	i.Count(usage.Request{Key: "k1", Address: "192.0.2.2", Agent: strings.Repeat("x ", 5000), Method: "POST", Route: "/b"}, usage.Accepted)
	i.Count(usage.Request{Key: "k1", Address: "192.0.2.9", Agent: "evil", Method: "DELETE", Route: "/c"}, usage.NotFound)
	i.flush(t)
	k := i.known(t, "k1")
	if k.Last.At != dbtest.Start.Add(time.Second) || k.Last.Address != "192.0.2.2" || k.Last.Endpoint != "POST /b" || len(k.Last.Agent) != 200 {
		t.Errorf("%+v", k.Last)
	}
	if r := k.Rejections[0]; r.Reason != usage.NotFound || r.Count != 1 || r.Address != "192.0.2.9" || r.Endpoint != "DELETE /c" {
		t.Errorf("%+v", k.Rejections)
	}
}

// What is known of the refusals of a dead key is exact, and read to the last request.
func TestRefusalsAreCountedToTheLastOne(t *testing.T) {
	i := open(t)
	i.many(5, "k1", usage.Accepted)
	i.many(2, "k1", usage.NotPermitted) // in the hour of the revocation, and not because of it
	first := i.clock.Now()
	i.many(3, "k1", usage.KeyRevoked)
	i.flush(t)
	i.clock.Add(90 * time.Minute)
	i.many(1, "k1", usage.KeyRevoked)
	i.many(7, "k2", usage.KeyRevoked)
	r := i.known(t, "k1").Rejected(usage.KeyRevoked)
	if r.Count != 4 || r.First != first || r.At != i.clock.Now() || r.Address != "192.0.2.1" {
		t.Errorf("%+v", r)
	}
	if n := i.number(t, "SELECT COUNT(*) FROM key_rejections WHERE key_id = 'k2'"); n != 0 {
		t.Error("another key was written too")
	}
}

func TestNothingIsLostWhenAFlushFails(t *testing.T) {
	i := open(t)
	i.many(5, "k1", usage.Accepted)
	i.many(2, "k1", usage.KeyExpired)
	i.Count(usage.Request{Key: "k1", Address: "192.0.2.7", Token: usage.TokenOf("a.b.c")}, usage.Accepted)
	i.sql(t, "CREATE TRIGGER broken BEFORE INSERT ON key_use BEGIN SELECT RAISE(ABORT, 'broken'); END")
	if err := i.Flush(ctx); err == nil {
		t.Fatal("the flush did not fail")
	}
	i.clock.Add(time.Second)
	i.many(2, "k1", usage.Accepted)
	i.many(3, "k1", usage.KeyExpired)
	i.sql(t, "DROP TRIGGER broken")
	i.flush(t)
	if sum := i.of(t, "k1"); sum.Month != (usage.Totals{Accepted: 8, Rejected: 5}) {
		t.Errorf("%+v", sum.Month)
	}
	k := i.known(t, "k1")
	if r := k.Rejected(usage.KeyExpired); r.Count != 5 || r.First != dbtest.Start || r.At != i.clock.Now() || k.Last.At != i.clock.Now() || k.Tokens != 1 {
		t.Errorf("%+v", k)
	}
	if len(k.Addresses) != 2 || k.Addresses[0].Totals != (usage.Totals{Accepted: 7, Rejected: 5}) || k.Addresses[1].Value != "192.0.2.7" {
		t.Errorf("%+v", k.Addresses)
	}
	i.flush(t)
}

// What is counted while a flush waits, and then fails, is added to what it could not write.
func TestWhatComesDuringAFailingFlushIsAdded(t *testing.T) {
	i := open(t)
	i.many(5, "k1", usage.Accepted)
	i.many(2, "k1", usage.KeyExpired)
	done := make(chan error)
	err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		go func() { done <- i.Flush(context.Background()) }()
		time.Sleep(200 * time.Millisecond) // by now it waits for the writer
		i.clock.Add(time.Hour)
		i.many(3, "k1", usage.KeyExpired)
		i.Count(usage.Request{Key: "k1", Address: "192.0.2.7", Token: usage.TokenOf("a.b.c")}, usage.Accepted)
		_, err := tx.ExecContext(ctx, "CREATE TRIGGER broken BEFORE INSERT ON key_use BEGIN SELECT RAISE(ABORT, 'broken'); END")
		return err
	})
	if err != nil || <-done == nil {
		t.Fatalf("the flush did not fail: %v", err)
	}
	i.sql(t, "DROP TRIGGER broken")
	i.flush(t)
	k := i.known(t, "k1")
	if r := k.Rejected(usage.KeyExpired); r.Count != 5 || r.First != dbtest.Start || r.At != i.clock.Now() || k.Last.At != i.clock.Now() || k.Last.Address != "192.0.2.7" || k.Tokens != 1 {
		t.Errorf("%+v", k)
	}
	if sum := i.of(t, "k1"); sum.Month != (usage.Totals{Accepted: 6, Rejected: 5}) || len(k.Addresses) != 2 || k.Addresses[1].Totals != (usage.Totals{Accepted: 5, Rejected: 5}) {
		t.Errorf("%+v %+v", sum.Month, k.Addresses)
	}
}

// A key that is no more, or any other that cannot be written, must not hold up the counts of the others, nor come again.
func TestOneBadKeyStopsNoOthers(t *testing.T) {
	i := open(t)
	i.many(1, "k2", usage.KeyRevoked)
	i.flush(t)
	i.sql(t, `DELETE FROM key_use WHERE key_id = 'k2'; DELETE FROM key_hours WHERE key_id = 'k2'; DELETE FROM keys WHERE id = 'k2'`)
	i.many(2, "k1", usage.Accepted)
	i.many(3, "nosuch", usage.Accepted)
	i.many(4, "k2", usage.KeyRevoked)
	i.many(5, "k3", usage.NotFound)
	if err := i.Flush(ctx); err == nil || !strings.Contains(err.Error(), "nosuch") || !strings.Contains(err.Error(), "k2") {
		t.Errorf("the flush says %v", err)
	}
	if sum := i.of(t, "k1"); sum.Month != (usage.Totals{Accepted: 2}) {
		t.Errorf("%+v", sum.Month)
	}
	if sum := i.of(t, "k3"); sum.Month != (usage.Totals{Rejected: 5}) {
		t.Errorf("%+v", sum.Month)
	}
	i.flush(t)
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
	if sum := i.of(t, "k1"); sum.Month.Accepted != 3 {
		t.Errorf("%+v", sum.Month)
	}
}
