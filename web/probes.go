package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
)

// Probes are /healthz, which says that the process lives, and /readyz, which says that it can do its work.
func Probes(ready func(ctx context.Context) error) Surface {
	ok := func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }
	return Surface{
		Name: "probes",
		Routes: []Route{
			{Method: http.MethodGet, Path: "/healthz", Guard: Public("says only that the process lives"), Handle: ok},
			{Method: http.MethodGet, Path: "/readyz", Guard: Public("says only whether the process can work"), Handle: func(c echo.Context) error {
				if err := ready(c.Request().Context()); err != nil {
					return fault.New(fault.Unavailable, "not ready").WithCause(err)
				}
				return ok(c)
			}},
		},
	}
}
