// Package views is the console's HTML: one component a page, each taking one struct made for it.
//
// A page struct holds what the page shows, already decided and already formatted; components only choose between
// states. Handlers fill the structs, with the help of the small pure functions in text.go, and render with
// component.Render. Nothing here reads a store, a request or the clock.
//
// Everything works without JavaScript, and under a Content-Security-Policy without any inline script or style. Every
// address a page links to is made here from slugs and ids (see urls.go), so that no data can smuggle one in.
package views

import "latchkey/views/ui"

// Page is what every page needs besides its own content. The zero value renders, as a page for nobody.
type Page struct {
	Theme        string                 // "light" or "dark" as chosen by the reader; anything else follows the system
	Path         string                 // path and query of this page, to return to after changing the theme
	User         *UserInfo              // who is signed in; nil renders error pages without the navigation
	Organization *OrganizationInfo      // the organization in focus; may stay nil where Project is set
	Project      *ProjectInfo           // the project in focus, or nil
	Switcher     []SwitcherOrganization // what the user may switch to
	Nav          NavItem                // which item of the navigation is current
	Attention    int                    // keys of the project that need attention, shown in the navigation when above 0
	Can          Can                    // what to offer; the handler decides again when it is asked
	Notice       *Notice                // one message on top, such as the result of the last action; or nil
	Unprotected  bool                   // warn across the top that others can read along
	htmx         bool                   // parts of the page are asked for again while it is used; set by withHTMX
}

// htmxConfig keeps htmx to what the Content-Security-Policy and these pages allow: no style of its own, no history kept
// anywhere, and an answer that is an error is not put into a page.
const htmxConfig = `{"includeIndicatorCSS":false,"history":false,"transitions":false,"mode":"same-origin","noSwap":[204,304,"3xx","4xx","5xx"]}`

// withHTMX makes a page load htmx. Only pages that use it do.
func withHTMX(p Page) Page {
	p.htmx = true
	return p
}

// UserInfo is who is signed in.
type UserInfo struct {
	Email string
	Role  string // in words, see RoleLabel
}

// OrganizationInfo names an organization.
type OrganizationInfo struct{ Name, Slug string }

// ProjectInfo names a project and the organization it belongs to.
type ProjectInfo struct{ OrgName, OrgSlug, ProjectName, ProjectSlug string }

// SwitcherOrganization is one group of the project switcher.
type SwitcherOrganization struct {
	Name, Slug string
	Projects   []SwitcherProject
}

// SwitcherProject is one entry of the project switcher.
type SwitcherProject struct {
	Name, Slug string
	Current    bool
}

// NavItem is an item of the navigation.
type NavItem string

// The items of the navigation.
const (
	NavNone          NavItem = ""
	NavOverview      NavItem = "overview"
	NavCredentials   NavItem = "credentials"
	NavEngines       NavItem = "engines"
	NavUsage         NavItem = "usage"
	NavAudit         NavItem = "audit"
	NavSettings      NavItem = "settings" // of the project
	NavProjects      NavItem = "projects"
	NavMembers       NavItem = "members"
	NavOrgAudit      NavItem = "organization-audit"
	NavOrgSettings   NavItem = "organization-settings"
	NavOrganizations NavItem = "organizations"
	NavAccount       NavItem = "account"
	NavInstance      NavItem = "instance"
)

// Can says which actions to offer to this user here.
type Can struct {
	ManageKeys           bool // create, edit and revoke keys of this project
	ManageEngines        bool // create and delete engines of this project, and change their documents
	ManageProject        bool // rename this project and change its settings
	SeeUsage             bool // of this project
	SeeAudit             bool // of this project
	CreateProject        bool // create and delete projects in this organization
	ManageMembers        bool // see, invite, change and remove members of this organization
	ManageOrganization   bool // rename and delete this organization
	SeeOrganizationAudit bool
	CreateOrganization   bool
	Administer           bool // the instance itself
}

// The kinds of notice.
const (
	NoticeOK   = "ok"
	NoticeWarn = "warn"
	NoticeBad  = "bad"
)

// Notice is one message on top of a page.
type Notice struct {
	Kind   string // NoticeOK, NoticeWarn or NoticeBad
	Strong string // a short sentence in front, in bold; may be empty
	Text   string
	Link   *Link
}

// Link leads to another page of the console. Href has to be made by a function of urls.go.
type Link struct{ Text, Href string }

// Form is what every page with a form carries besides the values that were typed.
type Form struct {
	Message string            // about the form as a whole; may be empty
	Errors  map[string]string // name of a field to its message, as in fault.Error.Fields
}

// failed reports whether the form was sent back.
func (f Form) failed() bool { return f.Message != "" || len(f.Errors) > 0 }

// title puts the word in front that screen readers should hear first after a failed form.
func (f Form) title(s string) string {
	if f.failed() {
		return "Error: " + s
	}
	return s
}

// problems lists the messages in the order of the fields on the page, and those about no field of it at the end.
// Each field is given as its name and, where they differ, a colon and the id of its input.
func (f Form) problems(fields ...string) []ui.Problem {
	return problems(f, fields)
}

// organization is the one in focus, or nil.
func (p Page) organization() *OrganizationInfo {
	switch {
	case p.Organization != nil:
		return p.Organization
	case p.Project != nil:
		return &OrganizationInfo{Name: p.Project.OrgName, Slug: p.Project.OrgSlug}
	}
	return nil
}

// place is the name in the top bar of small screens.
func (p Page) place() string {
	if p.Project != nil {
		return p.Project.ProjectName
	}
	if o := p.organization(); o != nil {
		return o.Name
	}
	return "Latchkey"
}

// theme is the choice that the theme buttons show as pressed.
func (p Page) theme() string {
	if p.Theme == "light" || p.Theme == "dark" {
		return p.Theme
	}
	return "auto"
}
