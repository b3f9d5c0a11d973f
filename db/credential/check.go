package credential

import (
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Reason says why a proof does not count. It is "" for one that does.
type Reason string

// The reasons. KeyUnknown also stands for a signed search key whose parent cannot be told.
const (
	KeyUnknown   Reason = "key_unknown"
	KeyRevoked   Reason = "key_revoked"
	KeyExpired   Reason = "key_expired"
	KeyUnsure    Reason = "key_unsure" // its state could not be read after a change; revoke it again to settle it
	TokenInvalid Reason = "token_invalid"
	TokenExpired Reason = "token_expired"
	ParentUnfit  Reason = "parent_unfit" // the key that signed may not sign
)

// Proof is what a presented string turned out to be. Unless Reason is "", Principal is anonymous.
type Proof struct {
	Principal permission.Principal
	KeyID     string // the key, or the parent of the signed key, as far as it is known, also of one that is refused
	Reason    Reason
}

// Check tells whose a key is and whether it is alive. It does not ask the database.
func (s *Store) Check(raw string) Proof {
	if !secret.Plausible(raw) {
		return Proof{Reason: KeyUnknown}
	}
	e := s.live.find(raw)
	if e == nil {
		return Proof{Reason: KeyUnknown}
	}
	return s.proof(e)
}

// proof is what a key proves at this moment.
func (s *Store) proof(e *entry) Proof {
	if reason := s.state(e); reason != "" {
		return Proof{KeyID: e.principal.ID, Reason: reason}
	}
	return Proof{Principal: e.principal, KeyID: e.principal.ID}
}

func (s *Store) state(e *entry) Reason {
	switch {
	case e.revoked:
		return KeyRevoked
	case e.unsure:
		return KeyUnsure
	case e.expires != 0 && s.db.Now().UnixMilli() >= e.expires:
		return KeyExpired
	}
	return ""
}
