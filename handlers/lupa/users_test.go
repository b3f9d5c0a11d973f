package lupa_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

const loginPath, mePath = "/v1/users/login", "/v1/users/me"

func credentials(email, password string) string {
	return fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
}

// A login answers with exactly what Lupa's documentation shows, and the token tells exactly who that is.
func TestLoginAndMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := want(t, w.Client().JSON(post, loginPath, credentials("Admin@example.test", password)), 200)
	if !regexp.MustCompile(`^\{"success":true,"token":"[A-Za-z0-9]+\.[A-Za-z0-9]+\.[A-Za-z0-9_-]+"\}\n$`).MatchString(body) {
		t.Fatalf("login answers %s", body)
	}
	var login struct{ Token string }
	w.must(json.Unmarshal([]byte(body), &login))
	got := want(t, w.Client("authorization", "bearer "+login.Token).Get(mePath), 200)
	wanted := fmt.Sprintf(`{"id":"%s","email":"admin@example.test","createdAt":"2026-03-14T09:26:53.000Z","updatedAt":"2026-03-14T09:26:53.000Z",`+
		`"organizations":[{"id":"%s","name":"Acme","slug":"acme","createdAt":"2026-03-14T09:26:53.000Z","updatedAt":"2026-03-14T09:26:53.000Z",`+
		`"role":"ORGANIZATION_ADMIN"}]}`+"\n", w.users["admin"].ID, w.acme.ID)
	if got != wanted {
		t.Errorf("me\n%s\nwant\n%s", got, wanted)
	}
	for _, never := range []string{"argon2", "hash", "globex", "epoch"} {
		if strings.Contains(got, never) {
			t.Errorf("me tells %q: %s", never, got)
		}
	}
	if own := want(t, w.as("viewer").Get(mePath), 200); !strings.Contains(own, `"role":"ORGANIZATION_MEMBER"`) {
		t.Errorf("viewer: %s", own)
	}
}

// A failed login says the same whether the address exists, the password is wrong, or the user is disabled.
func TestLoginFailsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.accounts.DisableUser(context.Background(), audit.CommandLine(), "viewer@example.test")
	w.must(err)
	for name, body := range map[string]string{
		"unknown address":        credentials("nobody@example.test", password),
		"no address":             credentials("nobody", password),
		"wrong password":         credentials("admin@example.test", password+"1"),
		"password in other case": credentials("admin@example.test", strings.ToUpper(password)),
		"endless password":       credentials("admin@example.test", strings.Repeat("x", 5000)),
		"disabled":               credentials("viewer@example.test", password),
	} {
		t.Run(name, func(t *testing.T) {
			a := w.Client().JSON(post, loginPath, body)
			refuses(t, a, 401, "The e-mail address or the password is wrong.")
			if got := a.Header.Get("WWW-Authenticate"); got != `Bearer realm="latchkey"` {
				t.Errorf("WWW-Authenticate %q", got)
			}
		})
	}
}

// Whoever guesses is told to wait, and a client that repeats one wrong password is not: Lupa's PHP client sends each bad
// login three times.
func TestLoginIsSlowedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 100 {
		refuses(t, w.Client().JSON(post, loginPath, credentials("admin@example.test", "an old password")), 401, "The e-mail address or the password is wrong.")
	}
	for i := range 5 {
		refuses(t, w.Client().JSON(post, loginPath, credentials("admin@example.test", fmt.Sprint("wrong ", i))), 401, "The e-mail address or the password is wrong.")
	}
	a := w.Client().JSON(post, loginPath, credentials("admin@example.test", password))
	refuses(t, a, 429, "Too many attempts to sign in have failed. Try again in a second.")
	if got := a.Header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q", got)
	}
	want(t, w.as("admin").Get(mePath), 200)
	w.clock.Add(time.Second)
	want(t, w.Client().JSON(post, loginPath, credentials("admin@example.test", password)), 200)
}

func TestLoginBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := credentials("admin@example.test", password)
	for name, c := range map[string]struct{ body, message string }{
		"empty":          {"", "The request body is not valid JSON."},
		"no JSON":        {"email=a&password=b", "The request body is not valid JSON."},
		"null":           {"null", "email and password are needed."},
		"no password":    {`{"email":"a@example.test"}`, "email and password are needed."},
		"number":         {`{"email":1,"password":"x"}`, "email has a value of the wrong type."},
		"more members":   {strings.TrimSuffix(good, "}") + `,"role":"ORGANIZATION_ADMIN"}`, "role is not a known field."},
		"doubled":        {strings.TrimSuffix(good, "}") + `,"email":"b@example.test"}`, "The request body is not valid JSON."},
		"two values":     {good + good, "The request body is not valid JSON."},
		"invalid UTF-8":  {"{\"email\":\"\xff\",\"password\":\"x\"}", "The request body is not valid JSON."},
		"array":          {"[" + good + "]", "The request body is not valid JSON."},
		"trailing comma": {`{"email":"a","password":"b",}`, "The request body is not valid JSON."},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, w.Client().JSON(post, loginPath, c.body), 400, c.message) })
	}
	a := w.Client().JSON(post, loginPath, credentials("a@example.test", strings.Repeat("x", 70_000)))
	refuses(t, a, 413, "The request body is too large.")
}

