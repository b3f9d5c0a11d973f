package views

// results are what a page can be asked to tell by ?done=. The address carries a code and never the text, so nobody can
// put words into a page by a link.
var results = map[string]Notice{
	"created":        {Kind: NoticeOK, Strong: "Key created.", Text: "It can be copied here at any time."},
	"stored":         {Kind: NoticeOK, Strong: "Key ready.", Text: "Its secret cannot be shown again: what you stored is the only copy."},
	"saved":          {Kind: NoticeOK, Strong: "Changes saved.", Text: "They apply from the next request with this key."},
	"revoked":        {Kind: NoticeOK, Strong: "Key revoked.", Text: "Every request with it fails from now on."},
	"password":       {Kind: NoticeOK, Strong: "Password changed.", Text: "You are signed out everywhere else."},
	"session":        {Kind: NoticeOK, Strong: "Signed out there.", Text: "That browser has to sign in again."},
	"sessions":       {Kind: NoticeOK, Strong: "Signed out everywhere else.", Text: "Every other browser has to sign in again."},
	"engine":         {Kind: NoticeOK, Strong: "Engine created.", Text: "Clients with a fitting key can add documents to it."},
	"sources":        {Kind: NoticeOK, Strong: "Source engines changed.", Text: "Searches look through them from now on."},
	"engine-deleted": {Kind: NoticeOK, Strong: "Engine deleted.", Text: "Both APIs answer as if it had never existed."},
	"field-add":      {Kind: NoticeOK, Strong: "Field added.", Text: "Documents can have it from now on."},
	"field-change":   {Kind: NoticeOK, Strong: "Type changed.", Text: "The documents are indexed by it."},
	"user-disabled":  {Kind: NoticeOK, Strong: "User disabled.", Text: "They are signed out everywhere and cannot sign in."},
	"user-enabled":   {Kind: NoticeOK, Strong: "User enabled.", Text: "They can sign in again with their password."},
	"admin-given":    {Kind: NoticeOK, Strong: "Instance admin made.", Text: "They can look after users, storage and backups from now on."},
	"admin-taken":    {Kind: NoticeOK, Strong: "No longer an instance admin.", Text: "It applies from the next request."},
	"backup-started": {Kind: NoticeOK, Strong: "Backup begun.", Text: "Everything goes on meanwhile. Reload this page to see how far it is.", Link: &Link{"Reload", InstanceBackupsURL}},
	"backup-deleted": {Kind: NoticeOK, Strong: "Backup deleted."},
	"check-started":  {Kind: NoticeOK, Strong: "Check begun.", Text: "Reload this page to see what came of it.", Link: &Link{"Reload", InstanceURL}},
	"organization":   {Kind: NoticeOK, Strong: "Organization created.", Text: "You are its admin. A project comes next."},
	"secret-typed":   {Kind: NoticeWarn, Strong: "That looks like a key.", Text: "It was not searched for and not kept. To test a key, paste it where the page asks for one."},
	"cannot-sign":    {Kind: NoticeWarn, Strong: "This key cannot sign.", Text: "Only search keys, and private keys that may search, can sign search keys, and only while they work."},
	"unknown-key":    {Kind: NoticeWarn, Strong: "No such key here.", Text: "What you entered looks like a secret, and it belongs to no key of this project. It was not kept."},
	"unknown-secret": {Kind: NoticeWarn, Strong: "No such key here.", Text: "What you entered looks like a secret, and it belongs to no key here. It was not kept."},
	"no-sample":      {Kind: NoticeWarn, Strong: "The sample engine is missing.", Text: "Everything else is set up. The sample could not be added completely."},
	"none-ticked":    {Kind: NoticeWarn, Strong: "No key was selected.", Text: "Tick the keys first, then choose what to do with them."},

	// People, projects and organizations.
	"organization-deleted": {Kind: NoticeOK, Strong: "Organization deleted.", Text: "Its members keep their accounts, and its history stays."},
	"project-deleted":      {Kind: NoticeOK, Strong: "Project deleted.", Text: "Every request with one of its keys fails from now on. Its history stays."},
	"renamed":              {Kind: NoticeOK, Strong: "Renamed.", Text: "Addresses stay as they were."},
	"readable-1":           {Kind: NoticeOK, Strong: "Readable secrets are on.", Text: "They are kept for keys that are made from now on."},
	"readable-0":           {Kind: NoticeOK, Strong: "Readable secrets are off.", Text: "What was kept is destroyed. The keys go on working."},
	"access-given":         {Kind: NoticeOK, Strong: "Access given.", Text: "It counts from the next request."},
	"access-taken":         {Kind: NoticeOK, Strong: "Access taken away.", Text: "It counts from the next request."},
	"member-saved":         {Kind: NoticeOK, Strong: "Roles saved.", Text: "They count from the next request."},
	"member-self":          {Kind: NoticeOK, Strong: "Your role is changed.", Text: "You are a member now, and see the projects that you have a role in."},
	"member-removed":       {Kind: NoticeOK, Strong: "Member removed.", Text: "Their access has ended, also in browsers that were signed in."},
	"left":                 {Kind: NoticeOK, Strong: "You left the organization.", Text: "Your account stays."},
	"invited":              {Kind: NoticeOK, Strong: "Invitation ready.", Text: "The link works once, for 7 days. It cannot be shown again."},
	"invitation-revoked":   {Kind: NoticeOK, Strong: "Invitation revoked.", Text: "Its link does nothing from now on."},
	"joined":               {Kind: NoticeOK, Strong: "You are a member now.", Text: "Below are the projects that you may enter."},
}

// Result is the notice of a code, or nil where there is none.
func Result(code string) *Notice {
	if n, ok := results[code]; ok {
		return &n
	}
	return nil
}
