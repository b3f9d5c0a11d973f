package engine

import (
	"context"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// Explanation is how a search would be made. What it would find is not in it.
type Explanation struct {
	Engine    Engine // without Documents
	Query     Query  // with what the search settings filled in
	Filled    Filled
	Precision int        // of the search settings, 0 where they have none or were not asked for
	Searched  []Searched // the engine itself, or each source of a meta engine

	// The documents of the curation that the query belongs to, by id; nil where it belongs to none. Those that are not
	// there are passed over, and what is promoted must pass the filters.
	Promoted, Hidden []string
}

// Filled says which options of a query the search settings filled in.
type Filled struct{ SearchFields, ResultFields, Boosts bool }

// Searched is how the texts of one engine are searched.
type Searched struct {
	Engine   string
	Language string
	Fields   map[string]float64 // and their weights; without a word in Query all texts are, and none where Nothing is found
	Terms    []Term             // empty where the text has nothing to search for
	Nothing  bool               // nothing of this engine can be found by its words, whatever is promoted
}

// Term is a part of a text: words that must all be found, or one of their synonyms instead. Where nothing has all terms,
// any of the words will do (MatchDefault).
type Term struct {
	Words    []string // as they were written, without what is said twice
	Forms    []string // as they are compared: without case and accents, in English by their stems
	Synonyms []string // phrases
}

// Explain tells how a search on an engine would be made, and refuses what Search would refuse. It tells of synonyms,
// curations and search settings, and so it needs the right to read them: search.read, search_queries.read and
// synonyms.read.
func (s *Store) Explain(ctx context.Context, who audit.Who, in permission.Target, name string, q Query) (Explanation, error) {
	for _, needed := range []permission.Permission{permission.SearchRead, permission.SearchQueriesRead, permission.SynonymsRead} {
		if err := authorize(who, needed, in, name); err != nil {
			return Explanation{}, err
		}
	}
	e, steer, err := s.steered(ctx, &q, func(ctx context.Context, tx *db.Tx) (Engine, error) { return findEngine(ctx, tx, in, name) })
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{Engine: e, Promoted: steer.promoted, Hidden: steer.hidden}
	err = s.readingOf(ctx, e, func(ctx context.Context, tx *db.Tx, st storage) error {
		given := q
		if q.Settings {
			steer.settings.fill(&q, st.schema)
			x.Precision = steer.settings.Precision
		}
		x.Filled = Filled{
			SearchFields: given.SearchFields == nil && q.SearchFields != nil, Boosts: given.Boosts == nil && q.Boosts != nil,
			ResultFields: given.ResultFields == nil && q.ResultFields != nil,
		}
		x.Query = q
		list, err := planAny(ctx, tx, st, q, steer, e)
		for _, one := range list {
			x.Searched = append(x.Searched, one.explain())
		}
		return err
	})
	return x, wrap("explain search", err)
}

// planAny plans a search on an engine, or on each source of a meta engine.
func planAny(ctx context.Context, tx *db.Tx, st storage, q Query, steer relevance, e Engine) ([]source, error) {
	if e.Meta {
		_, list, err := planAcross(ctx, tx, st, q, steer)
		return list, err
	}
	one, err := plan(ctx, tx, st, q, steer)
	if err != nil {
		return nil, err
	}
	return []source{{one, e.Name}}, nil
}

func (s source) explain() Searched {
	x := Searched{Engine: s.name, Language: s.match.language, Fields: s.q.SearchFields, Nothing: s.none}
	if x.Fields == nil && !s.none {
		x.Fields = map[string]float64{"id": 1}
		for _, f := range s.st.schema {
			if f.Type == TypeText {
				x.Fields[f.Name] = 1
			}
		}
	}
	for _, t := range s.match.terms {
		one := Term{Words: t.words, Synonyms: t.others}
		for _, token := range tokensOf(t.words, x.Language) {
			one.Forms = append(one.Forms, token.form)
		}
		x.Terms = append(x.Terms, one)
	}
	return x
}
