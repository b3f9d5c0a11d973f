// Package takeover remembers how far an import from another system has come.
//
// What is imported is kept by the subjects it belongs to; here stands only where to go on after an import was cut off: a
// position for each item, such as the documents of an engine, of one source and one project. A position older than Fresh
// counts no more, because the source may have changed meanwhile. Nothing here is a secret, and nothing here is needed for
// a second import to come to the same result: without it, it only takes longer.
package takeover

import (
	"context"
	"fmt"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Fresh is how long a position is good for.
const Fresh = 24 * time.Hour

// Store keeps positions. It is safe for concurrent use.
type Store struct {
	db  *db.DB
	log *audit.Log
}

// NewStore makes the store on the core database.
func NewStore(d *db.DB, log *audit.Log) *Store { return &Store{db: d, log: log} }

var (
	errNoProject = fault.New(fault.NotFound, "There is no such project.")
	errForbidden = fault.New(fault.Forbidden, "You may not import into this project.")
)

// authorize demands the right to change the project's engines, which is what imports do.
func authorize(who audit.Who, place permission.Target) error {
	return permission.Decide(who.Principal, permission.IndicesModify, place).Err(errForbidden, errNoProject)
}

// Positions gives the positions of an import that was cut off, by item; none if it was finished, or is too old. It needs
// indices.modify.
func (s *Store) Positions(ctx context.Context, who audit.Who, place permission.Target, source string) (map[string]string, error) {
	if err := authorize(who, place); err != nil {
		return nil, err
	}
	positions := map[string]string{}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
			var item, position string
			err := s.Scan(&item, &position)
			positions[item] = position
			return struct{}{}, err
		}, `
			SELECT item, position FROM takeover_progress
			WHERE project_id = $1 AND source = $2 AND updated_at > $3`, place.Project, source, tx.Now.Add(-Fresh).UnixMilli())
		return err
	})
	return positions, err
}

// Save writes a position down. It needs indices.modify.
func (s *Store) Save(ctx context.Context, who audit.Who, place permission.Target, source, item, position string) error {
	if err := authorize(who, place); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			INSERT INTO takeover_progress (project_id, source, item, position, updated_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (project_id, source, item) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at`,
			place.Project, source, item, position, tx.NowMillis())
		if err != nil {
			return fmt.Errorf("save position of import: %w", err)
		}
		return nil
	})
}

// Clear forgets all positions of a source: an import of it is finished, or starts over. It needs indices.modify.
func (s *Store) Clear(ctx context.Context, who audit.Who, place permission.Target, source string) error {
	if err := authorize(who, place); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DELETE FROM takeover_progress WHERE project_id = $1 AND source = $2", place.Project, source)
		return err
	})
}
