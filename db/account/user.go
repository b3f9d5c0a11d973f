package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

const userColumns = `
	SELECT id, email, password_hash, epoch, created_at, updated_at, disabled_at, last_login_at, last_login_address,
		instance_admin
	FROM users`

func scanUser(s db.Scanner) (User, error) {
	var u User
	var created, updated, disabled, login sql.NullInt64
	err := s.Scan(&u.ID, &u.Email, &u.hash, &u.Epoch, &created, &updated, &disabled, &login, &u.LastLoginAddress, &u.InstanceAdmin)
	u.CreatedAt, u.UpdatedAt, u.DisabledAt, u.LastLoginAt = db.Time(created), db.Time(updated), db.Time(disabled), db.Time(login)
	return u, err
}

// errLogin is the answer to every failed sign-in, whatever the reason: it must not tell which addresses exist.
var errLogin = fault.New(fault.Unauthenticated, "The e-mail address or the password is wrong.").WithReason("login_failed")

// Authenticate checks an address and a password and notes the sign-in. Every failure looks and takes the same. Whoever
// fails often has to wait, see limit: the error of kind TooMany says how long.
func (s *Store) Authenticate(ctx context.Context, who audit.Who, address string, password secret.Secret) (User, error) {
	u, rehashed, _, err := s.prove(ctx, who, address, password, false)
	if err != nil {
		return User{}, err
	}
	return s.noteLogin(ctx, who, u, rehashed)
}

// noteLogin writes a sign-in down, unless the user was disabled or got another password since it was checked.
func (s *Store) noteLogin(ctx context.Context, who audit.Who, u User, rehashed string) (User, error) {
	who.Kind, who.ID, who.Label = permission.User, u.ID, u.Email
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `
			UPDATE users SET last_login_at = $1, last_login_address = $2,
				password_hash = CASE WHEN $3 = '' THEN password_hash ELSE $3 END
			WHERE id = $4 AND epoch = $5 AND disabled_at IS NULL`, tx.NowMillis(), who.Address, rehashed, u.ID, u.Epoch)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLogin
		}
		if err := writeLogin(ctx, tx, who); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserLogin, SubjectID: u.ID, SubjectLabel: u.Email})
	})
	if fault.Is(err, fault.Unauthenticated) {
		s.failures.note(s.db.Now(), who, u.ID, LoginRefused)
	}
	return u, err
}

// NoteLogout writes down that the asking user signed out.
func (s *Store) NoteLogout(ctx context.Context, who audit.Who) error {
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserLogout, SubjectID: who.ID, SubjectLabel: who.Label})
	})
}

func (s *Store) userBy(ctx context.Context, column, value string) (User, error) {
	var u User
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		u, err = findUser(ctx, tx, column, value)
		return err
	})
	return u, err
}

// findUser finds a user by a unique column, which is never taken from input.
func findUser(ctx context.Context, tx *db.Tx, column, value string) (User, error) {
	return db.One(ctx, tx, errNoUser, scanUser, userColumns+" WHERE "+column+" = $1", value)
}

var errStale = fault.New(fault.Unauthenticated, "Sign in again.").WithReason("signed_out")

// Principal gives a user as a principal with their present roles, if what proved them was made under their present
// epoch. It is asked on every request, so that a disabled user or a changed password counts at once.
func (s *Store) Principal(ctx context.Context, kind permission.Kind, userID string, epoch int64) (permission.Principal, User, error) {
	var u User
	p := permission.Principal{Kind: kind}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if u, err = findUser(ctx, tx, "id", userID); err != nil {
			return err
		}
		if u.Epoch != epoch || !u.DisabledAt.IsZero() {
			return errStale
		}
		p.ID, p.Label, p.InstanceAdmin = u.ID, u.Email, u.InstanceAdmin
		p.Grants, err = db.Query(ctx, tx, scanGrant, `
			SELECT organization_id, '', role FROM members WHERE user_id = $1
			UNION ALL
			SELECT organization_id, project_id, role FROM project_members WHERE user_id = $1
			ORDER BY 1, 2`, userID)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		err = errStale
	}
	if err != nil {
		return permission.Principal{}, User{}, err
	}
	return p, u, nil
}

