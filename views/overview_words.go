package views

import "strconv"

// OverviewPage is what there is to know about a project at a glance.
type OverviewPage struct {
	Page
	Stats     OverviewStats
	Attention []AttentionItem
	More      []MoreKeys // of what there is more than is listed
	Changes   []ChangeItem
	Steps     []Step
	Addresses []Address
}

// OverviewStats are the figures on top of the page.
type OverviewStats struct {
	Active, Attention  int64 // keys
	Requests           int64 // accepted, of the last 30 days
	Before             int64 // the same of the 30 days before
	PerDay             []int // accepted requests, oldest first
	Engines, Documents int64
}

// What an item of AttentionItem is about.
const (
	AttentionExpiring = "expiring"
	AttentionUnused   = "unused"
	AttentionRejected = "rejected" // many requests with a living key are refused
	AttentionDead     = "dead"     // somebody still uses a revoked or expired key
)

// AttentionItem is a key that somebody should look at, and why.
type AttentionItem struct {
	Kind          string
	ID, Called    string
	Type, Visible string
	Status        string
	When          When   // when it expires, was last used, or was last tried
	Requests      int64  // of the last 7 days
	Rejected      int64  // of those, or, of a dead key, all that were ever refused
	Address       string // that a dead key was last tried from
	CanChange     bool
}

// MoreKeys says that there are more keys of a kind than are listed.
type MoreKeys struct {
	Kind  string
	Total int64
}

// ChangeItem is something that happened in the project.
type ChangeItem struct {
	Action string // as in db/audit
	By     string
	Object string
	At     When
}

// What a Step is about.
const (
	StepEngine   = "engine"
	StepDocument = "document"
	StepRequest  = "request"
	StepKey      = "key"
)

// Step is one of the first things to do in a project.
type Step struct {
	Kind    string
	Done    bool
	Example Example // the zero one: there is none
}

// What an Address is.
const (
	AddressAppSearch = "appsearch"
	AddressLupa      = "lupa"
	AddressHost      = "host"
	AddressSlugs     = "slugs"
)

// Address is something to put into the configuration of a client.
type Address struct{ Kind, Value string }

// step texts: what to do, how it reads once it is done, and what it is good for.
var steps = map[string]struct{ title, done, text, command string }{
	StepEngine:   {"Create an engine", "There is an engine", "An engine holds the documents that one search looks through.", "Create an engine"},
	StepDocument: {"Add a document", "There are documents", "A document is a flat JSON object. Its fields appear in the schema by themselves.", "Add a document"},
	StepRequest:  {"Make a first request", "Requests come in", "Search with any key that may. The first accepted request completes this step.", "Search"},
	StepKey:      {"Create a key for one engine", "A key is limited to its engine", "A key that reaches only what it needs does less harm when it leaks.", ""},
}

func (s Step) title() string {
	if s.Done {
		return steps[s.Kind].done
	}
	return steps[s.Kind].title
}

// link leads to where a step is taken in the console.
func (p OverviewPage) stepLink(s Step) *Link {
	switch {
	case s.Done:
		return nil
	case s.Kind == StepEngine && p.Can.ManageEngines:
		return &Link{"Create an engine here", p.newEngineURL()}
	case s.Kind == StepKey && p.Can.ManageKeys:
		return &Link{"Create a key", p.newKeyURL()}
	}
	return nil
}

func (p OverviewPage) done() int {
	n := 0
	for _, s := range p.Steps {
		if s.Done {
			n++
		}
	}
	return n
}

func (p OverviewPage) started() bool { return p.done() == len(p.Steps) }

// progress says how much of the first steps is taken.
func (p OverviewPage) progress() string {
	if p.started() {
		return "All " + strconv.Itoa(len(p.Steps)) + " steps are done"
	}
	return strconv.Itoa(p.done()) + " of " + strconv.Itoa(len(p.Steps)) + " steps done"
}

// first reports whether a step is the next to take.
func (p OverviewPage) first(s Step) bool {
	for _, other := range p.Steps {
		if !other.Done {
			return other.Kind == s.Kind
		}
	}
	return false
}

// sentence stands under the name of the project.
func (p OverviewPage) sentence() string {
	switch {
	case p.done() == 0:
		return "Nothing is here yet. Begin with an engine: the steps below take a few minutes."
	case !p.started():
		return "What its keys do, what needs attention, and what is left to set up."
	}
	return "What its keys do, what changed, and what needs attention."
}

// why says what is the matter with a key.
func (a AttentionItem) why() string {
	switch a.Kind {
	case AttentionExpiring:
		return "Expires " + a.When.Note
	case AttentionUnused:
		if a.When.Text == "" {
			return "Never used"
		}
		return "Last used " + a.When.Note
	case AttentionRejected:
		return Number(a.Rejected) + " of " + Count(a.Requests, "request", "requests") + " rejected in 7 days"
	case AttentionDead:
		text := Count(a.Rejected, "request", "requests") + " refused, the last " + a.When.Note
		if a.Address != "" {
			text += " from " + isolate(a.Address)
		}
		return text
	}
	return ""
}

// badge is the word in front of it.
func (a AttentionItem) badge() (class, label string) {
	switch a.Kind {
	case AttentionExpiring:
		return StatusExpiring, "Expires soon"
	case AttentionUnused:
		return StatusUnused, "Unused"
	case AttentionDead:
		return StatusRevoked, StatusLabel(a.Status) + ", still tried"
	}
	return StatusExpired, "Rejected"
}

// action is the one thing to do about it.
func (p OverviewPage) action(a AttentionItem) Link {
	switch {
	case a.Kind == AttentionExpiring && a.CanChange:
		return Link{"Edit", p.editKeyURL(a.ID)}
	case a.Kind == AttentionUnused && a.CanChange:
		return Link{"Revoke", p.revokeKeyURL(a.ID)}
	case a.Kind == AttentionDead:
		return Link{"See who", p.keyURL(a.ID)}
	case a.Kind == AttentionRejected:
		return Link{"See why", p.keyURL(a.ID)}
	}
	return Link{"Look at it", p.keyURL(a.ID)}
}

// text says how many there are.
func (m MoreKeys) text() string {
	if m.Kind == AttentionUnused {
		return "All " + Number(m.Total) + " unused keys"
	}
	return "All " + Number(m.Total) + " keys that expire soon"
}

func (p OverviewPage) moreURL(m MoreKeys) string {
	f := KeyFilter{Status: StatusExpiring, Sort: "expires"}
	if m.Kind == AttentionUnused {
		f = KeyFilter{Status: StatusUnused}
	}
	return p.keysURL() + f.query("")
}

// label and hint say what an address is.
func (a Address) label() string {
	switch a.Kind {
	case AddressAppSearch:
		return "App Search endpoint"
	case AddressLupa:
		return "Lupa API"
	case AddressHost:
		return "Host identifier"
	}
	return "Organization and project"
}

func (a Address) hint() string {
	switch a.Kind {
	case AddressAppSearch:
		return "Clients of App Search take it as endpoint or apiEndpoint."
	case AddressLupa:
		return "Keys go into the header X-Lupa-Api-Key."
	case AddressHost:
		return "What older App Search clients ask for."
	}
	return "As the Lupa API names them."
}
