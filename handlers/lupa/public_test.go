package lupa_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"latchkey/db/engine"
)

// configure gives books a search query, the only one that these tests use, and remembers its key.
func (w *world) configure(configuration string) string {
	w.t.Helper()
	body := want(w.t, w.as("admin").JSON(post, index(w.books)+"/queries", `{"configuration":`+configuration+`}`), 200)
	var q struct{ QueryKey string }
	w.must(json.Unmarshal([]byte(body), &q))
	w.queryPath = "/v1/query/" + q.QueryKey
	return w.queryPath
}

// items searches and gives the items that were found.
func (w *world) items(body string) string {
	w.t.Helper()
	var a struct{ Items json.RawMessage }
	w.must(json.Unmarshal([]byte(want(w.t, w.Client().JSON(post, w.queryPath, body), 200)), &a))
	return string(a.Items)
}

func library(t *testing.T) *world {
	w := newWorld(t)
	want(t, w.as("admin").JSON(post, index(w.books)+"/mapping", `{"price":{"type":"double"}}`), 200)
	w.fill(w.books,
		engine.Source{"id": "1", "title": "Red fox", "author": "Ann", "price": json.Number("10"), "category": []any{"animals", "forest"}, "cost": json.Number("3")},
		engine.Source{"id": "2", "title": "Red house", "author": "Bob", "price": json.Number("20"), "category": "houses", "cost": json.Number("2")},
		engine.Source{"id": "3", "title": "Old forest", "author": "Fox", "price": json.Number("30"), "category": "forest", "cost": json.Number("1")},
	)
	return w
}

// A public query needs no credential and answers in exactly Lupa's form.
func TestPublicQuery(t *testing.T) {
	t.Parallel()
	w := library(t)
	path := w.configure(`{"queryFields":{"title":5,"author":1},"selectFields":["title","price"],"filterableFields":["category"],"limit":2,"sort":[{"price":"asc"}],` +
		`"facets":[{"key":"category","type":"terms","label":"Category"},{"key":"price","type":"stats"},{"key":"nothing","type":"terms"}]}`)
	const golden = `{"searchText":"red","total":2,"items":[{"id":"1","price":10,"title":"Red fox"},{"id":"2","price":20,"title":"Red house"}],"limit":2,"offset":0,` +
		`"facets":[{"type":"terms","key":"category","label":"Category","items":[{"title":"animals","count":1},{"title":"forest","count":1},{"title":"houses","count":1}]},` +
		`{"type":"stats","key":"price","label":"price","min":10,"max":20},{"type":"terms","key":"nothing","label":"nothing","items":[]}]}` + "\n"
	if got := want(t, w.Client().JSON(post, path, `{"searchText":"red"}`), 200); got != golden {
		t.Errorf("POST\n%s\nwant\n%s", got, golden)
	}
	if got := want(t, w.Client().Get(path+"?searchText=red"), 200); got != golden {
		t.Errorf("GET\n%s\nwant\n%s", got, golden)
	}
	const bare = `{"searchText":"","total":3,"items":[{"id":"3","price":30,"title":"Old forest"}],"limit":1,"offset":2}` + "\n"
	if got := want(t, w.Client().JSON(post, path, `{"searchText":"","limit":1,"offset":2,"modifiers":{"facets":false},"userId":"u","trackTerm":true}`), 200); got != bare {
		t.Errorf("POST\n%s\nwant\n%s", got, bare)
	}
	if got := want(t, w.Client().Get(path+"?limit=1&offset=2&modifiers[facets]=false"), 200); got != bare {
		t.Errorf("GET\n%s\nwant\n%s", got, bare)
	}
}

// Credentials on a public route change nothing, good or bad, and count for no key.
func TestPublicQueryIgnoresCredentials(t *testing.T) {
	t.Parallel()
	w := library(t)
	path := w.configure(`{"queryFields":{"title":1}}`)
	wanted := want(t, w.Client().Get(path), 200)
	for name, header := range map[string][]string{
		"key": {"X-Lupa-Api-Key", w.keys["full key"].secret}, "revoked key": {"X-Lupa-Api-Key", w.keys["revoked key"].secret},
		"foreign key": {"X-Lupa-Api-Key", w.keys["globex key"].secret}, "nonsense": {"X-Lupa-Api-Key", "x"},
		"token": {"Authorization", "Bearer " + w.token("stranger")}, "bad token": {"Authorization", "Bearer x.y.z"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := want(t, w.Client(header...).Get(path), 200); got != wanted {
				t.Errorf("answer %s", got)
			}
		})
	}
}

