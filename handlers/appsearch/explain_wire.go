package appsearch

import (
	"cmp"

	"latchkey/db/engine"
)

// What follows writes parts of a search as the engine understands them. Lengths are in metres.

// filterWire is a condition: groups that must all hold, and with a field what that must have.
type filterWire struct {
	All    []filterWire   `json:"all,omitempty"`
	Any    []filterWire   `json:"any,omitempty"`
	None   []filterWire   `json:"none,omitempty"`
	Field  string         `json:"field,omitempty"`
	Values []engine.Value `json:"values,omitempty"` // one of them
	Range  *rangeWire     `json:"range,omitempty"`
	Ring   *ringWire      `json:"ring,omitempty"`
}

type rangeWire struct {
	From engine.Value `json:"from"` // inclusive, null is open
	To   engine.Value `json:"to"`   // exclusive
}

type ringWire struct {
	Center   *pointWire `json:"center"`
	Distance *float64   `json:"distance,omitempty"` // at most
	From     *float64   `json:"from,omitempty"`     // inclusive
	To       *float64   `json:"to,omitempty"`       // exclusive
}

type pointWire struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

type sortWire struct {
	Field  string          `json:"field"`
	Order  string          `json:"order"`
	Center *pointWire      `json:"center,omitempty"`
	Mode   engine.SortMode `json:"mode,omitempty"`
}

type groupWire struct {
	Field string     `json:"field"`
	Size  int        `json:"size"` // beside the first
	Sort  []sortWire `json:"sort"`
}

type facetWire struct {
	Field  string           `json:"field"`
	Type   engine.FacetType `json:"type"`
	Name   string           `json:"name,omitempty"`
	Size   int              `json:"size,omitempty"`
	Sort   *facetSortWire   `json:"sort,omitempty"`
	Center *pointWire       `json:"center,omitempty"`
	Ranges []facetRangeWire `json:"ranges,omitempty"`
}

type facetSortWire struct {
	By    string `json:"by"`
	Order string `json:"order"`
}

type facetRangeWire struct {
	Name string `json:"name,omitempty"`
	rangeWire
}

func filterOf(f engine.Filter) filterWire {
	w := filterWire{All: filtersOf(f.All), Any: filtersOf(f.Any), None: filtersOf(f.None), Field: f.Field, Values: f.Values}
	if f.Range != nil {
		w.Range = &rangeWire{f.Range.From, f.Range.To}
	}
	if f.Geo != nil {
		w.Ring = &ringWire{pointOf(&f.Geo.Center), f.Geo.Distance, f.Geo.From, f.Geo.To}
	}
	return w
}

func filtersOf(list []engine.Filter) []filterWire {
	filters := make([]filterWire, len(list))
	for i, f := range list {
		filters[i] = filterOf(f)
	}
	return filters
}

func pointOf(p *engine.Point) *pointWire {
	if p == nil {
		return nil
	}
	return &pointWire{p.Lat, p.Lon}
}

func sortOf(list []engine.Sort) []sortWire {
	order := make([]sortWire, len(list))
	for i, s := range list {
		order[i] = sortWire{s.Field, directionOf(!s.Desc), pointOf(s.Center), s.Mode}
	}
	return order
}

func directionOf(asc bool) string {
	if asc {
		return "asc"
	}
	return "desc"
}

func facetsAskedOf(list []engine.Facet) []facetWire {
	facets := make([]facetWire, len(list))
	for i, f := range list {
		w := facetWire{Field: f.Field, Type: f.Type, Name: f.Name, Center: pointOf(f.Center)}
		if f.Type == engine.FacetValue {
			by := "count"
			if f.ByValue {
				by = "value"
			}
			w.Size, w.Sort = cmp.Or(f.Size, defaultSize), &facetSortWire{by, directionOf(f.Asc)}
		}
		for _, r := range f.Ranges {
			w.Ranges = append(w.Ranges, facetRangeWire{r.Name, rangeWire{r.From, r.To}})
		}
		facets[i] = w
	}
	return facets
}
