package appsearch

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/analytics"
	"latchkey/web"
)

const analyticsSize = 10 // rows on one page, if nothing is said

// countedAnswer is a list of analytics. Its size is how many rows it has.
//
//	{"meta":{"page":{"size":0,"current":1}},"results":[]}
type countedAnswer[T any] struct {
	Meta    countedMeta `json:"meta"`
	Results []T         `json:"results"`
}

type countedMeta struct {
	Page countedPage `json:"page"`
}

type countedPage struct {
	Size    int `json:"size"`
	Current int `json:"current"`
}

func counted[T any](p page, rows []T) countedAnswer[T] {
	return countedAnswer[T]{countedMeta{countedPage{len(rows), p.current}}, rows}
}

// clicksWire and queriesWire are rows.
//
//	{"document_id":"p1","clicks":3}
//	{"term":"lamp","clicks":2,"queries":9}
type clicksWire struct {
	Document string `json:"document_id"`
	Clicks   int64  `json:"clicks"`
}

type queriesWire struct {
	Term    string `json:"term"`
	Clicks  int64  `json:"clicks"`
	Queries int64  `json:"queries"`
}

func (d *dialect) topClicks(c echo.Context) error {
	a := asking(c)
	f, p, err := readCounted(c, "query", "filters", "page")
	if err != nil {
		return err
	}
	list, err := d.Analytics.TopDocuments(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), f, p.rows())
	if err != nil {
		return err
	}
	rows := make([]clicksWire, len(list))
	for i, row := range list {
		rows[i] = clicksWire{row.Document, row.Clicks}
	}
	return answer(c, counted(p, rows))
}

func (d *dialect) topQueries(c echo.Context) error {
	a := asking(c)
	f, p, err := readCounted(c, "filters", "page")
	if err != nil {
		return err
	}
	list, err := d.Analytics.TopTerms(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), f, p.rows())
	if err != nil {
		return err
	}
	rows := make([]queriesWire, len(list))
	for i, row := range list {
		rows[i] = queriesWire{row.Term, row.Clicks, row.Searches}
	}
	return answer(c, counted(p, rows))
}

// countsAnswer counts by pieces of time.
//
//	{"results":[{"clicks":0,"queries":0,"from":"2020-10-29T15:30:47Z","to":"2020-10-30T00:00:00+00:00"}, … ]}
type countsAnswer struct {
	Results []countsWire `json:"results"`
}

type countsWire struct {
	Clicks  int64  `json:"clicks"`
	Queries int64  `json:"queries"`
	From    string `json:"from"`
	To      string `json:"to"`
}

func (d *dialect) counts(c echo.Context) error {
	a := asking(c)
	params, err := readOnly(c, "filters", "interval")
	if err != nil {
		return err
	}
	f, err := readCountedFilters(params.values["filters"])
	if err != nil {
		return err
	}
	by := analytics.Daily
	switch params.values["interval"] {
	case nil, "day":
	case "hour":
		by = analytics.Hourly
	default:
		return invalid("Interval must be hour or day")
	}
	list, err := d.Analytics.Counts(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), f, by)
	if err != nil {
		return err
	}
	out := countsAnswer{make([]countsWire, len(list))}
	for i, b := range list {
		out.Results[i] = countsWire{b.Clicks, b.Searches, border(b.From, by), border(b.To, by)}
	}
	return answer(c, out)
}

// border writes a moment: one where an interval begins with its zone in digits, another with a letter.
func border(t time.Time, by analytics.Interval) string {
	if t = t.UTC(); t.Truncate(time.Duration(by)).Equal(t) {
		return t.Format("2006-01-02T15:04:05") + "+00:00"
	}
	return t.Format(time.RFC3339)
}

// rows is the page as a part of a list.
func (p page) rows() analytics.Page { return analytics.Page{Offset: p.offset(), Limit: p.size} }

