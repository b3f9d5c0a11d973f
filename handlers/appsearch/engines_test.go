package appsearch_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const wireEngine = `{"name":%q,"type":"default","language":%s,"index_create_settings_override":{},"document_count":%d}`

func TestEnginesComeAndGo(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.with("private-key")
	expect(t, c.JSON("POST", as+"/engines", `{"name":"books","type":"default","language":"en","index_create_settings_override":{"number_of_shards":2}}`), 200,
		fmt.Sprintf(wireEngine, "books", `"en"`, 0))
	expect(t, c.JSON("POST", as+"/engines?name=by-query", `{}`), 200, fmt.Sprintf(wireEngine, "by-query", "null", 0))
	expect(t, c.Get(as+"/engines/shop"), 200, fmt.Sprintf(wireEngine, "shop", "null", 4))
	expect(t, c.Get(as+"/engines?page[size]=2&page[current]=2"), 200,
		`{"meta":{"page":{"current":2,"total_pages":2,"total_results":4,"size":2}},"results":[`+
			fmt.Sprintf(wireEngine, "by-query", "null", 0)+","+fmt.Sprintf(wireEngine, "shop", "null", 4)+`]}`)
	expect(t, c.Do("DELETE", as+"/engines/books", ""), 200, `{"deleted":true}`)
	expect(t, c.Do("DELETE", as+"/engines/books", ""), 404, noEngine)
	expect(t, c.Get(as+"/engines/books"), 404, noEngine)
	expect(t, s.with("shop-full").Get(as+"/engines"), 200,
		`{"meta":{"page":{"current":1,"total_pages":1,"total_results":1,"size":25}},"results":[`+fmt.Sprintf(wireEngine, "shop", "null", 4)+`]}`)
}

func TestAnEngineThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for _, c := range []struct{ body, want string }{
		{`{}`, "Missing required parameter: name"},
		{`{"name":""}`, "Name can't be blank"},
		{`{"name":"shop"}`, "Name is already taken"},
		{`{"name":"Shop!"}`, "Name can only contain lowercase letters, numbers, and hyphens"},
		{`{"name":"x","language":"tlh"}`, "Language must be one of: da, de, en, es, fr, it, ja, ko, nl, pt, pt-br, ru, th, zh"},
		{`{"name":"x","language":5}`, "language must be a text"},
		{`{"name":"x","type":"elasticsearch"}`, "type must be default or meta"},
		{`{"name":"x","project_id":"y"}`, "Options contains invalid key: project_id"},
	} {
		expect(t, s.with("private-key").JSON("POST", as+"/engines", c.body), 400, `{"errors":["`+c.want+`"]}`)
	}
	t.Run("but a name that only another project has is free", func(t *testing.T) {
		if got := s.with("private-key").JSON("POST", as+"/engines", `{"name":"confidential"}`); got.Status != 200 {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c, docs := s.with("private-key"), as+"/engines/blog/documents"
	expect(t, c.JSON("POST", docs, `[{"id":"a","title":"One","year":1980,"tags":["x","y"]},{"id":7,"title":"Seven"}]`), 200,
		`[{"id":"a","errors":[]},{"id":"7","errors":[]}]`)
	expect(t, c.JSON("POST", docs, `{"id":"b","title":"Lone <b>"}`), 200, `[{"id":"b","errors":[]}]`)
	expect(t, c.JSON("PATCH", docs, `[{"id":"a","title":"Changed"}]`), 200, `[{"id":"a","errors":[]}]`)
	const a = `{"id":"a","tags":["x","y"],"title":"Changed","year":"1980"}`
	expect(t, c.JSON("GET", docs, `["b","no-such","a",7]`), 200, `[{"id":"b","title":"Lone <b>"},null,`+a+`,{"id":"7","title":"Seven"}]`)
	for _, got := range []string{c.Get(docs + "?ids[]=a").Body, c.Get(docs + "?ids%5B%5D=a").Body, c.JSON("GET", docs, `{"ids":["a"]}`).Body} {
		if got != "["+a+"]" {
			t.Error(got)
		}
	}
	expect(t, c.Get(docs+"/list?page[size]=1&page[current]=1"), 200,
		`{"meta":{"page":{"current":1,"total_pages":3,"total_results":3,"size":1}},"results":[`+a+`]}`)
	for path, want := range map[string]float64{"/list": 100, "/list?page[size]=5000": 1000} {
		if got := ok(t, c.Get(docs+path))["meta"].(map[string]any)["page"].(map[string]any)["size"]; got != want {
			t.Errorf("%s: size %v, want %v", path, got, want)
		}
	}
	expect(t, c.JSON("DELETE", docs, `["a","zz"]`), 200, `[{"id":"a","deleted":true},{"id":"zz","deleted":false}]`)
	expect(t, c.JSON("DELETE", docs, `[]`), 200, `[]`)
	made := c.JSON("POST", docs, `[{"title":"No id"}]`)
	if !strings.HasPrefix(made.Body, `[{"id":"doc-`) || len(made.Body) != len(`[{"id":"doc-","errors":[]}]`)+24 {
		t.Error(made.Body)
	}
}

func TestADocumentThatMakesNoSenseIsRefusedAlone(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.with("private-key")
	docs := as + "/engines/shop/documents"
	for _, one := range []struct{ name, method, doc, want string }{
		{"a text in a number field", "POST", `{"id":"x","price":"foo"}`, `{"id":"x","errors":["Invalid field value: Value 'foo' cannot be parsed as a float"]}`},
		{"an impossible field", "POST", `{"someField":1}`, `{"id":null,"errors":["Fields can only contain lowercase letters, numbers, and underscores: someField."]}`},
		{"an object in a field", "POST", `{"id":"x","note":{"a":1}}`, `{"id":"x","errors":["Invalid field value: Value '{\"a\":1}' cannot be an object"]}`},
		{"a patch without an id", "PATCH", `{"title":"x"}`, `{"id":"","errors":["Missing required key 'id'"]}`},
		{"a patch of nothing", "PATCH", `{"id":"no-such","title":"x"}`, `{"id":"no-such","errors":["Document not found"]}`},
	} {
		t.Run(one.name, func(t *testing.T) {
			got := c.JSON(one.method, docs, `[`+one.doc+`,{"id":"p1","title":"Red lamp"}]`)
			expect(t, got, 200, `[`+one.want+`,{"id":"p1","errors":[]}]`)
		})
	}
	for _, one := range []struct{ name, method, body, want string }{
		{"no body", "POST", ``, "Missing required parameter: _json"},
		{"a number in the list", "POST", `[1]`, "Documents must be objects"},
		{"101 documents", "POST", "[" + strings.TrimSuffix(strings.Repeat(`{"id":"x"},`, 101), ",") + "]", "A request can have at most 100 documents"},
		{"101 ids", "DELETE", "[" + strings.TrimSuffix(strings.Repeat(`"x",`, 101), ",") + "]", "A request can have at most 100 documents"},
		{"ids that are objects", "DELETE", `[{"id":"p1"}]`, "ids must be a list of document ids"},
		{"no ids", "GET", ``, "Missing required parameter: ids"},
		{"nothing to delete", "DELETE", `{}`, "Missing required parameter: _json"},
		{"a lone patch", "PATCH", `{"id":"p1"}`, "Missing required parameter: _json"},
		{"another member", "GET", `{"ids":[],"engine":"blog"}`, "Options contains invalid key: engine"},
	} {
		t.Run(one.name, func(t *testing.T) {
			expect(t, c.JSON(one.method, docs, one.body), 400, `{"errors":["`+one.want+`"]}`)
		})
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c, schema := s.with("private-key"), as+"/engines/blog/schema"
	expect(t, c.Get(schema), 200, `{}`)
	expect(t, c.JSON("POST", schema, `{"title":"text","views":"number"}`), 200, `{"title":"text","views":"number"}`)
	expect(t, c.JSON("POST", schema+"?unrelated=text", `{"views":"date","a_place":"geolocation"}`), 200, `{"title":"text","views":"date","a_place":"geolocation"}`)
	expect(t, c.JSON("POST", schema, ``), 200, `{"title":"text","views":"date","a_place":"geolocation"}`)
	for _, body := range []string{`{"x":"bogus"}`, `{"x":5}`, `[]`, `{"x":{"type":"text"}}`, `{"id":"text"}`, `{"12":"text"}`, `{"invalid field name":"text"}`,
		`{"_x":"text"}`, `{"a-b":"text"}`, `{"aB":"text"}`, `{"a.b":"text"}`, `{"INVALID":"text"}`, `{"x":"text","x":"number"}`} {
		got := c.JSON("POST", schema, body)
		var v struct{ Errors []string }
		if err := json.Unmarshal([]byte(got.Body), &v); err != nil || got.Status != 400 || len(v.Errors) == 0 {
			t.Errorf("%s: %d %s", body, got.Status, got.Body)
		}
	}
	expect(t, c.Get(schema), 200, `{"title":"text","views":"date","a_place":"geolocation"}`)
}
