// Package credential keeps keys and answers the one question that matters: whose is this string, and is it alive?
//
// Of a key its hash is kept, and, sealed under the master key, the HMAC states by which search keys signed with it are
// verified. The secret itself exists in the answer of Create and then nowhere, except for search keys, which are
// public by nature, and in projects that chose readable secrets (sealed as well).
//
// All keys stand in memory, so that a check never waits for the database. After every change the memory is brought to
// what the database holds before the change is answered: the next request after a revocation was acknowledged sees
// it, on any path, signed search keys included.
package credential

import (
	"cmp"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Limits of what a key may say.
const (
	MaxName        = 64  // characters
	MaxDescription = 300 // characters
	MaxEngines     = 500 // engines named in a scope
)

// ExpirySoon is how long before its end a key counts as expiring.
const ExpirySoon = 14 * 24 * time.Hour

// Key is a key as everybody may see it who may list keys: without its secret.
type Key struct {
	ID          string
	ProjectID   string
	Name        string // unique among the project's keys that are not revoked
	Description string
	Type        secret.Type
	Access      permission.Access // of private keys only
	Custom      permission.Set    // what was chosen for AccessCustom
	Scope       permission.Scope
	ExpiresAt   time.Time // zero: never
	Visible     string
	Legacy      bool // imported, in another form than ours
	CreatedAt   time.Time
	CreatedBy   string
	UpdatedAt   time.Time
	RevokedAt   time.Time // zero: not revoked
	RevokedBy   string
	Use         Use
}

// Use is when and by whom a key was last used.
type Use struct {
	At        time.Time // zero: never
	Address   string
	UserAgent string
}

// Permissions are what the key may do.
func (k Key) Permissions() permission.Set {
	switch k.Type {
	case secret.Search:
		return permission.Of(permission.SearchRead)
	case secret.Admin:
		return permission.ManageKeys
	}
	return k.Access.Set(k.Custom)
}

// Status is the state of a key at a moment.
type Status string

// The states of a key.
const (
	Active       Status = "active"
	ExpiringSoon Status = "expiring"
	Expired      Status = "expired"
	Revoked      Status = "revoked"
)

// What else is worth knowing about a key that is alive. Filters and Facts know these too.
const (
	NeverUsed Status = "never_used"
	Unused    Status = "unused" // for UnusedAfter
	Legacy    Status = "legacy" // imported, in another form than ours
)

// Status tells the state of the key at a moment.
func (k Key) Status(now time.Time) Status {
	switch {
	case !k.RevokedAt.IsZero():
		return Revoked
	case k.ExpiresAt.IsZero():
		return Active
	case !now.Before(k.ExpiresAt):
		return Expired
	case k.ExpiresAt.Sub(now) <= ExpirySoon:
		return ExpiringSoon
	}
	return Active
}

// Facts tell what is to be known about the state of a key at a moment, the one that counts first.
func (k Key) Facts(now time.Time) []Status {
	status := k.Status(now)
	if status == Revoked || status == Expired {
		return []Status{status}
	}
	var list []Status
	if status == ExpiringSoon {
		list = append(list, ExpiringSoon)
	}
	if k.Legacy {
		list = append(list, Legacy)
	}
	switch {
	case cmp.Or(k.Use.At, k.CreatedAt).Before(now.Add(-UnusedAfter)):
		list = append(list, Unused)
	case k.Use.At.IsZero():
		list = append(list, NeverUsed)
	}
	if len(list) == 0 {
		list = []Status{Active}
	}
	return list
}

// Store keeps keys. It is safe for concurrent use.
type Store struct {
	db     *db.DB
	master *secret.Master
	log    *audit.Log
	live   *live
}

var (
	errNoKey     = fault.New(fault.NotFound, "There is no such key.")
	errRevoked   = fault.New(fault.Conflict, "A revoked key cannot be changed.").WithReason("key_revoked")
	errForbidden = fault.New(fault.Forbidden, "You may not do this with keys.")
)

// authorize turns a decision about keys of a project into the error that the asker should see.
func authorize(who audit.Who, do permission.Permission, place permission.Target) error {
	return permission.Decide(who.Principal, do, place).Err(errForbidden, errNoKey)
}
