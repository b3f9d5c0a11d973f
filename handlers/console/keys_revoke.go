package console

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/views"
	"latchkey/web"
)

// askRevoke shows what revoking a key would stop.
func (s *console) askRevoke(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	if !k.RevokedAt.IsZero() {
		return web.Redirect(c, s.keyURL(v, k.ID))
	}
	p, behind, err := s.backdrop(c)
	if err != nil {
		return err
	}
	page := views.KeyRevokePage{
		Page: p, Behind: behind, ID: k.ID, Name: k.Name, Description: k.Description, Type: string(k.Type), Visible: k.Visible,
		AllEngines: k.Scope.All, Engines: k.Scope.Engines, Created: views.Day(k.CreatedAt, s.Now()), CreatedBy: person(k.CreatedBy),
	}
	if err := s.blast(ctx, v, k, &page); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.KeyRevoke(page))
}

// maxCovering is how many keys the page names that could take over.
const maxCovering = 3

// blast fills in what revoking a key will break.
func (s *console) blast(ctx context.Context, v *visitor, k credential.Key, page *views.KeyRevokePage) error {
	known, err := s.Usage.KnownOf(ctx, k.ID)
	if err != nil {
		return err
	}
	used, err := s.Usage.OfKey(ctx, k.ID)
	if err != nil {
		return err
	}
	covering, err := s.Credentials.Covering(ctx, v.Who, v.project.Target(), k.ID, maxCovering)
	if err != nil {
		return err
	}
	now := s.Now()
	page.Hour, page.DayCount, page.Month = used.Hour.Accepted, used.Day.Accepted, used.Month.Accepted
	page.LastUsed, page.Signed = lastUse(known.Last, now), signedOf(known, now)
	page.Addresses, page.Agents, page.Endpoints = users(known.Addresses, now), users(known.Agents, now), users(known.Endpoints, now)
	page.CoveringAll = int64(covering.Total)
	for _, other := range covering.Keys {
		page.Covering = append(page.Covering, views.Link{Text: calledOf(other), Href: s.keyURL(v, other.ID)})
	}
	return nil
}

// revoke ends a key. Doing it twice is fine: the key is as dead as before.
func (s *console) revoke(c echo.Context) error {
	v := visitorOf(c)
	k, err := s.Credentials.Revoke(c.Request().Context(), v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	return web.Redirect(c, done(s.keyURL(v, k.ID), "revoked"))
}
