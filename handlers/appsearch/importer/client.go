package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"latchkey/db/secret"
)

// Limits of what the source may do.
const (
	maxAnswer   = 32 << 20 // bytes; a page of 100 documents has at most 10 MB and its escapes
	answerLimit = 2 * time.Minute
	maxTries    = 8  // of one request that fails
	maxWaits    = 60 // of one request that is told to come later
	longestWait = 10 * time.Minute
	maxMessage  = 300 // characters of an error message that are shown
)

// client asks the source. All it asks are questions, so each may be asked again.
type client struct {
	base    *url.URL
	http    *http.Client
	agent   string
	secrets []secret.Secret // what must stand in no message
	wait    func(context.Context, time.Duration) error
	now     func() time.Time
	say     func(format string, args ...any)
}

// transport is how a source is reached: with a limit for every step.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        time.Minute,
		ForceAttemptHTTP2:      true,
	}
}

// question is one request to the source. The way of it is a list of names, each of which may hold any character.
type question struct {
	key    secret.Secret
	method string // empty: GET
	way    []string
	query  url.Values
	body   any // sent as JSON; nil: none
}

// ask puts a question until it is answered, and reads the answer. It gives a *refusal when the source says no, and
// another error when it could not be asked.
func (c *client) ask(ctx context.Context, q question, into any) error {
	waits := 0
	for try := 1; ; {
		err := c.once(ctx, q, into)
		var later *retryError
		if err == nil || ctx.Err() != nil || !errors.As(err, &later) {
			return errors.Join(ctx.Err(), err)
		}
		pause := backoff(try)
		if later.told {
			if waits++; waits > maxWaits {
				return later.cause
			}
			pause = min(max(later.after, time.Second), longestWait)
		} else if try++; try > maxTries {
			return later.cause
		}
		c.say("%v; trying again in %s", later.cause, pause)
		if err := c.wait(ctx, pause); err != nil {
			return err
		}
	}
}

// backoff is how long to wait after a try that failed: 1, 2, 4 seconds and so on, at most 30.
func backoff(try int) time.Duration {
	return min(time.Second<<min(try-1, 10), 30*time.Second)
}

// once puts a question once.
func (c *client) once(ctx context.Context, q question, into any) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	req, err := c.request(ctx, q)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreached(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(raw) > maxAnswer {
		return errTooLong
	}
	if resp.StatusCode != http.StatusOK {
		return c.refused(resp, raw)
	}
	if err != nil {
		return &retryError{cause: errCut}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(into); err != nil || d.More() {
		return &retryError{cause: errNoJSON}
	}
	return nil
}

func (c *client) request(ctx context.Context, q question) (*http.Request, error) {
	address := *c.base
	for _, part := range q.way {
		address.RawPath = address.EscapedPath() + "/" + url.PathEscape(part)
		address.Path += "/" + part
	}
	address.RawQuery = q.query.Encode()
	var body io.Reader
	if q.body != nil {
		raw, err := json.Marshal(q.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	method := q.method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, address.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+q.key.Reveal())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", c.agent)
	return req, nil
}

// refused words an answer that is not 200.
func (c *client) refused(resp *http.Response, raw []byte) error {
	status := resp.StatusCode
	switch {
	case status >= 300 && status < 400:
		return redirected(resp.Header.Get("Location"))
	case status == http.StatusTooManyRequests:
		after, told := c.after(resp.Header.Get("Retry-After"))
		return &retryError{cause: errBusy, after: after, told: told}
	case status == http.StatusRequestTimeout, status >= 500:
		return &retryError{cause: &refusal{status, c.message(raw)}}
	}
	return &refusal{status, c.message(raw)}
}

// after reads Retry-After: seconds, or a moment.
func (c *client) after(text string) (time.Duration, bool) {
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n >= 0 {
		return time.Duration(min(n, 1<<20)) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(c.now()), 0), true
	}
	return 0, false
}

// message takes what the source says out of an error's body, in either of the dialect's shapes.
func (c *client) message(raw []byte) string {
	var body struct {
		Error  string
		Errors any
	}
	if json.Unmarshal(raw, &body) != nil {
		return ""
	}
	list := []string{body.Error}
	switch v := body.Errors.(type) {
	case string:
		list = append(list, v)
	case []any:
		for _, one := range v {
			if s, ok := one.(string); ok {
				list = append(list, s)
			}
		}
	}
	return c.tidy(strings.TrimSpace(strings.Join(list, " ")))
}

// tidy makes what the source said fit to be shown: on one line, not too long, and without the keys it was asked with.
func (c *client) tidy(text string) string {
	for _, s := range c.secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s.Reveal(), secret.Redacted)
		}
	}
	text = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r <= 0x9f {
			return ' '
		}
		return r
	}, text), "?")
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "…"
	}
	return text
}
