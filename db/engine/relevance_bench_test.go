package engine_test

import (
	"fmt"
	"testing"

	"latchkey/db/engine"
)

// BenchmarkRelevance searches 5,000 documents of an engine for which as much is set as can be: 256 sets of 32 synonyms,
// a thousand curations, and search settings.
func BenchmarkRelevance(b *testing.B) {
	w, _ := benchWorld(b, 5_000)
	bench := func(name string, q engine.Query) {
		b.Run(name, func(b *testing.B) {
			q.Size, q.Settings = 10, true
			for b.Loop() {
				w.search("shop", q)
			}
		})
	}
	bench("nothing is set, one rare word", engine.Query{Text: "word15000"})
	bench("nothing is set, everything", engine.Query{})
	for i := range engine.MaxSynonymSets {
		list := make([]string, engine.MaxSynonyms)
		for j := range list {
			list[j] = fmt.Sprintf("word%d", 10_000+i*len(list)+j)
		}
		list[0] = "common thing" // in each of them
		w.synonyms("shop", list...)
	}
	for i := range 1000 {
		w.curation("shop", []string{fmt.Sprintf("word%d", i)}, []string{"1", "2", "3"}, []string{"4", "5"})
	}
	one := 2.0
	w.settings("shop", engine.ChangeSettings{SearchFields: map[string]*float64{"title": &one, "description": nil}})
	bench("one rare word without synonyms", engine.Query{Text: "word9000"})
	bench("one rare word with 31 synonyms", engine.Query{Text: "word15000"})
	bench("a word in every set", engine.Query{Text: "common thing"})
	bench("a curated common word", engine.Query{Text: "word1"})
	bench("everything", engine.Query{})
}
