package views

import (
	"slices"
	"strings"

	"latchkey/views/ui"
)

func problems(f Form, fields []string) []ui.Problem {
	var list []ui.Problem
	known := map[string]bool{}
	for _, field := range fields {
		name, id, found := strings.Cut(field, ":")
		if !found {
			id = name
		}
		known[name] = true
		if text := f.Errors[name]; text != "" {
			list = append(list, ui.Problem{ID: id, Text: text})
		}
	}
	var rest []string
	for name, text := range f.Errors {
		if !known[name] && text != "" {
			rest = append(rest, text)
		}
	}
	slices.Sort(rest)
	for _, text := range rest {
		list = append(list, ui.Problem{Text: text})
	}
	return list
}
