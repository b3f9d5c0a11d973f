package usage

import (
	"context"
	"time"

	"latchkey/db"
)

// DeadUse is that somebody tried a key that was at its end.
type DeadUse struct {
	KeyID string
	Rejection
}

// DeadUses gives the keys of a project that were tried when they were revoked or expired, since a moment: at most limit
// of them, the latest first. The caller has checked that the asker may see the project.
func (s *Store) DeadUses(ctx context.Context, projectID string, since time.Time, limit int) ([]DeadUse, error) {
	var list []DeadUse
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, func(s db.Scanner) (DeadUse, error) {
			var d DeadUse
			var first, last int64
			err := s.Scan(&d.KeyID, &d.Reason, &d.Count, &first, &last, &d.Address, &d.Agent, &d.Endpoint)
			d.First, d.At = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
			return d, err
		}, `
			SELECT r.key_id, r.reason, r.n, r.first_at, r.last_at, r.address, r.user_agent, r.endpoint
			FROM key_rejections r JOIN keys k ON k.id = r.key_id
			WHERE r.reason IN ('key_revoked', 'key_expired') AND r.last_at >= $2 AND k.project_id = $1
			ORDER BY r.last_at DESC, r.key_id LIMIT $3`, projectID, since.UnixMilli(), limit)
		return err
	})
	return list, err
}
