package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/db"
	"latchkey/db/fault"
)

// BySource is the field name by which a filter on a meta engine names source engines.
const BySource = "_engine"

var errMetaReach = fault.New(fault.Invalid, "Of a meta engine the first 10000 results can be reached")

// source is a search on one source of a meta engine.
type source struct {
	*run
	name string
}

// findAcross fills in what was found in the sources of a meta engine. A field that a source does not have is like one that
// none of its documents has. The order is that of one engine: by the criteria, by score, by age.
func findAcross(ctx context.Context, tx *db.Tx, st storage, q Query, steer relevance, out *Results) error {
	all, list, err := planAcross(ctx, tx, st, q, steer)
	if err != nil {
		return err
	}
	if err := all.countAcross(ctx, list); err != nil {
		return err
	}
	if out.Hits, err = all.pageAcross(ctx, list); err != nil {
		return err
	}
	out.Total = all.total
	out.Facets, err = all.facetsAcross(ctx, list)
	return err
}

// planAcross checks all of a query on a meta engine, and makes a search on each source.
func planAcross(ctx context.Context, tx *db.Tx, st storage, q Query, steer relevance) (*run, []source, error) {
	if q.Offset+q.Size > MaxMetaReach {
		return nil, nil, errMetaReach
	}
	checked, err := q.checkAcross()
	if err != nil {
		return nil, nil, err
	}
	all, err := plan(ctx, tx, st, checked, steer) // against the schema of all sources together
	if err != nil {
		return nil, nil, err
	}
	all.q = q
	list, err := all.sources(ctx, steer)
	return all, list, err
}

// sources makes a search on each source.
func (r *run) sources(ctx context.Context, steer relevance) ([]source, error) {
	list := make([]source, len(r.st.parts))
	for i, p := range r.st.parts {
		q, possible := r.q.within(p, r.st)
		one, err := plan(ctx, r.tx, p.storage, q, steer.within(p))
		if err != nil {
			return nil, err
		}
		one.none = one.none || !possible
		list[i] = source{one, p.name}
	}
	return list, nil
}

// finds reports whether a source has to be asked at all.
func (s source) finds() bool { return !s.none || s.curates() }

// countAcross finds the total, and how to match: any of the words only where no document of any source has them all.
func (r *run) countAcross(ctx context.Context, list []source) error {
	ways := []Match{r.q.Match}
	if r.q.Match == MatchDefault {
		ways = []Match{MatchAll, MatchAny}
	}
	for _, how := range ways {
		r.total = 0
		promoted := int64(0)
		for _, one := range list {
			one.q.Match = how
			if !one.finds() {
				continue
			}
			if err := one.count(ctx); err != nil {
				return err
			}
			n, err := one.promotedCount(ctx)
			if err != nil {
				return err
			}
			r.total, promoted = r.total+one.total, promoted+n
		}
		if r.total > promoted || r.match.words() < 2 {
			return nil
		}
	}
	return nil
}

// ranked is a hit with what it is ordered by.
type ranked struct {
	hit
	from int // the source it is in
	keys []any
}

// pageAcross finds the documents to show: of each source as many as the page could need, and of these the best.
func (r *run) pageAcross(ctx context.Context, list []source) ([]Hit, error) {
	if r.total == 0 || r.q.Group == nil && (r.q.Size == 0 || int64(r.q.Offset) >= r.total) {
		return []Hit{}, nil
	}
	if err := r.scale(ctx, list); err != nil {
		return nil, err
	}
	if r.q.Group != nil {
		return r.groupsAcross(ctx, list)
	}
	var all []ranked
	for i, one := range list {
		if !one.finds() {
			continue
		}
		found, err := one.ranked(ctx, r.q.Sort, r.q.Offset+r.q.Size)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			f.from = i
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b ranked) int { return compareBy(r.q.Sort, a, b) })
	all = all[min(r.q.Offset, len(all)):min(r.q.Offset+r.q.Size, len(all))]
	for _, f := range all {
		list[f.from].shown = append(list[f.from].shown, f.hit)
	}
	hits := make([][]Hit, len(list))
	for i, one := range list {
		var err error
		if hits[i], err = one.hitsFor(ctx, r.q.ResultFields, r.st.schema); err != nil {
			return nil, err
		}
	}
	page := make([]Hit, len(all))
	for i, f := range all {
		page[i], hits[f.from] = hits[f.from][0], hits[f.from][1:]
	}
	return page, nil
}

