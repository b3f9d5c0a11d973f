package appsearch

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"latchkey/web"
)

func TestQueryStringsReadAsRailsDoes(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, raw, want string }{
		{"nothing", "", `{}`},
		{"plain", "a=1&b=&c", `{"a":"1","b":"","c":""}`},
		{"the last one counts", "a=1&a=2", `{"a":"2"}`},
		{"plus and escapes", "a=x+y%26z", `{"a":"x y\u0026z"}`},
		{"an object", "page[size]=5&page[current]=2", `{"page":{"current":"2","size":"5"}}`},
		{"a list", "ids[]=a&ids[]=b", `{"ids":["a","b"]}`},
		{"escaped brackets", "ids%5B%5D=a", `{"ids":["a"]}`},
		{"a list of objects", "q[][a]=1&q[][b]=2&q[][a]=3", `{"q":[{"a":"1","b":"2"},{"a":"3"}]}`},
		{"objects in a list of objects", "q[][p][size]=1&q[][p][current]=2&q[][p][size]=3", `{"q":[{"p":{"current":"2","size":"1"}},{"p":{"size":"3"}}]}`},
		{"a list in an object", "t[d][f][]=x&t[d][f][]=y", `{"t":{"d":{"f":["x","y"]}}}`},
		{"a list in each object of a list", "q[][t][]=x&q[][t][]=y", `{"q":[{"t":["x"]},{"t":["y"]}]}`},
		{"brackets of no form", "a[b=1&]c=2&[d]=3&e[[f]]=4&g]=5&h[i]j=6", `{"[d]":"3","]c":"2","a[b":"1","e[[f]]":"4","g]":"5","h[i]j":"6"}`},
		{"the token is no parameter", "auth_token=x&a=1", `{"a":"1"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			values, err := parseQuery(c.raw)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := json.Marshal(values); string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// FuzzParseQuery looks for a query string that breaks the reader, makes it write a member that was not spelled, or that
// is read in another way when it is spelled again or comes as JSON in a body.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"a[b][][c]=1&a[b][][d]=2", "a[]=1&a[b]=2", "a[", "[]=1", "a[][]=1", "a=1&a[]=2", "%5b%5d", "&&=&", "a[][b][]=1&a[][b][]=2", "a[][b]=1&a[]=2&a[][c][d]=3&a[][c][d]=4", "a[][b]=1&a[][b]=2&a[][a]=3", "a+b[+]=%20%2B+%5B%26&%5D=%25"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := parseQuery(raw)
		if err != nil {
			blamed(t, err)
			return
		}
		if _, ok := values[tokenParam]; ok {
			t.Fatal("the token became a parameter")
		}
		if deeper(values, 2*web.MaxDepth) {
			t.Fatal("too deep")
		}
		spelled := strings.Join(spell(values), "&")
		if again, err := parseQuery(spelled); err != nil || !reflect.DeepEqual(values, again) {
			t.Fatalf("%s is read as %v, spelled %s and read again as %v, %v", raw, values, spelled, again, err)
		}
		body, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		inBody, err := readBag(echo.New().NewContext(request, nil), body)
		if err != nil || !reflect.DeepEqual(inBody.values, values) {
			t.Fatalf("%s is %v in the query string and %v in the body, %v", raw, values, inBody.values, err)
		}
	})
}

// spell writes parameters down as a query string would, pair by pair.
func spell(values map[string]any) []string {
	var pairs []string
	for _, p := range leaves("", values) {
		pairs = append(pairs, escape(p.name)+"="+url.QueryEscape(p.value))
	}
	return pairs
}

// escape escapes the parts of a name. Its brackets stay, unless the name has another form: then all of it is one part.
func escape(name string) string {
	return strings.NewReplacer("%5B", "[", "%5D", "]").Replace(url.QueryEscape(name))
}

type leaf struct{ name, value string }

func leaves(prefix string, v any) []leaf {
	switch v := v.(type) {
	case string:
		return []leaf{{name: prefix, value: v}}
	case []any:
		var list []leaf
		for i, e := range v {
			inner := leaves(prefix+"[]", e)
			// The pair that begins an element is one that the element before has already.
			if i > 0 {
				before := v[i-1]
				slices.SortStableFunc(inner, func(a, b leaf) int { return cmp.Compare(begins(before, a, prefix), begins(before, b, prefix)) })
			}
			list = append(list, inner...)
		}
		return list
	}
	var list []leaf
	members, _ := v.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		inner := name
		if prefix != "" {
			inner = prefix + "[" + name + "]"
		}
		list = append(list, leaves(inner, members[name])...)
	}
	return list
}

// begins is 0 for a pair that the element before has, and 1 for others.
func begins(before any, l leaf, prefix string) int {
	members, ok := before.(map[string]any)
	if !ok {
		return 1
	}
	if path := brackets(strings.Replace(l.name, prefix+"[]", "x", 1)); len(path) > 1 && has(members, path[1:]) {
		return 0
	}
	return 1
}

func deeper(v any, than int) bool {
	if than < 0 {
		return true
	}
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if deeper(inner, than-1) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if deeper(inner, than-1) {
				return true
			}
		}
	}
	return false
}
