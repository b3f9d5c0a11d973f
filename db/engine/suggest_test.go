package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
)

func (w *world) suggest(name string, q engine.Suggest) string {
	w.t.Helper()
	if q.Size == 0 {
		q.Size = 20
	}
	list, err := w.store.Suggest(ctx(), w.admin, w.place, name, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

func (w *world) parks(language string) {
	w.t.Helper()
	if _, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: "parks", Language: language}); err != nil {
		w.t.Fatal(err)
	}
	w.schema("parks", engine.SchemaField{Name: "title", Type: engine.TypeText}, engine.SchemaField{Name: "size", Type: engine.TypeNumber})
	w.add("parks",
		`{"id":"carp","title":"Carlsbad Caverns","states":["New Mexico"],"size":1,"text":"Cars park before the caverns. Nationalization of CARLSBAD, carp"}`,
		`{"id":"2","title":"Congaree","states":["South Carolina"],"size":2,"text":"The car of a carter"}`,
		`{"id":"3","title":"Great Smoky Mountains","states":["North  Carolina","Tennessee"],"text":"Running and runners; a café in town"}`,
		`{"id":"4","title":"東京国立公園","states":null,"text":"Toyota's toys, well-known skies"}`)
}

func TestSuggestions(t *testing.T) {
	w := newWorld(t)
	w.parks("")
	for name, c := range map[string]struct {
		q    engine.Suggest
		want string
	}{
		"from some fields":             {engine.Suggest{Text: "car", Fields: []string{"title", "states"}}, "carolina, carlsbad, carlsbad caverns"},
		"from all texts, but not ids":  {engine.Suggest{Text: "carp"}, "carp"},
		"in upper case":                {engine.Suggest{Text: "CARL"}, "carlsbad, carlsbad caverns"},
		"the most frequent first":      {engine.Suggest{Text: "caro", Size: 1}, "carolina"},
		"a phrase, as far as it goes":  {engine.Suggest{Text: "south c"}, "south carolina"},
		"a phrase with wide spaces":    {engine.Suggest{Text: "nor"}, "north, north carolina"},
		"a phrase longer than a value": {engine.Suggest{Text: "south carolina t"}, ""},
		"not over two elements":        {engine.Suggest{Text: "carolina t"}, ""},
		"not over the end of a clause": {engine.Suggest{Text: "caverns n"}, ""},
		"nor beyond it":                {engine.Suggest{Text: "cavern"}, "caverns"},
		"no phrase ends with a trifle": {engine.Suggest{Text: "car", Fields: []string{"text"}}, "car, carlsbad, carp, cars, cars park, cars park before, carter"},
		"accents do not matter":        {engine.Suggest{Text: "CAFE"}, "café, café in town"},
		"however they are typed":       {engine.Suggest{Text: "cafe\u0301"}, "café, café in town"},
		"an apostrophe and a hyphen":   {engine.Suggest{Text: "well"}, "well, well-known, well-known skies"},
		"a word in the middle":         {engine.Suggest{Text: "known"}, "known, known skies"},
		"without spaces":               {engine.Suggest{Text: "東京"}, "東京国立公園"},
		"nothing typed":                {engine.Suggest{Text: " "}, ""},
		"nothing but signs":            {engine.Suggest{Text: `"*(`}, ""},
		"words of a query language":    {engine.Suggest{Text: `car" OR "s`}, ""},
		"nothing begins so":            {engine.Suggest{Text: "zebra"}, ""},
		"of a filter":                  {engine.Suggest{Text: "car", Enforced: &engine.Filter{Field: "size", Values: []engine.Value{number(2)}}}, "car, carolina, carter"},
		"of a filter that none passes": {engine.Suggest{Text: "car", Enforced: &engine.Filter{Field: "size", Values: []engine.Value{number(9)}}}, ""},
		"within some fields":           {engine.Suggest{Text: "car", Within: []string{"states", "id", "size", "nope"}}, "carolina"},
		"within none":                  {engine.Suggest{Text: "car", Within: []string{}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.suggest("parks", c.q); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	w.create("empty")
	if got := w.suggest("empty", engine.Suggest{Text: "a"}); got != "" {
		t.Errorf("an empty engine suggests %q", got)
	}
}

// In English a word stands in the index by its stem, which may be shorter than what was typed of it.
func TestSuggestionsWhereWordsAreStemmed(t *testing.T) {
	w := newWorld(t)
	w.parks("en")
	for _, word := range []string{"running", "runners", "nationalization", "toyota", "toys", "skies", "caverns", "carter", "mountains"} {
		for n := 1; n <= len(word); n++ {
			if got := w.suggest("parks", engine.Suggest{Text: word[:n]}); !slices.Contains(strings.Split(got, ", "), word) {
				t.Errorf("%s suggests %q, not %s", word[:n], got, word)
			}
		}
	}
	if got := w.suggest("parks", engine.Suggest{Text: "runs"}); got != "" {
		t.Errorf("a word of the same stem is suggested: %q", got)
	}
}

func TestSuggestionsAreForThoseWhoMaySearch(t *testing.T) {
	w := newWorld(t)
	w.parks("")
	for want, q := range map[string]engine.Suggest{
		"invalid field: nope":  {Text: "a", Fields: []string{"nope"}, Size: 1},
		"invalid field: size":  {Text: "a", Fields: []string{"title", "size"}, Size: 1},
		"invalid field: id":    {Text: "a", Fields: []string{"id"}, Size: 1},
		"invalid field: title": {Text: "a", Fields: []string{"title"}, Within: []string{"text"}, Size: 1},
		"between 1 and 20":     {Text: "a", Size: 21},
		"":                     {Text: "a"}, // none
		"field: absent":        {Text: "", Size: 1, Enforced: &engine.Filter{Field: "absent", Values: values("x")}},
	} {
		_, err := w.store.Suggest(ctx(), w.admin, w.place, "parks", q)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for name, who := range map[string]audit.Who{"a guest": {}, "another organization": user("o2", "ORGANIZATION_ADMIN")} {
		if list, err := w.store.Suggest(ctx(), who, w.place, "parks", engine.Suggest{Text: "a", Size: 1}); err == nil {
			t.Errorf("%s: %v", name, list)
		}
	}
}

// Documents of the right kind may be many; what is read for one question is not.
func TestSuggestionsReadOnlySoMuch(t *testing.T) {
	w := newWorld(t)
	w.create("many")
	docs := make([]engine.Source, 1100)
	for i := range docs {
		docs[i] = engine.Source{"id": fmt.Sprint(i), "name": "lamp"}
		if i >= 1000 {
			docs[i]["name"] = "lampshade"
		}
	}
	if _, err := w.store.Import(ctx(), w.admin, w.place, "many", docs); err != nil {
		t.Fatal(err)
	}
	if got := w.suggest("many", engine.Suggest{Text: "la"}); got != "lamp" {
		t.Errorf("got %q", got)
	}
}
