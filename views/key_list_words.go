package views

import "strings"

// The entries of the filters of the dashboard.
var (
	typeChoices   = []choice{{"", "All types"}, {"private", "Private"}, {"search", "Public search"}, {"admin", "Admin"}}
	accessChoices = []choice{{"", "Any access"}, {"read", "Read"}, {"write", "Write"}, {"full", "Full"}, {"custom", "Custom"}}
	statusChoices = []choice{
		{"", "Any status"}, {StatusActive, "Active"}, {StatusExpiring, "Expires soon"}, {StatusUnused, "Unused 90 days"},
		{StatusNeverUsed, "Never used"}, {StatusLegacy, "Legacy"}, {StatusExpired, "Expired"}, {StatusRevoked, "Revoked"},
	}
)

// directions are the words for the two ways round of each order, in which they are offered.
var directions = []struct{ order, asc, desc string }{
	{"name", "Name, A to Z", "Name, Z to A"},
	{"created", "Oldest first", "Newest first"},
	{"last_used", "Longest unused first", "Last used first"},
	{"expires", "Expires first", "Expires last"},
	{"status", "Needs attention first", "Needs attention last"},
	{"type", "Type, A to Z", "Type, Z to A"},
	{"access", "Least access first", "Most access first"},
	{"engines", "Engines, A to Z", "Engines, Z to A"},
}

// orderChoices are the orders, each with its direction.
func orderChoices() []choice {
	var list []choice
	for _, d := range directions {
		both := []choice{{d.order + ":asc", d.asc}, {d.order + ":desc", d.desc}}
		if columns[d.order].first == "desc" {
			both[0], both[1] = both[1], both[0]
		}
		list = append(list, both...)
	}
	return list
}

// order is the order of the list as orderChoices has it.
func (f KeyFilter) order() string {
	if f.Sort == "" {
		return "name:asc"
	}
	return f.Sort + ":" + f.dir(f.Sort)
}

// creatorChoices are the people and keys to filter by. One that the filter names is always among them.
func (p CredentialsPage) creatorChoices() []choice {
	list := []choice{{"", "Any creator"}}
	found := p.Filter.Creator == ""
	for _, c := range p.Creators {
		list = append(list, choice{c.Value, c.Name})
		found = found || c.Value == p.Filter.Creator
	}
	if !found {
		list = append(list, choice{p.Filter.Creator, p.Filter.Creator})
	}
	return list
}

// trend says how the requests compare with those of the 30 days before.
func (s KeyStats) trend() string {
	switch {
	case s.Requests == 0 && !s.Compared:
		return "none yet"
	case !s.Compared:
		return "first month"
	case s.Trend > 0:
		return "up " + Number(int64(s.Trend)) + "%"
	case s.Trend < 0:
		return "down " + Number(int64(-s.Trend)) + "%"
	}
	return "no change"
}

// refusals says what is worth knowing about the rejected requests: somebody still holds a dead key.
func (s KeyStats) refusals() string {
	switch {
	case s.Dead > 0:
		return Short(s.Dead) + " with revoked or expired keys"
	case s.Rejected > 0:
		return "none with revoked keys"
	case s.Requests > 0:
		return "every request passed"
	}
	return ""
}

// also says what else there is to know about the state of a key.
func (k KeyRow) also() string {
	words := make([]string, len(k.Also))
	for i, status := range k.Also {
		words[i] = StatusLabel(status)
	}
	return strings.Join(words, ", ")
}

// pickAll is what the link says that ticks every key of the list.
func (p CredentialsPage) pickAll() string {
	switch {
	case p.Matching == 1:
		return "Select this key"
	case p.Filter.restricted():
		return "Select all " + Number(p.Matching) + " keys that match"
	}
	return "Select all " + Number(p.Matching) + " keys"
}

// elsewhere says how many of the ticked keys stand on other pages.
func (p CredentialsPage) elsewhere() string {
	if len(p.Kept) == 0 {
		return ""
	}
	return "and " + Number(int64(len(p.Kept))) + " on other pages"
}

func (p KeyBulkPage) revokes() bool { return p.Act == ActRevoke }

// counts reports whether the number of keys has to be typed. For one key a button is enough.
func (p KeyBulkPage) counts() bool { return p.revokes() && len(p.Keys) > 1 }

// title is the heading of the page that asks.
func (p KeyBulkPage) heading() string {
	n := Count(int64(len(p.Keys)), "key", "keys")
	switch p.Act {
	case ActRevoke:
		return "Revoke " + n
	case ActExpiry:
		return "Set the expiry of " + n
	}
	return "Selected keys"
}

