package appsearch_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// The model of TestSignedSearchKeysLetNothingElseThrough: random documents, tokens and requests, and what must hold for
// them, worked out as plainly as can be and with nothing of what it tests.

// kinds are the fields of the documents. The values of each are like those of no other, so that they are recognised
// wherever they come up.
var (
	kinds = map[string]string{
		"title": "text", "color": "text", "secret": "text", "owner": "text", "price": "number", "cost": "number",
		"made": "date", "seen": "date", "place": "geolocation", "home": "geolocation",
	}
	kindNames = slices.Sorted(maps.Keys(kinds))
	marks     = map[string]*regexp.Regexp{
		"title": regexp.MustCompile(`title\d`), "color": regexp.MustCompile(`color\d`), "secret": regexp.MustCompile(`secret\d`),
		"owner": regexp.MustCompile(`owner\d`), "price": regexp.MustCompile(`\b100\d\b`), "cost": regexp.MustCompile(`\b200\d\b`),
		"made": regexp.MustCompile(`2011-01-0\d`), "seen": regexp.MustCompile(`2012-01-0\d`),
		"place": regexp.MustCompile(`11\.\d+,11`), "home": regexp.MustCompile(`12\.\d+,12`),
	}
)

type (
	doc  = map[string]any
	opts = map[string]any
)

// dice makes random things.
type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// some picks up to n of the names, at least one if there is one.
func (d dice) some(names []string, n int) []string {
	list := slices.Clone(names)
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(len(list), 1+d.IntN(n))]
}

func (d dice) value(field string) any {
	k := d.IntN(5)
	switch field {
	case "price":
		return 1000 + k
	case "cost":
		return 2000 + k
	case "made":
		return fmt.Sprintf("2011-01-0%d", k+1)
	case "seen":
		return fmt.Sprintf("2012-01-0%d", k+1)
	case "place":
		return fmt.Sprintf("11.%d,11", k)
	case "home":
		return fmt.Sprintf("12.%d,12", k)
	}
	return fmt.Sprintf("%s%d", field, k)
}

func (d dice) document(id string) doc {
	one := doc{"id": id}
	for _, field := range kindNames {
		switch {
		case d.chance(15):
		case d.chance(20) && kinds[field] != "geolocation":
			one[field] = []any{d.value(field), d.value(field)}
		case field == "title":
			one[field] = d.value(field).(string) + " " + d.value(field).(string)
		default:
			one[field] = d.value(field)
		}
	}
	return one
}

// filters makes a filter on some of these fields.
func (d dice) filters(names []string, depth int) opts {
	f := opts{}
	for _, name := range d.some(names, 2) {
		switch v := d.value(name); {
		case kinds[name] == "geolocation":
			f[name] = opts{"center": v, "distance": d.IntN(20), "unit": "km"}
		case kinds[name] != "text" && d.chance(50):
			f[name] = opts{pick(d, []string{"from", "to"}): v}
		case d.chance(30):
			f[name] = []any{v, d.value(name)}
		default:
			f[name] = v
		}
	}
	if depth > 0 && d.chance(40) {
		f[pick(d, []string{"all", "any", "none"})] = []any{d.filters(names, depth-1), d.filters(names, depth-1)}
	}
	return f
}

func ofKind(names []string, which ...string) []string {
	var list []string
	for _, name := range names {
		if slices.Contains(which, kinds[name]) {
			list = append(list, name)
		}
	}
	return list
}

// order makes a sort by some of these fields.
func (d dice) order(names []string) []any {
	var list []any
	for _, name := range d.some(names, 2) {
		direction := pick(d, []string{"asc", "desc"})
		if kinds[name] == "geolocation" {
			list = append(list, opts{name: opts{"center": "0,0", "order": direction, "mode": pick(d, []string{"min", "max", "median", "avg"})}})
		} else {
			list = append(list, opts{name: direction})
		}
	}
	return list
}

func (d dice) facets(names []string) opts {
	f := opts{}
	for _, name := range d.some(names, 3) {
		if kinds[name] == "geolocation" {
			f[name] = opts{"type": "range", "center": "0,0", "ranges": []any{opts{"from": 0}}}
		} else {
			f[name] = []any{opts{"type": "value", "size": 1 + d.IntN(9), "name": "n"}}
		}
	}
	return f
}

func (d dice) boosts(names []string) opts {
	f := opts{}
	for _, name := range d.some(names, 2) {
		switch {
		case kinds[name] == "number" && d.chance(50):
			f[name] = opts{"type": "functional", "function": "linear", "factor": d.IntN(5) - 2}
		case kinds[name] == "geolocation" || kinds[name] == "date" && d.chance(50):
			f[name] = opts{"type": "proximity", "function": "exponential", "center": d.value(name)}
		default:
			f[name] = []any{opts{"type": "value", "value": d.value(name), "operation": pick(d, []string{"add", "multiply"}), "factor": 2}}
		}
	}
	return f
}

