package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render answers with a page. It is written whole or not at all: an error while it is made becomes an error page.
func Render(c echo.Context, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(c.Request().Context(), b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", ConsolePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	return c.HTMLBlob(status, b.Bytes())
}

// Redirect sends a browser to a page with GET, after something was done.
func Redirect(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// LocalPath gives a path to return to that came from outside, if it is a path of the console, and otherwise the
// fallback. Anything a browser could read as another site is refused.
func LocalPath(path, fallback string) string {
	if len(path) > 2000 || !strings.HasPrefix(path, "/console") || strings.ContainsAny(path, "\\\r\n\t\x00#") || strings.Contains(path, "//") {
		return fallback
	}
	if rest := path[len("/console"):]; rest != "" && rest[0] != '/' && rest[0] != '?' {
		return fallback
	}
	for _, r := range path {
		if r < ' ' || r == 0x7f {
			return fallback
		}
	}
	return path
}

var errJSON = fault.New(fault.Invalid, "The request body is not valid JSON.").WithReason("json")

// ReadJSON reads a body that must be one JSON value: valid UTF-8, no doubled members, nothing after it. An empty body
// gives nil.
func ReadJSON(c echo.Context) (json.RawMessage, error) {
	raw, err := io.ReadAll(c.Request().Body)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, err
		}
		return nil, errJSON.WithCause(err)
	}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 {
		return nil, nil
	}
	if !jsontext.Value(raw).IsValid() {
		return nil, errJSON
	}
	return raw, nil
}

// DecodeJSON reads a body as ReadJSON does, into a struct whose fields must cover every member. Names of members are
// compared letter by letter.
func DecodeJSON(c echo.Context, into any) error {
	raw, err := ReadJSON(c)
	if err != nil {
		return err
	}
	if raw == nil {
		return errJSON
	}
	if err := jsonv2.Unmarshal(raw, into, jsonv2.RejectUnknownMembers(true)); err != nil {
		return wrongMember(err)
	}
	return nil
}

// wrongMember words what is wrong with a member without naming Go types.
func wrongMember(err error) error {
	var wrong *jsonv2.SemanticError
	if !errors.As(err, &wrong) || wrong.JSONPointer == "" {
		return errJSON.WithCause(err)
	}
	name := string(wrong.JSONPointer.LastToken())
	if errors.Is(err, jsonv2.ErrUnknownName) {
		return fault.Field(name, name+" is not a known field.")
	}
	return fault.Field(name, name+" has a value of the wrong type.")
}
