package appsearch_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/db/permission"
	"latchkey/web/webtest"
)

const shop = as + "/engines/shop"

// counted flushes what was recorded and gives an answer of the analytics.
func (s *stand) counted(what, body string) webtest.Answer {
	s.t.Helper()
	s.must(s.analytics.Flush(ctx))
	return s.with("read").JSON("POST", shop+"/analytics/"+what, body)
}

func TestSearchesAndClicksAreCounted(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	search, read := s.with("search-key"), s.with("read")
	search.JSON("POST", shop+"/search", `{"query":"Red  LAMP","analytics":{"tags":["web"]}}`)
	search.Get(shop + "/search.json?query=red+lamp&analytics[tags][]=web&analytics[tags][]=mobile")
	search.JSON("POST", shop+"/search", `{"query":"unicorns everywhere"}`)
	search.JSON("POST", shop+"/search", `{"query":"secret mission","record_analytics":false}`)
	search.JSON("POST", shop+"/search", `{"query":"refused","page":{"size":-1}}`)
	search.JSON("POST", shop+"/multi_search", `{"queries":[{"query":"chair"},{"query":"chair"}]}`)
	search.JSON("POST", shop+"/multi_search", `{"queries":[{"query":"half"},{"query":"half","page":{"size":-1}}]}`)
	signed := s.as(s.signText(s.keys["private-key"], plainHeader, `{"api_key_name":"private-key","record_analytics":false}`))
	signed.JSON("POST", shop+"/search", `{"query":"unrecorded by its token","record_analytics":true}`)
	for _, c := range []*webtest.Client{search, read, s.as(s.signText(s.keys["private-key"], plainHeader, `{"api_key_name":"private-key"}`))} {
		got := c.JSON("POST", shop+"/click", `{"query":"RED lamp","document_id":"p1","request_id":"r","tags":["web"]}`)
		expect(t, got, 200, "")
		if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("headers of a click: %v", got.Header)
		}
	}
	expect(t, search.JSON("POST", shop+"/click.json?document_id=never-heard&query=chair", "{}"), 200, "")
	expect(t, s.counted("queries", `{}`), 200, `{"meta":{"page":{"size":3,"current":1}},"results":[{"term":"red lamp","clicks":3,"queries":2},`+
		`{"term":"chair","clicks":1,"queries":2},{"term":"unicorns everywhere","clicks":0,"queries":1}]}`)
	expect(t, s.counted("queries", `{"filters":{"all":[{"results":false},{"clicks":false}]},"page":{"size":3}}`), 200,
		`{"meta":{"page":{"size":1,"current":1}},"results":[{"term":"unicorns everywhere","clicks":0,"queries":1}]}`)
	expect(t, s.counted("queries", `{"filters":{"tag":["mobile","tv"]}}`), 200,
		`{"meta":{"page":{"size":1,"current":1}},"results":[{"term":"red lamp","clicks":0,"queries":1}]}`)
	expect(t, s.counted("clicks", `{}`), 200, `{"meta":{"page":{"size":2,"current":1}},"results":[{"document_id":"p1","clicks":3},{"document_id":"never-heard","clicks":1}]}`)
	expect(t, s.counted("clicks", `{"query":"Chair"}`), 200, `{"meta":{"page":{"size":1,"current":1}},"results":[{"document_id":"never-heard","clicks":1}]}`)
	expect(t, s.with("read").Get(shop+"/analytics/clicks/?page[size]=1&page[current]=2&filters[date][from]=2026-03-14T00:00:00+00:00"), 200,
		`{"meta":{"page":{"size":1,"current":2}},"results":[{"document_id":"never-heard","clicks":1}]}`)
	expect(t, s.counted("counts", `{"filters":{"all":[{"query":"red lamp"},{"date":{"from":"2026-03-14T09:00:00Z","to":"2030-01-01"}}]},"interval":"hour"}`), 200,
		`{"results":[{"clicks":3,"queries":2,"from":"2026-03-14T09:00:00+00:00","to":"2026-03-14T09:26:54Z"}]}`)
	expect(t, s.counted("counts", `{"filters":{"document_id":"p1"}}`), 200, strings.Replace(weekOfNothing, `{"clicks":0,"queries":0,"from":"2026-03-14T00:00:00+00:00"`, `{"clicks":3,"queries":0,"from":"2026-03-14T00:00:00+00:00"`, 1))
	// Nothing of it is told of another engine, or to another project.
	expect(t, s.with("read").Get(as+"/engines/blog/analytics/queries"), 200, `{"meta":{"page":{"size":0,"current":1}},"results":[]}`)
	expect(t, s.as(s.foreign["private-key"]).Get(shop+"/analytics/clicks"), 200, `{"meta":{"page":{"size":0,"current":1}},"results":[]}`)
	expect(t, s.with("read").Get(as+"/engines/confidential/analytics/queries"), 404, noEngine)
}

