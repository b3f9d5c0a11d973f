package console

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/secret"
	"latchkey/views"
)

// signForm is what somebody has typed or ticked about a signed search key. Its secret is never written back.
type signForm struct {
	engine                    string
	filters                   [views.SignFilters]views.SignFilter
	searchScope, resultScope  string
	searchFields, resultField []string
	facets, sort, options     string
	expires, expiresOn        string
	secret                    secret.Secret
	preview                   bool
	fields                    engine.Schema // of the engine
}

// shortestSecret is from how many characters on a pasted secret is looked for in other fields: what is shorter is none.
const shortestSecret = 16

// readSignForm reads the form. What may be a secret in a field that is shown again is not taken.
func readSignForm(form url.Values) (signForm, error) {
	f := signForm{
		engine: form.Get("engine"), searchScope: form.Get("search_scope"), resultScope: form.Get("result_scope"),
		searchFields: form["search_field"], resultField: form["result_field"], facets: form.Get("facets"), sort: form.Get("sort"),
		options: form.Get("options"), expires: form.Get("expires"), expiresOn: form.Get("expires_on"),
		secret: secret.Secret(strings.TrimSpace(form.Get("secret"))), preview: form.Get("preview") != "",
	}
	wrong := fault.Fields{}
	harmless := func(field, text string) string {
		if likeKey.MatchString(text) || len(f.secret) >= shortestSecret && strings.Contains(text, f.secret.Reveal()) {
			wrong.Add(field, views.SecretHere)
			return ""
		}
		return text
	}
	for i := range f.filters {
		n := strconv.Itoa(i + 1)
		f.filters[i] = views.SignFilter{Field: form.Get("filter_field_" + n), Value: harmless("filter_value_"+n, form.Get("filter_value_"+n))}
	}
	f.options, f.expiresOn = harmless("options", f.options), harmless("expires_on", f.expiresOn)
	return f, wrong.Err()
}

// expiry is when the signed search key ends: the zero time where it is to live as long as its key.
func (f signForm) expiry(now time.Time) (time.Time, error) {
	lives := map[string]time.Duration{"1h": time.Hour, "1d": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "30d": 30 * 24 * time.Hour}
	switch life, ok := lives[f.expires]; {
	case ok:
		return now.Add(life), nil
	case f.expires == "parent":
		return time.Time{}, nil
	case f.expires != "date":
		return time.Time{}, fault.Field("expires", views.NoLifetime)
	}
	day, err := time.Parse(time.DateOnly, f.expiresOn)
	switch end := day.AddDate(0, 0, 1).Add(-time.Second); {
	case err != nil:
		return time.Time{}, fault.Field("expires_on", views.NotADate)
	case !end.After(now):
		return time.Time{}, fault.Field("expires_on", views.DatePassed)
	default:
		return end, nil
	}
}

// imposed puts together what the form imposes, the fields of the engine as they were chosen and the JSON.
func (f signForm) imposed() (map[string]json.RawMessage, error) {
	options, err := credential.ReadOptions(f.options)
	wrong, chosen := fault.Fields{}, map[string]any{}
	if filters := f.conditions(wrong); len(filters) > 0 {
		if raw, ok := options["filters"]; ok {
			filters = append(filters, raw)
		}
		delete(options, "filters")
		chosen["filters"] = allOf(filters)
	}
	if f.searchScope == "some" && f.engine != "" {
		chosen["search_fields"] = f.pick("search_field", f.searchFields, wrong)
	}
	if f.resultScope == "some" && f.engine != "" {
		chosen["result_fields"] = f.pick("result_field", f.resultField, wrong)
	}
	if f.facets == "none" {
		chosen["facets"] = map[string]any{}
	}
	if field, order, ok := strings.Cut(f.sort, ":"); ok && f.engine != "" {
		chosen["sort"] = map[string]any{field: order}
	}
	if err := together(err, wrong.Err()); err != nil {
		return nil, err
	}
	for name, v := range chosen {
		if _, twice := options[name]; twice {
			wrong.Add("options", fmt.Sprintf(views.OptionTwice, name))
		}
		if options[name], err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	return options, wrong.Err()
}

// allOf is filters that must all hold.
func allOf(filters []any) any {
	if len(filters) == 1 {
		return filters[0]
	}
	return map[string]any{"all": filters}
}

// conditions are the lines of the filters, each as the type of its field wants it.
func (f signForm) conditions(wrong fault.Fields) []any {
	var list []any
	if f.engine == "" {
		return nil
	}
	for i, line := range f.filters {
		field := "filter_value_" + strconv.Itoa(i+1)
		kind, known := f.fields.Type(line.Field)
		switch {
		case line.Field == "" && line.Value == "":
		case line.Field == "":
			wrong.Add(field, views.FilterWithoutField)
		case line.Value == "":
			wrong.Add(field, views.FilterWithoutValue)
		case !known && line.Field != "id":
			wrong.Add(field, views.NoSuchField)
		case kind == engine.TypeNumber:
			if _, err := strconv.ParseFloat(line.Value, 64); err != nil || !json.Valid([]byte(line.Value)) {
				wrong.Add(field, views.NotANumber)
				continue
			}
			list = append(list, map[string]any{line.Field: json.Number(line.Value)})
		default:
			list = append(list, map[string]any{line.Field: line.Value})
		}
	}
	return list
}

// pick names the ticked fields of the engine as an option. Texts can be shown as snippets too.
func (f signForm) pick(name string, ticked []string, wrong fault.Fields) map[string]any {
	fields := map[string]any{}
	for _, field := range f.fields {
		if !slices.Contains(ticked, field.Name) {
			continue
		}
		form := map[string]any{}
		if name == "result_field" {
			form["raw"] = map[string]any{}
			if field.Type == engine.TypeText {
				form["snippet"] = map[string]any{"fallback": true}
			}
		}
		fields[field.Name] = form
	}
	if len(fields) == 0 {
		wrong.Add(name, views.NoFieldTicked)
	}
	return fields
}
