package console

import (
	"context"
	"strings"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/permission"
	"latchkey/views"
)

// auditDays sorts events into the days on which they happened, with links to what still exists.
func (s *console) auditDays(ctx context.Context, v *visitor, records []audit.Record) ([]views.AuditDay, error) {
	links, err := s.auditLinks(ctx, v)
	if err != nil {
		return nil, err
	}
	var days []views.AuditDay
	for _, r := range records {
		date := views.Date(r.At)
		if len(days) == 0 || days[len(days)-1].Date != date {
			days = append(days, views.AuditDay{Date: date, Label: dayName(r.At, s.Now())})
		}
		e := views.AuditEvent{
			Seq: r.Seq, Action: string(r.Action), Actor: actorName(r.ActorLabel), ActorKind: string(r.ActorKind), Object: r.SubjectLabel,
			ObjectID: r.SubjectID, Address: r.Address, RequestID: r.RequestID, Hash: r.Hash, At: clock(r.At),
		}
		if e.ObjectURL, err = links.of(ctx, r); err != nil {
			return nil, err
		}
		if v.project.ID == "" && r.Project != "" && r.SubjectID != r.Project {
			e.Place, e.PlaceURL = links.project(r)
		}
		for _, change := range r.Changes {
			e.Changes = append(e.Changes, views.Change(change))
		}
		day := &days[len(days)-1]
		day.Events = append(day.Events, e)
	}
	return days, nil
}

// dayName is what people call a day that is close.
func dayName(t, now time.Time) string {
	switch views.Date(t) {
	case views.Date(now):
		return "Today"
	case views.Date(now.AddDate(0, 0, -1)):
		return "Yesterday"
	}
	return ""
}

// clock shows a moment by its time of day, under the heading of its day, with everything about it as its title.
func clock(t time.Time) views.When {
	w := exactly(t)
	w.Text = t.UTC().Format("15:04:05 UTC")
	return w
}

// exactly is a moment to the second for people and to the millisecond for machines.
func exactly(t time.Time) views.When {
	if t.IsZero() {
		return views.When{}
	}
	text := t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
	return views.When{Text: text, Title: text, Machine: t.UTC().Format("2006-01-02T15:04:05.000Z07:00")}
}

// auditLinks knows which of the things in a history still exist and may be looked at.
type auditLinks struct {
	*console
	v        *visitor
	projects map[string]account.Project
	engines  map[string]map[string]string // of each project that was asked for: id to name
}

func (s *console) auditLinks(ctx context.Context, v *visitor) (*auditLinks, error) {
	l := &auditLinks{console: s, v: v, projects: map[string]account.Project{}, engines: map[string]map[string]string{}}
	if v.project.ID != "" {
		l.projects[v.project.ID] = v.project
		return l, nil
	}
	list, err := s.Accounts.Projects(ctx, v.Who, v.organization.ID)
	for _, p := range list {
		l.projects[p.ID] = p
	}
	return l, err
}

// project names the project of an event, where the history is about several.
func (l *auditLinks) project(r audit.Record) (name, address string) {
	if p, ok := l.projects[r.Project]; ok {
		return p.Name, views.KeysURL(l.v.organization.Slug, p.Slug)
	}
	return views.DeletedProject, ""
}

// of is the address of what an event was about, or "" where there is nothing to see any more.
func (l *auditLinks) of(ctx context.Context, r audit.Record) (string, error) {
	org := l.v.organization.Slug
	p, exists := l.projects[r.Project]
	group, _, _ := strings.Cut(string(r.Action), ".")
	switch {
	case group == "member" || group == "invitation":
		if permission.Allows(l.v.Principal, permission.MembersModify, permission.Target{Organization: l.v.organization.ID}) {
			return l.page(views.MembersURL(org)), nil
		}
		return "", nil
	case group == "organization":
		return l.page(views.OrganizationURL(org)), nil
	case !exists:
		return "", nil
	case group == "project":
		return l.page(views.KeysURL(org, p.Slug)), nil
	case group == "key":
		return l.page(views.KeyURL(org, p.Slug, r.SubjectID)), nil // keys are revoked and never gone
	case group == "engine":
		return l.engine(ctx, p, r.SubjectID)
	}
	return "", nil
}

// page gives the address of a page there is.
func (l *auditLinks) page(address string) string {
	if !l.isPage(address) {
		return ""
	}
	return address
}

func (l *auditLinks) engine(ctx context.Context, p account.Project, id string) (string, error) {
	names, ok := l.engines[p.ID]
	if !ok {
		list, err := l.Engines.List(ctx, l.v.Who, p.Target())
		if err != nil {
			return "", err
		}
		names = map[string]string{}
		for _, e := range list {
			names[e.ID] = e.Name
		}
		l.engines[p.ID] = names
	}
	if name := names[id]; name != "" {
		return l.page(views.EngineURL(l.v.organization.Slug, p.Slug, name)), nil
	}
	return "", nil
}
