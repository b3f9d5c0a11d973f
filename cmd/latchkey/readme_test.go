package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	shellBlock  = regexp.MustCompile("(?s)```sh\n(.*?)```")
	expectation = regexp.MustCompile(`(?m)^#> (\d{3}) (.*)$`)
	answered    = regexp.MustCompile(`(?s)<<<(.*?)>>>(\d{3})`)
)

// The README's commands work as printed: they are run here, one after the other, on another port.
func TestReadmeWorksAsPrinted(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"bash", "curl", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			lacks(t, tool)
		}
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(dir, "bin", "latchkey")); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	// Commands whose answer the README tells print it between marks; the others stay as they are.
	script.WriteString("set -euo pipefail\ntrap 'kill %1' EXIT\nshow() { printf '<<<'; curl -sS -w '>>>%{http_code}\\n' \"$@\"; }\n")
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		script.WriteString(regexp.MustCompile(`(?m)^curl `).ReplaceAllString(block[1], "show "))
	}
	port := fmt.Sprint(freePort(t))
	commands := strings.ReplaceAll(script.String(), "localhost:8080", "localhost:"+port)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", commands)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LATCHKEY_ADDR=127.0.0.1:"+port, "LATCHKEY_URL=http://localhost:"+port)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, stderr.String())
	}
	wants, got := expectation.FindAllStringSubmatch(string(text), -1), answered.FindAllStringSubmatch(string(out), -1)
	if len(wants) == 0 || len(wants) != len(got) {
		t.Fatalf("%d answers for %d expectations:\n%s", len(got), len(wants), out)
	}
	for i, want := range wants {
		if got[i][2] != want[1] || !strings.Contains(got[i][1], want[2]) {
			t.Errorf("answer %d: %s %s\nwant %s %s", i+1, got[i][2], got[i][1], want[1], want[2])
		}
	}
	if !strings.Contains(string(out), `"status":"active"`) || !strings.Contains(string(out), `"status":"revoked"`) {
		t.Errorf("identify and revoke printed %s", out)
	}
}

// What the README says of configuration is what the program takes.
func TestReadmeListsTheConfiguration(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range serveFlags() {
		name := f.Names()[0]
		variable := "LATCHKEY_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if !strings.Contains(string(text), "| `--"+name+"` | `"+variable+"` |") {
			t.Errorf("--%s is not in the table", name)
		}
	}
}
