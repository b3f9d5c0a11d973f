package account

import (
	"context"
	"fmt"
	"strings"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// otherInstanceAdmin is the condition that an instance admin can sign in besides the user $2.
const otherInstanceAdmin = `EXISTS (SELECT 1 FROM users o WHERE o.instance_admin AND o.disabled_at IS NULL AND o.id <> $2)`

// whyNotDisabled tells of what a user is the last admin.
func whyNotDisabled(ctx context.Context, tx *db.Tx, u User) error {
	alone, err := db.One(ctx, tx, nil, db.Int, `
		SELECT COUNT(*) FROM members m
		WHERE m.user_id = $1 AND m.role = 'ORGANIZATION_ADMIN' AND NOT `+otherAdmin("m.organization_id", "$1"), u.ID)
	switch {
	case err != nil:
		return err
	case alone > 0:
		return errLastAdmin
	}
	return errLastInstance
}

// PageOfUsers is how many users Users gives at once.
const PageOfUsers = 50

// Listed is a user as those see them who look after the instance.
type Listed struct {
	User
	Memberships []Membership
}

// UserFilter says which users to list.
type UserFilter struct {
	Text  string // what the address holds
	After string // the address after which to begin
}

// Users lists all users of the instance by address, at most PageOfUsers, and tells whether there are more. Only an
// instance admin may.
func (s *Store) Users(ctx context.Context, who audit.Who, f UserFilter) (list []Listed, more bool, err error) {
	if !permission.Administers(who.Principal) {
		return nil, false, errForbidden
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		users, err := db.Query(ctx, tx, scanUser, userColumns+`
			WHERE email > $1 AND email LIKE $2 ESCAPE '\'
			ORDER BY email
			LIMIT $3`, f.After, "%"+escaped(strings.ToLower(strings.TrimSpace(f.Text)))+"%", PageOfUsers+1)
		if err != nil {
			return err
		}
		if more = len(users) > PageOfUsers; more {
			users = users[:PageOfUsers]
		}
		list, err = withOrganizations(ctx, tx, users)
		return err
	})
	return list, more, err
}

// escaped is text as a part of a LIKE pattern that means just itself.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}

// Membership is an organization of a user's, and the role in it.
type Membership struct {
	Organization string // its name
	Role         permission.Role
}

func withOrganizations(ctx context.Context, tx *db.Tx, users []User) ([]Listed, error) {
	list := make([]Listed, len(users))
	for i, u := range users {
		list[i].User = u
		var err error
		if list[i].Memberships, err = db.Query(ctx, tx, scanMembership, `
			SELECT o.name, m.role
			FROM members m JOIN organizations o ON o.id = m.organization_id
			WHERE m.user_id = $1
			ORDER BY o.name, o.id`, u.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func scanMembership(s db.Scanner) (Membership, error) {
	var m Membership
	err := s.Scan(&m.Organization, &m.Role)
	return m, err
}

// UserByID gives one user to an instance admin.
func (s *Store) UserByID(ctx context.Context, who audit.Who, id string) (Listed, error) {
	if !permission.Administers(who.Principal) {
		return Listed{}, errForbidden
	}
	var list []Listed
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		u, err := findUser(ctx, tx, "id", id)
		if err != nil {
			return err
		}
		list, err = withOrganizations(ctx, tx, []User{u})
		return err
	})
	if err != nil {
		return Listed{}, err
	}
	return list[0], nil
}

var errSelf = fault.New(fault.Conflict, "You cannot disable yourself. Another instance admin can.").WithReason("self")

// Disable bars a user from signing in and ends all of their sessions and login tokens. Only an instance admin may. It
// refuses for the last admin of an organization or of the instance, and for the asker. Disabling twice gives the first
// result.
func (s *Store) Disable(ctx context.Context, who audit.Who, id string) (User, error) {
	u, err := s.UserByID(ctx, who, id)
	if err != nil {
		return User{}, err
	}
	if u.ID == who.ID {
		return User{}, errSelf
	}
	return s.disable(ctx, who, u.User)
}

// Enable lets a disabled user sign in again; what was proven before stays void. Only an instance admin may.
func (s *Store) Enable(ctx context.Context, who audit.Who, id string) (User, error) {
	if !permission.Administers(who.Principal) {
		return User{}, errForbidden
	}
	var u User
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) (err error) {
		if u, err = findUser(ctx, tx, "id", id); err != nil || u.DisabledAt.IsZero() {
			return err
		}
		if _, err := db.Exec(ctx, tx, `
			UPDATE users SET disabled_at = NULL, epoch = epoch + 1, updated_at = $1 WHERE id = $2`, tx.NowMillis(), u.ID); err != nil {
			return err
		}
		if u, err = findUser(ctx, tx, "id", id); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserEnable, SubjectID: u.ID, SubjectLabel: u.Email})
	})
	return u, err
}

// SetInstanceAdmin makes a user an admin of the instance, or takes that away. Only an instance admin may. It refuses
// to take it from the last one who can sign in, and to give it to a user who is disabled.
func (s *Store) SetInstanceAdmin(ctx context.Context, who audit.Who, id string, admin bool) (User, error) {
	if !permission.Administers(who.Principal) {
		return User{}, errForbidden
	}
	var u User
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) (err error) {
		if u, err = findUser(ctx, tx, "id", id); err != nil {
			return err
		}
		return s.setInstanceAdmin(ctx, tx, who, &u, admin)
	})
	return u, err
}

func (s *Store) setInstanceAdmin(ctx context.Context, tx *db.Tx, who audit.Who, u *User, admin bool) error {
	if u.InstanceAdmin == admin {
		return nil
	}
	if admin && !u.DisabledAt.IsZero() {
		return fault.New(fault.Conflict, "This user is disabled. Enable them first.").WithReason("disabled")
	}
	n, err := db.Exec(ctx, tx, `
		UPDATE users SET instance_admin = $1, updated_at = $3
		WHERE id = $2 AND ($1 OR `+otherInstanceAdmin+`)`, admin, u.ID, tx.NowMillis())
	if err != nil {
		return fmt.Errorf("set instance admin: %w", err)
	}
	if n == 0 {
		return errLastInstance
	}
	words := map[bool]string{false: "no", true: "yes"}
	changes := audit.Diff("instance admin", words[u.InstanceAdmin], words[admin])
	u.InstanceAdmin, u.UpdatedAt = admin, tx.Now
	return s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserInstanceAdmin, SubjectID: u.ID, SubjectLabel: u.Email, Changes: changes})
}

// MaxNamed is how many addresses Admins gives at most.
const MaxNamed = 5

// Admins names admins of an organization who can sign in, by address, to one of its members: to ask them for a role.
func (s *Store) Admins(ctx context.Context, who audit.Who, organizationID string) ([]string, error) {
	if _, visible := permission.HeldBy(who.Principal, permission.Target{Organization: organizationID}); !visible {
		return nil, errNoOrganization
	}
	var list []string
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, db.String, `
			SELECT u.email
			FROM members m JOIN users u ON u.id = m.user_id
			WHERE m.organization_id = $1 AND m.role = 'ORGANIZATION_ADMIN' AND u.disabled_at IS NULL
			ORDER BY u.email
			LIMIT $2`, organizationID, MaxNamed)
		return err
	})
	return list, err
}
