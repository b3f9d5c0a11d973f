package views

// What can be done with several keys together.
const (
	ActRevoke = "revoke"
	ActExpiry = "expiry"
)

// KeyBulkPage lists several keys before something is done with them. Without an Act it posts to BulkKeysURL: id, act;
// else to BulkActURL: id, and count or expires and expires_on. What is posted are the keys that were shown.
type KeyBulkPage struct {
	Page
	Form
	Act     string // "", ActRevoke or ActExpiry
	Keys    []BulkKey
	Revoked int64 // of the selection, left out
	Missing int64 // of the selection, left out
	More    int64 // that match and are not shown
	Back    KeyFilter
	Count   string // what was typed
	// Expires is 7, 30, 90 or 365 (days), date or never; Ends says for each number of days when that is.
	Expires, ExpiresOn, Earliest string
	Ends                         map[string]string
}

// BulkKey is a key in such a list.
type BulkKey struct {
	ID, Name, Description, Visible, Type, Status string
	LastUsed, Expires                            When
	Requests                                     string // "1.2 M"; "" for none
	Recent                                       bool   // used in the last 24 hours
	Why                                          string // it failed; or what else there is to say
}

// KeyBulkResultPage tells what was done with each of several keys.
type KeyBulkResultPage struct {
	Page
	Act          string
	Until        When // for ActExpiry; zero: never
	Done, Failed []BulkKey
}

// BulkKeysURL lists all keys that match a filter, ticked, and is where ticked keys are posted to.
func BulkKeysURL(org, project string) string { return KeysURL(org, project) + "/bulk" }

// BulkActURL is where an answer about several keys is posted to, or, as long as none was chosen, the choice of one.
func BulkActURL(org, project, act string) string {
	if act == "" {
		return BulkKeysURL(org, project)
	}
	return BulkKeysURL(org, project) + "/" + act
}

// ExportKeysURL is the list as a file, csv or json.
func ExportKeysURL(org, project, format string) string {
	return KeysURL(org, project) + "/export." + format
}

func (p Page) bulkURL() string { return p.inProject(BulkKeysURL) }

func (p Page) bulkActURL(act string) string {
	return p.inProject(func(org, project string) string { return BulkActURL(org, project, act) })
}

func (p CredentialsPage) pickAllURL() string { return p.bulkURL() + p.Filter.query("") }

func (p CredentialsPage) exportURL(format string) string {
	f := p.Filter
	f.Sort, f.Dir = "", ""
	return p.inProject(func(org, project string) string { return ExportKeysURL(org, project, format) }) + f.query("")
}

func (p KeyBulkPage) backURL() string { return p.keysURL() + p.Back.query("") }

// pills are the choices of a new expiry.
func (p KeyBulkPage) pills() []choice {
	return []choice{{"7", "7 days"}, {"30", "30 days"}, {"90", "90 days"}, {"365", "1 year"}, {"date", "Pick a date"}, {"never", "Never"}}
}

func (p KeyBulkPage) ends(choice string) string {
	switch choice {
	case "date":
		return "You choose the day"
	case "never":
		return "Until it is revoked"
	}
	return p.Ends[choice]
}
