package appsearch_test

import (
	"fmt"
	"strings"
	"testing"
)

const search = as + "/engines/shop/search"

func TestTheAnswerToASearch(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	got := s.with("search-key").JSON("POST", search, `{"query":"","filters":{"id":"p2"},"result_fields":{"title":{"raw":{}},"note":{"raw":{}},"price":{}}}`)
	expect(t, got, 200, fmt.Sprintf(`{"meta":{"alerts":[],"warnings":[],"precision":2,"page":{"current":1,"total_pages":1,"total_results":1,"size":10},`+
		`"engine":{"name":"shop","type":"default"},"request_id":%q},"results":[{"note":{"raw":null},"price":{"raw":20},"title":{"raw":"Blue lamp"},`+
		`"_meta":{"id":"p2","engine":"shop","score":1},"id":{"raw":"p2"}}]}`, got.Header.Get("X-Request-Id")))
	none := ok(t, s.with("search-key").Get(search+"?query=zeppelin"))["meta"].(map[string]any)["page"].(map[string]any)
	if none["total_pages"] != 0.0 || none["total_results"] != 0.0 {
		t.Errorf("%v", none)
	}
	zero := s.with("search-key").JSON("POST", search, `{"query":"lamp","page":{"size":0},"facets":{"color":{"type":"value"}}}`)
	if !strings.Contains(zero.Body, `"page":{"current":1,"total_pages":1,"total_results":3,"size":0}`) || !strings.Contains(zero.Body, `"results":[],"facets":{"color":[{"type":"value","data":[`) {
		t.Error(zero.Body)
	}
}

