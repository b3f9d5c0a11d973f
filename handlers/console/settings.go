package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) projectSettings(c echo.Context) error {
	return s.showProjectSettings(c, http.StatusOK, visitorOf(c).project.Name, views.Form{})
}

func (s *console) showProjectSettings(c echo.Context, status int, name string, form views.Form) error {
	page, err := s.settingsPage(c)
	if err != nil {
		return err
	}
	page.Form, page.Name = form, name
	return web.Render(c, status, views.ProjectSettings(page))
}

// settingsPage is the settings of a project, also as what lies under a dialog.
func (s *console) settingsPage(c echo.Context) (views.ProjectSettingsPage, error) {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavSettings)
	page := views.ProjectSettingsPage{
		Page: p, Name: v.project.Name, Slug: v.organization.Slug + " / " + v.project.Slug, Host: v.project.HostIdentifier,
		API: s.appSearchAddress(v) + "/", Readable: v.project.ReadableSecrets,
	}
	if err != nil {
		return page, err
	}
	if page.Kept, err = s.Credentials.Readable(ctx, v.Who, v.project.Target()); err != nil {
		return page, err
	}
	access, err := s.Accounts.ProjectMembers(ctx, v.Who, v.organization.Slug, v.project.Slug)
	if err != nil {
		return page, err
	}
	entered := map[string]bool{}
	for _, m := range access {
		entered[m.UserID] = true
		page.Access = append(page.Access, accessItem(v, m))
	}
	if !p.Can.ManageMembers {
		return page, nil
	}
	members, err := s.Accounts.Members(ctx, v.Who, v.organization.Slug)
	for _, m := range members {
		if !entered[m.UserID] {
			page.Candidates = append(page.Candidates, views.Candidate{ID: m.UserID, Email: m.Email})
		}
	}
	return page, err
}

func accessItem(v *visitor, m account.Member) views.AccessItem {
	item := views.AccessItem{ID: m.UserID, Email: m.Email, Admin: m.Role == permission.OrganizationAdmin, Disabled: m.Disabled, Self: m.UserID == v.user.ID}
	if len(m.Projects) > 0 {
		item.Role = string(m.Projects[0].Role)
	}
	return item
}

func (s *console) projectSettingsURL(v *visitor) string {
	return views.ProjectSettingsURL(v.organization.Slug, v.project.Slug)
}

func (s *console) renameProject(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v := visitorOf(c)
	if err := s.Accounts.RenameProject(c.Request().Context(), v.Who, v.organization.Slug, v.project.Slug, form.Get("name")); err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showProjectSettings(c, status, form.Get("name"), messages)
		})
	}
	return web.Redirect(c, done(s.projectSettingsURL(v), "renamed"))
}

// projectAccess gives a member a role in the project, or takes it away.
func (s *console) projectAccess(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, role := visitorOf(c), permission.Role(form.Get("role"))
	err = s.Accounts.SetProjectRole(c.Request().Context(), v.Who, v.organization.Slug, v.project.Slug, form.Get("user"), role)
	switch {
	case fault.Is(err, fault.NotFound):
		err = fault.Field("user", "This person is not a member any more.")
	case fault.Is(err, fault.Invalid):
		err = fault.Field("role", "Choose a role.")
	}
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showProjectSettings(c, status, v.project.Name, messages)
		})
	}
	if role == "" {
		return web.Redirect(c, done(s.projectSettingsURL(v), "access-taken"))
	}
	return web.Redirect(c, done(s.projectSettingsURL(v), "access-given"))
}

func (s *console) askReadable(c echo.Context) error {
	behind, err := s.settingsPage(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.ReadableSecrets(views.ReadableSecretsPage{
		Page: behind.Page, Behind: &behind, On: !behind.Readable, Kept: behind.Kept,
	}))
}

func (s *console) setReadable(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, on := visitorOf(c), form.Get("on")
	if on != "0" && on != "1" {
		return fault.New(fault.Invalid, "Say whether readable secrets are to be on or off.")
	}
	if err := s.Credentials.SetReadable(c.Request().Context(), v.Who, v.project.Target(), on == "1"); err != nil {
		return err
	}
	return web.Redirect(c, done(s.projectSettingsURL(v), "readable-"+on))
}

func (s *console) askDeleteProject(c echo.Context) error {
	return s.showDeleteProject(c, http.StatusOK, "", views.Form{})
}

func (s *console) showDeleteProject(c echo.Context, status int, typed string, form views.Form) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavSettings)
	if err != nil {
		return err
	}
	keys, err := s.Credentials.Overview(ctx, v.Who, v.project.Target())
	if err != nil {
		return err
	}
	engines, err := s.Engines.List(ctx, v.Who, v.project.Target())
	if err != nil {
		return err
	}
	return web.Render(c, status, views.DeleteProject(views.DeleteProjectPage{
		Page: p, Form: form, Name: v.project.Name, Email: v.user.Email, Typed: typed, Host: v.project.HostIdentifier,
		Keys: int64(keys.Total), Engines: int64(len(engines)),
	}))
}

func (s *console) deleteProject(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, in := visitorOf(c), account.Deletion{Name: form.Get("name"), Password: secret.Secret(form.Get("password"))}
	if err := s.Accounts.DeleteProject(c.Request().Context(), v.Who, v.organization.Slug, v.project.Slug, in); err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showDeleteProject(c, status, form.Get("name"), messages)
		})
	}
	return web.Redirect(c, done(views.OrganizationURL(v.organization.Slug), "project-deleted"))
}
