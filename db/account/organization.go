package account

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

const organizationColumns = "SELECT o.id, o.name, o.slug, o.created_at, o.updated_at"

func scanOrganization(s db.Scanner) (Organization, error) {
	var o Organization
	var created, updated sql.NullInt64
	err := s.Scan(&o.ID, &o.Name, &o.Slug, &created, &updated)
	o.CreatedAt, o.UpdatedAt = db.Time(created), db.Time(updated)
	return o, err
}

func scanMyOrganization(s db.Scanner) (Organization, error) {
	var o Organization
	var created, updated sql.NullInt64
	err := s.Scan(&o.ID, &o.Name, &o.Slug, &created, &updated, &o.Role)
	o.CreatedAt, o.UpdatedAt = db.Time(created), db.Time(updated)
	return o, err
}

func findOrganization(ctx context.Context, tx *db.Tx, slug string) (Organization, error) {
	return db.One(ctx, tx, errNoOrganization, scanOrganization, organizationColumns+" FROM organizations o WHERE o.slug = $1", slug)
}

// Organizations lists the organizations that a user belongs to, by name, each with the user's role. For the command
// line it lists all.
func (s *Store) Organizations(ctx context.Context, who audit.Who) ([]Organization, error) {
	var list []Organization
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if who.Kind == permission.System {
			list, err = db.Query(ctx, tx, scanOrganization, organizationColumns+" FROM organizations o ORDER BY o.name, o.id")
			return err
		}
		list, err = db.Query(ctx, tx, scanMyOrganization, organizationColumns+`, m.role
			FROM organizations o JOIN members m ON m.organization_id = o.id
			WHERE m.user_id = $1
			ORDER BY o.name, o.id`, who.ID)
		return err
	})
	return list, err
}

// Organization gives one organization by its slug, if the asker belongs to it.
func (s *Store) Organization(ctx context.Context, who audit.Who, slug string) (Organization, error) {
	var o Organization
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		o, err = findOrganization(ctx, tx, slug)
		return err
	})
	if err != nil {
		return Organization{}, err
	}
	if _, visible := permission.HeldBy(who.Principal, permission.Target{Organization: o.ID}); !visible {
		return Organization{}, errNoOrganization
	}
	for _, g := range who.Grants {
		if g.Organization == o.ID && g.Project == "" {
			o.Role = g.Role
		}
	}
	return o, nil
}

// CreateOrganization makes an organization of which the asker becomes an admin. Only somebody who is an admin of
// another one may.
func (s *Store) CreateOrganization(ctx context.Context, who audit.Who, name string) (Organization, error) {
	if !permission.Founds(who.Principal) {
		return Organization{}, fault.New(fault.Forbidden, "Only an organization's admin can create another organization.")
	}
	var o Organization
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) (err error) {
		u, err := findUser(ctx, tx, "id", who.ID)
		if err != nil {
			return err
		}
		o, err = s.found(ctx, tx, who, u, name)
		return err
	})
	return o, err
}

// found makes an organization with its first admin.
func (s *Store) found(ctx context.Context, tx *db.Tx, who audit.Who, admin User, name string) (Organization, error) {
	name, err := fault.Line("name", name, fault.MaxName, true)
	if err != nil {
		return Organization{}, err
	}
	slug, err := freeSlug(ctx, tx, name, "organization", "SELECT COUNT(*) FROM organizations WHERE slug = $1")
	if err != nil {
		return Organization{}, err
	}
	o := Organization{ID: uuid.NewString(), Name: name, Slug: slug, CreatedAt: tx.Now, UpdatedAt: tx.Now, Role: permission.OrganizationAdmin}
	if _, err := db.Exec(ctx, tx, `
		INSERT INTO all_organizations (id, name, slug, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)`,
		o.ID, o.Name, o.Slug, tx.NowMillis()); err != nil {
		return Organization{}, fmt.Errorf("insert organization: %w", err)
	}
	err = s.log.Append(ctx, tx, who, audit.Event{Action: audit.OrganizationCreate, Organization: o.ID, SubjectID: o.ID, SubjectLabel: o.Name})
	if err != nil {
		return Organization{}, err
	}
	return o, s.addMember(ctx, tx, who, o, admin, permission.OrganizationAdmin)
}

const projectColumns = `
	SELECT p.id, p.organization_id, p.name, p.slug, p.host_identifier, p.readable_secrets, p.created_at, p.updated_at
	FROM projects p`

func scanProject(s db.Scanner) (Project, error) {
	var p Project
	var created, updated sql.NullInt64
	err := s.Scan(&p.ID, &p.OrganizationID, &p.Name, &p.Slug, &p.HostIdentifier, &p.ReadableSecrets, &created, &updated)
	p.CreatedAt, p.UpdatedAt = db.Time(created), db.Time(updated)
	return p, err
}

