package appsearch

import (
	"bytes"
	"encoding/json"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/web"
)

// schemaOf writes a schema, without id.
//
//	{"title":"text","views":"number"}
func schemaOf(s engine.Schema) object {
	o := make(object, len(s))
	for i, f := range s {
		o[i] = member{f.Name, string(f.Type)}
	}
	return o
}

func (d *dialect) getSchema(c echo.Context) error {
	a := asking(c)
	s, err := d.Engines.Schema(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"))
	if err != nil {
		return err
	}
	return answer(c, schemaOf(s))
}

func (d *dialect) updateSchema(c echo.Context) error {
	a := asking(c)
	change, err := readSchema(c)
	if err != nil {
		return err
	}
	s, err := d.Engines.UpdateSchema(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), change)
	if err != nil {
		return err
	}
	return answer(c, schemaOf(s))
}

// readSchema reads the body alone: in a query string no field could be told from an unrelated parameter. The order of
// the fields is kept.
func readSchema(c echo.Context) (engine.Schema, error) {
	raw, err := web.ReadJSON(c)
	if err != nil || raw == nil {
		return nil, err
	}
	errShape := invalid("The schema must be an object of field names and types")
	d := json.NewDecoder(bytes.NewReader(raw))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errShape
	}
	var s engine.Schema
	for d.More() {
		name, errName := d.Token()
		kind, errKind := d.Token()
		fieldName, isName := name.(string)
		fieldType, isType := kind.(string)
		if errName != nil || errKind != nil || !isName || !isType {
			return nil, errShape
		}
		s = append(s, engine.SchemaField{Name: fieldName, Type: engine.Type(fieldType)})
	}
	return s, nil
}
