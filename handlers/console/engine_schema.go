package console

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/views"
	"latchkey/web"
)

// schema is the page of an engine's fields.
func (s *console) schema(c echo.Context) error {
	return s.showSchema(c, http.StatusOK, views.SchemaPage{})
}

func (s *console) showSchema(c echo.Context, status int, page views.SchemaPage) error {
	v := visitorOf(c)
	head, e, err := s.engineHead(c, views.TabSchema)
	if err != nil {
		return err
	}
	fields, err := s.Engines.Schema(c.Request().Context(), v.Who, v.project.Target(), e.Name)
	if err != nil {
		return err
	}
	page.EngineHead, page.MaxFields = head, engine.MaxFields
	for _, f := range fields {
		page.Items = append(page.Items, views.SchemaItem{Name: f.Name, Type: string(f.Type)})
	}
	if e.Meta {
		if page.Conflicts, err = s.conflicts(c, e.Name); err != nil {
			return err
		}
	}
	return web.Render(c, status, views.EngineSchema(page))
}

// updateSchema adds a field or changes the type of one.
func (s *console) updateSchema(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, name := visitorOf(c), web.Param(c, "engine")
	page := views.SchemaPage{Do: form.Get("do"), NewName: form.Get("name"), NewType: form.Get("type")}
	if page.Do != "change" {
		page.Do = "add"
	}
	if err := s.changeSchema(c.Request().Context(), v, name, page); err != nil {
		return again(err, func(status int, messages views.Form) error {
			page.Form = messages
			return s.showSchema(c, status, page)
		})
	}
	return web.Redirect(c, done(views.SchemaURL(v.organization.Slug, v.project.Slug, name), "field-"+page.Do))
}

// changeSchema puts a change into effect. What the store says about a field is said about the input that named it.
func (s *console) changeSchema(ctx context.Context, v *visitor, name string, change views.SchemaPage) error {
	before, err := s.Engines.Schema(ctx, v.Who, v.project.Target(), name)
	if err != nil {
		return err
	}
	switch _, known := before.Type(change.NewName); {
	case change.Do == "add" && known:
		return fault.Field("name", "There is a field with this name already.")
	case change.Do == "change" && !known:
		return fault.Field("name", "There is no such field.")
	}
	_, err = s.Engines.UpdateSchema(ctx, v.Who, v.project.Target(), name, engine.Schema{{Name: change.NewName, Type: engine.Type(change.NewType)}})
	if f := fault.From(err); f != nil && len(f.Fields) > 0 {
		if !engine.Type(change.NewType).Valid() {
			return fault.Field("type", f.Message)
		}
		return fault.Field("name", f.Message)
	}
	return err
}
