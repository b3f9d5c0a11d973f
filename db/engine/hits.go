package engine

import (
	"context"
	"fmt"
	"strings"

	"latchkey/db"
)

// hits reads the documents to show, in their order.
func (r *run) hits(ctx context.Context) ([]Hit, error) {
	list := make([]Hit, 0, len(r.shown))
	if len(r.shown) == 0 {
		return list, nil
	}
	rows, err := r.rows(ctx)
	if err != nil {
		return nil, err
	}
	marked, err := r.marked(ctx)
	if err != nil {
		return nil, err
	}
	one := func(h hit) (Hit, error) {
		row, ok := rows[h.number]
		if !ok {
			return Hit{}, errLost
		}
		d, err := row.document(r.st.schema)
		return Hit{ID: d.ID, Score: h.score, Key: h.key, Fields: r.fields(d, marked[h.number]), Document: d}, err
	}
	for _, h := range r.shown {
		found, err := one(h)
		if err != nil {
			return nil, err
		}
		for _, other := range r.grouped[h.number] {
			in, err := one(other)
			if err != nil {
				return nil, err
			}
			found.Group = append(found.Group, in)
		}
		list = append(list, found)
	}
	return list, nil
}

func (r *run) rows(ctx context.Context) (map[int64]row, error) {
	b := &builder{}
	where := b.isOneOf("number", r.shownNumbers())
	list, err := db.Query(ctx, r.tx, scanRow, "SELECT number, id, body FROM documents WHERE "+where, b.args...)
	rows := make(map[int64]row, len(list))
	for _, row := range list {
		rows[row.number] = row
	}
	return rows, err
}

func (r *run) shownNumbers() []any {
	list := make([]any, 0, len(r.shown))
	for _, h := range r.shown {
		list = append(list, h.number)
		for _, other := range r.grouped[h.number] {
			list = append(list, other.number)
		}
	}
	return list
}

// marked gives, for each shown document, the texts of the fields of which a snippet is asked, with what was found in
// marks. Only here are texts cut into words again, and only those of one page.
func (r *run) marked(ctx context.Context) (map[int64]map[string]string, error) {
	var names, columns []string
	for name, f := range r.q.ResultFields {
		if slot, ok := r.textSlot(name); ok && f.Snippet != nil {
			names = append(names, name)
			columns = append(columns, r.highlight(slot))
		}
	}
	if !r.text || len(names) == 0 {
		return nil, nil
	}
	b := &builder{}
	table := r.st.textTable()
	where := b.isOneOf("rowid", r.shownNumbers()) + " AND " + table + " MATCH " + b.arg(r.match.anywhere())
	all := make(map[int64]map[string]string, len(r.shown))
	_, err := db.Query(ctx, r.tx, func(s db.Scanner) (struct{}, error) {
		var number int64
		texts := make([]*string, len(names))
		dest := []any{&number}
		for i := range texts {
			dest = append(dest, &texts[i])
		}
		err := s.Scan(dest...)
		all[number] = map[string]string{}
		for i, text := range texts {
			if text != nil {
				all[number][names[i]] = *text
			}
		}
		return struct{}{}, err
	}, "SELECT rowid, "+strings.Join(columns, ", ")+" FROM "+table+" WHERE "+where, b.args...)
	return all, err
}

// textSlot gives the slot of a field that the full text holds.
func (r *run) textSlot(name string) (int, bool) {
	if name == "id" {
		return idSlot, true
	}
	f, ok := r.st.schema.field(name)
	return f.slot, ok && f.Type == TypeText
}

func (r *run) highlight(slot int) string {
	// id is the first column, and its slot is -1.
	return fmt.Sprintf("highlight(%s, %d, char(%d), char(%d))", r.st.textTable(), slot+1, markOn, markOff)
}

// fields gives the fields of a hit in the forms that were asked for.
func (r *run) fields(d Document, marked map[string]string) map[string]FieldResult {
	out := map[string]FieldResult{}
	if r.q.ResultFields == nil {
		for _, f := range d.Fields {
			v := f.Typed()
			out[f.Name] = FieldResult{Raw: &v}
		}
		return out
	}
	for name, ask := range r.q.ResultFields {
		v := TextValue(d.ID)
		if f, ok := r.st.schema.field(name); ok {
			v = Field{Name: name, Type: f.Type, Value: d.Get(name)}.Typed()
		}
		var one FieldResult
		if ask.Raw != nil {
			raw := v.cut(ask.Raw.Size)
			one.Raw = &raw
		}
		if ask.Snippet != nil {
			one.Snippet = ask.Snippet.snippet(marked[name], v)
		}
		out[name] = one
	}
	return out
}
