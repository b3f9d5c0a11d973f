package lupa

import (
	"encoding/json"
	"slices"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web"
)

// keyBody is what is sent to create or change a key (Lupa, "API Authentication", Obtaining API Key).
//
//	{"description":"…","access":"full","restrictIndexScope":true,"expiration":null,"indexIds":["…"]}
//
// "permissions" is ours: Lupa's documentation does not name the member that goes with access "custom".
type keyBody struct {
	Description        *string            `json:"description"`
	Access             *permission.Access `json:"access"`
	Permissions        []string           `json:"permissions"`
	RestrictIndexScope *bool              `json:"restrictIndexScope"`
	IndexIDs           []string           `json:"indexIds"`
	Expiration         json.RawMessage    `json:"expiration"`
}

// readKey reads what a key shall be. before is the key as it is, or nil for a new one; its engines the asker may name
// are all those of the project that the asker's own scope covers.
func readKey(c echo.Context, in engineIDs, before *credential.Key, merge bool) (credential.Input, error) {
	var body keyBody
	if err := web.DecodeJSON(c, &body); err != nil {
		return credential.Input{}, err
	}
	_, reach := permission.Grantable(whoOf(c).Principal, projectOf(c))
	r := keyReader{body: body, before: before, engines: in, reach: reach, bad: fault.Fields{}}
	if merge {
		r.input = inputOf(*before)
	} else {
		r.input = credential.Input{Type: secret.Private, AllEngines: true}
		r.demand()
	}
	r.read()
	return r.input, r.bad.Err()
}

// inputOf gives a key as the input that would leave it as it is.
func inputOf(k credential.Key) credential.Input {
	in := credential.Input{
		Type: k.Type, Description: k.Description, Access: k.Access, AllEngines: k.Scope.All, Engines: k.Scope.Engines, ExpiresAt: k.ExpiresAt,
	}
	if k.Access == permission.AccessCustom {
		in.Permissions = k.Custom.Strings()
	}
	return in
}

// keyReader turns a body into an input, one member after the other, and collects what is wrong.
type keyReader struct {
	body    keyBody
	before  *credential.Key
	engines engineIDs
	reach   permission.Scope
	input   credential.Input
	bad     fault.Fields
}

// demand asks for what decides over the reach and the life of a key: nobody shall get a wide key, or one that never ends
// in place of one that does, by forgetting a word.
func (r *keyReader) demand() {
	if r.body.Access == nil {
		r.bad.Add("access", "access must be read, full or custom.")
	}
	if r.body.RestrictIndexScope == nil {
		r.bad.Add("restrictIndexScope", "restrictIndexScope must be true or false.")
	}
	if r.before != nil && !r.before.ExpiresAt.IsZero() && r.body.Expiration == nil {
		r.bad.Add("expires", "expiration must be said, because the key has one; null takes it away.")
	}
}

func (r *keyReader) read() {
	if r.body.Description != nil {
		r.input.Description = *r.body.Description
	}
	if r.before == nil || r.before.Type == secret.Private {
		r.readAccess()
	} else {
		r.refuseAccess()
	}
	r.readScope()
	if r.body.Expiration != nil {
		at, ok := readTime(r.body.Expiration)
		if !ok {
			r.bad.Add("expires", "expiration must be an ISO 8601 time, epoch milliseconds or null.")
		}
		r.input.ExpiresAt = at
	}
}

func (r *keyReader) readAccess() {
	if r.body.Access != nil {
		r.input.Access = *r.body.Access
		kept := r.before != nil && r.before.Access == r.input.Access
		ours := []permission.Access{permission.AccessRead, permission.AccessFull, permission.AccessCustom}
		if !kept && !slices.Contains(ours, r.input.Access) {
			r.bad.Add("access", "access must be read, full or custom.")
		}
	}
	switch {
	case r.body.Permissions != nil:
		r.input.Permissions = r.body.Permissions
	case r.input.Access != permission.AccessCustom:
		r.input.Permissions = nil
	}
}

// refuseAccess is for keys of other types, which have no choice of access: what was shown may come back, nothing else.
func (r *keyReader) refuseAccess() {
	r.input.Access, r.input.Permissions = "", nil
	if r.body.Access != nil && *r.body.Access != shownAccess(*r.before) {
		r.bad.Add("access", "access of a key of type "+string(r.before.Type)+" cannot be changed.")
	}
	set, _, ok := permission.Parse(r.body.Permissions)
	if r.body.Permissions != nil && (!ok || set != r.before.Permissions()) {
		r.bad.Add("permissions", "permissions of a key of type "+string(r.before.Type)+" cannot be changed.")
	}
}

// readScope reads which indices a key reaches. Ids count only where the scope is restricted.
func (r *keyReader) readScope() {
	if r.body.RestrictIndexScope != nil {
		r.input.AllEngines = !*r.body.RestrictIndexScope
	}
	if r.input.AllEngines {
		r.input.Engines = nil
		return
	}
	if r.body.IndexIDs != nil {
		r.input.Engines = r.names(r.body.IndexIDs)
	}
	if len(r.input.Engines) == 0 {
		r.bad.Add("indexIds", "indexIds must name at least one index if restrictIndexScope is true.")
	}
}

// names gives the names of engines by their ids. An engine of another project, or outside of what the asker reaches,
// is reported exactly like one that does not exist.
func (r *keyReader) names(ids []string) []string {
	var names []string
	for _, id := range ids {
		name, ok := r.engines.names[id]
		if !ok || !r.reach.Has(name) {
			r.bad.Add("indexIds", "indexIds names an index that does not exist in this project: "+fault.Quote(id)+".")
			continue
		}
		names = append(names, name)
	}
	return names
}
