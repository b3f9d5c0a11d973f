package console

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

// reveal shows a new secret to the session that made it, until it is stored or its time is over.
func (s *console) reveal(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	made, err := s.Rows.Peek(ctx, v.token, k.ID)
	if errors.Is(err, session.ErrGone) {
		return s.gone(c, k)
	}
	if err != nil {
		return err
	}
	p, behind, err := s.backdrop(c)
	if err != nil {
		return err
	}
	try, err := s.tryWith(c, v, k)
	if err != nil {
		return err
	}
	access, note := accessOf(k)
	over := k.CreatedAt.Add(session.StashLife)
	// When its time is over it leaves the screen too: the browser asks again by itself, with or without scripts.
	c.Response().Header().Set("Refresh", strconv.Itoa(int(over.Sub(s.Now()).Seconds())+1))
	return web.RenderSecret(c, http.StatusOK, views.KeyReveal(views.KeyRevealPage{
		Page: p, Behind: behind, ID: k.ID, Name: k.Name, Description: k.Description, Type: string(k.Type), Secret: made.Reveal(),
		Access: access, AccessNote: note, AllEngines: k.Scope.All, Engines: k.Scope.Engines, Expires: views.Day(k.ExpiresAt, s.Now()),
		Until: views.Moment(over, s.Now()), Try: try,
	}))
}

// gone says that the secret cannot be seen. Why is told only where it is sure: what is kept does not tell a secret that
// was stored from one that another browser made.
func (s *console) gone(c echo.Context, k credential.Key) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusGone, views.KeyRevealGone(views.KeyRevealGonePage{
		Page: p, ID: k.ID, Name: k.Name, Description: k.Description, Type: string(k.Type), Visible: k.Visible,
		Late: !s.Now().Before(k.CreatedAt.Add(session.StashLife)),
	}))
}

// revealDone destroys the secret that waits for this session, and has the browser drop the page that showed it: going
// back must not bring it up again.
func (s *console) revealDone(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	if err := s.Rows.Forget(ctx, v.token, k.ID); err != nil {
		return err
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return web.Redirect(c, done(s.keyURL(v, k.ID), "stored"))
}
