package views

import "cmp"

// SetupPage makes the first admin of a new instance. It posts to SetupURL: token, email, password, organization,
// project, sample ("1" or absent).
type SetupPage struct {
	Page
	Form
	Token            string // of the set-up link: what allows to post the form
	Email            string
	OrganizationName string
	ProjectName      string
	Sample           bool // add the sample engine of national parks
}

// SetupLinkPage says that a set-up link does not work, and what to do.
type SetupLinkPage struct {
	Page
	Done    bool   // set-up is finished, so there is nothing left to do but sign in
	Waiting bool   // the visitor came without a link while the server waits to be set up
	Command string // prints a new link on the server; may be empty
}

// LoginPage asks who is there. It posts to LoginURL: email, password, next.
type LoginPage struct {
	Page
	Form
	Email string
	Next  string // local path to go to afterwards; may be empty
}

// OrganizationsPage lists the user's organizations.
type OrganizationsPage struct {
	Page
	Items []OrganizationItem
}

// OrganizationItem is an organization in a list.
type OrganizationItem struct {
	Name, Slug string
	Role       string // in words, see RoleLabel
	Projects   int64
	Current    bool
}

// NewOrganizationPage posts to NewOrganizationURL: name.
type NewOrganizationPage struct {
	Page
	Form
	Name string
}

// OrganizationPage lists the projects of Page.Organization.
type OrganizationPage struct {
	Page
	Items []ProjectItem
}

// ProjectItem is a project in a list.
type ProjectItem struct {
	Name, Slug string
	Host       string // the host identifier, "host-2376rb"
	Keys       int64  // active ones
	Engines    int64
	Attention  int64 // keys that need attention
	Created    When
}

// NewProjectPage posts to NewProjectURL: name.
type NewProjectPage struct {
	Page
	Form
	Name string
}

// ErrorPage says that something did not work. With Page.User it stands inside the navigation, without it alone.
type ErrorPage struct {
	Page
	Status    int
	Code      string // ErrorAddress, ErrorRefused, ErrorRevoked or "" for the usual words of the status
	Text      string // what is wrong, "" for the usual words
	RequestID string // to find the request in the log; may be empty
	Missing   *MissingRole
}

// The errors that have words of their own.
const (
	ErrorAddress = "address" // the console does not answer under the name that was used
	ErrorRefused = "refused" // forbidden, for another reason than a missing role
	ErrorRevoked = "revoked" // a revoked key cannot be changed
)

// MissingRole is the role without which something is refused, and who can give it.
type MissingRole struct {
	Role         string // of permission, or RoleFounder or RoleInstance
	Organization string // its name, "" where none is meant
	Project      string // its name, where the role is one in a project
	People       []string
}

// What is asked for besides the roles of permission.
const (
	RoleFounder  = "FOUNDER"        // admin of any organization
	RoleInstance = "INSTANCE_ADMIN" // looks after the instance itself
)

// InstanceAdminLabel is RoleInstance in words.
const InstanceAdminLabel = "Instance admin"

// SignInAgainPage says that the session is over. Signing in returns to Next.
type SignInAgainPage struct {
	Page
	Text string // why; "" for the usual text
	Next string
}

// words are what an error page says by default.
func (p ErrorPage) words() (title, text string) {
	title, text = errorWords(p.Status)
	switch {
	case p.Code == ErrorRevoked:
		return "This key is revoked", "A revoked key cannot be changed. Create another key instead."
	case p.Code == ErrorAddress:
		title = "Wrong address"
	case p.Missing != nil:
		text = p.Missing.sentence()
	}
	return title, cmp.Or(p.Text, text)
}

// sentence says which role is missing where, and who can give it where nobody is named.
func (m MissingRole) sentence() string {
	switch {
	case m.Role == RoleInstance:
		return "You need the role " + InstanceAdminLabel + ". Another instance admin can give it."
	case m.Role == RoleFounder:
		return "You need the role " + RoleLabel("ORGANIZATION_ADMIN") + " in one of your organizations. Its admins can give it."
	case m.Project != "":
		return "You need the role " + RoleLabel(m.Role) + " in " + isolate(m.Project) + "." + m.ask()
	}
	return "You need the role " + RoleLabel(m.Role) + " in " + isolate(m.Organization) + "." + m.ask()
}

func (m MissingRole) ask() string {
	if len(m.People) == 0 {
		return " An admin of the organization can give it."
	}
	return " These people can give it:"
}

func errorWords(status int) (title, text string) {
	switch status {
	case 400, 422:
		return "That could not be read", "Some part of the request is missing or malformed. Go back and try again."
	case 403:
		return "You cannot do this", "Your role does not include this page or action. An admin of the organization can change that."
	case 404:
		return "Nothing here", "The page does not exist, or it belongs to an organization you are not a member of."
	case 405:
		return "That is not how this page works", "The address exists, but not for this kind of request. Go back and use the form or link again."
	case 409:
		return "Something changed in the meantime", "Somebody else was quicker. Go back, reload and look at the current state."
	case 413:
		return "That was too much", "What you sent is larger than this page accepts. Shorten it and send it again."
	case 429:
		return "Too many attempts", "Wait a minute, then try again."
	case 503:
		return "Not available right now", "The server cannot do this at the moment. Try again in a minute."
	}
	return "Something went wrong on our side", "It was written to the log. Try again; if it stays, tell whoever runs this server the request number."
}
