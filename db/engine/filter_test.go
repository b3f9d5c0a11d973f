package engine_test

import (
	"testing"

	"latchkey/db/engine"
)

func values(list ...string) []engine.Value {
	out := make([]engine.Value, len(list))
	for i, s := range list {
		out[i] = engine.TextValue(s)
	}
	return out
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	num, text := engine.NumberValue, engine.TextValue
	metres := func(m float64) *float64 { return &m }
	berlin, vilnius := engine.Point{Lat: 52.52, Lon: 13.405}, engine.Point{Lat: 54.6872, Lon: 25.2797}
	in := func(field string, list ...string) engine.Filter {
		return engine.Filter{Field: field, Values: values(list...)}
	}
	for name, c := range map[string]struct {
		f    engine.Filter
		want []string
	}{
		"empty holds for all":                  {engine.Filter{}, []string{"a", "b", "c", "d"}},
		"a value":                              {in("title", "Desk"), []string{"b"}},
		"a part of a value is not the value":   {in("title", "lamp"), nil},
		"case matters":                         {in("title", "desk"), nil},
		"any of the values":                    {in("title", "Desk", "Chair"), []string{"b", "d"}},
		"no values hold for none":              {engine.Filter{Field: "title", Values: values()}, nil},
		"any element of an array":              {in("tags", "Home"), []string{"a", "b"}},
		"elements differ by case":              {in("tags", "light"), []string{"c"}},
		"a number":                             {engine.Filter{Field: "price", Values: []engine.Value{num(10)}}, []string{"a"}},
		"a number as a text":                   {in("price", "10.0"), []string{"a"}},
		"a date in another zone":               {in("made", "2021-12-31T22:00:00Z"), []string{"c"}},
		"an id":                                {in("id", "d", "a", "zz"), []string{"a", "d"}},
		"from is inclusive":                    {engine.Filter{Field: "price", Range: &engine.Range{From: num(200)}}, []string{"b"}},
		"to is exclusive":                      {engine.Filter{Field: "price", Range: &engine.Range{To: num(10)}}, nil},
		"from and to":                          {engine.Filter{Field: "price", Range: &engine.Range{From: num(10), To: num(31)}}, []string{"a", "c"}},
		"both bounds are met by one element":   {engine.Filter{Field: "price", Range: &engine.Range{From: num(40), To: num(60)}}, nil},
		"gt":                                   {engine.Filter{Field: "price", Range: &engine.Range{Gt: num(70)}}, []string{"b"}},
		"lte":                                  {engine.Filter{Field: "price", Range: &engine.Range{Lte: num(10)}}, []string{"a"}},
		"a range without bounds: there is one": {engine.Filter{Field: "price", Range: &engine.Range{}}, []string{"a", "b", "c"}},
		"a range of dates":                     {engine.Filter{Field: "made", Range: &engine.Range{From: text("2021-01-01"), To: text("2022-01-01")}}, []string{"b", "c"}},
		"within a distance":                    {engine.Filter{Field: "place", Geo: &engine.Geo{Center: vilnius, Distance: metres(1000)}}, []string{"c"}},
		"the same place is at no distance":     {engine.Filter{Field: "place", Geo: &engine.Geo{Center: berlin, Distance: metres(0)}}, []string{"a", "c"}},
		"a ring":                               {engine.Filter{Field: "place", Geo: &engine.Geo{Center: berlin, From: metres(700_000), To: metres(1_000_000)}}, []string{"b", "c"}},
		"everywhere":                           {engine.Filter{Field: "place", Geo: &engine.Geo{Center: berlin}}, []string{"a", "b", "c"}},
		"across the date line":                 {engine.Filter{Field: "place", Geo: &engine.Geo{Center: engine.Point{Lat: 52, Lon: -180}, Distance: metres(1e6)}}, nil},
		"all":                                  {engine.Filter{All: []engine.Filter{in("tags", "Home"), in("title", "Desk")}}, []string{"b"}},
		"any":                                  {engine.Filter{Any: []engine.Filter{in("tags", "Garden"), in("title", "Desk")}}, []string{"b", "c"}},
		"none":                                 {engine.Filter{None: []engine.Filter{in("tags", "Garden"), in("title", "Desk")}}, []string{"a", "d"}},
		"groups beside each other must all hold": {engine.Filter{
			All: []engine.Filter{in("tags", "Home")}, Any: []engine.Filter{in("title", "Red lamp"), in("title", "Chair")},
			None: []engine.Filter{in("title", "Desk")},
		}, []string{"a"}},
		"nested": {engine.Filter{Any: []engine.Filter{
			{All: []engine.Filter{in("tags", "Home"), {None: []engine.Filter{in("title", "Desk")}}}}, in("id", "d"),
		}}, []string{"a", "d"}},
		"empty groups hold": {engine.Filter{All: []engine.Filter{}, Any: []engine.Filter{}, None: []engine.Filter{}}, []string{"a", "b", "c", "d"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.search("shop", engine.Query{Filter: &c.f})
			wantIDs(t, r, c.want...)
			// The same filter must hold where words are searched too, in the order of the ids there.
			r = w.search("shop", engine.Query{
				Text: "lamp chair desk", Match: engine.MatchAny, Filter: &c.f, Sort: []engine.Sort{{Field: "id"}},
			})
			wantIDs(t, r, c.want...)
		})
	}
	t.Run("what is enforced holds besides the filter", func(t *testing.T) {
		home, desk := in("tags", "Home"), in("title", "Desk", "Chair")
		wantIDs(t, w.search("shop", engine.Query{Filter: &desk, Enforced: &home}), "b")
	})
}

