package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/limit"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// from is a request from an address.
func from(address string) audit.Who { return audit.Who{Address: address, UserAgent: "curl/8"} }

// kind tells how an attempt ended: "", "unauthenticated" or "too_many 8s".
func kind(err error) string {
	var f *fault.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &f):
		return err.Error()
	case f.Kind == fault.TooMany:
		return fmt.Sprint(f.Kind, " ", f.RetryAfter)
	}
	return string(f.Kind)
}

func (d desk) authenticate(name string, password secret.Secret, address string) string {
	d.t.Helper()
	_, err := d.Authenticate(context.Background(), from(address), name+"@example.com", password)
	return kind(err)
}

func (d desk) byPassword(name string, password secret.Secret, address string) string {
	d.t.Helper()
	_, _, err := d.PrincipalByPassword(context.Background(), from(address), name+"@example.com", password)
	return kind(err)
}

// wrong makes failures with different passwords, each from an address of its own.
func (d desk) wrong(name string, n int) {
	d.t.Helper()
	for i := range n {
		d.clock.Add(limit.MaxWait)
		if got := d.authenticate(name, secret.Secret(fmt.Sprint("wrong ", i)), fmt.Sprintf("10.0.%d.%d", d.clock.Now().Unix()%250, i)); got != "unauthenticated" {
			d.t.Fatalf("attempt %d: %s", i, got)
		}
	}
}

func TestGuessingIsSlowedDownWhetherThereIsAnAccountOrNot(t *testing.T) {
	for _, name := range []string{"ada", "nobody"} {
		d := openDesk(t)
		d.wrong(name, 8)
		if got := d.authenticate(name, right, "192.0.2.1"); got != "too_many 4s" {
			t.Errorf("%s: %s", name, got)
		}
		if got := d.byPassword(strings.ToUpper(name[:1])+name[1:], right, "192.0.2.1"); got != "too_many 4s" {
			t.Errorf("%s in capitals: %s", name, got)
		}
		if got := d.authenticate("bob", right, "192.0.2.1"); got != "" {
			t.Errorf("somebody else: %s", got)
		}
		d.clock.Add(4 * time.Second)
		want := map[string]string{"ada": "", "nobody": "unauthenticated"}[name]
		if got := d.authenticate(name, right, "192.0.2.2"); got != want {
			t.Errorf("%s afterwards: %s", name, got)
		}
	}
}

func TestAnAddressIsSlowedDown(t *testing.T) {
	d := openDesk(t)
	for i := range limit.AddressFailures {
		if got := d.authenticate(fmt.Sprint("nobody-", i), right, "203.0.113.9"); got != "unauthenticated" {
			t.Fatalf("attempt %d: %s", i, got)
		}
	}
	for _, got := range []string{d.authenticate("ada", right, "203.0.113.9"), d.byPassword("bob", right, "203.0.113.9")} {
		if got != "too_many 10m0s" {
			t.Error(got)
		}
	}
	if got := d.authenticate("ada", right, "203.0.113.10"); got != "" {
		t.Errorf("elsewhere: %s", got)
	}
}

// A client that repeats one wrong password locks nobody out, not even itself.
func TestTheSameWrongPasswordCountsOnce(t *testing.T) {
	for _, name := range []string{"ada", "nobody"} {
		d := openDesk(t)
		for range 1000 {
			if got := d.authenticate(name, "an old password", "192.0.2.1"); got != "unauthenticated" {
				t.Fatal(got)
			}
		}
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if got := d.byPassword(name, "another old password", "192.0.2.1"); got != "unauthenticated" {
					t.Error(got)
				}
			})
		}
		all.Wait()
		for i := range limit.FreeFailures - 2 {
			if got := d.authenticate(name, secret.Secret(fmt.Sprint(i)), "192.0.2.1"); got != "unauthenticated" {
				t.Errorf("%s: the two counted more than twice: %s", name, got)
			}
		}
		if got := d.authenticate(name, "one more", "192.0.2.1"); got != "unauthenticated" {
			t.Error(got)
		}
		if got := d.authenticate(name, "and one more", "192.0.2.1"); got != "too_many 1s" {
			t.Error(got)
		}
		if name == "ada" {
			if got := d.seen("ada"); len(got) != 1 || !strings.HasSuffix(got[0], fmt.Sprint(1000+50+limit.FreeFailures-1)) {
				t.Errorf("%q", got)
			}
		}
	}
}

// What was wrong is forgotten with the account's state: it may be right after a change.
func TestAPasswordThatWasWrongMayBecomeRight(t *testing.T) {
	d := openDesk(t)
	const next = secret.Secret("copper lantern drifts north")
	if got := d.authenticate("ada", next, "192.0.2.1"); got != "unauthenticated" {
		t.Fatal(got)
	}
	if _, err := d.ResetPassword(context.Background(), audit.CommandLine(), "ada@example.com", next); err != nil {
		t.Fatal(err)
	}
	if got := d.authenticate("ada", next, "192.0.2.1"); got != "" {
		t.Error(got)
	}
	if got := d.byPassword("ada", right, "192.0.2.1"); got != "unauthenticated" {
		t.Errorf("the old one: %s", got)
	}
}

