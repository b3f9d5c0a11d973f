package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// place is what the page is about: the project in focus, or else the organization.
func (v *visitor) place() permission.Target {
	if v.project.ID != "" {
		return v.project.Target()
	}
	return permission.Target{Organization: v.organization.ID}
}

// auditLog is the history of a project or of an organization.
func (s *console) auditLog(c echo.Context) error {
	v, ctx, query := visitorOf(c), c.Request().Context(), c.QueryParams()
	nav := views.NavOrgAudit
	if v.project.ID != "" {
		nav = views.NavAudit
	}
	p, err := s.page(c, v, nav)
	if err != nil {
		return err
	}
	page := views.AuditPage{Page: p, Filter: readAuditFilter(query), Today: s.Now().Format(time.DateOnly)}
	list, err := s.Audit.List(ctx, v.Who, v.place(), s.auditFilter(page.Filter), auditCursor(query))
	if err != nil {
		return err
	}
	page.Newer, page.Older, page.Reached = list.Newer.String(), list.Older.String(), exactly(list.Reached)
	if page.Days, err = s.auditDays(ctx, v, list.Records); err != nil {
		return err
	}
	if err := s.auditAround(ctx, v, &page); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.Audit(page))
}

// auditAround fills in what there is to choose from, and the head of the chain.
func (s *console) auditAround(ctx context.Context, v *visitor, page *views.AuditPage) error {
	choices, err := s.Audit.Choices(ctx, v.Who, v.place())
	if err != nil {
		return err
	}
	for _, a := range choices.Actors {
		page.Actors = append(page.Actors, views.AuditActor{ID: a.ID, Name: actorName(a.Label)})
	}
	slices.SortFunc(page.Actors, func(a, b views.AuditActor) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range choices.Actions {
		page.Actions = append(page.Actions, string(a))
	}
	head, err := s.Audit.Head(ctx, v.Who, v.place())
	page.Events, page.Head = head.Events, head.Hash
	return err
}

// actorName is who did something at the beginning of a sentence.
func actorName(label string) string {
	name := person(label)
	if rest, ok := strings.CutPrefix(name, "the "); ok && name != label {
		return "The " + rest
	}
	return name
}

var (
	auditAction = regexp.MustCompile(`^[a-z_]{1,30}\.([a-z_]{1,30}|\*)$`)
	auditSpans  = []int{1, 7, 30, 90}
)

// readAuditFilter takes a filter from an address or a form. What cannot be meant, or may be a secret, counts as not said.
func readAuditFilter(form url.Values) views.AuditFilter {
	text := func(name string) string {
		value := strings.TrimSpace(form.Get(name))
		if !utf8.ValidString(value) || utf8.RuneCountInString(value) > maxQuery || likeKey.MatchString(value) || strings.ContainsRune(value, 0) {
			return ""
		}
		return value
	}
	day := func(name string) string {
		if _, err := time.Parse(time.DateOnly, form.Get(name)); err != nil {
			return ""
		}
		return form.Get(name)
	}
	f := views.AuditFilter{Actor: text("actor"), Action: cmp.Or(text("did"), text("action")), Object: text("object"), From: day("from"), To: day("to")}
	if !auditAction.MatchString(f.Action) {
		f.Action = ""
	}
	if last, err := strconv.Atoi(form.Get("last")); err == nil && slices.Contains(auditSpans, last) && f.From == "" && f.To == "" {
		f.Last = last
	}
	return f
}

// auditFilter is a filter as the history understands it. Days begin at midnight UTC, and the last one counts whole.
func (s *console) auditFilter(f views.AuditFilter) audit.Filter {
	const day = 24 * time.Hour
	out := audit.Filter{Actor: f.Actor, Action: f.Action, Object: f.Object}
	out.From, _ = time.Parse(time.DateOnly, f.From) // it was read before; nothing gives the zero time
	if until, err := time.Parse(time.DateOnly, f.To); err == nil {
		out.Until = until.Add(day)
	}
	if f.Last > 0 {
		out.From = s.Now().UTC().Truncate(day).AddDate(0, 0, 1-f.Last)
	}
	return out
}

func auditCursor(query url.Values) audit.Page {
	if after := audit.ParseCursor(query.Get("after")); after != (audit.Cursor{}) {
		return audit.Page{Cursor: after, Newer: true}
	}
	return audit.Page{Cursor: audit.ParseCursor(query.Get("before"))}
}

// filterAudit turns the form of the filter into an address. Whoever pastes a secret finds what was done to its key, and
// the secret goes no further than the look-up.
func (s *console) filterAudit(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, text := visitorOf(c), strings.TrimSpace(form.Get("object"))
	suspect := likeKey.FindString(text)
	for _, candidate := range []string{text, suspect} {
		id := s.Credentials.Check(candidate).KeyID
		if id == "" {
			continue
		}
		suspect = candidate
		found, err := s.keyIsHere(c.Request().Context(), v, id)
		if err != nil {
			return err
		}
		if found {
			form.Set("object", id)
			return web.Redirect(c, views.FilteredAuditURL(v.organization.Slug, v.project.Slug, readAuditFilter(form)))
		}
	}
	if suspect != "" {
		return web.Redirect(c, done(views.FilteredAuditURL(v.organization.Slug, v.project.Slug, views.AuditFilter{}), "unknown-secret"))
	}
	return web.Redirect(c, views.FilteredAuditURL(v.organization.Slug, v.project.Slug, readAuditFilter(form)))
}

// keyIsHere reports whether a key belongs to the place that the page is about. One of anywhere else is unknown here.
func (s *console) keyIsHere(ctx context.Context, v *visitor, id string) (bool, error) {
	projects := []account.Project{v.project}
	if v.project.ID == "" {
		var err error
		if projects, err = s.Accounts.Projects(ctx, v.Who, v.organization.ID); err != nil {
			return false, err
		}
	}
	for _, p := range projects {
		switch _, err := s.Credentials.Get(ctx, v.Who, p.Target(), id); {
		case err == nil:
			return true, nil
		case !fault.Is(err, fault.NotFound):
			return false, err
		}
	}
	return false, nil
}
