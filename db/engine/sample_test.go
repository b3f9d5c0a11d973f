package engine_test

import (
	"regexp"
	"strings"
	"testing"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

func newReader(s string) *strings.Reader { return strings.NewReader(s) }

func TestSample(t *testing.T) {
	w := newWorld(t)
	if err := w.store.AddSample(ctx(), w.admin, w.place); err != nil {
		t.Fatal(err)
	}
	e, err := w.store.Get(ctx(), w.admin, w.place, engine.SampleName)
	if err != nil || e.Documents != 63 {
		t.Fatalf("%d documents, %v; want 63", e.Documents, err)
	}

	t.Run("every park is complete and its numbers agree", func(t *testing.T) {
		docs, total, err := w.store.ListDocuments(ctx(), w.admin, w.place, engine.SampleName, 1, 100)
		if err != nil || total != 63 || len(docs) != 63 {
			t.Fatalf("%d of %d documents, %v", len(docs), total, err)
		}
		link := regexp.MustCompile(`^https://www\.nps\.gov/[a-z]{4}/index\.htm$`)
		heritage := 0
		for _, d := range docs {
			if len(d.Fields) != 10 || !link.MatchString(d.Get("nps_link").String()) {
				t.Errorf("%s: %d fields, link %s", d.ID, len(d.Fields), d.Get("nps_link"))
			}
			if d.Get("world_heritage_site").String() == "true" {
				heritage++
			}
		}
		if heritage != 14 {
			t.Errorf("%d world heritage sites, want 14", heritage)
		}
	})
	t.Run("a park is found by its name first", func(t *testing.T) {
		for word, id := range map[string]string{"yosemite": "park_yosemite", "Zion": "park_zion", "old faithful": "park_yellowstone", "haleakalā": "park_haleakala"} {
			r := w.search(engine.SampleName, engine.Query{Text: word})
			if len(r.Hits) == 0 || r.Hits[0].ID != id {
				t.Errorf("%q found %v, want %s first", word, idsOf(r), id)
			}
		}
	})
	t.Run("parks are found around a place", func(t *testing.T) {
		near := 100_000.0
		r := w.search(engine.SampleName, engine.Query{
			Filter: &engine.Filter{Field: "location", Geo: &engine.Geo{Center: engine.Point{Lat: 37.30, Lon: -113.05}, Distance: &near}},
			Sort:   []engine.Sort{{Field: "location", Center: &engine.Point{Lat: 37.30, Lon: -113.05}}},
		})
		wantIDs(t, r, "park_zion", "park_bryce-canyon")
	})
	t.Run("it is added once", func(t *testing.T) {
		wantFault(t, w.store.AddSample(ctx(), w.admin, w.place), fault.Conflict, "Name is already taken")
	})
}
