package engine

import (
	"context"
	"slices"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// Conflict is a field on whose type the sources of a meta engine differ. It is no part of the meta engine's schema: it is
// neither searched nor filtered, sorted, counted or asked for through it, until the sources agree.
type Conflict struct {
	Name  string
	Types []SourceType
}

// SourceType is the type that a field has in a source engine.
type SourceType struct {
	Engine string
	Type   Type
}

// union joins the schemas of the sources of a meta engine, in the order in which the fields come up.
func union(parts []part) (Schema, []Conflict) {
	var names []string
	types := map[string][]SourceType{}
	for _, p := range parts {
		for _, f := range p.schema {
			if types[f.Name] == nil {
				names = append(names, f.Name)
			}
			types[f.Name] = append(types[f.Name], SourceType{p.name, f.Type})
		}
	}
	var schema Schema
	var conflicts []Conflict
	for _, name := range names {
		first := types[name][0].Type
		if slices.ContainsFunc(types[name], func(t SourceType) bool { return t.Type != first }) {
			conflicts = append(conflicts, Conflict{name, types[name]})
		} else {
			schema = append(schema, SchemaField{Name: name, Type: first})
		}
	}
	return schema, conflicts
}

// Conflicts lists the fields on whose type the sources of a meta engine differ. It needs indices.read.
func (s *Store) Conflicts(ctx context.Context, who audit.Who, in permission.Target, name string) ([]Conflict, error) {
	var list []Conflict
	err := s.reading(ctx, who, permission.IndicesRead, in, name, func(_ context.Context, _ *db.Tx, st storage) error {
		list = st.conflicts
		return nil
	})
	return list, err
}
