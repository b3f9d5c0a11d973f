package engine

import (
	"context"
	"fmt"

	"latchkey/db"
)

// sortIndex tells whether the page can be read off the index of values: nothing but one field decides the order. To
// sort 20,000 documents takes 40 ms, to read the first ten of them less than one.
func (r *run) sortIndex() (field SchemaField, desc, ok bool) {
	if r.text || r.curates() || len(r.q.Sort) != 1 || len(r.q.Boosts) > 0 {
		return SchemaField{}, false, false
	}
	s := r.q.Sort[0]
	field, ok = r.st.schema.field(s.Field)
	return field, s.Desc, ok && s.Center == nil && field.Type != TypeGeolocation
}

// pageByIndex finds the documents to show in the order of a field: first those that have a value, then the rest by age.
func (r *run) pageByIndex(ctx context.Context, field SchemaField, desc bool) error {
	valued, err := r.walk(ctx, field, desc)
	if err != nil || len(r.shown) == r.q.Size {
		return err
	}
	b := &builder{st: r.st, doc: "documents.number", each: true}
	passes, err := r.passes(b)
	if err != nil {
		return err
	}
	rest, err := db.Query(ctx, r.tx, scanHit, fmt.Sprintf(`
		SELECT documents.number, 1.0
		FROM documents
		WHERE documents.engine = %d AND %s
			AND NOT EXISTS (SELECT 1 FROM field_values x WHERE x.document = documents.number AND x.slot = %d)
		ORDER BY documents.number
		LIMIT %s OFFSET %s`, r.st.number, passes, field.slot,
		b.arg(r.q.Size-len(r.shown)), b.arg(max(0, r.q.Offset-valued))), b.args...)
	r.shown = append(r.shown, rest...)
	return err
}

// walk follows the index until the page is full, and tells how many documents it met. A document with several values
// counts where it comes first.
func (r *run) walk(ctx context.Context, field SchemaField, desc bool) (met int, err error) {
	b := &builder{st: r.st, doc: "s.document", each: true}
	passes, err := r.passes(b)
	if err != nil {
		return 0, err
	}
	direction := "ASC"
	if desc {
		direction = "DESC"
	}
	rows, err := r.tx.QueryContext(ctx, fmt.Sprintf(`
		SELECT s.document
		FROM field_values s
		WHERE s.engine = %d AND s.slot = %d AND %s
		ORDER BY s.value %s, s.document`, r.st.number, field.slot, passes, direction), b.args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	seen := map[int64]bool{}
	for len(r.shown) < r.q.Size && rows.Next() {
		h := hit{score: 1}
		if err := rows.Scan(&h.number); err != nil {
			return 0, err
		}
		if seen[h.number] {
			continue
		}
		seen[h.number] = true
		if len(seen) > r.q.Offset {
			r.shown = append(r.shown, h)
		}
	}
	return len(seen), rows.Err()
}

// passes gives the condition of both filters. What is not indexed by the present types yet passes no filter: excluding a
// value would not find the documents that have it.
func (r *run) passes(b *builder) (string, error) {
	where := "TRUE"
	if r.st.pending.Valid && (r.q.Filter != nil || r.q.Enforced != nil) {
		where = b.doc + " <= " + b.arg(r.st.pending.Int64)
	}
	for _, f := range []*Filter{r.q.Filter, r.q.Enforced} {
		if f == nil {
			continue
		}
		test, err := b.filter(*f)
		if err != nil {
			return "", err
		}
		where += " AND " + test
	}
	return where, nil
}
