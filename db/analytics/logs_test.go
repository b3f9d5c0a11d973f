package analytics_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/db/analytics"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func (w *world) request(who audit.Who, engine, path string, status int) {
	w.Log(who, w.place, engine, analytics.Request{Method: "POST", Path: path, Agent: "curl/8", Body: []byte(`{"query":"lamp"}`), Status: status,
		Answer: []byte(`{"results":[]}`), Whole: true})
}

// paths tells the logged paths in order, and how many there are.
func (w *world) paths(who audit.Who, engine string, f analytics.LogFilter) string {
	w.t.Helper()
	if f.To.IsZero() {
		f.To = w.clock.Now().Add(time.Hour)
	}
	list, total, err := w.Logs(ctx, who, w.place, engine, f, analytics.Page{Limit: 10})
	w.must(err)
	var texts []string
	for _, l := range list {
		texts = append(texts, l.Path)
	}
	return fmt.Sprintf("%s of %d", strings.Join(texts, " "), total)
}

func TestRequestsAreLoggedForThoseWhoMayKnow(t *testing.T) {
	w := open(t)
	search := permission.Of(permission.SearchRead)
	foreign := key(permission.Key, secret.Private, permission.Full)
	foreign.Organization, foreign.Project = "z", "q"
	w.request(key(permission.Key, secret.Search, search), "shop", "/search-key", 200)
	w.request(key(permission.Signed, secret.Private, search), "shop", "/signed", 200)
	w.request(key(permission.Key, secret.Admin, permission.ManageKeys), "shop", "/no-right", 401)
	w.request(audit.Who{}, "shop", "/nobody", 401)
	w.request(foreign, "shop", "/foreign", 404)
	w.request(key(permission.Key, secret.Private, permission.Full, "blog"), "shop", "/other-engine", 404)
	w.request(w.who, "none", "/no-engine", 404)
	w.flush()
	if got := w.paths(w.who, "shop", analytics.LogFilter{}); got != "/search-key /signed /no-right of 3" {
		t.Error(got)
	}
	if got := w.paths(w.who, "blog", analytics.LogFilter{}); got != " of 0" {
		t.Error(got)
	}
	if n := w.number("SELECT COUNT(*) FROM api_logs"); n != 3 {
		t.Errorf("%d rows", n)
	}
}

// What was asked of an engine is not told of one that was made later under its name.
func TestRequestsOfADeletedEngineAreNotThoseOfItsNamesake(t *testing.T) {
	w := open(t)
	w.request(w.who, "shop", "/before", 200)
	w.clock.Add(time.Minute)
	w.sql(w.dir.Core, "DELETE FROM engines WHERE id = 'e-shop'")
	w.sql(w.dir.Core, "INSERT INTO engines (id, project_id, name, created_at, updated_at) VALUES ('e-new', 'p', 'shop', $1, 1)", w.clock.Now().UnixMilli())
	w.request(w.who, "shop", "/after", 200)
	w.flush()
	if got := w.paths(w.who, "shop", analytics.LogFilter{}); got != "/after of 1" {
		t.Error(got)
	}
}

