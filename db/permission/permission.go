// Package permission says what may be asked, who may ask it, and decides. It is pure: no database, no clock, no HTTP.
//
// A permission is written "<resource>.<read or modify>", for example "documents.modify". Somebody who wants something
// is a Principal, whatever proved it; what they want it from is a Target; Decide answers. There is no other place
// where access is decided.
package permission

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Permission is one thing that may be allowed.
type Permission string

// The permissions. The strings are those of Lupa's custom access control levels, in which an engine is called an
// index; the last group is ours. New ones are added at the end: their place is their bit in a Set.
const (
	SearchRead                  Permission = "search.read"
	IndicesRead                 Permission = "indices.read"
	IndicesModify               Permission = "indices.modify"
	DocumentsRead               Permission = "documents.read"
	DocumentsModify             Permission = "documents.modify"
	SearchQueriesRead           Permission = "search_queries.read"
	SearchQueriesModify         Permission = "search_queries.modify"
	SynonymsRead                Permission = "synonyms.read"
	SynonymsModify              Permission = "synonyms.modify"
	KeywordsRead                Permission = "keywords.read"
	KeywordsModify              Permission = "keywords.modify"
	SuggestionsRead             Permission = "suggestions.read"
	SuggestionsModify           Permission = "suggestions.modify"
	RedirectionsRead            Permission = "redirections.read"
	RedirectionsModify          Permission = "redirections.modify"
	RecommendationQueriesRead   Permission = "recommendation_queries.read"
	RecommendationQueriesModify Permission = "recommendation_queries.modify"
	ImportTemplatesRead         Permission = "import_templates.read"
	ImportTemplatesModify       Permission = "import_templates.modify"
	ABTestsRead                 Permission = "ab_tests.read"
	ABTestsModify               Permission = "ab_tests.modify"
	AnalyticsRead               Permission = "analytics.read"
	APIKeysRead                 Permission = "api_keys.read"
	APIKeysModify               Permission = "api_keys.modify"
	ProjectsRead                Permission = "projects.read"
	ProjectsModify              Permission = "projects.modify"
	MembersRead                 Permission = "members.read"
	MembersModify               Permission = "members.modify"
	AuditRead                   Permission = "audit.read"
)

// Info describes a permission for people.
type Info struct {
	Permission Permission
	Sentence   string // what its holder may do, to follow "may"
	Custom     bool   // a key with custom access may have it
}

// Resource is what stands before the dot of a permission.
func (p Permission) Resource() string {
	r, _, _ := strings.Cut(string(p), ".")
	return r
}

// Modifies reports whether p is the modify half of its resource.
func (p Permission) Modifies() bool { return strings.HasSuffix(string(p), ".modify") }

var all = []Info{
	{SearchRead, "search documents", true},
	{IndicesRead, "see engines and their schema", true},
	{IndicesModify, "create, change and delete engines and their schema", true},
	{DocumentsRead, "read documents directly", true},
	{DocumentsModify, "add, change and delete documents", true},
	{SearchQueriesRead, "see search queries, curations and search settings", true},
	{SearchQueriesModify, "change search queries, curations and search settings", true},
	{SynonymsRead, "see synonyms", true},
	{SynonymsModify, "change synonyms", true},
	{KeywordsRead, "see keywords", true},
	{KeywordsModify, "change keywords", true},
	{SuggestionsRead, "see suggestions", true},
	{SuggestionsModify, "change suggestions", true},
	{RedirectionsRead, "see redirections", true},
	{RedirectionsModify, "change redirections", true},
	{RecommendationQueriesRead, "see recommendation queries", true},
	{RecommendationQueriesModify, "change recommendation queries", true},
	{ImportTemplatesRead, "see import templates", true},
	{ImportTemplatesModify, "change import templates", true},
	{ABTestsRead, "see A/B tests", true},
	{ABTestsModify, "change A/B tests", true},
	{AnalyticsRead, "read analytics and logs", true},
	{APIKeysRead, "list keys, masked", true},
	{APIKeysModify, "create, change and revoke keys", true},
	{ProjectsRead, "see the project", false},
	{ProjectsModify, "change the project and its settings", false},
	{MembersRead, "see who has access", false},
	{MembersModify, "invite, change and remove members", false},
	{AuditRead, "read the audit log", false},
}

// All lists every permission with its sentence, in a fixed order.
func All() []Info { return slices.Clone(all) }

func bit(p Permission) (Set, bool) {
	for i, info := range all {
		if info.Permission == p {
			return 1 << i, true
		}
	}
	return 0, false
}

