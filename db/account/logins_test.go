package account

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// cheap is a cost that no real instance has: these tests are about everything around the hash.
var cheap = HashCost{MemoryKiB: 8, Passes: 1}

const right = secret.Secret("orbit velvet canyon thirteen")

// desk is an instance with the users ada and bob.
type desk struct {
	*Store
	t     *testing.T
	dir   *db.Dir
	clock *dbtest.Clock
	ids   map[string]string
}

func openDesk(t *testing.T) desk {
	t.Helper()
	d := desk{t: t, clock: dbtest.NewClock(), ids: map[string]string{}}
	d.dir = dbtest.Open(t, d.clock)
	log, err := audit.NewLog(d.dir.Core, d.dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	none := func(context.Context, *db.Tx, audit.Who, permission.Target) ([]secret.Minted, func(), error) {
		return nil, func() {}, nil
	}
	if d.Store, err = NewStore(d.dir.Core, d.dir.Master, log, NewHasher(cheap), none); err != nil {
		t.Fatal(err)
	}
	ada, _, _, _, err := d.SetUp(context.Background(), audit.CommandLine(), SetUp{Email: "ada@example.com", Password: right, Organization: "Acme", Project: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	bob, err := d.AddUser(context.Background(), audit.CommandLine(), NewUser{Email: "bob@example.com", Password: right, Organization: "acme", Role: permission.OrganizationMember})
	if err != nil {
		t.Fatal(err)
	}
	d.ids["ada"], d.ids["bob"] = ada.ID, bob.ID
	return d
}

func (d desk) try(name string, password secret.Secret, address, agent string) {
	d.t.Helper()
	d.clock.Add(time.Second)
	_, err := d.Authenticate(context.Background(), audit.Who{Address: address, UserAgent: agent}, name+"@example.com", password)
	if err != nil && !fault.Is(err, fault.Unauthenticated) {
		d.t.Fatal(err)
	}
}

// seen is the history of a user in short: "done 192.0.2.1 curl 1".
func (d desk) seen(name string) []string {
	d.t.Helper()
	list, err := d.Logins(context.Background(), audit.Who{Principal: permission.Principal{Kind: permission.User, ID: d.ids[name]}})
	if err != nil {
		d.t.Fatal(err)
	}
	var text []string
	for _, l := range list {
		line := fmt.Sprint(l.Outcome, " ", l.Address, " ", l.UserAgent, " ", l.Times)
		if l.NewDevice {
			line += " new"
		}
		text = append(text, line)
	}
	return text
}

func (d desk) rows() int64 {
	d.t.Helper()
	var n int64
	err := d.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM logins")
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func TestSignInsAreShownToTheirUser(t *testing.T) {
	d := openDesk(t)
	d.try("ada", right, "192.0.2.1", "Firefox/145.0")
	d.try("ada", "wrong", "203.0.113.9", "curl/8")
	d.try("ada", "wrong again", "203.0.113.9", "curl/9")
	d.try("ada", right, "192.0.2.2", "Firefox/146.1")
	d.try("ada", right, "192.0.2.2", "Safari/18")
	d.try("ada", right, "192.0.2.2", "Safari/19")
	d.try("bob", "wrong", "192.0.2.7", "curl/8")
	d.try("nobody", "wrong", "192.0.2.8", "curl/8")
	want := "[done 192.0.2.2 Safari/19 1 done 192.0.2.2 Safari/18 1 new done 192.0.2.2 Firefox/146.1 1 failed 203.0.113.9 curl/9 2 done 192.0.2.1 Firefox/145.0 1]"
	if got := fmt.Sprint(d.seen("ada")); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := fmt.Sprint(d.seen("bob")); got != "[failed 192.0.2.7 curl/8 1]" {
		t.Error(got)
	}
	if n := d.rows(); n != 6 {
		t.Errorf("%d rows", n)
	}
	for _, kind := range []permission.Kind{permission.Token, permission.Key, permission.System, ""} {
		if _, err := d.Logins(context.Background(), audit.Who{Principal: permission.Principal{Kind: kind, ID: d.ids["ada"]}}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%q: %v", kind, err)
		}
	}
}

func TestDisabledUserIsRefusedAndThatIsKept(t *testing.T) {
	d := openDesk(t)
	if _, err := d.DisableUser(context.Background(), audit.CommandLine(), "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	d.try("bob", right, "192.0.2.7", "curl/8")
	if got := fmt.Sprint(d.seen("bob")); got != "[refused 192.0.2.7 curl/8 1]" {
		t.Error(got)
	}
}

// Whoever tries passwords, from however many addresses, grows nothing beyond its bounds, writes nothing while the
// attempt lasts, and hides no sign-in.
func TestAttemptsAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs side by side here, and the race detector makes it slow")
	}
	d := openDesk(t)
	d.try("ada", right, "192.0.2.1", "Firefox/145.0")
	before := d.rows()
	for i := range maxWaiting + 500 {
		d.failures.note(d.clock.Now(), audit.Who{Address: fmt.Sprint("attacker-", i)}, d.ids["ada"], LoginFailed)
	}
	if len(d.failures.waiting) != maxWaiting || d.rows() != before {
		t.Errorf("%d wait, %d rows more", len(d.failures.waiting), d.rows()-before)
	}
	d.clock.Add(time.Minute)
	d.seen("ada")
	if n := d.rows(); n != before+keptFailures || len(d.failures.waiting) != 0 {
		t.Errorf("%d rows", n)
	}
	for range 3 * keptFailures {
		d.failures.note(d.clock.Now(), audit.Who{Address: "203.0.113.9"}, d.ids["ada"], LoginFailed)
		if err := d.FlushLogins(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.seen("ada"); got[0] != fmt.Sprint("failed 203.0.113.9  ", 3*keptFailures) {
		t.Errorf("%q", got)
	}
	kept := 0
	err := d.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		n, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM logins WHERE outcome = 'done'")
		kept = int(n)
		return err
	})
	if err != nil || kept != 1 {
		t.Errorf("%d sign-ins are left, %v", kept, err)
	}
}

func TestSignInsAreBounded(t *testing.T) {
	d := openDesk(t)
	who := audit.Who{Principal: permission.Principal{Kind: permission.User, ID: d.ids["ada"]}}
	for i := range keptLogins + 20 {
		d.clock.Add(time.Second)
		who.Address = fmt.Sprint(i)
		if err := d.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return writeLogin(ctx, tx, who) }); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.seen("ada"); len(got) != ShownLogins || got[0] != fmt.Sprintf("done %d  1", keptLogins+19) || d.rows() != keptLogins {
		t.Errorf("%q, %d rows", got, d.rows())
	}
}

// The failures of a user who is gone by the time they are written harm nobody else's.
func TestFailuresOfAUserWhoIsGone(t *testing.T) {
	d := openDesk(t)
	d.failures.note(d.clock.Now(), audit.Who{Address: "1"}, "gone", LoginFailed)
	d.failures.note(d.clock.Now(), audit.Who{Address: "2"}, d.ids["ada"], LoginFailed)
	if err := d.FlushLogins(context.Background()); err != nil || d.rows() != 1 {
		t.Errorf("%d rows, %v", d.rows(), err)
	}
}

func TestFailuresAreNotedByMany(t *testing.T) {
	d := openDesk(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				d.failures.note(d.clock.Now(), audit.Who{Address: "x"}, d.ids["ada"], LoginFailed)
			}
		})
		all.Go(func() { _ = d.FlushLogins(context.Background()) })
	}
	all.Wait()
	if got := fmt.Sprint(d.seen("ada")); got != "[failed x  400]" {
		t.Error(got)
	}
}
