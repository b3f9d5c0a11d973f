package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// chromium is where a browser is installed.
func chromium(t *testing.T) string {
	t.Helper()
	path, err := findChromium()
	if err != nil {
		lacks(t, "Chromium")
	}
	return path
}

func findChromium() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium")
}

// lacks skips a test that cannot run on this machine, and fails it where everything has to run.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed; 'make deps' installs it", what)
	}
	t.Skipf("%s is not installed; 'make deps' installs it", what)
}

// closeBrowser ends the browser of the package, if any test wanted it.
var closeBrowser = func() {}

// theBrowser is the one browser of all tests. Each tab has a profile of its own in it.
var theBrowser = sync.OnceValues(func() (context.Context, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	defaults := chromedp.DefaultExecAllocatorOptions
	options := append(defaults[:len(defaults):len(defaults)], chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true),
		chromedp.WindowSize(1440, 900), chromedp.WSURLReadTimeout(time.Minute))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, endProcess := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endBrowser := chromedp.NewContext(ctx)
	closeBrowser = func() { endBrowser(); endProcess() }
	return ctx, chromedp.Do(ctx)
})

// tab is one page of a real browser.
type tab struct {
	t     *testing.T
	ctx   context.Context
	watch *logBuffer // what the page wrote to its console, and requests to other origins
	base  string
	mu    sync.Mutex
	// refusals are documents that were asked for although they answer with an error; the browser notes each.
	refusals map[string]bool
}

// openTab opens a page with a profile of its own.
func openTab(t *testing.T, base string, scripts bool) *tab {
	t.Helper()
	chromium(t)
	ctx, err := theBrowser()
	if err != nil {
		t.Fatal(err)
	}
	p := &tab{t: t, watch: &logBuffer{}, base: base, refusals: map[string]bool{}}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	t.Cleanup(cancel)
	p.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p.must(chromedp.Do(p.ctx))
	p.listen()
	p.size(1440, 900)
	if !scripts {
		p.allowScripts(false)
	}
	return p
}

func (p *tab) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// allowScripts says whether pages that are opened from now on may run scripts.
func (p *tab) allowScripts(yes bool) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !yes})
	p.must(err)
}

// size sets how large the window is.
func (p *tab) size(width, height int64) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height)))
}

// scheme shows pages in light or dark.
func (p *tab) scheme(name string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		// Colours that are still fading would be measured half way.
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	p.must(err)
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
			if loud && !refusals.MatchString(line) && !p.refused(m.URL) {
				fmt.Fprintln(p.watch, line)
			}
		}
	}()
	dialogs := chromedp.Events(p.ctx, cdp.JavascriptDialogOpening)
	go func() {
		for d, err := range dialogs {
			if err != nil {
				return
			}
			fmt.Fprintf(p.watch, "%s opened %s %q\n", d.URL, d.Type, d.Message)
		}
	}()
	requests := chromedp.Events(p.ctx, network.RequestWillBeSent)
	go func() {
		for r, err := range requests {
			if err != nil {
				return
			}
			// A data: address is no request; the browser draws its own icons of date fields by them. A page that had one
			// would break its policy, which the console tells.
			if !strings.HasPrefix(r.Request.URL, p.base+"/") && !strings.HasPrefix(r.Request.URL, "data:") {
				fmt.Fprintf(p.watch, "request to %s\n", r.Request.URL)
			}
		}
	}()
}

// refuse says that the document at an address is going to answer with an error.
func (p *tab) refuse(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusals[address] = true
}

func (p *tab) refused(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusals[address]
}

// quiet fails if a page has made noise.
func (p *tab) quiet() {
	p.t.Helper()
	if notes := p.watch.String(); notes != "" {
		p.t.Errorf("the pages made noise:\n%s", notes)
	}
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
