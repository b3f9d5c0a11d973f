package console_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/views"
	"latchkey/web/webtest"
)

// Requests that change something are carried out for the console's own pages only. The table is gone through for a
// form of somebody signed in and for signing in itself.
func TestCrossOrigin(t *testing.T) {
	w := settled(t)
	same := w.URL
	cases := []struct {
		name        string
		header      []string
		with, login bool // whether it passes with a session cookie, and whether it passes for signing in
	}{
		{"the same origin", []string{"Sec-Fetch-Site", "same-origin", "Origin", same}, true, true},
		{"typed into the address line", []string{"Sec-Fetch-Site", "none"}, true, true},
		{"an old browser, the same origin", []string{"Origin", same}, true, true},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false, false},
		{"another site that hides its origin", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, false, false},
		{"a neighbouring host", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://www.example.com"}, false, false},
		{"an old browser, another port", []string{"Origin", "http://127.0.0.1:1"}, false, false},
		{"an old browser, another site", []string{"Origin", "https://evil.example"}, false, false},
		{"an old browser, no origin to tell", []string{"Origin", "null"}, false, false},
		{"no word about where it comes from", nil, false, true},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			signedIn := w.Client(tt.header...)
			signedIn.SetCookies(cookie(t, w.as(ada)))
			for _, path := range []string{views.ThemeURL, views.NewOrganizationURL, newKeyURL, keysURL + "/search", views.AccountURL} {
				a := signedIn.Form(path, "theme", "dark")
				if passed := a.Status != http.StatusForbidden; passed != tt.with {
					t.Errorf("%s with a session: %d", path, a.Status)
				}
				guarded(t, a)
			}
			for _, path := range []string{views.LoginURL, views.SetupURL, views.LogoutURL} {
				a := w.Client(tt.header...).Form(path, "email", email(ada), "password", password)
				if passed := a.Status == http.StatusSeeOther; passed != tt.login {
					t.Errorf("%s: %d", path, a.Status)
				}
				if !tt.login && len(a.Header.Values("Set-Cookie")) > 0 {
					t.Errorf("%s sets a cookie", path)
				}
			}
		})
	}
	if a := w.as(ada).Get(keysURL); a.Status != http.StatusOK {
		t.Error("another site has ended the session")
	}
	evil := w.Client("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	evil.SetCookies(cookie(t, w.as(ada)))
	if a := evil.Form(views.LogoutURL); a.Status != http.StatusForbidden || w.as(ada).Get(keysURL).Status != http.StatusOK {
		t.Errorf("another site signs out: %d", a.Status)
	}
}

func TestHosts(t *testing.T) {
	w := settled(t)
	for _, path := range []string{"/", "/console", views.LoginURL, views.SetupURL, keysURL, views.AccountURL} {
		for host, refused := range map[string]bool{"evil.example": true, "127.0.0.1.evil.example": true, "evil.example:80": true, "localhost:1": false, "KEYS.example.com": false} {
			a := w.as(ada).Get(path, "Host", host)
			if got := a.Status == http.StatusMisdirectedRequest; got != refused {
				t.Errorf("%s on %s: %d", path, host, a.Status)
			}
			lacks(t, a.Header.Get("Location"), "://", "evil")
		}
	}
	for _, path := range []string{views.LoginURL, views.SetupURL, views.LogoutURL, views.ThemeURL, newKeyURL} {
		a := w.as(ada).Do(http.MethodPost, path, "", "Host", "evil.example", "Origin", "http://evil.example")
		if a.Status != http.StatusMisdirectedRequest {
			t.Errorf("POST %s on evil.example: %d", path, a.Status)
		}
		guarded(t, a)
	}
}

