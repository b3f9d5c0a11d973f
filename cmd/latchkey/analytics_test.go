package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A search is counted and logged also where the program is stopped at once; one that was written survives its death.
func TestAnalyticsSurviveAStopAndADeath(t *testing.T) {
	p := startServer(t, filepath.Join(t.TempDir(), "data"))
	r := p.call(string(password), "setup", "--email", "ada@example.com", "--password-stdin", "--organization", "Acme", "--project", "Shop", "--sample")
	key := regexp.MustCompile(`private-[0-9A-Za-z]{49}`).FindString(r.stdout)
	const engine = "/api/as/v1/engines/national-parks-demo"
	ask := func(path string) string {
		t.Helper()
		status, body := p.get(engine+path, "Authorization", "Bearer "+key)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		return body
	}
	again := func(signal syscall.Signal) {
		t.Helper()
		if err := p.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait()
		p = startServer(t, p.data)
	}
	const logs = "/logs/api?filters[date][from]=2020-01-01&filters[date][to]=2100-01-01&page[size]=100&query="
	ask("/search?query=Yosemite")
	again(syscall.SIGTERM)
	if got := ask("/analytics/queries"); !strings.Contains(got, `{"term":"yosemite","clicks":0,"queries":1}`) {
		t.Errorf("after a stop: %s", got)
	}
	if got := ask(logs + "Yosemite"); !strings.Contains(got, `"full_request_path":"`+engine+`/search?query=Yosemite"`) {
		t.Errorf("after a stop: %s", got)
	}
	ask("/search?query=zion")
	written := func() bool { return strings.Contains(ask("/analytics/queries"), `"zion"`) }
	for range 200 {
		if written() {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	again(syscall.SIGKILL)
	if !written() {
		t.Error("what was written did not survive")
	}
	if strings.Contains(ask(logs), key) {
		t.Error("the log holds the key")
	}
}
