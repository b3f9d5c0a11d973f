package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"latchkey/db"
)

// ScopedID is what a meta engine calls a document of one of its sources: the name of the engine, a bar, and the id of the
// document there. Names of engines have no bar in them.
func ScopedID(engine, id string) string { return engine + "|" + id }

// SplitID takes a ScopedID apart. An id without a bar belongs to no engine.
func SplitID(scoped string) (engine, id string) {
	engine, id, found := strings.Cut(scoped, "|")
	if !found {
		return "", scoped
	}
	return engine, id
}

// document finds a document by its id. A row without a number is none.
func (st storage) document(ctx context.Context, tx *db.Tx, id string) (row, Schema, error) {
	if st.parts != nil {
		name, local := SplitID(id)
		i := slices.IndexFunc(st.parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return row{}, nil, nil
		}
		r, schema, err := st.parts[i].document(ctx, tx, local)
		r.id = id
		return r, schema, err
	}
	r, err := db.One(ctx, tx, nil, scanRow, `
		SELECT number, id, body
		FROM documents
		WHERE engine = $1 AND id = $2`, st.number, id)
	return r, st.schema, err
}

// list gives some of the documents, after an offset.
func (st storage) list(ctx context.Context, tx *db.Tx, limit, offset int) ([]Document, error) {
	if st.parts == nil {
		rows, err := db.Query(ctx, tx, scanRow, `
			SELECT number, id, body
			FROM documents
			WHERE engine = $1
			ORDER BY number
			LIMIT $2 OFFSET $3`, st.number, limit, offset)
		if err != nil {
			return nil, err
		}
		return documents(rows, st.schema, "")
	}
	var list []Document
	for _, p := range st.parts {
		if here := int(p.documents); offset >= here {
			offset -= here
			continue
		}
		docs, err := p.list(ctx, tx, limit-len(list), offset)
		if err != nil {
			return nil, err
		}
		for i := range docs {
			docs[i].ID = ScopedID(p.name, docs[i].ID)
		}
		list, offset = append(list, docs...), 0
		if len(list) == limit {
			break
		}
	}
	return list, nil
}

// scan gives the documents after a number, and the number of the last where there are more.
func (st storage) scan(ctx context.Context, tx *db.Tx, after int64, limit int) (docs []Document, next int64, err error) {
	type found struct {
		row
		part
	}
	parts := st.parts
	if parts == nil {
		parts = []part{{storage: st}}
	}
	var all []found
	for _, p := range parts {
		rows, err := db.Query(ctx, tx, scanRow, `
			SELECT number, id, body
			FROM documents
			WHERE engine = $1 AND number > $2
			ORDER BY number
			LIMIT $3`, p.number, after, limit+1)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range rows {
			all = append(all, found{r, p})
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.row.number, b.row.number) })
	if len(all) > limit {
		all = all[:limit]
		next = all[limit-1].row.number
	}
	for _, f := range all {
		one, err := documents([]row{f.row}, f.schema, f.name)
		if err != nil {
			return nil, 0, err
		}
		docs = append(docs, one...)
	}
	return docs, next, nil
}

// documents reads rows of one engine. A name that is not empty is put before the ids.
func documents(rows []row, schema Schema, name string) ([]Document, error) {
	list := make([]Document, len(rows))
	for i, r := range rows {
		var err error
		if list[i], err = r.document(schema); err != nil {
			return nil, err
		}
		if name != "" {
			list[i].ID = ScopedID(name, list[i].ID)
		}
	}
	return list, nil
}
