package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Suggest asks for queries that begin with what somebody has typed so far.
type Suggest struct {
	Text     string
	Size     int      // at most so many, 1 to MaxSuggestions
	Fields   []string // text fields to take them from; nil: all
	Within   []string // what a signed search key lets be seen: a field that is not among these is like none. nil: all
	Enforced *Filter  // must hold for the documents to take them from
}

// What one question may read, and how long a suggestion is.
const (
	suggestDocuments = 1000
	suggestBytes     = 4 << 20
	suggestWords     = 2   // beyond those typed
	suggestLength    = 100 // characters
)

// Suggest gives words and short phrases from the documents of an engine, in lower case and never one twice: those that
// more documents have come first. It needs search.read. How many have them is counted in the first 1000 documents that
// have something of the kind, or in the first 4 MB of them.
func (s *Store) Suggest(ctx context.Context, who audit.Who, in permission.Target, name string, q Suggest) ([]string, error) {
	e, err := s.find(ctx, who, permission.SearchRead, in, name)
	if err != nil {
		return nil, err
	}
	if q.Size < 1 || q.Size > MaxSuggestions {
		return nil, fault.New(fault.Invalid, "The number of suggestions must be between 1 and 20")
	}
	if q.Enforced != nil {
		if err := q.Enforced.check(); err != nil {
			return nil, err
		}
	}
	limited, cancel := context.WithTimeout(ctx, searchLimit)
	defer cancel()
	counts := map[string]int{}
	err = s.readingOf(limited, e, func(ctx context.Context, tx *db.Tx, st storage) error {
		if e.Meta {
			return suggestAcross(ctx, tx, st, q, counts)
		}
		return suggest(ctx, tx, st, e.Language, q, counts)
	})
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fault.New(fault.Unavailable, "The search took too long.").WithCause(err)
	}
	list := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	return list[:min(len(list), q.Size)], wrap("suggest", err)
}

// suggest counts in how many documents each suggestion is.
func suggest(ctx context.Context, tx *db.Tx, st storage, language string, q Suggest, counts map[string]int) error {
	fields, err := q.fields(st.schema)
	if err != nil {
		return err
	}
	r := &run{tx: tx, st: st, q: Query{Enforced: q.Enforced}}
	table := st.textTable()
	b := &builder{st: st, doc: "+" + table + ".rowid", each: true}
	passes, err := r.passes(b)
	typed := spoken(q.Text)
	if err != nil || st.number == 0 || len(typed) == 0 || len(fields) == 0 {
		return err
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`
		SELECT d.body
		FROM (SELECT rowid AS number FROM %s WHERE %s AND %s MATCH %s ORDER BY rowid LIMIT %d) f
		CROSS JOIN documents d ON d.number = f.number
		ORDER BY f.number`, table, passes, table, b.arg(beginning(typed, fields, language)), suggestDocuments), b.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for read := 0; read < suggestBytes && rows.Next(); {
		var body string
		if err := rows.Scan(&body); err != nil {
			return err
		}
		read += len(body)
		values, err := decode(body)
		if err != nil {
			return err
		}
		for text := range suggestionsOf(values, fields, typed) {
			counts[text]++
		}
	}
	return rows.Err()
}

// fields gives the fields to take suggestions from.
func (q *Suggest) fields(schema Schema) ([]SchemaField, error) {
	visible := func(name string) bool { return q.Within == nil || slices.Contains(q.Within, name) }
	var list []SchemaField
	for _, f := range schema {
		if f.Type == TypeText && visible(f.Name) && (q.Fields == nil || slices.Contains(q.Fields, f.Name)) {
			list = append(list, f)
		}
	}
	for _, name := range q.Fields {
		if !slices.ContainsFunc(list, func(f SchemaField) bool { return f.Name == name }) {
			return nil, fault.New(fault.Invalid, "Suggestions contains invalid field: "+cut(name, MaxName))
		}
	}
	return list, nil
}

// beginning is the query for FTS5 that finds the documents with words that begin so: some more, rather than not all.
// Where words are compared by their stem, that of a longer word may be shorter than what was typed of it.
func beginning(typed []spokenWord, fields []SchemaField, language string) string {
	words := make([]string, len(typed))
	for i, w := range typed {
		words[i] = w.form
	}
	before, last := strings.Join(words[:len(words)-1], " "), []rune(words[len(words)-1])
	phrase := func(word []rune) string { return quote(strings.TrimSpace(before + " " + string(word))) }
	ways := []string{phrase(last) + " *"}
	if tokenizer(language) != tokenizer("") {
		if last[len(last)-1] == 'y' && len(last) > 1 {
			ways = append(ways, phrase(last[:len(last)-1])+" *")
		}
		for n := max(2, len(last)-12); n < len(last); n++ {
			ways = append(ways, phrase(last[:n]))
		}
	}
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = column(f.slot)
	}
	return "{" + strings.Join(columns, " ") + "} : (" + strings.Join(ways, " OR ") + ")"
}

// suggestionsOf gives what one document suggests.
func suggestionsOf(values map[string]Value, fields []SchemaField, typed []spokenWord) map[string]bool {
	found := map[string]bool{}
	for _, f := range fields {
		for _, v := range values[f.Name].List() {
			words := spoken(v.text)
			for i := range words {
				if !begins(words[i:], typed) {
					continue
				}
				for end := i + len(typed); end <= min(i+len(typed)+suggestWords, len(words)); end++ {
					last := words[end-1]
					if end > i+1 && last.apart {
						break
					}
					text := strings.ToLower(v.text[words[i].from:last.to])
					if strings.Contains(text, "  ") || strings.ContainsRune(text, '\u00a0') {
						text = strings.Join(strings.Fields(text), " ")
					}
					// A phrase does not end with "of" or "a".
					if short := end > i+len(typed) && len(last.form) < 3; !short && utf8.RuneCountInString(text) <= suggestLength {
						found[text] = true
					}
				}
			}
		}
	}
	return found
}

// begins reports whether words begin with those typed, of which the last may be the beginning of a word.
func begins(words, typed []spokenWord) bool {
	if len(words) < len(typed) {
		return false
	}
	last := len(typed) - 1
	for i, t := range typed {
		if i > 0 && words[i].apart || i < last && words[i].form != t.form || i == last && !strings.HasPrefix(words[i].form, t.form) {
			return false
		}
	}
	return true
}

// spokenWord is a word of a text: where it stands, and how it is compared, without case and accents.
type spokenWord struct {
	from, to int
	form     string
	apart    bool // more than a space, hyphen or apostrophe lies between it and the word before
}

// spoken cuts a text into words as the full text does.
func spoken(text string) []spokenWord {
	var words []spokenWord
	apart, from := false, -1
	end := func(to int) {
		if from >= 0 {
			words = append(words, spokenWord{from: from, to: to, form: folded(text[from:to]), apart: apart})
			from, apart = -1, false
		}
	}
	for i, r := range text {
		switch {
		case wordRune(r) || from >= 0 && unicode.Is(unicode.Mn, r):
			if from < 0 {
				from = i
			}
		default:
			end(i)
			apart = apart || !strings.ContainsRune(" \u00a0-‐'’", r)
		}
	}
	end(len(text))
	return slices.DeleteFunc(words, func(w spokenWord) bool { return w.form == "" })
}

func folded(word string) string {
	if plain(word) {
		return strings.ToLower(word)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(word))
}
