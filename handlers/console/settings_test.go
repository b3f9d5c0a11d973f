package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/views"
)

var (
	settingsURL    = views.ProjectSettingsURL("acme", "shop")
	orgSettingsURL = views.OrganizationSettingsURL("acme")
)

func TestProjectSettings(t *testing.T) {
	w := settled(t)
	w.other()
	miaID, vicID, ozID := w.user(mia).UserID, w.user(vic).UserID, w.who(oz).ID
	access, secrets := views.ProjectAccessURL("acme", "shop"), views.ReadableSecretsURL("acme", "shop")
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: settingsURL, status: 303, location: views.LoginNextURL(settingsURL)},
		{name: "a stranger", as: oz, path: settingsURL, status: 404},
		{name: "a member without a role in it", as: mia, path: settingsURL, status: 404},
		{name: "a viewer reads", as: vic, path: settingsURL, status: 200, has: []string{"Shop", w.project.HostIdentifier, email(ada), email("pat")},
			not: []string{email(mia), "Rename project", "Delete project", "Give access", ">Save", "Turn on"}},
		{name: "a project's admin changes", as: "pat", path: settingsURL, status: 200, has: []string{"Rename project", "Turn on"}, not: []string{email(mia), "Delete project", "Give access"}},
		{name: "the organization's admin gives access", as: ada, path: settingsURL, status: 200, has: []string{"Rename project", "Delete project", "Give access", email(mia)}, not: []string{email(oz)}},
		{name: "renamed by a viewer", as: vic, path: settingsURL, form: []string{"name", "Mine"}, status: 403},
		{name: "renamed to nothing", as: "pat", path: settingsURL, form: []string{"name", " "}, status: 422, has: []string{"Enter a name.", "Error: Settings"}},
		{name: "renamed", as: "pat", path: settingsURL, form: []string{"name", "Market"}, status: 303, location: settingsURL + "?done=renamed"},
		{name: "with the same addresses", as: vic, path: settingsURL, status: 200, has: []string{"Market", w.project.HostIdentifier}},
		{name: "access given by a project's admin", as: "pat", path: access, form: []string{"user", miaID, "role", "PROJECT_ADMIN"}, status: 403},
		{name: "access given to a stranger", as: ada, path: access, form: []string{"user", ozID, "role", "PROJECT_VIEWER"}, status: 422, has: []string{"not a member any more"}},
		{name: "a role of the organization", as: ada, path: access, form: []string{"user", miaID, "role", "ORGANIZATION_ADMIN"}, status: 422, has: []string{"Choose a role."}},
		{name: "access given", as: ada, path: access, form: []string{"user", miaID, "role", "PROJECT_VIEWER"}, status: 303, location: settingsURL + "?done=access-given"},
		{name: "which counts", as: mia, path: settingsURL, status: 200},
		{name: "access taken", as: ada, path: access, form: []string{"user", vicID, "role", ""}, status: 303, location: settingsURL + "?done=access-taken"},
		{name: "which counts too", as: vic, path: settingsURL, status: 404},
		{name: "readable secrets by a viewer", as: mia, path: secrets, status: 403},
		{name: "and by the form", as: mia, path: secrets, form: []string{"on", "1"}, status: 403},
		{name: "readable secrets, asked", as: "pat", path: secrets, status: 200, has: []string{"Turn on readable secrets?", "their secrets exist nowhere"}},
		{name: "neither on nor off", as: "pat", path: secrets, form: []string{"on", "yes"}, status: 422},
		{name: "turned on", as: "pat", path: secrets, form: []string{"on", "1"}, status: 303, location: settingsURL + "?done=readable-1"},
	})
	k, raw, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.project.Target(), credential.Input{Type: "private", Access: permission.AccessRead, AllEngines: true}, nil)
	check(t, err)
	w.visits(t, []visit{
		{name: "off, asked", as: "pat", path: secrets, status: 200, has: []string{"Turn off readable secrets?", "destroyed at once", "<dd>1</dd>"}, not: []string{raw.Reveal()}},
		{name: "turned off", as: "pat", path: secrets, form: []string{"on", "0"}, status: 303, location: settingsURL + "?done=readable-0"},
	})
	if _, err := w.deps.Credentials.Secret(context.Background(), audit.CommandLine(), w.project.Target(), k.ID); err == nil {
		t.Error("the secret can still be read")
	}
}

