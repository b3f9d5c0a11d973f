package engine_test

import (
	"strings"
	"testing"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// shelf is an engine with a few things of every type.
func (w *world) shelf() {
	w.t.Helper()
	w.create("shop")
	w.schema("shop",
		engine.SchemaField{Name: "title", Type: engine.TypeText},
		engine.SchemaField{Name: "text", Type: engine.TypeText},
		engine.SchemaField{Name: "tags", Type: engine.TypeText},
		engine.SchemaField{Name: "price", Type: engine.TypeNumber},
		engine.SchemaField{Name: "made", Type: engine.TypeDate},
		engine.SchemaField{Name: "place", Type: engine.TypeGeolocation})
	w.add("shop",
		`{"id":"a","title":"Red lamp","text":"A desk light","tags":["Home","Light"],"price":10,"made":"2020-01-01","place":"52.52,13.405"}`,
		`{"id":"b","title":"Desk","text":"Made of oak, for a lamp or two","tags":["Home"],"price":200,"made":"2021-06-01T12:00:00Z","place":"48.8566,2.3522"}`,
		`{"id":"c","title":"Blue lamp","text":"For the garden","tags":["Garden","light"],"price":[30,70],"made":"2022-01-01T00:00:00+02:00","place":["54.6872,25.2797","52.52,13.405"]}`,
		`{"id":"d","title":"Chair","text":"Comfortable","tags":[],"price":null}`)
}

func TestSearchText(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	for name, c := range map[string]struct {
		q    engine.Query
		want []string
	}{
		"nothing asked finds everything by age":     {engine.Query{}, []string{"a", "b", "c", "d"}},
		"white space is nothing":                    {engine.Query{Text: " \t "}, []string{"a", "b", "c", "d"}},
		"one word":                                  {engine.Query{Text: "chair"}, []string{"d"}},
		"case does not matter":                      {engine.Query{Text: "CHAIR"}, []string{"d"}},
		"an English word by its stem":               {engine.Query{Text: "comforts"}, []string{"d"}},
		"a plural":                                  {engine.Query{Text: "gardens"}, []string{"c"}},
		"all words before any":                      {engine.Query{Text: "blue lamp"}, []string{"c"}},
		"any word where nothing has all":            {engine.Query{Text: "chair garden zebra"}, []string{"c", "d"}},
		"all words only, if so asked":               {engine.Query{Text: "chair zebra", Match: engine.MatchAll}, nil},
		"any word, if so asked":                     {engine.Query{Text: "chair oak", Match: engine.MatchAny}, []string{"d", "b"}},
		"words may stand in different fields":       {engine.Query{Text: "red desk"}, []string{"a"}},
		"the beginning of a word is not a word":     {engine.Query{Text: "gard"}, nil},
		"unless it is asked for":                    {engine.Query{Text: "gard", Prefix: true}, []string{"c"}},
		"an id is found":                            {engine.Query{Text: "d", SearchFields: map[string]float64{"id": 1}}, []string{"d"}},
		"search fields restrict":                    {engine.Query{Text: "oak", SearchFields: map[string]float64{"title": 1}}, nil},
		"search fields, several":                    {engine.Query{Text: "oak desk", SearchFields: map[string]float64{"title": 1, "text": 1}}, []string{"b"}},
		"weight on the title":                       {engine.Query{Text: "desk", SearchFields: map[string]float64{"title": 10, "text": 1}}, []string{"b", "a"}},
		"weight on the text":                        {engine.Query{Text: "desk", SearchFields: map[string]float64{"title": 0.01, "text": 10}}, []string{"a", "b"}},
		"punctuation around words is ignored":       {engine.Query{Text: "¿chair?!"}, []string{"d"}},
		"punctuation alone finds nothing":           {engine.Query{Text: "?!"}, nil},
		"quotes and operators are not a language":   {engine.Query{Text: `title: "chair" OR (NEAR^ NOT`, Match: engine.MatchAll}, nil},
		"a null character is a space":               {engine.Query{Text: "blue\x00lamp"}, []string{"c"}},
		"a page":                                    {engine.Query{Page: 2, Size: 2}, []string{"c", "d"}},
		"an offset":                                 {engine.Query{Offset: 1, Size: 2}, []string{"b", "c"}},
		"a page after the end":                      {engine.Query{Page: 9, Size: 2}, nil},
		"sort by number, the largest of an array":   {engine.Query{Sort: []engine.Sort{{Field: "price", Desc: true}}}, []string{"b", "c", "a", "d"}},
		"sort by number, missing values last":       {engine.Query{Sort: []engine.Sort{{Field: "price"}}}, []string{"a", "c", "b", "d"}},
		"sort by date":                              {engine.Query{Sort: []engine.Sort{{Field: "made", Desc: true}}}, []string{"c", "b", "a", "d"}},
		"sort by text":                              {engine.Query{Sort: []engine.Sort{{Field: "title"}}}, []string{"c", "d", "b", "a"}},
		"sort by id":                                {engine.Query{Sort: []engine.Sort{{Field: "id", Desc: true}}}, []string{"d", "c", "b", "a"}},
		"sort by distance, the nearest of an array": {engine.Query{Sort: []engine.Sort{{Field: "place", Center: &engine.Point{Lat: 54.7, Lon: 25.3}}}}, []string{"c", "a", "b", "d"}},
		"sort with words":                           {engine.Query{Text: "lamp", Sort: []engine.Sort{{Field: "price"}}}, []string{"a", "c", "b"}},
		"sort by several":                           {engine.Query{Sort: []engine.Sort{{Field: "tags"}, {Field: "price", Desc: true}}}, []string{"c", "b", "a", "d"}},
		"sort pages through missing values":         {engine.Query{Sort: []engine.Sort{{Field: "price"}}, Offset: 2, Size: 2}, []string{"b", "d"}},
		"sort by score, worst first":                {engine.Query{Text: "desk", SearchFields: map[string]float64{"title": 10, "text": 1}, Sort: []engine.Sort{{Field: engine.ByScore}}}, []string{"a", "b"}},
		"a sort by score where there is none":       {engine.Query{Sort: []engine.Sort{{Field: engine.ByScore, Desc: true}}}, []string{"a", "b", "c", "d"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.search("shop", c.q)
			wantIDs(t, r, c.want...)
			if c.q.Page == 0 && c.q.Offset == 0 && int(r.Total) != len(c.want) {
				t.Errorf("total %d, want %d", r.Total, len(c.want))
			}
		})
	}
	t.Run("size 0 shows none and counts", func(t *testing.T) {
		r, err := w.store.Search(ctx(), w.admin, w.place, "shop", engine.Query{Text: "lamp"})
		if err != nil || len(r.Hits) != 0 || r.Total != 3 {
			t.Errorf("%d hits of %d, %v; want 0 of 3", len(r.Hits), r.Total, err)
		}
	})
	t.Run("scores are positive and fall", func(t *testing.T) {
		r := w.search("shop", engine.Query{Text: "lamp"})
		for i, h := range r.Hits {
			if h.Score <= 0 || i > 0 && h.Score > r.Hits[i-1].Score {
				t.Errorf("score %d is %v", i, h.Score)
			}
		}
	})
}

func TestSearchLanguages(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: "world"}); err != nil {
		t.Fatal(err)
	}
	w.add("world", `{"id":"ja","t":"国立公園の地図"}`, `{"id":"th","t":"อุทยานแห่งชาติ"}`, `{"id":"fr","t":"Café à côté"}`, `{"id":"de","t":"Straßen"}`, `{"id":"ko","t":"국립 공원"}`)
	for text, want := range map[string]string{"公園": "ja", "地図": "ja", "แห่ง": "th", "cafe": "fr", "CÔTÉ": "fr", "straßen": "de", "공원": "ko"} {
		t.Run(text, func(t *testing.T) { wantIDs(t, w.search("world", engine.Query{Text: text}), want) })
	}
	t.Run("characters in another order are another word", func(t *testing.T) {
		wantIDs(t, w.search("world", engine.Query{Text: "園公"}))
	})
}

