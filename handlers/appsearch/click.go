package appsearch

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/analytics"
	"latchkey/web"
)

// click counts that somebody chose a document among what a search had found. The document need not exist.
//
//	{"query":"lamp","document_id":"p1","request_id":"…","tags":["web"]} -> 200, empty body
func (d *dialect) click(c echo.Context) error {
	a := asking(c)
	params, err := readOnly(c, "query", "document_id", "request_id", "tags")
	if err != nil {
		return err
	}
	for _, name := range []string{"query", "document_id"} {
		if params.values[name] == nil {
			return missing(name)
		}
	}
	click := analytics.Click{Hiding: hiding(c)}
	if click.Query, err = params.plain("query"); err != nil {
		return err
	}
	if click.Document, err = params.plain("document_id"); err != nil {
		return err
	}
	if _, err = params.plain("request_id"); err != nil { // it adds nothing to what is counted
		return err
	}
	if click.Tags, err = tagsOf(params.values["tags"], "Tags"); err != nil {
		return err
	}
	if err := d.Analytics.Clicked(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), click); err != nil {
		return err
	}
	caching(c, "no-cache")
	return c.Blob(http.StatusOK, "application/json", nil)
}

// plain gives a parameter that must be a text or a number, "" where it is not there.
func (b bag) plain(name string) (string, error) {
	if b.values[name] == nil {
		return "", nil
	}
	texts, ok := textsOf([]any{b.values[name]})
	if !ok {
		return "", invalid(name + " must be a text")
	}
	return texts[0], nil
}
