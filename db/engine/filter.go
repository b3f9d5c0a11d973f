package engine

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"latchkey/db/fault"
)

// builder makes SQL about the documents of one engine. Whatever comes from outside becomes a parameter; into the text
// go only the engine's number and slots.
type builder struct {
	st   storage
	doc  string // the expression that stands for a document's number
	each bool   // conditions are looked up for each document, instead of the documents by the condition
	args []any
}

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// check holds a filter to the limits, which count over all of it. It looks at no schema.
func (f *Filter) check() error {
	return new(filterSize).add(*f, 0)
}

// filterSize counts what a filter holds.
type filterSize struct{ conditions, groups, values int }

func (n *filterSize) add(f Filter, depth int) error {
	if f.Field != "" {
		n.conditions++
	} else {
		n.groups++ // also empty ones: each becomes a part of an expression
	}
	n.values += len(f.Values)
	for _, v := range f.Values {
		n.values += max(0, len(v.list)-1)
	}
	switch {
	case depth > MaxDepth:
		return fault.New(fault.Invalid, "Filters can be nested at most 5 levels deep")
	case n.conditions > MaxFilters:
		return fault.New(fault.Invalid, "Filters can have at most 32 conditions")
	case n.groups > MaxGroups:
		return fault.New(fault.Invalid, "Filters can have at most 128 groups")
	case n.values > MaxValues:
		return fault.New(fault.Invalid, "Filters can have at most 1024 values")
	}
	for _, group := range [][]Filter{f.All, f.Any, f.None} {
		for _, inner := range group {
			if err := n.add(inner, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// filter gives the condition under which a document passes.
func (b *builder) filter(f Filter) (string, error) {
	var parts []string
	for _, group := range []struct {
		list         []Filter
		join, before string
	}{{f.All, " AND ", ""}, {f.Any, " OR ", ""}, {f.None, " OR ", "NOT "}} {
		if len(group.list) == 0 {
			continue
		}
		inner := make([]string, len(group.list))
		for i, g := range group.list {
			var err error
			if inner[i], err = b.filter(g); err != nil {
				return "", err
			}
		}
		parts = append(parts, group.before+"("+strings.Join(inner, group.join)+")")
	}
	if f.Field != "" {
		own, err := b.condition(f)
		if err != nil {
			return "", err
		}
		parts = append(parts, own)
	}
	if len(parts) == 0 {
		return "TRUE", nil
	}
	return "(" + strings.Join(parts, " AND ") + ")", nil
}

// condition is about one field.
func (b *builder) condition(f Filter) (string, error) {
	if f.Field == "id" && f.Range == nil && f.Geo == nil {
		return b.among("documents x", "x.number", b.isOneOf("x.id", stringsOf(f.Values)), "x.engine"), nil
	}
	field, ok := b.st.schema.field(f.Field)
	if !ok {
		return "", fault.New(fault.Invalid, "Filters contains invalid field: "+cut(f.Field, MaxName))
	}
	var parts []string
	if f.Geo != nil {
		if field.Type != TypeGeolocation {
			return "", wrongFilter(field)
		}
		test, err := b.within(*f.Geo)
		if err != nil {
			return "", err
		}
		parts = append(parts, b.among("field_points x", "x.document", fmt.Sprintf("x.slot = %d AND %s", field.slot, test), "x.engine"))
	}
	if (f.Geo == nil || f.Range != nil || f.Values != nil) && field.Type == TypeGeolocation ||
		f.Range != nil && field.Type == TypeText {
		return "", wrongFilter(field)
	}
	if f.Range != nil || f.Values != nil {
		test, err := b.values(field, f)
		if err != nil {
			return "", err
		}
		parts = append(parts, b.among("field_values x", "x.document", fmt.Sprintf("x.slot = %d AND %s", field.slot, test), "x.engine"))
	}
	if len(parts) == 0 {
		return "", fault.New(fault.Invalid, "Filters contains no value for field: "+field.Name)
	}
	return strings.Join(parts, " AND "), nil
}

func wrongFilter(f SchemaField) error {
	takes := map[Type]string{
		TypeText: "values", TypeNumber: "values and ranges", TypeDate: "values and ranges", TypeGeolocation: "places",
	}
	return fault.New(fault.Invalid, fmt.Sprintf("Filters on field %s, which is of type %s, can only be %s", f.Name, f.Type, takes[f.Type]))
}

// among says that the document is in a table with something about it. With few documents at hand it asks the table for
// each; else it reads the table once.
func (b *builder) among(table, doc, test, engine string) string {
	where := fmt.Sprintf("%s = %d AND %s", engine, b.st.number, test)
	if b.each {
		where = "+" + where // or it might read the engine's whole index for each
		return fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s = %s AND %s)", table, doc, b.doc, where)
	}
	return fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE %s)", b.doc, doc, table, where)
}

// isOneOf tests an expression against a list, which is one parameter: SQLite looks each parameter up among all that it
// has met, and a thousand of them would take longer than the search. The plus keeps it from looking all of them up for
// each document instead of the few values that the document has.
func (b *builder) isOneOf(expr string, values []any) string {
	if b.each {
		expr = "+" + expr
	}
	list, _ := json.Marshal(values) // cannot fail: texts, document numbers and finite floats
	return expr + " IN (SELECT value FROM json_each(" + b.arg(string(list)) + "))"
}

func stringsOf(values []Value) []any {
	list := make([]any, 0, len(values))
	for _, v := range values {
		for _, e := range v.List() {
			list = append(list, e.text)
		}
	}
	return list
}

// values tests x.value against the values and the range of a filter.
func (b *builder) values(field SchemaField, f Filter) (string, error) {
	var tests []string
	if f.Values != nil {
		keys := []any{}
		for _, v := range f.Values {
			for _, e := range v.List() {
				key, err := field.Type.key(e)
				if err != nil {
					return "", err
				}
				keys = append(keys, key)
			}
		}
		tests = append(tests, b.isOneOf("x.value", keys))
	}
	if f.Range != nil {
		r, err := b.between("x.value", field.Type, *f.Range)
		if err != nil {
			return "", err
		}
		tests = append(tests, r)
	}
	return strings.Join(tests, " AND "), nil
}

// between tests an expression against a range. A range without bounds holds for every value.
func (b *builder) between(expr string, t Type, r Range) (string, error) {
	tests := []string{}
	for _, bound := range []struct {
		v  Value
		op string
	}{{r.From, " >= "}, {r.To, " < "}, {r.Gt, " > "}, {r.Lte, " <= "}} {
		if bound.v.kind == Null {
			continue
		}
		key, err := t.key(bound.v)
		if err != nil {
			return "", err
		}
		tests = append(tests, expr+bound.op+b.arg(key))
	}
	if len(tests) == 0 {
		return "TRUE", nil
	}
	return strings.Join(tests, " AND "), nil
}
