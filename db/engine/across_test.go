package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"latchkey/db/engine"
)

var (
	allFields = engine.Schema{
		{Name: "title", Type: engine.TypeText}, {Name: "color", Type: engine.TypeText}, {Name: "price", Type: engine.TypeNumber},
		{Name: "made", Type: engine.TypeDate}, {Name: "place", Type: engine.TypeGeolocation},
	}
	someFields = map[string][]string{"a": {"title", "color", "price"}, "b": {"title", "made"}, "c": {"title", "color", "price", "place"}}
)

// twins makes a meta engine "all" over three engines that have different fields, and an engine "one" that has all their
// documents, under the ids that they have in the meta engine and in the same order.
func twins(t *testing.T) *world {
	w, r := newWorld(t), rand.New(rand.NewPCG(7, 11))
	for name, fields := range someFields {
		w.create(name)
		w.schema(name, slices.DeleteFunc(slices.Clone(allFields), func(f engine.SchemaField) bool { return !slices.Contains(fields, f.Name) })...)
	}
	w.create("one")
	w.schema("one", allFields...)
	w.meta("all", "c", "a", "b")
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var whole []string
	for i := range 90 {
		name := pick("a", "b", "c")
		doc := map[string]any{}
		for _, f := range someFields[name] {
			switch f {
			case "title":
				doc[f] = pick("red", "blue", "old") + " " + pick("lamp", "chair", "lamps on chairs")
			case "color":
				doc[f] = []string{pick("red", "blue"), pick("gold", "red")}
			case "price":
				doc[f] = r.IntN(9)
			case "made":
				doc[f] = fmt.Sprintf("2026-0%d-01", 1+r.IntN(9))
			case "place":
				doc[f] = fmt.Sprintf("%d,%d", r.IntN(9), r.IntN(9))
			}
			if r.IntN(5) == 0 {
				delete(doc, f)
			}
		}
		doc["id"] = fmt.Sprint(i)
		local, _ := json.Marshal(doc)
		doc["id"] = engine.ScopedID(name, fmt.Sprint(i))
		scoped, _ := json.Marshal(doc)
		w.add(name, string(local))
		whole = append(whole, string(scoped))
	}
	w.add("one", whole...)
	return w
}

// simple are filters with one condition.
var simple = []func(r *rand.Rand) engine.Filter{
	func(r *rand.Rand) engine.Filter {
		return engine.Filter{Field: "color", Values: []engine.Value{engine.TextValue([]string{"red", "gold"}[r.IntN(2)])}}
	},
	func(r *rand.Rand) engine.Filter {
		return engine.Filter{Field: "price", Range: &engine.Range{From: engine.NumberValue(float64(r.IntN(9)))}}
	},
	func(r *rand.Rand) engine.Filter {
		return engine.Filter{Field: "made", Range: &engine.Range{To: engine.TextValue("2026-05-01")}}
	},
	func(r *rand.Rand) engine.Filter {
		far := 500_000.0
		return engine.Filter{Field: "place", Geo: &engine.Geo{Center: engine.Point{Lat: 4, Lon: 4}, Distance: &far}}
	},
	func(r *rand.Rand) engine.Filter {
		ids := []engine.Value{engine.TextValue("a|1"), engine.TextValue("9"), engine.TextValue("zz|1")}
		for i := range 40 {
			ids = append(ids, engine.TextValue(engine.ScopedID([]string{"a", "b", "c"}[i%3], fmt.Sprint(r.IntN(90)))))
		}
		return engine.Filter{Field: "id", Values: ids}
	},
}

func someFilter(r *rand.Rand, depth int) engine.Filter {
	if i := r.IntN(len(simple) + 2); i < len(simple) || depth == 0 {
		i %= len(simple)
		return simple[i](r)
	}
	f := engine.Filter{}
	for range 1 + r.IntN(3) {
		inner := someFilter(r, depth-1)
		switch r.IntN(3) {
		case 0:
			f.All = append(f.All, inner)
		case 1:
			f.Any = append(f.Any, inner)
		default:
			f.None = append(f.None, inner)
		}
	}
	return f
}

