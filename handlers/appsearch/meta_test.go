package appsearch_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

const wireMeta = `{"name":%q,"type":"meta","source_engines":[%s],"document_count":%d}`

func meta(name, sources string, documents int) string {
	return fmt.Sprintf(wireMeta, name, sources, documents)
}

// metaStand is a stand with a meta engine "all" over shop and blog.
func metaStand(t *testing.T) *stand {
	t.Helper()
	s := newStand(t)
	s.documents(s.mine, "blog", `[
		{"id":"b1","title":"A lamp for the night","author":"Ada","note":"unicorn"},
		{"id":"p1","title":"Chairs","author":"Bob"}]`)
	expect(t, s.with("private-key").JSON("POST", as+"/engines", `{"name":"all","type":"meta","source_engines":["shop","blog"]}`), 200, meta("all", `"shop","blog"`, 6))
	return s
}

func TestMetaEnginesComeAndGo(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	c, sources := s.with("private-key"), as+"/engines/all/source_engines"
	expect(t, c.Get(as+"/engines/all"), 200, meta("all", `"shop","blog"`, 6))
	expect(t, c.JSON("DELETE", sources, `["shop"]`), 200, meta("all", `"blog"`, 2))
	expect(t, c.JSON("POST", sources, `["shop","shop","blog"]`), 200, meta("all", `"blog","shop"`, 6))
	expect(t, c.JSON("DELETE", sources, `["blog","shop"]`), 200, meta("all", ``, 0))
	if got := ids(t, c.JSON("POST", as+"/engines/all/search", `{"query":"lamp"}`)); got != "" {
		t.Errorf("without sources it found %q", got)
	}
	expect(t, c.JSON("POST", sources, `["shop"]`), 200, meta("all", `"shop"`, 4))
	expect(t, c.JSON("POST", as+"/engines?name=by-query&type=meta&source_engines[]=blog", `{}`), 200, meta("by-query", `"blog"`, 2))
	expect(t, c.Get(as+"/engines?page[size]=2"), 200, `{"meta":{"page":{"current":1,"total_pages":2,"total_results":4,"size":2}},"results":[`+
		meta("all", `"shop"`, 4)+","+fmt.Sprintf(wireEngine, "blog", "null", 2)+`]}`)

	t.Run("a source that is deleted leaves its meta engines, and none made later takes its place", func(t *testing.T) {
		expect(t, c.Do("DELETE", as+"/engines/blog", ""), 200, `{"deleted":true}`)
		expect(t, c.Get(as+"/engines/by-query"), 200, meta("by-query", ``, 0))
		s.engine(s.mine, "blog")
		s.documents(s.mine, "blog", `[{"id":"x","title":"lamp"}]`)
		expect(t, c.Get(as+"/engines/by-query"), 200, meta("by-query", ``, 0))
		if got := ids(t, c.JSON("POST", as+"/engines/by-query/search", `{"query":""}`)); got != "" {
			t.Errorf("found %q", got)
		}
	})
	t.Run("the sources of a deleted meta engine stay", func(t *testing.T) {
		expect(t, c.Do("DELETE", as+"/engines/all", ""), 200, `{"deleted":true}`)
		expect(t, c.Get(as+"/engines/all"), 404, noEngine)
		expect(t, c.Get(as+"/engines/shop"), 200, fmt.Sprintf(wireEngine, "shop", "null", 4))
	})
	t.Run("and the history knows of all", func(t *testing.T) {
		list, err := s.log.List(ctx, audit.CommandLine(), s.mine.Target(), audit.Filter{Action: "engine.*"}, audit.Page{})
		s.must(err)
		var got []string
		for _, r := range list.Records {
			for _, change := range r.Changes {
				if change.Field == "source_engines" {
					got = append(got, r.SubjectLabel+": "+change.From+" > "+change.To)
				}
			}
		}
		const want = "by-query: blog > ; by-query:  > blog; all:  > shop; all: blog, shop > ; all: blog > blog, shop; all: shop, blog > blog; all:  > shop, blog"
		if strings.Join(got, "; ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
		}
	})
}

func TestAMetaEngineThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	c := s.with("private-key")
	for i := range 16 {
		s.engine(s.mine, fmt.Sprintf("many-%02d", i))
	}
	var many []string
	for i := range 16 {
		many = append(many, fmt.Sprintf(`"many-%02d"`, i))
	}
	all16, all14 := "["+strings.Join(many, ",")+"]", "["+strings.Join(many[:14], ",")+"]"
	for _, one := range []struct{ method, path, body, want string }{
		{"POST", "", `{"name":"shop","type":"meta","source_engines":[]}`, "Source engines are required for meta engines"},
		{"POST", "", `{"name":"x","type":"meta"}`, "Source engines are required for meta engines"},
		{"POST", "", `{"name":"shop","type":"meta","source_engines":["blog"]}`, "Name is already taken"},
		{"POST", "", `{"name":"x","type":"meta","source_engines":["blog","no","none"]}`, "Could not find source engines: no, none"},
		{"POST", "", `{"name":"x","type":"meta","source_engines":["all"]}`, "A meta engine cannot be a source engine: all"},
		{"POST", "", `{"name":"x","type":"meta","source_engines":["x"]}`, "A meta engine cannot be a source engine: x"},
		{"POST", "", `{"name":"x","type":"meta","source_engines":"blog"}`, "Source engines must be a list of names of engines"},
		{"POST", "", `{"name":"x","type":"meta","source_engines":["blog"],"language":"en"}`, "A meta engine has no language: its source engines have"},
		{"POST", "", `{"name":"x","source_engines":["blog"]}`, "Source engines are for meta engines only"},
		{"POST", "", `{"name":"x","type":"meta","source_engines":` + all16 + `}`, "A meta engine can have at most 15 source engines"},
		{"POST", "/all/source_engines", all14, "A meta engine can have at most 15 source engines"},
		{"POST", "/all/source_engines", `["all"]`, "A meta engine cannot be a source engine: all"},
		{"POST", "/all/source_engines", `{"source_engines":["blog"]}`, "Missing required parameter: _json"},
		{"POST", "/all/source_engines", `[{}]`, "Source engines must be a list of names of engines"},
		{"POST", "/shop/source_engines", `["blog"]`, "Only a meta engine has source engines"},
		{"DELETE", "/all/source_engines", `["many-00"]`, "Could not find source engines: many-00"},
		{"DELETE", "/all/source_engines", `["shop","nothing"]`, "Could not find source engines: nothing"},
		{"POST", "/all/documents", `[{"id":"x"}]`, "A meta engine has no documents of its own: its source engines have"},
		{"PATCH", "/all/documents", `[{"id":"shop|p1","title":"x"}]`, "A meta engine has no documents of its own: its source engines have"},
		{"DELETE", "/all/documents", `["shop|p1"]`, "A meta engine has no documents of its own: its source engines have"},
		{"POST", "/all/schema", `{"x":"text"}`, "The schema of a meta engine is that of its source engines"},
	} {
		t.Run(one.method+one.path+one.body, func(t *testing.T) {
			expect(t, c.JSON(one.method, as+"/engines"+one.path, one.body), 400, `{"errors":["`+one.want+`"]}`)
		})
	}
	expect(t, c.Get(as+"/engines/all"), 200, meta("all", `"shop","blog"`, 6))
	expect(t, c.Get(as+"/engines/x"), 404, noEngine)
	expect(t, c.JSON("POST", as+"/engines/no-such/source_engines", `["blog"]`), 404, noEngine)
}

