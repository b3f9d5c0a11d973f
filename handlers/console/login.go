package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

// loginForm asks who is there. Whoever is signed in already is sent on.
func (s *console) loginForm(c echo.Context) error {
	next := s.next(c.QueryParam("next"))
	_, err := s.identify(c)
	switch {
	case err == nil:
		return web.Redirect(c, next)
	case !fault.Is(err, fault.Unauthenticated):
		return err
	}
	waiting, err := s.Accounts.Empty(c.Request().Context())
	switch {
	case err != nil:
		return err
	case waiting:
		return s.waiting(c)
	}
	return web.Render(c, http.StatusOK, views.Login(views.LoginPage{Page: s.bare(c), Next: next}))
}

// login starts a session under a new token. The password goes nowhere but into the check.
func (s *console) login(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	next := s.next(form.Get("next"))
	u, err := s.Accounts.Authenticate(c.Request().Context(), asker(c), form.Get("email"), secret.Secret(form.Get("password")))
	if err != nil {
		return s.notSignedIn(c, err, form.Get("email"), next)
	}
	if _, err := s.Sessions.SignIn(c, u.ID, u.Epoch); err != nil {
		return err
	}
	return web.Redirect(c, next)
}

// notSignedIn shows the form again where the password was wrong, where too many were, and where the machine is busy.
func (s *console) notSignedIn(c echo.Context, err error, email, next string) error {
	f := fault.From(err)
	switch {
	case f.Kind == fault.TooMany, f.Kind == fault.Unavailable && f.Reason == account.ReasonBusy:
		web.SetRetryAfter(c, f)
	case f.Kind != fault.Unauthenticated:
		return err
	}
	page := views.LoginPage{Page: s.bare(c), Email: email, Next: next}
	page.Message = f.Message
	return web.Render(c, web.Status(f.Kind), views.Login(page))
}

// logout ends the session it comes with. Without one there is nothing to end, and the browser gets the same answer.
func (s *console) logout(c echo.Context) error {
	if v, err := s.identify(c); err == nil {
		if err := s.Accounts.NoteLogout(c.Request().Context(), v.Who); err != nil {
			return err
		}
	}
	if err := s.Sessions.SignOut(c); err != nil {
		return err
	}
	if preference(c, placeCookie) != "" {
		s.prefer(c, placeCookie, "")
	}
	return web.Redirect(c, views.LoginURL)
}
