package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// packFrom is how large a page must be to be compressed: less fits into one packet anyway.
const packFrom = 1400

// packLevel is where pages stop getting notably smaller: see BenchmarkRender.
const packLevel = 4

var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	packers = sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, packLevel)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}}
)

// Render answers with a page. It is written whole or not at all: an error while it is made becomes an error page.
func Render(c echo.Context, status int, page templ.Component) error {
	return render(c, status, page, true)
}

// RenderSecret answers with a page that holds a secret. It is never compressed: from the length of a compressed page
// that also repeats something an attacker chooses, the secret can be guessed letter by letter (BREACH).
func RenderSecret(c echo.Context, status int, page templ.Component) error {
	return render(c, status, page, false)
}

func render(c echo.Context, status int, page templ.Component, pack bool) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(c.Request().Context(), b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", ConsolePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Type", echo.MIMETextHTMLCharsetUTF8)
	body := b.Bytes()
	if pack {
		h.Add("Vary", "Accept-Encoding")
		if len(body) >= packFrom && acceptsGzip(c.Request().Header.Values("Accept-Encoding")) {
			small := buffers.Get().(*bytes.Buffer)
			defer buffers.Put(small)
			if err := packInto(small, body); err != nil {
				return err
			}
			h.Set("Content-Encoding", "gzip")
			body = small.Bytes()
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(status)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(body)
	return err
}

func packInto(b *bytes.Buffer, body []byte) error {
	b.Reset()
	w := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(b)
	_, err := w.Write(body)
	return errors.Join(err, w.Close())
}

// acceptsGzip reads Accept-Encoding as RFC 9110, section 12.5.3, says.
func acceptsGzip(headers []string) bool {
	accepts := false
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		coding, weight, _ := strings.Cut(strings.ToLower(strings.TrimSpace(part)), ";")
		q := 1.0
		if name, value, ok := strings.Cut(strings.TrimSpace(weight), "="); ok && strings.TrimSpace(name) == "q" {
			var err error
			if q, err = strconv.ParseFloat(strings.TrimSpace(value), 64); err != nil {
				q = 0
			}
		}
		switch strings.TrimSpace(coding) {
		case "gzip":
			return q > 0
		case "*":
			accepts = q > 0
		}
	}
	return accepts
}