func TestSearchMistakes(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	deep := engine.Filter{Field: "title", Values: []engine.Value{engine.TextValue("x")}}
	for range 6 {
		deep = engine.Filter{All: []engine.Filter{deep}}
	}
	var many []engine.Filter
	for range 33 {
		many = append(many, engine.Filter{Field: "title", Values: []engine.Value{engine.TextValue("x")}})
	}
	metres := -1.0
	x := []engine.Value{engine.TextValue("x")}
	for name, c := range map[string]struct {
		q    engine.Query
		says string
	}{
		"an unknown search field":     {engine.Query{SearchFields: map[string]float64{"nope": 1}}, "Search fields contains invalid field: nope"},
		"a search field of numbers":   {engine.Query{SearchFields: map[string]float64{"price": 1}}, "Search fields contains invalid field: price"},
		"a negative weight":           {engine.Query{SearchFields: map[string]float64{"title": -1}}, "Search fields contains invalid weight for field: title"},
		"an unknown result field":     {engine.Query{ResultFields: map[string]engine.ResultField{"nope": {}}}, "Result fields contains invalid field: nope"},
		"an unknown filter field":     {engine.Query{Filter: &engine.Filter{Field: "nope", Values: x}}, "Filters contains invalid field: nope"},
		"an unknown enforced field":   {engine.Query{Enforced: &engine.Filter{Field: "nope", Values: x}}, "Filters contains invalid field: nope"},
		"an unknown sort field":       {engine.Query{Sort: []engine.Sort{{Field: "nope"}}}, "Sort contains invalid field: nope"},
		"an unknown facet field":      {engine.Query{Facets: []engine.Facet{{Field: "nope", Type: engine.FacetValue}}}, "Facets contains invalid field: nope"},
		"a range of texts":            {engine.Query{Filter: &engine.Filter{Field: "title", Range: &engine.Range{From: x[0]}}}, "Filters on field title, which is of type text, can only be values"},
		"a place of texts":            {engine.Query{Filter: &engine.Filter{Field: "title", Geo: &engine.Geo{}}}, "Filters on field title, which is of type text, can only be values"},
		"a value of places":           {engine.Query{Filter: &engine.Filter{Field: "place", Values: x}}, "Filters on field place, which is of type geolocation, can only be places"},
		"a number that is none":       {engine.Query{Filter: &engine.Filter{Field: "price", Values: x}}, "Invalid field value: Value 'x' cannot be parsed as a float"},
		"a date that is none":         {engine.Query{Filter: &engine.Filter{Field: "made", Range: &engine.Range{To: x[0]}}}, "Invalid field value: Value 'x' cannot be parsed as a date"},
		"a field without a condition": {engine.Query{Filter: &engine.Filter{Field: "title"}}, "Filters contains no value for field: title"},
		"a negative distance":         {engine.Query{Filter: &engine.Filter{Field: "place", Geo: &engine.Geo{Distance: &metres}}}, "A distance cannot be negative."},
		"a filter six levels deep":    {engine.Query{Filter: &deep}, "Filters can be nested at most 5 levels deep"},
		"33 conditions":               {engine.Query{Filter: &engine.Filter{All: many}}, "Filters can have at most 32 conditions"},
		"1025 values":                 {engine.Query{Filter: &engine.Filter{Field: "title", Values: make([]engine.Value, 1025)}}, "Filters can have at most 1024 values"},
		"11 sorts":                    {engine.Query{Sort: make([]engine.Sort, 11)}, "Sort can have at most 10 criteria"},
		"a sort by place without one": {engine.Query{Sort: []engine.Sort{{Field: "place"}}}, "Sort needs a center for geolocation fields, and for them only: place"},
		"a facet of 251 values":       {engine.Query{Facets: []engine.Facet{{Field: "title", Type: engine.FacetValue, Size: 251}}}, "Facets can have at most 250 values: title"},
		"a range facet of texts":      {engine.Query{Facets: []engine.Facet{{Field: "title", Type: engine.FacetRange, Ranges: make([]engine.FacetRangeOption, 1)}}}, `Facets of type "range" do not fit field: title`},
		"a page that is too large":    {engine.Query{Size: 1001}, "The page is out of range: at most 1000 documents a page, and 1000000 before it."},
		"a negative page":             {engine.Query{Page: -1}, "The page is out of range: at most 1000 documents a page, and 1000000 before it."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.store.Search(ctx(), w.admin, w.place, "shop", c.q)
			wantFault(t, err, fault.Invalid, c.says)
		})
	}
	t.Run("an engine without storage finds nothing, and knows mistakes", func(t *testing.T) {
		w.create("empty")
		if r := w.search("empty", engine.Query{Text: "lamp"}); r.Total != 0 || len(r.Hits) != 0 {
			t.Errorf("found %+v", r)
		}
		if r := w.search("empty", engine.Query{}); r.Total != 0 || len(r.Hits) != 0 {
			t.Errorf("found %+v", r)
		}
		_, err := w.store.Search(ctx(), w.admin, w.place, "empty", engine.Query{SearchFields: map[string]float64{"title": 1}})
		wantFault(t, err, fault.Invalid, "Search fields contains invalid field: title")
	})
}

