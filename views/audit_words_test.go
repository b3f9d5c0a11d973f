package views

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// actionsOfTheLog reads the constants of db/audit, so that nobody has to keep a second list of them.
func actionsOfTheLog(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../db/audit/audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Action" {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, text)
			}
		}
		return true
	})
	return list
}

func TestEveryActionHasWords(t *testing.T) {
	actions := actionsOfTheLog(t)
	if len(actions) < 24 {
		t.Fatalf("only %d actions found", len(actions))
	}
	titles := map[string]string{}
	known := map[string]bool{}
	for _, a := range actions {
		known[a] = true
		d, ok := deeds[a]
		switch {
		case !ok:
			t.Errorf("%s has no words: add them to deeds", a)
			continue
		case d.icon == "" || d.verb == "" || d.title == "" || !unicode.IsUpper(rune(d.title[0])) || strings.ContainsAny(d.verb+d.title, "!_."):
			t.Errorf("%s: %+v", a, d)
		case titles[d.title] != "":
			t.Errorf("%s and %s have the same title", a, titles[d.title])
		}
		titles[d.title] = a
		if groups[groupOf(a)] == "" {
			t.Errorf("%s: %q has no words in groups", a, groupOf(a))
		}
	}
	for a := range deeds {
		if !known[a] {
			t.Errorf("%s has words and does not exist", a)
		}
	}
}

func TestActionsAreOfferedInGroups(t *testing.T) {
	got := ""
	for _, c := range actionChoices([]string{"key.revoke", "user.create", "key.create", "strange.thing"}, "key.*") {
		got += c.value + "=" + c.label + "; "
	}
	want := "=Any action; key.*=Everything about keys; key.create=Key created; key.revoke=Key revoked; strange.thing=strange.thing; user.create=User added; "
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	// A filter that fits nothing here can still be seen and changed.
	for _, chosen := range []string{"engine.delete", "engine.*", "no.such"} {
		found := false
		for _, c := range actionChoices(nil, chosen) {
			found = found || c.value == chosen
		}
		if !found {
			t.Errorf("%s is not offered", chosen)
		}
	}
}

func TestChangesAreInWords(t *testing.T) {
	for _, c := range []struct{ field, from, to, want string }{
		{"role", "PROJECT_VIEWER", "PROJECT_ADMIN", "Role: Project viewer, Project admin"},
		{"expires", "2027-02-14T09:41:00Z", "never", "Expires: 14 Feb 2027, 09:41 UTC, never"},
		{"search_fields", "a", "b", "Search fields: a, b"},
		{"readable_secrets", "false", "true", "Readable secrets: no, yes"},
		{"permissions", "", "documents.read", "Permissions: as the access says, documents.read"},
	} {
		got := changeOf(Change{Field: c.field, From: c.from, To: c.to})
		if text := got.Field + ": " + got.From + ", " + got.To; text != c.want {
			t.Errorf("%s, want %s", text, c.want)
		}
	}
}
