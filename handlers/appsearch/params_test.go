package appsearch

import (
	"encoding/json"
	"testing"

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

// FuzzParseQuery looks for a query string that breaks the reader or makes it write a member that was not spelled.
func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"a[b][][c]=1&a[b][][d]=2", "a[]=1&a[b]=2", "a[", "[]=1", "a[][]=1", "a=1&a[]=2", "%5b%5d", "&&=&", "a[][b][]=1&a[][b][]=2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := parseQuery(raw)
		if err != nil {
			return
		}
		if _, ok := values[tokenParam]; ok {
			t.Fatal("the token became a parameter")
		}
		if deeper(values, 2*web.MaxDepth) {
			t.Fatal("too deep")
		}
	})
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
