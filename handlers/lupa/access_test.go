package lupa_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/web"
	"latchkey/web/webtest"
)

// everybody is everyone that access depends on.
var everybody = []string{
	"guest", "stranger", "member", "viewer", "manager", "admin",
	"search key", "admin key", "read key", "write key", "full key", "keys reader", "keys maker", "films key",
	"revoked key", "expired key", "blog key", "globex key",
}

// always is what those get who have no business with books, whatever they ask.
var always = map[string]int{
	"guest": 401, "revoked key": 401, "expired key": 401, "stranger": 404, "member": 404, "blog key": 404, "globex key": 404,
}

// row says who may use a route; all others are forbidden to. films says what a key gets whose scope is films only.
type row struct {
	method, route string
	may           []string
	films         int
	body          string
	path          func(w *world) string // of something fresh, where the route destroys
}

func rows() []row {
	const keys, indices = "/v1/organizations/:org/projects/:project/apiKeys", "/v1/organizations/:org/projects/:project/indices"
	const on = "/v1/indices/:index"
	readers := []string{"viewer", "manager", "admin", "read key", "full key"}
	writers := []string{"manager", "admin", "write key", "full key"}
	seers := append(slices.Clone(readers), "keys reader", "keys maker")
	keySeers := []string{"viewer", "manager", "admin", "admin key", "keys reader", "keys maker"}
	keyMakers := []string{"manager", "admin", "admin key", "keys maker"}
	keyBody := `{"description":"d","access":"custom","permissions":["indices.read"],"restrictIndexScope":false,"indexIds":[],"expiration":null}`
	queryBody := `{"description":"d","configuration":{"queryFields":{"title":1}}}`
	freshKey := func(w *world) string {
		k := w.key(w.shop, credential.Input{Access: permission.AccessCustom, Permissions: []string{"indices.read"}})
		return w.keysPath() + "/" + k.id
	}
	freshIndex := func(w *world) string {
		return index(w.engine(w.shop, fmt.Sprintf("fresh-%d", nextNumber())))
	}
	freshQuery := func(w *world) string { return index(w.books) + "/queries/" + w.query(w.books).ID }
	return []row{
		{get, keys, keySeers, 403, "", nil},
		{post, keys, keyMakers, 403, keyBody, nil},
		{get, keys + "/:id", keySeers, 403, "", freshKey},
		{put, keys + "/:id", keyMakers, 403, keyBody, freshKey},
		{patch, keys + "/:id", keyMakers, 403, `{"description":"other"}`, freshKey},
		{del, keys + "/:id", keyMakers, 403, "", freshKey},
		{get, indices, append(slices.Clone(seers), "films key"), 200, "", nil},
		{post, indices, writers, 403, `{"name":"new-%d"}`, nil},
		{get, on, seers, 404, "", nil},
		{del, on, writers, 404, "", freshIndex},
		{get, on + "/mapping", seers, 404, "", nil},
		{post, on + "/mapping", writers, 404, `{"title":{"type":"text"}}`, nil},
		{put, on + "/mapping", writers, 404, `{"title":{"type":"text"}}`, nil},
		{post, on + "/documents", writers, 404, `{"documents":[{"id":1}]}`, nil},
		{patch, on + "/documents", writers, 404, `{"documents":[{"id":1}]}`, nil},
		{get, on + "/documents/count", readers, 404, "", nil},
		{post, on + "/documents/batchDelete", writers, 404, `{"ids":["nothing"]}`, nil},
		{del, on + "/documents/:document", writers, 404, "", func(w *world) string {
			w.fill(w.books, engine.Source{"id": "gone"})
			return index(w.books) + "/documents/gone"
		}},
		{get, on + "/queries", readers, 404, "", nil},
		{post, on + "/queries", writers, 404, queryBody, nil},
		{get, on + "/queries/:id", readers, 404, "", freshQuery},
		{put, on + "/queries/:id", writers, 404, queryBody, freshQuery},
		{del, on + "/queries/:id", writers, 404, "", freshQuery},
	}
}

var numbers atomic.Int64

func nextNumber() int64 { return numbers.Add(1) }

// query makes a search query.
func (w *world) query(e engine.Engine) engine.SearchQuery {
	q, err := w.engines.CreateQuery(context.Background(), audit.CommandLine(), place(w.shop), e.Name,
		engine.NewSearchQuery{Configuration: []byte(`{"queryFields":{"title":1}}`)})
	w.must(err)
	return q
}

// fill stores documents.
func (w *world) fill(e engine.Engine, docs ...engine.Source) {
	w.t.Helper()
	results, err := w.engines.Import(context.Background(), audit.CommandLine(), place(w.shop), e.Name, docs)
	w.must(err)
	for _, r := range results {
		if len(r.Errors) > 0 {
			w.t.Fatalf("document %s: %v", r.ID, r.Errors)
		}
	}
}

func (r row) pathOf(w *world) string {
	if r.path != nil {
		return r.path(w)
	}
	return strings.NewReplacer(":org", "acme", ":project", "shop", ":index", w.books.ID).Replace(r.route)
}

