package account

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Deletion is what somebody has to type before something is deleted for good.
type Deletion struct {
	Name     string        // of what is deleted
	Password secret.Secret // of the one who deletes it: a browser that was left alone is not enough
}

// check reports everything that is wrong with it at once. The command line has no password.
func (s *Store) check(ctx context.Context, who audit.Who, in Deletion, name string) error {
	fields := fault.Fields{}
	if typed, err := fault.Line("name", in.Name, fault.MaxName, true); err != nil || typed != name {
		fields.Add("name", "This is not the name. Type it exactly as it stands above.")
	}
	if who.Kind != permission.System {
		u, err := s.userBy(ctx, "id", who.ID)
		if err != nil {
			return err
		}
		prepared, _ := preparePassword(in.Password)
		fits, _, err := s.hasher.Verify(ctx, u.hash, prepared)
		if err != nil {
			return err
		}
		if !fits {
			fields.Add("password", "This is not your password.")
		}
	}
	return fields.Err()
}

// projectToDelete is the project as its organization's admin may delete it.
func projectToDelete(ctx context.Context, tx *db.Tx, who audit.Who, orgSlug, slug string) (Project, error) {
	p, err := projectFor(ctx, tx, who, permission.ProjectsModify, orgSlug, slug)
	if err != nil {
		return Project{}, err
	}
	return p, authorize(who, permission.ProjectsModify, permission.Target{Organization: p.OrganizationID}, errNoProject)
}

// DeleteProject ends a project: all of its keys are revoked, and once it has answered no request passes with them, nor
// with a search key signed with them; its engines and search queries are gone, and so are all roles in it. Its name is
// free again, its host identifier is never given again, and its history stays. It needs projects.modify in the
// organization, the project's name and the asker's password.
func (s *Store) DeleteProject(ctx context.Context, who audit.Who, orgSlug, slug string, in Deletion) error {
	var p Project
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = projectToDelete(ctx, tx, who, orgSlug, slug)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.check(ctx, who, in, p.Name); err != nil {
		return err
	}
	var ended []func()
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		now, err := projectToDelete(ctx, tx, who, orgSlug, slug)
		if err != nil {
			return err
		}
		if now.ID != p.ID || now.Name != p.Name {
			return fault.New(fault.Conflict, "The project was changed at the same moment. Look at it and try again.")
		}
		ended, err = s.deleteProject(ctx, tx, who, p)
		return err
	})
	for _, end := range ended {
		end()
	}
	return s.settle(ctx, err, "SELECT 1 FROM projects WHERE id = $1", p.ID)
}

// deleteProject gives the functions to call once the transaction has ended, also with an error.
func (s *Store) deleteProject(ctx context.Context, tx *db.Tx, who audit.Who, p Project) (ended []func(), err error) {
	var changes []audit.Change
	for _, end := range s.ends {
		what, done, err := end(ctx, tx, who, p.Target())
		if done != nil {
			ended = append(ended, done)
		}
		if err != nil {
			return ended, err
		}
		changes = append(changes, what...)
	}
	for _, query := range []string{
		"DELETE FROM project_members WHERE project_id = $1",
		"DELETE FROM invitation_projects WHERE project_id = $1",
	} {
		if _, err := db.Exec(ctx, tx, query, p.ID); err != nil {
			return ended, err
		}
	}
	if err := nothingLeft(ctx, tx, p.ID); err != nil {
		return ended, err
	}
	if _, err := db.Exec(ctx, tx, "UPDATE all_projects SET deleted_at = $1, updated_at = $1, slug = $2 WHERE id = $3",
		tx.NowMillis(), deletedSlug(p.ID), p.ID); err != nil {
		return ended, fmt.Errorf("delete project: %w", err)
	}
	return ended, s.log.Append(ctx, tx, who, audit.Event{Action: audit.ProjectDelete, Organization: p.OrganizationID, Project: p.ID,
		SubjectID: p.ID, SubjectLabel: p.Name, Changes: changes})
}

