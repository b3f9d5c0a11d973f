package account_test

import (
	"context"
	"errors"
	"testing"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func (i instance) deletes(t *testing.T, u account.User, name string) error {
	t.Helper()
	return i.DeleteProject(ctx, i.who(t, u), "acme", "shop", account.Deletion{Name: name, Password: password})
}

func TestDeletedProjectIsNowhere(t *testing.T) {
	i, ada, _, shop := acme(t)
	vic, err := i.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: "vic@example.com", Password: password, Organization: "acme",
		Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectViewer})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.deletes(t, ada, "Shop"); err != nil {
		t.Fatal(err)
	}
	if list, err := i.Projects(ctx, audit.CommandLine(), shop.OrganizationID); err != nil || len(list) != 0 {
		t.Errorf("listed: %v, %v", list, err)
	}
	_, bySlug := i.Project(ctx, audit.CommandLine(), "acme", "shop")
	_, byOwnSlug := i.Project(ctx, audit.CommandLine(), "acme", "deleted:"+shop.ID)
	_, byHost := i.ProjectByHost(ctx, shop.HostIdentifier)
	for name, err := range map[string]error{
		"by its slug": bySlug, "by the slug it has now": byOwnSlug, "by its host": byHost,
		"to rename it":       i.RenameProject(ctx, audit.CommandLine(), "acme", "shop", "New"),
		"to give a role":     i.SetProjectRole(ctx, audit.CommandLine(), "acme", "shop", vic.ID, permission.ProjectAdmin),
		"to delete it again": i.DeleteProject(ctx, audit.CommandLine(), "acme", "shop", account.Deletion{Name: "Shop"}),
		"to give a role by its id": i.ChangeMember(ctx, audit.CommandLine(), "acme", vic.ID, permission.OrganizationMember,
			map[string]permission.Role{shop.ID: permission.ProjectAdmin}),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if grants := i.who(t, vic).Grants; len(grants) != 1 {
		t.Errorf("a role in it is left: %+v", grants)
	}
	again, _, err := i.CreateProject(ctx, i.who(t, ada), "acme", "Shop", nil)
	if err != nil || again.Slug != "shop" || again.HostIdentifier == shop.HostIdentifier || again.ID == shop.ID {
		t.Errorf("its name is not free: %+v, %v", again, err)
	}
	log, err := audit.NewLog(i.dir.Core, i.dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	events, err := log.OfSubject(ctx, shop.ID)
	if err != nil || len(events) != 2 || events[0].Action != audit.ProjectDelete || events[0].SubjectLabel != "Shop" || events[0].ActorLabel != "ada@example.com" {
		t.Errorf("history %+v, %v", events, err)
	}
	if v, err := log.Verify(ctx); err != nil || v.Broken != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestWhoMayDeleteAProject(t *testing.T) {
	i, ada, _, _ := acme(t)
	pat, err := i.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: "pat@example.com", Password: password, Organization: "acme",
		Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectAdmin})
	if err != nil {
		t.Fatal(err)
	}
	mia := i.add(t, "mia@example.com", "acme", permission.OrganizationMember)
	right := account.Deletion{Name: "Shop", Password: password}
	for _, c := range []struct {
		name   string
		who    audit.Who
		in     account.Deletion
		kind   fault.Kind
		fields []string
	}{
		{"the project's admin", i.who(t, pat), right, fault.Forbidden, nil},
		{"a member without a role in it", i.who(t, mia), right, fault.NotFound, nil},
		{"nobody", audit.Who{}, right, fault.Forbidden, nil},
		{"with another name", i.who(t, ada), account.Deletion{Name: "shop", Password: password}, fault.Invalid, []string{"name"}},
		{"without a password", i.who(t, ada), account.Deletion{Name: "Shop"}, fault.Invalid, []string{"password"}},
		{"with nothing", i.who(t, ada), account.Deletion{}, fault.Invalid, []string{"name", "password"}},
	} {
		err := i.DeleteProject(ctx, c.who, "acme", "shop", c.in)
		if !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, field := range c.fields {
			if fault.From(err).Fields[field] == "" {
				t.Errorf("%s: nothing about %s", c.name, field)
			}
		}
	}
	if _, err := i.Project(ctx, audit.CommandLine(), "acme", "shop"); err != nil {
		t.Errorf("it was deleted: %v", err)
	}
}

