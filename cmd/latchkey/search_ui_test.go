package main

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/golang-jwt/jwt/v5"
)

var searchPage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>Parks</title>
<script type="application/json" id="settings">{{.}}</script>
<input id="query"><ul id="suggestions"></ul><p id="error"></p><div id="facets"></div><ol id="results"></ol>
<p id="paging"></p><button id="next">Next</button><script src="/page.js"></script>`))

// searchWindow serves pages made with Search UI, from an origin that is not the server's: one for each key.
func searchWindow(t *testing.T, dir, endpoint string, keys map[string]string) *httptest.Server {
	t.Helper()
	script := filepath.Join(t.TempDir(), "page.js")
	cmd := exec.Command("node", "node_modules/esbuild/bin/esbuild", "search_ui.js", "--bundle", "--target=chrome100", "--log-level=warning", "--outfile="+script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("esbuild: %v\n%s", err, out)
	}
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, known := keys[strings.Trim(r.URL.Path, "/")]
		switch {
		case r.URL.Path == "/page.js":
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			_, _ = w.Write(text)
		case known:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = searchPage.Execute(w, map[string]string{"endpoint": endpoint, "key": key})
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// A page made with Search UI, on another origin, in a real browser: with a search key, with a signed one, and after the
// key that both come from was revoked.
func TestSearchUI(t *testing.T) {
	dir := clientsFolder(t)
	chromium(t)
	server, w := sampleServer(t)
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"api_key_name": "search-key", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"filters": map[string]any{"world_heritage_site": "true"},
	}).SignedString([]byte(w.Keys["search-key"]))
	if err != nil {
		t.Fatal(err)
	}
	pages := searchWindow(t, dir, server.url, map[string]string{"key": w.Keys["search-key"], "signed": signed})
	for _, c := range []struct {
		name                             string
		all, yosemite, californian, next string // what the page shows of the paging
		californiaCounts                 string
	}{
		{"key", "1 to 10 of 63", "1 to 1 of 1", "1 to 9 of 9", "11 to 20 of 63", "California 9"},
		{"signed", "1 to 10 of 14", "1 to 1 of 1", "1 to 2 of 2", "11 to 14 of 14", "California 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openTab(t, pages.URL, true)
			p.open(pages.URL + "/" + c.name)
			p.becomes("#paging", c.all)
			p.tick("#next")
			p.becomes("#paging", c.next)
			p.becomes("#states-California", c.californiaCounts)
			p.tick("#states-California")
			p.becomes("#paging", c.californian)
			p.becomes("#states-Alaska", "Alaska")
			if list := p.text("#results"); strings.Count(list, "California") != len(strings.Split(list, ")"))-1 {
				t.Errorf("the filter California lets pass %s", list)
			}
			p.open(pages.URL + "/" + c.name)
			p.fill("#query", "yosemite")
			p.becomes("#results", "Yosemite (California)")
			p.becomes("#suggestions", "yosemite")
			p.tick("#park_yosemite")
			p.onlyTalksTo(server.url)
		})
	}
	server.revoke("search-key")
	for _, name := range []string{"key", "signed"} {
		t.Run(name+", revoked", func(t *testing.T) {
			p := openTab(t, pages.URL, true)
			p.refuse(server.url + "/api/as/v1/engines/national-parks-demo/search.json")
			p.open(pages.URL + "/" + name)
			p.becomes("#error", "[401]")
			if list := p.text("#results"); list != "" {
				t.Errorf("with a dead key the page shows %s", list)
			}
			p.onlyTalksTo(server.url)
		})
	}
}

// becomes waits until a part of the page shows a text.
func (p *tab) becomes(selector, want string) {
	p.t.Helper()
	script, err := json.Marshal(selector)
	p.must(err)
	var got string
	for range 500 {
		got, err = chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.dataset.state + ' ' + document.querySelector("+string(script)+")?.textContent"))
		p.must(err)
		if strings.HasPrefix(got, "done ") && strings.Contains(got, want) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("%s shows %q, not %q\non %s\n%s", selector, got, want, p.text("body"), p.watch)
}

// onlyTalksTo fails if the page made noise, or asked another origin than its own and this one.
func (p *tab) onlyTalksTo(origin string) {
	p.t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(p.watch.String()), "\n") {
		if line != "" && !strings.HasPrefix(line, "request to "+origin+"/api/as/v1/") && !strings.Contains(line, "AppSearchAPIConnector is deprecated") {
			p.t.Errorf("the page made noise: %s", line)
		}
	}
}
