package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"latchkey/db/credential"
)

// Revoking takes two actions from the list: the link in the row, and the button that confirms it. The keyboard is enough,
// no script is needed, and nobody is asked for a password.
func TestRevokingByTheKeyboardTakesTwoActions(t *testing.T) {
	t.Parallel()
	chromium(t)
	w := seed(t)
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			id := w.fresh("key")
			v := &walker{tab: openTab(t, w.url, scripts), world: w, email: manager, scripts: scripts}
			v.signIn(manager)
			v.now = "dashboard"
			v.open(w.url + w.address(page{route: keysPath}, look{query: "?q=" + id}))
			v.tabTo(fmt.Sprintf(`a[href$="/credentials/%s/revoke"]`, id))
			v.enter()
			v.now = "revoke"
			if v.count(`input:not([type="hidden"]), textarea, select`) != 0 {
				t.Error("something has to be typed before a key can be revoked")
			}
			v.tabTo(`dialog button.danger`)
			v.enter()
			v.now = "revoked"
			v.see("evoked")
			k, err := w.credentials.Get(t.Context(), w.who(manager), w.place, id)
			if err != nil || k.Status(w.clock.Now()) != credential.Revoked {
				t.Errorf("the key is %s, %v", k.Status(w.clock.Now()), err)
			}
			v.quiet()
		})
	}
}

// tabTo presses the tabulator key until something has the focus.
func (v *walker) tabTo(selector string) {
	v.t.Helper()
	for range 300 {
		if evaluate[bool](v, fmt.Sprintf("document.activeElement.matches(%q) && document.activeElement.checkVisibility()", selector)) {
			return
		}
		v.must(chromedp.Do(v.ctx, chromedp.KeyEvent(kb.Tab)))
	}
	v.t.Fatalf("%s: the keyboard does not lead to %s on %s", v.now, selector, strings.Join(strings.Fields(v.text("main")), " "))
}

// enter presses Enter on what leads to another page.
func (v *walker) enter() {
	v.t.Helper()
	if status, err := v.visit(chromedp.KeyEvent(kb.Enter)); err != nil || status != 200 {
		v.t.Fatalf("%s: Enter leads to %d %v", v.now, status, err)
	}
}

// count is how many elements that can be seen a selector finds outside of what is inert.
func (v *walker) count(selector string) int {
	v.t.Helper()
	return evaluate[int](v, fmt.Sprintf("[...document.querySelectorAll(%q)].filter((e) => !e.closest('[inert]') && e.checkVisibility()).length", selector))
}
