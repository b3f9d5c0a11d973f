package main

import (
	"bytes"
	"flag"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// What these tests are asked for beside what they always do.
var (
	screenshots = flag.String("screenshots", "", "write a picture of every page in every state into this directory")
	readme      = flag.String("readme", "", "write the pictures of the README into this directory")
	thorough    = flag.Bool("thorough", false, "go through every look of every page by the keyboard and with all rules of axe, which takes long")
	only        = flag.String("look", "", "walk and take pictures only of looks whose name this expression matches")
)

// chosen reports whether a look is one of those that were asked for.
func chosen(l look) bool {
	ok, err := regexp.MatchString(*only, l.name)
	return ok && err == nil
}

// tallest is how much of a long page a picture shows.
const tallest = 4000

// pictureViews are the ways in which every page is pictured.
var pictureViews = []struct {
	name, scheme  string
	width, height int64
}{{"light", "light", 1440, 900}, {"dark", "dark", 1440, 900}, {"phone", "light", 390, 844}}

// 'make screenshots' takes a picture of every look of the catalogue, and a page that shows them side by side.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("only 'make screenshots' takes pictures")
	}
	chromium(t)
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	w := seed(t)
	var taken []string
	for _, by := range []string{admin, guest, nobody} {
		v := &walker{tab: openTab(t, w.url, true), world: w, email: by, scripts: true}
		if by == nobody {
			v.world = serveEmpty(t)
			v.base = v.world.url
		}
		if by == admin {
			v.signIn(admin)
		}
		for _, p := range catalogue() {
			for _, l := range p.looks {
				if v.sees(l) && !l.file && chosen(l) {
					v.now = l.name
					if v.reach(p, l) {
						v.pictures(l.name)
						taken = append(taken, l.name)
					}
				}
			}
		}
	}
	writeContactSheet(t, taken)
	t.Logf("%d looks in %s", len(taken), *screenshots)
}

// pictures takes the pictures of the present page.
func (v *walker) pictures(name string) {
	v.t.Helper()
	for _, view := range pictureViews {
		v.scheme(view.scheme)
		v.touch(view.name == "phone")
		v.size(view.width, view.height)
		v.picture(filepath.Join(*screenshots, name+"."+view.name+".png"), view.width, view.height, tallest)
	}
	v.touch(false)
	v.scheme("light")
	v.size(1440, 900)
}

// picture writes the page into a file: as far as a height, or the window where a dialog covers it.
func (v *walker) picture(path string, width, height, most int64) {
	v.t.Helper()
	evaluate[chromedp.Void](v, "document.fonts.ready.then(() => undefined)", chromedp.EvalAwaitPromise)
	if full := evaluate[float64](v, "document.querySelector('dialog[open]') ? 0 : document.documentElement.scrollHeight"); int64(full) > height {
		v.size(width, min(int64(full), most)) // bars that stick to the window then stand at the end of the page
	}
	shot, err := chromedp.Call(v.ctx, cdp.CaptureScreenshot, cdp.CaptureScreenshotParams{})
	v.must(err)
	v.must(os.WriteFile(path, shot.Data, 0o644))
}

var contactSheet = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Latchkey, every page</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; background: #eee; color: #111 }
section { display: grid; grid-template-columns: 1fr 1fr 12rem; gap: 1rem; align-items: start; margin-block-end: 3rem }
h2 { grid-column: 1 / -1; font-size: 1rem; margin: 0 } img { inline-size: 100%; border: 1px solid #bbb }
</style>
<h1>Latchkey, every page</h1>
{{range .}}<section id="{{.}}"><h2>{{.}}</h2>
<a href="{{.}}.light.png"><img loading="lazy" src="{{.}}.light.png" alt="{{.}}, wide, light"></a>
<a href="{{.}}.dark.png"><img loading="lazy" src="{{.}}.dark.png" alt="{{.}}, wide, dark"></a>
<a href="{{.}}.phone.png"><img loading="lazy" src="{{.}}.phone.png" alt="{{.}}, phone"></a>
</section>
{{end}}</html>
`))

func writeContactSheet(t *testing.T, names []string) {
	t.Helper()
	var b bytes.Buffer
	if err := contactSheet.Execute(&b, names); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, "index.html"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// 'make readme-pictures' takes those of the README, as a window shows them.
func TestReadmePictures(t *testing.T) {
	if *readme == "" {
		t.Skip("only 'make readme-pictures' takes these")
	}
	chromium(t)
	w := seed(t)
	v := &walker{tab: openTab(t, w.url, true), world: w, email: admin, scripts: true}
	v.signIn(admin)
	v.scheme("light")
	for _, c := range []struct{ name, path, prepare string }{
		{"dashboard", keysPath, ""},
		{"key", keyPath, ""},
		{"new-key", keysPath + "/new?preset=indexer", `document.querySelector('#description').value = 'Parks importer, staging'; document.activeElement.blur(); scrollTo(0, 0)`},
	} {
		v.now = c.name
		if _, err := v.visit(chromedp.Navigate(w.url + w.address(page{route: c.path}, look{name: c.name}))); err != nil {
			t.Fatal(err)
		}
		if c.prepare != "" {
			evaluate[chromedp.Void](v, c.prepare)
		}
		v.picture(filepath.Join(*readme, c.name+".png"), 1440, 900, 900)
	}
}