// Whoever makes or widens a meta engine lends what is in its sources to everybody who may search it.
func TestNobodyLendsThroughAMetaEngineWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	private := func(name string, a permission.Access, custom []string, engines ...string) {
		s.key(s.mine, credential.Input{Name: name, Type: secret.Private, Access: a, Permissions: custom, AllEngines: engines == nil, Engines: engines})
	}
	private("of-all", permission.AccessFull, nil, "all", "mine", "shop")
	private("blind", permission.AccessCustom, []string{"indices.modify", "documents.read"})
	s.key(s.mine, credential.Input{Name: "searches-all", Type: secret.Search, Engines: []string{"all"}})
	const missing = `{"errors":["Could not find source engines: %s"]}`
	c := s.with("of-all")
	for _, name := range []string{"blog", "no-such", "hidden-meta"} {
		t.Run("a source out of reach is like a missing one: "+name, func(t *testing.T) {
			expect(t, c.JSON("POST", as+"/engines/all/source_engines", `["`+name+`"]`), 400, fmt.Sprintf(missing, name))
			expect(t, c.JSON("POST", as+"/engines", `{"name":"mine","type":"meta","source_engines":["shop","`+name+`"]}`), 400, fmt.Sprintf(missing, name))
		})
		if name == "no-such" {
			expect(t, s.with("private-key").JSON("POST", as+"/engines", `{"name":"hidden-meta","type":"meta","source_engines":["blog"]}`), 200, meta("hidden-meta", `"blog"`, 2))
		}
	}
	for _, c := range []*webtest.Client{c, s.with("private-key")} { // an engine of another project is reached by nobody
		got := c.JSON("POST", as+"/engines/all/source_engines", `["confidential"]`)
		if got.Status != 400 || got.Body != fmt.Sprintf(missing, "confidential") {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	}
	expect(t, c.JSON("POST", as+"/engines", `{"name":"beyond","type":"meta","source_engines":["shop"]}`), 401, unauthorized)
	expect(t, c.JSON("POST", as+"/engines/hidden-meta/source_engines", `["shop"]`), 404, noEngine)
	expect(t, c.JSON("POST", as+"/engines", `{"name":"mine","type":"meta","source_engines":["shop"]}`), 200, meta("mine", `"shop"`, 4))
	expect(t, s.with("blind").JSON("POST", as+"/engines", `{"name":"y","type":"meta","source_engines":["shop"]}`), 401, unauthorized)
	expect(t, s.with("blind").JSON("POST", as+"/engines", `{"name":"y","type":"meta","source_engines":["no-such"]}`), 401, unauthorized)
	expect(t, s.with("write").JSON("POST", as+"/engines/all/source_engines", `["shop"]`), 401, unauthorized)
	expect(t, s.with("read").JSON("POST", as+"/engines/all/source_engines", `["shop"]`), 401, unauthorized)

	t.Run("a key for the meta engine alone searches its sources through it, and in no other way", func(t *testing.T) {
		c := s.with("searches-all")
		if got := ids(t, c.JSON("POST", as+"/engines/all/search", `{"query":"unicorn"}`)); got != "shop|p1 blog|b1" && got != "blog|b1 shop|p1" {
			t.Errorf("found %q", got)
		}
		expect(t, c.JSON("POST", as+"/engines/shop/search", `{"query":"unicorn"}`), 404, noEngine)
	})
	t.Run("names of engines elsewhere reach nothing", func(t *testing.T) {
		got := s.with("searches-all").JSON("POST", as+"/engines/all/search", `{"query":"","filters":{"_engine":["confidential","hidden-meta"]}}`)
		if found := ids(t, got); found != "" {
			t.Errorf("found %q", found)
		}
		expect(t, s.with("private-key").JSON("GET", as+"/engines/all/documents", `["confidential|f1","hidden-meta|b1","f1","p1","|p1","shop|p9"]`), 200, `[null,null,null,null,null,null]`)
	})
}

