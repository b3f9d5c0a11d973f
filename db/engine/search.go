package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// searchLimit is how long one search may read.
const searchLimit = 5 * time.Second

// Search runs a query on an engine. It needs search.read.
func (s *Store) Search(ctx context.Context, who audit.Who, in permission.Target, name string, q Query) (Results, error) {
	if err := authorize(who, permission.SearchRead, in, name); err != nil {
		return Results{}, err
	}
	return s.search(ctx, q, func(ctx context.Context, tx *db.Tx) (Engine, error) { return findEngine(ctx, tx, in, name) })
}

// SearchPublic runs a query on an engine for nobody in particular and checks no permission. It is for search queries
// that FindPublic gave, whose key is public, and for nothing else.
func (s *Store) SearchPublic(ctx context.Context, engineID string, q Query) (Results, error) {
	return s.search(ctx, q, func(ctx context.Context, tx *db.Tx) (Engine, error) {
		e, err := locate(ctx, tx, engineID)
		return e.Engine, err
	})
}

// search looks an engine up, together with what steers its searches, and runs a query on it.
func (s *Store) search(ctx context.Context, q Query, which func(ctx context.Context, tx *db.Tx) (Engine, error)) (Results, error) {
	e, steer, err := s.steered(ctx, &q, which)
	if err != nil {
		return Results{}, err
	}
	limited, cancel := context.WithTimeout(ctx, searchLimit)
	defer cancel()
	r := Results{Engine: e}
	err = s.readingOf(limited, e, func(ctx context.Context, tx *db.Tx, st storage) error {
		return find(ctx, tx, st, q, steer, &r)
	})
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fault.New(fault.Unavailable, "The search took too long.").WithCause(err)
	}
	return r, wrap("search", err)
}

// steered looks an engine up, together with what steers its searches, and checks a query as far as no schema is needed.
func (s *Store) steered(ctx context.Context, q *Query, which func(ctx context.Context, tx *db.Tx) (Engine, error)) (e Engine, steer relevance, err error) {
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if e, err = which(ctx, tx); err != nil {
			return err
		}
		steer, err = relevanceOf(ctx, tx, e, *q)
		return err
	})
	if err != nil {
		return Engine{}, relevance{}, wrap("find engine", err)
	}
	return e, steer, q.check()
}

// find fills in what was found in an engine, or in the sources of a meta engine.
func find(ctx context.Context, tx *db.Tx, st storage, q Query, steer relevance, out *Results) error {
	if q.Settings {
		steer.settings.fill(&q, st.schema)
		out.Precision = steer.settings.Precision
	}
	out.ResultFields = q.ResultFields
	if out.Engine.Meta {
		return findAcross(ctx, tx, st, q, steer, out)
	}
	run, err := plan(ctx, tx, st, q, steer)
	if err != nil {
		return err
	}
	return run.into(ctx, out)
}

func (q *Query) check() error {
	if q.Page > 0 {
		q.Offset = (min(q.Page, MaxOffset+2) - 1) * min(max(q.Size, 0), MaxSize)
	}
	if q.Page < 0 || q.Size < 0 || q.Size > MaxSize || q.Offset < 0 || q.Offset > MaxOffset {
		return errPage
	}
	if len(q.Facets) > MaxFacets {
		return fault.New(fault.Invalid, "A search can have at most 64 facets")
	}
	for _, f := range []*Filter{q.Filter, q.Enforced} {
		if f == nil {
			continue
		}
		if err := f.check(); err != nil {
			return err
		}
	}
	if q.Group != nil {
		return q.Group.check(q.Size)
	}
	return nil
}

func (q *Query) checkResultFields(schema Schema) error {
	for name := range q.ResultFields {
		if _, ok := schema.field(name); !ok && name != "id" {
			return fault.New(fault.Invalid, "Result fields contains invalid field: "+cut(name, MaxName))
		}
	}
	return nil
}

// run is one search on one state of the database.
type run struct {
	tx    *db.Tx
	st    storage
	q     Query
	match match
	how   Match // MatchAll or MatchAny, once it is known
	text  bool  // there is something to search for; else all documents match
	none  bool  // no words can be found
	shown []hit // one page
	total int64

	grouped map[int64][]hit // the others in the group of a shown document
	curated curated
}

type hit struct {
	number int64
	score  float64
	group  any    // what its group has in common, as in the index
	key    *Value // and as it is shown
}

