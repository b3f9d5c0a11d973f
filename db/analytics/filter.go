package analytics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/db"
	"latchkey/db/fault"
	"latchkey/db/secret"
)

// Filter says which searches and clicks to tell of. What is nil or zero asks for nothing.
type Filter struct {
	Query    *string
	Document *string    // clicks on it; no search is about one document
	Tags     [][]string // of each list one
	Found    *bool      // searches that found something, or nothing
	Clicked  *bool      // terms that were clicked for, or were not
	From, To time.Time  // To itself is left out. Zero: the last Usual, and now
}

// Usual is how far back answers go where nothing is said.
const Usual = 7 * day

// The limits of a question.
const (
	MaxFilterTags = 100
	MaxSpan       = 20 * 365 * day
	readLimit     = 5 * time.Second
)

var errBackwards = fault.New(fault.Invalid, "Date from must not be after to")

// settle fills in what holds where nothing is said and refuses what makes no sense. Nothing lies behind now.
func (f *Filter) settle(now time.Time) error {
	if !f.From.IsZero() && !f.To.IsZero() && f.From.After(f.To) {
		return errBackwards
	}
	if f.To.IsZero() || f.To.After(now) {
		f.To = now
	}
	if f.From.IsZero() {
		f.From = f.To.Add(-Usual)
	}
	tags := 0
	for _, list := range f.Tags {
		tags += len(list)
	}
	switch {
	case f.To.Sub(f.From) > MaxSpan:
		return fault.New(fault.Invalid, "Date range is too long")
	case tags > MaxFilterTags:
		return fault.New(fault.Invalid, "Filters must have at most 100 tags")
	}
	return nil
}

// Page is a part of a list.
type Page struct{ Offset, Limit int }

// MaxPage is how many rows a page has at most, and how many can be skipped before it.
const (
	MaxPage   = 1000
	MaxOffset = 10_000
)

func (p Page) check() error {
	if p.Offset < 0 || p.Limit < 0 || p.Limit > MaxPage || p.Offset > MaxOffset {
		return fault.New(fault.Invalid, "Page must not reach beyond the first 10000 rows")
	}
	return nil
}

// question builds conditions.
type question struct{ args []any }

func (q *question) arg(v any) string {
	q.args = append(q.args, v)
	return fmt.Sprintf("$%d", len(q.args))
}

// among makes a condition that a column has one of some values.
func among[T any](q *question, column string, values []T) string {
	if len(values) == 0 {
		return "FALSE"
	}
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = q.arg(v)
	}
	return column + " IN (" + strings.Join(marks, ", ") + ")"
}

// where gives the condition that is common to searches and clicks. Those that are not told apart count where nothing is
// asked that they do not tell, and not in lists.
func (f Filter) where(q *question, engine string, list bool) string {
	e := q.arg(engine)
	conditions := []string{
		"engine = (SELECT number FROM analytics_engines WHERE id = " + e + ")",
		"hour >= " + q.arg(f.From.UnixMilli()/hourMillis),
		"hour < " + q.arg((f.To.UnixMilli()+hourMillis-1)/hourMillis),
	}
	if list || f.Query != nil || f.Document != nil || len(f.Tags) > 0 {
		conditions = append(conditions, "rest = 0")
	}
	if f.Query != nil {
		conditions = append(conditions, "term = "+q.arg(Term(*f.Query, secret.Hider{})))
	}
	for _, tags := range f.Tags {
		tags = slices.Clone(tags)
		for i, tag := range tags {
			tags[i] = fit(secret.Hider{}.Text(tag))
		}
		conditions = append(conditions, "tag_set IN (SELECT t.tag_set FROM analytics_tags t JOIN analytics_engines a ON a.number = t.engine WHERE a.id = "+e+" AND "+
			among(q, "t.tag", tags)+")")
	}
	return strings.Join(conditions, " AND ")
}

func (f Filter) ofSearches(q *question, engine string, list bool) string {
	where := f.where(q, engine, list)
	if f.Found != nil {
		where += " AND found = " + q.arg(flag(*f.Found))
	}
	if f.Document != nil {
		where += " AND FALSE"
	}
	return where
}

func (f Filter) ofClicks(q *question, engine string, list bool) string {
	where := f.where(q, engine, list)
	if f.Document != nil {
		where += " AND document = " + q.arg(fit(secret.Hider{}.ID(*f.Document)))
	}
	return where
}

// read runs f on one state of the engines database, for a limited time.
func (s *Store) read(ctx context.Context, doing string, f func(ctx context.Context, tx *db.Tx) error) error {
	limited, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	err := s.engines.Read(limited, f)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fault.New(fault.Unavailable, "This took too long. Ask for a shorter time.").WithCause(err)
	}
	return wrap(doing, err)
}
