package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// form is a form of a page, as it would be sent untouched.
type form struct {
	method string
	action string
	fields []field
	values url.Values
}

type field struct{ name, kind string }

// formsOf finds the forms of a page. Forms without fields, such as the one that signs out, are none.
func formsOf(doc *html.Node, address string) []form {
	var list []form
	base, _ := url.Parse(address)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		action, err := base.Parse(attribute(n, "action"))
		if err != nil {
			continue
		}
		f := form{method: strings.ToUpper(attribute(n, "method")), action: action.String(), values: url.Values{}}
		for e := range doc.Descendants() {
			if e.Type == html.ElementNode && belongs(e, n) {
				f.add(e)
			}
		}
		if len(f.fields) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// belongs reports whether a control is one of a form: inside it, or named by it.
func belongs(e, form *html.Node) bool {
	if id := attribute(e, "form"); id != "" {
		return id == attribute(form, "id")
	}
	for at := e.Parent; at != nil; at = at.Parent {
		if at == form {
			return true
		}
	}
	return false
}

func (f *form) add(e *html.Node) {
	name, kind := attribute(e, "name"), e.Data
	if name == "" {
		return
	}
	switch e.Data {
	case "input":
		kind = attribute(e, "type")
		if (kind != "checkbox" && kind != "radio") || has(e, "checked") {
			f.values.Add(name, attribute(e, "value"))
		}
	case "button":
		// The one that stands out is pressed, and not those beside it.
		if class := strings.Fields(attribute(e, "class")); slices.Contains(class, "primary") || slices.Contains(class, "danger") {
			f.values.Add(name, attribute(e, "value"))
		}
	case "textarea":
		f.values.Add(name, textOf(e))
	case "select":
		for o := range e.Descendants() {
			if o.Data == "option" && (has(o, "selected") || f.values[name] == nil) {
				f.values.Set(name, attribute(o, "value"))
			}
		}
	default:
		return
	}
	if !slices.ContainsFunc(f.fields, func(known field) bool { return known.name == name }) {
		f.fields = append(f.fields, field{name, kind})
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// visitorByHTTP is a browser without a window.
type visitorByHTTP struct {
	t    *testing.T
	http *http.Client
	base string
}

func (w *seeded) visitor(t *testing.T, email string) *visitorByHTTP {
	t.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	v := &visitorByHTTP{t: t, base: w.url, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	u, err := url.Parse(w.url)
	w.must(err)
	if email != guest && email != nobody {
		jar.SetCookies(u, []*http.Cookie{{Name: "latchkey", Value: w.signIn(email), Path: "/"}})
	}
	return v
}

// answer is a page as it came, and as browsers read it.
type answer struct {
	status   int
	location string
	// disposition says what browsers do with it.
	disposition string
	address     string
	body        string
	tree        *html.Node
}

func (v *visitorByHTTP) send(method, address string, values url.Values) answer {
	v.t.Helper()
	body := io.Reader(nil)
	if method == http.MethodPost {
		body = strings.NewReader(values.Encode())
	} else if values != nil {
		address, _, _ = strings.Cut(address, "?")
		address += "?" + values.Encode()
	}
	r, err := http.NewRequest(method, address, body)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Origin", v.base)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	tree, err := html.Parse(strings.NewReader(string(b)))
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), resp.Header.Get("Content-Disposition"), address, string(b), tree}
}

// unsafe is what a page holds that only somebody else can have put into it.
func (a answer) unsafe() []string {
	var list []string
	for n := range a.tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "x-hostile", "iframe", "style", "base", "object", "embed":
			list = append(list, "the element "+n.Data)
		case "script":
			if !strings.HasPrefix(attribute(n, "src"), "/static/") || textOf(n) != "" {
				list = append(list, "a script")
			}
		}
		for _, at := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(at.Val))
			switch {
			case strings.HasPrefix(at.Key, "on"), at.Key == "style", at.Key == "srcdoc":
				list = append(list, "the attribute "+at.Key)
			case slices.Contains([]string{"href", "src", "action", "formaction"}, at.Key) && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") && value != "":
				list = append(list, fmt.Sprintf("%s=%q", at.Key, at.Val))
			case slices.Contains([]string{"href", "src", "action", "formaction"}, at.Key) && strings.HasPrefix(value, "//"):
				list = append(list, fmt.Sprintf("%s=%q", at.Key, at.Val))
			}
		}
	}
	return list
}
