package console

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// Preferences of a browser. They hold no secret and prove nothing.
const (
	themeCookie = "latchkey-theme" // light or dark
	placeCookie = "latchkey-place" // the project that was visited last, as "organization/project"
)

const preferenceLife = 365 * 24 * time.Hour

// prefer keeps a preference in the browser for a year, or lets go of it where the value is empty.
func (s *console) prefer(c echo.Context, name, value string) {
	age := int(preferenceLife.Seconds())
	if value == "" {
		age = -1
	}
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func preference(c echo.Context, name string) string {
	cookie, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

func validTheme(theme string) string {
	if theme == "light" || theme == "dark" {
		return theme
	}
	return ""
}

func chosenTheme(c echo.Context) string { return validTheme(preference(c, themeCookie)) }

// theme keeps how the visitor wants to see the pages; anything but light and dark follows the system.
func (s *console) theme(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	s.prefer(c, themeCookie, validTheme(form.Get("theme")))
	return web.Redirect(c, s.next(form.Get("next")))
}

// remember notes the project in focus, to come back to it.
func (s *console) remember(c echo.Context, v *visitor) {
	if value := v.organization.Slug + "/" + v.project.Slug; preference(c, placeCookie) != value {
		s.prefer(c, placeCookie, value)
	}
}

// home leads to the keys of the project that was visited last, or of the first one. Who has none is led to what there is
// to do: the instance, or the organizations.
func (s *console) home(c echo.Context) error {
	v, last := visitorOf(c), preference(c, placeCookie)
	places, err := s.places(c.Request().Context(), v)
	if err != nil {
		return err
	}
	first := ""
	for _, o := range places {
		for _, p := range o.projects {
			address := views.KeysURL(o.Slug, p.Slug)
			if o.Slug+"/"+p.Slug == last {
				return web.Redirect(c, address)
			}
			if first == "" {
				first = address
			}
		}
	}
	switch {
	case first != "":
	case len(places) == 0 && permission.Administers(v.Principal):
		first = views.InstanceURL
	default:
		first = views.OrganizationsURL
	}
	return web.Redirect(c, first)
}
