package credential_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

var ctx = context.Background()

// project is a fresh instance with one project and its default keys.
type project struct {
	*credential.Store
	dir      *db.Dir
	clock    *dbtest.Clock
	log      *audit.Log
	accounts *account.Store
	place    permission.Target
	search   string // secret of search-key
	private  string // secret of private-key
}

func open(t testing.TB) project {
	t.Helper()
	p := project{clock: dbtest.NewClock()}
	p.dir = dbtest.Open(t, p.clock)
	var err error
	if p.log, err = audit.NewLog(p.dir.Core, p.dir.Master); err != nil {
		t.Fatal(err)
	}
	p.Store = p.reopen(t)
	if p.accounts, err = account.NewStore(p.dir.Core, p.dir.Master, p.log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), p.Defaults, p.EndProject); err != nil {
		t.Fatal(err)
	}
	_, _, made, keys, err := p.accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{
		Email: "ada@example.com", Password: "northern otter plays chess", Organization: "Acme", Project: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	p.place, p.search, p.private = made.Target(), keys[0].Secret.Reveal(), keys[1].Secret.Reveal()
	return p
}

// reopen reads the keys anew, as a new process would.
func (p project) reopen(t testing.TB) *credential.Store {
	t.Helper()
	s, err := credential.NewStore(ctx, p.dir.Core, p.dir.Master, p.log)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (p project) create(t testing.TB, in credential.Input) (credential.Key, string) {
	t.Helper()
	k, s, err := p.Create(ctx, audit.CommandLine(), p.place, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k, s.Reveal()
}

// as is who holds a key.
func (p project) as(t testing.TB, raw string) audit.Who {
	t.Helper()
	proof := p.Check(raw)
	if proof.Reason != "" {
		t.Fatal(proof.Reason)
	}
	return audit.Who{Principal: proof.Principal}
}

func private(access permission.Access) credential.Input {
	return credential.Input{Type: secret.Private, Access: access, AllEngines: true}
}

func TestKeysComeBackAsTheyWereMade(t *testing.T) {
	p := open(t)
	end := p.clock.Now().Add(24 * time.Hour)
	k, raw := p.create(t, credential.Input{Name: "importer", Description: "Nightly import", Type: secret.Private, Access: permission.AccessCustom,
		Permissions: []string{"documents.modify"}, Engines: []string{"shop-en", "blog", "blog"}, ExpiresAt: end})
	for name, s := range map[string]*credential.Store{"the same process": p.Store, "another process": p.reopen(t)} {
		proof := s.Check(raw)
		got := proof.Principal
		if proof.Reason != "" || got.ID != k.ID || got.Kind != permission.Key || got.Project != p.place.Project || got.Organization != p.place.Organization {
			t.Errorf("%s: %+v", name, proof)
		}
		if want := permission.Of(permission.DocumentsModify, permission.DocumentsRead, permission.IndicesRead); got.Permissions != want {
			t.Errorf("%s: permissions %v", name, got.Permissions.List())
		}
		if got.Scope.All || !slices.Equal(got.Scope.Engines, []string{"blog", "shop-en"}) {
			t.Errorf("%s: scope %+v", name, got.Scope)
		}
	}
	back, err := p.Get(ctx, audit.CommandLine(), p.place, k.ID)
	if err != nil || back.Name != "importer" || !back.ExpiresAt.Equal(end) || back.Visible != secret.Mask(raw) || back.CreatedBy != "command line" {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestInputRules(t *testing.T) {
	p := open(t)
	now := p.clock.Now()
	for _, c := range []struct {
		name  string
		in    credential.Input
		field string // the field of the message; "" is allowed
	}{
		{"a private key with access", private(permission.AccessRead), ""},
		{"a search key", credential.Input{Type: secret.Search, AllEngines: true}, ""},
		{"an admin key", credential.Input{Type: secret.Admin}, ""},
		{"no type", credential.Input{AllEngines: true}, "type"},
		{"a private key without access", credential.Input{Type: secret.Private, AllEngines: true}, "access"},
		{"a search key with access", credential.Input{Type: secret.Search, Access: permission.AccessRead, AllEngines: true}, "access"},
		{"an admin key with engines", credential.Input{Type: secret.Admin, Engines: []string{"a"}}, "engines"},
		{"no engines", credential.Input{Type: secret.Search}, "engines"},
		{"all engines and some", credential.Input{Type: secret.Search, AllEngines: true, Engines: []string{"a"}}, "engines"},
		{"an engine that cannot exist", credential.Input{Type: secret.Search, Engines: []string{"A b"}}, "engines"},
		{"an engine with a comma", credential.Input{Type: secret.Search, Engines: []string{"a,b"}}, "engines"},
		{"custom without permissions", credential.Input{Type: secret.Private, Access: permission.AccessCustom, AllEngines: true}, "permissions"},
		{"custom with an unknown permission", credential.Input{Type: secret.Private, Access: permission.AccessCustom, AllEngines: true, Permissions: []string{"documents.own"}}, "permissions"},
		{"custom with a permission of people", credential.Input{Type: secret.Private, Access: permission.AccessCustom, AllEngines: true, Permissions: []string{"members.modify"}}, "permissions"},
		{"permissions without custom", credential.Input{Type: secret.Private, Access: permission.AccessRead, AllEngines: true, Permissions: []string{"documents.read"}}, "permissions"},
		{"a name with capitals", credential.Input{Name: "My Key", Type: secret.Search, AllEngines: true}, "name"},
		{"a name of 65 characters", credential.Input{Name: strings.Repeat("a", 65), Type: secret.Search, AllEngines: true}, "name"},
		{"a name that is taken", credential.Input{Name: "search-key", Type: secret.Search, AllEngines: true}, "name"},
		{"an expiry that has passed", credential.Input{Type: secret.Search, AllEngines: true, ExpiresAt: now}, "expires"},
		{"a description of 301 characters", credential.Input{Type: secret.Search, AllEngines: true, Description: strings.Repeat("é", 301)}, "description"},
		{"a description over two lines", credential.Input{Type: secret.Search, AllEngines: true, Description: "a\nb"}, "description"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s, err := p.Create(ctx, audit.CommandLine(), p.place, c.in, nil)
			if (err == nil) != (c.field == "") || (s == "") != (err != nil) {
				t.Fatalf("error %v", err)
			}
			if err != nil && fault.From(err).Fields[c.field] == "" {
				t.Errorf("no message about %s: %+v", c.field, fault.From(err))
			}
		})
	}
}

func TestNamesAreMadeFromDescriptionsAndFreedByRevoking(t *testing.T) {
	p := open(t)
	in := credential.Input{Description: "Checkout, production", Type: secret.Search, AllEngines: true}
	first, _ := p.create(t, in)
	second, _ := p.create(t, in)
	if first.Name != "checkout-production" || second.Name != "checkout-production-2" {
		t.Errorf("names %q and %q", first.Name, second.Name)
	}
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, first.ID); err != nil {
		t.Fatal(err)
	}
	in.Name = "checkout-production"
	if _, _, err := p.Create(ctx, audit.CommandLine(), p.place, in, nil); err != nil {
		t.Errorf("the name of a revoked key is not free: %v", err)
	}
}

func kindOf(err error) fault.Kind {
	if err == nil {
		return ""
	}
	return fault.From(err).Kind
}

func TestForeignKeysLookLikeMissingOnes(t *testing.T) {
	p := open(t)
	k, _ := p.create(t, private(permission.AccessRead))
	other, keys, err := p.accounts.CreateProject(ctx, audit.CommandLine(), "acme", "Other", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func(place permission.Target, id string) error{
		"get": func(place permission.Target, id string) error {
			_, err := p.Get(ctx, audit.CommandLine(), place, id)
			return err
		},
		"revoke": func(place permission.Target, id string) error {
			_, err := p.Revoke(ctx, audit.CommandLine(), place, id)
			return err
		},
		"update": func(place permission.Target, id string) error {
			_, err := p.Update(ctx, audit.CommandLine(), place, id, private(permission.AccessFull))
			return err
		},
		"secret": func(place permission.Target, id string) error {
			_, err := p.Secret(ctx, audit.CommandLine(), place, id)
			return err
		},
		"by the other project's key": func(place permission.Target, id string) error {
			_, err := p.Get(ctx, p.as(t, keys[1].Secret.Reveal()), p.place, id)
			return err
		},
	} {
		if name == "by the other project's key" {
			if err := do(p.place, k.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		foreign, missing := do(other.Target(), k.ID), do(other.Target(), "nosuch")
		if !fault.Is(foreign, fault.NotFound) || foreign.Error() != missing.Error() {
			t.Errorf("%s: foreign %v, missing %v", name, foreign, missing)
		}
	}
}

func TestUpdateKeepsTheSecret(t *testing.T) {
	p := open(t)
	k, raw := p.create(t, private(permission.AccessFull))
	in := private(permission.AccessRead)
	in.AllEngines, in.Engines, in.Description, in.ExpiresAt = false, []string{"a"}, "Narrower", p.clock.Now().Add(time.Hour)
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, k.ID, in); err != nil {
		t.Fatal(err)
	}
	got := p.Check(raw)
	if got.Reason != "" || got.Principal.Permissions != permission.Read || got.Principal.Scope.Has("b") {
		t.Errorf("after the update: %+v", got)
	}
	history, err := p.log.OfSubject(ctx, k.ID)
	if err != nil || len(history) != 2 {
		t.Fatalf("%d events, %v", len(history), err)
	}
	text := fmt.Sprint(history[0].Changes)
	for _, want := range []string{"{access full read}", "{engines all a}", "{description  Narrower}", "{expires never "} {
		if !strings.Contains(text, want) {
			t.Errorf("history %s lacks %s", text, want)
		}
	}
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, k.ID, in); err != nil {
		t.Fatal(err)
	}
	if history, _ = p.log.OfSubject(ctx, k.ID); len(history) != 2 {
		t.Error("an update that changed nothing was written down")
	}
}

func TestExpiryCountsToTheMillisecond(t *testing.T) {
	p := open(t)
	in := private(permission.AccessRead)
	in.ExpiresAt = p.clock.Now().Add(time.Minute)
	k, raw := p.create(t, in)
	p.clock.Add(time.Minute - time.Millisecond)
	if got := p.Check(raw); got.Reason != "" {
		t.Errorf("before its end: %s", got.Reason)
	}
	p.clock.Add(time.Millisecond)
	if got := p.Check(raw); got.Reason != credential.KeyExpired || got.KeyID != k.ID || got.Principal.Kind != permission.Anonymous {
		t.Errorf("at its end: %+v", got)
	}
}

func TestRevokeIsFinalAndIdempotent(t *testing.T) {
	p := open(t)
	k, raw := p.create(t, private(permission.AccessFull))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID)
	p.clock.Add(time.Hour)
	again, err2 := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID)
	if err != nil || err2 != nil || !first.RevokedAt.Equal(again.RevokedAt) {
		t.Errorf("%v, %v; %v, %v", first.RevokedAt, again.RevokedAt, err, err2)
	}
	history, err := p.log.OfSubject(ctx, k.ID)
	if err != nil || len(history) != 2 {
		t.Errorf("%d events, %v; want one for making and one for revoking", len(history), err)
	}
	if got := p.Check(raw); got.Reason != credential.KeyRevoked || got.KeyID != k.ID {
		t.Errorf("%+v", got)
	}
	if got := p.reopen(t).Check(raw); got.Reason != credential.KeyRevoked {
		t.Errorf("in another process: %+v", got)
	}
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, k.ID, private(permission.AccessFull)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a revoked key was changed: %v", err)
	}
}

