package views

import "time"

// SignParent is the key that search keys are signed with.
type SignParent struct {
	ID         string // "" where it is not known
	Called     string
	Type       string // private or search
	Visible    string
	Status     string
	AllEngines bool
	Engines    []string
	Expires    When // zero: never
}

// SignFilters is how many filters the form has fields for.
const SignFilters = 3

// KeySignPage is the form that signs a search key with a key.
//
// It posts to its own address: engine, filter_field_1 and filter_value_1 and so on, search_scope, search_field (repeated),
// result_scope, result_field (repeated), facets, sort, options, expires, expires_on, secret. With preview it only wants to
// see the form again, with the fields of another engine.
type KeySignPage struct {
	Page
	Form
	Parent      SignParent
	Engines     []string // that the key reaches, to take fields from
	Engine      string   // the chosen one; "" for none
	Fields      []SignField
	Filters     [SignFilters]SignFilter
	SearchScope string // all or some
	ResultScope string // all or some
	Facets      string // free or none
	Sort        string // "price:desc"; "" as the request asks
	Options     string // JSON, as it was typed
	Expires     string // 1h, 1d, 7d, 30d, date or parent
	ExpiresOn   string // yyyy-mm-dd
	Earliest    string // yyyy-mm-dd
	Ends        map[string]string
	Chosen      bool // another engine was asked for: there the reader goes on
}

// SignField is a field of the chosen engine.
type SignField struct {
	Name, Type       string
	Searched, Result bool // ticked
}

// SignFilter is one line of the filters.
type SignFilter struct{ Field, Value string }

// KeySignedPage shows a signed search key that was just made. It is kept nowhere.
type KeySignedPage struct {
	Page
	Parent SignParent
	Token  string
	Plan   SignPlan
	Header string // JSON, indented
	Claims string
	Try    TryIt
}

// KeyDecodePage looks at a pasted signed search key. It posts to DecodeKeyURL: token.
type KeyDecodePage struct {
	Page
	Form
	Decoded *DecodedKey // nil before something was pasted
}

// DecodedKey is what a signed search key says and what is true of it.
type DecodedKey struct {
	Code     string // why it is refused, see verdicts; "" while it counts
	Verified bool   // the parent's holder has made it
	Name     string // by which it names its parent
	Parent   SignParent
	Plan     SignPlan
	Header   string // JSON, indented; "" of what is no token
	Claims   string
	Issued   When
	Expires  When
}

// SignPlan is what a signed search key allows: all that its sentences are made of.
type SignPlan struct {
	Type       string // of its parent
	AllEngines bool
	Engines    []string
	Options    map[string]any // as read from JSON, numbers as json.Number
	Expires    time.Time      // zero: with its parent
	ParentEnds time.Time      // zero: never
	Now        time.Time
	Engine     string // where was counted; "" where nothing was
	Passing    int64  // documents that pass its filters
	Documents  int64
}
