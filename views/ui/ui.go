// Package ui is the small parts that the console's pages are made of. They know nothing about keys or projects; what
// they show is handed to them, ready to be shown.
package ui

import (
	"strconv"
	"strings"
)

// Problem is one message of a form that was sent back. ID is the element to go to, "" when there is none.
type Problem struct{ ID, Text string }

// FieldProps describes one labelled input.
type FieldProps struct {
	Name         string // of the input; its id too, unless ID is set
	ID           string
	Label        string
	Hint         string
	Error        string
	Type         string // "" for text
	Value        string // never shown again for passwords
	Autocomplete string // "" for off
	Optional     bool   // says so in the label
	Autofocus    bool
	Identifier   bool // set in the mono font, no capitals or spelling correction
	MaxLength    int
	Min          string // of dates
}

func (f FieldProps) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f FieldProps) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f FieldProps) value() string {
	if f.Type == "password" {
		return ""
	}
	return f.Value
}

func (f FieldProps) autocomplete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

func (f FieldProps) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

// ChoiceProps describes one card or pill of a radio group.
type ChoiceProps struct {
	Name, Value string
	ID          string
	Label       string
	Hint        string // "" makes a pill
	Icon        Shape
	Checked     bool
	DescribedBy string
	Unavailable string // why it cannot be chosen; "" when it can
}

// summary is the heading over the messages of a form.
func summary(n int) string {
	words := []string{"", "One thing", "Two things", "Three things", "Four things", "Five things"}
	if n < len(words) {
		return words[n] + " to fix"
	}
	return strconv.Itoa(n) + " things to fix"
}

// Crumb is a step of the way to a page; the last has no address.
type Crumb struct{ Text, Href string }

// first gives the first n of a list, and how many are left out.
func first(list []string, n int) (shown []string, more int) {
	if len(list) <= n {
		return list, 0
	}
	return list[:n], len(list) - n
}
