package views

import "net/url"

// AccountPage is about the signed-in user. It posts to AccountURL: current_password, new_password.
type AccountPage struct {
	Page
	Form
	Email       string
	LastLogin   When   // the one before this session; zero when this is the first
	LastFrom    string // its address
	Memberships []Membership
	Sessions    []SessionItem
	Logins      []LoginItem // newest first
}

// Membership is a role that a user has.
type Membership struct {
	Organization string
	Slug         string
	Role         string // in words, see RoleLabel
}

// SessionItem is a browser in which the user is signed in.
type SessionItem struct {
	ID       string
	Agent    string
	Address  string
	Started  When
	LastSeen When
	Current  bool
}

// The outcomes of a sign-in.
const (
	LoginDone    = "done"
	LoginFailed  = "failed"
	LoginRefused = "refused"
)

// LoginItem is a sign-in, or failed ones that follow one another.
type LoginItem struct {
	At        When
	Outcome   string // LoginDone, LoginFailed or LoginRefused
	Times     int64
	Agent     string
	Address   string
	NewDevice bool
}

// EndSessionsURL is where all sessions but the present one are ended.
const EndSessionsURL = AccountURL + "/sessions/end"

// EndSessionURL is where one session is ended.
func EndSessionURL(id string) string { return AccountURL + "/sessions/" + url.PathEscape(id) + "/end" }

// others reports whether there is a session besides this one.
func (p AccountPage) others() bool {
	for _, s := range p.Sessions {
		if !s.Current {
			return true
		}
	}
	return false
}

// device is the browser and system of a User-Agent header in words, as far as they can be told.
func device(agent string) string {
	if agent == "" {
		return "Unknown browser"
	}
	return Browser(agent)
}

// called is the session in the name of its button.
func (s SessionItem) called() string {
	text := isolate(device(s.Agent))
	if s.Address != "" {
		text += ", " + isolate(s.Address)
	}
	return text
}

// result is the outcome in words.
func (l LoginItem) result() string {
	text := "Signed in"
	switch l.Outcome {
	case LoginFailed:
		text = "Wrong password"
	case LoginRefused:
		text = "Refused"
	}
	if l.Times > 1 {
		text += ", " + Number(l.Times) + " times"
	}
	return text
}

// from is the address, and what to say where it is not known.
func (l LoginItem) from() string {
	if l.Address == "" {
		return "Unknown address"
	}
	return l.Address
}

// status is how the outcome is coloured.
func (l LoginItem) status() string {
	if l.Outcome == LoginDone {
		return StatusActive
	}
	return StatusExpired
}
