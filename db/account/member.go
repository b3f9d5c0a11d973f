package account

import (
	"context"
	"database/sql"
	"fmt"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

const memberColumns = `
	SELECT m.user_id, u.email, m.role, m.created_at, u.last_login_at, u.disabled_at
	FROM members m JOIN users u ON u.id = m.user_id`

func scanMember(s db.Scanner) (Member, error) {
	var m Member
	var created, login, disabled sql.NullInt64
	err := s.Scan(&m.UserID, &m.Email, &m.Role, &created, &login, &disabled)
	m.CreatedAt, m.LastLoginAt, m.Disabled = db.Time(created), db.Time(login), disabled.Valid
	return m, err
}

// Members lists who belongs to an organization, by address. It needs members.read.
func (s *Store) Members(ctx context.Context, who audit.Who, orgSlug string) ([]Member, error) {
	var list []Member
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.MembersRead, orgSlug)
		if err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanMember, memberColumns+" WHERE m.organization_id = $1 ORDER BY u.email", o.ID)
		if err != nil {
			return err
		}
		return fillProjects(ctx, tx, o.ID, list)
	})
	return list, err
}

// Member gives one member of an organization. It needs members.read.
func (s *Store) Member(ctx context.Context, who audit.Who, orgSlug, userID string) (Member, error) {
	one := make([]Member, 1)
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.MembersRead, orgSlug)
		if err != nil {
			return err
		}
		one[0], err = db.One(ctx, tx, errNoMember, scanMember, memberColumns+" WHERE m.organization_id = $1 AND m.user_id = $2", o.ID, userID)
		if err != nil {
			return err
		}
		return fillProjects(ctx, tx, o.ID, one)
	})
	return one[0], err
}

// organizationFor finds an organization and decides.
func organizationFor(ctx context.Context, tx *db.Tx, who audit.Who, do permission.Permission, slug string) (Organization, error) {
	o, err := findOrganization(ctx, tx, slug)
	if err != nil {
		return Organization{}, err
	}
	return o, authorize(who, do, permission.Target{Organization: o.ID}, errNoOrganization)
}

// fillProjects adds the roles in projects to the members of one organization.
func fillProjects(ctx context.Context, tx *db.Tx, orgID string, list []Member) error {
	at := make(map[string]int, len(list))
	for i, m := range list {
		at[m.UserID] = i
	}
	_, err := db.Query(ctx, tx, func(row db.Scanner) (struct{}, error) {
		var user string
		var r ProjectRole
		err := row.Scan(&user, &r.ProjectID, &r.Name, &r.Slug, &r.Role)
		if i, ok := at[user]; ok {
			list[i].Projects = append(list[i].Projects, r)
		}
		return struct{}{}, err
	}, `
		SELECT r.user_id, p.id, p.name, p.slug, r.role
		FROM project_members r JOIN projects p ON p.id = r.project_id
		WHERE r.organization_id = $1
		ORDER BY p.name, p.id`, orgID)
	return err
}

// ProjectMembers lists who can enter a project, by address: those with a role in it, and the organization's admins. It
// needs members.read in the project.
func (s *Store) ProjectMembers(ctx context.Context, who audit.Who, orgSlug, slug string) ([]Member, error) {
	var list []Member
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := projectFor(ctx, tx, who, permission.MembersRead, orgSlug, slug)
		if err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanMember, memberColumns+`
			WHERE m.organization_id = $1 AND (m.role = 'ORGANIZATION_ADMIN'
				OR EXISTS (SELECT 1 FROM project_members r WHERE r.project_id = $2 AND r.user_id = m.user_id))
			ORDER BY u.email`, p.OrganizationID, p.ID)
		if err != nil {
			return err
		}
		if err := fillProjects(ctx, tx, p.OrganizationID, list); err != nil {
			return err
		}
		for i := range list {
			list[i].Projects = only(list[i].Projects, p.ID)
		}
		return nil
	})
	return list, err
}

