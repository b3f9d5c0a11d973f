// Package appsearch speaks the App Search dialect (/api/as/v1), so that its clients work unchanged: keys, signed
// search keys, engines, documents, schema and search.
//
// A project is named by its key. A host identifier, in the path (/h/<identifier>/api/as/v1) or as the first label of
// the host name (<identifier>.<base host>), must name the same project, and decides for signed search keys, which name
// their parent by name only.
//
// What the sources leave open is decided so:
//
//   - A key of another project, an identifier of no project, and a dead key are all 401 "Invalid authentication
//     token.". An engine outside of a key's scope is 404, byte for byte like one that does not exist.
//   - Unknown members of a JSON body are refused with 400; unknown parameters of the query string are ignored, as
//     recorded. A body's member beats a parameter of the same name.
//   - Lists: a page has 1 to 1000 entries, more is cut to 1000; page 0, negative numbers and words are 400. Engines and
//     credentials are ordered by name.
//   - Credentials: a name that does not exist is 404; renaming and changing the type are 400; a private key needs read
//     or write; engine names that do not exist are accepted. "key" is masked after creation, except of search keys and
//     in projects with readable secrets. A key with custom access made elsewhere keeps it while read and write are put
//     back as they were read. Expiry and description, which App Search does not know, stay as they are.
//   - Signed search keys work on search, multi_search and query_suggestion. Their options replace those of the request,
//     filters are added. Where they enforce result_fields, a request cannot filter, sort, count, group or boost by another
//     field, nor name it in search_fields: it is refused like a field that does not exist. A field of which only the
//     beginning is shown counts as another. Nothing of it is decided for what the token itself says. Which texts are
//     searched is for search_fields to say: without them, that a document has a word in a field which is not shown can be
//     found out.
//     Suggestions come from fields that a token both searches and shows, and from documents that pass its filters.
//   - Suggestions are words and phrases of up to two words more than typed, in lower case. Those that more documents have
//     come first, counted in the first 1000 documents that have something of the kind.
//   - Empty or null search_fields and result_fields in a token are refused, because a client could mean "none" where a
//     request means "all". For the same reason filters in a token, and the groups in them, must be objects; {} is accepted
//     and holds for everything. An empty "any" holds for everything in a request, where the client of browsers leaves it
//     behind; in a token it is refused.
//   - Boosts have a factor from -10 to 10, as documented until 7.8; later pages say 0 to 10. What each adds to a score or
//     multiplies it by stands at engine.BoostFunction; of several, all multiply before any adds. Of an array, for a value
//     boost any element counts and counts once, for a functional boost the largest, for a proximity boost the nearest.
//   - A group stands where the first of its documents would; _group holds the others, and is empty where there are none.
//     Documents without a value form one group, with _group_key null. A document with several values belongs to the group
//     of the smallest. Paging and sorting work with and without collapse. A page of groups has at most 2500 documents.
//   - Sorted by distance, of several points the nearest counts upwards and the farthest downwards, unless mode says so.
//   - precision is checked and has no effect.
//   - search_explain is for those who may read synonyms, curations and search settings as well as search: users, and private
//     keys that read. It tells how a search would be made in the words of this engine (there is no Elasticsearch to ask), and
//     nothing of what it would find; it is refused what a search is refused, and is not counted as one.
//   - A meta engine is searched by whoever may search it by its name: its sources need not be in a key's scope. To make
//     one, or to add a source, takes the right to write engines, and to read documents and search, on the meta engine and
//     on each source; a source that the asker may not read is answered like one that does not exist. Sources are kept by
//     id: an engine made later under the name of a deleted source is none. Sources that are named twice or are there
//     already change nothing; removing what is no source is 400, and removing all leaves a meta engine that finds nothing.
//   - In a meta engine a document is called "<engine>|<id>": as "id" of a result, in filters on id, and where documents are
//     got by id; _meta has the two apart, and filters on "_engine" choose sources. A field on whose type the sources differ
//     is no part of the meta engine: it is 400 like an unknown one, until they agree. Documents can be read and listed (one
//     source after another) but not written, the schema not changed; its first 10,000 results can be reached.
//   - A wrong password is 401 {"error":"The e-mail address or the password is wrong."}, also for users who do not exist or
//     are disabled. Whoever fails often is 429 with Retry-After. A user without a role in any project is 401
//     "Unauthorized action."; an identifier of a project that they may not know of is like one of none.
//   - Answers have a weak ETag, and whoever has them already is 304. Those with keys, and those to an URL with a key, are
//     "no-store" and have none. X-App-Search-Version and X-Runtime are not sent: no client reads them.
//   - /api/ent/v1/internal/version, health and read_only_mode, and an empty list of /api/ws/v1/sources, are for users alone.
//   - A wrong method is 405. Malformed JSON, doubled members and a malformed query string are 400.
//   - An upload of more than 100 documents is 400, of more than 10 MB 413. A search has at most 128 KB. JSON may be nested
//     32 deep (400) and hold 20,000 names and values, documents 2,000,000 (413).
//   - Analytics: a term is in lower case with single spaces. Counts are kept by the hour, and an hour that is asked for in
//     part counts as a whole. In a list meta.page.size is how many rows there are, as recorded; page.current is accepted.
//     Filters hold together; of several tags in one list one is enough. A document is clicked and never searched for:
//     with a filter for one, queries are 0. A click is allowed to whoever may search, and is not checked against what
//     was found.
//   - The log of an engine holds the requests of all who proved who they are and may know of the engine, those with a
//     password included, and refusals too; what is refused before that, such as a body that says it is too large, is not
//     in it. Bodies and answers are cut to 4 KB. Those who may not read everything see no bodies. Where secrets may be,
//     "[hidden]" stands; a body that is no JSON is not shown.
//   - A key that is revoked or narrowed while the body of a request is on its way, or while it is worked on, is refused
//     like one that was so before.
package appsearch