func someQuery(r *rand.Rand) engine.Query {
	q := engine.Query{Page: 1 + r.IntN(4), Size: 1 + r.IntN(20)}
	for _, f := range []**engine.Filter{&q.Filter, &q.Enforced} {
		if r.IntN(2) == 0 {
			filter := someFilter(r, 2)
			*f = &filter
		}
	}
	for range r.IntN(3) {
		center := engine.Point{Lat: 1, Lon: 2}
		q.Sort = append(q.Sort, []engine.Sort{{Field: "price"}, {Field: "color"}, {Field: "made"}, {Field: "id"}, {Field: "title"}, {Field: "place", Center: &center, Mode: engine.SortAverage}, {Field: engine.ByScore}}[r.IntN(7)])
		q.Sort[len(q.Sort)-1].Desc = r.IntN(2) == 0
	}
	for _, b := range []engine.Boost{
		{Field: "color", Type: engine.BoostValue, Values: []engine.Value{engine.TextValue("red")}, Factor: 2},
		{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostLinear, Factor: 1, Operation: engine.BoostMultiply},
		{Field: "place", Type: engine.BoostProximity, Function: engine.BoostGaussian, Factor: 5, Place: &engine.Point{Lat: 3, Lon: 3}},
	} {
		if r.IntN(4) == 0 {
			q.Boosts = append(q.Boosts, b)
		}
	}
	if r.IntN(3) == 0 {
		q.Group = &engine.Group{Field: []string{"color", "price", "made", "title"}[r.IntN(4)], Size: r.IntN(4), Sort: q.Sort[:len(q.Sort)/2]}
	}
	for _, f := range []engine.Facet{
		{Field: "color", Type: engine.FacetValue, Size: 1 + r.IntN(4), ByValue: r.IntN(2) == 0, Asc: r.IntN(2) == 0},
		{Field: "price", Type: engine.FacetValue, Asc: r.IntN(2) == 0}, {Field: "price", Type: engine.FacetStats}, {Field: "made", Type: engine.FacetStats},
		{Field: "price", Type: engine.FacetRange, Ranges: []engine.FacetRangeOption{{Name: "x", To: engine.NumberValue(4)}, {From: engine.NumberValue(4)}}},
	} {
		if r.IntN(2) == 0 {
			q.Facets = append(q.Facets, f)
		}
	}
	if r.IntN(2) == 0 {
		q.ResultFields = map[string]engine.ResultField{"id": {Raw: &engine.RawOption{}}, "price": {Raw: &engine.RawOption{}}, "color": {Raw: &engine.RawOption{}}}
	}
	return q
}

// Whatever is asked of a meta engine, the answer is that of one engine with all the documents: what is found and in which
// order, the page, the total, the facets, and the fields.
func TestAMetaEngineAnswersLikeOneEngineWithAllDocuments(t *testing.T) {
	w, r := twins(t), rand.New(rand.NewPCG(3, 5))
	found := 0
	for i := range 250 {
		q := someQuery(r)
		one, meta := w.search("one", q), w.search("all", q)
		found += len(one.Hits)
		if !reflect.DeepEqual(shown(one), shown(meta)) {
			t.Fatalf("search %d, %+v\nfound %s\nwant  %s", i, q, shown(meta), shown(one))
		}
		for j, h := range meta.Hits {
			if h.Score != one.Hits[j].Score {
				t.Fatalf("%s has score %v, want %v", h.ID, h.Score, one.Hits[j].Score)
			}
			if source, _ := engine.SplitID(h.ID); h.Source != source || h.Document.ID != h.ID {
				t.Fatalf("hit %+v", h)
			}
		}
	}
	if found < 400 {
		t.Errorf("only %d documents were found in all: the test tests nothing", found)
	}
}

// shown is what an answer shows, apart from the engine.
func shown(r engine.Results) string {
	r.Engine = engine.Engine{}
	var hits []any
	for _, h := range r.Hits {
		hits = append(hits, h.ID, h.Fields, h.Key)
		for _, other := range h.Group {
			hits = append(hits, other.ID, other.Fields)
		}
	}
	text, _ := json.Marshal([]any{r.Total, hits, r.Facets})
	return string(text)
}

