package engine_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/engine"
	"latchkey/db/fault"
)

// not is a filter that hides documents by a value.
func not(field string, values ...engine.Value) *engine.Filter {
	return &engine.Filter{None: []engine.Filter{{Field: field, Values: values}}}
}

// While types change, what a filter hides stays hidden.
func TestFiltersFailClosedWhileReindexing(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	var docs []string
	for i := range 300 {
		docs = append(docs, fmt.Sprintf(`{"id":"%d","level":"%d","word":"lamp"}`, i, i%2))
	}
	w.add("shop", docs...)
	// The first transactions of the change, as if the program ended then.
	_, err := w.store.UpdateSchema(ctx(), w.until(5), w.place, "shop", engine.Schema{{Name: "level", Type: engine.TypeNumber}})
	if err == nil || w.count("SELECT COALESCE(pending, -1) FROM engines") != 100 {
		t.Fatalf("the change was not interrupted after 100 documents: %v", err)
	}
	one := engine.NumberValue(1)
	hidden := map[string]engine.Query{
		"enforced":               {Enforced: not("level", one)},
		"a filter":               {Filter: not("level", one)},
		"with words":             {Text: "lamp", Enforced: not("level", one)},
		"sorted by another type": {Enforced: not("level", one), Sort: []engine.Sort{{Field: "level"}}},
		"sorted":                 {Enforced: not("level", one), Sort: []engine.Sort{{Field: "word"}}},
	}
	check := func(total int64) {
		t.Helper()
		for name, q := range hidden {
			q.Size = 1000
			q.Facets = []engine.Facet{{Field: "word", Type: engine.FacetValue}}
			r := w.search("shop", q)
			for _, h := range r.Hits {
				if h.Document.Get("level").String() == "1" {
					t.Fatalf("%s: document %s is not hidden", name, h.ID)
				}
			}
			if r.Total != total || int64(len(r.Hits)) != total || r.Facets[0].Data[0].Count != total {
				t.Errorf("%s: %d found, %d shown, %d counted; want %d", name, r.Total, len(r.Hits), r.Facets[0].Data[0].Count, total)
			}
		}
	}
	check(50)
	if r := w.search("shop", engine.Query{Text: "lamp"}); r.Total != 300 {
		t.Errorf("%d found without a filter, want 300", r.Total)
	}
	if err := w.store.Tidy(ctx()); err != nil {
		t.Fatal(err)
	}
	check(150)
}

// An element that does not fit a new type hides no other of its array.
func TestFiltersSeeWhatFitsOfAnArray(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.add("shop", `{"id":"a","level":["many",5]}`, `{"id":"b","level":[6]}`)
	w.schema("shop", engine.SchemaField{Name: "level", Type: engine.TypeNumber})
	wantIDs(t, w.search("shop", engine.Query{Enforced: not("level", engine.NumberValue(5))}), "b")
}

func TestLongValuesAreFiltered(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	long := func(end string) string { return strings.Repeat("é", 300) + end }
	texts := map[string]string{
		"short": "x", "512": strings.Repeat("x", 512), "513": strings.Repeat("x", 513),
		"long-a": long("a"), "long-b": long("b"), "mark": "a\x1fb", "null": "a\x00b", "a": "a",
	}
	// The key of a long text, given as a text, is another value.
	sum := sha256.Sum256([]byte(long("a")))
	texts["forged"] = strings.Repeat("é", 223) + "\x1f" + hex.EncodeToString(sum[:])
	for id, text := range texts {
		w.importOne(engine.Source{"id": id, "t": text})
	}
	for id, text := range texts {
		t.Run(id, func(t *testing.T) {
			wantIDs(t, w.search("shop", engine.Query{Filter: &engine.Filter{Field: "t", Values: values(text)}}), id)
			r := w.search("shop", engine.Query{Enforced: not("t", engine.TextValue(text))})
			if int(r.Total) != len(texts)-1 {
				t.Errorf("%d are left, want all but one", r.Total)
			}
			for _, h := range r.Hits {
				if h.ID == id {
					t.Error("it is not excluded")
				}
			}
		})
	}
	t.Run("sorts and facets have their beginning", func(t *testing.T) {
		q := engine.Query{Sort: []engine.Sort{{Field: "t", Desc: true}}, Facets: []engine.Facet{{Field: "t", Type: engine.FacetValue}}}
		r := w.search("shop", q)
		if got := idsOf(r)[3:6]; fmt.Sprint(got) != "[512 513 short]" {
			t.Errorf("order %v", idsOf(r))
		}
		for _, b := range r.Facets[0].Data {
			if s := b.Value.String(); strings.Contains(s, "\x1f") || len(s) > 512 {
				t.Errorf("a facet shows %q", s)
			}
		}
	})
}

