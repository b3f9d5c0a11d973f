package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// until waits until an expression holds on the page.
func (p *tab) until(expression string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](expression)); err != nil {
		p.t.Fatalf("%s: %v\n%s", expression, err, p.text("#engine-list")+"\n"+p.text("#effect"))
	}
}

// eventually waits until the element shows a text.
func (p *tab) eventually(selector, want string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.querySelector(%q).textContent.includes(%q)", selector, want))
}

// marked reports whether a box or a choice is ticked.
func (p *tab) marked(selector string) bool {
	p.t.Helper()
	yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](fmt.Sprintf("document.querySelector(%q).checked", selector)))
	p.must(err)
	return yes
}

// manyEngines is a project with so many engines that they have to be looked for.
func manyEngines(t *testing.T) (server *process, keys string) {
	t.Helper()
	server = startServer(t, filepath.Join(t.TempDir(), "data"))
	server.setupLink()
	r := server.call(string(password), "setup", "--email", "ada@example.com", "--password-stdin", "--organization", "Acme", "--project", "Shop", "--sample")
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	key := regexp.MustCompile(`private-[0-9A-Za-z]{49}`).FindString(r.stdout)
	for i := range 130 {
		if status, body := request(t, "POST", server.url+"/api/as/v1/engines", key, fmt.Sprintf(`{"name":"bulk-%03d"}`, i)); status != 200 {
			t.Fatalf("create engine: %d %s", status, body)
		}
	}
	return server, server.url + "/console/organizations/acme/projects/shop/credentials"
}

// With JavaScript the summary, the warnings and the engines follow the form, and a preset keeps what was typed.
func TestTheFormForKeysFollows(t *testing.T) {
	t.Parallel()
	chromium(t)
	server, keys := manyEngines(t)
	p := openTab(t, server.url, true)
	p.signIn("ada")
	p.open(keys + "/new")
	p.fill("#description", "Typed before")
	p.tick(`a[data-preset][href$="=indexer"]`)
	p.eventually("#effect", "It can read, add, change and delete documents in no engine yet")
	if got, err := chromedp.Run(p.ctx, chromedp.Value(chromedp.CSS("#description"))); err != nil || got != "Typed before" || p.location() != keys+"/new" {
		t.Errorf("a preset loses what was typed: %q at %s, %v", got, p.location(), err)
	}
	if !p.marked("#access-custom") || !p.marked(`input[value="documents.modify"]`) || p.marked(`input[value="search.read"]`) || !p.marked("#scope-some") {
		t.Error("the preset did not fill the form")
	}

	p.fill("#find", "parks")
	p.eventually("#engine-list", "1 engine found")
	p.tick(`input[name="engine"][value="national-parks-demo"]`)
	p.eventually("#effect", "documents in national-parks-demo")
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById("find").select()`))
	p.must(err)
	p.fill("#find", "bulk-12\r") // Enter looks for engines and sends nothing
	p.eventually("#engine-list", "10 engines found")
	if !p.marked(`input[value="national-parks-demo"]`) || p.location() != keys+"/new" {
		t.Errorf("looking for engines loses the chosen one, or leaves the page: %s", p.location())
	}
	p.tick(`input[value="bulk-123"]`)
	p.eventually("#effect", "bulk-123 and national-parks-demo")

	p.tick("label:has(#scope-all)")
	p.tick("label:has(#access-full)")
	p.eventually(`[data-warn="scope"]`, "Full access to all engines")
	p.eventually("#effect", "Full access to all engines")
	p.tick("label:has(#access-read)")
	p.until(`document.querySelector('[data-warn="scope"]').childElementCount === 0`)
	p.tick("label:has(#expires-never)")
	p.eventually("#effect", "It works until someone revokes it.")
	p.tick("label:has(#type-admin)")
	p.eventually(`[data-warn="type"]`, "can make keys with every permission")

	p.tick("label:has(#type-private)")
	p.tick("label:has(#scope-some)")
	p.tick("label:has(#expires-7)")
	p.eventually("#effect", "in 7 days")
	p.click(".form-foot .btn.primary")
	p.see("Copy your new key")
	p.see("bulk-123")
	p.click("dialog .btn.primary")
	p.editWithReview(true)
	p.quiet()
}

// Without JavaScript a button brings the summary up to date, and Enter never makes a key.
func TestTheFormForKeysWithoutScripts(t *testing.T) {
	t.Parallel()
	chromium(t)
	server, keys := manyEngines(t)
	p := openTab(t, server.url, false)
	p.signIn("ada")
	p.open(keys + "/new")
	p.click(`a[data-preset][href$="=ci"]`)
	p.see("It can search, and read, add, change and delete documents in no engine yet")
	p.fill("#description", "Smoke tests")
	p.fill("#find", "parks")
	p.click(`button[value="find"]`)
	p.see("1 engine found")
	p.tick(`input[name="engine"][value="national-parks-demo"]`)
	p.click(`.form-foot button[name="preview"]`)
	p.see("documents in national-parks-demo.")
	if _, err := chromedp.RunResponse(p.ctx, chromedp.SendKeys(chromedp.CSS("#description"), "\r")); err != nil {
		t.Fatal(err)
	}
	if p.location() != keys+"/new" || !p.marked(`input[value="national-parks-demo"]`) || !p.marked("#expires-7") {
		t.Errorf("Enter leads to %s and loses what was chosen", p.location())
	}
	p.see("Create a key")
	p.click(".form-foot .btn.primary")
	p.see("Smoke tests")
	p.see("Copy your new key")
	p.click("dialog .btn.primary")
	p.editWithReview(false)
	p.quiet()
}

// editWithReview changes the key on whose page the browser is: nothing is saved before the differences were seen.
func (p *tab) editWithReview(scripts bool) {
	p.t.Helper()
	page, _, _ := strings.Cut(p.location(), "?")
	p.open(page + "/edit")
	p.tick("label:has(#scope-all)")
	p.tick("label:has(#expires-365)")
	if scripts {
		p.eventually("#effect", "in all engines")
	}
	p.click(".form-foot .btn.primary")
	p.see("2 changes")
	p.see("This widens the key: engines and expires.")
	p.open(page)
	if text := p.text("main"); strings.Contains(text, "All engines") {
		p.t.Errorf("saved before it was reviewed: %s", text)
	}
	p.open(page + "/edit")
	p.tick("label:has(#scope-all)")
	p.click(".form-foot .btn.primary")
	p.see("1 change")
	p.click(".form-foot .btn.primary")
	p.see("Changes saved.")
	p.see("All engines")
}
