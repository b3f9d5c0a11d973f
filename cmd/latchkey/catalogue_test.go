package main

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// look is one state of a page to look at. What is empty is as it usually is.
type look struct {
	name   string
	with   string // what the parameters of the route stand for, by the words of the seed: "key=revoked"
	query  string
	path   string // instead of the route's own
	do     []step // what is done there; only the admin does it
	status int    // of the page, or of what the steps lead to; 0: by who, and 200 after steps
	see    string // what the page has to say, or it is not the one that was meant
	who    string // instead of the page's
	by     string // guest or nobody: only they see it
	file   bool   // it is a file to keep, not a page
}

// step is something a visitor does on a page.
type step struct {
	press  string              // what to press to get to another page
	toggle string              // what to press that opens something on this one
	form   string              // the form to send
	values map[string][]string // what is put into it
	button string              // to send it by; the one that stands out if empty
}

// send is a step that fills in a form and sends it. Values are name=value; {n} becomes a number that is new each time,
// {engine} the name of the engine that the page is about.
func send(form string, values ...string) step {
	s := step{form: form, values: map[string][]string{}}
	for _, pair := range values {
		name, value, _ := strings.Cut(pair, "=")
		s.values[name] = append(s.values[name], value)
	}
	return s
}

// preview is send by the button that only checks.
func preview(form string, values ...string) step {
	s := send(form, values...)
	s.button = `[name="preview"][value="summary"]`
	return s
}

func press(selector string) step  { return step{press: selector} }
func toggle(selector string) step { return step{toggle: selector} }

// page is a route of the console with the states to look at.
type page struct {
	route string
	// who is what the admin, the project's admin, the viewer and somebody of another organization are answered.
	who   string
	looks []look
}

// Who is answered what.
const (
	everybody = "200 200 200 200"
	readers   = "200 200 200 404" // of the project
	managers  = "200 200 403 404" // of the project
	members   = "200 200 200 404" // of the organization
	admins    = "200 403 403 404" // of the organization
	founders  = "200 403 403 200" // admins of any organization
)

const (
	orgPath     = "/console/organizations/:org"
	projectPath = orgPath + "/projects/:project"
	keysPath    = projectPath + "/credentials"
	keyPath     = keysPath + "/:key"
	enginesPath = projectPath + "/engines"
)

// mainForm is the form that a page is about.
const mainForm = `main form[method="post"]`

// catalogue is every page there is, in every state that looks different. The walk, the screenshots and the hostile
// strings all go by it; a route of the console that is not in it fails the build.
func catalogue() []page {
	return slices.Concat(entrancePages(), keyPages(), signPages(), enginePages(), usagePages(), auditPages(), placePages(), peoplePages(), instancePages(), failurePages())
}

// entrancePages are those of everybody, and of nobody yet.
func entrancePages() []page {
	return []page{
		{"/console/setup", everybody, []look{
			{name: "setup-done", by: guest},
			{name: "setup", by: nobody, query: "?token={token}", see: "Set up"},
			{name: "setup-wrong-link", by: nobody, query: "?token=wrong", status: 403},
			{name: "setup-failed", by: nobody, query: "?token={token}", do: []step{send(mainForm, "email=x", "password=short", "organization=", "project=")}, status: 422},
		}},
		{"/console/login", everybody, []look{
			{name: "login", by: guest},
			{name: "login-next", by: guest, query: "?next=%2Fconsole%2Faccount"},
			{name: "login-failed", by: guest, do: []step{send(mainForm, "email=nobody@example.com", "password=a wrong password")}, status: 401, see: "is wrong"},
			{name: "login-empty", by: guest, do: []step{send(mainForm, "email=", "password=")}, status: 401},
			{name: "login-before-setup", by: nobody},
			{name: "login-signed-in"},
		}},
		{"/console/account", everybody, append(accountLooks(), []look{
			{name: "account"},
			{name: "account-password-failed", do: []step{send(`main form[action="/console/account"]`, "current_password=not this", "new_password=short")}, status: 422},
			{name: "account-password-changed", query: "?done=password", see: "Password changed"},
		}...)},
	}
}