func (r row) wanted(who string) int {
	if status, ok := always[who]; ok {
		return status
	}
	switch {
	case who == "films key":
		return r.films
	case slices.Contains(r.may, who):
		return 200
	}
	return 403
}

func (r row) ask(w *world, c *webtest.Client, path string) webtest.Answer {
	body := r.body
	if strings.Contains(body, "%d") {
		body = fmt.Sprintf(body, nextNumber())
	}
	return c.JSON(r.method, path, body)
}

// Every route says to everybody exactly what their role, key or scope allows.
func TestAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(w.books, engine.Source{"id": "1"})
	for _, r := range rows() {
		t.Run(r.method+" "+r.route, func(t *testing.T) {
			for _, who := range everybody {
				a := r.ask(w, w.as(who), r.pathOf(w))
				if wanted := r.wanted(who); a.Status != wanted {
					t.Errorf("%s: status %d, want %d: %s", who, a.Status, wanted, a.Body)
				}
				if a.Body == "" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s: body %q, headers %v", who, a.Body, a.Header)
				}
				if challenged := a.Header.Get("WWW-Authenticate") != ""; challenged != (a.Status == 401 || a.Status == 403) {
					t.Errorf("%s: status %d with WWW-Authenticate %q", who, a.Status, a.Header.Get("WWW-Authenticate"))
				}
			}
		})
	}
}

// Every route is either in the table of TestAccess or public on purpose, so none is forgotten.
func TestEveryRouteIsInTheTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := []string{"POST /v1/users/login", "GET /v1/users/me", "GET /v1/query/:queryKey", "POST /v1/query/:queryKey"}
	for _, r := range rows() {
		known = append(known, r.method+" "+r.route)
	}
	var public []string
	for _, r := range w.web.Routes() {
		name := r.Method + " " + r.Path
		if !slices.Contains(known, name) {
			t.Errorf("%s is in no table", name)
		}
		if strings.HasPrefix(r.Guard.Name, web.Public("").Name) {
			public = append(public, name)
		}
	}
	if wanted := []string{"POST /v1/users/login", "GET /v1/query/:queryKey", "POST /v1/query/:queryKey"}; !slices.Equal(public, wanted) {
		t.Errorf("public routes %v, want %v", public, wanted)
	}
}

// What belongs to others answers with the same bytes as what does not exist.
func TestForeignIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const nowhere = "11111111-2222-4333-8444-555555555555"
	for _, r := range rows() {
		missing := strings.NewReplacer(":org", "nobody", ":project", "nothing", ":index", nowhere, ":id", nowhere, ":document", "1").Replace(r.route)
		foreign := strings.NewReplacer(":org", "globex", ":project", "lab", ":index", w.notes.ID, ":id", nowhere, ":document", "1").Replace(r.route)
		for _, who := range []string{"admin", "full key", "read key", "films key", "admin key", "viewer", "member"} {
			m, f := r.ask(w, w.as(who), missing), r.ask(w, w.as(who), foreign)
			if m.Status != f.Status || m.Body != f.Body {
				t.Errorf("%s %s as %s: missing %d %s foreign %d %s", r.method, r.route, who, m.Status, m.Body, f.Status, f.Body)
			}
			if m.Status != 404 && m.Status != 403 {
				t.Errorf("%s %s as %s: status %d", r.method, r.route, who, m.Status)
			}
		}
	}
}

// What lies outside of a key's scope answers with the same bytes as what does not exist.
func TestOutOfScopeIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as("films key")
	missing := c.Get("/v1/indices/11111111-2222-4333-8444-555555555555")
	outside := c.Get(index(w.books))
	if missing.Status != 404 || missing.Body != outside.Body {
		t.Errorf("missing %d %s outside %d %s", missing.Status, missing.Body, outside.Status, outside.Body)
	}
	want(t, c.Get(index(w.films)), 200)
	if body := want(t, c.Get("/v1/organizations/acme/projects/shop/indices"), 200); strings.Contains(body, "books") || !strings.Contains(body, "films") {
		t.Errorf("list shows more than the scope: %s", body)
	}
}

// Each key's use is counted: what its guard let pass, and what it refused.
func TestUsageIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{index(w.books), index(w.books) + "/documents/count", index(w.notes), w.keysPath(), "/v1/users/me", "/v1/nothing"} {
		w.as("full key").Get(path)
		w.as("revoked key").Get(path)
	}
	w.as("full key").JSON(post, index(w.books)+"/documents", `{"documents":7}`)
	w.as("full key").Get("/v1/query/unknown12345")
	w.must(w.usage.Flush(context.Background()))
	for name, wanted := range map[string][2]int64{"full key": {3, 3}, "revoked key": {0, 5}, "read key": {0, 0}} {
		sum, err := w.usage.OfKey(context.Background(), w.keys[name].id)
		w.must(err)
		if got := [2]int64{sum.Hour.Accepted, sum.Hour.Rejected}; got != wanted {
			t.Errorf("%s: accepted and rejected %v, want %v", name, got, wanted)
		}
	}
}
