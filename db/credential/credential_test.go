package credential_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	if p.accounts, err = account.NewStore(p.dir.Core, p.dir.Master, p.log, account.NewHasher(account.MinCost), p.Defaults, p.EndProject); err != nil {
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

func TestNobodyGrantsMoreThanTheyHold(t *testing.T) {
	p := open(t)
	custom := func(engines []string, permissions ...string) credential.Input {
		return credential.Input{Type: secret.Private, Access: permission.AccessCustom, Permissions: permissions, AllEngines: engines == nil, Engines: engines}
	}
	_, admin := p.create(t, credential.Input{Type: secret.Admin})
	_, keeper := p.create(t, custom(nil, "api_keys.modify", "documents.read"))
	_, narrow := p.create(t, custom([]string{"a"}, "api_keys.modify", "documents.read"))
	_, reader := p.create(t, custom(nil, "api_keys.read"))
	for _, c := range []struct {
		name, as string
		in       credential.Input
		kind     fault.Kind
	}{
		{"an admin key makes a full key", admin, private(permission.AccessFull), ""},
		{"an admin key makes an admin key", admin, credential.Input{Type: secret.Admin}, ""},
		{"a custom key gives what it holds", keeper, custom(nil, "documents.read"), ""},
		{"a custom key gives one engine", keeper, custom([]string{"a"}, "documents.read"), ""},
		{"a custom key gives more", keeper, custom(nil, "documents.modify"), fault.Forbidden},
		{"a custom key makes a search key without having search", keeper, credential.Input{Type: secret.Search, AllEngines: true}, fault.Forbidden},
		{"a custom key makes an admin key", keeper, credential.Input{Type: secret.Admin}, fault.Forbidden},
		{"a custom key makes a full key", keeper, private(permission.AccessFull), fault.Forbidden},
		{"a key of one engine gives that engine", narrow, custom([]string{"a"}, "documents.read"), ""},
		{"a key of one engine gives another", narrow, custom([]string{"a", "b"}, "documents.read"), fault.Forbidden},
		{"a key of one engine gives all", narrow, custom(nil, "documents.read"), fault.Forbidden},
		{"a key that only lists", reader, custom(nil, "documents.read"), fault.Forbidden},
		{"a full key", p.private, private(permission.AccessRead), fault.Forbidden},
		{"a search key", p.search, credential.Input{Type: secret.Search, AllEngines: true}, fault.Forbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := p.Create(ctx, p.as(t, c.as), p.place, c.in, nil)
			if kind := kindOf(err); kind != c.kind {
				t.Errorf("%q (%v), want %q", kind, err, c.kind)
			}
		})
	}
	k, raw := p.create(t, custom(nil, "documents.read"))
	widen := custom(nil, "documents.modify")
	if _, err := p.Update(ctx, p.as(t, keeper), p.place, k.ID, widen); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a key was widened beyond the asker: %v", err)
	}
	if p.Check(raw).Principal.Permissions.Has(permission.DocumentsModify) {
		t.Error("and it took effect")
	}
}

