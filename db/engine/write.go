package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"latchkey/db"
)

// writer puts documents into one engine within one transaction. Statements are prepared once.
type writer struct {
	tx    *db.Tx
	st    storage
	stmts map[string]*sql.Stmt
	added int64 // documents more than before
}

func newWriter(tx *db.Tx, st storage) *writer {
	return &writer{tx: tx, st: st, stmts: map[string]*sql.Stmt{}}
}

// exec runs a statement that will come again; it is closed with the transaction.
func (w *writer) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := w.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.tx.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = stmt
	return stmt, nil
}

// finish writes down what changed about the engine as a whole.
func (w *writer) finish(ctx context.Context) error {
	if w.added == 0 {
		return nil
	}
	_, err := db.Exec(ctx, w.tx, "UPDATE engines SET documents = documents + $1 WHERE number = $2", w.added, w.st.number)
	return err
}

// put stores one document, whole or merged into what is there. What is wrong with the document comes back as
// messages; it then changed nothing.
func (w *writer) put(ctx context.Context, p prepared, merge bool) (done Effect, messages []string, err error) {
	number, body, err := w.existing(ctx, p.id)
	if err != nil {
		return "", nil, err
	}
	values := p.values
	if merge {
		if number == 0 {
			return "", []string{"Document not found"}, nil
		}
		if values, err = merged(body, p.values); err != nil {
			return "", nil, err
		}
	}
	text, err := encode(values)
	switch {
	case err != nil:
		return "", nil, err
	case number != 0 && text == body:
		return Same, nil, nil
	case len(text)+len(p.id) > MaxDocument:
		return "", []string{"Invalid document: a document can have at most 100 KB"}, nil
	}
	if messages := w.fits(p.values); len(messages) > 0 {
		return "", messages, nil
	}
	if err := w.addFields(ctx, p.names); err != nil {
		return "", nil, err
	}
	done = Changed
	if number == 0 {
		done = Added
		number, err = w.insert(ctx, p.id, text)
	} else {
		_, err = w.exec(ctx, "UPDATE documents SET body = $1 WHERE number = $2", text, number)
	}
	if err != nil {
		return "", nil, fmt.Errorf("store document: %w", err)
	}
	return done, nil, w.index(ctx, number, p.id, values)
}

func (w *writer) existing(ctx context.Context, id string) (number int64, body string, err error) {
	stmt, err := w.stmt(ctx, "SELECT number, body FROM documents WHERE engine = $1 AND id = $2")
	if err != nil {
		return 0, "", err
	}
	err = stmt.QueryRowContext(ctx, w.st.number, id).Scan(&number, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return number, body, err
}

func merged(body string, change map[string]Value) (map[string]Value, error) {
	values, err := decode(body)
	for name, v := range change {
		values[name] = v
	}
	return values, err
}

func (w *writer) insert(ctx context.Context, id, body string) (int64, error) {
	w.added++
	r, err := w.exec(ctx, "INSERT INTO documents (engine, id, body) VALUES ($1, $2, $3)", w.st.number, id, body)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// fits says what keeps new values from being stored under the schema.
func (w *writer) fits(values map[string]Value) (messages []string) {
	fields := len(w.st.schema)
	for _, f := range w.st.schema {
		if _, err := f.Type.index(values[f.Name]); err != nil {
			messages = append(messages, err.Error())
		}
	}
	for name := range values {
		if _, known := w.st.schema.Type(name); !known {
			fields++
		}
	}
	if fields > MaxFields {
		messages = append(messages, tooManyFields)
	}
	return messages
}

// addFields gives a slot to each field that has none yet. New fields are texts.
func (w *writer) addFields(ctx context.Context, names []string) error {
	for _, name := range names {
		if _, known := w.st.schema.Type(name); known {
			continue
		}
		if err := w.addField(ctx, SchemaField{Name: name, Type: TypeText}); err != nil {
			return err
		}
	}
	return nil
}

// addField adds a field at the end of the schema. Fields are never removed, so the next slot is the number of fields.
func (w *writer) addField(ctx context.Context, f SchemaField) error {
	f.slot = len(w.st.schema)
	_, err := w.exec(ctx, "INSERT INTO fields (engine, slot, name, type) VALUES ($1, $2, $3, $4)",
		w.st.number, f.slot, f.Name, string(f.Type))
	if err != nil {
		return fmt.Errorf("add field: %w", err)
	}
	w.st.schema = append(w.st.schema, f)
	return nil
}

// index replaces all that the indexes hold about a document. Values, also single ones of an array, that do not fit their
// type are left out; put has refused them before, so they can only be older than the type.
func (w *writer) index(ctx context.Context, number int64, id string, values map[string]Value) error {
	if err := w.unindex(ctx, number); err != nil {
		return err
	}
	texts := []any{number, indexText(id)}
	for _, f := range w.st.schema {
		v := values[f.Name]
		var text any // NULL where there is nothing to search
		if f.Type == TypeText && v.kind != Null {
			text = fieldText(v)
		}
		texts = append(texts, text)
		found, _ := f.Type.index(v)
		if err := w.indexEntries(ctx, number, f.slot, found); err != nil {
			return fmt.Errorf("index field: %w", err)
		}
	}
	_, err := w.exec(ctx, w.textInsert(), texts...)
	return wrap("index text", err)
}

func (w *writer) unindex(ctx context.Context, number int64) error {
	for _, table := range []string{"field_values", "field_points"} {
		if _, err := w.exec(ctx, "DELETE FROM "+table+" WHERE document = $1", number); err != nil {
			return fmt.Errorf("clear index: %w", err)
		}
	}
	return nil
}

func (w *writer) indexEntries(ctx context.Context, number int64, slot int, found entries) error {
	for _, value := range found.values {
		_, err := w.exec(ctx, `
			INSERT INTO field_values (engine, slot, value, document)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, w.st.number, slot, value, number)
		if err != nil {
			return err
		}
	}
	for _, p := range found.points {
		_, err := w.exec(ctx, `
			INSERT INTO field_points (engine, slot, lat, lon, document)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, w.st.number, slot, p.Lat, p.Lon, number)
		if err != nil {
			return err
		}
	}
	return nil
}

// textInsert names only the columns in use: 64 of them would cost more than the texts.
func (w *writer) textInsert() string {
	columns, params := "rowid, id", "$1, $2"
	for i, f := range w.st.schema {
		columns += ", " + column(f.slot)
		params += fmt.Sprintf(", $%d", i+3)
	}
	return "REPLACE INTO " + w.st.textTable() + " (" + columns + ") VALUES (" + params + ")"
}

// remove deletes a document and tells how many bytes it had, 0 if it was not there.
func (w *writer) remove(ctx context.Context, id string) (size int, err error) {
	number, body, err := w.existing(ctx, id)
	if err != nil || number == 0 {
		return 0, err
	}
	w.added--
	if _, err := w.exec(ctx, "DELETE FROM "+w.st.textTable()+" WHERE rowid = $1", number); err != nil {
		return 0, err
	}
	_, err = w.exec(ctx, "DELETE FROM documents WHERE number = $1", number)
	return len(body), err
}

// fieldText is what the full text holds of a field. Elements of an array stand apart by a separator that no text
// contains.
func fieldText(v Value) string {
	list := v.List()
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = indexText(e.text)
	}
	return strings.Join(texts, string(separator))
}
