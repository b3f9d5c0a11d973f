package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"latchkey/db"
)

// reindex indexes the documents of an engine by its present schema, if that is pending. Each transaction takes a slice
// and notes how far it came, so that writers in between get their turn and an interruption loses nothing.
func reindex(ctx context.Context, id string, write transaction) error {
	for more := true; more; {
		err := write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			more, err = reindexSome(ctx, tx, id)
			return err
		})
		if err != nil {
			return wrap("re-index", err)
		}
	}
	return nil
}

// transaction runs a function in a transaction of the engines database.
type transaction func(ctx context.Context, f func(ctx context.Context, tx *db.Tx) error) error

func reindexSome(ctx context.Context, tx *db.Tx, id string) (more bool, err error) {
	var number, after int64
	err = tx.QueryRowContext(ctx, "SELECT number, pending FROM engines WHERE id = $1 AND pending IS NOT NULL", id).
		Scan(&number, &after)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	rows, err := db.Query(ctx, tx, scanRow, `
		SELECT number, id, body
		FROM documents
		WHERE engine = $1 AND number > $2
		ORDER BY number
		LIMIT $3`, number, after, writeSlice)
	if err != nil {
		return false, err
	}
	if len(rows) == 0 {
		_, err = db.Exec(ctx, tx, "UPDATE engines SET pending = NULL WHERE number = $1", number)
		return false, err
	}
	last, err := reindexRows(ctx, tx, id, rows)
	if err != nil {
		return false, err
	}
	_, err = db.Exec(ctx, tx, "UPDATE engines SET pending = $1 WHERE number = $2", last, number)
	return true, err
}

// reindexRows indexes documents until a slice's bytes are used up, and gives the last it came to.
func reindexRows(ctx context.Context, tx *db.Tx, id string, rows []row) (last int64, err error) {
	st, err := load(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	w, bytes := newWriter(tx, st), 0
	for _, r := range rows {
		values, err := decode(r.body)
		if err != nil {
			return 0, fmt.Errorf("read document %d: %w", r.number, err)
		}
		if err := w.index(ctx, r.number, r.id, values); err != nil {
			return 0, err
		}
		last = r.number
		if bytes += len(r.body); bytes >= writeSliceBytes {
			break
		}
	}
	return last, nil
}

// resume finishes what requests began and did not finish.
func (s *Store) resume(ctx context.Context) error {
	var list []string
	err := s.engines.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, db.String, "SELECT id FROM engines WHERE pending IS NOT NULL")
		return err
	})
	errs := []error{err}
	for _, id := range list {
		errs = append(errs, reindex(ctx, id, s.background))
	}
	return errors.Join(errs...)
}
