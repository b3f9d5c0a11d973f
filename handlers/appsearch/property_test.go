package appsearch_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/web/webtest"
)

// Whatever a request asks, what is found is a subset of what the parent's and the token's filters allow, and what the
// token does not show comes up nowhere. Above that, it makes no difference: an engine in which the documents that the
// token excludes and the fields that it does not show are others gives the same answers.
func TestSignedSearchKeysLetNothingElseThrough(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs side by side here, and the race detector makes it slow")
	}
	t.Parallel()
	p := &property{stand: newStand(t)}
	for seed := range uint64(30) {
		p.round(seed, dice{rand.New(rand.NewPCG(seed, 4))})
	}
	t.Logf("%d answers, %d refusals, %d with hits, %d with groups, %d with facets, %d suggestions, %d compared",
		p.answers, p.refusals, p.hits, p.groups, p.facets, p.suggestions, p.compared)
	for what, n := range map[string]int{"answers": p.answers, "refusals": p.refusals, "hits": p.hits, "groups": p.groups,
		"facets": p.facets, "suggestions": p.suggestions, "comparisons": p.compared} {
		if n < 50 {
			t.Errorf("only %d %s: the test tells little", n, what)
		}
	}
}

type property struct {
	*stand
	answers, refusals, hits, groups, facets, suggestions, compared int

	seed          uint64
	docs          []doc // of the engine
	token         opts
	signed        string
	engine, other string // other is the engine that differs in what the token hides
	shown         []string
	brought       []string // what the token itself names
	allowed       map[string]doc
	path, sent    string // of the request at hand
}

func (p *property) fail(format string, args ...any) {
	p.t.Helper()
	token, _ := json.Marshal(p.token)
	p.t.Errorf("seed %d, token %s\n%s %s\n%s", p.seed, token, p.path, p.sent, fmt.Sprintf(format, args...))
}

// round makes an engine and a token, and asks.
func (p *property) round(seed uint64, d dice) {
	p.seed, p.docs = seed, nil
	for i := range 12 + d.IntN(12) {
		p.docs = append(p.docs, d.document(fmt.Sprintf("d%02d", i)))
	}
	p.token = d.token()
	p.brought = namesIn(withoutFields(p.token))
	p.shown = shownOf(p.token)
	filter, _ := p.token["filters"].(opts)
	p.allowed = map[string]doc{}
	for _, one := range p.docs {
		if passes(one, filter) {
			p.allowed[one["id"].(string)] = one
		}
	}
	p.engine, p.other = fmt.Sprintf("e%d", seed), fmt.Sprintf("e%d-other", seed)
	p.fill(p.engine, p.docs)
	p.fill(p.other, p.changed(d, filter))
	claims := maps.Clone(p.token)
	claims["api_key_name"] = "read"
	p.signed = p.sign(p.keys["read"], claims)
	for range 14 {
		p.search(d)
	}
	for range 5 {
		p.suggest(d)
	}
}

func withoutFields(token opts) opts {
	rest := maps.Clone(token)
	delete(rest, "result_fields")
	return rest
}

func (p *property) fill(name string, docs []doc) {
	p.t.Helper()
	p.stand.engine(p.mine, name)
	var schema engine.Schema
	for _, field := range kindNames {
		schema = append(schema, engine.SchemaField{Name: field, Type: engine.Type(kinds[field])})
	}
	_, err := p.engines.UpdateSchema(ctx, audit.CommandLine(), p.mine.Target(), name, schema)
	p.must(err)
	text, err := json.Marshal(docs)
	p.must(err)
	p.documents(p.mine, name, string(text))
}

// changed gives the documents as they could be as well, as far as the token tells: others that it excludes, and other
// values where it neither shows a field nor says anything about it.
func (p *property) changed(d dice, filter opts) []doc {
	var list []doc
	for i, one := range p.docs {
		if _, ok := p.allowed[one["id"].(string)]; !ok {
			if other := d.document(fmt.Sprintf("x%02d", i)); !passes(other, filter) {
				list = append(list, other)
			}
			continue
		}
		other, random := maps.Clone(one), d.document("")
		for _, field := range kindNames {
			if !p.sees(field) && !slices.Contains(p.brought, field) {
				delete(other, field)
				if v, ok := random[field]; ok {
					other[field] = v
				}
			}
		}
		list = append(list, other)
	}
	return list
}

