package engine

import (
	"context"
	"fmt"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// row is a document as it stands in its table.
type row struct {
	number   int64
	id, body string
}

func scanRow(s db.Scanner) (row, error) {
	var r row
	err := s.Scan(&r.number, &r.id, &r.body)
	return r, err
}

// document puts the fields in the order of the schema.
func (r row) document(schema Schema) (Document, error) {
	values, err := decode(r.body)
	if err != nil {
		return Document{}, fmt.Errorf("read document %d: %w", r.number, err)
	}
	d := Document{ID: r.id, Fields: make([]Field, 0, len(values))}
	for _, f := range schema {
		if v, ok := values[f.Name]; ok {
			d.Fields = append(d.Fields, Field{Name: f.Name, Type: f.Type, Value: v})
		}
	}
	return d, nil
}

// Typed gives the value as the field's type says: a text field shows numbers as texts, a number field texts as
// numbers. A value that does not fit, because it is older than the type, stays as it came in.
func (f Field) Typed() Value {
	if f.Value.kind != Array {
		return f.typed(f.Value)
	}
	v := Value{kind: Array, list: make([]Value, len(f.Value.list))}
	for i, e := range f.Value.list {
		v.list[i] = f.typed(e)
	}
	return v
}

func (f Field) typed(v Value) Value {
	switch {
	case f.Type == TypeText && v.kind == Number:
		v.kind = Text
	case f.Type == TypeNumber && v.kind == Text:
		if n, ok := parseNumber(v.text); ok {
			return NumberValue(n)
		}
	}
	return v
}

// reading finds an engine for somebody and runs f on its storage, all in one state of the engines database.
func (s *Store) reading(ctx context.Context, who audit.Who, do permission.Permission, in permission.Target, name string,
	f func(ctx context.Context, tx *db.Tx, st storage) error) error {
	e, err := s.find(ctx, who, do, in, name)
	if err != nil {
		return err
	}
	return s.readingOf(ctx, e, f)
}

func (s *Store) readingOf(ctx context.Context, e Engine, f func(ctx context.Context, tx *db.Tx, st storage) error) error {
	err := s.engines.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		st, err := loadAll(ctx, tx, e)
		if err != nil {
			return err
		}
		return f(ctx, tx, st)
	})
	return wrap("read engine", err)
}

// GetDocuments gives documents by id, in the order of the ids and nil for each that does not exist. Those of a meta engine
// are called by their ScopedID. It needs documents.read.
func (s *Store) GetDocuments(ctx context.Context, who audit.Who, in permission.Target, name string, ids []string) ([]*Document, error) {
	list := make([]*Document, len(ids))
	err := s.reading(ctx, who, permission.DocumentsRead, in, name, func(ctx context.Context, tx *db.Tx, st storage) error {
		for i, id := range ids {
			r, schema, err := st.document(ctx, tx, id)
			if err != nil {
				return err
			}
			if r.number == 0 {
				continue
			}
			d, err := r.document(schema)
			if err != nil {
				return err
			}
			list[i] = &d
		}
		return nil
	})
	return list, err
}

// ListDocuments gives one page of all documents in the order in which they came, of a meta engine those of one source after
// those of another, and how many there are. Pages count
// from 1; a page has 1 to MaxSize documents. It needs documents.read.
func (s *Store) ListDocuments(ctx context.Context, who audit.Who, in permission.Target, name string, page, size int) (docs []Document, total int64, err error) {
	offset := (page - 1) * size
	if page < 1 || size < 1 || size > MaxSize || page > MaxOffset || offset > MaxOffset {
		return nil, 0, errPage
	}
	err = s.reading(ctx, who, permission.DocumentsRead, in, name, func(ctx context.Context, tx *db.Tx, st storage) error {
		total = st.documents
		docs, err = st.list(ctx, tx, size, offset)
		return err
	})
	return docs, total, err
}

var errPage = fault.New(fault.Invalid, "The page is out of range: at most 1000 documents a page, and 1000000 before it.")

// ScanDocuments walks through all documents: up to limit of them (at most 10,000), in the order in which they came,
// after a place that the call before gave as next. It begins with 0, and next is 0 at the end. It needs documents.read.
func (s *Store) ScanDocuments(ctx context.Context, who audit.Who, in permission.Target, name string, after int64, limit int) (docs []Document, next int64, err error) {
	if limit < 1 || limit > maxScan {
		return nil, 0, fault.Field("limit", "limit must be between 1 and 10000")
	}
	err = s.reading(ctx, who, permission.DocumentsRead, in, name, func(ctx context.Context, tx *db.Tx, st storage) error {
		docs, next, err = st.scan(ctx, tx, after, limit)
		return err
	})
	return docs, next, err
}

const maxScan = 10_000

// Count tells how many documents an engine has. It needs documents.read.
func (s *Store) Count(ctx context.Context, who audit.Who, in permission.Target, name string) (int64, error) {
	var n int64
	err := s.reading(ctx, who, permission.DocumentsRead, in, name, func(_ context.Context, _ *db.Tx, st storage) error {
		n = st.documents
		return nil
	})
	return n, err
}
