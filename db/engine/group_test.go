package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// groups writes what a grouped search found: "key:first(others)".
func groups(r engine.Results) string {
	var list []string
	for _, h := range r.Hits {
		one := "-"
		if h.Key != nil {
			one = h.Key.String()
		}
		var others []string
		for _, o := range h.Group {
			others = append(others, o.ID)
		}
		list = append(list, fmt.Sprintf("%s:%s(%s)", one, h.ID, strings.Join(others, " ")))
	}
	return strings.Join(list, " ")
}

func (w *world) fruit() {
	w.t.Helper()
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "price", Type: engine.TypeNumber}, engine.SchemaField{Name: "day", Type: engine.TypeDate},
		engine.SchemaField{Name: "place", Type: engine.TypeGeolocation})
	w.add("shop",
		`{"id":"a","name":"apple","kind":"fruit","price":3,"day":"2026-01-01"}`,
		`{"id":"b","name":"beet","kind":"root","price":1,"day":"2026-01-02"}`,
		`{"id":"c","name":"cherry","kind":"fruit","price":9,"day":"2026-01-01T00:00:00Z"}`,
		`{"id":"d","name":"date","kind":"fruit","price":5}`,
		`{"id":"e","name":"egg","price":2}`,
		`{"id":"f","name":"fig","kind":["root","fruit"],"price":7}`,
		`{"id":"g","name":"grape","kind":null,"price":4}`)
}

func TestGroups(t *testing.T) {
	w := newWorld(t)
	w.fruit()
	by := func(g engine.Group) engine.Query { return engine.Query{Group: &g} }
	price := []engine.Sort{{Field: "price"}}
	for name, c := range map[string]struct {
		q     engine.Query
		want  string
		total int64
	}{
		"by age where nothing else decides":        {by(engine.Group{Field: "kind"}), "fruit:a(c d f) root:b() :e(g)", 3},
		"a page of groups":                         {engine.Query{Group: &engine.Group{Field: "kind"}, Page: 2, Size: 1}, "root:b()", 3},
		"a page behind the last":                   {engine.Query{Group: &engine.Group{Field: "kind"}, Page: 4, Size: 1}, "", 3},
		"no more than asked for in each":           {by(engine.Group{Field: "kind", Size: 2}), "fruit:a(c d) root:b() :e(g)", 3},
		"an order within":                          {by(engine.Group{Field: "kind", Sort: []engine.Sort{{Field: "price", Desc: true}}}), "fruit:a(c f d) root:b() :e(g)", 3},
		"the order of the query finds the first":   {engine.Query{Group: &engine.Group{Field: "kind"}, Sort: []engine.Sort{{Field: "price", Desc: true}}}, "fruit:c(a d f) :g(e) root:b()", 3},
		"both orders":                              {engine.Query{Group: &engine.Group{Field: "kind", Sort: price, Size: 1}, Sort: price}, "root:b() :e(g) fruit:a(d)", 3},
		"numbers":                                  {engine.Query{Group: &engine.Group{Field: "price"}, Sort: price, Size: 2}, "1:b() 2:e()", 7},
		"dates, however written":                   {by(engine.Group{Field: "day"}), "2026-01-01T00:00:00Z:a(c) 2026-01-02T00:00:00Z:b() :d(e f g)", 3},
		"with a filter":                            {engine.Query{Group: &engine.Group{Field: "kind"}, Filter: &engine.Filter{Field: "price", Range: &engine.Range{From: number(4)}}}, "fruit:c(d f) :g()", 2},
		"of what a filter imposes":                 {engine.Query{Group: &engine.Group{Field: "kind"}, Enforced: &engine.Filter{Field: "kind", Values: values("root")}}, "root:b() fruit:f()", 2},
		"with words":                               {engine.Query{Group: &engine.Group{Field: "kind"}, Text: "cherry"}, "fruit:c()", 1},
		"with any of the words where none has all": {engine.Query{Group: &engine.Group{Field: "kind"}, Text: "cherry beet", Sort: price}, "root:b() fruit:c()", 2},
		"of nothing":                               {engine.Query{Group: &engine.Group{Field: "kind"}, Text: "zebra"}, "", 0},
		"with boosts": {engine.Query{Group: &engine.Group{Field: "kind", Size: 2}, Boosts: []engine.Boost{
			{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostLinear, Factor: 1}}}, "fruit:c(f d) :g(e) root:b()", 3},
	} {
		t.Run(name, func(t *testing.T) {
			if c.q.Size == 0 {
				c.q.Size = 10
			}
			r := w.search("shop", c.q)
			if got := groups(r); got != c.want || r.Total != c.total {
				t.Errorf("got  %s, total %d\nwant %s, total %d", got, r.Total, c.want, c.total)
			}
		})
	}
}

func TestFacetsCountDocumentsAlsoOfGroups(t *testing.T) {
	w := newWorld(t)
	w.fruit()
	r := w.search("shop", engine.Query{Group: &engine.Group{Field: "kind"}, Facets: []engine.Facet{{Field: "kind", Type: engine.FacetValue}}})
	if r.Total != 3 || len(r.Hits) != 3 || r.Facets[0].Data[0].Count != 4 {
		t.Errorf("%+v", r)
	}
}

func TestAGroupThatMakesNoSenseIsRefused(t *testing.T) {
	w := newWorld(t)
	w.fruit()
	for want, q := range map[string]engine.Query{
		"Group contains invalid field: nope":   {Group: &engine.Group{Field: "nope"}},
		"Group contains invalid field: id":     {Group: &engine.Group{Field: "id"}},
		"of type text, number or date: place":  {Group: &engine.Group{Field: "place"}},
		"Group size must be between 1 and 10":  {Group: &engine.Group{Field: "kind", Size: 11}},
		"Sort contains invalid field: nope":    {Group: &engine.Group{Field: "kind", Sort: []engine.Sort{{Field: "nope"}}}},
		"Sort can have at most 10 criteria":    {Group: &engine.Group{Field: "kind", Sort: make([]engine.Sort, 11)}},
		"can have at most 2500 documents":      {Size: 228, Group: &engine.Group{Field: "kind"}},
		"Sort needs a center for geolocation ": {Group: &engine.Group{Field: "kind", Sort: []engine.Sort{{Field: "place"}}}},
	} {
		_, err := w.store.Search(ctx(), w.admin, w.place, "shop", q)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestSortByOneOfSeveralDistances(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "at", Type: engine.TypeGeolocation})
	w.add("shop", // degrees from the equator
		`{"id":"a","at":["1,0","2,0","90,0"]}`,
		`{"id":"b","at":["3,0","4,0","5,0","6,0"]}`,
		`{"id":"c","at":["2.5,0","8,0"]}`,
		`{"id":"none"}`)
	for mode, want := range map[engine.SortMode]string{
		"": "a c b none", engine.SortNearest: "a c b none", // 1 2.5 3
		engine.SortFarthest: "b c a none", // 6 8 90
		engine.SortMedian:   "a b c none", // 2 4.5 5.25
		engine.SortAverage:  "b c a none", // 4.5 5.25 31
	} {
		r := w.search("shop", engine.Query{Sort: []engine.Sort{{Field: "at", Center: &engine.Point{}, Mode: mode}}})
		wantIDs(t, r, strings.Fields(want)...)
	}
	for _, s := range []engine.Sort{{Field: "at", Center: &engine.Point{}, Mode: "sum"}, {Field: "at", Mode: engine.SortMedian}} {
		if _, err := w.store.Search(ctx(), w.admin, w.place, "shop", engine.Query{Sort: []engine.Sort{s}}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
