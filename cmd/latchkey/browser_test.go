package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe-4.14.1.min.js
var axe string

// tab is one page of a real browser.
type tab struct {
	t     *testing.T
	ctx   context.Context
	watch *logBuffer // what the page wrote to its console, and requests to other origins
	base  string
}

// chromium is where a browser is installed.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	lacks(t, "Chromium")
	return ""
}

// lacks skips a test that cannot run on this machine, and fails it where everything has to run.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed; 'make deps' installs it", what)
	}
	t.Skipf("%s is not installed; 'make deps' installs it", what)
}

// openTab starts a browser with a profile of its own.
func openTab(t *testing.T, base string, scripts bool) *tab {
	t.Helper()
	p := &tab{t: t, watch: &logBuffer{}, base: base}
	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)], chromedp.ExecPath(chromium(t)), chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true),
		chromedp.WindowSize(1440, 900), chromedp.WSURLReadTimeout(time.Minute))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	p.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p.must(chromedp.Do(p.ctx))
	p.listen()
	if !scripts {
		_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		p.must(err)
	}
	return p
}

func (p *tab) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// refusals are answers that the main job provokes on purpose; the browser notes each on its console.
var refusals = regexp.MustCompile(`(/console/login|/reveal)\b.*(401|410)|(401|410).*(/console/login|/reveal)\b`)

// listen notes everything that a page without faults does not do.
func (p *tab) listen() {
	messages := chromedp.Console(p.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			line := fmt.Sprintf("console: %s %s %s", m.Type, m.URL, m.Text)
			loud := m.IsException() || m.Type == "error" || m.Type == "warning" || m.Source == "security"
			if loud && !refusals.MatchString(line) {
				fmt.Fprintln(p.watch, line)
			}
		}
	}()
	requests := chromedp.Events(p.ctx, network.RequestWillBeSent)
	go func() {
		for r, err := range requests {
			if err != nil {
				return
			}
			if !strings.HasPrefix(r.Request.URL, p.base+"/") {
				fmt.Fprintf(p.watch, "request to %s\n", r.Request.URL)
			}
		}
	}()
}

// open goes to an address of the server.
func (p *tab) open(address string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.Navigate(address)))
}

// click clicks on what leads to another page and waits for it.
func (p *tab) click(selector string) {
	p.t.Helper()
	if _, err := chromedp.RunResponse(p.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		p.t.Fatalf("click %s: %v\non %s", selector, err, p.text("body"))
	}
}

// tick clicks on what stays on the page.
func (p *tab) tick(selector string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		p.t.Fatalf("tick %s: %v", selector, err)
	}
}

func (p *tab) fill(selector, value string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.SendKeys(chromedp.CSS(selector), value)); err != nil {
		p.t.Fatalf("fill %s: %v", selector, err)
	}
}

func (p *tab) text(selector string) string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.TextContent(chromedp.CSS(selector)))
	p.must(err)
	return strings.TrimSpace(s)
}

func (p *tab) location() string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.Location())
	p.must(err)
	return s
}

// see fails unless the page shows a text.
func (p *tab) see(want string) {
	p.t.Helper()
	if body := p.text("body"); !strings.Contains(body, want) {
		p.t.Errorf("%s does not show %q:\n%s", p.location(), want, body)
	}
}

// html is the whole page, as it is now.
func (p *tab) html() string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.OuterHTML(chromedp.CSS("html")))
	p.must(err)
	return s
}

// accessible fails on anything axe finds on the page.
func (p *tab) accessible() {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](axe))
	p.must(err)
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))`, chromedp.EvalAwaitPromise))
	p.must(err)
	if found != "[]" {
		p.t.Errorf("%s: axe found %s", p.location(), found)
	}
}

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
			chromium(t)
			server := startServer(t, filepath.Join(t.TempDir(), "data"))
			p := openTab(t, server.url, c.scripts)
			p.setUpAndSignIn(server)
			secret, keyPage := p.createKey(c.scripts)
			p.useKey(server, secret)
			p.revokeKey(server, secret, keyPage)
			p.findSecretNowhere(server, secret, keyPage)
			if notes := p.watch.String(); notes != "" {
				t.Errorf("the pages made noise:\n%s", notes)
			}
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
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted, Origin: p.base})
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

// Every page is checked by axe, in light and dark and as wide as a phone.
func TestPagesAreAccessible(t *testing.T) {
	chromium(t)
	server := startServer(t, filepath.Join(t.TempDir(), "data"))
	link := server.setupLink()
	p := openTab(t, server.url, true)
	p.open(link)
	p.everyView()
	if r := server.call(string(password), "setup", "--email", "ada@example.com", "--password-stdin", "--organization", "Acme", "--project", "Shop", "--sample"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	p.open(server.url + "/console/login")
	p.everyView()
	p.fill("#email", "ada@example.com")
	p.fill("#password", string(password))
	p.click("form .btn.primary")
	project := server.url + "/console/organizations/acme/projects/shop"
	p.open(project + "/credentials")
	key, err := chromedp.Run(p.ctx, chromedp.AttributeValue(chromedp.CSS("td.name a, .keys .name a"), "href"))
	p.must(err)
	for _, page := range []string{
		project + "/credentials", project + "/credentials?q=nothing-like-this", project + "/credentials/new", server.url + key.Value, server.url + key.Value + "/edit",
		server.url + key.Value + "/revoke", project + "/engines", project + "/engines/new", server.url + "/console/organizations",
		server.url + "/console/organizations/new", server.url + "/console/organizations/acme", server.url + "/console/organizations/acme/projects/new", server.url + "/console/account",
	} {
		p.open(page)
		p.everyView()
	}
	if notes := p.watch.String(); notes != "" {
		t.Errorf("the pages made noise:\n%s", notes)
	}
}

// everyView checks the present page wide and narrow, light and dark.
func (p *tab) everyView() {
	p.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			// Colours that are still fading would be measured half way.
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		p.must(err)
		for _, width := range []int64{1440, 390} {
			p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(width, 900)))
			p.accessible()
			overflow, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
			p.must(err)
			if overflow {
				p.t.Errorf("%s scrolls sideways at %d pixels", p.location(), width)
			}
		}
	}
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(1440, 900)))
}
