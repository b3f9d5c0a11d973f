package appsearch

import (
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
)

// What surrounded App Search in its product, as far as official clients and their test suites ask for it. It is for
// users alone.

var errEnterprise = fault.New(fault.Unauthenticated, "unable_to_authenticate_user")

// requireUser lets users pass who prove who they are with an e-mail address and a password, whatever their roles.
func (d *dialect) requireUser() web.Guard {
	return web.Guard{Name: "a user by e-mail address and password", Check: func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			headers := c.Request().Header.Values(echo.HeaderAuthorization)
			if len(headers) == 0 || strings.TrimSpace(headers[0]) == "" {
				return errNoToken
			}
			email, password, is, err := basic(headers[0])
			if err != nil || !is || len(headers) > 1 || ofAnotherSite(c.Request()) {
				return errEnterprise
			}
			_, _, err = d.Accounts.PrincipalByPassword(c.Request().Context(), caller(c), email, password)
			if fault.Is(err, fault.Unauthenticated) {
				return errEnterprise.WithCause(err)
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}}
}

// versionWire is the version of the API that is spoken here, which is not ours.
//
//	{"number":"8.1.0","build_hash":"…","build_date":"…"}
type versionWire struct {
	Number    string `json:"number"`
	BuildHash string `json:"build_hash"`
	BuildDate string `json:"build_date"`
}

var spoken = versionWire{Number: "8.18.0", BuildHash: "latchkey"}

func (d *dialect) version(c echo.Context) error { return answer(c, spoken) }

// healthWire is the part of the health of Enterprise Search that is not about its own insides. Who may look after this
// instance finds more in the console.
type healthWire struct {
	Name    string      `json:"name"`
	Version versionWire `json:"version"`
}

func (d *dialect) health(c echo.Context) error {
	return answer(c, healthWire{Name: "latchkey", Version: spoken})
}

// readOnlyWire says whether changes are refused for a while. They never are.
//
//	{"enabled":false}
type readOnlyWire struct {
	Enabled bool `json:"enabled"`
}

func (d *dialect) readOnly(c echo.Context) error { return answer(c, readOnlyWire{}) }

// noSources is the list of Workplace Search sources, of which there are none: a test suite asks for it to tidy up.
func (d *dialect) noSources(c echo.Context) error {
	return answer(c, listOfAll(page{current: 1, size: enginesSize}, 0, []struct{}{}))
}
