package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// rules are those by which axe looks at a page that the admin sees on a large window by all. Contrasts take it longer
// than all the rest, so they are for whole looks.
func (v *walker) rules() string {
	if v.whole {
		return ""
	}
	return "-color-contrast"
}

// examine lets axe look at the page: by all rules, by one, or by all but one, which has a minus before it.
func (v *walker) examine(rule string) {
	v.t.Helper()
	if v.spare(rule) {
		v.spared++
		return
	}
	v.axes++
	// A page that was loaded without scripts stays without them: only axe runs.
	if !v.scripts {
		v.allowScripts(true)
	}
	options := "{resultTypes: ['violations']}"
	if but, without := strings.CutPrefix(rule, "-"); without {
		options = fmt.Sprintf("{resultTypes: ['violations'], rules: {%q: {enabled: false}}}", but)
	} else if rule != "" {
		options = fmt.Sprintf("{resultTypes: ['violations'], runOnly: [%q]}", rule)
	}
	if !evaluate[bool](v, "'axe' in window") {
		evaluate[chromedp.Void](v, axe)
	}
	found := evaluate[string](v, "axe.run("+options+").then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))", chromedp.EvalAwaitPromise)
	if found != "[]" {
		v.fault("axe found %s", found)
	}
	if !v.scripts {
		v.allowScripts(false)
	}
}

// spare reports whether axe has met both parts of the page before, seen in the same way: what is in main, and all
// around it. People of different roles see much that is the same, byte for byte.
func (v *walker) spare(rule string) bool {
	v.t.Helper()
	if v.opened {
		return false // what was opened by hand does not show in the source
	}
	parts := evaluate[[2]string](v, questions+".parts()")
	spared := true
	for i, part := range parts {
		_, met := v.known.LoadOrStore(fmt.Sprintf("%s %s %d %x", rule, v.view, i, sha256.Sum256([]byte(part))), true)
		spared = spared && met
	}
	return spared
}

// tabThrough goes through the page by the tabulator key.
func (v *walker) tabThrough() {
	v.t.Helper()
	if v.opened || !v.whole {
		return
	}
	evaluate[chromedp.Void](v, "document.activeElement?.blur(), scrollTo(0, 0)")
	seen := map[string]bool{}
	for range 400 {
		v.must(chromedp.Do(v.ctx, chromedp.KeyEvent(kb.Tab)))
		at := evaluate[struct {
			End    bool
			Stop   string
			Faults []string
		}](v, questions+".focus()")
		if at.End || seen[at.Stop] {
			return
		}
		seen[at.Stop] = true
		v.stops++
		for _, fault := range at.Faults {
			v.fault("%s", fault)
		}
	}
	v.fault("the focus goes on and on")
}
