package lupa_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// A search query is shown with its configuration as it came, and strings where Magento's plug-in wants them.
func TestQueryObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, path := w.as("full key"), index(w.books)+"/queries"
	const configuration = `{"queryFields":{"title":5,"author":2.5},"match":"all","limit":"20","sort":[{"price":"asc"}]}`
	body := want(t, c.JSON(post, path, `{"description":"Main","debugMode":1,"configuration":`+configuration+`}`), 200)
	var q struct{ ID, QueryKey string }
	w.must(json.Unmarshal([]byte(body), &q))
	object := func(description, updated string, debug bool) string {
		return fmt.Sprintf(`{"id":"%s","description":"%s","configuration":%s,"debugMode":%v,"queryKey":"%s","createdBy":"%s",`+
			`"createdAt":"2026-03-14T11:26:53.000Z","updatedAt":"%s"}`, q.ID, description, configuration, debug, q.QueryKey, w.keys["full key"].id, updated)
	}
	const first = "2026-03-14T11:26:53.000Z"
	if wanted := object("Main", first, true) + "\n"; body != wanted || !regexp.MustCompile(`^[a-z0-9]{12}$`).MatchString(q.QueryKey) {
		t.Errorf("answer\n%s\nwant\n%s", body, wanted)
	}
	if got, wanted := want(t, c.Get(path), 200), `{"data":[`+object("Main", first, true)+`],"total":1,"perPage":100,"currentPage":1,"lastPage":1}`+"\n"; got != wanted {
		t.Errorf("list\n%s\nwant\n%s", got, wanted)
	}
	w.clock.Add(1e9)
	changed := object("Other", "2026-03-14T11:26:54.000Z", false) + "\n"
	if got := want(t, c.JSON(put, path+"/"+q.ID, `{"description":"Other","debugMode":false,"id":"x","queryKey":"mine"}`), 200); got != changed {
		t.Errorf("change\n%s\nwant\n%s", got, changed)
	}
	if got := want(t, c.Get(path+"/"+q.ID), 200); got != changed {
		t.Errorf("get\n%s", got)
	}
	refuses(t, w.as("full key").Get(index(w.films)+"/queries/"+q.ID), 404, "Could not find search query.")
	if got := want(t, c.Do(del, path+"/"+q.ID, ""), 200); got != success {
		t.Errorf("delete answers %s", got)
	}
	refuses(t, c.Get(path+"/"+q.ID), 404, "Could not find search query.")
	refuses(t, w.Client().Get("/v1/query/"+q.QueryKey), 404, "Could not find search query.")
}

func TestPagesOfQueries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := index(w.books) + "/queries"
	if got := want(t, w.as("admin").Get(path), 200); got != `{"data":[],"total":0,"perPage":100,"currentPage":1,"lastPage":1}`+"\n" {
		t.Errorf("no queries: %s", got)
	}
	for range 5 {
		w.query(w.books)
	}
	for query, wanted := range map[string]struct {
		items int
		tail  string
	}{
		"":                  {5, `"total":5,"perPage":100,"currentPage":1,"lastPage":1}`},
		"?perPage=2":        {2, `"total":5,"perPage":2,"currentPage":1,"lastPage":3}`},
		"?perPage=2&page=3": {1, `"total":5,"perPage":2,"currentPage":3,"lastPage":3}`},
		"?perPage=2&page=9": {0, `"total":5,"perPage":2,"currentPage":9,"lastPage":3}`},
	} {
		got := want(t, w.as("admin").Get(path+query), 200)
		if strings.Count(got, `"queryKey"`) != wanted.items || !strings.HasSuffix(got, wanted.tail+"\n") {
			t.Errorf("%s: %s", query, got)
		}
	}
	refuses(t, w.as("admin").Get(path+"?page=0"), 400, "page must be a number from 1 to 1000000.")
	refuses(t, w.as("admin").Get(path+"?perPage=x"), 400, "perPage must be a number from 1 to 1000.")
}

