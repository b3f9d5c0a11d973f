package lupa

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"latchkey/db/fault"
)

// Limits of a query string.
const (
	maxParams = 1000
	maxNested = 5
)

var errParams = fault.New(fault.Invalid, "The query string cannot be read.")

// readParams reads a query string into what JSON would have given: strings, lists and objects. Clients write lists in
// four ways: ids=1&ids=2, ids[]=1, filters[category][]=x and selectFields[0]=id. Objects are written price[gt]=300.
func readParams(raw string) (map[string]any, error) {
	top := &branch{}
	pairs := strings.Split(raw, "&")
	if len(pairs) > maxParams {
		return nil, errParams
	}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		path := split(name)
		if errName != nil || errValue != nil || len(path) > maxNested {
			return nil, errParams
		}
		top.add(path, value)
	}
	m := make(map[string]any, len(top.inner))
	for name, b := range top.inner {
		m[name] = b.any()
	}
	return m, nil
}

// split gives the parts of a name: "filters[price][gt]" has three. A name with crooked brackets is one part.
func split(name string) []string {
	head, rest, ok := strings.Cut(name, "[")
	if !ok || head == "" || !strings.HasSuffix(rest, "]") {
		return []string{name}
	}
	return append([]string{head}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
}

// branch is what was said under one part of a name.
type branch struct {
	values []string
	inner  map[string]*branch
}

func (b *branch) add(path []string, value string) {
	if len(path) == 0 {
		b.values = append(b.values, value)
		return
	}
	if b.inner == nil {
		b.inner = map[string]*branch{}
	}
	next := b.inner[path[0]]
	if next == nil {
		next = &branch{}
		b.inner[path[0]] = next
	}
	next.add(path[1:], value)
}

func (b *branch) any() any {
	if b.inner == nil {
		if len(b.values) == 1 {
			return b.values[0]
		}
		return listOf(b.values)
	}
	if places, ok := b.places(); ok {
		list := listOf(b.values)
		for _, name := range places {
			if part := b.inner[name]; part.inner == nil {
				list = append(list, listOf(part.values)...)
			} else {
				list = append(list, part.any())
			}
		}
		return list
	}
	m := make(map[string]any, len(b.inner))
	for name, part := range b.inner {
		m[name] = part.any()
	}
	return m
}

// places gives the parts of a list in order, if the branch is one: all of them are numbers or nothing.
func (b *branch) places() ([]string, bool) {
	names := make([]string, 0, len(b.inner))
	for name := range b.inner {
		if _, err := strconv.ParseUint(name, 10, 16); err != nil && name != "" {
			return nil, false
		}
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		n, _ := strconv.Atoi(x)
		m, _ := strconv.Atoi(y)
		return n - m
	})
	return names, true
}

func listOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}
