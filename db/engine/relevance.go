package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"latchkey/db"
)

// relevance is what people set for an engine, as far as it concerns one search.
type relevance struct {
	language string
	synonyms [][]string // the sets that may have a part of the query in them
	promoted []string   // of the curation that the query belongs to, ids of documents
	hidden   []string
	settings Settings // where the query asks for them
}

// relevanceOf reads what steers a search of an engine: of that very engine, whatever engines it searches in turn.
func relevanceOf(ctx context.Context, tx *db.Tx, e Engine, q Query) (relevance, error) {
	r := relevance{language: e.Language}
	b := &builder{}
	query := fmt.Sprintf(`
		SELECT 'curation', c.promoted, c.hidden
		FROM curation_queries q
		JOIN curations c ON c.id = q.curation_id
		WHERE q.engine_id = %s AND q.query = %s`, b.arg(e.ID), b.arg(queryForm(q.Text)))
	if q.Settings {
		query += `
		UNION ALL
		SELECT 'settings', settings, ''
		FROM search_settings
		WHERE engine_id = $1`
	}
	if first := firstForms(q.Text, e.Language); len(first) > 0 {
		query += fmt.Sprintf(`
		UNION ALL
		SELECT 'synonyms', s.synonyms, ''
		FROM synonym_sets s
		WHERE s.id IN (SELECT w.set_id FROM synonym_words w WHERE w.engine_id = $1 AND w.word IN (%s))`, b.list(first))
	}
	_, err := db.Query(ctx, tx, r.scan, query+" ORDER BY 1, 2", b.args...)
	return r, wrap("read relevance", err)
}

func (r *relevance) scan(s db.Scanner) (struct{}, error) {
	var kind, first, second string
	if err := s.Scan(&kind, &first, &second); err != nil {
		return struct{}{}, err
	}
	switch kind {
	case "curation":
		if err := json.Unmarshal([]byte(first), &r.promoted); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, json.Unmarshal([]byte(second), &r.hidden)
	case "settings":
		var err error
		r.settings, err = readSettings(first)
		return struct{}{}, err
	}
	var set []string
	err := json.Unmarshal([]byte(first), &set)
	r.synonyms = append(r.synonyms, set)
	return struct{}{}, err
}

// queryForm is a query as curations compare it: without case, and with single spaces.
func queryForm(text string) string {
	return norm.NFC.String(strings.ToLower(strings.Join(strings.Fields(text), " ")))
}

// firstForms are the words of a query at which a synonym may begin, as they are compared.
func firstForms(text, language string) []any {
	var list []any
	tokens := tokensOf(words(text), language)
	for i, t := range tokens {
		if breaks(tokens, i) && !slices.Contains(list, any(t.form)) {
			list = append(list, t.form)
		}
	}
	return list
}

// list makes a parameter of each value.
func (b *builder) list(values []any) string {
	params := make([]string, len(values))
	for i, v := range values {
		params[i] = b.arg(v)
	}
	return strings.Join(params, ", ")
}
