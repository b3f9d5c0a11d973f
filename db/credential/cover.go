package credential

import (
	"cmp"
	"context"
	"slices"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// Covering is which other keys could do the work of one.
type Covering struct {
	Keys  []Key // the closest first: those that can do the least besides
	Total int
}

// Covering tells which active keys of a project can do all that another of them can: keys of the same type, because
// nobody should put a secret where a public key stands, with at least its permissions, on at least its engines, for
// longer than ExpirySoon. It gives at most limit of them, and how many there are. It needs api_keys.read.
func (s *Store) Covering(ctx context.Context, who audit.Who, place permission.Target, id string, limit int) (Covering, error) {
	k, err := s.Get(ctx, who, place, id)
	if err != nil {
		return Covering{}, err
	}
	list := s.live.covering(k, s.db.Now().Add(ExpirySoon).UnixMilli())
	c := Covering{Total: len(list)}
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, e := range list[:min(limit, len(list))] {
			found, err := findKey(ctx, tx, place.Project, e.principal.ID)
			if err != nil {
				return err
			}
			c.Keys = append(c.Keys, found)
		}
		return nil
	})
	return c, err
}

// covering gives the entries that cover a key and live beyond a moment, the closest first.
func (l *live) covering(k Key, until int64) []*entry {
	needs := k.Permissions()
	var list []*entry
	l.shelves.each(k.ProjectID, func(e *entry) {
		p := &e.principal
		if p.ID != k.ID && !e.revoked && !e.unsure && (e.expires == 0 || e.expires > until) &&
			p.KeyType == string(k.Type) && p.Permissions.Contains(needs) && p.Scope.Contains(k.Scope) {
			list = append(list, e)
		}
	})
	width := func(e *entry) int {
		if e.principal.Scope.All {
			return MaxEngines + 1
		}
		return len(e.principal.Scope.Engines)
	}
	slices.SortFunc(list, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.principal.Permissions.Len(), b.principal.Permissions.Len()), cmp.Compare(width(a), width(b)), cmp.Compare(a.name, b.name))
	})
	return list
}