// consequence is what follows, said before it is done.
func (p KeyBulkPage) consequence() string {
	switch {
	case p.revokes() && len(p.Keys) == 1:
		return "Requests with this key fail at once, and so do signed search keys made with it. Revoking cannot be undone."
	case p.revokes():
		return "Requests with these keys fail at once, and so do signed search keys made with them. Revoking cannot be undone."
	case p.Act == ActExpiry:
		return "Requests fail once a key has expired. Nothing else about these keys changes."
	}
	return "Untick what should stay as it is. The next page asks before anything changes."
}

// busy warns of keys that are in use.
func (p KeyBulkPage) busy() string {
	var n int64
	for _, k := range p.Keys {
		if k.Recent {
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case n == 1:
		return "1 of these keys was used in the last 24 hours."
	}
	return Number(n) + " of these keys were used in the last 24 hours."
}

// wakes warns of keys that a later end brings back to life.
func (p KeyBulkPage) wakes() string {
	var n int64
	for _, k := range p.Keys {
		if k.Status == StatusExpired {
			n++
		}
	}
	switch {
	case n == 0 || p.Act != ActExpiry:
		return ""
	case n == 1:
		return "1 of these keys has expired. It works again once its expiry lies ahead."
	}
	return Number(n) + " of these keys have expired. They work again once their expiry lies ahead."
}

// left says which keys of the selection are not on the page.
func (p KeyBulkPage) left() string {
	var parts []string
	if p.Revoked == 1 {
		parts = append(parts, "1 key is revoked already and was left out.")
	} else if p.Revoked > 1 {
		parts = append(parts, Number(p.Revoked)+" keys are revoked already and were left out.")
	}
	if p.Missing == 1 {
		parts = append(parts, "1 key does not exist any more.")
	} else if p.Missing > 1 {
		parts = append(parts, Number(p.Missing)+" keys do not exist any more.")
	}
	if p.More > 0 {
		parts = append(parts, "These are the first "+Number(int64(len(p.Keys)))+". "+Number(p.More)+" more match: do these first, then come back for the rest.")
	}
	return strings.Join(parts, " ")
}

func (p KeyBulkPage) verb() string {
	if p.revokes() {
		return p.heading()
	}
	return "Set expiry"
}

// keep is the safe answer.
func (p KeyBulkPage) keep() string {
	switch {
	case p.revokes() && len(p.Keys) == 1:
		return "Keep key"
	case p.revokes():
		return "Keep all keys"
	}
	return "Cancel"
}

// heading is what was done.
func (p KeyBulkResultPage) heading() string {
	done, failed := int64(len(p.Done)), int64(len(p.Failed))
	text := Count(done, "key", "keys") + " revoked"
	if p.Act == ActExpiry {
		text = "Expiry of " + Count(done, "key", "keys") + " set"
	}
	if failed > 0 {
		text += ", " + Number(failed) + " failed"
	}
	return text
}

// text says what holds from now on.
func (p KeyBulkResultPage) text() string {
	switch {
	case len(p.Done) == 0:
		return "Nothing was changed."
	case p.Act == ActRevoke:
		return "Every request with the revoked keys fails from now on."
	case p.Until.Text == "":
		return "They never expire now."
	}
	return "They expire on " + p.Until.Text + "."
}

// Expiring warns of keys that end soon, before requests fail. It is nil where there are none.
func (p CredentialsPage) Expiring() *Notice {
	n := p.Stats.Expiring
	if n == 0 {
		return nil
	}
	warning := Notice{
		Kind: NoticeWarn, Strong: "1 key expires within 14 days.", Text: "Requests with it fail after that.",
		Link: &Link{Text: "Review", Href: p.address(KeyFilter{Status: StatusExpiring, Sort: "expires"}, "")},
	}
	if n > 1 {
		warning.Strong, warning.Text = Number(n)+" keys expire within 14 days.", "Requests with them fail after that."
	}
	return &warning
}

// NotDone is what became of a key where nothing more can be said.
const NotDone = "It could not be done."

// BulkResult is what became of one of several keys.
func BulkResult(act string, already bool) string {
	switch {
	case act == ActRevoke && already:
		return "Was revoked already"
	case act == ActRevoke:
		return "Revoked"
	case already:
		return "Had this expiry already"
	}
	return "Expiry set"
}
