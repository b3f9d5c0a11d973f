package views

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// The strings that a hostile user would give to everything that can be typed.
var hostile = map[string]func(string) string{
	"plain": plain,
	"markup": func(string) string {
		return `"><script>alert(1)</script><img src=x onerror=alert(1)>'</title></textarea>`
	},
	"address":   func(string) string { return "javascript:alert(1)//evil.example" },
	"protocol":  func(string) string { return "//evil.example/\\x" },
	"direction": func(s string) string { return "\u202e\u2066" + s + "مفتاح" },
	"long":      func(string) string { return strings.Repeat("W", 100) },
	"empty":     func(string) string { return "" },
	"control":   func(s string) string { return s + "\x00\n\t\xff" },
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// walk calls f for every element of a page.
func walk(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, f)
	}
}

func attr(n *html.Node, name string) string {
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

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

func inside(n *html.Node, tag string) *html.Node {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && p.Data == tag {
			return p
		}
	}
	return nil
}

// Every check runs on every page, in every state, with every kind of string in it.
func TestPages(t *testing.T) {
	for kind, give := range hostile {
		for _, s := range (build{give}).all() {
			t.Run(s.name+"/"+kind, func(t *testing.T) {
				source := render(t, s.page)
				root, err := html.Parse(strings.NewReader(source))
				if err != nil {
					t.Fatal(err)
				}
				checkPolicy(t, root)
				checkAddresses(t, root)
				checkStructure(t, root)
				checkControls(t, root)
				if kind == "plain" {
					checkSource(t, source)
				}
			})
		}
	}
}

