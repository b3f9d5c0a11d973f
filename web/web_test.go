package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
	"latchkey/web/webtest"
)

// start serves routes below /x, whose errors are worded as JSON.
func start(t *testing.T, config web.Config, routes ...web.Route) (*webtest.Server, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	config.Logger = slog.New(slog.NewJSONHandler(log, nil))
	s := web.New(config, web.Surface{Name: "x", Prefixes: []string{"/x"}, Routes: routes, Fail: func(c echo.Context, f *fault.Error) error {
		return c.JSON(web.Status(f.Kind), map[string]any{"kind": f.Kind, "message": f.Message, "fields": f.Fields})
	}}, web.Probes(func(context.Context) error { return nil }))
	return webtest.Start(t, s.Handler()), log
}

// logBuffer keeps what was logged; the line about a request may come after its answer.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func route(method, path string, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: method, Path: path, Guard: web.Public("test"), Handle: handle}
}

func TestARouteWithoutGuardCannotStart(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a route without a guard was registered")
		}
	}()
	web.New(web.Config{}, web.Surface{Routes: []web.Route{{Method: http.MethodGet, Path: "/x"}}})
}

func TestErrorsAreWordedBySurfaceAndHideTheirCause(t *testing.T) {
	fails := func(err error) echo.HandlerFunc { return func(echo.Context) error { return err } }
	server, log := start(t, web.Config{},
		route(http.MethodGet, "/x/internal", fails(errors.New("SELECT secret FROM keys"))),
		route(http.MethodGet, "/x/panic", func(echo.Context) error { panic("at the disco") }),
		route(http.MethodGet, "/x/missing", fails(fault.New(fault.NotFound, "There is no such key."))),
		route(http.MethodGet, "/x/busy", fails(fault.New(fault.Unavailable, "Later."))),
		route(http.MethodPost, "/x/post", func(c echo.Context) error {
			_, err := web.ReadJSON(c)
			return err
		}),
		route(http.MethodGet, "/x/late", func(c echo.Context) error { return context.DeadlineExceeded }),
	)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"an error of ours", "GET", "/x/internal", "", 500, `"message":"Something went wrong on our side."`},
		{"a panic", "GET", "/x/panic", "", 500, `"message":"Something went wrong on our side."`},
		{"an explainable error", "GET", "/x/missing", "", 404, "There is no such key."},
		{"busy", "GET", "/x/busy", "", 503, "Later."},
		{"too late", "GET", "/x/late", "", 503, "This took too long."},
		{"an unknown path below the surface", "GET", "/x/nosuch", "", 404, `"kind":"not_found"`},
		{"an unknown path elsewhere", "GET", "/elsewhere", "", 404, "There is nothing here.\n"},
		{"a path that only begins alike", "GET", "/xylophone", "", 404, "There is nothing here.\n"},
		{"a wrong method", "DELETE", "/x/post", "", 405, `"kind":"method"`},
		{"a large body", "POST", "/x/post", strings.Repeat("a", web.DefaultBody+1), 413, `"kind":"too_large"`},
		{"HEAD where GET is", "HEAD", "/x/missing", "", 404, ""},
		{"HEAD of a probe", "HEAD", "/healthz", "", 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := server.Client().Do(c.method, c.path, c.body)
			if a.Status != c.status || !strings.Contains(a.Body, c.want) || strings.Contains(a.Body, "SELECT") || strings.Contains(a.Body, "disco") {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
				if a.Header.Get(name) != want {
					t.Errorf("%s: %q", name, a.Header.Get(name))
				}
			}
			if a.Header.Get("Content-Security-Policy") == "" || a.Header.Get("X-Request-Id") == "" {
				t.Error("headers are missing")
			}
			if (c.status == 503) != (a.Header.Get("Retry-After") != "") {
				t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
			}
		})
	}
	if text := log.String(); !strings.Contains(text, "SELECT secret FROM keys") || !strings.Contains(text, "at the disco") {
		t.Error("the log does not say what went wrong")
	}
}

// A body that does not announce its length must be stopped too.
func TestChunkedBodiesAreLimited(t *testing.T) {
	server, _ := start(t, web.Config{}, route(http.MethodPost, "/x/post", func(c echo.Context) error {
		if _, err := web.ReadJSON(c); err != nil {
			return err
		}
		return c.NoContent(http.StatusOK)
	}))
	r, err := http.NewRequest(http.MethodPost, server.URL+"/x/post", struct{ *strings.Reader }{strings.NewReader(strings.Repeat(" ", web.DefaultBody+1))})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if r.ContentLength > 0 || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d, announced %d", resp.StatusCode, r.ContentLength)
	}
}