// options makes the options of a request or a token about these fields, each with a certain chance.
func (d dice) options(names []string, percent int) opts {
	o := opts{}
	add := func(name string, make func([]string) any, list []string) {
		if d.chance(percent) && len(list) > 0 {
			o[name] = make(list)
		}
	}
	add("filters", func(list []string) any { return d.filters(list, 2) }, names)
	add("facets", func(list []string) any { return d.facets(list) }, names)
	add("sort", func(list []string) any { return d.order(list) }, names)
	add("boosts", func(list []string) any { return d.boosts(list) }, names)
	add("group", func(list []string) any {
		return opts{"field": pick(d, list), "size": 1 + d.IntN(10), "sort": d.order(names)}
	}, ofKind(names, "text", "number", "date"))
	add("search_fields", func(list []string) any {
		fields := opts{}
		for _, name := range d.some(list, 3) {
			fields[name] = opts{"weight": 1 + d.IntN(5)}
		}
		return fields
	}, ofKind(names, "text"))
	return o
}

// token makes what a signed search key enforces.
func (d dice) token() opts {
	o := d.options(kindNames, 15)
	if d.chance(60) {
		o["filters"] = d.filters(kindNames, 2)
	}
	if d.chance(85) {
		fields := opts{}
		for _, name := range d.some(kindNames, 7) {
			forms := []opts{{"raw": opts{}}, {"raw": opts{}}, {"snippet": opts{"size": 20, "fallback": true}}, {"raw": opts{"size": 20}}, {}}
			fields[name] = pick(d, forms)
		}
		o["result_fields"] = fields
	}
	if d.chance(10) {
		o["facets"] = opts{}
	}
	return o
}

// shownOf gives the fields that a token shows in full.
func shownOf(token opts) []string {
	fields, ok := token["result_fields"].(opts)
	if !ok {
		return kindNames
	}
	var list []string
	for _, name := range kindNames {
		form, ok := fields[name].(opts)
		raw, isRaw := form["raw"].(opts)
		if ok && (len(form) == 0 || form["snippet"] != nil || isRaw && raw["size"] == nil) {
			list = append(list, name)
		}
	}
	return list
}

// namesIn gives the fields that an option names, however deep.
func namesIn(v any) []string {
	var list []string
	switch v := v.(type) {
	case opts:
		for key, inner := range v {
			if kinds[key] != "" {
				list = append(list, key)
			}
			list = append(list, namesIn(inner)...)
		}
	case []any:
		for _, inner := range v {
			list = append(list, namesIn(inner)...)
		}
	case string: // the field of a group; values are never called like a field
		if kinds[v] != "" {
			list = append(list, v)
		}
	}
	return list
}

// refused tells whether a request names what its token does not show, in an option that the token does not replace.
func refused(token, request opts) bool {
	seen := shownOf(token)
	for option, v := range request {
		if _, replaced := token[option]; option == "result_fields" || replaced && option != "filters" {
			continue
		}
		for _, name := range namesIn(v) {
			if token["result_fields"] != nil && !slices.Contains(seen, name) {
				return true
			}
		}
	}
	return false
}

// passes is a filter, naively.
func passes(one doc, f opts) bool {
	for key, v := range f {
		list, _ := v.([]any)
		holds := 0
		switch key {
		case "all", "any", "none":
			for _, inner := range list {
				if passes(one, inner.(opts)) {
					holds++
				}
			}
			if key == "all" && holds < len(list) || key == "any" && holds == 0 || key == "none" && holds > 0 {
				return false
			}
		default:
			if !hasSuch(one[key], v) {
				return false
			}
		}
	}
	return true
}

// hasSuch tells whether any of the values of a field is as a condition says.
func hasSuch(have, condition any) bool {
	values, many := have.([]any)
	if !many {
		values = []any{have}
	}
	for _, v := range values {
		if v == nil {
			continue
		}
		switch c := condition.(type) {
		case []any:
			if slices.Contains(c, v) {
				return true
			}
		case opts:
			if c["center"] != nil {
				if kilometres(v.(string), c["center"].(string)) <= float64(c["distance"].(int)) {
					return true
				}
			} else if text := fmt.Sprint(v); (c["from"] == nil || text >= fmt.Sprint(c["from"])) && (c["to"] == nil || text < fmt.Sprint(c["to"])) {
				return true // all numbers and dates are equally long, and sort like texts
			}
		default:
			if v == c {
				return true
			}
		}
	}
	return false
}

// kilometres between two of our places, which lie on one meridian or far apart.
func kilometres(a, b string) float64 {
	var latA, lonA, latB, lonB float64
	fmt.Sscanf(strings.ReplaceAll(a, ",", " "), "%g %g", &latA, &lonA)
	fmt.Sscanf(strings.ReplaceAll(b, ",", " "), "%g %g", &latB, &lonB)
	if lonA != lonB {
		return 1e9
	}
	return max(latA-latB, latB-latA) * 111.195
}
