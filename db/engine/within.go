package engine

import (
	"maps"
	"slices"
	"strings"

	"latchkey/db/fault"
)

// within gives a search on a meta engine as it is for one of its sources, without what is about fields that the source
// does not have. Where nothing in it can be found, possible is false.
func (q Query) within(p part, all storage) (out Query, possible bool) {
	known := func(name string) bool {
		_, ok := p.schema.field(name)
		return ok || name == "id"
	}
	out, possible = q, true
	out.SearchFields = maps.Clone(q.SearchFields)
	maps.DeleteFunc(out.SearchFields, func(name string, _ float64) bool { return !known(name) })
	switch {
	case len(q.SearchFields) == 0:
		out.SearchFields = p.searched(all)
	case len(out.SearchFields) == 0:
		// All that was to be searched is elsewhere. Without a text it makes no difference.
		possible = strings.TrimSpace(q.Text) == ""
		out.SearchFields = nil
	}
	out.ResultFields = maps.Clone(q.ResultFields)
	maps.DeleteFunc(out.ResultFields, func(name string, _ ResultField) bool { return !known(name) })
	out.Sort = slices.DeleteFunc(slices.Clone(q.Sort), func(s Sort) bool { return !known(s.Field) && s.Field != ByScore })
	out.Boosts = slices.DeleteFunc(slices.Clone(q.Boosts), func(x Boost) bool { return !known(x.Field) })
	out.Facets, out.Group = nil, nil // they are asked for one by one
	for _, f := range []**Filter{&out.Filter, &out.Enforced} {
		if *f != nil {
			inner := (*f).within(p)
			*f = &inner
		}
	}
	return out, possible
}

// within gives what people set for a meta engine as it is for one of its sources. What is promoted keeps its place, also
// where there is nothing else of this source before it.
func (r relevance) within(p part) relevance {
	out := relevance{language: p.language, synonyms: r.synonyms}
	for _, scoped := range r.promoted {
		name, id := SplitID(scoped)
		if name != p.name {
			id = "" // no document is called so
		}
		out.promoted = append(out.promoted, id)
	}
	for _, scoped := range r.hidden {
		if name, id := SplitID(scoped); name == p.name {
			out.hidden = append(out.hidden, id)
		}
	}
	return out
}

// searched gives the fields of a source that a search through the meta engine looks in where it names none: all that are
// texts in the schema of all sources together. It is nil where these are simply all.
func (p part) searched(all storage) map[string]float64 {
	if len(all.conflicts) == 0 {
		return nil
	}
	fields := map[string]float64{"id": 1}
	for _, f := range p.schema {
		if t, ok := all.schema.Type(f.Name); ok && t == TypeText {
			fields[f.Name] = 1
		}
	}
	return fields
}

// within gives a filter as it is for the documents of one source.
func (f Filter) within(p part) Filter {
	out := f
	for _, group := range []*[]Filter{&out.All, &out.Any, &out.None} {
		list := make([]Filter, len(*group))
		for i, inner := range *group {
			list[i] = inner.within(p)
		}
		*group = list
	}
	switch {
	case f.Field == "":
	case f.Field == BySource:
		out.decide(slices.Contains(stringsOf(f.Values), any(p.name)))
	case f.Field == "id":
		out.Values = nil
		for _, scoped := range stringsOf(f.Values) {
			if name, id := SplitID(scoped.(string)); name == p.name {
				out.Values = append(out.Values, TextValue(id))
			}
		}
		if out.Values == nil {
			out.decide(false)
		}
	default:
		if _, known := p.schema.field(f.Field); !known {
			out.decide(false)
		}
	}
	return out
}

// decide puts the answer in the place of a filter's own condition.
func (f *Filter) decide(holds bool) {
	f.Field, f.Values, f.Range, f.Geo = "", nil, nil, nil
	if !holds {
		f.None = append(f.None, Filter{})
	}
}

// withoutSources gives a filter on a meta engine without its conditions on source engines, which are no fields, for holding
// it against the schema.
func (f Filter) withoutSources() (Filter, error) {
	if f.Field == BySource {
		if f.Values == nil || f.Range != nil || f.Geo != nil {
			return f, fault.New(fault.Invalid, "Filters on "+BySource+" can only be values")
		}
		f.decide(true)
	}
	for _, group := range []*[]Filter{&f.All, &f.Any, &f.None} {
		list := make([]Filter, len(*group))
		for i, inner := range *group {
			var err error
			if list[i], err = inner.withoutSources(); err != nil {
				return f, err
			}
		}
		*group = list
	}
	return f, nil
}

// checkAcross gives a search on a meta engine in a form that can be held against the schema of all sources together.
func (q Query) checkAcross() (Query, error) {
	for _, f := range []**Filter{&q.Filter, &q.Enforced} {
		if *f == nil {
			continue
		}
		inner, err := (*f).withoutSources()
		if err != nil {
			return q, err
		}
		*f = &inner
	}
	return q, nil
}
