package engine

import (
	"context"

	"latchkey/db"
)

// suggestAcross counts suggestions in the sources of a meta engine.
func suggestAcross(ctx context.Context, tx *db.Tx, st storage, q Suggest, counts map[string]int) error {
	fields, err := q.fields(st.schema)
	if err != nil {
		return err
	}
	checked, err := Query{Enforced: q.Enforced}.checkAcross()
	if err != nil {
		return err
	}
	all := &run{tx: tx, st: st, q: checked}
	if _, err := all.passes(&builder{st: st}); err != nil {
		return err
	}
	for _, p := range st.parts {
		own := q
		own.Fields = []string{}
		for _, f := range fields {
			if _, ok := p.schema.field(f.Name); ok {
				own.Fields = append(own.Fields, f.Name)
			}
		}
		if q.Enforced != nil {
			inner := q.Enforced.within(p)
			own.Enforced = &inner
		}
		if err := suggest(ctx, tx, p.storage, p.language, own, counts); err != nil {
			return err
		}
	}
	return nil
}
