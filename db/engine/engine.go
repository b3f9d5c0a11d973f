// Package engine keeps engines, their documents and their schema, and searches them.
//
// An engine is a searchable set of flat documents with a schema of at most 64 fields. What is asked here is asked in
// the words of no dialect: App Search, Lupa and the console map theirs onto these types. Every exported function takes
// who is asking and decides before it looks: a foreign engine answers exactly like a missing one. The exceptions are
// Locate, FindPublic and SearchPublic, which say so.
//
// Two databases take part. That an engine exists, and its search queries, stands in the core database beside the keys
// and the audit log; its documents, schema and full text stand in the engines database. They share no transaction:
// the row in the core database is made first and deleted first, storage follows, and storage without a row is swept
// when the store is opened.
//
// How search works. Each engine has a full-text table of its own, so that no engine's words cost or rank another's.
// Words are compared without case and accents, in English also by their stem; scripts written without spaces are
// compared character by character as phrases. Ranking is BM25 with a weight for each field. A text longer than 512
// bytes is searched in full, but cannot be filtered, sorted or counted by its value.
package engine

import (
	"context"
	"fmt"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
)

// The limits. A surface may set lower ones.
const (
	MaxFields      = 64        // of an engine, without id
	MaxDocument    = 100 << 10 // bytes of a document as JSON
	MaxID          = 800       // characters of a document's id
	MaxName        = 64        // characters of an engine's or a field's name
	MaxSize        = 1000      // documents on one page
	MaxOffset      = 1_000_000 // documents skipped before a page
	MaxFilters     = 32        // conditions in one filter
	MaxDepth       = 5         // levels of all, any and none
	MaxValues      = 1024      // values in one condition
	MaxFacetValues = 250       // values or ranges in one facet
	MaxFacets      = 64        // facets of one search
	MaxSorts       = 10        // sort criteria
)

// Store keeps the engines of all projects. It is safe for concurrent use.
type Store struct {
	core    *db.DB
	engines *db.DB
	log     *audit.Log
}

// Engine is a searchable set of documents.
type Engine struct {
	ID        string
	ProjectID string
	Name      string
	Language  string // "" is universal
	CreatedBy string // id of the user or the key
	CreatedAt time.Time
	UpdatedAt time.Time // of the engine and its schema, not of its documents
	Documents int64
}

// Place is the project in which something happens, by ids that the caller has resolved.
type Place struct {
	Organization, Project string
}

// New is what an engine is made from.
type New struct {
	Name     string // 1 to 64 lowercase letters, digits and hyphens; unique in its project
	Language string // "" or one of Languages
}

// NewStore opens the store on the two databases. Storage whose engine is gone is removed, and an interrupted
// re-indexing is finished, before it returns.
func NewStore(ctx context.Context, core, engines *db.DB, log *audit.Log) (*Store, error) {
	s := &Store{core: core, engines: engines, log: log}
	if err := s.sweep(ctx); err != nil {
		return nil, fmt.Errorf("sweep engines: %w", err)
	}
	if err := s.resume(ctx); err != nil {
		return nil, fmt.Errorf("finish re-indexing: %w", err)
	}
	return s, nil
}
