package credential

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Limits of a signed search key.
const (
	MaxSigned      = 8 << 10 // bytes
	maxSignedDepth = 16
	signedLeeway   = 60 // seconds by which clocks may differ
)

// IsSigned reports whether a string has the shape of a signed search key, so that exactly one verifier tries it.
func IsSigned(raw string) bool { return strings.Count(raw, ".") == 2 }

// reserved are the claims of a signed search key that are no search options.
var reserved = []string{"api_key_name", "api_key_id", "iat", "exp", "nbf", "jti", "iss", "aud", "sub"}

// CheckSigned verifies a signed search key: a JWT made with HS256 and a search key, or a private key that may search,
// as the secret, naming it in "api_key_name". project is the id of the project that the request names, or "". The
// principal may do no more than search what its parent may search, under the options it carries. Header members other
// than alg and typ, doubled members, other algorithms and more than MaxSigned bytes are refused.
func (s *Store) CheckSigned(raw, project string) Proof {
	refused := Proof{Reason: TokenInvalid}
	claims, mac, ok := readSigned(raw)
	if !ok {
		return refused
	}
	name, ok := parentName(claims)
	if !ok {
		return refused
	}
	candidates := s.live.parents(name, project)
	if len(candidates) == 0 {
		return Proof{Reason: KeyUnknown}
	}
	// Projects share names, and a key may be called like another's id: the signature tells which one is meant.
	signing := []byte(raw[:strings.LastIndexByte(raw, '.')])
	i := slices.IndexFunc(candidates, func(e *entry) bool { return s.signedBy(e, signing, mac) })
	if i < 0 {
		return refused
	}
	e := candidates[i]
	// Only now is it known that the parent's holder made this, so only now does it count as the parent's.
	refused.KeyID = e.principal.ID
	if refused.Reason = s.state(e); refused.Reason != "" {
		return refused
	}
	if !e.principal.Permissions.Has(permission.SearchRead) {
		refused.Reason = ParentUnfit
		return refused
	}
	if refused.Reason = s.timely(claims); refused.Reason != "" {
		return refused
	}
	for _, name := range reserved {
		delete(claims, name)
	}
	p := e.principal
	p.Kind, p.Permissions, p.Enforced = permission.Signed, permission.Of(permission.SearchRead), claims
	return Proof{Principal: p, KeyID: p.ID}
}

func (s *Store) signedBy(e *entry, signing, mac []byte) bool {
	if e.states == "" {
		return false
	}
	plain, err := s.master.Open(e.states, "keys", "states", e.principal.ID)
	if err != nil || len(plain) != len(secret.States{}) {
		return false
	}
	states := secret.States(plain)
	return states.Verify(signing, mac)
}

// readSigned takes a token apart without believing any of it.
func readSigned(raw string) (claims map[string]json.RawMessage, mac []byte, ok bool) {
	if len(raw) > MaxSigned || strings.ContainsAny(raw, "\r\n") {
		return nil, nil, false
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, nil, false
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, nil, false
		}
	}
	header, err := object(decoded[0])
	if err != nil || !plainHeader(header) {
		return nil, nil, false
	}
	claims, err = object(decoded[1])
	return claims, decoded[2], err == nil
}

// plainHeader accepts {"alg":"HS256"} with or without "typ":"JWT": the clients differ. Anything else in a header is
// there to change how a token is to be read.
func plainHeader(header map[string]json.RawMessage) bool {
	var alg, typ string
	if json.Unmarshal(header["alg"], &alg) != nil || alg != "HS256" {
		return false
	}
	raw, typed := header["typ"]
	if typed && (json.Unmarshal(raw, &typ) != nil || !strings.EqualFold(typ, "JWT")) {
		return false
	}
	return len(header) == 1 || typed && len(header) == 2
}

var errDeepToken = errors.New("credential: too deep")

// object reads one JSON object that has no doubled members at any depth, is valid UTF-8, is not too deep and is
// followed by nothing.
func object(raw []byte) (map[string]json.RawMessage, error) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		if _, err := d.ReadToken(); err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return nil, err
		}
		if d.StackDepth() > maxSignedDepth {
			return nil, errDeepToken
		}
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errors.New("credential: not an object")
	}
	return m, nil
}

// parentName gives the name by which a token names its parent. Clients of before May 2018 call it api_key_id.
func parentName(claims map[string]json.RawMessage) (string, bool) {
	var name string
	for _, member := range []string{"api_key_name", "api_key_id"} {
		if raw, ok := claims[member]; ok {
			return name, json.Unmarshal(raw, &name) == nil && name != ""
		}
	}
	return "", false
}

// timely checks exp, nbf and iat where a token has them. One that is no number is refused.
func (s *Store) timely(claims map[string]json.RawMessage) Reason {
	now := float64(s.db.Now().Unix())
	at := func(name string, otherwise float64) (float64, bool) {
		raw, ok := claims[name]
		if !ok {
			return otherwise, true
		}
		var v *float64
		if json.Unmarshal(raw, &v) != nil || v == nil {
			return 0, false
		}
		return *v, true
	}
	exp, okExp := at("exp", math.Inf(1))
	nbf, okNbf := at("nbf", math.Inf(-1))
	iat, okIat := at("iat", math.Inf(-1))
	switch {
	case !okExp || !okNbf || !okIat:
		return TokenInvalid
	case now > exp+signedLeeway:
		return TokenExpired
	case now < nbf-signedLeeway, now < iat-signedLeeway:
		return TokenInvalid
	}
	return ""
}
