package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Limits of List.
const (
	// PageSize is how many events a page has where nothing else is asked for.
	PageSize = 50
	// Window is how many events are looked at for one page at most, where the filter asks for more than an index knows:
	// a part of a name, or a second condition. A page may then end early and say so.
	Window = 20_000
)

// Filter narrows a list of events. The zero Filter lets everything pass.
type Filter struct {
	Actor  string    // the id of who did it, or exactly how they were called
	Action string    // an action, or all that begin alike: "key.*"
	Object string    // the id of what it was done to, or a part of how that was called, in any case
	From   time.Time // not before; zero: from the beginning
	Until  time.Time // before; zero: up to now
}

// Cursor is a place in a list of events. The zero Cursor is the newest end.
type Cursor struct{ At, Seq int64 }

// String is the cursor as an address carries it; "" for the zero Cursor.
func (c Cursor) String() string {
	if c == (Cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.At, 10) + "-" + strconv.FormatInt(c.Seq, 10)
}

// ParseCursor reads what String wrote. Anything else gives the zero Cursor.
func ParseCursor(s string) Cursor {
	at, seq, _ := strings.Cut(s, "-")
	var c Cursor
	var errs [2]error
	c.At, errs[0] = strconv.ParseInt(at, 10, 64)
	c.Seq, errs[1] = strconv.ParseInt(seq, 10, 64)
	if errors.Join(errs[:]...) != nil || c.At < 0 || c.Seq < 0 {
		return Cursor{}
	}
	return c
}

// end is after everything.
var end = Cursor{math.MaxInt64, math.MaxInt64}

func (c Cursor) compare(o Cursor) int {
	return cmp.Or(cmp.Compare(c.At, o.At), cmp.Compare(c.Seq, o.Seq))
}

func (c Cursor) next() Cursor { return Cursor{c.At, c.Seq + 1} }

func (c Cursor) before() Cursor { return Cursor{c.At, c.Seq - 1} }

func (r Record) cursor() Cursor { return Cursor{r.At.UnixMilli(), r.Seq} }

// Page says which part of a list to give.
type Page struct {
	Cursor Cursor
	Newer  bool // from the cursor towards newer events, instead of towards older ones
	Size   int  // 0: PageSize
}

// Listing is a part of the history, newest first.
type Listing struct {
	Records []Record
	Newer   Cursor // to go on from towards newer events; zero: there are none
	Older   Cursor // the same towards older ones
	// Reached is how far was looked where Window ended the search before the page was full; zero elsewhere.
	Reached time.Time
}

var (
	errForbidden = fault.New(fault.Forbidden, "Your role does not include the audit log.")
	errNoPlace   = fault.New(fault.NotFound, "There is nothing here.")
)

// mayRead decides who may see the history of a place. A place that the asker may not know of is reported like one that
// does not exist.
func mayRead(who Who, place permission.Target) error {
	if place.Organization == "" || place.Engine != "" {
		return errNoPlace
	}
	return permission.Decide(who.Principal, permission.AuditRead, place).Err(errForbidden, errNoPlace)
}

// List gives events of a project, or of an organization together with all of its projects, newest first: by their time,
// and those of the same moment in the order of the chain. It needs audit.read there.
func (l *Log) List(ctx context.Context, who Who, place permission.Target, f Filter, page Page) (Listing, error) {
	if err := mayRead(who, place); err != nil {
		return Listing{}, err
	}
	if page.Size == 0 {
		page.Size = PageSize
	}
	var list Listing
	err := l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := newSearch(ctx, tx, place, f)
		if err != nil {
			return err
		}
		list, err = s.page(ctx, tx, page)
		return err
	})
	if err != nil {
		return Listing{}, fmt.Errorf("list audit events: %w", err)
	}
	return list, nil
}

// search is a filter made ready: what an index finds (one query for each action, or a single one), and the rest.
type search struct {
	place   permission.Target
	f       Filter
	byID    bool     // Object is an id
	byLabel bool     // Actor is no id of anybody here
	actions []string // to look for, one by one; nil: any
	window  int64
}

func newSearch(ctx context.Context, tx *db.Tx, place permission.Target, f Filter) (search, error) {
	s := search{place: place, f: f, byID: uuid.Validate(f.Object) == nil, window: Window}
	if group, ok := strings.CutSuffix(f.Action, "*"); ok {
		all, err := distinct(ctx, tx, place, "action", maxActions)
		if err != nil {
			return s, err
		}
		s.actions = slices.DeleteFunc(all, func(a string) bool { return !strings.HasPrefix(a, group) })
	} else if f.Action != "" {
		s.actions = []string{f.Action}
	}
	if f.Actor != "" {
		q := s.start("actor_id", f.Actor)
		q.between(Cursor{}, end)
		n, err := db.Query(ctx, tx, db.Int, "SELECT seq FROM audit WHERE "+q.text()+" LIMIT 1", q.args...)
		if err != nil {
			return s, err
		}
		s.byLabel = len(n) == 0
	}
	return s, nil
}

