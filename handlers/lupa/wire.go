package lupa

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
)

// done is the answer where there is nothing to show.
//
//	{"success":true}
type done struct {
	Success bool `json:"success"`
}

func answerDone(c echo.Context) error { return c.JSON(http.StatusOK, done{Success: true}) }

// stamp is a time on the wire: ISO 8601 in UTC with milliseconds, "2024-03-05T09:08:07.000Z". The zero time is null.
type stamp time.Time

const stampLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time.
func (s stamp) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + t.UTC().Format(stampLayout) + `"`), nil
}

// isoLayouts are the forms of ISO 8601 that are taken; without a zone they mean UTC.
var isoLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02"}

// leastMillis is the smallest number taken for milliseconds, in March 1973: a time in seconds is smaller.
const leastMillis = 100_000_000_000

// readTime reads a time that came in as ISO 8601, as epoch milliseconds, or as null for none.
func readTime(raw json.RawMessage) (time.Time, bool) {
	if string(raw) == "null" {
		return time.Time{}, true
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return time.UnixMilli(n).UTC(), n >= leastMillis
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return time.Time{}, false
	}
	for _, layout := range isoLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// flag is a boolean that clients also send as 0 and 1.
type flag bool

// UnmarshalJSON reads the boolean.
func (f *flag) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "true", "1":
		*f = true
	case "false", "0", "null":
		*f = false
	default:
		return &json.UnmarshalTypeError{Value: "value"} // the decoder adds the name of the field
	}
	return nil
}

var (
	errNoBody = fault.New(fault.Invalid, "The request needs a JSON body.")
	errBody   = fault.New(fault.Invalid, "The request body does not have the right form.")
)

// decode reads a body into a struct and ignores what the struct does not know. Numbers in free values stay as they
// were written.
func decode(c echo.Context, into any) error {
	raw, err := web.ReadJSON(c)
	if err != nil {
		return err
	}
	if raw == nil {
		return errNoBody
	}
	return unmarshal(raw, into)
}

func unmarshal(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err := d.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong) && wrong.Field != "":
		return fault.Field(wrong.Field, wrong.Field+" has a value of the wrong type.")
	}
	return errBody.WithCause(err)
}
