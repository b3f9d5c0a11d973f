package views

// KeyFormPage is the form for a new key, and with Edit the one that changes a key.
//
// It posts to its own address: form_token, type, name, description, access, permission (repeated), scope, engine
// (repeated), find, expires, expires_on. An edit sends seen, no type and no name. With preview (enter, find or summary)
// it only wants to see the form again, with the summary and the list of engines as they then are.
type KeyFormPage struct {
	Page
	Form
	Token       string // form_token: makes sending the form twice create one key
	Edit        bool
	ID          string // of the key; with Edit only
	Called      string // the description as it stands; with Edit only
	Visible     string // the masked key; with Edit only
	Seen        string // when the key was last changed, as the form was filled; with Edit only
	Preset      string // the code of the preset that filled the form; may be empty
	Type        string // private, search or admin
	Name        string
	Description string
	Access      string          // read, write, full or custom
	Resources   []PermissionRow // what custom access can be made of
	Scope       string          // all or some
	EngineChoices
	Expires     string            // 7, 30, 90, 365, date or never; with Edit also keep
	ExpiresOn   string            // yyyy-mm-dd, with Expires "date"
	Earliest    string            // yyyy-mm-dd, the first day that can be chosen
	Ends        map[string]string // the day on which each number of days in Expires ends, "20 Feb 2027"
	ExpiresNow  When              // when the key expires as it is; with Edit only, zero when never
	Effect      KeyEffect
	Unavailable map[string]string // why a choice (search, admin, read, write, full, custom, all) cannot be made
	Focus       string            // where the reader wants to go on: find, summary or ""
}

// KeyEffect is what a key can do, in sentences, and what is dangerous about it.
type KeyEffect struct {
	Sentences []string
	Warnings  []KeyWarning
}

// EffectOf words what a key can do.
func EffectOf(p KeyPlan) KeyEffect {
	return KeyEffect{Sentences: KeySummary(p), Warnings: KeyWarnings(p)}
}

// PermissionRow is a resource of custom access with its two permissions.
type PermissionRow struct {
	Name     string // "Documents"
	Sentence string // what it covers, "add, change, delete and read documents"
	Read     PermissionCell
	Modify   PermissionCell
}

// PermissionCell is one permission that can be ticked, or the reason why not.
type PermissionCell struct {
	Value       string // "documents.read"; "" when the resource has no such permission
	Checked     bool
	Unavailable string // why it cannot be ticked, a short sentence; "" when it can
}

// EngineChoices are the engines that a key may be limited to.
type EngineChoices struct {
	Engines      []EngineChoice // the chosen ones, and those that were looked for
	EnginesFound int            // how many there are of those that were looked for, chosen or not
	EnginesTotal int            // how many the project has
	Find         string         // what was looked for
}

// EngineChoice is an engine that a key may be limited to.
type EngineChoice struct {
	Name        string
	Documents   int64
	Meta        bool // it searches other engines
	Checked     bool
	Missing     bool   // there is no such engine, or none any more
	Unavailable string // why it cannot be chosen; "" when it can
}

// KeyReviewPage shows what an edit would change. It posts the fields of the form again, to the same address, and with
// them reviewed: when the key was last changed as it is compared here.
type KeyReviewPage struct {
	Page
	ID          string
	Name        string
	Description string // as it is called now
	Type        string
	Visible     string
	Changed     bool // somebody changed the key since the form was filled
	Differences []KeyDifference
	Effect      KeyEffect // of the key as it would be
	Fields      []FormField
	Reviewed    string
}

// FormField is one value that a page carries on.
type FormField struct{ Name, Value string }

// KeyDifference is one thing that an edit would change.
type KeyDifference struct {
	Field, From, To string
	Added, Removed  []string // instead of From and To, for lists
	Widens          bool     // the key can do more afterwards, or for longer
}
