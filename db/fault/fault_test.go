package fault

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestFromHidesWhatCannotBeExplained(t *testing.T) {
	inner := errors.New("SELECT secret FROM keys")
	f := From(fmt.Errorf("list: %w", inner))
	if f.Kind != Internal || strings.Contains(f.Error(), "SELECT") || !errors.Is(f, inner) {
		t.Errorf("%+v", f)
	}
	known := New(NotFound, "There is no such key.")
	if got := From(fmt.Errorf("get: %w", known)); got != known {
		t.Errorf("an explainable error was lost: %+v", got)
	}
	if From(nil) != nil {
		t.Error("nil is no error")
	}
}

func TestCopiesDoNotChangeTheOriginal(t *testing.T) {
	a := New(Conflict, "x")
	if b := a.WithReason("r").WithCause(errors.New("c")); a.Reason != "" || errors.Unwrap(a) != nil || b.Reason != "r" {
		t.Errorf("%+v %+v", a, b)
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		ok             bool
	}{
		{"is trimmed", "  Nordlys \t", "Nordlys", true},
		{"is normalised", "Cafe\u0301", "Caf\u00e9", true},
		{"may hold any writing", "検索 поиск بحث", "検索 поиск بحث", true},
		{"may hold markup, which pages escape", `<script>"'&`, `<script>"'&`, true},
		{"of 100 characters", strings.Repeat("é", 100), strings.Repeat("é", 100), true},
		{"of 101 characters", strings.Repeat("é", 101), "", false},
		{"empty", " ", "", false},
		{"line break", "a\nb", "", false},
		{"NUL", "a\x00b", "", false},
		{"turns the direction", "a\u202eb", "", false},
		{"isolates the direction", "a\u2067b", "", false},
		{"not UTF-8", "a\xff", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Line("name", c.in, 100, true)
			if (err == nil) != c.ok || got != c.want {
				t.Errorf("Line = %q, %v", got, err)
			}
			if err != nil && From(err).Fields["name"] == "" {
				t.Errorf("the error names no field: %+v", err)
			}
		})
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"Nordlys Outdoor": "nordlys-outdoor", "Café & Bar": "cafe-bar", "  --x--  ": "x", "検索": "", "A1": "a1",
		strings.Repeat("ab ", 40): "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a",
	} {
		if got := Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
}
