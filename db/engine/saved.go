package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// SearchQuery is a stored search of an engine (Lupa). Whoever knows QueryKey may run it; it is public by nature. What
// Configuration means is up to the dialect.
type SearchQuery struct {
	ID            string
	EngineID      string
	QueryKey      string // 12 of [a-z0-9]
	Description   string
	Configuration json.RawMessage // a JSON object
	DebugMode     bool
	CreatedBy     string // id of the user or the key
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// NewSearchQuery is what a search query is made from.
type NewSearchQuery struct {
	Description   string          // at most 1,000 characters
	Configuration json.RawMessage // a JSON object of at most 64 KB
	DebugMode     bool
}

// ChangeSearchQuery is what to change of a search query; nil keeps what is there.
type ChangeSearchQuery struct {
	Description   *string
	Configuration json.RawMessage
	DebugMode     *bool
}

const (
	queryKeyLen      = 12
	maxDescription   = 1000
	maxConfiguration = 64 << 10
)

var errNoQuery = fault.New(fault.NotFound, "Could not find search query.")

func (q *SearchQuery) check() error {
	bad := fault.Fields{}
	if utf8.RuneCountInString(q.Description) > maxDescription {
		bad.Add("description", "description can have at most 1000 characters")
	}
	trimmed := bytes.TrimSpace(q.Configuration)
	switch {
	case len(q.Configuration) > maxConfiguration:
		bad.Add("configuration", "configuration can have at most 64 KB")
	case !json.Valid(trimmed) || trimmed[0] != '{':
		bad.Add("configuration", "configuration must be a JSON object")
	}
	return bad.Err()
}

const queryColumns = `
	SELECT id, engine_id, query_key, description, configuration, debug_mode, created_by, created_at, updated_at
	FROM search_queries`

func scanQuery(s db.Scanner) (SearchQuery, error) {
	var q SearchQuery
	var configuration string
	var created, updated int64
	err := s.Scan(&q.ID, &q.EngineID, &q.QueryKey, &q.Description, &configuration, &q.DebugMode, &q.CreatedBy, &created, &updated)
	q.Configuration = json.RawMessage(configuration)
	q.CreatedAt, q.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return q, err
}

func queryEvent(do audit.Action, in permission.Target, e Engine, q SearchQuery, changes ...audit.Change) audit.Event {
	label := e.Name + "/" + q.QueryKey
	return audit.Event{
		Action: do, Organization: in.Organization, Project: in.Project, SubjectID: q.ID, SubjectLabel: label, Changes: changes,
	}
}

// changing runs f in a write transaction of the core database, with the engine, for somebody who holds a permission on
// it.
func (s *Store) changing(ctx context.Context, who audit.Who, do permission.Permission, in permission.Target, name string,
	f func(ctx context.Context, tx *db.Tx, e Engine) error) error {
	if err := authorize(who, do, in, name); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		e, err := findEngine(ctx, tx, in, name)
		if err != nil {
			return err
		}
		return f(ctx, tx, e)
	})
}

