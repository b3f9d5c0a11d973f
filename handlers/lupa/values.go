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

// empty reports whether a value says nothing: null, or empty.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// off reports whether the value of an option asks for nothing: it is empty, false, or an object that says it is not
// enabled. It is not for what could be an object of fields: one of them may be called "enabled".
func off(v any) bool {
	m, _ := v.(map[string]any)
	return empty(v) || v == false || m["enabled"] == false
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
	if empty(v) {
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

// readFilters reads conditions of which all must hold (Lupa, "Query Configuration" and "Public Queries"). void names
// those that lack a value, wholly or in part, which an empty text does too; null and empty objects and lists are left out.
//
//	{"category":["shoes","boots"],"price":{"gte":10,"lt":20}}
func readFilters(at string, v any) (filters []engine.Filter, void []string, err error) {
	if empty(v) {
		return nil, nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, nil, wrong(at, "must be an object of conditions by field.")
	}
	if len(m) > engine.MaxFilters {
		return nil, nil, wrong(at, "can have at most "+strconv.Itoa(engine.MaxFilters)+" conditions.")
	}
	for _, field := range slices.Sorted(maps.Keys(m)) {
		f, whole, err := readFilter(at+"."+field, field, m[field])
		if err != nil {
			return nil, nil, err
		}
		if !whole {
			void = append(void, at+"."+field)
		}
		if f.Values != nil || f.Range != nil {
			filters = append(filters, f)
		}
	}
	return filters, void, nil
}

// readStoredFilters is readFilters for what decides over which documents are public: a condition that is left out would
// open what it was to keep.
func readStoredFilters(at string, v any) ([]engine.Filter, error) {
	filters, void, err := readFilters(at, v)
	if err == nil && len(void) > 0 {
		return nil, wrong(void[0], "has no value. Leave the condition out, or say what it must be.")
	}
	return filters, err
}

func readFilter(at, field string, v any) (f engine.Filter, whole bool, err error) {
	f.Field = field
	if m, ok := v.(map[string]any); ok {
		f.Range, whole, err = readRange(at, m)
		return f, whole, err
	}
	terms, ok := v.([]any)
	if !ok {
		terms = []any{v}
	}
	if len(terms) > engine.MaxValues {
		return f, false, wrong(at, "can have at most "+strconv.Itoa(engine.MaxValues)+" values.")
	}
	whole = len(terms) > 0
	for _, term := range terms {
		value, err := readValue(at, term)
		if err != nil {
			return f, false, err
		}
		whole = whole && value.String() != ""
		if value.Kind() != engine.Null {
			f.Values = append(f.Values, value)
		}
	}
	return f, whole, nil
}

func readValue(at string, v any) (engine.Value, error) {
	value, err := engine.ValueOf(v)
	if err != nil || value.Kind() == engine.Array {
		return engine.Value{}, wrong(at, "must be strings, numbers or booleans.")
	}
	return value, nil
}

// readRange reads bounds. Without any there is no range.
func readRange(at string, m map[string]any) (r *engine.Range, whole bool, err error) {
	whole = len(m) > 0
	var read engine.Range
	bounds := map[string]*engine.Value{"gte": &read.From, "lt": &read.To, "gt": &read.Gt, "lte": &read.Lte}
	for name, v := range m {
		bound, ok := bounds[name]
		if name == "level" || name == "terms" {
			return nil, false, wrong(at, "is a filter on a hierarchy, which is not supported.")
		}
		if !ok {
			return nil, false, wrong(at, "can have gt, gte, lt and lte, not "+fault.Quote(name)+".")
		}
		value, err := readValue(at+"."+name, v)
		if err != nil {
			return nil, false, err
		}
		whole = whole && value.String() != ""
		if value.Kind() != engine.Null {
			*bound, r = value, &read
		}
	}
	return r, whole, nil
}

// readSorts reads an order (Lupa, "Query Configuration"). Relevance is called _relevance.
//
//	[{"price":"asc"},{"title":"desc"}]
func readSorts(at string, v any) ([]engine.Sort, error) {
	if empty(v) {
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
