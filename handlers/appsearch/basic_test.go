package appsearch_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web"
	"latchkey/web/webtest"
)

const wrongPassword = `{"error":"The e-mail address or the password is wrong."}`

// whoMay is the permission matrix of App Search (spec 3.4), for those who ask most often. It knows the rules and not the
// routes.
func whoMay(method, endpoint string) []string {
	users := []string{"ada", "pat"} // an admin of the organization, and one of the project
	last := path.Base(endpoint)
	analytics := strings.Contains(endpoint, "/analytics/") || strings.HasSuffix(endpoint, "/logs/api")
	switch {
	case strings.HasPrefix(endpoint, "/credentials") && method == http.MethodGet:
		return append(users, "admin", "vic")
	case strings.HasPrefix(endpoint, "/credentials"):
		return append(users, "admin")
	case slices.Contains([]string{"search", "multi_search", "query_suggestion", "click"}, last):
		return append(users, "search-key", "read", "private-key", "signed", "vic")
	case method == http.MethodGet, analytics, last == "search_explain":
		return append(users, "read", "private-key", "vic")
	}
	return append(users, "write", "private-key")
}

func TestThePermissionMatrix(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.user("pat", permission.ProjectAdmin)
	s.user("vic", permission.ProjectViewer)
	s.user("mia", "")
	clients := map[string]*webtest.Client{
		"nobody": s.server.Client(), "signed": s.as(s.sign(s.keys["read"], jwt.MapClaims{"api_key_name": "read"})),
	}
	for _, name := range []string{"search-key", "read", "write", "private-key", "admin"} {
		clients[name] = s.with(name)
	}
	for _, name := range []string{"ada", "pat", "vic", "mia"} {
		clients[name] = s.by(name, password)
	}
	for _, e := range endpoints {
		may := whoMay(e.method, e.path)
		for name, client := range clients {
			got := client.JSON(e.method, as+e.path, e.body)
			discreet(t, got)
			switch {
			case name == "write" && path.Base(e.path) == "click":
				// The sources do not say.
			case name == "nobody":
				expect(t, got, 401, signIn)
			case slices.Contains(may, name) == (got.Status == 401):
				t.Errorf("%s %s as %s: %d %s", e.method, e.path, name, got.Status, got.Body)
			case got.Status == 401 && got.Body != unauthorized:
				t.Errorf("%s %s as %s: %s", e.method, e.path, name, got.Body)
			}
		}
	}
}

func TestAUserProvesWhoTheyAreWithAPassword(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	engines := as + "/engines"
	cases := []struct {
		name   string
		header []string
		status int
		body   string // "": the engines
	}{
		{"right", []string{"Authorization", "Basic " + basic("ada@example.com", password)}, 200, ""},
		{"the scheme in another case", []string{"Authorization", "bAsIc  " + basic("ada@example.com", password)}, 200, ""},
		{"the address in another case", []string{"Authorization", "Basic " + basic("ADA@example.com", password)}, 200, ""},
		{"a wrong password", []string{"Authorization", "Basic " + basic("ada@example.com", "wrong")}, 401, wrongPassword},
		{"an empty password", []string{"Authorization", "Basic " + basic("ada@example.com", "")}, 401, wrongPassword},
		{"an unknown user", []string{"Authorization", "Basic " + basic("nobody@example.com", password)}, 401, wrongPassword},
		{"no address", []string{"Authorization", "Basic " + basic("elastic", password)}, 401, wrongPassword},
		{"a key as password", []string{"Authorization", "Basic " + basic("", s.keys["private-key"])}, 401, wrongPassword},
		{"a colon in the password", []string{"Authorization", "Basic " + basic("ada@example.com", password+":")}, 401, wrongPassword},
		{"no colon", []string{"Authorization", "Basic YWRh"}, 401, invalidToken},
		{"no base64", []string{"Authorization", "Basic ada:" + password}, 401, invalidToken},
		{"nothing", []string{"Authorization", "Basic"}, 401, invalidToken},
		{"the password as bearer", []string{"Authorization", "Bearer " + basic("ada@example.com", password)}, 401, invalidToken},
		{"a page of another site", []string{"Authorization", "Basic " + basic("ada@example.com", password), "Sec-Fetch-Site", "cross-site"}, 401, ""},
		{"a page of a neighbour", []string{"Authorization", "Basic " + basic("ada@example.com", password), "Sec-Fetch-Site", "same-site"}, 401, ""},
		{"a page of another site in an old browser", []string{"Authorization", "Basic " + basic("ada@example.com", password), "Origin", "https://evil.example"}, 401, ""},
		{"a page of nowhere", []string{"Authorization", "Basic " + basic("ada@example.com", password), "Origin", "null"}, 401, ""},
		{"the address line of a browser", []string{"Authorization", "Basic " + basic("ada@example.com", password), "Sec-Fetch-Site", "none"}, 200, ""},
		{"a page of its own", []string{"Authorization", "Basic " + basic("ada@example.com", password), "Origin", s.server.URL}, 200, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.server.Client().Do("GET", engines, "", c.header...)
			if got.Status != c.status || c.body != "" && got.Body != c.body {
				t.Errorf("%d %s", got.Status, got.Body)
			}
			if c.status == 401 && got.Header.Get("WWW-Authenticate") != `Basic realm="Swiftype"` {
				t.Error("no challenge")
			}
			discreet(t, got)
		})
	}
}

