package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"latchkey/db/audit"
)

// hostile is what people type who want to break a page, or who only have an unusual name. Whatever would run sets
// "hostile"; elements are called x-hostile, so that one that got into a page is found in its tree.
var hostile = []string{
	`<script>window.hostile=1;alert(1)</script><x-hostile>`,
	`"><img src=x onerror="window.hostile=1;alert(1)"><x-hostile>`,
	`'><svg/onload=window.hostile=1><x-hostile x='`,
	`</title></textarea></select></option></script></style><x-hostile><iframe srcdoc="<script>parent.hostile=1</script>">`,
	`" autofocus onfocus="window.hostile=1" x="`,
	`javascript:window.hostile=1//`,
	`data:text/html,<script>window.hostile=1</script>`,
	"${window.hostile=1}{{constructor.constructor('window.hostile=1')()}}<%= 7*7 %>#{7*7}`",
	`<!-- --><![CDATA[<x-hostile>]]>&lt;x-hostile&gt;&amp;&#60;x-hostile&#62;`,
	`<style>*{display:none}</style><link rel=stylesheet href=//evil.example><base href=//evil.example><meta http-equiv=refresh content="0;url=//evil.example">`,
	`' OR '1'='1'; DROP TABLE keys; --`,
	`=HYPERLINK("http://evil.example","x")`,
	`@SUM(1+1)*cmd|' /C calc'!A0`,
	strings.Repeat("W", 300),
	strings.Repeat("Donaudampfschifffahrtsgesellschaft", 8),
	"\u202eevil\u202d\u2066\u2067 \u200f\u061c",
	"zero\u200bwidth\u200d\ufeff\u2060",
	"Z̷̧̢̛͈̭͇̤̗̳̰̟͖̓̈́̈́͐̍̽̇̕͠a̴̛̛͙̦͚̩̰͓͔͐͛̀͊l̶̛̰̥͎̯̮̲̣̮̂̎̅͐̕͜͠g̸̡̘̯̬͚̣͈̙̔͂̄͝ò̸",
	"👩🏽‍🚀👨‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿",
	"متجر الشمال שָׁלוֹם",
	"null", "undefined", "NaN", "-1", "0", "../../../etc/passwd", "%00%0d%0aSet-Cookie:%20hostile=1",
	"line one\r\nline two\nX-Hostile: 1",
	"nul\x00and\x1b[31mescape\x7f",
	"broken \xff\xfe UTF-8",
	strings.Repeat("<b>&\"'", 1700), // some 10,000 characters
}

// attack types hostile text into the forms of a world.
type attack struct {
	*visitorByHTTP
	by    string // whose browser it is
	world *seeded
	known map[string]bool // forms that were tried
	n     int
	forms, fields,
	sent, taken int
}

// Every hostile string is typed into every field of every form. Nothing fails, nothing gets into a page but as text, what
// is refused comes back as it was typed with a message, and what is kept is shown exactly. Then everything is looked at
// in Chromium.
func TestHostileStringsInEveryField(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes, and with the race detector many; the handlers have tests of their own")
	}
	t.Parallel()
	chromium(t)
	w := seed(t)
	for _, by := range []string{guest, admin, nobody} {
		on := w
		if by == nobody {
			on = serveEmpty(t)
		}
		a := &attack{visitorByHTTP: on.visitor(t, by), by: by, world: on, known: map[string]bool{}}
		for _, p := range catalogue() {
			for _, l := range p.looks {
				if l.do == nil && !l.file && l.status == 0 && (l.by == by || l.by == "" && by == admin) && chosen(l) {
					a.page(p, l)
				}
			}
		}
		t.Logf("%s: %d forms, %d fields, %d requests, %d were taken", by, a.forms, a.fields, a.sent, a.taken)
	}
	if strings.Contains(w.log.String(), "panic") {
		t.Error("something panicked")
	}
	u, err := w.accounts.ResetPassword(context.Background(), audit.CommandLine(), admin, password)
	w.must(err)
	w.users[admin] = u
	t.Run("in Chromium", func(t *testing.T) {
		v := &walker{tab: openTab(t, w.url, true), world: w, email: admin, scripts: true}
		v.signIn(admin)
		v.lookAtEverything()
		v.typeEverywhere()
		v.quiet()
		t.Logf("%d looks, %d forms sent", v.looks, v.made)
	})
}

// lookAtEverything visits every page after hostile text was put wherever it can be put.
func (v *walker) lookAtEverything() {
	v.t.Helper()
	for _, p := range catalogue() {
		for _, l := range p.looks {
			if l.do != nil || l.file || l.by != "" || !chosen(l) {
				continue
			}
			v.now, v.view = l.name, ", after hostile strings"
			v.looks++
			l.see, l.status = "", 0 // much has changed
			address := v.world.url + v.world.address(p, l)
			v.refuse(address)
			if status, err := v.visit(chromedp.Navigate(address)); err != nil || status >= 500 {
				v.fault("%d %v", status, err)
				continue
			}
			v.unharmed()
		}
	}
}

