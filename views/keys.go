package views

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The states of a key, as StatusLabel knows them.
const (
	StatusActive    = "active"
	StatusExpiring  = "expiring" // active, and expires within 14 days
	StatusLegacy    = "legacy"   // active, and of another form than ours
	StatusUnused    = "unused"   // active, and not used for 90 days
	StatusNeverUsed = "never_used"
	StatusExpired   = "expired"
	StatusRevoked   = "revoked"
)

// StatusLabel is the state of a key in words.
func StatusLabel(status string) string {
	switch status {
	case StatusExpiring:
		return "Expires soon"
	case StatusUnused:
		return "Unused 90 days"
	case StatusNeverUsed:
		return "Never used"
	}
	return capital(status)
}

// TypeLabel is the type of a key ("private", "search", "admin") in words.
func TypeLabel(kind string) string {
	if kind == "search" {
		return "Public search"
	}
	return capital(kind)
}

// AccessLabel is the access of a key ("read", "write", "full", "custom", or "search" and "admin" for the types that
// have only one) in words.
func AccessLabel(access string) string {
	switch access {
	case "search":
		return "Search only"
	case "admin":
		return "Manages keys"
	}
	return capital(access)
}

// CredentialsPage is the dashboard of a project's keys.
type CredentialsPage struct {
	Page
	Stats    KeyStats
	Filter   KeyFilter
	Engines  []string // names to choose from in the filter
	Creators []Creator
	Keys     []KeyRow
	Matching int64    // how many keys the filter lets through, on all pages
	Inactive int64    // revoked and expired keys that are not in the list unless Filter.Inactive
	From     int64    // how many keys stand on the pages before this one
	Newer    string   // cursor of the page before this one; "" when this is the first
	Older    string   // cursor of the page after this one; "" when this is the last
	Kept     []string // ids of keys on other pages that are ticked; without JavaScript they travel with the form
}

// Creator is somebody who made keys, to filter by.
type Creator struct{ Value, Name string }

// KeyStats are the figures on top of the dashboard. Total 0 shows the page for a project without keys.
type KeyStats struct {
	Active, Total    int64
	Attention        int64
	Expiring, Unused int64 // what Attention is made of
	Requests         int64 // of the last 30 days, accepted
	Trend            int   // against the 30 days before, in percent
	Compared         bool  // there was something to compare with
	RequestsPerDay   []int // oldest first; drawn when there were any
	Rejected         int64 // of the last 30 days
	Dead             int64 // of these, made with keys that are revoked or expired
}

// KeyFilter is the state of the list, as it stands in the address: q, type, engine, status, access, creator, sort, dir,
// inactive, cursor. The empty value of each field means no restriction or the usual order.
type KeyFilter struct {
	Query, Type, Engine, Status, Access, Creator string
	Sort                                         string // name, type, access, engines, last_used, expires, created or status
	Dir                                          string // asc or desc
	Inactive                                     bool   // revoked and expired keys are listed too
}

// KeyRow is a key in the list.
type KeyRow struct {
	ID   string
	Name string
	// Description is what people call it; may be empty.
	Description string
	Visible     string // the masked form, "private-6fK*****0kV"
	Type        string // private, search or admin
	Access      string // read, write, full, custom; search or admin for those types
	AccessNote  string // "3 of 23"; may be empty
	AllEngines  bool
	Engines     []string
	LastUsed    When // zero when never used
	PerDay      []int
	Requests    string // "1.2 M requests in 30 days", for screen readers; may be empty
	Expires     When   // zero when never
	Status      string
	Also        []string // what else there is to say about its state
	Ticked      bool
	CanEdit     bool
	CanRevoke   bool
	CanSign     bool // search keys can be signed with it
}

// inactive reports whether the key no longer works.
func (k KeyRow) inactive() bool { return k.Status == StatusRevoked || k.Status == StatusExpired }

// restricted reports whether the filter may be why a key is not listed.
func (f KeyFilter) restricted() bool {
	return f.Query != "" || f.chosen()
}

