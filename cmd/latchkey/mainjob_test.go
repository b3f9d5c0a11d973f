package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// request sends one API request with a key.
func request(t *testing.T, method, address, key, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

var privateForm = regexp.MustCompile(`^private-[0-9A-Za-z]{49}$`)

// The main job, as a person does it: set up, sign in, create a custom key for one engine that expires, copy it, use
// it, revoke it, and see that the very next request is refused.
func TestTheMainJobInABrowser(t *testing.T) {
	for _, c := range []struct {
		name    string
		scripts bool
	}{{"with JavaScript", true}, {"without JavaScript", false}} {
		t.Run(c.name, func(t *testing.T) {
			chromium(t) // before anything is built
			server := startServer(t, filepath.Join(t.TempDir(), "data"))
			p := openTab(t, server.url, c.scripts)
			p.setUpAndSignIn(server)
			secret, keyPage := p.createKey(c.scripts)
			p.useKey(server, secret)
			p.revokeKey(server, secret, keyPage)
			p.findSecretNowhere(server, secret, keyPage)
			p.quiet()
		})
	}
}

func (p *tab) setUpAndSignIn(server *process) {
	p.t.Helper()
	p.open(server.setupLink())
	p.fill("#email", "ada@example.com")
	p.fill("#password", string(password))
	p.fill("#organization", "Acme")
	p.fill("#project", "Shop")
	p.click("main form .btn.primary, .auth-card .btn.primary")
	p.see("Copy your new key")
	p.click("dialog .btn.primary")
	p.signOut()
	p.fill("#email", "ada@example.com")
	p.fill("#password", "a wrong password for sure")
	p.click("form .btn.primary")
	p.see("The e-mail address or the password is wrong.")
	p.fill("#password", string(password))
	p.click("form .btn.primary")
	p.see("Credentials")
}

func (p *tab) signOut() {
	p.t.Helper()
	p.open(p.base + "/console/account")
	p.click(`form[action="/console/logout"] button`)
	p.see("Sign in")
}

func (p *tab) createKey(scripts bool) (secret, keyPage string) {
	p.t.Helper()
	p.open(p.base + "/console")
	p.see("private-key")
	p.click(`a[href$="/credentials/new"]`)
	p.fill("#description", "Parks importer, staging")
	p.tick("label:has(#access-custom)")
	p.tick(`input[value="documents.modify"]`)
	p.tick(`input[value="search.read"]`)
	p.tick("label:has(#scope-some)")
	p.tick(`input[name="engine"][value="national-parks-demo"]`)
	p.tick("label:has(#expires-30)")
	p.click(".form-foot .btn.primary")
	p.see("Copy your new key")
	secret = p.text("#secret")
	if !privateForm.MatchString(secret) {
		p.t.Fatalf("the page shows %q", secret)
	}
	address := p.location()
	if strings.Contains(address, secret) {
		p.t.Error("the secret stands in the address")
	}
	p.must(chromedp.Do(p.ctx, chromedp.Reload()))
	if again := p.text("#secret"); again != secret {
		p.t.Errorf("after a reload the page shows %q", again)
	}
	if scripts {
		p.copies(secret)
	}
	p.click("dialog .btn.primary")
	p.see("parks-importer-staging")
	p.open(address)
	if strings.Contains(p.html(), secret) {
		p.t.Error("the secret is shown a second time")
	}
	return secret, strings.TrimSuffix(address, "/reveal")
}

// copies presses the copy button and reads the clipboard.
func (p *tab) copies(secret string) {
	p.t.Helper()
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		_, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: p.base,
			BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID})
		p.must(err)
	}
	p.tick("[data-copy]")
	p.must(chromedp.Do(p.ctx, chromedp.Sleep(200*time.Millisecond)))
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("navigator.clipboard.readText()", chromedp.EvalAwaitPromise))
	p.must(err)
	if got != secret {
		p.t.Errorf("the clipboard holds %q", got)
	}
	if said := p.text("#copied"); !strings.Contains(said, "clipboard") {
		p.t.Errorf("copying is announced as %q", said)
	}
}

func (p *tab) useKey(server *process, secret string) {
	p.t.Helper()
	engines := server.url + "/api/as/v1/engines/"
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"index", http.MethodPost, "national-parks-demo/documents", `[{"id":"park_lantern","title":"Lantern Park"}]`, 200, `"errors":[]`},
		{"search", http.MethodGet, "national-parks-demo/search?query=lantern", "", 200, "park_lantern"},
		{"another engine", http.MethodGet, "other/search?query=lantern", "", 404, "Could not find engine."},
		{"an engine's deletion", http.MethodDelete, "national-parks-demo", "", 401, "Unauthorized action."},
	} {
		status, body := request(p.t, c.method, engines+c.path, secret, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			p.t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
}

func (p *tab) revokeKey(server *process, secret, keyPage string) {
	p.t.Helper()
	p.open(keyPage)
	p.click(`a[href$="/revoke"]`)
	p.see("parks-importer-staging")
	p.click("dialog .btn.danger")
	p.see("Revoked")
	if status, body := request(p.t, http.MethodGet, server.url+"/api/as/v1/engines/national-parks-demo/search?query=x", secret, ""); status != http.StatusUnauthorized {
		p.t.Errorf("after revoking: %d %s", status, body)
	}
}

// findSecretNowhere looks for the secret in every page, in the cookies, in the log and in all files.
func (p *tab) findSecretNowhere(server *process, secret, keyPage string) {
	p.t.Helper()
	project := keyPage[:strings.LastIndex(keyPage, "/credentials/")]
	for _, page := range []string{keyPage, project + "/credentials", project + "/credentials?inactive=1", project + "/engines", p.base + "/console/account", p.base + "/console/organizations"} {
		p.open(page)
		if strings.Contains(p.html(), secret) {
			p.t.Errorf("%s shows the secret", page)
		}
	}
	cookies, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	p.must(err)
	b, err := json.Marshal(cookies)
	p.must(err)
	if strings.Contains(string(b), secret) {
		p.t.Error("a cookie holds the secret")
	}
	if strings.Contains(server.stderr.String(), secret) {
		p.t.Error("the log holds the secret")
	}
	filesWithout(p.t, server.data, secret)
}

// filesWithout fails if any file of a directory holds a text, or a long piece of it.
func filesWithout(t *testing.T, dir, text string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text[len(text)-30:]) {
			t.Errorf("%s holds the secret", e.Name())
		}
	}
}
