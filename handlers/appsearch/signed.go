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
			if !allObjects(v) {
				return nil, nil, errFilters
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

// allObjects reports whether filters and all groups in them are objects. A request may write null, [] or "" for an empty
// one; whoever signed that may have lost what was to be enforced.
func allObjects(filters any) bool {
	members, ok := filters.(map[string]any)
	for _, name := range []string{"all", "any", "none"} {
		list, _ := members[name].([]any)
		for _, group := range list {
			ok = ok && allObjects(group)
		}
	}
	return ok
}
