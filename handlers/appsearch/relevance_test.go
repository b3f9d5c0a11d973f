package appsearch_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

var relevanceID = regexp.MustCompile(`"((?:syn|cur)-[0-9a-f]{24})"`)

// made sends something that makes a thing with an id, and gives the id.
func (s *stand) made(path, body string) string {
	s.t.Helper()
	got := s.with("private-key").JSON("POST", as+"/engines/shop"+path, body)
	id := relevanceID.FindStringSubmatch(got.Body)
	if got.Status != 200 || id == nil {
		s.t.Fatalf("%s: %d %s", body, got.Status, got.Body)
	}
	return id[1]
}

// onlyOne gives the id of the only synonym set or curation of the engine shop.
func (s *stand) onlyOne(what string) string {
	s.t.Helper()
	path := map[string]string{"synonyms": "/synonyms", "curation": "/curations"}[what]
	ids := relevanceID.FindAllStringSubmatch(s.with("private-key").Get(as+"/engines/shop"+path).Body, -1)
	if len(ids) != 1 {
		s.t.Fatalf("%d of %s", len(ids), what)
	}
	return ids[0][1]
}

func TestSynonymsOverTheWire(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	full, path := s.with("private-key"), as+"/engines/shop/synonyms"
	expect(t, full.Get(path), 200, `{"meta":{"page":{"current":1,"total_pages":0,"total_results":0,"size":25}},"results":[]}`)
	id := s.made("/synonyms", `{"synonyms":["chair","seat"]}`)
	expect(t, full.Get(path+"/"+id), 200, `{"id":"`+id+`","synonyms":["chair","seat"]}`)
	if got := ids(t, s.with("search-key").Get(search+"?query=seat")); got != "p3" {
		t.Errorf("found %s", got)
	}
	t.Run("change", func(t *testing.T) {
		expect(t, full.JSON("PUT", path+"/"+id+".json", `{"synonyms":["chair","stool"],"id":"`+id+`"}`), 200, `{"id":"`+id+`","synonyms":["chair","stool"]}`)
		if got := ids(t, s.with("search-key").Get(search+"?query=seat")); got != "" {
			t.Errorf("found %s", got)
		}
	})
	t.Run("from the query string", func(t *testing.T) {
		expect(t, full.JSON("PUT", path+"/"+id+"?synonyms[]=chair&synonyms[]=bench&synonym_set_id=x", `{}`), 200, `{"id":"`+id+`","synonyms":["chair","bench"]}`)
		expect(t, full.Do("PUT", path+"/"+id+"?synonyms%5B%5D=chair&synonyms%5B%5D=deck+chair", ""), 200, `{"id":"`+id+`","synonyms":["chair","deck chair"]}`)
	})
	t.Run("pages, of at most 25", func(t *testing.T) {
		second := s.made("/synonyms/", `{"synonyms":["lamp","light"]}`)
		first, last := id, second
		if second < id { // both were made in the same moment
			first, last = second, id
		}
		for query, want := range map[string]string{
			"?page[size]=1&page[current]=2": `{"current":2,"total_pages":2,"total_results":2,"size":1}},"results":[{"id":"` + last,
			"?page[size]=100":               `{"current":1,"total_pages":1,"total_results":2,"size":25}},"results":[{"id":"` + first,
		} {
			if got := full.Get(path + query); got.Status != 200 || !strings.Contains(got.Body, want) {
				t.Errorf("%s: %s", query, got.Body)
			}
		}
	})
	t.Run("what is wrong", func(t *testing.T) {
		for body, want := range map[string]string{
			`{}`: `Missing required parameter: synonyms`, `{"synonyms":"a"}`: `synonyms must be a list of words`, `{"synonyms":[["a"],"b"]}`: `synonyms must be a list of words`,
			`{"synonyms":["a"]}`:               `Synonyms must be 2 to 32 different words or phrases.`,
			`{"synonyms":["a","!"]}`:           `Synonyms must be words or phrases.`,
			`{"synonyms":["a","b"],"other":1}`: `Options contains invalid key: other`,
			`["a","b"]`:                        `The request body must be a JSON object.`,
		} {
			expect(t, full.JSON("POST", path, body), 400, `{"errors":["`+want+`"]}`)
			expect(t, full.JSON("PUT", path+"/"+id, body), 400, `{"errors":["`+want+`"]}`)
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		bare := strings.TrimPrefix(id, "syn-")
		for _, no := range []string{"syn-0", bare, "cur-" + bare, "syn-syn-" + bare} {
			want := `{"errors":["Synonym set not found with id: ` + no + `"]}`
			expect(t, full.Get(path+"/"+no), 404, want)
			expect(t, full.JSON("PUT", path+"/"+no, `{"synonyms":["a","b"]}`), 404, want)
			expect(t, full.Do("DELETE", path+"/"+no, ""), 404, want)
			expect(t, full.Get(as+"/engines/blog/synonyms/"+id), 404, `{"errors":["Synonym set not found with id: `+id+`"]}`)
		}
	})
	expect(t, full.Do("DELETE", path+"/"+id, ""), 200, `{"deleted":true}`)
	expect(t, full.Get(path+"/"+id), 404, `{"errors":["Synonym set not found with id: `+id+`"]}`)
}

func TestCurationsOverTheWire(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	full, path := s.with("private-key"), as+"/engines/shop/curations"
	found := func(query string) string {
		t.Helper()
		return ids(t, s.with("search-key").Get(search+"?query="+url.QueryEscape(query)))
	}
	got := full.JSON("POST", path, `{"queries":["lamp"],"promoted":["p3","p2"],"hidden":["p1"]}`)
	id := relevanceID.FindStringSubmatch(got.Body)[1]
	expect(t, got, 200, `{"id":"`+id+`"}`)
	expect(t, full.Get(path+"/"+id), 200, `{"id":"`+id+`","queries":["lamp"],"promoted":["p3","p2"],"hidden":["p1"]}`)
	expect(t, full.Get(path), 200, `{"meta":{"page":{"current":1,"total_pages":1,"total_results":1,"size":25}},"results":[{"id":"`+id+`","queries":["lamp"],"promoted":["p3","p2"],"hidden":["p1"]}]}`)
	if found("LAMP ") != "p3 p2 p4" {
		t.Errorf("found %s", found("LAMP "))
	}
	t.Run("change, from the query string", func(t *testing.T) {
		expect(t, full.JSON("PUT", path+"/"+id+"?queries[]=lamp&queries[]=light&promoted[]=p4&curation_id=x", `{}`), 200, `{"id":"`+id+`"}`)
		expect(t, full.Get(path+"/"+id), 200, `{"id":"`+id+`","queries":["lamp","light"],"promoted":["p4"],"hidden":[]}`)
		if found("light") != "p4" || found("lamp") != "p4 p2 p1" {
			t.Errorf("found %s and %s", found("light"), found("lamp"))
		}
	})
	t.Run("a search without text, and null for nothing", func(t *testing.T) {
		s.made("/curations", `{"queries":[""],"promoted":["p4","no-such"],"hidden":null}`)
		if found("") != "p4 p1 p2 p3" {
			t.Errorf("found %s", found(""))
		}
	})
	t.Run("what is wrong", func(t *testing.T) {
		many := strings.Repeat(`"a",`, 50) + `"b"`
		for i := range 50 {
			many = strings.Replace(many, `"a"`, fmt.Sprintf(`"a%d"`, i), 1)
		}
		for body, want := range map[string]string{
			`{}`: `Missing required parameter: queries`, `{"queries":["a"]}`: `Missing required parameter: promoted or hidden`,
			`{"queries":["a"],"promoted":[],"hidden":[]}`:       `promoted or hidden must name a document`,
			`{"queries":[],"hidden":["p1"]}`:                    `queries must be 1 to 100 texts`,
			`{"queries":"a","hidden":["p1"]}`:                   `queries must be a list of texts`,
			`{"queries":["a"],"hidden":"p1"}`:                   `hidden must be a list of texts`,
			`{"queries":["a"],"hidden":[{}]}`:                   `hidden must be a list of texts`,
			`{"queries":["a"],"promoted":[` + many + `]}`:       `promoted can name at most 50 documents`,
			`{"queries":["a"],"hidden":["p1"],"other":1}`:       `Options contains invalid key: other`,
			`{"queries":["x"," "],"promoted":["p1"]}`:           `queries has a query of another curation:  `,
			`{"queries":["a"],"promoted":["b"],"hidden":["b"]}`: `hidden names a document that is promoted: b`,
		} {
			expect(t, full.JSON("POST", path, body), 400, `{"errors":["`+want+`"]}`)
			expect(t, full.JSON("PUT", path+"/"+id, body), 400, `{"errors":["`+want+`"]}`)
		}
		if found("light") != "p4" {
			t.Errorf("found %s", found("light"))
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		for _, no := range []string{"cur-0", strings.TrimPrefix(id, "cur-")} {
			want := `{"errors":["Curation not found with id: ` + no + `"]}`
			expect(t, full.Get(path+"/"+no), 404, want)
			expect(t, full.JSON("PUT", path+"/"+no, `{"queries":["b"],"hidden":["p1"]}`), 404, want)
			expect(t, full.Do("DELETE", path+"/"+no, ""), 404, want)
		}
	})
	expect(t, full.Do("DELETE", path+"/"+id, ""), 200, `{"deleted":true}`)
	if found("lamp") != "p2 p1 p4" {
		t.Errorf("found %s", found("lamp"))
	}
}

// A curation widens what a search finds, but never what a signed search key allows.
func TestNoCurationPassesASignedSearchKey(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	// p4 is hidden from the public, its price is 999, its note "classified", and its color, gold, has no other document.
	s.made("/curations", `{"queries":["lamp","","gold"],"promoted":["p4","p3"]}`)
	s.made("/synonyms", `{"synonyms":["chair","gold","classified"]}`)
	claims := jwt.MapClaims{"api_key_name": "read", "filters": map[string]any{"status": "public"}}
	filtered := s.sign(s.keys["read"], claims)
	claims["result_fields"] = map[string]any{"title": map[string]any{"raw": map[string]any{}, "snippet": map[string]any{}}}
	narrow := s.sign(s.keys["read"], claims)
	for _, query := range []string{"lamp", "LAMP", "", "gold", "chair", "classified"} {
		for _, rest := range []string{
			``, `,"sort":{"price":"desc"}`, `,"sort":{"_score":"desc"}`, `,"filters":{"status":"hidden"}`, `,"filters":{"any":[{"status":"hidden"},{"status":"public"}]}`,
			`,"page":{"size":1}`, `,"page":{"size":0}`, `,"group":{"field":"color"}`, `,"group":{"field":"status"}`,
			`,"facets":{"color":{"type":"value"},"status":{"type":"value"},"price":{"type":"range","ranges":[{"from":500}]}}`,
			`,"boosts":{"color":{"type":"value","value":"gold","factor":10}}`,
			`,"result_fields":{"note":{"raw":{}}}`, `,"search_fields":{"note":{"weight":10}}`,
		} {
			for name, token := range map[string]string{"filtered": filtered, "narrow": narrow} {
				got := s.as(token).JSON("POST", search, `{"query":"`+query+`"`+rest+`}`)
				if got.Status != 200 && (name == "filtered" || got.Status != 400) {
					t.Fatalf("%s: %s%s: %d %s", name, query, rest, got.Status, got.Body)
				}
				for _, word := range []string{"p4", "Gold", "gold", "hidden", `:999`, "classified", `"count":1,"from":500`} {
					if strings.Contains(got.Body, word) {
						t.Errorf("%s: %s%s tells %q: %s", name, query, rest, word, got.Body)
					}
				}
				if got.Status != 200 {
					continue // it may not look at the field at all
				}
				if total := ok(t, got)["meta"].(map[string]any)["page"].(map[string]any)["total_results"].(float64); total > 3 {
					t.Errorf("%s: %s%s: %v results", name, query, rest, total)
				}
			}
		}
	}
	// Without the filter all of it is there: the curation does what it says.
	if got := ids(t, s.with("search-key").Get(search+"?query=gold")); got != "p4 p3" {
		t.Errorf("found %s", got)
	}
	if got := ids(t, s.as(filtered).JSON("POST", search, `{"query":"gold"}`)); got != "p3" {
		t.Errorf("found %s", got)
	}
}
