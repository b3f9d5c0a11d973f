package credential_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

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
