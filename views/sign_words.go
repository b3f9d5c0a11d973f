package views

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SignSummary says in sentences what a signed search key allows.
func SignSummary(p SignPlan) []string {
	list := []string{"It can search in " + KeyPlan{AllEngines: p.AllEngines, Engines: p.Engines}.reach() + ", and do nothing else."}
	list = append(list, p.documents()...)
	list = append(list, p.fields()...)
	list = append(list, p.rest()...)
	if len(p.Options) == 0 {
		list = append(list, "It imposes no options: it finds whatever its key finds.")
	}
	return append(list, p.ends()...)
}

// SignWarnings lists what is dangerous about a signed search key.
func SignWarnings(p SignPlan) []string {
	var list []string
	if p.Type == "search" && len(p.Options) > 0 {
		list = append(list, publicParent)
	}
	if p.Options["filters"] == nil && p.Options["result_fields"] == nil {
		list = append(list, "It limits neither documents nor fields: whoever has it can read all that its key can find.")
	}
	if p.Expires.IsZero() {
		list = append(list, withParent)
	}
	return list
}

const (
	publicParent = "Its key is public. Whoever has that key too can search without these options: for what must hold, sign with a private key."
	withParent   = "It has no end of its own. It cannot be revoked alone: it ends with its key, and so does all else that was signed with it."
)

func (p SignPlan) documents() []string {
	filters, ok := p.Options["filters"]
	if !ok {
		return nil
	}
	var list []string
	switch text := filterText(filters, 0); {
	case text == "":
		list = append(list, "Its filters let every document pass.")
	case len([]rune(text)) > longFilter:
		list = append(list, "Only documents that pass its filters can be found. They are too long for a sentence: see its claims.")
	default:
		list = append(list, "Only documents can be found where "+text+".")
	}
	if p.Engine != "" {
		list = append(list, fmt.Sprintf("In %s that is %s of %s now.", quoted([]string{p.Engine})[0], Number(p.Passing), Count(p.Documents, "document", "documents")))
	}
	return list
}

// fields says where is searched and what is shown.
func (p SignPlan) fields() []string {
	var list []string
	if searched, ok := p.Options["search_fields"].(map[string]any); ok {
		list = append(list, "Words are looked for in "+fieldNames(searched)+" only.")
	}
	if shown, ok := p.Options["result_fields"].(map[string]any); ok {
		shown = maps.Clone(shown)
		delete(shown, "id")
		if len(shown) == 0 {
			return append(list, "Of each document only its id is shown.")
		}
		list = append(list, "Of each document only "+fieldNames(shown)+" can be seen, and its id.")
	}
	return list
}

// fixed are the options that are named alone: what a request says about them counts for nothing.
var fixed = []struct{ name, set, none string }{
	{"sort", "The order of results is fixed", "Requests cannot choose the order of results."},
	{"group", "Results are grouped in a fixed way", "Requests cannot group results."},
	{"boosts", "Boosts are fixed", "Requests cannot boost results."},
	{"precision", "Precision is fixed", ""},
	{"analytics", "The tags for analytics are fixed", ""},
	{"record_analytics", "Whether searches are counted is fixed", ""},
}

// rest says what else is imposed.
func (p SignPlan) rest() []string {
	var list []string
	if text, ok := p.Options["query"].(string); ok {
		list = append(list, "Every search looks for "+value(text)+", whatever the request asks.")
	}
	if facets, ok := p.Options["facets"]; ok {
		if members, _ := facets.(map[string]any); len(members) == 0 {
			list = append(list, "Requests cannot count values: facets are forbidden.")
		} else {
			list = append(list, "Values are counted for "+fieldNames(members)+", and requests cannot ask for others.")
		}
	}
	if page, ok := p.Options["page"]; ok {
		list = append(list, "Every search gets the same page, "+brief(page)+": clients cannot turn pages.")
	}
	for _, f := range fixed {
		v, ok := p.Options[f.name]
		if !ok {
			continue
		}
		if empty(v) && f.none != "" {
			list = append(list, f.none)
		} else {
			list = append(list, f.set+": "+brief(v)+".")
		}
	}
	return list
}

func (p SignPlan) ends() []string {
	switch {
	case p.Expires.IsZero() && p.ParentEnds.IsZero():
		return []string{"It works until its key is revoked."}
	case p.Expires.IsZero():
		return []string{"It works until its key expires on " + Date(p.ParentEnds) + ", " + Relative(p.ParentEnds, p.Now) + ", or is revoked before."}
	case !p.Expires.After(p.Now):
		return []string{"It stopped working on " + DateTime(p.Expires) + "."}
	case !p.ParentEnds.IsZero() && p.ParentEnds.Before(p.Expires):
		return []string{"It stops working with its key on " + Date(p.ParentEnds) + ", " + Relative(p.ParentEnds, p.Now) + ", before its own end, or when the key is revoked."}
	}
	return []string{"It stops working on " + DateTime(p.Expires) + ", " + Relative(p.Expires, p.Now) + ", or before that when its key is revoked."}
}