import (
	"net/http"
	"strings"

	"latchkey/db/account"
	"latchkey/db/analytics"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/usage"
	"latchkey/web"
)

// Deps is what the dialect needs.
type Deps struct {
	Accounts    *account.Store
	Credentials *credential.Store
	Engines     *engine.Store
	Usage       *usage.Store
	Analytics   *analytics.Store
	BaseHost    string // host names below it begin with a host identifier; empty: none do
}

type dialect struct{ Deps }

// The bodies of some routes may be larger than usual, in bytes; of the largest, few are worked on at once.
const (
	documentsBody  = 10 << 20
	documentsSlots = 4
	searchBody     = 128 << 10
)

// New makes the surface.
func New(deps Deps) web.Surface {
	deps.BaseHost = web.HostName(strings.ToLower(deps.BaseHost))
	d := &dialect{deps}
	return web.Surface{
		Name:     "appsearch",
		Prefixes: []string{"/api/as", "/api/ent", "/api/ws", "/h", "/as/credentials"},
		Pre:      d.pre,
		Fail:     d.fail,
		Routes:   d.routes(),
	}
}

func (d *dialect) routes() []web.Route {
	const (
		as          = "/api/as/v1"
		credentials = as + "/credentials"
		engines     = as + "/engines"
		one         = engines + "/:engine"
		documents   = one + "/documents"
		counted     = one + "/analytics"
	)
	storing := web.NewSlots(documentsSlots).Large(d.require(permission.DocumentsModify))
	get, post, put, patch, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return append(d.relevanceRoutes(one), []web.Route{
		{Method: get, Path: credentials, Guard: d.require(permission.APIKeysRead), Handle: d.listCredentials},
		{Method: get, Path: "/as/credentials/collection", Guard: d.require(permission.APIKeysRead), Handle: d.listCredentials},
		{Method: post, Path: credentials, Guard: d.require(permission.APIKeysModify), Handle: d.createCredential},
		{Method: get, Path: credentials + "/:name", Guard: d.require(permission.APIKeysRead), Handle: d.getCredential},
		{Method: put, Path: credentials + "/:name", Guard: d.require(permission.APIKeysModify), Handle: d.updateCredential},
		{Method: del, Path: credentials + "/:name", Guard: d.require(permission.APIKeysModify), Handle: d.deleteCredential},

		{Method: get, Path: "/api/ent/v1/internal/version", Guard: d.requireUser(), Handle: d.version},
		{Method: get, Path: "/api/ent/v1/internal/health", Guard: d.requireUser(), Handle: d.health},
		{Method: get, Path: "/api/ent/v1/internal/read_only_mode", Guard: d.requireUser(), Handle: d.readOnly},
		{Method: get, Path: "/api/ws/v1/sources", Guard: d.requireUser(), Handle: d.noSources},

		{Method: get, Path: engines, Guard: d.require(permission.IndicesRead), Handle: d.listEngines},
		{Method: post, Path: engines, Guard: d.require(permission.IndicesModify), Handle: d.createEngine},
		{Method: get, Path: one, Guard: d.require(permission.IndicesRead), Handle: d.getEngine},
		{Method: del, Path: one, Guard: d.require(permission.IndicesModify), Handle: d.deleteEngine},
		{Method: post, Path: one + "/source_engines", Guard: d.require(permission.IndicesModify), Handle: d.addSources},
		{Method: del, Path: one + "/source_engines", Guard: d.require(permission.IndicesModify), Handle: d.removeSources},
		{Method: get, Path: one + "/schema", Guard: d.require(permission.IndicesRead), Handle: d.getSchema},
		{Method: post, Path: one + "/schema", Guard: d.require(permission.IndicesModify), Handle: d.updateSchema},

		{Method: get, Path: documents + "/list", Guard: d.require(permission.DocumentsRead), Handle: d.listDocuments},
		{Method: get, Path: documents, Guard: d.require(permission.DocumentsRead), Handle: d.getDocuments},
		{Method: post, Path: documents, Guard: storing, Handle: d.postDocuments, Body: documentsBody},
		{Method: patch, Path: documents, Guard: storing, Handle: d.patchDocuments, Body: documentsBody},
		{Method: del, Path: documents, Guard: d.require(permission.DocumentsModify), Handle: d.deleteDocuments},

		{Method: get, Path: one + "/search", Guard: d.require(permission.SearchRead), Handle: d.search, Body: searchBody},
		{Method: post, Path: one + "/search", Guard: d.require(permission.SearchRead), Handle: d.search, Body: searchBody},
		{Method: get, Path: one + "/search_explain", Guard: d.require(permission.SearchQueriesRead), Handle: d.explainSearch, Body: searchBody},
		{Method: post, Path: one + "/search_explain", Guard: d.require(permission.SearchQueriesRead), Handle: d.explainSearch, Body: searchBody},
		{Method: get, Path: one + "/multi_search", Guard: d.require(permission.SearchRead), Handle: d.multiSearch, Body: searchBody},
		{Method: post, Path: one + "/multi_search", Guard: d.require(permission.SearchRead), Handle: d.multiSearch, Body: searchBody},
		{Method: post, Path: one + "/click", Guard: d.require(permission.SearchRead), Handle: d.click},

		{Method: get, Path: counted + "/clicks", Guard: d.require(permission.AnalyticsRead), Handle: d.topClicks},
		{Method: post, Path: counted + "/clicks", Guard: d.require(permission.AnalyticsRead), Handle: d.topClicks},
		{Method: get, Path: counted + "/queries", Guard: d.require(permission.AnalyticsRead), Handle: d.topQueries},
		{Method: post, Path: counted + "/queries", Guard: d.require(permission.AnalyticsRead), Handle: d.topQueries},
		{Method: get, Path: counted + "/counts", Guard: d.require(permission.AnalyticsRead), Handle: d.counts},
		{Method: post, Path: counted + "/counts", Guard: d.require(permission.AnalyticsRead), Handle: d.counts},
		{Method: get, Path: one + "/logs/api", Guard: d.require(permission.AnalyticsRead), Handle: d.apiLogs},
		{Method: post, Path: one + "/logs/api", Guard: d.require(permission.AnalyticsRead), Handle: d.apiLogs},
		{Method: get, Path: one + "/query_suggestion", Guard: d.require(permission.SearchRead), Handle: d.querySuggestion, Body: searchBody},
		{Method: post, Path: one + "/query_suggestion", Guard: d.require(permission.SearchRead), Handle: d.querySuggestion, Body: searchBody},
	}...)
}