func TestFacets(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	num := engine.NumberValue
	line := func(r engine.FacetResult) string {
		s := ""
		for _, b := range r.Data {
			s += b.Value.String() + b.Name + ":" + string(rune('0'+b.Count)) + " "
		}
		if r.Min != nil {
			s += r.Min.String() + ".." + r.Max.String() + " "
		}
		return s
	}
	for name, c := range map[string]struct {
		f    engine.Facet
		q    engine.Query
		want string
	}{
		"values by count":           {engine.Facet{Field: "tags", Type: engine.FacetValue}, engine.Query{}, "Home:2 Garden:1 Light:1 light:1 "},
		"values, the first ones":    {engine.Facet{Field: "tags", Type: engine.FacetValue, Size: 2}, engine.Query{}, "Home:2 Garden:1 "},
		"values, rarest first":      {engine.Facet{Field: "tags", Type: engine.FacetValue, Asc: true}, engine.Query{}, "Garden:1 Light:1 light:1 Home:2 "},
		"values by themselves":      {engine.Facet{Field: "tags", Type: engine.FacetValue, ByValue: true, Asc: true}, engine.Query{}, "Garden:1 Home:2 Light:1 light:1 "},
		"values downwards":          {engine.Facet{Field: "price", Type: engine.FacetValue, ByValue: true}, engine.Query{}, "200:1 70:1 30:1 10:1 "},
		"values of dates":           {engine.Facet{Field: "made", Type: engine.FacetValue, ByValue: true, Asc: true, Size: 1}, engine.Query{}, "2020-01-01T00:00:00Z:1 "},
		"only of what is found":     {engine.Facet{Field: "tags", Type: engine.FacetValue}, engine.Query{Text: "blue lamp"}, "Garden:1 light:1 "},
		"only of what passes":       {engine.Facet{Field: "tags", Type: engine.FacetValue}, engine.Query{Filter: &engine.Filter{Field: "title", Values: values("Desk")}}, "Home:1 "},
		"not only of what is shown": {engine.Facet{Field: "tags", Type: engine.FacetValue}, engine.Query{Offset: 90}, "Home:2 Garden:1 Light:1 light:1 "},
		"nothing of nothing":        {engine.Facet{Field: "tags", Type: engine.FacetValue}, engine.Query{Text: "?!"}, ""},
		"ranges, an array counts once": {engine.Facet{Field: "price", Type: engine.FacetRange, Ranges: []engine.FacetRangeOption{
			{Name: "low", To: num(100)}, {Name: "high", From: num(100)}, {Name: "10", From: num(10), To: num(11)}, {Name: "all"},
		}}, engine.Query{}, "low:2 high:1 10:1 all:3 "},
		"ranges of what is found": {engine.Facet{Field: "price", Type: engine.FacetRange, Ranges: []engine.FacetRangeOption{{Name: "all"}}}, engine.Query{Text: "desk"}, "all:2 "},
		"ranges of dates": {engine.Facet{Field: "made", Type: engine.FacetRange, Ranges: []engine.FacetRangeOption{
			{Name: "new", From: engine.TextValue("2021-01-01")},
		}}, engine.Query{}, "new:2 "},
		"ranges of distance": {engine.Facet{Field: "place", Type: engine.FacetRange, Center: &engine.Point{Lat: 52.52, Lon: 13.405}, Ranges: []engine.FacetRangeOption{
			{Name: "here", To: num(1000)}, {Name: "far", From: num(1000)},
		}}, engine.Query{}, "here:2 far:2 "},
		"stats":            {engine.Facet{Field: "price", Type: engine.FacetStats}, engine.Query{}, "10..200 "},
		"stats of found":   {engine.Facet{Field: "price", Type: engine.FacetStats}, engine.Query{Text: "garden"}, "30..70 "},
		"stats of nothing": {engine.Facet{Field: "price", Type: engine.FacetStats}, engine.Query{Text: "chair"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.q.Facets = []engine.Facet{c.f}
			r := w.search("shop", c.q)
			if got := line(r.Facets[0]); got != c.want {
				t.Errorf("facet %q, want %q", got, c.want)
			}
		})
	}
	t.Run("facets are counted even if nothing is shown", func(t *testing.T) {
		r, err := w.store.Search(ctx(), w.admin, w.place, "shop", engine.Query{Facets: []engine.Facet{{Field: "tags", Type: engine.FacetValue}}})
		if err != nil || len(r.Hits) != 0 || len(r.Facets[0].Data) != 4 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
