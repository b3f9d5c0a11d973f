package appsearch

import (
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/web"
)

// synonymsWire is a synonym set.
//
//	{"id":"syn-5b11ac66c9f9292013220ad3","synonyms":["park","trail"]}
type synonymsWire struct {
	ID       string   `json:"id"`
	Synonyms []string `json:"synonyms"`
}

// What ids begin with, before 24 hex digits.
const (
	synonymsPrefix  = "syn-"
	curationsPrefix = "cur-"
)

// synonymsSize is how many synonym sets a page has, and has at most: "The maximum for size is 25".
const synonymsSize = 25

func synonymsOf(s engine.SynonymSet) synonymsWire {
	return synonymsWire{ID: synonymsPrefix + s.ID, Synonyms: s.Synonyms}
}

func (d *dialect) listSynonyms(c echo.Context) error {
	a := asking(c)
	p, err := readOwnPage(c, synonymsSize, synonymsSize)
	if err != nil {
		return err
	}
	sets, total, err := d.Engines.ListSynonyms(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), p.offset(), p.size)
	if err != nil {
		return err
	}
	list := make([]synonymsWire, len(sets))
	for i, s := range sets {
		list[i] = synonymsOf(s)
	}
	return answer(c, listOfAll(p, total, list))
}

// readOwnPage reads a request that may hold nothing but the page of a list.
func readOwnPage(c echo.Context, size, most int) (page, error) {
	params, err := readOnly(c, "page")
	if err != nil {
		return page{}, err
	}
	p, err := params.listPage(size)
	p.size = min(p.size, most)
	return p, err
}

func (d *dialect) createSynonyms(c echo.Context) error {
	a := asking(c)
	words, err := readSynonyms(c)
	if err != nil {
		return err
	}
	s, err := d.Engines.CreateSynonyms(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), words)
	if err != nil {
		return err
	}
	return answer(c, synonymsOf(s))
}

// readSynonyms reads the words of a set. "id" is what an answer holds and may come back.
func readSynonyms(c echo.Context) ([]string, error) {
	params, err := readOnly(c, "synonyms", "id")
	if err != nil {
		return nil, err
	}
	words, ok := textsOf(params.values["synonyms"])
	switch {
	case params.values["synonyms"] == nil:
		return nil, missing("synonyms")
	case !ok:
		return nil, invalid("synonyms must be a list of words")
	}
	return words, nil
}

func (d *dialect) getSynonyms(c echo.Context) error {
	a := asking(c)
	id := web.Param(c, "id")
	s, err := d.Engines.GetSynonyms(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), bare(id, synonymsPrefix))
	if err != nil {
		return unknown(err, id)
	}
	return answer(c, synonymsOf(s))
}

func (d *dialect) updateSynonyms(c echo.Context) error {
	a := asking(c)
	words, err := readSynonyms(c)
	if err != nil {
		return err
	}
	id := web.Param(c, "id")
	s, err := d.Engines.UpdateSynonyms(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), bare(id, synonymsPrefix), words)
	if err != nil {
		return unknown(err, id)
	}
	return answer(c, synonymsOf(s))
}

func (d *dialect) deleteSynonyms(c echo.Context) error {
	a := asking(c)
	id := web.Param(c, "id")
	if err := d.Engines.DeleteSynonyms(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), bare(id, synonymsPrefix)); err != nil {
		return unknown(err, id)
	}
	return answer(c, deletedAnswer{Deleted: true})
}

// bare is an id without what ids of its kind begin with; of an id of no kind nothing is left.
func bare(id, prefix string) string {
	rest, _ := strings.CutPrefix(id, prefix)
	if rest == id {
		return ""
	}
	return rest
}

// unknown names what an engine does not have.
//
//	404 Curation not found with id: cur-0
func unknown(err error, id string) error {
	switch fault.From(err).Reason {
	case engine.SynonymSetUnknown:
		return fault.New(fault.NotFound, "Synonym set not found with id: "+shorten(id))
	case engine.CurationUnknown:
		return fault.New(fault.NotFound, "Curation not found with id: "+shorten(id))
	}
	return err
}
