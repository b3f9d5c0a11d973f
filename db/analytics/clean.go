package analytics

import (
	"context"
	"errors"
	"math"

	"latchkey/db"
)

// Clean removes what was kept of engines that are gone and, once a day, what was kept long enough: a few rows in one
// transaction, so that nobody waits for it.
func (s *Store) Clean(ctx context.Context) error {
	stored, err := ids(ctx, s.engines, "SELECT id FROM analytics_engines")
	if err != nil || len(stored) == 0 {
		return err
	}
	known, err := ids(ctx, s.core, "SELECT id FROM engines")
	if err != nil {
		return err
	}
	alive := make(map[string]bool, len(known))
	for _, id := range known {
		alive[id] = true
	}
	now := s.engines.Now()
	old := bounds{counts: now.Add(-KeepCounts).UnixMilli() / hourMillis / dayHours, logs: now.Add(-KeepLogs).UnixMilli() / hourMillis / dayHours}
	today := now.UnixMilli() / hourMillis / dayHours
	var errs []error
	for _, id := range stored {
		switch {
		case !alive[id]:
			errs = append(errs, s.remove(ctx, id, bounds{math.MaxInt32, math.MaxInt32, true}))
		case today != s.cleaned:
			errs = append(errs, s.remove(ctx, id, old))
		}
	}
	err = errors.Join(errs...)
	if err == nil {
		s.cleaned = today
	}
	return wrap("remove analytics", err)
}

func ids(ctx context.Context, d *db.DB, query string) (list []string, err error) {
	err = d.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Query(ctx, tx, db.String, query)
		return err
	})
	return list, err
}

// bounds are the first days that are kept.
type bounds struct {
	counts, logs int64
	all          bool // the engine is gone: nothing is kept, not even its number
}

// remove removes what lies before the bounds, in as many transactions as it takes.
func (s *Store) remove(ctx context.Context, id string, b bounds) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			more, err = removeSome(ctx, tx, id, b)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeSome removes some rows and reports whether there may be more.
func removeSome(ctx context.Context, tx *db.Tx, id string, b bounds) (more bool, err error) {
	for _, step := range []struct {
		query  string
		before int64
	}{
		{`DELETE FROM api_logs WHERE number IN (
			SELECT l.number FROM api_logs l JOIN analytics_engines e ON e.number = l.engine WHERE e.id = $1 AND l.day < $2 LIMIT 50)`, b.logs},
		{`DELETE FROM analytics_queries WHERE (engine, hour, rest, term, tag_set, found) IN (
			SELECT q.engine, q.hour, q.rest, q.term, q.tag_set, q.found
			FROM analytics_queries q JOIN analytics_engines e ON e.number = q.engine WHERE e.id = $1 AND q.hour < $2 LIMIT 300)`, b.counts * dayHours},
		{`DELETE FROM analytics_clicks WHERE (engine, hour, rest, term, document, tag_set) IN (
			SELECT c.engine, c.hour, c.rest, c.term, c.document, c.tag_set
			FROM analytics_clicks c JOIN analytics_engines e ON e.number = c.engine WHERE e.id = $1 AND c.hour < $2 LIMIT 300)`, b.counts * dayHours},
		{`DELETE FROM analytics_tag_sets WHERE number IN (
			SELECT s.number FROM analytics_tag_sets s JOIN analytics_engines e ON e.number = s.engine WHERE e.id = $1 AND s.last_day < $2 LIMIT 50)`, b.counts},
		{`DELETE FROM analytics_days WHERE (engine, day, kind) IN (
			SELECT d.engine, d.day, d.kind FROM analytics_days d JOIN analytics_engines e ON e.number = d.engine WHERE e.id = $1 AND d.day < $2 LIMIT 300)`, b.counts},
	} {
		if n, err := db.Exec(ctx, tx, step.query, id, step.before); n > 0 || err != nil {
			return true, err
		}
	}
	if b.all {
		_, err = db.Exec(ctx, tx, "DELETE FROM analytics_engines WHERE id = $1", id)
	}
	return false, err
}
