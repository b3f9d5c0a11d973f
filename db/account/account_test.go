package account_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

const password = secret.Secret("northern otter plays chess")

// instance is a fresh instance whose projects get no keys.
type instance struct {
	*account.Store
	dir   *db.Dir
	clock *dbtest.Clock
}

func open(t *testing.T) instance {
	t.Helper()
	clock := dbtest.NewClock()
	dir := dbtest.Open(t, clock)
	log, err := audit.NewLog(dir.Core, dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	none := func(context.Context, *db.Tx, audit.Who, permission.Target) ([]secret.Minted, func(), error) {
		return nil, func() {}, nil
	}
	s, err := account.NewStore(dir.Core, dir.Master, log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), none)
	if err != nil {
		t.Fatal(err)
	}
	return instance{s, dir, clock}
}

// setUp makes the first admin, of the organization acme with the project shop.
func (i instance) setUp(t *testing.T) account.User {
	t.Helper()
	u, _, _, _, err := i.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "ada@example.com", Password: password, Organization: "Acme", Project: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (i instance) add(t *testing.T, email, org string, role permission.Role) account.User {
	t.Helper()
	u, err := i.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: email, Password: password, Organization: org, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (i instance) who(t *testing.T, u account.User) audit.Who {
	t.Helper()
	p, _, err := i.Principal(ctx, permission.User, u.ID, u.Epoch)
	if err != nil {
		t.Fatal(err)
	}
	return audit.Who{Principal: p, Address: "192.0.2.1"}
}

var ctx = context.Background()

func TestSetUpHappensOnce(t *testing.T) {
	i := open(t)
	if empty, err := i.Empty(ctx); err != nil || !empty {
		t.Fatalf("a new instance: empty %v, %v", empty, err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for n := range 4 {
		wg.Go(func() {
			_, _, _, _, err := i.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: fmt.Sprintf("a%d@example.com", n), Password: password, Organization: "Acme", Project: "Shop"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done++
			} else if !fault.Is(err, fault.Conflict) {
				t.Errorf("error %v", err)
			}
		})
	}
	wg.Wait()
	if done != 1 {
		t.Errorf("%d of 4 first visitors became the first admin", done)
	}
}

func TestSetUpReportsEverythingAtOnceAndLeavesNothing(t *testing.T) {
	i := open(t)
	_, _, _, _, err := i.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "nobody", Password: "short"})
	fields := fault.From(err).Fields
	for _, name := range []string{"email", "password", "organization", "project"} {
		if fields[name] == "" {
			t.Errorf("no message about %s: %v", name, fields)
		}
	}
	if empty, err := i.Empty(ctx); err != nil || !empty {
		t.Errorf("something was left behind: %v", err)
	}
}

func TestPasswordRules(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs side by side here, and the race detector makes it slow")
	}
	for _, c := range []struct {
		name, password string
		ok             bool
	}{
		{"four unrelated words", "correct horse battery staple", true},
		{"15 characters of noise", "zr8Qm2Lk0pVx3Tn", true},
		{"14 characters of noise", "zr8Qm2Lk0pVx3T", false},
		{"15 code points of a non-Latin script", "катер плывёт вниз", true},
		{"256 bytes", strings.Repeat("qz7 vK9x!m2", 23) + "abc", true},
		{"257 bytes", strings.Repeat("qz7 vK9x!m2", 23) + "abcd", false},
		{"the word password, twice", "passwordpassword", false},
		{"one letter", "aaaaaaaaaaaaaaaaaaaa", false},
		{"digits in a row", "123456789012345", false},
		{"keys in a row", "qwertyuiopasdfgh", false},
		{"the product's name", "latchkeylatchkey", false},
		{"the user's name", "ada.lovelace.ada", false},
		{"a tab", "correct horse\tbattery staple", false},
		{"empty", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := open(t)
			_, _, _, _, err := i.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "ada.lovelace@example.com", Password: secret.Secret(c.password), Organization: "Acme", Project: "Shop"})
			if (err == nil) != c.ok {
				t.Fatalf("error %v", err)
			}
			if err != nil && fault.From(err).Fields["password"] == "" {
				t.Errorf("the reason is not given: %v", err)
			}
		})
	}
}

