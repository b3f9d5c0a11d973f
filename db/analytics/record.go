package analytics

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Search is one search that was made.
type Search struct {
	Query  string
	Tags   []string
	Found  bool         // anything
	Hiding secret.Hider // what must not be kept of it
}

// Click is a document that somebody chose among what a search had found.
type Click struct {
	Query    string
	Document string // its id; it need not exist
	Tags     []string
	Hiding   secret.Hider
}

// The limits of what is recorded.
const (
	MaxQuery    = 128 // characters
	MaxDocument = 800 // characters of a document's id
	MaxTags     = 16
	MaxTag      = 64 // characters
)

// Searched counts a search in an engine, given by its id. Whether it might be made has been decided by whoever made it.
func (s *Store) Searched(engineID string, q Search) {
	k := searchKey{engine: engineID, hour: s.hour(), term: Term(q.Query, q.Hiding), tags: tagSet(q.Tags, q.Hiding), found: q.Found}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.search(k, 1)
}

// Clicked counts a click in an engine. It needs search.read, as the search before it did.
func (s *Store) Clicked(ctx context.Context, who audit.Who, in permission.Target, engine string, c Click) error {
	id, err := s.find(ctx, who, permission.SearchRead, in, engine)
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	k := clickKey{engine: id, hour: s.hour(), term: Term(c.Query, c.Hiding), document: fit(c.Hiding.ID(c.Document)), tags: tagSet(c.Tags, c.Hiding)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.click(k, 1)
	return nil
}

func (c Click) check() error {
	switch {
	case utf8.RuneCountInString(c.Query) > MaxQuery:
		return fault.New(fault.Invalid, "Query must be at most 128 characters")
	case c.Document == "" || utf8.RuneCountInString(c.Document) > MaxDocument:
		return fault.New(fault.Invalid, "Document id must have 1 to 800 characters")
	case len(c.Tags) > MaxTags || slices.ContainsFunc(c.Tags, func(t string) bool { return utf8.RuneCountInString(t) > MaxTag }):
		return fault.New(fault.Invalid, "Tags must be at most 16 of at most 64 characters")
	}
	return nil
}

func (s *Store) hour() int64 { return s.engines.Now().UnixMilli() / hourMillis }

// Term is a query as it is counted: in lower case, with single spaces, and without secrets.
func Term(query string, hide secret.Hider) string {
	return fit(strings.Join(strings.Fields(strings.ToLower(hide.Text(query))), " "))
}

// tagSet writes tags as one text, each once and in order; "" for none.
func tagSet(tags []string, hide secret.Hider) string {
	if len(tags) == 0 {
		return ""
	}
	list := make([]string, len(tags))
	for i, tag := range tags {
		list[i] = fit(hide.Text(tag))
	}
	slices.Sort(list)
	b, _ := json.Marshal(slices.Compact(list)) // texts can always be written
	return string(b)
}

// fit makes text from outside fit for a table.
func fit(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", " ")
}
