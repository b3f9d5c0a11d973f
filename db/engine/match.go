package engine

import (
	"math"
	"strings"

	"latchkey/db/fault"
)

// match is the full-text part of a query: what to find, in which columns, and what they weigh.
type match struct {
	terms    []term
	language string // by which their words are compared
	prefix   bool
	columns  []string  // nil: all
	weights  []float64 // by column: id, then the slots
	scale    float64   // what scores are multiplied by; 0: they are left as they are
}

// matchOf reads the full-text part. Its terms are empty where the text has nothing to search for.
func matchOf(st storage, q Query, steer relevance) (match, error) {
	m := match{
		terms: expand(words(q.Text), steer.synonyms, steer.language), language: steer.language,
		prefix: q.Prefix, weights: make([]float64, len(st.schema)+1),
	}
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

// expression writes the query for FTS5.
func (m match) expression(how Match) string {
	expr := m.all()
	if how == MatchAny {
		expr = m.any()
	}
	if m.columns == nil {
		return expr
	}
	return "{" + strings.Join(m.columns, " ") + "} : (" + expr + ")"
}

// all asks for every term. Words follow each other with nothing between them, which means "and" and, unlike the word
// AND, does not mind a string in which the tokenizer finds nothing. Only terms with synonyms need the word, because
// nothing may stand beside a parenthesis without one.
func (m match) all() string {
	var plain, parts []string
	for i, t := range m.terms {
		words := strings.Join(m.quoted(i), " ")
		if len(t.others) == 0 {
			plain = append(plain, words)
			continue
		}
		parts = append(parts, "("+strings.Join(append([]string{words}, quoteAll(t.others)...), " OR ")+")")
	}
	if len(plain) > 0 {
		parts = append(parts, strings.Join(plain, " "))
	}
	return strings.Join(parts, " AND ")
}

// any asks for any of the words and their synonyms.
func (m match) any() string {
	var list []string
	for i, t := range m.terms {
		list = append(append(list, m.quoted(i)...), quoteAll(t.others)...)
	}
	return strings.Join(list, " OR ")
}

// quoted gives the words of a term. The last of all may be the beginning of a word.
func (m match) quoted(term int) []string {
	quoted := quoteAll(m.terms[term].words)
	if m.prefix && term == len(m.terms)-1 {
		quoted[len(quoted)-1] += " *"
	}
	return quoted
}

// words is how many words the query has.
func (m match) words() int {
	n := 0
	for _, t := range m.terms {
		n += len(t.words)
	}
	return n
}

func quoteAll(words []string) []string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return quoted
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
	score := "-bm25(" + b.st.textTable() + ", " + strings.Join(params, ", ") + ")"
	if m.scale != 0 {
		score += " * " + b.arg(m.scale)
	}
	return score
}
