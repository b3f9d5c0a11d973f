package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Curation is what a search for some queries finds by hand: documents that come first, and documents that do not come.
type Curation struct {
	ID        string // 24 hex digits
	CreatedAt time.Time
	UpdatedAt time.Time
	Curated
}

// Curated is what a curation says.
type Curated struct {
	// Queries are the texts for which it holds, in upper and lower case and with any space; "" is a search without text.
	// A text belongs to one curation of an engine at most.
	Queries []string
	// Promoted are ids of documents that are found whatever their words, and first where relevance decides the order.
	// Filters hold for them as for all others.
	Promoted []string
	Hidden   []string // ids of documents that are not found
}

// The limits of curations.
const (
	MaxCurations       = 10_000 // of an engine
	MaxCurationQueries = 100    // of a curation
	MaxCurationQuery   = 128    // characters
	MaxCurated         = 50     // documents promoted, and as many hidden
)

var (
	errNoCuration    = fault.New(fault.NotFound, "Could not find curation.").WithReason(CurationUnknown)
	errManyCurations = fault.New(fault.Invalid, "An engine can have at most 10000 curations.")
)

// check holds a curation to its limits and takes out what it says twice.
func (c *Curated) check() error {
	bad := fault.Fields{}
	queries := c.Queries[:0:0]
	for _, query := range c.Queries {
		same := func(q string) bool { return queryForm(q) == queryForm(query) }
		switch {
		case !utf8.ValidString(query) || utf8.RuneCountInString(query) > MaxCurationQuery:
			bad.Add("queries", "queries can have at most 128 characters each")
		case !slices.ContainsFunc(queries, same):
			queries = append(queries, query)
		}
	}
	if c.Queries = queries; len(queries) == 0 || len(queries) > MaxCurationQueries {
		bad.Add("queries", "queries must be 1 to 100 texts")
	}
	c.Promoted, c.Hidden = curatedIDs(bad, "promoted", c.Promoted), curatedIDs(bad, "hidden", c.Hidden)
	if len(c.Promoted)+len(c.Hidden) == 0 {
		bad.Add("promoted", "promoted or hidden must name a document")
	}
	for _, id := range c.Promoted {
		if slices.Contains(c.Hidden, id) {
			bad.Add("hidden", "hidden names a document that is promoted: "+cut(id, MaxName))
		}
	}
	return bad.Err()
}

func curatedIDs(bad fault.Fields, field string, ids []string) []string {
	list := []string{}
	for _, id := range ids {
		switch {
		case id == "" || !utf8.ValidString(id) || utf8.RuneCountInString(id) > MaxID || strings.ContainsRune(id, 0):
			bad.Add(field, field+" must be ids of documents")
		case !slices.Contains(list, id):
			list = append(list, id)
		}
	}
	if len(list) > MaxCurated {
		bad.Add(field, field+" can name at most 50 documents")
	}
	return list
}

const curationColumns = "SELECT id, queries, promoted, hidden, created_at, updated_at FROM curations"

func scanCuration(s db.Scanner) (Curation, error) {
	var c Curation
	var queries, promoted, hidden string
	var created, updated int64
	if err := s.Scan(&c.ID, &queries, &promoted, &hidden, &created, &updated); err != nil {
		return Curation{}, err
	}
	c.CreatedAt, c.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	for _, column := range []struct {
		text string
		into *[]string
	}{{queries, &c.Queries}, {promoted, &c.Promoted}, {hidden, &c.Hidden}} {
		if err := json.Unmarshal([]byte(column.text), column.into); err != nil {
			return Curation{}, err
		}
	}
	return c, nil
}

func findCuration(ctx context.Context, tx *db.Tx, e Engine, id string) (Curation, error) {
	return db.One(ctx, tx, errNoCuration, scanCuration, curationColumns+" WHERE id = $1 AND engine_id = $2", id, e.ID)
}

func countCurations(ctx context.Context, tx *db.Tx, e Engine) (int64, error) {
	return db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM curations WHERE engine_id = $1", e.ID)
}

// ListCurations gives limit of the curations of an engine after the first offset, the oldest first, and how many there
// are. It needs search_queries.read.
func (s *Store) ListCurations(ctx context.Context, who audit.Who, in permission.Target, name string, offset, limit int) ([]Curation, int64, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesRead, in, name)
	if err != nil {
		return nil, 0, err
	}
	var list []Curation
	var total int64
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if total, err = countCurations(ctx, tx, e); err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanCuration, curationColumns+`
			WHERE engine_id = $1
			ORDER BY created_at, id
			LIMIT $2 OFFSET $3`, e.ID, limit, offset)
		return err
	})
	return list, total, wrap("list curations", err)
}