func TestDecodeJSON(t *testing.T) {
	type body struct {
		Name   string `json:"name"`
		Number *int   `json:"number"`
	}
	server, _ := start(t, web.Config{}, route(http.MethodPost, "/x/decode", func(c echo.Context) error {
		var b body
		if err := web.DecodeJSON(c, &b); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, b)
	}))
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"as it should be", ` {"name":"x","number":1} `, 200, `{"name":"x","number":1}`},
		{"a member in another case", `{"Name":"x"}`, 422, `"Name":"Name is not a known field."`},
		{"an unknown member", `{"name":"x","role":"admin"}`, 422, `"role":"role is not a known field."`},
		{"a doubled member", `{"name":"x","name":"y"}`, 422, "not valid JSON"},
		{"a wrong type", `{"name":1}`, 422, `"name":"name has a value of the wrong type."`},
		{"something behind it", `{"name":"x"}{}`, 422, "not valid JSON"},
		{"not UTF-8", "{\"name\":\"\xff\"}", 422, "not valid JSON"},
		{"an array", `[]`, 422, "not valid JSON"},
		{"cut off", `{"name":`, 422, "not valid JSON"},
		{"nothing", "", 422, "not valid JSON"},
		{"very deep", strings.Repeat("[", 20000), 422, "nested too deep"},
		{"as deep as it may be", `{"name":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + "}", 422, "wrong type"},
		{"one deeper", `{"name":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "}", 422, "nested too deep"},
		{"too many values", "[" + strings.Repeat("1,", 20_000) + "1]", 413, "too many values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := server.Client().JSON(http.MethodPost, "/x/decode", c.body)
			if a.Status != c.status || !strings.Contains(a.Body, c.want) || strings.Contains(a.Body, "struct") || strings.Contains(a.Body, "Go ") {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
}

// Of large bodies only a few are read and worked on at once. Who waits too long is told to come again, and who may not
// pass takes no place.
func TestLargeBodiesTakeTurns(t *testing.T) {
	running, most := 0, 0
	var mu sync.Mutex
	release := make(chan struct{})
	hold := web.Guard{Name: "hold", Check: func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.QueryParam("nobody") != "" {
				return fault.New(fault.Unauthenticated, "no")
			}
			if c.QueryParam("late") != "" {
				ctx, cancel := context.WithTimeout(c.Request().Context(), 20*time.Millisecond)
				defer cancel()
				c.SetRequest(c.Request().WithContext(ctx))
			}
			return web.Hold(c, func() error { return next(c) })
		}
	}}
	r := route(http.MethodPost, "/x/large", func(c echo.Context) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		select {
		case <-release:
		case <-c.Request().Context().Done():
		}
		_, err := web.ReadJSON(c)
		mu.Lock()
		running--
		mu.Unlock()
		if err != nil {
			return err
		}
		return c.NoContent(http.StatusOK)
	})
	r.Guard, r.Body = web.NewSlots(2).Large(hold), 1<<20
	server, _ := start(t, web.Config{}, r)
	many := "[" + strings.Repeat("1,", 20_000) + "1]"
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if a := server.Client().JSON(http.MethodPost, "/x/large", many); a.Status != 200 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	for full := false; !full; time.Sleep(time.Millisecond) {
		mu.Lock()
		full = running >= 2
		mu.Unlock()
	}
	if a := server.Client().JSON(http.MethodPost, "/x/large?late=1", many); a.Status != 503 || a.Header.Get("Retry-After") == "" {
		t.Errorf("after waiting: %d %s", a.Status, a.Body)
	}
	if a := server.Client().JSON(http.MethodPost, "/x/large?nobody=1", many); a.Status != 401 {
		t.Errorf("nobody: %d %s", a.Status, a.Body)
	}
	close(release)
	wg.Wait()
	if most != 2 {
		t.Errorf("%d were worked on at once", most)
	}
}

