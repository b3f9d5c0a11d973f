package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

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
	used, err := s.Usage.OfKey(ctx, k.ID)
	if err != nil {
		return err
	}
	p, behind, err := s.backdrop(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.KeyRevoke(views.KeyRevokePage{
		Page: p, Behind: behind, ID: k.ID, Name: k.Name, Description: k.Description, Type: string(k.Type), Visible: k.Visible,
		AllEngines: k.Scope.All, Engines: k.Scope.Engines,
		Hour: used.Hour.Accepted, DayCount: used.Day.Accepted, Month: used.Month.Accepted,
		LastUsed: s.lastUse(k), Created: views.Day(k.CreatedAt, s.Now()), CreatedBy: person(k.CreatedBy),
	}))
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
