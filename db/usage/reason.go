package usage

import (
	"errors"

	"latchkey/db/fault"
)

// Reason says why a request was refused. Accepted, the empty one, says that it was not.
type Reason string

// The reasons. Those of a proof that did not count are spelt as package credential spells them. New ones are added at
// the end.
const (
	Accepted     Reason = ""
	KeyRevoked   Reason = "key_revoked"   // the key was revoked
	KeyExpired   Reason = "key_expired"   // the key had expired
	KeyUnsure    Reason = "key_unsure"    // the state of the key could not be read for a moment
	TokenInvalid Reason = "token_invalid" // a signed search key with times that make no sense or are still to come
	TokenExpired Reason = "token_expired" // a signed search key that had expired
	ParentUnfit  Reason = "parent_unfit"  // a signed search key made with a key that may not search
	NotPermitted Reason = "not_permitted" // the key has no permission to do this
	NotFound     Reason = "not_found"     // there is no such engine or document, or the key does not reach it
	RateLimited  Reason = "rate_limited"  // there were too many requests
	WrongProject Reason = "wrong_project" // the address names another project than the key's
	InURL        Reason = "in_url"        // a secret key stood in the address, where it is written into logs
	Changed      Reason = "changed"       // what the key may do was changed while the request was on its way
	Unknown      Reason = "unknown"       // it was not written down
)

// Dead reports whether a reason says that the key itself was at its end.
func (r Reason) Dead() bool { return r == KeyRevoked || r == KeyExpired }

// Because makes a reason the cause of an error, for CountResult. It is for counting only and never shown.
type Because Reason

func (b Because) Error() string { return "refused: " + string(b) }

// CountResult counts a request by the error it ended with. A failure of ours is not counted, and what is wrong with the
// input alone is accepted all the same: the key was good for it.
func (s *Store) CountResult(r Request, err error) {
	if why, counts := reasonOf(err); counts {
		s.Count(r, why)
	}
}

func reasonOf(err error) (why Reason, counts bool) {
	if err == nil {
		return Accepted, true
	}
	var because Because
	if errors.As(err, &because) {
		return Reason(because), true
	}
	f := fault.From(err)
	switch f.Kind {
	case fault.Invalid, fault.Conflict, fault.TooLarge:
		return Accepted, true
	case fault.TooMany:
		return RateLimited, true
	case fault.NotFound:
		return NotFound, true
	case fault.Unauthenticated:
		return Unknown, true
	case fault.Forbidden:
		if f.Reason == string(Changed) {
			return Changed, true
		}
		return NotPermitted, true
	}
	return "", false
}