func TestParam(t *testing.T) {
	server, _ := start(t, web.Config{}, route(http.MethodGet, "/x/:name", func(c echo.Context) error { return c.String(http.StatusOK, web.Param(c, "name")) }))
	for path, want := range map[string]string{"plain": "plain", "a%2Fb%20c": "a/b c", "100%25": "100%", "%2525": "%25", "a%20b": "a b", "a+b": "a+b"} {
		if a := server.Client().Get("/x/" + path); a.Body != want {
			t.Errorf("%s gives %q, want %q", path, a.Body, want)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	server, log := start(t, web.Config{}, route(http.MethodGet, "/x/:secret", func(c echo.Context) error { return c.String(http.StatusOK, web.RequestID(c)) }))
	for sent, kept := range map[string]bool{"abcd-1234": true, "short": false, "private-h7tqz5n2m4c8v6x3b1k9w5p2": false, "SEARCH-h7tqz5n2m4c8v6x3b1k9w5p2": false, "4bf92f3577b34da6a3ce929d0e0e4736": true, "with space in it": false, "<script>alert(1)</script>": false, strings.Repeat("a", 41): false, "550e8400-e29b-41d4-a716-446655440000": true} {
		a := server.Client().Get("/x/private-value?auth_token=private-value", "X-Request-Id", sent)
		if got := a.Header.Get("X-Request-Id"); (got == sent) != kept || got != a.Body || len(got) < 8 {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
	if strings.Contains(log.String(), "private-value") || !strings.Contains(log.String(), `"route":"/x/:secret"`) {
		t.Errorf("the log holds addresses: %s", log)
	}
}

// Nobody's X-Forwarded-For is believed but that of proxies that were named.
func TestClientAddress(t *testing.T) {
	address := route(http.MethodGet, "/x/address", func(c echo.Context) error { return c.String(http.StatusOK, c.RealIP()) })
	direct, _ := start(t, web.Config{}, address)
	proxied, _ := start(t, web.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.1.0.0/16")}}, address)
	for _, c := range []struct {
		name   string
		server *webtest.Server
		sent   string
		want   string
	}{
		{"no proxy, nothing sent", direct, "", "127.0.0.1"},
		{"no proxy, forged", direct, "203.0.113.9", "127.0.0.1"},
		{"a proxy, nothing sent", proxied, "", "127.0.0.1"},
		{"a proxy", proxied, "203.0.113.9", "203.0.113.9"},
		{"a proxy behind a proxy", proxied, "203.0.113.9, 10.1.2.3", "203.0.113.9"},
		{"a client that forges before a proxy", proxied, "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"a private network that was not named", proxied, "203.0.113.9, 10.2.0.1", "10.2.0.1"},
	} {
		var header []string
		if c.sent != "" {
			header = []string{"X-Forwarded-For", c.sent, "X-Real-Ip", "198.51.100.77"}
		}
		if got := c.server.Client().Get("/x/address", header...).Body; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for path, want := range map[string]string{
		"/console": "/console", "/console/organizations": "/console/organizations", "/console?x=1": "/console?x=1",
		"": "/f", "console": "/f", "/": "/f", "/v1/users/me": "/f", "//evil.example": "/f", "/console//evil.example": "/f", "https://evil.example/console": "/f",
		"/consolevil": "/f", "/console\\evil": "/f", "/console/\t/evil": "/f", "/console\r\nSet-Cookie: x": "/f", "/console#x": "/f", "\x00/console": "/f",
		"/console/" + strings.Repeat("a", 2000): "/f",
	} {
		if got := web.LocalPath(path, "/f"); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestOnHosts(t *testing.T) {
	server, _ := start(t, web.Config{}, web.Route{Method: http.MethodGet, Path: "/x/page", Guard: web.Guard{Name: "hosts", Check: web.OnHosts("keys.example.com", "[::1]")},
		Handle: func(c echo.Context) error { return c.NoContent(http.StatusOK) }})
	for host, status := range map[string]int{"keys.example.com": 200, "KEYS.example.com:8443": 200, "[::1]:8080": 200, "evil.example": 421, "keys.example.com.evil.example": 421, "keys.example.com:80.evil.example": 421, "localhost": 421} {
		if a := server.Client().Get("/x/page", "Host", host); a.Status != status {
			t.Errorf("%s: %d, want %d", host, a.Status, status)
		}
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "LOCALHOST:8080": true, "127.0.0.1": true, "127.9.9.9:80": true, "[::1]": true, "[::1]:8080": true,
		"keys.example.com": false, "localhost.evil.example": false, "192.168.1.5:8080": false, "": false} {
		if got := web.Loopback(host); got != want {
			t.Errorf("Loopback(%q) = %v", host, got)
		}
	}
}

func TestSecureServersSayHSTS(t *testing.T) {
	for _, secure := range []bool{true, false} {
		server, _ := start(t, web.Config{Secure: secure})
		if got := server.Client().Get("/healthz").Header.Get("Strict-Transport-Security"); (got != "") != secure {
			t.Errorf("secure %v: %q", secure, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	f.Add("/console/x?next=//evil")
	f.Fuzz(func(t *testing.T, path string) {
		got := web.LocalPath(path, "/console")
		if !strings.HasPrefix(got, "/console") || strings.ContainsAny(got, "\r\n\\") || strings.Contains(got, "//") {
			t.Errorf("LocalPath(%q) = %q", path, got)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Error(err)
		}
	})
}
