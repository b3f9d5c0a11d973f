package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/views"
	"latchkey/web"
)

// documentsSize is how many documents stand on one page, columnsShown how many of their fields, and valueShown how many
// bytes of each.
const (
	documentsSize = 25
	columnsShown  = 4
	valueShown    = 80
)

// documents lists the documents of an engine, or shows the one whose id is looked for.
func (s *console) documents(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	head, e, err := s.engineHead(c, views.TabDocuments)
	if err != nil {
		return err
	}
	page := views.DocumentsPage{EngineHead: head, SoughtID: c.QueryParam("id")}
	if page.Sought = page.SoughtID != ""; page.Sought {
		found, err := s.document(c, head, page.SoughtID)
		if found || err != nil {
			return err
		}
		page.SoughtID = cutText(page.SoughtID, engine.MaxID)
		return web.Render(c, http.StatusOK, views.Documents(page))
	}
	last := engine.MaxOffset/documentsSize + 1
	number := min(pageOf(c), last)
	docs, total, err := s.Engines.ListDocuments(ctx, v.Who, v.project.Target(), e.Name, number, documentsSize)
	if err != nil {
		return err
	}
	schema, err := s.Engines.Schema(ctx, v.Who, v.project.Target(), e.Name)
	if err != nil {
		return err
	}
	page.Pages = views.Pages{Number: number, Size: documentsSize, Total: total, Last: last}
	page.Columns, page.Items = documentItems(docs, schema)
	return web.Render(c, http.StatusOK, views.Documents(page))
}

func documentItems(docs []engine.Document, schema engine.Schema) (columns []string, items []views.DocumentItem) {
	for _, f := range schema[:min(len(schema), columnsShown)] {
		columns = append(columns, f.Name)
	}
	items = make([]views.DocumentItem, len(docs))
	for i, d := range docs {
		items[i].ID = d.ID
		for _, name := range columns {
			items[i].Values = append(items[i].Values, short(d.Get(name).String()))
		}
	}
	return columns, items
}

// short is the beginning of a value.
func short(text string) string {
	if len(text) <= valueShown {
		return text
	}
	return fault.Cut(text, valueShown) + "…"
}

// showDocument is the page of one document.
func (s *console) showDocument(c echo.Context) error {
	head, _, err := s.engineHead(c, views.TabDocuments)
	if err != nil {
		return err
	}
	found, err := s.document(c, head, web.Param(c, "document"))
	if err == nil && !found {
		return errNotHere
	}
	return err
}

// document shows a document if there is one.
func (s *console) document(c echo.Context, head views.EngineHead, id string) (found bool, err error) {
	v := visitorOf(c)
	docs, err := s.Engines.GetDocuments(c.Request().Context(), v.Who, v.project.Target(), head.Name, []string{id})
	if err != nil || docs[0] == nil {
		return false, err
	}
	text, err := docs[0].JSON()
	if err != nil {
		return false, err
	}
	return true, web.Render(c, http.StatusOK, views.Document(views.DocumentPage{EngineHead: head, ID: docs[0].ID, JSON: text, Size: views.Bytes(int64(len(text)))}))
}
