package console_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web/webtest"
)

var membersURL = views.MembersURL("acme")

// user gives one of the people by name.
func (w *world) user(name string) account.Member {
	w.t.Helper()
	list, err := w.deps.Accounts.Members(context.Background(), audit.CommandLine(), "acme")
	check(w.t, err)
	for _, m := range list {
		if m.Email == email(name) {
			return m
		}
	}
	w.t.Fatalf("%s is no member", name)
	return account.Member{}
}

var linkShown = regexp.MustCompile(`https://keys\.example\.com(/console/invitation\?token=([0-9A-Za-z]{43}))<`)

// invited makes an invitation in a browser and gives its page, and the path and the token of its link.
func (w *world) invited(b *webtest.Client, form ...string) (page, path, token string) {
	w.t.Helper()
	a := b.Form(membersURL+"/invite", form...)
	page = a.Header.Get("Location")
	if a.Status != http.StatusSeeOther {
		w.t.Fatalf("invite: %d %s", a.Status, a.Body)
	}
	m := linkShown.FindStringSubmatch(b.Get(page).Body)
	if m == nil {
		w.t.Fatal("the page shows no link")
	}
	return page, m[1], m[2]
}

const newbie = "new@example.com"

func TestMembers(t *testing.T) {
	w := settled(t)
	w.other()
	pat, foreign := w.user("pat").UserID, w.who(oz).ID
	member := views.MemberURL("acme", pat)
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: membersURL, status: 303, location: views.LoginNextURL(membersURL)},
		{name: "a stranger", as: oz, path: membersURL, status: 404, not: []string{email(pat)}},
		{name: "a member", as: mia, path: membersURL, status: 403, not: []string{email(vic)}},
		{name: "a project's admin", as: "pat", path: membersURL, status: 403, not: []string{email(vic)}},
		{name: "an admin", as: ada, path: membersURL, status: 200, has: []string{email("pat"), email(vic), email(mia), "Organization admin", "Shop", "You"}, not: []string{email(oz)}},
		{name: "one member", as: ada, path: member, status: 200, has: []string{email("pat"), `value="PROJECT_ADMIN" selected`}},
		{name: "one member, by a member", as: mia, path: member, status: 403},
		{name: "somebody of another organization", as: ada, path: views.MemberURL("acme", foreign), status: 404, not: []string{email(oz)}},
		{name: "nobody", as: ada, path: views.MemberURL("acme", "nobody"), status: 404},
		{name: "change somebody of another organization", as: ada, path: views.MemberURL("acme", foreign), form: []string{"role", "ORGANIZATION_ADMIN"}, status: 404},
		{name: "no role", as: ada, path: member, form: []string{"x", "1"}, status: 422, has: []string{"Choose a role.", "Error: "}},
		{name: "a made-up role", as: ada, path: member, form: []string{"role", "OWNER"}, status: 422, has: []string{"Choose a role."}},
		{name: "the last admin makes herself a member", as: ada, path: views.MemberURL("acme", w.user(ada).UserID), form: []string{"role", "ORGANIZATION_MEMBER"}, status: 409},
		{name: "and is told before", as: ada, path: views.MemberURL("acme", w.user(ada).UserID), status: 200, has: []string{"The only admin."}},
		{name: "she cannot leave", as: ada, path: views.RemoveMemberURL("acme", w.user(ada).UserID), status: 200, has: []string{"This is the only admin."}, not: []string{"Leave organization</button>"}},
		{name: "not even by the form", as: ada, path: views.RemoveMemberURL("acme", w.user(ada).UserID), method: "POST", status: 409},
		{name: "another admin", as: ada, path: views.MemberURL("acme", w.user(mia).UserID), form: []string{"role", "ORGANIZATION_ADMIN"}, status: 303, location: membersURL + "?done=member-saved"},
		{name: "now she is warned", as: ada, path: views.MemberURL("acme", w.user(ada).UserID), status: 200, has: []string{"This is your own role."}},
		{name: "and can step down", as: ada, path: views.MemberURL("acme", w.user(ada).UserID), form: []string{"role", "ORGANIZATION_MEMBER"}, status: 303, location: views.OrganizationURL("acme") + "?done=member-self"},
		{name: "which counts at once", as: ada, path: membersURL, status: 403},
		{name: "the other one asks before removing her", as: mia, path: views.RemoveMemberURL("acme", w.user(ada).UserID), status: 200, has: []string{"Remove <bdi>" + email(ada), "ends at once", "go on working"}},
		{name: "and removes her", as: mia, path: views.RemoveMemberURL("acme", w.user(ada).UserID), method: "POST", status: 303, location: membersURL + "?done=member-removed"},
	})
}

