package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
)

func TestSchemaRules(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	for name, c := range map[string]struct {
		field engine.SchemaField
		bad   bool
	}{
		"a plain name":      {engine.SchemaField{Name: "price", Type: engine.TypeNumber}, false},
		"letters, digits":   {engine.SchemaField{Name: "a_1", Type: engine.TypeText}, false},
		"id":                {engine.SchemaField{Name: "id", Type: engine.TypeText}, true},
		"digits":            {engine.SchemaField{Name: "12", Type: engine.TypeText}, true},
		"spaces":            {engine.SchemaField{Name: "invalid field name", Type: engine.TypeText}, true},
		"underscore first":  {engine.SchemaField{Name: "_invalid_field_name", Type: engine.TypeText}, true},
		"hyphens":           {engine.SchemaField{Name: "invalid-field-name", Type: engine.TypeText}, true},
		"camel case":        {engine.SchemaField{Name: "invalidFieldName", Type: engine.TypeText}, true},
		"dots":              {engine.SchemaField{Name: "invalid.field.name", Type: engine.TypeText}, true},
		"uppercase":         {engine.SchemaField{Name: "INVALID", Type: engine.TypeText}, true},
		"a reserved word":   {engine.SchemaField{Name: "engine_id", Type: engine.TypeText}, true},
		"empty":             {engine.SchemaField{Name: "", Type: engine.TypeText}, true},
		"an unknown type":   {engine.SchemaField{Name: "x", Type: "float"}, true},
		"a type in capital": {engine.SchemaField{Name: "x", Type: "Text"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			schema, err := w.store.UpdateSchema(ctx(), w.admin, w.place, "shop", engine.Schema{c.field})
			if c.bad != fault.Is(err, fault.Invalid) || !c.bad && err != nil {
				t.Fatalf("error %v, want one: %v", err, c.bad)
			}
			if _, ok := schema.Type(c.field.Name); ok == c.bad {
				t.Errorf("schema %v", schema)
			}
		})
	}
	t.Run("one mistake changes nothing", func(t *testing.T) {
		_, err := w.store.UpdateSchema(ctx(), w.admin, w.place, "shop", engine.Schema{{Name: "good", Type: engine.TypeText}, {Name: "BAD", Type: engine.TypeText}})
		schema, _ := w.store.Schema(ctx(), w.admin, w.place, "shop")
		if _, ok := schema.Type("good"); err == nil || ok {
			t.Errorf("schema %v, %v", schema, err)
		}
	})
	t.Run("64 fields fit and 65 do not", func(t *testing.T) {
		w.create("wide")
		var all engine.Schema
		for i := range engine.MaxFields {
			all = append(all, engine.SchemaField{Name: fmt.Sprintf("f_%d", i), Type: engine.TypeText})
		}
		w.schema("wide", all...)
		_, err := w.store.UpdateSchema(ctx(), w.admin, w.place, "wide", engine.Schema{{Name: "more", Type: engine.TypeText}})
		wantFault(t, err, fault.Invalid, "Invalid field: an engine can have at most 64 fields")
		w.add("wide", `{"id":"1","f_63":"lamp"}`)
		wantIDs(t, w.search("wide", engine.Query{Text: "lamp", SearchFields: map[string]float64{"f_63": 3}}), "1")
	})
}