// Where somebody forgot to say how the keys end, nothing is deleted at all.
func TestProjectWithLivingPartsIsNotDeleted(t *testing.T) {
	i, ada, _, shop := acme(t)
	if err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "INSERT INTO engines (id, project_id, name, created_at, updated_at) VALUES ('e', $1, 'e', 1, 1)", shop.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := i.deletes(t, ada, "Shop"); err == nil {
		t.Error("deleted while an engine was there")
	}
	if _, err := i.Project(ctx, audit.CommandLine(), "acme", "shop"); err != nil {
		t.Errorf("half deleted: %v", err)
	}
}

func TestDeletedOrganization(t *testing.T) {
	i, ada, abe, _ := acme(t)
	in := account.Deletion{Name: "Acme", Password: password}
	reason := func(want string) {
		t.Helper()
		if err := i.DeleteOrganization(ctx, i.who(t, ada), "acme", in); fault.From(err).Reason != want {
			t.Fatalf("reason %q: %v", want, err)
		}
	}
	reason("has_projects")
	if err := i.deletes(t, ada, "Shop"); err != nil {
		t.Fatal(err)
	}
	reason("only_organization")
	if _, err := i.CreateOrganization(ctx, i.who(t, ada), "Other"); err != nil {
		t.Fatal(err)
	}
	_, token := i.invite(t, i.who(t, ada), account.NewInvitation{Email: "new@example.com", Role: permission.OrganizationMember})
	if err := i.DeleteOrganization(ctx, i.who(t, ada), "acme", account.Deletion{Name: "acme", Password: password}); fault.From(err).Fields["name"] == "" {
		t.Errorf("another name: %v", err)
	}
	if err := i.DeleteOrganization(ctx, i.who(t, ada), "acme", in); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Offer(ctx, token); !fault.Is(err, fault.NotFound) {
		t.Errorf("its invitation: %v", err)
	}
	for _, u := range []account.User{ada, abe} {
		if _, err := i.Authenticate(ctx, audit.Who{}, u.Email, password); err != nil {
			t.Errorf("the account of %s: %v", u.Email, err)
		}
	}
	if list, err := i.Organizations(ctx, i.who(t, abe)); err != nil || len(list) != 0 {
		t.Errorf("its member still sees %v, %v", list, err)
	}
	if list, err := i.Organizations(ctx, audit.CommandLine()); err != nil || len(list) != 1 {
		t.Errorf("the command line sees %v, %v", list, err)
	}
	if _, err := i.Organization(ctx, audit.CommandLine(), "acme"); !fault.Is(err, fault.NotFound) {
		t.Errorf("by its slug: %v", err)
	}
	if o, err := i.CreateOrganization(ctx, i.who(t, ada), "Acme"); err != nil || o.Slug != "acme" {
		t.Errorf("its name is not free: %+v, %v", o, err)
	}
}

func TestRenaming(t *testing.T) {
	i, ada, _, _ := acme(t)
	mia := i.add(t, "mia@example.com", "acme", permission.OrganizationMember)
	if err := i.RenameOrganization(ctx, i.who(t, mia), "acme", "Mine"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a member: %v", err)
	}
	if err := i.RenameOrganization(ctx, i.who(t, ada), "acme", "  "); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a name: %v", err)
	}
	err := errors.Join(i.RenameOrganization(ctx, i.who(t, ada), "acme", " Acme Ltd "), i.RenameProject(ctx, i.who(t, ada), "acme", "shop", "Market"))
	if err != nil {
		t.Fatal(err)
	}
	o, errO := i.Organization(ctx, audit.CommandLine(), "acme")
	p, errP := i.Project(ctx, audit.CommandLine(), "acme", "shop")
	if errors.Join(errO, errP) != nil || o.Name != "Acme Ltd" || p.Name != "Market" {
		t.Errorf("%+v %+v %v %v", o, p, errO, errP)
	}
}
