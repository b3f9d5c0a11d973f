package views

// MembersPage lists who belongs to the organization in focus, and who was invited.
type MembersPage struct {
	Page
	Items       []MemberItem
	Invitations []InvitationItem
}

// MemberItem is a member in a list.
type MemberItem struct {
	ID        string
	Email     string
	Role      string // "ORGANIZATION_ADMIN" or "ORGANIZATION_MEMBER"
	Projects  []ProjectRoleItem
	Since     When
	LastLogin When
	Disabled  bool
	Self      bool // the reader
}

// ProjectRoleItem is a role in a project.
type ProjectRoleItem struct{ Project, Role string }

// InvitationItem is an invitation in a list.
type InvitationItem struct {
	ID        string
	Email     string
	Role      string // as in MemberItem
	Projects  []ProjectRoleItem
	State     string // "pending", "expired", "accepted", "revoked" or "void"
	Issued    When   // when its present link was made
	InvitedBy string // address; "" for the command line
	Expires   When
}

// ProjectRoleChoice is one project in a form that gives roles. Its select is called "project:" and the id.
type ProjectRoleChoice struct {
	ID, Name string
	Role     string // chosen: "PROJECT_ADMIN", "PROJECT_VIEWER" or ""
}

// InvitePage posts to InviteURL: email, role, project:<id>.
type InvitePage struct {
	Page
	Form
	Email    string
	Role     string
	Projects []ProjectRoleChoice
}

// InvitationPage is one invitation for those who manage members. With Link it shows the link, once; it posts to
// InvitationDoneURL then, and else to RenewInvitationURL and RevokeInvitationURL.
type InvitationPage struct {
	Page
	Behind *MembersPage // what lies under the link, with Link
	Item   InvitationItem
	Link   string // the whole address, while it waits for this browser; else ""
	Until  When   // as long as it waits
}

// MemberPage is one member. It posts to MemberURL: role, project:<id>.
type MemberPage struct {
	Page
	Form
	Item      MemberItem
	Role      string // chosen
	LastAdmin bool   // the organization has no other admin who can sign in
	Choices   []ProjectRoleChoice
}

// RemoveMemberPage asks before a member is removed. It posts to RemoveMemberURL.
type RemoveMemberPage struct {
	Page
	Behind    *MembersPage
	Item      MemberItem
	LastAdmin bool // cannot be removed
}

// AcceptMode says who looks at an invitation.
type AcceptMode string

// The modes of an AcceptPage.
const (
	AcceptNew   AcceptMode = "new"   // has no account, and chooses a password
	AcceptLogin AcceptMode = "login" // has an account, and signs in
	AcceptJoin  AcceptMode = "join"  // is signed in under the invited address
	AcceptOther AcceptMode = "other" // is signed in under another address
)

// AcceptPage is what whoever opens an invitation's link sees. It posts to InvitationURL: token, password.
type AcceptPage struct {
	Page
	Form
	Token            string // of the link: what allows to post the form
	Mode             AcceptMode
	Email            string // invited
	SignedIn         string // address of the reader, with AcceptOther
	OrganizationName string
	Role             string // as in MemberItem
	Projects         []ProjectRoleItem
	InvitedBy        string // address; "" for the command line
	Expires          When
}

// ProjectSettingsPage is where a project is set up. It posts to ProjectSettingsURL: name; to ProjectAccessURL: user,
// role.
type ProjectSettingsPage struct {
	Page
	Form
	Name         string
	Slug         string
	Host         string // the host identifier
	API          string // address of the App Search API for this project
	Readable     bool   // readable secrets
	Kept         int64  // how many secrets are kept because of that
	Access       []AccessItem
	Candidates   []Candidate // members who have no role in the project yet
	Organization string
}

// AccessItem is somebody who can enter a project.
type AccessItem struct {
	ID       string
	Email    string
	Role     string // in the project: "PROJECT_ADMIN", "PROJECT_VIEWER" or ""
	Admin    bool   // an admin of the organization, who can do everything
	Disabled bool
	Self     bool
}

// Candidate is a member who could get a role in a project.
type Candidate struct{ ID, Email string }

// ReadableSecretsPage asks before readable secrets are turned on or off. It posts to ReadableSecretsURL: on ("1" or "0").
type ReadableSecretsPage struct {
	Page
	Behind *ProjectSettingsPage
	On     bool  // what it will be
	Kept   int64 // how many secrets are destroyed when it is turned off
}

// DeleteProjectPage asks before a project is deleted. It posts to DeleteProjectURL: name, password.
type DeleteProjectPage struct {
	Page
	Form
	Name    string
	Email   string // of the reader, for password managers
	Typed   string
	Host    string
	Keys    int64 // that are not revoked
	Engines int64
}

// OrganizationSettingsPage is where an organization is renamed. It posts to OrganizationSettingsURL: name.
type OrganizationSettingsPage struct {
	Page
	Form
	Name     string
	Slug     string
	Projects int64
	Members  int64
}

// DeleteOrganizationPage asks before an organization is deleted, or says what has to be done first. It posts to
// DeleteOrganizationURL: name, password.
type DeleteOrganizationPage struct {
	Page
	Form
	Name     string
	Email    string // of the reader, for password managers
	Typed    string
	Members  int64
	Projects []Link // that have to be deleted first
	Only     bool   // the reader is an admin of no other organization
}
