package web

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
)

var errCrossOrigin = fault.New(fault.Forbidden, "This request came from another site and was not carried out.").WithReason("cross_origin")

// SameOrigin refuses requests that change something and come from another origin, also from a neighbouring subdomain
// or port. A request that carries the session cookie but neither Sec-Fetch-Site nor Origin is refused too: no present
// browser makes one.
func (s *Sessions) SameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		r := c.Request()
		if err := protection.Check(r); err != nil {
			return errCrossOrigin.WithCause(err)
		}
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
		if !safe && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			if _, err := r.Cookie(s.cookieName()); err == nil {
				return errCrossOrigin
			}
		}
		return next(c)
	}
}

var errHost = fault.New(fault.Misdirected, "Latchkey is not reached under this name.")

// OnHosts refuses requests that name another host than these (with or without port), so that no foreign domain can be
// pointed at a console inside a private network.
func OnHosts(hosts ...string) echo.MiddlewareFunc {
	known := map[string]bool{}
	for _, h := range hosts {
		known[strings.ToLower(h)] = true
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			host := strings.ToLower(c.Request().Host)
			if known[host] || known[HostName(host)] {
				return next(c)
			}
			return errHost
		}
	}
}

// HostName is a host without its port.
func HostName(host string) string {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.Trim(host[i+1:], "0123456789") != "" {
		return host
	}
	return host[:i]
}

// Loopback reports whether a host, with or without port, means this very machine.
func Loopback(host string) bool {
	name := strings.Trim(HostName(host), "[]")
	address, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && address.IsLoopback()
}
