package appsearch

import (
	"maps"
	"slices"

	"latchkey/db/engine"
)

// facetAsked is one facet of a search; the answer repeats the bounds of its ranges as they came.
type facetAsked struct {
	field  string
	ranges []map[string]any
}

// readFacets reads what to count about all documents found. One facet may stand without its list.
//
//	{"states":[{"type":"value","name":"top","sort":{"count":"desc"},"size":5}]}
func (a *asked) readFacets(v any) error {
	fields, ok := objectOf(v)
	if !ok {
		return invalid("Facets must be an object")
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		list, ok := listOf(fields[field])
		if !ok || len(list) == 0 {
			return invalid("Facets contains invalid facet for field: " + shorten(field))
		}
		for _, one := range list {
			members, ok := one.(map[string]any)
			if !ok {
				return invalid("Facets contains invalid facet for field: " + shorten(field))
			}
			if err := a.readFacet(field, members); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *asked) readFacet(field string, members map[string]any) error {
	f := engine.Facet{Field: field}
	remember := facetAsked{field: field}
	if err := only("Facets", members, "type", "name", "sort", "size", "ranges", "center", "unit"); err != nil {
		return err
	}
	if v := members["name"]; v != nil {
		var ok bool
		if f.Name, ok = v.(string); !ok {
			return invalid("Facets name must be a string: " + shorten(field))
		}
	}
	var err error
	switch members["type"] {
	case "value":
		f.Type = engine.FacetValue
		err = readValueFacet(&f, members)
	case "range":
		f.Type = engine.FacetRange
		remember.ranges, err = readRangeFacet(&f, members)
	default:
		err = invalid("Facets type must be value or range: " + shorten(field))
	}
	a.query.Facets, a.facets = append(a.query.Facets, f), append(a.facets, remember)
	return err
}

func readValueFacet(f *engine.Facet, members map[string]any) error {
	if err := only("Facets", members, "type", "name", "sort", "size"); err != nil {
		return err
	}
	if v := members["size"]; v != nil {
		var ok bool
		if f.Size, ok = wholeOf(v); !ok || f.Size < 1 || f.Size > engine.MaxFacetValues {
			return invalid("Facets size must be between 1 and 250: " + shorten(f.Field))
		}
	}
	if members["sort"] == nil {
		return nil
	}
	by, ok := objectOf(members["sort"])
	if !ok || len(by) > 1 {
		return invalid("Facets sort must be count or value: " + shorten(f.Field))
	}
	for name, direction := range by {
		f.ByValue, f.Asc = name == "value", direction == "asc"
		if name != "value" && name != "count" || direction != "asc" && direction != "desc" {
			return invalid("Facets sort must be count or value, asc or desc: " + shorten(f.Field))
		}
	}
	return nil
}

// readRangeFacet reads a facet that counts by ranges, and gives them as they came.
//
//	{"type":"range","ranges":[{"from":1,"to":9,"name":"x"}]}, for geolocation with "center" and "unit"
func readRangeFacet(f *engine.Facet, members map[string]any) ([]map[string]any, error) {
	if err := only("Facets", members, "type", "name", "ranges", "center", "unit"); err != nil {
		return nil, err
	}
	if members["center"] != nil {
		p, err := readPoint("Facets", f.Field, members["center"])
		if err != nil {
			return nil, err
		}
		f.Center = &p
	}
	unit, err := readUnit("Facets", members["unit"])
	if err != nil {
		return nil, err
	}
	list, ok := listOf(members["ranges"])
	if !ok || len(list) == 0 || len(list) > engine.MaxFacetValues {
		return nil, invalid("Facets ranges must be a list of 1 to 250 ranges: " + shorten(f.Field))
	}
	given := make([]map[string]any, len(list))
	for i, v := range list {
		if given[i], ok = v.(map[string]any); !ok {
			return nil, invalid("Facets ranges must be objects: " + shorten(f.Field))
		}
		one, err := readFacetRange(f, given[i], unit)
		if err != nil {
			return nil, err
		}
		f.Ranges = append(f.Ranges, one)
	}
	return given, nil
}

func readFacetRange(f *engine.Facet, members map[string]any, unit float64) (engine.FacetRangeOption, error) {
	var r engine.FacetRangeOption
	if err := only("Facets", members, "from", "to", "name"); err != nil {
		return r, err
	}
	name, isText := members["name"].(string)
	if members["name"] != nil && !isText || members["from"] == nil && members["to"] == nil {
		return r, invalid("Facets contains invalid range for field: " + shorten(f.Field))
	}
	r.Name = name
	var err error
	if r.From, err = bound(f, members["from"], unit); err != nil {
		return r, err
	}
	r.To, err = bound(f, members["to"], unit)
	return r, err
}

// bound reads one end of a range; of places it is a distance.
func bound(f *engine.Facet, v any, unit float64) (engine.Value, error) {
	if v == nil {
		return engine.Value{}, nil
	}
	if f.Center != nil {
		n, ok := lengthOf(v, unit)
		if !ok {
			return engine.Value{}, invalid("Facets contains invalid distance for field: " + shorten(f.Field))
		}
		return engine.NumberValue(n), nil
	}
	switch v.(type) {
	case []any, map[string]any:
		return engine.Value{}, invalid("Facets contains invalid range for field: " + shorten(f.Field))
	}
	return engine.ValueOf(v)
}

// facetsOf writes what was counted, by field.
//
//	{"license":[{"type":"value","name":"n","data":[{"value":"MIT","count":101}]}]}
func facetsOf(r engine.Results, asked []facetAsked) object {
	var o object
	for i, f := range r.Facets {
		one := object{{"type", string(f.Type)}}
		if f.Name != "" {
			one = append(one, member{"name", f.Name})
		}
		data := make([]object, len(f.Data))
		for j, b := range f.Data {
			data[j] = bucketOf(b, asked[i].ranges, j)
		}
		one = append(one, member{"data", data})
		if last := len(o) - 1; last >= 0 && o[last].name == asked[i].field {
			o[last].value = append(o[last].value.([]object), one)
		} else {
			o = append(o, member{asked[i].field, []object{one}})
		}
	}
	return o
}

// bucketOf writes one line: a value, or a range with the bounds as they were asked for.
func bucketOf(b engine.Bucket, ranges []map[string]any, i int) object {
	if ranges == nil {
		return object{{"value", b.Value}, {"count", b.Count}}
	}
	var o object
	for _, name := range []string{"from", "to", "name"} {
		if v := ranges[i][name]; v != nil {
			o = append(o, member{name, v})
		}
	}
	return append(o, member{"count", b.Count})
}