// GetCuration gives one curation of an engine. It needs search_queries.read.
func (s *Store) GetCuration(ctx context.Context, who audit.Who, in permission.Target, name, id string) (Curation, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesRead, in, name)
	if err != nil {
		return Curation{}, err
	}
	var c Curation
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = findCuration(ctx, tx, e, id)
		return err
	})
	return c, wrap("get curation", err)
}

// CreateCuration adds a curation to an engine. It needs search_queries.modify. A query that another curation has is a
// Conflict.
func (s *Store) CreateCuration(ctx context.Context, who audit.Who, in permission.Target, name string, what Curated) (Curation, error) {
	c := Curation{ID: newHexID(), Curated: what}
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		if err := c.check(); err != nil {
			return err
		}
		n, err := countCurations(ctx, tx, e)
		if err == nil && n >= MaxCurations {
			err = errManyCurations
		}
		if err != nil {
			return err
		}
		c.CreatedAt, c.UpdatedAt = tx.Now, tx.Now
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO curations (id, engine_id, queries, promoted, hidden, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6)`,
			c.ID, e.ID, texts(c.Queries), texts(c.Promoted), texts(c.Hidden), tx.NowMillis()); err != nil {
			return err
		}
		if err := indexCuration(ctx, tx, e, c); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, curationEvent(audit.CurationCreate, in, e, c, Curation{}))
	})
	if err != nil {
		return Curation{}, wrap("create curation", err)
	}
	return c, nil
}

// UpdateCuration replaces what a curation says. It needs search_queries.modify. A query that another curation has is a
// Conflict.
func (s *Store) UpdateCuration(ctx context.Context, who audit.Who, in permission.Target, name, id string, what Curated) (Curation, error) {
	var c Curation
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		before, err := findCuration(ctx, tx, e, id)
		if err != nil {
			return err
		}
		c = before
		c.Curated, c.UpdatedAt = what, tx.Now
		if err := c.check(); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "UPDATE curations SET queries = $1, promoted = $2, hidden = $3, updated_at = $4 WHERE id = $5",
			texts(c.Queries), texts(c.Promoted), texts(c.Hidden), tx.NowMillis(), c.ID); err != nil {
			return err
		}
		if err := indexCuration(ctx, tx, e, c); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, curationEvent(audit.CurationUpdate, in, e, c, before))
	})
	if err != nil {
		return Curation{}, wrap("update curation", err)
	}
	return c, nil
}

// indexCuration notes the queries by which searches find a curation.
func indexCuration(ctx context.Context, tx *db.Tx, e Engine, c Curation) error {
	if _, err := db.Exec(ctx, tx, "DELETE FROM curation_queries WHERE curation_id = $1", c.ID); err != nil {
		return err
	}
	for _, query := range c.Queries {
		_, err := db.Exec(ctx, tx, `
			INSERT INTO curation_queries (engine_id, query, curation_id)
			VALUES ($1, $2, $3)`, e.ID, queryForm(query), c.ID)
		if db.IsUnique(err) {
			message := "queries has a query of another curation: " + query
			return &fault.Error{Kind: fault.Conflict, Message: message, Fields: map[string]string{"queries": message}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteCuration removes a curation. It needs search_queries.modify.
func (s *Store) DeleteCuration(ctx context.Context, who audit.Who, in permission.Target, name, id string) error {
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		c, err := findCuration(ctx, tx, e, id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM curations WHERE id = $1", c.ID); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, curationEvent(audit.CurationDelete, in, e, Curation{ID: c.ID}, c))
	})
	return wrap("delete curation", err)
}

func curationEvent(do audit.Action, in permission.Target, e Engine, after, before Curation) audit.Event {
	shown := after.Queries
	if shown == nil {
		shown = before.Queries
	}
	changes := audit.Diff("queries", said(before.Queries, maxChange), said(after.Queries, maxChange))
	changes = append(changes, audit.Diff("promoted", said(before.Promoted, maxChange), said(after.Promoted, maxChange))...)
	changes = append(changes, audit.Diff("hidden", said(before.Hidden, maxChange), said(after.Hidden, maxChange))...)
	return audit.Event{
		Action: do, Organization: in.Organization, Project: in.Project, SubjectID: after.ID,
		SubjectLabel: e.Name + "/" + said(shown, maxLabel), Changes: changes,
	}
}
