package engine_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func (w *world) meta(name string, sources ...string) {
	w.t.Helper()
	if _, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: name, Meta: true, Sources: sources}); err != nil {
		w.t.Fatalf("create %s: %v", name, err)
	}
}

func TestAMetaEngineRefusesWhatOneEngineRefuses(t *testing.T) {
	w := twins(t)
	w.create("d")
	w.schema("d", engine.SchemaField{Name: "price", Type: engine.TypeText}, engine.SchemaField{Name: "only_d", Type: engine.TypeText})
	w.add("d", `{"id":"1","price":"cheap","only_d":"cheap too"}`)
	w.meta("torn", "a", "d")
	value := []engine.Value{engine.TextValue("x")}
	for name, c := range map[string]struct {
		engine, says string
		q            engine.Query
	}{
		"a filter on an unknown field":        {"all", "Filters contains invalid field: nosuch", engine.Query{Filter: &engine.Filter{Field: "nosuch", Values: value}}},
		"an enforced filter on an unknown":    {"all", "Filters contains invalid field: nosuch", engine.Query{Enforced: &engine.Filter{Field: "nosuch", Values: value}}},
		"a search in an unknown field":        {"all", "Search fields contains invalid field: nosuch", engine.Query{SearchFields: map[string]float64{"nosuch": 1}}},
		"an unknown field shown":              {"all", "Result fields contains invalid field: nosuch", engine.Query{ResultFields: map[string]engine.ResultField{"nosuch": {}}}},
		"sorted by an unknown field":          {"all", "Sort contains invalid field: nosuch", engine.Query{Sort: []engine.Sort{{Field: "nosuch"}}}},
		"sorted by source":                    {"all", "Sort contains invalid field: _engine", engine.Query{Sort: []engine.Sort{{Field: "_engine"}}}},
		"a range of a text":                   {"all", "Filters on field color, which is of type text, can only be values", engine.Query{Filter: &engine.Filter{Field: "color", Range: &engine.Range{}}}},
		"a range of sources":                  {"all", "Filters on _engine can only be values", engine.Query{Filter: &engine.Filter{Field: "_engine", Range: &engine.Range{}}}},
		"a facet of an unknown field":         {"all", "Facets contains invalid field: nosuch", engine.Query{Facets: []engine.Facet{{Field: "nosuch", Type: engine.FacetValue}}}},
		"beyond what can be reached":          {"all", "Of a meta engine the first 10000 results can be reached", engine.Query{Page: 101, Size: 100}},
		"sources of an engine that has none":  {"one", "Filters contains invalid field: _engine", engine.Query{Filter: &engine.Filter{Field: "_engine", Values: value}}},
		"a filter on a field in conflict":     {"torn", "Filters contains invalid field: price", engine.Query{Filter: &engine.Filter{Field: "price", Values: value}}},
		"a search in a field in conflict":     {"torn", "Search fields contains invalid field: price", engine.Query{SearchFields: map[string]float64{"price": 1}}},
		"a field in conflict shown":           {"torn", "Result fields contains invalid field: price", engine.Query{ResultFields: map[string]engine.ResultField{"price": {}}}},
		"sorted by a field in conflict":       {"torn", "Sort contains invalid field: price", engine.Query{Sort: []engine.Sort{{Field: "price"}}}},
		"a filter deep inside on an unknown":  {"all", "Filters contains invalid field: nosuch", engine.Query{Filter: &engine.Filter{Any: []engine.Filter{{None: []engine.Filter{{Field: "nosuch", Values: value}}}}}}},
		"a filter on sources without a value": {"all", "Filters on _engine can only be values", engine.Query{Filter: &engine.Filter{All: []engine.Filter{{Field: "_engine"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.store.Search(ctx(), w.admin, w.place, c.engine, c.q)
			wantFault(t, err, fault.Invalid, c.says)
		})
	}
	t.Run("a field in conflict is not searched in either source, nor shown", func(t *testing.T) {
		wantIDs(t, w.search("d", engine.Query{Text: "cheap"}), "1")
		r := w.search("torn", engine.Query{Text: "cheap", SearchFields: map[string]float64{"id": 1, "title": 1}})
		wantIDs(t, r)
		r = w.search("torn", engine.Query{Text: "cheap"})
		wantIDs(t, r, "d|1")
		if _, shown := r.Hits[0].Fields["price"]; shown {
			t.Errorf("%+v", r.Hits[0].Fields)
		}
		w.add("d", `{"id":"2","price":"dear"}`)
		wantIDs(t, w.search("torn", engine.Query{Text: "dear"}))
	})
	t.Run("and is named", func(t *testing.T) {
		list, err := w.store.Conflicts(ctx(), w.admin, w.place, "torn")
		want := []engine.Conflict{{Name: "price", Types: []engine.SourceType{{Engine: "a", Type: engine.TypeNumber}, {Engine: "d", Type: engine.TypeText}}}}
		if err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%+v %v", list, err)
		}
		e, err := w.store.Get(ctx(), w.admin, w.place, "torn")
		schema, _ := w.store.Schema(ctx(), w.admin, w.place, "torn")
		if err != nil || e.Fields != len(schema) || e.Fields != 3 {
			t.Errorf("%d fields, schema %+v, %v", e.Fields, schema, err)
		}
	})
	t.Run("until the sources agree", func(t *testing.T) {
		w.schema("a", engine.SchemaField{Name: "price", Type: engine.TypeText})
		wantIDs(t, w.search("torn", engine.Query{Filter: &engine.Filter{Field: "price", Values: []engine.Value{engine.TextValue("cheap")}}}), "d|1")
	})
}

func TestFilterBySource(t *testing.T) {
	w := twins(t)
	by := func(names ...string) *engine.Filter {
		f := &engine.Filter{Field: engine.BySource}
		for _, name := range names {
			f.Values = append(f.Values, engine.TextValue(name))
		}
		return f
	}
	count := func(name string) int64 { return w.search(name, engine.Query{}).Total }
	for name, c := range map[string]struct {
		filter *engine.Filter
		want   int64
	}{
		"one":           {by("a"), count("a")},
		"two":           {by("a", "b"), count("a") + count("b")},
		"none":          {by("one"), 0},
		"all but":       {&engine.Filter{None: []engine.Filter{*by("a")}}, count("b") + count("c")},
		"neither":       {&engine.Filter{All: []engine.Filter{*by("a"), *by("b")}}, 0},
		"one or a word": {&engine.Filter{Any: []engine.Filter{*by("b"), {Field: "id", Values: []engine.Value{engine.TextValue(engine.ScopedID("a", "x"))}}}}, count("b")},
	} {
		for _, enforced := range []bool{false, true} {
			q := engine.Query{Filter: c.filter}
			if enforced {
				q = engine.Query{Enforced: c.filter}
			}
			if got := w.search("all", q).Total; got != c.want {
				t.Errorf("%s, enforced %t: %d, want %d", name, enforced, got, c.want)
			}
		}
	}
}

// What reads documents reads those of all sources, each once, by the names that the meta engine has for them.
func TestDocumentsOfAMetaEngine(t *testing.T) {
	w := twins(t)
	var listed, scanned []string
	for page := 1; ; page++ {
		docs, total, err := w.store.ListDocuments(ctx(), w.admin, w.place, "all", page, 7)
		if err != nil || total != 90 {
			t.Fatal(total, err)
		}
		for _, d := range docs {
			listed = append(listed, d.ID)
		}
		if len(docs) < 7 {
			break
		}
	}
	for next := int64(0); ; {
		docs, after, err := w.store.ScanDocuments(ctx(), w.admin, w.place, "all", next, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			scanned = append(scanned, d.ID)
		}
		if next = after; next == 0 {
			break
		}
	}
	all, _, err := w.store.ListDocuments(ctx(), w.admin, w.place, "one", 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, d := range all {
		want = append(want, d.ID)
	}
	if !slices.Equal(scanned, want) {
		t.Errorf("scanned %v\nwant    %v", scanned, want)
	}
	if !strings.HasPrefix(listed[0], "c|") || !strings.HasPrefix(listed[89], "b|") {
		t.Errorf("not in the order of the sources: %v", listed)
	}
	slices.Sort(listed)
	slices.Sort(want)
	if !slices.Equal(listed, want) {
		t.Errorf("listed %v\nwant   %v", listed, want)
	}
	got, err := w.store.GetDocuments(ctx(), w.admin, w.place, "all", []string{want[3], "one|1", "0"})
	if err != nil || got[0] == nil || got[0].ID != want[3] || got[1] != nil || got[2] != nil {
		t.Errorf("%v %v", got, err)
	}
	if n, err := w.store.Count(ctx(), w.admin, w.place, "all"); n != 90 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

// SetSources changes both ways at once, and asks only about what is new.
func TestSetSources(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.create(name)
	}
	w.meta("m", "a", "b")
	limited := key("p1", permission.Keys, "c", "m")
	names := func(who audit.Who, sources ...string) string {
		e, err := w.store.SetSources(ctx(), who, w.place, "m", sources)
		if err != nil {
			return err.Error()
		}
		var list []string
		for _, s := range e.Sources {
			list = append(list, s.Name)
		}
		return strings.Join(list, " ")
	}
	for _, c := range []struct {
		who     audit.Who
		sources []string
		want    string
	}{
		{limited, []string{"b", "c"}, "b c"}, {limited, []string{"b", "a"}, "Could not find source engines: a"}, {limited, []string{"c"}, "c"},
		{limited, []string{"c", "b"}, "Could not find source engines: b"}, {w.admin, []string{"c", "b", "a"}, "c b a"}, {w.admin, nil, ""},
		{user("o2", permission.OrganizationAdmin), []string{"a"}, notFound}, {key("p1", permission.Keys, "a"), []string{"a"}, notFound},
		{key("p1", permission.View, "a", "m"), nil, "Unauthorized action."},
	} {
		if got := names(c.who, c.sources...); got != c.want {
			t.Errorf("%v as %s: %q, want %q", c.sources, c.who.Label, got, c.want)
		}
	}
}

// What is set for a meta engine holds for searches of it, and for none of its sources.
func TestCurationsAndSynonymsOfAMetaEngine(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b"} {
		w.create(name)
		w.add(name, `{"id":"1","title":"lamp"}`, `{"id":"2","title":"lamp lamp"}`, `{"id":"3","title":"chair"}`, `{"id":"4","title":"stool"}`)
	}
	w.meta("all", "a", "b")
	w.curation("all", []string{"lamp"}, []string{"b|3", "a|3", "b|1", "gone|1"}, []string{"a|2"})
	if _, err := w.store.CreateSynonyms(ctx(), w.admin, w.place, "all", []string{"stool", "chair"}); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, w.search("all", engine.Query{Text: "lamp"}), "b|3", "a|3", "b|1", "b|2", "a|1")
	wantIDs(t, w.search("all", engine.Query{Text: "lamp", Page: 2, Size: 2}), "b|1", "b|2")
	wantIDs(t, w.search("all", engine.Query{Text: "lamp", Enforced: &engine.Filter{Field: engine.BySource, Values: values("a")}}), "a|3", "a|1")
	wantIDs(t, w.search("all", engine.Query{Text: "lamp", SearchFields: map[string]float64{"id": 1}}), "b|3", "a|3", "b|1")
	wantIDs(t, w.search("all", engine.Query{Text: "stool", Sort: []engine.Sort{{Field: "id"}}}), "a|3", "a|4", "b|3", "b|4")
	wantIDs(t, w.search("a", engine.Query{Text: "stool"}), "4")
	wantIDs(t, w.search("a", engine.Query{Text: "lamp", Sort: []engine.Sort{{Field: "id"}}}), "1", "2")
}

func TestSuggestionsOfAMetaEngine(t *testing.T) {
	w := newWorld(t)
	w.create("a")
	w.create("b")
	w.add("a", `{"id":"1","title":"lamp","note":"lamella"}`, `{"id":"2","title":"lamp"}`)
	w.add("b", `{"id":"1","title":"lama","price":"landed"}`, `{"id":"2","title":"lama"}`, `{"id":"3","title":"lama","kind":"lasting"}`)
	w.schema("a", engine.SchemaField{Name: "price", Type: engine.TypeNumber}) // the sources differ
	w.meta("all", "a", "b")
	by := func(name string) *engine.Filter { return &engine.Filter{Field: engine.BySource, Values: values(name)} }
	for name, c := range map[string]struct {
		q    engine.Suggest
		want string
	}{
		"from all":                 {engine.Suggest{Text: "la"}, "lama lamp lamella lasting"},
		"from some fields":         {engine.Suggest{Text: "la", Fields: []string{"kind", "note"}}, "lamella lasting"},
		"within what is seen":      {engine.Suggest{Text: "la", Within: []string{"title"}}, "lama lamp"},
		"where a filter holds":     {engine.Suggest{Text: "la", Enforced: by("a")}, "lamp lamella"},
		"where none does":          {engine.Suggest{Text: "la", Enforced: by("nosuch")}, ""},
		"an unknown field":         {engine.Suggest{Text: "la", Fields: []string{"nosuch"}}, "Suggestions contains invalid field: nosuch"},
		"a field in conflict":      {engine.Suggest{Text: "la", Fields: []string{"price"}}, "Suggestions contains invalid field: price"},
		"a filter on none":         {engine.Suggest{Text: "la", Enforced: &engine.Filter{Field: "nosuch", Values: values("x")}}, "Filters contains invalid field: nosuch"},
		"a filter only one can be": {engine.Suggest{Text: "la", Enforced: &engine.Filter{Field: "kind", Values: values("lasting")}}, "lama lasting"},
	} {
		c.q.Size = 10
		list, err := w.store.Suggest(ctx(), w.admin, w.place, "all", c.q)
		got := strings.Join(list, " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
