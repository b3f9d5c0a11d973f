package credential_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Keys as App Search minted them.
const (
	oldSearch  = "search-7xk3m9q2vb8nw4tz6yr1pu5h"
	oldPrivate = "private-k2v7w9x4z6m1n3b5q8r2t9yu"
	oldest     = "api-h5j8k2m9n4p7q1r6s3t8v2wx" // of before 2018
	bare       = "q1w2e3r4t5y6u7i8o9p1a2s3"
)

func taken(name string, t secret.Type, access permission.Access, s string) credential.Import {
	return credential.Import{Input: credential.Input{Name: name, Type: t, Access: access, AllEngines: t != secret.Admin}, Secret: secret.Secret(s), ReplaceUnused: true}
}

func (p project) take(t testing.TB, in credential.Import) credential.Imported {
	t.Helper()
	got, err := p.Import(ctx, audit.CommandLine(), p.place, in)
	if err != nil {
		t.Fatalf("%s: %v", in.Name, err)
	}
	return got
}

func TestImportedKeysWorkLikeMintedOnes(t *testing.T) {
	p := open(t)
	ours := secret.Mint(secret.Private).Reveal()
	for _, c := range []struct {
		name   string
		in     credential.Import
		legacy bool
		masked string
	}{
		{"a search key", taken("old-search", secret.Search, "", oldSearch), true, "search-7xk*****u5h"},
		{"a private key", taken("old-private", secret.Private, permission.AccessRead, oldPrivate), true, "private-k2v*****9yu"},
		{"a private key of before 2018", taken("oldest", secret.Private, permission.AccessFull, oldest), true, "api*****2wx"},
		{"an admin key without a prefix", taken("bare", secret.Admin, "", bare), true, "q1w*****2s3"},
		{"a key of another Latchkey", taken("ours", secret.Private, permission.AccessRead, ours), false, secret.Mask(ours)},
		{"a search key that looks private", taken("odd", secret.Search, "", "private-zxcvbn123456asdfgh789qwe"), true, "private-zxc*****qwe"},
		{"one of our form and another type", taken("odd-ours", secret.Search, "", secret.Mint(secret.Private).Reveal()), true, ""},
	} {
		raw := c.in.Secret.Reveal()
		got := p.take(t, c.in)
		if !got.New || got.Key.Legacy != c.legacy || got.Replaced.ID != "" || c.masked != "" && got.Key.Visible != c.masked {
			t.Errorf("%s: %+v", c.name, got)
		}
		for where, s := range map[string]*credential.Store{"at once": p.Store, "after a restart": p.reopen(t)} {
			proof := s.Check(raw)
			if proof.Reason != "" || proof.KeyID != got.Key.ID || proof.Principal.KeyType != string(c.in.Type) {
				t.Errorf("%s, %s: %+v", c.name, where, proof)
			}
			signed := s.CheckSigned(sign(raw, plain, fmt.Sprintf(`{"api_key_name":%q}`, c.in.Name)), p.place.Project)
			if c.in.Type != secret.Admin && (signed.Reason != "" || signed.KeyID != got.Key.ID) {
				t.Errorf("%s, %s: signed %+v", c.name, where, signed)
			}
			if c.in.Type == secret.Admin && signed.Reason == "" {
				t.Errorf("%s, %s: an admin key signs", c.name, where)
			}
		}
		found, err := p.Identify(ctx, audit.CommandLine(), `leaked: "`+raw+`". And more.`)
		if err != nil || len(found) != 1 || !found[0].Known || found[0].Key.ID != got.Key.ID {
			t.Errorf("%s: identified as %+v, %v", c.name, found, err)
		}
		_, ours := secret.Parse(raw)
		if guest, err := p.Identify(ctx, audit.Who{}, raw); err != nil || len(guest) > 0 && (guest[0].Known || !ours) {
			t.Errorf("%s: a guest learns %+v, %v", c.name, guest, err)
		}
		page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{Text: raw})
		if err != nil || len(page.Keys) != 1 || page.Keys[0].ID != got.Key.ID {
			t.Errorf("%s: found by its secret %+v, %v", c.name, page.Keys, err)
		}
		events, err := p.log.OfSubject(ctx, got.Key.ID)
		if err != nil || len(events) != 1 || events[0].Action != audit.KeyImport || strings.Contains(fmt.Sprintf("%+v", events), raw) {
			t.Errorf("%s: events %+v, %v", c.name, events, err)
		}
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, got.Key.ID); err != nil || p.Check(raw).Reason != credential.KeyRevoked {
			t.Errorf("%s: after revoking %+v, %v", c.name, p.Check(raw), err)
		}
	}
}

