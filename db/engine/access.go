package engine

import (
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// The two refusals. A foreign engine is refused with the very value that a missing one is.
var (
	errNotFound  = fault.New(fault.NotFound, "Could not find engine.")
	errForbidden = fault.New(fault.Forbidden, "Unauthorized action.")
)

// authorize decides whether somebody may do something with an engine, or with the project's engines as such where name
// is empty. It comes before any look-up, so that how long an answer takes tells nothing either.
func authorize(who audit.Who, do permission.Permission, in permission.Target, name string) error {
	in.Engine = name
	return permission.Decide(who.Principal, do, in).Err(errForbidden, errNotFound)
}

// authorizeNew is authorize for an engine that is to be made. Outside of its scope a key is told so: whether such an
// engine exists does not change the answer.
func authorizeNew(who audit.Who, in permission.Target, name string) error {
	if err := authorize(who, permission.IndicesModify, in, ""); err != nil {
		return err
	}
	if authorize(who, permission.IndicesModify, in, name) != nil {
		return errForbidden
	}
	return nil
}