// An attack from elsewhere keeps nobody out who comes from where they have been, nor a program whose password was right.
func TestAnAttackLocksNobodyOut(t *testing.T) {
	d := openDesk(t)
	if got := d.authenticate("ada", right, "2001:db8:1:2::1"); got != "" {
		t.Fatal(got)
	}
	d.wrong("ada", 30)
	if got := d.authenticate("ada", right, "198.51.100.1"); got != "too_many 15m0s" {
		t.Errorf("from anywhere: %s", got)
	}
	if got := d.authenticate("ada", right, "2001:db8:1:2::ffff"); got != "" {
		t.Errorf("from where ada has been: %s", got)
	}
	// An attacker at home has no more guesses there than elsewhere.
	for i := range limit.FreeFailures + 1 {
		d.authenticate("ada", secret.Secret(fmt.Sprint(i)), "2001:db8:1:2::1")
	}
	if got := d.authenticate("ada", right, "2001:db8:1:2::1"); got != "too_many 1s" {
		t.Errorf("at home after failures there: %s", got)
	}
	if got := d.byPassword("bob", right, "192.0.2.7"); got != "" {
		t.Fatal(got)
	}
	// The address is used up, but the password was right there within the hour.
	for i := range limit.AddressFailures {
		d.authenticate(fmt.Sprint("nobody-", i), right, "192.0.2.7")
	}
	if got := d.authenticate("somebody", right, "192.0.2.7"); got != "too_many 10m0s" {
		t.Fatal(got)
	}
	d.clock.Add(rememberRight)
	if got := d.byPassword("bob", right, "192.0.2.7"); got != "" {
		t.Errorf("a program with the right password: %s", got)
	}
}

func TestTheCountOfAnAccountSurvivesARestart(t *testing.T) {
	d := openDesk(t)
	d.wrong("ada", 12)
	if err := d.FlushLogins(context.Background()); err != nil {
		t.Fatal(err)
	}
	again, err := NewStore(d.dir.Core, d.dir.Master, d.log, d.hasher, d.keys)
	if err != nil {
		t.Fatal(err)
	}
	d.Store = again
	if got := d.authenticate("ada", right, "192.0.2.1"); got != "too_many 1m4s" {
		t.Error(got)
	}
	if _, err := d.ResetPassword(context.Background(), audit.CommandLine(), "ada@example.com", "copper lantern drifts north"); err != nil {
		t.Fatal(err)
	}
	if got := d.authenticate("ada", "copper lantern drifts north", "192.0.2.1"); got != "" {
		t.Errorf("after a reset: %s", got)
	}
}

// A right password of a disabled user reads and counts like a wrong one.
func TestADisabledUserWaitsLikeEverybody(t *testing.T) {
	d := openDesk(t)
	if _, err := d.DisableUser(context.Background(), audit.CommandLine(), "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	d.wrong("bob", 5)
	if got := d.authenticate("bob", right, "192.0.2.1"); got != "unauthenticated" {
		t.Fatal(got)
	}
	if got := d.authenticate("bob", "wrong", "192.0.2.2"); got != "too_many 1s" {
		t.Errorf("the right password was not counted: %s", got)
	}
}

// remembered tells whether a password passes while nothing can be hashed.
func (d desk) remembered(name string, password secret.Secret, address string) bool {
	d.t.Helper()
	queue := d.hasher.queue
	d.hasher.queue = make(chan struct{})
	defer func() { d.hasher.queue = queue }()
	switch got := d.byPassword(name, password, address); got {
	case "":
		return true
	case "unavailable":
	default:
		d.t.Errorf("%s", got)
	}
	return false
}

func TestARightPasswordIsRememberedForAShortTime(t *testing.T) {
	d := openDesk(t)
	for i, c := range []struct {
		wait time.Duration
		want bool
	}{{0, false}, {0, true}, {rememberRight - time.Second, true}, {time.Second, false}, {0, true}, {trustRight, false}} {
		d.clock.Add(c.wait)
		if got := d.remembered("ada", right, "192.0.2.1"); got != c.want {
			t.Errorf("step %d: remembered %v, want %v", i, got, c.want)
		}
		if got := d.byPassword("ada", right, "192.0.2.1"); got != "" {
			t.Fatal(got)
		}
	}
	if d.remembered("ada", right, "192.0.2.2") || d.remembered("ada", right+" ", "192.0.2.1") || d.remembered("bob", right, "192.0.2.1") {
		t.Error("something else profits")
	}
	d.authenticate("bob", right, "192.0.2.1")
	if d.remembered("bob", right, "192.0.2.1") {
		t.Error("the password of a sign-in is remembered")
	}
}

// Twenty requests at once with one right password cost one hash and are not counted as guesses.
func TestEqualAttemptsTakeTurns(t *testing.T) {
	d := openDesk(t)
	slots, hashes := make(chan struct{}), 0
	d.hasher.slots = slots
	done := make(chan struct{})
	go func() {
		for range slots {
			hashes++
			slots <- struct{}{}
		}
		close(done)
	}()
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if got := d.byPassword("ada", right, "192.0.2.1"); got != "" {
				t.Error(got)
			}
		})
	}
	all.Wait()
	close(slots)
	<-done
	if hashes != 1 {
		t.Errorf("%d hashes", hashes)
	}
}

