package importer

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"latchkey/db/engine"
)

// reach is how far one search of the source goes.
type reach struct {
	page    int // results on a page
	results int // results in all
	worth   int // documents that the values of a facet must hold together to be worth so many searches
}

// appSearchReach gives that of App Search.
func appSearchReach() reach { return reach{page: 1000, results: 10_000, worth: 1000} }

const (
	facetSize = 250 // values of a facet
	maxWheres = 28  // conditions of one search; App Search takes 32
)

// object is a JSON object.
type object = map[string]any

// whole is a search's answer as far as it is needed: ids, the values of the field it goes along, and facets.
type whole struct {
	Meta struct {
		Page *struct {
			Total int64 `json:"total_results"`
		} `json:"page"`
	} `json:"meta"`
	Results []map[string]struct {
		Raw any `json:"raw"`
	} `json:"results"`
	Facets map[string][]struct {
		Data []struct {
			Value any   `json:"value"`
			Count int64 `json:"count"`
		} `json:"data"`
	} `json:"facets"`
}

// search looks for the documents that the list did not reach. A search ends at 10,000 results, so the engine is cut: along
// a number or date field from the lowest value on, each search beginning where the one before it ended; or by the values
// of a text field. The documents without the field are cut along the next one.
func (d *documents) search(ctx context.Context) error {
	d.Say("  %s: the list ends before the last document; searching for the others", d.source.tidy(d.name))
	var fields engine.Schema
	for _, kinds := range [][]engine.Type{{engine.TypeNumber, engine.TypeDate}, {engine.TypeText}} {
		for _, f := range d.schema {
			if slices.Contains(kinds, f.Type) {
				fields = append(fields, f)
			}
		}
	}
	if i := slices.IndexFunc(fields, func(f engine.SchemaField) bool { return f.Name == d.at.Field }); i > 0 {
		fields[0], fields[i] = fields[i], fields[0] // the field that an earlier run went along first
	}
	return d.cut(ctx, nil, fields)
}

// cut takes the documents that meet some conditions.
func (d *documents) cut(ctx context.Context, where []any, fields engine.Schema) error {
	if missing, err := d.missing(ctx); err != nil || missing <= 0 {
		return err
	}
	first, err := d.find(ctx, where, object{"page": object{"size": 1, "current": 1}, "result_fields": idOnly("id")})
	if err != nil {
		return err
	}
	if first.Meta.Page.Total < int64(d.reach.results) || len(fields) == 0 || len(where) >= maxWheres {
		for _, order := range []string{"asc", "desc"} {
			n, _, err := d.window(ctx, where, "id", order)
			if err != nil || n < d.reach.results {
				return err
			}
		}
		return nil
	}
	if fields[0].Type == engine.TypeText {
		return d.byValue(ctx, where, fields)
	}
	return d.alongField(ctx, where, fields)
}

// alongField goes along a number or date field.
func (d *documents) alongField(ctx context.Context, where []any, fields engine.Schema) error {
	f := fields[0]
	var from any = lowest(f.Type)
	top := len(where) == 0
	if top && d.at.Field == f.Name && d.at.From != nil {
		from = d.at.From
	}
	for {
		// Documents with several values are sorted by the lowest, and were taken where that was.
		n, last, err := d.window(ctx, with(where, object{f.Name: object{"from": from}}, object{"none": []any{object{f.Name: object{"to": from}}}}), f.Name, "asc")
		if err != nil {
			return err
		}
		if n < d.reach.results {
			break
		}
		next, ok := least(last)
		if ok && !less(from, next) {
			// One value alone fills a search: the documents with it are cut along the other fields.
			if err := d.cut(ctx, with(where, object{f.Name: next}), fields[1:]); err != nil {
				return err
			}
			next, ok = above(f.Type, next)
		}
		if !ok || !less(from, next) {
			break
		}
		if from = next; top {
			if err := d.save(ctx, position{Field: f.Name, From: from}); err != nil {
				return err
			}
		}
	}
	return d.cut(ctx, with(where, object{"none": []any{object{f.Name: object{"from": lowest(f.Type)}}}}), fields[1:])
}

// byValue goes through the values of a text field, if the most frequent ones hold a good part of the documents.
func (d *documents) byValue(ctx context.Context, where []any, fields engine.Schema) error {
	f := fields[0]
	answer, err := d.find(ctx, where, object{"page": object{"size": 1, "current": 1}, "result_fields": idOnly("id"),
		"facets": object{f.Name: []any{object{"type": "value", "size": facetSize}}}})
	if err != nil {
		return err
	}
	var values []any
	var held int64
	for _, facet := range answer.Facets[f.Name] {
		for _, v := range facet.Data {
			values, held = append(values, v.Value), held+v.Count
		}
	}
	if held < int64(d.reach.worth) {
		return d.cut(ctx, where, fields[1:])
	}
	for _, v := range values {
		if err := d.cut(ctx, with(where, object{f.Name: v}), fields[1:]); err != nil {
			return err
		}
	}
	return d.cut(ctx, with(where, object{"none": []any{object{f.Name: values}}}), fields[1:])
}

