package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/views"
	"latchkey/web"
)

// bulkBody is how large a form with a thousand ids may be.
const bulkBody = 256 << 10

// pickKeys lists every key that the filter in the address lets through, ticked: the way to select them all that needs
// no JavaScript.
func (s *console) pickKeys(c echo.Context) error {
	v, f := visitorOf(c), readFilter(c.QueryParams())
	filter := listed(f)
	filter.Limit, filter.Live, filter.Inactive = credential.MaxBulk, f.Inactive, false // what is revoked cannot be changed
	list, err := s.Credentials.List(c.Request().Context(), v.Who, v.project.Target(), filter)
	if err != nil {
		return err
	}
	page := views.KeyBulkPage{Back: f, More: int64(list.Total - len(list.Keys))}
	if f.Status == views.StatusRevoked {
		page.Revoked, page.More, list.Keys = int64(list.Total), 0, nil
	}
	return s.showBulk(c, http.StatusOK, page, list.Keys)
}

// bulk takes what was ticked: to another page of the list with it, or on to the question.
func (s *console) bulk(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, f, ids, act := visitorOf(c), readFilter(form), ticked(form), form.Get("act")
	if form.Has("go") {
		return s.turnPage(c, f, form.Get("go"), ids)
	}
	if len(ids) == 0 || act != views.ActRevoke && act != views.ActExpiry {
		return web.Redirect(c, done(views.KeysURL(v.organization.Slug, v.project.Slug), "none-ticked"))
	}
	return s.ask(c, http.StatusOK, views.KeyBulkPage{Act: act, Back: f, Expires: "90"}, ids)
}

// ticked are the ids that a form names, each once.
func ticked(form url.Values) []string {
	var ids []string
	for _, id := range slices.Concat(form["kept"], form["id"]) {
		if !slices.Contains(ids, id) && len(ids) <= credential.MaxBulk {
			ids = append(ids, id)
		}
	}
	return ids
}

// turnPage shows another page of the list and keeps what is ticked.
func (s *console) turnPage(c echo.Context, f views.KeyFilter, cursor string, ids []string) error {
	page, err := s.dashboard(c, f, cursor)
	if err != nil {
		return err
	}
	page.Kept = slices.DeleteFunc(ids, func(id string) bool {
		i := slices.IndexFunc(page.Keys, func(k views.KeyRow) bool { return k.ID == id })
		if i >= 0 {
			page.Keys[i].Ticked = true
		}
		return i >= 0 || uuid.Validate(id) != nil
	})
	return web.Render(c, http.StatusOK, views.Credentials(page))
}

// ask shows the keys that were picked and asks for the answer.
func (s *console) ask(c echo.Context, status int, page views.KeyBulkPage, ids []string) error {
	v := visitorOf(c)
	keys, err := s.Credentials.Pick(c.Request().Context(), v.Who, v.project.Target(), ids)
	if err != nil {
		return err
	}
	page.Missing = int64(len(ids) - len(keys))
	alive := slices.DeleteFunc(slices.Clone(keys), func(k credential.Key) bool { return !k.RevokedAt.IsZero() })
	page.Revoked = int64(len(keys) - len(alive))
	return s.showBulk(c, status, page, alive)
}

func (s *console) showBulk(c echo.Context, status int, page views.KeyBulkPage, keys []credential.Key) error {
	p, err := s.page(c, visitorOf(c), views.NavCredentials)
	if err != nil {
		return err
	}
	page.Page, page.Earliest, page.Ends = p, s.Now().Format(time.DateOnly), ends(s.Now())
	page.Keys, err = s.bulkKeys(c.Request().Context(), keys)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.KeyBulk(page))
}

func (s *console) bulkKeys(ctx context.Context, keys []credential.Key) ([]views.BulkKey, error) {
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	days, err := s.Usage.DaysOf(ctx, ids)
	list, now := make([]views.BulkKey, len(keys)), s.Now()
	for i, k := range keys {
		list[i] = bulkKey(k, now)
		var sum int64
		for _, n := range days[k.ID] {
			sum += int64(n)
		}
		list[i].Requests = views.Short(sum)
		list[i].Recent = !k.Use.At.IsZero() && k.Use.At.After(now.Add(-24*time.Hour))
	}
	return list, err
}

func bulkKey(k credential.Key, now time.Time) views.BulkKey {
	return views.BulkKey{
		ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: string(k.Type), Status: statusOf(k, now),
		LastUsed: views.Ago(k.Use.At, now), Expires: views.Day(k.ExpiresAt, now),
	}
}

// revokeKeys ends the keys that were shown, if their number was typed. For one key the button is enough.
func (s *console) revokeKeys(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, ids, page := visitorOf(c), ticked(form), views.KeyBulkPage{Act: views.ActRevoke, Back: readFilter(form), Count: strings.TrimSpace(form.Get("count"))}
	if len(ids) != 1 && page.Count != strconv.Itoa(len(ids)) || len(ids) == 0 {
		page.Form = views.Form{Errors: map[string]string{"count": views.NotTheNumber}}
		return s.ask(c, http.StatusUnprocessableEntity, page, ids)
	}
	outcomes, err := s.Credentials.RevokeEach(c.Request().Context(), v.Who, v.project.Target(), ids)
	if err != nil {
		return err
	}
	return s.showResult(c, views.KeyBulkResultPage{Act: views.ActRevoke}, outcomes)
}

// expireKeys lets the keys that were shown end at another time.
func (s *console) expireKeys(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	v, ids, form := visitorOf(c), ticked(posted), readKeyForm(posted)
	at := form.expiry(s.Now(), credential.Key{})
	outcomes, err := s.Credentials.ExpireEach(c.Request().Context(), v.Who, v.project.Target(), ids, at)
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			form.explain(messages.Errors)
			page := views.KeyBulkPage{Act: views.ActExpiry, Back: readFilter(posted), Expires: form.expires, ExpiresOn: form.expiresOn, Form: messages}
			return s.ask(c, status, page, ids)
		})
	}
	return s.showResult(c, views.KeyBulkResultPage{Act: views.ActExpiry, Until: views.Moment(at, s.Now())}, outcomes)
}

// showResult names what was done and what was not. It is shown even where doing it took all the time of the request.
func (s *console) showResult(c echo.Context, page views.KeyBulkResultPage, outcomes []credential.Outcome) error {
	c.SetRequest(c.Request().WithContext(context.WithoutCancel(c.Request().Context())))
	p, err := s.page(c, visitorOf(c), views.NavCredentials)
	if err != nil {
		return err
	}
	page.Page = p
	for _, o := range outcomes {
		k := bulkKey(o.Key, s.Now())
		if o.Key.ID == "" {
			k = views.BulkKey{} // what was sent as an id is not repeated
		}
		if o.Err != nil {
			k.Why = reasonOf(o.Err)
			page.Failed = append(page.Failed, k)
			continue
		}
		k.Why = views.BulkResult(page.Act, o.Already)
		page.Done = append(page.Done, k)
	}
	return web.Render(c, http.StatusOK, views.KeyBulkResult(page))
}

// reasonOf is why something was not done, as far as it can be said.
func reasonOf(err error) string {
	f := fault.From(err)
	for _, field := range f.Fields {
		return field
	}
	return cmp.Or(f.Message, views.NotDone)
}
