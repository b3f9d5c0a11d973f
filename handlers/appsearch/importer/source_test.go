package importer_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/db/secret"
	"latchkey/handlers/appsearch/importer"
)

// moody puts something between a source and who asks it: answer gets every request with its number, and reports whether
// it has answered itself.
func moody(t *testing.T, a *instance, answer func(n int, w http.ResponseWriter, r *http.Request) bool) *httptest.Server {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answer(int(n.Add(1)), w, r) {
			a.handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// once makes only the n-th request go wrong.
func once(n int, wrong http.HandlerFunc) func(int, http.ResponseWriter, *http.Request) bool {
	return func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i == n {
			wrong(w, r)
		}
		return i == n
	}
}

// from makes all requests from the n-th on go wrong.
func from(n int, wrong http.HandlerFunc) func(int, http.ResponseWriter, *http.Request) bool {
	return func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i >= n {
			wrong(w, r)
		}
		return i >= n
	}
}

func status(code int, header, value, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if header != "" {
			w.Header().Set(header, value)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// cut sends a part of an answer and then nothing.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"meta":{"page":{"current":1,"total`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}

func TestASourceThatFailsForAMoment(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	date := a.clock.Now().Add(90 * time.Second).Format(http.TimeFormat)
	for _, c := range []struct {
		name  string
		wrong http.HandlerFunc
		wait  time.Duration
	}{
		{"429 with seconds", status(429, "Retry-After", "7", `{"errors":["slow down"]}`), 7 * time.Second},
		{"429 with a date", status(429, "Retry-After", date, ""), 90 * time.Second},
		{"429 with a moment that has passed", status(429, "Retry-After", "0", ""), time.Second},
		{"429 with a year", status(429, "Retry-After", "31536000", ""), 10 * time.Minute},
		{"429 without a time", status(429, "", "", ""), time.Second},
		{"429 with nonsense", status(429, "Retry-After", "soon", ""), time.Second},
		{"500", status(500, "", "", `{"errors":["oops"]}`), time.Second},
		{"502 with a page", status(502, "", "", `<html>Bad gateway</html>`), time.Second},
		{"503", status(503, "", "", ""), time.Second},
		{"a connection cut in the middle", cut, time.Second},
		{"200 that is no JSON", status(200, "", "", `<html>Log in</html>`), time.Second},
		{"200 with half of it", status(200, "", "", `{"meta":{"page":{"current":1`), time.Second},
		{"200 with nothing", status(200, "", "", ``), time.Second},
	} {
		for _, at := range []int{1, 6} { // the credentials; a page of documents
			o, s := a.options(moody(t, a, once(at, c.wrong)).URL)
			report, err := b.take(ctx, o, s, a)
			if err != nil || !report.Complete || !slices.Equal(s.waits, []time.Duration{c.wait}) {
				t.Errorf("%s at request %d: %v, %+v, waited %v", c.name, at, err, report, s.waits)
				continue
			}
			if n := report.Counts[importer.Documents]; n.Taken+n.Same != 233 {
				t.Errorf("%s at request %d: %+v", c.name, at, n)
			}
		}
	}
}

func TestASourceThatFailsForGood(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	for _, c := range []struct {
		name, want string
		wrong      http.HandlerFunc
		waits      int
	}{
		{"429 for ever", "too many requests", status(429, "Retry-After", "1", ""), 60},
		{"429 for ever without a time", "too many requests", status(429, "", "", ""), 7},
		{"503 for ever", "503 (Service Unavailable): maintenance", status(503, "", "", `{"error":"maintenance"}`), 7},
		{"cut for ever", "cut", cut, 7},
		{"no answer for ever", "cannot be reached", hangUp, 7},
		{"no JSON for ever", "JSON", status(200, "", "", `hello`), 7},
		{"another shape", "App Search", status(200, "", "", `{}`), 0},
		{"an array", "JSON", status(200, "", "", `[1]`), 7},
		{"401", "does not accept the admin key", status(401, "", "", `{"error":"Invalid authentication token."}`), 0},
		{"403", "does not accept the admin key", status(403, "", "", ""), 0},
		{"404", "no App Search at this URL", status(404, "", "", ""), 0},
		{"a redirect to nowhere", "redirects elsewhere", status(302, "", "", ""), 0},
		{"more than 32 MB", "more than 32 MB", func(w http.ResponseWriter, _ *http.Request) {
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range 40 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, 0},
	} {
		o, s := a.options(moody(t, a, from(1, c.wrong)).URL)
		report, err := b.take(ctx, o, s, a)
		if err == nil || !strings.Contains(err.Error(), c.want) || len(s.waits) != c.waits || report.Complete || !report.Failed() {
			t.Errorf("%s: %v, waited %d times, %+v", c.name, err, len(s.waits), report)
		}
		for i, d := range s.waits {
			if d > 10*time.Minute || d <= 0 || i > 0 && c.waits == 7 && d < s.waits[i-1] {
				t.Errorf("%s: waits %v", c.name, s.waits)
				break
			}
		}
	}
}

// A redirect is never followed: the keys would go along.
func TestKeysGoNowhereElse(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	var leaked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked.Add(1)
		a.handler.ServeHTTP(w, r)
	}))
	defer elsewhere.Close()
	sameHost := strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1)
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{elsewhere.URL, sameHost} {
			o, s := a.options(moody(t, a, from(1, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, to+r.URL.String()+"&token=x", code)
			})).URL)
			_, err := b.take(ctx, o, s, a)
			if err == nil || !strings.Contains(err.Error(), to) || strings.Contains(err.Error(), "token") || leaked.Load() > 0 {
				t.Errorf("%d to %s: %v, %d requests arrived", code, to, err, leaked.Load())
			}
		}
	}
}