// What a signed search key imposes holds in every source of a meta engine, also where a source has no such field.
func TestSignedSearchKeysOfMetaEngines(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	s.key(s.mine, credential.Input{Name: "of-all", Type: secret.Private, Access: permission.AccessRead, Engines: []string{"all"}})
	parent := s.keys["of-all"]
	for _, c := range []struct {
		name, claims, request, want string
	}{
		{"a filter that one source can pass", `"filters":{"status":"public"}`, `{"query":"","sort":{"id":"asc"}}`, "shop|p1 shop|p2 shop|p3"},
		{"a filter that excludes", `"filters":{"none":[{"status":"hidden"}]}`, `{"query":"","sort":{"id":"asc"}}`, "blog|b1 blog|p1 shop|p1 shop|p2 shop|p3"},
		{"one source only", `"filters":{"_engine":"blog"}`, `{"query":"","filters":{"any":[{"_engine":"shop"},{"_engine":"blog"}]},"sort":{"id":"asc"}}`, "blog|b1 blog|p1"},
		{"one source, and another asked for", `"filters":{"_engine":"blog"}`, `{"query":"","filters":{"_engine":"shop"}}`, ""},
		{"one source, and a document of another", `"filters":{"_engine":"blog"}`, `{"query":"","filters":{"id":["shop|p1","blog|p1"]}}`, "blog|p1"},
		{"the id of a document that has a namesake", `"filters":{"id":"blog|p1"}`, `{"query":""}`, "blog|p1"},
		{"a source may be chosen under any result_fields", `"result_fields":{"title":{"raw":{}}}`, `{"query":"","filters":{"_engine":"blog"},"sort":{"id":"asc"}}`, "blog|b1 blog|p1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := s.signText(parent, `{"alg":"HS256"}`, `{"api_key_name":"of-all",`+c.claims+`}`)
			got := s.as(token).JSON("POST", as+"/engines/all/search", c.request)
			if found := ids(t, got); found != c.want {
				t.Errorf("found %q, want %q", found, c.want)
			}
			if strings.Contains(got.Body, "classified") && c.want != "" {
				t.Errorf("shows what is hidden: %s", got.Body)
			}
		})
	}
	t.Run("no facet, group or suggestion comes from elsewhere", func(t *testing.T) {
		c := s.as(s.signText(parent, `{"alg":"HS256"}`, `{"api_key_name":"of-all","filters":{"none":[{"status":"hidden"}]}}`))
		for path, body := range map[string]string{
			"/search":           `{"query":"","facets":{"note":{"type":"value"},"color":{"type":"value"}},"group":{"field":"color"}}`,
			"/query_suggestion": `{"query":"cl","types":{"documents":{"fields":["note"]}}}`, "/multi_search": `{"queries":[{"query":"classified"},{"query":"gold"}]}`,
		} {
			got := c.JSON("POST", as+"/engines/all"+path, body)
			if got.Status != 200 || strings.Contains(got.Body, "classified") || strings.Contains(got.Body, "gold") {
				t.Errorf("%s: %d %s", path, got.Status, got.Body)
			}
		}
	})
	expect(t, s.as(s.signText(parent, `{"alg":"HS256"}`, `{"api_key_name":"of-all"}`)).JSON("POST", as+"/engines/shop/search", `{"query":""}`), 404, noEngine)
}

func TestGroupsOfMetaEngines(t *testing.T) {
	t.Parallel()
	s := metaStand(t)
	got := s.with("private-key").JSON("POST", as+"/engines/all/search", `{"query":"","group":{"field":"note","size":1},"sort":{"id":"asc"},"result_fields":{"author":{"raw":{}}}}`)
	body := ok(t, got)
	if page := body["meta"].(map[string]any)["page"].(map[string]any); page["total_results"] != 3.0 {
		t.Errorf("%v groups", page["total_results"])
	}
	if first := body["results"].([]any)[0].(map[string]any); first["_group_key"] != "unicorn" || fmt.Sprint(first["_group"]) != `[map[_meta:map[engine:shop id:p1 score:1] author:map[raw:<nil>] id:map[raw:shop|p1]]]` {
		t.Errorf("%v", first)
	}
}