func findProject(ctx context.Context, tx *db.Tx, orgID, slug string) (Project, error) {
	return db.One(ctx, tx, errNoProject, scanProject, projectColumns+" WHERE p.organization_id = $1 AND p.slug = $2", orgID, slug)
}

// Projects lists those projects of an organization that the asker may see, by name.
func (s *Store) Projects(ctx context.Context, who audit.Who, orgID string) ([]Project, error) {
	var list []Project
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, scanProject, projectColumns+" WHERE p.organization_id = $1 ORDER BY p.name, p.id", orgID)
		return err
	})
	seen := list[:0]
	for _, p := range list {
		if _, visible := permission.HeldBy(who.Principal, p.Target()); visible {
			seen = append(seen, p)
		}
	}
	return seen, err
}

// Project gives one project by the slugs of its organization and its own, if the asker may see it.
func (s *Store) Project(ctx context.Context, who audit.Who, orgSlug, slug string) (Project, error) {
	var p Project
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = db.One(ctx, tx, errNoProject, scanProject, projectColumns+`
			JOIN organizations o ON o.id = p.organization_id
			WHERE o.slug = $1 AND p.slug = $2`, orgSlug, slug)
		return err
	})
	if err != nil {
		return Project{}, err
	}
	if _, visible := permission.HeldBy(who.Principal, p.Target()); !visible {
		return Project{}, errNoProject
	}
	return p, nil
}

// ProjectByHost gives the project of a host identifier, such as "host-2376rb", without asking who wants it.
func (s *Store) ProjectByHost(ctx context.Context, host string) (Project, error) {
	var p Project
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = db.One(ctx, tx, errNoProject, scanProject, projectColumns+" WHERE p.host_identifier = $1", host)
		return err
	})
	return p, err
}

// FirstProject gives the oldest project in which the asking user has a role: the one that is meant where they name none.
func (s *Store) FirstProject(ctx context.Context, who audit.Who) (Project, error) {
	var p Project
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = db.One(ctx, tx, errNoProject, scanProject, projectColumns+`
			JOIN members m ON m.organization_id = p.organization_id AND m.user_id = $1
			WHERE m.role = 'ORGANIZATION_ADMIN' OR EXISTS (
				SELECT 1 FROM project_members r WHERE r.project_id = p.id AND r.user_id = $1)
			ORDER BY p.created_at, p.id LIMIT 1`, who.ID)
		return err
	})
	return p, err
}

// CreateProject makes a project in an organization, with its first keys. It needs projects.modify on the
// organization. The secrets of the keys are in the answer and where keep put them.
func (s *Store) CreateProject(ctx context.Context, who audit.Who, orgSlug, name string, keep Keep) (Project, []secret.Minted, error) {
	var p Project
	var keys []secret.Minted
	ended := func() {}
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		o, err := findOrganization(ctx, tx, orgSlug)
		if err != nil {
			return err
		}
		if err := authorize(who, permission.ProjectsModify, permission.Target{Organization: o.ID}, errNoOrganization); err != nil {
			return err
		}
		if p, keys, ended, err = s.createProject(ctx, tx, who, o.ID, name); err != nil || keep == nil {
			return err
		}
		for _, k := range keys {
			if err := keep(ctx, tx, k); err != nil {
				return err
			}
		}
		return nil
	})
	ended()
	if err != nil {
		return Project{}, nil, err
	}
	return p, keys, nil
}

func (s *Store) createProject(ctx context.Context, tx *db.Tx, who audit.Who, orgID, name string) (Project, []secret.Minted, func(), error) {
	nothing := func() {}
	name, err := fault.Line("name", name, fault.MaxName, true)
	if err != nil {
		return Project{}, nil, nothing, err
	}
	slug, err := freeSlug(ctx, tx, name, "project", "SELECT COUNT(*) FROM projects WHERE slug = $1 AND organization_id = $2", orgID)
	if err != nil {
		return Project{}, nil, nothing, err
	}
	p := Project{ID: uuid.NewString(), OrganizationID: orgID, Name: name, Slug: slug, HostIdentifier: "host-" + secret.Short(6),
		CreatedAt: tx.Now, UpdatedAt: tx.Now}
	if _, err := db.Exec(ctx, tx, `
		INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)`, p.ID, orgID, p.Name, p.Slug, p.HostIdentifier, tx.NowMillis()); err != nil {
		return Project{}, nil, nothing, fmt.Errorf("insert project: %w", err)
	}
	err = s.log.Append(ctx, tx, who, audit.Event{Action: audit.ProjectCreate, Organization: orgID, Project: p.ID, SubjectID: p.ID, SubjectLabel: p.Name})
	if err != nil {
		return Project{}, nil, nothing, err
	}
	keys, ended, err := s.keys(ctx, tx, who, p.Target())
	return p, keys, ended, err
}
