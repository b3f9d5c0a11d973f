package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, method, url string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryFileIsServedUnderAChecksummedNameForAYear(t *testing.T) {
	name := regexp.MustCompile(`^/static/[a-z0-9./A-Z-]+\.[0-9a-f]{8}\.(css|js|svg|txt|woff2)$`)
	for file, a := range assets.byName {
		if !name.MatchString(a.url) {
			t.Errorf("%s: address %q", file, a.url)
		}
		res := get(t, http.MethodGet, a.url, nil)
		for header, want := range map[string]string{
			"Cache-Control":          "public, max-age=31536000, immutable",
			"Content-Type":           contentTypes[path.Ext(file)],
			"X-Content-Type-Options": "nosniff",
		} {
			if got := res.Header.Get(header); res.StatusCode != http.StatusOK || got != want {
				t.Errorf("%s: status %d, %s %q, want %q", file, res.StatusCode, header, got, want)
			}
		}
		if body := read(t, res.Body); body != string(a.body) {
			t.Errorf("%s: %d bytes instead of %d", file, len(body), len(a.body))
		}
	}
}

func TestOnlyExactNamesAreServedAndRefusalsAreNotKept(t *testing.T) {
	for _, url := range []string{"/static/", "/static/app.css", "/static/app.00000000.css", "/static/../go.mod", "/static/css/tokens.css"} {
		res := get(t, http.MethodGet, url, nil)
		if res.StatusCode != http.StatusNotFound || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, Cache-Control %q", url, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
	if res := get(t, http.MethodPost, URL("app.css"), nil); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", res.StatusCode)
	}
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	res := get(t, http.MethodHead, URL("app.js"), nil)
	if body := read(t, res.Body); res.StatusCode != http.StatusOK || body != "" || res.Header.Get("Content-Length") == "" {
		t.Errorf("status %d, %d bytes, length %q", res.StatusCode, len(body), res.Header.Get("Content-Length"))
	}
}

func TestTextIsPackedOnlyForThoseWhoAskForIt(t *testing.T) {
	for accept, packed := range map[string]bool{"": false, "br": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false} {
		res := get(t, http.MethodGet, URL("app.css"), map[string]string{"Accept-Encoding": accept})
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != packed || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: packed %v, Vary %q", accept, got, res.Header.Get("Vary"))
		}
		if packed {
			unpacked, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if read(t, unpacked) != string(assets.byName["app.css"].body) {
				t.Errorf("%q: packed and plain differ", accept)
			}
		}
	}
	if assets.byName["fonts/geist-5.3.0.woff2"].packed != nil {
		t.Error("a font, which is packed already, was packed again")
	}
}

func TestTheStylesheetRefersToCheckedNamesOfThisServerOnly(t *testing.T) {
	css := string(assets.byName["app.css"].body)
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(css, -1) {
		if _, ok := assets.byURL[strings.Trim(m[1], `"`)]; !ok {
			t.Errorf("reference %s", m[1])
		}
	}
	for _, banned := range []string{"data:", "@import", "//"} {
		if strings.Contains(css, banned) {
			t.Errorf("the stylesheet contains %q", banned)
		}
	}
	if !strings.Contains(css, URL("fonts/geist-5.3.0.woff2")) || !strings.Contains(css, URL("chevron.svg")) {
		t.Error("font or select arrow is not referenced")
	}
}

func TestTheScriptNeedsNothingThatTheContentPolicyForbids(t *testing.T) {
	js := string(assets.byName["app.js"].body)
	for _, banned := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function", ".style", "setAttribute(\"style", "localStorage", "indexedDB", "document.cookie", "document.write"} {
		if strings.Contains(js, banned) {
			t.Errorf("app.js contains %q", banned)
		}
	}
	// Which keys are ticked is remembered for the tab. Nothing else keeps anything.
	for _, part := range script {
		body, err := files.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "Storage") && part != "js/list.js" {
			t.Errorf("%s keeps something in the browser", part)
		}
	}
}

func TestAnUnknownNamePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("nothing.css")
}

func TestThePageStaysLight(t *testing.T) {
	total := 0
	for _, name := range []string{"app.css", "app.js", "favicon.svg", "chevron.svg"} {
		a := assets.byName[name]
		if a.packed != nil {
			total += len(a.packed)
		} else {
			total += len(a.body)
		}
	}
	total += len(assets.byName["fonts/geist-5.3.0.woff2"].body) + len(assets.byName["fonts/geist-mono-5.3.0.woff2"].body)
	if limit := 84 << 10; total > limit {
		t.Errorf("%d bytes for style, script, icons and fonts, more than %d", total, limit)
	}
}
