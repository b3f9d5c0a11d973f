package appsearch

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"latchkey/web"
)

// bag is the parameters of a request: the query string, and over it the members of a JSON object in the body, with any
// method and content type. Members keep their exact names; there are never two of one.
type bag struct {
	values map[string]any
	body   any // the body alone: map[string]any, []any, or nil without one
}

var (
	errQuery  = invalid("The query string could not be read.")
	errDeep   = invalid("The parameters are nested too deep.")
	errBody   = invalid("The request body must be a JSON object or an array.")
	errObject = invalid("The request body must be a JSON object.")
)

// readBag reads the parameters of a request.
func readBag(c echo.Context, raw []byte) (bag, error) {
	values, err := parseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return bag{}, err
	}
	b := bag{values: values}
	if raw == nil {
		return b, nil
	}
	if b.body, err = decode(raw); err != nil {
		return bag{}, err
	}
	switch body := b.body.(type) {
	case map[string]any:
		maps.Copy(b.values, body)
	case []any, nil:
	default:
		return bag{}, errBody
	}
	return b, nil
}

// readList is readBag for a body that may be an array of at most so many elements. It counts them before anything is
// made of them.
func readList(c echo.Context, most int) (bag, error) {
	raw, err := web.ReadJSON(c)
	if err != nil {
		return bag{}, err
	}
	if longer(raw, most) {
		return bag{}, errTooMany
	}
	return readBag(c, raw)
}

// readArray reads a body that must be an array. Rails calls it "_json".
func readArray(c echo.Context) ([]any, error) {
	raw, err := web.ReadJSON(c)
	if err != nil {
		return nil, err
	}
	b, err := readBag(c, raw)
	if err != nil {
		return nil, err
	}
	list, ok := b.body.([]any)
	if !ok {
		return nil, missing("_json")
	}
	return list, nil
}

// longer reports whether a JSON text is an array of more than n elements. It looks no further than to the n-th.
func longer(raw []byte, n int) bool {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if start, err := d.ReadToken(); err != nil || start.Kind() != '[' {
		return false
	}
	for range n {
		if d.PeekKind() == ']' || d.SkipValue() != nil {
			return false
		}
	}
	return d.PeekKind() != ']'
}

// readOnly is readBag for a body that may be an object of these members, or nothing.
func readOnly(c echo.Context, names ...string) (bag, error) {
	raw, err := web.ReadJSON(c)
	if err != nil {
		return bag{}, err
	}
	if len(raw) > 0 && raw[0] == '[' {
		return bag{}, errObject
	}
	b, err := readBag(c, raw)
	if err != nil {
		return bag{}, err
	}
	members, _ := b.body.(map[string]any)
	return b, only("Options", members, names...)
}

// only refuses members with other names.
func only(where string, members map[string]any, names ...string) error {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(names, name) {
			return invalidKey(where, name)
		}
	}
	return nil
}

// decode reads JSON that is known to be valid, to have no doubled members and not to be too deep. Numbers stay as they
// were written.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// parseQuery reads a query string as Rails does: "page[size]=5", "ids[]=a&ids[]=b", "queries[][query]=x". It is read
// pair by pair, because the order tells where an element of a list ends.
func parseQuery(raw string) (map[string]any, error) {
	values := map[string]any{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, errQuery
		}
		if name == tokenParam {
			continue // proves who asks and is no parameter
		}
		path := brackets(name)
		if len(path) > web.MaxDepth {
			return nil, errDeep
		}
		if !put(values, path, value) {
			return nil, errQuery
		}
	}
	return values, nil
}

// brackets takes "a[b][][c]" apart into a, b, "" and c. A name with brackets of another form is taken as it is.
func brackets(name string) []string {
	i := strings.IndexByte(name, '[')
	if i <= 0 {
		return []string{name}
	}
	path := []string{name[:i]}
	for rest := name[i:]; rest != ""; {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 || strings.IndexByte(rest[1:end], '[') >= 0 {
			return []string{name}
		}
		path, rest = append(path, rest[1:end]), rest[end+1:]
	}
	return path
}

// put sets the value at a path, of which "" means the end of a list. It reports whether that fits what is there.
func put(at map[string]any, path []string, value string) bool {
	name, rest := path[0], path[1:]
	switch {
	case len(rest) == 0:
		if _, plain := at[name].(string); at[name] != nil && !plain {
			return false
		}
		at[name] = value
		return true
	case rest[0] == "":
		list, ok := at[name].([]any)
		if at[name] != nil && !ok {
			return false
		}
		list, ok = extend(list, rest[1:], value)
		at[name] = list
		return ok
	}
	inner, ok := at[name].(map[string]any)
	if at[name] == nil {
		inner, ok = map[string]any{}, true
		at[name] = inner
	}
	return ok && put(inner, rest, value)
}

// extend puts a value at the end of a list: as a new element, or into the last one if that does not have it yet.
func extend(list []any, path []string, value string) ([]any, bool) {
	if len(path) == 0 {
		return append(list, value), true
	}
	if path[0] == "" {
		return list, false // lists of lists have no spelling
	}
	if len(list) > 0 {
		if last, ok := list[len(list)-1].(map[string]any); ok && !has(last, path) {
			return list, put(last, path, value)
		}
	}
	fresh := map[string]any{}
	return append(list, fresh), put(fresh, path, value)
}

func has(at map[string]any, path []string) bool {
	v, ok := at[path[0]]
	rest := slices.DeleteFunc(slices.Clone(path[1:]), func(part string) bool { return part == "" })
	if !ok || len(rest) == 0 {
		return ok
	}
	inner, isObject := v.(map[string]any)
	return isObject && has(inner, rest)
}
