package appsearch

import (
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"

	"latchkey/db/engine"
)

// asked is one search: what to ask the engine, and what the answer repeats.
type asked struct {
	query     engine.Query
	page      page
	precision int // 0 where nothing is said
	facets    []facetAsked
	tags      []string // under which the search is counted
	record    bool     // whether it is counted at all
}

// The limits of a search, and what holds where it says nothing.
const (
	maxQuery         = 128 // characters
	maxPage          = 100
	maxResults       = 10_000 // that can be reached by paging
	defaultSize      = 10
	defaultPrecision = 2
	maxTags          = 16
	maxTag           = 64 // characters
)

// option is one of the members that a search can have.
type option struct {
	name string
	read func(a *asked, v any) error
}

// options lists them in the order in which they are checked. query must be there and is looked for first.
func options() []option {
	return []option{
		{"query", (*asked).readQuery},
		{"page", (*asked).readPage},
		{"search_fields", (*asked).readSearchFields},
		{"result_fields", (*asked).readResultFields},
		{"filters", (*asked).readFilter},
		{"facets", (*asked).readFacets},
		{"sort", (*asked).readSort},
		{"precision", (*asked).readPrecision},
		{"analytics", (*asked).readAnalytics},
		{"record_analytics", (*asked).readRecordAnalytics},
		{"boosts", (*asked).readBoosts},
		{"group", (*asked).readGrouping},
	}
}

func optionNames() []string {
	list := options()
	names := make([]string, len(list))
	for i, o := range list {
		names[i] = o.name
	}
	return names
}

// Query reads the options of a search, as they stand in JSON, under those that a signed search key imposes: for showing
// elsewhere what a client would get.
func Query(options map[string]any, enforced map[string]json.RawMessage) (engine.Query, error) {
	a, err := readSearch(options, enforced)
	return a.query, err
}

// readSearch reads the options of a search, under those that a signed search key imposes. Members of given that are no
// options have been refused or are unrelated parameters, and are passed over.
func readSearch(given map[string]any, enforced map[string]json.RawMessage) (asked, error) {
	a := asked{page: page{1, defaultSize}, record: true}
	a.query.Size, a.query.Settings = defaultSize, true
	values, filter, err := enforce(given, enforced)
	if err != nil {
		return asked{}, err
	}
	a.query.Enforced = filter
	if values["query"] == nil {
		return asked{}, missing("query")
	}
	for _, o := range options() {
		if v := values[o.name]; v != nil {
			if err := o.read(&a, v); err != nil {
				return asked{}, err
			}
		}
	}
	return a, a.discreet(given, enforced)
}

func (a *asked) readQuery(v any) error {
	text, ok := v.(string)
	switch {
	case !ok:
		return invalid("Query must be a string")
	case utf8.RuneCountInString(text) > maxQuery:
		return invalid("Query must be at most 128 characters")
	}
	a.query.Text = text
	return nil
}

func (a *asked) readPage(v any) error {
	p, err := readPage(v, a.page)
	switch {
	case err != nil:
		return err
	case p.current < 1 || p.current > maxPage:
		return invalid("Page current must be between 1 and 100")
	case p.size < 0 || p.size > maxListSize:
		return invalid("Page size must be between 0 and 1000")
	case p.current*p.size > maxResults:
		return invalid("Page must not reach beyond the first 10000 results")
	}
	a.page, a.query.Page, a.query.Size = p, p.current, p.size
	return nil
}

// readSearchFields reads where to search. Nothing means everywhere.
//
//	{"title":{"weight":10}}
func (a *asked) readSearchFields(v any) error {
	fields, ok := objectOf(v)
	if !ok {
		return invalid("Search fields must be an object")
	}
	if len(fields) == 0 {
		return nil
	}
	a.query.SearchFields = make(map[string]float64, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field, ok := objectOf(fields[name])
		if !ok {
			return invalid("Search fields contains invalid option for field: " + shorten(name))
		}
		if err := only("Search fields", field, "weight"); err != nil {
			return err
		}
		weight := 1.0
		if v := field["weight"]; v != nil {
			if weight, ok = numberOf(v); !ok || weight < 1 || weight > 10 {
				return invalid("Search fields weight must be between 1 and 10: " + shorten(name))
			}
		}
		a.query.SearchFields[name] = weight
	}
	return nil
}

