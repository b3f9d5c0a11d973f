package lupa

import (
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// mapping says of which type each field is (Lupa, "Mapping").
//
//	{"id":{"type":"keyword"},"title":{"type":"text"},"price":{"type":"double"}}
type mapping map[string]mapped

type mapped struct {
	Type string `json:"type"`
}

// types are the types of Lupa and the type of the engine that serves each. Booleans come into engines as the texts
// "true" and "false".
var types = map[string]engine.Type{
	"text": engine.TypeText, "keyword": engine.TypeText, "text_keyword": engine.TypeText, "text_simplified": engine.TypeText,
	"hierarchy": engine.TypeText, "boolean": engine.TypeText,
	"long": engine.TypeNumber, "integer": engine.TypeNumber, "short": engine.TypeNumber, "byte": engine.TypeNumber,
	"double": engine.TypeNumber, "float": engine.TypeNumber,
	"date": engine.TypeDate, "geo_point": engine.TypeGeolocation,
}

// shown is the way back. Which of several types was asked for is not kept: what is shown is what the field does.
var shown = map[engine.Type]string{
	engine.TypeText: "text", engine.TypeNumber: "double", engine.TypeDate: "date", engine.TypeGeolocation: "geo_point",
}

// mappingOf shows a schema. Without fields it is null, as Lupa shows an index that has no mapping yet.
func mappingOf(schema engine.Schema) mapping {
	if len(schema) == 0 {
		return nil
	}
	m := mapping{"id": {Type: "keyword"}}
	for _, f := range schema {
		m[f.Name] = mapped{Type: shown[f.Type]}
	}
	return m
}

// schema reads a mapping. The type of id is fixed, so it says nothing.
func (m mapping) schema() (engine.Schema, error) {
	var schema engine.Schema
	bad := fault.Fields{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		t, ok := types[m[name].Type]
		switch {
		case !ok:
			bad.Add(name, "type "+fault.Quote(m[name].Type)+" is not supported.")
		case name != "id":
			schema = append(schema, engine.SchemaField{Name: name, Type: t})
		}
	}
	return schema, bad.Err()
}

func (a *api) getMapping(c echo.Context) error {
	on := indexOf(c)
	schema, err := a.Engines.Schema(c.Request().Context(), whoOf(c), on.place, on.Name)
	if err != nil {
		return err
	}
	m := mappingOf(schema)
	if m == nil {
		m = mapping{}
	}
	return c.JSON(http.StatusOK, m)
}

// setMapping adds fields and changes types. Fields that are not named stay, with POST and PUT alike: an engine never
// forgets a field that documents have.
func (a *api) setMapping(c echo.Context) error {
	var body mapping
	if err := decode(c, &body); err != nil {
		return err
	}
	schema, err := body.schema()
	if err != nil {
		return err
	}
	on := indexOf(c)
	if _, err := a.Engines.UpdateSchema(c.Request().Context(), whoOf(c), on.place, on.Name, schema); err != nil {
		return err
	}
	return answerDone(c)
}