func TestPagingEnds(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	page := func(results func(n int) string, pages, total int) func(int, http.ResponseWriter, *http.Request) bool {
		return func(n int, w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/documents/list") {
				return false
			}
			fmt.Fprintf(w, `{"meta":{"page":{"current":1,"total_pages":%d,"total_results":%d,"size":100}},"results":[%s]}`, pages, total, results(n))
			return true
		}
	}
	for _, c := range []struct {
		name, want string
		answer     func(int, http.ResponseWriter, *http.Request) bool
	}{
		{"the same page for ever", "same page", page(func(int) string { return `{"id":"a"}` }, 1<<30, 5)},
		{"new pages for ever", "far more than it says", page(func(n int) string {
			var list []string
			for i := range 2500 {
				list = append(list, fmt.Sprintf(`{"id":"n%d-%d","NO":1}`, n, i)) // refused, which takes no time
			}
			return strings.Join(list, ",")
		}, 1<<30, 5)},
	} {
		o, s := a.options(moody(t, a, c.answer).URL)
		report, err := b.take(ctx, o, s, a)
		if err == nil || !strings.Contains(err.Error(), c.want) || report.Complete {
			t.Errorf("%s: %v", c.name, err)
		}
		if n := report.Counts[importer.Documents]; len(report.Problems)+report.Omitted != n.Failed || len(report.Problems) > 10_000 {
			t.Errorf("%s: %d problems, %d more, of %d", c.name, len(report.Problems), report.Omitted, n.Failed)
		}
	}
	o, s := a.options(moody(t, a, func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/credentials") {
			fmt.Fprint(w, `{"meta":{"page":{"current":1,"total_pages":99999999}},"results":[{"name":"a","type":"search","key":"search-7xk3m9q2vb8nw4tz6yr1pu5h"}]}`)
			return true
		}
		return false
	}).URL)
	if _, err := b.take(ctx, o, s, a); err == nil || !strings.Contains(err.Error(), "same page") {
		t.Errorf("credentials for ever: %v", err)
	}
}

// A source may send back what it was sent; no message repeats it, and none breaks the terminal.
func TestMessagesOfTheSourceAreTidied(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	o, s := a.options(moody(t, a, from(1, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"errors":["bad header %s \u001b[31m %s"]}`, r.Header.Get("Authorization"), strings.Repeat("x", 5000))
	})).URL)
	_, err := b.take(ctx, o, s, a) // looks for secrets
	if err == nil || !strings.Contains(err.Error(), secret.Redacted) || strings.ContainsRune(err.Error(), 0x1b) || len(err.Error()) > 1000 {
		t.Errorf("%v", err)
	}
}

func TestCertificatesCount(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	server := httptest.NewUnstartedServer(a.handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	o, s := a.options(server.URL)
	if _, err := b.take(ctx, o, s, a); err == nil || !strings.Contains(err.Error(), "certificate") || len(s.waits) > 0 {
		t.Errorf("a certificate that nobody signed: %v", err)
	}
	o.Transport = server.Client().Transport
	if report, err := b.take(ctx, o, s, a); err != nil || report.Failed() {
		t.Errorf("a trusted certificate: %v %+v", err, report)
	}
	plain, s := a.options(strings.Replace(a.server.URL, "http://", "https://", 1))
	if _, err := b.take(ctx, plain, s, a); err == nil || !strings.Contains(err.Error(), "TLS") || len(s.waits) > 0 {
		t.Errorf("https to a plain server: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	b.must(err)
	address := "http://" + l.Addr().String()
	l.Close()
	nobody, s := a.options(address)
	if _, err := b.take(ctx, nobody, s, a); err == nil || !strings.Contains(err.Error(), "cannot be reached") || len(s.waits) != 7 {
		t.Errorf("nobody there: %v", err)
	}
}

func TestEndpoint(t *testing.T) {
	for text, want := range map[string]string{
		"https://search.example.com":                  "https://search.example.com/api/as/v1",
		"https://search.example.com:3002/":            "https://search.example.com:3002/api/as/v1",
		"http://localhost:8080/h/host-2376rb":         "http://localhost:8080/h/host-2376rb/api/as/v1",
		"https://search.example.com/api/as/v1/":       "https://search.example.com/api/as/v1",
		"https://a:b@search.example.com/prefix?x=y#z": "https://search.example.com/prefix/api/as/v1",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := importer.Endpoint(u).String(); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
