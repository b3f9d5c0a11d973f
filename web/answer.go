package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
)

// Redirect sends a browser to a page with GET, after something was done.
func Redirect(c echo.Context, path string) error { return c.Redirect(http.StatusSeeOther, path) }

// LocalPath gives a path to return to that came from outside, if it is a path of the console, and otherwise the
// fallback. Anything a browser could read as another site is refused.
func LocalPath(path, fallback string) string {
	if len(path) > 2000 || !strings.HasPrefix(path, "/console") || strings.ContainsAny(path, "\\\r\n\t\x00#") || strings.Contains(path, "//") {
		return fallback
	}
	if rest := path[len("/console"):]; rest != "" && rest[0] != '/' && rest[0] != '?' {
		return fallback
	}
	for _, r := range path {
		if r < ' ' || r == 0x7f {
			return fallback
		}
	}
	return path
}

// Param gives a parameter of the path as it was meant: the router takes it from the escaped path where there is one.
func Param(c echo.Context, name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value
	}
	if plain, err := url.PathUnescape(value); err == nil {
		return plain
	}
	return value
}

// Slots are the places in which requests with large bodies are worked on: each needs much memory, so only a few have one.
type Slots chan struct{}

// NewSlots makes n of them.
func NewSlots(n int) Slots { return make(Slots, n) }

const slotsKey = "latchkey.slots"

// Large makes a guard for routes with bodies over 1 MiB: Hold waits for a slot, and ReadJSON takes more tokens.
func (s Slots) Large(g Guard) Guard {
	return Guard{Name: g.Name, Check: func(next echo.HandlerFunc) echo.HandlerFunc {
		checked := g.Check(next)
		return func(c echo.Context) error {
			c.Set(slotsKey, s)
			return checked(c)
		}
	}}
}

// held is a body that was read already.
type held struct {
	io.Reader
	raw []byte
}

func (held) Close() error { return nil }

// Hold reads the whole body before next runs, so that nothing which next finds out grows old while the client takes its
// time. It is for guards that know already who is asking: only for those a slot is taken and a body is kept.
func Hold(c echo.Context, next func() error) error {
	if slots, ok := c.Get(slotsKey).(Slots); ok {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-c.Request().Context().Done():
			return c.Request().Context().Err()
		}
	}
	raw, err := readBody(c)
	if err != nil {
		return err
	}
	c.Request().Body = held{bytes.NewReader(raw), raw}
	return next()
}

var errUnread = fault.New(fault.Invalid, "The request body could not be read.").WithReason("body")

// readBody reads a body, which the server has bounded.
func readBody(c echo.Context) ([]byte, error) {
	if body, ok := c.Request().Body.(held); ok {
		return body.raw, nil
	}
	raw, err := io.ReadAll(c.Request().Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fault.New(fault.Unavailable, "The request body did not arrive in time. Try again.").WithCause(err)
	case err != nil:
		return nil, errUnread.WithCause(err)
	}
	return raw, nil
}

// Body gives a body as far as Hold has read it, and nil where it has not.
func Body(c echo.Context) []byte {
	body, _ := c.Request().Body.(held)
	return body.raw
}

// Limits of JSON. What is made of a body takes many times its bytes: it is counted before anything is made.
const (
	MaxDepth    = 32
	maxTokens   = 20_000
	largeTokens = 2_000_000 // on routes that Slots.Large guards
)

var (
	errJSON   = fault.New(fault.Invalid, "The request body is not valid JSON.").WithReason("json")
	errDeep   = fault.New(fault.Invalid, "The request body is nested too deep.").WithReason("json")
	errTokens = fault.New(fault.TooLarge, "The request body has too many values.").WithReason("json")
)

// ReadJSON reads a body that must be one JSON value: valid UTF-8, no doubled members, nothing after it, within the
// limits. An empty body gives nil.
func ReadJSON(c echo.Context) (json.RawMessage, error) {
	raw, err := readBody(c)
	if err != nil {
		return nil, err
	}
	if raw = bytes.TrimSpace(raw); len(raw) == 0 {
		return nil, nil
	}
	most := maxTokens
	if c.Get(slotsKey) != nil {
		most = largeTokens
	}
	if err := checkJSON(raw, most); err != nil {
		return nil, err
	}
	return raw, nil
}

// checkJSON reads a value once, token by token, and keeps nothing of it.
func checkJSON(raw []byte, most int) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw))
	for n := 1; ; n++ {
		if _, err := d.ReadToken(); err != nil {
			return errJSON.WithCause(err)
		}
		switch {
		case d.StackDepth() > MaxDepth:
			return errDeep
		case n > most:
			return errTokens
		case d.StackDepth() == 0:
			if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
				return errJSON
			}
			return nil
		}
	}
}

// DecodeJSON reads a body as ReadJSON does, into a struct whose fields must cover every member. Names of members are
// compared letter by letter.
func DecodeJSON(c echo.Context, into any) error {
	raw, err := ReadJSON(c)
	if err != nil {
		return err
	}
	if raw == nil {
		return errJSON
	}
	if err := jsonv2.Unmarshal(raw, into, jsonv2.RejectUnknownMembers(true)); err != nil {
		return wrongMember(err)
	}
	return nil
}

// wrongMember words what is wrong with a member without naming Go types.
func wrongMember(err error) error {
	var wrong *jsonv2.SemanticError
	if !errors.As(err, &wrong) || wrong.JSONPointer == "" {
		return errJSON.WithCause(err)
	}
	name := string(wrong.JSONPointer.LastToken())
	if errors.Is(err, jsonv2.ErrUnknownName) {
		return fault.Field(name, name+" is not a known field.")
	}
	return fault.Field(name, name+" has a value of the wrong type.")
}
