package usage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"latchkey/db"
	"latchkey/db/fault"
)

// slice is about how many rows are written in one transaction, so that a revocation waits for at most that many.
const slice = 400

// Flush writes what was counted since the last one. What could not be written is kept for the next.
func (s *Store) Flush(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	batch := s.pending
	s.pending = make(map[string]*counter, len(batch))
	s.mu.Unlock()
	return s.flush(ctx, batch)
}

// Settle writes what was counted of one key, for who is about to read it to the last request.
func (s *Store) Settle(ctx context.Context, keyID string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	c := s.pending[keyID]
	delete(s.pending, keyID)
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	return s.flush(ctx, map[string]*counter{keyID: c})
}

func (s *Store) flush(ctx context.Context, batch map[string]*counter) error {
	var errs []error
	for _, ids := range slicesOf(batch) {
		err := s.writeSlice(ctx, batch, ids)
		if gone(err) {
			err = s.writeSingly(ctx, batch, ids)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	s.keep(batch)
	return errors.Join(errs...)
}

// slicesOf parts a batch into lists of keys that make about as many rows each.
func slicesOf(batch map[string]*counter) [][]string {
	var all [][]string
	var ids []string
	rows := 0
	for _, id := range slices.Sorted(maps.Keys(batch)) {
		ids = append(ids, id)
		if rows += batch[id].rows(); rows >= slice {
			all, ids, rows = append(all, ids), nil, 0
		}
	}
	if len(ids) > 0 {
		all = append(all, ids)
	}
	return all
}

// rows is about how many rows a counter makes.
func (c *counter) rows() int {
	n := 3 + 2*len(c.hours) + len(c.refusals) + len(c.tokens)
	for _, t := range c.hours {
		n += 2 * len(t.reasons)
	}
	return n
}

// writeSlice writes the counts of some keys and takes what was written out of the batch.
func (s *Store) writeSlice(ctx context.Context, batch map[string]*counter, ids []string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		w := newWriter(ctx, tx)
		for _, id := range ids {
			project, err := s.project(ctx, tx, id)
			if err != nil {
				return err
			}
			if err := w.key(id, project, batch[id]); err != nil {
				return err
			}
		}
		return w.sums()
	})
	if err == nil {
		for _, id := range ids {
			delete(batch, id)
		}
	}
	return err
}

var errNoKey = fault.New(fault.NotFound, "There is no such key.")

// gone reports whether a key could not be written because it, or its project, is no more.
func gone(err error) bool { return db.IsForeignKey(err) || errors.Is(err, errNoKey) }

// project gives the project of a key, which never changes.
func (s *Store) project(ctx context.Context, tx *db.Tx, keyID string) (string, error) {
	if project := s.projects[keyID]; project != "" {
		return project, nil
	}
	project, err := db.One(ctx, tx, errNoKey, db.String, "SELECT project_id FROM keys WHERE id = $1", keyID)
	if err == nil {
		s.projects[keyID] = project
	}
	return project, err
}

// writeSingly is for a slice in which one key cannot be written, such as one that is no more: the others must not
// wait for it, and it must not come again.
func (s *Store) writeSingly(ctx context.Context, batch map[string]*counter, ids []string) error {
	var errs []error
	for _, id := range ids {
		err := s.writeSlice(ctx, batch, []string{id})
		if gone(err) {
			delete(batch, id)
			delete(s.projects, id)
			err = fmt.Errorf("drop counts of key %s: %w", id, err)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// keep puts counts that could not be written back under those that came since.
func (s *Store) keep(batch map[string]*counter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range batch {
		if later := s.pending[id]; later != nil {
			old.add(later)
		}
		s.pending[id] = old
	}
}