func TestFilterLimitsCountTheWholeFilter(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	some := func(n int) []engine.Value {
		list := make([]engine.Value, n)
		for i := range list {
			list[i] = engine.TextValue(fmt.Sprint("value ", i))
		}
		return list
	}
	in := func(n int) engine.Filter { return engine.Filter{Field: "title", Values: some(n)} }
	array, err := engine.ValueOf([]any{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	wide, deep := engine.Filter{}, engine.Filter{}
	for range 32 {
		wide.Any = append(wide.Any, in(32))
	}
	for range 5000 {
		deep.All = append(deep.All, engine.Filter{})
	}
	for name, c := range map[string]struct {
		f    engine.Filter
		says string // "": it is answered
	}{
		"32 conditions of 32 values":    {wide, ""},
		"31 conditions of 1024 values":  {engine.Filter{Any: repeat(in(1024), 31)}, "Filters can have at most 1024 values"},
		"two conditions of 513":         {engine.Filter{Any: repeat(in(513), 2)}, "Filters can have at most 1024 values"},
		"values in an array":            {engine.Filter{Field: "title", Values: append(some(1022), array)}, "Filters can have at most 1024 values"},
		"128 groups":                    {engine.Filter{All: repeat(engine.Filter{}, 127)}, ""},
		"129 groups":                    {engine.Filter{All: repeat(engine.Filter{}, 128)}, "Filters can have at most 128 groups"},
		"thousands of empty groups":     {deep, "Filters can have at most 128 groups"},
		"thousands of groups in groups": {engine.Filter{None: repeat(engine.Filter{Any: repeat(engine.Filter{}, 50)}, 50)}, "Filters can have at most 128 groups"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, q := range []engine.Query{{Filter: &c.f}, {Enforced: &c.f}, {Filter: &c.f, Enforced: &c.f, Text: "lamp"}} {
				_, err := w.store.Search(ctx(), w.admin, w.place, "shop", q)
				switch {
				case c.says != "":
					wantFault(t, err, fault.Invalid, c.says)
				case err != nil:
					t.Error(err)
				}
			}
		})
	}
}

func repeat(f engine.Filter, n int) []engine.Filter {
	list := make([]engine.Filter, n)
	for i := range list {
		list[i] = f
	}
	return list
}

// largest gives an engine of some documents and a search with the largest filters that are allowed, and some facets.
func largest(t testing.TB, documents, facets int) (*world, engine.Query) {
	w := newWorld(t)
	w.create("shop")
	var docs []string
	for i := range documents {
		docs = append(docs, fmt.Sprintf(`{"id":"%d","title":"lamp %d","n":"%d"}`, i, i, i))
	}
	w.add("shop", docs...)
	list := make([]engine.Value, engine.MaxValues)
	for i := range list {
		list[i] = engine.TextValue(fmt.Sprint("lamp ", i*2))
	}
	f := &engine.Filter{Field: "title", Values: list}
	q := engine.Query{Filter: f, Enforced: f, Size: 1000}
	for range facets {
		q.Facets = append(q.Facets, engine.Facet{Field: "n", Type: engine.FacetValue})
	}
	return w, q
}

func TestTheLargestFiltersWork(t *testing.T) {
	w, q := largest(t, 300, 1)
	for _, q.Text = range []string{"", "lamp"} {
		if r := w.search("shop", q); r.Total != 150 {
			t.Errorf("text %q: %d found, want 150", q.Text, r.Total)
		}
	}
}

func BenchmarkLargestFilters(b *testing.B) {
	w, q := largest(b, 2000, engine.MaxFacets)
	q.Text = "lamp"
	for b.Loop() {
		w.search("shop", q)
	}
}

// Numbers and texts stay what they are on their way through a list.
func TestFilterListsKeepTypes(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "n", Type: engine.TypeNumber})
	numbers := []float64{0.1 + 0.2, 1e300, -7, 12345678901234567, 5e-324, 10}
	for i, n := range numbers {
		w.importOne(engine.Source{"id": fmt.Sprint(i), "n": n, "t": fmt.Sprint(n)})
	}
	for i, n := range numbers {
		wantIDs(t, w.search("shop", engine.Query{Filter: &engine.Filter{Field: "n", Values: []engine.Value{engine.NumberValue(n)}}}), fmt.Sprint(i))
		wantIDs(t, w.search("shop", engine.Query{Filter: &engine.Filter{Field: "t", Values: values(fmt.Sprint(n))}}), fmt.Sprint(i))
	}
	wantIDs(t, w.search("shop", engine.Query{Filter: &engine.Filter{Field: "t", Values: values("10.0")}}))
	wantIDs(t, w.search("shop", engine.Query{Filter: &engine.Filter{Field: "id", Values: values("1\x002", "02")}}))
}

func TestNamesAndSchemaOf(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	w.add("shop", `{"id":"1","t":"x"}`)
	if _, err := w.store.Create(ctx(), w.admin, w.placeOf("p2"), engine.New{Name: "other"}); err != nil {
		t.Fatal(err)
	}
	names, err := w.store.Names(ctx(), "p1")
	if err != nil || len(names) != 1 || names[e.ID] != "shop" {
		t.Errorf("names %v, %v", names, err)
	}
	schema, err := w.store.SchemaOf(ctx(), e.ID)
	if err != nil || len(schema) != 1 || schema[0].Name != "t" {
		t.Errorf("schema %v, %v", schema, err)
	}
	_, err = w.store.SchemaOf(ctx(), "none")
	wantFault(t, err, fault.NotFound, notFound)
}

// A list of many engines asks for all counts at once.
func TestListCountsAtOnce(t *testing.T) {
	w := newWorld(t)
	err := w.dir.Core.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
			INSERT INTO engines (id, project_id, name, language, created_by, created_at, updated_at)
			SELECT 'id-' || i, 'p1', 'e-' || i, '', 'u', 1, 1 FROM n`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.add("e-77", `{"id":"1"}`, `{"id":"2"}`)
	began := time.Now()
	list, err := w.store.List(ctx(), w.admin, w.place)
	took := time.Since(began)
	t.Logf("%v", took)
	if err != nil || len(list) != 20000 {
		t.Fatal(len(list), err)
	}
	for _, e := range list {
		if want := map[bool]int64{true: 2}[e.Name == "e-77"]; e.Documents != want {
			t.Fatalf("%s has %d documents, want %d", e.Name, e.Documents, want)
		}
	}
}
