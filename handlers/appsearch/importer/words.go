package importer

import (
	"maps"
	"slices"
	"strings"

	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// words says what a store refused, with the fields it names.
func words(f *fault.Error) string {
	list := []string{f.Message}
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		if f.Fields[name] != f.Message {
			list = append(list, f.Fields[name])
		}
	}
	return strings.Join(list, " ")
}

// What stands in reports.
const (
	whyMasked    = "The source shows its secret only in masked form. Turn readable secrets on there before keys are made, or give its users a new key."
	whyPowerless = "It may neither read nor write."
	whyNoEngines = "It is limited to engines, and names none."
	noteReplaced = "The key of this name that came with the project, and that nobody has used, was revoked for it."
	noteDiffers  = "It is here already and may do something else than at the source. It was left as it is."
	noteImporter = "It is the admin key that this import asked with, and works here too. Make another and revoke it once everything has moved."
	noteLegacy   = "keys have the older, shorter form and are marked as legacy. Rotate them when you can."
	whyOtherType = "An engine of this name is here already, and only one of the two is a meta engine."
	noteLanguage = "It is here already and has another language than at the source."
	noteSetting  = "The source has this setting, and it is not known here."
	noteUnknown  = "The source does not know of any."
	noteLimited  = "The private key that this import asked with reaches only these engines of the source; others were not seen."
)

// rights says what a key may do, to compare.
func rights(t secret.Type, access permission.Access, s permission.Scope) string {
	scope := "all"
	if !s.All {
		scope = strings.Join(slices.Sorted(slices.Values(s.Engines)), ",")
	}
	return string(t) + " " + string(access) + " " + scope
}

func rightsOf(k credential.Key) string { return rights(k.Type, k.Access, k.Scope) }
