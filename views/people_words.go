package views

import "strings"

// What the pages of people, organizations and projects say besides their templates.

var roleHints = map[string]string{
	"ORGANIZATION_MEMBER": "Sees only the projects they have a role in.",
	"ORGANIZATION_ADMIN":  "Can do everything: all projects, members, settings, and deleting.",
}

var inviteStates = map[string][2]string{ // the look of the badge, and its word
	"pending":  {"active", "Pending"},
	"expired":  {"expired", "Expired"},
	"accepted": {"unused", "Accepted"},
	"revoked":  {"revoked", "Revoked"},
	"void":     {"expired", "Void"},
}

func (i InvitationItem) badge() string { return inviteStates[i.State][0] }

func (i InvitationItem) state() string { return inviteStates[i.State][1] }

// renewable reports whether it can get a new link.
func (i InvitationItem) renewable() bool { return i.State != "accepted" }

func (i InvitationItem) by() string {
	if i.InvitedBy == "" {
		return "the command line"
	}
	return i.InvitedBy
}

// meaning says in a sentence what the state of an invitation is.
func (i InvitationItem) meaning() string {
	switch i.State {
	case "pending":
		return "The link was shown once, to whoever made it. If it was lost, make a new one: the old link stops working."
	case "expired":
		return "Its link no longer works. A new link is good for 7 days."
	case "revoked":
		return "Its link does not work. A new link opens the invitation again."
	case "void":
		return "Whoever invited is not an admin any more, so the link does not work. Make a new link to answer for it yourself."
	}
	return "The invitation was accepted and its link is used up."
}

func (m MemberItem) admin() bool { return m.Role == "ORGANIZATION_ADMIN" }

// reach says in short where a member can go.
func reach(admin bool, projects []ProjectRoleItem) string {
	switch {
	case admin:
		return "All projects"
	case len(projects) == 0:
		return "No project"
	}
	list := make([]string, len(projects))
	for i, p := range projects {
		list[i] = p.Project
	}
	return strings.Join(list, ", ")
}

// shortRole is a role in a project as a word.
func shortRole(role string) string {
	switch role {
	case "PROJECT_ADMIN":
		return "Admin"
	case "PROJECT_VIEWER":
		return "Viewer"
	}
	return "No access"
}

// projectRoles are the choices of a role in a project.
func projectRoles(none string) []choice {
	return []choice{{"", none}, {"PROJECT_VIEWER", "Viewer"}, {"PROJECT_ADMIN", "Admin"}}
}

func (p RemoveMemberPage) title() string {
	if p.Item.Self {
		return "Leave " + isolate(p.orgName())
	}
	return "Remove " + isolate(p.Item.Email)
}

func (p RemoveMemberPage) consequence() string {
	if p.Item.Self {
		return "Your access to this organization and all of its projects ends at once. Only another admin can bring you back."
	}
	return "Access to this organization and all of its projects ends at once, also in browsers that are signed in now."
}

func (p RemoveMemberPage) button() string {
	if p.Item.Self {
		return "Leave organization"
	}
	return "Remove member"
}

func (p RemoveMemberPage) keep() string {
	if p.Item.Self {
		return "Stay"
	}
	return "Keep member"
}

// lead says what the link of an invitation is good for.
func (p AcceptPage) lead() string {
	switch p.Mode {
	case AcceptNew:
		return "Choose a password to make your account and join."
	case AcceptLogin:
		return "There is an account with this address. Sign in to join."
	case AcceptJoin:
		return "You are signed in under the invited address."
	}
	return "You are signed in under another address than the invited one."
}

func (p AcceptPage) button() string {
	switch p.Mode {
	case AcceptNew:
		return "Create account and join"
	case AcceptLogin:
		return "Sign in and join"
	}
	return "Join"
}

func (p ReadableSecretsPage) title() string {
	if p.On {
		return "Turn on readable secrets"
	}
	return "Turn off readable secrets"
}

func (p ReadableSecretsPage) text() string {
	if p.On {
		return "Secrets of new private and admin keys are kept, and can be read again by people and by clients."
	}
	return "The kept secrets of private and admin keys are destroyed at once. The keys go on working."
}

// points are the consequences of turning readable secrets on or off, one by one.
func (p ReadableSecretsPage) points() []string {
	if p.On {
		return []string{
			"The credentials API of App Search returns the keys of this project in full, to every admin of the project and every key that manages keys.",
			"Whoever has the database and the master key can read them too. Without this setting nobody can.",
			"Keys made before stay unreadable: their secrets exist nowhere.",
			"Every reading of a secret is written to the audit log.",
		}
	}
	return []string{
		"Nobody can read these secrets again, here or through an API. Clients that fetch a key when they start stop finding it.",
		"Turning the setting on again does not bring them back.",
		"Search keys stay readable: they are public by nature.",
	}
}

func (p ReadableSecretsPage) button() string {
	if p.On {
		return "Turn on"
	}
	return "Turn off and destroy"
}

func (p ReadableSecretsPage) value() string {
	if p.On {
		return "1"
	}
	return "0"
}

func readableNow(p ProjectSettingsPage) string {
	if p.Readable {
		return "The secrets of private and admin keys are kept, sealed, and can be read again: by admins of the project and through the credentials API."
	}
	return "The secret of a private or admin key is shown once, when the key is made, and is kept nowhere."
}

// The verbs that follow a number.
func number(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func keeps(n int64) string { return number(n, "keeps the account", "keep their accounts") }

func lose(n int64) string { return number(n, "loses", "lose") }

func stop(n int64) string { return number(n, "stops", "stop") }

func them(n int64) string { return number(n, "it", "them") }