// What is searched, filtered, sorted and shown is what the configuration and the request say together.
func TestSearches(t *testing.T) {
	t.Parallel()
	w := library(t)
	const base = `"selectFields":[],"selectableFields":["title"]`
	for name, c := range map[string]struct{ configuration, request, ids string }{
		"everything":                    {`"queryFields":{"title":1}`, `{}`, "1 2 3"},
		"only the query fields":         {`"queryFields":{"title":1}`, `{"searchText":"fox"}`, "1"},
		"all query fields":              {`"queryFields":{"title":1,"author":1},"sort":[{"id":"asc"}]`, `{"searchText":"fox"}`, "1 3"},
		"weights":                       {`"queryFields":{"title":1,"author":50}`, `{"searchText":"fox"}`, "3 1"},
		"a field that is not there":     {`"queryFields":{"title":1,"subtitle":9}`, `{"searchText":"fox"}`, "1"},
		"no field that is there":        {`"queryFields":{"subtitle":9}`, `{"searchText":"fox"}`, ""},
		"no text and no field there":    {`"queryFields":{"subtitle":9}`, `{"searchText":" "}`, "1 2 3"},
		"a number as a query field":     {`"queryFields":{"title":1,"price":1}`, `{"searchText":"10"}`, ""},
		"match all":                     {`"queryFields":{"title":1},"match":"all"`, `{"searchText":"red forest"}`, ""},
		"match any":                     {`"queryFields":{"title":1},"match":"any","sort":[{"id":"asc"}]`, `{"searchText":"red forest"}`, "1 2 3"},
		"configured filter":             {`"queryFields":{"title":1},"filters":{"category":["forest"]}`, `{}`, "1 3"},
		"configured filter stays":       {`"queryFields":{"title":1},"filters":{"category":["forest"]},"filterableFields":["category"]`, `{"filters":{"category":["houses"]}}`, ""},
		"configured exclusion":          {`"queryFields":{"title":1},"exclusionFilters":{"category":["forest"]}`, `{}`, "2"},
		"exclusion of unknown":          {`"queryFields":{"title":1},"exclusionFilters":{"colour":["red"]}`, `{}`, "1 2 3"},
		"filter on unknown":             {`"queryFields":{"title":1},"filters":{"colour":["red"]}`, `{}`, ""},
		"one of several terms":          {`"queryFields":{"title":1},"filterableFields":["category"]`, `{"filters":{"category":["animals","houses"]}}`, "1 2"},
		"a term without an array":       {`"queryFields":{"title":1},"filterableFields":["category"]`, `{"filters":{"category":"houses"}}`, "2"},
		"no terms":                      {`"queryFields":{"title":1},"filterableFields":["category"]`, `{"filters":{"category":[]}}`, "1 2 3"},
		"by id":                         {`"queryFields":{"title":1},"filterableFields":["id"]`, `{"filters":{"id":[2,"3"]}}`, "2 3"},
		"range":                         {`"queryFields":{"title":1},"filterableFields":["price"]`, `{"filters":{"price":{"gte":10,"lt":30}}}`, "1 2"},
		"other range":                   {`"queryFields":{"title":1},"filterableFields":["price"]`, `{"filters":{"price":{"gt":10,"lte":"30"}}}`, "2 3"},
		"several filters":               {`"queryFields":{"title":1},"filterableFields":["price","category"]`, `{"filters":{"price":{"gt":10},"category":["forest"]}}`, "3"},
		"exclusion by the public":       {`"queryFields":{"title":1},"filterableFields":["category"]`, `{"exclusionFilters":{"category":["forest"]}}`, "2"},
		"configured order":              {`"queryFields":{"title":1},"sort":[{"price":"desc"}]`, `{}`, "3 2 1"},
		"asked order":                   {`"queryFields":{"title":1},"sort":[{"price":"desc"}]`, `{"sort":[{"price":"asc"}]}`, "1 2 3"},
		"order by a filterable field":   {`"queryFields":{"title":1},"filterableFields":["cost"],` + base, `{"sort":[{"cost":"ASC"}]}`, "3 2 1"},
		"order by a shown field":        {`"queryFields":{"title":1},` + base, `{"sort":[{"title":"asc"}]}`, "3 1 2"},
		"order by relevance, then id":   {`"queryFields":{"title":1},` + base, `{"sort":[{"_relevance":"desc"},{"id":"desc"}]}`, "3 2 1"},
		"order by a field not there":    {`"queryFields":{"title":1},"sort":[{"colour":"asc"},{"price":"desc"}]`, `{}`, "3 2 1"},
		"configured page":               {`"queryFields":{"title":1},"limit":1,"offset":1`, `{}`, "2"},
		"asked page":                    {`"queryFields":{"title":1},"limit":1,"offset":1`, `{"limit":"2","offset":0}`, "1 2"},
		"no page":                       {`"queryFields":{"title":1}`, `{"limit":0}`, ""},
		"nulls":                         {`"queryFields":{"title":1}`, `{"searchText":null,"limit":null,"filters":null,"sort":null,"selectFields":null,"modifiers":null}`, "1 2 3"},
		"null as a whole":               {`"queryFields":{"title":1}`, `null`, "1 2 3"},
		"a number as text":              {`"queryFields":{"title":1}`, `{"searchText":10}`, ""},
		"syntax of the full-text table": {`"queryFields":{"title":1}`, `{"searchText":"\"fox* OR NEAR("}`, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			w.configure("{" + c.configuration + "}")
			var items []struct{ ID string }
			w.must(json.Unmarshal([]byte(w.items(c.request)), &items))
			var ids []string
			for _, i := range items {
				ids = append(ids, i.ID)
			}
			if got := strings.Join(ids, " "); got != c.ids {
				t.Errorf("found %q, want %q", got, c.ids)
			}
		})
	}
}

