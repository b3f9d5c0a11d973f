package console

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/views"
	"latchkey/web"
)

// pageSize is how many keys stand on one page; maxQuery is how long a text to search for may be.
const (
	pageSize = 50
	maxQuery = 100
)

// What the filter of the list can say. Anything else counts as not said.
var (
	statuses = []string{views.StatusActive, views.StatusExpiring, views.StatusLegacy, views.StatusUnused, views.StatusNeverUsed, views.StatusExpired, views.StatusRevoked}
	sorts    = []string{"name", "type", "access", "engines", "last_used", "expires", "created", "status"}
)

// readFilter takes a filter from an address or a form. A text that may be a secret is not taken: it would be written
// back.
func readFilter(form url.Values) views.KeyFilter {
	f := views.KeyFilter{
		Query: strings.TrimSpace(form.Get("q")), Type: form.Get("type"), Engine: form.Get("engine"), Status: form.Get("status"),
		Access: form.Get("access"), Creator: form.Get("creator"), Inactive: form.Get("inactive") == "1",
		Sort: form.Get("sort"), Dir: form.Get("dir"),
	}
	if sort, dir, both := strings.Cut(f.Sort, ":"); both {
		f.Sort, f.Dir = sort, dir // as the list of the orders says it: a direction belongs to the order it was chosen with
	}
	keep := func(s *string, ok bool) {
		if !ok {
			*s = ""
		}
	}
	harmless := func(s string) bool {
		return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxQuery && !likeKey.MatchString(s)
	}
	keep(&f.Query, harmless(f.Query))
	keep(&f.Creator, harmless(f.Creator))
	keep(&f.Type, secret.Type(f.Type).Valid())
	keep(&f.Engine, engine.ValidName(f.Engine))
	keep(&f.Status, slices.Contains(statuses, f.Status))
	keep(&f.Access, permission.Access(f.Access).Valid())
	keep(&f.Sort, slices.Contains(sorts, f.Sort))
	keep(&f.Dir, f.Sort != "" && (f.Dir == "asc" || f.Dir == "desc"))
	return f
}

func (s *console) keys(c echo.Context) error {
	query := c.QueryParams()
	f := readFilter(query)
	page, err := s.dashboard(c, f, query.Get("cursor"))
	if err != nil {
		return err
	}
	if page.Notice == nil && f.Status != views.StatusExpiring {
		page.Notice = page.Expiring()
	}
	return web.Render(c, http.StatusOK, views.Credentials(page))
}

// searchKeys turns the form of the filter into an address. Whoever pastes a secret is brought to its key instead, and who
// pastes a signed search key to the key that signed it. What was pasted goes no further than the look-up.
func (s *console) searchKeys(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, text := visitorOf(c), strings.TrimSpace(form.Get("q"))
	org, project := v.organization.Slug, v.project.Slug
	suspect := likeKey.FindString(text)
	for _, candidate := range []string{text, suspect} {
		id := s.Credentials.Check(candidate).KeyID
		if credential.IsSigned(candidate) {
			id = s.Credentials.CheckSigned(candidate, v.project.ID).KeyID
		}
		if id == "" {
			continue
		}
		k, err := s.Credentials.Get(c.Request().Context(), v.Who, v.project.Target(), id)
		switch {
		case err == nil:
			return web.Redirect(c, views.KeyURL(org, project, k.ID))
		case !fault.Is(err, fault.NotFound):
			return err
		}
		suspect = candidate // of another project: as unknown here as any other
	}
	if suspect != "" {
		return web.Redirect(c, done(views.KeysURL(org, project), "unknown-key"))
	}
	return web.Redirect(c, views.FilteredKeysURL(org, project, readFilter(form)))
}

// dashboard is the list of keys with what stands above it.
func (s *console) dashboard(c echo.Context, f views.KeyFilter, cursor string) (views.CredentialsPage, error) {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return views.CredentialsPage{}, err
	}
	filter := listed(f)
	filter.Cursor, filter.Limit = cursor, pageSize
	list, err := s.Credentials.List(ctx, v.Who, v.project.Target(), filter)
	if err != nil {
		return views.CredentialsPage{}, err
	}
	page := views.CredentialsPage{
		Page: p, Filter: f, Matching: int64(list.Total), Inactive: int64(list.Overview.Inactive()), From: int64(list.Index),
		Newer: list.Newer, Older: list.Older,
	}
	if page.Stats, err = s.stats(c, v, list.Overview); err != nil {
		return views.CredentialsPage{}, err
	}
	if page.Keys, err = s.keyRows(c, v, list.Keys); err != nil {
		return views.CredentialsPage{}, err
	}
	if page.Creators, err = s.creators(c, v); err != nil {
		return views.CredentialsPage{}, err
	}
	page.Engines, err = s.engineNames(c, v)
	return page, err
}