// Set is a set of permissions. The zero Set is empty.
type Set uint64

// Of gives the set of exactly these permissions. It panics on one that does not exist: they are constants.
func Of(list ...Permission) Set {
	var s Set
	for _, p := range list {
		b, ok := bit(p)
		if !ok {
			panic(fmt.Sprintf("permission: there is no %q", p))
		}
		s |= b
	}
	return s
}

// Parse reads permissions as their strings. It refuses one that does not exist or that a key cannot have, and names
// it in unknown.
func Parse(list []string) (s Set, unknown string, ok bool) {
	for _, name := range list {
		b, found := bit(Permission(name))
		if !found || b&Keys == 0 {
			return 0, name, false
		}
		s |= b
	}
	return s, "", true
}

// Has reports whether p is in the set.
func (s Set) Has(p Permission) bool {
	b, ok := bit(p)
	return ok && s&b != 0
}

// Contains reports whether every permission of o is in s.
func (s Set) Contains(o Set) bool { return o&^s == 0 }

// Len is the number of permissions in the set.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// List gives the permissions of the set in the order of All.
func (s Set) List() []Permission {
	list := make([]Permission, 0, s.Len())
	for i, info := range all {
		if s&(1<<i) != 0 {
			list = append(list, info.Permission)
		}
	}
	return list
}

// Strings is List as plain strings, never nil.
func (s Set) Strings() []string {
	list := make([]string, 0, s.Len())
	for _, p := range s.List() {
		list = append(list, string(p))
	}
	return list
}

// Complete adds what the chosen permissions bring along: every modify its read, and anything the reading of engines
// (documentation of Lupa, "Access Control List").
func (s Set) Complete() Set {
	if s == 0 {
		return 0
	}
	for i, info := range all {
		if s&(1<<i) != 0 && info.Permission.Modifies() {
			if read, ok := bit(Permission(info.Permission.Resource() + ".read")); ok {
				s |= read
			}
		}
	}
	return s | Of(IndicesRead)
}

func where(keep func(Info) bool) Set {
	var s Set
	for i, info := range all {
		if keep(info) {
			s |= 1 << i
		}
	}
	return s
}

// The sets that have a name.
var (
	// Everything is what an organization's admin may do.
	Everything = where(func(Info) bool { return true })
	// Keys is what a key can be given at all.
	Keys = where(func(i Info) bool { return i.Custom })
	// ManageKeys is what an admin key may do, and all that it may do.
	ManageKeys = Of(APIKeysRead, APIKeysModify)
	// Read is access "read" of a private key: everything but the management of keys.
	Read = where(func(i Info) bool { return i.Custom && !i.Permission.Modifies() }) &^ ManageKeys
	// Write is access "write": changes without reading back.
	Write = where(func(i Info) bool { return i.Custom && i.Permission.Modifies() }) &^ ManageKeys
	// Full is access "full".
	Full = Read | Write
	// View is what a project's viewer may do.
	View = Read | Of(APIKeysRead, ProjectsRead, MembersRead)
	// Manage is what a project's admin may do in it.
	Manage = Full | ManageKeys | Of(ProjectsRead, ProjectsModify, MembersRead, AuditRead)
)

// Access is the level of a private key.
type Access string

// The levels of access.
const (
	AccessRead   Access = "read"
	AccessWrite  Access = "write"
	AccessFull   Access = "full"
	AccessCustom Access = "custom"
)

// Valid reports whether a is one of the levels.
func (a Access) Valid() bool {
	return a == AccessRead || a == AccessWrite || a == AccessFull || a == AccessCustom
}

// Set gives the permissions of a level; custom is completed and used for AccessCustom only.
func (a Access) Set(custom Set) Set {
	switch a {
	case AccessRead:
		return Read
	case AccessWrite:
		return Write
	case AccessFull:
		return Full
	case AccessCustom:
		return custom.Complete()
	}
	return 0
}

// Role is what a user is in an organization or in a project.
type Role string

// The roles, as the Lupa dialect writes them.
const (
	OrganizationAdmin  Role = "ORGANIZATION_ADMIN"
	OrganizationMember Role = "ORGANIZATION_MEMBER"
	ProjectAdmin       Role = "PROJECT_ADMIN"
	ProjectViewer      Role = "PROJECT_VIEWER"
)

// OfOrganization reports whether r is a role in an organization.
func (r Role) OfOrganization() bool { return r == OrganizationAdmin || r == OrganizationMember }

// OfProject reports whether r is a role in a project.
func (r Role) OfProject() bool { return r == ProjectAdmin || r == ProjectViewer }