// weekOfNothing is the answer as it was recorded, at the time of the stand.
var weekOfNothing = func() string {
	var days []string
	at := func(day int) string {
		return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC).Format("2006-01-02T15:04:05") + "+00:00"
	}
	from := "2026-03-07T09:26:54Z"
	for day := 8; day <= 14; day++ {
		days = append(days, fmt.Sprintf(`{"clicks":0,"queries":0,"from":%q,"to":%q}`, from, at(day)))
		from = at(day)
	}
	return `{"results":[` + strings.Join(append(days, fmt.Sprintf(`{"clicks":0,"queries":0,"from":%q,"to":"2026-03-14T09:26:54Z"}`, from)), ",") + `]}`
}()

func TestWhatIsWrongWithAQuestionForAnalyticsIs400(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.with("private-key")
	for _, r := range []struct{ path, body, message string }{
		{"/click", `{"document_id":"p1"}`, "Missing required parameter: query"},
		{"/click", `{"query":"lamp"}`, "Missing required parameter: document_id"},
		{"/click", `{"query":"lamp","document_id":""}`, "Document id must have 1 to 800 characters"},
		{"/click", `{"query":"lamp","document_id":["p1"]}`, "document_id must be a text"},
		{"/click", `{"query":{},"document_id":"p1"}`, "query must be a text"},
		{"/click", `{"query":"` + strings.Repeat("x", 129) + `","document_id":"p1"}`, "Query must be at most 128 characters"},
		{"/click", `{"query":"","document_id":"p1","tags":"` + strings.Repeat("x", 65) + `"}`, "Tags must be at most 64 characters"},
		{"/click", `{"query":"","document_id":"p1","tags":{"a":1}}`, "Tags must be a list of at most 16 tags"},
		{"/click", `{"query":"","document_id":"p1","color":"red"}`, "Options contains invalid key: color"},
		{"/click", `[`, "The request body is not valid JSON."},
		{"/analytics/clicks", `{"filters":{"colour":"red"}}`, "Filters contains invalid key: colour"},
		{"/analytics/clicks", `{"filters":"red"}`, "Filters must be an object"},
		{"/analytics/clicks", `{"filters":{"all":[[1]]}}`, "Filters must be an object"},
		{"/analytics/clicks", `{"filters":{"all":1}}`, "Filters all must be a list"},
		{"/analytics/clicks", `{"filters":{"tag":[]}}`, "Filters tag must be a tag or a list of tags"},
		{"/analytics/clicks", `{"filters":{"tag":{"a":1}}}`, "Filters tag must be a tag or a list of tags"},
		{"/analytics/clicks", `{"filters":{"all":[{"query":"a"},{"query":"b"}]}}`, "Filters query must be one text"},
		{"/analytics/clicks", `{"filters":{"date":"today"}}`, "Filters date must be an object with from and to"},
		{"/analytics/clicks", `{"filters":{"date":{"from":"today"}}}`, "Filters date must have from and to as dates in RFC 3339"},
		{"/analytics/clicks", `{"filters":{"date":{"since":"today"}}}`, "Filters date contains invalid key: since"},
		{"/analytics/clicks", `{"filters":{"date":{"from":"2026-03-02","to":"2026-03-01"}}}`, "Date from must not be after to"},
		{"/analytics/clicks", `{"filters":{"date":{"from":"1950-03-02"}}}`, "Date range is too long"},
		{"/analytics/clicks", `{"query":["lamp"]}`, "query must be a text"},
		{"/analytics/clicks", `{"page":{"size":0}}`, "Page size must be at least 1"},
		{"/analytics/clicks", `{"page":{"current":0}}`, "Page current must be between 1 and 1000000"},
		{"/analytics/clicks", `{"page":{"current":1000,"size":1000}}`, "Page must not reach beyond the first 10000 rows"},
		{"/analytics/clicks", strings.Repeat(`{"filters":{"all":[`, 1) + strings.Repeat(`{"all":[`, 8) + strings.Repeat(`]}`, 8) + `]}}`, "Filters must be an object"},
		{"/analytics/queries", `{"filters":{"results":"perhaps"}}`, "Filters results must be true or false"},
		{"/analytics/queries", `{"filters":{"all":[{"clicks":true},{"clicks":false}]}}`, "Filters clicks must be true or false"},
		{"/analytics/queries", `{"query":"lamp"}`, "Options contains invalid key: query"},
		{"/analytics/counts", `{"interval":"week"}`, "Interval must be hour or day"},
		{"/analytics/counts", `{"interval":"hour","filters":{"date":{"from":"2020-01-01"}}}`, "Date range is too long for this interval"},
		{"/analytics/counts", `{"page":{"size":1}}`, "Options contains invalid key: page"},
		{"/logs/api", `{}`, "Missing required parameter: filters[date][from]"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-01"}}}`, "Missing required parameter: filters[date][to]"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-02","to":"2026-01-01"}}}`, "Date from must not be after to"},
		{"/logs/api", `{"filters":{"date":{"from":"x","to":"y"}}}`, "Filters date must have from and to as dates in RFC 3339"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-02-01"},"status":"all"}}`, "Filters status must be between 100 and 599"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-02-01"},"method":"FETCH"}}`, "Filters method must be one of GET, HEAD, POST, PUT, PATCH, DELETE"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-02-01"},"color":"red"}}`, "Filters contains invalid key: color"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-02-01"}},"sort_direction":"up"}`, "Sort direction must be asc or desc"},
		{"/logs/api", `{"filters":{"date":{"from":"2026-01-01","to":"2026-02-01"}},"query":"` + strings.Repeat("x", 129) + `"}`, "Filters must have at most 50 values, and query 128 characters"},
	} {
		expect(t, c.JSON("POST", shop+r.path, r.body), 400, fmt.Sprintf(`{"errors":[%q]}`, r.message))
	}
	for _, name := range []string{"search-key", "write", "admin"} {
		for _, path := range []string{"/analytics/clicks", "/analytics/queries", "/analytics/counts", "/logs/api"} {
			expect(t, s.with(name).Get(shop+path), 401, unauthorized)
		}
	}
	expect(t, s.with("write").JSON("POST", shop+"/click", `{"query":"lamp","document_id":"p1"}`), 401, unauthorized)
	expect(t, s.with("shop-search").JSON("POST", as+"/engines/blog/click", `{"query":"lamp","document_id":"p1"}`), 404, noEngine)
}

