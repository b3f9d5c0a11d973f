package lupa_test

import (
	"encoding/json"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
)

// Lupa knows no meta engines. Here they are indices that can be read and searched, and not written.
func TestAMetaEngineIsAnIndexThatIsOnlyRead(t *testing.T) {
	t.Parallel()
	w := library(t)
	w.fill(w.films, engine.Source{"id": "1", "title": "Red dawn", "year": json.Number("1984"), "cost": json.Number("9")})
	all, err := w.engines.Create(t.Context(), audit.CommandLine(), place(w.shop), engine.New{Name: "all", Meta: true, Sources: []string{"books", "films"}})
	w.must(err)
	c := w.as("full key")
	if got := want(t, c.Get(index(all)+"/documents/count"), 200); !strings.Contains(got, "4") {
		t.Errorf("count: %s", got)
	}
	for _, part := range []string{`"author"`, `"year"`, `"price"`} {
		if got := want(t, c.Get(index(all)+"/mapping"), 200); !strings.Contains(got, part) {
			t.Errorf("mapping without %s: %s", part, got)
		}
	}
	const readOnly = "A meta engine has no documents of its own: its source engines have"
	refuses(t, c.JSON(post, index(all)+"/documents", `{"documents":[{"id":"1"}]}`), 400, readOnly)
	refuses(t, c.JSON(patch, index(all)+"/documents", `{"documents":[{"id":"1"}]}`), 400, readOnly)
	refuses(t, c.Do(del, index(all)+"/documents/1", ""), 400, readOnly)
	refuses(t, c.JSON(post, index(all)+"/mapping", `{"price":{"type":"text"}}`), 400, "The schema of a meta engine is that of its source engines")

	body := want(t, w.as("admin").JSON(post, index(all)+"/queries", `{"configuration":{"queryFields":{"title":1},"selectFields":["title"],"filterableFields":["author"],"sort":[{"id":"asc"}],"facets":[{"key":"author","type":"terms"}]}}`), 200)
	var q struct{ QueryKey string }
	w.must(json.Unmarshal([]byte(body), &q))
	const found = `{"searchText":"red","total":3,"items":[{"id":"books|1","title":"Red fox"},{"id":"books|2","title":"Red house"},{"id":"films|1","title":"Red dawn"}],"limit":10,"offset":0,` +
		`"facets":[{"type":"terms","key":"author","label":"author","items":[{"title":"Ann","count":1},{"title":"Bob","count":1}]}]}` + "\n"
	if got := want(t, w.Client().JSON(post, "/v1/query/"+q.QueryKey, `{"searchText":"red"}`), 200); got != found {
		t.Errorf("got  %s\nwant %s", got, found)
	}
	refuses(t, w.Client().JSON(post, "/v1/query/"+q.QueryKey, `{"searchText":"red","offset":20000}`), 400, "This search cannot be run. Its owner sees why with debugMode.")
}