// A key that ends cannot make itself, or its like, last.
func TestATemporaryKeyStaysTemporary(t *testing.T) {
	p := open(t)
	end := p.clock.Now().Add(time.Hour)
	keeper := credential.Input{Type: secret.Private, Access: permission.AccessCustom, Permissions: []string{"api_keys.modify", "documents.read"}, AllEngines: true, ExpiresAt: end}
	k, raw := p.create(t, keeper)
	_, admin := p.create(t, credential.Input{Type: secret.Admin, ExpiresAt: end})
	until := func(in credential.Input, at time.Time) credential.Input { in.ExpiresAt = at; return in }
	reader := credential.Input{Type: secret.Private, Access: permission.AccessCustom, Permissions: []string{"documents.read"}, AllEngines: true}
	for _, c := range []struct {
		name, as string
		do       func(who audit.Who) error
		kind     fault.Kind
	}{
		{"it takes its own end away", raw, func(w audit.Who) error {
			_, err := p.Update(ctx, w, p.place, k.ID, until(keeper, time.Time{}))
			return err
		}, fault.Forbidden},
		{"it moves its own end", raw, func(w audit.Who) error {
			_, err := p.Update(ctx, w, p.place, k.ID, until(keeper, end.Add(1e9)))
			return err
		}, fault.Forbidden},
		{"it makes a key that lasts", raw, func(w audit.Who) error { _, _, err := p.Create(ctx, w, p.place, reader, nil); return err }, fault.Forbidden},
		{"it makes a key that ends with it", raw, func(w audit.Who) error { _, _, err := p.Create(ctx, w, p.place, until(reader, end), nil); return err }, ""},
		{"a temporary admin key makes a key that lasts", admin, func(w audit.Who) error { _, _, err := p.Create(ctx, w, p.place, reader, nil); return err }, ""},
		{"a temporary admin key makes an admin key that lasts", admin, func(w audit.Who) error {
			_, _, err := p.Create(ctx, w, p.place, credential.Input{Type: secret.Admin}, nil)
			return err
		}, fault.Forbidden},
	} {
		if err := c.do(p.as(t, c.as)); kindOf(err) != c.kind {
			t.Errorf("%s: %v, want %q", c.name, err, c.kind)
		}
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

func TestOneFormMakesOneKey(t *testing.T) {
	p := open(t)
	in := private(permission.AccessRead)
	in.FormToken = secret.Token().Reveal()
	var mu sync.Mutex
	ids, secrets := map[string]bool{}, 0
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			k, s, err := p.Create(ctx, audit.CommandLine(), p.place, in, nil)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if ids[k.ID] = true; s != "" {
				secrets++
			}
		})
	}
	wg.Wait()
	if len(ids) != 1 || secrets != 1 {
		t.Errorf("%d keys, %d secrets", len(ids), secrets)
	}
}

func TestKeyIsNotMadeIfItsSecretCannotBeKept(t *testing.T) {
	p := open(t)
	var raw secret.Secret
	_, _, err := p.Create(ctx, audit.CommandLine(), p.place, private(permission.AccessFull), func(_ context.Context, _ *db.Tx, _ string, s secret.Secret) error {
		raw = s
		return fault.New(fault.Unavailable, "no")
	})
	if err == nil || p.Check(raw.Reveal()).Reason != credential.KeyUnknown {
		t.Errorf("error %v, and the key is %q", err, p.Check(raw.Reveal()).Reason)
	}
}

func TestSecretsOfSearchKeysCanBeReadAndOthersNot(t *testing.T) {
	p := open(t)
	page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range page.Keys {
		s, err := p.Secret(ctx, audit.CommandLine(), p.place, k.ID)
		if k.Type == secret.Search && (err != nil || s.Reveal() != p.search) {
			t.Errorf("search key: %v", err)
		}
		if k.Type != secret.Search && (err == nil || s != "") {
			t.Error("the secret of a private key was given")
		}
	}
}

