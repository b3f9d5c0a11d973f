package credential

import (
	"context"
	"fmt"
	"strconv"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// maxNoted is how many keys of a deleted project get an event of their own. The writer is held meanwhile, and a
// transaction that takes longer than db.WriteLimit would never succeed: beyond it, the event of the project tells how
// many there were, and the keys themselves tell when they ended and by whom.
const maxNoted = 1000

// EndProject revokes all keys of a project, in the transaction that deletes the project, and puts that into effect
// before the writer is free again, as change does for one key. The function it gives has to be called once the
// transaction has ended, however it ended. The caller has asked for permission.
func (s *Store) EndProject(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target) ([]audit.Change, func(), error) {
	nothing := func() {}
	list, err := db.Query(ctx, tx, scanRow, selectKey+" WHERE k.project_id = $1 AND k.revoked_at IS NULL ORDER BY k.created_at, k.id", place.Project)
	if err != nil {
		return nil, nothing, err
	}
	if _, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE subject_id IN (SELECT id FROM keys WHERE project_id = $1)", place.Project); err != nil {
		return nil, nothing, err
	}
	if _, err := db.Exec(ctx, tx, `
		UPDATE keys SET revoked_at = $1, revoked_by = $2, states = NULL, sealed = NULL, updated_at = $1
		WHERE project_id = $3 AND revoked_at IS NULL`, tx.NowMillis(), who.Label, place.Project); err != nil {
		return nil, nothing, fmt.Errorf("revoke keys of project: %w", err)
	}
	for _, k := range list {
		if len(list) > maxNoted {
			break
		}
		if err := s.note(ctx, tx, who, place, audit.KeyRevoke, k, audit.Diff("status", "active", "revoked")); err != nil {
			return nil, nothing, err
		}
	}
	s.live.publishing.Lock()
	ended := func() {
		defer s.live.publishing.Unlock()
		s.rereadProject(ctx, place.Project)
	}
	changes := audit.Diff("keys", strconv.Itoa(len(list)), "0")
	return changes, ended, s.load(ctx, tx, " WHERE k.project_id = $1", place.Project)
}

// rereadProject brings all keys of a project in memory to what was really committed, for who holds the lock already.
// What cannot be read is barred until it can.
func (s *Store) rereadProject(ctx context.Context, project string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), db.WriteLimit)
	defer cancel()
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.load(ctx, tx, " WHERE k.project_id = $1", project)
	})
	if err == nil {
		return
	}
	for _, id := range s.live.ofProject(project) {
		s.live.doubt(id)
	}
}

// SetReadable says whether the secrets of a project's private and admin keys are kept so that they can be read again. It
// needs projects.modify. Turned on it is for keys made from then on: the others' secrets exist nowhere. Turned off it
// destroys what was kept.
func (s *Store) SetReadable(ctx context.Context, who audit.Who, place permission.Target, on bool) error {
	if err := authorize(who, permission.ProjectsModify, place); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		var name string
		var before bool
		err := tx.QueryRowContext(ctx, "SELECT name, readable_secrets FROM projects WHERE id = $1 AND organization_id = $2",
			place.Project, place.Organization).Scan(&name, &before)
		if err != nil {
			return fault.New(fault.NotFound, "There is no such project.").WithCause(err)
		}
		if before == on {
			return nil
		}
		if _, err := db.Exec(ctx, tx, "UPDATE all_projects SET readable_secrets = $1, updated_at = $2 WHERE id = $3", on, tx.NowMillis(), place.Project); err != nil {
			return fmt.Errorf("set readable secrets: %w", err)
		}
		changes := audit.Diff("readable secrets", yesNo(before), yesNo(on))
		if !on {
			n, err := db.Exec(ctx, tx, "UPDATE keys SET sealed = NULL WHERE project_id = $1 AND type <> 'search' AND sealed IS NOT NULL", place.Project)
			if err != nil {
				return fmt.Errorf("destroy readable secrets: %w", err)
			}
			changes = append(changes, audit.Diff("kept secrets", strconv.FormatInt(n, 10), "0")...)
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.ProjectUpdate, Organization: place.Organization, Project: place.Project,
			SubjectID: place.Project, SubjectLabel: name, Changes: changes})
	})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Readable counts the private and admin keys of a project whose secret is kept and could be read again. It needs
// api_keys.read.
func (s *Store) Readable(ctx context.Context, who audit.Who, place permission.Target) (int64, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return 0, err
	}
	var n int64
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM keys WHERE project_id = $1 AND type <> 'search' AND sealed IS NOT NULL", place.Project)
		return err
	})
	return n, err
}
