package lupa_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"latchkey/db/audit"
	"latchkey/db/secret"
)

func newID() string { return uuid.NewString() }

// forge signs a token with the server's own key, as somebody who has it could.
func (w *world) forge(newHash func() hash.Hash, header, payload string) string {
	key, err := w.dir.Master.Derive(secret.LabelLogin)
	w.must(err)
	return sign(newHash, key, header, payload)
}

func sign(newHash func() hash.Hash, key []byte, header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(header)) + "." + encode([]byte(payload))
	mac := hmac.New(newHash, key)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

// claims gives the payload of a good token, with one member replaced; "" removes it.
func (w *world) claims(name, value string) string {
	now := w.clock.Now().Unix()
	members := []string{"iss", `"latchkey"`, "sub", `"` + w.users["admin"].ID + `"`, "aud", `["lupa"]`,
		"exp", fmt.Sprint(now + 3600), "iat", fmt.Sprint(now), "jti", `"` + newID() + `"`, "epoch", "1"}
	var parts []string
	for i := 0; i < len(members); i += 2 {
		v := members[i+1]
		if members[i] == name {
			v = value
		}
		if v != "" {
			parts = append(parts, fmt.Sprintf(`"%s":%s`, members[i], v))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// A token counts only if it is exactly one of ours. Nearly all of these are signed with the right key, and still refused.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const header = `{"alg":"HS256","typ":"JWT"}`
	now := w.clock.Now().Unix()
	at := func(seconds int64) string { return fmt.Sprint(now + seconds) }
	hs256 := func(payload string) string { return w.forge(sha256.New, header, payload) }
	good := w.claims("", "")
	want(t, w.Client("Authorization", "Bearer "+hs256(good)).Get(mePath), 200)

	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(good)) + "."
	issued := w.token("admin")
	for name, token := range map[string]string{
		"alg none":                     unsigned,
		"alg None":                     w.forge(sha256.New, `{"alg":"None","typ":"JWT"}`, good),
		"HS384":                        w.forge(sha512.New384, `{"alg":"HS384","typ":"JWT"}`, good),
		"HS512":                        w.forge(sha512.New, `{"alg":"HS512","typ":"JWT"}`, good),
		"RS256 in name":                w.forge(sha256.New, `{"alg":"RS256","typ":"JWT"}`, good),
		"other key":                    sign(sha256.New, []byte(strings.Repeat("k", 32)), header, good),
		"empty key":                    sign(sha256.New, nil, header, good),
		"signed with an API key":       sign(sha256.New, []byte(w.keys["full key"].secret), header, `{"api_key_name":"full-key"}`),
		"no typ":                       w.forge(sha256.New, `{"alg":"HS256"}`, good),
		"other typ":                    w.forge(sha256.New, `{"alg":"HS256","typ":"at+jwt"}`, good),
		"kid":                          w.forge(sha256.New, `{"alg":"HS256","typ":"JWT","kid":"1"}`, good),
		"crit":                         w.forge(sha256.New, `{"alg":"HS256","typ":"JWT","crit":["exp"]}`, good),
		"jku":                          w.forge(sha256.New, `{"alg":"HS256","typ":"JWT","jku":"https://example.test"}`, good),
		"doubled alg":                  w.forge(sha256.New, `{"alg":"none","typ":"JWT","alg":"HS256"}`, good),
		"no exp":                       hs256(w.claims("exp", "")),
		"exp 0":                        hs256(w.claims("exp", "0")),
		"expired, as text":             hs256(w.claims("exp", `"`+at(-10)+`"`)),
		"expired":                      hs256(w.claims("exp", at(-10))),
		"iat in the future":            hs256(w.claims("iat", at(60))),
		"nbf in the future":            hs256(strings.TrimSuffix(good, "}") + `,"nbf":` + at(60) + `}`),
		"no issuer":                    hs256(w.claims("iss", "")),
		"other issuer":                 hs256(w.claims("iss", `"lupa"`)),
		"no audience":                  hs256(w.claims("aud", "")),
		"other audience":               hs256(w.claims("aud", `["appsearch"]`)),
		"no subject":                   hs256(w.claims("sub", "")),
		"unknown subject":              hs256(w.claims("sub", `"`+newID()+`"`)),
		"subject is an organization":   hs256(w.claims("sub", `"`+w.acme.ID+`"`)),
		"later epoch":                  hs256(w.claims("epoch", "2")),
		"no epoch":                     hs256(w.claims("epoch", "")),
		"doubled subject":              hs256(strings.TrimSuffix(good, "}") + `,"sub":"` + w.users["admin"].ID + `"}`),
		"payload is no object":         hs256(`"x"`),
		"more after the payload":       hs256(good + good),
		"no signature":                 issued[:strings.LastIndexByte(issued, '.')+1],
		"signature of another token":   issued[:strings.LastIndexByte(issued, '.')] + w.token("viewer")[strings.LastIndexByte(w.token("viewer"), '.'):],
		"two parts":                    issued[:strings.LastIndexByte(issued, '.')],
		"four parts":                   issued + ".x",
		"padding":                      issued + "=",
		"space inside":                 issued[:20] + " " + issued[20:],
		"longer than any token may be": hs256(strings.TrimSuffix(good, "}") + `,"x":"` + strings.Repeat("x", 4096) + `"}`),
	} {
		t.Run(name, func(t *testing.T) {
			a := w.Client("Authorization", "Bearer "+token).Get(mePath)
			refuses(t, a, 401, "The access token is not valid. Log in again.")
			if got := a.Header.Get("WWW-Authenticate"); got != `Bearer realm="latchkey", error="invalid_token"` {
				t.Errorf("WWW-Authenticate %q", got)
			}
		})
	}
}

// No other last character of the signature passes, though base64 has bits there that mean nothing.
func TestSignatureHasOneSpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.token("admin")
	for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		changed := token[:len(token)-1] + string(last)
		if a := w.Client("Authorization", "Bearer "+changed).Get(mePath); (a.Status == 200) != (changed == token) {
			t.Errorf("last character %c: status %d", last, a.Status)
		}
	}
}

// A token ends after an hour, and at once when the password changes or the user is disabled.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	const dead = "The access token is not valid. Log in again."
	t.Run("after an hour", func(t *testing.T) {
		c := w.as("admin")
		w.clock.Add(time.Hour - time.Second)
		want(t, c.Get(mePath), 200)
		w.clock.Add(10 * time.Second)
		refuses(t, c.Get(mePath), 401, dead)
	})
	t.Run("when the password changes", func(t *testing.T) {
		c := w.as("manager")
		want(t, c.Get(mePath), 200)
		_, err := w.accounts.ResetPassword(ctx, audit.CommandLine(), "manager@example.test", password+" too")
		w.must(err)
		refuses(t, c.Get(mePath), 401, dead)
		refuses(t, w.Client().JSON(post, loginPath, credentials("manager@example.test", password)), 401, "The e-mail address or the password is wrong.")
		want(t, w.Client().JSON(post, loginPath, credentials("manager@example.test", password+" too")), 200)
	})
	t.Run("when the user is disabled", func(t *testing.T) {
		c := w.as("viewer")
		want(t, c.Get(mePath), 200)
		_, err := w.accounts.DisableUser(ctx, audit.CommandLine(), "viewer@example.test")
		w.must(err)
		refuses(t, c.Get(mePath), 401, dead)
		refuses(t, c.Get(w.keysPath()), 401, dead)
	})
}
