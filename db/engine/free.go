package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"latchkey/db"
)

// freeTime is how long one transaction removes rows before it lets others to the writer. Its commit comes on top, which
// makes about 30 ms, and now and then 100 where FTS5 or the write-ahead log tidies up.
const freeTime = 10 * time.Millisecond

// sweep frees storage whose engine is gone.
func (s *Store) sweep(ctx context.Context) error {
	// Storage first: an engine that is made in between is known then.
	stored, err := ids(ctx, s.engines)
	if err != nil || len(stored) == 0 {
		return err
	}
	known, err := ids(ctx, s.core)
	if err != nil {
		return err
	}
	alive := make(map[string]bool, len(known))
	for _, id := range known {
		alive[id] = true
	}
	var errs []error
	for _, id := range stored {
		if !alive[id] {
			errs = append(errs, s.free(ctx, id))
		}
	}
	return errors.Join(errs...)
}

func ids(ctx context.Context, d *db.DB) (list []string, err error) {
	err = d.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Query(ctx, tx, db.String, "SELECT id FROM engines")
		return err
	})
	return list, err
}

// free removes an engine's storage, in as many transactions as it takes. Where it is interrupted, sweep comes again.
func (s *Store) free(ctx context.Context, id string) error {
	st, err := s.detach(ctx, id)
	for more := st.number != 0; more && err == nil; {
		more, err = s.freeSlice(ctx, st)
	}
	return wrap("free storage", err)
}

// detach takes storage away from under its id, so that a search which found the engine before it was deleted sees all
// of it or nothing.
func (s *Store) detach(ctx context.Context, id string) (st storage, err error) {
	err = s.background(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		st.number, err = db.One(ctx, tx, nil, db.Int, `
			UPDATE engines
			SET id = 'deleted-' || number, pending = NULL, keep = documents / 2
			WHERE id = $1
			RETURNING number`, id)
		return err
	})
	return st, err
}

// freeSlice is one transaction of free.
func (s *Store) freeSlice(ctx context.Context, st storage) (more bool, err error) {
	err = s.background(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		more, err = freeSome(ctx, tx, st)
		return err
	})
	return more, err
}

// freeSome removes rows until freeTime is over.
func freeSome(ctx context.Context, tx *db.Tx, st storage) (more bool, err error) {
	for began := time.Now(); time.Since(began) < freeTime; {
		if more, err = freeFew(ctx, tx, st); err != nil || !more {
			return more, err
		}
	}
	return true, nil
}

// freeFew removes a few rows: first the full text, then the values, the documents, and at last the engine itself.
func freeFew(ctx context.Context, tx *db.Tx, st storage) (more bool, err error) {
	if more, err = freeText(ctx, tx, st); more || err != nil {
		return more, err
	}
	for _, query := range []string{`
		DELETE FROM field_values
		WHERE (engine, slot, value, document) IN (
			SELECT engine, slot, value, document FROM field_values WHERE engine = $1 LIMIT 100)`, `
		DELETE FROM field_points
		WHERE (engine, slot, lat, lon, document) IN (
			SELECT engine, slot, lat, lon, document FROM field_points WHERE engine = $1 LIMIT 100)`, `
		DELETE FROM documents
		WHERE number IN (SELECT number FROM documents WHERE engine = $1 LIMIT 20)`,
	} {
		if n, err := db.Exec(ctx, tx, query, st.number); n > 0 || err != nil {
			return true, err
		}
	}
	_, err = db.Exec(ctx, tx, "DELETE FROM engines WHERE number = $1", st.number)
	return false, err
}

// dropAt is how many rows a full-text table has at most, besides what it still holds of deleted ones, when it is dropped.
const dropAt = 64

// freeText makes the full-text table small, and drops it when it is: to drop a large one takes seconds. Deleting rows
// only adds to the index; merging makes it smaller, by slices whose length is measured in what is written. If nothing
// were left to write a slice would have no end. Therefore half of the rows are deleted, then the index is merged, then
// half of the rest, until what is left is dropped.
func freeText(ctx context.Context, tx *db.Tx, st storage) (more bool, err error) {
	table := st.textTable()
	there, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM sqlite_master WHERE name = $1", table)
	if err != nil || there == 0 {
		return false, err
	}
	var rows, keep int64
	err = tx.QueryRowContext(ctx, "SELECT documents, keep FROM engines WHERE number = $1", st.number).Scan(&rows, &keep)
	switch {
	case err != nil:
		return false, err
	case rows <= dropAt:
		_, err = db.Exec(ctx, tx, "DROP TABLE "+table)
		return true, err
	case rows > keep:
		return true, freeRow(ctx, tx, st)
	}
	if merged, err := mergeText(ctx, tx, table); merged || err != nil {
		return true, err
	}
	_, err = db.Exec(ctx, tx, "UPDATE engines SET keep = documents / 2 WHERE number = $1", st.number)
	return true, err
}

// freeRow deletes one row of the full text. Where there is none, the engine has no documents, whatever was counted.
func freeRow(ctx context.Context, tx *db.Tx, st storage) error {
	table := st.textTable()
	n, err := db.Exec(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE rowid IN (SELECT rowid FROM %s LIMIT 1)", table, table))
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, "UPDATE engines SET documents = documents * $1 - $1 WHERE number = $2", n, st.number)
	return err
}

// mergeText merges a few pages of a full-text index and reports whether there was anything to merge. FTS5 says so by
// changing more than the row by which it is asked.
func mergeText(ctx context.Context, tx *db.Tx, table string) (bool, error) {
	before, err := db.One(ctx, tx, nil, db.Int, "SELECT total_changes()")
	if err != nil {
		return false, err
	}
	if _, err := db.Exec(ctx, tx, fmt.Sprintf("INSERT INTO %s (%s, rank) VALUES ('merge', -2)", table, table)); err != nil {
		return false, err
	}
	after, err := db.One(ctx, tx, nil, db.Int, "SELECT total_changes()")
	return after-before >= 2, err
}