// Which project a user acts in: the one that the host identifier names, else the oldest they have a role in.
func TestTheProjectOfAUser(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	vic, mia := s.user("vic", permission.ProjectViewer), s.user("mia", "")
	_, err := s.accounts.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: "gus@example.com", Password: password,
		Organization: "globex", Role: permission.OrganizationAdmin})
	s.must(err)
	named := func(by, identifier string) webtest.Answer { return s.by(by, password).Get("/h/" + identifier + creds) }
	project := func(got webtest.Answer) string {
		for _, p := range []struct{ name, id string }{{"mine", s.mine.ID}, {"other", s.other.ID}} {
			if strings.Contains(got.Body, strings.ReplaceAll(p.id, "-", "")[:24]) {
				return p.name
			}
		}
		return fmt.Sprint(got.Status, " ", got.Body)
	}
	for _, c := range []struct {
		name, want string
		got        webtest.Answer
	}{
		{"the oldest", "mine", s.by("ada", password).Get(creds)},
		{"another by path", "other", named("ada", s.other.HostIdentifier)},
		{"another by host", "other", s.by("ada", password).Get(creds, "Host", s.other.HostIdentifier+"."+baseHost)},
		{"the only one", "other", s.by("gus", password).Get(creds)},
		{"the only one of a viewer", "mine", s.by("vic", password).Get(creds)},
		{"its own by name", "mine", named("vic", s.mine.HostIdentifier)},
		{"none at all", "401 " + unauthorized, s.by("mia", password).Get(creds)},
		{"one of others", "401 " + invalidToken, named("gus", s.mine.HostIdentifier)},
		{"one that does not exist", "401 " + invalidToken, named("gus", "host-nobody")},
		{"one they have no role in", "401 " + invalidToken, named("mia", s.mine.HostIdentifier)},
		{"two different", "401 " + invalidToken, s.by("ada", password).Get("/h/"+s.mine.HostIdentifier+creds, "Host", s.other.HostIdentifier+"."+baseHost)},
	} {
		if got := project(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	s.must(s.accounts.SetProjectRole(ctx, audit.CommandLine(), "acme", "shop", mia.ID, permission.ProjectViewer))
	if got := project(s.by("mia", password).Get(creds)); got != "mine" {
		t.Errorf("with a role: %s", got)
	}
	s.must(s.accounts.RemoveMember(ctx, audit.CommandLine(), "acme", vic.ID))
	expect(t, s.by("vic", password).Get(creds), 401, unauthorized)
	expect(t, named("vic", s.mine.HostIdentifier), 401, invalidToken)
}

// Whatever ends a user, or a role, counts on the very next request, although the password is remembered.
func TestWhatEndsAUserEndsTheirRequests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(s *stand, id string)
		want string // "": the request still passes
	}{
		"nothing": {func(*stand, string) {}, ""},
		"another password": {func(s *stand, _ string) {
			_, err := s.accounts.ResetPassword(ctx, audit.CommandLine(), "pat@example.com", "copper lantern drifts north")
			s.must(err)
		}, wrongPassword},
		"disabled": {func(s *stand, _ string) {
			_, err := s.accounts.DisableUser(ctx, audit.CommandLine(), "pat@example.com")
			s.must(err)
		}, wrongPassword},
		"deleted": {func(s *stand, id string) {
			s.must(s.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				for _, table := range []string{"project_members WHERE user_id", "members WHERE user_id", "users WHERE id"} {
					if _, err := db.Exec(ctx, tx, "DELETE FROM "+table+" = $1", id); err != nil {
						return err
					}
				}
				return nil
			}))
		}, wrongPassword},
		"made a viewer": {func(s *stand, id string) {
			s.must(s.accounts.SetProjectRole(ctx, audit.CommandLine(), "acme", "shop", id, permission.ProjectViewer))
		}, unauthorized},
		"no role any more": {func(s *stand, id string) {
			s.must(s.accounts.SetProjectRole(ctx, audit.CommandLine(), "acme", "shop", id, ""))
		}, unauthorized},
		"no member any more": {func(s *stand, id string) { s.must(s.accounts.RemoveMember(ctx, audit.CommandLine(), "acme", id)) }, unauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t)
			u := s.user("pat", permission.ProjectAdmin)
			pat := s.by("pat", password)
			ok(t, pat.JSON("POST", as+"/engines", `{"name":"before"}`))
			c.do(s, u.ID)
			got := pat.JSON("POST", as+"/engines", `{"name":"after"}`)
			if c.want == "" {
				ok(t, got)
			} else {
				expect(t, got, 401, c.want)
			}
		})
	}
	t.Run("while the body is on its way", func(t *testing.T) {
		t.Parallel()
		s := newStand(t)
		u := s.user("pat", permission.ProjectAdmin)
		got := s.lateAs("Basic "+basic("pat@example.com", password), as+"/engines", `{"name":"late"}`, func() {
			s.must(s.accounts.SetProjectRole(ctx, audit.CommandLine(), "acme", "shop", u.ID, ""))
		})
		expect(t, got, 401, unauthorized)
		expect(t, s.with("read").Get(as+"/engines/late"), 404, noEngine)
	})
}