// sees tells whether a token shows anything of a field, be it only its beginning.
func (p *property) sees(field string) bool {
	fields, ok := p.token["result_fields"].(opts)
	return !ok || fields[field] != nil
}

func (p *property) ask(name, path string, body opts) webtest.Answer {
	text, err := json.Marshal(body)
	p.must(err)
	p.path, p.sent = path, string(text)
	return p.as(p.signed).JSON("POST", as+"/engines/"+name+path, p.sent)
}

// search asks for something that names mostly what may be named.
func (p *property) search(d dice) {
	names := p.shown
	if d.chance(25) || len(names) == 0 {
		names = kindNames
	}
	request := d.options(names, 30)
	request["query"] = ""
	if d.chance(40) {
		request["query"] = fmt.Sprint(d.value(pick(d, ofKind(kindNames, "text"))))
	}
	if d.chance(30) {
		request["result_fields"] = opts{pick(d, kindNames): opts{"raw": opts{}}, pick(d, kindNames): opts{"snippet": opts{}}}
	}
	request["page"] = opts{"size": pick(d, []int{3, 100})}
	got, other := p.both("/search", request)
	p.judge(got, request)
	p.compare(request, got, other)
}

// both asks the two engines the same, and calls them the same in the answers.
func (p *property) both(path string, body opts) (got, other webtest.Answer) {
	other = p.ask(p.other, path, body)
	other.Body = strings.ReplaceAll(other.Body, p.other, p.engine)
	return p.ask(p.engine, path, body), other
}

// volatile is what differs in any case, or hangs on how often words are in the whole engine.
var volatile = regexp.MustCompile(`"(score|request_id)":("[^"]*"|[-+.e0-9]+)`)

func (p *property) judge(got webtest.Answer, request opts) {
	body := volatile.ReplaceAllString(got.Body, `"$1":0`)
	for _, field := range kindNames {
		if !p.sees(field) && !slices.Contains(p.brought, field) && marks[field].MatchString(body) && !marks[field].MatchString(p.sent) {
			p.fail("tells of %s: %s", field, got.Body)
		}
	}
	if refused(p.token, request) {
		p.refusals++
		if got.Status != 400 || strings.Contains(got.Body, "results") {
			p.fail("got %d %s", got.Status, got.Body)
		}
		return
	}
	if p.answers++; got.Status != 200 {
		p.fail("got %d %s", got.Status, got.Body)
		return
	}
	var found struct {
		Meta struct {
			Page struct {
				Total int `json:"total_results"`
			}
		}
		Results []map[string]any
		Facets  map[string]any
	}
	p.must(json.Unmarshal([]byte(got.Body), &found))
	if found.Meta.Page.Total > len(p.allowed) {
		p.fail("a total of %d, but only %d documents are allowed", found.Meta.Page.Total, len(p.allowed))
	}
	for _, hit := range found.Results {
		p.judgeHit(hit)
	}
	for field := range found.Facets {
		p.facets++
		if !slices.Contains(p.shown, field) && !slices.Contains(p.brought, field) {
			p.fail("counts by %s: %s", field, got.Body)
		}
	}
	p.judgeFacets(found.Facets)
}

func (p *property) judgeHit(hit map[string]any) {
	p.hits++
	id := hit["id"].(map[string]any)["raw"].(string)
	if p.allowed[id] == nil {
		p.fail("shows %s", id)
	}
	for name := range hit {
		if kinds[name] != "" && !p.sees(name) {
			p.fail("shows %s of %s", name, id)
		}
	}
	if others, ok := hit["_group"].([]any); ok {
		p.groups++
		for _, other := range others {
			p.judgeHit(other.(map[string]any))
		}
	}
}

