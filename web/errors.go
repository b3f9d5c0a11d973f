package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
)

// statusClientGone stands in the log only: it is what nginx writes where a client did not wait for its answer.
const statusClientGone = 499

var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Method:          http.StatusMethodNotAllowed,
	fault.Misdirected:     http.StatusMisdirectedRequest,
	fault.Gone:            statusClientGone,
}

// Status gives the usual status code of a kind. A dialect that differs maps its own before asking.
func Status(kind fault.Kind) int {
	if code, ok := statuses[kind]; ok {
		return code
	}
	return http.StatusInternalServerError
}

// RouteUnknown is the reason of a NotFound error that means that there is no such route.
const RouteUnknown = "route_unknown"

// explain turns what handlers and the router give into an explainable error.
func explain(err error) *fault.Error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fault.New(fault.TooLarge, "The request body is too large.")
	}
	var he *echo.HTTPError
	if !errors.As(err, &he) {
		return fault.From(err)
	}
	switch he.Code {
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "There is nothing here.").WithReason(RouteUnknown)
	case http.StatusMethodNotAllowed:
		return fault.New(fault.Method, "This method is not allowed here.")
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.TooLarge, "The request body is too large.")
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		return fault.New(fault.Invalid, "The request could not be read.")
	}
	return fault.From(err)
}

// soon is when to come back where nobody knows.
const soon = 3 * time.Second

// SetRetryAfter says when to come back, in whole seconds.
func SetRetryAfter(c echo.Context, f *fault.Error) {
	wait := cmp.Or(f.RetryAfter, soon)
	c.Response().Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
}

// fail answers every error there is. Internal ones are logged here, once, and shown as a fixed sentence.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	// The time limit may have ended the context; the answer must be written all the same.
	c.SetRequest(c.Request().WithContext(context.WithoutCancel(c.Request().Context())))
	f := explain(err)
	if f.Kind == fault.Internal && errors.Is(err, context.DeadlineExceeded) {
		f = fault.New(fault.Unavailable, "This took too long. Try again.").WithCause(err)
	}
	if f.Kind == fault.Internal && errors.Is(err, context.Canceled) {
		f = fault.New(fault.Gone, "The client went away.") // nobody is left to read it, and nothing is wrong here
	}
	if cause := errors.Unwrap(f); f.Kind == fault.Internal || f.Kind == fault.Unavailable && cause != nil {
		s.config.Logger.Error("request failed", "request_id", RequestID(c), "route", c.Path(), "kind", string(f.Kind), "error", cause)
	}
	if f.Kind == fault.Unavailable || f.Kind == fault.TooMany {
		SetRetryAfter(c, f)
	}
	answer := plain
	if surface := s.surface(c.Request().URL.Path); surface != nil && surface.Fail != nil {
		answer = surface.Fail
	}
	if err := safely(answer, c, f); err != nil {
		s.config.Logger.Error("answer error", "request_id", RequestID(c), "error", err)
		if !c.Response().Committed {
			c.Response().WriteHeader(http.StatusInternalServerError)
		}
	}
}

// safely keeps a panic in the wording of an error from taking the answer with it: what is broken may be just what error
// pages are made with.
func safely(answer func(echo.Context, *fault.Error) error, c echo.Context, f *fault.Error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v: %s", r, stack())
			if !c.Response().Committed {
				err = errors.Join(err, plain(c, f))
			}
		}
	}()
	return answer(c, f)
}

func plain(c echo.Context, f *fault.Error) error {
	return c.String(Status(f.Kind), f.Message+"\n")
}

// recoverPanics turns a panic into an internal error, so that the process lives and the client gets an answer.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler { //nolint:errorlint // this very value is net/http's signal
					panic(r)
				}
				s.config.Logger.Error("panic", "request_id", RequestID(c), "route", c.Path(), "panic", slog.AnyValue(r), "stack", stack())
				err = fault.New(fault.Internal, "Something went wrong on our side.")
			}
		}()
		return next(c)
	}
}
