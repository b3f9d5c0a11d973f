package views

import (
	"maps"
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

// needed says what to do about fields that were left empty, so that a list of messages can be told apart.
var needed = map[string]string{
	"email": "Enter an e-mail address.", "password": "Enter a password.", "organization": "Enter the name of the organization.",
	"project": "Enter a name for the first project.", "name": "Enter a name.",
}

// FormOf is what the rules say about a form, as pages tell it. Some of it are messages of the APIs, whose wording is not
// ours.
func FormOf(message string, fields map[string]string) Form {
	f := Form{Message: message, Errors: maps.Clone(fields)}
	for field, text := range f.Errors {
		if own := needed[field]; own != "" && text == "This is needed." {
			f.Errors[field] = own
		} else if text != "" && !strings.ContainsAny(text[len(text)-1:], ".!?") {
			f.Errors[field] = text + "."
		}
	}
	return f
}

// What pages say about fields, where the rules say it in the words of the APIs.
const (
	WrongPassword = "The password is wrong."
	NoRole        = "Choose a role."
	NoExpiry      = "Choose when the key expires."
	NotADate      = "Enter a date as year, month and day, such as 2027-02-14."
	NotTheNumber  = "This is not the number of keys in the list. Nothing was revoked."
)
