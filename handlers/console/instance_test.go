package console_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/permission"
	"latchkey/views"
)

// ops looks after the instance and belongs to no organization.
const ops = "ops"

func (w *world) addOps() {
	w.t.Helper()
	w.add(account.NewUser{Email: email(ops), InstanceAdmin: true})
}

func (w *world) userID(name string) string {
	w.t.Helper()
	list, _, err := w.deps.Accounts.Users(context.Background(), audit.CommandLine(), account.UserFilter{Text: email(name)})
	check(w.t, err)
	if len(list) != 1 {
		w.t.Fatalf("%d users called %s", len(list), name)
	}
	return list[0].ID
}

// background lets work in the background run until the test ends.
func (w *world) background() {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.deps.Instance.Run(ctx, slog.New(slog.DiscardHandler))
	}()
	w.t.Cleanup(func() { stop(); <-ended })
}

// shows asks for a page until it shows a text.
func (w *world) shows(as, path, text string) string {
	w.t.Helper()
	body := ""
	for range 1000 {
		if body = w.as(as).Get(path).Body; strings.Contains(body, text) {
			return body
		}
		time.Sleep(5 * time.Millisecond)
	}
	w.t.Fatalf("%s never shows %q: %s", path, text, body)
	return ""
}

func TestInstanceOverview(t *testing.T) {
	w := settled(t)
	w.addOps()
	w.engine("parks")
	page := views.InstanceURL
	needs := []string{"You need the role Instance admin."}
	w.visits(t, []visit{
		{name: "who set up", as: ada, path: page, status: 200, has: []string{"Version", "test", "latchkey.db", "engines.db", "https://keys.example.com", "There is no backup yet."}},
		{name: "somebody of no organization", as: ops, path: page, status: 200, has: []string{"No damage", "Not checked", `href="/console/instance" aria-current="page"`}, not: []string{"Acme", "Shop", "parks", "private-key", w.project.HostIdentifier}},
		{name: "a project's admin", as: pat, path: page, status: 403, has: needs, not: []string{"engines.db", email(ada), email(ops)}},
		{name: "a member", as: mia, path: page, status: 403, has: needs},
		{name: "a guest", as: guest, path: page, status: 303, location: views.LoginNextURL(page)},
		{name: "by force", as: pat, path: views.CheckInstanceURL, method: http.MethodPost, status: 403, has: needs},
		{name: "by force, as a guest", as: guest, path: views.VerifyAuditURL, method: http.MethodPost, status: 401},
		{name: "the navigation of others", as: vic, path: keysURL, status: 200, not: []string{page}},
		{name: "the navigation", as: ada, path: keysURL, status: 200, has: []string{page}},
		{name: "is where they begin", as: ops, path: "/console", status: 303, location: page},
		{name: "and others do not", as: mia, path: "/console", status: 303, location: views.OrganizationsURL},
		{name: "check", as: ops, path: views.CheckInstanceURL, method: http.MethodPost, status: 303, location: page + "?done=check-started"},
		{name: "is running", as: ops, path: page, status: 200, has: []string{"Running", "disabled"}},
		{name: "check once more", as: ada, path: views.CheckInstanceURL, method: http.MethodPost, status: 409, has: []string{"running already"}},
		{name: "verify", as: ops, path: views.VerifyAuditURL, method: http.MethodPost, status: 303, location: page + "?done=check-started"},
	})
	w.background()
	w.shows(ops, page, "Complete")
	w.shows(ops, page, "No damage")
	if body := w.as(ops).Get(page).Body; !strings.Contains(body, "Head of the audit log") {
		t.Error("the head of the chain is not shown")
	}
}