// A field may be called "enabled": a condition on it is one like any other, and what lacks a value opens nothing, not
// even where a configuration was stored before that was refused.
func TestStoredFiltersDoNotVanish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fill(w.books,
		engine.Source{"id": "1", "title": "A", "tenant": "a", "enabled": true},
		engine.Source{"id": "2", "title": "B", "tenant": "a", "enabled": false},
		engine.Source{"id": "3", "title": "C", "tenant": "b", "enabled": false},
	)
	const enabled = `"filterableFields":["tenant","enabled"],"sort":[{"id":"asc"}]`
	for name, c := range map[string]struct{ configuration, request, ids string }{
		"exclusion":                        {`"exclusionFilters":{"enabled":false}`, `{}`, "1"},
		"filter":                           {`"filters":{"enabled":false}`, `{}`, "2 3"},
		"filter beside another":            {`"filters":{"enabled":false,"tenant":"a"}`, `{}`, "2"},
		"nothing in a request opens it":    {`"filters":{"tenant":"a"}`, `{"filters":{"tenant":null,"enabled":[]}}`, "1 2"},
		"nor in its exclusions":            {`"filters":{"tenant":"a"}`, `{"exclusionFilters":{"tenant":null,"enabled":{}}}`, "1 2"},
		"an empty text is a text":          {`"filters":{"tenant":"a"}`, `{"filters":{"tenant":""}}`, ""},
		"a request may ask for enabled":    {`"filters":{"tenant":"a"}`, `{"filters":{"enabled":false}}`, "2"},
		"what lacks a value beside others": {`"filters":{"tenant":"a"}`, `{"filters":{"tenant":["b",null],"enabled":{"gte":null}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.configure(`{"queryFields":{"title":1},` + enabled + `,` + c.configuration + `}`)
			var items []struct{ ID string }
			w.must(json.Unmarshal([]byte(w.items(c.request)), &items))
			var ids []string
			for _, i := range items {
				ids = append(ids, i.ID)
			}
			if got := strings.Join(ids, " "); got != c.ids {
				t.Errorf("found %q, want %q", got, c.ids)
			}
		})
	}
	old, err := w.engines.CreateQuery(t.Context(), console, place(w.shop), "books",
		engine.NewSearchQuery{Configuration: json.RawMessage(`{"queryFields":{"title":1},"filters":{"tenant":[]}}`)})
	w.must(err)
	refuses(t, w.Client().Get("/v1/query/"+old.QueryKey), 400, "This search cannot be run. Its owner sees why with debugMode.")
}

// A query shows the fields that it selects, on demand those that it opens, and never another.
func TestShownFields(t *testing.T) {
	t.Parallel()
	w := library(t)
	const all = `[{"author":"Bob","category":"houses","cost":2,"id":"2","price":20,"title":"Red house"}]`
	for name, c := range map[string]struct{ configuration, fields, items string }{
		"selected":                {`,"selectFields":["title"],"selectableFields":["price"]`, `[]`, `[{"id":"2","title":"Red house"}]`},
		"on demand":               {`,"selectFields":["title"],"selectableFields":["price"]`, `["price"]`, `[{"id":"2","price":20}]`},
		"only on demand":          {`,"selectableFields":["price"]`, `[]`, `[{"id":"2","price":20}]`},
		"a part of the selected":  {`,"selectFields":["title","price"]`, `["title","id"]`, `[{"id":"2","title":"Red house"}]`},
		"nothing said":            {``, `[]`, all},
		"nothing said, asked":     {``, `["cost"]`, `[{"cost":2,"id":"2"}]`},
		"field that is not there": {`,"selectFields":["colour"]`, `[]`, `[{"id":"2"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			w.configure(`{"queryFields":{"title":1}` + c.configuration + `}`)
			if got := w.items(`{"searchText":"house","selectFields":` + c.fields + `}`); got != c.items {
				t.Errorf("items %s, want %s", got, c.items)
			}
		})
	}
}

