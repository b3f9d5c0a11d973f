package appsearch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const suggestion = as + "/engines/shop/query_suggestion"

// suggestions is the answer with these suggestions.
func suggestions(requestID string, list ...string) string {
	list = slices.Clone(list)
	for i, text := range list {
		list[i] = fmt.Sprintf(`{"suggestion":%q}`, text)
	}
	return `{"results":{"documents":[` + strings.Join(list, ",") + `]},"meta":{"request_id":"` + requestID + `"}}`
}

func TestQuerySuggestion(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.with("search-key")
	for body, want := range map[string][]string{
		`{"query":"re"}`:             {"red", "red chair", "red lamp"},
		`{"query":"RED L"}`:          {"red lamp"},
		`{"query":"l","size":1}`:     {"lamp"},
		`{"query":"","size":"20"}`:   {},
		`{"query":"c"}`:              {"chair", "classified"},
		`{"query":"c","types":null}`: {"chair", "classified"},
		`{"query":"c","types":{}}`:   {"chair", "classified"},
		`{"query":"c","types":{"documents":{"fields":["title"]}}}`:         {"chair"},
		`{"query":"g","types":{"documents":{"fields":["color","title"]}}}`: {"gold", "gold lamp"},
		`{"query":"p","types":{"documents":{"fields":[]}}}`:                {"public"},
	} {
		for _, method := range []string{"GET", "POST"} {
			got := c.JSON(method, suggestion, body)
			expect(t, got, 200, suggestions(got.Header.Get("X-Request-Id"), want...))
		}
	}
	got := c.Get(suggestion + ".json?query=g&size=1&types[documents][fields][]=title&unrelated=1")
	expect(t, got, 200, suggestions(got.Header.Get("X-Request-Id"), "gold"))
	for body, want := range map[string]string{
		`{}`:             "Missing required parameter: query",
		`{"query":null}`: "Missing required parameter: query",
		`{"query":5}`:    "Query must be a string",
		`{"query":"` + strings.Repeat("x", 129) + `"}`:                     "Query must be at most 128 characters",
		`{"query":"a","bogus":1}`:                                          "Options contains invalid key: bogus",
		`{"query":"a","filters":{}}`:                                       "Options contains invalid key: filters",
		`{"query":"a","size":0}`:                                           "Size must be between 1 and 20",
		`{"query":"a","size":21}`:                                          "Size must be between 1 and 20",
		`{"query":"a","size":"many"}`:                                      "Size must be between 1 and 20",
		`{"query":"a","types":"title"}`:                                    "Types must be an object",
		`{"query":"a","types":{"queries":{}}}`:                             "Types contains invalid key: queries",
		`{"query":"a","types":{"documents":["title"]}}`:                    "Types documents must be an object",
		`{"query":"a","types":{"documents":{"field":[]}}}`:                 "Types contains invalid key: field",
		`{"query":"a","types":{"documents":{"fields":"title"}}}`:           "Types fields must be a list of at most 64 fields",
		`{"query":"a","types":{"documents":{"fields":[{}]}}}`:              "Types fields must be a list of at most 64 fields",
		`{"query":"a","types":{"documents":{"fields":["nope"]}}}`:          "Suggestions contains invalid field: nope",
		`{"query":"a","types":{"documents":{"fields":["title","price"]}}}`: "Suggestions contains invalid field: price",
	} {
		expect(t, c.JSON("POST", suggestion, body), 400, `{"errors":["`+want+`"]}`)
	}
	expect(t, c.JSON("POST", as+"/engines/confidential/query_suggestion", `{"query":"f"}`), 404, noEngine)
	expect(t, s.with("shop-search").JSON("POST", as+"/engines/blog/query_suggestion", `{"query":"f"}`), 404, noEngine)
}

func TestSuggestionsOfASignedSearchKey(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	const fields = `"result_fields":{"title":{"raw":{}},"color":{"snippet":{}},"note":{"raw":{"size":20}}}`
	for _, c := range []struct {
		claim, body string
		want        []string
	}{
		{`"facets":{}`, `{"query":"c"}`, []string{"chair", "classified"}},
		{`"filters":{"status":"public"}`, `{"query":"c"}`, []string{"chair"}},
		{`"filters":{"status":"public"}`, `{"query":"g"}`, nil},
		{`"filters":{"status":"public"}`, `{"query":"lamp"}`, []string{"lamp"}},
		{fields, `{"query":"c"}`, []string{"chair"}},
		{fields, `{"query":"g"}`, []string{"gold", "gold lamp"}},
		{fields, `{"query":"p"}`, nil},
		{fields + `,"search_fields":{"color":{},"status":{},"note":{}}`, `{"query":"r"}`, []string{"red"}},
		{fields + `,"search_fields":{"note":{}}`, `{"query":"r"}`, nil},
		{`"search_fields":{"note":{}}`, `{"query":"u"}`, []string{"unicorn"}},
		{`"search_fields":{"note":{}}`, `{"query":"r"}`, nil},
		{fields + `,"filters":{"price":{"to":15}}`, `{"query":"r","types":{"documents":{"fields":["title"]}}}`, []string{"red", "red lamp"}},
		{`"query":"ch"`, `{"query":"g"}`, []string{"chair"}},
		{`"query":"ch"`, `{}`, []string{"chair"}},
	} {
		token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read",`+c.claim+`}`)
		got := s.as(token).JSON("POST", suggestion, c.body)
		expect(t, got, 200, suggestions(got.Header.Get("X-Request-Id"), c.want...))
	}
	for _, c := range []struct{ claim, body, want string }{
		{fields, `{"query":"c","types":{"documents":{"fields":["note"]}}}`, "Suggestions contains invalid field: note"},
		{fields, `{"query":"c","types":{"documents":{"fields":["status"]}}}`, "Suggestions contains invalid field: status"},
		{`"search_fields":{"title":{}}`, `{"query":"c","types":{"documents":{"fields":["note"]}}}`, "Suggestions contains invalid field: note"},
		{`"bogus":1`, `{"query":"c"}`, "Options contains invalid key: bogus"},
		{`"filters":null`, `{"query":"c"}`, "Filters must be an object"},
		{`"filters":{"nope":1}`, `{"query":"c"}`, "Filters contains invalid field: nope"},
		{`"result_fields":{}`, `{"query":"c"}`, "Signed search key enforces no fields: result_fields"},
	} {
		token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read",`+c.claim+`}`)
		expect(t, s.as(token).JSON("POST", suggestion, c.body), 400, `{"errors":["`+c.want+`"]}`)
	}
}
