package appsearch

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web"
)

// errBasicSite is the answer to a page of another site that sends the e-mail address and password of a user. A browser
// that was once told them sends them with every request, whichever page makes it, and such a page may read the answers
// here. Keys are not sent by themselves.
var errBasicSite = fault.New(fault.Unauthenticated, "Pages of other sites cannot use an e-mail address and a password. Use a search key.")

// basic reads the user and the password of an Authorization header.
//
//	Authorization: Basic base64("ada@example.com:password")
func basic(header string) (email string, password secret.Secret, is bool, err error) {
	scheme, encoded, _ := strings.Cut(strings.TrimSpace(header), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false, nil
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", "", true, errToken
	}
	email, rest, found := strings.Cut(string(plain), ":")
	if !found {
		return "", "", true, errToken
	}
	return email, secret.Secret(rest), true, nil
}

// userProver is prover for a user's e-mail address and password, which are checked once: later it asks who the user is
// by then. A user acts in the project that the host identifier names, and without one in the oldest they have a role in.
func (d *dialect) userProver(c echo.Context, email string, password secret.Secret) (func(context.Context) (proven, error), error) {
	if ofAnotherSite(c.Request()) {
		return nil, errBasicSite
	}
	ctx := c.Request().Context()
	p, u, err := d.Accounts.PrincipalByPassword(ctx, caller(c), email, password)
	if err != nil {
		return nil, err
	}
	place, err := d.placeOf(c, p)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (proven, error) {
		now, _, err := d.Accounts.Principal(ctx, permission.User, u.ID, u.Epoch)
		return proven{principal: now, place: place}, err
	}, nil
}

// placeOf gives the project of a user's request. One that they may not know of is refused like one that does not exist.
func (d *dialect) placeOf(c echo.Context, user permission.Principal) (permission.Target, error) {
	named, err := d.project(c)
	switch {
	case err != nil:
		return permission.Target{}, err
	case named == account.Project{}:
		first, err := d.Accounts.FirstProject(c.Request().Context(), audit.Who{Principal: user})
		if fault.Is(err, fault.NotFound) {
			return permission.Target{}, errUnauthorized
		}
		return first.Target(), err
	}
	if _, visible := permission.HeldBy(user, named.Target()); !visible {
		return permission.Target{}, errToken
	}
	return named.Target(), nil
}

// ofAnotherSite reports whether a browser says that a page of another origin makes a request.
func ofAnotherSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// caller is the request as far as it is known before anything is proven.
func caller(c echo.Context) audit.Who {
	return audit.Who{Address: c.RealIP(), UserAgent: c.Request().UserAgent(), RequestID: web.RequestID(c)}
}
