package credential_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Of many keys each is done or reported, and what is reported as done is done: also where the asker's right ends half
// way, and where one of the keys cannot be changed.
func TestRevokeEachReportsWhatHappened(t *testing.T) {
	p := open(t)
	var ids []string
	raw := map[string]string{}
	for i := range 6 {
		k, s := p.create(t, credential.Input{Name: fmt.Sprintf("k%d", i), Type: secret.Search, AllEngines: true})
		ids, raw[k.ID] = append(ids, k.ID), s
	}
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, ids[0]); err != nil {
		t.Fatal(err)
	}
	p.exec(t, fmt.Sprintf(`CREATE TRIGGER stuck BEFORE UPDATE OF revoked_at ON keys WHEN OLD.id = '%s' BEGIN SELECT RAISE(ABORT, 'no'); END`, ids[2]))
	who := audit.CommandLine()
	left := 4 // transactions: one key is revoked already, one is stuck, one more is done
	who.Again = func(context.Context) (permission.Principal, error) {
		if left--; left < 0 {
			return permission.Principal{}, fault.New(fault.Unauthenticated, "Your session has ended.")
		}
		return who.Principal, nil
	}
	const missing = "00000000-0000-4000-8000-000000000000"
	got, err := p.RevokeEach(ctx, who, p.place, append(slices.Clone(ids), missing, ids[1]))
	if err != nil || len(got) != 7 {
		t.Fatalf("%d outcomes, %v", len(got), err)
	}
	for i, want := range []struct {
		done, already bool
		kind          fault.Kind
	}{{done: true, already: true}, {done: true}, {kind: fault.Internal}, {done: true}, {kind: fault.Unauthenticated}, {kind: fault.Unauthenticated}, {kind: fault.NotFound}} {
		o := got[i]
		if (o.Err == nil) != want.done || o.Already != want.already || o.Err != nil && fault.From(o.Err).Kind != want.kind {
			t.Errorf("key %d: %+v", i, o)
		}
		if o.ID == missing {
			continue
		}
		if o.ID != ids[i] || o.Key.Name != fmt.Sprintf("k%d", i) {
			t.Errorf("outcome %d is of %s", i, o.Key.Name)
		}
		if dead := p.Check(raw[o.ID]).Reason == credential.KeyRevoked; dead != want.done {
			t.Errorf("key %d is reported as done: %v, and is dead: %v", i, want.done, dead)
		}
	}
}

func TestExpireEach(t *testing.T) {
	p := open(t)
	now := p.clock.Now()
	a, rawA := p.create(t, private(permission.AccessFull))
	b, _ := p.create(t, credential.Input{Name: "b", Type: secret.Search, Engines: []string{"e"}, ExpiresAt: now.Add(time.Hour)})
	dead, _ := p.create(t, credential.Input{Name: "dead", Type: secret.Search, AllEngines: true})
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, dead.ID); err != nil {
		t.Fatal(err)
	}
	p.clock.Add(time.Minute)
	got, err := p.ExpireEach(ctx, audit.CommandLine(), p.place, []string{a.ID, b.ID, dead.ID}, now.Add(time.Hour))
	if err != nil || got[0].Err != nil || got[0].Already || !got[1].Already || fault.From(got[2].Err).Reason != "key_revoked" {
		t.Fatalf("%+v, %v", got, err)
	}
	after := must(p.Get(ctx, audit.CommandLine(), p.place, a.ID))
	want := a
	want.ExpiresAt, want.UpdatedAt = now.Add(time.Hour), p.clock.Now()
	if fmt.Sprint(after) != fmt.Sprint(want) {
		t.Errorf("%+v\nwant %+v", after, want)
	}
	events, err := p.log.OfSubject(ctx, a.ID)
	if err != nil || events[0].Action != audit.KeyUpdate || len(events[0].Changes) != 1 || events[0].Changes[0].Field != "expires" {
		t.Errorf("%+v, %v", events, err)
	}
	if p.clock.Add(time.Hour); p.Check(rawA).Reason != credential.KeyExpired {
		t.Error("the key goes on")
	}
	for _, at := range []time.Time{p.clock.Now(), now, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if _, err := p.ExpireEach(ctx, audit.CommandLine(), p.place, []string{a.ID}, at); !fault.Is(err, fault.Invalid) {
			t.Errorf("until %v: %v", at, err)
		}
		if _, err := p.SetExpiry(ctx, audit.CommandLine(), p.place, a.ID, at); !fault.Is(err, fault.Invalid) && !at.Equal(after.ExpiresAt) {
			t.Errorf("until %v: %v", at, err)
		}
	}
	if got, err = p.ExpireEach(ctx, audit.CommandLine(), p.place, []string{a.ID}, time.Time{}); err != nil || got[0].Err != nil || p.Check(rawA).Reason != "" {
		t.Errorf("never: %+v, %v", got, err)
	}
}

