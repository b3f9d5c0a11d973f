package engine

import (
	"context"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
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
// in several transactions, each of which asks whether the asker still may: after an error the first of them may be
// stored.
func (s *Store) Import(ctx context.Context, who audit.Who, in permission.Target, name string, docs []Source) ([]Result, error) {
	return s.write(ctx, who, in, name, docs, false)
}

// Patch is Import that keeps the fields which a document does not name. The id is required and must exist.
func (s *Store) Patch(ctx context.Context, who audit.Who, in permission.Target, name string, docs []Source) ([]Result, error) {
	return s.write(ctx, who, in, name, docs, true)
}

// findWritable finds an engine for somebody who is to change its documents.
func (s *Store) findWritable(ctx context.Context, who audit.Who, in permission.Target, name string) (Engine, error) {
	e, err := s.find(ctx, who, permission.DocumentsModify, in, name)
	if err == nil && e.Meta {
		err = fault.New(fault.Invalid, "A meta engine has no documents of its own: its source engines have")
	}
	return e, err
}

func (s *Store) write(ctx context.Context, who audit.Who, in permission.Target, name string, docs []Source, patch bool) ([]Result, error) {
	e, err := s.findWritable(ctx, who, in, name)
	if err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(docs))
	for len(results) < len(docs) {
		slice := nextSlice(docs[len(results):], patch)
		var done []Result
		err := s.change(ctx, who, e, func(ctx context.Context, tx *db.Tx) (err error) {
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
		if results[i].Effect, results[i].Errors, err = w.put(ctx, p, patch); err != nil {
			return nil, err
		}
	}
	return results, w.finish(ctx)
}

// DeleteDocuments removes documents, at most MaxDelete, and tells for each id whether it was there; an id that comes
// again was not. It needs documents.modify. Like Import it works in several transactions, and after an error the first
// of them may be removed.
func (s *Store) DeleteDocuments(ctx context.Context, who audit.Who, in permission.Target, name string, ids []string) ([]bool, error) {
	e, err := s.findWritable(ctx, who, in, name)
	if err != nil {
		return nil, err
	}
	if len(ids) > MaxDelete {
		return nil, fault.New(fault.TooLarge, "At most 10000 documents can be deleted at once.")
	}
	first := make(map[string]int, len(ids)) // where each id came first
	var unique []string
	for i, id := range ids {
		if _, again := first[id]; !again {
			first[id] = i
			unique = append(unique, id)
		}
	}
	deleted := make([]bool, len(ids))
	for len(unique) > 0 {
		var done []bool
		err := s.change(ctx, who, e, func(ctx context.Context, tx *db.Tx) (err error) {
			done, err = removeDocuments(ctx, tx, e, unique[:min(len(unique), deleteSlice)])
			return err
		})
		if err != nil {
			return nil, wrap("delete documents", err)
		}
		for i, was := range done {
			deleted[first[unique[i]]] = was
		}
		unique = unique[len(done):]
	}
	return deleted, nil
}

// deleteSlice is how many ids one transaction looks up at most.
const deleteSlice = 1000

// removeDocuments removes documents until a transaction's share is used up, and tells for each it came to whether it
// was there.
func removeDocuments(ctx context.Context, tx *db.Tx, e Engine, ids []string) ([]bool, error) {
	st, err := load(ctx, tx, e.ID)
	if err != nil || st.number == 0 {
		return make([]bool, len(ids)), err
	}
	w, deleted, bytes := newWriter(tx, st), make([]bool, 0, len(ids)), 0
	for _, id := range ids {
		if -w.added == writeSlice || bytes >= writeSliceBytes {
			break
		}
		size, err := w.remove(ctx, id)
		if err != nil {
			return nil, err
		}
		deleted, bytes = append(deleted, size > 0), bytes+size
	}
	return deleted, w.finish(ctx)
}
