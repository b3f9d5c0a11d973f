package appsearch

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/web"
)

// identifiersKey is where pre leaves the host identifiers that a request names.
const identifiersKey = "appsearch.identifiers"

// pre brings what clients send to the form that the routes have, and answers preflights.
func (d *dialect) pre(c echo.Context) (answered bool, err error) {
	allowOrigin(c)
	if c.Request().Method == http.MethodOptions {
		return true, preflight(c)
	}
	d.rewrite(c)
	return false, nil
}

// rewrite takes "/h/<identifier>", trailing slashes and ".json" off a path. It works on the escaped path and leaves it
// in RawPath, so that parameters are decoded exactly once, by web.Param.
func (d *dialect) rewrite(c echo.Context) {
	r := c.Request()
	path := r.URL.EscapedPath()
	var identifiers []string
	if rest, ok := strings.CutPrefix(path, "/h/"); ok {
		identifier, rest, _ := strings.Cut(rest, "/")
		// Nothing but this dialect is reached in this way.
		if !strings.HasPrefix(rest, "api/as/") && !strings.HasPrefix(rest, "as/credentials/") {
			return
		}
		name, err := url.PathUnescape(identifier)
		if err != nil {
			return
		}
		path, identifiers = "/"+rest, append(identifiers, strings.ToLower(name))
	}
	if name, ok := d.identifierOfHost(r.Host); ok {
		identifiers = append(identifiers, name)
	}
	c.Set(identifiersKey, identifiers)
	path = strings.TrimSuffix(strings.TrimRight(path, "/"), ".json")
	if decoded, err := url.PathUnescape(path); err == nil {
		r.URL.Path, r.URL.RawPath = decoded, path
	}
}

// identifierOfHost reads "<host identifier>.<base host>". Other names below the base host say nothing: the console may
// stand there too.
func (d *dialect) identifierOfHost(host string) (string, bool) {
	if d.BaseHost == "" {
		return "", false
	}
	name, ok := strings.CutSuffix(web.HostName(strings.ToLower(host)), "."+d.BaseHost)
	return name, ok && strings.HasPrefix(name, "host-")
}

// allowOrigin lets pages of any origin read the answers. The browser client sends its requests with credentials, which
// browsers allow only if the very origin is named. No cookie counts on this surface, so nobody's browser lends rights.
func allowOrigin(c echo.Context) {
	h := c.Response().Header()
	h.Add("Vary", "Origin")
	if origin := c.Request().Header.Get("Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
	}
}

// preflight answers the question that a browser asks before a request, which never carries a key.
func preflight(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS")
	wanted := c.Request().Header.Get("Access-Control-Request-Headers")
	if wanted == "" {
		wanted = "authorization, content-type, x-swiftype-client, x-swiftype-client-version, x-elastic-client-meta"
	}
	h.Set("Access-Control-Allow-Headers", wanted)
	h.Set("Access-Control-Max-Age", "600")
	h.Add("Vary", "Access-Control-Request-Headers")
	return c.NoContent(http.StatusOK)
}
