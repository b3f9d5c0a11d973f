package credential

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/db"
)

// A list is walked along an index and never counted off from its beginning: each page starts at a mark, the place of a
// key in the order. What an order cannot say in one column is said by segments that follow each other, such as the keys
// that expire and then those that never do.

// order is a way to sort a list.
type order struct {
	segments []segment
	turns    bool // descending, the segments come in the opposite order too; else what has no value stays last
}

// segment is a part of an order. Each has an index that gives its keys sorted by column, name and id.
type segment struct {
	column string // "": by name
	where  string
	of     state // "": keys in every state
}

// state is what a segment says about the keys in it, so that it can be passed over.
type state string

const (
	living  state = "living"
	ended   state = "ended" // expired, but not revoked
	revoked state = "revoked"
)

const (
	isAlive = "(k.expires_at IS NULL OR k.expires_at > :now)"
	lasts   = "(k.expires_at IS NULL OR k.expires_at > :soon)"
)

// orders are all there are. Every one has its indexes in migration 2, and a test that they are used.
var orders = map[string]order{
	"name":    {segments: []segment{{}}},
	"type":    {segments: []segment{{column: "k.type"}}},
	"access":  {segments: []segment{{column: "k.access_order"}}},
	"engines": {segments: []segment{{column: "k.engine_order"}}},
	"created": {segments: []segment{{column: "k.created_at"}}},
	"expires": {segments: []segment{
		{column: "k.expires_at", where: "k.expires_at IS NOT NULL"},
		{where: "k.expires_at IS NULL"}}},
	"last_used": {segments: []segment{
		{column: "k.used_at", where: "k.used_at IS NOT NULL"},
		{where: "k.used_at IS NULL"}}},
	// What needs attention first, by the word that counts (see Facts). The plus keeps a condition from choosing the index.
	"status": {turns: true, segments: []segment{
		{column: "k.expires_at", where: "k.expires_at > :now AND k.expires_at <= :soon", of: living},
		{where: "k.legacy AND " + lasts, of: living},
		{column: "k.idle_since", where: "NOT k.legacy AND k.idle_since < :idle AND " + lasts, of: living},
		{where: "NOT k.legacy AND k.used_at IS NULL AND +k.created_at >= :idle AND " + lasts, of: living},
		{column: "k.used_at", where: "NOT k.legacy AND k.used_at >= :idle AND " + lasts, of: living},
		{column: "k.expires_at", where: "k.expires_at <= :now", of: ended},
		{of: revoked}}},
}

// moments are the times that separate states.
type moments struct{ now, soon, idle int64 }

func momentsAt(now time.Time) moments {
	return moments{now.UnixMilli(), now.Add(ExpirySoon).UnixMilli(), now.Add(-UnusedAfter).UnixMilli()}
}

// statement is a statement while it is written.
type statement struct {
	args []any
	moments
}

func (s *statement) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

// fill puts moments into a condition.
func (s *statement) fill(condition string) string {
	for _, m := range []struct {
		name string
		at   int64
	}{{":now", s.now}, {":soon", s.soon}, {":idle", s.idle}} {
		if strings.Contains(condition, m.name) {
			condition = strings.ReplaceAll(condition, m.name, s.arg(m.at))
		}
	}
	return condition
}

// mark is the place of a key in an order.
type mark struct {
	Segment int    `json:"s,omitempty"`
	Value   any    `json:"v,omitempty"` // of the segment's column: int64 or string
	Name    string `json:"n"`
	ID      string `json:"i"`
}

// cursor says where a page of a list starts.
type cursor struct {
	mark
	Order string `json:"o"` // with which the mark belongs together
	Back  bool   `json:"b,omitempty"`
	Index int    `json:"p"` // how many keys lay before this page
}

// String is the cursor as it stands in an address.
func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // cannot be: it holds strings and numbers
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor takes a cursor from an address. One that is nonsense, or of another order, is none.
func readCursor(text, order string) (cursor, bool) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" || json.Unmarshal(b, &c) != nil || c.Order != order || c.Index < 0 || c.Segment < 0 {
		return cursor{}, false
	}
	switch v := c.Value.(type) {
	case nil, string:
	case float64:
		c.Value = int64(v)
	default:
		return cursor{}, false
	}
	return c, true
}

// compare tells how two marks of one segment lie to each other.
func (m mark) compare(n mark) int {
	var c int
	switch v := m.Value.(type) {
	case int64:
		w, _ := n.Value.(int64)
		c = cmp.Compare(v, w)
	case string:
		w, _ := n.Value.(string)
		c = cmp.Compare(v, w)
	}
	return cmp.Or(c, cmp.Compare(m.Name, n.Name), cmp.Compare(m.ID, n.ID))
}

// maxNamed is up to how many ids are named in a statement; more are picked out while walking.
const maxNamed = 4000

// walker goes along the keys of a project in an order.
type walker struct {
	tx      *db.Tx
	project string
	order   order
	view    view
	picked  *choice // nil: all
	desc    bool
	moments
}

