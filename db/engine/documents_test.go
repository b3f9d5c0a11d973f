package engine_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

func TestImportErrors(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.schema("shop",
		engine.SchemaField{Name: "price", Type: engine.TypeNumber},
		engine.SchemaField{Name: "made", Type: engine.TypeDate},
		engine.SchemaField{Name: "place", Type: engine.TypeGeolocation})
	wide := map[string]any{}
	for i := range 65 {
		wide[fmt.Sprintf("f_%d", i)] = "x"
	}
	for name, c := range map[string]struct {
		doc  engine.Source
		want string // "": it is stored
	}{
		"a text, a number, an array and null":       {engine.Source{"title": "a", "n": json.Number("1.50"), "tags": []any{"a", json.Number("2"), nil}, "x": nil}, ""},
		"an id of 800 characters":                   {engine.Source{"id": strings.Repeat("é", 800)}, ""},
		"an id of 801 characters":                   {engine.Source{"id": strings.Repeat("é", 801)}, "Invalid field type: id must be less than 800 characters"},
		"an id that is a number":                    {engine.Source{"id": json.Number("17")}, ""},
		"an id that is an object":                   {engine.Source{"id": map[string]any{}}, "Invalid field type: id must be a string or a number"},
		"an id that is an array":                    {engine.Source{"id": []any{"1"}}, "Invalid field type: id must be a string or a number"},
		"an id that is a boolean":                   {engine.Source{"id": true}, "Invalid field type: id must be a string or a number"},
		"a field name with an uppercase letter":     {engine.Source{"someField": "x"}, "Fields can only contain lowercase letters, numbers, and underscores: someField."},
		"a field name with a dot":                   {engine.Source{"a.b": "x"}, "Fields can only contain lowercase letters, numbers, and underscores: a.b."},
		"a field name that is reserved":             {engine.Source{"all": "x"}, "Field name is reserved: all."},
		"a field name that starts with underscore":  {engine.Source{"_x": "x"}, "Fields cannot start with an underscore: _x."},
		"a field name of digits":                    {engine.Source{"12": "x"}, "Fields cannot consist of numbers only: 12."},
		"a field name of 65 characters":             {engine.Source{strings.Repeat("a", 65): "x"}, "Fields can be at most 64 characters long: " + strings.Repeat("a", 64) + "."},
		"an object":                                 {engine.Source{"o": map[string]any{"a": 1.0}}, `Invalid field value: Value '{"a":1}' cannot be an object`},
		"an object in an array":                     {engine.Source{"o": []any{map[string]any{}}}, "Invalid field value: Value '{}' cannot be an object"},
		"an array in an array":                      {engine.Source{"o": []any{[]any{}}}, "Invalid field value: Value '[]' cannot be an array"},
		"a number that is none":                     {engine.Source{"price": "foo"}, "Invalid field value: Value 'foo' cannot be parsed as a float"},
		"a number that is infinite":                 {engine.Source{"price": "inf"}, "Invalid field value: Value 'inf' cannot be parsed as a float"},
		"a number that no float can hold":           {engine.Source{"price": json.Number("1e999")}, "Invalid field value: Value '1e999' cannot be parsed as a float"},
		"a number in a text":                        {engine.Source{"price": "12.5"}, ""},
		"an array of numbers with one that is none": {engine.Source{"price": []any{"1", "foo"}}, "Invalid field value: Value 'foo' cannot be parsed as a float"},
		"a date that is none":                       {engine.Source{"made": "yesterday"}, "Invalid field value: Value 'yesterday' cannot be parsed as a date"},
		"a date without a time":                     {engine.Source{"made": "2026-03-14"}, ""},
		"a place that is none":                      {engine.Source{"place": "here"}, "Invalid field value: Value 'here' cannot be parsed as a geolocation"},
		"a place that is not on Earth":              {engine.Source{"place": "91,0"}, "Invalid field value: Value '91,0' cannot be parsed as a geolocation"},
		"a place as lat,lon":                        {engine.Source{"place": "37.4, -122.1"}, ""},
		"a place as [lon, lat]":                     {engine.Source{"place": []any{json.Number("-122.1"), json.Number("37.4")}}, ""},
		"a place as WKT":                            {engine.Source{"place": "POINT (-122.1 37.4)"}, ""},
		"65 fields":                                 {engine.Source(wide), "Invalid field: an engine can have at most 64 fields"},
		"100 KB":                                    {engine.Source{"id": "1", "t": strings.Repeat("x", engine.MaxDocument-9)}, ""},
		"more than 100 KB":                          {engine.Source{"id": "1", "t": strings.Repeat("x", engine.MaxDocument-8)}, "Invalid document: a document can have at most 100 KB"},
	} {
		t.Run(name, func(t *testing.T) {
			results, err := w.store.Import(ctx(), w.admin, w.place, "shop", []engine.Source{{"id": "before"}, c.doc, {"id": "after"}})
			if err != nil {
				t.Fatal(err)
			}
			if len(results) != 3 || len(results[0].Errors)+len(results[2].Errors) > 0 {
				t.Fatalf("the other documents suffered: %+v", results)
			}
			if got := strings.Join(results[1].Errors, "; "); got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
			docs, err := w.store.GetDocuments(ctx(), w.admin, w.place, "shop", []string{"before", results[1].ID, "after"})
			if err != nil || docs[0] == nil || docs[2] == nil || (c.want == "" && docs[1] == nil) {
				t.Errorf("stored %v, %v", docs, err)
			}
		})
	}
	t.Run("a refused document adds no fields", func(t *testing.T) {
		schema, err := w.store.Schema(ctx(), w.admin, w.place, "shop")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"o", "someField", "f_1"} {
			if _, ok := schema.Type(name); ok {
				t.Errorf("field %s is in the schema", name)
			}
		}
	})
}

