package credential

import (
	"context"
	"slices"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// MaxPage is how many keys List gives at most.
const MaxPage = 1000

// UnusedAfter is how long a key must lie still to count as unused.
const UnusedAfter = 90 * 24 * time.Hour

// Filter says which keys to list and in which order. The zero Filter lists those that are neither revoked nor expired.
type Filter struct {
	Text     string // part of name, description or visible key, or an id, or a whole secret
	Type     secret.Type
	Access   permission.Access
	Engine   string // keys that reach this engine
	Creator  string // who made them, as Key.CreatedBy has it
	Status   string // a Status; empty: all that are alive
	Inactive bool   // with the revoked and the expired
	Live     bool   // with the expired but without the revoked
	Sort     string // name (default), type, access, engines, last_used, expires, created, status
	Desc     bool
	Cursor   string // of Page, for another page of the same list
	Offset   int    // for surfaces whose pages have numbers; not together with a cursor
	Limit    int    // 0: MaxPage
}

// Page is a part of a list.
type Page struct {
	Keys     []Key
	Total    int    // of the whole list
	Index    int    // how many keys of the list lie before this page
	Newer    string // cursor of the page before this one; "": it is the first
	Older    string // cursor of the page behind this one; "": it is the last
	Overview Overview
}

// List gives keys of a project. It needs api_keys.read.
func (s *Store) List(ctx context.Context, who audit.Who, place permission.Target, f Filter) (Page, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 || f.Limit > MaxPage {
		f.Limit = MaxPage
	}
	var page Page
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if page.Overview, err = overview(ctx, tx, place.Project); err != nil {
			return err
		}
		w := s.walker(tx, place.Project, f)
		if page.Total, err = w.total(ctx, f, page.Overview); err != nil {
			return err
		}
		return w.page(ctx, f, &page)
	})
	return page, err
}

func (s *Store) walker(tx *db.Tx, project string, f Filter) walker {
	w := walker{tx: tx, project: project, view: f.view(), desc: f.Desc, moments: momentsAt(tx.Now)}
	var ok bool
	if w.order, ok = orders[f.Sort]; !ok {
		w.order = orders["name"]
	}
	if f.picks() {
		w.picked = s.live.shelves.choose(project, f.fits(w.moments))
	}
	return w
}

// total counts the keys that a list shows. Nearly always that is known already.
func (w walker) total(ctx context.Context, f Filter, o Overview) (int, error) {
	usage := f.Status == string(NeverUsed) || f.Status == string(Unused)
	switch {
	case w.picked != nil && !usage:
		return w.picked.n, nil
	case w.picked == nil && f.Status != string(NeverUsed) && f.Status != string(Legacy):
		return o.of(f), nil
	}
	if w.picked != nil && !w.picked.named() {
		n := 0
		w.order = orders["last_used"]
		return n, w.walk(ctx, nil, false, 0, func(mark) bool { n++; return true })
	}
	q := statement{moments: w.moments}
	query := "SELECT COUNT(*) FROM keys k WHERE k.project_id = " + q.arg(w.project) + " AND k.revoked = " + q.arg(false) + " AND " + q.fill(w.view.condition)
	if w.picked != nil {
		query += " AND k.id IN " + listed(w.picked.few)
	}
	n, err := db.One(ctx, w.tx, nil, db.Int, query, q.args...)
	return int(n), err
}

// of is how many keys a list without any other filter than their state has.
func (o Overview) of(f Filter) int {
	switch f.Status {
	case string(Active):
		return o.Active
	case string(ExpiringSoon):
		return o.Expiring
	case string(Expired):
		return o.Total - o.Active
	case string(Revoked):
		return o.Revoked
	case string(Unused):
		return o.Unused
	}
	switch {
	case f.Inactive:
		return o.Total + o.Revoked
	case f.Live:
		return o.Total
	}
	return o.Active
}