// How long what is said in sentences may be, in characters.
const (
	longFilter = 400
	longValue  = 60
	deepFilter = 4
)

// fieldNames are the names of an object's members, as a sentence has them.
func fieldNames(members map[string]any) string {
	const most = 8
	names := slices.Sorted(maps.Keys(members))
	if len(names) > most {
		names = append(names[:most-1], Number(int64(len(names)-most+1))+" more")
	}
	return series(quoted(names), "and")
}

// filterText says under which condition a document passes; "" where all do.
func filterText(v any, depth int) string {
	if depth > deepFilter {
		return strings.Repeat("…", longFilter+1)
	}
	members, _ := v.(map[string]any)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var text string
		switch name {
		case "all":
			text = groupText(members[name], "and", depth)
		case "any":
			text = groupText(members[name], "or", depth)
		case "none":
			if text = groupText(members[name], "or", depth); text != "" {
				text = "not (" + strings.TrimSuffix(strings.TrimPrefix(text, "("), ")") + ")"
			}
		default:
			text = quoted([]string{name})[0] + " is " + conditionText(members[name])
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " and ")
}

func groupText(v any, word string, depth int) string {
	list, _ := v.([]any)
	var parts []string
	for _, inner := range list {
		text := filterText(inner, depth+1)
		if text == "" && word == "or" {
			return "" // one that always holds
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	text := strings.Join(parts, " "+word+" ")
	if len(parts) > 1 && word == "or" {
		return "(" + text + ")"
	}
	return text
}

// conditionText says what a field must be.
func conditionText(v any) string {
	switch v := v.(type) {
	case []any:
		list := make([]string, len(v))
		for i, one := range v {
			list[i] = value(one)
		}
		return series(list, "or")
	case map[string]any:
		from, to := v["from"], v["to"]
		if center, ok := v["center"]; ok {
			unit, _ := v["unit"].(string)
			if unit == "" {
				unit = "m"
			}
			if distance, ok := v["distance"]; ok {
				return "within " + brief(distance) + " " + unit + " of " + brief(center)
			}
			return "between " + brief(from) + " and " + brief(to) + " " + unit + " from " + brief(center)
		}
		switch {
		case from != nil && to != nil:
			return "at least " + brief(from) + " and below " + brief(to)
		case from != nil:
			return "at least " + brief(from)
		case to != nil:
			return "below " + brief(to)
		}
	}
	return value(v)
}

// value is a value in a sentence: texts in quotation marks.
func value(v any) string {
	if text, ok := v.(string); ok {
		return "“" + isolate(cut(text, longValue)) + "”"
	}
	return brief(v)
}

// brief is JSON on one line, cut where it is long.
func brief(v any) string {
	if text, ok := v.(string); ok {
		return isolate(cut(text, longValue))
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "…"
	}
	return isolate(cut(strings.TrimSpace(b.String()), longValue))
}

// cut keeps a text short.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// empty reports whether an option says nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

// verdicts say why a signed search key is refused.
var verdicts = map[string]string{
	"key_unknown":     "No key of this project has the name that it gives, or the project is not the one it is for.",
	"key_revoked":     "The key that signed it is revoked, so every request with it fails.",
	"parent_revoked":  "The key that it names is revoked, so every request with it fails. Whether that key really signed it can no longer be checked: what could tell was destroyed with the key.",
	"key_expired":     "The key that signed it is expired, so every request with it fails.",
	"key_unsure":      "The state of the key that signed it could not be read after a change, so it is refused until it can be.",
	"token_invalid":   "It was not signed with the key that it names, was changed since, or is not valid yet. Every request with it fails.",
	"token_header":    "Its header says something else than HS256, or more, which is never accepted.",
	"token_malformed": "This is no signed search key: those are three parts with dots between them, JSON in the first two, and at most 8 KiB.",
	"token_expired":   "Its time is over. Every request with it fails.",
	"parent_unfit":    "The key that signed it may not search, so every request with it fails.",
}

// verdict is the answer to what a pasted signed search key is worth.
func (d DecodedKey) verdict() (status, label, text string) {
	if d.Code == "" {
		return StatusActive, "Works", "It was signed with this key and counts now, as far as its options are valid where it searches."
	}
	return StatusExpired, "Refused", cmp.Or(verdicts[d.Code], "It is refused.")
}

// summaryTitle stands over the sentences: of what nobody is known to have signed they are only a claim.
func (d DecodedKey) summaryTitle() string {
	switch {
	case d.Code == "":
		return "What it allows"
	case d.Verified:
		return "What it allowed"
	}
	return "What it claims"
}
