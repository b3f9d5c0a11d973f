package engine

import (
	"fmt"
	"strings"

	"latchkey/db/fault"
)

// order gives the ORDER BY of a query. What the criteria leave equal is ordered by score and then by age, so that
// pages never overlap. score is empty where all scores are the same.
func (b *builder) order(list []Sort, score string) (string, error) {
	if len(list) > MaxSorts {
		return "", fault.New(fault.Invalid, "Sort can have at most 10 criteria")
	}
	var keys []string
	for _, s := range list {
		if s.Field == ByScore && score == "" {
			continue
		}
		key, err := b.sortKey(s, score)
		if err != nil {
			return "", err
		}
		direction := " ASC"
		if s.Desc {
			direction = " DESC"
		}
		keys = append(keys, key+direction+" NULLS LAST")
	}
	if score != "" {
		keys = append(keys, score+" DESC")
	}
	return strings.Join(append(keys, b.doc+" ASC"), ", "), nil
}

func (b *builder) sortKey(s Sort, score string) (string, error) {
	switch s.Field {
	case ByScore:
		return score, nil
	case "id":
		return fmt.Sprintf("(SELECT x.id FROM documents x WHERE x.number = %s)", b.doc), nil
	}
	f, ok := b.st.schema.field(s.Field)
	if !ok {
		return "", fault.New(fault.Invalid, "Sort contains invalid field: "+cut(s.Field, MaxName))
	}
	if (f.Type == TypeGeolocation) != (s.Center != nil) || s.Center == nil && s.Mode != "" {
		return "", fault.New(fault.Invalid, "Sort needs a center for geolocation fields, and for them only: "+f.Name)
	}
	if s.Center != nil {
		return b.distanceKey(f, s)
	}
	extreme := "MIN"
	if s.Desc {
		extreme = "MAX"
	}
	return b.extreme(extreme, "x.value", "field_values", f), nil
}

// distanceKey is the distance by which to sort.
func (b *builder) distanceKey(f SchemaField, s Sort) (string, error) {
	distance, err := b.distance(*s.Center)
	if err != nil {
		return "", err
	}
	functions := map[SortMode]string{"": "MIN", SortNearest: "MIN", SortFarthest: "MAX", SortAverage: "AVG"}
	if function, ok := functions[s.Mode]; ok {
		return b.extreme(function, distance, "field_points", f), nil
	}
	if s.Mode != SortMedian {
		return "", fault.New(fault.Invalid, "Sort mode must be min, max, median or avg: "+f.Name)
	}
	return fmt.Sprintf(`(
		SELECT AVG(m.far)
		FROM (
			SELECT p.far, ROW_NUMBER() OVER (ORDER BY p.far) AS nth, COUNT(*) OVER () AS many
			FROM (SELECT %s AS far FROM field_points x WHERE x.document = %s AND x.slot = %d) p) m
		WHERE m.nth IN ((m.many + 1) / 2, (m.many + 2) / 2))`, distance, b.doc, f.slot), nil
}
