package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/views"
	"latchkey/web"
)

// key is the page of a key.
func (s *console) key(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	page := s.facts(v, k)
	page.Page = p
	if page.Secret, err = s.publicSecret(ctx, v, k); err != nil {
		return err
	}
	used, err := s.Usage.OfKey(ctx, k.ID)
	if err != nil {
		return err
	}
	page.Usage = usageOf(used)
	if page.Revoked, err = s.receipt(ctx, k); err != nil {
		return err
	}
	if page.History, err = s.history(ctx, v, k); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.KeyDetails(page))
}

// facts is what the key itself says.
func (s *console) facts(v *visitor, k credential.Key) views.KeyDetailsPage {
	now, alive := s.Now(), k.RevokedAt.IsZero()
	access, note := accessOf(k)
	page := views.KeyDetailsPage{
		ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: string(k.Type), Status: statusOf(k, now),
		Access: access, AccessNote: note, AllEngines: k.Scope.All, Engines: k.Scope.Engines, Expires: views.Day(k.ExpiresAt, now),
		Created: views.Day(k.CreatedAt, now), CreatedBy: person(k.CreatedBy), LastUsed: s.lastUse(k),
		CanEdit: alive && v.may(permission.APIKeysModify), CanRevoke: alive && v.may(permission.APIKeysModify),
	}
	page.May = mayOf(k.Permissions())
	return page
}

// mayOf is what a set of permissions allows, one line for each resource.
func mayOf(held permission.Set) []views.May {
	var list []views.May
	for _, p := range held.List() {
		name := resourceName(p.Resource())
		if len(list) == 0 || list[len(list)-1].Name != name {
			list = append(list, views.May{Name: name})
		}
		if m := &list[len(list)-1]; p.Modifies() {
			m.Modify = true
		} else {
			m.Read = true
		}
	}
	return list
}

// person is who did something, as a page says it after "by": e-mail addresses and names of keys stay as they are.
func person(label string) string {
	switch label {
	case setupLabel, audit.CommandLine().Label:
		return "the " + label
	}
	return label
}

func (s *console) lastUse(k credential.Key) views.LastUse {
	return views.LastUse{When: views.Moment(k.Use.At, s.Now()), Address: k.Use.Address, Agent: k.Use.UserAgent}
}

// publicSecret gives the secret of a search key. No other secret is ever read for this page.
func (s *console) publicSecret(ctx context.Context, v *visitor, k credential.Key) (string, error) {
	if k.Type != secret.Search || !k.RevokedAt.IsZero() {
		return "", nil
	}
	text, err := s.Credentials.Secret(ctx, v.Who, v.project.Target(), k.ID)
	if fault.Is(err, fault.NotFound) {
		return "", nil // revoked at this moment
	}
	return text.Reveal(), err
}

func usageOf(sum usage.Summary) views.Usage {
	u := views.Usage{Accepted: sum.Month.Accepted, Rejected: sum.Month.Rejected}
	for _, d := range sum.Days {
		u.Days = append(u.Days, views.UsageDay{Label: views.ShortDate(d.Date), Accepted: d.Accepted, Rejected: d.Rejected})
	}
	return u
}

// receipt tells what became of a revocation, or nil.
func (s *console) receipt(ctx context.Context, k credential.Key) (*views.Revocation, error) {
	if k.RevokedAt.IsZero() {
		return nil, nil
	}
	known, err := s.Usage.KnownOf(ctx, k.ID)
	refused := known.Rejected(usage.KeyRevoked)
	return &views.Revocation{
		At: views.Moment(k.RevokedAt, s.Now()), By: person(k.RevokedBy), SignedTokens: k.Type != secret.Admin,
		Refused: refused.Count, LastRefused: views.Moment(refused.At, s.Now()), LastFrom: refused.Address,
	}, err
}

// events are the actions on a key that its history knows.
var events = map[audit.Action]struct{ event, text string }{
	audit.KeyCreate: {"create", "Created"},
	audit.KeyUpdate: {"update", "Changed"},
	audit.KeyRevoke: {"revoke", "Revoked"},
	audit.KeyReveal: {"reveal", "Secret read"},
}

// history tells what was done to a key. Who may not read the audit log learns what stands in the key itself.
func (s *console) history(ctx context.Context, v *visitor, k credential.Key) ([]views.HistoryEvent, error) {
	if !v.may(permission.AuditRead) {
		return s.shortHistory(k), nil
	}
	records, err := s.Audit.OfSubject(ctx, k.ID)
	var list []views.HistoryEvent
	for _, r := range records {
		known, ok := events[r.Action]
		if !ok {
			continue
		}
		e := views.HistoryEvent{Event: known.event, Text: known.text, By: person(r.ActorLabel), Address: r.Address, At: views.Moment(r.At, s.Now())}
		if r.Action == audit.KeyUpdate {
			for _, change := range r.Changes {
				e.Changes = append(e.Changes, views.Change{
					Field: resourceName(change.Field), From: changed(change.Field, change.From), To: changed(change.Field, change.To),
				})
			}
		}
		list = append(list, e)
	}
	return list, err
}

// changed is one side of a change in words: the history has moments and choices as programs write them.
func changed(field, value string) string {
	switch field {
	case "expires":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return views.DateTime(at)
		}
	case "access":
		return views.AccessLabel(value)
	}
	switch {
	case field == "permissions" && value == "":
		return "as the access says"
	case field == "permissions":
		set, _, _ := permission.Parse(strings.Split(value, ", "))
		var list []string
		for _, m := range mayOf(set) {
			list = append(list, m.String())
		}
		return strings.Join(list, "; ")
	case value == "never", value == "all":
		return resourceName(value)
	}
	return value
}

func (s *console) shortHistory(k credential.Key) []views.HistoryEvent {
	list := []views.HistoryEvent{{Event: "create", Text: "Created", By: person(k.CreatedBy), At: views.Moment(k.CreatedAt, s.Now())}}
	if !k.RevokedAt.IsZero() {
		list = append([]views.HistoryEvent{{Event: "revoke", Text: "Revoked", By: person(k.RevokedBy), At: views.Moment(k.RevokedAt, s.Now())}}, list...)
	}
	return list
}