// Scores are made in each source and then scaled, so they are not those of one engine. What is found is the same.
func TestAMetaEngineFindsTheSameTexts(t *testing.T) {
	w := twins(t)
	for _, c := range []struct {
		name string
		q    engine.Query
	}{
		{"one word", engine.Query{Text: "lamp"}},
		{"all words where one source has them all", engine.Query{Text: "old chair"}},
		{"any word where none has them all", engine.Query{Text: "red elephant"}},
		{"any word asked for", engine.Query{Text: "red chair", Match: engine.MatchAny}},
		{"a word that only one source's field has", engine.Query{Text: "gold", SearchFields: map[string]float64{"color": 2}}},
		{"a field that one source has not, and a filter", engine.Query{Text: "red", SearchFields: map[string]float64{"color": 2, "title": 1}, Filter: &engine.Filter{Field: "price", Range: &engine.Range{From: engine.NumberValue(1)}}}},
		{"nothing", engine.Query{Text: "elephant"}},
		{"a text without words", engine.Query{Text: "?!"}},
		{"a text without words in a field that two sources have", engine.Query{Text: "  ", SearchFields: map[string]float64{"color": 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Facets = []engine.Facet{{Field: "title", Type: engine.FacetValue}}
			one, meta := w.search("one", c.q), w.search("all", c.q)
			a, b := idsOf(one), idsOf(meta)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) || one.Total != meta.Total || !reflect.DeepEqual(one.Facets, meta.Facets) {
				t.Errorf("found %v (%d)\nwant  %v (%d)", b, meta.Total, a, one.Total)
			}
			if !slices.IsSortedFunc(meta.Hits, func(a, b engine.Hit) int { return -cmpFloat(a.Score, b.Score) }) {
				t.Error("not the best first")
			}
			sorted := c.q
			sorted.Sort = []engine.Sort{{Field: "price", Desc: true}, {Field: "id"}}
			if one, meta := w.search("one", sorted), w.search("all", sorted); shown(one) != shown(meta) {
				t.Errorf("sorted\nfound %s\nwant  %s", shown(meta), shown(one))
			}
		})
	}
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// A word that all documents of one source have counts for nothing there. In all sources together it does.
func TestScoresOfSourcesAreComparable(t *testing.T) {
	w := newWorld(t)
	w.create("lamps")
	w.create("blog")
	for i := range 9 {
		w.add("lamps", fmt.Sprintf(`{"id":"%d","title":"lamp %d","kind":"standing"}`, i, i))
		w.add("blog", fmt.Sprintf(`{"id":"%d","title":"What else there is to tell about the weather on day %d"}`, i, i))
	}
	w.add("lamps", `{"id":"two","title":"lamp with a second lamp"}`)
	w.add("blog", `{"id":"aside","title":"What there is to tell about the weather, about chairs, tables, and at the end about a lamp that somebody else had"}`)
	w.meta("all", "blog", "lamps")
	got := idsOf(w.search("all", engine.Query{Text: "lamp", Size: 20}))
	if len(got) != 11 || got[10] != "blog|aside" {
		t.Errorf("found %v", got)
	}
	for _, q := range []engine.Query{{Text: "lamp weather"}, {Text: "lam", Prefix: true}, {Text: "lamp standing", Match: engine.MatchAny}} {
		r := w.search("all", q)
		for _, h := range r.Hits {
			if h.Score < 1e-3 || h.Score > 100 {
				t.Errorf("%q: %s has score %v", q.Text, h.ID, h.Score)
			}
		}
		var local []string
		for _, h := range w.search("lamps", q).Hits {
			local = append(local, "lamps|"+h.ID)
		}
		own := slices.DeleteFunc(idsOf(r), func(id string) bool { return !strings.HasPrefix(id, "lamps|") })
		if len(own) > 0 && !slices.Equal(own, local[:len(own)]) {
			t.Errorf("%q changed the order within a source: %v, want %v", q.Text, own, local)
		}
	}
}
