package engine

import (
	"context"
	"fmt"
	"slices"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Type is the type of a field.
type Type string

// The types of fields. A new field is a text.
const (
	TypeText        Type = "text"        // searched; filtered, sorted and counted by exact value
	TypeNumber      Type = "number"      // a 64-bit float
	TypeDate        Type = "date"        // RFC 3339, or a date alone; UTC where no zone is given
	TypeGeolocation Type = "geolocation" // "lat,lon", [lon, lat] or "POINT (lon lat)"
)

// Valid reports whether t is one of the types.
func (t Type) Valid() bool {
	return t == TypeText || t == TypeNumber || t == TypeDate || t == TypeGeolocation
}

// SchemaField is one field of an engine's schema.
type SchemaField struct {
	Name string
	Type Type
	slot int
}

// Schema is the fields of an engine without id, in the order in which they came up.
type Schema []SchemaField

// Type gives the type of a field, if there is such a field.
func (s Schema) Type(name string) (Type, bool) {
	f, ok := s.field(name)
	return f.Type, ok
}

func (s Schema) field(name string) (SchemaField, bool) {
	for _, f := range s {
		if f.Name == name {
			return f, true
		}
	}
	return SchemaField{}, false
}

// Schema gives an engine's schema. It needs indices.read.
func (s *Store) Schema(ctx context.Context, who audit.Who, in permission.Target, name string) (Schema, error) {
	e, err := s.find(ctx, who, permission.IndicesRead, in, name)
	if err != nil {
		return nil, err
	}
	return s.schemaOf(ctx, e)
}

// SchemaOf gives the schema of an engine that is known by its id, and checks no permission. It is for running search
// queries that FindPublic gave, whose key is public, and for nothing else.
func (s *Store) SchemaOf(ctx context.Context, engineID string) (Schema, error) {
	e, _, err := s.Locate(ctx, engineID)
	if err != nil {
		return nil, err
	}
	return s.schemaOf(ctx, e)
}

func (s *Store) schemaOf(ctx context.Context, e Engine) (Schema, error) {
	var schema Schema
	err := s.readingOf(ctx, e, func(_ context.Context, _ *db.Tx, st storage) error {
		schema = st.schema
		return nil
	})
	return schema, err
}

// UpdateSchema adds fields and changes types, and gives the whole schema. It needs indices.modify. Fields that are not
// named stay. Documents that are there are indexed anew before it returns: what does not fit a new type is neither
// searched nor filtered from then on, but stays in the document. Should the request or the asker's right end before,
// the types are changed, and Run goes on with the documents.
func (s *Store) UpdateSchema(ctx context.Context, who audit.Who, in permission.Target, name string, change Schema) (Schema, error) {
	e, err := s.find(ctx, who, permission.IndicesModify, in, name)
	if err != nil {
		return nil, err
	}
	if e.Meta {
		return nil, fault.New(fault.Invalid, "The schema of a meta engine is that of its source engines")
	}
	if err := checkSchema(change); err != nil {
		return nil, err
	}
	before, err := s.schemaOf(ctx, e)
	if err != nil {
		return nil, err
	}
	changes, err := differences(before, change)
	if err != nil || len(changes) == 0 {
		return before, err
	}
	// History first: the two databases share no transaction, and a change without its event must not be.
	if err := s.noteChange(ctx, who, in, e, changes); err != nil {
		return nil, wrap("note change of schema", err)
	}
	var after Schema
	err = s.change(ctx, who, e, func(ctx context.Context, tx *db.Tx) (err error) {
		after, err = applySchema(ctx, tx, e, change)
		return err
	})
	if err != nil {
		return nil, wrap("change schema", err)
	}
	err = reindex(ctx, e.ID, func(ctx context.Context, f func(ctx context.Context, tx *db.Tx) error) error {
		return s.change(ctx, who, e, f)
	})
	if err != nil {
		s.reindexing.ring()
		return nil, err
	}
	return after, nil
}

func checkSchema(change Schema) error {
	bad := fault.Fields{}
	for _, f := range change {
		switch message := checkField(f.Name); {
		case f.Name == "id":
			bad.Add(f.Name, "Field id cannot be changed.")
		case message != "":
			bad.Add(f.Name, message)
		case !f.Type.Valid():
			bad.Add(f.Name, "Invalid field type: "+f.Name+" must be text, number, date or geolocation")
		}
	}
	return bad.Err()
}

// differences lists what a change does, for the history.
func differences(before, change Schema) ([]audit.Change, error) {
	var list []audit.Change
	fields := len(before)
	for _, f := range change {
		was, known := before.Type(f.Name)
		if !known {
			fields++
		}
		list = append(list, audit.Diff("schema."+f.Name, string(was), string(f.Type))...)
	}
	if fields > MaxFields {
		return nil, fault.New(fault.Invalid, tooManyFields)
	}
	return list, nil
}

func (s *Store) noteChange(ctx context.Context, who audit.Who, in permission.Target, e Engine, changes []audit.Change) error {
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, "UPDATE engines SET updated_at = $1 WHERE id = $2", tx.NowMillis(), e.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNotFound
		}
		return s.log.Append(ctx, tx, who, event(audit.EngineUpdate, in, e, changes...))
	})
}

// applySchema changes types and marks the engine for re-indexing where documents need it.
func applySchema(ctx context.Context, tx *db.Tx, e Engine, change Schema) (Schema, error) {
	st, err := ensure(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	w, changed := newWriter(tx, st), false
	for _, f := range change {
		i := slices.IndexFunc(w.st.schema, func(have SchemaField) bool { return have.Name == f.Name })
		switch {
		case i < 0 && len(w.st.schema) == MaxFields:
			return nil, fault.New(fault.Invalid, tooManyFields)
		case i < 0:
			err = w.addField(ctx, f)
		case w.st.schema[i].Type != f.Type:
			changed, w.st.schema[i].Type = true, f.Type
			_, err = w.exec(ctx, "UPDATE fields SET type = $1 WHERE engine = $2 AND slot = $3",
				string(f.Type), st.number, w.st.schema[i].slot)
		}
		if err != nil {
			return nil, fmt.Errorf("change field: %w", err)
		}
	}
	if changed && st.documents > 0 {
		_, err = db.Exec(ctx, tx, "UPDATE engines SET pending = 0 WHERE number = $1", st.number)
	}
	return w.st.schema, err
}
