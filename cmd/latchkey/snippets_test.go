package main

import (
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"latchkey/web/webtest"
)

var (
	formToken    = regexp.MustCompile(`name="form_token" value="([^"]+)"`)
	shownSecret  = regexp.MustCompile(`<output id="secret"[^>]*>([^<]+)</output>`)
	shownExample = regexp.MustCompile(`<pre id="example-([a-z]+)"[^>]*>([^<]*)</pre>`)
)

// newKey makes a key as a browser does and gives its reveal page.
func newKey(t *testing.T, b *webtest.Client, fields ...string) (address string, page webtest.Answer) {
	t.Helper()
	const form = "/console/organizations/acme/projects/shop/credentials/new"
	token := formToken.FindStringSubmatch(b.Get(form).Body)
	made := b.Form(form, append([]string{"form_token", token[1], "expires", "30"}, fields...)...)
	address = made.Header.Get("Location")
	if page = b.Get(address); page.Status != http.StatusOK || !shownSecret.MatchString(page.Body) {
		t.Fatalf("no secret: %d to %q, %d", made.Status, address, page.Status)
	}
	return address, page
}

// interpreters run an example that was written to a file. Those that are not installed are left out; curl has to be.
var interpreters = map[string][]string{
	"curl": {"sh"}, "node": {"node"}, "python": {"python3"}, "ruby": {"ruby"}, "php": {"php"},
}

var endings = map[string]string{"curl": "sh", "node": "mjs", "python": "py", "ruby": "rb", "php": "php"}

// The examples beside a new secret are copied and run as they are, for every kind of key.
func TestExamplesOfNewKeysWork(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		lacks(t, "curl")
	}
	w := newWorld(t)
	b := w.browser("ada")
	for _, c := range []struct {
		name, want string
		fields     []string
	}{
		{"read", `"results"`, []string{"type", "private", "access", "read", "scope", "some", "engine", "parks"}},
		{"full", `"results"`, []string{"type", "private", "access", "full", "scope", "all"}},
		{"write", "first", []string{"type", "private", "access", "write", "scope", "some", "engine", "shop-only"}},
		{"indexer", "first", []string{"type", "private", "access", "custom", "permission", "documents.modify", "scope", "all"}},
		{"sees engines", "parks", []string{"type", "private", "access", "custom", "permission", "indices.read", "scope", "all"}},
		{"admin", "private-key", []string{"type", "admin"}},
	} {
		_, page := newKey(t, b, c.fields...)
		secret := shownSecret.FindStringSubmatch(page.Body)[1]
		examples := shownExample.FindAllStringSubmatch(page.Body, -1)
		if len(examples) != len(interpreters) {
			t.Fatalf("%s: %d examples", c.name, len(examples))
		}
		for _, m := range examples {
			language, code := m[1], html.UnescapeString(m[2])
			if strings.Contains(code, secret) || !strings.Contains(code, "KEY") || !strings.Contains(code, "/h/"+w.shop.HostIdentifier+"/api/as/v1/") {
				t.Errorf("%s with %s: %s", c.name, language, code)
			}
			// The server of a test listens on a port of its own.
			code = strings.ReplaceAll(code, "http://localhost:8080", w.web.URL)
			runExample(t, c.name, language, code, secret, c.want)
		}
	}
}

func runExample(t *testing.T, name, language, code, secret, want string) {
	t.Helper()
	if _, err := exec.LookPath(interpreters[language][0]); err != nil {
		t.Logf("%s is not installed; its example was not run", language)
		return
	}
	file := filepath.Join(t.TempDir(), "example."+endings[language])
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(interpreters[language][0], file)
	cmd.Env = append(os.Environ(), "KEY="+secret)
	out, err := cmd.CombinedOutput()
	// Node and Python print the answer in their own way of quoting.
	flat := strings.ReplaceAll(string(out), "'", `"`)
	flat = strings.ReplaceAll(flat, "results:", `"results"`)
	if err != nil || !strings.Contains(flat, want) || strings.Contains(flat, `"errors": ["`) {
		t.Errorf("%s with %s: %v\n%s\n%s", name, language, err, code, out)
	}
}
