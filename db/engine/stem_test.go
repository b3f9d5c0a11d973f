package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/dbtest"
)

// A synonym must be found by the words by which the full-text table finds a document.
func TestWordsAreComparedAsTheTokenizerComparesThem(t *testing.T) {
	t.Parallel()
	words := []string{
		"parks", "park", "caresses", "ponies", "cats", "agreed", "feed", "plastered", "bled", "motoring", "sing", "conflated", "troubled",
		"sized", "hopping", "falling", "hissing", "filing", "happy", "sky", "relational", "conditional", "generalization", "oscillators",
		"sensibility", "triplicate", "hopefulness", "goodness", "adoption", "controlling", "rate", "cease", "probate", "roll", "bus", "is", "ed",
		"Café", "CAFE\u0301", "ÜBER", "straße", "naïve", "Ærø", "çelik", "ångström", "İstanbul", "ñandú", "yying", "syyed", "ing", "eed", "y",
	}
	r := rand.New(rand.NewPCG(3, 7))
	ends := strings.Fields("s es ies sses ed eed ing ational tional enci izer bli alli entli eli ousli ization ation ator alism iveness ousness " +
		"aliti biliti icate ative alize iciti ical ful ness al ance ence er ic able ant ement ment ent ion tion sion ou ism ate iti ous ive ize y e ll")
	for range 4000 {
		var b strings.Builder
		for range 1 + r.IntN(5) {
			b.WriteByte("abcdefghijklmnopqrstuvwxyzaeiouysl"[r.IntN(34)])
		}
		for range r.IntN(3) {
			b.WriteString(ends[r.IntN(len(ends))])
		}
		words = append(words, b.String())
	}
	d := dbtest.Open(t, dbtest.NewClock())
	for _, language := range []string{"", "en"} {
		seen := terms(t, d.Engines, language, words)
		for i, word := range words {
			if got := formOf(word, language); got != seen[i] {
				t.Errorf("%q in %q: %q, the table has %q", word, language, got, seen[i])
			}
		}
	}
}

// terms asks SQLite how words stand in a full-text table.
func terms(t *testing.T, d *db.DB, language string, words []string) []string {
	t.Helper()
	list := make([]string, len(words))
	err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		name := "forms_" + language
		for _, sql := range []string{
			fmt.Sprintf("CREATE VIRTUAL TABLE %s USING fts5(x, tokenize = '%s')", name, tokenizer(language)),
			fmt.Sprintf("CREATE VIRTUAL TABLE %s_v USING fts5vocab(%s, instance)", name, name),
		} {
			if _, err := tx.ExecContext(ctx, sql); err != nil {
				return err
			}
		}
		for i, word := range words {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (rowid, x) VALUES ($1, $2)", name), i, word); err != nil {
				return err
			}
		}
		_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
			var term string
			var row int
			err := s.Scan(&term, &row)
			list[row] = term
			return struct{}{}, err
		}, fmt.Sprintf("SELECT term, doc FROM %s_v", name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
