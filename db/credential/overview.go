package credential

import (
	"context"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// Overview counts the keys of a project.
type Overview struct {
	Total    int // that are not revoked
	Active   int // neither revoked nor expired
	Expiring int // within ExpirySoon
	Unused   int // active, and not used for UnusedAfter
	Revoked  int
}

// Inactive is how many keys are revoked or expired.
func (o Overview) Inactive() int { return o.Total - o.Active + o.Revoked }

// Overview counts the keys of a project. It needs api_keys.read.
func (s *Store) Overview(ctx context.Context, who audit.Who, place permission.Target) (Overview, error) {
	var o Overview
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return o, err
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = overview(ctx, tx, place.Project)
		return err
	})
	return o, err
}

const day = 24 * 60 * 60 * 1000 // in milliseconds, as the tally has it

// overview adds up the tally that triggers keep: whole days from there, and of the day on which each border lies the
// keys themselves. So it is exact at every moment, and takes no longer with many keys.
func overview(ctx context.Context, tx *db.Tx, project string) (Overview, error) {
	m := momentsAt(tx.Now)
	var all, revoked, expired, soon, idle, idleEnded int
	err := tx.QueryRowContext(ctx, `
		SELECT COALESCE(SUM(n) FILTER (WHERE kind = 'all'), 0), COALESCE(SUM(n) FILTER (WHERE kind = 'revoked'), 0),
			COALESCE(SUM(n) FILTER (WHERE kind = 'expiry' AND day < $2), 0), COALESCE(SUM(n) FILTER (WHERE kind = 'expiry' AND day < $3), 0),
			COALESCE(SUM(n) FILTER (WHERE kind = 'idle' AND day < $4), 0), COALESCE(SUM(n) FILTER (WHERE kind = 'idle_end' AND day < $2), 0)
		FROM key_tally WHERE project_id = $1`, project, m.now/day, m.soon/day, m.idle/day).
		Scan(&all, &revoked, &expired, &soon, &idle, &idleEnded)
	if err != nil {
		return Overview{}, err
	}
	const until = "SELECT COUNT(*) FROM keys k WHERE k.project_id = $1 AND k.revoked = $4 AND k.expires_at >= $2 AND k.expires_at <= $3"
	for _, border := range []struct {
		sum   *int
		query string
		at    int64
	}{
		{&expired, until, m.now},
		{&soon, until, m.soon},
		{&idleEnded, until + " AND k.expires_at > k.idle_since + 7776000000", m.now},
		{&idle, `SELECT COUNT(*) FROM keys k WHERE k.project_id = $1 AND k.revoked = $4 AND k.idle_since >= $2 AND k.idle_since < $3
			AND (k.expires_at IS NULL OR k.expires_at > k.idle_since + 7776000000)`, m.idle},
	} {
		n, err := db.One(ctx, tx, nil, db.Int, border.query, project, border.at/day*day, border.at, false)
		if err != nil {
			return Overview{}, err
		}
		*border.sum += int(n)
	}
	return Overview{Total: all - revoked, Active: all - revoked - expired, Expiring: soon - expired, Unused: idle - idleEnded, Revoked: revoked}, nil
}