// What a configuration may say: what is honoured, and what asks for nothing. All else is refused by its name.
func TestConfigurations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct{ configuration, message string }{
		"as Magento's plug-in sends it": {`{"queryFields":{"name":3},"match":"any","selectFields":["name"],"filterableFields":[],"offset":0,"limit":100,"sort":[],` +
			`"exactTotalCount":false,"exactMatchMultiplier":1}`, ""},
		"as Sylius' plug-in sends it": {`{"queryFields":{"name":3},"priorityFields":null,"match":"any","boostPhrase":null,"boost":null,"didYouMean":null,"aiSynonyms":null,` +
			`"selectFields":null,"selectableFields":null,"facets":[],"dynamicFacets":null,"filters":null,"exclusionFilters":null,"filterableFields":null,"offset":0,"limit":"20",` +
			`"sort":null,"statisticalBoost":null,"collapse":null,"exactTotalCount":true,"exactMatchMultiplier":1.0,"mustIncludeIds":null,"forceItemOrder":null}`, ""},
		"empty array for an object": {`{"queryFields":{"name":3},"filters":[],"boost":[]}`, ""},
		"no filters at all":         {`{"queryFields":{"name":3},"filters":{},"exclusionFilters":""}`, ""},
		"switched off":              {`{"queryFields":{"name":3},"didYouMean":{"enabled":false},"personalization":{"enabled":false,"weight":2}}`, ""},
		"facets":                    {`{"queryFields":{"name":3},"facets":[{"key":"brand","type":"terms","label":"Brand","limit":20},{"key":"price","type":"stats","order":null}]}`, ""},

		"nothing":            {`{}`, "configuration.queryFields must name at least one field."},
		"no query fields":    {`{"queryFields":{}}`, "configuration.queryFields must name at least one field."},
		"weight is a text":   {`{"queryFields":{"name":"3"}}`, "configuration.queryFields must name at least one field. configuration.queryFields.name must be a number from 0."},
		"weight is negative": {`{"queryFields":{"name":-1}}`, "configuration.queryFields must name at least one field. configuration.queryFields.name must be a number from 0."},
		"boost":              {`{"queryFields":{"name":3},"boost":{"popularity":2}}`, "configuration.boost is not supported yet."},
		"switched on":        {`{"queryFields":{"name":3},"didYouMean":{"enabled":true}}`, "configuration.didYouMean is not supported yet."},
		"two that are not honoured": {`{"queryFields":{"name":3},"collapse":{"field":"a"},"exactMatchMultiplier":2}`,
			"configuration.collapse is not supported yet. configuration.exactMatchMultiplier is not supported yet."},
		"unknown":                      {`{"queryFields":{"name":3},"matchType":"any"}`, "configuration.matchType is not a known key."},
		"match":                        {`{"queryFields":{"name":3},"match":"some"}`, "configuration.match must be any or all."},
		"limit":                        {`{"queryFields":{"name":3},"limit":251}`, "configuration.limit must be a number from 0 to 250."},
		"offset":                       {`{"queryFields":{"name":3},"offset":-1}`, "configuration.offset must be a number from 0 to 1000000."},
		"fields":                       {`{"queryFields":{"name":3},"selectFields":{"a":1}}`, "configuration.selectFields must be an array of strings."},
		"hierarchy filter":             {`{"queryFields":{"name":3},"filters":{"c":{"level":1,"terms":["a"]}}}`, "configuration.filters.c is a filter on a hierarchy, which is not supported."},
		"unknown range":                {`{"queryFields":{"name":3},"filters":{"c":{"from":1}}}`, "configuration.filters.c can have gt, gte, lt and lte, not “from”."},
		"array in a filter":            {`{"queryFields":{"name":3},"filters":{"c":[["a"]]}}`, "configuration.filters.c must be strings, numbers or booleans."},
		"sort":                         {`{"queryFields":{"name":3},"sort":["price"]}`, `configuration.sort must be an array of objects with one field each, such as {\"price\":\"asc\"}.`},
		"direction":                    {`{"queryFields":{"name":3},"sort":[{"price":"up"}]}`, "configuration.sort.price must be asc or desc."},
		"range facet":                  {`{"queryFields":{"name":3},"facets":[{"key":"price","type":"range"}]}`, "configuration.facets.type must be terms or stats; others are not supported yet."},
		"facet without a key":          {`{"queryFields":{"name":3},"facets":[{"type":"terms"}]}`, "configuration.facets must have a key and a type each."},
		"order of a facet":             {`{"queryFields":{"name":3},"facets":[{"key":"brand","type":"terms","order":"asc"}]}`, "configuration.facets.order is not supported yet."},
		"null as a condition":          {`{"queryFields":{"name":3},"filters":{"a":["x"],"tenant":null}}`, "configuration.filters.tenant has no value. Leave the condition out, or say what it must be."},
		"no terms":                     {`{"queryFields":{"name":3},"filters":{"a":["x"],"tenant":[]}}`, "configuration.filters.tenant has no value. Leave the condition out, or say what it must be."},
		"no bounds":                    {`{"queryFields":{"name":3},"filters":{"a":["x"],"tenant":{}}}`, "configuration.filters.tenant has no value. Leave the condition out, or say what it must be."},
		"empty text":                   {`{"queryFields":{"name":3},"exclusionFilters":{"a":["x"],"tenant":""}}`, "configuration.exclusionFilters.tenant has no value. Leave the condition out, or say what it must be."},
		"null among terms":             {`{"queryFields":{"name":3},"filters":{"a":["x"],"tenant":["a",null]}}`, "configuration.filters.tenant has no value. Leave the condition out, or say what it must be."},
		"empty text among terms":       {`{"queryFields":{"name":3},"exclusionFilters":{"a":["x"],"tenant":["","a"]}}`, "configuration.exclusionFilters.tenant has no value. Leave the condition out, or say what it must be."},
		"null as a bound":              {`{"queryFields":{"name":3},"filters":{"a":["x"],"tenant":{"gte":1,"lt":null}}}`, "configuration.filters.tenant has no value. Leave the condition out, or say what it must be."},
		"empty bound":                  {`{"queryFields":{"name":3},"exclusionFilters":{"a":["x"],"tenant":{"gt":""}}}`, "configuration.exclusionFilters.tenant has no value. Leave the condition out, or say what it must be."},
		"false for filters":            {`{"queryFields":{"name":3},"filters":false}`, "configuration.filters must be an object of conditions by field."},
		"fields that are switched off": {`{"queryFields":{"name":3},"selectFields":{"enabled":false}}`, "configuration.selectFields must be an array of strings."},
		"no object":                    {`[1]`, "configuration must be an object."},
		"null":                         {`null`, "configuration is needed."},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as("admin").JSON(post, index(w.books)+"/queries", `{"configuration":`+c.configuration+`}`)
			if c.message == "" {
				want(t, a, 200)
				return
			}
			refuses(t, a, 400, c.message)
		})
	}
	refuses(t, w.as("admin").JSON(post, index(w.books)+"/queries", `{"configuration":{"queryFields":{"a":1}},"debugMode":"yes"}`), 400, "debugMode has a value of the wrong type.")
}
