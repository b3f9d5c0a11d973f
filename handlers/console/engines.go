package console

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// enginesSize is how many engines stand on one page.
const enginesSize = 50

func (s *console) engines(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavEngines)
	if err != nil {
		return err
	}
	number, text := pageOf(c), cutText(c.QueryParam("q"), engine.MaxName)
	part, err := s.Engines.Find(ctx, v.Who, v.project.Target(), text, (number-1)*enginesSize, enginesSize)
	if err != nil {
		return err
	}
	page := views.EnginesPage{
		Page: p, Query: text, All: part.Total > 0 || text != "", SeeKeys: v.may(permission.APIKeysRead),
		Pages: views.Pages{Number: number, Size: enginesSize, Total: int64(part.Total)},
	}
	if page.Items, err = s.engineItems(c, v, part.Engines); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.Engines(page))
}

func (s *console) engineItems(c echo.Context, v *visitor, list []engine.Engine) ([]views.EngineItem, error) {
	names := make([]string, len(list))
	items := make([]views.EngineItem, len(list))
	for i, e := range list {
		names[i] = e.Name
		items[i] = views.EngineItem{
			Name: e.Name, Documents: e.Documents, Fields: int64(e.Fields), Language: e.Language, Created: views.Day(e.CreatedAt, s.Now()),
			Meta: e.Meta, Sources: int64(len(e.Sources)),
		}
	}
	if !v.may(permission.APIKeysRead) {
		return items, nil
	}
	reach, err := s.Credentials.Reach(c.Request().Context(), v.Who, v.project.Target(), names)
	for i, name := range names {
		items[i].Keys = int64(reach.Of(name))
	}
	return items, err
}

// pageOf is the number of the page that an address asks for; the first one if it asks for none that can be.
func pageOf(c echo.Context) int {
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, engine.MaxOffset)
}

func (s *console) newEngine(c echo.Context) error {
	return s.showNewEngine(c, http.StatusOK, engine.New{}, "", views.Form{})
}

func (s *console) showNewEngine(c echo.Context, status int, in engine.New, find string, form views.Form) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavEngines)
	if err != nil {
		return err
	}
	page := views.NewEnginePage{
		Page: p, Form: form, Name: in.Name, Language: in.Language, Meta: in.Meta, Languages: append([]string{""}, engine.Languages()...),
	}
	if page.Choices, err = s.sourceChoices(c, v, in.Sources, find); err != nil {
		return err
	}
	return web.Render(c, status, views.NewEngine(page))
}

func (s *console) createEngine(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, in, find := visitorOf(c), engine.New{Name: form.Get("name"), Meta: form.Get("type") == "meta"}, form.Get("find")
	if in.Meta {
		in.Sources = form["engine"]
	} else {
		in.Language = form.Get("language")
	}
	if form.Get("do") == "find" {
		return s.showNewEngine(c, http.StatusOK, in, find, views.Form{})
	}
	_, err = s.Engines.Create(c.Request().Context(), v.Who, v.project.Target(), in)
	if err != nil {
		return again(err, func(status int, messages views.Form) error { return s.showNewEngine(c, status, in, find, messages) })
	}
	return web.Redirect(c, done(views.EngineURL(v.organization.Slug, v.project.Slug, in.Name), "engine"))
}

// askDeleteEngine shows what goes with an engine.
func (s *console) askDeleteEngine(c echo.Context) error {
	return s.showDeleteEngine(c, http.StatusOK, "", views.Form{})
}

// namingKeys is how many of the keys that name an engine are listed before it is deleted.
const namingKeys = 10

func (s *console) showDeleteEngine(c echo.Context, status int, typed string, form views.Form) error {
	v, ctx := visitorOf(c), c.Request().Context()
	head, e, err := s.engineHead(c, "")
	if err != nil {
		return err
	}
	page := views.EngineDeletePage{EngineHead: head, Form: form, Typed: typed}
	if page.Queries, err = s.queriesOf(ctx, v, e.Name); err != nil {
		return err
	}
	if _, page.SearchedBy, err = s.beside(ctx, v, e); err != nil {
		return err
	}
	if head.SeeKeys {
		reach, err := s.Credentials.Reach(ctx, v.Who, v.project.Target(), []string{e.Name})
		if err != nil {
			return err
		}
		keys, err := s.Credentials.Naming(ctx, v.Who, v.project.Target(), e.Name, namingKeys)
		if err != nil {
			return err
		}
		page.Keys, page.MoreKeys = s.keyChoices(keys), int64(reach.Named[e.Name]-len(keys))
	}
	return web.Render(c, status, views.EngineDelete(page))
}

// deleteEngine ends an engine, once its name was typed.
func (s *console) deleteEngine(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, name := visitorOf(c), web.Param(c, "engine")
	if typed := form.Get("name"); typed != name {
		err = fault.Field("name", "This is not the name of the engine.")
		return again(err, func(status int, messages views.Form) error { return s.showDeleteEngine(c, status, typed, messages) })
	}
	if err := s.Engines.Delete(c.Request().Context(), v.Who, v.project.Target(), name); err != nil {
		return err
	}
	return web.Redirect(c, done(views.EnginesURL(v.organization.Slug, v.project.Slug), "engine-deleted"))
}