func TestDeletingAProject(t *testing.T) {
	w := settled(t)
	w.other()
	w.engine("parks")
	_, key := w.createKey(w.as(ada))
	path, right := views.DeleteProjectURL("acme", "shop"), []string{"name", "Shop", "password", password}
	w.visits(t, []visit{
		{name: "a stranger", as: oz, path: path, form: right, status: 404},
		{name: "a member without a role in it", as: mia, path: path, form: right, status: 404},
		{name: "a viewer", as: vic, path: path, form: right, status: 403},
		{name: "the project's admin", as: "pat", path: path, form: right, status: 403},
		{name: "asked", as: ada, path: path, status: 200, has: []string{"3 keys", "1 engine", w.project.HostIdentifier, `autocomplete="current-password"`}},
		{name: "nothing typed", as: ada, path: path, form: []string{"x", "1"}, status: 422, has: []string{"This is not the name.", "This is not your password.", "Error: Delete project"}},
		{name: "another name", as: ada, path: path, form: []string{"name", "shop", "password", password}, status: 422, has: []string{`value="shop"`, "This is not the name."}, not: []string{password, "This is not your password."}},
		{name: "a wrong password", as: ada, path: path, form: []string{"name", "Shop", "password", password + "x"}, status: 422, has: []string{"This is not your password."}, not: []string{"This is not the name."}},
		{name: "still there", as: ada, path: keysURL, status: 200},
	})
	if w.deps.Credentials.Check(key).Reason != "" {
		t.Fatal("the key ended too early")
	}
	w.visits(t, []visit{
		{name: "deleted", as: ada, path: path, form: right, status: 303, location: views.OrganizationURL("acme") + "?done=project-deleted"},
		{name: "told", as: ada, path: views.OrganizationURL("acme") + "?done=project-deleted", status: 200, has: []string{"Project deleted.", "No projects yet"}},
		{name: "its keys", as: ada, path: keysURL, status: 404},
		{name: "its settings, for its viewer", as: vic, path: settingsURL, status: 404},
		{name: "home still works", as: vic, path: "/console", status: 303, location: views.OrganizationsURL},
		{name: "and for the admin", as: ada, path: "/console", status: 303, location: views.OrganizationsURL},
		{name: "deleted once more", as: ada, path: path, form: right, status: 404},
	})
	if got := w.deps.Credentials.Check(key).Reason; got != credential.KeyRevoked {
		t.Errorf("its key: %q", got)
	}
	if a := w.as(ada).Form(views.NewProjectURL("acme"), "name", "Shop"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), keysURL+"/") {
		t.Errorf("its name is not free: %d %s", a.Status, a.Header.Get("Location"))
	}
	if w.deps.Credentials.Check(key).Reason != credential.KeyRevoked {
		t.Error("the key of the old project lives in the new one")
	}
}

func TestOrganizationSettings(t *testing.T) {
	w := settled(t)
	w.other()
	del, right := views.DeleteOrganizationURL("acme"), []string{"name", "Acme Ltd", "password", password}
	w.visits(t, []visit{
		{name: "a stranger", as: oz, path: orgSettingsURL, status: 404},
		{name: "a member", as: mia, path: orgSettingsURL, status: 403},
		{name: "a member's form", as: mia, path: orgSettingsURL, form: []string{"name", "Mine"}, status: 403},
		{name: "an admin", as: ada, path: orgSettingsURL, status: 200, has: []string{"Acme", "4 members"}},
		{name: "no name", as: ada, path: orgSettingsURL, form: []string{"x", "1"}, status: 422, has: []string{"Enter a name."}},
		{name: "renamed", as: ada, path: orgSettingsURL, form: []string{"name", "Acme Ltd"}, status: 303, location: orgSettingsURL + "?done=renamed"},
		{name: "at the same address", as: ada, path: orgSettingsURL, status: 200, has: []string{"Acme Ltd"}},
		{name: "delete, by a member", as: mia, path: del, form: right, status: 403},
		{name: "delete, by a stranger", as: oz, path: del, form: right, status: 404},
		{name: "delete, asked, while it has a project", as: ada, path: del, status: 200, has: []string{"Delete its projects first", views.DeleteProjectURL("acme", "shop")}, not: []string{`name="password"`}},
		{name: "delete, by the form", as: ada, path: del, form: right, status: 409},
		{name: "its project goes", as: ada, path: views.DeleteProjectURL("acme", "shop"), form: []string{"name", "Shop", "password", password}, status: 303, location: views.OrganizationURL("acme") + "?done=project-deleted"},
		{name: "asked, by an admin of no other", as: ada, path: del, status: 200, has: []string{"Create another organization first"}, not: []string{`name="password"`}},
		{name: "and by the form", as: ada, path: del, form: right, status: 409},
		{name: "another one", as: ada, path: views.NewOrganizationURL, form: []string{"name", "Next"}, status: 303, location: views.OrganizationURL("next") + "?done=organization"},
		{name: "asked now", as: ada, path: del, status: 200, has: []string{`name="password"`, "4 members"}},
		{name: "another name", as: ada, path: del, form: []string{"name", "Acme", "password", password}, status: 422, has: []string{"This is not the name."}},
		{name: "deleted", as: ada, path: del, form: right, status: 303, location: views.OrganizationsURL + "?done=organization-deleted"},
		{name: "gone", as: ada, path: views.OrganizationURL("acme"), status: 404},
		{name: "its member can still come", as: mia, path: views.OrganizationsURL, status: 200, has: []string{"You are not a member of any organization"}, not: []string{"Acme"}},
		{name: "and see the account", as: mia, path: views.AccountURL, status: 200, not: []string{"Acme"}},
	})
	if _, err := w.deps.Accounts.Authenticate(context.Background(), audit.Who{}, email(mia), password); err != nil {
		t.Errorf("signing in: %v", err)
	}
	_, err := w.deps.Accounts.AddUser(context.Background(), audit.CommandLine(), account.NewUser{Email: "x@example.com", Password: password, Organization: "acme", Role: permission.OrganizationMember})
	if err == nil {
		t.Error("somebody was added to a deleted organization")
	}
}
