package lupa

import (
	"slices"
	"strconv"

	"latchkey/db/engine"
)

// found is the answer of a public query (Lupa, "Public Queries").
//
//	{"searchText":"…","total":2025,"items":[{"title":"…"}],"limit":10,"offset":5,"facets":[…]}
type found struct {
	SearchText string       `json:"searchText"`
	Total      int64        `json:"total"`
	Items      []item       `json:"items"`
	Limit      int          `json:"limit"`
	Offset     int          `json:"offset"`
	Facets     []facetFound `json:"facets,omitempty"`
}

// item is a document as far as it is shown; id always is.
type item map[string]engine.Value

// facetFound is the answer to a facet (ibidem): items with type terms, min and max with type stats.
//
//	{"type":"terms","key":"category","label":"Category","items":[{"title":"shoes","count":3}]}
type facetFound struct {
	Type  string        `json:"type"`
	Key   string        `json:"key"`
	Label string        `json:"label"`
	Items *[]facetItem  `json:"items,omitempty"`
	Min   *engine.Value `json:"min,omitempty"`
	Max   *engine.Value `json:"max,omitempty"`
}

type facetItem struct {
	Title string `json:"title"`
	Count int64  `json:"count"`
}

func (c configuration) found(r searchRequest, q engine.Query, results engine.Results) found {
	out := found{SearchText: r.text, Total: results.Total, Items: make([]item, len(results.Hits)), Limit: q.Size, Offset: q.Offset}
	fields := c.shown(r)
	for i, hit := range results.Hits {
		out.Items[i] = itemOf(hit.Document, fields)
	}
	if !r.noFacets {
		out.Facets = c.facetsFound(results)
	}
	return out
}

// shown gives the fields to show; nil means all.
func (c configuration) shown(r searchRequest) []string {
	for _, fields := range [][]string{r.fields, c.selected, c.onDemand} {
		if len(fields) > 0 {
			return fields
		}
	}
	return nil
}

func itemOf(d engine.Document, fields []string) item {
	out := item{"id": engine.TextValue(d.ID)}
	for _, f := range d.Fields {
		if fields == nil || slices.Contains(fields, f.Name) {
			out[f.Name] = f.Value
		}
	}
	return out
}

// counts gives the facets to ask for. Each is named by its place among those of the configuration.
func (c configuration) counts(here func(string) bool) []engine.Facet {
	var list []engine.Facet
	for i, f := range c.facets {
		if f.key != "id" && here(f.key) {
			list = append(list, engine.Facet{Field: f.key, Type: facetTypes[f.kind], Name: strconv.Itoa(i), Size: f.size})
		}
	}
	return list
}

func (c configuration) facetsFound(results engine.Results) []facetFound {
	list := make([]facetFound, len(c.facets))
	for i, f := range c.facets {
		list[i] = facetFound{Type: f.kind, Key: f.key, Label: f.label}
		if f.label == "" {
			list[i].Label = f.key
		}
		at := slices.IndexFunc(results.Facets, func(r engine.FacetResult) bool { return r.Name == strconv.Itoa(i) })
		var r engine.FacetResult
		if at >= 0 {
			r = results.Facets[at]
		}
		list[i].Min, list[i].Max = r.Min, r.Max
		if facetTypes[f.kind] == engine.FacetValue {
			items := make([]facetItem, len(r.Data))
			for n, b := range r.Data {
				items[n] = facetItem{Title: b.Value.String(), Count: b.Count}
			}
			list[i].Items = &items
		}
	}
	return list
}