// judgeFacets checks that no value is counted more often than the allowed documents have it.
func (p *property) judgeFacets(facets map[string]any) {
	for field, list := range facets {
		for _, line := range list.([]any)[0].(map[string]any)["data"].([]any) {
			bucket := line.(map[string]any)
			if bucket["value"] == nil {
				continue
			}
			has := 0.0
			for _, one := range p.allowed {
				if hasSuch(one[field], comparable(field, bucket["value"])) {
					has++
				}
			}
			if bucket["count"].(float64) > has {
				p.fail("counts %v for %v of %s, but %v allowed documents have it", bucket["count"], bucket["value"], field, has)
			}
		}
	}
}

// comparable is a value of an answer as the documents have it.
func comparable(field string, v any) any {
	switch kinds[field] {
	case "number":
		return int(v.(float64))
	case "date":
		return v.(string)[:len("2011-01-01")]
	}
	return v
}

// compare checks that the engine with other secrets answers the same. What words are searched in fields that are not
// shown is for search_fields to say, and how good a find is depends on all documents: then only what is found counts.
func (p *property) compare(request opts, a, b webtest.Answer) {
	query := request["query"].(string)
	fields, searched := p.token["search_fields"].(opts)
	if !searched {
		fields, searched = request["search_fields"].(opts)
	}
	secretly := !searched
	for field := range fields {
		secretly = secretly || !p.sees(field) && !slices.Contains(p.brought, field)
	}
	if p.token["result_fields"] == nil {
		secretly = false
	}
	if query != "" && secretly && a.Status == 200 {
		return
	}
	p.compared++
	strip := func(got webtest.Answer) string { return volatile.ReplaceAllString(got.Body, `"$1":0`) }
	if query != "" && a.Status == 200 {
		strip = func(got webtest.Answer) string {
			var found struct {
				Meta   struct{ Page any }
				Facets any
			}
			p.must(json.Unmarshal([]byte(got.Body), &found))
			return fmt.Sprint(found)
		}
	}
	if strip(a) != strip(b) || a.Status != b.Status {
		p.fail("one engine: %d %s\nthe other:  %d %s", a.Status, a.Body, b.Status, b.Body)
	}
}

// suggest asks for suggestions.
func (p *property) suggest(d dice) {
	word := fmt.Sprint(d.value(pick(d, ofKind(kindNames, "text"))))
	request := opts{"query": word[:1+d.IntN(len(word))], "size": 20}
	var asked []string
	if d.chance(30) {
		asked = d.some(ofKind(kindNames, "text"), 2)
		request["types"] = opts{"documents": opts{"fields": asked}}
	}
	got, other := p.both("/query_suggestion", request)
	var open []string
	for _, field := range ofKind(p.shown, "text") {
		if fields, ok := p.token["search_fields"].(opts); !ok || fields[field] != nil {
			open = append(open, field)
		}
	}
	for _, field := range asked {
		if !slices.Contains(open, field) {
			if p.refusals++; got.Status != 400 {
				p.fail("got %d %s", got.Status, got.Body)
			}
			return
		}
	}
	if got.Status != 200 {
		p.fail("got %d %s", got.Status, got.Body)
		return
	}
	var found struct {
		Results struct{ Documents []struct{ Suggestion string } }
	}
	p.must(json.Unmarshal([]byte(got.Body), &found))
	for _, s := range found.Results.Documents {
		if p.suggestions++; !p.says(s.Suggestion, open) {
			p.fail("suggests %q: %s", s.Suggestion, got.Body)
		}
	}
	if a, b := volatile.ReplaceAllString(got.Body, ""), volatile.ReplaceAllString(other.Body, ""); a != b {
		p.fail("one engine: %s\nthe other:  %s", a, b)
	}
	p.compared++
}

// says tells whether an allowed document has a text in one of the fields.
func (p *property) says(text string, fields []string) bool {
	for _, one := range p.allowed {
		for _, field := range fields {
			if strings.Contains(fmt.Sprint(one[field]), text) {
				return true
			}
		}
	}
	return false
}
