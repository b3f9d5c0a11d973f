package appsearch

import (
	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/web"
)

// curationWire is a curation.
//
//	{"id":"cur-…","queries":["lamp"],"promoted":["p1"],"hidden":[]}
type curationWire struct {
	ID       string   `json:"id"`
	Queries  []string `json:"queries"`
	Promoted []string `json:"promoted"`
	Hidden   []string `json:"hidden"`
}

// curationID is all that is answered to who makes or changes a curation.
//
//	{"id":"cur-…"}
type curationID struct {
	ID string `json:"id"`
}

const curationsSize = 25 // on one page, if nothing is said

func curationOf(c engine.Curation) curationWire {
	return curationWire{ID: curationsPrefix + c.ID, Queries: c.Queries, Promoted: c.Promoted, Hidden: c.Hidden}
}

func (d *dialect) listCurations(c echo.Context) error {
	a := asking(c)
	p, err := readOwnPage(c, curationsSize, maxListSize)
	if err != nil {
		return err
	}
	curations, total, err := d.Engines.ListCurations(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), p.offset(), p.size)
	if err != nil {
		return err
	}
	list := make([]curationWire, len(curations))
	for i, one := range curations {
		list[i] = curationOf(one)
	}
	return answer(c, listOfAll(p, total, list))
}

func (d *dialect) createCuration(c echo.Context) error {
	a := asking(c)
	what, err := readCuration(c)
	if err != nil {
		return err
	}
	made, err := d.Engines.CreateCuration(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), what)
	if err != nil {
		return err
	}
	return answer(c, curationID{curationsPrefix + made.ID})
}

// readCuration reads what a curation says. "id" is what an answer holds and may come back.
func readCuration(c echo.Context) (engine.Curated, error) {
	params, err := readOnly(c, "queries", "promoted", "hidden", "id")
	if err != nil {
		return engine.Curated{}, err
	}
	if params.values["queries"] == nil {
		return engine.Curated{}, missing("queries")
	}
	var what engine.Curated
	for name, into := range map[string]*[]string{"queries": &what.Queries, "promoted": &what.Promoted, "hidden": &what.Hidden} {
		v := params.values[name]
		list, ok := textsOf(v)
		if v != nil && !ok {
			return engine.Curated{}, invalid(name + " must be a list of texts")
		}
		*into = list
	}
	if what.Promoted == nil && what.Hidden == nil {
		return engine.Curated{}, missing("promoted or hidden")
	}
	return what, nil
}

func (d *dialect) getCuration(c echo.Context) error {
	a := asking(c)
	id := web.Param(c, "id")
	one, err := d.Engines.GetCuration(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), bare(id, curationsPrefix))
	if err != nil {
		return unknown(err, id)
	}
	return answer(c, curationOf(one))
}

func (d *dialect) updateCuration(c echo.Context) error {
	a := asking(c)
	what, err := readCuration(c)
	if err != nil {
		return err
	}
	id := web.Param(c, "id")
	_, err = d.Engines.UpdateCuration(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), bare(id, curationsPrefix), what)
	if err != nil {
		return unknown(err, id)
	}
	return answer(c, curationID{id})
}

func (d *dialect) deleteCuration(c echo.Context) error {
	a := asking(c)
	id := web.Param(c, "id")
	if err := d.Engines.DeleteCuration(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), bare(id, curationsPrefix)); err != nil {
		return unknown(err, id)
	}
	return answer(c, deletedAnswer{Deleted: true})
}
