package views

import (
	"fmt"
	"slices"
)

// What the form says about its fields.
const (
	SecretHere         = "This looks like a key. It was not kept: paste it only where the form asks for the secret."
	NoLifetime         = "Choose how long it works."
	DatePassed         = "This day has passed. Choose a later one."
	FilterWithoutField = "Choose the field that must have this value."
	FilterWithoutValue = "Enter the value that the field must have."
	NoSuchField        = "There is no such field in this engine."
	NotANumber         = "This field holds numbers. Enter one, such as 12 or 0.5."
	NoFieldTicked      = "Tick at least one field."
	NotThatEngine      = "Choose an engine that this key reaches."
	NothingPasted      = "Paste a signed search key."
	OptionTwice        = "%s is chosen above and named here too. Say it in one place."
)

// lifetimes are the choices of how long a signed search key works.
func (p KeySignPage) lifetimes() []choice {
	return []choice{{"1h", "1 hour"}, {"1d", "1 day"}, {"7d", "7 days"}, {"30d", "30 days"}, {"date", "Pick a date"}, {"parent", "As long as its key"}}
}

// ends says when a lifetime is over.
func (p KeySignPage) ends(choice string) string {
	switch {
	case choice == "date":
		return "You choose the day"
	case choice == "parent" && p.Parent.Expires.Text != "":
		return "Until " + p.Parent.Expires.Text
	case choice == "parent":
		return "Until it is revoked"
	}
	return p.Ends[choice]
}

// textFields are those in which words can be looked for.
func (p KeySignPage) textFields() []SignField {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f SignField) bool { return f.Type != "text" })
}

// filterFields are those that the lines of the filters can be about: places need more than a value.
func (p KeySignPage) filterFields() []choice {
	list := []choice{{"", "No filter"}, {"id", "id"}}
	for _, f := range p.Fields {
		if f.Type != "geolocation" {
			list = append(list, choice{f.Name, f.Name})
		}
	}
	return list
}

// sorts are the orders that can be imposed.
func (p KeySignPage) sorts() []choice {
	list := []choice{{"", "As the request asks"}}
	for _, f := range p.Fields {
		up, down := "smallest first", "largest first"
		switch f.Type {
		case "geolocation":
			continue
		case "text":
			up, down = "A to Z", "Z to A"
		case "date":
			up, down = "oldest first", "newest first"
		}
		list = append(list, choice{f.Name + ":asc", f.Name + ", " + up}, choice{f.Name + ":desc", f.Name + ", " + down})
	}
	return list
}

// ids are the inputs that messages belong to, in the order of the page.
func (p KeySignPage) ids() []string {
	list := []string{"engine"}
	if p.Engine != "" {
		list = append(list, "filters:filter_field_1")
		for i := range SignFilters {
			list = append(list, filterName("value", i))
		}
		list = append(list, "search_field:search-fields", "result_field:result-fields", "sort")
	}
	list = append(list, "options", "expires:expires-1h", "expires_on")
	if p.Parent.Type != "search" {
		list = append(list, "secret")
	}
	return list
}

// filterName is the name of an input of one line of the filters.
func filterName(part string, i int) string { return fmt.Sprintf("filter_%s_%d", part, i+1) }
