package limit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"

	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
)

// gate is a SignIns with a clock that is moved by hand.
type gate struct {
	*SignIns
	t     *testing.T
	clock *dbtest.Clock
	n     int
}

func openGate(t *testing.T) *gate {
	clock := dbtest.NewClock()
	return &gate{SignIns: NewSignIns(clock.Now), t: t, clock: clock}
}

var ada = Account{User: "ada"}

// fresh is an address that nothing came from yet, so that only the account counts.
func (g *gate) fresh() netip.Prefix {
	g.n++
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(g.n >> 16), byte(g.n >> 8), byte(g.n)}), 32)
}

// wait tells how long an attempt has to wait; 0: it may be made, and is taken back.
func (g *gate) wait(network netip.Prefix, a Account) time.Duration {
	g.t.Helper()
	turn, err := g.Enter(network, a)
	if err == nil {
		turn.Dropped()
		return 0
	}
	f := fault.From(err)
	if f.Kind != fault.TooMany || f.Reason != ReasonThrottled || f.RetryAfter < time.Second {
		g.t.Fatalf("%+v", f)
	}
	return f.RetryAfter
}

func (g *gate) fail(network netip.Prefix, a Account) {
	g.t.Helper()
	turn, err := g.Enter(network, a)
	if err != nil {
		g.t.Fatal(err)
	}
	turn.Failed()
}

// The waits of an account: none after five failures, then twice as long each time, a quarter of an hour at most.
func TestAnAccountWaitsLongerWithEachFailure(t *testing.T) {
	for name, a := range map[string]Account{"a user": ada, "nobody": {Place: "x"}, "a user at home": {User: "ada", Place: "192.0.2.1/32"}} {
		g := openGate(t)
		for n, seconds := range []int{0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900} {
			g.fail(g.fresh(), a)
			want := time.Duration(seconds) * time.Second
			if got := g.wait(g.fresh(), a); got != want {
				t.Errorf("%s: after %d failures %v, want %v", name, n+1, got, want)
			}
			if want > 0 {
				g.clock.Add(want - time.Millisecond)
				if g.wait(g.fresh(), a) == 0 {
					t.Errorf("%s: after %d failures it waits less than %v", name, n+1, want)
				}
				g.clock.Add(time.Millisecond)
				if got := g.wait(g.fresh(), a); got != 0 {
					t.Errorf("%s: after %d failures it waits %v more than %v", name, n+1, got, want)
				}
			}
		}
	}
}

func TestWhatEndsTheCountOfAnAccount(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*gate)
		ends bool
	}{
		"a success": {func(g *gate) {
			turn, err := g.Enter(g.fresh(), ada)
			if err != nil {
				t.Fatal(err)
			}
			turn.Done()
		}, true},
		"a new password":                        {func(g *gate) { g.Forget("ada") }, true},
		"a day":                                 {func(g *gate) { g.clock.Add(24 * time.Hour) }, true},
		"less than a day":                       {func(g *gate) { g.clock.Add(23 * time.Hour) }, false},
		"a success of somebody else":            {func(g *gate) { g.Forget("bob") }, false},
		"an attempt that was taken back":        {func(g *gate) { g.wait(g.fresh(), ada) }, false},
		"a success from where ada has been":     {func(g *gate) { succeed(t, g, Account{User: "ada", Place: "192.0.2.1/32"}) }, false},
		"a success for a name that is nobody's": {func(g *gate) { succeed(t, g, Account{Place: "ada"}) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := openGate(t)
			for range 10 {
				g.clock.Add(MaxWait)
				g.fail(g.fresh(), ada)
			}
			g.clock.Add(MaxWait)
			c.do(g)
			g.fail(g.fresh(), ada)
			if got := g.wait(g.fresh(), ada) == 0; got != c.ends {
				t.Errorf("ends: %v, want %v", got, c.ends)
			}
		})
	}
}

func succeed(t *testing.T, g *gate, a Account) {
	t.Helper()
	turn, err := g.Enter(g.fresh(), a)
	if err != nil {
		t.Fatal(err)
	}
	turn.Done()
}