// ranked gives the first documents of a source, with what they are ordered by.
func (s source) ranked(ctx context.Context, sorts []Sort, limit int) ([]ranked, error) {
	b, table, where, err := s.from()
	if err != nil {
		return nil, err
	}
	score, by, err := s.score(b)
	if err != nil {
		return nil, err
	}
	columns, err := s.keys(b, sorts, by)
	if err != nil {
		return nil, err
	}
	order, err := b.order(s.q.Sort, by)
	if err != nil {
		return nil, err
	}
	query := fmt.Sprintf("SELECT %s, %s AS score%s FROM %s WHERE %s ORDER BY %s LIMIT %s", b.doc, score, columns, table, where, order, b.arg(limit))
	return db.Query(ctx, s.tx, func(sc db.Scanner) (ranked, error) {
		f := ranked{keys: make([]any, len(sorts))}
		dest := []any{&f.number, &f.score}
		for i := range f.keys {
			dest = append(dest, &f.keys[i])
		}
		err := sc.Scan(dest...)
		return f, err
	}, query, b.args...)
}

// key is what one criterion orders by; NULL where this source has nothing to order by.
func (s source) key(b *builder, by Sort, score string) (string, error) {
	_, known := s.st.schema.field(by.Field)
	switch {
	case by.Field == "id":
		key, err := b.sortKey(by, score)
		return b.arg(ScopedID(s.name, "")) + " || " + key, err
	case !known: // or the score, which is compared anyway
		return "NULL", nil
	}
	return b.sortKey(by, score)
}

// compareBy orders documents of several sources like one query would those of one engine.
func compareBy(sorts []Sort, a, b ranked) int {
	for i, s := range sorts {
		c := 0
		if s.Field == ByScore {
			c = cmp.Compare(a.score, b.score)
		} else {
			c = compareKeys(a.keys[i], b.keys[i])
		}
		none := a.keys[i] == nil || b.keys[i] == nil
		if s.Desc && (!none || s.Field == ByScore) {
			c = -c // documents without a value come last in either direction
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.number, b.number))
}

// compareKeys compares two keys of the same field: texts, numbers, or nil, which comes last.
func compareKeys(a, b any) int {
	switch {
	case a == nil || b == nil:
		return cmp.Compare(btoi(a == nil), btoi(b == nil))
	}
	if x, ok := a.(string); ok {
		y, _ := b.(string)
		return strings.Compare(x, y)
	}
	return cmp.Compare(asFloat(a), asFloat(b))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func asFloat(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case int64:
		return float64(n)
	}
	return 0
}

// hitsFor reads the documents to show of a source, as the meta engine shows them: with its name before their ids, and
// null for the fields it does not have. Fields on whose type the sources differ are not shown.
func (s source) hitsFor(ctx context.Context, asked map[string]ResultField, all Schema) ([]Hit, error) {
	hits, err := s.hits(ctx)
	if err != nil {
		return nil, err
	}
	for i := range hits {
		h := &hits[i]
		h.Source, h.ID = s.name, ScopedID(s.name, h.ID)
		h.Document.ID = h.ID
		maps.DeleteFunc(h.Fields, func(name string, _ FieldResult) bool {
			_, ok := all.field(name)
			return !ok && name != "id"
		})
		for name, form := range asked {
			if _, there := h.Fields[name]; !there && form.Raw != nil {
				h.Fields[name] = FieldResult{Raw: &Value{}}
			}
		}
		if f, ok := h.Fields["id"]; ok && f.Raw != nil {
			id := TextValue(h.ID).cut(asked["id"].rawSize())
			f.Raw = &id
			h.Fields["id"] = f
		}
	}
	return hits, nil
}

func (f ResultField) rawSize() int {
	if f.Raw == nil {
		return 0
	}
	return f.Raw.Size
}