// window takes the first results of a search in an order, as far as it reaches. It tells how many there were, and the
// value of the last one's field.
func (d *documents) window(ctx context.Context, where []any, field, order string) (n int, last any, err error) {
	for current := 1; n < d.reach.results; current++ {
		options := object{"page": object{"size": d.reach.page, "current": current}, "result_fields": idOnly("id", field)}
		if field != "id" || !d.unsorted {
			options["sort"] = []any{object{field: order}}
		}
		answer, err := d.find(ctx, where, options)
		if field == "id" && !d.unsorted && says(err, http.StatusBadRequest) {
			d.unsorted = true // this source does not sort by ids
			return d.window(ctx, where, field, order)
		}
		if err != nil {
			return n, last, err
		}
		var ids []string
		for _, result := range answer.Results {
			id, ok := result["id"].Raw.(string)
			if !ok {
				return n, last, errShape
			}
			if ids, last = append(ids, id), result[field].Raw; len(ids) == documentsSize {
				if err := d.fetch(ctx, ids); err != nil {
					return n, last, err
				}
				ids = nil
			}
		}
		if err := d.fetch(ctx, ids); err != nil {
			return n, last, err
		}
		n += len(answer.Results)
		d.tell()
		if len(answer.Results) < d.reach.page {
			break
		}
	}
	return n, last, nil
}

// fetch takes documents by their ids: as they are, which a search need not show.
func (d *documents) fetch(ctx context.Context, ids []string) error {
	ids = slices.DeleteFunc(ids, func(id string) bool {
		_, had := d.seen[d.hash(id)]
		return had
	})
	if len(ids) == 0 {
		return nil
	}
	var docs []engine.Source
	if err := d.source.ask(ctx, question{key: d.PrivateKey, way: []string{"engines", d.name, "documents"}, body: ids}, &docs); err != nil {
		return err
	}
	docs = slices.DeleteFunc(docs, func(doc engine.Source) bool { return doc == nil }) // deleted meanwhile
	_, err := d.take(ctx, docs)
	return err
}

// find searches under some conditions.
func (d *documents) find(ctx context.Context, where []any, options object) (whole, error) {
	options["query"], options["record_analytics"] = "", false
	if len(where) > 0 {
		options["filters"] = object{"all": where}
	}
	var answer whole
	err := d.source.ask(ctx, question{key: d.PrivateKey, method: http.MethodPost, way: []string{"engines", d.name, "search"}, body: options}, &answer)
	if err == nil && answer.Meta.Page == nil {
		err = errShape
	}
	return answer, err
}

func with(where []any, more ...any) []any { return append(slices.Clone(where), more...) }

func idOnly(fields ...string) object {
	o := object{}
	for _, f := range fields {
		o[f] = object{"raw": object{}}
	}
	return o
}

// lowest is what no value of a type lies below.
func lowest(t engine.Type) any {
	if t == engine.TypeDate {
		return "0001-01-01T00:00:00Z"
	}
	return json.Number("-1e300")
}

// least is the value of a field by which a document is sorted: of several the lowest.
func least(v any) (any, bool) {
	list, ok := v.([]any)
	if !ok {
		return v, v != nil
	}
	var low any
	for _, one := range list {
		if low == nil || one != nil && less(one, low) {
			low = one
		}
	}
	return low, low != nil
}

// less compares two values of a number or date field.
func less(a, b any) bool {
	x, okX := amount(a)
	y, okY := amount(b)
	return okX && okY && x < y
}

// amount gives a number, or a date in milliseconds.
func amount(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	case float64:
		return v, true
	case string:
		at, err := time.Parse(time.RFC3339Nano, v)
		return float64(at.UnixMilli()), err == nil
	}
	return 0, false
}

// above is the first value behind one.
func above(t engine.Type, v any) (any, bool) {
	n, ok := amount(v)
	switch {
	case !ok:
		return nil, false
	case t == engine.TypeDate:
		return time.UnixMilli(int64(n) + 1).UTC().Format(time.RFC3339Nano), true
	}
	return json.Number(strconv.FormatFloat(math.Nextafter(n, math.Inf(1)), 'g', -1, 64)), true
}

// whyUnreached tells of documents that no way led to.
func whyUnreached(missing, all int64) string {
	return strconv.FormatInt(missing, 10) + " of " + strconv.FormatInt(all, 10) +
		" documents could not be reached: the source lists and finds no more than 10,000 at once, and no number, date or text field cuts them small enough. If documents were deleted there meanwhile, run the import again."
}