func TestNoChangeWithoutItsEvent(t *testing.T) {
	p := open(t)
	k, raw := p.create(t, private(permission.AccessRead))
	if err := p.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TRIGGER no_events BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, minted, errCreate := p.Create(ctx, audit.CommandLine(), p.place, private(permission.AccessFull), nil)
	_, errUpdate := p.Update(ctx, audit.CommandLine(), p.place, k.ID, private(permission.AccessFull))
	_, errRevoke := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID)
	for name, err := range map[string]error{"create": errCreate, "update": errUpdate, "revoke": errRevoke} {
		if err == nil {
			t.Errorf("%s was done without being written down", name)
		}
	}
	page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{Inactive: true})
	if got := p.Check(raw); err != nil || minted != "" || page.Total != 3 || got.Reason != "" || got.Principal.Permissions != permission.Read {
		t.Errorf("%d keys, %+v, %v", page.Total, got, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestIdentify(t *testing.T) {
	p := open(t)
	k, raw := p.create(t, private(permission.AccessFull))
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
		t.Fatal(err)
	}
	stranger := secret.Mint(secret.Admin).Reveal()
	text := "KEY=" + raw + "\nagain " + raw + " typo " + raw[:len(raw)-1] + "x \"" + stranger + "\" curl -H 'Authorization: Bearer " + p.search + "'"
	found, err := p.Identify(ctx, audit.CommandLine(), text)
	if err != nil || len(found) != 3 {
		t.Fatalf("%d found, %v", len(found), err)
	}
	if f := found[0]; !f.Known || f.Key.ID != k.ID || f.Key.Status(p.clock.Now()) != credential.Revoked || f.Project != "shop" {
		t.Errorf("%+v", f)
	}
	if f := found[1]; f.Known || f.Visible != secret.Mask(stranger) {
		t.Errorf("%+v", f)
	}
	guest, err := p.Identify(ctx, audit.Who{}, text)
	if err != nil || guest[0].Known || guest[0].Key.ID != "" {
		t.Errorf("a guest learns %+v, %v", guest[0], err)
	}
}

func BenchmarkCheck(b *testing.B) {
	p := open(b)
	b.ReportAllocs()
	for b.Loop() {
		if p.Check(p.private).Reason != "" {
			b.Fatal("refused")
		}
	}
}
