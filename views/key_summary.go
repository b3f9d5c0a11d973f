package views

import (
	"slices"
	"strings"
	"time"

	"latchkey/db/permission"
)

// KeyPlan is what a key can do: all that its summary and its warnings are made of.
type KeyPlan struct {
	Type        string // private, search or admin
	Permissions permission.Set
	AllEngines  bool
	Engines     []string  // without AllEngines; none while nothing is chosen
	Expires     time.Time // zero: never
	Undecided   bool      // no end is chosen yet, nor that there is none
	Now         time.Time
}

// KeySummary says in sentences what a key will be able to do, where, what it cannot do, and how long it works.
func KeySummary(p KeyPlan) []string {
	var list []string
	switch {
	case p.Type == "admin":
		list = []string{
			"It can list, create, change and revoke all keys of this project.",
			"It cannot search or touch documents itself, but it can make a key that does.",
		}
	case p.Permissions == 0:
		list = []string{"It cannot do anything yet: no permission is chosen."}
	default:
		list = append(p.abilities(), p.limits())
	}
	if p.Type == "search" {
		list = append(list, "It is public: anyone who sees the page or app can copy it.")
	}
	return append(list, p.end())
}

// settings are the resources that shape a search, in the words of a sentence.
var settings = []struct{ resource, name string }{
	{"search_queries", "search queries"}, {"synonyms", "synonyms"}, {"keywords", "keywords"}, {"suggestions", "suggestions"},
	{"redirections", "redirections"}, {"recommendation_queries", "recommendation queries"}, {"import_templates", "import templates"},
	{"ab_tests", "A/B tests"},
}

// abilities says what the key can do, the most important first.
func (p KeyPlan) abilities() []string {
	has := p.Permissions.Has
	var main, more []string
	if has(permission.SearchRead) {
		main = append(main, "search")
	}
	switch {
	case has(permission.DocumentsModify) && has(permission.DocumentsRead):
		main = append(main, "read, add, change and delete documents")
	case has(permission.DocumentsModify):
		main = append(main, "add, change and delete documents")
	case has(permission.DocumentsRead):
		main = append(main, "read documents")
	}
	if changed := p.settings(".modify", nil); len(changed) > 0 {
		more = append(more, "change "+named(changed))
	}
	if seen := p.settings(".read", p.settings(".modify", nil)); len(seen) > 0 {
		more = append(more, "see "+named(seen))
	}
	switch {
	case has(permission.IndicesModify) && p.AllEngines:
		more = append(more, "create, change and delete engines")
	case has(permission.IndicesModify):
		more = append(more, "create, change and delete these engines themselves")
	case has(permission.IndicesRead) && len(main)+len(more) == 0:
		main = append(main, "see engines and their schema")
	}
	if has(permission.AnalyticsRead) {
		more = append(more, "read analytics and logs")
	}
	if len(main) == 0 {
		main, more = more, nil
	}
	var list []string
	if len(main) > 0 {
		list = append(list, "It can "+series(main, "and")+" in "+p.reach()+".")
	}
	if len(more) > 0 {
		list = append(list, "It can also "+series(more, "and")+".")
	}
	switch {
	case has(permission.APIKeysModify):
		list = append(list, "It can list, create, change and revoke keys of this project.")
	case has(permission.APIKeysRead):
		list = append(list, "It can list the keys of this project, without their secrets.")
	}
	return list
}

// settings are the names of those resources that the key holds one half of, but for some.
func (p KeyPlan) settings(half string, but []string) []string {
	var list []string
	for _, s := range settings {
		if p.Permissions.Has(permission.Permission(s.resource+half)) && !slices.Contains(but, s.name) {
			list = append(list, s.name)
		}
	}
	return list
}

// named is a list of settings, or one word for all of them.
func named(list []string) string {
	if len(list) == len(settings) {
		return "all search settings"
	}
	return series(list, "and")
}