// An instance admin sees the users of the whole instance and nothing of any organization.
func TestInstanceAdminsSeeNoKeys(t *testing.T) {
	w := settled(t)
	w.addOps()
	w.engine("parks")
	list, _, err := w.deps.Accounts.Users(context.Background(), audit.CommandLine(), account.UserFilter{})
	check(t, err)
	k := w.keyNamed("private-key")
	secrets := []string{"private-key", "search-key", k.Visible, k.ID, "parks", w.project.HostIdentifier, `"shop`, "Shop"}
	paths := []string{views.InstanceURL, views.InstanceUsersURL, views.InstanceBackupsURL, views.OrganizationsURL, views.AccountURL}
	for _, u := range list {
		paths = append(paths, views.InstanceUserURL(u.ID), views.DisableUserURL(u.ID), views.InstanceAdminURL(u.ID))
	}
	for _, path := range paths {
		a := w.as(ops).Get(path)
		if a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
		lacks(t, a.Body, secrets...)
	}
	missing := w.as(ops).Get(views.KeysURL("nosuch", "nosuch"))
	for _, path := range []string{keysURL, newKeyURL, keyURL(k.ID, ""), keyURL(k.ID, "/revoke"), views.OrganizationURL("acme"), views.EnginesURL("acme", "shop"), views.NewProjectURL("acme")} {
		if a := w.as(ops).Get(path); a.Status != missing.Status || a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := w.as(ops).Form(keyURL(k.ID, "/revoke")); a.Status != http.StatusNotFound || !w.key(k.ID).RevokedAt.IsZero() {
		t.Errorf("an instance admin revoked a key: %d", a.Status)
	}
}

func TestInstanceUsers(t *testing.T) {
	w := settled(t)
	w.addOps()
	list, eve := views.InstanceUsersURL, w.userID(mia)
	w.visits(t, []visit{
		{name: "the list", as: ops, path: list, status: 200, has: []string{email(ada), email(pat), email(mia), "Acme", "Never signed in", "Instance admin"}},
		{name: "as an organization's admin who is none", as: pat, path: list, status: 403, not: []string{email(mia)}},
		{name: "as a guest", as: guest, path: views.InstanceUserURL(eve), status: 303, location: views.LoginNextURL(views.InstanceUserURL(eve))},
		{name: "the search", as: ops, path: views.SearchUsersURL, form: []string{"q", "mia@"}, status: 303, location: views.FilteredUsersURL("mia@", "")},
		{name: "finds one", as: ops, path: views.FilteredUsersURL("mia@", ""), status: 200, has: []string{email(mia), `value="mia@"`}, not: []string{email(pat)}},
		{name: "finds none", as: ops, path: views.FilteredUsersURL("nobody", ""), status: 200, has: []string{"No users match", "Clear the search"}},
		{name: "a secret typed by mistake", as: ops, path: views.SearchUsersURL, form: []string{"q", "private-" + strings.Repeat("a", 49)}, status: 303, location: list + "?done=secret-typed"},
		{name: "one", as: ops, path: views.InstanceUserURL(eve), status: 200, has: []string{email(mia), "Disable user", "Make instance admin", "Organization member"}},
		{name: "none", as: ops, path: views.InstanceUserURL("nosuch"), status: 404},
		{name: "oneself", as: ops, path: views.InstanceUserURL(w.userID(ops)), status: 200, not: []string{views.DisableUserURL(w.userID(ops))}},
		{name: "the question", as: ops, path: views.DisableUserURL(eve), status: 200, has: []string{"Keep user", "Keys that they made keep working"}},
		{name: "disabling by force", as: pat, path: views.DisableUserURL(eve), method: http.MethodPost, status: 403},
		{name: "the last admin of an organization", as: ops, path: views.DisableUserURL(w.userID(ada)), method: http.MethodPost, status: 409, has: []string{"An organization needs at least one admin", "Error: Disable user"}},
		{name: "oneself by force", as: ops, path: views.DisableUserURL(w.userID(ops)), method: http.MethodPost, status: 409, has: []string{"You cannot disable yourself"}},
	})
	b := w.as(mia)
	if a := b.Get(views.AccountURL); a.Status != http.StatusOK {
		t.Fatalf("before: %d", a.Status)
	}
	w.visits(t, []visit{
		{name: "disabling", as: ops, path: views.DisableUserURL(eve), method: http.MethodPost, status: 303, location: views.InstanceUserURL(eve) + "?done=user-disabled"},
		{name: "counts at once", as: mia, path: views.AccountURL, status: 303, location: views.LoginNextURL(views.AccountURL)},
		{name: "and bars from signing in", as: guest, path: views.LoginURL, form: []string{"email", email(mia), "password", password}, status: 401},
		{name: "is shown", as: ops, path: views.InstanceUserURL(eve), status: 200, has: []string{"Disabled", "Enable user"}, not: []string{views.InstanceAdminURL(eve)}},
		{name: "a disabled one is made no admin", as: ops, path: views.InstanceAdminURL(eve), form: []string{"admin", "1"}, status: 409, has: []string{"Enable them first"}},
		{name: "enabling by force", as: pat, path: views.EnableUserURL(eve), method: http.MethodPost, status: 403},
		{name: "enabling", as: ops, path: views.EnableUserURL(eve), method: http.MethodPost, status: 303, location: views.InstanceUserURL(eve) + "?done=user-enabled"},
		{name: "revives no session", as: mia, path: views.AccountURL, status: 303, location: views.LoginNextURL(views.AccountURL)},
	})
	w.signIn(w.Browser(), mia)
}

func TestInstanceAdminIsGivenAndTaken(t *testing.T) {
	w := settled(t)
	eve, self := w.userID(mia), w.userID(ada)
	w.visits(t, []visit{
		{name: "the last one stays", as: ada, path: views.InstanceAdminURL(self), form: []string{"admin", "0"}, status: 409, has: []string{"The instance needs at least one admin"}},
		{name: "neither given nor taken", as: ada, path: views.InstanceAdminURL(eve), form: []string{"x", "1"}, status: 422},
		{name: "the question", as: ada, path: views.InstanceAdminURL(eve), status: 200, has: []string{"Make an instance admin", "They see no organization by it", `value="1"`}},
		{name: "to oneself by force", as: mia, path: views.InstanceAdminURL(eve), form: []string{"admin", "1"}, status: 403},
		{name: "given", as: ada, path: views.InstanceAdminURL(eve), form: []string{"admin", "1"}, status: 303, location: views.InstanceUserURL(eve) + "?done=admin-given"},
		{name: "counts at once", as: mia, path: views.InstanceURL, status: 200},
		{name: "the question about taking", as: mia, path: views.InstanceAdminURL(self), status: 200, has: []string{"Keep instance admin", `value="0"`}},
		{name: "taken from oneself", as: ada, path: views.InstanceAdminURL(self), form: []string{"admin", "0"}, status: 303, location: views.AccountURL + "?done=admin-taken"},
		{name: "counts at once too", as: ada, path: views.InstanceURL, status: 403, has: []string{"Instance admin"}},
	})
}

func TestBackups(t *testing.T) {
	w := settled(t)
	w.addOps()
	page := views.InstanceBackupsURL
	w.visits(t, []visit{
		{name: "none", as: ops, path: page, status: 200, has: []string{"No backups yet", "Back up now", "The master key is never part of a backup", w.dir.BackupFolder()}},
		{name: "as a project's admin", as: pat, path: page, status: 403, not: []string{w.dir.BackupFolder()}},
		{name: "by force", as: pat, path: page, method: http.MethodPost, status: 403},
		{name: "as a guest", as: guest, path: page, method: http.MethodPost, status: 401},
		{name: "begun", as: ops, path: page, method: http.MethodPost, status: 303, location: page + "?done=backup-started"},
		{name: "is running", as: ops, path: page, status: 200, has: []string{"A backup is being made.", "disabled"}},
		{name: "one at a time", as: ada, path: page, method: http.MethodPost, status: 409},
	})
	w.background()
	w.shows(ops, page, "Backup made and verified.")
	list, err := w.dir.Backups()
	check(t, err)
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	name := list[0].Name
	w.visits(t, []visit{
		{name: "is listed", as: ada, path: page, status: 200, has: []string{name, "Verified", views.DeleteBackupURL(name), "latchkey restore --from"}},
		{name: "cannot be fetched", as: ops, path: page + "/" + name, status: 404},
		{name: "the question", as: ops, path: views.DeleteBackupURL(name), status: 200, has: []string{"Keep backup", "It is the only whole one."}},
		{name: "deleting by force", as: pat, path: views.DeleteBackupURL(name), method: http.MethodPost, status: 403},
		{name: "another name", as: ops, path: views.DeleteBackupURL(".."), method: http.MethodPost, status: 404},
	})
	check(t, os.Truncate(filepath.Join(list[0].Path, "latchkey.db"), 100))
	w.visits(t, []visit{
		{name: "one that was cut", as: ops, path: page, status: 200, has: []string{"Not whole"}, not: []string{"Verified"}},
		{name: "deleted", as: ops, path: views.DeleteBackupURL(name), method: http.MethodPost, status: 303, location: page + "?done=backup-deleted"},
		{name: "is gone", as: ops, path: page, status: 200, has: []string{"No backups yet"}},
		{name: "twice", as: ops, path: views.DeleteBackupURL(name), method: http.MethodPost, status: 404},
	})
	check(t, w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
		return err
	}))
	if a := w.as(ops).Form(page); a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	contains(t, w.shows(ops, page, "The last backup failed."), "no room", "No backups yet")
}