// FuzzSearch: whatever somebody types is an answer, never an error.
func FuzzSearch(f *testing.F) {
	w := newWorld(f)
	w.shelf()
	for _, s := range []string{
		"", " ", `"`, `""`, "'", "*", "lamp*", "^lamp", "-lamp", "+", "a AND", "OR", "NOT x", "NEAR(a b)", "title:x", "{title}:x",
		"(", ")", "\\", "\x00", "a\x00b", "\xff\xfe", "�", "\u200b", "ー", "日本", "é", "e\u0301", "😀", "½", "𝔘", "\x02lamp\x03",
		"lamp\"; DROP TABLE engines; --", strings.Repeat("a ", 500), strings.Repeat("(", 300), strings.Repeat("日", 2000), "٣", "Ⅷ", "\U000E0001",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, prefix bool) {
		for _, how := range []engine.Match{engine.MatchDefault, engine.MatchAny} {
			q := engine.Query{
				Text: text, Prefix: prefix, Match: how, Size: 3, SearchFields: map[string]float64{"title": 2, "id": 1},
				ResultFields: map[string]engine.ResultField{"title": {Snippet: &engine.SnippetOption{Size: 20, Fallback: true}}},
				Filter:       &engine.Filter{None: []engine.Filter{{Field: "title", Values: []engine.Value{engine.TextValue(text)}}}},
				Facets:       []engine.Facet{{Field: "tags", Type: engine.FacetValue}},
			}
			if _, err := w.store.Search(ctx(), w.admin, w.place, "shop", q); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
