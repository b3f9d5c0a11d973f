// Package static carries the console's files inside the binary and serves them under names that hold a checksum.
//
// A name such as /static/app.3f9a1c2b.css changes when its content does, so a browser may keep what it has for a year and
// never asks again. References between files (a font inside the stylesheet) are rewritten to these names when the
// program starts. Nothing is read from disk and nothing is fetched from elsewhere.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Prefix is where Handler expects to be mounted; every address that URL gives starts with it.
const Prefix = "/static/"

//go:embed favicon.svg chevron.svg htmx-4.0.1.min.js css js fonts licenses
var files embed.FS

// The stylesheet is kept in parts that are readable one by one and served as one file. The first part declares the
// order of the cascade layers, so it has to stay first.
var stylesheet = []string{
	"css/tokens.css", "css/base.css", "css/shell.css", "css/controls.css", "css/table.css", "css/panels.css",
	"css/forms.css", "css/usage.css", "css/people.css",
	"css/engines.css",
	"css/audit.css",
	"css/instance.css",
}

// The script is kept in parts too. The first one declares strict mode for all, so it has to stay first.
var script = []string{"js/base.js", "js/keyform.js", "js/reveal.js", "js/list.js"}

// Only these kinds of file are served.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".woff2": "font/woff2",
}

type asset struct {
	url         string
	contentType string
	body        []byte
	packed      []byte // gzip; nil where it would not be smaller
}

// set is every asset, by the name that templates use and by the address it is served at.
type set struct {
	byName map[string]*asset
	byURL  map[string]*asset
}

var assets = load()

// URL gives the address of a file, such as "app.css" or "fonts/geist-5.3.0.woff2". It panics on a name that does not
// exist: the names are constants in templates, so a rendering test finds the mistake.
func URL(name string) string {
	a, ok := assets.byName[name]
	if !ok {
		panic(fmt.Sprintf("static: there is no file %q", name))
	}
	return a.url
}

// Handler serves the files at the addresses given by URL, and 404 for everything else.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
		return
	}
	a, ok := assets.byURL[r.URL.Path]
	if !ok {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "Not found", http.StatusNotFound)
		return
	}
	body := a.body
	if a.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client went away; there is nobody to tell
	}
}

func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.000")
		}
	}
	return false
}

func load() set {
	s := set{byName: map[string]*asset{}, byURL: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Dir(name) == "css" || path.Dir(name) == "js" {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		s.add(name, body)
		return nil
	})
	if err != nil {
		panic(fmt.Sprintf("static: read the embedded files: %v", err))
	}
	s.add("app.css", s.styles())
	s.add("app.js", joined(script))
	return s
}

// add puts a file in under its checksummed name.
func (s set) add(name string, body []byte) {
	ext := path.Ext(name)
	contentType, ok := contentTypes[ext]
	if !ok {
		panic(fmt.Sprintf("static: %q has no known content type", name))
	}
	sum := sha256.Sum256(body)
	a := &asset{
		url:         Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext,
		contentType: contentType,
		body:        body,
	}
	if packed := pack(body); len(packed) < len(body)*9/10 {
		a.packed = packed
	}
	s.byName[name], s.byURL[a.url] = a, a
}

var reference = regexp.MustCompile(`url\("([^"]*)"\)`)

// styles joins the parts of the stylesheet and lets its references point at checksummed names.
func (s set) styles() []byte {
	return reference.ReplaceAllFunc(joined(stylesheet), func(match []byte) []byte {
		name := string(reference.FindSubmatch(match)[1])
		a, ok := s.byName[name]
		if !ok {
			panic(fmt.Sprintf("static: the stylesheet refers to %q, which does not exist", name))
		}
		return []byte(`url("` + a.url + `")`)
	})
}

// joined is the parts of a file that is served as one.
func joined(parts []string) []byte {
	var all bytes.Buffer
	for _, part := range parts {
		body, err := files.ReadFile(part)
		if err != nil {
			panic(fmt.Sprintf("static: read a part: %v", err))
		}
		all.Write(body)
	}
	return all.Bytes()
}

func pack(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(body) // a bytes.Buffer cannot fail
	_ = w.Close()
	return b.Bytes()
}