// policy is who may have what. A new route has to be written down here.
var policy = map[string]string{
	"GET /":              "public: leads to the console",
	"GET /static/*":      "public: the same files for everybody, nothing about anybody",
	"GET /console/setup": "public: the token of the set-up link is the proof", "POST /console/setup": "public: the token of the set-up link is the proof",
	"GET /console/login": "public: signing in starts here", "POST /console/login": "public: signing in starts here",
	"POST /console/logout": "public: ends no session but the one it comes with",
	"POST /console/theme":  "public: changes nothing but a preference of the browser",

	"GET /console":         "signed in",
	"GET /console/account": "signed in", "POST /console/account": "signed in",
	"POST /console/account/sessions/end": "signed in", "POST /console/account/sessions/:session/end": "signed in",
	"GET /console/organizations":     "signed in",
	"GET /console/organizations/new": "admin of any organization", "POST /console/organizations/new": "admin of any organization",
	"GET /console/instance": "instance admin", "POST /console/instance/check": "instance admin", "POST /console/instance/audit": "instance admin",
	"GET /console/instance/users": "instance admin", "POST /console/instance/users/search": "instance admin", "GET /console/instance/users/:user": "instance admin",
	"GET /console/instance/users/:user/disable": "instance admin", "POST /console/instance/users/:user/disable": "instance admin", "POST /console/instance/users/:user/enable": "instance admin",
	"GET /console/instance/users/:user/admin": "instance admin", "POST /console/instance/users/:user/admin": "instance admin",
	"GET /console/instance/backups": "instance admin", "POST /console/instance/backups": "instance admin",
	"GET /console/instance/backups/:backup/delete": "instance admin", "POST /console/instance/backups/:backup/delete": "instance admin",

	"GET O":              "member of the organization",
	"GET O/projects/new": "organization: projects.modify", "POST O/projects/new": "organization: projects.modify",

	"GET P/credentials/:key/sign": "project: api_keys.read", "POST P/credentials/:key/sign": "project: api_keys.read",
	"GET P/credentials/decode": "project: api_keys.read", "POST P/credentials/decode": "project: api_keys.read",

	"GET /console/invitation":  "public: the token of the invitation's link is the proof",
	"POST /console/invitation": "public: the token of the invitation's link is the proof",
	"GET O/members":            "organization: members.read",
	"GET O/members/invite":     "organization: members.modify", "POST O/members/invite": "organization: members.modify",
	"GET O/members/invitations/:invitation":         "organization: members.modify",
	"POST O/members/invitations/:invitation/done":   "organization: members.modify",
	"POST O/members/invitations/:invitation/renew":  "organization: members.modify",
	"POST O/members/invitations/:invitation/revoke": "organization: members.modify",
	"GET O/members/:member":                         "organization: members.modify", "POST O/members/:member": "organization: members.modify",
	"GET O/members/:member/remove": "organization: members.modify", "POST O/members/:member/remove": "organization: members.modify",
	"GET O/settings": "organization: projects.modify", "POST O/settings": "organization: projects.modify",
	"GET O/settings/delete": "organization: projects.modify", "POST O/settings/delete": "organization: projects.modify",
	"GET P/settings": "project: projects.read", "POST P/settings": "project: projects.modify",
	"POST P/settings/access": "project: members.modify",
	"GET P/settings/secrets": "project: projects.modify", "POST P/settings/secrets": "project: projects.modify",
	"GET P/settings/delete": "project, by its organization: projects.modify", "POST P/settings/delete": "project, by its organization: projects.modify",

	"GET O/audit": "organization: audit.read", "POST O/audit": "organization: audit.read", "POST O/audit/export": "organization: audit.read",
	"GET P/audit": "project: audit.read", "POST P/audit": "project: audit.read", "POST P/audit/export": "project: audit.read",

	"GET P/credentials": "project: api_keys.read", "POST P/credentials/search": "project: api_keys.read",
	"GET P/credentials/export.csv": "project: api_keys.read", "GET P/credentials/export.json": "project: api_keys.read",
	"GET P/credentials/bulk": "project: api_keys.modify", "POST P/credentials/bulk": "project: api_keys.modify",
	"POST P/credentials/bulk/revoke": "project: api_keys.modify", "POST P/credentials/bulk/expiry": "project: api_keys.modify",
	"GET P/credentials/new": "project: api_keys.modify", "POST P/credentials/new": "project: api_keys.modify",
	"POST P/credentials/summary": "project: api_keys.modify", "POST P/credentials/engines": "project: api_keys.modify",
	"GET P/credentials/:key":      "project: api_keys.read",
	"GET P/credentials/:key/edit": "project: api_keys.modify", "POST P/credentials/:key/edit": "project: api_keys.modify",
	"GET P/credentials/:key/revoke": "project: api_keys.modify", "POST P/credentials/:key/revoke": "project: api_keys.modify",
	"GET P/credentials/:key/reveal": "project: api_keys.modify", "POST P/credentials/:key/reveal/done": "project: api_keys.modify",

	"GET P/usage":                   "project: analytics.read",
	"GET P/engines":                 "project: indices.read",
	"GET P/engines/:engine/sources": "project: indices.modify", "POST P/engines/:engine/sources": "project: indices.modify",
	"GET P/engines/new": "project: indices.modify", "POST P/engines/new": "project: indices.modify",
	"GET P":                 "project: projects.read",
	"GET P/engines/:engine": "project: indices.read", "GET P/engines/:engine/overview": "project: indices.read",
	"GET P/engines/:engine/documents": "project: documents.read", "GET P/engines/:engine/documents/:document": "project: documents.read",
	"GET P/engines/:engine/schema": "project: indices.read", "POST P/engines/:engine/schema": "project: indices.modify",
	"GET P/engines/:engine/search": "project: search.read", "POST P/engines/:engine/search": "project: search.read",
	"GET P/engines/:engine/delete": "project: indices.modify", "POST P/engines/:engine/delete": "project: indices.modify",
}