func keyPages() []page {
	const form = mainForm
	return []page{
		{keysPath, readers, []look{
			{name: "dashboard", see: "Credentials"},
			{name: "dashboard-search", query: "?q=storefront"},
			{name: "dashboard-nothing-found", query: "?q=nothing+like+this", see: "No keys match"},
			{name: "dashboard-filtered", query: "?type=private&access=read&engine=products"},
			{name: "dashboard-expiring", query: "?status=expiring"},
			{name: "dashboard-unused", query: "?status=unused"},
			{name: "dashboard-expired", query: "?status=expired"},
			{name: "dashboard-revoked", query: "?status=revoked"},
			{name: "dashboard-inactive", query: "?inactive=1"},
			{name: "dashboard-by-last-use", query: "?sort=last_used&dir=desc"},
			{name: "dashboard-newest", query: "?sort=created&dir=desc"}, // after hostile strings: full of them
			{name: "dashboard-unknown-key", query: "?done=unknown-key", see: "No such key here"},
			{name: "dashboard-menu", do: []step{toggle(`[popovertarget^="menu-"]`)}, see: "Revoke"},
			{name: "dashboard-new-project", with: "project=portal", who: "200 404 404 404"},
			{name: "dashboard-right-to-left", with: "org=متجر الشمال, project=right to left", who: "200 404 404 404"},
		}},
		{keysPath + "/new", managers, []look{
			{name: "key-new"},
			{name: "key-new-browser", query: "?preset=browser"},
			{name: "key-new-indexer", query: "?preset=indexer"},
			{name: "key-new-admin", query: "?preset=admin"},
			{name: "key-new-duplicate", query: "?from={key}", with: "key=custom"},
			{name: "key-new-checked", do: []step{preview(form, "type=private", "description=Everything, for ever", "access=full", "scope=all", "expires=never")}},
			{name: "key-new-failed", do: []step{send(form, "type=private", "description=", "access=custom", "scope=some", "expires=date", "expires_on=2020-01-01")}, status: 422},
		}},
		{keysPath + "/export.csv", readers, []look{{name: "keys.csv", file: true}}},
		{keysPath + "/export.json", readers, []look{{name: "keys.json", query: "?status=expiring", file: true}}},
		{keysPath + "/bulk", managers, []look{
			{name: "bulk", query: "?type=search"},
			{name: "bulk-nothing", query: "?q=nothing+like+this"},
			{name: "bulk-revoke", query: "?type=search", do: []step{press(`[name="act"][value="revoke"]`)}},
			{name: "bulk-revoke-failed", query: "?type=search", do: []step{press(`[name="act"][value="revoke"]`), send(form, "count=1000")}, status: 422},
			{name: "bulk-revoked", with: "key=new", query: "?q={key}", do: []step{press(`[name="act"][value="revoke"]`), press("form.bulk-page .btn.danger")}, see: "1 key revoked"},
			{name: "bulk-expiry", query: "?type=search", do: []step{press(`[name="act"][value="expiry"]`)}},
			{name: "bulk-expiry-failed", query: "?type=search", do: []step{press(`[name="act"][value="expiry"]`), send(form, "expires=date", "expires_on=2020-01-01")}, status: 422},
			{name: "bulk-expiry-set", with: "key=new", query: "?q={key}", do: []step{press(`[name="act"][value="expiry"]`), send(form, "expires=30")}},
			{name: "dashboard-selected", path: keysPath, do: []step{toggle(`tbody tr:nth-child(2) .c-check label`)}},
		}},
		{keyPath, readers, []look{
			{name: "key"},
			{name: "key-day", query: "?range=24h"},
			{name: "key-year", query: "?range=1y"},
			{name: "key-search", with: "key=search"},
			{name: "key-expiring", with: "key=expiring"},
			{name: "key-expired", with: "key=expired"},
			{name: "key-revoked", with: "key=revoked"},
			{name: "key-never-used", with: "key=never used"},
			{name: "key-unused", with: "key=unused"},
			{name: "key-admin", with: "key=admin"},
			{name: "key-custom", with: "key=custom"},
			{name: "key-right-to-left", with: "key=rtl"},
			{name: "key-long-name", with: "key=long"},
			{name: "key-saved", query: "?done=saved", see: "Changes saved"},
			{name: "key-stored", query: "?done=stored"},
			{name: "key-week", query: "?range=7d"},
		}},
		{keyPath + "/edit", managers, []look{
			{name: "key-edit"},
			{name: "key-edit-custom", with: "key=custom"},
			{name: "key-edit-search", with: "key=search"},
			{name: "key-edit-admin", with: "key=admin"},
			{name: "key-edit-failed", do: []step{send(form, "expires=date", "expires_on=2020-01-01")}, status: 422},
			{name: "key-edit-review", do: []step{send(form, "description=Storefront search backend, new", "access=full", "scope=all", "expires=never")}, see: "Review changes"},
			{name: "key-edit-review-nothing", do: []step{send(form)}, see: "Nothing changes"},
			{name: "key-edit-saved", with: "key=new", do: []step{send(form, "description=Changed {n}"), press("form.review .btn.primary")}, see: "Changes saved"},
		}},
		{keyPath + "/revoke", managers, []look{
			{name: "key-revoke"},
			{name: "key-revoke-unused", with: "key=never used"},
			{name: "key-revoke-admin", with: "key=admin"},
			{name: "key-revoke-again", with: "key=revoked"},
			{name: "key-just-revoked", with: "key=new", do: []step{press("dialog .btn.danger")}, see: "Revoked"},
		}},
		{keyPath + "/reveal", managers, []look{
			{name: "key-reveal-gone", who: "410 410 403 404"},
			{name: "key-reveal", path: keysPath + "/new", do: []step{send(form, "type=private", "description=Shown once {n}", "access=read", "scope=all", "expires=30")}, see: "Copy your new key"},
			{name: "key-reveal-stored", path: keysPath + "/new", do: []step{send(form, "type=private", "description=Stored {n}", "access=read", "scope=all", "expires=30"), press("dialog .btn.primary")}},
		}},
	}
}

