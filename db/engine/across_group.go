package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"latchkey/db"
)

// grouped is a document with the group that it belongs to.
type grouped struct {
	ranked
	group any // what the group has in common, as it stands in the index; nil where that is nothing
}

// groupsAcross puts what is found in the sources of a meta engine into groups, and gives those to show. A source that does
// not have the field has only documents without a value. Groups are counted up to mostValues of each source.
func (r *run) groupsAcross(ctx context.Context, list []source) ([]Hit, error) {
	keys := map[any]bool{}
	var leaders []grouped
	for i, one := range list {
		if !one.finds() {
			continue
		}
		if err := one.groupKeys(ctx, r.q.Group.Field, keys); err != nil {
			return nil, err
		}
		found, err := one.leadersAcross(ctx, r.q)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			f.from = i
			leaders = append(leaders, f)
		}
	}
	r.total = int64(len(keys))
	slices.SortFunc(leaders, func(a, b grouped) int { return compareBy(r.q.Sort, a.ranked, b.ranked) })
	seen := map[any]bool{}
	leaders = slices.DeleteFunc(leaders, func(f grouped) bool {
		again := seen[f.group]
		seen[f.group] = true
		return again
	})
	leaders = leaders[min(r.q.Offset, len(leaders)):min(r.q.Offset+r.q.Size, len(leaders))]
	if len(leaders) == 0 {
		return []Hit{}, nil
	}
	return r.groupsOf(ctx, list, leaders)
}

// groupsOf reads the groups that begin with the given documents.
func (r *run) groupsOf(ctx context.Context, list []source, leaders []grouped) ([]Hit, error) {
	members := map[any][]grouped{}
	for i, one := range list {
		if !one.finds() {
			continue
		}
		found, err := one.membersAcross(ctx, r.q.Group, leaders)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			f.from = i
			members[f.group] = append(members[f.group], f)
		}
	}
	for _, first := range leaders {
		others := slices.DeleteFunc(members[first.group], func(f grouped) bool { return f.number == first.number })
		slices.SortFunc(others, func(a, b grouped) int { return compareBy(r.q.Group.Sort, a.ranked, b.ranked) })
		members[first.group] = others[:min(len(others), r.q.Group.size())]
		for _, f := range append([]grouped{first}, members[first.group]...) {
			list[f.from].shown = append(list[f.from].shown, f.hit)
		}
	}
	byNumber := map[int64]Hit{}
	for _, one := range list {
		hits, err := one.hitsFor(ctx, r.q.ResultFields, r.st.schema)
		if err != nil {
			return nil, err
		}
		for i, h := range hits {
			byNumber[one.shown[i].number] = h
		}
	}
	t, _ := r.st.schema.Type(r.q.Group.Field)
	page := make([]Hit, len(leaders))
	for i, first := range leaders {
		key := t.value(first.group)
		page[i] = byNumber[first.number]
		page[i].Key = &key
		for _, f := range members[first.group] {
			page[i].Group = append(page[i].Group, byNumber[f.number])
		}
	}
	return page, nil
}

// keyed gives the beginning of a query about the groups of a source, like grouping.
func (s source) keyed(name string) (b *builder, with, by string, err error) {
	b, table, where, err := s.from()
	if err != nil {
		return nil, "", "", err
	}
	score, by, err := s.score(b)
	if err != nil {
		return nil, "", "", err
	}
	key := "NULL"
	if f, ok := s.st.schema.field(name); ok {
		key = fmt.Sprintf("(SELECT MIN(x.value) FROM field_values x WHERE x.document = f.number AND x.slot = %d)", f.slot)
	}
	with = fmt.Sprintf(`
		WITH found AS MATERIALIZED (SELECT %s AS number, %s AS score FROM %s WHERE %s),
		keyed AS MATERIALIZED (SELECT f.number, f.score, %s AS key FROM found f)`, b.doc, score, table, where, key)
	if by != "" {
		by = "g.score"
	}
	b.doc, b.each = "g.number", true
	return b, with, by, nil
}

