package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	//go:embed testdata/axe-4.14.1.min.js
	axe string
	//go:embed testdata/page.js
	questions string
)

// The people who walk. The first four stand in the order in which a page says who is answered what.
var walkers = []string{admin, manager, viewer, outsider, guest, nobody}

// Everybody walks through every page that there is, with and without JavaScript, and every page that they may see is
// examined.
func TestTheWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes, and with the race detector many; the handlers have tests of their own")
	}
	t.Parallel()
	chromium(t)
	w, known := seed(t), &sync.Map{}
	// Side by side, those who see most first: what they saw needs no second look by others.
	var all sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, email := range walkers {
		for _, scripts := range []bool{true, false} {
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				role, _, _ := strings.Cut(email, "@")
				t.Run(fmt.Sprintf("%s, scripts %t", role, scripts), func(t *testing.T) {
					v := &walker{tab: openTab(t, w.url, scripts), world: w, role: i, email: email, scripts: scripts, seen: map[string]bool{}, known: known}
					if email == nobody {
						v.world = serveEmpty(t)
						v.base = v.world.url
					}
					v.walk()
					v.quiet()
					t.Logf("%d looks, %d answers of axe and %d that were known, %d places of the focus", v.looks, v.axes, v.spared, v.stops)
				})
			})
		}
	}
	all.Wait()
}

// walker is somebody who walks.
type walker struct {
	*tab
	world   *seeded
	email   string
	role    int // index of walkers
	scripts bool
	now     string          // where they are
	view    string          // how they look at it
	seen    map[string]bool // routes that were looked at
	known   *sync.Map       // what axe has looked at, whoever saw it
	// whole says that the present look is examined in every way; opened that something opened by hand covers others.
	whole  bool
	opened bool
	looks, axes, spared, stops,
	made int
}

// walk goes through the catalogue.
func (v *walker) walk() {
	v.t.Helper()
	if v.email != guest && v.email != nobody {
		v.signIn(v.email)
	}
	for _, p := range catalogue() {
		for _, l := range p.looks {
			if v.sees(l) && chosen(l) {
				v.look(p, l)
			}
		}
	}
}

// sees reports whether a look is one for this walker.
func (v *walker) sees(l look) bool {
	if l.by != "" || v.email == guest || v.email == nobody {
		return v.email == l.by
	}
	return l.do == nil || v.email == admin
}

func (v *walker) signIn(email string) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, network.SetCookie, network.SetCookieParams{Name: "latchkey", Value: v.world.signIn(email), URL: v.base, Path: "/"})
	v.must(err)
}

// fault notes what is wrong with the present page.
func (v *walker) fault(format string, args ...any) {
	v.t.Helper()
	v.t.Errorf("%s%s: "+format, append([]any{v.now, v.view}, args...)...)
}

// look takes one look: the page answers as it must, and is examined.
func (v *walker) look(p page, l look) {
	v.t.Helper()
	v.now, v.view = l.name, ""
	v.opened = slices.ContainsFunc(l.do, func(s step) bool { return s.toggle != "" })
	v.looks++
	if l.file {
		v.file(p, l)
		return
	}
	if !v.reach(p, l) {
		return
	}
	v.ask("structure")
	v.ask("layout")
	first := !v.seen[p.route]
	v.seen[p.route] = true
	// Looks of one route are alike: the first is gone through as a whole, the others where there is time for it.
	v.whole = first || *thorough
	if v.email != admin && l.by == "" {
		v.others()
		return
	}
	if v.scripts {
		v.wide()
		v.narrow()
		v.enlarged()
		v.dark()
	} else {
		if v.whole {
			v.wide()
		}
		v.phone()
	}
	v.size(1440, 900)
}

// reach goes to where a look is taken and does what is done there.
func (v *walker) reach(p page, l look) bool {
	v.t.Helper()
	want := v.expected(p, l)
	address := v.world.url + v.world.address(p, l)
	if want >= 400 {
		v.refuse(address)
	}
	if got, err := v.visit(chromedp.Navigate(address)); err != nil || got != want {
		v.fault("%s answers %d %v, want %d", address, got, err, want)
		return false
	}
	for i, s := range l.do {
		want = http.StatusOK
		if i == len(l.do)-1 && l.status != 0 {
			want = l.status
		}
		if got, err := v.do(s, want); err != nil || got != want {
			v.fault("step %d leads to %d %v, want %d", i, got, err, want)
			return false
		}
	}
	if l.see != "" && (v.email == admin || l.by != "") && !strings.Contains(v.text("body"), l.see) {
		v.fault("does not show %q", l.see)
	}
	return true
}

// file asks for what is to be kept and not looked at, as the page's own link would.
func (v *walker) file(p page, l look) {
	v.t.Helper()
	c := v.world.visitor(v.t, v.email)
	want, got := v.expected(p, l), c.send(http.MethodGet, v.world.url+v.world.address(p, l), nil)
	if got.status != want {
		v.fault("answers %d, want %d", got.status, want)
	}
	if want == http.StatusOK && !strings.HasPrefix(got.disposition, "attachment") {
		v.fault("is not a file to keep: %q", got.disposition)
	}
}