// unharmed fails if a script of somebody else has run, or the page lost its shape.
func (v *walker) unharmed() {
	v.t.Helper()
	if evaluate[bool](v, "'hostile' in window || document.querySelector('x-hostile') !== null") {
		v.fault("a hostile string came to life")
	}
	v.ask("rows")
	for _, width := range []int64{390, 1440} {
		v.size(width, 900)
		v.ask("layout")
	}
}

// The strings that are typed in Chromium: markup, one long word with marks that turn the direction and pile up, very much.
var typedInChromium = []string{hostile[1], strings.Repeat("W", 300) + hostile[15] + hostile[17], hostile[len(hostile)-1]}

// typeEverywhere fills in and sends every form that people write in.
func (v *walker) typeEverywhere() {
	v.t.Helper()
	known := map[string]bool{}
	for _, p := range catalogue() {
		for _, l := range p.looks {
			if l.do != nil || l.file || l.by != "" || !chosen(l) {
				continue
			}
			v.now, v.view = l.name, ", typing"
			address := v.world.url + v.world.address(p, l)
			if status, err := v.visit(chromedp.Navigate(address)); err != nil || status != http.StatusOK {
				continue
			}
			for i, action := range evaluate[[]string](v, questions+".forms()") {
				if action == "" || known[p.route+action] {
					continue
				}
				known[p.route+action] = true
				for _, text := range typedInChromium {
					v.typeInto(address, i, text)
				}
			}
		}
	}
}

// typeInto types a text into all fields of a form, sends it and looks at the answer.
func (v *walker) typeInto(address string, index int, text string) {
	v.t.Helper()
	v.made++
	if _, err := v.visit(chromedp.Navigate(address)); err != nil {
		v.fault("%v", err)
		return
	}
	quoted, err := json.Marshal(text)
	v.must(err)
	form := fmt.Sprintf("document.forms[%d]", index)
	v.refuse(evaluate[string](v, form+"?.action ?? ''"))
	// What a form asks for while it is filled in is refused as well when it is too much.
	for _, asked := range evaluate[[]string](v, "[...document.querySelectorAll('[hx-post]')].map(e => new URL(e.getAttribute('hx-post'), location).href)") {
		v.refuse(asked)
	}
	v.unbroken(fmt.Sprintf("%s.type(%s, %s)", questions, form, quoted))
	status, err := v.visit(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[string](fmt.Sprintf("%s.sendForm(%s, {})", questions, form))(ctx, t)
		return chromedp.Void{}, err
	})
	if err != nil || status >= 500 {
		v.fault("%.40q leads to %d %v", text, status, err)
		return
	}
	v.unharmed()
}

// unbroken does something on the page and sees that it stays in shape.
func (v *walker) unbroken(expression string) {
	v.t.Helper()
	evaluate[chromedp.Void](v, expression)
	v.size(390, 844)
	v.ask("layout")
	v.size(1440, 900)
}

// page tries the forms of a page.
func (a *attack) page(p page, l look) {
	a.t.Helper()
	first := a.send(http.MethodGet, a.world.url+a.world.address(p, l), nil)
	if first.status != http.StatusOK {
		return
	}
	for i, f := range formsOf(first.tree, first.address) {
		if key := a.world.keyOf(f); !a.known[key] {
			a.known[key] = true
			a.forms++
			for _, typed := range f.fields {
				a.fields++
				a.field(p, l, i, typed)
			}
		}
	}
}

// keyOf is the same for forms that only differ in what they are about.
func (w *seeded) keyOf(f form) string {
	u, err := url.Parse(f.action)
	w.must(err)
	var names []string
	for _, x := range f.fields {
		names = append(names, x.name)
	}
	slices.Sort(names)
	for _, route := range w.routes {
		if method, pattern, _ := strings.Cut(route, " "); method == f.method && fits(pattern, u.EscapedPath()) {
			return route + fmt.Sprint(names)
		}
	}
	return f.method + u.Path + fmt.Sprint(names)
}

// fits reports whether a path is one of a route.
func fits(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], ":") {
			return false
		}
	}
	return true
}

// field types everything into one field.
func (a *attack) field(p page, l look, index int, typed field) {
	a.t.Helper()
	var f *form
	for i, text := range hostile {
		if !slices.Contains(typable, typed.kind) && i%4 != 0 {
			continue // what only a program can change gets some of them
		}
		if f == nil {
			if f = a.open(p, &l, index); f == nil {
				return
			}
		}
		a.n++
		values := url.Values{}
		for name, list := range f.values {
			values[name] = slices.Clone(list)
		}
		for _, other := range f.fields {
			if values.Get(other.name) == "" {
				values.Set(other.name, a.plain(other))
			}
		}
		values.Set(typed.name, text)
		a.sent++
		got := a.send(f.method, f.action, values)
		a.judge(l, *f, typed, text, got)
		if f.method == http.MethodPost && got.status < 400 {
			f = nil // it may be over with what the form was about
		}
	}
}