// groupKeys notes what the groups of a source have in common.
func (s source) groupKeys(ctx context.Context, name string, keys map[any]bool) error {
	b, with, _, err := s.keyed(name)
	if err != nil {
		return err
	}
	_, err = db.Query(ctx, s.tx, func(sc db.Scanner) (struct{}, error) {
		var key any
		err := sc.Scan(&key)
		keys[key] = true
		return struct{}{}, err
	}, fmt.Sprintf("%s SELECT DISTINCT g.key FROM keyed g LIMIT %d", with, mostValues), b.args...)
	return err
}

// leadersAcross gives the first documents of the first groups of a source, as many as the page could need.
func (s source) leadersAcross(ctx context.Context, q Query) ([]grouped, error) {
	b, with, by, err := s.keyed(q.Group.Field)
	if err != nil {
		return nil, err
	}
	order, err := b.order(s.known(q.Sort), by)
	if err != nil {
		return nil, err
	}
	columns, err := s.keys(b, q.Sort, by)
	if err != nil {
		return nil, err
	}
	return s.groupedRows(ctx, fmt.Sprintf(`%s,
		led AS MATERIALIZED (
			SELECT g.number, g.score, g.key, FIRST_VALUE(g.number) OVER (PARTITION BY g.key ORDER BY %s) AS leader
			FROM keyed g)
		SELECT g.number, g.score, g.key%s
		FROM led g
		WHERE g.number = g.leader
		ORDER BY %s
		LIMIT %s`, with, order, columns, order, b.arg(q.Offset+q.Size)), len(q.Sort), b.args)
}

// membersAcross gives the documents of a source in the groups of the leaders: of each one more than are shown, because
// the leader is among them.
func (s source) membersAcross(ctx context.Context, g *Group, leaders []grouped) ([]grouped, error) {
	b, with, by, err := s.keyed(g.Field)
	if err != nil {
		return nil, err
	}
	order, err := b.order(s.known(g.Sort), by)
	if err != nil {
		return nil, err
	}
	columns, err := s.keys(b, g.Sort, by)
	if err != nil {
		return nil, err
	}
	var values []any
	where := "FALSE"
	for _, f := range leaders {
		if f.group == nil {
			where = "g.key IS NULL"
		} else {
			values = append(values, f.group)
		}
	}
	return s.groupedRows(ctx, fmt.Sprintf(`%s
		SELECT g.number, g.score, g.key%s
		FROM (
			SELECT g.number, g.score, g.key, ROW_NUMBER() OVER (PARTITION BY g.key ORDER BY %s) AS nth
			FROM keyed g
			WHERE %s OR %s) g
		WHERE g.nth <= %s`, with, columns, order, where, b.isOneOf("g.key", values), b.arg(g.size()+1)), len(g.Sort), b.args)
}

// known gives the criteria that a source can order by.
func (s source) known(sorts []Sort) []Sort {
	return slices.DeleteFunc(slices.Clone(sorts), func(by Sort) bool {
		_, ok := s.st.schema.field(by.Field)
		return !ok && by.Field != "id" && by.Field != ByScore
	})
}

// keys are columns with what each criterion orders by.
func (s source) keys(b *builder, sorts []Sort, score string) (string, error) {
	var columns strings.Builder
	for _, by := range sorts {
		key, err := s.key(b, by, score)
		if err != nil {
			return "", err
		}
		columns.WriteString(", " + key)
	}
	return columns.String(), nil
}

func (s source) groupedRows(ctx context.Context, query string, keys int, args []any) ([]grouped, error) {
	return db.Query(ctx, s.tx, func(sc db.Scanner) (grouped, error) {
		f := grouped{ranked: ranked{keys: make([]any, keys)}}
		dest := []any{&f.number, &f.score, &f.group}
		for i := range f.keys {
			dest = append(dest, &f.keys[i])
		}
		err := sc.Scan(dest...)
		return f, err
	}, query, args...)
}
