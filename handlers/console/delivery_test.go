package console_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/handlers/console"
	"latchkey/views"
	"latchkey/web"
	"latchkey/web/webtest"
)

// maxFirstPaint is how much the dashboard and all that it needs may take over the wire, headers included.
const maxFirstPaint = 100_000

// fiftyKeys makes a project as busy ones are.
func (w *world) fiftyKeys() {
	w.t.Helper()
	for _, name := range []string{"products", "orders", "stores"} {
		w.engine(name)
	}
	for i := range 48 { // and the two that a project begins with
		in := credential.Input{Name: fmt.Sprintf("service-%02d-production", i), Description: fmt.Sprintf("Service number %d", i), Type: secret.Private, Access: permission.AccessRead,
			Engines: []string{"products", "orders"}, ExpiresAt: w.clock.Now().AddDate(0, 0, 3+i)}
		_, _, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.project.Target(), in, nil)
		check(w.t, err)
	}
}

var (
	needed   = regexp.MustCompile(`<(?:link|script)\b[^>]*?(?:href|src)="([^"]+)"`)
	fromCSS  = regexp.MustCompile(`url\("([^"]+)"\)`)
	allOfKey = regexp.MustCompile(`service-\d\d-production`)
)

// unpack gives a body as it was before it was sent.
func unpack(t testing.TB, a webtest.Answer) string {
	t.Helper()
	if a.Header.Get("Content-Encoding") != "gzip" {
		return a.Body
	}
	r, err := gzip.NewReader(strings.NewReader(a.Body))
	check(t, err)
	b, err := io.ReadAll(r)
	check(t, err)
	return string(b)
}

// headers is roughly how many bytes the head of an answer takes.
func headers(h http.Header) int {
	n := len("HTTP/1.1 200 OK\r\n\r\n")
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(": \r\n") + len(v)
		}
	}
	return n
}

func TestTheFirstPaintOfTheDashboardIsSmall(t *testing.T) {
	w := settled(t)
	w.fiftyKeys()
	b, total, seen := w.as(ada), 0, []string{}
	fetch := func(path string) string {
		a := b.Get(path, "Accept-Encoding", "gzip, deflate, br, zstd")
		if a.Status != http.StatusOK {
			t.Fatalf("%s: %d", path, a.Status)
		}
		size := len(a.Body) + headers(a.Header)
		total += size
		seen = append(seen, path)
		t.Logf("%7d bytes %s", size, path)
		return unpack(t, a)
	}
	page := fetch(keysURL)
	if n := len(slices.Compact(slices.Sorted(slices.Values(allOfKey.FindAllString(page, -1))))); n < 20 {
		t.Errorf("the page shows %d of the keys", n)
	}
	for _, m := range needed.FindAllStringSubmatch(page, -1) {
		if slices.Contains(seen, m[1]) {
			continue
		}
		text := fetch(m[1])
		if strings.HasSuffix(m[1], ".css") {
			for _, ref := range fromCSS.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(seen, ref[1]) {
					fetch(ref[1])
				}
			}
		}
	}
	if len(seen) < 6 {
		t.Errorf("only %v was fetched", seen)
	}
	t.Logf("%7d bytes in %d answers", total, len(seen))
	if total > maxFirstPaint {
		t.Errorf("the dashboard takes %d bytes over the wire, %d at most", total, maxFirstPaint)
	}
}