func TestImport(t *testing.T) {
	w := newWorld(t)
	w.create("shop")

	t.Run("a missing id is generated", func(t *testing.T) {
		for _, doc := range []engine.Source{{"a": "x"}, {"id": nil}, {"id": ""}} {
			results, err := w.store.Import(ctx(), w.admin, w.place, "shop", []engine.Source{doc})
			if err != nil || !regexp.MustCompile("^doc-[0-9a-f]{24}$").MatchString(results[0].ID) {
				t.Errorf("id %q, %v", results[0].ID, err)
			}
		}
	})
	t.Run("values come back as they went in", func(t *testing.T) {
		const body = `{"a":"<b>&\u2028","big":12345678901234567890.10,"flag":true,"list":["x",1.0,null],"nothing":null,"z":[]}`
		w.add("shop", `{"id":"same",`+body[1:])
		docs, err := w.store.GetDocuments(ctx(), w.admin, w.place, "shop", []string{"same"})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{
			"a": `"<b>&\u2028"`, "big": "12345678901234567890.10", "flag": `"true"`, "list": `["x",1.0,null]`, "nothing": "null", "z": "[]",
		} {
			if got, err := json.Marshal(docs[0].Get(name).Any()); err != nil || strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(got)) != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		for _, f := range docs[0].Fields {
			if f.Name == "big" && f.Typed().Any() != "12345678901234567890.10" {
				t.Errorf("a number in a text field shows as %#v, want the text", f.Typed().Any())
			}
		}
	})
	t.Run("a document replaces the one with its id as a whole", func(t *testing.T) {
		w.add("shop", `{"id":"r","a":"lamp","b":"red"}`)
		n := w.countDocuments("shop")
		w.add("shop", `{"id":"r","a":"desk"}`)
		if got := w.countDocuments("shop"); got != n {
			t.Errorf("%d documents, want %d", got, n)
		}
		if r := w.search("shop", engine.Query{Text: "lamp"}); r.Total != 0 {
			t.Errorf("the old text is still found: %v", idsOf(r))
		}
		if r := w.search("shop", engine.Query{Filter: &engine.Filter{Field: "b", Values: []engine.Value{engine.TextValue("red")}}}); r.Total != 0 {
			t.Errorf("the old value is still found: %v", idsOf(r))
		}
		wantIDs(t, w.search("shop", engine.Query{Text: "desk"}), "r")
	})
	t.Run("the last of several with one id stays", func(t *testing.T) {
		w.add("shop", `{"id":"d","a":"first"}`, `{"id":"d","a":"second"}`)
		docs, _ := w.store.GetDocuments(ctx(), w.admin, w.place, "shop", []string{"d"})
		if docs[0].Get("a").String() != "second" {
			t.Errorf("kept %v", docs[0])
		}
	})
	t.Run("many documents go in and are counted", func(t *testing.T) {
		w.create("many")
		var docs []string
		for i := range 1050 {
			docs = append(docs, fmt.Sprintf(`{"id":"%d","title":"lamp %d","n":%d}`, i, i, i))
		}
		w.add("many", docs...)
		if n := w.countDocuments("many"); n != 1050 {
			t.Errorf("%d documents, want 1050", n)
		}
		if r := w.search("many", engine.Query{Text: "lamp"}); r.Total != 1050 {
			t.Errorf("%d found, want 1050", r.Total)
		}
	})
}

