package credential

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Signing is what a signed search key is to say.
type Signing struct {
	Secret  secret.Secret              // of the parent; may be left empty for a search key, whose own is read
	Options map[string]json.RawMessage // search options that it imposes, as ReadOptions gives them
	Expires time.Time                  // zero: with its parent
}

var (
	errCannotSign = fault.New(fault.Conflict, "This key cannot sign search keys: it has to be alive and to be allowed to search.").WithReason("cannot_sign")
	errNotItsOwn  = fault.Field("secret", "This is not the secret of this key.")
	errNoSecret   = fault.Field("secret", "Paste the secret of this key.")
	errTooLarge   = fault.Field("options", fmt.Sprintf("These options are too large: a signed search key has at most %d bytes, and this one would have more.", MaxSigned))
	errTooEarly   = fault.Field("expires", "Choose a time that has not passed.")
)

// CanSign reports whether search keys can be signed with the key at a moment: it is alive and may search.
func (k Key) CanSign(now time.Time) bool {
	status := k.Status(now)
	return status != Revoked && status != Expired && k.Permissions().Has(permission.SearchRead)
}

// Sign makes a signed search key with a key of a project. It needs api_keys.read and the secret: whoever holds that can
// sign anywhere, so no more is asked for here. What was made has passed CheckSigned, is kept nowhere, and is written down
// by its parent, the names of its options and its end.
func (s *Store) Sign(ctx context.Context, who audit.Who, place permission.Target, id string, in Signing) (secret.Secret, error) {
	k, err := s.Get(ctx, who, place, id)
	if err != nil {
		return "", err
	}
	now := s.db.Now()
	if !k.CanSign(now) {
		return "", errCannotSign
	}
	if !in.Expires.IsZero() && !in.Expires.After(now) {
		return "", errTooEarly
	}
	parent, err := s.parentSecret(ctx, who, place, k, in.Secret)
	if err != nil {
		return "", err
	}
	token, err := in.token(k.Name, parent, now)
	if err != nil {
		return "", err
	}
	if proof := s.CheckSigned(token.Reveal(), place.Project); proof.Reason != "" || proof.KeyID != k.ID {
		return "", errCannotSign.WithCause(fmt.Errorf("a fresh token is refused: %s", proof.Reason))
	}
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		// It may have been revoked or narrowed meanwhile.
		now, err := findKey(ctx, tx, place.Project, id)
		if err != nil {
			return err
		}
		if !now.CanSign(tx.Now) {
			return errCannotSign
		}
		return s.note(ctx, tx, who, place, audit.KeySign, now, in.changes())
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// parentSecret is the secret to sign with: the one that was pasted, if it is the key's, or that of a search key, which is
// public. Other secrets are never taken from where they may be kept.
func (s *Store) parentSecret(ctx context.Context, who audit.Who, place permission.Target, k Key, pasted secret.Secret) (secret.Secret, error) {
	if pasted == "" && k.Type == secret.Search {
		return s.Secret(ctx, who, place, k.ID)
	}
	if pasted == "" {
		return "", errNoSecret
	}
	s.live.mu.RLock()
	e := s.live.byID[k.ID]
	s.live.mu.RUnlock()
	if e == nil || !secret.Plausible(pasted.Reveal()) {
		return "", errNotItsOwn
	}
	if hash := secret.Hash(pasted.Reveal()); subtle.ConstantTimeCompare(e.hash[:], hash[:]) != 1 {
		return "", errNotItsOwn
	}
	return pasted, nil
}

// token writes and signs what is to be said.
func (in Signing) token(parent string, key secret.Secret, now time.Time) (secret.Secret, error) {
	claims := jwt.MapClaims{}
	for name, value := range in.Options {
		if slices.Contains(reserved, name) {
			return "", fault.Field("options", "Options contains invalid key: "+name)
		}
		claims[name] = value
	}
	claims["api_key_name"], claims["iat"] = parent, now.Unix()
	if !in.Expires.IsZero() {
		claims["exp"] = in.Expires.Unix()
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(key.Reveal()))
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	if len(token) > MaxSigned {
		return "", errTooLarge
	}
	return secret.Secret(token), nil
}

// changes are what the history keeps: the names of the options and never their values, which may be about people.
func (in Signing) changes() []audit.Change {
	end := "with the key"
	if !in.Expires.IsZero() {
		end = in.Expires.UTC().Format(time.RFC3339)
	}
	names := slices.Sorted(maps.Keys(in.Options))
	return slices.Concat(audit.Diff("options", "", strings.Join(names, ", ")), audit.Diff("ends", "", end))
}

// ReadOptions reads search options as somebody typed them: nothing, or one JSON object as CheckSigned takes it.
func ReadOptions(text string) (map[string]json.RawMessage, error) {
	if strings.TrimSpace(text) == "" {
		return map[string]json.RawMessage{}, nil
	}
	options, err := object([]byte(text))
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil:
		return options, nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, fault.Field("options", "An option is named twice. Each can stand here once.")
	case errors.As(err, &syntax):
		line := 1 + bytes.Count([]byte(text)[:min(int(syntax.ByteOffset), len(text))], []byte("\n"))
		return nil, fault.Field("options", fmt.Sprintf("This is not valid JSON: look at line %d.", line))
	case errors.Is(err, errDeepToken):
		return nil, fault.Field("options", "The options are nested too deep.")
	}
	return nil, fault.Field("options", `The options must be one JSON object, such as {"page": {"size": 5}}.`)
}
