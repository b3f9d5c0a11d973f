package engine

import (
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/db/fault"
)

// languages are those of App Search, in its order.
const languages = "da de en es fr it ja ko nl pt pt-br ru th zh"

// Languages lists what New.Language may be, besides "".
func Languages() []string { return strings.Fields(languages) }

// ValidName reports whether an engine can be called so.
func ValidName(name string) bool { return checkName(name) == "" }

func checkName(name string) string {
	switch {
	case name == "":
		return "Name can't be blank"
	case len(name) > MaxName:
		return "Name is too long (maximum is 64 characters)"
	case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return "Name can only contain lowercase letters, numbers, and hyphens"
	}
	return ""
}

func (n New) check() error {
	bad := fault.Fields{}
	if message := checkName(n.Name); message != "" {
		bad.Add("name", message)
	}
	if n.Language != "" && !slices.Contains(Languages(), n.Language) {
		bad.Add("language", "Language must be one of: "+strings.Join(Languages(), ", "))
	}
	switch {
	case !n.Meta && len(n.Sources) > 0:
		bad.Add("source", "Source engines are for meta engines only")
	case n.Meta && len(n.Sources) == 0:
		bad.Add("source", "Source engines are required for meta engines")
	case n.Meta && n.Language != "":
		bad.Add("language", "A meta engine has no language: its source engines have")
	}
	return bad.Err()
}

// reserved are the names that a field cannot have, beside id, which every document has anyway.
const reserved = " external_id engine_id highlight or and not any all none "

// checkField says in App Search's words what is wrong with a field's name, or "".
func checkField(name string) string {
	const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	switch {
	case name == "":
		return "Field names can't be blank."
	case strings.Trim(name, lower+digits+"_") != "":
		return "Fields can only contain lowercase letters, numbers, and underscores: " + cut(name, MaxName) + "."
	case len(name) > MaxName:
		return "Fields can be at most 64 characters long: " + cut(name, MaxName) + "."
	case name[0] == '_':
		return "Fields cannot start with an underscore: " + name + "."
	case strings.Trim(name, digits) == "":
		return "Fields cannot consist of numbers only: " + name + "."
	case strings.Contains(reserved, " "+name+" "):
		return "Field name is reserved: " + name + "."
	}
	return ""
}

// cut gives at most n bytes of s, whole characters only.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