func scanGrant(s db.Scanner) (permission.Grant, error) {
	var g permission.Grant
	err := s.Scan(&g.Organization, &g.Project, &g.Role)
	return g, err
}

// NewUser is what AddUser needs: a user with a role in one organization and, if Project is given, in one of its
// projects. An instance admin may do without an organization.
type NewUser struct {
	Email        string
	Password     secret.Secret
	Organization string // slug
	Role         permission.Role
	Project      string // slug; empty: none
	ProjectRole  permission.Role

	InstanceAdmin bool // only an instance admin can make another one
}

// AddUser makes a user and puts them into an organization. It needs members.modify there, and an instance admin to
// make another one.
func (s *Store) AddUser(ctx context.Context, who audit.Who, in NewUser) (User, error) {
	if in.InstanceAdmin && !permission.Administers(who.Principal) {
		return User{}, errForbidden
	}
	email, err := Email(in.Email)
	if err != nil {
		return User{}, err
	}
	hash, err := s.hashNew(ctx, in.Password, email, in.Organization)
	if err != nil {
		return User{}, err
	}
	var u User
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		if in.InstanceAdmin && in.Organization == "" {
			if u, err = s.insertUser(ctx, tx, who, email, hash, ""); err != nil {
				return err
			}
			return s.setInstanceAdmin(ctx, tx, who, &u, true)
		}
		org, err := findOrganization(ctx, tx, in.Organization)
		if err != nil {
			return err
		}
		if err := authorize(who, permission.MembersModify, permission.Target{Organization: org.ID}, errNoOrganization); err != nil {
			return err
		}
		if u, err = s.insertUser(ctx, tx, who, email, hash, org.ID); err != nil {
			return err
		}
		if err := s.join(ctx, tx, who, org, u, in); err != nil || !in.InstanceAdmin {
			return err
		}
		return s.setInstanceAdmin(ctx, tx, who, &u, true)
	})
	return u, err
}

func (s *Store) join(ctx context.Context, tx *db.Tx, who audit.Who, org Organization, u User, in NewUser) error {
	if err := s.addMember(ctx, tx, who, org, u, in.Role); err != nil || in.Project == "" {
		return err
	}
	p, err := findProject(ctx, tx, org.ID, in.Project)
	if err != nil {
		return err
	}
	return s.setProjectRole(ctx, tx, who, p, u, in.ProjectRole)
}

func (s *Store) hashNew(ctx context.Context, password secret.Secret, words ...string) (string, error) {
	p, err := newPassword(password, words...)
	if err != nil {
		return "", err
	}
	return s.hasher.Hash(ctx, p)
}

