package appsearch

import (
	"encoding/json"
	"maps"
	"slices"

	"latchkey/db/engine"
)

// enforce lays the options of a signed search key over those of a request. It works on options that have been read
// already, so that it makes no difference how a client spelled its own: an option of the token replaces the one of the
// same name. filters alone is added: the token's is given apart and must hold as well, whatever the request says.
//
//	filters "Adds filters to the search requests instead of restricting them."
//	facets "A search interface that wants to prevent a user from aggregating data might set this to {} or null"
func enforce(given map[string]any, enforced map[string]json.RawMessage) (options map[string]any, filter *engine.Filter, err error) {
	options = maps.Clone(given)
	for _, name := range slices.Sorted(maps.Keys(enforced)) {
		if !slices.Contains(optionNames(), name) {
			return nil, nil, invalidKey("Options", name)
		}
		v, err := decode(enforced[name])
		if err != nil {
			return nil, nil, err
		}
		switch name {
		case "filters":
			if err := unmistakable(v); err != nil {
				return nil, nil, err
			}
			if filter, err = readFilters(v); err != nil {
				return nil, nil, err
			}
			continue
		case "search_fields", "result_fields":
			// In a request nothing means everything. Whoever signed it may have meant the contrary.
			if fields, ok := objectOf(v); !ok || len(fields) == 0 {
				return nil, nil, invalid("Signed search key enforces no fields: " + name)
			}
		}
		options[name] = v
	}
	return options, filter, nil
}

// unmistakable checks that filters and all groups in them are objects, and that no "any" is empty. A request may write
// null, [] or "" for an empty one, and an empty "any" for everything; whoever signed that may have lost what was to be
// enforced.
func unmistakable(filters any) error {
	members, ok := filters.(map[string]any)
	if !ok {
		return errFilters
	}
	for _, name := range []string{"all", "any", "none"} {
		list, isList := members[name].([]any)
		if name == "any" && isList && len(list) == 0 {
			return invalidFilterList(name)
		}
		for _, group := range list {
			if err := unmistakable(group); err != nil {
				return err
			}
		}
	}
	return nil
}
