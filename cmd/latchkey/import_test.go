package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/handlers/appsearch/importer"
)

// importPlace are the flags that name the target of an import.
func importPlace(data string) []string {
	return []string{"import", "appsearch", "--data", data, "--organization", "acme-gmbh", "--project", "shop"}
}

// importSource is a Latchkey with readable secrets and the sample engine, and the keys to import it with.
func importSource(t *testing.T) (url, admin, private string) {
	t.Helper()
	ctx, data := context.Background(), filepath.Join(t.TempDir(), "source")
	setUp(t, data)
	a, err := openApp(ctx, config{Data: data}, options{cost: account.MinCost})
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.accounts.Project(ctx, audit.CommandLine(), "acme-gmbh", "shop")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.credentials.SetReadable(ctx, audit.CommandLine(), p.Target(), true); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	place := []string{"--data", data, "--organization", "acme-gmbh", "--project", "shop"}
	key := func(args ...string) string {
		var k keyResult
		r := latchkey(t, "", append(append([]string{"key", "create"}, place...), args...)...)
		if err := json.Unmarshal([]byte(r.stdout), &k); err != nil {
			t.Fatalf("%+v", r)
		}
		return k.Key
	}
	latchkey(t, "", append([]string{"key", "revoke", "--name", "private-key"}, place...)...)
	admin, private = key("--name", "ops", "--type", "admin"), key("--name", "private-key", "--access", "full")
	return startServer(t, data).url, admin, private
}

func TestImportOnTheCommandLine(t *testing.T) {
	url, admin, private := importSource(t)
	call := func(r result, code int) importer.Report {
		t.Helper()
		var report importer.Report
		if err := json.Unmarshal([]byte(r.stdout), &report); err != nil || r.code != code || strings.Count(r.stdout, "\n") != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if strings.Contains(r.stdout+r.stderr, admin) || strings.Contains(r.stdout+r.stderr, private) {
			t.Errorf("a key is told: %+v", r)
		}
		return report
	}
	data := filepath.Join(t.TempDir(), "target")
	setUp(t, data)
	keys := []string{"--url", url, "--admin-key", admin, "--private-key", private}

	// Without a server, the source's engine is here already: nothing fails.
	report := call(latchkey(t, "", append(importPlace(data), keys...)...), 0)
	if !report.Complete || report.Counts[importer.Credentials].Taken != 3 || report.Counts[importer.Documents].Same != 63 {
		t.Errorf("%+v", report)
	}
	// Beside a server: with keys from standard input, from the environment, and told at once what goes on.
	target := startServer(t, data)
	if status, body := request(t, "GET", target.url+"/api/as/v1/credentials/ops", admin, ""); status != http.StatusOK {
		t.Errorf("the admin key of the source: %d %s", status, body)
	}
	r := latchkey(t, admin+"\n"+private+"\n", append(importPlace(data), "--url", url, "--keys-stdin")...)
	if report = call(r, 0); report.Counts[importer.Credentials].Same != 3 || !strings.Contains(r.stderr, "Engine 1 of 1") {
		t.Errorf("%+v", r)
	}
	t.Setenv(envPrivateKey, private)
	if report = call(latchkey(t, "", append(importPlace(data), "--url", url)...), 0); report.Counts[importer.Credentials] != nil || report.Counts[importer.Documents].Same != 63 {
		t.Errorf("%+v", report)
	}
	t.Setenv(envPrivateKey, "private-aaaabbbbccccddddeeeefff")
	if r := latchkey(t, "", append(importPlace(data), "--url", url)...); r.code != 1 || !strings.Contains(r.stderr, "does not accept the private key") || !strings.Contains(r.stdout, `"complete":false`) {
		t.Errorf("a wrong key: %+v", r)
	}
	for _, c := range []string{target.stderr.String()} {
		if strings.Contains(c, admin) || strings.Contains(c, private) {
			t.Errorf("the server logs a key: %s", c)
		}
	}
}

func TestImportRefusesWhatIsUnsafe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	const key = "private-k2v7w9x4z6m1n3b5q8r2t9yu"
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"no keys", "--admin-key", []string{"--url", "https://search.example.com"}},
		{"plain http to another machine", "--allow-plain-http", []string{"--url", "http://search.example.com", "--private-key", key}},
		{"a user in the URL", "--url", []string{"--url", "https://ada:hunter2secret@search.example.com", "--private-key", key}},
		{"a URL that is none", "--url", []string{"--url", "search.example.com", "--private-key", key}},
		{"a file", "--url", []string{"--url", "file:///etc/passwd", "--private-key", key}},
		{"a key with a line break", "characters", []string{"--url", "https://search.example.com", "--private-key", key + "\r\nHost: evil"}},
		{"keys twice", "not by both", []string{"--url", "https://search.example.com", "--private-key", key, "--keys-stdin"}},
	} {
		r := latchkey(t, "", append(importPlace(data), c.args...)...)
		if r.code != 2 || !strings.Contains(r.stderr, c.want) || strings.Contains(r.stderr, key) || strings.Contains(r.stderr, "hunter2") {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	help := latchkey(t, "", "import", "appsearch", "--help")
	for _, want := range []string{envAdminKey, envPrivateKey, "list of processes", "--keys-stdin"} {
		if !strings.Contains(help.stdout, want) {
			t.Errorf("the help does not tell of %s", want)
		}
	}
	t.Setenv(envPrivateKey, key)
	if help := latchkey(t, "", "import", "appsearch", "--help"); strings.Contains(help.stdout, key) {
		t.Error("the help shows the environment")
	}
}

// Whoever interrupts an import that a server carries out, or is killed, ends it.
func TestInterruptedImportEnds(t *testing.T) {
	data := filepath.Join(t.TempDir(), "target")
	setUp(t, data)
	startServer(t, data)
	asked, gone := make(chan struct{}, 1), make(chan struct{}, 1)
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done() // until the importer hangs up
		gone <- struct{}{}
	}))
	defer source.CloseClientConnections()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		cmd := exec.Command(path, append(importPlace(data), "--url", source.URL, "--keys-stdin")...)
		cmd.Stdin = strings.NewReader("\nprivate-k2v7w9x4z6m1n3b5q8r2t9yu\n")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-asked
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		select {
		case <-gone:
		case <-time.After(time.Minute):
			t.Fatalf("%v: the import goes on", signal)
		}
		report, _ := io.ReadAll(out)
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.Success() {
			t.Errorf("%v: %v", signal, err)
		}
		if signal == syscall.SIGINT && !strings.Contains(string(report), `"complete":false`) {
			t.Errorf("%v: no report: %s", signal, report)
		}
	}
}
