package appsearch

import "latchkey/db/engine"

func (a *asked) readSort(v any) (err error) {
	a.query.Sort, err = readCriteria(v)
	return err
}

// readCriteria reads an order: one criterion or a list of them.
//
//	{"f":"asc"} or [{"f":"asc"},{"_score":"desc"}] or {"loc":{"center":"37.4,-122.1","order":"asc","mode":"avg"}}
func readCriteria(v any) ([]engine.Sort, error) {
	list, ok := listOf(v)
	if !ok {
		return nil, invalid("Sort must be an object or a list of objects")
	}
	var order []engine.Sort
	for _, v := range list {
		criterion, ok := v.(map[string]any)
		// The members of an object have no order, and with two of them it would count.
		if !ok || len(criterion) > 1 || len(criterion) == 0 && len(list) > 1 {
			return nil, invalid("Sort must have one field in each object")
		}
		for field, how := range criterion {
			s, err := readCriterion(field, how)
			if err != nil {
				return nil, err
			}
			order = append(order, s)
		}
	}
	return order, nil
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
		s.Center = &p
		if how = members["order"]; how == nil {
			how = "asc"
		}
		if s.Mode, err = readMode(field, members["mode"], how == "desc"); err != nil {
			return s, err
		}
	}
	s.Desc = how == "desc"
	if how != "asc" && how != "desc" {
		return s, invalid("Sort contains invalid direction for field: " + shorten(field))
	}
	return s, nil
}

// readMode reads which of several distances counts. Without a word of it the nearest counts upwards and the farthest
// downwards, as with arrays of numbers.
func readMode(field string, v any, desc bool) (engine.SortMode, error) {
	text, _ := v.(string)
	switch mode := engine.SortMode(text); {
	case v == nil && desc:
		return engine.SortFarthest, nil
	case v == nil:
		return engine.SortNearest, nil
	case mode == engine.SortNearest, mode == engine.SortFarthest, mode == engine.SortMedian, mode == engine.SortAverage:
		return mode, nil
	}
	return "", invalid("Sort mode must be min, max, median or avg: " + shorten(field))
}
