package session

import (
	"context"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// errNoSession is the answer for a session that is over, and for one of somebody else.
var errNoSession = fault.New(fault.NotFound, "There is no such session.")

// End ends one of the asking user's own sessions, by the id that lists show.
func (s *Store) End(ctx context.Context, who audit.Who, id string) error {
	n, err := s.end(ctx, who, " AND id = $2", id)
	if err == nil && n == 0 {
		return errNoSession
	}
	return err
}

// EndOthers ends all of the asking user's sessions but one, and tells how many that were.
func (s *Store) EndOthers(ctx context.Context, who audit.Who, keep string) (int, error) {
	return s.end(ctx, who, " AND id <> $2", keep)
}

// end ends those of the asking user's sessions that fit a condition, and writes down each of them.
func (s *Store) end(ctx context.Context, who audit.Who, condition, id string) (int, error) {
	if who.Kind != permission.User {
		return 0, errNoSession
	}
	n := 0
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		list, err := db.Query(ctx, tx, scan, columns+" WHERE user_id = $1"+condition+" ORDER BY created_at, id", who.ID, id)
		if err != nil {
			return err
		}
		n = len(list)
		for _, v := range list {
			if _, err := db.Exec(ctx, tx, "DELETE FROM sessions WHERE id = $1 AND user_id = $2", v.ID, who.ID); err != nil {
				return err
			}
			e := audit.Event{Action: audit.SessionEnd, SubjectID: v.ID, SubjectLabel: v.Address, Changes: audit.Diff("user_agent", v.UserAgent, "")}
			if err := s.log.Append(ctx, tx, who, e); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
