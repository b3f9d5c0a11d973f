package account_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func (i instance) token(t *testing.T, u account.User) string {
	t.Helper()
	s, err := i.IssueToken(u)
	if err != nil {
		t.Fatal(err)
	}
	return s.Reveal()
}

func TestLoginTokenLivesOneHour(t *testing.T) {
	i := open(t)
	u := i.setUp(t)
	token := i.token(t, u)
	for _, step := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {time.Hour - time.Second, true}, {10 * time.Second, false}} {
		i.clock.Add(step.after)
		p, _, err := i.PrincipalByToken(ctx, token)
		if (err == nil) != step.ok {
			t.Errorf("after another %s: %v", step.after, err)
		}
		if step.ok && (p.Kind != permission.Token || p.ID != u.ID || len(p.Grants) != 1) {
			t.Errorf("principal %+v", p)
		}
	}
}

// Lupa's PHP client reads the payload with the standard base64 alphabet.
func TestLoginTokenPayloadHasOnlyLettersAndDigits(t *testing.T) {
	i := open(t)
	u := i.setUp(t)
	plain := regexp.MustCompile(`^[A-Za-z0-9]+$`)
	for n := range 2000 {
		u.Epoch = int64(n * n)
		i.clock.Add(977 * time.Millisecond)
		if part := strings.Split(i.token(t, u), ".")[1]; !plain.MatchString(part) {
			t.Fatalf("payload segment %s", part)
		}
	}
}

func TestLoginTokenEndsWithItsUser(t *testing.T) {
	for name, end := range map[string]func(i instance, u account.User) error{
		"disabled": func(i instance, u account.User) error {
			_, err := i.DisableUser(ctx, audit.CommandLine(), u.Email)
			return err
		},
		"password reset": func(i instance, u account.User) error {
			_, err := i.ResetPassword(ctx, audit.CommandLine(), u.Email, "another quiet lighthouse keeper")
			return err
		},
		"password changed": func(i instance, u account.User) error {
			p, _, err := i.Principal(ctx, permission.User, u.ID, u.Epoch)
			if err != nil {
				return err
			}
			_, err = i.ChangePassword(ctx, audit.Who{Principal: p}, password, "another quiet lighthouse keeper")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := open(t)
			i.setUp(t)
			u := i.add(t, "bob@example.com", "acme", permission.OrganizationAdmin)
			token := i.token(t, u)
			if _, _, err := i.PrincipalByToken(ctx, token); err != nil {
				t.Fatal(err)
			}
			if err := end(i, u); err != nil {
				t.Fatal(err)
			}
			if _, _, err := i.PrincipalByToken(ctx, token); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the token is still good: %v", err)
			}
			if _, _, err := i.Principal(ctx, permission.User, u.ID, u.Epoch); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a session of before is still good: %v", err)
			}
		})
	}
}

// Everything that golang-jwt takes by default and we must not.
func TestLoginTokenRefuses(t *testing.T) {
	i := open(t)
	u := i.setUp(t)
	key, err := i.dir.Master.Derive(secret.LabelLogin)
	if err != nil {
		t.Fatal(err)
	}
	now := i.clock.Now().Unix()
	claims := func(changes ...any) jwt.MapClaims {
		c := jwt.MapClaims{"iss": "latchkey", "aud": "lupa", "sub": u.ID, "jti": "x", "iat": now, "exp": now + 3600, "epoch": u.Epoch}
		for n := 0; n < len(changes); n += 2 {
			if name := changes[n].(string); changes[n+1] == nil {
				delete(c, name)
			} else {
				c[name] = changes[n+1]
			}
		}
		return c
	}
	sign := func(m jwt.SigningMethod, key any, c jwt.MapClaims, header ...string) string {
		tok := jwt.NewWithClaims(m, c)
		for n := 0; n+1 < len(header); n += 2 {
			if header[n+1] == "" {
				delete(tok.Header, header[n])
			} else {
				tok.Header[header[n]] = header[n+1]
			}
		}
		s, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	hs := func(c jwt.MapClaims, header ...string) string { return sign(jwt.SigningMethodHS256, key, c, header...) }
	good := hs(claims())
	if _, _, err := i.PrincipalByToken(ctx, good); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	last := func(c byte) string { return good[:len(good)-1] + string(c) }
	parts := strings.Split(good, ".")
	doubled := parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":1,"exp":99999999999}`)) + "." + parts[2]
	cases := map[string]string{
		"empty": "", "two parts": parts[0] + "." + parts[1], "four parts": good + ".x", "no signature": parts[0] + "." + parts[1] + ".",
		"alg none":                   sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims()),
		"HS384":                      sign(jwt.SigningMethodHS384, key, claims()),
		"HS512":                      sign(jwt.SigningMethodHS512, key, claims()),
		"another key":                sign(jwt.SigningMethodHS256, make([]byte, 32), claims()),
		"an empty key":               sign(jwt.SigningMethodHS256, []byte{}, claims()),
		"no exp":                     hs(claims("exp", nil)),
		"exp 0":                      hs(claims("exp", 0)),
		"expired":                    hs(claims("exp", now-10)),
		"made in the future":         hs(claims("iat", now+600)),
		"not yet good":               hs(claims("nbf", now+600)),
		"another issuer":             hs(claims("iss", "other")),
		"no issuer":                  hs(claims("iss", nil)),
		"another audience":           hs(claims("aud", "other")),
		"no audience":                hs(claims("aud", nil)),
		"another user":               hs(claims("sub", "nobody")),
		"an older epoch":             hs(claims("epoch", u.Epoch-1)),
		"a later epoch":              hs(claims("epoch", u.Epoch+1)),
		"crit":                       hs(claims(), "crit", "exp"),
		"kid":                        hs(claims(), "kid", "1"),
		"jku":                        hs(claims(), "jku", "https://example.com"),
		"another typ":                hs(claims(), "typ", "at+jwt"),
		"no typ":                     hs(claims(), "typ", ""),
		"doubled claims":             doubled,
		"a line break in the middle": good[:len(good)-5] + "\n" + good[len(good)-5:],
		"over 4 KiB":                 hs(claims("jti", strings.Repeat("a", 4000))),
	}
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		if c != good[len(good)-1] {
			cases["last character "+string(c)] = last(c)
		}
	}
	for name, token := range cases {
		if _, _, err := i.PrincipalByToken(ctx, token); !fault.Is(err, fault.Unauthenticated) || fault.From(err).Message != "The access token is not valid. Log in again." {
			t.Errorf("%s: %v", name, err)
		}
	}
	var header map[string]any
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(i.token(t, u), ".")[0])
	if err := json.Unmarshal(raw, &header); err != nil || len(header) != 2 {
		t.Errorf("our own header is %s", raw)
	}
}