func TestImportedSecretsAreKeptAsMintedOnesAre(t *testing.T) {
	p := open(t)
	search := p.take(t, taken("old-search", secret.Search, "", oldSearch)).Key
	hidden := p.take(t, taken("old-private", secret.Private, permission.AccessFull, oldPrivate)).Key
	if s, err := p.Secret(ctx, audit.CommandLine(), p.place, search.ID); err != nil || s.Reveal() != oldSearch {
		t.Errorf("a search key: %v", err)
	}
	if s, err := p.Secret(ctx, audit.CommandLine(), p.place, hidden.ID); !fault.Is(err, fault.NotFound) || s != "" {
		t.Errorf("a private key: %v", err)
	}
	if err := p.SetReadable(ctx, audit.CommandLine(), p.place, true); err != nil {
		t.Fatal(err)
	}
	readable := p.take(t, taken("oldest", secret.Private, permission.AccessFull, oldest)).Key
	if s, err := p.Secret(ctx, audit.CommandLine(), p.place, readable.ID); err != nil || s.Reveal() != oldest {
		t.Errorf("with readable secrets: %v", err)
	}
}

func TestImportAgainChangesNothing(t *testing.T) {
	p := open(t)
	in := taken("old-private", secret.Private, permission.AccessFull, oldPrivate)
	first := p.take(t, in).Key
	narrow := credential.Input{Access: permission.AccessRead, Engines: []string{"shop"}}
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, first.ID, narrow); err != nil {
		t.Fatal(err)
	}
	again := p.take(t, in)
	if again.New || again.Key.ID != first.ID || again.Key.Access != permission.AccessRead || again.Key.Scope.All {
		t.Errorf("a key that was narrowed here: %+v", again)
	}
	if got := p.Check(oldPrivate).Principal; got.Scope.All || got.Permissions.Has(permission.DocumentsModify) {
		t.Errorf("the key was widened: %+v", got)
	}
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, first.ID); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"old-private", "another-name"} {
		in.Name = name
		_, err := p.Import(ctx, audit.CommandLine(), p.place, in)
		if f := fault.From(err); f == nil || f.Reason != "key_revoked" || p.Check(oldPrivate).Reason != credential.KeyRevoked {
			t.Errorf("%s: a revoked key came back: %v, %+v", name, err, p.Check(oldPrivate))
		}
	}
}

