package appsearch

import (
	"cmp"
	"context"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/web"
)

// engineWire is an engine as of version 8.1.
//
//	{"name":"shop","type":"default","language":null,"index_create_settings_override":{},"document_count":0}
type engineWire struct {
	Name          string   `json:"name"`
	Type          string   `json:"type"`
	Language      *string  `json:"language"`
	Override      struct{} `json:"index_create_settings_override"`
	DocumentCount int64    `json:"document_count"`
}

// metaWire is a meta engine, which has no language.
//
//	{"name":"all","type":"meta","source_engines":["shop","blog"],"document_count":0}
type metaWire struct {
	Name          string   `json:"name"`
	Type          string   `json:"type"`
	SourceEngines []string `json:"source_engines"`
	DocumentCount int64    `json:"document_count"`
}

// The types of engines.
const (
	typeDefault = "default"
	typeMeta    = "meta"
)

func typeOf(e engine.Engine) string {
	if e.Meta {
		return typeMeta
	}
	return typeDefault
}

// engineOf writes an engine: an engineWire or a metaWire.
func engineOf(e engine.Engine) any {
	if e.Meta {
		w := metaWire{Name: e.Name, Type: typeMeta, SourceEngines: []string{}, DocumentCount: e.Documents}
		for _, source := range e.Sources {
			w.SourceEngines = append(w.SourceEngines, source.Name)
		}
		return w
	}
	w := engineWire{Name: e.Name, Type: typeDefault, DocumentCount: e.Documents}
	if e.Language != "" {
		w.Language = &e.Language
	}
	return w
}

// in is the project as the engines want it.
func (a asker) in() permission.Target {
	return permission.Target{Organization: a.place.Organization, Project: a.place.Project}
}

const enginesSize = 25

func (d *dialect) listEngines(c echo.Context) error {
	a := asking(c)
	params, err := readOnly(c, "page")
	if err != nil {
		return err
	}
	p, err := params.listPage(enginesSize)
	if err != nil {
		return err
	}
	all, err := d.Engines.List(c.Request().Context(), a.who, a.in())
	if err != nil {
		return err
	}
	from := min(p.offset(), len(all))
	var list []any
	for _, e := range all[from:min(from+p.size, len(all))] {
		list = append(list, engineOf(e))
	}
	return answer(c, listOfAll(p, int64(len(all)), list))
}

func (d *dialect) createEngine(c echo.Context) error {
	a := asking(c)
	n, err := readEngine(c)
	if err != nil {
		return err
	}
	e, err := d.Engines.Create(c.Request().Context(), a.who, a.in(), n)
	if err != nil {
		return err
	}
	return answer(c, engineOf(e))
}

func readEngine(c echo.Context) (engine.New, error) {
	params, err := readOnly(c, "name", "type", "language", "source_engines", "index_create_settings_override")
	if err != nil {
		return engine.New{}, err
	}
	name, errName := params.text("name")
	kind, errKind := params.text("type")
	language, errLanguage := params.text("language")
	if err := cmp.Or(errName, errKind, errLanguage); err != nil {
		return engine.New{}, err
	}
	sources, err := readSources(params.values["source_engines"])
	switch {
	case err != nil:
		return engine.New{}, err
	case name == nil:
		return engine.New{}, missing("name")
	case kind != nil && *kind != typeDefault && *kind != typeMeta:
		return engine.New{}, invalid("type must be default or meta")
	}
	return engine.New{Name: *name, Language: orEmpty(language), Meta: orEmpty(kind) == typeMeta, Sources: sources}, nil
}

// mostSources is how many names of source engines a request has at most. Some of them may be the same.
const mostSources = 100

// readSources reads the names of source engines.
func readSources(v any) ([]string, error) {
	if v == nil {
		return nil, nil
	}
	names, ok := textsOf(v)
	switch {
	case !ok:
		return nil, invalid("Source engines must be a list of names of engines")
	case len(names) > mostSources:
		return nil, invalid("A meta engine can have at most 15 source engines")
	}
	return names, nil
}

func (d *dialect) getEngine(c echo.Context) error {
	a := asking(c)
	e, err := d.Engines.Get(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"))
	if err != nil {
		return err
	}
	return answer(c, engineOf(e))
}

func (d *dialect) deleteEngine(c echo.Context) error {
	a := asking(c)
	if err := d.Engines.Delete(c.Request().Context(), a.who, a.in(), web.Param(c, "engine")); err != nil {
		return err
	}
	return answer(c, deletedAnswer{Deleted: true})
}

func (d *dialect) addSources(c echo.Context) error { return d.changeSources(c, d.Engines.AddSources) }

func (d *dialect) removeSources(c echo.Context) error {
	return d.changeSources(c, d.Engines.RemoveSources)
}

type changingSources func(context.Context, audit.Who, permission.Target, string, []string) (engine.Engine, error)

// changeSources changes the source engines of a meta engine, and answers it. The body is an array of their names.
func (d *dialect) changeSources(c echo.Context, do changingSources) error {
	a := asking(c)
	list, err := readArray(c)
	if err != nil {
		return err
	}
	names, err := readSources(list)
	if err != nil {
		return err
	}
	e, err := do(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), names)
	if err != nil {
		return err
	}
	return answer(c, engineOf(e))
}
