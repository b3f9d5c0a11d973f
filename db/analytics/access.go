package analytics

import (
	"context"
	"errors"
	"fmt"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// The two refusals, word for word those of package engine: a foreign engine answers like a missing one.
var (
	errNotFound  = fault.New(fault.NotFound, "Could not find engine.")
	errForbidden = fault.New(fault.Forbidden, "Unauthorized action.")
)

// find decides whether somebody may do something with an engine and then gives its id.
func (s *Store) find(ctx context.Context, who audit.Who, do permission.Permission, in permission.Target, engine string) (string, error) {
	in.Engine = engine
	if err := permission.Decide(who.Principal, do, in).Err(errForbidden, errNotFound); err != nil {
		return "", err
	}
	id := ""
	err := s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = db.One(ctx, tx, errNotFound, db.String, `
			SELECT e.id FROM engines e JOIN projects p ON p.id = e.project_id
			WHERE e.project_id = $1 AND e.name = $2 AND p.organization_id = $3`, in.Project, engine, in.Organization)
		return err
	})
	return id, wrap("find engine", err)
}

// knows reports whether somebody may know of an engine, going by its name.
func knows(who audit.Who, in permission.Target, engine string) bool {
	switch who.Kind {
	case permission.Key, permission.Signed:
		return who.Project == in.Project && who.Scope.Has(engine)
	}
	_, visible := permission.HeldBy(who.Principal, in)
	return visible
}

// wrap says what was being done, and leaves an error that can be explained as it is: its text is an answer.
func wrap(doing string, err error) error {
	var f *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	return fmt.Errorf("%s: %w", doing, err)
}
