package appsearch

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// answer sends what was asked for. Success is always 200, also of what was made.
func answer(c echo.Context, v any) error {
	return send(c, http.StatusOK, "max-age=0, private, must-revalidate", v)
}

// answerSecret is answer for what may hold secrets and must not be kept anywhere: "no-store" stays as web set it.
func answerSecret(c echo.Context, v any) error { return send(c, http.StatusOK, "", v) }

// send writes JSON.
func send(c echo.Context, status int, cache string, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	caching(c, cache)
	if status == http.StatusOK && tagged(c, body) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(status, "application/json; charset=utf-8", body)
}

// tagged gives an answer that may be kept a weak tag of what it holds, and reports whether the client has just that
// already. The rights are asked all the same: by then the request has passed its guard.
func tagged(c echo.Context, body []byte) bool {
	h, r := c.Response().Header(), c.Request()
	if strings.Contains(h.Get("Cache-Control"), "no-store") {
		return false
	}
	sum := sha256.Sum256(body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:16])
	h.Set("ETag", `W/"`+tag+`"`)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	for known := range strings.SplitSeq(strings.Join(r.Header.Values("If-None-Match"), ","), ",") {
		if known = strings.TrimSpace(known); known == "*" || strings.Trim(strings.TrimPrefix(known, "W/"), `"`) == tag {
			return true
		}
	}
	return false
}

// caching says how an answer may be kept. One to an URL that holds a key is not kept in any cache, because its name there
// is the URL.
func caching(c echo.Context, cache string) {
	if cache != "" && !c.QueryParams().Has(tokenParam) {
		c.Response().Header().Set("Cache-Control", cache)
	}
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		for j, part := range []any{m.name, m.value} {
			text, err := encode(part)
			if err != nil {
				return nil, err
			}
			if j == 1 {
				b = append(b, ':')
			}
			b = append(b, text...)
		}
	}
	return append(b, '}'), nil
}

// listAnswer is every list.
//
//	{"meta":{"page":{"current":1,"total_pages":1,"total_results":2,"size":25}},"results":[ … ]}
type listAnswer[T any] struct {
	Meta    listMeta `json:"meta"`
	Results []T      `json:"results"`
}

type listMeta struct {
	Page pageWire `json:"page"`
}

type pageWire struct {
	Current      int   `json:"current"`
	TotalPages   int64 `json:"total_pages"`
	TotalResults int64 `json:"total_results"`
	Size         int   `json:"size"`
}

func (p page) wire(total int64) pageWire {
	w := pageWire{Current: p.current, TotalPages: 1, TotalResults: total, Size: p.size}
	if p.size > 0 {
		w.TotalPages = (total + int64(p.size) - 1) / int64(p.size)
	}
	return w
}

func listOfAll[T any](p page, total int64, results []T) listAnswer[T] {
	if results == nil {
		results = []T{}
	}
	return listAnswer[T]{Meta: listMeta{Page: p.wire(total)}, Results: results}
}

// deletedAnswer is the answer to every deletion of one thing.
//
//	{"deleted":true}
type deletedAnswer struct {
	Deleted bool `json:"deleted"`
}
