package appsearch_test

import (
	"strings"
	"testing"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	got := s.with("search-key").JSON("POST", search, `{"query":"","result_fields":{"title":{"raw":{}}},"sort":{"price":"asc"},
		"group":{"field":"color","size":1,"sort":{"price":"desc"},"collapse":true},"page":{"size":2}}`)
	want := `"page":{"current":1,"total_pages":2,"total_results":3,"size":2},"engine":{"name":"shop","type":"default"},"request_id":"` + got.Header.Get("X-Request-Id") + `"},` +
		`"results":[{"title":{"raw":"Red lamp"},"_meta":{"id":"p1","engine":"shop","score":1},"id":{"raw":"p1"},` +
		`"_group":[{"title":{"raw":"Red chair"},"_meta":{"id":"p3","engine":"shop","score":1},"id":{"raw":"p3"}}],"_group_key":"red"},` +
		`{"title":{"raw":"Blue lamp"},"_meta":{"id":"p2","engine":"shop","score":1},"id":{"raw":"p2"},"_group":[],"_group_key":"blue"}]}`
	if !strings.HasSuffix(got.Body, want) {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
	for group, want := range map[string]string{
		`{}`:                          "p1 p2 p3 p4",
		`[]`:                          "p1 p2 p3 p4",
		`{"field":"note"}`:            "p1 p2 p4", // the second and the third have none
		`{"field":"price","sort":{}}`: "p1 p2 p3 p4",
		`{"field":"status","sort":[{"_score":"desc"},{"title":"asc"}]}`: "p1 p4",
	} {
		if got := ids(t, s.with("search-key").JSON("POST", search, `{"query":"","group":`+group+`}`)); got != want {
			t.Errorf("%s found %q, want %q", group, got, want)
		}
	}
	if got := s.with("search-key").JSON("POST", search, `{"query":"","group":{"field":"note"}}`); !strings.Contains(got.Body, `"_group_key":null`) {
		t.Error(got.Body)
	}
	if got := ids(t, s.with("search-key").Get(search+"?query=&group[field]=color&group[size]=3&group[sort][price]=asc")); got != "p1 p2 p4" {
		t.Errorf("by query string: %s", got)
	}
}

func TestGroupsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for group, want := range map[string]string{
		`"color"`:                              "Group must be an object",
		`{"size":5}`:                           "Group must have a field",
		`{"field":5}`:                          "Group must have a field",
		`{"field":"nope"}`:                     "Group contains invalid field: nope",
		`{"field":"place"}`:                    "Group needs a field of type text, number or date: place",
		`{"field":"color","by":1}`:             "Group contains invalid key: by",
		`{"field":"color","size":0}`:           "Group size must be between 1 and 10",
		`{"field":"color","size":11}`:          "Group size must be between 1 and 10",
		`{"field":"color","collapse":"maybe"}`: "Group collapse must be true or false",
		`{"field":"color","sort":"price"}`:     "Sort must be an object or a list of objects",
		`{"field":"color","sort":{"a":"asc"}}`: "Sort contains invalid field: a",
	} {
		expect(t, s.with("search-key").JSON("POST", search, `{"query":"","group":`+group+`}`), 400, `{"errors":["`+want+`"]}`)
	}
}

func TestSortByDistance(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.documents(s.mine, "shop", `[{"id":"p5","title":"Two","place":["48.1,11.6","60,60"]}]`)
	for sort, want := range map[string]string{
		`{"center":"48.1,11.6"}`:                               "p2 p5 p1 p4 p3",
		`{"center":[11.6,48.1],"order":"asc","mode":"max"}`:    "p2 p1 p4 p3 p5",
		`{"center":"48.1,11.6","order":"desc"}`:                "p5 p3 p4 p1 p2",
		`{"center":"48.1,11.6","order":"desc","mode":"min"}`:   "p3 p4 p1 p2 p5",
		`{"center":"48.1,11.6","order":"asc","mode":"avg"}`:    "p2 p1 p4 p3 p5",
		`{"center":"48.1,11.6","order":"asc","mode":"median"}`: "p2 p1 p4 p3 p5",
	} {
		if got := ids(t, s.with("search-key").JSON("POST", search, `{"query":"","sort":{"place":`+sort+`}}`)); got != want {
			t.Errorf("%s found %q, want %q", sort, got, want)
		}
	}
	for sort, want := range map[string]string{
		`{"order":"asc"}`:                     "Sort contains invalid center for field: place",
		`{"center":"48.1"}`:                   "Sort contains invalid center for field: place",
		`{"center":"48.1,11.6","mode":"sum"}`: "Sort mode must be min, max, median or avg: place",
		`{"center":"48.1,11.6","mode":5}`:     "Sort mode must be min, max, median or avg: place",
		`{"center":"48.1,11.6","order":"up"}`: "Sort contains invalid direction for field: place",
		`{"center":"48.1,11.6","unit":"km"}`:  "Sort contains invalid key: unit",
		`"asc"`:                               "Sort needs a center for geolocation fields, and for them only: place",
	} {
		expect(t, s.with("search-key").JSON("POST", search, `{"query":"","sort":{"place":`+sort+`}}`), 400, `{"errors":["`+want+`"]}`)
	}
}