// Roles are read with every request: what was taken away is gone for the next one, whoever is signed in.
func TestLostRolesCountAtOnce(t *testing.T) {
	w := settled(t)
	id := w.user("pat").UserID
	shop := "project:" + w.project.ID
	for _, step := range []struct {
		name       string
		path       string
		form       []string
		list, make int // what pat gets for the list of keys, and for the form that makes one
	}{
		{"as admin of the project", "", nil, 200, 200},
		{"as its viewer", views.MemberURL("acme", id), []string{"role", "ORGANIZATION_MEMBER", shop, "PROJECT_VIEWER"}, 200, 403},
		{"without a role in it", views.MemberURL("acme", id), []string{"role", "ORGANIZATION_MEMBER", shop, ""}, 404, 404},
		{"with the role back", views.ProjectAccessURL("acme", "shop"), []string{"user", id, "role", "PROJECT_ADMIN"}, 200, 200},
		{"with the role taken on the settings page", views.ProjectAccessURL("acme", "shop"), []string{"user", id, "role", ""}, 404, 404},
		{"with a role again", views.ProjectAccessURL("acme", "shop"), []string{"user", id, "role", "PROJECT_ADMIN"}, 200, 200},
		{"removed", views.RemoveMemberURL("acme", id), []string{"x", "1"}, 404, 404},
	} {
		if step.form != nil {
			if a := w.as(ada).Form(step.path, step.form...); a.Status != http.StatusSeeOther {
				t.Fatalf("%s: %d %s", step.name, a.Status, a.Body)
			}
		}
		if list, form := w.as("pat").Get(keysURL).Status, w.as("pat").Get(newKeyURL).Status; list != step.list || form != step.make {
			t.Errorf("%s: %d and %d, want %d and %d", step.name, list, form, step.list, step.make)
		}
	}
}

func TestInvitingSomebodyNew(t *testing.T) {
	w := settled(t)
	b := w.as(ada)
	page, path, token := w.invited(b, "email", "New@Example.com", "role", "ORGANIZATION_MEMBER", "project:"+w.project.ID, "PROJECT_VIEWER")
	if again := b.Get(page); !strings.Contains(again.Body, token) {
		t.Error("a reload loses the link")
	}
	if a := w.Browser(); true {
		w.signIn(a, ada)
		if body := a.Get(page).Body; strings.Contains(body, token) || !strings.Contains(body, "The link was shown once") {
			t.Error("another browser of hers sees the link")
		}
	}
	for name, a := range map[string]webtest.Answer{
		"the link": b.Do(http.MethodGet, page, "", "Accept-Encoding", "gzip"), "its page": w.Browser().Do(http.MethodGet, path, "", "Accept-Encoding", "gzip"),
	} {
		if a.Header.Get("Content-Encoding") != "" || !strings.Contains(a.Body, token) {
			t.Errorf("%s is compressed: its length could tell the token", name)
		}
	}
	stranger := w.Browser()
	w.visits(t, []visit{
		{name: "the list shows it", as: ada, path: membersURL, status: 200, has: []string{newbie, "Pending"}, not: []string{token}},
		{name: "a project's admin does not see it", as: "pat", path: page, status: 403, not: []string{token, newbie}},
		{name: "its page for whoever has the link", as: guest, path: path, status: 200, not: []string{path},
			has: []string{"Join <bdi>Acme", newbie, "Shop", email(ada), `name="token" value="` + token + `"`, `autocomplete="new-password"`}},
		{name: "a weak password", as: guest, path: views.InvitationURL, form: []string{"token", token, "password", "short"}, status: 422,
			has: []string{"Error: Join", "At least 15 characters", `value="` + token + `"`}, not: []string{`value="short"`}},
		{name: "the token in the address does not count", as: guest, path: path, form: []string{"password", password}, status: 404},
		{name: "signed in as somebody else", as: vic, path: path, status: 200, has: []string{"You are signed in as", email(vic), "Sign out"}, not: []string{`name="password"`, `name="token"`}},
		{name: "whose form does nothing", as: vic, path: views.InvitationURL, form: []string{"token", token}, status: 403},
	})
	a := stranger.Form(views.InvitationURL, "token", token, "password", password)
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != views.OrganizationURL("acme")+"?done=joined" {
		t.Fatalf("accept: %d %q %s", a.Status, a.Header.Get("Location"), a.Body)
	}
	guarded(t, a)
	if got := stranger.Get(keysURL).Status; got != http.StatusOK {
		t.Errorf("the keys: %d", got)
	}
	if got := stranger.Get(newKeyURL).Status; got != http.StatusForbidden {
		t.Errorf("a new key: %d", got)
	}
	if got := w.as(ada).Get(page).Body; strings.Contains(got, token) || !strings.Contains(got, "was accepted") {
		t.Error("the link is still shown")
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the log holds the token")
	}
}

