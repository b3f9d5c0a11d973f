package appsearch

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/analytics"
	"latchkey/db/fault"
	"latchkey/db/secret"
	"latchkey/web"
)

// watched is a request of an engine on its way into the log: who makes it, and what is answered.
type watched struct {
	asker
	answer *tee
}

const watchedKey = "appsearch.watched"

// watch begins to log a request, once it is known who makes it. Requests of no engine are not logged.
func (d *dialect) watch(c echo.Context, a asker) {
	if c.Param("engine") == "" {
		return
	}
	t := &tee{ResponseWriter: c.Response().Writer}
	c.Response().Writer = t
	c.Set(watchedKey, watched{a, t})
}

// note ends it, when the answer was given.
func (d *dialect) note(c echo.Context) {
	w, ok := c.Get(watchedKey).(watched)
	if !ok {
		return
	}
	r := c.Request()
	d.Analytics.Log(w.who, w.in(), web.Param(c, "engine"), analytics.Request{
		Method: r.Method, Path: r.RequestURI, Agent: r.UserAgent(), Body: web.Body(c),
		Status: c.Response().Status, Answer: w.answer.head, Whole: w.answer.size == len(w.answer.head), Hiding: hiding(c),
	})
}

// fail answers an error, and ends the log of a request with it.
func (d *dialect) fail(c echo.Context, f *fault.Error) error {
	err := fail(c, f)
	d.note(c)
	return err
}

// tee keeps the beginning of an answer.
type tee struct {
	http.ResponseWriter
	head []byte
	size int
}

// Write passes on what is written.
func (t *tee) Write(b []byte) (int, error) {
	t.size += len(b)
	if room := analytics.Capture - len(t.head); room > 0 {
		t.head = append(t.head, b[:min(room, len(b))]...)
	}
	return t.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController what it looks for.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// hiding knows what a request proves itself with, so that it is not kept wherever it stands.
func hiding(c echo.Context) secret.Hider {
	var h secret.Hider
	for _, value := range c.Request().Header.Values(echo.HeaderAuthorization) {
		scheme, proof, _ := strings.Cut(strings.TrimSpace(value), " ")
		proof = strings.TrimSpace(proof)
		h.Known = append(h.Known, proof)
		if !strings.EqualFold(scheme, "Basic") {
			continue
		}
		if plain, err := base64.StdEncoding.DecodeString(proof); err == nil {
			_, password, _ := strings.Cut(string(plain), ":")
			h.Known = append(h.Known, password)
		}
	}
	h.Known = append(h.Known, c.QueryParams()[tokenParam]...)
	return h
}
