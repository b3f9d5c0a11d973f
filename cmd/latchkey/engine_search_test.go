package main

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

// tried is what a search as a key came to: on the page, or of the API.
type tried struct {
	Status  int // of the API, as it is or as the page tells it
	Message string
	Total   int
	IDs     string
}

var (
	refusedOn = regexp.MustCompile(`App Search answers (\d+): <code>([^<]*)</code>`)
	totalOn   = regexp.MustCompile(`role="status">([\d,]+) documents? in `)
	hitOn     = regexp.MustCompile(`<h3><a href="[^"]*"><code><bdi>([^<]*)</bdi>`)
)

// shownBy reads a page of results.
func shownBy(t *testing.T, a webtest.Answer) tried {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Fatalf("the page: %d", a.Status)
	}
	var r tried
	if m := refusedOn.FindStringSubmatch(a.Body); m != nil {
		fmt.Sscan(m[1], &r.Status)
		r.Message = html.UnescapeString(m[2])
		if strings.Contains(a.Body, `class="hits"`) {
			t.Error("a refusal with results")
		}
		return r
	}
	r.Status = http.StatusOK
	m := totalOn.FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatal("neither a result nor a refusal")
	}
	fmt.Sscan(m[1], &r.Total)
	for _, hit := range hitOn.FindAllStringSubmatch(a.Body, -1) {
		r.IDs += html.UnescapeString(hit[1]) + " "
	}
	return r
}

// answeredBy asks the API itself.
func (w *world) answeredBy(address, key string) tried {
	w.t.Helper()
	a := w.web.Client("Authorization", "Bearer "+key).JSON(http.MethodPost, address, `{"query":"park"}`)
	var body struct {
		Error   string
		Errors  []string
		Results []struct{ ID struct{ Raw string } }
		Meta    struct {
			Page struct {
				Total int `json:"total_results"`
			}
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		w.t.Fatalf("%d %s", a.Status, a.Body)
	}
	r := tried{Status: a.Status, Total: body.Meta.Page.Total, Message: strings.Join(append(body.Errors, body.Error), "")}
	for _, hit := range body.Results {
		r.IDs += hit.ID.Raw + " "
	}
	return r
}

// What the console says that a key would get is what the key gets.
func TestSearchAsAKeyIsWhatTheKeyGets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cl := context.Background(), audit.CommandLine()
	var docs []engine.Source
	for i := range 13 {
		docs = append(docs, engine.Source{"id": fmt.Sprintf("d-%02d", i), "title": strings.Repeat("park ", i+1), "state": []string{"CA", "ME"}[i%2]})
	}
	if _, err := w.engines.Import(ctx, cl, w.shop.Target(), "parks", docs); err != nil {
		t.Fatal(err)
	}
	only := func(in credential.Input, names ...string) credential.Input {
		in.AllEngines, in.Engines = false, names
		return in
	}
	search := credential.Input{Type: secret.Search, AllEngines: true}
	inputs := map[string]credential.Input{
		"search": search, "search here": only(search, "parks", "x"), "search elsewhere": only(search, "shop-only"),
		"read": privateKey(permission.AccessRead), "write": privateKey(permission.AccessWrite), "full": privateKey(permission.AccessFull),
		"read elsewhere": only(privateKey(permission.AccessRead), "shop-only"), "write elsewhere": only(privateKey(permission.AccessWrite), "shop-only"),
		"custom search": privateKey(permission.AccessCustom, "search.read"), "custom documents": privateKey(permission.AccessCustom, "documents.read"),
		"custom search elsewhere": only(privateKey(permission.AccessCustom, "search.read"), "nowhere"),
		"admin":                   {Type: secret.Admin}, "expired": search, "revoked": search, "expired elsewhere": only(search, "shop-only"),
	}
	browser, page := w.browser("viewer"), "/console/organizations/acme/projects/shop/engines/parks/search"
	api := "/h/" + w.shop.HostIdentifier + "/api/as/v1/engines/parks/search"
	compare := func(name string, shown, answered tried) {
		t.Helper()
		if shown != answered {
			t.Errorf("%s: the page says %+v, the API %+v", name, shown, answered)
		}
	}
	seen := map[int]bool{}
	for name, in := range inputs {
		if strings.HasPrefix(name, "expired") {
			in.ExpiresAt = w.clock.Now().Add(time.Minute)
		}
		k, raw := w.key(w.shop, in)
		switch {
		case name == "revoked":
			w.revoke(k)
		case strings.HasPrefix(name, "expired"):
			w.clock.Add(2 * time.Minute)
		}
		answered := w.answeredBy(api, raw)
		seen[answered.Status] = true
		compare(name+", chosen", shownBy(t, browser.Get(page+"?q=park&key="+k.ID)), answered)
		compare(name+", pasted", shownBy(t, browser.Form(page, "q", "park", "secret", raw)), answered)
		if k.Type != secret.Admin {
			token := sign(raw, fmt.Sprintf(`{"api_key_name":%q,"filters":{"state":["CA"]}}`, k.Name))
			compare(name+", signed with", shownBy(t, browser.Form(page, "q", "park", "secret", token)), w.answeredBy(api, token))
		}
	}
	for _, claims := range []string{
		`"filters":{"all":[{"state":"CA"},{"title":"x"}]}`, `"filters":null`, `"search_fields":{}`, `"search_fields":{"state":{}}`, `"page":{"size":3,"current":2}`,
		`"result_fields":{"state":{"raw":{}}}`, `"sort":{"state":"asc"}`, `"query":"nothing"`, `"boosts":{"x":[]}`, `"exp":1`, `"nbf":99999999999`, `"unknown":true`,
	} {
		token := sign(w.private, `{"api_key_name":"private-key",`+claims+`}`)
		answered := w.answeredBy(api, token)
		seen[answered.Status] = true
		compare(claims, shownBy(t, browser.Form(page, "q", "park", "secret", token)), answered)
	}
	compare("a foreign key", shownBy(t, browser.Form(page, "q", "park", "secret", w.storeKey)), w.answeredBy(api, w.storeKey))
	compare("a foreign signed key", shownBy(t, browser.Form(page, "q", "park", "secret", sign(w.storeKey, `{"api_key_name":"private-key"}`))), w.answeredBy(api, sign(w.storeKey, `{"api_key_name":"private-key"}`)))
	for _, status := range []int{200, 400, 401, 404} {
		if !seen[status] {
			t.Errorf("no key got %d: the table is too small", status)
		}
	}
}

