package analytics

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"latchkey/db"
)

// kind is what rows of a day are counted by.
type kind string

const (
	kindQueries kind = "queries"
	kindClicks  kind = "clicks"
	kindTagSets kind = "tag_sets"
	kindPublic  kind = "public_logs"
	kindPrivate kind = "private_logs"
)

// spent names a count of rows: of an engine, on a day.
type spent struct {
	engine, day int64
	kind        kind
}

// writer writes in one transaction. Statements are prepared once.
type writer struct {
	ctx      context.Context
	tx       *db.Tx
	prepared map[string]*sql.Stmt
	numbers  map[string]int64 // of engines, by id
	days     map[spent]int64  // how many rows there are
	changed  map[spent]bool
}

func newWriter(ctx context.Context, tx *db.Tx) *writer {
	return &writer{ctx: ctx, tx: tx, prepared: map[string]*sql.Stmt{}, numbers: map[string]int64{}, days: map[spent]int64{}, changed: map[spent]bool{}}
}

func (w *writer) statement(query string) (*sql.Stmt, error) {
	if st := w.prepared[query]; st != nil {
		return st, nil
	}
	st, err := w.tx.PrepareContext(w.ctx, query)
	if err == nil {
		w.prepared[query] = st
	}
	return st, err
}

// exec tells whether a statement changed anything.
func (w *writer) exec(query string, args ...any) (bool, error) {
	st, err := w.statement(query)
	if err != nil {
		return false, err
	}
	r, err := st.ExecContext(w.ctx, args...)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// number reads one whole number and tells whether there is one.
func (w *writer) number(query string, args ...any) (n int64, there bool, err error) {
	st, err := w.statement(query)
	if err != nil {
		return 0, false, err
	}
	n, err = db.Int(st.QueryRowContext(w.ctx, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

// engine gives the number of an engine, which gets one with its first row.
func (w *writer) engine(id string) (int64, error) {
	if n := w.numbers[id]; n != 0 {
		return n, nil
	}
	n, there, err := w.number("SELECT number FROM analytics_engines WHERE id = $1", id)
	if err == nil && !there {
		n, _, err = w.number("INSERT INTO analytics_engines (id) VALUES ($1) RETURNING number", id)
	}
	if err != nil {
		return 0, fmt.Errorf("number engine: %w", err)
	}
	w.numbers[id] = n
	return n, nil
}

// count gives how many rows of a kind an engine has got on a day.
func (w *writer) count(s spent) (int64, error) {
	if n, known := w.days[s]; known {
		return n, nil
	}
	n, _, err := w.number("SELECT n FROM analytics_days WHERE engine = $1 AND day = $2 AND kind = $3", s.engine, s.day, string(s.kind))
	w.days[s] = n
	return n, err
}

// take counts one more row if there may be one.
func (w *writer) take(s spent, most int64) (bool, error) {
	n, err := w.count(s)
	if err != nil || n >= most {
		return false, err
	}
	w.days[s], w.changed[s] = n+1, true
	return true, nil
}

// saveDays writes the counts of rows that have changed.
func (w *writer) saveDays() error {
	for s := range w.changed {
		if _, err := w.exec(`
			INSERT INTO analytics_days (engine, day, kind, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (engine, day, kind) DO UPDATE SET n = excluded.n`, s.engine, s.day, string(s.kind), w.days[s]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) search(k searchKey, n int64) error {
	e, err := w.engine(k.engine)
	if err != nil {
		return err
	}
	set, err := w.tagSet(e, k.hour/dayHours, k.tags)
	if err != nil {
		return err
	}
	done, err := w.exec(`
		UPDATE analytics_queries SET n = n + $7
		WHERE engine = $1 AND hour = $2 AND rest = $3 AND term = $4 AND tag_set = $5 AND found = $6`,
		e, k.hour, flag(k.rest), k.term, set, flag(k.found), n)
	if done || err != nil {
		return err
	}
	if !k.rest {
		room, err := w.take(spent{e, k.hour / dayHours, kindQueries}, MaxRows)
		if err != nil {
			return err
		}
		if !room {
			return w.search(k.toRest(), n)
		}
	}
	_, err = w.exec("INSERT INTO analytics_queries (engine, hour, rest, term, tag_set, found, n) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		e, k.hour, flag(k.rest), k.term, set, flag(k.found), n)
	return err
}

func (w *writer) click(k clickKey, n int64) error {
	e, err := w.engine(k.engine)
	if err != nil {
		return err
	}
	set, err := w.tagSet(e, k.hour/dayHours, k.tags)
	if err != nil {
		return err
	}
	done, err := w.exec(`
		UPDATE analytics_clicks SET n = n + $7
		WHERE engine = $1 AND hour = $2 AND rest = $3 AND term = $4 AND document = $5 AND tag_set = $6`,
		e, k.hour, flag(k.rest), k.term, k.document, set, n)
	if done || err != nil {
		return err
	}
	if !k.rest {
		room, err := w.take(spent{e, k.hour / dayHours, kindClicks}, MaxRows)
		if err != nil {
			return err
		}
		if !room {
			return w.click(k.toRest(), n)
		}
	}
	_, err = w.exec("INSERT INTO analytics_clicks (engine, hour, rest, term, document, tag_set, n) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		e, k.hour, flag(k.rest), k.term, k.document, set, n)
	return err
}

// tagSet gives the number of a set of tags, and 0 for none, and for a new one where a day had too many of them.
func (w *writer) tagSet(engine, day int64, tags string) (int64, error) {
	if tags == "" {
		return 0, nil
	}
	set, there, err := w.number("SELECT number FROM analytics_tag_sets WHERE engine = $1 AND tags = $2", engine, tags)
	if err != nil {
		return 0, err
	}
	if there {
		_, err = w.exec("UPDATE analytics_tag_sets SET last_day = $2 WHERE number = $1 AND last_day < $2", set, day)
		return set, err
	}
	room, err := w.take(spent{engine, day, kindTagSets}, MaxTagSets)
	if err != nil || !room {
		return 0, err
	}
	set, _, err = w.number("INSERT INTO analytics_tag_sets (engine, tags, last_day) VALUES ($1, $2, $3) RETURNING number", engine, tags, day)
	if err != nil {
		return 0, err
	}
	var list []string
	if err := json.Unmarshal([]byte(tags), &list); err != nil {
		return 0, err
	}
	for _, tag := range list {
		if _, err := w.exec("INSERT INTO analytics_tags (engine, tag, tag_set) VALUES ($1, $2, $3)", engine, tag, set); err != nil {
			return 0, err
		}
	}
	return set, nil
}

// log writes a request down. trimLogs has to follow.
func (w *writer) log(r logRow) error {
	e, err := w.engine(r.engine)
	if err != nil {
		return err
	}
	s := spent{e, r.at.UnixMilli() / hourMillis / dayHours, kindPrivate}
	if r.public {
		s.kind = kindPublic
	}
	n, err := w.count(s)
	if err != nil {
		return err
	}
	w.days[s], w.changed[s] = n+1, true
	_, err = w.exec(`
		INSERT INTO api_logs (engine, day, public, at, method, status, path, user_agent, request, response)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e, s.day, flag(r.public), r.at.UnixMilli(), r.method, r.status, r.path, r.agent, r.body, r.answer)
	return err
}

// trimLogs removes the oldest requests of a day of which there are too many.
func (w *writer) trimLogs() error {
	for s := range w.changed {
		if s.kind != kindPublic && s.kind != kindPrivate || w.days[s] <= MaxLogs {
			continue
		}
		if _, err := w.exec(`
			DELETE FROM api_logs
			WHERE number IN (SELECT number FROM api_logs WHERE engine = $1 AND day = $2 AND public = $3 ORDER BY number LIMIT $4)`,
			s.engine, s.day, flag(s.kind == kindPublic), w.days[s]-MaxLogs); err != nil {
			return err
		}
		w.days[s] = MaxLogs
	}
	return nil
}

// flag is a truth as it is kept.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