// Who is refused is told what they lack and whom to ask, and only what a member may know.
func TestRefusalsNameTheMissingRole(t *testing.T) {
	w := settled(t)
	w.addOps()
	w.other()
	w.visits(t, []visit{
		{name: "a viewer wants to make a key", as: vic, path: newKeyURL, status: 403, has: []string{"You need the role Project admin in \u2068Shop\u2069.", "These people can give it:", email(ada)}, not: []string{email(oz), email(ops)}},
		{name: "and tries by force", as: vic, path: newKeyURL, method: http.MethodPost, status: 403, has: []string{"Project admin", email(ada)}},
		{name: "a project's admin wants to make a project", as: pat, path: views.NewProjectURL("acme"), status: 403, has: []string{"You need the role Organization admin in \u2068Acme\u2069.", email(ada)}},
		{name: "a member wants to make an organization", as: mia, path: views.NewOrganizationURL, status: 403, has: []string{"Organization admin in one of your organizations"}, not: []string{email(ada)}},
		{name: "the instance", as: mia, path: views.InstanceURL, status: 403, has: []string{"You need the role Instance admin."}, not: []string{email(ada), email(ops)}},
		{name: "a stranger learns nothing", as: oz, path: newKeyURL, status: 404, not: []string{"role", email(ada), "Shop", "Acme"}},
	})
	// An admin who cannot sign in is no help.
	w.add(account.NewUser{Email: "eve@example.com", Organization: "acme", Role: permission.OrganizationAdmin})
	_, err := w.deps.Accounts.DisableUser(context.Background(), audit.CommandLine(), "eve@example.com")
	check(t, err)
	lacks(t, w.as(vic).Get(newKeyURL).Body, "eve@example.com")
}