// Whoever asks while they wait makes nothing longer, and somebody elsewhere cannot make somebody wait at home.
func TestNobodyIsLockedOutBySomebodyElse(t *testing.T) {
	g := openGate(t)
	home := Account{User: "ada", Place: "192.0.2.1/32"}
	for range 20 {
		g.clock.Add(MaxWait)
		g.fail(g.fresh(), ada)
	}
	for range 1000 {
		if g.wait(g.fresh(), ada) == 0 {
			t.Fatal("it does not wait")
		}
	}
	if got := g.wait(g.fresh(), ada); got != MaxWait {
		t.Errorf("asking made the wait %v", got)
	}
	if got := g.wait(Network("192.0.2.1"), home); got != 0 {
		t.Errorf("at home: %v", got)
	}
}

func TestAnAddressHasTwentyFailuresInTenMinutes(t *testing.T) {
	g := openGate(t)
	here := Network("192.0.2.1")
	other := func() Account { g.n++; return Account{Place: fmt.Sprint(g.n)} }
	for range AddressFailures {
		if got := g.wait(here, other()); got != 0 {
			t.Fatalf("waits %v too early", got)
		}
		g.fail(here, other())
		g.clock.Add(time.Second)
	}
	if got := g.wait(here, other()); got != AddressWindow-20*time.Second {
		t.Errorf("waits %v", got)
	}
	if got := g.wait(Network("192.0.2.2"), other()); got != 0 {
		t.Errorf("a neighbour waits %v", got)
	}
	g.clock.Add(AddressWindow - 20*time.Second)
	g.fail(here, other()) // the oldest is old enough, and one more is allowed
	if got := g.wait(here, other()); got != time.Second {
		t.Errorf("waits %v for the next one", got)
	}
	succeedAt := other()
	g.clock.Add(time.Second)
	turn, err := g.Enter(here, succeedAt)
	if err != nil {
		t.Fatal(err)
	}
	turn.Done() // an attacker's own account must not give the address a fresh start
	g.fail(here, other())
	if g.wait(here, other()) == 0 {
		t.Error("a success ended the count of the address")
	}
}

