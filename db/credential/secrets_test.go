package credential_test

import (
	"context"
	"fmt"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// reveals counts the readings that are written down.
func (p project) reveals(t *testing.T) int64 {
	t.Helper()
	var n int64
	if err := p.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM audit WHERE action = 'key.reveal'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func (p project) readable(t *testing.T, on bool) {
	t.Helper()
	if err := p.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE all_projects SET readable_secrets = $1 WHERE id = $2", on, p.place.Project)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// A list gives just the secrets that the keys give one by one, to everybody, and writes the same down.
func TestSecretsOfAListAreThoseOfItsKeys(t *testing.T) {
	p := open(t)
	p.readable(t, true)
	kept := map[string]string{}
	keep := func(in credential.Input) string {
		k, raw := p.create(t, in)
		kept[k.ID] = raw
		return raw
	}
	admin := keep(credential.Input{Name: "kept-admin", Type: secret.Admin})
	keep(credential.Input{Name: "kept-full", Type: secret.Private, Access: permission.AccessFull, AllEngines: true})
	keep(credential.Input{Name: "kept-shop", Type: secret.Private, Access: permission.AccessRead, Engines: []string{"shop"}})
	keep(credential.Input{Name: "shop-search", Type: secret.Search, Engines: []string{"shop"}})
	maker := func(name string, engines []string, permissions ...string) audit.Who {
		return p.as(t, keep(credential.Input{Name: name, Type: secret.Private, Access: permission.AccessCustom, Permissions: permissions,
			AllEngines: engines == nil, Engines: engines}))
	}
	user := func(role permission.Role) audit.Who {
		return audit.Who{Principal: permission.Principal{Kind: permission.User, ID: string(role), Grants: []permission.Grant{
			{Organization: p.place.Organization, Role: permission.OrganizationMember},
			{Organization: p.place.Organization, Project: p.place.Project, Role: role}}}}
	}
	askers := map[string]audit.Who{
		"the command line": audit.CommandLine(), "an admin key": p.as(t, admin),
		"a project admin": user(permission.ProjectAdmin), "a viewer": user(permission.ProjectViewer),
		"a key that makes keys":         maker("maker", nil, "api_keys.modify"),
		"a key that makes keys of shop": maker("shop-maker", []string{"shop"}, "api_keys.modify", "search.read", "documents.read"),
		"a key that reads keys":         maker("reader", nil, "api_keys.read"),
	}
	for _, on := range []bool{true, false} {
		p.readable(t, on)
		page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{})
		if err != nil || len(page.Keys) != 9 {
			t.Fatalf("%d keys, %v", len(page.Keys), err)
		}
		for name, who := range askers {
			one, before := map[string]string{}, p.reveals(t)
			for _, k := range page.Keys {
				if s, err := p.Secret(ctx, who, p.place, k.ID); err == nil {
					one[k.ID] = s.Reveal()
				}
			}
			singly := p.reveals(t) - before
			secrets, err := p.Secrets(ctx, who, p.place, page.Keys)
			if err != nil {
				t.Fatal(err)
			}
			all := map[string]string{}
			for id, s := range secrets {
				all[id] = s.Reveal()
				if kept[id] != "" && kept[id] != s.Reveal() {
					t.Errorf("%s reads another secret", name)
				}
			}
			if fmt.Sprint(one) != fmt.Sprint(all) || p.reveals(t)-before != 2*singly {
				t.Errorf("%s, readable %v: %d by one, %d by list; %d and %d written down", name, on, len(one), len(all), singly, p.reveals(t)-before-singly)
			}
		}
	}
	stranger := audit.Who{Principal: permission.Principal{Kind: permission.User, ID: "x"}}
	page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if s, err := p.Secrets(ctx, stranger, p.place, page.Keys); err == nil || s != nil {
		t.Error("a stranger reads secrets")
	}
	elsewhere := p.place
	elsewhere.Project = "elsewhere"
	if s, err := p.Secrets(ctx, audit.CommandLine(), elsewhere, page.Keys); err != nil || len(s) != 0 {
		t.Errorf("keys of another project: %d, %v", len(s), err)
	}
}

// A long list is written down whole, and a key that is revoked gives nothing.
func TestSecretsOfALongList(t *testing.T) {
	p := open(t)
	p.readable(t, true)
	for range 205 {
		p.create(t, credential.Input{Type: secret.Private, Access: permission.AccessRead, AllEngines: true, Description: "x"})
	}
	page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{Text: "x-", Type: secret.Private})
	if err != nil {
		t.Fatal(err)
	}
	gone := page.Keys[7]
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, gone.ID); err != nil {
		t.Fatal(err)
	}
	secrets, err := p.Secrets(ctx, audit.CommandLine(), p.place, page.Keys)
	if err != nil || len(secrets) != len(page.Keys)-1 || secrets[gone.ID] != "" || p.reveals(t) != int64(len(page.Keys)-1) {
		t.Errorf("%d secrets of %d keys, %d written down, %v", len(secrets), len(page.Keys), p.reveals(t), err)
	}
}
