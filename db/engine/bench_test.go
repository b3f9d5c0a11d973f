package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"latchkey/db/engine"
)

// product makes a document like those of a shop: eight fields and about 60 words, of which few are common and many are
// rare.
func product(r *rand.Rand, id int) engine.Source {
	words := make([]string, 60)
	for i := range words {
		words[i] = fmt.Sprintf("word%d", int(math.Pow(r.Float64(), 3)*20_000))
	}
	return engine.Source{
		"id": fmt.Sprint(id), "title": strings.Join(words[:5], " "), "description": strings.Join(words[5:], " "),
		"brand": fmt.Sprintf("Brand %d", r.IntN(50)), "tags": []any{fmt.Sprintf("tag%d", r.IntN(200)), fmt.Sprintf("tag%d", r.IntN(200))},
		"price": float64(r.IntN(100_000)) / 100, "stock": r.IntN(1000), "made": "2026-03-14T09:26:53Z",
		"place": fmt.Sprintf("%.4f,%.4f", r.Float64()*180-90, r.Float64()*360-180),
	}
}

func benchWorld(b *testing.B, n int) (*world, *rand.Rand) {
	w := newWorld(b)
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "price", Type: engine.TypeNumber}, engine.SchemaField{Name: "stock", Type: engine.TypeNumber},
		engine.SchemaField{Name: "made", Type: engine.TypeDate}, engine.SchemaField{Name: "place", Type: engine.TypeGeolocation})
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < n; i += 1000 {
		docs := make([]engine.Source, 1000)
		for j := range docs {
			docs[j] = product(r, i+j)
		}
		if _, err := w.store.Import(ctx(), w.admin, w.place, "shop", docs); err != nil {
			b.Fatal(err)
		}
	}
	return w, r
}

// BenchmarkImport stores 100 new documents at a time, one transaction each.
func BenchmarkImport(b *testing.B) {
	w, r := benchWorld(b, 0)
	n := 0
	for b.Loop() {
		docs := make([]engine.Source, 100)
		for j := range docs {
			docs[j] = product(r, n)
			n++
		}
		if _, err := w.store.Import(ctx(), w.admin, w.place, "shop", docs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "docs/s")
	pages, size := w.count("SELECT page_count FROM pragma_page_count()"), w.count("SELECT page_size FROM pragma_page_size()")
	b.ReportMetric(float64(pages*size)/float64(n), "bytes/doc")
}

// BenchmarkSearch searches 20,000 documents and shows ten.
func BenchmarkSearch(b *testing.B) {
	w, _ := benchWorld(b, 20_000)
	f := engine.Filter{Field: "brand", Values: values("Brand 7")}
	cheap := engine.Filter{Field: "price", Range: &engine.Range{To: engine.NumberValue(500)}}
	snippet := map[string]engine.ResultField{"title": {Raw: &engine.RawOption{}}, "description": {Snippet: &engine.SnippetOption{Size: 100}}}
	facets := []engine.Facet{{Field: "brand", Type: engine.FacetValue}, {Field: "tags", Type: engine.FacetValue}}
	for _, c := range []struct {
		name string
		q    engine.Query
	}{
		{"one rare word", engine.Query{Text: "word15000"}},
		{"one rare word with snippets", engine.Query{Text: "word15000", ResultFields: snippet}},
		{"two common words", engine.Query{Text: "word1 word2"}},
		{"a very common word", engine.Query{Text: "word0"}},
		{"a very common word, one brand", engine.Query{Text: "word0", Filter: &f}},
		{"a very common word, half of the prices", engine.Query{Text: "word0", Filter: &cheap}},
		{"a common word with two facets", engine.Query{Text: "word1", Facets: facets}},
		{"everything", engine.Query{}},
		{"everything of one brand", engine.Query{Filter: &f}},
		{"everything in half of the prices", engine.Query{Filter: &cheap}},
		{"everything by price", engine.Query{Sort: []engine.Sort{{Field: "price"}}}},
		{"half of the prices by price", engine.Query{Filter: &cheap, Sort: []engine.Sort{{Field: "price", Desc: true}}}},
		{"everything with two facets", engine.Query{Facets: facets}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.q.Size = 10
			var total int64
			for b.Loop() {
				total = w.search("shop", c.q).Total
			}
			b.ReportMetric(float64(total), "found")
		})
	}
}

// BenchmarkMetaSearch searches the same 20,000 documents in four sources of a meta engine.
func BenchmarkMetaSearch(b *testing.B) {
	w, r := newWorld(b), rand.New(rand.NewPCG(1, 2))
	var sources []string
	for s := range 4 {
		name := fmt.Sprintf("shop-%d", s)
		sources = append(sources, name)
		w.create(name)
		w.schema(name, engine.SchemaField{Name: "price", Type: engine.TypeNumber}, engine.SchemaField{Name: "place", Type: engine.TypeGeolocation})
		for i := 0; i < 5000; i += 1000 {
			docs := make([]engine.Source, 1000)
			for j := range docs {
				docs[j] = product(r, i+j)
			}
			if _, err := w.store.Import(ctx(), w.admin, w.place, name, docs); err != nil {
				b.Fatal(err)
			}
		}
	}
	w.meta("all", sources...)
	facets := []engine.Facet{{Field: "brand", Type: engine.FacetValue}, {Field: "tags", Type: engine.FacetValue}}
	for _, c := range []struct {
		name string
		q    engine.Query
	}{
		{"one rare word", engine.Query{Text: "word15000"}},
		{"two common words", engine.Query{Text: "word1 word2"}},
		{"a very common word", engine.Query{Text: "word0"}},
		{"the same, the thousandth page", engine.Query{Text: "word0", Page: 1000}},
		{"a common word with two facets", engine.Query{Text: "word1", Facets: facets}},
		{"everything by price", engine.Query{Sort: []engine.Sort{{Field: "price"}}}},
		{"everything in groups", engine.Query{Group: &engine.Group{Field: "brand"}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.q.Size = 10
			for b.Loop() {
				w.search("all", c.q)
			}
		})
	}
}