// expected is the status that the page must answer with, before anything is done there.
func (v *walker) expected(p page, l look) int {
	v.t.Helper()
	who := p.who
	switch {
	case l.status != 0 && l.do == nil:
		return l.status
	case l.by != "":
		return http.StatusOK
	case l.who != "":
		who = l.who
	}
	want, err := strconv.Atoi(strings.Fields(who)[v.role])
	v.must(err)
	return want
}

// visit does what leads to a page and gives its status.
func (v *walker) visit(action chromedp.Action[chromedp.Void]) (int, error) {
	ctx, cancel := context.WithTimeout(v.ctx, 30*time.Second)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, action)
	if err != nil {
		return 0, err
	}
	return int(r.Status), nil
}

func (v *walker) do(s step, want int) (int, error) {
	v.t.Helper()
	if want >= 400 {
		v.refuse(v.location())
		if s.form != "" {
			v.refuse(evaluate[string](v, fmt.Sprintf("document.querySelector(%q)?.action ?? ''", s.form)))
		}
	}
	switch {
	case s.press != "":
		return v.visit(chromedp.Click(chromedp.CSS(s.press), chromedp.NodeVisible))
	case s.toggle != "":
		v.tick(s.toggle)
		return want, nil
	}
	v.made++
	values, err := json.Marshal(s.values)
	v.must(err)
	values = bytes.ReplaceAll(values, []byte("{n}"), fmt.Appendf(nil, "%d-%t", v.made, v.scripts))
	if _, rest, ok := strings.Cut(v.location(), "/engines/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		values = bytes.ReplaceAll(values, []byte("{engine}"), []byte(name))
	}
	return v.visit(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		failed, err := chromedp.Evaluate[string](questions+fmt.Sprintf(".send(%q, %s, %q)", s.form, values, s.button))(ctx, t)
		if failed != "" {
			err = errors.New(failed)
		}
		return chromedp.Void{}, err
	})
}

// evaluate asks the page in its own language.
func evaluate[T any](v *walker, expression string, options ...chromedp.EvaluateOption) T {
	v.t.Helper()
	answer, err := chromedp.Run(v.ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		v.t.Fatalf("%s: %v", v.now, err)
	}
	return answer
}

// ask asks one of the questions of page.js.
func (v *walker) ask(question string) {
	v.t.Helper()
	for _, fault := range evaluate[[]string](v, questions+"."+question+"()") {
		v.fault("%s: %s", question, fault)
	}
}

// wide is a large window in light.
func (v *walker) wide() {
	v.t.Helper()
	v.view = ", wide"
	v.scheme("light")
	v.examine("")
	v.ask("borders")
	v.size(1280, 800)
	v.tabThrough()
}

// dark is the same in dark: only colours can be wrong there that were right in light.
func (v *walker) dark() {
	v.t.Helper()
	v.view = ", dark"
	v.scheme("dark")
	v.size(1440, 900)
	if v.whole {
		v.examine("color-contrast")
	}
	v.ask("borders")
	v.scheme("light")
}

// phone is as wide as a phone, used with a finger.
func (v *walker) phone() {
	v.t.Helper()
	v.view = ", phone"
	v.touch(true)
	v.size(390, 844)
	v.examine(v.rules())
	v.ask("layout")
	v.touch(false)
	v.scheme("dark")
	v.tabThrough()
	v.scheme("light")
}

// narrow is a wide window at 400 % zoom: 320 pixels of CSS (WCAG 1.4.10).
func (v *walker) narrow() {
	v.t.Helper()
	v.view = ", 320 pixels"
	v.size(320, 256)
	v.ask("layout")
}

// enlarged has text of twice the size, as readers set it in their browser (WCAG 1.4.4).
func (v *walker) enlarged() {
	v.t.Helper()
	v.view = ", text of 200 %"
	v.size(1280, 800)
	v.textSize(32)
	if size := evaluate[string](v, "getComputedStyle(document.documentElement).fontSize"); size != "32px" {
		v.fault("the text has %s", size)
	}
	v.ask("layout")
	v.textSize(16)
}

// textSize sets how large the browser's text is where pages do not say.
func (v *walker) textSize(pixels int64) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, cdp.SetFontSizes, cdp.SetFontSizesParams{FontSizes: &cdp.FontSizes{Standard: pixels}})
	v.must(err)
}

// others is what is examined for those who see a part of what the admin sees: on a large window with scripts, and as on a
// phone without them.
func (v *walker) others() {
	v.t.Helper()
	if v.scripts {
		v.view = ", wide"
		v.examine(v.rules())
		return
	}
	v.view = ", phone"
	v.size(390, 844)
	v.examine(v.rules())
	v.ask("layout")
	v.size(1440, 900)
}

func (v *walker) touch(on bool) {
	v.t.Helper()
	_, err := chromedp.Call(v.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: on})
	v.must(err)
}
