package appsearch

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"latchkey/web"
)

// bag is the parameters of a request: the query string, and over it the members of a JSON object in the body, with any
// method and content type. Members keep their exact names; there are never two of one.
type bag struct {
	values map[string]any
	body   any // the body alone: map[string]any, []any, or nil without one
}

// maxDepth is how deep parameters may be nested.
const maxDepth = 32

var (
	errQuery = invalid("The query string could not be read.")
	errDeep  = invalid("The parameters are nested too deep.")
	errBody  = invalid("The request body must be a JSON object or an array.")
)

// readBag reads the parameters of a request.
func readBag(c echo.Context) (bag, error) {
	raw, err := web.ReadJSON(c)
	if err != nil {
		return bag{}, err
	}
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

// readOnly is readBag for a body that may be an object of these members, or nothing.
func readOnly(c echo.Context, names ...string) (bag, error) {
	b, err := readBag(c)
	if err != nil {
		return bag{}, err
	}
	members, ok := b.body.(map[string]any)
	if !ok && b.body != nil {
		return bag{}, invalid("The request body must be a JSON object.")
	}
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

// decode reads JSON that is known to be valid and to have no doubled members. Numbers stay as they were written.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if deeper(v, maxDepth) {
		return nil, errDeep
	}
	return v, nil
}

func deeper(v any, than int) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if than == 0 || deeper(inner, than-1) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if than == 0 || deeper(inner, than-1) {
				return true
			}
		}
	}
	return false
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
		if len(path) > maxDepth {
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
