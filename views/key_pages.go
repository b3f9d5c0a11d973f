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
	Access      string
	AccessNote  string
	May         []May
	AllEngines  bool
	Engines     []string
	Expires     When
	Created     When
	CreatedBy   string
	LastUsed    LastUse
	Usage       Usage
	Revoked     *Revocation // nil while it is not revoked
	History     []HistoryEvent
	CanEdit     bool
	CanRevoke   bool
}

// May is what a key may do with one kind of thing.
type May struct {
	Name         string // "Documents"
	Read, Modify bool
}

// LastUse is the latest request with a key.
type LastUse struct {
	When    When // zero when never used
	Address string
	Agent   string // User-Agent header, as it came
}

// Usage is a key's requests of the last 30 days.
type Usage struct {
	Accepted, Rejected int64
	Days               []UsageDay // oldest first; the last is today
}

// UsageDay is one day of Usage.
type UsageDay struct {
	Label              string // "14 Feb", see ShortDate
	Accepted, Rejected int64
}

// Revocation is the receipt of a revocation.
type Revocation struct {
	At           When
	By           string
	Refused      int64 // requests refused since, counted in whole hours
	From         When  // where that count begins; zero when it begins with the revocation
	LastRefused  When  // zero when there were none
	LastFrom     string
	SignedTokens bool // signed search keys made with it are refused too
}

// HistoryEvent is one line of a key's history.
type HistoryEvent struct {
	Event   string // create, update, revoke, reveal, expire or reject; chooses the icon
	Text    string // "Access changed"
	By      string // who; "" for the system itself
	Address string // from where; may be empty
	At      When
	Changes []Change
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
	Addresses   []string // where the last requests came from; may be empty
	Created     When
	CreatedBy   string
}

// inUse reports whether revoking the key will be noticed by somebody.
func (p KeyRevokePage) inUse() bool { return p.DayCount > 0 || p.Hour > 0 }

// table is the days as a table lists them, latest first.
func (u Usage) table() []UsageDay {
	days := make([]UsageDay, len(u.Days))
	for i, d := range u.Days {
		days[len(days)-1-i] = d
	}
	return days
}
