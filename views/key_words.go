package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/views/ui"
)

func (p KeyFormPage) heading() string {
	if p.Edit {
		return "Edit " + isolate(called(p.Called, p.Name))
	}
	return "Create a key"
}

func (p KeyFormPage) action() string {
	if p.Edit {
		return p.editKeyURL(p.ID)
	}
	return p.newKeyURL()
}

// offers reports whether the form is about, or may become about, a key of this type.
func (p KeyFormPage) offers(kind string) bool { return !p.Edit || p.Type == kind }

// either is the message about a field that the form calls by one name and a subject perhaps by another.
func (p KeyFormPage) either(one, other string) string {
	if text := p.Errors[one]; text != "" {
		return text
	}
	return p.Errors[other]
}

// expiries are the choices of how long the key lives. An edit can leave it as it is.
func (p KeyFormPage) expiries() []choice {
	list := []choice{{"7", "7 days"}, {"30", "30 days"}, {"90", "90 days"}, {"365", "1 year"}, {"date", "Pick a date"}, {"never", "Never"}}
	if !p.Edit {
		return list
	}
	keep := "Keep: never"
	if p.ExpiresNow.Text != "" {
		keep = "Keep " + p.ExpiresNow.Text
	}
	return append([]choice{{"keep", keep}}, list...)
}

// expires is the choice to show as made.
func (p KeyFormPage) expires() string {
	for _, c := range p.expiries() {
		if c.value == p.Expires {
			return p.Expires
		}
	}
	if p.Edit {
		return "keep"
	}
	return "90"
}

// ends says when a choice of how long the key lives lets it end.
func (p KeyFormPage) ends(choice string) string {
	switch choice {
	case "keep":
		return p.ExpiresNow.Note
	case "date":
		return "You choose the day"
	case "never":
		return "Until it is revoked"
	}
	return p.Ends[choice]
}

// resourceNames are those whose words are not their names.
var resourceNames = map[string]string{"indices": "Engines", "ab_tests": "A/B tests", "api_keys": "API keys"}

