package engine

import (
	"context"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// A transaction takes so many documents, or the first that reach so many bytes: about 50 ms of the one writer.
const (
	writeSlice      = 100
	writeSliceBytes = 128 << 10
)

// Import stores documents, each as a whole in place of one with the same id, and adds fields that the schema does not
// know as texts. It needs documents.modify. A document that is refused has its reasons in its Result; the others are
// stored. They can be searched when Import returns. How many may come at once is the caller's limit; they are written
// in several transactions, so after an error the first of them may be stored.
func (s *Store) Import(ctx context.Context, who audit.Who, in Place, name string, docs []Source) ([]Result, error) {
	return s.write(ctx, who, in, name, docs, false)
}

// Patch is Import that keeps the fields which a document does not name. The id is required and must exist.
func (s *Store) Patch(ctx context.Context, who audit.Who, in Place, name string, docs []Source) ([]Result, error) {
	return s.write(ctx, who, in, name, docs, true)
}

func (s *Store) write(ctx context.Context, who audit.Who, in Place, name string, docs []Source, patch bool) ([]Result, error) {
	e, err := s.find(ctx, who, permission.DocumentsModify, in, name)
	if err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(docs))
	for len(results) < len(docs) {
		if err := ctx.Err(); err != nil {
			return nil, err // between transactions nothing is half done
		}
		slice := nextSlice(docs[len(results):], patch)
		var done []Result
		err := s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			done, err = writeDocuments(ctx, tx, e, slice, patch)
			return err
		})
		if err != nil {
			return nil, wrap("store documents", err)
		}
		results = append(results, done...)
	}
	return results, nil
}

// nextSlice prepares as many documents as one transaction takes.
func nextSlice(docs []Source, patch bool) []prepared {
	var slice []prepared
	bytes := 0
	for _, doc := range docs {
		p := prepare(doc, patch)
		slice = append(slice, p)
		for _, v := range p.values {
			bytes += v.size()
		}
		if len(slice) == writeSlice || bytes >= writeSliceBytes {
			break
		}
	}
	return slice
}

func writeDocuments(ctx context.Context, tx *db.Tx, e Engine, slice []prepared, patch bool) ([]Result, error) {
	st, err := ensure(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	w := newWriter(tx, st)
	results := make([]Result, len(slice))
	for i, p := range slice {
		results[i] = Result{ID: p.id, Errors: p.errors}
		if len(p.errors) > 0 {
			continue
		}
		if results[i].Errors, err = w.put(ctx, p, patch); err != nil {
			return nil, err
		}
	}
	return results, w.finish(ctx)
}

// DeleteDocuments removes documents and tells for each id whether it was there. It needs documents.modify.
func (s *Store) DeleteDocuments(ctx context.Context, who audit.Who, in Place, name string, ids []string) ([]bool, error) {
	e, err := s.find(ctx, who, permission.DocumentsModify, in, name)
	if err != nil {
		return nil, err
	}
	deleted := make([]bool, 0, len(ids))
	for len(deleted) < len(ids) {
		slice := ids[len(deleted):min(len(ids), len(deleted)+writeSlice)]
		var done []bool
		err := s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			done, err = removeDocuments(ctx, tx, e, slice)
			return err
		})
		if err != nil {
			return nil, wrap("delete documents", err)
		}
		deleted = append(deleted, done...)
	}
	return deleted, nil
}

func removeDocuments(ctx context.Context, tx *db.Tx, e Engine, ids []string) ([]bool, error) {
	deleted := make([]bool, len(ids))
	st, err := load(ctx, tx, e.ID)
	if err != nil || st.number == 0 {
		return deleted, err
	}
	w := newWriter(tx, st)
	for i, id := range ids {
		if deleted[i], err = w.remove(ctx, id); err != nil {
			return nil, err
		}
	}
	return deleted, w.finish(ctx)
}
