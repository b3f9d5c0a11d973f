package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"latchkey/db"
)

// A promoted document has a score that no other reaches, a little less for each that comes before it. So whatever looks
// at scores, an order or a choice of the best, finds it where it belongs.
const (
	promotedScore = 1e38
	promotedStep  = 1e33
	organicScore  = 1e37 // what boosts can make of any other
)

// curated is a curation as one search meets it: numbers of documents that are there.
type curated struct {
	promoted []int64 // in their order
	places   []int   // of each of them in the curation, which may name others
	apart    []int64 // these, and the hidden ones: what is not found by its words
}

// curate looks up the documents of the curation that the query belongs to.
func (r *run) curate(ctx context.Context, steer relevance) error {
	ids := append(append([]string{}, steer.promoted...), steer.hidden...)
	if len(ids) == 0 || r.st.number == 0 {
		return nil
	}
	b := &builder{}
	numbers := map[string]int64{}
	_, err := db.Query(ctx, r.tx, func(s db.Scanner) (struct{}, error) {
		var id string
		var number int64
		err := s.Scan(&id, &number)
		numbers[id] = number
		return struct{}{}, err
	}, fmt.Sprintf("SELECT id, number FROM documents WHERE engine = %d AND id IN (%s)", r.st.number, b.list(anys(ids))), b.args...)
	for i, id := range ids {
		if number, ok := numbers[id]; ok {
			r.curated.apart = append(r.curated.apart, number)
			if i < len(steer.promoted) {
				r.curated.promoted, r.curated.places = append(r.curated.promoted, number), append(r.curated.places, i)
			}
		}
	}
	return err
}

// anys gives values for a list of parameters.
func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// curates reports whether a curation changes what is found.
func (r *run) curates() bool { return len(r.curated.apart) > 0 }

// fromCurated is from where there is a curation: what is found by its words and is not apart, and what is promoted.
// Both must pass the filters.
func (r *run) fromCurated() (b *builder, table, where string, err error) {
	b = &builder{st: r.st, doc: "found.number", each: true}
	apart := "(" + numbers(r.curated.apart) + ")"
	organic := fmt.Sprintf("SELECT number, 1.0 AS score FROM documents WHERE engine = %d AND number NOT IN %s", r.st.number, apart)
	switch text := r.st.textTable(); {
	case r.none:
		organic = "SELECT 0 AS number, 0.0 AS score WHERE FALSE"
	case r.text:
		organic = fmt.Sprintf("SELECT rowid AS number, %s AS score FROM %s WHERE %s MATCH %s AND +rowid NOT IN %s",
			r.match.score(b), text, text, b.arg(r.match.expression(r.how)), apart)
	}
	var top strings.Builder
	for i, number := range r.curated.promoted {
		fmt.Fprintf(&top, " UNION ALL SELECT %d, %g", number, promotedScore-float64(r.curated.places[i])*promotedStep)
	}
	where, err = r.passes(b)
	return b, "(" + organic + top.String() + ") AS found", where, err
}

// belowPromoted keeps boosts from what is promoted, and all else below it.
func belowPromoted(boosted string) string {
	return fmt.Sprintf("CASE WHEN found.score > %g THEN found.score ELSE min(%g, %s) END", organicScore, organicScore, boosted)
}

// promotedCount tells how many of the promoted documents pass the filters.
func (r *run) promotedCount(ctx context.Context) (int64, error) {
	if len(r.curated.promoted) == 0 {
		return 0, nil
	}
	b := &builder{st: r.st, doc: "documents.number", each: true}
	where, err := r.passes(b)
	if err != nil {
		return 0, err
	}
	return db.One(ctx, r.tx, nil, db.Int,
		"SELECT COUNT(*) FROM documents WHERE number IN ("+numbers(r.curated.promoted)+") AND "+where, b.args...)
}

// numbers writes numbers of documents for SQL.
func numbers(list []int64) string {
	text := make([]string, len(list))
	for i, n := range list {
		text[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(text, ", ")
}