// A user's own page is for users: a key is refused, also beside a good token, because a key beats a token.
func TestMeIsForUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const usersOnly = "Only a user's access token can do this, not an API key."
	for _, name := range []string{"full key", "read key", "search key", "admin key", "globex key"} {
		refuses(t, w.as(name).Get(mePath), 401, usersOnly)
		refuses(t, w.as(name).Get(mePath, "Authorization", "Bearer "+w.token("admin")), 401, usersOnly)
	}
	for _, name := range []string{"admin", "manager", "viewer", "member", "stranger"} {
		want(t, w.as(name).Get(mePath), 200)
	}
}

// Where a key and a token are sent, the key alone counts; each is tried only where it belongs.
func TestWhichCredentialCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	full, admin := w.keys["full key"].secret, "Bearer "+w.token("admin")
	const badKey, badToken = "The API key is not valid.", "The access token is not valid. Log in again."
	const nobody = "Send an API key in X-Lupa-Api-Key or an access token as Authorization: Bearer."
	const misplaced = "An API key is sent in X-Lupa-Api-Key, not as Authorization: Bearer."
	for name, c := range map[string]struct {
		header  []string
		status  int
		message string
	}{
		"key":                            {[]string{"X-Lupa-Api-Key", full}, 200, ""},
		"key, spelt as in PHP":           {[]string{"X-Lupa-API-Key", full}, 200, ""},
		"key beside a bad token":         {[]string{"X-Lupa-Api-Key", full, "Authorization", "Bearer x.y.z"}, 200, ""},
		"bad key beside a good token":    {[]string{"X-Lupa-Api-Key", full + "x", "Authorization", admin}, 401, badKey},
		"empty key beside a good token":  {[]string{"X-Lupa-Api-Key", "", "Authorization", admin}, 401, badKey},
		"revoked key":                    {[]string{"X-Lupa-Api-Key", w.keys["revoked key"].secret}, 401, badKey},
		"expired key":                    {[]string{"X-Lupa-Api-Key", w.keys["expired key"].secret}, 401, badKey},
		"visible form of a key":          {[]string{"X-Lupa-Api-Key", "private-abc*****xyz"}, 401, badKey},
		"token as key":                   {[]string{"X-Lupa-Api-Key", w.token("admin")}, 401, badKey},
		"token with scheme as key":       {[]string{"X-Lupa-Api-Key", admin}, 401, badKey},
		"key as token":                   {[]string{"Authorization", "Bearer " + full}, 401, misplaced},
		"revoked key as token":           {[]string{"Authorization", "Bearer " + w.keys["revoked key"].secret}, 401, misplaced},
		"key without scheme":             {[]string{"Authorization", full}, 401, nobody},
		"token":                          {[]string{"Authorization", admin}, 200, ""},
		"token, scheme in other case":    {[]string{"Authorization", "bEARER " + w.token("admin")}, 200, ""},
		"token without scheme":           {[]string{"Authorization", w.token("admin")}, 401, nobody},
		"token in the query string":      {nil, 401, nobody},
		"password as Basic":              {[]string{"Authorization", "Basic YWRtaW5AZXhhbXBsZS50ZXN0OngK"}, 401, nobody},
		"nothing":                        {nil, 401, nobody},
		"no token":                       {[]string{"Authorization", "Bearer "}, 401, badToken},
		"private-token of the old style": {[]string{"Authorization", "Bearer abc"}, 401, badToken},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.Client(c.header...).Get(index(w.books) + "?auth_token=" + full)
			if c.status == 200 {
				want(t, a, 200)
				return
			}
			refuses(t, a, c.status, c.message)
		})
	}
}

// Two keys are none: nobody may choose which of them is looked at.
func TestTwoKeysAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.Client("X-Lupa-Api-Key", w.keys["full key"].secret, "X-Lupa-Api-Key", w.keys["read key"].secret)
	refuses(t, c.Get(index(w.books)), 401, "The API key is not valid.")
}

// Roles are read on every request: what a token may do changes at once.
func TestRolesCountAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as("manager")
	want(t, c.Get(w.keysPath()), 200)
	w.must(w.accounts.RemoveMember(context.Background(), audit.CommandLine(), "acme", w.users["manager"].ID))
	refuses(t, c.Get(w.keysPath()), 404, "There is no such project.")
	m := w.as("member")
	refuses(t, m.Get(w.keysPath()), 404, "There is no such project.")
	w.must(w.accounts.SetRole(context.Background(), audit.CommandLine(), "acme", w.users["member"].ID, permission.OrganizationAdmin))
	want(t, m.Get(w.keysPath()), 200)
}

// Lupa's PHP client reads the claims with plain base64: their text has no "-" and no "_".
func TestTokenCanBeReadByPHP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := regexp.MustCompile(`^[A-Za-z0-9]*$`)
	for i := range 2000 {
		s, err := w.accounts.IssueToken(account.User{ID: newID(), Epoch: int64(i)})
		w.must(err)
		if parts := strings.Split(s.Reveal(), "."); len(parts) != 3 || !plain.MatchString(parts[0]) || !plain.MatchString(parts[1]) {
			t.Fatalf("token %s", s.Reveal())
		}
	}
}
