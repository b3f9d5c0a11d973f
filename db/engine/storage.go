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
	pending   sql.NullInt64 // the last document that is indexed by the present types; NULL when all are
	schema    Schema

	// Of a meta engine, whose number is 0, and whose documents and schema are those of its parts together.
	parts     []part
	conflicts []Conflict
}

// part is the storage of a source engine, for the meta engine that searches it.
type part struct {
	storage
	name, language string
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
	err := tx.QueryRowContext(ctx, "SELECT number, documents, pending FROM engines WHERE id = $1", id).
		Scan(&st.number, &st.documents, &st.pending)
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

// loadAll is load for those who ask: of a meta engine it reads what there is of its sources.
func loadAll(ctx context.Context, tx *db.Tx, e Engine) (storage, error) {
	if !e.Meta {
		return load(ctx, tx, e.ID)
	}
	var all storage
	for _, source := range e.Sources {
		st, err := load(ctx, tx, source.ID)
		if err != nil {
			return storage{}, err
		}
		all.parts = append(all.parts, part{st, source.Name, source.Language})
		all.documents += st.documents
	}
	all.schema, all.conflicts = union(all.parts)
	return all, nil
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
