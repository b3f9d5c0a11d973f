package lupa

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// shareQueries lets pages of every site read the answers of public queries, also errors, and answers the question that
// browsers ask first. No other route of the dialect is shared. Credentials never count here, so none are allowed.
func shareQueries(c echo.Context) (answered bool, err error) {
	r := c.Request()
	if !strings.HasPrefix(r.URL.Path, onQuery) {
		return false, nil
	}
	h := c.Response().Header()
	h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	if r.Method != http.MethodOptions {
		return false, nil
	}
	h.Set(echo.HeaderAccessControlAllowMethods, "GET, POST")
	h.Set(echo.HeaderAccessControlAllowHeaders, "Content-Type, Accept")
	h.Set(echo.HeaderAccessControlMaxAge, "600")
	return true, c.NoContent(http.StatusNoContent)
}
