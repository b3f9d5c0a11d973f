package web

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// CSV writes rows for spreadsheets. Text that a spreadsheet would take for a formula gets an apostrophe in front, which
// makes it text: names come from users, and nobody's spreadsheet may run what somebody else has typed.
type CSV struct{ w *csv.Writer }

// NewCSV writes rows to w.
func NewCSV(w io.Writer) CSV {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return CSV{c}
}

// Row writes one row.
func (c CSV) Row(cells ...string) error {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = asText(cell)
	}
	return c.w.Write(safe)
}

// Flush writes what is still held back.
func (c CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// asText keeps a cell from being read as a formula: also behind spaces, and also in the wide forms of the same signs.
func asText(cell string) string {
	trimmed := strings.TrimLeft(cell, " \u00a0\u3000\ufeff")
	if strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") || strings.HasPrefix(cell, "\n") || strings.IndexAny(trimmed, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

// Limits of a download: for the whole, and for the client to take each piece.
const (
	downloadLimit = 10 * time.Minute
	pieceLimit    = 30 * time.Second
	pieceSize     = 32 << 10
)

// Download answers with a file that is sent while it is made, for longer than other requests may take. Until its first
// piece is sent an error becomes the usual answer; after that the connection is broken off, so that nobody takes the
// piece for the whole.
func Download(c echo.Context, name, contentType string, make func(ctx context.Context, w io.Writer) error) error {
	asked := c.Request().Context()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(asked), downloadLimit)
	defer cancel()
	stop := context.AfterFunc(asked, func() {
		if errors.Is(asked.Err(), context.Canceled) { // the client went away; the usual limit of time is not ours
			cancel()
		}
	})
	defer stop()
	h := c.Response().Header()
	before := h.Clone()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	w := bufio.NewWriterSize(pieces{c}, pieceSize)
	err := make(ctx, w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil && c.Response().Committed {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		clear(h)
		for key, values := range before {
			h[key] = values
		}
	}
	return err
}

// pieces sends what it is given, with a new limit of time for each piece.
type pieces struct{ c echo.Context }

func (p pieces) Write(b []byte) (int, error) {
	// Where the connection knows no deadlines, as in a test, there is nothing to move.
	_ = http.NewResponseController(p.c.Response()).SetWriteDeadline(time.Now().Add(pieceLimit))
	return p.c.Response().Write(b)
}
