package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"latchkey/db"
	"latchkey/db/fault"
)

const defaultFacetSize = 10

// check holds a facet against the schema and the limits.
func (f Facet) check(schema Schema) error {
	field, ok := schema.field(f.Field)
	if !ok {
		return fault.New(fault.Invalid, "Facets contains invalid field: "+cut(f.Field, MaxName))
	}
	switch {
	case f.Size < 0 || f.Size > MaxFacetValues || len(f.Ranges) > MaxFacetValues:
		return fault.New(fault.Invalid, "Facets can have at most 250 values: "+f.Field)
	case f.Type == FacetValue && field.Type != TypeGeolocation,
		f.Type == FacetStats && (field.Type == TypeNumber || field.Type == TypeDate):
		return nil
	case f.Type == FacetRange && field.Type != TypeText && len(f.Ranges) > 0 && (f.Center != nil) == (field.Type == TypeGeolocation):
		for _, r := range f.Ranges {
			if _, err := new(builder).between("", f.boundType(field.Type), Range{From: r.From, To: r.To}); err != nil {
				return err
			}
		}
		if f.Center != nil && !f.Center.valid() {
			return errPoint
		}
		return nil
	}
	return fault.New(fault.Invalid, fmt.Sprintf("Facets of type %q do not fit field: %s", cut(string(f.Type), MaxName), f.Field))
}

// boundType is what the bounds of a range facet are: metres for places, else what the field is.
func (f Facet) boundType(t Type) Type {
	if t == TypeGeolocation {
		return TypeNumber
	}
	return t
}

func (r *run) facets(ctx context.Context) ([]FacetResult, error) {
	list := make([]FacetResult, len(r.q.Facets))
	for i, f := range r.q.Facets {
		list[i].Facet = f
		field, _ := r.st.schema.field(f.Field)
		var err error
		switch f.Type {
		case FacetValue:
			err = r.valueFacet(ctx, field, &list[i])
		case FacetRange:
			err = r.rangeFacet(ctx, field, &list[i])
		case FacetStats:
			err = r.statsFacet(ctx, field, &list[i])
		}
		if err != nil {
			return nil, fmt.Errorf("count facet: %w", err)
		}
	}
	return list, nil
}

// over gives the query that counts x, the rows which the documents found have for a field: selects makes what to
// select, and tail follows.
func (r *run) over(field SchemaField, selects func(b *builder) (string, error), tail string) (query string, args []any, err error) {
	b, from, where, err := r.from()
	if err != nil {
		return "", nil, err
	}
	what, err := selects(b)
	if err != nil {
		return "", nil, err
	}
	table := "field_values"
	if field.Type == TypeGeolocation {
		table = "field_points"
	}
	if r.all() {
		return fmt.Sprintf("SELECT %s FROM %s x WHERE x.engine = %d AND x.slot = %d %s",
			what, table, r.st.number, field.slot, tail), b.args, nil
	}
	return fmt.Sprintf(`
		WITH found AS MATERIALIZED (SELECT %s AS number FROM %s WHERE %s)
		SELECT %s
		FROM found CROSS JOIN %s x ON x.document = found.number AND x.slot = %d %s`,
		b.doc, from, where, what, table, field.slot, tail), b.args, nil
}

// size is how many values a value facet has at most.
func (f Facet) size() int {
	if f.Size == 0 {
		return defaultFacetSize
	}
	return f.Size
}

func (r *run) valueFacet(ctx context.Context, field SchemaField, out *FacetResult) error {
	counts, err := r.valueCounts(ctx, field, out.Facet, out.size())
	for _, c := range counts {
		out.Data = append(out.Data, Bucket{Value: field.Type.value(c.key), Count: c.n})
	}
	return err
}

// valueCount is how many documents have a value, which is as it stands in the index.
type valueCount struct {
	key any
	n   int64
}

// valueCounts gives the first values of a facet, at most so many.
func (r *run) valueCounts(ctx context.Context, field SchemaField, f Facet, limit int) ([]valueCount, error) {
	direction := " DESC"
	if f.Asc {
		direction = " ASC"
	}
	order := "n" + direction + ", x.value"
	if f.ByValue {
		order = "x.value" + direction
	}
	query, args, err := r.over(field, func(*builder) (string, error) { return "x.value, COUNT(*) AS n", nil },
		"GROUP BY x.value ORDER BY "+order+" LIMIT "+strconv.Itoa(limit))
	if err != nil {
		return nil, err
	}
	return db.Query(ctx, r.tx, func(s db.Scanner) (valueCount, error) {
		var c valueCount
		err := s.Scan(&c.key, &c.n)
		return c, err
	}, query, args...)
}

// rangeFacet counts each document once in each range, however many of its values lie in it.
func (r *run) rangeFacet(ctx context.Context, field SchemaField, out *FacetResult) error {
	query, args, err := r.over(field, func(b *builder) (string, error) {
		expr := "x.value"
		if out.Center != nil {
			var err error
			if expr, err = b.distance(*out.Center); err != nil {
				return "", err
			}
		}
		counts := make([]string, len(out.Ranges))
		for i, one := range out.Ranges {
			test, err := b.between(expr, out.boundType(field.Type), Range{From: one.From, To: one.To})
			if err != nil {
				return "", err
			}
			counts[i] = "COUNT(DISTINCT CASE WHEN " + test + " THEN x.document END)"
		}
		return strings.Join(counts, ", "), nil
	}, "")
	if err != nil {
		return err
	}
	out.Data = make([]Bucket, len(out.Ranges))
	dest := make([]any, len(out.Ranges))
	for i, one := range out.Ranges {
		out.Data[i] = Bucket{Name: one.Name, From: one.From, To: one.To}
		dest[i] = &out.Data[i].Count
	}
	return r.tx.QueryRowContext(ctx, query, args...).Scan(dest...)
}

func (r *run) statsFacet(ctx context.Context, field SchemaField, out *FacetResult) error {
	query, args, err := r.over(field, func(*builder) (string, error) { return "MIN(x.value), MAX(x.value)", nil }, "")
	if err != nil {
		return err
	}
	var smallest, largest any
	if err := r.tx.QueryRowContext(ctx, query, args...).Scan(&smallest, &largest); err != nil || smallest == nil {
		return err
	}
	a, z := field.Type.value(smallest), field.Type.value(largest)
	out.Min, out.Max = &a, &z
	return nil
}
