package lupa

import (
	"net/http"
	"time"

	"latchkey/db/account"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/usage"
	"latchkey/web"
)

// Deps is what the dialect works on.
type Deps struct {
	Accounts    *account.Store
	Credentials *credential.Store
	Engines     *engine.Store
	Usage       *usage.Store
	Now         func() time.Time // for batch keys
}

type api struct{ Deps }

const (
	root      = "/v1"
	inProject = root + "/organizations/:org/projects/:project"
	onIndex   = root + "/indices/:index"
	onQuery   = root + "/query/"
)

// documentsBody is how many bytes the body of an import may have (documentation of Lupa, "Documents": 10 MB), and
// documentsSlots how many of them are worked on at once.
const (
	documentsBody  = 10 << 20
	documentsSlots = 4
)

// New makes the surface.
func New(d Deps) web.Surface {
	a := &api{d}
	return web.Surface{Name: "lupa", Prefixes: []string{root}, Routes: a.routes(), Pre: shareQueries, Fail: fail}
}

func (a *api) routes() []web.Route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	login := web.Public("logging in proves who is asking")
	query := web.Public("a query key is public by nature")
	keysRead, keysModify := a.requireInProject(permission.APIKeysRead), a.requireInProject(permission.APIKeysModify)
	indicesRead, indicesModify := a.requireOnIndex(permission.IndicesRead), a.requireOnIndex(permission.IndicesModify)
	documentsRead, documentsModify := a.requireOnIndex(permission.DocumentsRead), a.requireOnIndex(permission.DocumentsModify)
	storing := web.NewSlots(documentsSlots).Large(documentsModify)
	queriesRead, queriesModify := a.requireOnIndex(permission.SearchQueriesRead), a.requireOnIndex(permission.SearchQueriesModify)
	return []web.Route{
		{Method: post, Path: root + "/users/login", Guard: login, Handle: a.login},
		{Method: get, Path: root + "/users/me", Guard: a.requireUser(), Handle: a.me},

		{Method: get, Path: inProject + "/apiKeys", Guard: keysRead, Handle: a.listKeys},
		{Method: post, Path: inProject + "/apiKeys", Guard: keysModify, Handle: a.createKey},
		{Method: get, Path: inProject + "/apiKeys/:id", Guard: keysRead, Handle: a.getKey},
		{Method: put, Path: inProject + "/apiKeys/:id", Guard: keysModify, Handle: a.replaceKey},
		{Method: patch, Path: inProject + "/apiKeys/:id", Guard: keysModify, Handle: a.changeKey},
		{Method: del, Path: inProject + "/apiKeys/:id", Guard: keysModify, Handle: a.revokeKey},

		{Method: get, Path: inProject + "/indices", Guard: a.requireInProject(permission.IndicesRead), Handle: a.listIndices},
		{Method: post, Path: inProject + "/indices", Guard: a.requireInProject(permission.IndicesModify), Handle: a.createIndex},
		{Method: get, Path: onIndex, Guard: indicesRead, Handle: a.getIndex},
		{Method: del, Path: onIndex, Guard: indicesModify, Handle: a.deleteIndex},
		{Method: get, Path: onIndex + "/mapping", Guard: indicesRead, Handle: a.getMapping},
		{Method: post, Path: onIndex + "/mapping", Guard: indicesModify, Handle: a.setMapping},
		{Method: put, Path: onIndex + "/mapping", Guard: indicesModify, Handle: a.setMapping},

		{Method: post, Path: onIndex + "/documents", Guard: storing, Handle: a.importDocuments, Body: documentsBody},
		{Method: patch, Path: onIndex + "/documents", Guard: storing, Handle: a.patchDocuments, Body: documentsBody},
		{Method: get, Path: onIndex + "/documents/count", Guard: documentsRead, Handle: a.countDocuments},
		{Method: post, Path: onIndex + "/documents/batchDelete", Guard: storing, Handle: a.deleteDocuments, Body: documentsBody},
		{Method: del, Path: onIndex + "/documents/:document", Guard: documentsModify, Handle: a.deleteDocument},

		{Method: get, Path: onIndex + "/queries", Guard: queriesRead, Handle: a.listQueries},
		{Method: post, Path: onIndex + "/queries", Guard: queriesModify, Handle: a.createQuery},
		{Method: get, Path: onIndex + "/queries/:id", Guard: queriesRead, Handle: a.getQuery},
		{Method: put, Path: onIndex + "/queries/:id", Guard: queriesModify, Handle: a.updateQuery},
		{Method: del, Path: onIndex + "/queries/:id", Guard: queriesModify, Handle: a.deleteQuery},

		{Method: get, Path: onQuery + ":queryKey", Guard: query, Handle: a.searchByURL},
		{Method: post, Path: onQuery + ":queryKey", Guard: query, Handle: a.searchByBody},
	}
}