// readCounted reads what the two lists have in common. Only that of clicks has a query beside its filters.
func readCounted(c echo.Context, options ...string) (f analytics.Filter, p page, err error) {
	params, err := readOnly(c, options...)
	if err != nil {
		return f, p, err
	}
	if f, err = readCountedFilters(params.values["filters"]); err != nil {
		return f, p, err
	}
	if slices.Contains(options, "query") && params.values["query"] != nil {
		query, err := params.text("query")
		if err != nil {
			return f, p, err
		}
		f.Query = query
	}
	p, err = params.listPage(analyticsSize)
	return f, p, err
}

// readCountedFilters reads the filters of analytics. Several hold together, in one object or as a list under all.
//
//	{"tag":"web"} {"all":[{"tag":["web","mobile"]},{"date":{"from":"…","to":"…"}},{"results":true}]}
func readCountedFilters(v any) (analytics.Filter, error) {
	r := filterReader{}
	err := r.read(v, 0)
	return r.f, err
}

type filterReader struct{ f analytics.Filter }

const maxFilterDepth = 5

func (r *filterReader) read(v any, depth int) error {
	members, ok := objectOf(v)
	if v != nil && !ok || depth > maxFilterDepth {
		return errFilters
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := r.one(name, members[name], depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *filterReader) one(name string, v any, depth int) (err error) {
	switch name {
	case "all":
		list, ok := listOf(v)
		if !ok {
			return invalid("Filters all must be a list")
		}
		for _, v := range list {
			if err := r.read(v, depth+1); err != nil {
				return err
			}
		}
		return nil
	case "tag":
		return r.tag(v)
	case "query":
		return once(&r.f.Query, v, name)
	case "document_id":
		return once(&r.f.Document, v, name)
	case "results":
		return either(&r.f.Found, v, name)
	case "clicks":
		return either(&r.f.Clicked, v, name)
	case "date":
		from, to, err := readDates(v)
		if err != nil {
			return err
		}
		if from.After(r.f.From) {
			r.f.From = from
		}
		if !to.IsZero() && (r.f.To.IsZero() || to.Before(r.f.To)) {
			r.f.To = to
		}
		return nil
	}
	return invalidKey("Filters", name)
}

func (r *filterReader) tag(v any) error {
	if text, ok := v.(string); ok {
		v = []any{text}
	}
	tags, ok := textsOf(v)
	if !ok || len(tags) == 0 {
		return invalid("Filters tag must be a tag or a list of tags")
	}
	r.f.Tags = append(r.f.Tags, tags)
	return nil
}

// once reads a text that must not be given twice.
func once(into **string, v any, name string) error {
	texts, ok := textsOf([]any{v})
	if !ok || *into != nil && **into != texts[0] {
		return invalid("Filters " + name + " must be one text")
	}
	*into = &texts[0]
	return nil
}

func either(into **bool, v any, name string) error {
	truth, ok := truthOf(v)
	if !ok || *into != nil && **into != truth {
		return invalid("Filters " + name + " must be true or false")
	}
	*into = &truth
	return nil
}

// readDates reads a time, of which either end may be missing.
//
//	{"from":"2018-07-05T12:00:00+00:00","to":"2018-07-12T12:00:00+00:00"}
func readDates(v any) (from, to time.Time, err error) {
	members, ok := objectOf(v)
	if !ok {
		return from, to, invalid("Filters date must be an object with from and to")
	}
	if err := only("Filters date", members, "from", "to"); err != nil {
		return from, to, err
	}
	for name, into := range map[string]*time.Time{"from": &from, "to": &to} {
		if members[name] == nil {
			continue
		}
		if *into, ok = momentOf(members[name]); !ok {
			return from, to, invalid("Filters date must have from and to as dates in RFC 3339")
		}
	}
	return from, to, nil
}

var momentForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02"}

// momentOf reads a date. A plus in a query string that was not escaped has become a space.
func momentOf(v any) (time.Time, bool) {
	text, _ := v.(string)
	for _, form := range momentForms {
		if at, err := time.Parse(form, strings.Replace(text, " ", "+", 1)); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
