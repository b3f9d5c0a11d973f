package appsearch

import "latchkey/db/engine"

// readSort reads the order: one criterion or a list of them.
//
//	{"f":"asc"} or [{"f":"asc"},{"_score":"desc"}] or {"loc":{"center":"37.4,-122.1","order":"asc"}}
func (a *asked) readSort(v any) error {
	list, ok := listOf(v)
	if !ok {
		return invalid("Sort must be an object or a list of objects")
	}
	for _, v := range list {
		criterion, ok := v.(map[string]any)
		// The members of an object have no order, and with two of them it would count.
		if !ok || len(criterion) > 1 || len(criterion) == 0 && len(list) > 1 {
			return invalid("Sort must have one field in each object")
		}
		for field, how := range criterion {
			s, err := readCriterion(field, how)
			if err != nil {
				return err
			}
			a.query.Sort = append(a.query.Sort, s)
		}
	}
	return nil
}

func readCriterion(field string, how any) (engine.Sort, error) {
	s := engine.Sort{Field: field}
	if members, ok := how.(map[string]any); ok {
		if err := only("Sort", members, "center", "order", "mode"); err != nil {
			return s, err
		}
		p, err := readPoint("Sort", field, members["center"])
		if err != nil {
			return s, err
		}
		if mode := members["mode"]; mode != nil && mode != "min" {
			return s, invalid("Sort mode is not supported: only min")
		}
		s.Center = &p
		if how = members["order"]; how == nil {
			how = "asc"
		}
	}
	s.Desc = how == "desc"
	if how != "asc" && how != "desc" {
		return s, invalid("Sort contains invalid direction for field: " + shorten(field))
	}
	return s, nil
}
