package console

import (
	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/views"
	"latchkey/web"
)

// fail answers every error of the console with a page.
func (s *console) fail(c echo.Context, f *fault.Error) error {
	status := web.Status(f.Kind)
	if f.Kind == fault.Unauthenticated {
		return web.Render(c, status, views.SignInAgain(views.SignInAgainPage{Page: s.bare(c), Next: s.next(here(c.Request()))}))
	}
	p := views.ErrorPage{Page: s.around(c, f), Status: status}
	switch f.Kind {
	case fault.Internal:
		p.RequestID = web.RequestID(c)
	case fault.Misdirected:
		p.Code, p.Text = views.ErrorAddress, f.Message
	case fault.NotFound:
		// Always the usual words: what exactly is missing must not be told.
	case fault.Forbidden:
		if f.Reason == "" {
			p.Missing = s.missingRole(c)
		} else {
			p.Code, p.Text = views.ErrorRefused, f.Message
		}
	default:
		p.Text = f.Message
		if f.Reason == "key_revoked" {
			p.Code = views.ErrorRevoked
		}
	}
	return web.Render(c, status, views.Error(p))
}

// missingRole says which role the guard wanted, and who could give it. Only a member of the organization gets as far as
// to be refused, and only to a member the store names its admins.
func (s *console) missingRole(c echo.Context) *views.MissingRole {
	v := visitorOf(c)
	if v == nil || v.missing == "" {
		return nil
	}
	m := &views.MissingRole{Role: string(v.missing), Organization: v.organization.Name}
	if v.missing.OfProject() {
		m.Project = v.project.Name
	}
	if v.organization.ID != "" {
		people, err := s.Accounts.Admins(c.Request().Context(), v.Who, v.organization.ID)
		if err == nil { // without them the page says what to do all the same
			m.People = people
		}
	}
	return m
}

// around is the page around an error. Where the request itself is in doubt, or the page cannot be made, it is for
// nobody.
func (s *console) around(c echo.Context, f *fault.Error) views.Page {
	bare := s.bare(c)
	bare.Notice = nil
	if f.Kind == fault.Misdirected || f.Reason == "cross_origin" {
		return bare
	}
	v := visitorOf(c)
	if v == nil {
		var err error
		if v, err = s.identify(c); err != nil {
			return bare
		}
	}
	p, err := s.page(c, v, views.NavNone)
	if err != nil {
		return bare
	}
	p.Notice = nil
	return p
}