// What the configuration does not open is refused, and what is wrong is said by its name.
func TestRefusedSearches(t *testing.T) {
	t.Parallel()
	w := library(t)
	path := w.configure(`{"queryFields":{"title":1},"selectFields":["title"],"selectableFields":["price"],"filterableFields":["category","price"]}`)
	for name, c := range map[string]struct{ request, message string }{
		"hidden field":            {`{"selectFields":["cost"]}`, "selectFields names a field that this query does not show: “cost”."},
		"filter on hidden":        {`{"filters":{"cost":{"gt":1}}}`, "filters names a field that this query does not filter by: “cost”."},
		"filter on shown":         {`{"filters":{"title":["Red fox"]}}`, "filters names a field that this query does not filter by: “title”."},
		"exclusion on hidden":     {`{"exclusionFilters":{"cost":[1]}}`, "filters names a field that this query does not filter by: “cost”."},
		"order by hidden":         {`{"sort":[{"cost":"asc"}]}`, "sort names a field that this query does not sort by: “cost”."},
		"limit":                   {`{"limit":251}`, "limit must be a number from 0 to 250."},
		"negative limit":          {`{"limit":-1}`, "limit must be a number from 0 to 250."},
		"limit as an object":      {`{"limit":{}}`, "limit must be a number from 0 to 250."},
		"limit as a boolean":      {`{"limit":true}`, "limit must be a number from 0 to 250."},
		"offset":                  {`{"offset":1000001}`, "offset must be a number from 0 to 1000000."},
		"text":                    {`{"searchText":["a"]}`, "searchText must be a string."},
		"fields":                  {`{"selectFields":[1]}`, "selectFields must be an array of strings."},
		"filters":                 {`{"filters":["a"]}`, "filters must be an object of conditions by field."},
		"sort":                    {`{"sort":[{"price":"asc","title":"asc"}]}`, `sort must be an array of objects with one field each, such as {\"price\":\"asc\"}.`},
		"hierarchy":               {`{"filters":{"category":{"level":1,"terms":["a"]}}}`, "filters.category is a filter on a hierarchy, which is not supported."},
		"two mistakes":            {`{"limit":-1,"sort":[1]}`, `limit must be a number from 0 to 250. sort must be an array of objects with one field each, such as {\"price\":\"asc\"}.`},
		"what the engine refuses": {`{"filters":{"price":["cheap"]}}`, "This search cannot be run. Its owner sees why with debugMode."},
		"no object":               {`[]`, "The request body does not have the right form."},
		"nothing":                 {``, "The request needs a JSON body."},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.Client().JSON(post, path, c.request)
			refuses(t, a, 400, c.message)
			if a.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Error("a page cannot read this error")
			}
		})
	}
	refuses(t, w.Client().Get(path+"?filters[cost][gt]=1"), 400, "filters names a field that this query does not filter by: “cost”.")
	refuses(t, w.Client().Get(path+"?searchText=%zz"), 400, "The query string cannot be read.")
	refuses(t, w.Client().Get(path+"?a[b][c][d][e][f]=1"), 400, "The query string cannot be read.")
	refuses(t, w.Client().Get(path+"?"+strings.Repeat("a=1&", 1000)), 400, "The query string cannot be read.")
	refuses(t, w.Client().Get("/v1/query/unknown12345"), 404, "Could not find search query.")
	refuses(t, w.Client().JSON(post, "/v1/query/"+w.books.ID, "{}"), 404, "Could not find search query.")
}

