package appsearch

import "latchkey/db/engine"

// readGrouping reads how to group what is found. "collapse" asks the service for exact pages and sorting, which groups
// always have here.
//
//	{"field":"states","size":10,"sort":{"title":"asc"},"collapse":true}
func (a *asked) readGrouping(v any) error {
	members, ok := objectOf(v)
	if !ok {
		return invalid("Group must be an object")
	}
	if len(members) == 0 {
		return nil
	}
	if err := only("Group", members, "field", "size", "sort", "collapse"); err != nil {
		return err
	}
	g := &engine.Group{}
	if g.Field, ok = members["field"].(string); !ok || g.Field == "" {
		return invalid("Group must have a field")
	}
	if v := members["size"]; v != nil {
		if g.Size, ok = wholeOf(v); !ok || g.Size < 1 || g.Size > engine.MaxGroupSize {
			return invalid("Group size must be between 1 and 10")
		}
	}
	if v := members["collapse"]; v != nil {
		if _, ok := truthOf(v); !ok {
			return invalid("Group collapse must be true or false")
		}
	}
	var err error
	if v := members["sort"]; v != nil {
		g.Sort, err = readCriteria(v)
	}
	a.query.Group = g
	return err
}
