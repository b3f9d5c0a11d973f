package engine

import (
	"context"
	"strconv"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// EndProject removes all engines of a project with their search queries, in the transaction that deletes the project.
// The function it gives has to be called once the transaction has ended; Run frees the storage afterwards. The caller
// has asked for permission.
func (s *Store) EndProject(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target) ([]audit.Change, func(), error) {
	list, err := db.Query(ctx, tx, scanEngine, engineColumns+" WHERE e.project_id = $1 ORDER BY e.name", place.Project)
	if err != nil {
		return nil, nil, wrap("list engines", err)
	}
	if _, err := db.Exec(ctx, tx, "DELETE FROM engines WHERE project_id = $1", place.Project); err != nil {
		return nil, nil, wrap("delete engines", err)
	}
	for _, e := range list {
		if err := s.log.Append(ctx, tx, who, event(audit.EngineDelete, place, e.Engine)); err != nil {
			return nil, nil, err
		}
	}
	return audit.Diff("engines", strconv.Itoa(len(list)), "0"), s.freeing.ring, nil
}