// With debugMode the public is told what is wrong with a configuration.
func TestDebugMode(t *testing.T) {
	t.Parallel()
	w := library(t)
	body := want(t, w.as("admin").JSON(post, index(w.books)+"/queries", `{"debugMode":true,"configuration":{"queryFields":{"title":1},"facets":[{"key":"title","type":"stats"}]}}`), 200)
	var q struct{ ID, QueryKey string }
	w.must(json.Unmarshal([]byte(body), &q))
	refuses(t, w.Client().Get("/v1/query/"+q.QueryKey), 400, `Facets of type \"stats\" do not fit field: title`)
	want(t, w.as("admin").JSON(put, index(w.books)+"/queries/"+q.ID, `{"debugMode":false}`), 200)
	refuses(t, w.Client().Get("/v1/query/"+q.QueryKey), 400, "This search cannot be run. Its owner sees why with debugMode.")
}

// All four ways in which clients write lists, and nested objects, reach the search.
func TestQueryStrings(t *testing.T) {
	t.Parallel()
	w := library(t)
	path := w.configure(`{"queryFields":{"title":1},"filterableFields":["category","price","id"],"sort":[{"id":"asc"}],"limit":1}`)
	for query, ids := range map[string]string{
		"limit=9": "1 2 3",
		"limit=9&filters[category]=animals&filters[category]=houses":                              "1 2",
		"limit=9&filters[category][]=animals&filters[category][]=houses":                          "1 2",
		"limit=9&filters[category][0]=animals&filters[category][1]=houses":                        "1 2",
		"limit=9&" + url.QueryEscape("filters[category][]") + "=houses":                           "2",
		"limit=9&filters[price][gt]=10&filters[price][lte]=30":                                    "2 3",
		"limit=9&filters[price][gt]=10&filters[category][]=forest&searchText=old+forest":          "3",
		"limit=2&sort[0][price]=desc":                                                             "3 2",
		"limit=2&sort[price]=desc":                                                                "3 2",
		"limit=9&sort[1][id]=asc&sort[0][price]=desc":                                             "3 2 1",
		"limit=9&selectFields[0]=title&selectFields[1]=price&exclusionFilters[category][]=forest": "2",
		"limit=9&searchText=red%20fox&unknown[x]=1&broken[=2&[]=3&=4&=":                           "1",
		"limit=9&filters[category][]=":                                                            "",
	} {
		var a struct{ Items []struct{ ID string } }
		w.must(json.Unmarshal([]byte(want(t, w.Client().Get(path+"?"+query), 200)), &a))
		got := strings.Trim(strings.ReplaceAll(fmt.Sprint(a.Items), "} {", " "), "[{}]")
		if got != ids {
			t.Errorf("%s: found %q, want %q", query, got, ids)
		}
	}
}

// Pages of any site may read public queries, without credentials; no other route says a word about other sites.
func TestCORS(t *testing.T) {
	t.Parallel()
	w := library(t)
	path := w.configure(`{"queryFields":{"title":1}}`)
	ask := []string{"Origin", "https://shop.example.test", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}
	a := w.Client(ask...).Do("OPTIONS", path, "")
	for name, wanted := range map[string]string{
		"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type, Accept",
		"Access-Control-Allow-Credentials": "",
	} {
		if got := a.Header.Get(name); a.Status != 204 || got != wanted {
			t.Errorf("preflight: status %d, %s: %q, want %q", a.Status, name, got, wanted)
		}
	}
	for _, path := range []string{path, "/v1/query/unknown12345"} {
		a := w.Client("Origin", "https://shop.example.test").Get(path)
		if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", path, a.Header)
		}
	}
	for _, path := range []string{loginPath, mePath, w.keysPath(), index(w.books), index(w.books) + "/queries", "/v1/query", "/v1/queryx/abc", "/v1/nothing"} {
		for _, method := range []string{"OPTIONS", get} {
			for name := range w.Client(ask...).Do(method, path, "").Header {
				if strings.HasPrefix(name, "Access-Control") {
					t.Errorf("%s %s says %s", method, path, name)
				}
			}
		}
	}
}