func TestWhatASearchFinds(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	cases := []struct{ name, options, want string }{
		{"a word", `"query":"chair"`, "p3"},
		{"a value", `"query":"","filters":{"color":"blue"}`, "p2"},
		{"one of several values", `"query":"lamp","sort":{"price":"asc"},"filters":{"color":["blue","gold"]}`, "p2 p4"},
		{"two fields", `"query":"","filters":{"color":"red","status":"public"},"sort":{"price":"desc"}`, "p3 p1"},
		{"all", `"query":"","filters":{"all":[{"color":"red"},{"price":{"from":20}}]}`, "p3"},
		{"any", `"query":"","sort":{"price":"asc"},"filters":{"any":[{"color":"gold"},{"price":10}]}`, "p1 p4"},
		{"none", `"query":"","filters":{"none":[{"color":["red","gold"]}]}`, "p2"},
		{"nested", `"query":"","filters":{"all":[{"any":[{"color":"red"},{"color":"gold"}]},{"none":[{"title":"Red lamp"}]}],"none":[{"status":"hidden"}]}`, "p3"},
		{"a range, without its end", `"query":"","sort":{"price":"asc"},"filters":{"price":{"from":10,"to":30}}`, "p1 p2"},
		{"a range of dates", `"query":"","filters":{"made":{"from":"2026-03-01T00:00:00Z","to":"2026-03-02"}}`, "p3"},
		{"a place", `"query":"","filters":{"place":{"center":"48.1,11.6","unit":"km","distance":10}}`, "p2"},
		{"a ring around a place", `"query":"","filters":{"place":{"center":[13.4,52.5],"unit":"km","from":100,"to":300}}`, "p3"},
		{"empty filters", `"query":"chair","filters":{},"facets":{}`, "p3"},
		{"an empty any, as the client of browsers leaves it", `"query":"chair","filters":{"all":[{"any":[]}],"any":[]}`, "p3"},
		{"empty filters of PHP", `"query":"chair","filters":[],"facets":[],"search_fields":[]`, "p3"},
		{"null", `"query":"chair","filters":null,"page":null,"sort":null`, "p3"},
		{"a list of criteria", `"query":"","sort":[{"color":"asc"},{"price":"desc"}]`, "p2 p4 p3 p1"},
		{"by distance", `"query":"","page":{"size":2},"sort":{"place":{"center":"48.1,11.6","order":"asc"}}`, "p2 p1"},
		{"a page", `"query":"","page":{"current":2,"size":3},"sort":{"price":"asc"}`, "p4"},
		{"fields to search", `"query":"red","search_fields":{"title":{"weight":2}},"sort":{"price":"asc"}`, "p1 p3"},
		{"another field to search", `"query":"unicorn","search_fields":{"title":{}}`, ""},
		{"options without effect", `"query":"chair","precision":4,"record_analytics":false,"analytics":{"tags":["a"]},"boosts":{},"group":{}`, "p3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := ids(t, s.with("search-key").JSON("POST", search, "{"+c.options+"}")); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	for path, want := range map[string]string{
		"?query=&filters[color]=blue":                                                                        "p2",
		"?query=&filters[all][][color]=red&filters[all][][price][from]=20":                                   "p3",
		"?query=&filters[color][]=blue&filters[color][]=gold&sort[price]=desc":                               "p4 p2",
		"?query=&sort[][price]=desc&page[size]=1":                                                            "p4",
		"?query=&filters[place][center]=48.1,11.6&filters[place][distance]=5&filters[place][unit]=km&page[]": "",
	} {
		got := s.with("search-key").Get(search + path)
		if strings.HasSuffix(path, "page[]") {
			if got.Status != 400 {
				t.Errorf("%s: %d", path, got.Status)
			}
			continue
		}
		if found := ids(t, got); found != want {
			t.Errorf("%s found %q, want %q", path, found, want)
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	got := s.with("search-key").JSON("POST", search, `{"query":"","page":{"size":0},"facets":{
		"color":[{"type":"value","name":"top","sort":{"count":"desc"},"size":1},{"type":"value","sort":{"value":"asc"}}],
		"price":{"type":"range","ranges":[{"to":20,"name":"cheap"},{"from":20}]},
		"place":{"type":"range","center":"52.5,13.4","unit":"km","ranges":[{"from":0,"to":20.5}]}}}`)
	want := `"facets":{"color":[{"type":"value","name":"top","data":[{"value":"red","count":2}]},` +
		`{"type":"value","data":[{"value":"blue","count":1},{"value":"gold","count":1},{"value":"red","count":2}]}],` +
		`"place":[{"type":"range","data":[{"from":0,"to":20.5,"count":2}]}],` +
		`"price":[{"type":"range","data":[{"to":20,"name":"cheap","count":1},{"from":20,"count":3}]}]}}`
	if !strings.HasSuffix(got.Body, want) {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
}

func TestSnippets(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	got := s.with("search-key").JSON("POST", search, `{"query":"unicorn","result_fields":{"note":{"snippet":{"size":50}},"title":{"snippet":{"fallback":true}},"color":{"snippet":{},"raw":{"size":20}}}}`)
	if !strings.Contains(got.Body, `"results":[{"color":{"raw":"red","snippet":null},"note":{"snippet":"<em>unicorn</em>"},"title":{"snippet":"Red lamp"},"_meta"`) {
		t.Error(got.Body)
	}
}

func TestASearchThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	many := strings.TrimSuffix(strings.Repeat(`{"color":"red"},`, 33), ",")
	cases := []struct{ name, options, want string }{
		{"a long query", `"query":"` + strings.Repeat("x", 129) + `"`, "Query must be at most 128 characters"},
		{"a query that is no text", `"query":5`, "Query must be a string"},
		{"page 101", `"query":"","page":{"current":101}`, "Page current must be between 1 and 100"},
		{"a large page", `"query":"","page":{"size":1001}`, "Page size must be between 0 and 1000"},
		{"a far page", `"query":"","page":{"size":1000,"current":11}`, "Page must not reach beyond the first 10000 results"},
		{"an unknown member of page", `"query":"","page":{"number":1}`, "Page contains invalid key: number"},
		{"an unknown search field", `"query":"a","search_fields":{"nope":{}}`, "Search fields contains invalid field: nope"},
		{"a number as search field", `"query":"a","search_fields":{"price":{}}`, "Search fields contains invalid field: price"},
		{"a heavy search field", `"query":"a","search_fields":{"title":{"weight":11}}`, "Search fields weight must be between 1 and 10: title"},
		{"an unknown result field", `"query":"","result_fields":{"nope":{}}`, "Result fields contains invalid field: nope"},
		{"an unknown form", `"query":"","result_fields":{"title":{"html":{}}}`, "Result fields contains invalid key: html"},
		{"a short snippet", `"query":"","result_fields":{"title":{"snippet":{"size":19}}}`, "Result fields size must be between 20 and 1000: title"},
		{"an unknown filter field", `"query":"","filters":{"nope":"x"}`, "Filters contains invalid field: nope"},
		{"a filter without a value", `"query":"","filters":{"color":[]}`, "Filters contains no value for field: color"},
		{"a null filter", `"query":"","filters":{"color":null}`, "Filters contains no value for field: color"},
		{"an empty range", `"query":"","filters":{"price":{}}`, "Filters contains no value for field: price"},
		{"an unknown bound", `"query":"","filters":{"price":{"gte":1}}`, "Filters contains invalid key: gte"},
		{"an any that is no list", `"query":"","filters":{"any":{"color":"red"}}`, "Filters contains invalid list: any"},
		{"an unknown unit", `"query":"","filters":{"place":{"center":"1,1","distance":1,"unit":"parsec"}}`, "Filters contains invalid unit: must be mm, cm, m, km, in, ft, yd or mi"},
		{"33 filters", `"query":"","filters":{"any":[` + many + `]}`, "Filters can have at most 32 conditions"},
		{"deep filters", `"query":"","filters":` + strings.Repeat(`{"all":[`, 6) + `{"color":"red"}` + strings.Repeat("]}", 6), "Filters can be nested at most 5 levels deep"},
		{"an unknown facet", `"query":"","facets":{"color":{"type":"stats"}}`, "Facets type must be value or range: color"},
		{"a large facet", `"query":"","facets":{"color":{"type":"value","size":251}}`, "Facets size must be between 1 and 250: color"},
		{"a facet without ranges", `"query":"","facets":{"price":{"type":"range"}}`, "Facets ranges must be a list of 1 to 250 ranges: price"},
		{"an unknown sort", `"query":"","sort":{"nope":"asc"}`, "Sort contains invalid field: nope"},
		{"two fields in one criterion", `"query":"","sort":{"price":"asc","color":"asc"}`, "Sort must have one field in each object"},
		{"a direction", `"query":"","sort":{"price":"down"}`, "Sort contains invalid direction for field: price"},
		{"11 criteria", `"query":"","sort":[` + strings.TrimSuffix(strings.Repeat(`{"color":"asc"},`, 11), ",") + `]`, "Sort can have at most 10 criteria"},
		{"1025 values", `"query":"","filters":{"color":[` + strings.TrimSuffix(strings.Repeat(`"a",`, 1025), ",") + `]}`, "Filters can have at most 1024 values"},
		{"251 ranges", `"query":"","facets":{"price":{"type":"range","ranges":[` + strings.TrimSuffix(strings.Repeat(`{"from":1},`, 251), ",") + `]}}`, "Facets ranges must be a list of 1 to 250 ranges: price"},
		{"a facet of places without a center", `"query":"","facets":{"place":{"type":"range","ranges":[{"from":1}]}}`, `Facets of type \"range\" do not fit field: place`},
		{"a facet of texts by range", `"query":"","facets":{"color":{"type":"range","ranges":[{"from":1}]}}`, `Facets of type \"range\" do not fit field: color`},
		{"a filter on a text by range", `"query":"","filters":{"color":{"from":"a"}}`, "Filters on field color, which is of type text, can only be values"},
		{"a filter on a place by value", `"query":"","filters":{"place":"1,1"}`, "Filters on field place, which is of type geolocation, can only be places"},
		{"a filter on a number by place", `"query":"","filters":{"price":{"center":"1,1","distance":5}}`, "Filters on field price, which is of type number, can only be values and ranges"},
		{"a place that is none", `"query":"","filters":{"place":{"center":"north","distance":5}}`, "Filters contains invalid center for field: place"},
		{"a negative distance", `"query":"","filters":{"place":{"center":"1,1","distance":-5}}`, "A distance cannot be negative."},
		{"a long snippet", `"query":"","result_fields":{"title":{"snippet":{"size":1001}}}`, "Result fields size must be between 20 and 1000: title"},
		{"a long raw", `"query":"","result_fields":{"title":{"raw":{"size":1001}}}`, "Result fields size must be between 20 and 1000: title"},
		{"a light search field", `"query":"a","search_fields":{"title":{"weight":0.5}}`, "Search fields weight must be between 1 and 10: title"},
		{"page 0", `"query":"","page":{"current":0}`, "Page current must be between 1 and 100"},
		{"a page that is no number", `"query":"","page":{"current":"first"}`, "Page current must be a whole number"},
		{"a negative size", `"query":"","page":{"size":-1}`, "Page size must be between 0 and 1000"},
		{"precision 0", `"query":"","precision":0`, "Precision must be between 1 and 11"},
		{"a precision that is no number", `"query":"","precision":"high"`, "Precision must be between 1 and 11"},
		{"a long tag", `"query":"","analytics":{"tags":["` + strings.Repeat("x", 65) + `"]}`, "Analytics tags must be at most 64 characters"},
		{"analytics that are none", `"query":"","analytics":["a"]`, "Analytics must be an object"},
		{"an unknown member of analytics", `"query":"","analytics":{"user":"u"}`, "Analytics contains invalid key: user"},
		{"record_analytics", `"query":"","record_analytics":"sometimes"`, "record_analytics must be true or false"},
		{"precision", `"query":"","precision":12`, "Precision must be between 1 and 11"},
		{"many tags", `"query":"","analytics":{"tags":[` + strings.TrimSuffix(strings.Repeat(`"a",`, 17), ",") + `]}`, "Analytics tags must be a list of at most 16 tags"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			expect(t, s.with("search-key").JSON("POST", search, "{"+c.options+"}"), 400, `{"errors":["`+c.want+`"]}`)
		})
	}
}

func TestMultiSearch(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	multi := as + "/engines/shop/multi_search"
	c := s.with("search-key")
	got := c.JSON("POST", multi+".json", `{"queries":[{"query":"chair"},{"query":"lamp","page":{"size":1}}]}`)
	if got.Status != 200 || strings.Count(got.Body, `"results":[{`) != 2 || !strings.HasPrefix(got.Body, `[{"meta":`) {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if byQuery := c.Get(multi + "?queries[][query]=chair&queries[][query]=lamp&queries[][page][size]=1"); len(byQuery.Body) != len(got.Body) {
		t.Errorf("%d %s", byQuery.Status, byQuery.Body)
	}
	expect(t, c.JSON("POST", multi, `{"queries":[{"page":{}},{"query":"lamp"}]}`), 400, `[{"errors":["Missing required parameter: query"]},{"errors":[]}]`)
	expect(t, c.JSON("POST", multi, `{"queries":[{"query":"lamp"},{"query":"","bogus":1},{"query":"","sort":{"nope":"asc"}}]}`), 400,
		`[{"errors":[]},{"errors":["Options contains invalid key: bogus"]},{"errors":["Sort contains invalid field: nope"]}]`)
	for body, want := range map[string]string{
		`{}`:                        "Missing required parameter: queries",
		`{"queries":[]}`:            "queries must have 1 to 10 searches",
		`{"queries":["lamp"]}`:      "queries must be a list of searches",
		`{"queries":"lamp"}`:        "queries must be a list of searches",
		`{"queries":[],"query":""}`: "Options contains invalid key: query",
		`{"queries":[` + strings.TrimSuffix(strings.Repeat(`{"query":""},`, 11), ",") + `]}`: "queries must have 1 to 10 searches",
	} {
		expect(t, c.JSON("POST", multi, body), 400, `{"errors":["`+want+`"]}`)
	}
}
