package appsearch_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
)

// The endpoints, each with the keys for which it is.
var (
	readers   = []string{"private-key", "read", "shop-full", "custom-docs", "custom-keys"}
	endpoints = []struct {
		method, path, body string
		keys               []string
	}{
		{"GET", "/credentials", "", []string{"admin", "custom-keys"}},
		{"POST", "/credentials", `{}`, []string{"admin", "custom-keys"}},
		{"GET", "/credentials/no-such", "", []string{"admin", "custom-keys"}},
		{"PUT", "/credentials/no-such", `{}`, []string{"admin", "custom-keys"}},
		{"DELETE", "/credentials/no-such", "", []string{"admin", "custom-keys"}},
		{"GET", "/engines", "", readers},
		{"POST", "/engines", `{}`, []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop", "", readers},
		{"DELETE", "/engines/no-such", "", []string{"private-key", "write", "shop-full"}},
		{"POST", "/engines/shop/source_engines", `[]`, []string{"private-key", "write", "shop-full"}},
		{"DELETE", "/engines/shop/source_engines", `[]`, []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/schema", "", readers},
		{"POST", "/engines/shop/schema", `{}`, []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/analytics/clicks", `{}`, []string{"private-key", "read", "shop-full"}},
		{"GET", "/engines/shop/analytics/queries", `{}`, []string{"private-key", "read", "shop-full"}},
		{"GET", "/engines/shop/analytics/counts", `{}`, []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/analytics/clicks", `{}`, []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/analytics/queries", `{}`, []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/analytics/counts", `{}`, []string{"private-key", "read", "shop-full"}},
		{"GET", "/engines/shop/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-12-31"}}}`, []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-12-31"}}}`, []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/click", `{"query":"lamp","document_id":"p1"}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
		{"GET", "/engines/shop/documents", `["p1"]`, readers},
		{"GET", "/engines/shop/documents/list", "", readers},
		{"POST", "/engines/shop/documents", `[]`, []string{"private-key", "write", "shop-full"}},
		{"PATCH", "/engines/shop/documents", `[]`, []string{"private-key", "write", "shop-full"}},
		{"DELETE", "/engines/shop/documents", `[]`, []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/synonyms", "", []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/synonyms", `{}`, []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/synonyms/no-such", "", []string{"private-key", "read", "shop-full"}},
		{"PUT", "/engines/shop/synonyms/no-such", `{"synonyms":["a","b"]}`, []string{"private-key", "write", "shop-full"}},
		{"DELETE", "/engines/shop/synonyms/no-such", "", []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/curations", "", []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/curations", `{}`, []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/curations/no-such", "", []string{"private-key", "read", "shop-full"}},
		{"PUT", "/engines/shop/curations/no-such", `{"queries":["a"],"hidden":["b"]}`, []string{"private-key", "write", "shop-full"}},
		{"DELETE", "/engines/shop/curations/no-such", "", []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/search_settings", "", []string{"private-key", "read", "shop-full"}},
		{"PUT", "/engines/shop/search_settings", `{}`, []string{"private-key", "write", "shop-full"}},
		{"POST", "/engines/shop/search_settings/reset", "", []string{"private-key", "write", "shop-full"}},
		{"GET", "/engines/shop/search", `{"query":""}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
		{"POST", "/engines/shop/search", `{"query":""}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
		{"GET", "/engines/shop/search_explain", `{"query":""}`, []string{"private-key", "read", "shop-full"}},
		{"POST", "/engines/shop/search_explain", `{"query":""}`, []string{"private-key", "read", "shop-full"}},
		{"GET", "/engines/shop/multi_search", `{"queries":[{"query":""}]}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
		{"POST", "/engines/shop/multi_search", `{"queries":[{"query":""}]}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
		{"GET", "/engines/shop/query_suggestion", `{"query":"l"}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
		{"POST", "/engines/shop/query_suggestion", `{"query":"l"}`, []string{"search-key", "shop-search", "private-key", "read", "shop-full", "custom-keys"}},
	}
)

func TestEachEndpointIsForItsKeysAlone(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for _, e := range endpoints {
		t.Run(e.method+" "+e.path, func(t *testing.T) {
			expect(t, s.server.Client().JSON(e.method, as+e.path, e.body), 401, signIn)
			for name := range s.keys {
				got := s.with(name).JSON(e.method, as+e.path, e.body)
				discreet(t, got)
				switch {
				case !slices.Contains(e.keys, name):
					if got.Status != 401 || got.Body != unauthorized {
						t.Errorf("%s got %d %s", name, got.Status, got.Body)
					}
				case got.Status == 401:
					t.Errorf("%s was refused: %s", name, got.Body)
				}
			}
			if strings.HasPrefix(e.path, "/engines/shop") {
				// The path means the asker's own engine, whoever asks.
				if got := s.as(s.foreign["search-key"]).JSON(e.method, as+e.path, e.body); strings.Contains(got.Body, "Red lamp") {
					t.Errorf("a key of another project reads: %s", got.Body)
				}
			}
		})
	}
}

func TestTheTableOfEndpointsIsComplete(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	walked := map[string]bool{}
	for _, r := range s.handler.Routes() {
		path := strings.NewReplacer(":engine", "shop", ":name", "no-such", ":id", "no-such").Replace(r.Path)
		expect(t, s.server.Client().Do(r.Method, path, ""), 401, signIn)
		if !strings.HasPrefix(path, "/api/as/") && !strings.HasPrefix(path, "/as/") {
			continue // for users alone, see TestWhatSurroundedAppSearch
		}
		walked[r.Method+" "+r.Path] = true
	}
	if len(walked) != len(endpoints)+1 { // the list of credentials has two paths
		t.Errorf("%d routes, but %d endpoints in the table", len(walked), len(endpoints))
	}
}

func TestARefusedKeyIsNotEvenRead(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	expect(t, s.with("search-key").JSON("POST", as+"/engines/shop/documents", `{"broken`), 401, unauthorized)
	expect(t, s.with("private-key").JSON("POST", as+"/credentials", `{"broken`), 401, unauthorized)
}

func TestADeadKeyIsRefusedEverywhere(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.key(s.mine, credential.Input{Name: "short", Type: secret.Private, Access: permission.AccessFull, AllEngines: true, ExpiresAt: s.clock.Now().Add(time.Hour)})
	s.revoke("private-key")
	s.clock.Add(time.Hour)
	for _, e := range endpoints {
		for _, name := range []string{"private-key", "short"} {
			expect(t, s.with(name).JSON(e.method, as+e.path, e.body), 401, invalidToken)
		}
	}
}

func TestWhatCountsAsAToken(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	search, private := s.keys["search-key"], s.keys["private-key"]
	cases := []struct {
		name, query string
		header      []string
		status      int
		body        string // "": a search that worked
	}{
		{"nothing", "", nil, 401, signIn},
		{"an empty header", "", []string{"Authorization", ""}, 401, signIn},
		{"a scheme without a token", "", []string{"Authorization", "Bearer "}, 401, signIn},
		{"the scheme in another case", "", []string{"Authorization", "bearer " + search}, 200, ""},
		{"another scheme", "", []string{"Authorization", "Digest YWRhOmFkYQ=="}, 401, invalidToken},
		{"the key without a scheme", "", []string{"Authorization", search}, 401, invalidToken},
		{"an unknown key", "", []string{"Authorization", "Bearer " + secret.Mint(secret.Search).Reveal()}, 401, invalidToken},
		{"a key with a typo", "", []string{"Authorization", "Bearer " + search[:len(search)-1]}, 401, invalidToken},
		{"a key in another case", "", []string{"Authorization", "Bearer " + strings.ToUpper(search)}, 401, invalidToken},
		{"a search key in the URL", "&auth_token=" + search, nil, 200, ""},
		{"a private key in the URL", "&auth_token=" + private, nil, 401, invalidToken},
		{"an admin key in the URL", "&auth_token=" + s.keys["admin"], nil, 401, invalidToken},
		{"an empty token in the URL", "&auth_token=", nil, 401, signIn},
		{"two tokens in the URL", "&auth_token=" + search + "&auth_token=" + search, nil, 401, invalidToken},
		{"a list in the URL", "&auth_token[]=" + search, nil, 401, signIn},
		{"both, and the header is good", "&auth_token=nonsense", []string{"Authorization", "Bearer " + search}, 200, ""},
		{"both, and the header is bad", "&auth_token=" + search, []string{"Authorization", "Bearer nonsense"}, 401, invalidToken},
		{"a token in the body", "", []string{"X-Body", "1"}, 401, signIn},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := ""
			if len(c.header) > 0 && c.header[0] == "X-Body" {
				body = `{"auth_token":"` + search + `"}`
			}
			got := s.server.Client().Do("GET", as+"/engines/shop/search?query=chair"+c.query, body, c.header...)
			if c.body != "" {
				expect(t, got, c.status, c.body)
			} else if found := ids(t, got); found != "p3" {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestTwoAuthorizationHeadersAreRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.server.Client("Authorization", "Bearer "+s.keys["search-key"], "Authorization", "Bearer "+s.keys["private-key"])
	expect(t, c.Get(as+"/engines"), 401, invalidToken)
}

func TestAHostIdentifierNamesTheProjectOfTheKey(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	cases := []struct {
		name, path, host string
		good             bool
	}{
		{"none", as, "", true},
		{"its own in the path", "/h/" + s.mine.HostIdentifier + as, "", true},
		{"its own in the path, in capitals", "/h/" + strings.ToUpper(s.mine.HostIdentifier) + as, "", true},
		{"another project's in the path", "/h/" + s.other.HostIdentifier + as, "", false},
		{"nobody's in the path", "/h/host-nobody" + as, "", false},
		{"its own as host", as, s.mine.HostIdentifier + "." + baseHost, true},
		{"its own as host with a port", as, strings.ToUpper(s.mine.HostIdentifier) + "." + baseHost + ":8080", true},
		{"another project's as host", as, s.other.HostIdentifier + "." + baseHost, false},
		{"nobody's as host", as, "host-nobody." + baseHost, false},
		{"a name below the base host that is no identifier", as, "console." + baseHost, true},
		{"another domain", as, s.other.HostIdentifier + ".example.org", true},
		{"its own in the path, another's as host", "/h/" + s.mine.HostIdentifier + as, s.other.HostIdentifier + "." + baseHost, false},
		{"another's in the path, its own as host", "/h/" + s.other.HostIdentifier + as, s.mine.HostIdentifier + "." + baseHost, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var header []string
			if c.host != "" {
				header = []string{"Host", c.host}
			}
			got := s.with("read").Get(c.path+"/engines/shop", header...)
			if c.good {
				ok(t, got)
			} else {
				expect(t, got, 401, invalidToken)
			}
		})
	}
	t.Run("nothing but the dialect is reached below it", func(t *testing.T) {
		for _, path := range []string{"/healthz", "/console", "/api/as", "/h/x/api/as/v1/engines"} {
			if got := s.with("read").Get("/h/" + s.mine.HostIdentifier + path); got.Status != http.StatusNotFound {
				t.Errorf("%s: %d %s", path, got.Status, got.Body)
			}
		}
	})
}

func TestEveryRequestIsCountedForItsKey(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	read, short := s.keyByName(s.mine, "read").ID, s.keyByName(s.mine, "search-key").ID
	reader := s.with("read")
	reader.Get(as + "/engines")                                         // accepted
	reader.Get(as + "/engines/no-such")                                 // refused: nothing of theirs is there
	reader.JSON("POST", as+"/engines", `{}`)                            // refused
	reader.Get("/h/" + s.other.HostIdentifier + as + "/engines")        // refused
	s.server.Client().Get(as + "/engines?auth_token=" + s.keys["read"]) // refused
	reader.Get(as + "/no-such-route")                                   // nobody asked for a key
	if got, want := s.used(read), (usage.Totals{Accepted: 1, Rejected: 4}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.revoke("search-key")
	s.with("search-key").Get(as + "/engines/shop/search?query=")
	if got, want := s.used(short), (usage.Totals{Rejected: 1}); got != want {
		t.Errorf("a revoked key: got %+v, want %+v", got, want)
	}
}

func TestAnEngineOutsideOfTheScopeLooksLikeAMissingOne(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	paths := []struct{ method, path, body string }{
		{"GET", "", ""}, {"DELETE", "", ""}, {"GET", "/schema", ""}, {"POST", "/schema", `{"a":"text"}`},
		{"GET", "/documents", `["p1"]`}, {"GET", "/documents/list", ""}, {"POST", "/documents", `[{"id":"x"}]`},
		{"PATCH", "/documents", `[{"id":"x"}]`}, {"DELETE", "/documents", `["x"]`},
		{"GET", "/synonyms", ""}, {"POST", "/synonyms", `{"synonyms":["a","b"]}`}, {"GET", "/synonyms/syn-0", ""},
		{"PUT", "/synonyms/syn-0", `{"synonyms":["a","b"]}`}, {"DELETE", "/synonyms/syn-0", ""},
		{"GET", "/curations", ""}, {"POST", "/curations", `{"queries":["a"],"hidden":["b"]}`}, {"GET", "/curations/cur-0", ""},
		{"PUT", "/curations/cur-0", `{"queries":["a"],"hidden":["b"]}`}, {"DELETE", "/curations/cur-0", ""},
		{"GET", "/search_settings", ""}, {"PUT", "/search_settings", `{}`}, {"POST", "/search_settings/reset", ""},
		{"POST", "/search", `{"query":""}`}, {"POST", "/search_explain", `{"query":""}`}, {"POST", "/multi_search", `{"queries":[{"query":""}]}`},
	}
	for _, p := range paths {
		for _, name := range []string{"blog", "confidential", "no-such", "shop%2F..%2Fblog", "SHOP"} {
			got := s.with("shop-full").JSON(p.method, as+"/engines/"+name+p.path, p.body)
			if got.Status != 404 || got.Body != noEngine {
				t.Errorf("%s %s%s: %d %s", p.method, name, p.path, got.Status, got.Body)
			}
		}
	}
	expect(t, s.with("shop-search").JSON("POST", as+"/engines/blog/search", `{"query":""}`), 404, noEngine)
	expect(t, s.with("shop-full").JSON("POST", as+"/engines", `{"name":"third"}`), 401, unauthorized)
}