// A viewer reads keys masked, a search key in full because it is public, and no more where secrets are readable.
func TestAUserSeesNoKeyBeyondTheirRights(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.user("pat", permission.ProjectAdmin)
	s.user("vic", permission.ProjectViewer)
	s.readable(true)
	kept := s.key(s.mine, credential.Input{Name: "kept", Type: secret.Private, Access: permission.AccessFull, AllEngines: true})
	show := func(by, name string) string { return keyIn(t, s.by(by, password).Get(creds+"/"+name)) }
	for _, c := range []struct{ by, name, want string }{
		{"ada", "kept", kept}, {"pat", "kept", kept}, {"vic", "kept", secret.Mask(kept)},
		{"vic", "search-key", s.keys["search-key"]}, {"vic", "private-key", secret.Mask(s.keys["private-key"])},
		{"ada", "private-key", secret.Mask(s.keys["private-key"])},
	} {
		if got := show(c.by, c.name); got != c.want {
			t.Errorf("%s sees %s as %q", c.by, c.name, got)
		}
	}
	if list := s.by("vic", password).Get(creds).Body; strings.Contains(list, kept) || !strings.Contains(list, secret.Mask(kept)) {
		t.Errorf("vic lists %s", list)
	}
	s.readable(false)
	if got := show("ada", "kept"); got != secret.Mask(kept) {
		t.Errorf("ada sees %q where secrets are not readable", got)
	}
}

// A password stands in no answer and no log, whether it was right or wrong, and guessing is slowed down.
func TestGuessingAPasswordIsSlowedDown(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for i := range 6 {
		expect(t, s.by("ada", fmt.Sprint("guess ", i)).Get(as+"/engines"), 401, wrongPassword)
	}
	got := s.by("ada", password).Get(as + "/engines")
	expect(t, got, 429, `{"errors":["Too many attempts to sign in have failed. Try again in a second."]}`)
	if got.Header.Get("Retry-After") != "1" || got.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", got.Header)
	}
	ok(t, s.with("private-key").Get(as+"/engines")) // keys are not asked
	s.clock.Add(time.Second)
	ok(t, s.by("ada", password).Get(as+"/engines"))
	for i := range 20 {
		s.by(fmt.Sprint("nobody-", i), "guess").Get(as+"/engines", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i))
	}
	if got := s.by("somebody", "x").Get(as+"/engines", "X-Forwarded-For", "192.0.2.99"); got.Status != 429 {
		t.Errorf("another address in a header helps: %d", got.Status)
	}
	ok(t, s.by("ada", password).Get(as+"/engines")) // its password was right a moment ago
}

func TestUsersAreNotedByName(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	ok(t, s.by("ada", password).JSON("POST", as+"/engines", `{"name":"by-ada"}`))
	var actors string
	s.must(s.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		actors, err = db.One(ctx, tx, nil, db.String, "SELECT actor_kind || ' ' || actor_label FROM audit WHERE action = 'engine.create' AND subject_label = 'by-ada'")
		return err
	}))
	if actors != "user ada@example.com" {
		t.Error(actors)
	}
}

func TestNoPasswordIsLogged(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	var log strings.Builder
	quiet := webtest.Start(t, s.serving(web.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}).Handler())
	for _, p := range []string{password, "quarrel ribbon teapot"} {
		for _, endpoint := range []string{"/engines", "/no-such", "/engines/no-such", "/engines/shop/search"} {
			got := quiet.Client("Authorization", "Basic "+basic("ada@example.com", p)).JSON("POST", as+endpoint, "{")
			for _, word := range []string{p, basic("ada@example.com", p)} {
				if strings.Contains(got.Body, word) || strings.Contains(fmt.Sprint(got.Header), word) || strings.Contains(log.String(), word) {
					t.Errorf("%s: the password shows", endpoint)
				}
			}
		}
	}
	if !strings.Contains(log.String(), "/engines/:engine/search") {
		t.Errorf("nothing was logged: %s", log.String())
	}
}
