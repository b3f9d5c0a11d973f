package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func copyInto(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// indexing adds documents and makes keys on a running server until it is told to stop.
func indexing(p *process, key string) (stop func()) {
	var wg sync.WaitGroup
	ended := make(chan struct{})
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-ended:
				return
			default:
			}
			status, body, err := addDocument(p, key, fmt.Sprintf(`[{"id":"load-%d","title":"while it is backed up"}]`, n))
			if err != nil || status != http.StatusOK {
				p.t.Errorf("a write failed while the backup was taken: %d %s, %v", status, body, err)
				return
			}
		}
	})
	return func() { close(ended); wg.Wait() }
}

func addDocument(p *process, key, body string) (int, string, error) {
	r, err := http.NewRequest(http.MethodPost, p.url+"/api/as/v1/engines/national-parks-demo/documents", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer), err
}

// A backup that was taken while a server was writing, restored on another machine with the same master key, is the
// whole thing: keys, search, sign-in, history.
func TestBackUpAndRestore(t *testing.T) {
	dir := t.TempDir()
	p := startServer(t, filepath.Join(dir, "data"))
	p.setupLink()
	r := p.call(string(password), "setup", "--email", "ada@example.com", "--password-stdin", "--organization", "Acme", "--project", "Shop", "--sample")
	if r.code != 0 {
		t.Fatalf("setup: %+v", r)
	}
	key := regexp.MustCompile(`private-[0-9A-Za-z]{49}`).FindString(r.stdout)
	stop := indexing(p, key)
	r = p.call("", "backup", "--to", filepath.Join(dir, "away"))
	inside := p.call("", "backup")
	stop()
	var b backupResult
	if err := json.Unmarshal([]byte(r.stdout), &b); err != nil || r.code != 0 || !strings.HasPrefix(b.Path, filepath.Join(dir, "away")+"/latchkey-") || len(b.Files) != 2 || b.Bytes == 0 {
		t.Fatalf("backup: %+v, %v", r, err)
	}
	if inside.code != 0 || !strings.Contains(inside.stdout, filepath.Join(p.data, "backups", "latchkey-")) {
		t.Errorf("backup into the data directory: %+v", inside)
	}
	if strings.Contains(r.stdout+r.stderr, key) {
		t.Error("a key was printed")
	}
	restored := filepath.Join(dir, "restored")
	copyInto(t, filepath.Join(p.data, "master.key"), filepath.Join(restored, "master.key"))
	if r := latchkey(t, "", "restore", "--from", b.Path, "--data", restored); r.code != 0 || !strings.Contains(r.stdout, b.Instance) || !strings.Contains(r.stderr, "revoke again") {
		t.Fatalf("restore: %+v", r)
	}
	q := startServer(t, restored)
	if status, body := q.get("/api/as/v1/engines/national-parks-demo/search?query=yosemite", "Authorization", "Bearer "+key); status != http.StatusOK || !strings.Contains(body, "Yosemite") {
		t.Errorf("search with the old key: %d %s", status, body)
	}
	status, body := post(t, q, "/v1/users/login", fmt.Sprintf(`{"email":"ada@example.com","password":%q}`, password.Reveal()))
	if status != http.StatusOK || !strings.Contains(body, "token") {
		t.Errorf("sign in: %d %s", status, body)
	}
	if r := q.call("", "audit", "verify"); r.code != 0 {
		t.Errorf("the history does not fit: %+v", r)
	}
	if r := q.call("", "user", "disable", "--email", "ada@example.com"); r.code != 1 || !strings.Contains(r.stderr, "at least one admin") {
		t.Errorf("the rules do not hold: %+v", r)
	}
}

func post(t *testing.T, p *process, path, body string) (int, string) {
	t.Helper()
	return request(t, http.MethodPost, p.url+path, "", body)
}

func TestRestoreOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	setUp(t, data)
	t.Chdir(dir)
	var b backupResult
	if r := latchkey(t, "", "backup", "--data", data, "--to", "away"); r.code != 0 || json.Unmarshal([]byte(r.stdout), &b) != nil || b.Path != filepath.Join(dir, "away", filepath.Base(b.Path)) {
		t.Fatalf("backup of a data directory that no server has open: %+v", r)
	}
	cut := filepath.Join(dir, "cut")
	for _, name := range []string{"latchkey.db", "engines.db", "backup.json"} {
		copyInto(t, filepath.Join(b.Path, name), filepath.Join(cut, name))
	}
	if err := os.Truncate(filepath.Join(cut, "latchkey.db"), 8192); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other")
	setUp(t, other)
	key := []string{"--master-key-file", filepath.Join(data, "master.key")}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no backup named", []string{"restore", "--data", filepath.Join(dir, "a")}, 2, "from"},
		{"no such backup", append([]string{"restore", "--from", filepath.Join(dir, "nosuch"), "--data", filepath.Join(dir, "a")}, key...), 1, "nosuch"},
		{"a copy that was cut", append([]string{"restore", "--from", cut, "--data", filepath.Join(dir, "a")}, key...), 1, "not whole"},
		{"into an instance that is in use", append([]string{"restore", "--from", b.Path, "--data", other}, key...), 1, "is not empty"},
		{"without a master key", []string{"restore", "--from", b.Path, "--data", filepath.Join(dir, "a")}, 1, "never part of a backup"},
		{"with another instance's master key", []string{"restore", "--from", b.Path, "--data", filepath.Join(dir, "a"), "--master-key-file", filepath.Join(other, "master.key")}, 1, "does not belong"},
		{"as it should be", append([]string{"restore", "--from", b.Path, "--data", filepath.Join(dir, "a")}, key...), 0, b.Instance},
		{"twice", append([]string{"restore", "--from", b.Path, "--data", filepath.Join(dir, "a")}, key...), 1, "is not empty"},
		{"backup of nothing", []string{"backup", "--data", filepath.Join(dir, "nosuch")}, 1, "no data directory"},
		{"help", []string{"restore", "--help"}, 0, "active again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := latchkey(t, "", c.args...)
			if r.code != c.code || !strings.Contains(r.stdout+r.stderr, c.want) {
				t.Errorf("%+v", r)
			}
			if c.code != 0 && r.stdout != "" {
				t.Errorf("talk on stdout: %q", r.stdout)
			}
		})
	}
	if r := latchkey(t, "", append([]string{"key", "list", "--data", filepath.Join(dir, "a"), "--organization", "acme-gmbh", "--project", "shop"}, key...)...); r.code != 0 || !strings.Contains(r.stdout, "private-key") {
		t.Errorf("what was restored: %+v", r)
	}
}
