package account_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// ops adds a user who looks after the instance and belongs to no organization.
func (i instance) ops(t *testing.T, email string) account.User {
	t.Helper()
	u, err := i.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: email, Password: password, InstanceAdmin: true})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Reason
}

func TestWhoSetsUpAdministersTheInstance(t *testing.T) {
	i := open(t)
	ada := i.setUp(t)
	bob := i.add(t, "bob@example.com", "acme", permission.OrganizationAdmin)
	if who := i.who(t, ada); !ada.InstanceAdmin || !permission.Administers(who.Principal) {
		t.Error("who set up is no instance admin")
	}
	if who := i.who(t, bob); bob.InstanceAdmin || permission.Administers(who.Principal) {
		t.Error("an organization's admin is one of the instance")
	}
	if p, _, err := i.Principal(ctx, permission.Token, ada.ID, ada.Epoch); err != nil || permission.Administers(p) {
		t.Errorf("a login token of the APIs administers the instance, %v", err)
	}
}

// Nobody but an instance admin may look after users, and being one of an organization is not enough.
func TestOnlyInstanceAdminsLookAfterUsers(t *testing.T) {
	i := open(t)
	ada := i.setUp(t)
	bob := i.add(t, "bob@example.com", "acme", permission.OrganizationAdmin)
	eve := i.add(t, "eve@example.com", "acme", permission.OrganizationMember)
	ops := i.who(t, i.ops(t, "ops@example.com"))
	for name, do := range map[string]func(who audit.Who) error{
		"list":      func(who audit.Who) error { _, _, err := i.Users(ctx, who, account.UserFilter{}); return err },
		"look":      func(who audit.Who) error { _, err := i.UserByID(ctx, who, eve.ID); return err },
		"disable":   func(who audit.Who) error { _, err := i.Disable(ctx, who, eve.ID); return err },
		"enable":    func(who audit.Who) error { _, err := i.Enable(ctx, who, eve.ID); return err },
		"give":      func(who audit.Who) error { _, err := i.SetInstanceAdmin(ctx, who, eve.ID, true); return err },
		"take":      func(who audit.Who) error { _, err := i.SetInstanceAdmin(ctx, who, ada.ID, false); return err },
		"add admin": func(who audit.Who) error { return addAdmin(i, who) },
	} {
		for as, who := range map[string]audit.Who{"admin of the organization": i.who(t, bob), "guest": {}, "token": {Principal: permission.Principal{Kind: permission.Token, ID: ada.ID, InstanceAdmin: true}}} {
			if err := do(who); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s as %s: %v", name, as, err)
			}
		}
		if err := do(ops); err != nil && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s as an instance admin: %v", name, err)
		}
	}
	// And an instance admin is nobody in the organization.
	_, missing := i.Organization(ctx, ops, "nosuch")
	if _, err := i.Organization(ctx, ops, "acme"); err == nil || err.Error() != missing.Error() {
		t.Errorf("an instance admin sees an organization: %v", err)
	}
	if list, err := i.Organizations(ctx, ops); err != nil || len(list) != 0 {
		t.Errorf("an instance admin is listed organizations: %v, %v", list, err)
	}
	if _, err := i.Admins(ctx, ops, "nosuch"); !fault.Is(err, fault.NotFound) {
		t.Errorf("admins are named to a stranger: %v", err)
	}
}

func addAdmin(i instance, who audit.Who) error {
	_, err := i.AddUser(ctx, who, account.NewUser{Email: "new@example.com", Password: password, Organization: "acme", Role: permission.OrganizationMember, InstanceAdmin: true})
	if fault.Is(err, fault.NotFound) { // an instance admin may, and has no say in the organization
		return nil
	}
	return err
}

func TestDisablingEndsWhatWasProven(t *testing.T) {
	i := open(t)
	ada := i.who(t, i.setUp(t))
	eve := i.add(t, "eve@example.com", "acme", permission.OrganizationMember)
	gone, err := i.Disable(ctx, ada, eve.ID)
	if err != nil || gone.DisabledAt.IsZero() {
		t.Fatalf("%+v, %v", gone, err)
	}
	again, err := i.Disable(ctx, ada, eve.ID)
	if err != nil || again.Epoch != gone.Epoch {
		t.Errorf("disabling twice: %+v, %v", again, err)
	}
	if _, err := i.SetInstanceAdmin(ctx, ada, eve.ID, true); reason(err) != "disabled" {
		t.Errorf("a disabled user became an instance admin: %v", err)
	}
	back, err := i.Enable(ctx, ada, eve.ID)
	if err != nil || !back.DisabledAt.IsZero() {
		t.Fatalf("%+v, %v", back, err)
	}
	for _, epoch := range []int64{eve.Epoch, gone.Epoch} {
		if _, _, err := i.Principal(ctx, permission.User, eve.ID, epoch); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("what was proven under epoch %d counts again: %v", epoch, err)
		}
	}
	if _, err := i.Authenticate(ctx, audit.Who{}, eve.Email, password); err != nil {
		t.Errorf("an enabled user cannot sign in: %v", err)
	}
	if _, err := i.Disable(ctx, ada, ada.ID); reason(err) != "self" {
		t.Errorf("somebody disabled themselves: %v", err)
	}
}