// readResultFields reads what to show. Nothing means everything; a field without a form is shown raw.
//
//	{"title":{"raw":{"size":100},"snippet":{"size":50,"fallback":true}}}
func (a *asked) readResultFields(v any) error {
	fields, ok := objectOf(v)
	if !ok {
		return invalid("Result fields must be an object")
	}
	if len(fields) == 0 {
		return nil
	}
	a.query.ResultFields = make(map[string]engine.ResultField, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field, ok := objectOf(fields[name])
		if !ok {
			return invalid("Result fields contains invalid option for field: " + shorten(name))
		}
		var err error
		if a.query.ResultFields[name], err = readResultField(name, field); err != nil {
			return err
		}
	}
	return nil
}

func readResultField(name string, field map[string]any) (engine.ResultField, error) {
	var out engine.ResultField
	if err := only("Result fields", field, "raw", "snippet"); err != nil {
		return out, err
	}
	if len(field) == 0 {
		out.Raw = &engine.RawOption{}
	}
	if v, ok := field["raw"]; ok {
		members, err := formOf(name, v, "size")
		if err != nil {
			return out, err
		}
		size, err := sizeOf(name, members)
		if err != nil {
			return out, err
		}
		out.Raw = &engine.RawOption{Size: size}
	}
	if v, ok := field["snippet"]; ok {
		members, err := formOf(name, v, "size", "fallback")
		if err != nil {
			return out, err
		}
		size, err := sizeOf(name, members)
		if err != nil {
			return out, err
		}
		fallback, ok := truthOf(members["fallback"])
		if members["fallback"] != nil && !ok {
			return out, invalid("Result fields fallback must be true or false: " + shorten(name))
		}
		out.Snippet = &engine.SnippetOption{Size: size, Fallback: fallback}
	}
	return out, nil
}

// formOf reads {"size":…} and the like; null is an empty one.
func formOf(name string, v any, members ...string) (map[string]any, error) {
	form, ok := objectOf(v)
	if v != nil && !ok {
		return nil, invalid("Result fields contains invalid option for field: " + shorten(name))
	}
	return form, only("Result fields", form, members...)
}

func sizeOf(name string, members map[string]any) (int, error) {
	if members["size"] == nil {
		return 0, nil
	}
	size, ok := wholeOf(members["size"])
	if !ok || size < 20 || size > 1000 {
		return 0, invalid("Result fields size must be between 20 and 1000: " + shorten(name))
	}
	return size, nil
}

func (a *asked) readPrecision(v any) error {
	n, ok := wholeOf(v)
	if !ok || n < 1 || n > engine.MaxPrecision {
		return invalid("Precision must be between 1 and 11")
	}
	a.precision = n
	return nil
}

// readAnalytics reads the tags under which a search is counted.
//
//	{"tags":["mobile"]}
func (a *asked) readAnalytics(v any) error {
	members, ok := objectOf(v)
	if !ok {
		return invalid("Analytics must be an object")
	}
	if err := only("Analytics", members, "tags"); err != nil || members["tags"] == nil {
		return err
	}
	var err error
	a.tags, err = tagsOf(members["tags"], "Analytics tags")
	return err
}

// tagsOf reads tags: a list of them, or one.
func tagsOf(v any, where string) ([]string, error) {
	if text, ok := v.(string); ok {
		v = []any{text}
	}
	if v == nil {
		return nil, nil
	}
	tags, ok := textsOf(v)
	if !ok || len(tags) > maxTags {
		return nil, invalid(where + " must be a list of at most 16 tags")
	}
	for _, tag := range tags {
		if utf8.RuneCountInString(tag) > maxTag {
			return nil, invalid(where + " must be at most 64 characters")
		}
	}
	return tags, nil
}

func (a *asked) readRecordAnalytics(v any) error {
	var ok bool
	if a.record, ok = truthOf(v); !ok {
		return invalid("record_analytics must be true or false")
	}
	return nil
}
