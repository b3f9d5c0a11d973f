package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) engines(c echo.Context) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavEngines)
	if err != nil {
		return err
	}
	list, err := s.Engines.List(c.Request().Context(), v.Who, v.project.Target())
	if err != nil {
		return err
	}
	page := views.EnginesPage{Page: p}
	for _, e := range list {
		page.Items = append(page.Items, views.EngineItem{
			Name: e.Name, Documents: e.Documents, Language: e.Language, Created: views.Day(e.CreatedAt, s.Now()),
		})
	}
	return web.Render(c, http.StatusOK, views.Engines(page))
}

func (s *console) newEngine(c echo.Context) error {
	return s.showNewEngine(c, http.StatusOK, engine.New{}, views.Form{})
}

func (s *console) showNewEngine(c echo.Context, status int, in engine.New, form views.Form) error {
	p, err := s.page(c, visitorOf(c), views.NavEngines)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.NewEngine(views.NewEnginePage{
		Page: p, Form: form, Name: in.Name, Language: in.Language, Languages: append([]string{""}, engine.Languages()...),
	}))
}

func (s *console) createEngine(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, in := visitorOf(c), engine.New{Name: form.Get("name"), Language: form.Get("language")}
	_, err = s.Engines.Create(c.Request().Context(), v.Who, v.project.Target(), in)
	if err != nil {
		return again(err, func(status int, messages views.Form) error { return s.showNewEngine(c, status, in, messages) })
	}
	return web.Redirect(c, done(views.EnginesURL(v.organization.Slug, v.project.Slug), "engine"))
}
