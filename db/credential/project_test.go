package credential_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// another makes one more project with its default keys.
func (p project) another(t testing.TB, name string) (account.Project, string) {
	t.Helper()
	made, keys, err := p.accounts.CreateProject(ctx, audit.CommandLine(), "acme", name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made, keys[1].Secret.Reveal()
}

func (p project) deleteProject(made account.Project) error {
	return p.accounts.DeleteProject(ctx, audit.CommandLine(), "acme", made.Slug, account.Deletion{Name: made.Name})
}

// No check that begins after the deletion of the project has answered may pass, and no key can be made in it any more,
// whatever is going on. The same is checked over HTTP in cmd/latchkey.
func TestNothingPassesAfterItsProjectIsDeleted(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 15
	}
	p := open(t)
	var accepted, late, minted atomic.Int64
	for range rounds {
		made, raw := p.another(t, "Hammered")
		signed := sign(raw, plain, `{"api_key_name":"private-key"}`)
		var deleted, stop atomic.Bool
		var wg sync.WaitGroup
		for n := range 6 {
			wg.Go(func() {
				for !stop.Load() {
					after := deleted.Load() // read before the check begins
					ok := n%2 == 0 && p.Check(raw).Reason == "" || n%2 == 1 && p.CheckSigned(signed, "").Reason == ""
					if ok {
						accepted.Add(1)
					}
					if ok && after {
						late.Add(1)
					}
				}
			})
		}
		var mu sync.Mutex
		var fresh []string
		for range 2 {
			wg.Go(func() {
				for !stop.Load() {
					_, s, err := p.Create(ctx, audit.CommandLine(), made.Target(), credential.Input{Description: "race", Type: secret.Search, AllEngines: true}, nil)
					if err == nil {
						mu.Lock()
						fresh = append(fresh, s.Reveal())
						mu.Unlock()
						minted.Add(1)
					}
				}
			})
		}
		if err := p.deleteProject(made); err != nil {
			t.Fatal(err)
		}
		deleted.Store(true)
		for range 50 {
			if p.Check(raw).Reason == "" || p.CheckSigned(signed, "").Reason == "" || p.CheckSigned(signed, made.ID).Reason == "" {
				late.Add(1)
			}
		}
		stop.Store(true)
		wg.Wait()
		for _, s := range fresh {
			if p.Check(s).Reason == "" {
				late.Add(1)
			}
		}
		if _, _, err := p.Create(ctx, audit.CommandLine(), made.Target(), private(permission.AccessRead), nil); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a key was made in a deleted project: %v", err)
		}
	}
	if late.Load() != 0 {
		t.Errorf("%d passed after the deletion had answered", late.Load())
	}
	if accepted.Load() < int64(rounds) {
		t.Errorf("only %d checks passed before: the test proves little", accepted.Load())
	}
	if p.Check(p.private).Reason != "" {
		t.Error("a key of another project ended too")
	}
	t.Logf("%d checks passed before, %d after; %d keys were made meanwhile", accepted.Load(), late.Load(), minted.Load())
}

// What was deleted stays dead in another process, is written down key by key, and tells nothing about itself.
func TestKeysOfADeletedProject(t *testing.T) {
	p := open(t)
	made, raw := p.another(t, "Gone")
	k, err := p.GetByName(ctx, audit.CommandLine(), made.Target(), "private-key")
	if err != nil {
		t.Fatal(err)
	}
	search, err := p.GetByName(ctx, audit.CommandLine(), made.Target(), "search-key")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.deleteProject(made); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*credential.Store{"the same process": p.Store, "another process": p.reopen(t)} {
		if proof := s.Check(raw); proof.Reason != credential.KeyRevoked || proof.KeyID != k.ID {
			t.Errorf("%s: %+v", name, proof)
		}
		found, err := s.Identify(ctx, audit.CommandLine(), raw)
		if err != nil || len(found) != 1 || found[0].Known || found[0].Key.ID != "" {
			t.Errorf("%s: identified as %+v, %v", name, found, err)
		}
	}
	if _, err := p.Secret(ctx, audit.CommandLine(), made.Target(), search.ID); err == nil {
		t.Error("the search key can still be read")
	}
	events, err := p.log.OfSubject(ctx, k.ID)
	if err != nil || events[0].Action != audit.KeyRevoke {
		t.Errorf("history %+v, %v", events, err)
	}
}

// A deletion that fails after the keys were ended leaves them alive, in memory and on disk.
func TestFailedDeletionBringsKeysBack(t *testing.T) {
	p := open(t)
	broken := errors.New("broken")
	fail := func(ctx context.Context, tx *db.Tx, who audit.Who, _ permission.Target) ([]audit.Change, func(), error) {
		if p.Check(p.private).Reason != credential.KeyRevoked {
			t.Error("the memory does not show the deletion before the writer is free")
		}
		return nil, nil, broken
	}
	none := func(context.Context, *db.Tx, audit.Who, permission.Target) ([]secret.Minted, func(), error) {
		return nil, func() {}, nil
	}
	accounts, err := account.NewStore(p.dir.Core, p.dir.Master, p.log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), none, p.EndProject, fail)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.DeleteProject(ctx, audit.CommandLine(), "acme", "shop", account.Deletion{Name: "Shop"}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	signed := sign(p.private, plain, `{"api_key_name":"private-key"}`)
	if p.Check(p.private).Reason != "" || p.Check(p.search).Reason != "" || p.CheckSigned(signed, "").Reason != "" {
		t.Error("the keys did not come back")
	}
	if _, _, err := p.Create(ctx, audit.CommandLine(), p.place, private(permission.AccessRead), nil); err != nil {
		t.Errorf("the lock is still held: %v", err)
	}
}

