// Package webtest talks to a whole server as a client would, in tests.
package webtest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Server is a server under test, on a port of its own.
type Server struct {
	URL string
	t   testing.TB
}

// Start serves a handler until the test ends.
func Start(t testing.TB, h http.Handler) *Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &Server{URL: s.URL, t: t}
}

// Client is one browser or program: it has its own cookies and follows no redirects.
type Client struct {
	server *Server
	http   *http.Client
	header http.Header
}

// Client makes a client. header is sent with every request.
func (s *Server) Client(header ...string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &Client{server: s, header: http.Header{}, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
	for i := 0; i+1 < len(header); i += 2 {
		c.header.Add(header[i], header[i+1])
	}
	return c
}

// Browser makes a client that sends what a browser sends with requests from its own pages.
func (s *Server) Browser() *Client {
	return s.Client("Sec-Fetch-Site", "same-origin", "Origin", s.URL)
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request. Further headers are given as pairs.
func (c *Client) Do(method, path, body string, header ...string) Answer {
	t := c.server.t
	t.Helper()
	r, err := http.NewRequest(method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	for i := 0; i+1 < len(header); i += 2 {
		if strings.EqualFold(header[i], "Host") {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: read answer: %v", method, path, err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(b)}
}

// Get sends a GET request.
func (c *Client) Get(path string, header ...string) Answer {
	return c.Do(http.MethodGet, path, "", header...)
}

// JSON sends a JSON body.
func (c *Client) JSON(method, path, body string, header ...string) Answer {
	return c.Do(method, path, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

// Form posts a form, given as pairs.
func (c *Client) Form(path string, pairs ...string) Answer {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return c.Do(http.MethodPost, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// SetCookies puts cookies into the client's jar, as if the server had set them.
func (c *Client) SetCookies(cookies ...*http.Cookie) {
	u, err := url.Parse(c.server.URL)
	if err != nil {
		c.server.t.Fatal(err)
	}
	c.http.Jar.SetCookies(u, cookies)
}

// Cookies are the cookies the client would send.
func (c *Client) Cookies() []*http.Cookie {
	u, err := url.Parse(c.server.URL)
	if err != nil {
		c.server.t.Fatal(err)
	}
	return c.http.Jar.Cookies(u)
}