// walk calls yield for the marks behind start, or from the beginning, until it wants no more. back goes to the front.
func (w walker) walk(ctx context.Context, start *mark, back bool, skip int, yield func(mark) bool) error {
	list := slices.Collect(w.segments(back))
	for _, i := range list {
		if start != nil && i != start.Segment {
			continue
		}
		more, err := w.along(ctx, i, start, back, &skip, yield)
		if err != nil || !more {
			return err
		}
		start = nil
	}
	return nil
}

// segments gives the numbers of the segments in the order in which they are walked.
func (w walker) segments(back bool) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		n, turned := len(w.order.segments), back != (w.desc && w.order.turns)
		for i := range n {
			if turned {
				i = n - 1 - i
			}
			if !yield(i) {
				return
			}
		}
	}
}

// along walks one segment: the revoked keys and the others lie apart in every index and are merged here.
func (w walker) along(ctx context.Context, number int, start *mark, back bool, skip *int, yield func(mark) bool) (bool, error) {
	var sources []*source
	for _, dead := range w.view.sides(w.order.segments[number]) {
		sources = append(sources, &source{walker: w, number: number, dead: dead, after: start, down: back != w.desc})
	}
	if len(sources) == 1 && len(w.order.segments) == 1 && w.picked == nil {
		sources[0].offset, *skip = *skip, 0
	}
	for {
		var best *source
		for _, s := range sources {
			if err := s.fill(ctx); err != nil {
				return false, err
			}
			if len(s.ahead) > 0 && (best == nil || s.before(best)) {
				best = s
			}
		}
		if best == nil {
			return true, nil
		}
		m := best.ahead[0]
		best.ahead = best.ahead[1:]
		switch {
		case w.picked != nil && !w.picked.named() && !w.picked.has(m.ID):
		case *skip > 0:
			*skip--
		case !yield(m):
			return false, nil
		}
	}
}

// source reads marks of one segment, on one side, piece by piece.
type source struct {
	walker
	number int
	dead   bool
	down   bool // descending in the index
	after  *mark
	offset int
	size   int // of the piece read last
	ahead  []mark
	done   bool
}

func (s *source) before(other *source) bool {
	c := s.ahead[0].compare(other.ahead[0])
	if s.down {
		return c > 0
	}
	return c < 0
}

// Marks are read in pieces: the first is enough for a page, and they grow where most marks are passed over.
const (
	piece     = 101
	longPiece = 4000
)

func (s *source) fill(ctx context.Context) error {
	if len(s.ahead) > 0 || s.done {
		return nil
	}
	s.size = min(max(piece, s.size*3), longPiece)
	query, args := s.query(s.size)
	marks, err := db.Query(ctx, s.tx, func(row db.Scanner) (mark, error) {
		m := mark{Segment: s.number}
		return m, row.Scan(&m.ID, &m.Name, &m.Value)
	}, query, args...)
	if err != nil {
		return err
	}
	s.offset, s.done = 0, len(marks) < s.size
	if len(marks) > 0 {
		s.after = &marks[len(marks)-1]
	}
	s.ahead = marks
	return nil
}

// query words the next piece.
func (s *source) query(size int) (string, []any) {
	q, seg := statement{moments: s.moments}, s.order.segments[s.number]
	project := "k.project_id"
	if s.picked != nil && s.picked.named() {
		project = "COALESCE(k.project_id, '')" // the keys are looked up one by one, not the project's walked through
	}
	where := project + " = " + q.arg(s.project) + " AND k.revoked = " + q.arg(s.dead)
	for _, condition := range []string{s.view.where(s.dead), seg.where} {
		if condition != "" {
			where += " AND " + q.fill(condition)
		}
	}
	if s.picked != nil && s.picked.named() {
		where += " AND k.id IN " + listed(s.picked.few)
	}
	columns, value := []string{"k.name", "k.id"}, "NULL"
	if seg.column != "" {
		columns, value = append([]string{seg.column}, columns...), seg.column
	}
	sign, turn := ">", ""
	if s.down {
		sign, turn = "<", " DESC"
	}
	if s.after != nil {
		at := q.arg(s.after.Name) + ", " + q.arg(s.after.ID)
		if seg.column != "" {
			at = q.arg(s.after.Value) + ", " + at
		}
		where += " AND (" + strings.Join(columns, ", ") + ") " + sign + " (" + at + ")"
	}
	text := "SELECT k.id, k.name, " + value + " FROM keys k WHERE " + where + " ORDER BY " + strings.Join(columns, turn+", ") + turn + " LIMIT " + q.arg(size)
	if s.offset > 0 {
		text += " OFFSET " + q.arg(s.offset)
	}
	return text, q.args
}

// listed writes ids for IN. They are our own, and stand in the statement itself: a driver that looks every parameter up
// takes the square of their number.
func listed(ids []string) string {
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = "'" + strings.ReplaceAll(id, "'", "''") + "'"
	}
	return "(" + strings.Join(quoted, ", ") + ")"
}