func TestRequestsAreFoundByWhatTheyAre(t *testing.T) {
	w := open(t)
	start := w.clock.Now()
	for i, r := range []analytics.Request{
		{Method: "GET", Path: "/one?a=100%25", Status: 200},
		{Method: "POST", Path: "/two", Status: 400, Body: []byte(`{"query":"Red LAMP"}`)},
		{Method: "POST", Path: "/three", Status: 200, Answer: []byte(`{"found":"Blue chair"}`), Whole: true},
		{Method: "DELETE", Path: "/four_", Status: 404},
	} {
		if i > 0 {
			w.clock.Add(time.Minute)
		}
		w.Log(w.who, w.place, "shop", r)
	}
	w.flush()
	for name, c := range map[string]struct {
		f    analytics.LogFilter
		want string
	}{
		"all":            {analytics.LogFilter{}, "/one?a=100%25 /two /three /four_ of 4"},
		"the latest":     {analytics.LogFilter{Descending: true}, "/four_ /three /two /one?a=100%25 of 4"},
		"from":           {analytics.LogFilter{From: start.Add(2 * time.Minute)}, "/three /four_ of 2"},
		"to is left out": {analytics.LogFilter{To: start.Add(2 * time.Minute)}, "/one?a=100%25 /two of 2"},
		"status":         {analytics.LogFilter{Statuses: []int{400, 404}}, "/two /four_ of 2"},
		"method":         {analytics.LogFilter{Methods: []string{"GET", "DELETE"}}, "/one?a=100%25 /four_ of 2"},
		"in the path":    {analytics.LogFilter{Text: "THREE"}, "/three of 1"},
		"in the body":    {analytics.LogFilter{Text: "red lamp"}, "/two of 1"},
		"in the answer":  {analytics.LogFilter{Text: "blue"}, "/three of 1"},
		"a wildcard":     {analytics.LogFilter{Text: "_"}, "/four_ of 1"},
		"another":        {analytics.LogFilter{Text: "100%"}, "/one?a=100%25 of 1"},
		"a quote":        {analytics.LogFilter{Text: `'"\`}, " of 0"},
	} {
		if got := w.paths(w.who, "shop", c.f); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	page, total, err := w.Logs(ctx, w.who, w.place, "shop", analytics.LogFilter{To: w.clock.Now()}, analytics.Page{Offset: 1, Limit: 1})
	if err != nil || total != 3 || len(page) != 1 || page[0].Path != "/two" || page[0].Request != `{"query":"Red LAMP"}` || !page[0].At.Equal(start.Add(time.Minute)) {
		t.Errorf("a page: %v %d %v", page, total, err)
	}
	for name, f := range map[string]analytics.LogFilter{"long text": {Text: strings.Repeat("x", 129)}, "many statuses": {Statuses: make([]int, 51)}} {
		if _, _, err := w.Logs(ctx, w.who, w.place, "shop", f, analytics.Page{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := w.Logs(ctx, w.who, w.place, "shop", analytics.LogFilter{}, analytics.Page{Limit: 1001}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a large page: %v", err)
	}
}

// Who may read analytics and nothing else learns from the log nothing that stands in documents.
func TestBodiesAreForThoseWhoMayReadEverything(t *testing.T) {
	w := open(t)
	w.request(w.who, "shop", "/search", 200)
	w.flush()
	narrow := key(permission.Key, secret.Private, permission.Of(permission.AnalyticsRead, permission.IndicesRead))
	list, _, err := w.Logs(ctx, narrow, w.place, "shop", analytics.LogFilter{To: w.clock.Now().Add(time.Hour)}, analytics.Page{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Request+list[0].Response != "" || list[0].Path != "/search" {
		t.Errorf("%+v %v", list, err)
	}
	if got := w.paths(narrow, "shop", analytics.LogFilter{Text: "results"}); got != " of 0" {
		t.Errorf("found by what stands in a body: %s", got)
	}
	if got := w.paths(key(permission.Key, secret.Private, permission.Read), "shop", analytics.LogFilter{Text: "results"}); got != "/search of 1" {
		t.Errorf("a reading key: %s", got)
	}
}

// The latest requests of a day are kept, and nobody pushes out with a public key what others did.
func TestTheLogOfADayIsBounded(t *testing.T) {
	w := open(t)
	public := key(permission.Key, secret.Search, permission.Of(permission.SearchRead))
	w.request(w.who, "shop", "/server", 200)
	for i := range 3 * analytics.MaxPendingOne {
		w.request(public, "shop", fmt.Sprint("/", i), 200)
	}
	w.request(w.who, "blog", "/quiet", 200)
	w.flush()
	if n := w.number("SELECT COUNT(*) FROM api_logs"); n != analytics.MaxPendingOne+1 {
		t.Errorf("%d rows after one flush", n)
	}
	w.sql(w.dir.Engines, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO api_logs (engine, day, public, at, method, status, path, user_agent, request, response)
		SELECT l.engine, l.day, 1, l.at, 'GET', 200, '/more', '', '', '' FROM n, (SELECT * FROM api_logs WHERE path = '/server') l`, analytics.MaxLogs)
	w.sql(w.dir.Engines, "UPDATE analytics_days SET n = n + $1 WHERE kind = 'public_logs'", analytics.MaxLogs)
	w.request(public, "shop", "/latest", 200)
	w.flush()
	if n := w.number("SELECT COUNT(*) FROM api_logs WHERE public = 1"); n != analytics.MaxLogs {
		t.Errorf("%d public rows of a day", n)
	}
	for path, want := range map[string]int64{"/latest": 1, "/server": 1, "/quiet": 1, "/0": 0} {
		if n := w.number("SELECT COUNT(*) FROM api_logs WHERE path = $1", path); n != want {
			t.Errorf("%s: %d, want %d", path, n, want)
		}
	}
}

func TestWhatIsLoggedIsCut(t *testing.T) {
	w := open(t)
	long := `{"query":"` + strings.Repeat("lamp ", 20_000) + `"}`
	many := `[` + strings.Repeat(`{"a":"lamp"},`, 20_000) + `1]`
	for _, body := range []string{long, many} {
		w.Log(w.who, w.place, "shop", analytics.Request{Method: "POST", Path: "/" + strings.Repeat("p", 10_000), Agent: strings.Repeat("a ", 1000), Body: []byte(body), Answer: []byte(body), Whole: true})
	}
	w.flush()
	if n := w.number("SELECT MAX(length(CAST(path AS BLOB)) + length(CAST(user_agent AS BLOB))) FROM api_logs"); n > analytics.MaxPath+analytics.MaxAgent {
		t.Errorf("%d bytes of path and agent", n)
	}
	if n := w.number("SELECT MAX(MAX(length(CAST(request AS BLOB))), MAX(length(CAST(response AS BLOB)))) FROM api_logs"); n > int64(analytics.MaxBody+len("…")) || n < analytics.MaxBody-100 {
		t.Errorf("%d bytes of a body", n)
	}
}