// nothingLeft holds a program back that forgot to end something: a key that outlives its project would be the worst.
func nothingLeft(ctx context.Context, tx *db.Tx, projectID string) error {
	n, err := db.One(ctx, tx, nil, db.Int, `
		SELECT (SELECT COUNT(*) FROM keys WHERE project_id = $1 AND revoked_at IS NULL)
			+ (SELECT COUNT(*) FROM engines WHERE project_id = $1)`, projectID)
	if err == nil && n > 0 {
		err = errors.New("account: a project cannot be deleted while something of it is alive")
	}
	return err
}

// deletedSlug makes a slug free for others. No slug of theirs can be like it: it has a colon.
func deletedSlug(id string) string { return "deleted:" + id }

// settle looks whether a deletion whose commit gave no clear answer has happened after all.
func (s *Store) settle(ctx context.Context, err error, there, id string) error {
	if err == nil || fault.From(err).Reason != db.CommitUnknown {
		return err
	}
	rerr := s.db.Read(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.One(ctx, tx, errNoProject, db.Int, there, id)
		return err
	})
	if fault.Is(rerr, fault.NotFound) {
		return nil
	}
	return err
}

// Why an organization cannot be deleted.
var (
	errHasProjects = fault.New(fault.Conflict, "The organization still has projects. Delete them first.").WithReason("has_projects")
	errOnlyOne     = fault.New(fault.Conflict, "You are an admin of no other organization. Create another one first.").WithReason("only_organization")
)

// DeleteOrganization ends an organization that has no projects any more: its members lose their roles and keep their
// accounts, its invitations are void, its name is free again, and its history stays. It needs projects.modify in the
// organization, its name and the asker's password. The asker must be an admin of another one: whoever is an admin of none
// can make none, and an instance must never be without.
func (s *Store) DeleteOrganization(ctx context.Context, who audit.Who, orgSlug string, in Deletion) error {
	var o Organization
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = s.organizationToDelete(ctx, tx, who, orgSlug)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.check(ctx, who, in, o.Name); err != nil {
		return err
	}
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		now, err := s.organizationToDelete(ctx, tx, who, orgSlug)
		if err != nil {
			return err
		}
		if now.ID != o.ID || now.Name != o.Name {
			return fault.New(fault.Conflict, "The organization was changed at the same moment. Look at it and try again.")
		}
		return s.deleteOrganization(ctx, tx, who, o)
	})
	return s.settle(ctx, err, "SELECT 1 FROM organizations WHERE id = $1", o.ID)
}

func (s *Store) organizationToDelete(ctx context.Context, tx *db.Tx, who audit.Who, orgSlug string) (Organization, error) {
	o, err := organizationFor(ctx, tx, who, permission.ProjectsModify, orgSlug)
	if err != nil {
		return Organization{}, err
	}
	projects, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM projects WHERE organization_id = $1", o.ID)
	switch {
	case err != nil:
		return Organization{}, err
	case projects > 0:
		return Organization{}, errHasProjects
	case who.Kind == permission.System:
		return o, nil
	}
	others, err := db.One(ctx, tx, nil, db.Int, `
		SELECT COUNT(*) FROM members m JOIN organizations o ON o.id = m.organization_id
		WHERE m.user_id = $1 AND m.organization_id <> $2 AND m.role = 'ORGANIZATION_ADMIN'`, who.ID, o.ID)
	if err == nil && others == 0 {
		err = errOnlyOne
	}
	return o, err
}

func (s *Store) deleteOrganization(ctx context.Context, tx *db.Tx, who audit.Who, o Organization) error {
	if _, err := db.Exec(ctx, tx, "DELETE FROM invitations WHERE organization_id = $1", o.ID); err != nil {
		return err
	}
	members, err := db.Exec(ctx, tx, "DELETE FROM members WHERE organization_id = $1", o.ID)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, "UPDATE all_organizations SET deleted_at = $1, updated_at = $1, slug = $2 WHERE id = $3",
		tx.NowMillis(), deletedSlug(o.ID), o.ID); err != nil {
		return fmt.Errorf("delete organization: %w", err)
	}
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.OrganizationDelete, Organization: o.ID, SubjectID: o.ID, SubjectLabel: o.Name,
		Changes: audit.Diff("members", strconv.FormatInt(members, 10), "0")})
}
