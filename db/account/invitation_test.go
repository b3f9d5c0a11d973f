package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// invite makes an invitation to acme and gives the token of its link.
func (i instance) invite(t *testing.T, who audit.Who, in account.NewInvitation) (account.Invitation, string) {
	t.Helper()
	keep, token := catch()
	v, err := i.Invite(ctx, who, "acme", in, keep)
	if err != nil {
		t.Fatal(err)
	}
	return v, *token
}

// catch keeps a secret in a variable.
func catch() (account.Keep, *string) {
	var token string
	return func(_ context.Context, _ *db.Tx, m secret.Minted) error {
		token = m.Secret.Reveal()
		return nil
	}, &token
}

// acme is an instance with two admins and the members of no project.
func acme(t *testing.T) (i instance, ada, abe account.User, shop account.Project) {
	t.Helper()
	i = open(t)
	ada = i.setUp(t)
	abe = i.add(t, "abe@example.com", "acme", permission.OrganizationAdmin)
	shop, err := i.Project(ctx, audit.CommandLine(), "acme", "shop")
	if err != nil {
		t.Fatal(err)
	}
	return i, ada, abe, shop
}

// The life of an invitation: what was done to it, and whether its link lets somebody in then.
func TestInvitationLife(t *testing.T) {
	type stage struct {
		instance
		ada, abe account.User
		id       string
		token    string
		by       audit.Who // the one who invited
	}
	admin := func(s stage) audit.Who { return s.who(t, s.ada) }
	for _, c := range []struct {
		name  string
		do    func(s stage) error
		state account.InvitationState
		open  bool
	}{
		{"just made", func(stage) error { return nil }, account.InvitationPending, true},
		{"a second before its end", func(s stage) error { s.clock.Add(account.InvitationLife - time.Second); return nil }, account.InvitationPending, true},
		{"at its end", func(s stage) error { s.clock.Add(account.InvitationLife); return nil }, account.InvitationExpired, false},
		{"revoked", func(s stage) error { return s.RevokeInvitation(ctx, admin(s), "acme", s.id) }, account.InvitationRevoked, false},
		{"with another link", func(s stage) error {
			keep, _ := catch()
			_, err := s.RenewInvitation(ctx, admin(s), "acme", s.id, keep)
			return err
		}, account.InvitationPending, false},
		{"its inviter lost the right", func(s stage) error {
			return s.SetRole(ctx, admin(s), "acme", s.abe.ID, permission.OrganizationMember)
		}, account.InvitationVoid, false},
		{"its inviter is no member", func(s stage) error { return s.RemoveMember(ctx, admin(s), "acme", s.abe.ID) }, account.InvitationVoid, false},
		{"its inviter is disabled", func(s stage) error {
			_, err := s.DisableUser(ctx, audit.CommandLine(), "abe@example.com")
			return err
		}, account.InvitationVoid, false},
		{"accepted", func(s stage) error {
			_, _, err := s.AcceptAsNew(ctx, audit.Who{}, s.token, password)
			return err
		}, account.InvitationAccepted, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			i, ada, abe, _ := acme(t)
			s := stage{instance: i, ada: ada, abe: abe}
			s.by = i.who(t, abe)
			v, token := i.invite(t, s.by, account.NewInvitation{Email: "New@Example.com", Role: permission.OrganizationMember})
			s.id, s.token = v.ID, token
			if err := c.do(s); err != nil {
				t.Fatal(err)
			}
			got, err := i.Invitation(ctx, i.who(t, ada), "acme", v.ID)
			if err != nil || got.State(i.clock.Now()) != c.state || got.Email != "new@example.com" {
				t.Errorf("state %q of %q, %v", got.State(i.clock.Now()), got.Email, err)
			}
			offer, errOffer := i.Offer(ctx, token)
			_, _, errNew := i.AcceptAsNew(ctx, audit.Who{}, token, password)
			if c.open {
				if errOffer != nil || errNew != nil || offer.Organization != "Acme" || offer.Known {
					t.Errorf("%+v, %v, %v", offer, errOffer, errNew)
				}
				return
			}
			_, errNever := i.Offer(ctx, "never")
			if fault.From(errOffer) != fault.From(errNever) || fault.From(errNew) != fault.From(errNever) {
				t.Errorf("told apart from a token that never was: %v, %v, %v", errOffer, errNew, errNever)
			}
		})
	}
}

