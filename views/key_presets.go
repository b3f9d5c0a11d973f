package views

import (
	"strings"

	"latchkey/views/ui"
)

// KeyPreset fills the form for a new key with what a kind of client usually needs, and no more.
type KeyPreset struct {
	Code, Label, Hint string
	Type, Access      string
	Permissions       []string // for custom access
	Expires           string
}

// KeyPresets are the presets in the order of the page. All of them leave it to the reader to name the engines.
func KeyPresets() []KeyPreset {
	return []KeyPreset{
		{"browser", "Browser search box", "A public key that only searches. Choose the engines that everybody may search.", "search", "", nil, "365"},
		{"backend", "Backend", "A secret key that searches and reads. Choose Full if the service also writes.", "private", "read", nil, "90"},
		{"indexer", "Indexer", "A secret key that adds, changes and deletes documents, and does not search.", "private", "custom", []string{"indices.read", "documents.modify"}, "90"},
		{"ci", "CI", "A secret key for tests that index and search. It ends after 7 days.", "private", "custom", []string{"search.read", "indices.read", "documents.modify"}, "7"},
		{"admin", "Key administration", "A key that manages the keys of this project, for scripts that create and revoke them.", "admin", "", nil, "30"},
	}
}

// PresetOf finds a preset by its code.
func PresetOf(code string) (KeyPreset, bool) {
	for _, s := range KeyPresets() {
		if s.Code == code {
			return s, true
		}
	}
	return KeyPreset{}, false
}

func (s KeyPreset) permissions() string { return strings.Join(s.Permissions, " ") }

func (s KeyPreset) icon() ui.Shape {
	return map[string]ui.Shape{
		"browser": ui.IconGlobe, "backend": ui.IconServer, "indexer": ui.IconDatabase, "ci": ui.IconTerminal, "admin": ui.IconShield,
	}[s.Code]
}

// scopeOf is the scope that a preset chooses: some engines, where there are any to choose from.
func (p KeyFormPage) scopeOf(s KeyPreset) string {
	if s.Type == "admin" || p.EnginesTotal == 0 {
		return "all"
	}
	return "some"
}

func (p KeyFormPage) presetHint() string {
	s, _ := PresetOf(p.Preset)
	return s.Hint
}

// findable reports whether there are so many engines that looking for one helps.
func (p KeyFormPage) findable() bool { return p.EnginesTotal > 8 || p.Find != "" }

// found says which engines are listed.
func (c EngineChoices) found() string {
	listed := 0
	for _, e := range c.Engines {
		if strings.Contains(e.Name, c.Find) {
			listed++
		}
	}
	engines := Count(int64(c.EnginesFound), "engine", "engines")
	switch {
	case c.EnginesFound == 0 && c.Find != "":
		return "No engine has this in its name."
	case listed < c.EnginesFound:
		return "Showing " + Number(int64(listed)) + " of " + engines + ". Look for the others by name."
	case c.Find != "":
		return engines + " found. Chosen engines stay in the list."
	}
	return ""
}
