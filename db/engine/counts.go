package engine

import (
	"context"

	"latchkey/db"
)

// fillCounts sets what the engines database knows of each engine: documents, fields, and whether it is being indexed. Of
// a meta engine it is what its sources have together.
func (s *Store) fillCounts(ctx context.Context, list []Engine) error {
	var ids, sources []any
	for _, e := range list {
		ids = append(ids, e.ID)
		for _, source := range e.Sources {
			ids, sources = append(ids, source.ID), append(sources, source.ID)
		}
	}
	err := s.engines.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		counts, err := countsOf(ctx, tx, ids)
		if err != nil {
			return err
		}
		schemas := map[string]Schema{}
		if len(sources) > 0 {
			if schemas, err = schemasOf(ctx, tx, sources); err != nil {
				return err
			}
		}
		for i := range list {
			list[i].count(counts, schemas)
		}
		return nil
	})
	return wrap("count documents", err)
}

// count sets the counts of one engine from those of all that were asked for.
func (e *Engine) count(counts map[string]Engine, schemas map[string]Schema) {
	if !e.Meta {
		c := counts[e.ID]
		e.Documents, e.Fields, e.Indexing = c.Documents, c.Fields, c.Indexing
		return
	}
	var parts []part
	for _, source := range e.Sources {
		c := counts[source.ID]
		e.Documents, e.Indexing = e.Documents+c.Documents, e.Indexing || c.Indexing
		parts = append(parts, part{storage: storage{schema: schemas[source.ID]}, name: source.Name})
	}
	schema, _ := union(parts)
	e.Fields = len(schema)
}

func countsOf(ctx context.Context, tx *db.Tx, ids []any) (map[string]Engine, error) {
	b, counts := &builder{}, map[string]Engine{}
	query := `SELECT id, documents, (SELECT COUNT(*) FROM fields f WHERE f.engine = engines.number), pending IS NOT NULL
		FROM engines WHERE ` + b.isOneOf("id", ids)
	_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
		var e Engine
		err := s.Scan(&e.ID, &e.Documents, &e.Fields, &e.Indexing)
		counts[e.ID] = e
		return struct{}{}, err
	}, query, b.args...)
	return counts, err
}

func schemasOf(ctx context.Context, tx *db.Tx, ids []any) (map[string]Schema, error) {
	b, schemas := &builder{}, map[string]Schema{}
	query := `SELECT e.id, f.slot, f.name, f.type
		FROM engines e JOIN fields f ON f.engine = e.number
		WHERE ` + b.isOneOf("e.id", ids) + `
		ORDER BY e.id, f.slot`
	_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
		var id string
		var f SchemaField
		err := s.Scan(&id, &f.slot, &f.Name, &f.Type)
		schemas[id] = append(schemas[id], f)
		return struct{}{}, err
	}, query, b.args...)
	return schemas, err
}
