package views

// Usage is the requests of a key, or of a whole project, over a range.
type Usage struct {
	Range              string // 24h, 7d, 30d or 1y
	Accepted, Rejected int64
	Signed             int64       // of all, those made with signed search keys
	Bars               []UsageBar  // oldest first; the last is not over yet; see UsageBarOf
	Reasons            []ReasonRow // the most frequent first
}

// UsageBar is one step of a range.
type UsageBar struct {
	Axis               string // short, on the axis of the chart: "14:00"
	Label              string // in full: "21 Nov 2026, 14:00 to 15:00"
	Accepted, Rejected int64
}

// ReasonRow is why requests were rejected: a code as package usage has it, and how many.
type ReasonRow struct {
	Reason string
	Count  int64
}

// Seen is what a key was seen with: addresses, clients and endpoints, the latest of each, latest first.
type Seen struct {
	Addresses, Agents, Endpoints []Sighting
	Full                         int64 // from how many on there may have been more
}

// Sighting is one of them. Value is an address, a User-Agent header or a method with the pattern of a route.
type Sighting struct {
	Value              string
	Accepted, Rejected int64
	Last               When
}

// SignedUse is how much a key was used through signed search keys made with it.
type SignedUse struct {
	Tokens int64 // such keys seen in 30 days
	Many   bool  // there may be more than Tokens
	Last   When  // the latest request; zero when there was none
}

// UsagePage is the usage of a project.
type UsagePage struct {
	Page
	Usage        Usage
	Before       int64 // accepted in as long a time before
	RejectedThen int64 // rejected in that time
	Top          []UsageKey
	Refused      []UsageKey // the keys with the most rejected requests
	HasKeys      bool       // there is a key that could be used
}

// UsageKey is a key in a list of those used most. Number is what the list is ordered by.
type UsageKey struct {
	ID, Name, Description string
	Visible, Type, Status string
	Number                int64
}