func (w *world) countDocuments(name string) int64 {
	w.t.Helper()
	n, err := w.store.Count(ctx(), w.admin, w.place, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestPatch(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.add("shop", `{"id":"1","a":"lamp","b":"red"}`)
	results, err := w.store.Patch(ctx(), w.admin, w.place, "shop", parse(t, `{"id":"1","b":"blue","c":"new"}`, `{"b":"x"}`, `{"id":"2","b":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"[]", "[Missing required key 'id']", "[Document not found]"} {
		if got := fmt.Sprint(results[i].Errors); got != want {
			t.Errorf("result %d: %s, want %s", i, got, want)
		}
	}
	for _, word := range []string{"lamp", "blue", "new"} {
		wantIDs(t, w.search("shop", engine.Query{Text: word}), "1")
	}
	wantIDs(t, w.search("shop", engine.Query{Text: "red"}))
}

func TestReadAndDeleteDocuments(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	for i := range 5 {
		w.add("shop", fmt.Sprintf(`{"id":"%d","t":"lamp"}`, i))
	}
	t.Run("documents come in the order of the ids, nil for unknown", func(t *testing.T) {
		docs, err := w.store.GetDocuments(ctx(), w.admin, w.place, "shop", []string{"3", "zz", "1", "3"})
		if err != nil || len(docs) != 4 || docs[0].ID != "3" || docs[1] != nil || docs[2].ID != "1" || docs[3].ID != "3" {
			t.Errorf("got %v, %v", docs, err)
		}
	})
	t.Run("pages do not overlap", func(t *testing.T) {
		var got []string
		for page := 1; page <= 3; page++ {
			docs, total, err := w.store.ListDocuments(ctx(), w.admin, w.place, "shop", page, 2)
			if err != nil || total != 5 {
				t.Fatal(total, err)
			}
			for _, d := range docs {
				got = append(got, d.ID)
			}
		}
		if fmt.Sprint(got) != "[0 1 2 3 4]" {
			t.Errorf("pages %v", got)
		}
	})
	t.Run("a page out of range is invalid", func(t *testing.T) {
		for _, p := range [][2]int{{0, 10}, {1, 0}, {1, 1001}, {-1, 10}, {1 << 60, 1000}} {
			if _, _, err := w.store.ListDocuments(ctx(), w.admin, w.place, "shop", p[0], p[1]); !fault.Is(err, fault.Invalid) {
				t.Errorf("page %v: %v", p, err)
			}
		}
	})
	t.Run("a scan sees everything once and ends", func(t *testing.T) {
		seen, after := 0, int64(0)
		for {
			docs, next, err := w.store.ScanDocuments(ctx(), w.admin, w.place, "shop", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			seen += len(docs)
			if after = next; next == 0 {
				break
			}
		}
		if seen != 5 {
			t.Errorf("saw %d, want 5", seen)
		}
	})
	t.Run("deleting tells what was there", func(t *testing.T) {
		got, err := w.store.DeleteDocuments(ctx(), w.admin, w.place, "shop", []string{"2", "zz", "4", "2"})
		if err != nil || fmt.Sprint(got) != "[true false true false]" {
			t.Errorf("deleted %v, %v", got, err)
		}
		if n := w.countDocuments("shop"); n != 3 {
			t.Errorf("%d documents left, want 3", n)
		}
		wantIDs(t, w.search("shop", engine.Query{Text: "lamp"}), "0", "1", "3")
	})
}