// Nobody makes a key live longer that they could not give.
func TestExpiryIsNotGivenBeyondOnesRights(t *testing.T) {
	p := open(t)
	strong, _ := p.create(t, private(permission.AccessFull))
	_, raw := p.create(t, credential.Input{Name: "maker", Type: secret.Private, Access: permission.AccessCustom, Permissions: []string{"api_keys.modify"}, AllEngines: true})
	who := audit.Who{Principal: p.Check(raw).Principal}
	got, err := p.ExpireEach(ctx, who, p.place, []string{strong.ID}, p.clock.Now().Add(time.Hour))
	if err != nil || fault.From(got[0].Err).Reason != "grant" || got[0].Key.ID != strong.ID {
		t.Errorf("%+v, %v", got, err)
	}
	if k := must(p.Get(ctx, audit.CommandLine(), p.place, strong.ID)); !k.ExpiresAt.IsZero() {
		t.Error("the expiry was changed")
	}
	viewer := audit.Who{Principal: p.Check(p.private).Principal}
	for name, do := range map[string]func() error{
		"pick":   func() error { _, err := p.Pick(ctx, viewer, p.place, []string{strong.ID}); return err },
		"revoke": func() error { _, err := p.RevokeEach(ctx, viewer, p.place, []string{strong.ID}); return err },
		"expire": func() error {
			_, err := p.ExpireEach(ctx, viewer, p.place, []string{strong.ID}, p.clock.Now().Add(time.Hour))
			return err
		},
		"one": func() error {
			_, err := p.SetExpiry(ctx, viewer, p.place, strong.ID, p.clock.Now().Add(time.Hour))
			return err
		},
		"creators": func() error { _, err := p.Creators(ctx, viewer, p.place); return err },
	} {
		if err := do(); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.RevokeEach(ctx, audit.CommandLine(), p.place, make1001()); !fault.Is(err, fault.Invalid) {
		t.Errorf("1001 keys: %v", err)
	}
}

func make1001() []string {
	var ids []string
	for i := range credential.MaxBulk + 1 {
		ids = append(ids, fmt.Sprint(i))
	}
	return ids
}

// What lists sort by is kept beside the key.
func TestCopiesToSortBy(t *testing.T) {
	p := open(t)
	k, _ := p.create(t, credential.Input{Name: "k", Type: secret.Search, Engines: []string{"b", "a"}})
	at := p.clock.Now()
	sorted := func(want string) {
		t.Helper()
		if err := p.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
			got, err := db.One(ctx, tx, nil, db.String, "SELECT first_engine || '/' || COALESCE(used_at, 'never') FROM keys WHERE id = $1", k.ID)
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	sorted("a/never")
	p.used(t, k.ID, at)
	sorted(fmt.Sprint("a/", at.UnixMilli()))
	p.used(t, k.ID, at.Add(time.Second))
	sorted(fmt.Sprint("a/", at.UnixMilli()+1000))
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, k.ID, credential.Input{Engines: []string{"c"}}); err != nil {
		t.Fatal(err)
	}
	sorted(fmt.Sprint("c/", at.UnixMilli()+1000))
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, k.ID, credential.Input{AllEngines: true}); err != nil {
		t.Fatal(err)
	}
	p.exec(t, "DELETE FROM key_use WHERE key_id = $1", k.ID)
	sorted("/never")
}

// Somebody looked at a key, and in the same millisecond another gave it another end: what was looked at is not that any
// more, so an edit that began there is refused.
func TestAnotherExpiryIsSeenByWhoEdits(t *testing.T) {
	p := open(t)
	k, _ := p.create(t, private(permission.AccessRead))
	if _, err := p.SetExpiry(ctx, audit.CommandLine(), p.place, k.ID, p.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	in := private(permission.AccessFull)
	in.Seen = k.UpdatedAt
	if _, err := p.Update(ctx, audit.CommandLine(), p.place, k.ID, in); fault.From(err) == nil || fault.From(err).Reason != "key_changed" {
		t.Errorf("the edit overwrites it: %v", err)
	}
}