// limits says what the key cannot do, as far as somebody may expect it.
func (p KeyPlan) limits() string {
	has := p.Permissions.Has
	var list []string
	add := func(may bool, what string) {
		if !may {
			list = append(list, what)
		}
	}
	add(has(permission.SearchRead), "search")
	add(has(permission.DocumentsRead), "read documents")
	if !slices.ContainsFunc(p.Permissions.List(), permission.Permission.Modifies) {
		add(false, "change anything")
	} else {
		add(has(permission.DocumentsModify), "change documents")
		add(has(permission.IndicesModify), "create or delete engines")
		add(has(permission.APIKeysModify), "manage keys")
	}
	if len(list) == 0 {
		return "There is nothing in these engines that it cannot do."
	}
	return "It cannot " + series(list, "or") + "."
}

// reach is where the key works.
func (p KeyPlan) reach() string {
	const most = 5
	switch n := len(p.Engines); {
	case p.AllEngines:
		return "all engines, also those added later"
	case n == 0:
		return "no engine yet: none is chosen"
	case n > most:
		return Count(int64(n), "engine", "engines") + ": " + series(append(quoted(p.Engines[:most-1]), Number(int64(n-most+1))+" more"), "and")
	}
	return series(quoted(p.Engines), "and")
}

// quoted keeps the direction of writing inside each name. Names that programs give need nothing.
func quoted(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = name
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			list[i] = isolate(name)
		}
	}
	return list
}

func (p KeyPlan) end() string {
	switch {
	case p.Undecided:
		return "When it stops working is not chosen yet."
	case p.Expires.IsZero():
		return "It works until someone revokes it."
	case !p.Expires.After(p.Now):
		return "It stopped working on " + Date(p.Expires) + "."
	}
	return "It stops working on " + Date(p.Expires) + ", " + Relative(p.Expires, p.Now) + "."
}

// series joins words as a sentence does: "a, b and c".
func series(list []string, word string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	comma := ""
	if slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, " "+word+" ") }) {
		comma = ","
	}
	return strings.Join(list[:last], ", ") + comma + " " + word + " " + list[last]
}

// KeyWarning is a combination that is allowed and dangerous. It never stops anybody.
type KeyWarning struct {
	About string // the part of the form that it belongs to: type, access, scope, expires or never
	Text  string
}

// longLife is from when on an expiry counts as very long.
const longLife = 400 * 24 * time.Hour

// KeyWarnings lists what is dangerous about a key, in the order of the form.
func KeyWarnings(p KeyPlan) []KeyWarning {
	var list []KeyWarning
	add := func(when bool, about, text string) {
		if when {
			list = append(list, KeyWarning{about, text})
		}
	}
	never, modifies := p.Expires.IsZero() && !p.Undecided, slices.ContainsFunc(p.Permissions.List(), permission.Permission.Modifies)
	private := p.Type == "private"
	add(p.Type == "admin", "type", "Whoever holds this key can make keys with every permission, and revoke all others.")
	add(private && p.Permissions.Has(permission.APIKeysModify), "access",
		"This key can make other keys. Whoever steals it can make themselves another one before you revoke it.")
	add(private && p.AllEngines && p.Permissions.Contains(permission.Full), "scope",
		"Full access to all engines: a leak exposes every document and lets anyone delete them. Name the engines it needs.")
	add(p.Type == "search" && p.AllEngines, "scope",
		"A public key for all engines lets anyone search those too that are not meant for the public. Name the public ones.")
	add(p.Type == "admin" && never, "never", "A key that manages keys and never expires stays dangerous for as long as nobody remembers it. Choose a date.")
	add(private && modifies && never, "never", "A key that can change things and never expires stays dangerous for as long as nobody remembers it. Choose a date.")
	add(private && !modifies && never, "never", "A secret that never expires works until someone revokes it, also when it has leaked and nobody noticed.")
	add(!p.Expires.IsZero() && p.Expires.Sub(p.Now) > longLife, "expires",
		"That is more than a year away. Keys that live this long are often forgotten: choose an earlier date and renew it.")
	return list
}