// part is what one query found between two cursors, in the order of its direction.
type part struct {
	records []Record
	end     Cursor // up to where the part is complete; zero: to the end of the history
	early   bool   // the window ended it
}

func (s search) page(ctx context.Context, tx *db.Tx, page Page) (Listing, error) {
	queries := []string{""}
	if s.f.Action != "" {
		queries = s.actions
	}
	var parts []part
	for _, action := range queries {
		p, err := s.run(ctx, tx, action, page)
		if err != nil {
			return Listing{}, err
		}
		parts = append(parts, p)
	}
	all := merge(parts, page)
	if page.Newer && len(all.records) < page.Size && all.end == (Cursor{}) {
		return s.page(ctx, tx, Page{Size: page.Size}) // the newest page is a full one
	}
	return all.listing(page), nil
}

// merge joins parts into one that is complete up to where the first of them is not.
func merge(parts []part, page Page) part {
	ahead := func(a, b Cursor) int {
		if page.Newer {
			return a.compare(b)
		}
		return b.compare(a)
	}
	var all part
	for _, p := range parts {
		all.records = append(all.records, p.records...)
		if p.end != (Cursor{}) && (all.end == (Cursor{}) || ahead(p.end, all.end) < 0) {
			all.end, all.early = p.end, p.early
		}
	}
	slices.SortFunc(all.records, func(a, b Record) int { return ahead(a.cursor(), b.cursor()) })
	if all.end != (Cursor{}) {
		all.records = slices.DeleteFunc(all.records, func(r Record) bool { return ahead(r.cursor(), all.end) > 0 })
	}
	if len(all.records) > page.Size {
		all.records = all.records[:page.Size]
		all.end, all.early = all.records[page.Size-1].cursor(), false
	}
	return all
}

func (p part) listing(page Page) Listing {
	list := Listing{Records: p.records, Older: p.end}
	if page.Newer {
		slices.Reverse(list.Records)
		list.Older, list.Newer = page.Cursor.next(), p.end // with nothing here, the way back begins at the cursor itself
		if len(p.records) > 0 {
			list.Older = list.Records[len(p.records)-1].cursor()
		}
	} else if page.Cursor != (Cursor{}) {
		list.Newer = page.Cursor.before()
		if len(p.records) > 0 {
			list.Newer = list.Records[0].cursor()
		}
	}
	if p.early {
		list.Reached = time.UnixMilli(p.end.At).UTC()
	}
	return list
}

// run looks for events with one action, or with any where it is empty.
func (s search) run(ctx context.Context, tx *db.Tx, action string, page Page) (part, error) {
	low, high := s.bounds(page)
	var p part
	q, rest := s.query(action)
	if rest {
		edge, err := s.edge(ctx, tx, action, low, high, page.Newer)
		if err != nil {
			return p, err
		}
		if p.end = edge; edge != (Cursor{}) && page.Newer {
			high = edge.next()
		} else if edge != (Cursor{}) {
			low = edge
		}
	}
	q.between(low, high)
	var err error
	p.records, err = db.Query(ctx, tx, scan, columns+" WHERE "+q.text()+q.order(page.Newer)+" LIMIT "+q.arg(page.Size+1), q.args...)
	p.early = p.end != (Cursor{})
	if len(p.records) > page.Size {
		p.records = p.records[:page.Size]
		p.end, p.early = p.records[page.Size-1].cursor(), false
	}
	return p, err
}

// edge is the last event that may be looked at, or the zero Cursor where the window holds all there are.
func (s search) edge(ctx context.Context, tx *db.Tx, action string, low, high Cursor, newer bool) (Cursor, error) {
	q := s.indexed(action)
	q.between(low, high)
	return db.One(ctx, tx, nil, scanCursor,
		"SELECT at, seq FROM audit WHERE "+q.text()+q.order(newer)+" LIMIT 1 OFFSET "+q.arg(s.window-1), q.args...)
}

func scanCursor(s db.Scanner) (Cursor, error) {
	var c Cursor
	err := s.Scan(&c.At, &c.Seq)
	return c, err
}

// bounds gives the part of the history to look at: from low on, and before high.
func (s search) bounds(page Page) (low, high Cursor) {
	high = end
	if !s.f.From.IsZero() {
		low.At = s.f.From.UnixMilli()
	}
	if !s.f.Until.IsZero() {
		high = Cursor{At: s.f.Until.UnixMilli()}
	}
	switch {
	case page.Cursor == (Cursor{}):
	case page.Newer && page.Cursor.compare(low) >= 0:
		low = page.Cursor.next()
	case !page.Newer && page.Cursor.compare(high) < 0:
		high = page.Cursor
	}
	return low, high
}
