package usage

import (
	"context"
	"fmt"

	"latchkey/db"
)

// cleaned is how many keys Clean looks at in one transaction.
const cleaned = 50

// sweep is how far removing what is old has come: once through all keys each day.
type sweep struct {
	after string // the last key that was looked at
	day   int64  // the day on which it was done last
}

// Clean removes what was kept long enough, of a few keys at a time, so that nobody waits for it. Once it has gone
// through all of them it rests until the next day.
func (s *Store) Clean(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	today := s.db.Now().Unix() / 86400
	if s.sweep.day == today {
		return nil
	}
	var ids []string
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ids, err = db.Query(ctx, tx, db.String, "SELECT id FROM keys WHERE id > $1 ORDER BY id LIMIT $2", s.sweep.after, cleaned)
		return err
	})
	if err != nil {
		return fmt.Errorf("list keys to clean: %w", err)
	}
	if err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return clean(ctx, tx, ids) }); err != nil {
		return err
	}
	if len(ids) == cleaned {
		s.sweep.after = ids[len(ids)-1]
		return nil
	}
	s.sweep = sweep{day: today}
	return nil
}

// clean removes what is old of some keys and, of which there are few, of all projects.
func clean(ctx context.Context, tx *db.Tx, ids []string) error {
	w := newWriter(ctx, tx)
	hour, today := tx.Now.Add(-KeepHours).Unix()/3600, tx.Now.Add(-KeepDays).Unix()/86400
	for _, id := range ids {
		for _, d := range []struct {
			query  string
			before int64
		}{
			{"DELETE FROM key_hours WHERE key_id = $1 AND hour < $2", hour},
			{"DELETE FROM key_hour_reasons WHERE key_id = $1 AND hour < $2", hour},
			{"DELETE FROM key_days WHERE key_id = $1 AND day < $2", today},
			{"DELETE FROM key_day_reasons WHERE key_id = $1 AND day < $2", today},
			{"DELETE FROM key_seen WHERE key_id = $1 AND last_at < $2", tx.Now.Add(-KeepDays).UnixMilli()},
			{"DELETE FROM key_tokens WHERE key_id = $1 AND last_at < $2", tx.Now.Add(-TokensFor).UnixMilli()},
		} {
			if err := w.exec(d.query, id, d.before); err != nil {
				return err
			}
		}
	}
	if len(ids) == cleaned {
		return nil
	}
	for query, before := range map[string]int64{
		"DELETE FROM project_hours WHERE hour < $1":        hour,
		"DELETE FROM project_hour_reasons WHERE hour < $1": hour,
		"DELETE FROM project_days WHERE day < $1":          today,
		"DELETE FROM project_day_reasons WHERE day < $1":   today,
	} {
		if err := w.exec(query, before); err != nil {
			return err
		}
	}
	return nil
}
