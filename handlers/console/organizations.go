package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/views"
	"latchkey/web"
)

func (s *console) organizations(c echo.Context) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavOrganizations)
	if err != nil {
		return err
	}
	places, err := s.places(c.Request().Context(), v)
	if err != nil {
		return err
	}
	page := views.OrganizationsPage{Page: p}
	for _, o := range places {
		page.Items = append(page.Items, views.OrganizationItem{
			Name: o.Name, Slug: o.Slug, Role: views.RoleLabel(string(o.Role)), Projects: int64(len(o.projects)),
		})
	}
	return web.Render(c, http.StatusOK, views.Organizations(page))
}

func (s *console) newOrganization(c echo.Context) error {
	return s.showNewOrganization(c, http.StatusOK, "", views.Form{})
}

func (s *console) showNewOrganization(c echo.Context, status int, name string, form views.Form) error {
	p, err := s.page(c, visitorOf(c), views.NavOrganizations)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.NewOrganization(views.NewOrganizationPage{Page: p, Form: form, Name: name}))
}

func (s *console) createOrganization(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	o, err := s.Accounts.CreateOrganization(c.Request().Context(), visitorOf(c).Who, form.Get("name"))
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showNewOrganization(c, status, form.Get("name"), messages)
		})
	}
	return web.Redirect(c, done(views.OrganizationURL(o.Slug), "organization"))
}
