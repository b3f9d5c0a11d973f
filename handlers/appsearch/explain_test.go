package appsearch_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

const explain = as + "/engines/shop/search_explain"

func TestWhatASearchIsRefusedItsExplanationIsRefused(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	c := s.with("private-key")
	for _, engine := range []string{"shop", "all", "no-such"} {
		for _, body := range []string{
			`{}`, `{"query":7}`, `{"query":"` + strings.Repeat("x", 129) + `"}`, `{"query":"","bogus":1}`, `{"query":"","page":{"current":0}}`,
			`{"query":"","page":{"current":101}}`, `{"query":"","sort":{"nowhere":"asc"}}`, `{"query":"","filters":{"nowhere":1}}`, `{"query":"","filters":{"place":1}}`,
			`{"query":"","search_fields":{"price":{}}}`, `{"query":"","result_fields":{"nowhere":{"raw":{}}}}`, `{"query":"","facets":{"nowhere":{"type":"value"}}}`,
			`{"query":"","boosts":{"nowhere":{"type":"value","value":"x"}}}`, `{"query":"","boosts":{"place":{"type":"functional","function":"linear"}}}`,
			`{"query":"","group":{"field":"place"}}`, `{"query":"","group":{"field":"nowhere"}}`, `{"query":"","precision":12}`,
			`{"query":"","analytics":{"tags":7}}`, `{"query":"","record_analytics":7}`, `{"query":`, `[]`,
			`{"query":"","page":{"current":11,"size":1000}}`,
		} {
			want := c.JSON("POST", as+"/engines/"+engine+"/search", body)
			if want.Status < 400 {
				t.Fatalf("%s: %d", body, want.Status)
			}
			expect(t, c.JSON("POST", as+"/engines/"+engine+"/search_explain", body), want.Status, want.Body)
		}
	}
}

func TestAnExplanationIsForThoseWhoMayReadAllThatItTellsOf(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.user("vic", permission.ProjectViewer)
	s.user("mia", "")
	for name, c := range map[string]struct {
		holds []string
		good  bool
	}{
		"all-of-them":       {[]string{"search.read", "search_queries.read", "synonyms.read"}, true},
		"without-search":    {[]string{"search_queries.read", "synonyms.read"}, false},
		"without-synonyms":  {[]string{"search.read", "search_queries.read"}, false},
		"without-curations": {[]string{"search.read", "synonyms.read"}, false},
	} {
		s.key(s.mine, credential.Input{Name: name, Type: secret.Private, Access: permission.AccessCustom, Permissions: c.holds, Engines: []string{"shop"}})
		got := s.with(name).JSON("POST", explain, `{"query":"lamp"}`)
		if c.good {
			if got.Status != 200 {
				t.Errorf("%s: %d %s", name, got.Status, got.Body)
			}
			expect(t, s.with(name).JSON("POST", as+"/engines/blog/search_explain", `{"query":""}`), 404, noEngine)
			continue
		}
		expect(t, got, 401, unauthorized)
	}
	expect(t, s.as(s.sign(s.keys["read"], jwt.MapClaims{"api_key_name": "read"})).JSON("POST", explain, `{"query":""}`), 401, unauthorized)
	expect(t, s.by("mia", password).JSON("POST", explain, `{"query":""}`), 401, unauthorized)
	if got := s.by("vic", password).JSON("POST", explain, `{"query":""}`); got.Status != 200 {
		t.Errorf("a viewer: %d %s", got.Status, got.Body)
	}
}

// explained gives query_body as JSON makes it.
func (s *stand) explained(engine, body string) map[string]any {
	s.t.Helper()
	got := s.with("private-key").JSON("POST", as+"/engines/"+engine+"/search_explain", body)
	var answer struct {
		QueryBody map[string]any `json:"query_body"`
	}
	if err := json.Unmarshal([]byte(got.Body), &answer); got.Status != 200 || err != nil {
		s.t.Fatalf("%s: %d %s", body, got.Status, got.Body)
	}
	return answer.QueryBody
}

