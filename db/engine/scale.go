package engine

import (
	"context"
	"math"

	"latchkey/db"
)

// scaledWords is how many words of a query the scores of sources are compared by.
const scaledWords = 8

// rarity is how many documents of an engine have a word, of all it has.
type rarity struct{ with, all float64 }

// scale brings the scores of the sources of a meta engine to one scale. A word that is rare counts for more, and BM25 asks
// each engine for itself: in a shop for lamps the word "lamp" would count for nothing, and what it sells come after every
// document of another engine that mentions a lamp. Each score is multiplied by what the words count for in all sources
// together, divided by what they count for in its own. Within a source the order stays as it is.
func (r *run) scale(ctx context.Context, list []source) error {
	if len(list) < 2 || !r.text {
		return nil
	}
	words := words(r.q.Text)
	last := len(words) - 1
	words = words[:min(len(words), scaledWords)]
	local := make([][]rarity, len(list))
	total := make([]rarity, len(words))
	for i, one := range list {
		local[i] = make([]rarity, len(words))
		for j, word := range words {
			if one.none {
				continue
			}
			n, err := one.having(ctx, word, r.q.Prefix && j == last)
			if err != nil {
				return err
			}
			local[i][j] = rarity{float64(n), float64(one.st.documents)}
			total[j].with += local[i][j].with
			total[j].all += local[i][j].all
		}
	}
	for i, one := range list {
		together, own := 0.0, 0.0
		for j, r := range local[i] {
			if r.with > 0 {
				together, own = together+total[j].weight(), own+r.bm25()
			}
		}
		if own > 0 {
			one.match.scale = together / own
		}
	}
	return nil
}

// having counts the documents of a source that have a word where it is looked for.
func (s source) having(ctx context.Context, word string, prefix bool) (int64, error) {
	m := match{terms: []term{{words: []string{word}}}, prefix: prefix, columns: s.match.columns}
	table := s.st.textTable()
	return db.One(ctx, s.tx, nil, db.Int, "SELECT COUNT(*) FROM "+table+" WHERE "+table+" MATCH $1", m.expression(MatchAll))
}

// bm25 is what FTS5 multiplies by for a word.
func (r rarity) bm25() float64 {
	if w := math.Log((r.all - r.with + 0.5) / (r.with + 0.5)); w > 0 {
		return w
	}
	return 1e-6
}

// weight is the same without the end at half of the documents, beyond which FTS5 makes no difference any more.
func (r rarity) weight() float64 {
	return math.Log(1 + (r.all-r.with+0.5)/(r.with+0.5))
}
