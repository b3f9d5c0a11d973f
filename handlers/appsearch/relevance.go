package appsearch

import (
	"net/http"

	"latchkey/db/permission"
	"latchkey/web"
)

// relevanceRoutes are about what steers the searches of an engine.
func (d *dialect) relevanceRoutes(one string) []web.Route {
	get, post, put, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	synonyms, curations, settings := one+"/synonyms", one+"/curations", one+"/search_settings"
	return []web.Route{
		{Method: get, Path: synonyms, Guard: d.require(permission.SynonymsRead), Handle: d.listSynonyms},
		{Method: post, Path: synonyms, Guard: d.require(permission.SynonymsModify), Handle: d.createSynonyms},
		{Method: get, Path: synonyms + "/:id", Guard: d.require(permission.SynonymsRead), Handle: d.getSynonyms},
		{Method: put, Path: synonyms + "/:id", Guard: d.require(permission.SynonymsModify), Handle: d.updateSynonyms},
		{Method: del, Path: synonyms + "/:id", Guard: d.require(permission.SynonymsModify), Handle: d.deleteSynonyms},

		{Method: get, Path: curations, Guard: d.require(permission.SearchQueriesRead), Handle: d.listCurations},
		{Method: post, Path: curations, Guard: d.require(permission.SearchQueriesModify), Handle: d.createCuration},
		{Method: get, Path: curations + "/:id", Guard: d.require(permission.SearchQueriesRead), Handle: d.getCuration},
		{Method: put, Path: curations + "/:id", Guard: d.require(permission.SearchQueriesModify), Handle: d.updateCuration},
		{Method: del, Path: curations + "/:id", Guard: d.require(permission.SearchQueriesModify), Handle: d.deleteCuration},

		{Method: get, Path: settings, Guard: d.require(permission.SearchQueriesRead), Handle: d.getSettings},
		{Method: put, Path: settings, Guard: d.require(permission.SearchQueriesModify), Handle: d.updateSettings},
		{Method: post, Path: settings + "/reset", Guard: d.require(permission.SearchQueriesModify), Handle: d.resetSettings},
	}
}