// From the length of a compressed page a secret in it can be guessed.
func TestPagesWithSecretsAreNotCompressed(t *testing.T) {
	w := settled(t)
	b := w.as(ada)
	id, text := w.createKey(b)
	accept := []string{"Accept-Encoding", "gzip"}
	a := b.Get(keyURL(id, "/reveal"), accept...)
	if a.Header.Get("Content-Encoding") != "" || secretOn(a.Body) != text {
		t.Errorf("the page that reveals a secret is compressed: %d", a.Status)
	}
	if a := b.Get(keyURL(id, ""), accept...); a.Header.Get("Content-Encoding") != "gzip" {
		t.Error("the page of a key is not compressed")
	}
	fresh := newWorld(t)
	link := views.SetupURL + "?token=" + fresh.deps.Setup.Renew().Reveal()
	for name, a := range map[string]webtest.Answer{
		"set-up": fresh.Browser().Get(link, accept...),
		"set-up again": fresh.Browser().Do("POST", views.SetupURL, "token="+fresh.deps.Setup.Renew().Reveal(),
			"Content-Type", "application/x-www-form-urlencoded", "Accept-Encoding", "gzip"),
	} {
		if a.Header.Get("Content-Encoding") != "" || !strings.Contains(a.Body, `name="token"`) {
			t.Errorf("the page with the token of the %s link is compressed: %d", name, a.Status)
		}
	}
}

// Whatever goes wrong below the console is a page of the console, with its navigation for those who are signed in.
func TestErrorsArePagesOfTheConsole(t *testing.T) {
	w := settled(t)
	surface := console.New(w.deps)
	breaking := func(path string, handle echo.HandlerFunc) {
		surface.Routes = append(surface.Routes, web.Route{Method: http.MethodGet, Path: path, Guard: web.Public("test"), Handle: handle})
	}
	breaking("/console/broken", func(echo.Context) error { panic("out of order") })
	breaking("/console/failing", func(echo.Context) error { return fmt.Errorf("no such table: keys") })
	breaking("/console/often", func(echo.Context) error { return fault.New(fault.TooMany, "Too many attempts. Wait a minute.") })
	breaking("/console/late", func(echo.Context) error { return context.DeadlineExceeded })
	server := webtest.Start(t, web.New(web.Config{Logger: discard()}, surface).Handler())
	in := server.Browser()
	in.SetCookies(w.as(ada).Cookies()...)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		has                      string
	}{
		{"no such page", "GET", "/console/nosuch", "", 404, "Nothing here"},
		{"no such page, deep", "GET", keysURL + "/x/y/z", "", 404, "Nothing here"},
		{"no such page, sent to", "POST", "/console/nosuch", "x=1", 404, "Nothing here"},
		{"another method", "POST", views.OrganizationsURL, "x=1", 405, "That is not how this page works"},
		{"another method of a key", "DELETE", keyURL("x", ""), "", 405, "That is not how this page works"},
		{"too large", "POST", views.NewOrganizationURL, "name=" + strings.Repeat("x", 200_000), 413, "That was too much"},
		{"too many", "GET", "/console/often", "", 429, "Wait a minute."},
		{"a panic", "GET", "/console/broken", "", 500, "Something went wrong on our side"},
		{"an internal error", "GET", "/console/failing", "", 500, "Something went wrong on our side"},
		{"not in time", "GET", "/console/late", "", 503, "This took too long"},
	} {
		for as, b := range map[string]*webtest.Client{"signed in": in, "guest": server.Browser()} {
			a := b.Do(c.method, c.path, c.body, "Content-Type", "application/x-www-form-urlencoded")
			if a.Status != c.status && !(as == "guest" && a.Status == 401) {
				t.Errorf("%s as %s: %d", c.name, as, a.Status)
				continue
			}
			guarded(t, a)
			lacks(t, a.Body, "out of order", "no such table", "goroutine")
			if as == "guest" {
				lacks(t, a.Body, email(ada), `<aside class="side"`)
				continue
			}
			contains(t, a.Body, c.has, email(ada), `<aside class="side"`, `<main id="main"`)
			if id := a.Header.Get("X-Request-Id"); (c.status == 500) != strings.Contains(a.Body, id) {
				t.Errorf("%s: the request's number is on the page: %v", c.name, strings.Contains(a.Body, id))
			}
		}
	}
}

func BenchmarkDashboard(b *testing.B) {
	for _, coding := range []string{"identity", "gzip"} {
		b.Run(coding, func(b *testing.B) {
			w := settled(b)
			w.fiftyKeys()
			browser, size := w.as(ada), 0
			for b.Loop() {
				size = len(browser.Get(keysURL, "Accept-Encoding", coding).Body)
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
