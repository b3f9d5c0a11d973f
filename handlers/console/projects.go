package console

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

// projects is the page of an organization.
func (s *console) projects(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavProjects)
	if err != nil {
		return err
	}
	list, err := s.Accounts.Projects(ctx, v.Who, v.organization.ID)
	if err != nil {
		return err
	}
	page := views.OrganizationPage{Page: p}
	for _, project := range list {
		item, err := s.projectItem(ctx, v, project)
		if err != nil {
			return err
		}
		page.Items = append(page.Items, item)
	}
	return web.Render(c, http.StatusOK, views.Organization(page))
}

func (s *console) projectItem(ctx context.Context, v *visitor, p account.Project) (views.ProjectItem, error) {
	keys, err := s.Credentials.Overview(ctx, v.Who, p.Target())
	if err != nil {
		return views.ProjectItem{}, err
	}
	engines, err := s.Engines.List(ctx, v.Who, p.Target())
	return views.ProjectItem{
		Name: p.Name, Slug: p.Slug, Host: p.HostIdentifier, Keys: int64(keys.Active), Engines: int64(len(engines)),
		Attention: int64(keys.Expiring + keys.Unused), Created: views.Day(p.CreatedAt, s.Now()),
	}, err
}

func (s *console) newProject(c echo.Context) error {
	return s.showNewProject(c, http.StatusOK, "", views.Form{})
}

func (s *console) showNewProject(c echo.Context, status int, name string, form views.Form) error {
	p, err := s.page(c, visitorOf(c), views.NavProjects)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.NewProject(views.NewProjectPage{Page: p, Form: form, Name: name}))
}

// createProject makes a project and reveals the secret of its private key.
func (s *console) createProject(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v := visitorOf(c)
	keep := func(ctx context.Context, tx *db.Tx, k secret.Minted) error {
		if !isShownOnce(k) {
			return nil
		}
		return session.StashTx(ctx, tx, v.token, k.ID, k.Secret)
	}
	p, keys, err := s.Accounts.CreateProject(c.Request().Context(), v.Who, v.organization.Slug, form.Get("name"), keep)
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showNewProject(c, status, form.Get("name"), messages)
		})
	}
	return web.Redirect(c, firstPage(v.organization, p, keys))
}