// open gets the page again, and another thing of its kind where the last answer ended what it was about.
func (a *attack) open(p page, l *look, index int) *form {
	a.t.Helper()
	for range 2 {
		got := a.send(http.MethodGet, a.world.url+a.world.address(p, *l), nil)
		if forms := formsOf(got.tree, got.address); got.status == http.StatusOK && index < len(forms) {
			return &forms[index]
		}
		_, parameter, _ := strings.Cut(p.route[strings.LastIndex(p.route, "/:")+1:], ":")
		parameter, _, _ = strings.Cut(parameter, "/")
		l.with = parameter + "=new"
		if a.by == guest {
			a.visitorByHTTP = a.world.visitor(a.t, guest) // who accepts an invitation is signed in
		}
	}
	if p.route != "/console/setup" { // which is over when somebody was set up
		a.t.Errorf("%s: the form is gone", l.name)
	}
	return nil
}

// typable are the kinds of fields in which people write.
var typable = []string{"text", "search", "email", "password", "date", "textarea"}

// plain is something that a field takes.
func (a *attack) plain(f field) string {
	switch {
	case f.kind == "email", strings.Contains(f.name, "email"):
		return fmt.Sprintf("plain%d@example.com", a.n)
	case f.kind == "password":
		return string(password)
	case slices.Contains([]string{"name", "description", "organization", "project"}, f.name):
		return fmt.Sprintf("plain-%d", a.n) // good for a name of any kind
	}
	return ""
}

// judge looks at what came back.
func (a *attack) judge(l look, f form, typed field, text string, got answer) {
	a.t.Helper()
	fault := func(format string, args ...any) {
		a.t.Helper()
		a.t.Errorf("%s, %s %s, field %s, %.60q: %s", l.name, f.method, f.action, typed.name, text, fmt.Sprintf(format, args...))
	}
	for _, bad := range got.unsafe() {
		fault("the page holds %s", bad)
	}
	switch {
	case got.status >= 500:
		fault("status %d", got.status)
	case got.status == http.StatusSeeOther:
		a.taken++
		after := a.send(http.MethodGet, a.base+got.location, nil)
		if after.status >= 500 || strings.ContainsAny(got.location, "\r\n") || !strings.HasPrefix(got.location, "/") || strings.HasPrefix(got.location, "//") {
			fault("leads to %q, status %d", got.location, after.status)
		}
		for _, bad := range after.unsafe() {
			fault("the next page holds %s", bad)
		}
		if slices.Contains(shown, typed.name) && f.method == http.MethodPost && !after.shows(text) {
			fault("is not shown on %s", got.location)
		}
	case got.status == http.StatusUnprocessableEntity:
		// What nobody types was sent by no page of ours: a page of its own says what is wrong with it.
		told := strings.Contains(got.body, `role="alert"`) || !slices.Contains(typable, typed.kind) && strings.Contains(got.body, `class="error-words"`)
		if !told {
			fault("refused without a message")
		}
		if value, ok := got.valueOf(typed); ok && plainText(text) && value != text {
			fault("comes back as %.60q", value)
		}
	case f.method == http.MethodGet && got.status == http.StatusOK:
		if value, ok := got.valueOf(typed); ok && plainText(text) && value != "" && !strings.HasPrefix(strings.TrimSpace(text), value) {
			fault("comes back as %.60q", value)
		}
	}
}

// shown are the fields whose text the next page shows when it was taken.
var shown = []string{"description", "name"}

// plainText reports whether browsers would send a text as it is.
func plainText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsAny(text, "\r\n\x00")
}

// valueOf is what a text field of a page holds.
func (a answer) valueOf(f field) (string, bool) {
	if !slices.Contains([]string{"text", "search", "email", "textarea"}, f.kind) {
		return "", false
	}
	for n := range a.tree.Descendants() {
		if slices.Contains([]string{"input", "textarea"}, n.Data) && attribute(n, "name") == f.name && attribute(n, "type") != "hidden" {
			if n.Data == "textarea" {
				return textOf(n), true
			}
			return attribute(n, "value"), true
		}
	}
	return "", false
}

// shows reports whether a page shows a text exactly, but for the spaces at its ends and in rows.
func (a answer) shows(text string) bool {
	text = strings.Join(strings.Fields(text), " ")
	if strings.Contains(strings.Join(strings.Fields(textOf(a.tree)), " "), text) {
		return true
	}
	for n := range a.tree.Descendants() {
		if slices.ContainsFunc(n.Attr, func(at html.Attribute) bool { return strings.Join(strings.Fields(at.Val), " ") == text }) {
			return true
		}
	}
	return false
}
