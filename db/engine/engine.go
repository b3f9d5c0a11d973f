// Package engine keeps engines, their documents and their schema, and searches them.
//
// An engine is a searchable set of flat documents with a schema of at most 64 fields. What is asked here is asked in
// the words of no dialect: App Search, Lupa and the console map theirs onto these types. Every exported function takes
// who is asking and decides before it looks: a foreign engine answers exactly like a missing one. The exceptions are
// Locate, Names, FindPublic, SchemaOf and SearchPublic, which say so. What changes something asks again, in each of its
// transactions, whether the asker still may: a request ends where a revocation reaches it.
//
// Two databases take part. That an engine exists, and its search queries, stands in the core database beside the keys
// and the audit log; its documents, schema and full text stand in the engines database. They share no transaction:
// the row in the core database is made first and deleted first, storage follows. Storage without a row is never read;
// Run frees it, a little at a time.
//
// A meta engine has no documents: it searches up to 15 source engines as if they were one. To search it takes a right to
// the meta engine alone; to make one, or to give it a source, takes the right to read that source. Its schema is that of
// its sources together; a field on whose type they differ is no part of it. Its documents are called by the name of their
// engine and their id, see ScopedID.
//
// How search works. Each engine has a full-text table of its own, so that no engine's words cost or rank another's.
// Words are compared without case and accents, in English also by their stem; scripts written without spaces are
// compared character by character as phrases. Ranking is BM25 with a weight for each field. A text longer than 512
// bytes is searched in full and filtered by its exact value, but sorted by its beginning, and shown so in facets.
//
// While documents are indexed anew after a change of types, a search with a filter finds only those that already are:
// a filter may be there to hide something.
package engine

import (
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
	MaxGroups      = 128       // groups in one filter, also empty ones
	MaxDepth       = 5         // levels of all, any and none
	MaxValues      = 1024      // values in all conditions of one filter
	MaxFacetValues = 250       // values or ranges in one facet
	MaxFacets      = 64        // facets of one search
	MaxSorts       = 10        // sort criteria
	MaxBoosts      = 32        // boosts of one search
	MaxFactor      = 10        // of a boost, and as much below zero
	MaxGroupSize   = 10        // documents in a group beside its first
	MaxGrouped     = 2500      // documents on one page of groups
	MaxSuggestions = 20        // suggestions for one query
	MaxDelete      = 10_000    // documents deleted at once
	MaxSources     = 15        // source engines of a meta engine
	MaxMetaReach   = 10_000    // documents that can be reached by paging through a meta engine's results
)

// Store keeps the engines of all projects. It is safe for concurrent use.
type Store struct {
	core    *db.DB
	engines *db.DB
	log     *audit.Log

	reindexing, freeing bell // wake the two halves of Run
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
	Fields    int  // of the schema, without id
	Indexing  bool // documents are indexed anew after a change of types

	Meta    bool           // it has no documents of its own, but searches its sources
	Sources []SourceEngine // of a meta engine, in the order in which they were named
}

// New is what an engine is made from.
type New struct {
	Name     string // 1 to 64 lowercase letters, digits and hyphens; unique in its project
	Language string // "" or one of Languages
	Meta     bool
	Sources  []string // names of the engines that a meta engine searches: 1 to MaxSources
}

// NewStore makes the store on the two databases. What an earlier run of the program left to do is done by Run.
func NewStore(core, engines *db.DB, log *audit.Log) *Store {
	return &Store{core: core, engines: engines, log: log, reindexing: newBell(), freeing: newBell()}
}