// A revoked or expired invitation can get a new link, and its old link stays dead.
func TestRenewedInvitation(t *testing.T) {
	i, ada, _, _ := acme(t)
	v, first := i.invite(t, i.who(t, ada), account.NewInvitation{Email: "new@example.com", Role: permission.OrganizationMember})
	for _, end := range []func() error{
		func() error { return i.RevokeInvitation(ctx, i.who(t, ada), "acme", v.ID) },
		func() error { i.clock.Add(2 * account.InvitationLife); return nil },
	} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		keep, token := catch()
		if _, err := i.RenewInvitation(ctx, i.who(t, ada), "acme", v.ID, keep); err != nil {
			t.Fatal(err)
		}
		if _, err := i.Offer(ctx, *token); err != nil {
			t.Errorf("the new link: %v", err)
		}
		if _, err := i.Offer(ctx, first); err == nil {
			t.Error("the old link works again")
		}
		first = *token
	}
	if _, _, err := i.AcceptAsNew(ctx, audit.Who{}, first, password); err != nil {
		t.Fatal(err)
	}
	keep, _ := catch()
	if _, err := i.RenewInvitation(ctx, i.who(t, ada), "acme", v.ID, keep); !fault.Is(err, fault.Conflict) {
		t.Errorf("renewed after it was accepted: %v", err)
	}
	if err := i.RevokeInvitation(ctx, i.who(t, ada), "acme", v.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("revoked after it was accepted: %v", err)
	}
}

func TestWhoMayBeInvited(t *testing.T) {
	i, ada, _, shop := acme(t)
	admin := i.who(t, ada)
	if _, err := i.CreateOrganization(ctx, admin, "Other"); err != nil {
		t.Fatal(err)
	}
	foreign, _, err := i.CreateProject(ctx, i.who(t, ada), "other", "Depot", nil)
	if err != nil {
		t.Fatal(err)
	}
	i.invite(t, admin, account.NewInvitation{Email: "open@example.com", Role: permission.OrganizationMember})
	revoked, _ := i.invite(t, admin, account.NewInvitation{Email: "again@example.com", Role: permission.OrganizationMember})
	if err := i.RevokeInvitation(ctx, admin, "acme", revoked.ID); err != nil {
		t.Fatal(err)
	}
	member := i.add(t, "mia@example.com", "acme", permission.OrganizationMember)
	for _, c := range []struct {
		name string
		who  audit.Who
		in   account.NewInvitation
		kind fault.Kind // "": none
	}{
		{"somebody new", admin, account.NewInvitation{Email: "new@example.com", Role: permission.OrganizationAdmin}, ""},
		{"with a role in a project", admin, account.NewInvitation{Email: "two@example.com", Role: permission.OrganizationMember,
			Projects: map[string]permission.Role{shop.ID: permission.ProjectViewer}}, ""},
		{"somebody whose invitation was revoked", admin, account.NewInvitation{Email: "again@example.com", Role: permission.OrganizationMember}, ""},
		{"a member", admin, account.NewInvitation{Email: "mia@example.com", Role: permission.OrganizationMember}, fault.Invalid},
		{"somebody with an open invitation", admin, account.NewInvitation{Email: "OPEN@example.com", Role: permission.OrganizationMember}, fault.Invalid},
		{"no address", admin, account.NewInvitation{Email: "nobody", Role: permission.OrganizationMember}, fault.Invalid},
		{"no role", admin, account.NewInvitation{Email: "x@example.com"}, fault.Invalid},
		{"a role of a project as the role", admin, account.NewInvitation{Email: "x@example.com", Role: permission.ProjectAdmin}, fault.Invalid},
		{"into a project of another organization", admin, account.NewInvitation{Email: "x@example.com", Role: permission.OrganizationMember,
			Projects: map[string]permission.Role{foreign.ID: permission.ProjectViewer}}, fault.NotFound},
		{"by a member", i.who(t, member), account.NewInvitation{Email: "x@example.com", Role: permission.OrganizationMember}, fault.Forbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			keep, token := catch()
			_, err := i.Invite(ctx, c.who, "acme", c.in, keep)
			if c.kind == "" && (err != nil || len(*token) != 43) || c.kind != "" && !fault.Is(err, c.kind) {
				t.Errorf("%v", err)
			}
			if c.kind != "" && *token != "" {
				t.Error("a token was handed out")
			}
		})
	}
}

