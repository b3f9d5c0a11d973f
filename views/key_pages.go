package views

// KeyDetailsPage is everything about one key.
type KeyDetailsPage struct {
	Page
	ID          string
	Name        string
	Description string
	Visible     string
	Secret      string // of a search key, which is public and may be copied any time; "" for all others
	Type        string
	Status      string
	Legacy      bool // imported in another form than ours, and not revoked
	Access      string
	AccessNote  string
	Summary     []string // what it may do in sentences, see KeySummary; may be empty
	May         []May
	AllEngines  bool
	Engines     []string
	Expires     When
	Created     When
	CreatedBy   string
	LastUsed    LastUse
	Signed      SignedUse
	Usage       Usage
	Seen        Seen
	Revoked     *Revocation // nil while it is neither revoked nor expired
	History     []HistoryEvent
	CanEdit     bool
	CanRevoke   bool
	CanSign     bool // search keys can be signed with it
}

// May is what a key may do with one kind of thing.
type May struct {
	Name         string // "Documents"
	Read, Modify bool
}

// LastUse is the latest request with a key.
type LastUse struct {
	When     When // zero when never used
	Address  string
	Agent    string // User-Agent header, cut and without what may be a secret
	Endpoint string // "POST /api/as/v1/engines/:engine/search"
}

// Revocation is the receipt of a revocation, or of an expiry.
type Revocation struct {
	Expired      bool // it was not revoked: its time was over
	At           When // to the second, see Exact
	By           string
	Refused      int64 // requests refused because of that
	LastRefused  When  // zero when there were none
	LastFrom     string
	LastAgent    string
	LastEndpoint string
	SignedTokens bool // signed search keys made with it are refused too
}

// HistoryEvent is one line of a key's history.
type HistoryEvent struct {
	Event   string // create, update, revoke, reveal, expire or reject; chooses the words and the icon
	By      string // who; "" for the system itself
	Address string // from where; may be empty
	At      When
	Changes []Change
	Count   int64  // of a reject: how many requests
	Reason  string // of a reject: a code
	First   When   // of a reject: At is the latest of them; zero when there was only one
}

// Change is a difference that an event made. An empty side is shown as "none".
type Change struct{ Field, From, To string }

// KeyRevokePage asks before a key is revoked. The form posts nothing to RevokeKeyURL.
type KeyRevokePage struct {
	Page
	Behind *CredentialsPage // the dashboard to show behind it; may be nil
	ID     string
	Name   string
	// Description is what people call it; may be empty.
	Description string
	Type        string
	Visible     string
	AllEngines  bool
	Engines     []string
	Hour        int64 // accepted requests in the last hour
	DayCount    int64 // in the last 24 hours
	Month       int64 // in the last 30 days
	LastUsed    LastUse
	Addresses   []string // that used it in the last 30 days, the latest first; so are the next two
	Agents      []string // User-Agent headers
	Endpoints   []string
	Signed      SignedUse
	Covering    []Link // keys that can do the same, to their pages; at most three
	CoveringAll int64  // how many there are
	Created     When
	CreatedBy   string
}

// inUse reports whether revoking the key will be noticed by somebody.
func (p KeyRevokePage) inUse() bool { return p.DayCount > 0 || p.Hour > 0 }
