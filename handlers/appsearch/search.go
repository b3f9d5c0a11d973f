package appsearch

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"latchkey/db/analytics"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/web"
)

// searchAnswer is what a search found, as of version 8.1.
//
//	{"meta":{"alerts":[],"warnings":[],"precision":2,"page":{…},"engine":{"name":"shop","type":"default"},
//	"request_id":"…"},"results":[…],"facets":{…}}
type searchAnswer struct {
	Meta    searchMeta `json:"meta"`
	Results []object   `json:"results"`
	Facets  object     `json:"facets,omitempty"`
}

type searchMeta struct {
	Alerts    []string   `json:"alerts"`
	Warnings  []string   `json:"warnings"`
	Precision int        `json:"precision"`
	Page      pageWire   `json:"page"`
	Engine    engineName `json:"engine"`
	RequestID string     `json:"request_id"`
}

type engineName struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func (d *dialect) search(c echo.Context) error {
	params, err := readOnly(c, optionNames()...)
	if err != nil {
		return err
	}
	found, count, err := d.find(c, params.values)
	if err != nil {
		return err
	}
	count()
	return answer(c, found)
}

// find runs one search under what a signed search key imposes. count counts it, once it is sure that it is answered.
func (d *dialect) find(c echo.Context, given map[string]any) (found searchAnswer, count func(), err error) {
	a := asking(c)
	asked, err := readSearch(given, a.who.Enforced)
	if err != nil {
		return searchAnswer{}, nil, err
	}
	r, err := d.Engines.Search(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), asked.query)
	if err != nil {
		return searchAnswer{}, nil, err
	}
	count = func() {
		if asked.record {
			d.Analytics.Searched(r.Engine.ID, analytics.Search{Query: asked.query.Text, Tags: asked.tags, Found: r.Total > 0, Hiding: hiding(c)})
		}
	}
	return searchAnswer{
		Meta: searchMeta{
			Alerts: []string{}, Warnings: []string{}, Precision: cmp.Or(asked.precision, r.Precision, defaultPrecision), Page: asked.page.wire(r.Total),
			Engine: engineName{r.Engine.Name, typeOf(r.Engine)}, RequestID: web.RequestID(c),
		},
		Results: hitsOf(r),
		Facets:  facetsOf(r, asked.facets),
	}, count, nil
}

// maxQueries is how many searches a multi search has at most.
const maxQueries = 10

// multiSearch runs several searches on one engine. One that is wrong refuses all, and the answer tells which.
//
//	400 [{"errors":["…"]},{"errors":[]}]
func (d *dialect) multiSearch(c echo.Context) error {
	queries, err := readQueries(c)
	if err != nil {
		return err
	}
	found := make([]searchAnswer, len(queries))
	counts := make([]func(), len(queries))
	failures := make([]queryFailure, len(queries))
	failed := false
	for i, q := range queries {
		failures[i].Errors = []string{}
		if err = only("Options", q, optionNames()...); err == nil {
			found[i], counts[i], err = d.find(c, q)
		}
		switch {
		case fault.Is(err, fault.Invalid):
			failures[i].Errors, failed = messages(fault.From(err)), true
		case err != nil:
			return err
		}
	}
	if failed {
		return send(c, http.StatusBadRequest, "no-cache", failures)
	}
	for _, count := range counts {
		count()
	}
	return answer(c, found)
}

type queryFailure struct {
	Errors []string `json:"errors"`
}

func readQueries(c echo.Context) ([]map[string]any, error) {
	params, err := readOnly(c, "queries")
	if err != nil {
		return nil, err
	}
	list, ok := listOf(params.values["queries"])
	switch {
	case params.values["queries"] == nil:
		return nil, missing("queries")
	case !ok:
		return nil, invalid("queries must be a list of searches")
	case len(list) == 0 || len(list) > maxQueries:
		return nil, invalid("queries must have 1 to 10 searches")
	}
	queries := make([]map[string]any, len(list))
	for i, v := range list {
		if queries[i], ok = v.(map[string]any); !ok {
			return nil, invalid("queries must be a list of searches")
		}
	}
	return queries, nil
}

// hitsOf writes the documents found, each field in the forms that were asked for.
//
//	{"title":{"raw":"Red lamp"},"_meta":{"id":"p1","engine":"shop","score":1.2},"id":{"raw":"p1"}}
func hitsOf(r engine.Results) []object {
	list := make([]object, len(r.Hits))
	for i, hit := range r.Hits {
		list[i] = hitOf(r, hit)
		if hit.Key == nil {
			continue
		}
		group := make([]object, len(hit.Group))
		for j, other := range hit.Group {
			group[j] = hitOf(r, other)
		}
		list[i] = append(list[i], member{"_group", group}, member{"_group_key", *hit.Key})
	}
	return list
}

func hitOf(r engine.Results, hit engine.Hit) object {
	var o object
	for _, name := range slices.Sorted(maps.Keys(hit.Fields)) {
		if name != "id" {
			o = append(o, member{name, fieldOf(hit.Fields[name], r.ResultFields[name])})
		}
	}
	id := engine.TextValue(hit.ID)
	field := hit.Fields["id"]
	field.Raw = &id // always there
	return append(o,
		member{"_meta", metaOf(r.Engine, hit)},
		member{"id", fieldOf(field, r.ResultFields["id"])})
}

type hitMeta struct {
	ID     string  `json:"id"`
	Engine string  `json:"engine"`
	Score  float64 `json:"score"`
}

// metaOf tells what a document is called, without the engine's name, and in which engine it is.
func metaOf(e engine.Engine, hit engine.Hit) hitMeta {
	m := hitMeta{ID: hit.ID, Engine: e.Name, Score: hit.Score}
	if e.Meta {
		m.Engine, m.ID = engine.SplitID(hit.ID)
	}
	return m
}

// fieldOf writes a field. A snippet that was asked for and has nothing to show is null.
func fieldOf(f engine.FieldResult, asked engine.ResultField) object {
	var o object
	if f.Raw != nil {
		o = append(o, member{"raw", *f.Raw})
	}
	if asked.Snippet != nil {
		o = append(o, member{"snippet", f.Snippet})
	}
	return o
}