// CreateQuery stores a search query and gives it a new public key. It needs search_queries.modify.
func (s *Store) CreateQuery(ctx context.Context, who audit.Who, in permission.Target, name string, n NewSearchQuery) (SearchQuery, error) {
	q := SearchQuery{
		ID: uuid.NewString(), QueryKey: secret.Short(queryKeyLen), Description: n.Description,
		Configuration: n.Configuration, DebugMode: n.DebugMode, CreatedBy: who.ID,
	}
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		if err := q.check(); err != nil {
			return err
		}
		q.EngineID, q.CreatedAt, q.UpdatedAt = e.ID, tx.Now, tx.Now
		_, err := db.Exec(ctx, tx, `
			INSERT INTO search_queries (id, engine_id, query_key, description, configuration, debug_mode, created_by,
				created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
			q.ID, q.EngineID, q.QueryKey, q.Description, string(q.Configuration), q.DebugMode, q.CreatedBy, tx.NowMillis())
		if err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, queryEvent(audit.SearchQueryCreate, in, e, q))
	})
	if err != nil {
		return SearchQuery{}, wrap("create search query", err)
	}
	return q, nil
}

// ListQueries gives the search queries of an engine, the oldest first. It needs search_queries.read.
func (s *Store) ListQueries(ctx context.Context, who audit.Who, in permission.Target, name string) ([]SearchQuery, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesRead, in, name)
	if err != nil {
		return nil, err
	}
	var list []SearchQuery
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, scanQuery, queryColumns+" WHERE engine_id = $1 ORDER BY created_at, id", e.ID)
		return err
	})
	return list, wrap("list search queries", err)
}

// CountQueries tells how many search queries an engine has. It needs search_queries.read.
func (s *Store) CountQueries(ctx context.Context, who audit.Who, in permission.Target, name string) (int64, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesRead, in, name)
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM search_queries WHERE engine_id = $1", e.ID)
		return err
	})
	return n, wrap("count search queries", err)
}

// GetQuery gives one search query of an engine. It needs search_queries.read.
func (s *Store) GetQuery(ctx context.Context, who audit.Who, in permission.Target, name, id string) (SearchQuery, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesRead, in, name)
	if err != nil {
		return SearchQuery{}, err
	}
	var q SearchQuery
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		q, err = findQuery(ctx, tx, e, id)
		return err
	})
	return q, wrap("get search query", err)
}

func findQuery(ctx context.Context, tx *db.Tx, e Engine, id string) (SearchQuery, error) {
	return db.One(ctx, tx, errNoQuery, scanQuery, queryColumns+" WHERE id = $1 AND engine_id = $2", id, e.ID)
}

// UpdateQuery changes a search query; its key stays. It needs search_queries.modify.
func (s *Store) UpdateQuery(ctx context.Context, who audit.Who, in permission.Target, name, id string, c ChangeSearchQuery) (SearchQuery, error) {
	var q SearchQuery
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		before, err := findQuery(ctx, tx, e, id)
		if err != nil {
			return err
		}
		q = before
		c.apply(&q)
		if err := q.check(); err != nil {
			return err
		}
		q.UpdatedAt = tx.Now
		_, err = db.Exec(ctx, tx, `
			UPDATE search_queries
			SET description = $1, configuration = $2, debug_mode = $3, updated_at = $4
			WHERE id = $5`, q.Description, string(q.Configuration), q.DebugMode, tx.NowMillis(), q.ID)
		if err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, queryEvent(audit.SearchQueryUpdate, in, e, q, queryDiff(before, q)...))
	})
	if err != nil {
		return SearchQuery{}, wrap("update search query", err)
	}
	return q, nil
}

func (c ChangeSearchQuery) apply(q *SearchQuery) {
	if c.Description != nil {
		q.Description = *c.Description
	}
	if c.Configuration != nil {
		q.Configuration = c.Configuration
	}
	if c.DebugMode != nil {
		q.DebugMode = *c.DebugMode
	}
}

// DeleteQuery removes a search query: its key finds nothing from then on. It needs search_queries.modify.
func (s *Store) DeleteQuery(ctx context.Context, who audit.Who, in permission.Target, name, id string) error {
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		q, err := findQuery(ctx, tx, e, id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM search_queries WHERE id = $1", q.ID); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, queryEvent(audit.SearchQueryDelete, in, e, q))
	})
	return wrap("delete search query", err)
}

// FindPublic finds a search query by its public key, with its engine and where that is. It checks no permission: the
// key is public by nature, and what it gives is for running the query, not for showing it.
func (s *Store) FindPublic(ctx context.Context, queryKey string) (SearchQuery, Engine, permission.Target, error) {
	var q SearchQuery
	var e located
	err := s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if q, err = db.One(ctx, tx, errNoQuery, scanQuery, queryColumns+" WHERE query_key = $1", queryKey); err != nil {
			return err
		}
		e, err = db.One(ctx, tx, errNoQuery, scanEngine, engineColumns+" WHERE e.id = $1", q.EngineID)
		return err
	})
	if err != nil {
		return SearchQuery{}, Engine{}, permission.Target{}, wrap("find search query", err)
	}
	return q, e.Engine, permission.Target{Organization: e.organization, Project: e.ProjectID}, nil
}

// queryDiff lists what changed, for the history. Configurations are long; that they changed is what counts.
func queryDiff(before, after SearchQuery) []audit.Change {
	list := audit.Diff("description", before.Description, after.Description)
	list = append(list, audit.Diff("debug_mode", yesNo(before.DebugMode), yesNo(after.DebugMode))...)
	return append(list, audit.Diff("configuration", digest(before.Configuration), digest(after.Configuration))...)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// digest names a configuration shortly.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:6])
}
