package lupa

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/web"
)

// queryBody is what is sent to create or change a search query (Lupa, "Queries").
//
//	{"description":"…","configuration":{"queryFields":{"title":5}},"debugMode":false}
type queryBody struct {
	Description   *string         `json:"description"`
	Configuration json.RawMessage `json:"configuration"`
	DebugMode     *flag           `json:"debugMode"`
}

// queryObject is a search query as it is shown. Magento's plug-in wants strings for id, queryKey and createdBy.
type queryObject struct {
	ID            string          `json:"id"`
	Description   string          `json:"description"`
	Configuration json.RawMessage `json:"configuration"`
	DebugMode     bool            `json:"debugMode"`
	QueryKey      string          `json:"queryKey"`
	CreatedBy     string          `json:"createdBy"`
	CreatedAt     stamp           `json:"createdAt"`
	UpdatedAt     stamp           `json:"updatedAt"`
}

func queryOf(q engine.SearchQuery) queryObject {
	return queryObject{
		ID: q.ID, Description: q.Description, Configuration: q.Configuration, DebugMode: q.DebugMode, QueryKey: q.QueryKey,
		CreatedBy: q.CreatedBy, CreatedAt: stamp(q.CreatedAt), UpdatedAt: stamp(q.UpdatedAt),
	}
}

// queryPage is a page of search queries (Lupa's Magento plug-in, QueriesFactory).
//
//	{"data":[…],"total":1,"perPage":100,"currentPage":1,"lastPage":1}
type queryPage struct {
	Data        []queryObject `json:"data"`
	Total       int           `json:"total"`
	PerPage     int           `json:"perPage"`
	CurrentPage int           `json:"currentPage"`
	LastPage    int           `json:"lastPage"`
}

// How many search queries a page has. Most indices have a handful: a client that knows nothing of pages gets all.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

func (a *api) listQueries(c echo.Context) error {
	page, err := positive(c, "page", 1, 1_000_000)
	if err != nil {
		return err
	}
	per, err := positive(c, "perPage", defaultPerPage, maxPerPage)
	if err != nil {
		return err
	}
	on := indexOf(c)
	queries, err := a.Engines.ListQueries(c.Request().Context(), whoOf(c), on.place, on.Name)
	if err != nil {
		return err
	}
	out := queryPage{Data: []queryObject{}, Total: len(queries), PerPage: per, CurrentPage: page, LastPage: max(1, (len(queries)+per-1)/per)}
	for _, q := range queries[min(len(queries), (page-1)*per):min(len(queries), page*per)] {
		out.Data = append(out.Data, queryOf(q))
	}
	return c.JSON(http.StatusOK, out)
}

// positive reads a number from 1 from the query string.
func positive(c echo.Context, name string, missing, most int) (int, error) {
	text := c.QueryParam(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.Field(name, name+" must be a number from 1 to "+strconv.Itoa(most)+".")
	}
	return n, nil
}

func (a *api) createQuery(c echo.Context) error {
	change, err := readQuery(c)
	if err != nil {
		return err
	}
	if change.Configuration == nil {
		return fault.Field("configuration", "configuration is needed.")
	}
	n := engine.NewSearchQuery{Configuration: change.Configuration}
	if change.Description != nil {
		n.Description = *change.Description
	}
	if change.DebugMode != nil {
		n.DebugMode = *change.DebugMode
	}
	on := indexOf(c)
	q, err := a.Engines.CreateQuery(c.Request().Context(), whoOf(c), on.place, on.Name, n)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, queryOf(q))
}

func (a *api) getQuery(c echo.Context) error {
	on := indexOf(c)
	q, err := a.Engines.GetQuery(c.Request().Context(), whoOf(c), on.place, on.Name, web.Param(c, "id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, queryOf(q))
}

// updateQuery changes what the body names; the query's key stays.
func (a *api) updateQuery(c echo.Context) error {
	change, err := readQuery(c)
	if err != nil {
		return err
	}
	on := indexOf(c)
	q, err := a.Engines.UpdateQuery(c.Request().Context(), whoOf(c), on.place, on.Name, web.Param(c, "id"), change)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, queryOf(q))
}

// readQuery reads a body and checks its configuration, which is kept as it came.
func readQuery(c echo.Context) (engine.ChangeSearchQuery, error) {
	var body queryBody
	if err := decode(c, &body); err != nil {
		return engine.ChangeSearchQuery{}, err
	}
	if string(body.Configuration) == "null" {
		body.Configuration = nil
	}
	change := engine.ChangeSearchQuery{Description: body.Description, Configuration: body.Configuration, DebugMode: (*bool)(body.DebugMode)}
	if body.Configuration != nil {
		if _, err := readConfiguration(body.Configuration); err != nil {
			return engine.ChangeSearchQuery{}, err
		}
	}
	return change, nil
}

func (a *api) deleteQuery(c echo.Context) error {
	on := indexOf(c)
	if err := a.Engines.DeleteQuery(c.Request().Context(), whoOf(c), on.place, on.Name, web.Param(c, "id")); err != nil {
		return err
	}
	return answerDone(c)
}