// A key of another project cannot be chosen, and looks like one that does not exist.
func TestSearchAsAForeignKey(t *testing.T) {
	w := newWorld(t)
	k, _ := w.key(w.store, privateKey(permission.AccessFull))
	browser, page := w.browser("ada"), "/console/organizations/acme/projects/shop/engines/parks/search?q=park&key="
	foreign, missing := browser.Get(page+k.ID), browser.Get(page+"00000000-0000-4000-8000-000000000000")
	strip := func(a webtest.Answer) string {
		return fmt.Sprint(a.Status) + strings.NewReplacer(k.ID, "X", "00000000-0000-4000-8000-000000000000", "X").Replace(a.Body)
	}
	if foreign.Status != http.StatusNotFound || strip(foreign) != strip(missing) {
		t.Errorf("%d and %d, or other words", foreign.Status, missing.Status)
	}
}

// Deleting an engine in the console ends it for every client, on both APIs and for public queries.
func TestDeletedEngineIsGoneEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.objects()
	if _, err := w.engines.UpdateQuery(context.Background(), audit.CommandLine(), w.shop.Target(), o.engineName, o.query, engine.ChangeSearchQuery{}); err != nil {
		t.Fatal(err)
	}
	key := w.web.Client("Authorization", "Bearer "+w.private, "X-Lupa-Api-Key", w.private)
	token := w.web.Client("Authorization", "Bearer "+w.loginToken("ada"))
	as := "/api/as/v1/engines/" + o.engineName
	ask := func() []int {
		var list []int
		for _, a := range []webtest.Answer{
			key.JSON(http.MethodPost, as+"/search", `{"query":""}`), key.Get(as), key.Get(as + "/documents/list"), key.Get(as + "/schema"),
			key.JSON(http.MethodPost, as+"/documents", `[{"id":"d9"}]`),
			w.web.Client("X-Lupa-Api-Key", w.private).Get("/v1/indices/" + o.index), token.Get("/v1/indices/" + o.index + "/documents/count"), token.Get("/v1/indices/" + o.index + "/queries"),
			w.web.Client().JSON(http.MethodPost, "/v1/query/"+o.queryKey, `{"searchText":""}`),
		} {
			list = append(list, a.Status)
		}
		return list
	}
	if before := ask(); slices.ContainsFunc(before, func(s int) bool { return s != http.StatusOK }) {
		t.Fatalf("before: %v", before)
	}
	address := "/console/organizations/acme/projects/shop/engines/" + url.PathEscape(o.engineName) + "/delete"
	if a := w.browser("manager").Form(address, "name", o.engineName); a.Status != http.StatusSeeOther {
		t.Fatalf("delete: %d", a.Status)
	}
	if after := ask(); slices.ContainsFunc(after, func(s int) bool { return s != http.StatusNotFound }) {
		t.Errorf("after: %v", after)
	}
}