func TestAuthenticate(t *testing.T) {
	i := open(t)
	i.setUp(t)
	long := strings.Repeat("qz7 vK9x!m2", 23) + "abc"
	if _, err := i.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: "long@example.com", Password: secret.Secret(long), Organization: "acme", Role: permission.OrganizationMember}); err != nil {
		t.Fatal(err)
	}
	if _, err := i.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: "accent@example.com", Password: "caf\u00e9 horse battery staple", Organization: "acme", Role: permission.OrganizationMember}); err != nil {
		t.Fatal(err)
	}
	i.add(t, "gone@example.com", "acme", permission.OrganizationMember)
	if _, err := i.DisableUser(ctx, audit.CommandLine(), "gone@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, email, password string
		ok                    bool
	}{
		{"right", "ada@example.com", string(password), true},
		{"address in another case", " ADA@Example.COM ", string(password), true},
		{"wrong password", "ada@example.com", "northern otter plays ches", false},
		{"password in another case", "ada@example.com", "Northern otter plays chess", false},
		{"password with a space behind", "ada@example.com", string(password) + " ", false},
		{"unknown address", "bob@example.com", string(password), false},
		{"no address", "", string(password), false},
		{"no password", "ada@example.com", "", false},
		{"disabled", "gone@example.com", string(password), false},
		{"256 bytes", "long@example.com", long, true},
		{"257 bytes that begin with the right 256", "long@example.com", long + "x", false},
		{"accent composed", "accent@example.com", "caf\u00e9 horse battery staple", true},
		{"accent decomposed", "accent@example.com", "cafe\u0301 horse battery staple", true},
		{"Kelvin sign for k", "\u212aada@example.com", string(password), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := i.Authenticate(ctx, audit.Who{}, c.email, secret.Secret(c.password))
			if (err == nil) != c.ok {
				t.Fatalf("error %v", err)
			}
			if err != nil && (fault.From(err).Reason != "login_failed" || err.Error() != "The e-mail address or the password is wrong.") {
				t.Errorf("the failure tells more than that it failed: %v", err)
			}
		})
	}
}

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		"Ada@Example.com": "ada@example.com", "a+b@example.com": "a+b@example.com", "a@bücher.example": "a@xn--bcher-kva.example", "x@localhost": "x@localhost",
		"": "", "ada": "", "@example.com": "", "ada@": "", "ada@example": "", "Bob <a@example.com>": "", "a@[127.0.0.1]": "", "а@example.com": "",
		"a b@example.com": "", "a@example.com\nBcc: x": "", "a@@example.com": "", "a@exa mple.com": "", strings.Repeat("a", 65) + "@example.com": "",
	} {
		got, err := account.Email(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("Email(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestHashesAreUpgradedAndDoctoredOnesRefused(t *testing.T) {
	i := open(t)
	u := i.setUp(t)
	log, err := audit.NewLog(i.dir.Core, i.dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	stronger := account.HashCost{MemoryKiB: account.MinCost.MemoryKiB, Passes: 3}
	s, err := account.NewStore(i.dir.Core, i.dir.Master, log, account.NewHasher(stronger), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(ctx, audit.Who{}, u.Email, password); err != nil {
		t.Fatal(err)
	}
	var phc string
	if err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		phc, err = db.One(ctx, tx, nil, db.String, "SELECT password_hash FROM users")
		return err
	}); err != nil || !strings.Contains(phc, "t=3") {
		t.Errorf("the hash is still %s, %v", phc, err)
	}
	if _, err := s.Authenticate(ctx, audit.Who{}, u.Email, password); err != nil {
		t.Errorf("after the upgrade: %v", err)
	}
	if err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE users SET password_hash = $1", strings.Replace(phc, "m=19456", "m=4194304", 1))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(ctx, audit.Who{}, u.Email, password); err == nil || fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a hash that asks for 4 GiB: %v", err)
	}
}

// An organization always has an admin who can sign in, also when two requests come at once.
func TestTheLastAdminStays(t *testing.T) {
	for round := range 25 {
		i := open(t)
		ada := i.setUp(t)
		bob := i.add(t, "bob@example.com", "acme", permission.OrganizationAdmin)
		asAda, asBob := i.who(t, ada), i.who(t, bob)
		attempts := []func() error{
			func() error { return i.RemoveMember(ctx, asAda, "acme", bob.ID) },
			func() error { return i.SetRole(ctx, asBob, "acme", ada.ID, permission.OrganizationMember) },
			func() error { return i.RemoveMember(ctx, asBob, "acme", ada.ID) },
			func() error { _, err := i.DisableUser(ctx, audit.CommandLine(), bob.Email); return err },
			func() error { _, err := i.DisableUser(ctx, audit.CommandLine(), ada.Email); return err },
		}
		var wg sync.WaitGroup
		for n := range attempts {
			wg.Go(func() { _ = attempts[(n+round)%len(attempts)]() })
		}
		wg.Wait()
		var admins int64
		err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			admins, err = db.One(ctx, tx, nil, db.Int, `
				SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id
				WHERE m.role = 'ORGANIZATION_ADMIN' AND u.disabled_at IS NULL`)
			return err
		})
		if err != nil || admins < 1 {
			t.Fatalf("round %d: %d admins are left, %v", round, admins, err)
		}
	}
}