// checkPolicy finds what the Content-Security-Policy would block, and whatever got in through a string.
func checkPolicy(t *testing.T, root *html.Node) {
	t.Helper()
	walk(root, func(n *html.Node) {
		switch n.Data {
		case "script":
			src := attr(n, "src")
			if !strings.HasPrefix(src, "/static/app.") && !strings.HasPrefix(src, "/static/htmx-4.0.1.min.") || text(n) != "" {
				t.Errorf("a script that is not ours: %q %q", attr(n, "src"), text(n))
			}
		case "style", "img", "iframe", "object", "embed", "base":
			t.Errorf("there should be no <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" || a.Key == "formaction" || strings.HasPrefix(a.Key, "hx-") && !htmxAllowed(a.Key, a.Val) {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	})
}

// htmxAllowed reports whether an attribute of htmx is one of those that need no eval: their values are addresses of
// this host, selectors and plain words.
func htmxAllowed(name, value string) bool {
	switch name {
	case "hx-get", "hx-post":
		return strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//")
	case "hx-target", "hx-swap", "hx-trigger", "hx-indicator", "hx-push-url", "hx-sync":
		return !strings.ContainsAny(value, "[({") && !strings.Contains(value, "js:")
	}
	return false
}

// checkAddresses finds links and forms that would leave this host.
func checkAddresses(t *testing.T, root *html.Node) {
	t.Helper()
	walk(root, func(n *html.Node) {
		for _, name := range []string{"href", "src", "action"} {
			v := attr(n, name)
			if !has(n, name) || strings.HasPrefix(v, "#") && len(v) > 1 {
				continue
			}
			if !strings.HasPrefix(v, "/") || strings.HasPrefix(v, "//") || strings.ContainsAny(v, "\\\n\t") {
				t.Errorf("<%s %s=%q> leaves this host", n.Data, name, v)
			}
		}
		if n.Data == "form" && attr(n, "method") == "" {
			t.Error("a form without a method")
		}
	})
}

func checkStructure(t *testing.T, root *html.Node) {
	t.Helper()
	count := map[string]int{}
	ids := map[string]int{}
	walk(root, func(n *html.Node) {
		count[n.Data]++
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		switch {
		case n.Data == "html" && attr(n, "lang") != "en":
			t.Error("no language")
		case n.Data == "title" && n.Parent.Data == "head" && !strings.HasSuffix(text(n), " · Latchkey"):
			t.Errorf("title %q", text(n))
		case n.Data == "h1" && inside(n, "main") == nil:
			t.Error("the heading is not in main")
		}
	})
	for _, tag := range []string{"h1", "main", "head", "body"} {
		if count[tag] != 1 {
			t.Errorf("%d <%s>", count[tag], tag)
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is used %d times", id, n)
		}
	}
	walk(root, func(n *html.Node) {
		for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "aria-controls", "popovertarget"} {
			for id := range strings.FieldsSeq(attr(n, name)) {
				if ids[id] == 0 {
					t.Errorf("<%s %s=%q> refers to nothing", n.Data, name, id)
				}
			}
		}
		if href := attr(n, "href"); strings.HasPrefix(href, "#") && ids[href[1:]] == 0 {
			t.Errorf("link to %q, which does not exist", href)
		}
	})
}

// checkControls wants a name for everything that can be operated.
func checkControls(t *testing.T, root *html.Node) {
	t.Helper()
	labelled := map[string]bool{}
	walk(root, func(n *html.Node) {
		if n.Data == "label" && strings.TrimSpace(text(n)) != "" {
			labelled[attr(n, "for")] = true
		}
	})
	walk(root, func(n *html.Node) {
		switch n.Data {
		case "input", "select":
			if attr(n, "type") == "hidden" || has(n, "hidden") {
				return
			}
			wrapped := inside(n, "label")
			if !labelled[attr(n, "id")] && (wrapped == nil || strings.TrimSpace(text(wrapped)) == "") && attr(n, "aria-label") == "" {
				t.Errorf("<%s name=%q id=%q> has no label", n.Data, attr(n, "name"), attr(n, "id"))
			}
			if attr(n, "type") == "password" && attr(n, "value") != "" {
				t.Error("a password is sent back")
			}
		case "button", "a":
			if strings.TrimSpace(text(n)) == "" && attr(n, "aria-label") == "" && len(n.Attr) > 0 && inside(n, "menu") == nil && !userText(n) {
				t.Errorf("<%s href=%q> says nothing", n.Data, attr(n, "href"))
			}
			if n.Data == "button" && attr(n, "type") == "" && inside(n, "form") == nil {
				t.Error("a button that sends nothing should be type=button")
			}
		}
	})
}

// userText reports whether an element's words are what a user typed, which may be nothing.
func userText(n *html.Node) bool {
	found := false
	walk(n, func(c *html.Node) { found = found || c.Data == "bdi" })
	return found || strings.HasPrefix(attr(n, "href"), "#") || strings.HasPrefix(attr(n, "href"), "/console")
}

var (
	inlineStyle   = regexp.MustCompile(`(?i)\sstyle\s*=|<style`)
	inlineHandler = regexp.MustCompile(`(?i)\son[a-z]+\s*=`)
)

// checkSource reads the page as text, as the rule of the guide is written.
func checkSource(t *testing.T, source string) {
	t.Helper()
	if inlineStyle.MatchString(source) || inlineHandler.MatchString(source) || strings.Contains(source, "data:") {
		t.Error("inline style, inline handler or data: address")
	}
	for _, sign := range []string{"TemplFailedSanitization", "%!", "<nil>", "0001"} {
		if strings.Contains(source, sign) {
			t.Errorf("the page contains %q", sign)
		}
	}
	if strings.ContainsAny(visible(source), "!") {
		t.Error("an exclamation mark")
	}
}

func visible(source string) string {
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(source, " ")
}

// TestPreview writes every page into the folder that LATCHKEY_PREVIEW names, to look at them in a browser.
func TestPreview(t *testing.T) {
	dir := os.Getenv("LATCHKEY_PREVIEW")
	if dir == "" {
		t.Skip("LATCHKEY_PREVIEW is not set")
	}
	for kind, give := range map[string]func(string) string{"": plain, "-long": hostile["long"], "-direction": hostile["direction"]} {
		for _, s := range (build{give}).all() {
			if err := os.WriteFile(filepath.Join(dir, s.name+kind+".html"), []byte(render(t, s.page)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