// Whoever steals every file but the master key finds no secret; with it, only those of search keys.
func TestFilesHoldNoSecret(t *testing.T) {
	p := open(t)
	_, full := p.create(t, private(permission.AccessFull))
	_, admin := p.create(t, credential.Input{Type: secret.Admin})
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, must(p.GetByName(ctx, audit.CommandLine(), p.place, "private-key")).ID, private(permission.AccessRead)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"latchkey.db", "latchkey.db-wal", "engines.db", "engines.db-wal"} {
		b, err := os.ReadFile(filepath.Join(p.dir.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		for what, raw := range map[string]string{"private": full, "default private": p.private, "admin": admin, "search": p.search} {
			if bytes.Contains(b, []byte(raw)) || bytes.Contains(b, []byte(raw[len(raw)-30:])) {
				t.Errorf("%s holds the %s key", name, what)
			}
		}
	}
}

// If the history cannot be written, nothing happens.
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

func must(k credential.Key, err error) credential.Key {
	if err != nil {
		panic(err)
	}
	return k
}

func TestListFiltersAndCounts(t *testing.T) {
	p := open(t)
	now := p.clock.Now()
	mk := func(in credential.Input) credential.Key { k, _ := p.create(t, in); return k }
	mk(credential.Input{Name: "soon", Type: secret.Search, Engines: []string{"a"}, ExpiresAt: now.Add(24 * time.Hour)})
	mk(credential.Input{Name: "late", Type: secret.Private, Access: permission.AccessRead, Engines: []string{"b"}, ExpiresAt: now.Add(90 * 24 * time.Hour)})
	ended := mk(credential.Input{Name: "ended", Type: secret.Search, AllEngines: true, ExpiresAt: now.Add(time.Minute)})
	dead := mk(credential.Input{Name: "dead", Type: secret.Admin})
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, dead.ID); err != nil {
		t.Fatal(err)
	}
	p.clock.Add(time.Hour)
	_, full := p.create(t, credential.Input{Name: "w100", Description: "100%_sure, École", Type: secret.Private, Access: permission.AccessFull, AllEngines: true})
	for _, c := range []struct {
		name string
		f    credential.Filter
		want string
	}{
		{"nothing said", credential.Filter{}, "late private-key search-key soon w100"},
		{"with inactive", credential.Filter{Inactive: true}, "dead ended late private-key search-key soon w100"},
		{"with expired", credential.Filter{Live: true}, "ended late private-key search-key soon w100"},
		{"expiring", credential.Filter{Status: "expiring"}, "soon"},
		{"expired", credential.Filter{Status: "expired"}, "ended"},
		{"revoked", credential.Filter{Status: "revoked"}, "dead"},
		{"by type", credential.Filter{Type: secret.Search}, "search-key soon"},
		{"by access", credential.Filter{Access: permission.AccessFull}, "private-key w100"},
		{"by engine, also those of all", credential.Filter{Engine: "a"}, "private-key search-key soon w100"},
		{"by a piece of name", credential.Filter{Text: "OO"}, "soon"},
		{"percent is no wildcard", credential.Filter{Text: "%"}, "w100"},
		{"underscore is no wildcard", credential.Filter{Text: "0%_s"}, "w100"},
		{"by id", credential.Filter{Text: ended.ID, Inactive: true}, "ended"},
		{"by the end of the visible key", credential.Filter{Text: full[len(full)-3:], Type: secret.Private, Access: permission.AccessFull, Sort: "created", Desc: true, Limit: 1}, "w100"},
		{"by the whole secret", credential.Filter{Text: full}, "w100"},
		{"letters beyond ASCII, in another case", credential.Filter{Text: "éCOLE"}, "w100"},
		{"a quote", credential.Filter{Text: `'";--`}, ""},
		{"descending", credential.Filter{Sort: "name", Desc: true}, "w100 soon search-key private-key late"},
		{"by expiry, never last", credential.Filter{Sort: "expires", Limit: 2}, "soon late"},
		{"second page", credential.Filter{Limit: 2, Offset: 2}, "search-key soon"},
		{"an unknown order", credential.Filter{Sort: "hash; DROP TABLE keys"}, "late private-key search-key soon w100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, err := p.List(ctx, audit.CommandLine(), p.place, c.f)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, k := range page.Keys {
				names = append(names, k.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if page.Overview.Inactive() != 2 {
				t.Errorf("%d inactive", page.Overview.Inactive())
			}
		})
	}
	o, err := p.Overview(ctx, audit.CommandLine(), p.place)
	if err != nil || o != (credential.Overview{Total: 6, Active: 5, Expiring: 1, Revoked: 1}) {
		t.Errorf("%+v, %v", o, err)
	}
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
