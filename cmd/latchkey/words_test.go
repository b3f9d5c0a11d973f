package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// english is text that people are meant to read: a title of several words, or three words and more.
var english = regexp.MustCompile(`(^|[^\w])[A-Z][a-z]*,? [a-z]+|[A-Za-z]+[,:]? [a-z]+[,:]? [a-z0-9]+|[a-z]\.$`)

// sayers are the functions that may be called with sentences: errors of rules, names of guards, and errors for the log.
var sayers = []string{"fault.New", "fault.Field", "web.Public", "s.public", "s.require", "anybody", "fmt.Errorf", "errors.New"}

// sentences are the literals of a file that people would read.
func sentences(t *testing.T, name string, source any) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.CallExpr:
			return !slices.Contains(sayers, nameOf(n.Fun))
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && english.MatchString(text) {
				found = append(found, files.Position(n.Pos()).String()+": "+n.Value)
			}
		}
		return true
	})
	return found
}

// nameOf is a called function as it is written: "fault.New", or "" for what is no name.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

func TestTheEnglishOfPagesStandsInViews(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository(t), "handlers", "console", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no handlers: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, s := range sentences(t, file, nil) {
			t.Errorf("say it in views: %s", s)
		}
	}
}

func TestSentencesAreFound(t *testing.T) {
	for literal, want := range map[string]bool{
		`"Wrong address"`: true, `"This key is revoked"`: true, `"The password is wrong."`: true, `"less than 1 ms"`: true,
		`" keys expire within 14 days."`: true, `"a deleted project"`: true,
		`"expires_on"`: false, `"done"`: false, `"set-up link"`: false, `"/console"`: false, `"Cache-Control"`: false, `", "`: false,
	} {
		source := "package p\nvar x = " + literal
		if got := len(sentences(t, "p.go", source)) > 0; got != want {
			t.Errorf("%s: found %v, want %v", literal, got, want)
		}
	}
	if got := sentences(t, "p.go", "package p\nvar err = fault.New(1, \"This is an error.\")"); got != nil {
		t.Errorf("the message of an error: %v", got)
	}
}
