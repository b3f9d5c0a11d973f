package lupa_test

import (
	"strings"
	"testing"
)

// Every error is JSON in the dialect's shape, whatever went wrong and wherever.
func TestEveryErrorIsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const nothing, method = "There is nothing here.", "This method is not allowed here."
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		message            string
	}{
		"the root itself":          {get, "/v1", "", 404, nothing},
		"unknown route":            {get, "/v1/nothing", "", 404, nothing},
		"unknown route, changing":  {post, "/v1/nothing/at/all", "{}", 404, nothing},
		"wrong method":             {get, "/v1/users/login", "", 405, method},
		"wrong method on a key":    {post, w.keysPath() + "/x", "{}", 405, method},
		"wrong method on a query":  {del, "/v1/query/abc", "", 405, method},
		"trace":                    {"TRACE", "/v1/users/me", "", 405, method},
		"unknown key":              {get, w.keysPath() + "/11111111-2222-4333-8444-555555555555", "", 404, "There is no such key."},
		"key by another name":      {get, w.keysPath() + "/full-key", "", 404, "There is no such key."},
		"no body":                  {post, index(w.books) + "/documents", "", 400, "The request needs a JSON body."},
		"body is no JSON":          {post, index(w.books) + "/documents", "{", 400, "The request body is not valid JSON."},
		"body of another form":     {post, index(w.books) + "/documents", "[]", 400, "The request body does not have the right form."},
		"body is too large":        {post, index(w.books) + "/queries", strings.Repeat(" ", 65<<10), 413, "The request body is too large."},
		"import is too large":      {post, index(w.books) + "/documents", strings.Repeat(" ", 10<<20+1), 413, "The request body is too large."},
		"index by name":            {get, "/v1/indices/books", "", 404, "There is no such index."},
		"index with percent signs": {get, "/v1/indices/%2e%2e%2fusers", "", 404, "There is no such index."},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, w.as("admin").JSON(c.method, c.path, c.body), c.status, c.message) })
	}
}

// HEAD answers where GET does, without a body.
func TestHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := w.as("admin").Do("HEAD", mePath, ""); a.Status != 200 || a.Body != "" {
		t.Errorf("status %d body %q", a.Status, a.Body)
	}
	if a := w.Client().Do("HEAD", mePath, ""); a.Status != 401 {
		t.Errorf("guest: status %d", a.Status)
	}
}
