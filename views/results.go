package views

// results are what a page can be asked to tell by ?done=. The address carries a code and never the text, so nobody can
// put words into a page by a link.
var results = map[string]Notice{
	"created":        {Kind: NoticeOK, Strong: "Key created.", Text: "It can be copied here at any time."},
	"stored":         {Kind: NoticeOK, Strong: "Key ready.", Text: "Its secret cannot be shown again: what you stored is the only copy."},
	"saved":          {Kind: NoticeOK, Strong: "Changes saved.", Text: "They apply from the next request with this key."},
	"revoked":        {Kind: NoticeOK, Strong: "Key revoked.", Text: "Every request with it fails from now on."},
	"password":       {Kind: NoticeOK, Strong: "Password changed.", Text: "You are signed out everywhere else."},
	"engine":         {Kind: NoticeOK, Strong: "Engine created.", Text: "Clients with a fitting key can add documents to it."},
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
	"unknown-key":    {Kind: NoticeWarn, Strong: "No such key here.", Text: "What you entered looks like a secret, and it belongs to no key of this project. It was not kept."},
	"unknown-secret": {Kind: NoticeWarn, Strong: "No such key here.", Text: "What you entered looks like a secret, and it belongs to no key here. It was not kept."},
	"no-sample":      {Kind: NoticeWarn, Strong: "The sample engine is missing.", Text: "Everything else is set up. The sample could not be added completely."},
	"none-ticked":    {Kind: NoticeWarn, Strong: "No key was selected.", Text: "Tick the keys first, then choose what to do with them."},
}

// Result is the notice of a code, or nil where there is none.
func Result(code string) *Notice {
	if n, ok := results[code]; ok {
		return &n
	}
	return nil
}
