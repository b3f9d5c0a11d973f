package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
)

// clientsFolder gives the folder of the official clients from npm, which are installed as their lock file says.
func clientsFolder(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		lacks(t, "Node.js")
	}
	dir := filepath.Join(repository(t), "cmd", "latchkey", "testdata", "clients")
	wanted, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	// .ci/deps leaves there what it installed by.
	installed, err := os.ReadFile(filepath.Join(dir, "node_modules", ".installed"))
	if err != nil || !bytes.Equal(installed, wanted) {
		lacks(t, "what the official clients need from npm")
	}
	return dir
}

// The packages may come from any registry: the lock file says which they are by their hashes, and not where they lie.
func TestTheLockFileNamesNoRegistry(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository(t), "cmd", "latchkey", "testdata", "clients", "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(`"resolved"`)) || !bytes.Contains(text, []byte(`"integrity"`)) {
		t.Error("npm wrote addresses into package-lock.json; the .npmrc beside it should keep it from that")
	}
}

// node runs a script of the clients with what it has to know as JSON in the environment, and fails with what it said.
func node(t *testing.T, dir string, world any, args ...string) {
	t.Helper()
	text, err := json.Marshal(world)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"--test-reporter=spec"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LATCHKEY_WORLD="+string(text), "NODE_NO_WARNINGS=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node %v: %v\n%s", args, err, out)
	}
}

// clientWorld is what the scripts know of the server.
type clientWorld struct {
	URL      string            `json:"url"`
	Keys     map[string]string `json:"keys"` // secrets by name
	Email    string            `json:"email"`
	Password string            `json:"password"`
	Readable string            `json:"readable"` // host identifier of a second project, in which secrets can be read again
}

// sampleServer starts the real program on a project with the sample engine and a key of every kind.
func sampleServer(t *testing.T) (*process, clientWorld) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	var made setupResult
	if err := json.Unmarshal([]byte(setUp(t, data).stdout), &made); err != nil {
		t.Fatal(err)
	}
	w := clientWorld{Keys: made.Keys, Email: "ada@example.com", Password: string(password), Readable: readableProject(t, data)}
	p := startServer(t, data)
	w.URL = p.url
	for name, args := range map[string][]string{
		"reader":    {"--type", "private", "--access", "read"},
		"writer":    {"--type", "private", "--access", "write"},
		"admin":     {"--type", "admin"},
		"elsewhere": {"--type", "private", "--access", "full", "--engine", "national-parks-demo"},
		"revoked":   {"--type", "private", "--access", "full"},
	} {
		w.Keys[name] = p.newKey(name, args...)
	}
	p.revoke("revoked")
	return p, w
}

// readableProject adds a project in which secrets can be read again, and gives its host identifier.
func readableProject(t *testing.T, data string) string {
	t.Helper()
	ctx, who := context.Background(), audit.CommandLine()
	a, err := openApp(ctx, config{Data: data}, options{cost: account.MinCost})
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := a.accounts.CreateProject(ctx, who, "acme-gmbh", "Readable", nil)
	if err == nil {
		err = a.credentials.SetReadable(ctx, who, p.Target(), true)
	}
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	return p.HostIdentifier
}

var shop = []string{"--organization", "acme-gmbh", "--project", "shop"}

// newKey makes a key beside the running server and gives its secret.
func (p *process) newKey(name string, args ...string) string {
	p.t.Helper()
	r := p.call("", append(append([]string{"key", "create", "--name", name}, shop...), args...)...)
	var k keyResult
	if err := json.Unmarshal([]byte(r.stdout), &k); err != nil {
		p.t.Fatalf("key create: %v: %+v", err, r)
	}
	return k.Key
}

func (p *process) revoke(name string) {
	p.t.Helper()
	if r := p.call("", append([]string{"key", "revoke", "--name", name}, shop...)...); r.code != 0 {
		p.t.Fatalf("key revoke: %+v", r)
	}
}

// The official clients, as their users install them, against the real program over HTTP. Each script calls every method
// that its client offers, and has it succeed as well as be refused.
func TestOfficialClients(t *testing.T) {
	dir := clientsFolder(t)
	_, w := sampleServer(t)
	for _, script := range []string{
		"swiftype_app_search_node.js",
		"app_search_node.js",
		"app_search_javascript.js",
		"enterprise_search.js",
		"enterprise_search_rest.js",
	} {
		t.Run(script, func(t *testing.T) { node(t, dir, w, script) })
	}
}
