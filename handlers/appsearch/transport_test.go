package appsearch_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"latchkey/web/webtest"
)

func TestOneRequestInEverySpelling(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	cases := []struct{ name, method, path, body, contentType string }{
		{"GET with a body", "GET", "/search", `{"query":"lamp","page":{"size":2}}`, "application/json"},
		{"POST with a body", "POST", "/search", `{"query":"lamp","page":{"size":2}}`, "application/json"},
		{"any content type", "POST", "/search", `{"query":"lamp","page":{"size":2}}`, "bogus/format"},
		{"no content type", "POST", "/search", `{"query":"lamp","page":{"size":2}}`, ""},
		{"brackets raw", "GET", "/search?query=lamp&page[size]=2", "", ""},
		{"brackets encoded", "GET", "/search?query=lamp&page%5Bsize%5D=2", "", ""},
		{"POST with a query string and an empty body", "POST", "/search?query=lamp&page[size]=2", "", "application/json"},
		{"POST with a query string and an empty object", "POST", "/search?query=lamp&page[size]=2", "{}", "application/json"},
		{"half and half", "POST", "/search?page[size]=2", `{"query":"lamp"}`, "application/json"},
		{"the body beats the query string", "POST", "/search?query=nonsense&page[size]=9", `{"query":"lamp","page":{"size":2}}`, "application/json"},
		{".json", "POST", "/search.json", `{"query":"lamp","page":{"size":2}}`, "application/json"},
		{"a slash at the end", "POST", "/search/", `{"query":"lamp","page":{"size":2}}`, "application/json"},
		{"unrelated parameters", "GET", "/search?query=lamp&page[size]=2&api_key_name=k&curation_id=&x[=1&[y]=2&z[a", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.with("search-key").Do(c.method, as+"/engines/shop"+c.path, c.body, "Content-Type", c.contentType)
			if n := len(strings.Fields(ids(t, got))); n != 2 {
				t.Errorf("found %d: %s", n, got.Body)
			}
		})
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	const json = `{"errors":["The request body is not valid JSON."]}`
	const query = `{"errors":["The query string could not be read."]}`
	cases := []struct{ name, path, body, want string }{
		{"broken JSON", "/search", `{"query":`, json},
		{"text after it", "/search", `{"query":""} {}`, json},
		{"a doubled member", "/search", `{"query":"","query":"x"}`, json},
		{"a member doubled by an escape", "/search", `{"query":"","quer\u0079":"x"}`, json},
		{"invalid UTF-8", "/search", "{\"query\":\"\xff\"}", json},
		{"a form", "/search", "query=lamp", json},
		{"a number", "/search", "5", `{"errors":["The request body must be a JSON object or an array."]}`},
		{"an array", "/search", "[]", `{"errors":["The request body must be a JSON object."]}`},
		{"too deep", "/search", `{"query":"","filters":` + strings.Repeat(`{"all":[`, 20) + strings.Repeat("]}", 20) + "}", `{"errors":["The request body is nested too deep."]}`},
		{"a broken escape", "/search?query=%zz", "", query},
		{"invalid UTF-8 in the query string", "/search?query=%ff", "", query},
		{"a value and an object of one name", "/search?query=&page=1&page[size]=2", "", query},
		{"a list and an object of one name", "/search?query=&page[]=1&page[size]=2", "", query},
		{"lists of lists", "/search?query=&page[][]=1", "", query},
		{"deep brackets", "/search?query=&a" + strings.Repeat("[a]", 40) + "=1", "", `{"errors":["The parameters are nested too deep."]}`},
		{"an unknown member", "/search", `{"query":"","bogus":1}`, `{"errors":["Options contains invalid key: bogus"]}`},
		{"a member in another case", "/search", `{"query":"","Page":{}}`, `{"errors":["Options contains invalid key: Page"]}`},
		{"no query", "/search", `{"page":{}}`, `{"errors":["Missing required parameter: query"]}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			expect(t, s.with("search-key").JSON("POST", as+"/engines/shop"+c.path, c.body), 400, c.want)
		})
	}
}

func TestErrorsOfRouting(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	const routing = `{"errors":"Routing Error. The path you have requested is invalid."}`
	for _, path := range []string{as, as + "/no-such", "/api/as/v2/engines", "/api/as", "/h", "/h/", "/h/x", "/as/credentials", as + "/engines/shop/search/more", "/%61pi/as/v1/engines"} {
		expect(t, s.with("private-key").Get(path), 404, routing)
	}
	expect(t, s.with("private-key").Do("PUT", as+"/engines", ""), 405, `{"errors":["This method is not allowed here."]}`)
	expect(t, s.with("private-key").Do("TRACE", as+"/engines", ""), 405, `{"errors":["This method is not allowed here."]}`)
	if got := s.with("private-key").Do("HEAD", as+"/engines", ""); got.Status != 200 {
		t.Errorf("HEAD: %d", got.Status)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	search := as + "/engines/shop/search?query=lamp"
	cases := []struct {
		name, key, path string
		status          int
		cache           string
	}{
		{"an answer", "search-key", search, 200, "max-age=0, private, must-revalidate"},
		{"keys", "admin", as + "/credentials", 200, "no-store"},
		{"one key", "admin", as + "/credentials/search-key", 200, "no-store"},
		{"an answer to an URL with a key", "", search + "&auth_token=" + s.keys["search-key"], 200, "no-store"},
		{"an error", "search-key", as + "/engines/no-such/search?query=", 404, "no-cache"},
		{"no token", "", search, 401, "no-cache"},
		{"a missing permission", "search-key", as + "/engines", 401, "no-cache"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client := s.server.Client()
			if c.key != "" {
				client = s.with(c.key)
			}
			got := client.Get(c.path)
			if got.Status != c.status {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			challenge := ""
			if c.status == 401 {
				challenge = `Basic realm="Swiftype"`
			}
			for name, want := range map[string]string{
				"Cache-Control": c.cache, "WWW-Authenticate": challenge, "Vary": "Origin", "X-Content-Type-Options": "nosniff",
				"Content-Type": "application/json; charset=utf-8", "Access-Control-Allow-Origin": "",
			} {
				if v := got.Header.Get(name); v != want {
					t.Errorf("%s: %q, want %q", name, v, want)
				}
			}
			if got.Header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id")
			}
		})
	}
	got := s.with("search-key").Get(search)
	if id := ok(t, got)["meta"].(map[string]any)["request_id"]; id != got.Header.Get("X-Request-Id") {
		t.Errorf("request_id %v, X-Request-Id %s", id, got.Header.Get("X-Request-Id"))
	}
}

func TestPagesOfAnyOriginMayAsk(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	const origin = "https://shop.example.org"
	allowed := func(t *testing.T, h http.Header) {
		t.Helper()
		if h.Get("Access-Control-Allow-Origin") != origin || h.Get("Access-Control-Allow-Credentials") != "true" || h.Get("Vary") != "Origin" {
			t.Errorf("%v", h)
		}
	}
	t.Run("the preflight carries no key", func(t *testing.T) {
		got := s.server.Client().Do("OPTIONS", as+"/engines/shop/search.json", "", "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,x-own")
		allowed(t, got.Header)
		if got.Status != 200 || got.Body != "" || got.Header.Get("Access-Control-Allow-Headers") != "authorization,x-own" ||
			got.Header.Get("Access-Control-Allow-Methods") != "GET, POST, PUT, PATCH, DELETE, OPTIONS" {
			t.Errorf("%d %q %v", got.Status, got.Body, got.Header)
		}
	})
	t.Run("answers and errors", func(t *testing.T) {
		c := s.server.Client("Origin", origin)
		for _, path := range []string{"/engines/shop/search?query=&auth_token=" + s.keys["search-key"], "/engines", "/no-such",
			"/engines/no-such/search?auth_token=" + s.keys["search-key"]} {
			allowed(t, c.Get(as+path).Header)
		}
		allowed(t, c.Do("POST", as+"/engines/shop/search", strings.Repeat("x", 2<<20)).Header)
	})
}

func TestBodiesHaveLimits(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	const tooLarge = `{"errors":["The request body is too large."]}`
	cases := []struct {
		name, key, method, path string
		bytes                   int
		status                  int
	}{
		{"credentials", "admin", "POST", "/credentials", 64<<10 + 1, 413},
		{"search below", "search-key", "POST", "/engines/shop/search", 127 << 10, 400},
		{"search", "search-key", "POST", "/engines/shop/search", 128<<10 + 1, 413},
		{"searches", "search-key", "POST", "/engines/shop/multi_search", 128<<10 + 1, 413},
		{"documents below", "private-key", "POST", "/engines/shop/documents", 9 << 20, 400},
		{"documents", "private-key", "POST", "/engines/shop/documents", 10<<20 + 1, 413},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.with(c.key).Do(c.method, as+c.path, strings.Repeat("x", c.bytes))
			if got.Status != c.status || c.status == 413 && got.Body != tooLarge {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	values := func(n int) string { return strings.TrimSuffix(strings.Repeat("1,", n), ",") }
	const tooMany = `{"errors":["The request body has too many values."]}`
	expect(t, s.with("search-key").JSON("POST", search, `{"query":"","filters":{"price":[`+values(20_000)+`]}}`), 413, tooMany)
	ok(t, s.with("search-key").JSON("POST", search, `{"query":"","filters":{"price":[`+values(1024)+`]}}`))
	docs := as + "/engines/blog/documents"
	expect(t, s.with("private-key").JSON("POST", docs, `[{"id":"x","n":[`+values(2_000_000)+`]}]`), 413, tooMany)
	expect(t, s.with("private-key").JSON("POST", docs, `[{"id":"x","n":[`+values(30_000)+`]}]`), 200, `[{"id":"x","errors":[]}]`)
	t.Run("also where no length is announced", func(t *testing.T) {
		body := io.MultiReader(strings.NewReader(`{"name":"`), strings.NewReader(strings.Repeat("x", 70<<10)), strings.NewReader(`"}`))
		r, err := http.NewRequest("POST", s.server.URL+as+"/credentials", body)
		s.must(err)
		r.Header.Set("Authorization", "Bearer "+s.keys["admin"])
		resp, err := http.DefaultClient.Do(r)
		s.must(err)
		defer resp.Body.Close()
		if b, _ := io.ReadAll(resp.Body); resp.StatusCode != 413 || string(b) != tooLarge {
			t.Errorf("%d %s", resp.StatusCode, b)
		}
	})
}

func TestAnswersThatAreKnownAlreadyAreNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	engines := as + "/engines"
	first := s.with("read").Get(engines)
	tag := first.Header.Get("ETag")
	if !regexp.MustCompile(`^W/"[0-9A-Za-z_-]{22}"$`).MatchString(tag) {
		t.Fatalf("ETag %q", tag)
	}
	with := func(method, path, key, known string) webtest.Answer {
		return s.with(key).Do(method, path, "", "If-None-Match", known)
	}
	for _, c := range []struct {
		name                  string
		got                   webtest.Answer
		status                int
		tagged, storable, cut bool
	}{
		{"the same", with("GET", engines, "read", tag), 304, true, true, true},
		{"among others, without W", with("GET", engines, "read", `"x", `+strings.TrimPrefix(tag, "W/")), 304, true, true, true},
		{"anything", with("GET", engines, "read", "*"), 304, true, true, true},
		{"HEAD", with("HEAD", engines, "read", tag), 304, true, true, true},
		{"another", with("GET", engines, "read", `W/"another"`), 200, true, true, false},
		{"another answer", with("GET", engines+"/shop", "read", tag), 200, true, true, false},
		{"the engines of another key", with("GET", engines, "shop-full", tag), 200, true, true, false},
		{"POST", with("POST", as+"/engines/shop/search?query=lamp", "read", "*"), 200, true, true, false},
		{"an error", with("GET", engines+"/no-such", "read", "*"), 404, false, false, false},
		{"keys", with("GET", creds, "admin", "*"), 200, false, false, false},
		{"an URL with a key", s.server.Client().Get(as+"/engines/shop/search?query=&auth_token="+s.keys["search-key"], "If-None-Match", "*"), 200, false, false, false},
		{"without the right", with("GET", engines, "search-key", tag), 401, false, false, false},
	} {
		if c.got.Status != c.status || (c.got.Header.Get("ETag") != "") != c.tagged || (c.got.Body == "") != c.cut {
			t.Errorf("%s: %d, ETag %q, %s", c.name, c.got.Status, c.got.Header.Get("ETag"), c.got.Body)
		}
		if storable := strings.HasPrefix(c.got.Header.Get("Cache-Control"), "max-age=0, private"); storable != c.storable {
			t.Errorf("%s: Cache-Control %q", c.name, c.got.Header.Get("Cache-Control"))
		}
	}
	s.engine(s.mine, "third")
	if got := with("GET", engines, "read", tag); got.Status != 200 || got.Header.Get("ETag") == tag {
		t.Errorf("after a change: %d", got.Status)
	}
	s.revoke("read")
	expect(t, with("GET", engines, "read", tag), 401, invalidToken)
}

// What surrounded App Search is for users alone; no key opens it, and nothing of it says whose password was right.
func TestWhatSurroundedAppSearch(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.user("mia", "")
	const refused = `{"error":"unable_to_authenticate_user"}`
	for path, body := range map[string]string{
		"/api/ent/v1/internal/version":        `{"number":"8.18.0","build_hash":"latchkey","build_date":""}`,
		"/api/ent/v1/internal/health":         `{"name":"latchkey","version":{"number":"8.18.0","build_hash":"latchkey","build_date":""}}`,
		"/api/ent/v1/internal/read_only_mode": `{"enabled":false}`,
		"/api/ws/v1/sources":                  `{"meta":{"page":{"current":1,"total_pages":0,"total_results":0,"size":25}},"results":[]}`,
	} {
		expect(t, s.by("ada", password).Get(path), 200, body)
		expect(t, s.by("mia", password).Get(path), 200, body)
		expect(t, s.server.Client().Get(path), 401, signIn)
		expect(t, s.by("ada", "wrong").Get(path), 401, refused)
		expect(t, s.by("ada", password).Get(path, "Origin", "https://evil.example"), 401, refused)
		for name := range s.keys {
			expect(t, s.with(name).Get(path), 401, refused)
		}
		expect(t, s.server.Client().Get(path+"?auth_token="+s.keys["private-key"]), 401, signIn)
		expect(t, s.by("ada", password).Do("PUT", path, "{}"), 405, `{"errors":["This method is not allowed here."]}`)
	}
	expect(t, s.by("ada", password).Get("/api/ent/v1/internal/stats"), 404, `{"errors":"Routing Error. The path you have requested is invalid."}`)
}

func TestPreflightsAreAnsweredOnAnyPath(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for _, path := range []string{as + "/engines", as + "/no-such", as, "/api/as", "/h/" + s.mine.HostIdentifier + as + "/engines", "/h/host-nobody" + as + "/x",
		"/as/credentials/collection", "/api/ent/v1/internal/version", as + "/engines/a%2Fb/search.json/"} {
		got := s.server.Client().Do("OPTIONS", path, "", "Origin", "https://shop.example.org", "Access-Control-Request-Method", "DELETE")
		if got.Status != 200 || got.Header.Get("Access-Control-Allow-Origin") != "https://shop.example.org" || got.Body != "" ||
			!strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), "authorization") {
			t.Errorf("%s: %d %v", path, got.Status, got.Header)
		}
	}
}

// An upload that an old Ruby client means as a click is one document more.
func TestAClickSentToDocumentsIsADocument(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	got := s.with("private-key").JSON("POST", as+"/engines/blog/documents", `{"query":"lamp","document_id":"p1","request_id":"r","tags":["a"]}`)
	if got.Status != 200 || !regexp.MustCompile(`^\[\{"id":"doc-[0-9a-f]{24}","errors":\[\]\}\]$`).MatchString(got.Body) {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}