// The last admin who can sign in stays, of the instance as of an organization, also when two requests come at once.
func TestTheLastInstanceAdminStays(t *testing.T) {
	for round := range 15 {
		i := open(t)
		one, two := i.ops(t, "one@example.com"), i.ops(t, "two@example.com")
		asOne, asTwo := i.who(t, one), i.who(t, two)
		attempts := []func() error{
			func() error { _, err := i.SetInstanceAdmin(ctx, asOne, two.ID, false); return err },
			func() error { _, err := i.SetInstanceAdmin(ctx, asTwo, one.ID, false); return err },
			func() error { _, err := i.SetInstanceAdmin(ctx, asTwo, two.ID, false); return err },
			func() error { _, err := i.Disable(ctx, asOne, two.ID); return err },
			func() error { _, err := i.DisableUser(ctx, audit.CommandLine(), one.Email); return err },
		}
		var wg sync.WaitGroup
		for n := range attempts {
			wg.Go(func() { _ = attempts[(n+round)%len(attempts)]() })
		}
		wg.Wait()
		if n := count(t, i, "SELECT COUNT(*) FROM users WHERE instance_admin AND disabled_at IS NULL"); n < 1 {
			t.Fatalf("round %d: nobody looks after the instance", round)
		}
	}
}

func TestWhyTheLastAdminStays(t *testing.T) {
	i := open(t)
	ada := i.setUp(t)
	ops := i.ops(t, "ops@example.com")
	who := i.who(t, ops)
	if _, err := i.Disable(ctx, who, ada.ID); reason(err) != "last_admin" {
		t.Errorf("the last admin of Acme: %v", err)
	}
	if _, err := i.SetInstanceAdmin(ctx, who, ada.ID, false); err != nil {
		t.Errorf("one of two: %v", err)
	}
	if _, err := i.SetInstanceAdmin(ctx, who, ops.ID, false); reason(err) != "last_instance_admin" {
		t.Errorf("the last of the instance: %v", err)
	}
	if _, err := i.DisableUser(ctx, audit.CommandLine(), ops.Email); reason(err) != "last_instance_admin" {
		t.Errorf("the last of the instance, disabled: %v", err)
	}
}

func TestUsersArePagedAndFiltered(t *testing.T) {
	i := open(t)
	who := i.who(t, i.setUp(t))
	for n := range account.PageOfUsers + 3 {
		i.insert(t, fmt.Sprintf("u_%03d@example.org", n))
	}
	var seen []string
	f := account.UserFilter{Text: " U_ "}
	for {
		list, more, err := i.Users(ctx, who, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range list {
			seen = append(seen, u.Email)
		}
		if !more {
			break
		}
		f.After = list[len(list)-1].Email
	}
	if len(seen) != account.PageOfUsers+3 || !slices.IsSorted(seen) || len(slices.Compact(seen)) != len(seen) {
		t.Errorf("%d users: %v", len(seen), seen)
	}
	for text, want := range map[string]int{"%": 0, "ada@": 1, `\`: 0, "u_00": 10, "": account.PageOfUsers} {
		if list, _, err := i.Users(ctx, who, account.UserFilter{Text: text}); err != nil || len(list) != want {
			t.Errorf("%q: %d users, %v", text, len(list), err)
		}
	}
	list, _, err := i.Users(ctx, who, account.UserFilter{Text: "ada"})
	if err != nil || len(list[0].Memberships) != 1 || list[0].Memberships[0] != (account.Membership{Organization: "Acme", Role: permission.OrganizationAdmin}) {
		t.Errorf("%+v, %v", list, err)
	}
}

// insert makes a user without the work of a password.
func (i instance) insert(t *testing.T, email string) {
	t.Helper()
	if err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			INSERT INTO users (id, email, password_hash, created_at, updated_at) SELECT $1, $1, password_hash, $2, $2 FROM users LIMIT 1`, email, tx.NowMillis())
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, i instance, query string) (n int64) {
	t.Helper()
	if err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, query)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
