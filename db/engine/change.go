package engine

import (
	"context"

	"latchkey/db"
	"latchkey/db/audit"
)

// change runs one transaction of the engines database that belongs to a request. Somebody's right, or the engine, may
// end while a long request is under way: that is asked once the writer is held, and again when all is done, because
// unlike in the core database a revocation can be acknowledged meanwhile. What earlier transactions stored stays.
func (s *Store) change(ctx context.Context, who audit.Who, e Engine, f func(ctx context.Context, tx *db.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err // between transactions nothing is half done
	}
	return s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.confirm(ctx, who, e); err != nil {
			return err
		}
		if err := f(ctx, tx); err != nil {
			return err
		}
		return s.confirm(ctx, who, e)
	})
}

// confirm asks the core database whether somebody may still ask, and whether the engine is still there.
func (s *Store) confirm(ctx context.Context, who audit.Who, e Engine) error {
	if err := who.Confirm(ctx); err != nil {
		return err
	}
	return s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.One(ctx, tx, errNotFound, db.Int, "SELECT 1 FROM engines WHERE id = $1", e.ID)
		return err
	})
}
