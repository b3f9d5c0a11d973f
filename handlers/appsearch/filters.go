package appsearch

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"latchkey/db/engine"
)

func (a *asked) readFilter(v any) error {
	f, err := readFilters(v)
	a.query.Filter = f
	return err
}

var errFilters = invalid("Filters must be an object")

// readFilters reads "filters" of a request or of a signed search key. Null and an empty object hold for everything.
func readFilters(v any) (*engine.Filter, error) {
	if v == nil {
		return nil, nil
	}
	f, err := readGroup(v)
	if err != nil {
		return nil, err
	}
	return &f, nil
}

// readGroup reads an object of filters, which must all hold: conditions on fields, and groups.
//
//	{"all":[{"states":"California"},{"none":[{"visitors":{"from":1,"to":5}}]}]}
func readGroup(v any) (engine.Filter, error) {
	var f engine.Filter
	members, ok := objectOf(v)
	if !ok {
		return f, errFilters
	}
	var conditions []engine.Filter
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var err error
		switch name {
		case "all":
			f.All, err = readFilterList(name, members[name])
		case "any":
			f.Any, err = readFilterList(name, members[name])
		case "none":
			f.None, err = readFilterList(name, members[name])
		default:
			var one engine.Filter
			one, err = readCondition(name, members[name])
			conditions = append(conditions, one)
		}
		if err != nil {
			return f, err
		}
	}
	// A Filter has room for one field; the others stand beside it as a group.
	if len(conditions) > 0 {
		first := conditions[0]
		f.Field, f.Values, f.Range, f.Geo = first.Field, first.Values, first.Range, first.Geo
		f.All = append(f.All, conditions[1:]...)
	}
	return f, nil
}

// readFilterList reads a group. An empty one holds for everything, "any" too: the client of browsers leaves {"any":[]}
// where it takes a filter out to count a facet without it.
func readFilterList(name string, v any) ([]engine.Filter, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, invalidFilterList(name)
	}
	filters := make([]engine.Filter, len(list))
	for i, inner := range list {
		var err error
		if filters[i], err = readGroup(inner); err != nil {
			return nil, err
		}
	}
	return filters, nil
}

func invalidFilterList(name string) error {
	return invalid("Filters contains invalid list: " + name)
}

// readCondition reads the condition on one field: a value, a list of values of which one must be there, a range (from
// inclusive, to exclusive), or a place.
func readCondition(field string, v any) (engine.Filter, error) {
	f := engine.Filter{Field: field}
	if field == "" {
		return f, invalid("Filters contains invalid field: ")
	}
	var err error
	switch v := v.(type) {
	case map[string]any:
		if v["center"] != nil {
			f.Geo, err = readGeo(field, v)
		} else {
			f.Range, err = readRange(field, v)
		}
	case []any:
		f.Values, err = readValues(field, v)
	default:
		f.Values, err = readValues(field, []any{v})
	}
	return f, err
}

func readValues(field string, list []any) ([]engine.Value, error) {
	if len(list) == 0 {
		return nil, noValue(field)
	}
	values := make([]engine.Value, len(list))
	for i, v := range list {
		var err error
		if values[i], err = scalar(field, v); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func noValue(field string) error {
	return invalid("Filters contains no value for field: " + shorten(field))
}

// scalar reads a text, a number or a truth.
func scalar(field string, v any) (engine.Value, error) {
	switch v.(type) {
	case nil:
		return engine.Value{}, noValue(field)
	case []any, map[string]any:
		return engine.Value{}, invalid("Filters contains invalid value for field: " + shorten(field))
	}
	return engine.ValueOf(v)
}

// readRange reads a range of which one end may be open.
//
//	{"from":1,"to":5}
func readRange(field string, members map[string]any) (*engine.Range, error) {
	if err := only("Filters", members, "from", "to"); err != nil {
		return nil, err
	}
	if members["from"] == nil && members["to"] == nil {
		return nil, noValue(field)
	}
	var r engine.Range
	var err error
	if v := members["from"]; v != nil {
		if r.From, err = scalar(field, v); err != nil {
			return nil, err
		}
	}
	if v := members["to"]; v != nil {
		if r.To, err = scalar(field, v); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// readGeo reads a ring around a place.
//
//	{"center":"37.4,-122.1","unit":"km","distance":300}, or "from" and "to" instead of "distance"
func readGeo(field string, members map[string]any) (*engine.Geo, error) {
	if err := only("Filters", members, "center", "unit", "distance", "from", "to"); err != nil {
		return nil, err
	}
	center, err := readPoint("Filters", field, members["center"])
	if err != nil {
		return nil, err
	}
	unit, err := readUnit("Filters", members["unit"])
	if err != nil {
		return nil, err
	}
	if members["distance"] == nil && members["from"] == nil && members["to"] == nil {
		return nil, noValue(field)
	}
	g := engine.Geo{Center: center}
	var errDistance, errFrom, errTo error
	g.Distance, errDistance = metresOf(field, members["distance"], unit)
	g.From, errFrom = metresOf(field, members["from"], unit)
	g.To, errTo = metresOf(field, members["to"], unit)
	return &g, cmp.Or(errDistance, errFrom, errTo)
}

func metresOf(field string, v any, unit float64) (*float64, error) {
	if v == nil {
		return nil, nil
	}
	n, ok := lengthOf(v, unit)
	if !ok {
		return nil, invalid("Filters contains invalid distance for field: " + shorten(field))
	}
	return &n, nil
}

// lengthOf gives metres, unless they are too many for a number.
func lengthOf(v any, unit float64) (float64, bool) {
	n, ok := numberOf(v)
	n *= unit
	return n, ok && !math.IsInf(n, 0)
}

func readPoint(where, field string, v any) (engine.Point, error) {
	value, err := engine.ValueOf(v)
	if err == nil {
		if p, ok := engine.ParsePoint(value); ok {
			return p, nil
		}
	}
	return engine.Point{}, invalid(where + " contains invalid center for field: " + shorten(field))
}

// readUnit gives the metres of a unit of length; without one they are metres.
func readUnit(where string, v any) (float64, error) {
	metres := map[any]float64{
		nil: 1, "mm": 0.001, "cm": 0.01, "m": 1, "km": 1000, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344,
	}
	switch v.(type) {
	case nil, string:
		if unit, ok := metres[v]; ok {
			return unit, nil
		}
	}
	return 0, invalid(where + " contains invalid unit: must be mm, cm, m, km, in, ft, yd or mi")
}
