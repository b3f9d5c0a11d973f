package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
)

// built is where the program was built, if any test wanted it.
var built string

// binary is the program as users run it, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "latchkey-test-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "latchkey")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", path, "latchkey/cmd/latchkey")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// process is a running server.
type process struct {
	cmd    *exec.Cmd
	url    string
	data   string
	stdout *bufio.Reader
	stderr *logBuffer
	t      testing.TB
}

// freePort asks the system for a port that nobody uses.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// startServer starts the real program on a data directory and waits until it answers.
func startServer(t testing.TB, data string) *process {
	t.Helper()
	for range 5 {
		p := launch(t, data)
		if p.answers() {
			return p
		}
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		// Between asking for a free port and using it, somebody else may have taken it.
		if !strings.Contains(p.stderr.String(), "address already in use") {
			t.Fatalf("the server did not start: %s", p.stderr)
		}
	}
	t.Fatal("no port stayed free")
	return nil
}

func launch(t testing.TB, data string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	p := &process{url: fmt.Sprintf("http://localhost:%d", port), data: data, stderr: &logBuffer{}, t: t}
	p.cmd = exec.Command(path, "serve", "--data", data, "--addr", fmt.Sprintf("127.0.0.1:%d", port), "--url", p.url)
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

// answers waits until the server is ready, and gives up when it has ended or took very long.
func (p *process) answers() bool {
	for range 1200 {
		if strings.Contains(p.stderr.String(), "latchkey: ") {
			return false
		}
		resp, err := http.Get(p.url + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return true
			}
		}
		time.Sleep(25 * time.Millisecond)
	}
	return false
}

// setupLink reads the line in which the server offers to be set up.
func (p *process) setupLink() string {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	link := regexp.MustCompile(`http://localhost:\d+/console/setup\?token=[0-9A-Za-z]{43}`).FindString(line)
	if link == "" {
		p.t.Fatalf("no link in %q", line)
	}
	return link
}

// call runs the program beside the server.
func (p *process) call(stdin string, args ...string) result {
	p.t.Helper()
	path, err := binary()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(path, append(args, "--data", p.data)...)
	var stdout, stderr strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	_ = cmd.Run()
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (p *process) get(path string, header ...string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestServeOffersSetUpAndStops(t *testing.T) {
	p := startServer(t, filepath.Join(t.TempDir(), "data"))
	p.setupLink()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("stopped with %v: %s", err, p.stderr)
	}
	info, err := os.Stat(filepath.Join(p.data, "latchkey.db-wal"))
	if err == nil && info.Size() > 0 {
		t.Errorf("%d bytes are left in the write-ahead log", info.Size())
	}
}

// When a set-up link has run out, another is offered; once somebody was added, none.
func TestSetupLinkIsRenewed(t *testing.T) {
	a, err := newApp(context.Background(), dbtest.Open(t, dbtest.NewClock()), options{cost: account.MinCost})
	if err != nil {
		t.Fatal(err)
	}
	var out logBuffer
	offers := 0
	every(context.Background(), time.Millisecond, func() bool {
		if offers++; offers == 3 {
			if _, _, _, _, err := a.accounts.SetUp(context.Background(), audit.CommandLine(), account.SetUp{Email: "ada@example.com", Password: password, Organization: "Acme", Project: "Shop"}); err != nil {
				t.Error(err)
				return false
			}
		}
		return a.offerLink(context.Background(), &out, &url.URL{Scheme: "http", Host: "localhost:8080"}, slog.New(slog.DiscardHandler))
	})
	links := regexp.MustCompile(`token=([0-9A-Za-z]{43})`).FindAllStringSubmatch(out.String(), -1)
	if len(links) != 2 || links[0][1] == links[1][1] || a.setup.Fits(links[0][1]) || a.setup.Fits(links[1][1]) {
		t.Errorf("%d offers: %s", offers, &out)
	}
}

// Commands given beside a running server are carried out by it: what they change counts at once.
func TestCommandsBesideARunningServer(t *testing.T) {
	p := startServer(t, filepath.Join(t.TempDir(), "data"))
	p.setupLink()
	r := p.call(string(password), "setup", "--email", "ada@example.com", "--password-stdin", "--organization", "Acme", "--project", "Shop", "--sample")
	if r.code != 0 {
		t.Fatalf("setup: %+v", r)
	}
	key := regexp.MustCompile(`private-[0-9A-Za-z]{49}`).FindString(r.stdout)
	search := func() int {
		status, _ := p.get("/api/as/v1/engines/national-parks-demo/search?query=yosemite", "Authorization", "Bearer "+key)
		return status
	}
	if status := search(); status != http.StatusOK {
		t.Fatalf("the key of setup is not known to the server: %d", status)
	}
	place := []string{"--organization", "acme", "--project", "shop"}
	if r := p.call("", append([]string{"key", "revoke", "--name", "private-key"}, place...)...); r.code != 0 || !strings.Contains(r.stdout, `"status":"revoked"`) {
		t.Fatalf("revoke: %+v", r)
	}
	if status := search(); status != http.StatusUnauthorized {
		t.Errorf("after revoking: %d", status)
	}
	if r := p.call("", append([]string{"key", "revoke", "--name", "private-key"}, place...)...); r.code != 1 || !strings.Contains(r.stderr, "no such key") {
		t.Errorf("a failure is not handed back: %+v", r)
	}
	if r := p.call("", "key", "frobnicate"); r.code != 2 {
		t.Errorf("wrong usage: %+v", r)
	}
	if r := p.call("x "+key, "key", "identify"); !strings.Contains(r.stdout, `"status":"revoked"`) {
		t.Errorf("identify: %+v", r)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, p.cmd.Path, "serve", "--data", p.data, "--addr", "127.0.0.1:0").CombinedOutput(); err == nil || !strings.Contains(string(out), "another process") {
		t.Errorf("a second server started: %s", out)
	}
	if log := p.stderr.String(); strings.Contains(log, key) || strings.Contains(log, "token=") {
		t.Error("a secret stands in the log")
	}
}