func TestReadableSecrets(t *testing.T) {
	p := open(t)
	_, before := p.create(t, private(permission.AccessRead))
	set := func(on bool) {
		t.Helper()
		if err := p.SetReadable(ctx, audit.CommandLine(), p.place, on); err != nil {
			t.Fatal(err)
		}
	}
	reads := func(k credential.Key) string {
		s, err := p.Secret(ctx, audit.CommandLine(), p.place, k.ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		return s.Reveal()
	}
	set(true)
	kept, raw := p.create(t, private(permission.AccessFull))
	if reads(kept) != raw {
		t.Error("it cannot be read")
	}
	if n, err := p.Readable(ctx, audit.CommandLine(), p.place); err != nil || n != 1 {
		t.Errorf("%d are readable, %v", n, err)
	}
	set(false)
	set(true)
	if reads(kept) != "" {
		t.Error("what was destroyed came back")
	}
	if p.Check(raw).Reason != "" || p.Check(before).Reason != "" {
		t.Error("a key stopped working")
	}
	search, err := p.GetByName(ctx, audit.CommandLine(), p.place, "search-key")
	if err != nil || reads(search) != p.search {
		t.Errorf("the search key: %v", err)
	}
	viewer := audit.Who{Principal: permission.Principal{Kind: permission.User, ID: "v", Grants: []permission.Grant{
		{Organization: p.place.Organization, Role: permission.OrganizationMember},
		{Organization: p.place.Organization, Project: p.place.Project, Role: permission.ProjectViewer}}}}
	if err := p.SetReadable(ctx, viewer, p.place, false); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by a viewer: %v", err)
	}
	events, err := p.log.OfSubject(ctx, p.place.Project)
	if err != nil || len(events) != 4 || events[1].Action != audit.ProjectUpdate || events[1].Changes[1] != (audit.Change{Field: "kept secrets", From: "1", To: "0"}) {
		t.Errorf("history %+v, %v", events, err)
	}
}

func BenchmarkDeleteProjectWith10000Keys(b *testing.B) {
	p := open(b)
	for range b.N {
		b.StopTimer()
		made, _ := p.another(b, "Large")
		err := p.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.ExecContext(ctx, `
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
				INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, search_text, created_at, created_by, updated_at)
				SELECT lower(hex(randomblob(16))), $1, 'k' || i, 'private', 'read', 1, lower(hex(randomblob(32))), 'private-abc*****def', 'k', 1, 'x', 1 FROM n`, made.ID)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := p.deleteProject(made); err != nil {
			b.Fatal(err)
		}
	}
}

// Once readable secrets are turned off, nobody gets one who had asked for it before and waits for the writer.
func TestNoSecretAfterReadableSecretsAreOff(t *testing.T) {
	p := open(t)
	if err := p.SetReadable(ctx, audit.CommandLine(), p.place, true); err != nil {
		t.Fatal(err)
	}
	k, raw := p.create(t, private(permission.AccessFull))
	got := make(chan secret.Secret, 1)
	if err := p.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		go func() {
			s, _ := p.Secret(context.Background(), audit.CommandLine(), p.place, k.ID)
			got <- s
		}()
		time.Sleep(100 * time.Millisecond) // too short a time can only hide the fault, never make one up
		_, err := tx.ExecContext(ctx, "UPDATE all_projects SET readable_secrets = 0; UPDATE keys SET sealed = NULL WHERE type <> 'search'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s.Reveal() == raw {
		t.Error("the secret was given after it had been destroyed")
	}
}

// What was destroyed is not in the file either, for whoever finds the file and the master key.
func TestDestroyedSecretsLeaveTheFile(t *testing.T) {
	p := open(t)
	if err := p.SetReadable(ctx, audit.CommandLine(), p.place, true); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		p.create(t, private(permission.AccessFull))
	}
	var sealed []string
	if err := p.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		sealed, err = db.Query(ctx, tx, db.String, "SELECT sealed FROM keys WHERE type <> 'search' AND sealed IS NOT NULL")
		return err
	}); err != nil || len(sealed) != 20 {
		t.Fatalf("%d are kept, %v", len(sealed), err)
	}
	found := func() (n int) {
		path := filepath.Join(p.dir.Path, "latchkey.db")
		other, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if _, err := other.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sealed {
			if bytes.Contains(b, []byte(s[len(s)-40:])) {
				n++
			}
		}
		return n
	}
	if n := found(); n != 20 {
		t.Fatalf("%d of 20 are in the file while they are kept", n)
	}
	if err := p.SetReadable(ctx, audit.CommandLine(), p.place, false); err != nil {
		t.Fatal(err)
	}
	if n := found(); n != 0 {
		t.Errorf("%d of 20 destroyed secrets are still in the file", n)
	}
}