// Every route is tried without a session and without what its guard asks for.
func TestEveryRouteIsGuarded(t *testing.T) {
	w := settled(t)
	shorten := strings.NewReplacer("/console/organizations/:org/projects/:project", "P", "/console/organizations/:org", "O")
	fill := strings.NewReplacer(":org", "acme", ":project", "shop", ":key", w.keyNamed("private-key").ID, "*", "x")
	for _, r := range w.web.Routes() {
		id := r.Method + " " + shorten.Replace(r.Path)
		if r.Guard.Name != policy[id] {
			t.Errorf("%s is guarded by %q, not %q", id, r.Guard.Name, policy[id])
		}
		if strings.HasPrefix(r.Guard.Name, "public: ") {
			continue
		}
		path := fill.Replace(r.Path)
		a := w.Browser().Do(r.Method, path, "", "Content-Type", "application/x-www-form-urlencoded")
		switch {
		case r.Method == http.MethodGet && (a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), views.LoginURL)):
			t.Errorf("%s: %d to %q", id, a.Status, a.Header.Get("Location"))
		case r.Method == http.MethodPost && a.Status != http.StatusUnauthorized:
			t.Errorf("%s: %d", id, a.Status)
		}
		guarded(t, a)
		forms(t, w.as(ada), r.Method, path)
	}
	if len(w.web.Routes()) != len(policy) {
		t.Errorf("%d routes, %d in the policy", len(w.web.Routes()), len(policy))
	}
}

// forms checks that an address that only takes forms cannot be visited.
func forms(t *testing.T, b *webtest.Client, method, path string) {
	t.Helper()
	if method != http.MethodPost || !strings.HasSuffix(path, "/done") {
		return
	}
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
		if a := b.Do(m, path, ""); a.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", m, path, a.Status)
		}
	}
}

func TestErrors(t *testing.T) {
	w := settled(t)
	w.visits(t, []visit{
		{name: "an unknown page, as a guest", as: guest, path: "/console/nowhere", status: 404, has: []string{"Nothing here"}, not: []string{"Acme"}},
		{name: "an unknown page, signed in", as: ada, path: "/console/nowhere", status: 404, has: []string{"Nothing here", "Acme", email(ada)}},
		{name: "the wrong method", as: ada, path: keysURL, method: http.MethodPost, status: 405, has: []string{"405", "Acme"}},
		{name: "a notice is none of the address", as: ada, path: keysURL + "?done=%3Cscript%3E", status: 200, not: []string{"&lt;script", "<script>"}},
	})
	a := w.as(ada).Do(http.MethodPost, newKeyURL, strings.Repeat("a", 70<<10), "Content-Type", "application/x-www-form-urlencoded")
	if a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form that is too large: %d", a.Status)
	}
	contains(t, a.Body, "The request body is too large.", "Acme")
	a = w.as(ada).Do(http.MethodPost, newKeyURL, "a=%zz", "Content-Type", "application/x-www-form-urlencoded")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "The form could not be read.") {
		t.Errorf("a broken form: %d", a.Status)
	}
}

func TestStatic(t *testing.T) {
	w := settled(t)
	page := w.Browser().Get(views.LoginURL).Body
	_, rest, ok := strings.Cut(page, `<link rel="stylesheet" href="`)
	address, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("no stylesheet")
	}
	a := w.Browser().Get(address)
	if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%s: %d, %q", address, a.Status, a.Header.Get("Cache-Control"))
	}
	if a := w.Browser().Get("/static/../routes.go"); a.Status == http.StatusOK {
		t.Error("the source is served")
	}
}
