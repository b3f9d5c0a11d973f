package audit

import (
	"context"
	"fmt"
	"strings"

	"latchkey/db"
	"latchkey/db/permission"
)

// query is a condition and its arguments, as they come together.
type query struct {
	where  []string
	args   []any
	column string // that an index has between the place and the time; "" for none
	value  string
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

func (q *query) text() string { return strings.Join(q.where, " AND ") }

// is wants a column to be exactly this, with the help of an index.
func (q *query) is(column, value string) { q.where = append(q.where, column+" = "+q.arg(value)) }

// also wants the same without tempting the database to use another index than the one that keeps the order.
func (q *query) also(column, value string) {
	q.where = append(q.where, column+" || '' = "+q.arg(value))
}

// between wants events from low on and before high. The column in front is part of the comparison and of the order: only
// the one index that has it can serve both, so the database cannot choose another.
func (q *query) between(low, high Cursor) {
	columns := "(at, seq)"
	side := func(c Cursor) string { return "(" + q.arg(c.At) + ", " + q.arg(c.Seq) + ")" }
	if q.column != "" {
		columns = "(" + q.column + ", at, seq)"
		side = func(c Cursor) string { return "(" + q.arg(q.value) + ", " + q.arg(c.At) + ", " + q.arg(c.Seq) + ")" }
	}
	q.where = append(q.where, columns+" >= "+side(low), columns+" < "+side(high))
}

// order is the end of the statement: the newest first, or the oldest.
func (q *query) order(newer bool) string {
	direction := " DESC"
	if newer {
		direction = ""
	}
	text := " ORDER BY "
	if q.column != "" {
		text += q.column + direction + ", "
	}
	return text + "at" + direction + ", seq" + direction
}

// start is the beginning of every query: whose history, and what the index has right after that.
func (s search) start(column, value string) query {
	var q query
	switch {
	case column == "subject_id" || s.place.Project == "":
		q.is("organization_id", s.place.Organization)
	default:
		q.is("project_id", s.place.Project)
	}
	q.column, q.value = column, value
	switch {
	case s.place.Project == "":
	case column == "subject_id":
		q.also("project_id", s.place.Project)
	default:
		q.also("organization_id", s.place.Organization) // nobody can name a project as another organization's
	}
	return q
}

// indexed is the part of the filter that an index finds in the order of the list.
func (s search) indexed(action string) query {
	switch {
	case s.byID:
		return s.start("subject_id", s.f.Object)
	case action != "":
		return s.start("action", action)
	case s.f.Actor != "" && !s.byLabel:
		return s.start("actor_id", s.f.Actor)
	}
	return s.start("", "")
}

// query is the whole filter, and whether a part of it has to be looked for event by event.
func (s search) query(action string) (q query, rest bool) {
	q = s.indexed(action)
	before := len(q.where)
	switch {
	case s.f.Actor == "":
	case s.byLabel:
		q.also("actor_label", s.f.Actor)
	case s.byID || action != "":
		q.also("actor_id", s.f.Actor)
	}
	if s.byID && action != "" {
		q.also("action", action)
	}
	if s.f.Object != "" && !s.byID {
		q.where = append(q.where, "(lower(subject_label) LIKE lower("+q.arg("%"+literally.Replace(s.f.Object)+"%")+") ESCAPE '\\' OR subject_id = "+q.arg(s.f.Object)+")")
	}
	return q, len(q.where) > before || s.byID && s.place.Project != ""
}

// literally keeps what LIKE reads as a pattern from being one.
var literally = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Limits of what there is to choose from.
const (
	maxActors  = 200
	maxActions = 200
)

// Actor is somebody who did something.
type Actor struct {
	ID    string
	Kind  permission.Kind
	Label string // how they were called the last time
}

// Choices are what a filter can ask for in a place.
type Choices struct {
	Actors  []Actor
	Actions []Action
}

// Choices gives who did something in a place and what was done there, the first 200 of each. It needs audit.read there.
func (l *Log) Choices(ctx context.Context, who Who, place permission.Target) (Choices, error) {
	if err := mayRead(who, place); err != nil {
		return Choices{}, err
	}
	var c Choices
	err := l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		actions, err := distinct(ctx, tx, place, "action", maxActions)
		if err != nil {
			return err
		}
		for _, a := range actions {
			c.Actions = append(c.Actions, Action(a))
		}
		ids, err := distinct(ctx, tx, place, "actor_id", maxActors)
		if err != nil {
			return err
		}
		for _, id := range ids {
			q := search{place: place}.start("actor_id", id)
			q.between(Cursor{}, end)
			a, err := db.One(ctx, tx, nil, scanActor,
				"SELECT actor_id, actor_kind, actor_label FROM audit WHERE "+q.text()+q.order(false)+" LIMIT 1", q.args...)
			if err != nil {
				return err
			}
			c.Actors = append(c.Actors, a)
		}
		return nil
	})
	if err != nil {
		return Choices{}, fmt.Errorf("read choices of the audit log: %w", err)
	}
	return c, nil
}

func scanActor(s db.Scanner) (Actor, error) {
	var a Actor
	err := s.Scan(&a.ID, &a.Kind, &a.Label)
	return a, err
}

// distinct gives the values a column has in a place, in their order: each step jumps to the next one in the index, so
// that it takes as many steps as there are values and not as there are events. The column is never taken from input.
func distinct(ctx context.Context, tx *db.Tx, place permission.Target, column string, limit int) ([]string, error) {
	q := search{place: place}.start("", "")
	next := func(after string) string {
		return "(SELECT " + column + " FROM audit WHERE " + q.text() + after + " ORDER BY " + column + " LIMIT 1)"
	}
	text := "WITH RECURSIVE found (v) AS (SELECT " + next("") + " UNION ALL SELECT " + next(" AND "+column+" > found.v") +
		" FROM found WHERE found.v IS NOT NULL) SELECT v FROM found WHERE v IS NOT NULL LIMIT " + q.arg(limit)
	return db.Query(ctx, tx, db.String, text, q.args...)
}

// Head is the present end of the chain.
type Head struct {
	Events int64
	Hash   string // the last link
}

// Head gives the present end of the chain of the whole instance. Whoever notes it elsewhere can tell later that nothing
// was cut off. It needs audit.read in the place.
func (l *Log) Head(ctx context.Context, who Who, place permission.Target) (Head, error) {
	if err := mayRead(who, place); err != nil {
		return Head{}, err
	}
	var last Record
	err := l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		last, err = db.One(ctx, tx, nil, scan, columns+" ORDER BY seq DESC LIMIT 1")
		return err
	})
	return Head{Events: last.Seq, Hash: last.Hash}, err
}
