package account

import (
	"context"
	"crypto/subtle"
	"sync"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/secret"
)

// LinkLife is how long a set-up link is good for.
const LinkLife = 15 * time.Minute

// SetUp is what the first admin says.
type SetUp struct {
	Email        string
	Password     secret.Secret
	Organization string
	Project      string
}

var errSetUp = fault.New(fault.Conflict, "Latchkey is set up already.").WithReason("set_up")

// SetUp makes the first user, who becomes the admin of the instance and of the first organization with its first
// project. It refuses once there is any user.
func (s *Store) SetUp(ctx context.Context, who audit.Who, in SetUp) (User, Organization, Project, []secret.Minted, error) {
	var u User
	var o Organization
	var p Project
	var keys []secret.Minted
	fail := func(err error) (User, Organization, Project, []secret.Minted, error) {
		return User{}, Organization{}, Project{}, nil, err
	}
	email, hash, err := s.checkSetUp(ctx, &in)
	if err != nil {
		return fail(err)
	}
	ended := func() {}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM users")
		if err != nil {
			return err
		}
		if n > 0 {
			return errSetUp
		}
		if u, err = s.insertUser(ctx, tx, who, email, hash, ""); err != nil {
			return err
		}
		if o, err = s.found(ctx, tx, who, u, in.Organization); err != nil {
			return err
		}
		if p, keys, ended, err = s.createProject(ctx, tx, who, o.ID, in.Project); err != nil {
			return err
		}
		if err := s.setInstanceAdmin(ctx, tx, who, &u, true); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.InstanceSetUp, SubjectID: u.ID, SubjectLabel: u.Email})
	})
	ended()
	if err != nil {
		return fail(err)
	}
	return u, o, p, keys, nil
}

// checkSetUp checks everything at once, so that a person sees all messages together, and hashes the password.
func (s *Store) checkSetUp(ctx context.Context, in *SetUp) (email, hash string, err error) {
	fields := fault.Fields{}
	note := func(name string, err error) {
		for _, message := range fault.From(err).Fields {
			fields.Add(name, message)
		}
	}
	if email, err = Email(in.Email); err != nil {
		note("email", err)
	}
	if in.Organization, err = fault.Line("organization", in.Organization, fault.MaxName, true); err != nil {
		note("organization", err)
	}
	if in.Project, err = fault.Line("project", in.Project, fault.MaxName, true); err != nil {
		note("project", err)
	}
	password, err := newPassword(in.Password, email, in.Organization)
	if err != nil {
		note("password", err)
	}
	if err := fields.Err(); err != nil {
		return "", "", err
	}
	hash, err = s.hasher.Hash(ctx, password)
	return email, hash, err
}

// SetupLink holds the token of the set-up link of one process. Whoever can read the server's terminal may set the
// instance up, and nobody else. It is safe for concurrent use.
type SetupLink struct {
	mu    sync.Mutex
	now   func() time.Time
	token secret.Secret
	until time.Time
}

// NewSetupLink makes a link that has no token yet.
func NewSetupLink(now func() time.Time) *SetupLink { return &SetupLink{now: now} }

// Renew makes a new token that replaces the one before and is good for LinkLife.
func (l *SetupLink) Renew() secret.Secret {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token, l.until = secret.Token(), l.now().Add(LinkLife)
	return l.token
}

// Fits reports, in constant time, whether a token is the present one.
func (l *SetupLink) Fits(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	have, want := secret.HashToken(token), secret.HashToken(l.token.Reveal())
	return l.token != "" && subtle.ConstantTimeCompare(have[:], want[:]) == 1 && l.now().Before(l.until)
}

// Void ends the present token.
func (l *SetupLink) Void() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token, l.until = "", time.Time{}
}