// backdrop gives the page of a dialog and the dashboard that lies under it, which has no notice of its own.
func (s *console) backdrop(c echo.Context) (views.Page, *views.CredentialsPage, error) {
	behind, err := s.dashboard(c, views.KeyFilter{}, "")
	p := behind.Page
	behind.Notice = nil
	return p, &behind, err
}

// listed words a filter as the store has it. Times are sorted latest first unless asked otherwise.
func listed(f views.KeyFilter) credential.Filter {
	return credential.Filter{
		Text: f.Query, Type: secret.Type(f.Type), Access: permission.Access(f.Access), Engine: f.Engine, Status: f.Status, Creator: f.Creator,
		Inactive: f.Inactive, Sort: f.Sort, Desc: f.Dir == "desc" || f.Dir == "" && (f.Sort == "last_used" || f.Sort == "created"),
	}
}

// creators lists who made keys of the project, to filter by.
func (s *console) creators(c echo.Context, v *visitor) ([]views.Creator, error) {
	labels, err := s.Credentials.Creators(c.Request().Context(), v.Who, v.project.Target())
	list := make([]views.Creator, len(labels))
	for i, label := range labels {
		list[i] = views.Creator{Value: label, Name: person(label)}
	}
	return list, err
}

// engineNames lists the engines to filter by, for those who may see them.
func (s *console) engineNames(c echo.Context, v *visitor) ([]string, error) {
	if !v.may(permission.IndicesRead) {
		return nil, nil
	}
	list, err := s.Engines.List(c.Request().Context(), v.Who, v.project.Target())
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name
	}
	return names, err
}

func (s *console) stats(c echo.Context, v *visitor, o credential.Overview) (views.KeyStats, error) {
	used, err := s.Usage.OfProject(c.Request().Context(), v.project.ID)
	stats := views.KeyStats{
		Active: int64(o.Active), Total: int64(o.Total + o.Revoked), Attention: int64(o.Expiring + o.Unused),
		Expiring: int64(o.Expiring), Unused: int64(o.Unused), Requests: used.Month.Accepted, RequestsPerDay: accepted(used.Days),
		Rejected: used.Month.Rejected, Dead: used.Dead(),
	}
	stats.Trend, stats.Compared = usage.Trend(used.Month.Accepted, used.Before.Accepted)
	return stats, err
}

func accepted(days []usage.Day) []int {
	list := make([]int, len(days))
	for i, d := range days {
		list[i] = int(d.Accepted)
	}
	return list
}

func (s *console) keyRows(c echo.Context, v *visitor, keys []credential.Key) ([]views.KeyRow, error) {
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	days, err := s.Usage.DaysOf(c.Request().Context(), ids)
	rows, now := make([]views.KeyRow, len(keys)), s.Now()
	for i, k := range keys {
		access, note := accessOf(k)
		alive := k.RevokedAt.IsZero()
		rows[i] = views.KeyRow{
			ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: string(k.Type), Access: access, AccessNote: note,
			AllEngines: k.Scope.All, Engines: k.Scope.Engines, LastUsed: views.Ago(k.Use.At, now), PerDay: days[k.ID],
			Requests: requests(days[k.ID]), Expires: views.Day(k.ExpiresAt, now), Status: statusOf(k, now), Also: alsoOf(k, now),
			CanEdit: alive && v.may(permission.APIKeysModify), CanRevoke: alive && v.may(permission.APIKeysModify),
			CanSign: k.CanSign(now),
		}
	}
	return rows, err
}

func requests(days []int) string {
	sum := 0
	for _, n := range days {
		sum += n
	}
	if sum == 0 {
		return ""
	}
	return views.Count(int64(sum), "request", "requests") + " in 30 days"
}

// accessOf is the access of a key as the pages know it, with how much of it where it was picked by hand.
func accessOf(k credential.Key) (access, note string) {
	if k.Access == permission.AccessCustom {
		note = strconv.Itoa(k.Custom.Len()) + " of " + strconv.Itoa(permission.Keys.Len())
	}
	return cmp.Or(string(k.Access), string(k.Type)), note
}

// statusOf is the state of a key as the pages know it: of all there is to say, what counts most.
func statusOf(k credential.Key, now time.Time) string { return string(k.Facts(now)[0]) }

// alsoOf is what else there is to say about the state of a key.
func alsoOf(k credential.Key, now time.Time) []string {
	var list []string
	for _, fact := range k.Facts(now)[1:] {
		list = append(list, string(fact))
	}
	return list
}
