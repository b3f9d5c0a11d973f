package appsearch

import (
	"cmp"

	"github.com/labstack/echo/v4"

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

// typeDefault is the type of every engine: there are no meta engines.
const typeDefault = "default"

func engineOf(e engine.Engine) engineWire {
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
	var list []engineWire
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
	sources, _ := params.values["source_engines"].([]any)
	switch {
	case name == nil:
		return engine.New{}, missing("name")
	case orEmpty(kind) == "meta", len(sources) > 0:
		return engine.New{}, invalid("Meta engines are not supported")
	case kind != nil && *kind != typeDefault:
		return engine.New{}, invalid("type must be default")
	}
	return engine.New{Name: *name, Language: orEmpty(language)}, nil
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
