package appsearch

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/web"
)

// suggestionAnswer is what a query could become.
//
//	{"results":{"documents":[{"suggestion":"lamp"}]},"meta":{"request_id":"…"}}
type suggestionAnswer struct {
	Results suggestionResults `json:"results"`
	Meta    suggestionMeta    `json:"meta"`
}

type suggestionResults struct {
	Documents []suggestionWire `json:"documents"`
}

type suggestionWire struct {
	Suggestion string `json:"suggestion"`
}

type suggestionMeta struct {
	RequestID string `json:"request_id"`
}

func (d *dialect) querySuggestion(c echo.Context) error {
	params, err := readOnly(c, "query", "size", "types")
	if err != nil {
		return err
	}
	a := asking(c)
	wanted, err := readSuggest(params.values, a.who.Enforced)
	if err != nil {
		return err
	}
	list, err := d.Engines.Suggest(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), wanted)
	if err != nil {
		return err
	}
	found := suggestionAnswer{Meta: suggestionMeta{RequestID: web.RequestID(c)}}
	found.Results.Documents = make([]suggestionWire, len(list))
	for i, text := range list {
		found.Results.Documents[i].Suggestion = text
	}
	return answer(c, found)
}

// readSuggest reads what to suggest, under what a signed search key imposes: its query replaces that of the request, its
// filters hold for the documents, and other fields than those of its search_fields and result_fields are not there.
//
//	{"query":"car","size":10,"types":{"documents":{"fields":["title","states"]}}}
func readSuggest(given map[string]any, enforced map[string]json.RawMessage) (engine.Suggest, error) {
	a, err := readSearch(map[string]any{"query": given["query"]}, enforced)
	if err != nil {
		return engine.Suggest{}, err
	}
	q := engine.Suggest{Text: a.query.Text, Size: defaultSize, Enforced: a.query.Enforced}
	if v := given["size"]; v != nil {
		var ok bool
		if q.Size, ok = wholeOf(v); !ok || q.Size < 1 || q.Size > engine.MaxSuggestions {
			return q, invalid("Size must be between 1 and 20")
		}
	}
	if q.Fields, err = readTypes(given["types"]); err != nil {
		return q, err
	}
	if q.Within, err = suggestedBy(a, enforced); err != nil {
		return q, err
	}
	return q, nil
}

// readTypes reads from what to suggest.
func readTypes(v any) ([]string, error) {
	types, ok := objectOf(v)
	if v == nil || ok && len(types) == 0 {
		return nil, nil
	}
	if !ok {
		return nil, invalid("Types must be an object")
	}
	if err := only("Types", types, "documents"); err != nil {
		return nil, err
	}
	documents, ok := objectOf(types["documents"])
	if !ok && types["documents"] != nil {
		return nil, invalid("Types documents must be an object")
	}
	if err := only("Types", documents, "fields"); err != nil || documents["fields"] == nil {
		return nil, err
	}
	fields, ok := textsOf(documents["fields"])
	switch {
	case !ok || len(fields) > engine.MaxFields:
		return nil, invalid("Types fields must be a list of at most 64 fields")
	case len(fields) == 0:
		return nil, nil
	}
	return fields, nil
}

// suggestedBy gives the fields that a signed search key both searches and shows; nil where it does not say.
func suggestedBy(a asked, enforced map[string]json.RawMessage) ([]string, error) {
	fields, err := shownBy(enforced)
	if _, searched := enforced["search_fields"]; err != nil || fields == nil && !searched {
		return nil, err
	} else if !searched {
		return slices.Collect(maps.Keys(fields)), nil
	}
	within := []string{}
	for name := range a.query.SearchFields {
		if fields == nil || fields[name] {
			within = append(within, name)
		}
	}
	return within, nil
}
