package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// again opens another tab of the same browser: it has the same cookies.
func (p *tab) again() (next *tab, shut func()) {
	p.t.Helper()
	next = &tab{t: p.t, watch: p.watch, base: p.base, refusals: map[string]bool{}}
	var cancel func()
	next.ctx, cancel = chromedp.NewContext(p.ctx)
	p.must(chromedp.Do(next.ctx))
	next.listen()
	return next, cancel
}

// restart ends the server's process and starts another one in its place.
func (p *process) restart() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("stop: %v: %s", err, p.stderr)
	}
	args := p.cmd.Args
	p.cmd = exec.Command(p.cmd.Path, args[1:]...)
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	if !p.answers() {
		p.t.Fatalf("the server did not start again: %s", p.stderr)
	}
}

func (p *tab) signIn(name string) {
	p.t.Helper()
	p.open(p.base + "/console/login")
	p.fill("#email", name+"@example.com")
	p.fill("#password", string(password))
	p.click("form .btn.primary")
}

func (p *tab) back() {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.NavigateBack()))
}

// source is the page as it is now. It is asked for as text and not as a node: a page that was just loaded again may
// have taken the node of the one before it along.
func (p *tab) source() string {
	p.t.Helper()
	s, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.documentElement.outerHTML"))
	p.must(err)
	return s
}

// shows fails unless the page shows the secret, or, without one, that there is none any more.
func (p *tab) shows(when, secret string) {
	p.t.Helper()
	if body := p.source(); !strings.Contains(body, ">"+secret+"<") {
		p.t.Errorf("%s: the secret is lost at %s", when, p.location())
	}
}

func (p *tab) hides(when, secret string) {
	p.t.Helper()
	if strings.Contains(p.source(), secret) {
		p.t.Errorf("%s: %s shows the secret", when, p.location())
	}
}

// What happens to a secret in real browsers: the one that made the key does not lose it before it is stored, and no
// other ever has it.
func TestRevealInBrowsers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		scripts bool
	}{{"with JavaScript", true}, {"without JavaScript", false}} {
		t.Run(c.name, func(t *testing.T) {
			chromium(t) // before anything is built
			server := startServer(t, filepath.Join(t.TempDir(), "data"))
			server.setupLink()
			for _, args := range [][]string{
				{"setup", "--email", "ada@example.com", "--password-stdin", "--organization", "Acme", "--project", "Shop", "--sample"},
				{"user", "add", "--email", "bob@example.com", "--password-stdin", "--organization", "acme", "--role", "ORGANIZATION_ADMIN"},
			} {
				if r := server.call(string(password), args...); r.code != 0 {
					t.Fatalf("%v: %+v", args, r)
				}
			}
			p := openTab(t, server.url, c.scripts)
			p.signIn("ada")
			keys := server.url + "/console/organizations/acme/projects/shop/credentials"
			p.open(keys + "/new")
			p.click(".form-foot .btn.primary")
			secret, address := p.text("#secret"), p.location()
			if !privateForm.MatchString(secret) {
				t.Fatalf("the page shows %q", secret)
			}
			p.beforeStoring(server, secret, address)
			p.others(server, secret, address)
			p.afterStoring(server, secret, address)
			p.quiet()
		})
	}
}

// beforeStoring does what must not lose the secret.
func (p *tab) beforeStoring(server *process, secret, address string) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.Reload()))
	p.shows("reload", secret)
	p.open(server.url + "/console/account")
	p.back()
	p.shows("back", secret)
	second, shut := p.again()
	second.open(address)
	second.shows("a second tab", secret)
	shut()
	p.must(chromedp.Do(p.ctx, chromedp.Reload()))
	p.shows("the other tab is closed", secret)
	third, shut := p.again()
	third.open(address)
	third.shows("closed and opened again", secret)
	shut()
	filesWithout(p.t, server.data, secret)
	server.restart()
	p.must(chromedp.Do(p.ctx, chromedp.Reload()))
	p.shows("the server has started again", secret)
	filesWithout(p.t, server.data, secret)
}

// others are all who must never see it: another browser of the same user, another user, and a guest.
func (p *tab) others(server *process, secret, address string) {
	p.t.Helper()
	for _, name := range []string{"ada", "bob", ""} {
		other := openTab(p.t, server.url, true)
		if name != "" {
			other.signIn(name)
		}
		other.open(address)
		other.hides("another browser of "+name, secret)
		if name != "" {
			other.see("This secret is not shown here")
		}
		other.quiet()
	}
	p.must(chromedp.Do(p.ctx, chromedp.Reload()))
	p.shows("others have looked", secret)
}

// afterStoring looks for the secret wherever a browser may have kept it.
func (p *tab) afterStoring(server *process, secret, address string) {
	p.t.Helper()
	second, shut := p.again()
	defer shut()
	p.click("dialog .btn.primary")
	p.see("Key ready.")
	p.hides("stored", secret)
	p.back()
	p.hides("back after storing", secret)
	if !strings.Contains(p.source(), "This secret is not shown here") {
		p.t.Errorf("back after storing leads to %s", p.location())
	}
	p.must(chromedp.Do(p.ctx, chromedp.NavigateForward()))
	p.hides("forward after storing", secret)
	second.open(address)
	second.hides("a second tab after storing", secret)
	p.open(address)
	p.hides("its address after storing", secret)
	history, err := chromedp.Run(p.ctx, chromedp.NavigationEntries())
	p.must(err)
	for _, e := range history.Entries {
		if strings.Contains(e.URL+e.Title, secret) {
			p.t.Errorf("the history holds the secret: %s", e.URL)
		}
	}
	kept, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](
		`caches.keys().then(k => JSON.stringify([k, {...localStorage}, {...sessionStorage}, document.cookie, document.referrer]))`, chromedp.EvalAwaitPromise))
	p.must(err)
	if kept != `[[],{},{},"",""]` {
		p.t.Errorf("the browser keeps %s", kept)
	}
	filesWithout(p.t, server.data, secret)
	if strings.Contains(server.stderr.String(), secret) {
		p.t.Error("the log holds the secret")
	}
}