func TestAnExplanationIsThatOfTheSearch(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	expect200 := func(method, path, body string) {
		t.Helper()
		if got := s.with("private-key").JSON(method, as+path, body); got.Status != 200 {
			t.Fatalf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	expect200("PUT", "/engines/shop/search_settings", `{"search_fields":{"note":{"weight":3}},"boosts":{"price":{"type":"functional","function":"linear"}},"result_fields":{"title":{"raw":{}}},"precision":7}`)
	expect200("POST", "/engines", `{"name":"english","language":"en"}`)
	expect200("POST", "/engines/english/documents", `[{"id":"e1","title":"running"}]`)
	s.made("/synonyms", `{"synonyms":["lamp","night light"]}`)
	for _, c := range []struct{ name, engine, query, member, want string }{
		{"search settings fill in what is not said", "shop", `{"query":"x"}`, "from_search_settings", `["search_fields","result_fields","boosts"]`},
		{"the fields of the settings are searched", "shop", `{"query":"x"}`, "searched", `[{"engine":"shop","language":null,"fields":{"note":{"weight":3}},"terms":[{"words":["x"],"compared_as":["x"],"synonyms":[]}],"finds_nothing":false}]`},
		{"their boosts count", "shop", `{"query":"x"}`, "boosts", `{"price":[{"type":"functional","function":"linear","factor":1}]}`},
		{"what is said counts instead", "shop", `{"query":"x","boosts":{},"search_fields":{"title":{}}}`, "from_search_settings", `["result_fields"]`},
		{"no words find nothing", "shop", `{"query":"!"}`, "searched", `[{"engine":"shop","language":null,"fields":{"note":{"weight":3}},"terms":[],"finds_nothing":true}]`},
		{"no text finds everything", "shop", `{"query":" "}`, "match", `"every document"`},
		{"synonyms, words without accents", "shop", `{"query":"Nïght light bulb","search_fields":{"title":{}}}`, "searched", `[{"engine":"shop","language":null,"fields":{"title":{"weight":1}},"terms":[{"words":["Nïght","light"],"compared_as":["night","light"],"synonyms":["lamp"]},{"words":["bulb"],"compared_as":["bulb"],"synonyms":[]}],"finds_nothing":false}]`},
		{"stems", "english", `{"query":"Runs"}`, "searched", `[{"engine":"english","language":"en","fields":{"id":{"weight":1},"title":{"weight":1}},"terms":[{"words":["Runs"],"compared_as":["run"],"synonyms":[]}],"finds_nothing":false}]`},
		{"an empty any", "shop", `{"query":"","filters":{"all":[{"any":[]}]}}`, "filters", `{"all":[{}]}`},
		{"a ring, in metres", "shop", `{"query":"","filters":{"place":{"center":"1,2","unit":"km","distance":3}}}`, "filters", `{"field":"place","ring":{"center":{"lat":1,"lon":2},"distance":3000}}`},
		{"an order by distance", "shop", `{"query":"","sort":[{"place":{"center":"1,2","order":"desc"}},{"_score":"asc"}]}`, "sort", `[{"field":"place","order":"desc","center":{"lat":1,"lon":2},"mode":"max"},{"field":"_score","order":"asc"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want any
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			if got := s.explained(c.engine, c.query)[c.member]; !reflect.DeepEqual(got, want) {
				text, _ := json.Marshal(got)
				t.Errorf("got %s, want %s", text, c.want)
			}
		})
	}
	t.Run("it tells nothing of documents and of the database, and is no search", func(t *testing.T) {
		body, err := json.Marshal(s.explained("shop", `{"query":"lamp","facets":{"color":{"type":"value"}},"page":{"size":1000}}`))
		s.must(err)
		for _, word := range []string{"Red", "unicorn", "p1", "SELECT", "MATCH", "text_", "f0", s.mine.ID, "confidential"} {
			if strings.Contains(string(body), word) {
				t.Errorf("it tells of %q: %s", word, body)
			}
		}
		if counts := s.counted("queries", `{}`).Body; !strings.Contains(counts, `"results":[]`) {
			t.Errorf("it is counted: %s", counts)
		}
	})
}

func TestTheExplanationOfAMetaEngineIsThatOfEachSource(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	for _, c := range []struct{ name, query, want string }{
		{"a source without the searched fields finds nothing", `{"query":"Ada","search_fields":{"author":{"weight":2}}}`,
			`[{"engine":"shop","language":null,"fields":{},"terms":[{"words":["Ada"],"compared_as":["ada"],"synonyms":[]}],"finds_nothing":true},` +
				`{"engine":"blog","language":null,"fields":{"author":{"weight":2}},"terms":[{"words":["Ada"],"compared_as":["ada"],"synonyms":[]}],"finds_nothing":false}]`},
		{"without a text it makes no difference", `{"query":"","search_fields":{"author":{"weight":2}}}`,
			`[{"engine":"shop","language":null,"fields":{"color":{"weight":1},"id":{"weight":1},"note":{"weight":1},"status":{"weight":1},"title":{"weight":1}},"terms":[],"finds_nothing":false},` +
				`{"engine":"blog","language":null,"fields":{"author":{"weight":2}},"terms":[],"finds_nothing":false}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want any
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			if got := s.explained("all", c.query)["searched"]; !reflect.DeepEqual(got, want) {
				text, _ := json.Marshal(got)
				t.Errorf("got %s, want %s", text, c.want)
			}
		})
	}
}