// only keeps the role in one project: of the others the asker may not know.
func only(roles []ProjectRole, projectID string) []ProjectRole {
	for _, r := range roles {
		if r.ProjectID == projectID {
			return []ProjectRole{r}
		}
	}
	return nil
}

func (s *Store) addMember(ctx context.Context, tx *db.Tx, who audit.Who, o Organization, u User, role permission.Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO members (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)`,
		o.ID, u.ID, string(role), tx.NowMillis())
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "This user is a member already.").WithReason("member")
	}
	if err != nil {
		return fmt.Errorf("insert member: %w", err)
	}
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberAdd, Organization: o.ID, SubjectID: u.ID, SubjectLabel: u.Email,
		Changes: audit.Diff("role", "", string(role))})
}

func checkRole(role permission.Role) error {
	if !role.OfOrganization() {
		return fault.Field("role", "Choose ORGANIZATION_ADMIN or ORGANIZATION_MEMBER.")
	}
	return nil
}

// member is what changes of a membership start from.
type member struct {
	Organization
	User
	role permission.Role
}

func (s *Store) memberForChange(ctx context.Context, tx *db.Tx, who audit.Who, orgSlug, userID string) (member, error) {
	o, err := organizationFor(ctx, tx, who, permission.MembersModify, orgSlug)
	if err != nil {
		return member{}, err
	}
	role, err := db.One(ctx, tx, errNoMember, db.String, `
		SELECT role FROM members WHERE organization_id = $1 AND user_id = $2`, o.ID, userID)
	if err != nil {
		return member{}, err
	}
	u, err := findUser(ctx, tx, "id", userID)
	return member{o, u, permission.Role(role)}, err
}

// SetRole gives a member another role. It needs members.modify. The last admin cannot be demoted.
func (s *Store) SetRole(ctx context.Context, who audit.Who, orgSlug, userID string, role permission.Role) error {
	return s.ChangeMember(ctx, who, orgSlug, userID, role, nil)
}

// ChangeMember gives a member another role, and the roles in those projects that are named by their ids; "" takes one
// away. It needs members.modify. The last admin cannot be demoted. All of it happens or nothing.
func (s *Store) ChangeMember(ctx context.Context, who audit.Who, orgSlug, userID string, role permission.Role, projects map[string]permission.Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.memberForChange(ctx, tx, who, orgSlug, userID)
		if err != nil {
			return err
		}
		if err := s.setRole(ctx, tx, who, m, role); err != nil {
			return err
		}
		return s.setProjectRoles(ctx, tx, who, m.Organization.ID, m.User, projects)
	})
}

func (s *Store) setRole(ctx context.Context, tx *db.Tx, who audit.Who, m member, role permission.Role) error {
	if m.role == role {
		return nil
	}
	n, err := db.Exec(ctx, tx, `
		UPDATE members SET role = $1
		WHERE organization_id = $2 AND user_id = $3 AND ($1 = 'ORGANIZATION_ADMIN' OR `+otherAdmin("$2", "$3")+`)`,
		string(role), m.Organization.ID, m.User.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return errLastAdmin
	}
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberUpdate, Organization: m.Organization.ID,
		SubjectID: m.User.ID, SubjectLabel: m.Email, Changes: audit.Diff("role", string(m.role), string(role))})
}

// RemoveMember takes a member out of an organization and of all its projects. It needs members.modify. The last admin
// cannot be removed.
func (s *Store) RemoveMember(ctx context.Context, who audit.Who, orgSlug, userID string) error {
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.memberForChange(ctx, tx, who, orgSlug, userID)
		if err != nil {
			return err
		}
		n, err := db.Exec(ctx, tx, `
			DELETE FROM members
			WHERE organization_id = $1 AND user_id = $2 AND (role <> 'ORGANIZATION_ADMIN' OR `+otherAdmin("$1", "$2")+`)`,
			m.Organization.ID, userID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLastAdmin
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberRemove, Organization: m.Organization.ID,
			SubjectID: userID, SubjectLabel: m.Email, Changes: audit.Diff("role", string(m.role), "")})
	})
}
