package account

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// TokenLife is how long a login token is good for.
const TokenLife = time.Hour

const (
	tokenIssuer   = "latchkey"
	tokenAudience = "lupa"
	tokenMaxLen   = 4 << 10
	tokenLeeway   = 5 * time.Second
)

// claims are what a login token says. All values are ASCII without ">", "?" and "~": the base64url text of such a
// payload never contains "-" or "_", which Lupa's PHP client cannot read.
type claims struct {
	jwt.RegisteredClaims
	Epoch int64 `json:"epoch"`
}

// tokens signs and reads login tokens: HS256 under a key used for nothing else.
type tokens struct {
	key    []byte
	now    func() time.Time
	parser *jwt.Parser
}

func newTokens(master *secret.Master, now func() time.Time) (*tokens, error) {
	key, err := master.Derive(secret.LabelLogin)
	if err != nil {
		return nil, err
	}
	if len(key) < 32 {
		return nil, fmt.Errorf("account: the key of login tokens has %d bytes, it needs 32", len(key))
	}
	return &tokens{key: key, now: now, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer(tokenIssuer), jwt.WithAudience(tokenAudience), jwt.WithLeeway(tokenLeeway),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(now),
	)}, nil
}

// IssueToken makes a login token for a user, good for TokenLife or until the user's epoch changes.
func (s *Store) IssueToken(u User) (secret.Secret, error) {
	t := s.tokens
	now := t.now()
	c := claims{Epoch: u.Epoch, RegisteredClaims: jwt.RegisteredClaims{
		Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience}, Subject: u.ID, ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(TokenLife)),
	}}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(t.key)
	return secret.Secret(signed), err
}

var errToken = fault.New(fault.Unauthenticated, "The access token is not valid. Log in again.").WithReason("invalid_token")

// PrincipalByToken gives the user of a login token with their present roles. Every flaw of the token gives the same
// error.
func (s *Store) PrincipalByToken(ctx context.Context, token string) (permission.Principal, User, error) {
	c, err := s.tokens.read(token)
	if err != nil {
		return permission.Principal{}, User{}, errToken.WithCause(err)
	}
	p, u, err := s.Principal(ctx, permission.Token, c.Subject, c.Epoch)
	if fault.Is(err, fault.Unauthenticated) {
		err = errToken.WithCause(err)
	}
	return p, u, err
}

// read verifies a token. The library takes more than it should: the header's members and the alphabet are checked
// before it sees the token.
func (t *tokens) read(token string) (*claims, error) {
	if err := plainToken(token); err != nil {
		return nil, err
	}
	var c claims
	if _, err := t.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return t.key, nil }); err != nil {
		return nil, err
	}
	return &c, nil
}

func plainToken(token string) error {
	if len(token) > tokenMaxLen || strings.Count(token, ".") != 2 {
		return fmt.Errorf("account: not a compact token of at most %d bytes", tokenMaxLen)
	}
	parts := strings.Split(token, ".")
	head, errHead := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	payload, errPayload := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if errHead != nil || errPayload != nil || strings.ContainsAny(token, "\r\n") {
		return fmt.Errorf("account: token is not base64url")
	}
	// The library takes the last of doubled members.
	if !jsontext.Value(head).IsValid() || !jsontext.Value(payload).IsValid() {
		return fmt.Errorf("account: token is not JSON with every member once")
	}
	var header map[string]string
	if err := json.Unmarshal(head, &header); err != nil {
		return fmt.Errorf("account: token header: %w", err)
	}
	if len(header) != 2 || header["alg"] != "HS256" || header["typ"] != "JWT" {
		return fmt.Errorf("account: token header has other members than alg and typ")
	}
	return nil
}
