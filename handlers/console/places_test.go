package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"latchkey/db/audit"
	"latchkey/views"
	"latchkey/web/webtest"
)

func TestOrganizations(t *testing.T) {
	w := settled(t)
	w.other()
	acme, other := views.OrganizationURL("acme"), views.OrganizationURL("other")
	w.visits(t, []visit{
		{name: "the list", as: ada, path: views.OrganizationsURL, status: 200, has: []string{"Acme", "Organization admin", "1 project", views.NewOrganizationURL}, not: []string{"Other"}},
		{name: "the list of a member", as: mia, path: views.OrganizationsURL, status: 200, has: []string{"Acme", "0 projects"}, not: []string{views.NewOrganizationURL, "Shop"}},
		{name: "as a guest", as: guest, path: views.OrganizationsURL, status: 303, location: views.LoginNextURL(views.OrganizationsURL)},
		{name: "one", as: ada, path: acme, status: 200, has: []string{"Shop", w.project.HostIdentifier, "2 active keys", views.NewProjectURL("acme")}},
		{name: "one, as a viewer", as: vic, path: acme, status: 200, has: []string{"Shop"}, not: []string{views.NewProjectURL("acme")}},
		{name: "one, as a member without projects", as: mia, path: acme, status: 200, not: []string{"Shop", views.NewProjectURL("acme")}},
		{name: "another", as: ada, path: other, status: 404, not: []string{"Other", "Depot"}},
		{name: "another's admin", as: oz, path: acme, status: 404, not: []string{"Acme"}},
		{name: "founding, as a member", as: mia, path: views.NewOrganizationURL, status: 403},
		{name: "founding by force", as: mia, path: views.NewOrganizationURL, form: []string{"name", "Mine"}, status: 403},
		{name: "the form", as: ada, path: views.NewOrganizationURL, status: 200},
		{name: "no name", as: ada, path: views.NewOrganizationURL, form: []string{"name", " "}, status: 422, has: []string{"Enter a name.", "Error: Create an organization"}},
		{name: "founding", as: ada, path: views.NewOrganizationURL, form: []string{"name", "New"}, status: 303, location: views.OrganizationURL("organization") + "?done=organization"},
		{name: "is carried out", as: ada, path: views.OrganizationURL("organization") + "?done=organization", status: 200, has: []string{"Organization created.", "New", "No projects yet"}},
	})
}

func TestProjects(t *testing.T) {
	w := settled(t)
	w.other()
	form := views.NewProjectURL("acme")
	w.visits(t, []visit{
		{name: "the form", as: ada, path: form, status: 200},
		{name: "a project's admin is none of the organization", as: pat, path: form, status: 403, has: []string{"Acme"}},
		{name: "by force", as: pat, path: form, form: []string{"name", "Mine"}, status: 403},
		{name: "another organization's admin", as: oz, path: form, form: []string{"name", "Mine"}, status: 404},
		{name: "a guest", as: guest, path: form, form: []string{"name", "Mine"}, status: 401},
		{name: "no name", as: ada, path: form, form: []string{"name", ""}, status: 422, has: []string{"Enter a name."}},
	})
	a := w.as(ada).Form(form, "name", "Staging")
	reveal := a.Header.Get("Location")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(reveal, views.KeysURL("acme", "staging")+"/") || !strings.HasSuffix(reveal, "/reveal") {
		t.Fatalf("%d to %q", a.Status, reveal)
	}
	if text := secretOn(w.as(ada).Get(reveal).Body); w.deps.Credentials.Check(text).Reason != "" {
		t.Error("the first key of the project is not shown")
	}
	w.visits(t, []visit{
		{name: "the console comes back to the last project", as: ada, path: "/console", status: 303, location: views.KeysURL("acme", "staging")},
		{name: "visiting another", as: ada, path: keysURL, status: 200},
		{name: "changes that", as: ada, path: "/console", status: 303, location: keysURL},
	})
}