// plan checks all of a query against the schema, so that a mistake is reported whatever there is to find.
func plan(ctx context.Context, tx *db.Tx, st storage, q Query, steer relevance) (*run, error) {
	m, err := matchOf(st, q, steer)
	if err != nil {
		return nil, err
	}
	r := &run{tx: tx, st: st, q: q, match: m, how: q.Match, text: strings.TrimSpace(q.Text) != ""}
	r.none = st.number == 0 || r.text && len(m.terms) == 0
	if err := r.curate(ctx, steer); err != nil {
		return nil, err
	}
	b, _, _, err := r.from()
	if err != nil {
		return nil, err
	}
	if _, err := b.order(q.Sort, ""); err != nil {
		return nil, err
	}
	if err := st.schema.CheckBoosts(q.Boosts); err != nil {
		return nil, err
	}
	if q.Group != nil {
		if _, err := b.groupField(q.Group); err != nil {
			return nil, err
		}
	}
	if err := q.checkResultFields(st.schema); err != nil {
		return nil, err
	}
	for _, f := range q.Facets {
		if err := f.check(st.schema); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// from gives the documents that match: a builder that knows what a document is called, a table, and a condition.
func (r *run) from() (b *builder, table, where string, err error) {
	if r.curates() {
		return r.fromCurated()
	}
	b = &builder{st: r.st, doc: "documents.number"}
	table = "documents"
	where = fmt.Sprintf("documents.engine = %d", r.st.number)
	switch {
	case r.none:
		where = "FALSE"
	case r.text:
		// The plus keeps SQLite from asking the full text again for each document that a filter lets pass.
		table, b.each = r.st.textTable(), true
		b.doc = "+" + table + ".rowid"
		where = table + " MATCH " + b.arg(r.match.expression(r.how))
	}
	passes, err := r.passes(b)
	return b, table, where + " AND " + passes, err
}

// all reports whether every document matches.
func (r *run) all() bool { return !r.text && !r.curates() && r.q.Filter == nil && r.q.Enforced == nil }

// into fills in what was found.
func (r *run) into(ctx context.Context, out *Results) error {
	if !r.none || r.curates() {
		if err := r.count(ctx); err != nil {
			return err
		}
		if err := r.page(ctx); err != nil {
			return err
		}
	}
	out.Total = r.total
	var err error
	if out.Hits, err = r.hits(ctx); err != nil {
		return err
	}
	out.Facets, err = r.facets(ctx)
	return err
}

// count finds the total, and with it how to match: any of the words only where no document has them all.
func (r *run) count(ctx context.Context) error {
	ways := []Match{r.q.Match}
	if r.q.Match == MatchDefault {
		ways = []Match{MatchAll, MatchAny}
	}
	if r.all() {
		r.total = r.st.documents
		return nil
	}
	promoted, err := r.promotedCount(ctx)
	if err != nil {
		return err
	}
	for _, r.how = range ways {
		b, table, where, err := r.from()
		if err != nil {
			return err
		}
		r.total, err = db.One(ctx, r.tx, nil, db.Int, "SELECT COUNT(*) FROM "+table+" WHERE "+where, b.args...)
		if err != nil || r.total > promoted || r.match.words() < 2 {
			return err
		}
	}
	return nil
}

// page finds the documents to show.
func (r *run) page(ctx context.Context) error {
	if r.q.Group != nil {
		return r.pageOfGroups(ctx)
	}
	if r.q.Size == 0 || int64(r.q.Offset) >= r.total {
		return nil
	}
	if field, desc, ok := r.sortIndex(); ok {
		return r.pageByIndex(ctx, field, desc)
	}
	b, table, where, err := r.from()
	if err != nil {
		return err
	}
	score, by, err := r.score(b)
	if err != nil {
		return err
	}
	order, err := b.order(r.q.Sort, by)
	if err != nil {
		return err
	}
	query := fmt.Sprintf("SELECT %s, %s AS score FROM %s WHERE %s ORDER BY %s LIMIT %s OFFSET %s",
		b.doc, score, table, where, order, b.arg(r.q.Size), b.arg(r.q.Offset))
	r.shown, err = db.Query(ctx, r.tx, scanHit, query, b.args...)
	return err
}

// score gives the SQL of the score, and by what to order: "" where all scores are the same.
func (r *run) score(b *builder) (score, by string, err error) {
	score = "1.0"
	switch {
	case r.curates():
		score, by = "found.score", "score"
	case r.text:
		score, by = r.match.score(b), "score"
	}
	if len(r.q.Boosts) > 0 {
		by = "score"
		score, err = b.boosted(score, r.q.Boosts, r.tx.NowMillis())
		if r.curates() {
			score = belowPromoted(score)
		}
	}
	return score, by, err
}

func scanHit(s db.Scanner) (hit, error) {
	var h hit
	err := s.Scan(&h.number, &h.score)
	return h, err
}

var errLost = errors.New("a document is in an index but not in its table")
