package usage

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"latchkey/db"
)

// writer writes counts in one transaction. Statements are prepared once, and what belongs to projects is added up and
// written at the end.
type writer struct {
	ctx      context.Context
	tx       *db.Tx
	prepared map[string]*sql.Stmt
	projects map[string]map[int64]*tally // by project and hour
}

func newWriter(ctx context.Context, tx *db.Tx) *writer {
	return &writer{ctx: ctx, tx: tx, prepared: map[string]*sql.Stmt{}, projects: map[string]map[int64]*tally{}}
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

func (w *writer) exec(query string, args ...any) error {
	st, err := w.statement(query)
	if err == nil {
		_, err = st.ExecContext(w.ctx, args...)
	}
	if err != nil {
		return fmt.Errorf("write usage: %w", err)
	}
	return nil
}

// text reads one text, "" where there is no row.
func (w *writer) text(query string, args ...any) (string, error) {
	st, err := w.statement(query)
	if err != nil {
		return "", err
	}
	v, err := db.String(st.QueryRowContext(w.ctx, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

// key writes what was counted of one key.
func (w *writer) key(id, project string, c *counter) error {
	if err := w.use(id, c); err != nil {
		return err
	}
	for _, t := range c.hours {
		w.sum(project, t)
		if err := w.tally(ofKey, id, t, project); err != nil {
			return err
		}
	}
	for _, r := range c.refusals {
		if err := w.refusal(id, r); err != nil {
			return err
		}
	}
	if err := w.seen(id, c.seen); err != nil {
		return err
	}
	return w.tokens(id, c.tokens)
}

// use writes the last use. A refused request is none.
func (w *writer) use(id string, c *counter) error {
	if c.usedAt == 0 {
		return nil
	}
	var signed any
	if c.signedAt != 0 {
		signed = c.signedAt
	}
	return w.exec(`
		INSERT INTO key_use (key_id, used_at, address, user_agent, endpoint, signed_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at, address = excluded.address,
			user_agent = excluded.user_agent, endpoint = excluded.endpoint,
			signed_at = COALESCE(excluded.signed_at, key_use.signed_at)`,
		id, c.usedAt, c.use.address, c.use.agent, c.use.endpoint, signed)
}

// subject is what counts are kept of, with the statements that add to them.
type subject struct {
	name, id                         string
	hour, day, hourReason, dayReason string
}

var (
	ofKey     = newSubject("key", "project_id")
	ofProject = newSubject("project", "")
)

// newSubject gives a subject; with is a further column of its days.
func newSubject(name, with string) subject {
	s := subject{name: name, id: name + "_id"}
	s.hour, s.day = s.upsert("hour", ""), s.upsert("day", with)
	s.hourReason, s.dayReason = s.upsertReason("hour"), s.upsertReason("day")
	return s
}

func (s subject) upsert(unit, with string) string {
	columns, values := "", ""
	if with != "" {
		columns, values = ", "+with, ", $6"
	}
	return fmt.Sprintf(`
		INSERT INTO %[1]s_%[2]ss (%[1]s_id, %[2]s, accepted, rejected, signed%[3]s) VALUES ($1, $2, $3, $4, $5%[4]s)
		ON CONFLICT (%[1]s_id, %[2]s) DO UPDATE SET accepted = %[1]s_%[2]ss.accepted + excluded.accepted,
			rejected = %[1]s_%[2]ss.rejected + excluded.rejected, signed = %[1]s_%[2]ss.signed + excluded.signed`,
		s.name, unit, columns, values)
}

func (s subject) upsertReason(unit string) string {
	return fmt.Sprintf(`
		INSERT INTO %[1]s_%[2]s_reasons (%[1]s_id, %[2]s, reason, n) VALUES ($1, $2, $3, $4)
		ON CONFLICT (%[1]s_id, %[2]s, reason) DO UPDATE SET n = %[1]s_%[2]s_reasons.n + excluded.n`, s.name, unit)
}

// tally writes the counts of one hour, and adds them to its day.
func (w *writer) tally(of subject, id string, t tally, with ...any) error {
	err := w.exec(of.hour, id, t.hour, t.accepted, t.rejected, t.signed)
	if err == nil {
		err = w.exec(of.day, append([]any{id, t.hour / 24, t.accepted, t.rejected, t.signed}, with...)...)
	}
	for _, r := range t.reasons {
		if err == nil {
			err = w.exec(of.hourReason, id, t.hour, string(r.reason), r.n)
		}
		if err == nil {
			err = w.exec(of.dayReason, id, t.hour/24, string(r.reason), r.n)
		}
	}
	return err
}

// sum adds the counts of a key to those of its project.
func (w *writer) sum(project string, t tally) {
	hours := w.projects[project]
	if hours == nil {
		hours = map[int64]*tally{}
		w.projects[project] = hours
	}
	sum := hours[t.hour]
	if sum == nil {
		sum = &tally{hour: t.hour}
		hours[t.hour] = sum
	}
	sum.accepted, sum.rejected, sum.signed = sum.accepted+t.accepted, sum.rejected+t.rejected, sum.signed+t.signed
	for _, r := range t.reasons {
		sum.because(r.reason, r.n)
	}
}

func (w *writer) sums() error {
	for project, hours := range w.projects {
		for _, t := range hours {
			if err := w.tally(ofProject, project, *t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) refusal(id string, r refusal) error {
	return w.exec(`
		INSERT INTO key_rejections (key_id, reason, n, first_at, last_at, address, user_agent, endpoint)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (key_id, reason) DO UPDATE SET n = key_rejections.n + excluded.n, last_at = excluded.last_at,
			address = excluded.address, user_agent = excluded.user_agent, endpoint = excluded.endpoint`,
		id, string(r.reason), r.n, r.first, r.last, r.use.address, r.use.agent, r.use.endpoint)
}

// seen adds what was seen to what was seen before. It stands in one row, as one text: nobody looks for a part of it, and
// sixty rows for each key that is in use would be the larger part of all writing.
func (w *writer) seen(id string, later seen) error {
	text, err := w.text("SELECT seen FROM key_seen WHERE key_id = $1", id)
	if err != nil {
		return fmt.Errorf("read sightings: %w", err)
	}
	all, err := parseSeen(text)
	if err != nil {
		return err
	}
	all.add(later)
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return w.exec(`
		INSERT INTO key_seen (key_id, seen, last_at) VALUES ($1, $2, $3)
		ON CONFLICT (key_id) DO UPDATE SET seen = excluded.seen, last_at = excluded.last_at`, id, string(b), w.tx.NowMillis())
}

// tokens writes which signed search keys were seen, up to MaxTokens of the last TokensFor.
func (w *writer) tokens(id string, tokens map[Token]int64) error {
	if len(tokens) == 0 {
		return nil
	}
	if err := w.exec("DELETE FROM key_tokens WHERE key_id = $1 AND last_at < $2", id, w.tx.Now.Add(-TokensFor).UnixMilli()); err != nil {
		return err
	}
	for token, at := range tokens {
		if err := w.exec(`
			INSERT INTO key_tokens (key_id, token, last_at)
			SELECT $1, $2, $3 WHERE (SELECT COUNT(*) FROM key_tokens WHERE key_id = $1) < $4
				OR EXISTS (SELECT 1 FROM key_tokens WHERE key_id = $1 AND token = $2)
			ON CONFLICT (key_id, token) DO UPDATE SET last_at = excluded.last_at`, id, hex.EncodeToString(token[:]), at, MaxTokens); err != nil {
			return err
		}
	}
	return nil
}
