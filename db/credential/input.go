package credential

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Input is what somebody wants a key to be. Update ignores Type and FormToken.
type Input struct {
	// Name is how App Search clients call the key: lower-case letters, digits and hyphens. Empty: made from the
	// description.
	Name        string
	Description string
	Type        secret.Type
	Access      permission.Access // of private keys only
	Permissions []string          // for AccessCustom
	AllEngines  bool              // all engines, present and future
	Engines     []string          // names; only without AllEngines
	ExpiresAt   time.Time         // zero: never
	// Seen is when the key was last changed as the asker knows it; Update refuses where somebody has changed it since.
	// Zero: Update does not look.
	Seen time.Time
	// FormToken is a random string that makes a second Create with the same one give back the first key, without its
	// secret. Empty: every Create makes a key.
	FormToken string
}

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	engineForm = regexp.MustCompile(`^[a-z0-9-]+$`)
)

// check reads an input against the rules and against what the asker may give, and reports all problems at once. now
// is what an expiry must lie behind; before is the key as it was, or nil for a new one.
func (in Input) check(who audit.Who, place permission.Target, now time.Time, before *Key) (Key, error) {
	fields := fault.Fields{}
	k := Key{Type: in.Type, ProjectID: place.Project, Name: strings.TrimSpace(in.Name)}
	if before != nil {
		k = *before
	} else if !k.Type.Valid() {
		fields.Add("type", "Choose private, search or admin.")
	}
	var err error
	if k.Description, err = fault.Line("description", in.Description, MaxDescription, false); err != nil {
		fields.Add("description", err.Error())
	}
	if before == nil {
		k.Name = checkName(k.Name, k.Description, k.Type, fields)
	}
	k.Access, k.Custom = in.checkAccess(k.Type, fields)
	k.Scope = in.checkScope(k.Type, fields)
	k.ExpiresAt = in.ExpiresAt.UTC().Truncate(time.Millisecond)
	if in.ExpiresAt.IsZero() {
		k.ExpiresAt = time.Time{}
	} else if !k.ExpiresAt.After(now) && (before == nil || !k.ExpiresAt.Equal(before.ExpiresAt)) {
		fields.Add("expires", "The date has passed. Choose a later one.")
	} else if k.ExpiresAt.Year() > 9999 {
		fields.Add("expires", "The date is too far away.")
	}
	if err := fields.Err(); err != nil {
		return Key{}, err
	}
	return k, checkGrant(who, place, k)
}

func checkName(name, description string, t secret.Type, fields fault.Fields) string {
	if name == "" {
		if name = fault.Slug(description); name == "" {
			name = string(t) + "-key"
		}
		return name
	}
	if len(name) > MaxName || !nameForm.MatchString(name) {
		fields.Add("name", "Use lower-case letters, digits and single hyphens, at most 64 characters.")
	}
	return name
}

func (in Input) checkAccess(t secret.Type, fields fault.Fields) (permission.Access, permission.Set) {
	if t != secret.Private {
		if in.Access != "" || len(in.Permissions) > 0 {
			fields.Add("access", "Only a private key has a choice of access.")
		}
		return "", 0
	}
	if !in.Access.Valid() {
		fields.Add("access", "Choose read, write, full or custom.")
		return "", 0
	}
	if in.Access != permission.AccessCustom {
		if len(in.Permissions) > 0 {
			fields.Add("permissions", "Permissions are chosen for custom access only.")
		}
		return in.Access, 0
	}
	set, unknown, ok := permission.Parse(in.Permissions)
	switch {
	case !ok:
		fields.Add("permissions", "There is no permission "+fault.Quote(unknown)+".")
	case set == 0:
		fields.Add("permissions", "Choose at least one permission.")
	}
	return in.Access, set.Complete()
}

func (in Input) checkScope(t secret.Type, fields fault.Fields) permission.Scope {
	if t == secret.Admin {
		if len(in.Engines) > 0 {
			fields.Add("engines", "An admin key manages keys only and has no engines.")
		}
		return permission.Scope{All: true}
	}
	if in.AllEngines {
		if len(in.Engines) > 0 {
			fields.Add("engines", "Choose all engines or name some, not both.")
		}
		return permission.Scope{All: true}
	}
	names := slices.Compact(slices.Sorted(slices.Values(in.Engines)))
	switch {
	case len(names) == 0:
		fields.Add("engines", "Choose at least one engine, or all.")
	case len(names) > MaxEngines:
		fields.Add("engines", "At most 500 engines. Choose all engines instead.")
	}
	for _, name := range names {
		if len(name) > MaxName || !engineForm.MatchString(name) {
			fields.Add("engines", fault.Quote(name)+" cannot be the name of an engine.")
		}
	}
	return permission.Scope{Engines: names}
}

// Gift is what somebody may give to the keys of a project.
type Gift struct {
	Permissions permission.Set
	Scope       permission.Scope
}

// GiftOf tells what somebody may give to the keys of a project.
func GiftOf(p permission.Principal, place permission.Target) Gift {
	set, scope := permission.Grantable(p, place)
	return Gift{set, scope}
}

// Admin reports whether it is enough for an admin key: that can make keys of every kind.
func (g Gift) Admin() bool { return g.Permissions.Contains(permission.Keys) && g.Scope.All }

// checkGrant refuses a key that could do more than the one who wants it to exist.
func checkGrant(who audit.Who, place permission.Target, k Key) error {
	gift := GiftOf(who.Principal, place)
	switch {
	case k.Type == secret.Admin && !gift.Admin():
		return fault.New(fault.Forbidden, "Only somebody who may give every permission can make an admin key.").WithReason("grant")
	case !gift.Permissions.Contains(k.Permissions()):
		return fault.New(fault.Forbidden, "A key cannot be given permissions that you do not have.").WithReason("grant")
	case !gift.Scope.Contains(k.Scope):
		return fault.New(fault.Forbidden, "A key cannot be given engines that you cannot reach.").WithReason("grant")
	case outlives(who, k):
		return fault.New(fault.Forbidden, "A key that expires cannot make a key that manages keys, or any key with its own rights, that works longer than itself.").WithReason("grant")
	}
	return nil
}

// outlives reports whether a key that ends would go on in another, or in itself. An admin key is made to make others,
// also lasting ones, but not to make its own right to do so last.
func outlives(who audit.Who, k Key) bool {
	if who.Kind != permission.Key || who.Expires == 0 || !k.ExpiresAt.IsZero() && k.ExpiresAt.UnixMilli() <= who.Expires {
		return false
	}
	return who.KeyType != string(secret.Admin) || k.Permissions().Has(permission.APIKeysModify)
}