func TestEngines(t *testing.T) {
	w := settled(t)
	w.other()
	list, form := views.EnginesURL("acme", "shop"), views.NewEngineURL("acme", "shop")
	w.visits(t, []visit{
		{name: "none", as: vic, path: list, status: 200, has: []string{"No engines yet"}, not: []string{form}},
		{name: "the form", as: pat, path: form, status: 200, has: []string{"Universal", "Portuguese (Brazil)"}},
		{name: "the form, as a viewer", as: vic, path: form, status: 403},
		{name: "by force", as: vic, path: form, form: []string{"name", "mine"}, status: 403},
		{name: "another organization's admin", as: oz, path: form, form: []string{"name", "mine"}, status: 404},
		{name: "a guest", as: guest, path: list, status: 303, location: views.LoginNextURL(list)},
		{name: "a bad name", as: pat, path: form, form: []string{"name", "Two Words", "language", "de"}, status: 422, has: []string{"lowercase letters", `value="Two Words"`, `value="de" selected`}},
		{name: "a language that is none", as: pat, path: form, form: []string{"name", "parks", "language", "xx"}, status: 422, has: []string{"Language must be one of"}},
		{name: "made", as: pat, path: form, form: []string{"name", "parks", "language", "de"}, status: 303, location: views.EngineURL("acme", "shop", "parks") + "?done=engine"},
		{name: "listed", as: vic, path: list, status: 200, has: []string{"parks", "German", "2 keys", views.EngineURL("acme", "shop", "parks")}},
		{name: "twice", as: pat, path: form, form: []string{"name", "parks"}, status: 422, has: []string{"Name is already taken"}},
		{name: "offered to keys", as: pat, path: newKeyURL, status: 200, has: []string{`name="engine" value="parks"`}},
	})
}

func TestAccount(t *testing.T) {
	w := settled(t)
	first := w.Client("Sec-Fetch-Site", "same-origin", "Origin", w.URL, "User-Agent", "First browser")
	w.signIn(first, pat)
	contains(t, first.Get(views.AccountURL).Body, "This is the first time", "First browser", "This browser", email(pat), "Organization member, Project admin of Shop")
	w.clock.Add(time.Hour / 4)
	second := w.Client("Sec-Fetch-Site", "same-origin", "Origin", w.URL, "User-Agent", "Second browser")
	w.signIn(second, pat)
	contains(t, second.Get(views.AccountURL).Body, "14 Mar 2026, 09:26 UTC", "127.0.0.1", "First browser", "Second browser")
	lacks(t, w.as(ada).Get(views.AccountURL).Body, "First browser", email(pat))
}

func TestChangePassword(t *testing.T) {
	w := settled(t)
	const fresh = "lantern gravel umbrella fifty"
	here, elsewhere := w.as(pat), w.Browser()
	w.signIn(elsewhere, pat)
	change := func(current, next string) []string {
		return []string{"current_password", current, "new_password", next}
	}
	w.visits(t, []visit{
		{name: "the present one is wrong", as: pat, path: views.AccountURL, form: change("not it at all", fresh), status: 422,
			has: []string{"This is not your present password.", `id="current_password-error"`}, not: []string{fresh, "not it at all"}},
		{name: "the new one is weak", as: pat, path: views.AccountURL, form: change(password, "short"), status: 422,
			has: []string{"At least 15 characters", `id="new_password-error"`}, not: []string{password, `"short"`}},
		{name: "as a guest", as: guest, path: views.AccountURL, form: change(password, fresh), status: 401},
	})
	if a := elsewhere.Get(keysURL); a.Status != http.StatusOK {
		t.Fatalf("the other session has ended too early: %d", a.Status)
	}
	before := cookie(t, here)
	w.visits(t, []visit{
		{name: "changed", as: pat, path: views.AccountURL, form: change(password, fresh), status: 303, location: views.AccountURL + "?done=password"},
		{name: "still signed in here", as: pat, path: views.AccountURL + "?done=password", status: 200, has: []string{"Password changed."}},
	})
	if cookie(t, here).Value == before.Value {
		t.Error("the session kept its token")
	}
	stale := w.Browser()
	stale.SetCookies(before)
	for name, b := range map[string]*webtest.Client{"elsewhere": elsewhere, "the old token": stale} {
		if a := b.Get(keysURL); a.Status != http.StatusSeeOther {
			t.Errorf("%s is still signed in: %d", name, a.Status)
		}
		if a := b.Form(newKeyURL, "type", "private"); a.Status != http.StatusUnauthorized {
			t.Errorf("%s may still post: %d", name, a.Status)
		}
	}
	w.visits(t, []visit{
		{name: "the old password", as: guest, path: views.LoginURL, form: []string{"email", email(pat), "password", password}, status: 401},
		{name: "the new password", as: guest, path: views.LoginURL, form: []string{"email", email(pat), "password", fresh}, status: 303, location: "/console"},
	})
}

