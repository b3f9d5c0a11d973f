package appsearch

import (
	"context"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/web"
)

// The limits of documents.
const (
	maxDocuments  = 100 // in one request
	documentsSize = 100 // on one page, if nothing is said
)

// storedWire tells what became of one document.
//
//	{"id":"park_1","errors":[]}
type storedWire struct {
	ID     *string  `json:"id"`
	Errors []string `json:"errors"`
}

// removedWire tells what became of one id.
//
//	{"id":"park_1","deleted":true}
type removedWire struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
}

func documentOf(d engine.Document) object {
	o := object{{"id", d.ID}}
	for _, f := range d.Fields {
		o = append(o, member{f.Name, f.Typed()})
	}
	return o
}

func (d *dialect) postDocuments(c echo.Context) error { return d.store(c, d.Engines.Import, false) }

func (d *dialect) patchDocuments(c echo.Context) error { return d.store(c, d.Engines.Patch, true) }

type storing func(context.Context, audit.Who, permission.Target, string, []engine.Source) ([]engine.Result, error)

func (d *dialect) store(c echo.Context, do storing, patch bool) error {
	a := asking(c)
	docs, err := readDocuments(c, patch)
	if err != nil {
		return err
	}
	results, err := do(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), docs)
	if err != nil {
		return err
	}
	list := make([]storedWire, len(results))
	for i, r := range results {
		list[i] = storedWire{ID: &r.ID, Errors: r.Errors}
		if r.Errors == nil {
			list[i].Errors = []string{}
		}
		// A document without an id is null here, and "" where one was required.
		if r.ID == "" && !patch {
			list[i].ID = nil
		}
	}
	return answer(c, list)
}

var errTooMany = invalid("A request can have at most 100 documents")

// readDocuments takes an array of documents or, unless they are patches, a single one.
func readDocuments(c echo.Context, patch bool) ([]engine.Source, error) {
	params, err := readList(c, maxDocuments)
	if err != nil {
		return nil, err
	}
	list, ok := listOf(params.body)
	if _, isList := params.body.([]any); !ok || patch && !isList {
		return nil, missing("_json")
	}
	docs := make([]engine.Source, len(list))
	for i, v := range list {
		doc, ok := v.(map[string]any)
		if !ok {
			return nil, invalid("Documents must be objects")
		}
		docs[i] = doc
	}
	return docs, nil
}

// readIDs takes an array of ids in the body, or "ids". Without either something is missing, which each verb calls by
// another name.
func readIDs(c echo.Context, lacks string) ([]string, error) {
	params, err := readList(c, maxDocuments)
	if err != nil {
		return nil, err
	}
	given, isList := params.body.([]any)
	var v any = given
	if !isList {
		members, _ := params.body.(map[string]any)
		if err := only("Options", members, "ids"); err != nil {
			return nil, err
		}
		if v = params.values["ids"]; v == nil {
			return nil, missing(lacks)
		}
	}
	ids, ok := textsOf(v)
	switch {
	case !ok:
		return nil, invalid("ids must be a list of document ids")
	case len(ids) > maxDocuments:
		return nil, errTooMany
	}
	return ids, nil
}

func (d *dialect) getDocuments(c echo.Context) error {
	a := asking(c)
	ids, err := readIDs(c, "ids")
	if err != nil {
		return err
	}
	docs, err := d.Engines.GetDocuments(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), ids)
	if err != nil {
		return err
	}
	list := make([]any, len(docs))
	for i, doc := range docs {
		if doc != nil {
			list[i] = documentOf(*doc)
		}
	}
	return answer(c, list)
}

func (d *dialect) deleteDocuments(c echo.Context) error {
	a := asking(c)
	ids, err := readIDs(c, "_json")
	if err != nil {
		return err
	}
	deleted, err := d.Engines.DeleteDocuments(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), ids)
	if err != nil {
		return err
	}
	list := make([]removedWire, len(ids))
	for i, id := range ids {
		list[i] = removedWire{ID: id, Deleted: deleted[i]}
	}
	return answer(c, list)
}

func (d *dialect) listDocuments(c echo.Context) error {
	a := asking(c)
	params, err := readOnly(c, "page")
	if err != nil {
		return err
	}
	p, err := params.listPage(documentsSize)
	if err != nil {
		return err
	}
	docs, total, err := d.Engines.ListDocuments(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), p.current, p.size)
	if err != nil {
		return err
	}
	list := make([]object, len(docs))
	for i, doc := range docs {
		list[i] = documentOf(doc)
	}
	return answer(c, listOfAll(p, total, list))
}