// Only the invited address comes in, with exactly what was offered, and once.
func TestAccepting(t *testing.T) {
	i, ada, _, shop := acme(t)
	admin := i.who(t, ada)
	if _, err := i.CreateOrganization(ctx, admin, "Other"); err != nil {
		t.Fatal(err)
	}
	known := i.add(t, "kim@example.com", "other", permission.OrganizationMember)
	eve := i.add(t, "eve@example.com", "other", permission.OrganizationMember)
	_, token := i.invite(t, admin, account.NewInvitation{Email: "kim@example.com", Role: permission.OrganizationMember,
		Projects: map[string]permission.Role{shop.ID: permission.ProjectViewer}})
	if offer, err := i.Offer(ctx, token); err != nil || !offer.Known || len(offer.Projects) != 1 {
		t.Errorf("%+v, %v", offer, err)
	}
	if _, err := i.AcceptInvitation(ctx, i.who(t, eve), token); fault.From(err).Reason != "other_address" {
		t.Errorf("another user: %v", err)
	}
	if _, _, err := i.AcceptAsNew(ctx, audit.Who{}, token, password); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second account for the address: %v", err)
	}
	if o, err := i.AcceptInvitation(ctx, i.who(t, known), token); err != nil || o.Slug != "acme" {
		t.Fatalf("%v", err)
	}
	p := i.who(t, known).Principal
	if !permission.Allows(p, permission.APIKeysRead, shop.Target()) || permission.Allows(p, permission.APIKeysModify, shop.Target()) {
		t.Errorf("grants %+v", p.Grants)
	}
	if _, err := i.AcceptInvitation(ctx, i.who(t, known), token); !fault.Is(err, fault.NotFound) {
		t.Errorf("twice: %v", err)
	}
	if permission.Allows(i.who(t, eve).Principal, permission.ProjectsRead, shop.Target()) {
		t.Error("the other user came in")
	}
}

// An invitation to a project that was deleted meanwhile offers the rest.
func TestInvitationOutlivesItsProject(t *testing.T) {
	i, ada, _, shop := acme(t)
	_, token := i.invite(t, i.who(t, ada), account.NewInvitation{Email: "new@example.com", Role: permission.OrganizationMember,
		Projects: map[string]permission.Role{shop.ID: permission.ProjectAdmin}})
	if err := i.DeleteProject(ctx, i.who(t, ada), "acme", "shop", account.Deletion{Name: "Shop", Password: password}); err != nil {
		t.Fatal(err)
	}
	u, _, err := i.AcceptAsNew(ctx, audit.Who{}, token, password)
	if err != nil {
		t.Fatal(err)
	}
	if grants := i.who(t, u).Grants; len(grants) != 1 || grants[0].Role != permission.OrganizationMember {
		t.Errorf("grants %+v", grants)
	}
}

func TestInvitationTokenIsKeptNowhere(t *testing.T) {
	i, ada, _, _ := acme(t)
	v, first := i.invite(t, i.who(t, ada), account.NewInvitation{Email: "new@example.com", Role: permission.OrganizationMember})
	keep, second := catch()
	if _, err := i.RenewInvitation(ctx, i.who(t, ada), "acme", v.ID, keep); err != nil {
		t.Fatal(err)
	}
	if _, _, err := i.AcceptAsNew(ctx, audit.Who{}, *second, password); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"latchkey.db", "latchkey.db-wal"} {
		b, err := os.ReadFile(filepath.Join(i.dir.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{first, *second} {
			if len(token) != 43 || bytes.Contains(b, []byte(token)) {
				t.Errorf("%s holds the token of a link", name)
			}
		}
	}
	log, err := audit.NewLog(i.dir.Core, i.dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	events, err := log.OfSubject(ctx, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	var actions []audit.Action
	for _, e := range events {
		actions = append(actions, e.Action)
	}
	text, _ := json.Marshal(events)
	if bytes.Contains(text, []byte(first)) || bytes.Contains(text, []byte(*second)) {
		t.Error("the history holds the token of a link")
	}
	if len(actions) != 3 || actions[0] != audit.InvitationAccept || actions[1] != audit.InvitationRenew || actions[2] != audit.InvitationCreate {
		t.Errorf("history %v", actions)
	}
}

// Whoever may invite sees every invitation that still works: one out of sight could not be revoked.
func TestNoInvitationThatWorksIsOutOfSight(t *testing.T) {
	i := open(t)
	i.setUp(t)
	invite := func(n int) error {
		_, err := i.Invite(ctx, audit.CommandLine(), "acme", account.NewInvitation{Email: fmt.Sprintf("u%d@example.com", n), Role: permission.OrganizationMember},
			func(context.Context, *db.Tx, secret.Minted) error { return nil })
		return err
	}
	for n := range account.MaxInvitations {
		if err := invite(n); err != nil {
			t.Fatal(err)
		}
		i.clock.Add(time.Second)
	}
	if err := invite(account.MaxInvitations); !fault.Is(err, fault.Conflict) {
		t.Errorf("one more: %v", err)
	}
	list, err := i.Invitations(ctx, audit.CommandLine(), "acme")
	if err != nil || len(list) != account.MaxInvitations {
		t.Fatalf("%d, %v", len(list), err)
	}
	for _, newest := range list[:2] {
		if err := i.RevokeInvitation(ctx, audit.CommandLine(), "acme", newest.ID); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 2 {
		if err := invite(1000 + n); err != nil {
			t.Fatal(err)
		}
	}
	list, err = i.Invitations(ctx, audit.CommandLine(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if one.State(i.clock.Now()) != account.InvitationPending {
			t.Errorf("%s is %s, and one that works is not listed", one.Email, one.State(i.clock.Now()))
		}
	}
}
