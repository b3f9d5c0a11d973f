package views

import (
	"slices"
	"strings"

	"latchkey/db/permission"
)

// KeyDifferences lists in words what differs between two states of a key, and marks where the later one can do more.
// called is its description before and after.
func KeyDifferences(from, to KeyPlan, called [2]string) []KeyDifference {
	var list []KeyDifference
	if called[0] != called[1] {
		list = append(list, KeyDifference{Field: "Description", From: side(called[0]), To: side(called[1])})
	}
	if from.Permissions != to.Permissions {
		list = append(list, KeyDifference{
			Field: "Permissions", Added: sentencesOf(to.Permissions &^ from.Permissions), Removed: sentencesOf(from.Permissions &^ to.Permissions),
			Widens: !from.Permissions.Contains(to.Permissions),
		})
	}
	if d, differs := scopeDifference(from, to); differs {
		list = append(list, d)
	}
	if !from.Expires.Equal(to.Expires) {
		list = append(list, KeyDifference{
			Field: "Expires", From: expiryText(from), To: expiryText(to),
			Widens: to.Expires.IsZero() || !from.Expires.IsZero() && to.Expires.After(from.Expires),
		})
	}
	return list
}

func scopeDifference(from, to KeyPlan) (KeyDifference, bool) {
	a, b := scopeOf(from), scopeOf(to)
	d := KeyDifference{Field: "Engines", Widens: !a.Contains(b)}
	if a.All || b.All {
		d.From, d.To = scopeText(a), scopeText(b)
		return d, a.All != b.All
	}
	without := func(list, but []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(but, s) })
	}
	d.Added, d.Removed = without(b.Engines, a.Engines), without(a.Engines, b.Engines)
	return d, len(d.Added)+len(d.Removed) > 0
}

func scopeOf(p KeyPlan) permission.Scope {
	if p.AllEngines {
		return permission.Scope{All: true}
	}
	return permission.Scope{Engines: slices.Sorted(slices.Values(p.Engines))}
}

func scopeText(s permission.Scope) string {
	if s.All {
		return "All engines, also those added later"
	}
	return "Only " + series(quoted(s.Engines), "and")
}

// sentencesOf is what each permission of a set allows.
func sentencesOf(set permission.Set) []string {
	var list []string
	for _, info := range permission.All() {
		if set.Has(info.Permission) {
			list = append(list, capital(info.Sentence))
		}
	}
	return list
}

func expiryText(p KeyPlan) string {
	if p.Expires.IsZero() {
		return "Never"
	}
	return DateTime(p.Expires) + ", " + Relative(p.Expires, p.Now)
}

// widened counts what an edit would widen.
func (p KeyReviewPage) widened() string {
	var fields []string
	for _, d := range p.Differences {
		if d.Widens {
			fields = append(fields, strings.ToLower(d.Field))
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return "This widens the key: " + series(fields, "and") + "."
}