func TestTheLastAdminStaysOneByOne(t *testing.T) {
	i := open(t)
	ada := i.setUp(t)
	i.add(t, "eve@example.com", "acme", permission.OrganizationMember)
	who := i.who(t, ada)
	for name, err := range map[string]error{
		"removed":  i.RemoveMember(ctx, who, "acme", ada.ID),
		"demoted":  i.SetRole(ctx, who, "acme", ada.ID, permission.OrganizationMember),
		"disabled": func() error { _, err := i.DisableUser(ctx, audit.CommandLine(), ada.Email); return err }(),
	} {
		if fault.From(err) == nil || fault.From(err).Reason != "last_admin" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRolesAndForeignOrganizations(t *testing.T) {
	i := open(t)
	ada := i.setUp(t)
	asAda := i.who(t, ada)
	if _, err := i.CreateOrganization(ctx, asAda, "Other"); err != nil {
		t.Fatal(err)
	}
	member, stranger := i.add(t, "m@example.com", "acme", permission.OrganizationMember), i.add(t, "s@example.com", "other", permission.OrganizationAdmin)
	missing := func(w audit.Who) error { _, err := i.Organization(ctx, w, "nosuch"); return err }
	for _, c := range []struct {
		name string
		do   func(w audit.Who) error
		kind map[string]fault.Kind // by who; "" is allowed
	}{
		{"see the organization", func(w audit.Who) error { _, err := i.Organization(ctx, w, "acme"); return err },
			map[string]fault.Kind{"admin": "", "member": "", "stranger": fault.NotFound, "guest": fault.NotFound}},
		{"see the project", func(w audit.Who) error { _, err := i.Project(ctx, w, "acme", "shop"); return err },
			map[string]fault.Kind{"admin": "", "member": fault.NotFound, "stranger": fault.NotFound, "guest": fault.NotFound}},
		{"list members", func(w audit.Who) error { _, err := i.Members(ctx, w, "acme"); return err },
			map[string]fault.Kind{"admin": "", "member": fault.Forbidden, "stranger": fault.NotFound, "guest": fault.Forbidden}},
		{"create a project", func(w audit.Who) error { _, _, err := i.CreateProject(ctx, w, "acme", "P", nil); return err },
			map[string]fault.Kind{"admin": "", "member": fault.Forbidden, "stranger": fault.NotFound, "guest": fault.Forbidden}},
		{"create an organization", func(w audit.Who) error { _, err := i.CreateOrganization(ctx, w, "O"); return err },
			map[string]fault.Kind{"admin": "", "member": fault.Forbidden, "stranger": "", "guest": fault.Forbidden}},
		{"demote the admin", func(w audit.Who) error { return i.SetRole(ctx, w, "acme", ada.ID, permission.OrganizationMember) },
			map[string]fault.Kind{"admin": fault.Conflict, "member": fault.Forbidden, "stranger": fault.NotFound, "guest": fault.Forbidden}},
		{"reset a password", func(w audit.Who) error { _, err := i.ResetPassword(ctx, w, ada.Email, password); return err },
			map[string]fault.Kind{"admin": fault.Forbidden, "member": fault.Forbidden, "stranger": fault.Forbidden, "guest": fault.Forbidden}},
	} {
		for as, who := range map[string]audit.Who{"admin": asAda, "member": i.who(t, member), "stranger": i.who(t, stranger), "guest": {}} {
			err := c.do(who)
			var kind fault.Kind
			if err != nil {
				kind = fault.From(err).Kind
			}
			if kind != c.kind[as] {
				t.Errorf("%s as %s: %q (%v), want %q", c.name, as, kind, err, c.kind[as])
			}
			if kind == fault.NotFound && strings.Contains(c.name, "the organization") && err.Error() != missing(who).Error() {
				t.Errorf("%s as %s: a foreign organization differs from a missing one", c.name, as)
			}
		}
	}
}

func TestSlugsOfEqualNamesDiffer(t *testing.T) {
	i := open(t)
	who := i.who(t, i.setUp(t))
	for _, want := range []string{"acme-2", "acme-3"} {
		if o, err := i.CreateOrganization(ctx, who, "Acme"); err != nil || o.Slug != want {
			t.Errorf("slug %q, %v; want %q", o.Slug, err, want)
		}
	}
	if o, err := i.CreateOrganization(ctx, who, "検索"); err != nil || o.Slug != "organization" {
		t.Errorf("slug %q, %v", o.Slug, err)
	}
}

func TestSetupLink(t *testing.T) {
	clock := dbtest.NewClock()
	l := account.NewSetupLink(clock.Now)
	if l.Fits("") {
		t.Error("no token fits before there is one")
	}
	first := l.Renew().Reveal()
	if !l.Fits(first) || l.Fits(first+"x") || l.Fits("") {
		t.Error("exactly the token fits")
	}
	clock.Add(account.LinkLife - 1e9)
	if !l.Fits(first) {
		t.Error("it fits for fifteen minutes")
	}
	clock.Add(1e9)
	if l.Fits(first) {
		t.Error("and no longer")
	}
	second := l.Renew().Reveal()
	if l.Fits(first) || !l.Fits(second) {
		t.Error("only the newest link fits")
	}
	l.Void()
	if l.Fits(second) || l.Fits("") {
		t.Error("it fits after it was voided")
	}
}