func (s *Store) insertUser(ctx context.Context, tx *db.Tx, who audit.Who, email, hash, orgID string) (User, error) {
	u := User{ID: uuid.NewString(), Email: email, Epoch: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)`,
		u.ID, u.Email, hash, tx.NowMillis())
	if db.IsUnique(err) {
		return User{}, &fault.Error{Kind: fault.Conflict, Message: "There is a user with this address already.",
			Fields: map[string]string{"email": "There is a user with this address already."}}
	}
	if err != nil {
		return User{}, fmt.Errorf("insert user: %w", err)
	}
	return u, s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserCreate, Organization: orgID, SubjectID: u.ID, SubjectLabel: u.Email})
}

// ChangePassword gives the asking user another password. It needs the present one and ends all of the user's sessions
// and login tokens.
func (s *Store) ChangePassword(ctx context.Context, who audit.Who, current, next secret.Secret) (User, error) {
	u, err := s.userBy(ctx, "id", who.ID)
	if err != nil {
		return User{}, err
	}
	prepared, _ := preparePassword(current)
	fits, _, err := s.hasher.Verify(ctx, u.hash, prepared)
	if err != nil {
		return User{}, err
	}
	if !fits {
		return User{}, fault.Field("current", "This is not your present password.")
	}
	return s.setPassword(ctx, who, u, next)
}

// ResetPassword gives a user another password from the command line of the machine.
func (s *Store) ResetPassword(ctx context.Context, who audit.Who, address string, next secret.Secret) (User, error) {
	u, err := s.userForSystem(ctx, who, address)
	if err != nil {
		return User{}, err
	}
	return s.setPassword(ctx, who, u, next)
}

func (s *Store) userForSystem(ctx context.Context, who audit.Who, address string) (User, error) {
	if who.Kind != permission.System {
		return User{}, errForbidden
	}
	email, err := Email(address)
	if err != nil {
		return User{}, err
	}
	return s.userBy(ctx, "email", email)
}

func (s *Store) setPassword(ctx context.Context, who audit.Who, u User, next secret.Secret) (User, error) {
	hash, err := s.hashNew(ctx, next, u.Email)
	if err != nil {
		return User{}, err
	}
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `
			UPDATE users SET password_hash = $1, epoch = epoch + 1, updated_at = $2
			WHERE id = $3 AND epoch = $4`, hash, tx.NowMillis(), u.ID, u.Epoch)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "The user was changed at the same moment. Try again.")
		}
		u.Epoch, u.hash, u.UpdatedAt = u.Epoch+1, hash, tx.Now
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserPassword, SubjectID: u.ID, SubjectLabel: u.Email})
	})
	if err == nil {
		s.proofs.forget(u.ID)
		s.limits.Forget(u.ID)
	}
	return u, err
}

// DisableUser is Disable from the command line of the machine, which knows users by their addresses.
func (s *Store) DisableUser(ctx context.Context, who audit.Who, address string) (User, error) {
	u, err := s.userForSystem(ctx, who, address)
	if err != nil {
		return User{}, err
	}
	return s.disable(ctx, who, u)
}

// disable bars a user from signing in and voids everything proven before. It refuses to disable the last admin of any
// organization and of the instance. Disabling twice gives the first result.
func (s *Store) disable(ctx context.Context, who audit.Who, u User) (User, error) {
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err := db.Exec(ctx, tx, `
			UPDATE users SET disabled_at = $1, epoch = epoch + 1, updated_at = $1
			WHERE id = $2 AND disabled_at IS NULL AND NOT EXISTS (
				SELECT 1 FROM members m
				WHERE m.user_id = $2 AND m.role = 'ORGANIZATION_ADMIN' AND NOT `+otherAdmin("m.organization_id", "$2")+`)
			AND (NOT instance_admin OR `+otherInstanceAdmin+`)`, tx.NowMillis(), u.ID)
		if err != nil {
			return err
		}
		if u, err = findUser(ctx, tx, "id", u.ID); err != nil {
			return err
		}
		switch {
		case n == 0 && u.DisabledAt.IsZero():
			return whyNotDisabled(ctx, tx, u)
		case n == 0:
			return nil
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.UserDisable, SubjectID: u.ID, SubjectLabel: u.Email})
	})
	s.proofs.forget(u.ID)
	return u, err
}

// otherAdmin is the condition that an organization has an admin who can sign in, besides one user. Both arguments
// are SQL, never input.
func otherAdmin(organization, user string) string {
	return `EXISTS (
		SELECT 1 FROM members o JOIN users u ON u.id = o.user_id
		WHERE o.organization_id = ` + organization + ` AND o.role = 'ORGANIZATION_ADMIN'
			AND o.user_id <> ` + user + ` AND u.disabled_at IS NULL)`
}

// Empty reports whether nobody was ever added: the instance waits to be set up.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.One(ctx, tx, errNoUser, db.Int, "SELECT 1 FROM users LIMIT 1")
		return err
	})
	if errors.Is(err, errNoUser) {
		return true, nil
	}
	return false, err
}
