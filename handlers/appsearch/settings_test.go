package appsearch_test

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestSearchSettingsOverTheWire(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	full, path := s.with("private-key"), as+"/engines/shop/search_settings"
	const byDefault = `{"search_fields":{"color":{"weight":1},"id":{"weight":1},"note":{"weight":1},"status":{"weight":1},"title":{"weight":1}},` +
		`"result_fields":{"color":{"raw":{}},"id":{"raw":{}},"made":{"raw":{}},"note":{"raw":{}},"place":{"raw":{}},"price":{"raw":{}},"status":{"raw":{}},"title":{"raw":{}}},` +
		`"boosts":{},"precision":2,"precision_enabled":true}`
	rest := byDefault[strings.Index(byDefault, `,"result_fields"`):]
	expect(t, full.Get(as+"/engines/blog/search_settings"), 200, `{"search_fields":{"id":{"weight":1}},"result_fields":{"id":{"raw":{}}},"boosts":{},"precision":2,"precision_enabled":true}`)
	expect(t, full.Get(path), 200, byDefault)
	t.Run("search fields are as they were given", func(t *testing.T) {
		for _, fields := range []string{`{"title":{"weight":2}}`, `{"title":{}}`, `{"title":{"weight":2.4}}`, `{"note":{"weight":2},"title":{"weight":2}}`} {
			expect(t, full.JSON("PUT", path, `{"search_fields":`+fields+`}`), 200, `{"search_fields":`+fields+rest)
			expect(t, full.Get(path), 200, `{"search_fields":`+fields+rest)
		}
	})
	t.Run("what an answer holds may come back", func(t *testing.T) {
		expect(t, full.JSON("PUT", path, byDefault), 200, byDefault)
	})
	t.Run("boosts are as they were given", func(t *testing.T) {
		for _, boosts := range []string{
			`{"price":[{"type":"proximity","function":"linear","center":1950,"factor":9}]}`,
			`{"title":[{"type":"value","value":"Cat","operation":"multiply","factor":3}]}`,
			`{"title":[{"type":"value","value":["Cat","Dog"],"factor":-1.5},{"type":"value","value":"true","factor":1}]}`,
			`{"made":[{"type":"proximity","function":"gaussian","center":"now","factor":1}],"place":[{"type":"proximity","function":"exponential","center":"37.4,-122.1","operation":"add","factor":2}],"price":[{"type":"functional","function":"logarithmic","factor":2}]}`,
			`{}`,
		} {
			expect(t, full.JSON("PUT", path, `{"boosts":`+boosts+`}`), 200, strings.Replace(byDefault, `"boosts":{}`, `"boosts":`+boosts, 1))
		}
		expect(t, full.JSON("PUT", path, `{"boosts":{"title":{"type":"value","value":["Cat"]}}}`), 200,
			strings.Replace(byDefault, `"boosts":{}`, `"boosts":{"title":[{"type":"value","value":"Cat","factor":1}]}`, 1))
		expect(t, full.JSON("PUT", path, `{"boosts":[]}`), 200, byDefault)
	})
	t.Run("a search without the option follows them", func(t *testing.T) {
		expect(t, full.JSON("PUT", path, `{"search_fields":{"note":{"weight":3}},"result_fields":{"price":{},"title":{"raw":{"size":20},"snippet":{"size":20,"fallback":true}}},"precision":5}`), 200,
			`{"search_fields":{"note":{"weight":3}},"result_fields":{"price":{"raw":{}},"title":{"raw":{"size":20},"snippet":{"size":20,"fallback":true}}},"boosts":{},"precision":5,"precision_enabled":true}`)
		got := s.with("search-key").Get(search + "?query=unicorn")
		if !strings.Contains(got.Body, `"precision":5`) || !strings.Contains(got.Body, `"results":[{"price":{"raw":10},"title":{"raw":"Red lamp","snippet":"Red lamp"},"_meta":{"id":"p1"`) {
			t.Errorf("%s", got.Body)
		}
		if found := ids(t, s.with("search-key").Get(search+"?query=lamp")); found != "" {
			t.Errorf("found %s", found)
		}
		got = s.with("search-key").JSON("POST", search, `{"query":"lamp","search_fields":{"title":{}},"result_fields":{"color":{"raw":{}}},"precision":3}`)
		if !strings.Contains(got.Body, `"precision":3`) || strings.Count(got.Body, `"color"`) != 3 || strings.Contains(got.Body, `"title"`) {
			t.Errorf("%s", got.Body)
		}
		got = s.with("search-key").JSON("POST", as+"/engines/shop/multi_search", `{"queries":[{"query":"unicorn"},{"query":"lamp","search_fields":{"title":{}}}]}`)
		if strings.Count(got.Body, `"snippet":`) != 4 || strings.Contains(got.Body, `"color"`) {
			t.Errorf("%s", got.Body)
		}
	})
	t.Run("a signed search key says otherwise", func(t *testing.T) {
		token := s.sign(s.keys["read"], jwt.MapClaims{"api_key_name": "read", "search_fields": map[string]any{"title": map[string]any{}}, "result_fields": map[string]any{"color": map[string]any{"raw": map[string]any{}}}})
		got := s.as(token).JSON("POST", search, `{"query":"lamp"}`)
		if strings.Count(got.Body, `"color"`) != 3 || strings.Contains(got.Body, `"title"`) || strings.Contains(got.Body, `"price"`) {
			t.Errorf("%s", got.Body)
		}
	})
	t.Run("what is wrong", func(t *testing.T) {
		before := full.Get(path).Body
		for body, want := range map[string]string{
			`{"search_fields":{"not_a_valid_field":{"weight":2}}}`:                     `Search fields contains invalid field: not_a_valid_field`,
			`{"search_fields":{"title":{"weight":"not-a-number"}}}`:                    `Search fields weight must be between 1 and 10: title`,
			`{"search_fields":{"price":{"weight":2}}}`:                                 `Search fields contains invalid field: price`,
			`{"search_fields":{"made":{"weight":2}},"precision":9}`:                    `Search fields contains invalid field: made`,
			`{"search_fields":["title"]}`:                                              `Search fields must be an object`,
			`{"result_fields":{"no":{"raw":{}}}}`:                                      `Result fields contains invalid field: no`,
			`{"result_fields":{"title":{"raw":{"size":1}}}}`:                           `Result fields size must be between 20 and 1000: title`,
			`{"result_fields":{"title":{"cooked":{}}}}`:                                `Result fields contains invalid key: cooked`,
			`{"boosts":{"no":{"type":"value","value":"x"}}}`:                           `Boosts contains invalid field: no`,
			`{"boosts":{"title":{"type":"functional","function":"linear"}}}`:           `Boosts of type "functional" do not fit field title, which is of type text`,
			`{"boosts":{"title":{"type":"value","value":"x","operation":"subtract"}}}`: `Boosts operation must be add or multiply: title`,
			`{"boosts":"x"}`:              `Boosts must be an object`,
			`{"precision":0}`:             `Precision must be between 1 and 11`,
			`{"precision_enabled":false}`: `precision_enabled cannot be changed`,
			`{"weights":{}}`:              `Options contains invalid key: weights`,
		} {
			expect(t, full.JSON("PUT", path, body), 400, `{"errors":["`+strings.ReplaceAll(want, `"`, `\"`)+`"]}`)
		}
		expect(t, full.Get(path), 200, before)
	})
	t.Run("from the query string", func(t *testing.T) {
		got := full.JSON("PUT", path+"?search_fields[title][weight]=4&precision=6", `{}`)
		if !strings.HasPrefix(got.Body, `{"search_fields":{"title":{"weight":4}},`) || !strings.Contains(got.Body, `"precision":6`) {
			t.Errorf("%s", got.Body)
		}
	})
	expect(t, full.JSON("POST", path+"/reset", ""), 200, byDefault)
	expect(t, full.Get(path), 200, byDefault)
}