// Every token that is good for nothing gets the same answer, to the byte.
func TestDeadInvitationsLookTheSame(t *testing.T) {
	w := settled(t)
	b := w.as(ada)
	tokens := map[string]string{"never made": strings.Repeat("a", 43), "empty": "", "garbage": "x'\"<script>"}
	page, _, replaced := w.invited(b, "email", "a@example.com", "role", "ORGANIZATION_MEMBER")
	if a := b.Form(page + "/renew"); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	tokens["replaced"] = replaced
	page, _, tokens["revoked"] = w.invited(b, "email", "b@example.com", "role", "ORGANIZATION_MEMBER")
	if a := b.Form(page + "/revoke"); a.Header.Get("Location") != membersURL+"?done=invitation-revoked" {
		t.Fatal(a.Status)
	}
	if strings.Contains(b.Get(page).Body, tokens["revoked"]) {
		t.Error("the link of a revoked invitation is shown")
	}
	_, _, tokens["used"] = w.invited(b, "email", "c@example.com", "role", "ORGANIZATION_MEMBER")
	if a := w.Browser().Form(views.InvitationURL, "token", tokens["used"], "password", password); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	w.add(account.NewUser{Email: "abe@example.com", Organization: "acme", Role: permission.OrganizationAdmin})
	_, _, tokens["of somebody who lost the right"] = w.invited(w.as("abe"), "email", "d@example.com", "role", "ORGANIZATION_MEMBER")
	check(t, w.deps.Accounts.SetRole(context.Background(), audit.CommandLine(), "acme", w.user("abe").UserID, permission.OrganizationMember))
	_, _, tokens["expired"] = w.invited(b, "email", "e@example.com", "role", "ORGANIZATION_MEMBER")
	w.clock.Add(account.InvitationLife)
	var first webtest.Answer
	for name, token := range tokens {
		get := w.Browser().Get(views.InvitationLinkURL(token))
		post := w.Browser().Form(views.InvitationURL, "token", token, "password", password)
		if first.Body == "" {
			first = get
		}
		if get.Status != http.StatusNotFound || get.Body != first.Body || post.Status != http.StatusNotFound || post.Body != first.Body {
			t.Errorf("%s: %d and %d", name, get.Status, post.Status)
		}
	}
	contains(t, first.Body, "This invitation does not work")
}

func TestInvitingSomebodyKnown(t *testing.T) {
	w := settled(t)
	w.other()
	_, path, token := w.invited(w.as(ada), "email", email(oz), "role", "ORGANIZATION_MEMBER")
	b := w.Browser()
	if body := b.Get(path).Body; !strings.Contains(body, "There is an account with this address") || !strings.Contains(body, `autocomplete="current-password"`) {
		t.Errorf("the page: %s", body)
	}
	if a := b.Form(views.InvitationURL, "token", token, "password", "wrong wrong wrong wrong"); a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, "The password is wrong.") {
		t.Errorf("a wrong password: %d", a.Status)
	}
	if a := w.as(oz).Get(path); !strings.Contains(a.Body, "You are signed in under the invited address.") {
		t.Errorf("signed in: %s", a.Body)
	}
	if a := b.Form(views.InvitationURL, "token", token, "password", password); a.Header.Get("Location") != views.OrganizationURL("acme")+"?done=joined" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if got := b.Get(views.OrganizationURL("acme")).Status; got != http.StatusOK {
		t.Errorf("after joining: %d", got)
	}
	if a := w.as(oz).Form(views.InvitationURL, "token", token); a.Status != http.StatusNotFound {
		t.Errorf("twice: %d", a.Status)
	}
	// And once more by somebody who is signed in already.
	check(t, w.deps.Accounts.RemoveMember(context.Background(), audit.CommandLine(), "acme", w.who(oz).ID))
	_, _, token = w.invited(w.as(ada), "email", email(oz), "role", "ORGANIZATION_ADMIN")
	if a := w.as(oz).Form(views.InvitationURL, "token", token); a.Header.Get("Location") != views.OrganizationURL("acme")+"?done=joined" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if got := w.as(oz).Get(membersURL).Status; got != http.StatusOK {
		t.Errorf("as an admin: %d", got)
	}
}