func TestWhatIsOneAddress(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::2%eth1", true},
		{"", "nonsense", true},
		{"", "0.0.0.0", false},
	} {
		if got := Network(c.a) == Network(c.b); got != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

// Many attempts at once are no way round the limits: those that are under way count.
func TestManyAtOnceCountToo(t *testing.T) {
	g := openGate(t)
	enter := func(network netip.Prefix, a Account, n int) (turns []*Turn) {
		var all sync.WaitGroup
		var mu sync.Mutex
		for range n {
			all.Go(func() {
				if turn, err := g.Enter(network, a); err == nil {
					mu.Lock()
					defer mu.Unlock()
					turns = append(turns, turn)
				}
			})
		}
		all.Wait()
		return turns
	}
	passed := 0
	for range 40 { // each from an address of its own
		passed += len(enter(g.fresh(), ada, 1))
	}
	if passed != FreeFailures+1 {
		t.Errorf("%d for one account", passed)
	}
	if got := len(enter(Network("192.0.2.1"), Account{Place: "a"}, 100)); got != FreeFailures+1 {
		t.Errorf("%d for one name", got)
	}
	from := Network("192.0.2.9")
	total := 0
	for i := range 100 {
		total += len(enter(from, Account{Place: fmt.Sprint("many-", i)}, 1))
	}
	if total != AddressFailures {
		t.Errorf("%d from one address", total)
	}
	late := Account{User: "late"}
	for range 8 {
		g.clock.Add(MaxWait)
		g.fail(g.fresh(), late)
	}
	g.clock.Add(MaxWait)
	turns := enter(g.fresh(), late, 15)
	if len(turns) != 1 {
		t.Errorf("%d at once for an account that has to wait", len(turns))
	}
	turns[0].Dropped()
	turns[0].Failed() // over is over
	if got := g.wait(g.fresh(), late); got != 0 {
		t.Errorf("a turn ended twice: %v", got)
	}
}

func TestTheCountsSurviveARestart(t *testing.T) {
	ctx, clock := context.Background(), dbtest.NewClock()
	dir := dbtest.Open(t, clock)
	if err := dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range []string{"ada", "bob"} {
			if _, err := db.Exec(ctx, tx, "INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ($1, $1, '$argon2id$none', 1, 1)", id); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	open := func() *gate {
		g := &gate{SignIns: NewSignIns(clock.Now), t: t, clock: clock}
		if err := g.Load(ctx, dir.Core); err != nil {
			t.Fatal(err)
		}
		return g
	}
	rows := func() string {
		var text string
		if err := dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			text, err = db.One(ctx, tx, nil, db.String, `
				SELECT COALESCE(string_agg(user_id || place || failures, ' '), '')
				FROM (SELECT * FROM sign_in_failures ORDER BY user_id, place)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return text
	}
	g := open()
	home := Account{User: "bob", Place: "192.0.2.1/32"}
	for range 10 {
		clock.Add(MaxWait)
		g.fail(g.fresh(), ada)
		g.fail(g.fresh(), home)
		g.fail(g.fresh(), Account{Place: "nobody"})
		g.fail(g.fresh(), Account{User: "gone"})
	}
	if err := g.Flush(ctx, dir.Core); err != nil {
		t.Fatal(err)
	}
	if got := rows(); got != "ada10 bob192.0.2.1/3210" {
		t.Errorf("kept %q", got)
	}
	g = open()
	if got := g.wait(g.fresh(), ada); got != 16*time.Second {
		t.Errorf("after a restart ada waits %v", got)
	}
	clock.Add(time.Minute)
	g.fail(g.fresh(), ada)
	succeed(t, g, home)
	if err := g.Flush(ctx, dir.Core); err != nil || rows() != "ada11" {
		t.Errorf("kept %q, %v", rows(), err)
	}
	clock.Add(25 * time.Hour)
	g = open()
	if err := g.Flush(ctx, dir.Core); err != nil || rows() != "" || len(g.users) != 0 {
		t.Errorf("a day later %q is kept, %d are in memory, %v", rows(), len(g.users), err)
	}
}

// What changes is written by itself, without a minute or an end.
func TestRunWritesWhatChanges(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g := openGate(t)
	dir := dbtest.Open(t, g.clock)
	if err := dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ('ada', 'ada', '$argon2id$none', 1, 1)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); g.Run(ctx, dir.Core, nil) }()
	g.fail(g.fresh(), ada)
	for n := int64(0); n == 0; {
		if err := dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM sign_in_failures")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	cancel()
	<-done
}

// A million addresses, each with a name of its own: memory stays below what the catalogue of threats allows, and the
// account that somebody has stays counted.
func TestMemoryIsBounded(t *testing.T) {
	g := openGate(t)
	for range 6 {
		g.fail(g.fresh(), ada)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	const n = 150_000
	for range n {
		ip := netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32())}), 32)
		if turn, err := g.Enter(ip, Account{Place: fmt.Sprintf("%016x", r.Uint64())}); err == nil {
			turn.Failed()
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if g.sources.Len() != Memory || g.nobody.Len() != Names {
		t.Errorf("%d addresses and %d names", g.sources.Len(), g.nobody.Len())
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 32<<20 {
		t.Errorf("%d MiB", grown>>20)
	} else {
		t.Logf("%d MiB after %d attempts", grown>>20, n)
	}
	if g.wait(g.fresh(), ada) == 0 {
		t.Error("the flood ended ada's wait")
	}
}

func TestTheWordsOfAWait(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		time.Millisecond: "a second", time.Second: "a second", 1500 * time.Millisecond: "2 seconds", 64 * time.Second: "64 seconds",
		2 * time.Minute: "2 minutes", 128 * time.Second: "3 minutes", MaxWait: "15 minutes",
	} {
		if got := tooMany(wait).Error(); got != "Too many attempts to sign in have failed. Try again in "+want+"." {
			t.Errorf("%v: %s", wait, got)
		}
	}
}

func TestTheLeastRecentlyUsedIsDropped(t *testing.T) {
	l := NewLRU[int, string](2)
	l.Put(1, "one")
	l.Put(2, "two")
	l.Get(1)
	l.Put(3, "three")
	if _, ok := l.Get(2); ok || l.Len() != 2 {
		t.Error("2 is still there")
	}
	l.Put(1, "uno")
	if v, ok := l.Get(1); !ok || v != "uno" {
		t.Errorf("1 is %q", v)
	}
	l.Delete(func(k int, _ string) bool { return k == 1 })
	if _, ok := l.Get(1); ok || l.Len() != 1 {
		t.Error("1 is still there")
	}
}
