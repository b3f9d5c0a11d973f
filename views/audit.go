package views

import (
	"strconv"

	"latchkey/views/ui"
)

// AuditPage is the audit log of Page.Project, or without one of Page.Organization with all of its projects. Its filter is
// posted to its own address and comes back in it.
type AuditPage struct {
	Page
	Filter  AuditFilter
	Actors  []AuditActor // who did something here
	Actions []string     // what was done here
	Days    []AuditDay
	Newer   string // cursor of the page before this one, or ""
	Older   string // cursor of the page after it, or ""
	Reached When   // how far back was looked where the search ended before the page was full; zero elsewhere
	Events  int64  // of the whole instance
	Head    string // the last link of the chain
	Today   string // "2026-11-21"
}

// AuditFilter is what a list of events is narrowed to.
type AuditFilter struct {
	Actor    string // id, or a label
	Action   string // "key.revoke", or "key.*"
	Object   string // id, or a part of a label
	From, To string // days, "2026-11-21"
	Last     int    // days up to today, where no days are given; 0: all
}

// AuditActor is somebody who did something.
type AuditActor struct{ ID, Name string }

// AuditDay is the events of one day.
type AuditDay struct {
	Label  string // "Today", or ""
	Date   string // "21 Nov 2026"
	Events []AuditEvent
}

// AuditEvent is one event.
type AuditEvent struct {
	Seq       int64
	Action    string
	Actor     string
	ActorKind string // "user", "token", "key", "signed" or "system"
	Object    string // how people know what it was done to
	ObjectID  string
	ObjectURL string // its page, where it still exists; made by a function of urls.go
	Place     string // the project, where the log is about more than one
	PlaceURL  string
	Changes   []Change // as the history has them
	Address   string
	RequestID string
	Hash      string
	At        When // Text is the time of day
}

// query is the filter as an address carries it.
func (f AuditFilter) query(more ...string) string {
	last := ""
	if f.Last > 0 {
		last = strconv.Itoa(f.Last)
	}
	return with("", append([]string{"actor", f.Actor, "action", f.Action, "object", f.Object, "from", f.From, "to", f.To, "last", last}, more...)...)
}

// FilteredAuditURL is the audit log of a project with a filter; without a project it is the organization's.
func FilteredAuditURL(org, project string, f AuditFilter) string {
	if project == "" {
		return OrganizationAuditURL(org) + f.query()
	}
	return AuditURL(org, project) + f.query()
}

// restricted reports whether the filter leaves anything out.
func (f AuditFilter) restricted() bool { return f != AuditFilter{} }

func (p AuditPage) home() string {
	if p.Project != nil {
		return p.auditURL()
	}
	return p.organizationAuditURL()
}

func (p AuditPage) exportURL() string { return p.home() + "/export" }

func (p AuditPage) newerURL() string { return p.home() + p.Filter.query("after", p.Newer) }

func (p AuditPage) olderURL() string { return p.home() + p.Filter.query("before", p.Older) }

// preset is one of the spans of time that are offered as links.
type preset struct {
	label, href string
	chosen      bool
}

func (p AuditPage) presets() []preset {
	var list []preset
	for _, c := range []struct {
		days  int
		label string
	}{{0, "Any time"}, {1, "Today"}, {7, "7 days"}, {30, "30 days"}, {90, "90 days"}} {
		f := p.Filter
		f.From, f.To, f.Last = "", "", c.days
		list = append(list, preset{c.label, p.home() + f.query(), p.Filter == f})
	}
	return list
}

// onlyURL is the log of what was done to one object.
func (p AuditPage) onlyURL(object string) string {
	return p.home() + AuditFilter{Object: object}.query()
}

// actorChoices are those to filter by. One that the filter names stays in the list where it did nothing here.
func (p AuditPage) actorChoices() []choice {
	list := []choice{{"", "Anyone"}}
	found := p.Filter.Actor == ""
	for _, a := range p.Actors {
		list = append(list, choice{a.ID, a.Name})
		found = found || a.ID == p.Filter.Actor
	}
	if !found {
		list = append(list, choice{p.Filter.Actor, p.Filter.Actor})
	}
	return list
}

func (e AuditEvent) deed() deed { return deedOf(e.Action) }

// sentence is the event as one line, where no element can keep names apart.
func (e AuditEvent) sentence() string {
	text := isolate(e.Actor) + " " + e.deed().verb
	if e.deed().object && e.Object != "" {
		text += " " + isolate(e.Object)
	}
	return text
}

// by says what kind of somebody it was, where that is not a person at a browser.
func (e AuditEvent) by() string {
	switch e.ActorKind {
	case "token":
		return "with a login token"
	case "key":
		return "an API key"
	case "signed":
		return "a signed search key"
	case "system":
		return "on the machine itself"
	}
	return ""
}

// differences are the changes in words.
func (e AuditEvent) differences() []Change {
	list := make([]Change, len(e.Changes))
	for i, c := range e.Changes {
		list[i] = changeOf(c)
	}
	return list
}

// icon shows what kind of event it is.
func (e AuditEvent) icon() ui.Shape { return e.deed().icon }
