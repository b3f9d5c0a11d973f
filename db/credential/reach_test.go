package credential_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func TestReach(t *testing.T) {
	p := open(t)
	who := audit.CommandLine()
	make := func(in credential.Input) credential.Key {
		t.Helper()
		k, _, err := p.Create(ctx, who, p.place, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	narrow := func(name string, engines ...string) credential.Input {
		return credential.Input{Type: secret.Search, Name: name, Engines: engines}
	}
	make(narrow("one", "parks"))
	make(narrow("two", "parks", "shop"))
	make(credential.Input{Type: secret.Admin, Name: "admin"})
	dead, ended := make(narrow("dead", "parks")), narrow("ended", "parks")
	ended.ExpiresAt = p.clock.Now().Add(time.Minute)
	make(ended)
	if _, err := p.Revoke(ctx, who, p.place, dead.ID); err != nil {
		t.Fatal(err)
	}
	p.clock.Add(time.Hour)
	r, err := p.Reach(ctx, who, p.place, []string{"parks", "shop", "nowhere"})
	if err != nil || r.All != 2 || r.Of("parks") != 4 || r.Of("shop") != 3 || r.Of("nowhere") != 2 {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := p.Reach(ctx, who, p.place, nil); err != nil || r.All != 2 {
		t.Errorf("%+v %v", r, err)
	}
	keys, err := p.Naming(ctx, who, p.place, "parks", 10)
	names := []string{}
	for _, k := range keys {
		names = append(names, k.Name)
	}
	if err != nil || !slices.Equal(names, []string{"one", "two"}) {
		t.Errorf("%v %v", names, err)
	}
	if keys, err = p.Naming(ctx, who, p.place, "parks", 1); err != nil || len(keys) != 1 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

// Trying a key gives what its secret would prove, to those who may see the key.
func TestTry(t *testing.T) {
	p := open(t)
	_, keys, err := p.accounts.CreateProject(ctx, audit.CommandLine(), "acme", "Depot", nil)
	if err != nil {
		t.Fatal(err)
	}
	other := keys[1].ID
	id := p.Check(p.private).KeyID
	viewer := audit.Who{Principal: permission.Principal{Kind: permission.User, Grants: []permission.Grant{
		{Organization: p.place.Organization, Role: permission.OrganizationMember}, {Organization: p.place.Organization, Project: p.place.Project, Role: permission.ProjectViewer}}}}
	got, err := p.Try(ctx, viewer, p.place, id)
	if err != nil || got.Principal.ID != id || got.Reason != "" || got.Principal.Permissions != p.Check(p.private).Principal.Permissions {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := p.Try(ctx, audit.Who{}, p.place, id); !fault.Is(err, fault.Forbidden) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := p.Try(ctx, viewer, p.place, "nowhere"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a key that is missing: %v", err)
	}
	if _, err := p.Try(ctx, viewer, p.place, other); !fault.Is(err, fault.NotFound) {
		t.Errorf("a key of another project: %v", err)
	}
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, id); err != nil {
		t.Fatal(err)
	}
	if got, err = p.Try(ctx, viewer, p.place, id); err != nil || got.Reason != credential.KeyRevoked || got.Principal.ID != "" || got.KeyID != id {
		t.Errorf("revoked: %+v %v", got, err)
	}
}
