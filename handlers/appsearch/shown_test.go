package appsearch_test

import (
	"strings"
	"testing"
)

// What a token does not show must not come out in another way, and not even whether there is such a field.
func TestARequestCannotNameAFieldThatTheTokenDoesNotShow(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read","result_fields":{"title":{"raw":{}},"color":{"snippet":{}},"status":{"raw":{"size":20}}}}`)
	for _, c := range []struct{ name, options, want string }{
		{"a filter by value", `"filters":{"FIELD":"classified"}`, "Filters"},
		{"a filter by range", `"filters":{"FIELD":{"from":900}}`, "Filters"},
		{"a filter by place", `"filters":{"FIELD":{"center":"1,1","distance":5}}`, "Filters"},
		{"a filter deep inside", `"filters":{"any":[{"title":"x"},{"none":[{"all":[{"color":"red","FIELD":"y"}]}]}]}`, "Filters"},
		{"a facet by value", `"facets":{"color":{"type":"value"},"FIELD":{"type":"value"}}`, "Facets"},
		{"a facet by range", `"facets":{"FIELD":{"type":"range","ranges":[{"from":1}]}}`, "Facets"},
		{"a sort", `"sort":{"FIELD":"asc"}`, "Sort"},
		{"a second sort", `"sort":[{"title":"asc"},{"FIELD":"desc"}]`, "Sort"},
		{"a sort by distance", `"sort":{"FIELD":{"center":"1,1"}}`, "Sort"},
		{"a group", `"group":{"field":"FIELD"}`, "Group"},
		{"a sort in a group", `"group":{"field":"color","sort":{"FIELD":"asc"}}`, "Sort"},
		{"a boost by value", `"boosts":{"FIELD":{"type":"value","value":"classified"}}`, "Boosts"},
		{"a boost by function", `"boosts":{"FIELD":{"type":"functional","function":"linear"}}`, "Boosts"},
		{"fields to search", `"search_fields":{"title":{},"FIELD":{}}`, "Search fields"},
	} {
		for _, field := range []string{"note", "price", "place", "made", "status", "nope"} {
			options := `{"query":"lamp",` + strings.ReplaceAll(c.options, "FIELD", field) + `}`
			want := `{"errors":["` + c.want + ` contains invalid field: ` + field + `"]}`
			expect(t, s.as(token).JSON("POST", search, options), 400, want)
			expect(t, s.as(token).JSON("POST", as+"/engines/shop/multi_search", `{"queries":[`+options+`]}`), 400, "["+want+"]")
		}
	}
	expect(t, s.as(token).Get(search+"?query=&filters[note]=classified"), 400, `{"errors":["Filters contains invalid field: note"]}`)
}

func TestWhatATokenShowsCanBeNamed(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	const fields = `"result_fields":{"title":{"raw":{}},"color":{"snippet":{"fallback":true}},"price":{"raw":{},"snippet":{}}}`
	for _, c := range []struct{ name, claim, options, want string }{
		{"all at once", fields, `"query":"lamp","search_fields":{"title":{}},"filters":{"color":["red","gold"]},"sort":[{"price":"desc"},{"_score":"desc"}],
			"facets":{"color":{"type":"value"}},"group":{"field":"color","sort":{"title":"asc"}},"boosts":{"price":{"type":"functional","function":"linear"}}`, "p4 p1"},
		{"the id", fields, `"query":"","filters":{"id":["p1","p2"]},"sort":{"id":"desc"}`, "p2 p1"},
		{"null and empty", fields, `"query":"","sort":null,"filters":{},"facets":{},"boosts":{},"group":{},"search_fields":{}`, "p1 p2 p3 p4"},
		{"what the token itself filters by", fields + `,"filters":{"status":"public","made":{"from":"2026-02-01"}}`, `"query":"","filters":{"color":"red"}`, "p3"},
		{"what the token itself sorts by", fields + `,"sort":{"made":"desc"}`, `"query":"","sort":{"title":"asc"}`, "p4 p3 p2 p1"},
		{"and in place of what a request may not", fields + `,"sort":{"made":"desc"}`, `"query":"","sort":{"note":"asc"}`, "p4 p3 p2 p1"},
		{"what the token itself groups by", fields + `,"group":{"field":"status","sort":{"made":"desc"}}`, `"query":""`, "p1 p4"},
		{"what the token itself boosts by", fields + `,"boosts":{"note":{"type":"value","value":"classified"}}`, `"query":""`, "p4 p1 p2 p3"},
		{"what the token itself searches", fields + `,"search_fields":{"note":{}}`, `"query":"unicorn","search_fields":{"title":{}}`, "p1"},
		{"a token that says nothing of fields", `"facets":{}`, `"query":"","filters":{"note":"classified"},"sort":{"made":"asc"}`, "p4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read",`+c.claim+`}`)
			if got := ids(t, s.as(token).JSON("POST", search, "{"+c.options+"}")); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

// In which source a document is, every result of a meta engine tells.
func TestTheSourceOfAResultCanBeNamed(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	ok(t, s.with("private-key").JSON("POST", as+"/engines", `{"name":"all","type":"meta","source_engines":["shop","blog"]}`))
	token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read","result_fields":{"title":{"raw":{}}}}`)
	if got := ids(t, s.as(token).JSON("POST", as+"/engines/all/search", `{"query":"chair","filters":{"_engine":"shop"}}`)); got != "shop|p3" {
		t.Errorf("found %q", got)
	}
	expect(t, s.as(token).JSON("POST", as+"/engines/all/search", `{"query":"","filters":{"_engine":"shop","price":30}}`), 400,
		`{"errors":["Filters contains invalid field: price"]}`)
}
