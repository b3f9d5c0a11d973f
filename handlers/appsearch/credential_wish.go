package appsearch

import (
	"cmp"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// wish is what a client wants a key to be; what it did not say is nil.
//
//	{"name":"indexer","type":"private","read":true,"write":false,"access_all_engines":false,"engines":["shop-en"]}
type wish struct {
	name, kind       *string
	read, write, all *bool
	engines          []string // nil also for []
	key              bool     // a key came along
}

// readWish reads a key from the body or the query string. "id" and "key" are what an answer holds and may come back.
func readWish(c echo.Context) (wish, error) {
	params, err := readOnly(c, "name", "type", "read", "write", "access_all_engines", "engines", "id", "key")
	if err != nil {
		return wish{}, err
	}
	w := wish{key: params.values["key"] != nil}
	var errName, errKind, errRead, errWrite, errAll error
	w.name, errName = params.text("name")
	w.kind, errKind = params.text("type")
	w.read, errRead = params.truth("read")
	w.write, errWrite = params.truth("write")
	w.all, errAll = params.truth("access_all_engines")
	if err := cmp.Or(errName, errKind, errRead, errWrite, errAll); err != nil {
		return wish{}, err
	}
	if v := params.values["engines"]; v != nil {
		var ok bool
		if w.engines, ok = textsOf(v); !ok {
			return wish{}, invalid("engines must be a list of names")
		}
	}
	return w, nil
}

// input checks a wish and words it for the store. before is the key that is to change, or nil for a new one.
func (w wish) input(before *credential.Key) (credential.Input, error) {
	in := credential.Input{Type: secret.Type(orEmpty(w.kind)), Name: strings.TrimSpace(orEmpty(w.name))}
	if err := w.identity(&in, before); err != nil {
		return in, err
	}
	if in.Type == secret.Admin {
		if w.read != nil || w.write != nil || w.all != nil || len(w.engines) > 0 {
			return in, invalid("Admin keys cannot have read, write, access_all_engines or engines")
		}
		return in, nil
	}
	if err := w.access(&in, before); err != nil {
		return in, err
	}
	in.AllEngines, in.Engines = w.all != nil && *w.all, w.engines
	switch {
	case in.AllEngines && len(in.Engines) > 0:
		return in, invalid("engines must be empty when access_all_engines is true")
	case !in.AllEngines && len(in.Engines) == 0:
		return in, missing("engines")
	}
	return in, nil
}

// identity checks what cannot change, and keeps what App Search does not know of.
func (w wish) identity(in *credential.Input, before *credential.Key) error {
	if before != nil {
		if w.name != nil && in.Name != before.Name {
			return invalid("name cannot be changed")
		}
		if w.kind != nil && in.Type != before.Type {
			return invalid("type cannot be changed")
		}
		in.Name, in.Type, in.Description, in.ExpiresAt = before.Name, before.Type, before.Description, before.ExpiresAt
		return nil
	}
	switch {
	case in.Name == "":
		return missing("name")
	case w.kind == nil:
		return missing("type")
	case !in.Type.Valid():
		return invalid("type must be search, private or admin")
	case w.key:
		return invalid("key cannot be chosen")
	}
	return nil
}

// access maps read and write to the levels of access. A key with custom access keeps it while both say what an answer
// said of it: putting back what was read must not widen a key.
func (w wish) access(in *credential.Input, before *credential.Key) error {
	if in.Type != secret.Private {
		if w.read != nil || w.write != nil {
			return invalid("Search keys cannot have read or write")
		}
		return nil
	}
	read, write := w.read != nil && *w.read, w.write != nil && *w.write
	if before != nil && before.Access == permission.AccessCustom {
		if r, wr := flags(*before); r == read && wr == write {
			in.Access, in.Permissions = permission.AccessCustom, before.Custom.Strings()
			return nil
		}
	}
	switch {
	case read && write:
		in.Access = permission.AccessFull
	case read:
		in.Access = permission.AccessRead
	case write:
		in.Access = permission.AccessWrite
	default:
		return invalid("Private keys need read or write access")
	}
	return nil
}