func TestWhoMayInvite(t *testing.T) {
	w := settled(t)
	w.other()
	form := []string{"email", newbie, "role", "ORGANIZATION_MEMBER"}
	page, _, token := w.invited(w.as(ada), "email", "first@example.com", "role", "ORGANIZATION_MEMBER")
	foreign := strings.Replace(page, "/acme/", "/other/", 1)
	var list []visit
	for _, path := range []string{membersURL + "/invite", page, page + "/done", page + "/renew", page + "/revoke"} {
		for _, who := range []struct {
			name   string
			status int
		}{{guest, 401}, {oz, 404}, {mia, 403}, {"pat", 403}} {
			list = append(list, visit{name: who.name + " at " + path, as: who.name, path: path, form: form, status: who.status, not: []string{token}})
		}
	}
	w.visits(t, append(slicesWithout(list, page), []visit{
		{name: "through another organization", as: oz, path: foreign, status: 404, not: []string{token}},
		{name: "a member's address", as: ada, path: membersURL + "/invite", form: []string{"email", email(mia), "role", "ORGANIZATION_MEMBER"}, status: 422, has: []string{"is a member already", `value="` + email(mia)}},
		{name: "an address with an open invitation", as: ada, path: membersURL + "/invite", form: []string{"email", "first@example.com", "role", "ORGANIZATION_MEMBER"}, status: 422, has: []string{"has an invitation that still works"}},
		{name: "no address and no role", as: ada, path: membersURL + "/invite", form: []string{"x", "1"}, status: 422, has: []string{"Enter an e-mail address.", "Choose a role."}},
		{name: "a made-up role in a project", as: ada, path: membersURL + "/invite", form: append(form, "project:"+w.project.ID, "OWNER"), status: 422},
		{name: "a project that is not there", as: ada, path: membersURL + "/invite", form: append(form, "project:x", "PROJECT_ADMIN"), status: 404},
	}...))
	if n := len(w.invitations()); n != 1 {
		t.Errorf("%d invitations", n)
	}
}

// slicesWithout leaves out the visits of one path: a page cannot be posted to.
func slicesWithout(list []visit, path string) []visit {
	var rest []visit
	for _, v := range list {
		if v.path != path {
			rest = append(rest, v)
		}
	}
	return rest
}

func (w *world) invitations() []account.Invitation {
	w.t.Helper()
	list, err := w.deps.Accounts.Invitations(context.Background(), audit.CommandLine(), "acme")
	check(w.t, err)
	return list
}

// After ten minutes, and after "I have handed it over", the link is gone for its maker too, and the invitation lives on.
func TestInvitationLinkIsShownForAWhile(t *testing.T) {
	w := settled(t)
	b := w.as(ada)
	page, _, token := w.invited(b, "email", "a@example.com", "role", "ORGANIZATION_MEMBER")
	if a := b.Form(page + "/done"); a.Header.Get("Location") != membersURL+"?done=invited" {
		t.Fatal(a.Status)
	}
	late, _, other := w.invited(b, "email", "b@example.com", "role", "ORGANIZATION_MEMBER")
	w.clock.Add(10 * time.Minute)
	lacks(t, b.Get(page).Body, token)
	lacks(t, b.Get(late).Body, other)
	for _, token := range []string{token, other} {
		if got := w.Browser().Get(views.InvitationLinkURL(token)).Status; got != http.StatusOK {
			t.Errorf("the link itself: %d", got)
		}
	}
}