func placePages() []page {
	return []page{
		{"/console/organizations", everybody, []look{{name: "organizations"}}},
		{"/console/organizations/new", founders, []look{
			{name: "organization-new"},
			{name: "organization-new-failed", do: []step{send(mainForm, "name=")}, status: 422},
		}},
		{orgPath, members, []look{
			{name: "organization"},
			{name: "organization-empty", with: "org=empty", who: "200 404 404 404"},
			{name: "organization-right-to-left", with: "org=متجر الشمال", who: "200 404 404 404"},
			{name: "organization-created", query: "?done=organization"},
		}},
		{orgPath + "/projects/new", admins, []look{
			{name: "project-new"},
			{name: "project-new-failed", do: []step{send(mainForm, "name=")}, status: 422},
		}},
		{"/console", everybody, []look{{name: "home"}}},
	}
}

// failurePages are answers that belong to no route of their own.
func failurePages() []page {
	return []page{
		{"", "404 404 404 404", []look{
			{name: "missing-address", path: "/console/nothing/here"},
			{name: "missing-organization", path: "/console/organizations/nosuch"},
			{name: "missing-key", path: keysPath + "/00000000-0000-4000-8000-000000000000"},
		}},
	}
}

// address is where a look is taken.
func (w *seeded) address(p page, l look) string {
	w.t.Helper()
	path := p.route
	if l.path != "" {
		path = l.path
	}
	words := map[string]string{}
	for pair := range strings.SplitSeq(l.with, ", ") {
		if name, word, ok := strings.Cut(pair, "="); ok {
			words[name] = word
		}
	}
	stands := func(parameter string) string {
		if words[parameter] == "new" {
			return w.fresh(parameter)
		}
		value, ok := w.things[parameter][words[parameter]]
		if !ok {
			w.t.Fatalf("%s: the seed has no %s %q", l.name, parameter, words[parameter])
		}
		return value
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if parameter, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = url.PathEscape(stands(parameter))
		}
	}
	for marker, value := range map[string]func() string{
		"{token}": func() string { return w.setup.Renew().Reveal() },
		"{key}":   func() string { return stands("key") },
		"{invited}": func() string {
			if words[""] == "new" { // the last one was accepted
				w.inviteOne("invited-" + strconv.FormatInt(w.clock.Now().UnixMilli(), 10) + "@example.com")
			}
			return w.invited
		},
	} {
		if before, after, found := strings.Cut(l.query, marker); found {
			l.query = before + value() + after
		}
	}
	return strings.Join(parts, "/") + l.query
}

// A page that is new, and stands in no catalogue, is not looked at by anybody.
func TestTheCatalogueHoldsEveryPage(t *testing.T) {
	w := serveEmpty(t)
	known := map[string]bool{}
	names := map[string]bool{}
	for _, p := range catalogue() {
		known[p.route] = true
		for _, l := range p.looks {
			if names[l.name] {
				t.Errorf("two looks are called %s", l.name)
			}
			names[l.name] = true
		}
	}
	for _, route := range w.routes {
		path, reads := strings.CutPrefix(route, "GET ")
		if reads && strings.HasPrefix(path, "/console") && !known[path] {
			t.Errorf("%s stands not in the catalogue", route)
		}
		delete(known, path)
	}
	delete(known, "")
	for path := range known {
		t.Errorf("the catalogue has %s, which is no route", path)
	}
}
