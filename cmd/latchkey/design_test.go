package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goPackage is what "go list" says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "latchkey/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// leaves may be used by everything and use nothing of ours.
var leaves = []string{"db/fault", "db/permission", "db/secret"}

// directions says what of ours each package may import besides the leaves. "/*" stands for what is below.
var directions = map[string][]string{
	"cmd/latchkey":       {"handlers/*", "web", "db", "db/*"},
	"handlers/console":   {"web", "views", "views/*", "static", "db", "db/*"},
	"handlers/lupa":      {"web", "db/*"},
	"handlers/appsearch": {"web", "db/*"},
	"web":                {"db/session"},
	"web/webtest":        {},
	"views":              {"views/ui", "static"},
	"views/ui":           {"static"},
	"static":             {},
	"db":                 {},
	"db/dbtest":          {"db"},
	"db/audit":           {"db"},
	"db/account":         {"db", "db/audit", "db/limit"},
	"db/credential":      {"db", "db/audit"},
	"db/engine":          {"db", "db/audit"},
	"db/session":         {"db", "db/audit"},
	"db/limit":           {"db"},
	"db/usage":           {"db"},
	"db/analytics":       {"db", "db/audit"},
	"db/instance":        {"db", "db/audit"},
	"db/fault":           {},
	"db/permission":      {},
	"db/secret":          {},
	"db/takeover":        {"db", "db/audit"},

	// The other end of the dialect: it reads an App Search and fills the stores.
	"handlers/appsearch/importer": {"handlers/appsearch", "db/*"},
}

func permitted(p, imported string) bool {
	if slices.Contains(leaves, imported) {
		return !slices.Contains(leaves, p)
	}
	for _, allowed := range directions[p] {
		if imported == allowed || strings.HasSuffix(allowed, "/*") && strings.HasPrefix(imported, strings.TrimSuffix(allowed, "*")) {
			return imported != "db/dbtest"
		}
	}
	return false
}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "latchkey/")
		if _, known := directions[name]; !known {
			t.Errorf("%s: a package without a direction; say in directions what it may import", name)
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, "latchkey/"); ok && !permitted(name, ours) {
				t.Errorf("%s must not import %s", name, ours)
			}
		}
	}
}

func TestForeignModulesStayWhereTheyBelong(t *testing.T) {
	homes := map[string][]string{
		"github.com/labstack/echo":   {"web", "web/webtest", "handlers/"},
		"github.com/a-h/templ":       {"web", "handlers/console", "views", "views/ui"},
		"github.com/gorilla/":        {"web"},
		"modernc.org/":               {"db"},
		"github.com/pressly/goose":   {"db"},
		"github.com/golang-jwt/":     {"db/account", "db/credential"},
		"github.com/urfave/cli":      {"cmd/latchkey"},
		"database/sql":               {"db", "db/"},
		"golang.org/x/crypto/argon2": {"db/account"},
	}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "latchkey/")
		for _, imported := range p.Imports {
			for module, allowed := range homes {
				at := func(home string) bool {
					return name == home || strings.HasSuffix(home, "/") && strings.HasPrefix(name, home)
				}
				if strings.HasPrefix(imported, module) && !slices.ContainsFunc(allowed, at) {
					t.Errorf("%s must not import %s", name, imported)
				}
			}
		}
	}
}

func TestTopLevelFoldersAreTheAgreedOnes(t *testing.T) {
	entries, err := os.ReadDir(repository(t))
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"cmd", "web", "views", "static", "handlers", "db", "bin", "data", "screenshots"}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("the folder %s is not part of the design", e.Name())
		}
	}
}

// repository is the folder of go.mod.
func repository(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// What must never stand in our sources, with the files that may have it.
var banned = []struct {
	name    string
	pattern *regexp.Regexp
	in      *regexp.Regexp
	except  []string
}{
	{"templates that skip escaping", regexp.MustCompile(`templ\.(Raw|SafeURL|SafeCSS|SafeScript|Attributes)\b`), regexp.MustCompile(`\.(go|templ)$`), []string{"_templ.go"}},
	{"inline styles and handlers", regexp.MustCompile(`\s(style|on[a-z]+)=`), regexp.MustCompile(`\.templ$`), nil},
	{"unsafe attributes", regexp.MustCompile(`(srcdoc|formaction|hx-on|javascript:)`), regexp.MustCompile(`\.templ$`), nil},
	{"math/rand, which is guessable", regexp.MustCompile(`"math/rand`), regexp.MustCompile(`\.go$`), []string{"_test.go"}},
	{"time.Now where a clock belongs", regexp.MustCompile(`time\.Now\b`), regexp.MustCompile(`^(handlers|views|db)/.*\.go$`), []string{"_test.go", "db/sqlite.go", "db/engine/free.go" /* how long a slice really takes */}},
	{"SQL above the storage", regexp.MustCompile(`"(SELECT|INSERT|UPDATE|DELETE) `), regexp.MustCompile(`^(handlers|web|views|cmd)/.*\.go$`), []string{"_test.go"}},
}

func TestBannedWords(t *testing.T) {
	root := repository(t)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "bin" || name == "data" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, b := range banned {
			exempt := slices.ContainsFunc(b.except, func(s string) bool { return strings.HasSuffix(rel, s) })
			if !exempt && b.in.MatchString(rel) && b.pattern.Match(text) && rel != "cmd/latchkey/design_test.go" {
				t.Errorf("%s: %s (%s)", rel, b.name, b.pattern.Find(text))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
