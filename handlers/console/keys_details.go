package console

import (
	"context"
	"net/http"
	"slices"
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
	known, err := s.Usage.KnownOf(ctx, k.ID)
	if err != nil {
		return err
	}
	series, err := s.Usage.SeriesOfKey(ctx, k.ID, usage.ParseRange(c.QueryParam("range")))
	if err != nil {
		return err
	}
	now := s.Now()
	page.LastUsed, page.Usage, page.Seen, page.Signed = lastUse(known.Last, now), usageOf(series), seenOf(known, now), signedOf(known, now)
	page.Revoked = ending(k, known, now)
	if page.History, err = s.history(ctx, v, k, known); err != nil {
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
		Legacy: k.Legacy && alive, Created: views.Day(k.CreatedAt, now), CreatedBy: person(k.CreatedBy),
		CanEdit: alive && v.may(permission.APIKeysModify), CanRevoke: alive && v.may(permission.APIKeysModify),
		CanSign: k.CanSign(now),
	}
	page.May = mayOf(k.Permissions())
	if status := k.Status(now); status == credential.Active || status == credential.ExpiringSoon {
		page.Summary = views.KeySummary(planOf(k, now))
	}
	return page
}

// mayOf is what a set of permissions allows, one line for each resource.
func mayOf(held permission.Set) []views.May {
	var list []views.May
	for _, p := range held.List() {
		name := views.ResourceName(p.Resource())
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

func lastUse(u usage.Use, now time.Time) views.LastUse {
	return views.LastUse{When: views.Moment(u.At, now), Address: u.Address, Agent: u.Agent, Endpoint: u.Endpoint}
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

// events are the actions on a key that its history knows.
var events = map[audit.Action]string{audit.KeyCreate: "create", audit.KeyUpdate: "update", audit.KeyRevoke: "revoke", audit.KeyReveal: "reveal", audit.KeyImport: "import", audit.KeySign: "sign"}

// history tells what was done to a key and what became of it. Who may not read the audit log learns of the first what
// stands in the key itself.
func (s *console) history(ctx context.Context, v *visitor, k credential.Key, known usage.Known) ([]views.HistoryEvent, error) {
	now := s.Now()
	all := happenings(k, known, now)
	if v.may(permission.AuditRead) {
		records, err := s.Audit.OfSubject(ctx, k.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if event, ok := events[r.Action]; ok {
				all = append(all, recorded(r, event, now))
			}
		}
	} else {
		all = append(all, shortHistory(k, now)...)
	}
	slices.SortStableFunc(all, func(a, b happening) int { return b.at.Compare(a.at) })
	list := make([]views.HistoryEvent, len(all))
	for i, h := range all {
		list[i] = h.HistoryEvent
	}
	return list, nil
}

// changed is one side of a change in words: the history has moments and choices as programs write them.
func changed(field, value string) string {
	switch field {
	case "expires", "ends":
		if at, err := time.Parse(time.RFC3339, value); err == nil {
			return views.DateTime(at)
		}
	case "access":
		return views.AccessLabel(value)
	}
	switch {
	case field == "permissions" && value == "":
		return views.AsTheAccess
	case field == "permissions":
		set, _, _ := permission.Parse(strings.Split(value, ", "))
		var list []string
		for _, m := range mayOf(set) {
			list = append(list, m.String())
		}
		return strings.Join(list, "; ")
	case value == "never", value == "all":
		return views.ResourceName(value)
	}
	return value
}

// shortHistory is what the key itself says of its history, the latest first.
func shortHistory(k credential.Key, now time.Time) []happening {
	var list []happening
	if !k.RevokedAt.IsZero() {
		list = append(list, happening{k.RevokedAt, views.HistoryEvent{Event: "revoke", By: person(k.RevokedBy), At: views.Moment(k.RevokedAt, now)}})
	}
	return append(list, happening{k.CreatedAt, views.HistoryEvent{Event: "create", By: person(k.CreatedBy), At: views.Moment(k.CreatedAt, now)}})
}
