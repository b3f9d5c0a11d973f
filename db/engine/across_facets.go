package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// mostValues is how many different values of a field each source of a meta engine gives for a facet by count. Where one
// has more, its rarest are not added up.
const mostValues = 50_000

// facetsAcross counts over all sources of a meta engine.
func (r *run) facetsAcross(ctx context.Context, list []source) ([]FacetResult, error) {
	all := make([]FacetResult, len(r.q.Facets))
	for i, f := range r.q.Facets {
		all[i].Facet = f
		t, _ := r.st.schema.Type(f.Field)
		var err error
		switch f.Type {
		case FacetValue:
			err = valuesAcross(ctx, list, t, &all[i])
		case FacetRange:
			err = rangesAcross(ctx, list, &all[i])
		case FacetStats:
			err = statsAcross(ctx, list, t, &all[i])
		}
		if err != nil {
			return nil, fmt.Errorf("count facet: %w", err)
		}
	}
	return all, nil
}

func valuesAcross(ctx context.Context, list []source, t Type, out *FacetResult) error {
	limit := mostValues
	if out.ByValue {
		limit = out.size() // what comes first in all comes first in its source
	}
	sums := map[any]int64{}
	for _, one := range list {
		field, ok := one.st.schema.field(out.Field)
		if !ok {
			continue
		}
		counts, err := one.valueCounts(ctx, field, out.Facet, limit)
		if err != nil {
			return err
		}
		for _, c := range counts {
			sums[c.key] += c.n
		}
	}
	counts := make([]valueCount, 0, len(sums))
	for key, n := range sums {
		counts = append(counts, valueCount{key, n})
	}
	slices.SortFunc(counts, out.Facet.compare)
	for _, c := range counts[:min(out.size(), len(counts))] {
		out.Data = append(out.Data, Bucket{Value: t.value(c.key), Count: c.n})
	}
	return nil
}

// compare orders the lines of a value facet.
func (f Facet) compare(a, b valueCount) int {
	by, then := cmp.Compare(a.n, b.n), compareKeys(a.key, b.key)
	if f.ByValue {
		by, then = then, 0
	}
	if !f.Asc {
		by = -by
	}
	return cmp.Or(by, then)
}

func rangesAcross(ctx context.Context, list []source, out *FacetResult) error {
	for _, r := range out.Ranges {
		out.Data = append(out.Data, Bucket{Name: r.Name, From: r.From, To: r.To})
	}
	for _, one := range list {
		field, ok := one.st.schema.field(out.Field)
		if !ok {
			continue
		}
		part := FacetResult{Facet: out.Facet}
		if err := one.rangeFacet(ctx, field, &part); err != nil {
			return err
		}
		for i := range out.Data {
			out.Data[i].Count += part.Data[i].Count
		}
	}
	return nil
}

func statsAcross(ctx context.Context, list []source, t Type, out *FacetResult) error {
	for _, one := range list {
		field, ok := one.st.schema.field(out.Field)
		if !ok {
			continue
		}
		part := FacetResult{Facet: out.Facet}
		if err := one.statsFacet(ctx, field, &part); err != nil {
			return err
		}
		if part.Min == nil {
			continue
		}
		if out.Min == nil || t.less(*part.Min, *out.Min) {
			out.Min = part.Min
		}
		if out.Max == nil || t.less(*out.Max, *part.Max) {
			out.Max = part.Max
		}
	}
	return nil
}

// less compares two values that a field's index gave.
func (t Type) less(a, b Value) bool {
	x, _ := t.key(a) // they were made from keys, and are read back into them
	y, _ := t.key(b)
	return compareKeys(x, y) < 0
}
