package views

import "net/url"

// The addresses of the instance, for those who administer it.
const (
	InstanceUsersURL       = InstanceURL + "/users"
	SearchUsersURL         = InstanceUsersURL + "/search" // where the filter of users is posted to
	InstanceBackupsURL     = InstanceURL + "/backups"
	CheckInstanceURL       = InstanceURL + "/check"
	VerifyAuditURL         = InstanceURL + "/audit"
	instanceUsersParameter = "q"
)

// InstanceUserURL is the page of a user.
func InstanceUserURL(id string) string { return InstanceUsersURL + "/" + url.PathEscape(id) }

// DisableUserURL asks before a user is disabled, and is where the answer is posted to.
func DisableUserURL(id string) string { return InstanceUserURL(id) + "/disable" }

// EnableUserURL is where "Enable user" is posted to.
func EnableUserURL(id string) string { return InstanceUserURL(id) + "/enable" }

// InstanceAdminURL asks before somebody is made an instance admin, or is one no longer, and takes the answer.
func InstanceAdminURL(id string) string { return InstanceUserURL(id) + "/admin" }

// DeleteBackupURL asks before a backup is deleted, and is where the answer is posted to.
func DeleteBackupURL(name string) string {
	return InstanceBackupsURL + "/" + url.PathEscape(name) + "/delete"
}

// FilteredUsersURL lists the users whose address holds a text, after another address.
func FilteredUsersURL(text, after string) string {
	q := url.Values{}
	if text != "" {
		q.Set(instanceUsersParameter, text)
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return InstanceUsersURL
	}
	return InstanceUsersURL + "?" + q.Encode()
}

// InstancePage is how the instance is. Its buttons post to CheckInstanceURL and VerifyAuditURL.
type InstancePage struct {
	Page
	Warnings          []string // codes, see instanceWarning
	Organizations     int64
	Projects          int64
	Users             int64
	Keys              int64 // active ones
	Engines           int64
	Documents         int64
	Check, Audit      JobView
	AuditEvents       int64
	AuditHead         string // "" before it was followed
	AuditBroken       int64  // the first event that does not fit; 0 if all do
	Version, Go       string
	Started           When
	Uptime            string
	Address           string
	MasterKeyInside   bool // beside the databases
	CoreSchema        int64
	EnginesSchema     int64
	Core, CoreLog     string // sizes
	EnginesSize       string
	EnginesLog        string
	Backups           string
	Free, FreePercent string
}

// JobView is the last time that something was done in the background.
type JobView struct {
	State   string // "", "running", "done" or "failed"
	At      When   // of the beginning while it runs, and of the end after that
	Failure string
}

// InstanceUsersPage lists the users of the instance. It posts to SearchUsersURL: q.
type InstanceUsersPage struct {
	Page
	Text  string // the filter
	Items []InstanceUser
	Older string // the address to go on after; "" at the end
	First bool   // this is the first page
}

// InstanceUser is a user as an instance admin sees them.
type InstanceUser struct {
	ID, Email     string
	Organizations []Membership
	LastLogin     When
	LastFrom      string
	Created       When
	Disabled      When
	InstanceAdmin bool
	Self          bool // who is looking
}

// InstanceUserPage is one user. Its buttons lead to DisableUserURL and InstanceAdminURL, and post to EnableUserURL.
type InstanceUserPage struct {
	Page
	User InstanceUser
}

// The questions about a user.
const (
	AskDisable = "disable"
	AskGive    = "give"
	AskTake    = "take"
)

// InstanceAskPage asks before something is done to a user. It posts to DisableUserURL, or to InstanceAdminURL: admin.
type InstanceAskPage struct {
	Page
	Form
	Ask  string
	User InstanceUser
}

// BackupsPage lists the backups of the instance. It posts to InstanceBackupsURL.
type BackupsPage struct {
	Page
	Job    JobView
	Made   string // the name of the backup that Job has made
	Folder string
	Items  []BackupItem
}

// BackupItem is one backup.
type BackupItem struct {
	Name  string
	At    When
	Size  string
	Whole bool // verified when it was made, and all files have the size they had then
}

// DeleteBackupPage asks before a backup is deleted. It posts to DeleteBackupURL.
type DeleteBackupPage struct {
	Page
	Item BackupItem
	Last bool // no other one is whole
}