func TestSchemaChange(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	var docs []string
	for i := range 250 {
		docs = append(docs, fmt.Sprintf(`{"id":"%d","size":"%d","word":"lamp"}`, i, i))
	}
	w.add("shop", append(docs, `{"id":"odd","size":"large","word":"lamp"}`)...)
	big := engine.Query{Filter: &engine.Filter{Field: "size", Range: &engine.Range{From: engine.NumberValue(200)}}}

	_, err := w.store.Search(ctx(), w.admin, w.place, "shop", big)
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("a range on a text: %v, want invalid", err)
	}
	w.schema("shop", engine.SchemaField{Name: "size", Type: engine.TypeNumber})

	t.Run("all documents are indexed by the new type", func(t *testing.T) {
		if r := w.search("shop", big); r.Total != 50 {
			t.Errorf("%d found, want 50", r.Total)
		}
		if r := w.search("shop", engine.Query{Text: "lamp"}); r.Total != 251 {
			t.Errorf("%d found by text, want 251", r.Total)
		}
	})
	t.Run("what does not fit is neither found nor lost", func(t *testing.T) {
		if r := w.search("shop", engine.Query{Text: "large"}); r.Total != 0 {
			t.Errorf("found %v", idsOf(r))
		}
		docs, err := w.store.GetDocuments(ctx(), w.admin, w.place, "shop", []string{"odd", "7"})
		if err != nil || docs[0].Get("size").String() != "large" {
			t.Errorf("kept %v, %v", docs[0], err)
		}
		if got := docs[1].Fields[0].Typed(); got.Kind() != engine.Number || docs[1].Fields[0].Value.Kind() != engine.Text {
			t.Errorf("typed %v of %v, want a number of a text", got, docs[1].Fields[0].Value)
		}
		if _, err := w.store.Patch(ctx(), w.admin, w.place, "shop", parse(t, `{"id":"odd","word":"desk"}`)); err != nil {
			t.Error(err)
		}
		wantIDs(t, w.search("shop", engine.Query{Text: "desk"}), "odd")
	})
	t.Run("and back", func(t *testing.T) {
		w.schema("shop", engine.SchemaField{Name: "size", Type: engine.TypeText})
		wantIDs(t, w.search("shop", engine.Query{Text: "large"}), "odd")
	})
	t.Run("the history tells from what to what", func(t *testing.T) {
		events, err := w.log.OfSubject(ctx(), e.ID)
		if err != nil || len(events) != 3 {
			t.Fatalf("%d events, %v; want a creation and two changes", len(events), err)
		}
		want := audit.Change{Field: "schema.size", From: "text", To: "number"}
		if c := events[1].Changes; len(c) != 1 || c[0] != want {
			t.Errorf("changes %v, want %v", c, want)
		}
	})
	t.Run("an interrupted re-indexing goes on at the next start", func(t *testing.T) {
		err := w.dir.Engines.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, "UPDATE fields SET type = 'number' WHERE name = 'size'"); err != nil {
				return err
			}
			_, err := db.Exec(ctx, tx, "UPDATE engines SET pending = 0")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		w.open()
		w.tidy()
		if r := w.search("shop", big); r.Total != 50 {
			t.Errorf("%d found, want 50", r.Total)
		}
		if n := w.count("SELECT COUNT(*) FROM engines WHERE pending IS NOT NULL"); n != 0 {
			t.Error("it is still pending")
		}
	})
}

func TestEnginesShareNothing(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.create("blog")
	w.add("shop", `{"id":"1","title":"lamp","color":"red"}`)
	w.add("blog", `{"id":"1","title":"story","color":"blue"}`, `{"id":"2","title":"lamp","color":"red"}`)
	red := &engine.Filter{Field: "color", Values: []engine.Value{engine.TextValue("red")}}
	for name, q := range map[string]engine.Query{
		"text":            {Text: "lamp"},
		"filter":          {Filter: red},
		"filter and text": {Text: "lamp", Filter: red},
		"id":              {Filter: &engine.Filter{Field: "id", Values: []engine.Value{engine.TextValue("1")}}},
	} {
		t.Run(name, func(t *testing.T) {
			q.Facets = []engine.Facet{{Field: "color", Type: engine.FacetValue}}
			r := w.search("shop", q)
			wantIDs(t, r, "1")
			if len(r.Facets[0].Data) != 1 || r.Facets[0].Data[0].Count != 1 {
				t.Errorf("facet %+v counts another engine's documents", r.Facets[0].Data)
			}
		})
	}
	t.Run("no document of the other is in the full-text table", func(t *testing.T) {
		if n := w.count("SELECT COUNT(*) FROM text_1 WHERE text_1 MATCH 'story'"); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
	t.Run("a score does not depend on the other engine", func(t *testing.T) {
		before := w.search("shop", engine.Query{Text: "lamp"}).Hits[0].Score
		w.add("blog", strings.Split(strings.Repeat(`{"title":"lamp"}|`, 50)+`{"title":"lamp"}`, "|")...)
		if after := w.search("shop", engine.Query{Text: "lamp"}).Hits[0].Score; after != before {
			t.Errorf("score %v became %v", before, after)
		}
	})
}
