package lupa

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// indexBody is what is sent to create an index (Lupa, "Indices").
//
//	{"language":"en","name":"my-index"}
type indexBody struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Type     string `json:"type"`
}

// indexObject is an index as it is shown (ibidem). Its flags are numbers.
//
//	{"id":"…","name":"…","language":"en","type":"DOC","isEnabled":1,"createdByUserId":"…","needsReindex":0,
//	 "reindexInProgress":0,"createdAt":"…","updatedAt":"…","reindexedAt":null,"mapping":null,"metadata":{}}
type indexObject struct {
	ID                string   `json:"id"`
	Name              string   `json:"name"`
	Language          string   `json:"language"`
	Type              string   `json:"type"`
	IsEnabled         int      `json:"isEnabled"`
	CreatedByUserID   string   `json:"createdByUserId"`
	NeedsReindex      int      `json:"needsReindex"`
	ReindexInProgress int      `json:"reindexInProgress"`
	CreatedAt         stamp    `json:"createdAt"`
	UpdatedAt         stamp    `json:"updatedAt"`
	ReindexedAt       *stamp   `json:"reindexedAt"`
	Mapping           mapping  `json:"mapping"`
	Metadata          struct{} `json:"metadata"`
}

// typeDocuments is the only type of index there is.
const typeDocuments = "DOC"

// indexOfEngine shows an engine. It is always enabled, and indexed anew before a change of its mapping is answered.
func indexOfEngine(e engine.Engine, schema engine.Schema) indexObject {
	return indexObject{
		ID: e.ID, Name: e.Name, Language: e.Language, Type: typeDocuments, IsEnabled: 1, CreatedByUserID: e.CreatedBy,
		CreatedAt: stamp(e.CreatedAt), UpdatedAt: stamp(e.UpdatedAt), Mapping: mappingOf(schema),
	}
}

func (a *api) listIndices(c echo.Context) error {
	ctx, place := c.Request().Context(), projectOf(c)
	engines, err := a.Engines.List(ctx, whoOf(c), place)
	if err != nil {
		return err
	}
	list := make([]indexObject, 0, len(engines))
	for _, e := range engines {
		schema, err := a.Engines.Schema(ctx, whoOf(c), place, e.Name)
		if fault.Is(err, fault.NotFound) {
			continue // deleted since the list was read
		}
		if err != nil {
			return err
		}
		list = append(list, indexOfEngine(e, schema))
	}
	return c.JSON(http.StatusOK, list)
}

func (a *api) createIndex(c echo.Context) error {
	var body indexBody
	if err := decode(c, &body); err != nil {
		return err
	}
	n, err := body.read()
	if err != nil {
		return err
	}
	e, err := a.Engines.Create(c.Request().Context(), whoOf(c), projectOf(c), n)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, indexOfEngine(e, nil))
}

// read checks what the engine cannot know of: types of index, and languages with a region.
func (b indexBody) read() (engine.New, error) {
	bad := fault.Fields{}
	if b.Type != "" && b.Type != typeDocuments {
		bad.Add("type", "type must be DOC: there are no other indices here.")
	}
	n := engine.New{Name: b.Name, Language: strings.ToLower(b.Language)}
	if !known(n.Language) {
		n.Language, _, _ = strings.Cut(n.Language, "-")
	}
	if !known(n.Language) {
		bad.Add("language", "language must be one of "+strings.Join(engine.Languages(), ", ")+". Leave it out for any other.")
	}
	return n, bad.Err()
}

func known(language string) bool {
	for _, l := range engine.Languages() {
		if l == language {
			return true
		}
	}
	return language == ""
}

func (a *api) getIndex(c echo.Context) error {
	ctx, on := c.Request().Context(), indexOf(c)
	schema, err := a.Engines.Schema(ctx, whoOf(c), on.place, on.Name)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, indexOfEngine(on.Engine, schema))
}

func (a *api) deleteIndex(c echo.Context) error {
	on := indexOf(c)
	if err := a.Engines.Delete(c.Request().Context(), whoOf(c), on.place, on.Name); err != nil {
		return err
	}
	return answerDone(c)
}