// chosen reports whether one of the lists is set, so that they are shown open where they can be folded away.
func (f KeyFilter) chosen() bool {
	return f.Type != "" || f.Engine != "" || f.Status != "" || f.Access != "" || f.Creator != ""
}

// fields are the names and values of what the filter says, as choices of value and label.
func (f KeyFilter) fields() []choice {
	all := []choice{
		{"q", f.Query}, {"type", f.Type}, {"engine", f.Engine}, {"status", f.Status}, {"access", f.Access}, {"creator", f.Creator},
		{"sort", f.Sort}, {"dir", f.Dir},
	}
	if f.Inactive {
		all = append(all, choice{"inactive", "1"})
	}
	return slices.DeleteFunc(all, func(c choice) bool { return c.label == "" })
}

// query writes the filter as the part of an address after the path.
func (f KeyFilter) query(cursor string) string {
	v := url.Values{}
	for _, field := range f.fields() {
		v.Set(field.value, field.label)
	}
	if cursor != "" {
		v.Set("cursor", cursor)
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// address is the dashboard with this filter, from the page of the list that a cursor names.
func (p CredentialsPage) address(f KeyFilter, cursor string) string {
	return p.keysURL() + f.query(cursor)
}

func (p CredentialsPage) clearURL() string {
	return p.address(KeyFilter{Sort: p.Filter.Sort, Dir: p.Filter.Dir, Inactive: p.Filter.Inactive}, "")
}

func (p CredentialsPage) inactiveURL(show bool) string {
	f := p.Filter
	f.Inactive = show
	return p.address(f, "")
}

func (p CredentialsPage) statusURL(status string) string {
	return p.address(KeyFilter{Status: status}, "")
}

// columns of the list that can be sorted, with the direction of the first click.
var columns = map[string]struct{ title, first string }{
	"name":      {"Name", "asc"},
	"type":      {"Type", "asc"},
	"access":    {"Access", "asc"},
	"engines":   {"Engines", "asc"},
	"last_used": {"Last used, 30 days", "desc"},
	"expires":   {"Expires", "asc"},
	"created":   {"Created", "desc"},
	"status":    {"Status", "asc"},
}

// dir is the direction the list is sorted in by this column, "" when it is sorted by another.
func (f KeyFilter) dir(column string) string {
	switch {
	case f.Sort == "" && column == "name":
		return "asc"
	case f.Sort != column:
		return ""
	case f.Dir == "asc" || f.Dir == "desc":
		return f.Dir
	}
	return columns[column].first
}

// sortURL sorts by a column, the other way round when the list is sorted by it already.
func (p CredentialsPage) sortURL(column string) string {
	f := p.Filter
	dir := columns[column].first
	if now := f.dir(column); now != "" {
		dir = map[string]string{"asc": "desc", "desc": "asc"}[now]
	}
	f.Sort, f.Dir = column, dir
	return p.address(f, "")
}

// found says how many keys are listed.
func (p CredentialsPage) found() string { return Count(p.Matching, "key", "keys") }

// span says which part of the list this page shows, "" when it shows all of it.
func (p CredentialsPage) span() string {
	if p.Newer == "" && p.Older == "" || len(p.Keys) == 0 {
		return ""
	}
	return Number(p.From+1) + "–" + Number(p.From+int64(len(p.Keys))) + " of " + p.found()
}

// toggle reports whether the list can be widened to inactive keys, or narrowed again. Where a status is chosen, the
// status alone decides.
func (p CredentialsPage) toggle() bool { return p.Filter.Status == "" && p.Inactive > 0 }

// called is what people know a key by: its description as they typed it, or else its name.
func called(description, name string) string {
	if description == "" {
		return name
	}
	return description
}

// alias is the name of a key where it says something that its description does not.
func alias(description, name string) string {
	if description == "" || squeeze(description) == squeeze(name) {
		return ""
	}
	return name
}

// squeeze keeps what a name and the description it was made of have in common.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// menuID names the menu of a row; the id of the key may hold anything and is not used.
func menuID(row int) string { return "menu-" + strconv.Itoa(row) }
