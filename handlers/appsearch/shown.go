package appsearch

import (
	"encoding/json"
	"maps"
	"slices"

	"latchkey/db/engine"
)

// shown is the fields that a signed search key shows, by its result_fields; nil where it shows all. A text of which it
// shows only the beginning is not among them: what is filtered, sorted and counted is the whole.
type shown map[string]bool

func shownBy(enforced map[string]json.RawMessage) (shown, error) {
	raw, ok := enforced["result_fields"]
	if !ok {
		return nil, nil
	}
	v, err := decode(raw)
	if err != nil {
		return nil, err
	}
	var a asked
	if err := a.readResultFields(v); err != nil {
		return nil, err
	}
	fields := shown{"id": true, engine.ByScore: true, engine.BySource: true} // all of them stand in _meta
	for name, f := range a.query.ResultFields {
		if f.Snippet != nil || f.Raw != nil && f.Raw.Size == 0 {
			fields[name] = true
		}
	}
	return fields, nil
}

// discreet refuses a search that names fields which a signed search key does not show: their values would come out as
// facets and keys of groups, or could be guessed from what is found, in what order and with what score. The answer is
// that for a field which does not exist. What the token itself says is the signer's business, as are the defaults of the
// engine; so only the options of the request count, those that the token does not replace.
func (a *asked) discreet(given map[string]any, enforced map[string]json.RawMessage) error {
	fields, err := shownBy(enforced)
	if err != nil || fields == nil {
		return err
	}
	for _, o := range a.named() {
		if _, replaced := enforced[o.option]; given[o.option] == nil || replaced && o.option != "filters" {
			continue
		}
		slices.Sort(o.fields)
		for _, name := range o.fields {
			if !fields[name] {
				return invalid(o.where + " contains invalid field: " + shorten(name))
			}
		}
	}
	return nil
}

// naming is the fields that one option names.
type naming struct {
	option, where string
	fields        []string
}

// named lists what each option names, without result_fields: those are the token's.
func (a *asked) named() []naming {
	q := a.query
	list := []naming{
		{"search_fields", "Search fields", slices.Collect(maps.Keys(q.SearchFields))},
		{"filters", "Filters", fieldsOf(q.Filter)},
		{"facets", "Facets", nil}, {"sort", "Sort", sortedBy(q.Sort)}, {"boosts", "Boosts", nil},
	}
	for _, f := range q.Facets {
		list[2].fields = append(list[2].fields, f.Field)
	}
	for _, b := range q.Boosts {
		list[4].fields = append(list[4].fields, b.Field)
	}
	if q.Group != nil {
		list = append(list, naming{"group", "Group", []string{q.Group.Field}}, naming{"group", "Sort", sortedBy(q.Group.Sort)})
	}
	return list
}

func sortedBy(list []engine.Sort) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Field
	}
	return names
}

func fieldsOf(f *engine.Filter) []string {
	if f == nil {
		return nil
	}
	var names []string
	if f.Field != "" {
		names = append(names, f.Field)
	}
	for _, group := range [][]engine.Filter{f.All, f.Any, f.None} {
		for _, inner := range group {
			names = append(names, fieldsOf(&inner)...)
		}
	}
	return names
}
