package web_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
)

// text is a page of just these words.
func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

func unpacked(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPagesAreCompressed(t *testing.T) {
	long, short := strings.Repeat("a row of keys ", 2000), "a short page"
	s, _ := start(t, web.Config{},
		route("GET", "/x/long", func(c echo.Context) error { return web.Render(c, 200, text(long)) }),
		route("GET", "/x/short", func(c echo.Context) error { return web.Render(c, 200, text(short)) }),
		route("GET", "/x/secret", func(c echo.Context) error { return web.RenderSecret(c, 200, text(long)) }),
		route("GET", "/x/bad", func(c echo.Context) error { return web.Render(c, 422, text(long)) }),
	)
	for _, c := range []struct {
		name, path, accept string
		packed, varies     bool
	}{
		{"a browser", "/x/long", "gzip, deflate, br, zstd", true, true},
		{"a form sent back", "/x/bad", "gzip", true, true},
		{"in capitals, with a weight", "/x/long", "br;q=1.0, GZIP ; q=0.2", true, true},
		{"anything", "/x/long", "*", true, true},
		{"anything but gzip", "/x/long", "*, gzip;q=0", false, true},
		{"nothing", "/x/long", "identity", false, true},
		{"no weight at all", "/x/long", "gzip;q=", false, true},
		{"a similar word", "/x/long", "gzipped", false, true},
		{"a short page", "/x/short", "gzip", false, true},
		{"a page with a secret", "/x/secret", "gzip", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			get, head := s.Client().Get(c.path, "Accept-Encoding", c.accept), s.Client().Do("HEAD", c.path, "", "Accept-Encoding", c.accept)
			body := get.Body
			if got := get.Header.Get("Content-Encoding") == "gzip"; got != c.packed {
				t.Fatalf("compressed: %v", got)
			}
			if c.packed {
				body = unpacked(t, body)
			}
			if body != long && body != short {
				t.Errorf("%d bytes came of %d", len(body), len(long))
			}
			if got := get.Header.Get("Vary") == "Accept-Encoding"; got != c.varies {
				t.Errorf("Vary: %q", get.Header.Get("Vary"))
			}
			if get.Header.Get("Content-Length") != strconv.Itoa(len(get.Body)) {
				t.Errorf("length %s of %d", get.Header.Get("Content-Length"), len(get.Body))
			}
			for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Type", "Vary", "Content-Security-Policy"} {
				if head.Header.Get(name) != get.Header.Get(name) {
					t.Errorf("HEAD says %s: %q, GET %q", name, head.Header.Get(name), get.Header.Get(name))
				}
			}
			if head.Body != "" || head.Status != get.Status {
				t.Errorf("HEAD: %d with %d bytes", head.Status, len(head.Body))
			}
		})
	}
}

// The writers are pooled: what one page held must never be part of another.
func TestCompressedPagesDoNotMix(t *testing.T) {
	s, _ := start(t, web.Config{}, route("GET", "/x/:who", func(c echo.Context) error {
		return web.Render(c, 200, text(strings.Repeat(c.Param("who")+" ", 3000)))
	}))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			client, who := s.Client(), fmt.Sprintf("w%d", i)
			for range 20 {
				if got := client.Get("/x/" + who).Body; got != strings.Repeat(who+" ", 3000) {
					t.Errorf("%s got another page", who)
					return
				}
			}
		})
	}
	wg.Wait()
}

// A page that cannot be made leaves nothing of itself behind, and what makes error pages may be broken too.
func TestBrokenErrorPages(t *testing.T) {
	config := web.Config{Logger: slog.New(slog.DiscardHandler)}
	s := web.New(config, web.Surface{Name: "x", Prefixes: []string{"/x"}, Routes: []web.Route{
		route("GET", "/x/panic", func(echo.Context) error { panic("out of order") }),
		route("GET", "/x/half", func(c echo.Context) error {
			return web.Render(c, 200, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, strings.Repeat("half a page", 1000))
				return fmt.Errorf("torn")
			}))
		}),
	}, Fail: func(echo.Context, *fault.Error) error { panic("out of order too") }})
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	for _, path := range []string{"/x/panic", "/x/half", "/x/nothing"} {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatalf("%s: no answer: %v", path, err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode < 400 || strings.Contains(string(b), "order") || strings.Contains(string(b), "half a page") || len(b) == 0 {
			t.Errorf("%s: %d %q, %v", path, resp.StatusCode, b, err)
		}
	}
}
