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
	if (f.Type == TypeGeolocation) != (s.Center != nil) {
		return "", fault.New(fault.Invalid, "Sort needs a center for geolocation fields, and for them only: "+f.Name)
	}
	extreme := "MIN"
	if s.Desc {
		extreme = "MAX"
	}
	table, value := "field_values", "x.value"
	if s.Center != nil {
		distance, err := b.distance(*s.Center)
		if err != nil {
			return "", err
		}
		table, value, extreme = "field_points", distance, "MIN"
	}
	return fmt.Sprintf("(SELECT %s(%s) FROM %s x WHERE x.document = %s AND x.slot = %d)", extreme, value, table, b.doc, f.slot), nil
}