// ResourceName is what a resource of permissions is called. It makes a word of any name that programs use.
func ResourceName(resource string) string {
	if name, ok := resourceNames[resource]; ok {
		return name
	}
	words := strings.ReplaceAll(resource, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// ResourceSentence is what the permissions of a resource allow, from the sentence of the widest.
func ResourceSentence(widest string) string {
	if strings.HasPrefix(widest, "change ") {
		return "see and " + widest
	}
	return widest
}

// AsTheAccess stands in a history for the permissions of a key that has no list of its own.
const AsTheAccess = "as the access says"

// Why a choice of the form cannot be made. Nobody gives a key more than they hold.
const (
	NotHeld       = "you do not have this permission yourself"
	NotAllHeld    = "You do not have all of these permissions yourself."
	NotEverything = "Only somebody who has every permission can make one."
	NotEverywhere = "You cannot reach all engines yourself."
	NotReached    = "You cannot reach it"
)

// reason says why a cell of the matrix is empty.
func reason(c PermissionCell) string {
	if c.Unavailable != "" {
		return c.Unavailable
	}
	return "there is no such permission"
}

// lower writes the first letter small, unless the word is an abbreviation such as "A/B tests" or "API keys".
func lower(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if !unicode.IsLower(second) {
		return s
	}
	return strings.ToLower(string(first)) + s[n:]
}

// habits is the advice beside the form for a new key.
func habits() []string {
	return []string{
		"One key per service, so that revoking one breaks one.",
		"Give the least access that works. You can widen it later.",
		"Set an expiry date. The dashboard warns you 14 days before.",
	}
}

// consequence is what revoking a key of this type stops.
func (p KeyRevokePage) consequence() string {
	switch p.Type {
	case "admin":
		return "Requests with this key fail at once: whatever creates and revokes keys with it stops. Revoking cannot be undone."
	case "search":
		return "Searches with this key fail at once, and so do signed search keys made with it. Revoking cannot be undone."
	}
	return "Requests with this key fail at once, and so do signed search keys made with it. Revoking cannot be undone."
}

// pulse says how much the key is in use.
func (p KeyRevokePage) pulse() string {
	text := Count(p.Hour, "request", "requests") + " in the last hour, " + Number(p.DayCount) + " in 24 hours, " +
		Number(p.Month) + " in 30 days."
	if p.LastUsed.When.Note != "" {
		text += " The latest " + p.LastUsed.When.Note + "."
	}
	return text
}

// quiet says the same of a key that nobody will miss.
func (p KeyRevokePage) quiet() string {
	switch {
	case p.LastUsed.When.Text == "":
		return "This key was never used."
	case p.Month > 0:
		return "No requests in the last 24 hours, " + Number(p.Month) + " in 30 days."
	}
	return "No requests in the last 30 days."
}

// clients are the clients that used the key, each once.
func (p KeyRevokePage) clients() []string {
	list := make([]Sighting, len(p.Agents))
	for i, agent := range p.Agents {
		list[i].Value = agent
	}
	return clients(list)
}

// coveringMore says how many keys beside those that are named can do the same.
func (p KeyRevokePage) coveringMore() string {
	return Count(p.CoveringAll-int64(len(p.Covering)), "other", "others")
}

// keyAuditURL is what the audit log says of this key.
func (p KeyDetailsPage) keyAuditURL() string {
	return p.auditURL() + AuditFilter{Object: p.ID}.query()
}

// gone says why a secret is no longer shown.
func (p KeyRevealGonePage) gone() (title, text string) {
	if p.Late {
		return "This secret is no longer available", "A new secret can be seen for ten minutes. They are over, so it is destroyed, and nobody can show it again."
	}
	return "This secret is not shown here", "Only the browser that created the key can see its secret, for ten minutes at most and until “I have stored it” is pressed. Nobody can show it again after that."
}

// note says how long ago the latest request was and from where.
func (u LastUse) note() string {
	switch {
	case u.When.Text == "" || u.Address == "":
		return u.When.Note
	case u.When.Note == "":
		return "from " + u.Address
	}
	return u.When.Note + ", from " + u.Address
}

// icon shows the kind of an event.
func (e HistoryEvent) icon() ui.Shape {
	switch e.Event {
	case "create":
		return ui.IconPlus
	case "import":
		return ui.IconDownload
	case "update":
		return ui.IconPencil
	case "revoke":
		return ui.IconBan
	case "reveal":
		return ui.IconEye
	case "sign":
		return ui.IconSign
	case "expire":
		return ui.IconClockAlert
	case "reject":
		return ui.IconShieldAlert
	case "rotate":
		return ui.IconRotate
	}
	return ui.IconHistory
}

// side is one side of a difference.
func side(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// access is the access of a key with its detail, "Custom, 7 of 23".
func access(access, note string) string {
	if note == "" {
		return AccessLabel(access)
	}
	return AccessLabel(access) + ", " + note + " permissions"
}

// text says what happened.
func (e HistoryEvent) text() string {
	switch e.Event {
	case "create":
		return "Created"
	case "import":
		return "Imported"
	case "update":
		return "Changed"
	case "revoke":
		return "Revoked"
	case "reveal":
		return "Secret read"
	case "sign":
		return "Signed a search key"
	case "expire":
		return "Expired"
	case "reject":
		return Count(e.Count, "request rejected", "requests rejected")
	}
	return capital(e.Event)
}

// origin is what stands before the address of an event.
func (e HistoryEvent) origin() string {
	if e.Event == "reject" && e.Count > 1 {
		return "Latest from"
	}
	return "from"
}

// title stands over a receipt.
func (r Revocation) title() string {
	if r.Expired {
		return "Expired"
	}
	return "Revoked"
}

func (r Revocation) icon() ui.Shape {
	if r.Expired {
		return ui.IconClockAlert
	}
	return ui.IconBan
}

// refused is what a receipt says after the number.
func (r Revocation) refused() string {
	if r.Refused == 1 {
		return "request refused since"
	}
	return "requests refused since"
}

// signed says what became of signed search keys.
func (r Revocation) signed() string {
	if r.Expired {
		return "Signed search keys made with it are refused and counted too."
	}
	return "Signed search keys made with it are refused too. They are not counted here: what told whose they are was destroyed with the key."
}

// String is the line as text: "Documents: read, modify".
func (m May) String() string { return m.Name + ": " + lower(m.degree()) }

// degree is how far the access to one kind of thing goes.
func (m May) degree() string {
	switch {
	case m.Read && m.Modify:
		return "Read, modify"
	case m.Modify:
		return "Modify"
	}
	return "Read"
}

// mayTitle stands over the list of what a key may do.
func (p KeyDetailsPage) mayTitle() string {
	if p.Status == StatusRevoked || p.Status == StatusExpired {
		return "What it was allowed"
	}
	return "What it may do"
}

// legacy tells what an imported key lacks, and how to be rid of it.
func (p KeyDetailsPage) legacy() (strong, text string) {
	strong = "This key was imported with the secret it had elsewhere."
	text = "It is shorter than our own, scanners for leaks do not recognise it, and who has seen it so far is not known here."
	if p.Can.ManageKeys {
		text += " Rotate it: duplicate it, move its clients to the new key, then revoke this one."
	}
	return strong, text
}
