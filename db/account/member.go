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

func scanMember(s db.Scanner) (Member, error) {
	var m Member
	var created, disabled sql.NullInt64
	err := s.Scan(&m.UserID, &m.Email, &m.Role, &created, &disabled)
	m.CreatedAt, m.Disabled = db.Time(created), disabled.Valid
	return m, err
}

// Members lists who belongs to an organization, by address. It needs members.read.
func (s *Store) Members(ctx context.Context, who audit.Who, orgSlug string) ([]Member, error) {
	var list []Member
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := findOrganization(ctx, tx, orgSlug)
		if err != nil {
			return err
		}
		if err := authorize(who, permission.MembersRead, permission.Target{Organization: o.ID}, errNoOrganization); err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanMember, `
			SELECT m.user_id, u.email, m.role, m.created_at, u.disabled_at
			FROM members m JOIN users u ON u.id = m.user_id
			WHERE m.organization_id = $1
			ORDER BY u.email`, o.ID)
		return err
	})
	return list, err
}

func (s *Store) addMember(ctx context.Context, tx *db.Tx, who audit.Who, o Organization, u User, role permission.Role) error {
	if !role.OfOrganization() {
		return fault.Field("role", "Choose ORGANIZATION_ADMIN or ORGANIZATION_MEMBER.")
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO members (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)`,
		o.ID, u.ID, string(role), tx.NowMillis())
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "This user is a member already.")
	}
	if err != nil {
		return fmt.Errorf("insert member: %w", err)
	}
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberAdd, Organization: o.ID, SubjectID: u.ID, SubjectLabel: u.Email,
		Changes: audit.Diff("role", "", string(role))})
}

// member is what changes of a membership start from.
type member struct {
	Organization
	User
	role permission.Role
}

func (s *Store) memberForChange(ctx context.Context, tx *db.Tx, who audit.Who, orgSlug, userID string) (member, error) {
	o, err := findOrganization(ctx, tx, orgSlug)
	if err != nil {
		return member{}, err
	}
	if err := authorize(who, permission.MembersModify, permission.Target{Organization: o.ID}, errNoOrganization); err != nil {
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
	if !role.OfOrganization() {
		return fault.Field("role", "Choose ORGANIZATION_ADMIN or ORGANIZATION_MEMBER.")
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.memberForChange(ctx, tx, who, orgSlug, userID)
		if err != nil || m.role == role {
			return err
		}
		n, err := db.Exec(ctx, tx, `
			UPDATE members SET role = $1
			WHERE organization_id = $2 AND user_id = $3 AND ($1 = 'ORGANIZATION_ADMIN' OR `+otherAdmin("$2", "$3")+`)`,
			string(role), m.Organization.ID, userID)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLastAdmin
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberUpdate, Organization: m.Organization.ID,
			SubjectID: userID, SubjectLabel: m.Email, Changes: audit.Diff("role", string(m.role), string(role))})
	})
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

func (s *Store) setProjectRole(ctx context.Context, tx *db.Tx, who audit.Who, p Project, u User, role permission.Role) error {
	if !role.OfProject() {
		return fault.Field("project-role", "Choose PROJECT_ADMIN or PROJECT_VIEWER.")
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO project_members (organization_id, project_id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role`,
		p.OrganizationID, p.ID, u.ID, string(role), tx.NowMillis())
	if err != nil {
		return fmt.Errorf("set project role: %w", err)
	}
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.MemberUpdate, Organization: p.OrganizationID, Project: p.ID,
		SubjectID: u.ID, SubjectLabel: u.Email, Changes: audit.Diff("role in "+p.Name, "", string(role))})
}
