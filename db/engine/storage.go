package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"latchkey/db"
	"latchkey/db/fault"
)

// wrap says what was being done, and leaves an error that can be explained as it is: its text is an answer.
func wrap(doing string, err error) error {
	var f *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// storage is an engine's part of the engines database, as one transaction sees it.
type storage struct {
	number    int64 // 0: nothing was ever stored
	documents int64
	schema    Schema
}

// textTable names the engine's full-text table. It is the only name that is put into SQL, and made of an integer.
func (st storage) textTable() string { return fmt.Sprintf("text_%d", st.number) }

// column names a field's column of the full-text table.
func column(slot int) string {
	if slot == idSlot {
		return "id"
	}
	return fmt.Sprintf("f%d", slot)
}

// idSlot stands for the document's id where a slot is asked for.
const idSlot = -1

// load reads what there is of an engine's storage, which may be nothing.
func load(ctx context.Context, tx *db.Tx, id string) (storage, error) {
	var st storage
	err := tx.QueryRowContext(ctx, "SELECT number, documents FROM engines WHERE id = $1", id).Scan(&st.number, &st.documents)
	if errors.Is(err, sql.ErrNoRows) {
		return storage{}, nil
	}
	if err != nil {
		return storage{}, fmt.Errorf("read storage of engine: %w", err)
	}
	st.schema, err = db.Query(ctx, tx, scanField, `
		SELECT slot, name, type
		FROM fields
		WHERE engine = $1
		ORDER BY slot`, st.number)
	return st, err
}

func scanField(s db.Scanner) (SchemaField, error) {
	var f SchemaField
	err := s.Scan(&f.slot, &f.Name, &f.Type)
	return f, err
}

// ensure is load for those who are about to write: it makes the storage if there is none.
func ensure(ctx context.Context, tx *db.Tx, e Engine) (storage, error) {
	st, err := load(ctx, tx, e.ID)
	if err != nil || st.number != 0 {
		return st, err
	}
	err = tx.QueryRowContext(ctx, "INSERT INTO engines (id) VALUES ($1) RETURNING number", e.ID).Scan(&st.number)
	if err != nil {
		return storage{}, fmt.Errorf("make storage of engine: %w", err)
	}
	columns := []string{column(idSlot)}
	for slot := range MaxFields {
		columns = append(columns, column(slot))
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("CREATE VIRTUAL TABLE %s USING fts5(%s, tokenize = '%s')",
		st.textTable(), strings.Join(columns, ", "), tokenizer(e.Language)))
	return st, wrap("make full-text table", err)
}

// tokenizer says how texts of a language are cut into words.
func tokenizer(language string) string {
	if language == "en" {
		return "porter unicode61 remove_diacritics 2"
	}
	return "unicode61 remove_diacritics 2"
}

// fillCounts sets the number of documents of each engine.
func (s *Store) fillCounts(ctx context.Context, list []Engine) error {
	err := s.engines.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		for i := range list {
			n, err := db.One(ctx, tx, nil, db.Int, "SELECT documents FROM engines WHERE id = $1", list[i].ID)
			if err != nil {
				return err
			}
			list[i].Documents = n
		}
		return nil
	})
	return wrap("count documents", err)
}

// freeSlice is how many documents are removed in one transaction, so that others get their turn at the writer.
const freeSlice = 200

// free removes an engine's storage. Its first step takes it away from under its id; the rest may be done at any time.
func (s *Store) free(ctx context.Context, id string) error {
	var st storage
	err := s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if st, err = load(ctx, tx, id); err != nil || st.number == 0 {
			return err
		}
		if _, err = db.Exec(ctx, tx, "UPDATE engines SET id = $1, pending = NULL WHERE number = $2",
			fmt.Sprintf("deleted-%d", st.number), st.number); err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, "DROP TABLE IF EXISTS "+st.textTable())
		return err
	})
	for more := st.number != 0; more && err == nil; {
		err = s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			more, err = freeSome(ctx, tx, st.number)
			return err
		})
	}
	return wrap("free storage", err)
}

func freeSome(ctx context.Context, tx *db.Tx, number int64) (more bool, err error) {
	n, err := db.Exec(ctx, tx, `
		DELETE FROM documents
		WHERE number IN (SELECT number FROM documents WHERE engine = $1 LIMIT $2)`, number, freeSlice)
	if err != nil || n > 0 {
		return true, err
	}
	_, err = db.Exec(ctx, tx, "DELETE FROM engines WHERE number = $1", number)
	return false, err
}

// sweep frees storage whose engine is gone: the program may end between the two databases.
func (s *Store) sweep(ctx context.Context) error {
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
	for _, id := range stored {
		if alive[id] {
			continue
		}
		if err := s.free(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func ids(ctx context.Context, d *db.DB) (list []string, err error) {
	err = d.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Query(ctx, tx, db.String, "SELECT id FROM engines")
		return err
	})
	return list, err
}