// page fills in the keys of one page, and where the pages beside it start.
func (w walker) page(ctx context.Context, f Filter, page *Page) error {
	at, _ := readCursor(f.Cursor, f.orderName())
	marks, more, err := w.some(ctx, at, f.Offset, f.Limit)
	if err != nil {
		return err
	}
	if at.Back && !more || at.Name != "" && !at.Back && len(marks) == 0 {
		// The beginning of the list is reached, or there is nothing behind what was its end: the first or last page, whole.
		end := cursor{Order: at.Order, Back: !at.Back}
		if marks, more, err = w.some(ctx, end, 0, f.Limit); err != nil {
			return err
		}
		at = end
	}
	page.Index = max(0, at.Index)
	switch {
	case f.Offset > 0:
		page.Index = f.Offset
	case at.Back && at.Name == "" || !at.Back && !more:
		page.Index = max(0, page.Total-len(marks))
	case at.Back:
		page.Index = max(1, at.Index-len(marks))
	}
	if len(marks) > 0 {
		if at.Back && more || !at.Back && at.Name != "" {
			page.Newer = cursor{mark: marks[0], Order: f.orderName(), Back: true, Index: page.Index}.String()
		}
		if !at.Back && more || at.Back && at.Name != "" {
			page.Older = cursor{mark: marks[len(marks)-1], Order: f.orderName(), Index: page.Index + len(marks)}.String()
		}
	}
	page.Keys, err = w.keys(ctx, marks)
	return err
}

// orderName is what cursors belong to.
func (f Filter) orderName() string {
	if f.Desc {
		return "-" + f.Sort
	}
	return f.Sort
}

// some walks to a page and gives its marks in the order of the list, and whether there are more that way.
func (w walker) some(ctx context.Context, at cursor, skip, limit int) (marks []mark, more bool, err error) {
	var start *mark
	if at.Name != "" {
		start = &at.mark
	}
	err = w.walk(ctx, start, at.Back, skip, func(m mark) bool {
		if more = len(marks) == limit; !more {
			marks = append(marks, m)
		}
		return !more
	})
	if at.Back {
		slices.Reverse(marks)
	}
	return marks, more, err
}

// keys reads what was marked.
func (w walker) keys(ctx context.Context, marks []mark) ([]Key, error) {
	if len(marks) == 0 {
		return nil, nil
	}
	ids := make([]string, len(marks))
	for i, m := range marks {
		ids[i] = m.ID
	}
	found, err := db.Query(ctx, w.tx, scanRow, selectKey+" WHERE k.id IN "+listed(ids))
	byID := map[string]Key{}
	for _, k := range found {
		byID[k.ID] = k
	}
	list := make([]Key, 0, len(marks))
	for _, m := range marks {
		list = append(list, byID[m.ID])
	}
	return list, err
}

// MaxCreators is how many names Creators gives at most.
const MaxCreators = 50

// Creators lists who has made keys of a project, by name. It needs api_keys.read.
func (s *Store) Creators(ctx context.Context, who audit.Who, place permission.Target) ([]string, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return nil, err
	}
	var list []string
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		last := ""
		for len(list) < MaxCreators {
			// From name to name through the index: how many keys each has made does not matter.
			next, err := db.Query(ctx, tx, db.String, `
				SELECT created_by FROM keys WHERE project_id = $1 AND created_by > $2 ORDER BY created_by LIMIT 1`, place.Project, last)
			if err != nil || len(next) == 0 {
				return err
			}
			last = next[0]
			list = append(list, last)
		}
		return nil
	})
	return list, err
}

// Get gives one key of a project by its id. It needs api_keys.read.
func (s *Store) Get(ctx context.Context, who audit.Who, place permission.Target, id string) (Key, error) {
	return s.get(ctx, who, place, func(ctx context.Context, tx *db.Tx) (Key, error) { return findKey(ctx, tx, place.Project, id) })
}

// GetByName gives the one key of a project with a name that is not revoked. It needs api_keys.read.
func (s *Store) GetByName(ctx context.Context, who audit.Who, place permission.Target, name string) (Key, error) {
	return s.get(ctx, who, place, func(ctx context.Context, tx *db.Tx) (Key, error) {
		return db.One(ctx, tx, errNoKey, scanRow, selectKey+" WHERE k.project_id = $1 AND k.name = $2 AND k.revoked_at IS NULL", place.Project, name)
	})
}

func (s *Store) get(ctx context.Context, who audit.Who, place permission.Target, find func(context.Context, *db.Tx) (Key, error)) (Key, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return Key{}, err
	}
	var k Key
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		k, err = find(ctx, tx)
		return err
	})
	return k, err
}
