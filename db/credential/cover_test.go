package credential_test

import (
	"fmt"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func TestCovering(t *testing.T) {
	p := open(t)
	make := func(name string, change func(*credential.Input)) credential.Key {
		in := private(permission.AccessRead)
		in.Name, in.AllEngines, in.Engines = name, false, []string{"films", "books"}
		if change != nil {
			change(&in)
		}
		k, _ := p.create(t, in)
		return k
	}
	k := make("asked", nil)
	make("equal", nil)
	make("wider", func(in *credential.Input) { in.AllEngines, in.Engines = true, nil })
	make("more", func(in *credential.Input) {
		in.Access, in.Engines = permission.AccessFull, []string{"books", "films", "games"}
	})
	make("fewer-engines", func(in *credential.Input) { in.Engines = []string{"films"} })
	make("other-access", func(in *credential.Input) { in.Access = permission.AccessWrite })
	make("ends-soon", func(in *credential.Input) { in.ExpiresAt = p.clock.Now().Add(credential.ExpirySoon - time.Hour) })
	make("lives-on", func(in *credential.Input) { in.ExpiresAt = p.clock.Now().Add(credential.ExpirySoon + time.Hour) })
	dead := make("revoked", nil)
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, dead.ID); err != nil {
		t.Fatal(err)
	}
	names := func(id string, limit int) string {
		t.Helper()
		c, err := p.Covering(ctx, audit.CommandLine(), p.place, id, limit)
		if err != nil {
			t.Fatal(err)
		}
		list := []string{}
		for _, k := range c.Keys {
			list = append(list, k.Name)
		}
		return fmt.Sprint(c.Total, list)
	}
	if got := names(k.ID, 10); got != "5 [equal lives-on wider more private-key]" {
		t.Errorf("covered by %s", got)
	}
	if got := names(k.ID, 2); got != "5 [equal lives-on]" {
		t.Errorf("the first two: %s", got)
	}
	public, _ := p.create(t, credential.Input{Type: secret.Search, Name: "public", AllEngines: true})
	if got := names(public.ID, 10); got != "1 [search-key]" {
		t.Errorf("a public key is covered by %s: no secret should take its place", got)
	}
	stranger := audit.Who{Principal: permission.Principal{Kind: permission.User, ID: "x"}}
	if _, err := p.Covering(ctx, stranger, p.place, k.ID, 3); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := p.Covering(ctx, audit.CommandLine(), p.place, "nosuch", 3); !fault.Is(err, fault.NotFound) {
		t.Errorf("a key that there is not: %v", err)
	}
}
