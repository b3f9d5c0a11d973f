package permission

import (
	"encoding/json"
	"slices"
)

// Kind says how somebody proved who they are.
type Kind string

// The kinds of principals. Each is proven by exactly one verifier; a proof for one never counts for another.
const (
	Anonymous Kind = ""
	User      Kind = "user"   // a browser session, or a console user's own credentials
	Token     Kind = "token"  // a user's login token (JWT)
	Key       Kind = "key"    // an API key itself
	Signed    Kind = "signed" // a token signed with an API key, which narrows a search
	System    Kind = "system" // the command line on the machine itself
)

// Scope is the set of engines of its project that a principal may touch.
type Scope struct {
	All     bool     // all engines, present and future
	Engines []string // names, sorted; meaningless with All
}

// Has reports whether the scope covers an engine.
func (s Scope) Has(engine string) bool {
	if s.All {
		return true
	}
	_, found := slices.BinarySearch(s.Engines, engine)
	return found
}

// Contains reports whether s covers all that o covers.
func (s Scope) Contains(o Scope) bool {
	if s.All {
		return true
	}
	if o.All {
		return false
	}
	for _, e := range o.Engines {
		if !s.Has(e) {
			return false
		}
	}
	return true
}

// Grant is one role of a user: in an organization (Project empty) or in one of its projects.
type Grant struct {
	Organization, Project string // ids
	Role                  Role
}

// Principal is who is asking. The zero Principal is anonymous and may do nothing.
type Principal struct {
	Kind  Kind
	ID    string // of the user or of the key
	Label string // how people know it: an e-mail address, or a visible key; for the audit log

	// Grants are the roles of a user.
	Grants []Grant
	// InstanceAdmin says that a user looks after the instance itself, see Administers.
	InstanceAdmin bool

	// The rest is about keys, and about tokens signed with them.
	Organization, Project string
	KeyType               string
	Permissions           Set
	Scope                 Scope
	Expires               int64 // Unix milliseconds; 0: never
	// Enforced are the search options a signed search key imposes, as they stand in it.
	Enforced map[string]json.RawMessage
}

// Target is what somebody wants to do something with, from the largest to the smallest part that is known. Engine is
// a name, and empty where no single engine is meant.
type Target struct {
	Organization, Project, Engine string
}

// Decision is the answer of Decide.
type Decision uint8

// The decisions. Hide means that the asker may not even know that the target exists: it must look like a missing one.
const (
	Hide Decision = iota
	Forbid
	Allow
)

// Decide tells whether p may do something with a target. It never looks at whether the target exists: the answer for
// a missing thing is the same as for one that is there.
func Decide(p Principal, do Permission, on Target) Decision {
	switch p.Kind {
	case System:
		return Allow
	case User, Token:
		return decideUser(p, do, on)
	case Key, Signed:
		return decideKey(p, do, on)
	}
	return Forbid
}

// Err gives the error that the asker should see: nil, forbidden, or, where they may not know of the target, hidden, which
// must be the very error of a missing one.
func (d Decision) Err(forbidden, hidden error) error {
	switch d {
	case Allow:
		return nil
	case Forbid:
		return forbidden
	}
	return hidden
}

// Founds reports whether a principal may make organizations: a user who is an admin of one.
func Founds(p Principal) bool {
	return p.Kind == User && slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role == OrganizationAdmin })
}

// Allows is Decide for those who need only a yes.
func Allows(p Principal, do Permission, on Target) bool { return Decide(p, do, on) == Allow }

func decideUser(p Principal, do Permission, on Target) Decision {
	held, visible := HeldBy(p, on)
	switch {
	case !visible:
		return Hide
	case held.Has(do):
		return Allow
	}
	return Forbid
}

// HeldBy tells which permissions a principal has on a target, and whether it may know of the target at all.
func HeldBy(p Principal, on Target) (held Set, visible bool) {
	if p.Kind == System {
		return Everything, true
	}
	if p.Kind == Key || p.Kind == Signed {
		if on.Organization == p.Organization && (on.Project == "" || on.Project == p.Project) {
			return p.Permissions, true
		}
		return 0, false
	}
	if p.Kind != User && p.Kind != Token {
		return 0, false
	}
	member := false
	for _, g := range p.Grants {
		if g.Organization != on.Organization || on.Organization == "" {
			continue
		}
		switch {
		case g.Project == "" && g.Role == OrganizationAdmin:
			return Everything, true
		case g.Project == "" && g.Role == OrganizationMember:
			member = true
			visible = visible || on.Project == ""
		case g.Project == on.Project && g.Role == ProjectAdmin:
			held |= Manage
		case g.Project == on.Project && g.Role == ProjectViewer:
			held |= View
		}
	}
	// A role in a project counts only while its holder belongs to the organization.
	if !member {
		return 0, false
	}
	return held, visible || held != 0
}

func decideKey(p Principal, do Permission, on Target) Decision {
	held, visible := HeldBy(p, on)
	switch {
	case !visible:
		return Hide
	case !held.Has(do), p.Kind == Signed && do != SearchRead:
		// Before the scope: a key that may never do this learns nothing about engines by asking.
		return Forbid
	case on.Engine != "" && !p.Scope.Has(on.Engine):
		return Hide
	}
	return Allow
}

// Grantable tells what p may give to a key of a project. An admin key exists to make keys of every kind, so it may
// give everything a key can have; everybody else gives no more than they hold.
func Grantable(p Principal, on Target) (Set, Scope) {
	held, visible := HeldBy(p, on)
	switch {
	case !visible || !held.Has(APIKeysModify) || p.Kind == Signed:
		return 0, Scope{}
	case p.Kind == Key && p.KeyType == "admin":
		return Keys, Scope{All: true}
	case p.Kind == Key:
		return held & Keys, p.Scope
	}
	return held & Keys, Scope{All: true}
}
