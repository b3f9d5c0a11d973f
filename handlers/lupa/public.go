package lupa

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/web"
)

// searchRequest is what a public query asks for (Lupa, "Public Queries"). What else clients send (userId, sessionId,
// trackTerm, analyticsMetadata) changes nothing here.
//
//	{"searchText":"…","limit":3,"offset":0,"filters":{"price":{"gt":300}},"sort":[{"price":"asc"}],
//	 "selectFields":["title"],"modifiers":{"facets":false}}
type searchRequest struct {
	text                string
	limit, offset       *int
	filters, exclusions []engine.Filter
	sort                []engine.Sort
	fields              []string
	noFacets            bool
}

func readRequest(m map[string]any) (searchRequest, error) {
	var r searchRequest
	bad := fault.Fields{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if err := r.set(key, m[key]); err != nil {
			for field, message := range fault.From(err).Fields {
				bad.Add(field, message)
			}
		}
	}
	return r, bad.Err()
}

func (r *searchRequest) set(key string, v any) (err error) {
	if v == nil {
		return nil
	}
	switch key {
	case "searchText":
		r.text, err = readText(key, v)
	case "limit":
		r.limit = new(int)
		*r.limit, err = readInt(key, v, maxLimit)
	case "offset":
		r.offset = new(int)
		*r.offset, err = readInt(key, v, engine.MaxOffset)
	// What lacks a value is left out: forms send it for "any". That widens no more than the client could anyway, because
	// the stored filters stand apart and must hold as well.
	case "filters":
		r.filters, _, err = readFilters(key, v)
	case "exclusionFilters":
		r.exclusions, _, err = readFilters(key, v)
	case "sort":
		r.sort, err = readSorts(key, v)
	case "selectFields":
		r.fields, err = readNames(key, v)
	case "modifiers":
		m, _ := v.(map[string]any)
		r.noFacets = m["facets"] == false || m["facets"] == "false"
	}
	return err
}

// allow refuses what the configuration does not open to the public.
func (c configuration) allow(r searchRequest) error {
	shown := slices.Concat(c.selected, c.onDemand)
	for _, name := range r.fields {
		if len(shown) > 0 && name != "id" && !slices.Contains(shown, name) {
			return wrong("selectFields", "names a field that this query does not show: "+fault.Quote(name)+".")
		}
	}
	for _, f := range slices.Concat(r.filters, r.exclusions) {
		if !slices.Contains(c.filterable, f.Field) {
			return wrong("filters", "names a field that this query does not filter by: "+fault.Quote(f.Field)+".")
		}
	}
	for _, s := range r.sort {
		if len(shown) > 0 && !slices.Contains(shown, s.Field) && !c.orders(s.Field) {
			return wrong("sort", "names a field that this query does not sort by: "+fault.Quote(s.Field)+".")
		}
	}
	return nil
}

// orders reports whether sorting by a field tells nothing that the query does not tell anyway.
func (c configuration) orders(field string) bool {
	own := slices.ContainsFunc(c.sort, func(s engine.Sort) bool { return s.Field == field })
	return own || field == "id" || field == engine.ByScore || slices.Contains(c.filterable, field)
}

func (a *api) searchByURL(c echo.Context) error {
	m, err := readParams(c.QueryString())
	if err != nil {
		return err
	}
	return a.search(c, m)
}

func (a *api) searchByBody(c echo.Context) error {
	var m map[string]any
	if err := decode(c, &m); err != nil {
		return err
	}
	return a.search(c, m)
}

func (a *api) search(c echo.Context, m map[string]any) error {
	ctx := c.Request().Context()
	stored, e, place, err := a.Engines.FindPublic(ctx, web.Param(c, "queryKey"))
	if err != nil {
		return err
	}
	cfg, err := readConfiguration(stored.Configuration)
	if err != nil {
		return discreet(stored, err)
	}
	r, err := readRequest(m)
	if err != nil {
		return err
	}
	if err := cfg.allow(r); err != nil {
		return err
	}
	answer, err := a.run(ctx, index{e, place}, cfg, r)
	if err != nil {
		return discreet(stored, err)
	}
	return c.JSON(http.StatusOK, answer)
}

// run searches. The schema is read for nobody in particular; nothing of it is told.
func (a *api) run(ctx context.Context, on index, cfg configuration, r searchRequest) (found, error) {
	schema, err := a.Engines.SchemaOf(ctx, on.ID)
	if err != nil {
		return found{}, err
	}
	q, possible := cfg.query(r, schema)
	if !possible {
		return cfg.found(r, q, engine.Results{}), nil
	}
	results, err := a.Engines.SearchPublic(ctx, on.ID, q)
	if err != nil {
		return found{}, err
	}
	return cfg.found(r, q, results), nil
}

// discreet keeps what is wrong with a configuration from the public, unless the query is in debug mode (Lupa, "Queries").
func discreet(q engine.SearchQuery, err error) error {
	if q.DebugMode || !fault.Is(err, fault.Invalid) {
		return err
	}
	return fault.New(fault.Invalid, "This search cannot be run. Its owner sees why with debugMode.").WithCause(err)
}

// query makes a search of a configuration, a request, and the fields that there are. A field that no document had yet
// is no mistake: it is left out, and if the search depends on it, nothing can be found and possible is false.
func (c configuration) query(r searchRequest, schema engine.Schema) (q engine.Query, possible bool) {
	q = engine.Query{
		Text: r.text, Size: c.limit, Offset: c.offset, Match: c.match, SearchFields: c.searched(schema),
		ResultFields: map[string]engine.ResultField{}, // the items are made of whole documents
	}
	if r.limit != nil {
		q.Size = *r.limit
	}
	if r.offset != nil {
		q.Offset = *r.offset
	}
	here := func(name string) bool {
		_, ok := schema.Type(name)
		return ok || name == "id" || name == engine.ByScore
	}
	q.Enforced, q.Filter = filter(c.filters, c.exclusions, here), filter(r.filters, r.exclusions, here)
	sorts := c.sort
	if r.sort != nil {
		sorts = r.sort
	}
	q.Sort = slices.DeleteFunc(slices.Clone(sorts), func(s engine.Sort) bool { return !here(s.Field) })
	if !r.noFacets {
		q.Facets = c.counts(here)
	}
	searchable := len(q.SearchFields) > 0 || strings.TrimSpace(r.text) == ""
	return q, searchable && q.Enforced != nil && q.Filter != nil
}

// searched gives those of the query fields that can be searched.
func (c configuration) searched(schema engine.Schema) map[string]float64 {
	fields := map[string]float64{}
	for name, weight := range c.fields {
		if t, ok := schema.Type(name); name == "id" || ok && t == engine.TypeText {
			fields[name] = weight
		}
	}
	return fields
}

// filter joins conditions. It is nil if one of them needs a field that there is not.
func filter(must, mustNot []engine.Filter, here func(string) bool) *engine.Filter {
	var f engine.Filter
	for _, one := range must {
		if !here(one.Field) {
			return nil
		}
		f.All = append(f.All, one)
	}
	for _, one := range mustNot {
		if here(one.Field) {
			f.None = append(f.None, one)
		}
	}
	return &f
}
