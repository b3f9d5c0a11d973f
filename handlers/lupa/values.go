package lupa

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// The functions here read values that came as JSON or in a query string, where a number is a text. at is how the value
// is called in messages.

func wrong(at, what string) error { return fault.Field(at, at+" "+what) }

// nothing reports whether a value asks for nothing: null, false, empty, or an object that says it is not enabled.
func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0 || v["enabled"] == false
	}
	return false
}

func readInt(at string, v any, most int) (int, error) {
	n, err := strconv.Atoi(fmt.Sprint(v))
	switch v.(type) {
	case json.Number, string:
		if err == nil && n >= 0 && n <= most {
			return n, nil
		}
	}
	return 0, wrong(at, "must be a number from 0 to "+strconv.Itoa(most)+".")
}

// readText reads a text; a number is taken as it is written.
func readText(at string, v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", wrong(at, "must be a string.")
}

// readNames reads a list of fields; a single one needs no list.
func readNames(at string, v any) ([]string, error) {
	if nothing(v) {
		return nil, nil
	}
	if one, ok := v.(string); ok {
		return []string{one}, nil
	}
	list, ok := v.([]any)
	names := make([]string, len(list))
	for i, e := range list {
		name, isText := e.(string)
		ok = ok && isText
		names[i] = name
	}
	if !ok {
		return nil, wrong(at, "must be an array of strings.")
	}
	return names, nil
}

// readFilters reads conditions of which all must hold (Lupa, "Query Configuration" and "Public Queries").
//
//	{"category":["shoes","boots"],"price":{"gte":10,"lt":20}}
func readFilters(at string, v any) ([]engine.Filter, error) {
	if nothing(v) {
		return nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, wrong(at, "must be an object of conditions by field.")
	}
	if len(m) > engine.MaxFilters {
		return nil, wrong(at, "can have at most "+strconv.Itoa(engine.MaxFilters)+" conditions.")
	}
	var filters []engine.Filter
	for _, field := range slices.Sorted(maps.Keys(m)) {
		f, err := readFilter(at+"."+field, field, m[field])
		if err != nil {
			return nil, err
		}
		if f.Values != nil || f.Range != nil {
			filters = append(filters, f)
		}
	}
	return filters, nil
}

func readFilter(at, field string, v any) (engine.Filter, error) {
	if m, ok := v.(map[string]any); ok {
		r, err := readRange(at, m)
		return engine.Filter{Field: field, Range: r}, err
	}
	terms, ok := v.([]any)
	if !ok {
		terms = []any{v}
	}
	if len(terms) > engine.MaxValues {
		return engine.Filter{}, wrong(at, "can have at most "+strconv.Itoa(engine.MaxValues)+" values.")
	}
	f := engine.Filter{Field: field}
	for _, term := range terms {
		value, err := readValue(at, term)
		if err != nil {
			return engine.Filter{}, err
		}
		if value.Kind() != engine.Null {
			f.Values = append(f.Values, value)
		}
	}
	return f, nil
}

func readValue(at string, v any) (engine.Value, error) {
	value, err := engine.ValueOf(v)
	if err != nil || value.Kind() == engine.Array {
		return engine.Value{}, wrong(at, "must be strings, numbers or booleans.")
	}
	return value, nil
}

func readRange(at string, m map[string]any) (*engine.Range, error) {
	if len(m) == 0 {
		return nil, nil
	}
	var r engine.Range
	bounds := map[string]*engine.Value{"gte": &r.From, "lt": &r.To, "gt": &r.Gt, "lte": &r.Lte}
	for name, v := range m {
		bound, ok := bounds[name]
		if name == "level" || name == "terms" {
			return nil, wrong(at, "is a filter on a hierarchy, which is not supported.")
		}
		if !ok {
			return nil, wrong(at, "can have gt, gte, lt and lte, not "+quote(name)+".")
		}
		var err error
		if *bound, err = readValue(at+"."+name, v); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// readSorts reads an order (Lupa, "Query Configuration"). Relevance is called _relevance.
//
//	[{"price":"asc"},{"title":"desc"}]
func readSorts(at string, v any) ([]engine.Sort, error) {
	if nothing(v) {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	if len(list) > engine.MaxSorts {
		return nil, wrong(at, "can have at most "+strconv.Itoa(engine.MaxSorts)+" criteria.")
	}
	sorts := make([]engine.Sort, len(list))
	for i, e := range list {
		m, _ := e.(map[string]any)
		if len(m) != 1 {
			return nil, wrong(at, `must be an array of objects with one field each, such as {"price":"asc"}.`)
		}
		for field, v := range m {
			direction := strings.ToLower(fmt.Sprint(v))
			if direction != "asc" && direction != "desc" {
				return nil, wrong(at+"."+field, "must be asc or desc.")
			}
			sorts[i] = engine.Sort{Field: field, Desc: direction == "desc"}
		}
		if sorts[i].Field == "_relevance" {
			sorts[i].Field = engine.ByScore
		}
	}
	return sorts, nil
}