// A password that was set on the command line ends every session as well, though nobody asked for that.
func TestResetPasswordEndsSessions(t *testing.T) {
	w := settled(t)
	w.visits(t, []visit{{name: "before", as: pat, path: keysURL, status: 200}})
	_, err := w.deps.Accounts.ResetPassword(context.Background(), audit.CommandLine(), email(pat), "lantern gravel umbrella fifty")
	check(t, err)
	w.visits(t, []visit{
		{name: "pages", as: pat, path: keysURL, status: 303, location: views.LoginNextURL(keysURL)},
		{name: "forms", as: pat, path: newKeyURL, form: []string{"type", "private"}, status: 401},
		{name: "a dead cookie is no way around the login page", as: pat, path: views.LoginURL, status: 200},
	})
}

// Whatever is typed into a field comes back as text.
func TestHostileText(t *testing.T) {
	w := settled(t)
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'"onx='1`, `</title><svg onload=alert(1)>`, `javascript:alert(1)`, `{{.}} ${1} %s`,
		`שלום مرحبا`, strings.Repeat("ö", 100), `//evil.example/x`, `../../etc`, `a&amp;b`,
	}
	for _, text := range hostile {
		a := w.as(ada).Form(views.NewOrganizationURL, "name", text)
		org, _, _ := strings.Cut(a.Header.Get("Location"), "?")
		if a.Status != http.StatusSeeOther || !strings.HasPrefix(org, views.OrganizationsURL+"/") {
			t.Fatalf("organization %q: %d to %q", text, a.Status, org)
		}
		a = w.as(ada).Form(org+"/projects/new", "name", text)
		reveal := a.Header.Get("Location")
		if a.Status != http.StatusSeeOther || !strings.HasPrefix(reveal, org+"/projects/") {
			t.Fatalf("project %q: %d to %q", text, a.Status, reveal)
		}
		id, _ := w.createKey(w.as(ada), "description", text)
		pages := []string{org, reveal, keysURL, keyURL(id, ""), keyURL(id, "/edit"), keyURL(id, "/revoke"), views.OrganizationsURL, views.AccountURL}
		for _, path := range pages {
			a := w.as(ada).Get(path)
			if a.Status != http.StatusOK {
				t.Errorf("%s: %d", path, a.Status)
			}
			tame(t, path, a.Body)
		}
		for _, path := range []string{views.LoginURL, views.SetupURL, newKeyURL, views.NewEngineURL("acme", "shop"), views.AccountURL, keysURL + "/search"} {
			var form []string
			for _, name := range []string{"email", "next", "name", "description", "type", "scope", "engine", "permission", "expires", "expires_on", "form_token", "language", "current_password", "q", "theme"} {
				form = append(form, name, text)
			}
			a := w.as(ada).Form(path, append(form, "access", "custom")...)
			tame(t, path, a.Body)
			lacks(t, a.Header.Get("Location"), "<", "\"", "://evil")
		}
	}
	for _, text := range []string{"abc\u202edef", "a\u2066b", "a\x00b", "a\nb", strings.Repeat("ö", 101), "\xff"} {
		for _, path := range []string{views.NewOrganizationURL, views.NewProjectURL("acme")} {
			if a := w.as(ada).Form(path, "name", text); a.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s takes %q: %d", path, text, a.Status)
			}
		}
	}
}

// tame reads a page as a browser does and looks for anything in it that could act.
func tame(t *testing.T, path, body string) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(body)); z.Next() != html.ErrorToken; {
		token := z.Token()
		if token.Type == html.StartTagToken && (token.Data == "img" || token.Data == "iframe" || token.Data == "base" || token.Data == "style") {
			t.Errorf("%s has a <%s>", path, token.Data)
		}
		for _, a := range token.Attr {
			local := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#")
			leads := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction"
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || leads && !local {
				t.Errorf("%s has <%s %s=%q>", path, token.Data, a.Key, a.Val)
			}
		}
		if token.Type == html.StartTagToken && token.Data == "script" && (len(token.Attr) == 0 || z.Next() == html.TextToken) {
			t.Errorf("%s has a script of its own", path)
		}
	}
}
