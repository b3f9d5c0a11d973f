package account

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// projectFor finds a project by the slugs of its organization and its own, and decides.
func projectFor(ctx context.Context, tx *db.Tx, who audit.Who, do permission.Permission, orgSlug, slug string) (Project, error) {
	p, err := db.One(ctx, tx, errNoProject, scanProject, projectColumns+`
		JOIN organizations o ON o.id = p.organization_id
		WHERE o.slug = $1 AND p.slug = $2`, orgSlug, slug)
	if err != nil {
		return Project{}, err
	}
	return p, authorize(who, do, p.Target(), errNoProject)
}

// SetProjectRole gives a member of the organization a role in a project, or takes it away where role is "". It needs
// members.modify.
func (s *Store) SetProjectRole(ctx context.Context, who audit.Who, orgSlug, slug, userID string, role permission.Role) error {
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		p, err := projectFor(ctx, tx, who, permission.MembersModify, orgSlug, slug)
		if err != nil {
			return err
		}
		m, err := s.memberForChange(ctx, tx, who, orgSlug, userID)
		if err != nil {
			return err
		}
		return s.setProjectRole(ctx, tx, who, p, m.User, role)
	})
}

// setProjectRoles sets the roles in those projects of an organization that are named by their ids.
func (s *Store) setProjectRoles(ctx context.Context, tx *db.Tx, who audit.Who, orgID string, u User, roles map[string]permission.Role) error {
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		p, err := db.One(ctx, tx, errNoProject, scanProject, projectColumns+" WHERE p.organization_id = $1 AND p.id = $2", orgID, id)
		if err != nil {
			return err
		}
		if err := s.setProjectRole(ctx, tx, who, p, u, roles[id]); err != nil {
			return err
		}
	}
	return nil
}

// setProjectRole gives a role in a project, or takes it away where it is "". What is so already is no change.
func (s *Store) setProjectRole(ctx context.Context, tx *db.Tx, who audit.Who, p Project, u User, role permission.Role) error {
	if role != "" && !role.OfProject() {
		return fault.Field("project-role", "Choose PROJECT_ADMIN or PROJECT_VIEWER.")
	}
	before, err := db.One(ctx, tx, errNoMember, db.String, `
		SELECT role FROM project_members WHERE project_id = $1 AND user_id = $2`, p.ID, u.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	switch role {
	case permission.Role(before):
		return nil
	case "":
		_, err = db.Exec(ctx, tx, "DELETE FROM project_members WHERE project_id = $1 AND user_id = $2", p.ID, u.ID)
	default:
		_, err = db.Exec(ctx, tx, `
			INSERT INTO project_members (organization_id, project_id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role`,
			p.OrganizationID, p.ID, u.ID, string(role), tx.NowMillis())
	}
	if err != nil {
		return fmt.Errorf("set project role: %w", err)
	}
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberUpdate, Organization: p.OrganizationID, Project: p.ID,
		SubjectID: u.ID, SubjectLabel: u.Email, Changes: audit.Diff("role in "+p.Name, before, string(role))})
}

// RenameOrganization gives an organization another name; its slug, and with it every address, stays. It needs
// projects.modify in the organization.
func (s *Store) RenameOrganization(ctx context.Context, who audit.Who, orgSlug, name string) error {
	name, err := fault.Line("name", name, fault.MaxName, true)
	if err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.ProjectsModify, orgSlug)
		if err != nil || o.Name == name {
			return err
		}
		if _, err := db.Exec(ctx, tx, "UPDATE all_organizations SET name = $1, updated_at = $2 WHERE id = $3", name, tx.NowMillis(), o.ID); err != nil {
			return fmt.Errorf("rename organization: %w", err)
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.OrganizationUpdate, Organization: o.ID, SubjectID: o.ID, SubjectLabel: name,
			Changes: audit.Diff("name", o.Name, name)})
	})
}

// RenameProject gives a project another name; its slug and its host identifier stay. It needs projects.modify.
func (s *Store) RenameProject(ctx context.Context, who audit.Who, orgSlug, slug, name string) error {
	name, err := fault.Line("name", name, fault.MaxName, true)
	if err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		p, err := projectFor(ctx, tx, who, permission.ProjectsModify, orgSlug, slug)
		if err != nil || p.Name == name {
			return err
		}
		if _, err := db.Exec(ctx, tx, "UPDATE all_projects SET name = $1, updated_at = $2 WHERE id = $3", name, tx.NowMillis(), p.ID); err != nil {
			return fmt.Errorf("rename project: %w", err)
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.ProjectUpdate, Organization: p.OrganizationID, Project: p.ID,
			SubjectID: p.ID, SubjectLabel: name, Changes: audit.Diff("name", p.Name, name)})
	})
}
