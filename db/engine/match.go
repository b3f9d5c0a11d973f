package engine

import (
	"math"
	"strings"

	"latchkey/db/fault"
)

// match is the full-text part of a query: what to find, in which columns, and what they weigh.
type match struct {
	words   []string
	prefix  bool
	columns []string  // nil: all
	weights []float64 // by column: id, then the slots
}

// matchOf reads the full-text part. Its words are empty where the text has nothing to search for.
func matchOf(st storage, q Query) (match, error) {
	m := match{words: words(q.Text), prefix: q.Prefix, weights: make([]float64, len(st.schema)+1)}
	for i := range m.weights {
		m.weights[i] = 1
	}
	for name, weight := range q.SearchFields {
		slot := idSlot
		if name != "id" {
			f, ok := st.schema.field(name)
			if !ok || f.Type != TypeText {
				return match{}, fault.New(fault.Invalid, "Search fields contains invalid field: "+cut(name, MaxName))
			}
			slot = f.slot
		}
		if weight < 0 || math.IsNaN(weight) || math.IsInf(weight, 0) {
			return match{}, fault.New(fault.Invalid, "Search fields contains invalid weight for field: "+name)
		}
		m.columns = append(m.columns, column(slot))
		m.weights[slot+1] = weight
	}
	return m, nil
}

// expression writes the query for FTS5. Words follow each other with nothing between them, which means "and" and,
// unlike the word AND, does not mind a string in which the tokenizer finds nothing.
func (m match) expression(how Match) string {
	quoted := make([]string, len(m.words))
	for i, word := range m.words {
		quoted[i] = quote(word)
	}
	if m.prefix {
		quoted[len(quoted)-1] += " *"
	}
	join := " "
	if how == MatchAny {
		join = " OR "
	}
	expr := strings.Join(quoted, join)
	if m.columns == nil {
		return expr
	}
	return "{" + strings.Join(m.columns, " ") + "} : (" + expr + ")"
}

// anywhere is the query for what to mark in the shown texts: any of the words, in any field.
func (m match) anywhere() string {
	m.columns = nil
	return m.expression(MatchAny)
}

// score is the SQL for how well a row matches, larger is better. bm25 counts the other way round.
func (m match) score(b *builder) string {
	params := make([]string, len(m.weights))
	for i, w := range m.weights {
		params[i] = b.arg(w)
	}
	return "-bm25(" + b.st.textTable() + ", " + strings.Join(params, ", ") + ")"
}
