package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func TestFind(t *testing.T) {
	w := newWorld(t)
	for i := range 12 {
		w.create(fmt.Sprintf("parks-%02d", i))
	}
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "price", Type: engine.TypeNumber}, engine.SchemaField{Name: "title", Type: engine.TypeText})
	for _, c := range []struct {
		text          string
		offset, limit int
		want          string
		total         int
	}{
		{"", 0, 2, "parks-00 parks-01", 13}, {"", 12, 5, "shop", 13}, {"", 13, 5, "", 13}, {"", 999, 5, "", 13}, {"", -4, 1, "parks-00", 13}, {"", 0, -1, "", 13},
		{"S-1", 0, 9, "parks-10 parks-11", 2}, {"_", 0, 9, "", 0}, {"%", 0, 9, "", 0}, {`\`, 0, 9, "", 0},
	} {
		part, err := w.store.Find(ctx(), w.admin, w.place, c.text, c.offset, c.limit)
		var names []string
		for _, e := range part.Engines {
			names = append(names, e.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != c.want || part.Total != c.total {
			t.Errorf("%q from %d: %q of %d, %v", c.text, c.offset, got, part.Total, err)
		}
	}
	part, err := w.store.Find(ctx(), w.admin, w.place, "shop", 0, 1)
	if err != nil || part.Engines[0].Fields != 2 || part.Engines[0].Indexing {
		t.Errorf("%+v %v", part, err)
	}
	if _, err := w.store.Find(ctx(), user("o2", permission.OrganizationAdmin), w.place, "", 0, 9); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if n, err := w.store.CountQueries(ctx(), w.admin, w.place, "shop"); err != nil || n != 0 {
		t.Errorf("%d queries, %v", n, err)
	}
	if _, err := w.store.CountQueries(ctx(), user("o2", permission.OrganizationAdmin), w.place, "shop"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger counts: %v", err)
	}
}

// What is shown of a document is JSON that reads back as the document, with nothing in it that cannot be seen.
func TestDocumentJSON(t *testing.T) {
	values := map[string]engine.Value{"a": engine.TextValue("x\u202e\u2066y\u200b\ufeff</pre>\u0085"), "b": engine.NumberValue(1.5), "c": {}}
	d := engine.Document{ID: "\"\n\u2029é", Fields: []engine.Field{{Name: "a", Value: values["a"]}, {Name: "b", Value: values["b"]}, {Name: "c"}}}
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text, "\u202e\u2066\u200b\ufeff\u0085\u2029") || !strings.HasPrefix(text, "{\n  \"id\": ") {
		t.Errorf("%q", text)
	}
	var back map[string]any
	if err := json.Unmarshal([]byte(text), &back); err != nil {
		t.Fatal(err)
	}
	if back["id"] != d.ID || back["a"] != values["a"].String() || back["b"] != 1.5 || back["c"] != nil || len(back) != 4 {
		t.Errorf("%v", back)
	}
}
