package web

import (
	"context"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"latchkey/db/secret"
)

func stack() string { return string(debug.Stack()) }

const requestIDKey = "latchkey.request_id"

// goodRequestID is what a client's own request id must look like to be kept: the hexadecimal ids of tracing and UUIDs
// do. It is written to the log and to the history, so nothing that can be a key may pass: ours are longer, and the older
// ones are known by their form.
var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9-]{8,40}$`)

// RequestID gives the id under which a request stands in the log and in its own X-Request-Id header.
func RequestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !goodRequestID.MatchString(id) || secret.HideKeys(id) != id {
			id = uuid.NewString()
		}
		c.Set(requestIDKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// log writes one line for every request: the pattern of its route, never its URL, which may hold a key.
func (s *Server) log(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		s.config.Logger.Info("request", "request_id", RequestID(c), "method", c.Request().Method, "route", c.Path(),
			"status", c.Response().Status, "bytes", c.Response().Size, "milliseconds", time.Since(start).Milliseconds(), "address", c.RealIP())
		return nil
	}
}

// ConsolePolicy is the Content-Security-Policy of pages: nothing inline and nothing from anywhere else.
const ConsolePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers sets what every answer carries, also errors. Pages and assets loosen what they need.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if s.config.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// limit bounds the time a request may take. The server's own limits guard the connection.
func (s *Server) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), handlerTimeout)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// sized bounds the body of one route.
func sized(limit int64) echo.MiddlewareFunc {
	if limit == 0 {
		limit = DefaultBody
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.ContentLength > limit {
				return &http.MaxBytesError{Limit: limit}
			}
			r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
			return next(c)
		}
	}
}
