package appsearch

import (
	"maps"
	"slices"

	"latchkey/db/engine"
)

func (a *asked) readBoosts(v any) (err error) {
	a.query.Boosts, err = readBoosts(v)
	return err
}

// readBoosts reads the boosts of a search or of search settings: by field, one or a list of them. It looks at no schema.
//
//	{"title":[{"type":"value","value":["a","b"],"operation":"multiply","factor":2}]}
func readBoosts(v any) ([]engine.Boost, error) {
	fields, ok := objectOf(v)
	if !ok {
		return nil, invalid("Boosts must be an object")
	}
	boosts := []engine.Boost{} // said, though it may be that there are none
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		list, ok := listOf(fields[field])
		if !ok {
			return nil, invalid("Boosts contains invalid boost for field: " + shorten(field))
		}
		for _, one := range list {
			members, ok := one.(map[string]any)
			if !ok {
				return nil, invalid("Boosts contains invalid boost for field: " + shorten(field))
			}
			b, err := readBoost(field, members)
			if err != nil {
				return nil, err
			}
			boosts = append(boosts, b)
		}
	}
	return boosts, nil
}

// readBoost reads one boost.
//
//	{"type":"value","value":"true"}, {"type":"functional","function":"logarithmic"},
//	{"type":"proximity","function":"gaussian","center":"37.4,-122.1"}; all with "operation" and "factor"
func readBoost(field string, members map[string]any) (engine.Boost, error) {
	b := engine.Boost{Field: field, Factor: 1}
	var err error
	switch members["type"] {
	case "value":
		b.Type = engine.BoostValue
		b.Values, err = readBoostValues(field, members)
	case "functional":
		b.Type = engine.BoostFunctional
		err = only("Boosts", members, "type", "function", "operation", "factor")
	case "proximity":
		b.Type = engine.BoostProximity
		err = readCenter(&b, members)
	default:
		err = invalid("Boosts type must be value, functional or proximity: " + shorten(field))
	}
	if err != nil {
		return b, err
	}
	if v := members["operation"]; v != nil {
		text, ok := v.(string)
		if b.Operation = engine.BoostOperation(text); !ok || b.Operation != engine.BoostAdd && b.Operation != engine.BoostMultiply {
			return b, invalid("Boosts operation must be add or multiply: " + shorten(field))
		}
	}
	function, ok := members["function"].(string)
	if !ok && members["function"] != nil {
		return b, invalid("Boosts contains invalid function for field: " + shorten(field))
	}
	b.Function = engine.BoostFunction(function)
	if v := members["factor"]; v != nil {
		if b.Factor, ok = numberOf(v); !ok || b.Factor < -engine.MaxFactor || b.Factor > engine.MaxFactor {
			return b, invalid("Boosts factor must be between -10 and 10: " + shorten(field))
		}
	}
	return b, nil
}

func readBoostValues(field string, members map[string]any) ([]engine.Value, error) {
	if err := only("Boosts", members, "type", "value", "operation", "factor"); err != nil {
		return nil, err
	}
	list, ok := members["value"].([]any)
	if !ok {
		list = []any{members["value"]}
	}
	values := make([]engine.Value, len(list))
	for i, v := range list {
		switch v.(type) {
		case nil, []any, map[string]any:
			return nil, invalid("Boosts contains invalid value for field: " + shorten(field))
		}
		var err error
		if values[i], err = engine.ValueOf(v); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// readCenter reads the center of a proximity boost: a number, a date, "now", or a place.
func readCenter(b *engine.Boost, members map[string]any) error {
	if err := only("Boosts", members, "type", "function", "center", "operation", "factor"); err != nil {
		return err
	}
	center, err := engine.ValueOf(members["center"])
	if err != nil {
		return invalid("Boosts contains invalid center for field: " + shorten(b.Field))
	}
	switch p, isPlace := engine.ParsePoint(center); {
	case isPlace:
		b.Place = &p
	case members["center"] == "now":
		b.Now = true
	default:
		b.Center = center
	}
	return nil
}