func TestImportMakesWayForDefaultKeysOnly(t *testing.T) {
	p := open(t)
	if _, _, err := p.Create(ctx, audit.CommandLine(), p.place, credential.Input{Name: "mine", Type: secret.Search, AllEngines: true}, nil); err != nil {
		t.Fatal(err)
	}
	refused := func(name, reason string, in credential.Import) {
		t.Helper()
		_, err := p.Import(ctx, audit.CommandLine(), p.place, in)
		if f := fault.From(err); f == nil || f.Reason != reason || p.Check(in.Secret.Reveal()).Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	keep := taken("search-key", secret.Search, "", oldSearch)
	keep.ReplaceUnused = false
	refused("a default key that is to be kept", "name_taken", keep)
	refused("a key that somebody made", "name_taken", taken("mine", secret.Search, "", bare))
	used, err := p.GetByName(ctx, audit.CommandLine(), p.place, "private-key")
	if err != nil {
		t.Fatal(err)
	}
	p.exec(t, "INSERT INTO key_use (key_id, used_at, address, user_agent) VALUES ($1, $2, '', '')", used.ID, p.clock.Now().UnixMilli())
	refused("a default key that was used", "name_taken", taken("private-key", secret.Private, permission.AccessFull, oldPrivate))
	if p.Check(p.private).Reason != "" || p.Check(p.search).Reason != "" {
		t.Error("a refused import ended a key")
	}
	got := p.take(t, taken("search-key", secret.Search, "", oldSearch))
	if got.Replaced.Name != "search-key" || p.Check(p.search).Reason != credential.KeyRevoked || p.Check(oldSearch).Reason != "" {
		t.Errorf("an unused default key: %+v, %+v", got, p.Check(p.search))
	}
	if signed := p.CheckSigned(sign(p.search, plain, `{"api_key_name":"search-key"}`), ""); signed.Reason == "" {
		t.Error("what was signed with the replaced key still counts")
	}
}

func TestImportRefusals(t *testing.T) {
	p := open(t)
	p.clock.Add(time.Second)
	second, _ := p.another(t, "Second")
	p.take(t, taken("old-private", secret.Private, permission.AccessFull, oldPrivate))
	for _, c := range []struct {
		name, want string
		in         credential.Import
		place      permission.Target
		who        audit.Who
	}{
		{"a masked secret", "masked", taken("k", secret.Private, permission.AccessFull, "private-6fK*****0kV"), p.place, audit.CommandLine()},
		{"a short secret", "too short", taken("k", secret.Private, permission.AccessFull, "private-1234567890a"), p.place, audit.CommandLine()},
		{"no secret", "too short", taken("k", secret.Private, permission.AccessFull, ""), p.place, audit.CommandLine()},
		{"one letter all over", "easy to guess", taken("k", secret.Private, permission.AccessFull, strings.Repeat("a", 32)), p.place, audit.CommandLine()},
		{"a secret longer than a block of the hash", "too long", taken("k", secret.Private, permission.AccessFull, strings.Repeat("abcdefgh1", 8)), p.place, audit.CommandLine()},
		{"what no header can carry", "characters", taken("k", secret.Private, permission.AccessFull, "private-k2v7w9x4z6 1n3b5q8r2"), p.place, audit.CommandLine()},
		{"what would be read as a signed key", "characters", taken("k", secret.Private, permission.AccessFull, "k2v7w9x4z6.m1n3b5q8.r2t9yu"), p.place, audit.CommandLine()},
		{"no name", "Name", taken("", secret.Private, permission.AccessFull, bare), p.place, audit.CommandLine()},
		{"a name that keys cannot have", "lower-case", taken("My Key", secret.Private, permission.AccessFull, bare), p.place, audit.CommandLine()},
		{"an unknown type", "private, search or admin", taken("k", "root", "", bare), p.place, audit.CommandLine()},
		{"a key of another project", "already", taken("old-private", secret.Private, permission.AccessFull, oldPrivate), second.Target(), audit.CommandLine()},
		{"the same key under another name", "already", taken("k", secret.Private, permission.AccessFull, oldPrivate), p.place, audit.CommandLine()},
		{"a guest", "", taken("k", secret.Private, permission.AccessFull, bare), p.place, audit.Who{}},
		{"a key that may not make keys", "may not", taken("k", secret.Private, permission.AccessFull, bare), p.place, p.as(t, p.private)},
	} {
		got, err := p.Import(ctx, c.who, c.place, c.in)
		text := ""
		if f := fault.From(err); f != nil {
			text = f.Message + fmt.Sprint(f.Fields)
		}
		if err == nil || !strings.Contains(text, c.want) || got.Key.ID != "" {
			t.Errorf("%s: %q, %+v", c.name, text, got)
		}
		if s := c.in.Secret.Reveal(); s != "" && (strings.Contains(text, s) || strings.Contains(text, "Shop") || strings.Contains(text, p.place.Project)) {
			t.Errorf("%s tells %q", c.name, text)
		}
	}
}
