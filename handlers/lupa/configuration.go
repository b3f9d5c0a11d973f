package lupa

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// Limits of a page of found documents. The maximum of Lupa is not documented; 250 works there.
const (
	defaultLimit = 10
	maxLimit     = 250
)

// configuration is what a stored search query says (Lupa, "Query Configuration").
//
//	{"queryFields":{"title":5,"author":2},"match":"all","selectFields":["title"],"selectableFields":["price"],
//	 "filterableFields":["category"],"filters":{},"exclusionFilters":{},"sort":[{"price":"asc"}],"limit":10,"offset":0,
//	 "facets":[{"key":"category","type":"terms","label":"Category"}]}
type configuration struct {
	fields                         map[string]float64
	match                          engine.Match
	selected, onDemand, filterable []string
	filters, exclusions            []engine.Filter
	sort                           []engine.Sort
	facets                         []facet
	limit, offset                  int
}

// facet is one of "facets".
type facet struct {
	key, kind, label string
	size             int
}

// facetTypes are the types of facets that are honoured.
var facetTypes = map[string]engine.FacetType{"terms": engine.FacetValue, "stats": engine.FacetStats}

// unsupported are the keys of Lupa's configuration that are not honoured yet.
const unsupported = " aiSynonyms boost boostPhrase collapse didYouMean dynamicFacets forceItemOrder fuzzy mustExcludeIds mustIncludeIds " +
	"personalization priorityFields similarQueries similarResults statisticalBoost "

// readConfiguration reads a configuration and reports everything that is wrong with it.
func readConfiguration(raw json.RawMessage) (configuration, error) {
	var m map[string]any
	if err := unmarshal(raw, &m); err != nil {
		return configuration{}, wrong("configuration", "must be an object.")
	}
	c := configuration{limit: defaultLimit}
	bad := fault.Fields{}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if err := c.set(key, m[key]); err != nil {
			for field, message := range fault.From(err).Fields {
				bad.Add(field, message)
			}
		}
	}
	if len(c.fields) == 0 {
		bad.Add("configuration.queryFields", "configuration.queryFields must name at least one field.")
	}
	return c, bad.Err()
}

func (c *configuration) set(key string, v any) (err error) {
	at := "configuration." + key
	switch key {
	case "queryFields":
		c.fields, err = readWeights(at, v)
	case "match":
		c.match, err = readMatch(at, v)
	case "selectFields":
		c.selected, err = readNames(at, v)
	case "selectableFields":
		c.onDemand, err = readNames(at, v)
	case "filterableFields":
		c.filterable, err = readNames(at, v)
	case "filters":
		c.filters, err = readStoredFilters(at, v)
	case "exclusionFilters":
		c.exclusions, err = readStoredFilters(at, v)
	case "sort":
		c.sort, err = readSorts(at, v)
	case "facets":
		c.facets, err = readFacets(at, v)
	case "limit", "offset":
		err = c.setPage(key, at, v)
	default:
		err = refuse(key, at, v)
	}
	return err
}

func (c *configuration) setPage(key, at string, v any) (err error) {
	switch {
	case v == nil:
	case key == "limit":
		c.limit, err = readInt(at, v, maxLimit)
	default:
		c.offset, err = readInt(at, v, engine.MaxOffset)
	}
	return err
}

// refuse refuses a key that is not honoured, unless its value asks for nothing. Totals are exact whatever is asked.
func refuse(key, at string, v any) error {
	switch {
	case off(v), key == "exactTotalCount", key == "exactMatchMultiplier" && isOne(v):
		return nil
	case key == "exactMatchMultiplier", strings.Contains(unsupported, " "+key+" "):
		return wrong(at, "is not supported yet.")
	}
	return wrong(at, "is not a known key.")
}

func isOne(v any) bool {
	n, ok := v.(json.Number)
	f, err := n.Float64()
	return ok && err == nil && f == 1
}

func readWeights(at string, v any) (map[string]float64, error) {
	if empty(v) {
		return nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, wrong(at, "must be an object of weights by field.")
	}
	weights := make(map[string]float64, len(m))
	for field, v := range m {
		n, _ := v.(json.Number)
		weight, err := strconv.ParseFloat(n.String(), 64)
		if err != nil || weight < 0 || math.IsInf(weight, 0) {
			return nil, wrong(at+"."+field, "must be a number from 0.")
		}
		weights[field] = weight
	}
	return weights, nil
}

func readMatch(at string, v any) (engine.Match, error) {
	switch m := engine.Match(""); v {
	case nil, "":
		return m, nil
	case "any":
		return engine.MatchAny, nil
	case "all":
		return engine.MatchAll, nil
	}
	return "", wrong(at, "must be any or all.")
}

func readFacets(at string, v any) ([]facet, error) {
	if empty(v) {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok || len(list) > engine.MaxFacets {
		return nil, wrong(at, "must be an array of at most "+strconv.Itoa(engine.MaxFacets)+" objects.")
	}
	facets := make([]facet, len(list))
	for i, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, wrong(at, "must be an array of objects.")
		}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if err := facets[i].set(key, at+"."+key, m[key]); err != nil {
				return nil, err
			}
		}
		if facets[i].key == "" || facets[i].kind == "" {
			return nil, wrong(at, "must have a key and a type each.")
		}
	}
	return facets, nil
}

func (f *facet) set(key, at string, v any) (err error) {
	switch key {
	case "key":
		f.key, err = readText(at, v)
	case "label":
		f.label, err = readText(at, v)
	case "type":
		if f.kind, err = readText(at, v); err == nil && facetTypes[f.kind] == "" {
			err = wrong(at, "must be terms or stats; others are not supported yet.")
		}
	case "limit":
		if v != nil {
			f.size, err = readInt(at, v, engine.MaxFacetValues)
		}
	default:
		if !off(v) {
			err = wrong(at, "is not supported yet.")
		}
	}
	return err
}