// logs flushes what was recorded and gives the paths in the log of an engine, in order.
func (s *stand) logs(engine, query string) string {
	s.t.Helper()
	s.must(s.analytics.Flush(ctx))
	var paths []string
	for _, r := range ok(s.t, s.with("private-key").Get(as+"/engines/"+engine+"/logs/api?filters[date][from]=2026-03-01&filters[date][to]=2026-04-01&page[size]=100"+query))["results"].([]any) {
		row := r.(map[string]any)
		path := strings.TrimPrefix(row["full_request_path"].(string), as+"/engines")
		paths = append(paths, fmt.Sprint(row["http_method"], " ", path, " ", row["status"]))
	}
	return strings.Join(paths, "\n")
}

// Every request of an engine is in its log, also one that is refused, and nothing of those who proved nothing.
func TestRequestsAreLogged(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.with("search-key").JSON("POST", shop+"/search.json", `{"query":"lamp"}`)
	s.with("search-key").JSON("POST", shop+"/search", `{"query":"lamp","color":1}`)
	s.with("search-key").Get(shop + "/documents/list")
	s.with("private-key").JSON("POST", shop+"/documents", `[{"id":"new","title":"New lamp"}]`)
	s.with("private-key").JSON("DELETE", shop+"/documents", `["new"]`)
	s.server.Client("X-Swiftype-Client", "x").Get("/h/" + s.mine.HostIdentifier + shop + "/search?query=&auth_token=" + s.keys["search-key"])
	s.with("search-key").JSON("POST", shop+"/search", `{"query":`)
	// None of these is.
	s.with("private-key").JSON("POST", shop+"/search", `{"query":"`+strings.Repeat("x", 200<<10)+`"}`) // refused before anybody is asked who they are
	s.as("private-unknown").Get(shop + "/search?query=lamp")
	s.server.Client().Get(shop + "/search?query=lamp")
	s.with("shop-search").Get(as + "/engines/blog/search?query=lamp")
	s.with("private-key").Get(as + "/engines/none/search?query=lamp")
	s.with("private-key").Get(as + "/engines")
	s.with("admin").Get(as + "/credentials")
	s.as(s.foreign["private-key"]).Get(shop + "/search?query=lamp")
	s.revoke("shop-full")
	s.with("shop-full").Get(shop + "/search?query=lamp")
	want := `POST /shop/search.json 200
POST /shop/search 400
GET /shop/documents/list 401
POST /shop/documents 200
DELETE /shop/documents 200
GET /h/` + s.mine.HostIdentifier + as + `/engines/shop/search?query=&auth_token=[hidden] 200
POST /shop/search 400`
	if got := s.logs("shop", ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := s.logs("blog", ""); got != "" {
		t.Errorf("blog:\n%s", got)
	}
	if got := s.logs("shop", "&filters[status]=401"); got != "GET /shop/documents/list 401" {
		t.Errorf("by status:\n%s", got)
	}
	if got := s.logs("shop", "&filters[method][]=DELETE"); got != "DELETE /shop/documents 200" {
		t.Errorf("by method:\n%s", got)
	}
	if got := s.logs("shop", "&query=New+Lamp&filters[method]=post"); got != "POST /shop/documents 200" {
		t.Errorf("by text:\n%s", got)
	}
	if got := s.logs("shop", "&sort_direction=DESC&page[size]=1"); !strings.HasPrefix(got, "GET /shop/logs/api") {
		t.Errorf("the latest:\n%s", got)
	}
	// Bodies are there.
	row := ok(t, s.with("read").JSON("POST", shop+"/logs/api", `{"filters":{"date":{"from":"2026-03-01","to":"2026-04-01"},"method":"DELETE"},"query":"documents"}`))
	first := row["results"].([]any)[0].(map[string]any)
	if first["request_body"] != `["new"]` || first["response_body"] != `[{"id":"new","deleted":true}]` || first["path"] != nil || first["timestamp"] != "2026-03-14T09:26:54Z" {
		t.Errorf("%v", first)
	}
	if meta := fmt.Sprint(row["meta"]); meta != "map[filters:map[date:map[from:2026-03-01 to:2026-04-01] method:DELETE] page:map[current:1 size:10 total_pages:1 total_results:1] query:documents sort_direction:asc]" {
		t.Error(meta)
	}
}

// The log of an engine holds what searches answer, which a signed search key may not see in full.
func TestASignedSearchKeyReadsNoLogs(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.as(s.signText(s.keys["private-key"], plainHeader, `{"api_key_name":"private-key","filters":{"status":"public"}}`))
	for _, path := range []string{"/logs/api", "/analytics/queries", "/analytics/clicks", "/analytics/counts"} {
		expect(t, c.Get(shop+path+"?"+url.Values{"filters[date][from]": {"2026-03-01"}, "filters[date][to]": {"2026-04-01"}}.Encode()), 401, unauthorized)
	}
}

func TestLogsAndAnalyticsEndWithTheirEngine(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.with("private-key").JSON("POST", shop+"/search", `{"query":"lamp"}`)
	s.must(s.analytics.Flush(ctx))
	s.with("private-key").JSON("DELETE", shop, "")
	expect(t, s.with("private-key").Get(shop+"/analytics/queries"), 404, noEngine)
	s.clock.Add(time.Minute)
	s.engine(s.mine, "shop")
	expect(t, s.with("private-key").Get(shop+"/analytics/queries"), 200, `{"meta":{"page":{"size":0,"current":1}},"results":[]}`)
	if got := s.logs("shop", "&query=search"); got != "" {
		t.Errorf("of a new engine:\n%s", got)
	}
	s.must(s.analytics.Clean(ctx))
}

// A search in a meta engine is one of the meta engine, and not of those that it searches.
func TestASearchOfSeveralEnginesIsCountedOnce(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	ok(t, s.with("private-key").JSON("POST", as+"/engines", `{"name":"all","type":"meta","source_engines":["shop","blog"]}`))
	ok(t, s.with("private-key").JSON("POST", as+"/engines/all/search", `{"query":"lamp"}`))
	expect(t, s.with("private-key").JSON("POST", as+"/engines/all/click", `{"query":"lamp","document_id":"shop|p1"}`), 200, "")
	expect(t, s.counted("queries", `{}`), 200, `{"meta":{"page":{"size":0,"current":1}},"results":[]}`)
	expect(t, s.with("read").Get(as+"/engines/all/analytics/queries"), 200, `{"meta":{"page":{"size":1,"current":1}},"results":[{"term":"lamp","clicks":1,"queries":1}]}`)
	expect(t, s.with("shop-full").Get(as+"/engines/all/analytics/queries"), 404, noEngine)
}

// Who asks with a password is logged as those with keys are, and their password is not.
func TestRequestsWithAPasswordAreLogged(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.user("viewer", permission.ProjectViewer)
	s.by("viewer", password).JSON("POST", shop+"/search", `{"query":"lamp"}`)
	s.by("viewer", password).JSON("DELETE", shop+"/documents", `["p1"]`)
	s.by("viewer", "wrong").JSON("POST", shop+"/search", `{"query":"lamp"}`)
	if got := s.logs("shop", ""); got != "POST /shop/search 200\nDELETE /shop/documents 401" {
		t.Error(got)
	}
}
