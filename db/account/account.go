// Package account keeps who may come in: users, organizations, projects, members and their roles.
//
// A user signs in once for all of their organizations. What proves a user (session, login token) is bound to the
// user's epoch: changing the password or disabling the user raises it, and everything proven before is void on the
// next request. An organization always has an admin who can sign in.
package account

import (
	"context"
	"fmt"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/limit"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// User is somebody who can sign in.
type User struct {
	ID               string
	Email            string // in canonical form
	Epoch            int64
	CreatedAt        time.Time
	UpdatedAt        time.Time
	DisabledAt       time.Time // zero: not disabled
	LastLoginAt      time.Time // zero: never
	LastLoginAddress string
	InstanceAdmin    bool // looks after the instance itself, see permission.Administers
	hash             string
}

// Organization is a company or team.
type Organization struct {
	ID        string
	Name      string
	Slug      string
	CreatedAt time.Time
	UpdatedAt time.Time
	Role      permission.Role // of the user who asked; empty where nobody did
}

// Project is what keys and engines belong to.
type Project struct {
	ID              string
	OrganizationID  string
	Name            string
	Slug            string
	HostIdentifier  string
	ReadableSecrets bool
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Target is the project as something to ask permission for.
func (p Project) Target() permission.Target {
	return permission.Target{Organization: p.OrganizationID, Project: p.ID}
}

// Member is a user's part in an organization.
type Member struct {
	UserID      string
	Email       string
	Role        permission.Role
	CreatedAt   time.Time
	LastLoginAt time.Time // zero: never
	Disabled    bool
	Projects    []ProjectRole // those in which the user has a role of their own, by name
}

// ProjectRole is a role in one project.
type ProjectRole struct {
	ProjectID string
	Name      string // of the project
	Slug      string // of the project
	Role      permission.Role
}

// Keep puts a new secret where its maker can fetch it, in the transaction that makes its key. nil: nowhere.
type Keep func(ctx context.Context, tx *db.Tx, m secret.Minted) error

// ProjectKeys makes a new project's first keys in the transaction that makes the project. The second result is called
// once the transaction has ended and puts the keys into effect if it was committed.
type ProjectKeys func(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target) ([]secret.Minted, func(), error)

// ProjectEnd ends what another subject keeps of a project, in the transaction that deletes the project, and tells how
// much that was, for the history. The function it gives is called once the transaction has ended, however it ended, and
// also where ProjectEnd itself fails. The caller has asked for permission.
type ProjectEnd func(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target) ([]audit.Change, func(), error)

// Store keeps accounts. It is safe for concurrent use.
type Store struct {
	db     *db.DB
	log    *audit.Log
	hasher *Hasher
	tokens *tokens
	keys   ProjectKeys
	ends   []ProjectEnd

	failures failures // to sign in, that wait to be written
	limits   *limit.SignIns
	proofs   *proofs
}

// NewStore opens the accounts of an instance. keys makes the first keys of every new project; ends end what others keep
// of a project that is deleted.
func NewStore(d *db.DB, master *secret.Master, log *audit.Log, hasher *Hasher, keys ProjectKeys, ends ...ProjectEnd) (*Store, error) {
	t, err := newTokens(master, d.Now)
	if err != nil {
		return nil, err
	}
	s := &Store{db: d, log: log, hasher: hasher, tokens: t, keys: keys, ends: ends, limits: limit.NewSignIns(d.Now), proofs: newProofs()}
	return s, s.limits.Load(context.Background(), d)
}

// Errors that several functions give. A foreign object is reported exactly like a missing one.
var (
	errNoOrganization = fault.New(fault.NotFound, "There is no such organization.")
	errNoProject      = fault.New(fault.NotFound, "There is no such project.")
	errNoUser         = fault.New(fault.NotFound, "There is no such user.")
	errNoMember       = fault.New(fault.NotFound, "There is no such member.")
	errForbidden      = fault.New(fault.Forbidden, "Your role does not allow this.")
	errLastInstance   = fault.New(fault.Conflict, "The instance needs at least one admin who can sign in. Make somebody else an instance admin first.").WithReason("last_instance_admin")
	errLastAdmin      = fault.New(fault.Conflict, "An organization needs at least one admin who can sign in. Make somebody else an admin first.").WithReason("last_admin")
)

// authorize turns a decision into the error that the asker should see.
func authorize(who audit.Who, do permission.Permission, on permission.Target, hidden error) error {
	return permission.Decide(who.Principal, do, on).Err(errForbidden, hidden)
}

// maxNumbered is how far slugs are numbered before they get a random end: looking for a free one must not take long while
// nobody else can write.
const maxNumbered = 9

// freeSlug gives the slug of a name, with a number behind it where others have it already.
func freeSlug(ctx context.Context, tx *db.Tx, name, fallback, taken string, args ...any) (string, error) {
	base := fault.Slug(name)
	if base == "" || base == "new" { // "new" is where the console makes one
		base = fallback
	}
	for n := 1; ; n++ {
		slug := base
		switch {
		case n > maxNumbered:
			slug = base + "-" + secret.Short(6)
		case n > 1:
			slug = fmt.Sprintf("%s-%d", base, n)
		}
		count, err := db.One(ctx, tx, nil, db.Int, taken, append([]any{slug}, args...)...)
		if err != nil || count == 0 {
			return slug, err
		}
	}
}
