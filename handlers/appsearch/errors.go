package appsearch

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
)

// failure is the body of every refusal.
//
//	authentication failures {"error":"text"}; everything else {"errors":["text"]}; routing error a string under errors
type failure struct {
	Error  string `json:"error,omitempty"`
	Errors any    `json:"errors,omitempty"`
}

// fail answers an error in the words of App Search.
func fail(c echo.Context, f *fault.Error) error {
	status := statusOf(f.Kind)
	if status == http.StatusUnauthorized {
		c.Response().Header().Set("WWW-Authenticate", `Basic realm="Swiftype"`)
	}
	return send(c, status, "no-cache", failureOf(f))
}

// statusOf differs from the usual where clients expect something else: 401 for a missing permission, 400 for whatever
// is wrong with the input.
func statusOf(kind fault.Kind) int {
	switch kind {
	case fault.Forbidden:
		return http.StatusUnauthorized
	case fault.Invalid, fault.Conflict:
		return http.StatusBadRequest
	}
	return web.Status(kind)
}

func failureOf(f *fault.Error) failure {
	switch {
	case f.Kind == fault.Unauthenticated:
		return failure{Error: f.Message}
	case f.Kind == fault.NotFound && f.Reason == web.RouteUnknown:
		return failure{Errors: "Routing Error. The path you have requested is invalid."}
	}
	return failure{Errors: messages(f)}
}

// messages lists all that is wrong, the fields in a fixed order, each named in its message.
func messages(f *fault.Error) []string {
	if f.Kind == fault.Forbidden {
		if f.Reason == "grant" {
			return []string{unauthorized, f.Message}
		}
		return []string{unauthorized}
	}
	if len(f.Fields) == 0 {
		return []string{f.Message}
	}
	var list []string
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		message := f.Fields[field]
		if !strings.Contains(strings.ToLower(message), strings.ToLower(field)) {
			message = field + ": " + message
		}
		list = append(list, message)
	}
	return list
}

func invalid(message string) error { return fault.New(fault.Invalid, message) }

// invalidKey refuses a member that does not belong where it stands.
func invalidKey(where, name string) error {
	return invalid(where + " contains invalid key: " + shorten(name))
}

func missing(name string) error { return invalid("Missing required parameter: " + name) }

// shorten keeps what a client sent from filling an error message.
func shorten(s string) string {
	if len(s) <= 100 {
		return s
	}
	return strings.ToValidUTF8(s[:100], "") + "…"
}
