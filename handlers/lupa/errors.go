package lupa

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
)

// failure is the body of every error. Lupa's clients read it so: the JavaScript SDK takes errors.message, WooCommerce
// body.errors.message, and PHP joins the strings of an object in errors.
//
//	{"success":false,"errors":{"message":"…"}}
type failure struct {
	Success bool    `json:"success"`
	Errors  problem `json:"errors"`
}

type problem struct {
	Message string `json:"message"`
}

// fail answers an error in the words of the dialect.
func fail(c echo.Context, f *fault.Error) error {
	status := web.Status(f.Kind)
	switch f.Kind {
	case fault.Invalid, fault.Conflict:
		status = http.StatusBadRequest
	case fault.Unauthenticated:
		challenge(c, f.Reason)
	case fault.Forbidden:
		challenge(c, "insufficient_scope")
	}
	return c.JSON(status, failure{Errors: problem{Message: words(f)}})
}

// challenge says how to authenticate (RFC 6750, section 3). Without a credential there is no error code.
func challenge(c echo.Context, reason string) {
	value := `Bearer realm="latchkey"`
	if reason == invalidToken || reason == "insufficient_scope" {
		value += `, error="` + reason + `"`
	}
	c.Response().Header().Set(echo.HeaderWWWAuthenticate, value)
}

// wireNames are the fields that have another name on the wire than in our subjects.
var wireNames = map[string]string{"engines": "indexIds", "expires": "expiration"}

// words makes one message of an error, with what is wrong with each field.
func words(f *fault.Error) string {
	if len(f.Fields) == 0 {
		return f.Message
	}
	parts := make([]string, 0, len(f.Fields))
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		name := field
		if wire, ok := wireNames[field]; ok {
			name = wire
		}
		text := f.Fields[field]
		if !strings.HasPrefix(text, name+" ") {
			text = name + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}
