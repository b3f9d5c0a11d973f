package engine

import (
	"context"
	"fmt"

	"latchkey/db"
	"latchkey/db/fault"
)

// Group puts the documents found into groups, by what they have in a field. A group stands where its first document
// would, and is one result: totals and pages count groups, facets count documents. A document with several values
// belongs to the group of the smallest, so that it is never there twice; those without a value are one group.
type Group struct {
	Field string // text, number or date
	Size  int    // how many documents to give beside the first of a group, 1 to MaxGroupSize; 0 means so many
	Sort  []Sort // their order, as in Query; the first of a group is found by the order of the query
}

// check holds a grouping to the limits. It looks at no schema.
func (g *Group) check(size int) error {
	switch {
	case g.Size < 0 || g.Size > MaxGroupSize:
		return fault.New(fault.Invalid, "Group size must be between 1 and 10")
	case size*(1+g.size()) > MaxGrouped:
		return fault.New(fault.Invalid, "A page of groups can have at most 2500 documents")
	}
	return nil
}

func (g *Group) size() int {
	if g.Size == 0 {
		return MaxGroupSize
	}
	return g.Size
}

// groupField checks a grouping against the schema, and gives its field.
func (b *builder) groupField(g *Group) (SchemaField, error) {
	f, ok := b.st.schema.field(g.Field)
	switch {
	case !ok:
		return f, fault.New(fault.Invalid, "Group contains invalid field: "+cut(g.Field, MaxName))
	case f.Type == TypeGeolocation:
		return f, fault.New(fault.Invalid, "Group needs a field of type text, number or date: "+f.Name)
	}
	_, err := b.order(g.Sort, "")
	return f, err
}

// pageOfGroups counts the groups and finds those to show, with the documents in them.
func (r *run) pageOfGroups(ctx context.Context) error {
	if r.total == 0 {
		return nil
	}
	r.total = 0
	if r.q.Size > 0 {
		if err := r.leaders(ctx); err != nil {
			return err
		}
	}
	if len(r.shown) > 0 {
		return r.members(ctx)
	}
	// A page behind the last tells nothing of how many there are.
	b, with, _, _, err := r.grouping()
	if err != nil {
		return err
	}
	r.total, err = db.One(ctx, r.tx, nil, db.Int, with+`
		SELECT COUNT(DISTINCT g.key) + MAX(CASE WHEN g.key IS NULL THEN 1 ELSE 0 END)
		FROM keyed g`, b.args...)
	return err
}

// grouping gives the beginning of a query about groups: keyed has the number, score and key of each document found.
// The builder calls a document g.number, and by is what to order by where scores differ.
func (r *run) grouping() (b *builder, with string, field SchemaField, by string, err error) {
	b, table, where, err := r.from()
	if err != nil {
		return nil, "", field, "", err
	}
	if field, err = b.groupField(r.q.Group); err != nil {
		return nil, "", field, "", err
	}
	score, by, err := r.score(b)
	if err != nil {
		return nil, "", field, "", err
	}
	with = fmt.Sprintf(`
		WITH found AS MATERIALIZED (SELECT %s AS number, %s AS score FROM %s WHERE %s),
		keyed AS MATERIALIZED (
			SELECT f.number, f.score, (SELECT MIN(x.value) FROM field_values x WHERE x.document = f.number AND x.slot = %d) AS key
			FROM found f)`, b.doc, score, table, where, field.slot)
	if by != "" {
		by = "g.score"
	}
	b.doc, b.each = "g.number", true
	return b, with, field, by, nil
}

// leaders finds the first documents of the groups to show, and counts the groups.
func (r *run) leaders(ctx context.Context) error {
	b, with, field, by, err := r.grouping()
	if err != nil {
		return err
	}
	within, err := b.order(r.q.Sort, by)
	if err != nil {
		return err
	}
	order, err := b.order(r.q.Sort, by)
	if err != nil {
		return err
	}
	query := fmt.Sprintf(`%s,
		placed AS (
			SELECT g.number, g.score, g.key, ROW_NUMBER() OVER (PARTITION BY g.key ORDER BY %s) AS nth
			FROM keyed g),
		leaders AS MATERIALIZED (SELECT number, score, key FROM placed WHERE nth = 1)
		SELECT g.number, g.score, g.key, (SELECT COUNT(*) FROM leaders)
		FROM leaders g
		ORDER BY %s
		LIMIT %s OFFSET %s`, with, within, order, b.arg(r.q.Size), b.arg(r.q.Offset))
	r.shown, err = db.Query(ctx, r.tx, func(s db.Scanner) (hit, error) {
		var h hit
		err := s.Scan(&h.number, &h.score, &h.group, &r.total)
		value := field.Type.value(h.group)
		h.key = &value
		return h, err
	}, query, b.args...)
	return err
}

// members finds the other documents of the shown groups.
func (r *run) members(ctx context.Context) error {
	b, with, _, by, err := r.grouping()
	if err != nil {
		return err
	}
	leaders, keys, none := map[any]int64{}, []any{}, "FALSE"
	for _, h := range r.shown {
		if leaders[h.group] = h.number; h.group == nil {
			none = "g.key IS NULL"
		} else {
			keys = append(keys, h.group)
		}
	}
	order, err := b.order(r.q.Group.Sort, by)
	if err != nil {
		return err
	}
	query := fmt.Sprintf(`%s
		SELECT m.number, m.score, m.key
		FROM (
			SELECT g.number, g.score, g.key, ROW_NUMBER() OVER (PARTITION BY g.key ORDER BY %s) AS nth
			FROM keyed g
			WHERE (%s OR %s) AND NOT %s) m
		WHERE m.nth <= %s
		ORDER BY m.key, m.nth`, with, order, none, b.isOneOf("g.key", keys), b.isOneOf("g.number", r.shownNumbers()), b.arg(r.q.Group.size()))
	r.grouped = map[int64][]hit{}
	_, err = db.Query(ctx, r.tx, func(s db.Scanner) (struct{}, error) {
		var h hit
		err := s.Scan(&h.number, &h.score, &h.group)
		leader := leaders[h.group]
		r.grouped[leader] = append(r.grouped[leader], h)
		return struct{}{}, err
	}, query, b.args...)
	return err
}