// Every change of the user counts on the next request, however fresh the memory of the password is.
func TestWhatEndsARememberedPassword(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(desk) error
		want string
	}{
		"nothing": {func(desk) error { return nil }, ""},
		"another password": {func(d desk) error {
			_, err := d.ResetPassword(context.Background(), audit.CommandLine(), "bob@example.com", "copper lantern drifts north")
			return err
		}, "unauthenticated"},
		"disabled": {func(d desk) error {
			_, err := d.DisableUser(context.Background(), audit.CommandLine(), "bob@example.com")
			return err
		}, "unauthenticated"},
		"disabled and enabled": {func(d desk) error {
			if _, err := d.DisableUser(context.Background(), audit.CommandLine(), "bob@example.com"); err != nil {
				return err
			}
			_, err := d.Enable(context.Background(), audit.CommandLine(), d.ids["bob"])
			return err
		}, ""},
		"removed": {func(d desk) error {
			return d.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := db.Exec(ctx, tx, "DELETE FROM members WHERE user_id = $1", d.ids["bob"]); err != nil {
					return err
				}
				_, err := db.Exec(ctx, tx, "DELETE FROM users WHERE id = $1", d.ids["bob"])
				return err
			})
		}, "unauthenticated"},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			if got := d.byPassword("bob", right, "192.0.2.1"); got != "" {
				t.Fatal(got)
			}
			if err := c.do(d); err != nil {
				t.Fatal(err)
			}
			if got := d.byPassword("bob", right, "192.0.2.1"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			remembered := 0
			d.proofs.right.Delete(func(digest, proof) bool { remembered++; return false })
			if want := map[bool]int{true: 0, false: 1}[c.want != "" && name != "removed"]; remembered != want {
				t.Errorf("%d passwords are remembered", remembered)
			}
		})
	}
}

func TestRolesOfAProgramAreReadEachTime(t *testing.T) {
	d := openDesk(t)
	roles := func() int {
		p, _, err := d.PrincipalByPassword(context.Background(), from("192.0.2.1"), "bob@example.com", right)
		if err != nil || p.Kind != permission.User {
			t.Fatalf("%+v, %v", p, err)
		}
		return len(p.Grants)
	}
	if n := roles(); n != 1 {
		t.Fatal(n)
	}
	if err := d.RemoveMember(context.Background(), audit.CommandLine(), "acme", d.ids["bob"]); err != nil {
		t.Fatal(err)
	}
	if n := roles(); n != 0 {
		t.Error(n)
	}
}

// A program that sends its password all day does not fill the history: it stands there once a day and address.
func TestAProgramIsNotedOnceADay(t *testing.T) {
	d := openDesk(t)
	for range 30 {
		d.clock.Add(time.Hour)
		d.byPassword("ada", right, "192.0.2.1")
	}
	d.byPassword("ada", right, "192.0.2.2")
	if got := d.seen("ada"); len(got) != 3 || !strings.HasPrefix(got[0], "done 192.0.2.2") || !strings.HasPrefix(got[1], "done 192.0.2.1") {
		t.Errorf("%q", got)
	}
}

// What is remembered is bounded, and holds no password.
func TestTheMemoryOfPasswordsIsBounded(t *testing.T) {
	p := newProofs()
	for i := range keptWrong + 100 {
		d := p.digest(User{ID: fmt.Sprint(i)}, "", limit.Network("192.0.2.1"), "orbit")
		p.remember(d, fmt.Sprint(i), i%2 == 0, time.Now())
		p.remember(d, fmt.Sprint(i), false, time.Now())
	}
	if p.right.Len() != keptRight || p.wrong.Len() != keptWrong {
		t.Errorf("%d right, %d wrong", p.right.Len(), p.wrong.Len())
	}
	seen := map[digest]bool{}
	for _, u := range []User{{}, {ID: "a"}, {ID: "ab"}, {ID: "a", Epoch: 1}} {
		for _, email := range []string{"", "b", "a"} {
			for _, network := range []string{"", "192.0.2.1", "::1"} {
				for _, password := range []secret.Secret{"", "x", "bx"} {
					seen[p.digest(u, email, limit.Network(network), password)] = true
				}
			}
		}
	}
	if len(seen) != 4*3*3*3 {
		t.Errorf("%d digests are different", len(seen))
	}
	if newProofs().digest(User{ID: "a"}, "", limit.Network(""), "x") == p.digest(User{ID: "a"}, "", limit.Network(""), "x") {
		t.Error("two starts have one key")
	}
}
