package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// sourceChoices lists the engines that a meta engine can search: all but the meta engines.
func (s *console) sourceChoices(c echo.Context, v *visitor, chosen []string, find string) (views.EngineChoices, error) {
	find = fault.Cut(strings.ToLower(strings.TrimSpace(find)), credential.MaxName)
	engines, err := s.Engines.List(c.Request().Context(), v.Who, v.project.Target())
	engines = slices.DeleteFunc(engines, func(e engine.Engine) bool { return e.Meta })
	return choicesOf(engines, chosen, find, permission.Scope{All: true}), err
}

// beside gives the sources of an engine, and the meta engines that search it.
func (s *console) beside(ctx context.Context, v *visitor, e engine.Engine) (sources []views.EngineItem, by []string, err error) {
	engines, err := s.Engines.List(ctx, v.Who, v.project.Target())
	documents := map[string]int64{}
	for _, one := range engines {
		documents[one.ID] = one.Documents
		if slices.ContainsFunc(one.Sources, func(source engine.SourceEngine) bool { return source.ID == e.ID }) {
			by = append(by, one.Name)
		}
	}
	for _, source := range e.Sources {
		sources = append(sources, views.EngineItem{Name: source.Name, Documents: documents[source.ID], Language: source.Language})
	}
	return sources, by, err
}

// conflicts lists the fields that the sources of a meta engine keep from being searched.
func (s *console) conflicts(c echo.Context, name string) ([]views.SchemaConflict, error) {
	v := visitorOf(c)
	list, err := s.Engines.Conflicts(c.Request().Context(), v.Who, v.project.Target(), name)
	var out []views.SchemaConflict
	for _, conflict := range list {
		item := views.SchemaConflict{Name: conflict.Name}
		for _, t := range conflict.Types {
			item.Types = append(item.Types, views.SchemaItem{Name: t.Engine, Type: string(t.Type)})
		}
		out = append(out, item)
	}
	return out, err
}

// sources asks which engines a meta engine searches.
func (s *console) sources(c echo.Context) error {
	return s.showSources(c, http.StatusOK, nil, "", views.Form{})
}

// showSources shows the form. Without a choice the present sources are chosen. An engine that has none has no such page.
func (s *console) showSources(c echo.Context, status int, chosen []string, find string, form views.Form) error {
	v := visitorOf(c)
	head, e, err := s.engineHead(c, views.TabOverview)
	if err != nil {
		return err
	}
	if !e.Meta {
		return web.Redirect(c, views.EngineURL(v.organization.Slug, v.project.Slug, e.Name))
	}
	if chosen == nil {
		for _, source := range e.Sources {
			chosen = append(chosen, source.Name)
		}
	}
	page := views.SourcesPage{EngineHead: head, Form: form}
	if page.Choices, err = s.sourceChoices(c, v, chosen, find); err != nil {
		return err
	}
	return web.Render(c, status, views.EngineSources(page))
}

// setSources makes a meta engine search the chosen engines.
func (s *console) setSources(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, name := visitorOf(c), web.Param(c, "engine")
	chosen, find := append([]string{}, form["engine"]...), form.Get("find")
	if form.Get("do") == "find" {
		return s.showSources(c, http.StatusOK, chosen, find, views.Form{})
	}
	if _, err := s.Engines.SetSources(c.Request().Context(), v.Who, v.project.Target(), name, chosen); err != nil {
		return again(err, func(status int, messages views.Form) error { return s.showSources(c, status, chosen, find, messages) })
	}
	return web.Redirect(c, done(views.EngineURL(v.organization.Slug, v.project.Slug, name), "sources"))
}
