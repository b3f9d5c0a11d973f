package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) organizationSettings(c echo.Context) error {
	return s.showOrganizationSettings(c, http.StatusOK, visitorOf(c).organization.Name, views.Form{})
}

func (s *console) showOrganizationSettings(c echo.Context, status int, name string, form views.Form) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavOrgSettings)
	if err != nil {
		return err
	}
	members, err := s.Accounts.Members(ctx, v.Who, v.organization.Slug)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.OrganizationSettings(views.OrganizationSettingsPage{
		Page: p, Form: form, Name: name, Slug: v.organization.Slug, Members: int64(len(members)),
	}))
}

func (s *console) renameOrganization(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v := visitorOf(c)
	if err := s.Accounts.RenameOrganization(c.Request().Context(), v.Who, v.organization.Slug, form.Get("name")); err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showOrganizationSettings(c, status, form.Get("name"), messages)
		})
	}
	return web.Redirect(c, done(views.OrganizationSettingsURL(v.organization.Slug), "renamed"))
}

func (s *console) askDeleteOrganization(c echo.Context) error {
	return s.showDeleteOrganization(c, http.StatusOK, "", views.Form{})
}

func (s *console) showDeleteOrganization(c echo.Context, status int, typed string, form views.Form) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavOrgSettings)
	if err != nil {
		return err
	}
	page := views.DeleteOrganizationPage{Page: p, Form: form, Name: v.organization.Name, Email: v.user.Email, Typed: typed, Only: v.onlyAdminHere()}
	projects, err := s.Accounts.Projects(ctx, v.Who, v.organization.ID)
	if err != nil {
		return err
	}
	for _, project := range projects {
		page.Projects = append(page.Projects, views.Link{Text: project.Name, Href: views.DeleteProjectURL(v.organization.Slug, project.Slug)})
	}
	members, err := s.Accounts.Members(ctx, v.Who, v.organization.Slug)
	if err != nil {
		return err
	}
	page.Members = int64(len(members))
	return web.Render(c, status, views.DeleteOrganization(page))
}

// onlyAdminHere reports whether the visitor is an admin of no other organization.
func (v *visitor) onlyAdminHere() bool {
	for _, g := range v.Grants {
		if g.Role == permission.OrganizationAdmin && g.Organization != v.organization.ID {
			return false
		}
	}
	return true
}

func (s *console) deleteOrganization(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, in := visitorOf(c), account.Deletion{Name: form.Get("name"), Password: secret.Secret(form.Get("password"))}
	if err := s.Accounts.DeleteOrganization(c.Request().Context(), v.Who, v.organization.Slug, in); err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showDeleteOrganization(c, status, form.Get("name"), messages)
		})
	}
	return web.Redirect(c, done(views.OrganizationsURL, "organization-deleted"))
}
