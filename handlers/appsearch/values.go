package appsearch

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Parameters come as JSON or, from the query string, as texts. These functions take both and report whether a value is
// what is wanted.

func wholeOf(v any) (int, bool) {
	text, ok := digitsOf(v)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func numberOf(v any) (float64, bool) {
	text, ok := digitsOf(v)
	// strconv alone would also take "inf" and "0x1p4".
	if !ok || strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

func digitsOf(v any) (string, bool) {
	switch v := v.(type) {
	case json.Number:
		return v.String(), true
	case string:
		return v, v != ""
	}
	return "", false
}

func truthOf(v any) (truth, ok bool) {
	switch v {
	case true, "true":
		return true, true
	case false, "false":
		return false, true
	}
	return false, false
}

// objectOf takes empty ones in all the forms in which clients write them: PHP has only one empty array, and a query
// string has no empty object at all.
func objectOf(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		return nil, len(v) == 0
	case string:
		return nil, v == "" || v == "{}"
	}
	return nil, false
}

// listOf takes one object for a list of it, which clients are used to.
func listOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case map[string]any:
		return []any{v}, true
	}
	return nil, false
}

// textsOf takes a list of texts; numbers count as texts, because ids are often written so.
func textsOf(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(list))
	for i, e := range list {
		switch e := e.(type) {
		case string:
			texts[i] = e
		case json.Number:
			texts[i] = e.String()
		default:
			return nil, false
		}
	}
	return texts, true
}

// text gives a parameter that must be a text, and nil where it is not there or null.
func (b bag) text(name string) (*string, error) {
	if b.values[name] == nil {
		return nil, nil
	}
	text, ok := b.values[name].(string)
	if !ok {
		return nil, invalid(name + " must be a text")
	}
	return &text, nil
}

// truth gives a parameter that must be true or false, and nil where it is not there or null.
func (b bag) truth(name string) (*bool, error) {
	if b.values[name] == nil {
		return nil, nil
	}
	truth, ok := truthOf(b.values[name])
	if !ok {
		return nil, invalid(name + " must be true or false")
	}
	return &truth, nil
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// page is one page of a list, counted from 1.
type page struct{ current, size int }

func (p page) offset() int { return (p.current - 1) * p.size }

// readPage reads "page" into what holds where it says nothing.
//
//	"page": {"current": 1, "size": 25}
func readPage(v any, p page) (page, error) {
	if v == nil {
		return p, nil
	}
	members, ok := objectOf(v)
	if !ok {
		return p, invalid("Page must be an object with current and size")
	}
	if err := only("Page", members, "current", "size"); err != nil {
		return p, err
	}
	if v := members["current"]; v != nil {
		if p.current, ok = wholeOf(v); !ok {
			return p, invalid("Page current must be a whole number")
		}
	}
	if v := members["size"]; v != nil {
		if p.size, ok = wholeOf(v); !ok {
			return p, invalid("Page size must be a whole number")
		}
	}
	return p, nil
}

// The limits of lists.
const (
	maxListSize = 1000
	maxListPage = 1_000_000
)

// listPage reads the page of a list.
func (b bag) listPage(size int) (page, error) {
	p, err := readPage(b.values["page"], page{1, size})
	switch {
	case err != nil:
		return p, err
	case p.current < 1 || p.current > maxListPage:
		return p, invalid("Page current must be between 1 and 1000000")
	case p.size < 1:
		return p, invalid("Page size must be at least 1")
	}
	p.size = min(p.size, maxListSize)
	return p, nil
}
