// Package console is the pages: set-up, signing in, organizations, projects, keys, engines and the own account.
//
// Every page is rendered here and works without JavaScript. Who is asking is found out anew for every request, from the
// session cookie and the user as the database has them at that moment, so that a disabled user, a changed password or
// a lost role counts at once. A place that does not exist and one that the visitor may not know of get the same answer.
//
// A secret is shown on two kinds of page only: on the page that reveals a new one, to the session that made it, and,
// for search keys, which are public, on the page of the key. It is never part of an address, a cookie, a message or
// the log; text that may be a secret is taken from the body of a request and is not written back.
package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/instance"
	"latchkey/db/permission"
	"latchkey/db/session"
	"latchkey/db/usage"
	"latchkey/static"
	"latchkey/views"
	"latchkey/web"
)

// Deps is what the console works with.
type Deps struct {
	Accounts    *account.Store
	Credentials *credential.Store
	Engines     *engine.Store
	Usage       *usage.Store
	Audit       *audit.Log
	Instance    *instance.Store
	Sessions    *web.Sessions
	Rows        *session.Store
	Setup       *account.SetupLink
	URL         *url.URL         // how the instance is reached from outside
	Hosts       []string         // the names under which the console answers
	Secure      bool             // browsers reach it by https
	Now         func() time.Time // the clock
	// Query reads search options as the App Search API does, under those that a signed search key imposes.
	Query func(options map[string]any, enforced map[string]json.RawMessage) (engine.Query, error)
}

// console is the surface: its parts are in one file for each group of pages.
type console struct {
	Deps
	pages []string // the paths that can be returned to
}

// New gives the console as a surface.
func New(d Deps) web.Surface {
	s := &console{Deps: d}
	routes := s.routes()
	for _, r := range routes {
		if r.Method == http.MethodGet && strings.HasPrefix(r.Path, home) {
			s.pages = append(s.pages, r.Path)
		}
	}
	return web.Surface{Name: "console", Prefixes: []string{home}, Routes: routes, Fail: s.fail}
}

// home leads to where the visitor works.
const home = "/console"

// routes is all there is, with who may have it.
func (s *console) routes() []web.Route {
	const (
		org     = views.OrganizationsURL + "/:org"
		project = org + "/projects/:project"
		keys    = project + "/credentials"
		key     = keys + "/:key"
		engines = project + "/engines"
		aUser   = views.InstanceUsersURL + "/:user"
		engine  = engines + "/:engine"

		members     = org + "/members"
		user        = members + "/:member"
		invitation  = members + "/invitations/:invitation"
		settings    = project + "/settings"
		orgSettings = org + "/settings"
	)
	var (
		anybody       = s.public
		signedIn      = s.requireSession()
		founder       = s.requireFounder()
		instance      = s.requireInstance()
		member        = s.requireMember()
		orgAdmin      = s.requireOrganization(permission.ProjectsModify)
		seeAudit      = s.requireProject(permission.AuditRead)
		seeOrgAudit   = s.requireOrganization(permission.AuditRead)
		seeKeys       = s.requireProject(permission.APIKeysRead)
		manageKeys    = s.requireProject(permission.APIKeysModify)
		seeEngines    = s.requireProject(permission.IndicesRead)
		manageEngines = s.requireProject(permission.IndicesModify)
		seeDocuments  = s.requireProject(permission.DocumentsRead)
		search        = s.requireProject(permission.SearchRead)
		seeUsage      = s.requireProject(permission.AnalyticsRead)
		seeMembers    = s.requireOrganization(permission.MembersRead)
		manageMembers = s.requireOrganization(permission.MembersModify)
		seeProject    = s.requireProject(permission.ProjectsRead)
		manageProject = s.requireProject(permission.ProjectsModify)
		giveAccess    = s.requireProject(permission.MembersModify)
		ownProject    = s.requireOwner(permission.ProjectsModify)
	)
	return []web.Route{
		get("/", anybody("leads to the console"), s.root),
		get(static.Prefix+"*", web.Public("the same files for everybody, nothing about anybody"), echo.WrapHandler(static.Handler())),

		get(views.SetupURL, anybody("the token of the set-up link is the proof"), s.setupForm),
		post(views.SetupURL, anybody("the token of the set-up link is the proof"), s.setUp),
		get(views.LoginURL, anybody("signing in starts here"), s.loginForm),
		post(views.LoginURL, anybody("signing in starts here"), s.login),
		post(views.LogoutURL, anybody("ends no session but the one it comes with"), s.logout),
		post(views.ThemeURL, anybody("changes nothing but a preference of the browser"), s.theme),

		get(home, signedIn, s.home),
		get(views.AccountURL, signedIn, s.account),
		post(views.AccountURL, signedIn, s.changePassword),
		post(views.EndSessionsURL, signedIn, s.endOtherSessions),
		post(views.AccountURL+"/sessions/:session/end", signedIn, s.endSession),

		get(views.OrganizationsURL, signedIn, s.organizations),
		get(views.NewOrganizationURL, founder, s.newOrganization),
		post(views.NewOrganizationURL, founder, s.createOrganization),
		get(org, member, s.projects),
		get(org+"/projects/new", orgAdmin, s.newProject),
		post(org+"/projects/new", orgAdmin, s.createProject),
		get(orgSettings, orgAdmin, s.organizationSettings),
		post(orgSettings, orgAdmin, s.renameOrganization),
		get(orgSettings+"/delete", orgAdmin, s.askDeleteOrganization),
		post(orgSettings+"/delete", orgAdmin, s.deleteOrganization),

		get(views.InvitationURL, anybody("the token of the invitation's link is the proof"), s.acceptForm),
		post(views.InvitationURL, anybody("the token of the invitation's link is the proof"), s.accept),
		get(members, seeMembers, s.members),
		get(members+"/invite", manageMembers, s.inviteForm),
		post(members+"/invite", manageMembers, s.invite),
		get(invitation, manageMembers, s.oneInvitation),
		post(invitation+"/done", manageMembers, s.invitationDone),
		post(invitation+"/renew", manageMembers, s.renewInvitation),
		post(invitation+"/revoke", manageMembers, s.revokeInvitation),
		get(user, manageMembers, s.member),
		post(user, manageMembers, s.changeMember),
		get(user+"/remove", manageMembers, s.askRemoveMember),
		post(user+"/remove", manageMembers, s.removeMember),

		get(settings, seeProject, s.projectSettings),
		post(settings, manageProject, s.renameProject),
		post(settings+"/access", giveAccess, s.projectAccess),
		get(settings+"/secrets", manageProject, s.askReadable),
		post(settings+"/secrets", manageProject, s.setReadable),
		get(settings+"/delete", ownProject, s.askDeleteProject),
		post(settings+"/delete", ownProject, s.deleteProject),

		get(org+"/audit", seeOrgAudit, s.auditLog),
		post(org+"/audit", seeOrgAudit, s.filterAudit),
		post(org+"/audit/export", seeOrgAudit, s.exportAudit),
		get(project+"/audit", seeAudit, s.auditLog),
		post(project+"/audit", seeAudit, s.filterAudit),
		post(project+"/audit/export", seeAudit, s.exportAudit),
		get(views.InstanceURL, instance, s.instance),
		post(views.CheckInstanceURL, instance, s.checkInstance),
		post(views.VerifyAuditURL, instance, s.verifyAudit),
		get(views.InstanceUsersURL, instance, s.instanceUsers),
		post(views.SearchUsersURL, instance, s.searchInstanceUsers),
		get(aUser, instance, s.instanceUser),
		get(aUser+"/disable", instance, s.askDisable),
		post(aUser+"/disable", instance, s.disableUser),
		post(aUser+"/enable", instance, s.enableUser),
		get(aUser+"/admin", instance, s.askInstanceAdmin),
		post(aUser+"/admin", instance, s.setInstanceAdmin),
		get(views.InstanceBackupsURL, instance, s.backups),
		post(views.InstanceBackupsURL, instance, s.backUp),
		get(views.InstanceBackupsURL+"/:backup/delete", instance, s.askDeleteBackup),
		post(views.InstanceBackupsURL+"/:backup/delete", instance, s.deleteBackup),
		get(project+"/usage", seeUsage, s.usage),

		get(project, s.requireProject(permission.ProjectsRead), s.overview),

		get(keys, seeKeys, s.keys),
		post(keys+"/search", seeKeys, s.searchKeys),
		get(keys+"/export.csv", seeKeys, s.exportKeysCSV),
		get(keys+"/export.json", seeKeys, s.exportKeysJSON),
		get(keys+"/bulk", manageKeys, s.pickKeys),
		sized(bulkBody, post(keys+"/bulk", manageKeys, s.bulk)),
		sized(bulkBody, post(keys+"/bulk/revoke", manageKeys, s.revokeKeys)),
		sized(bulkBody, post(keys+"/bulk/expiry", manageKeys, s.expireKeys)),
		get(keys+"/new", manageKeys, s.newKey),
		post(keys+"/new", manageKeys, s.createKey),
		post(keys+"/summary", manageKeys, s.keySummary),
		post(keys+"/engines", manageKeys, s.findEngines),
		get(keys+"/decode", seeKeys, s.decodeForm),
		post(keys+"/decode", seeKeys, s.decode),
		get(key, seeKeys, s.key),
		get(key+"/edit", manageKeys, s.editKey),
		post(key+"/edit", manageKeys, s.updateKey),
		get(key+"/sign", seeKeys, s.askSign), // who has the secret can sign anywhere: seeing the key is enough here
		post(key+"/sign", seeKeys, s.sign),
		get(key+"/revoke", manageKeys, s.askRevoke),
		post(key+"/revoke", manageKeys, s.revoke),
		get(key+"/reveal", manageKeys, s.reveal),
		post(key+"/reveal/done", manageKeys, s.revealDone),

		get(engines, seeEngines, s.engines),
		get(engines+"/new", manageEngines, s.newEngine),
		post(engines+"/new", manageEngines, s.createEngine),
		get(engine, seeEngines, s.engine),
		get(engine+"/overview", seeEngines, s.engine), // of an engine that is called "new"
		get(engine+"/documents", seeDocuments, s.documents),
		get(engine+"/documents/:document", seeDocuments, s.showDocument),
		get(engine+"/schema", seeEngines, s.schema),
		post(engine+"/schema", manageEngines, s.updateSchema),
		get(engine+"/search", search, s.searchEngine),
		post(engine+"/search", search, s.searchPasted),
		get(engine+"/sources", manageEngines, s.sources),
		post(engine+"/sources", manageEngines, s.setSources),
		get(engine+"/delete", manageEngines, s.askDeleteEngine),
		post(engine+"/delete", manageEngines, s.deleteEngine),
	}
}

func get(path string, guard web.Guard, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Guard: guard, Handle: handle}
}

func post(path string, guard web.Guard, handle echo.HandlerFunc) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Guard: guard, Handle: handle}
}

// sized gives a route another limit of its body.
func sized(limit int64, r web.Route) web.Route {
	r.Body = limit
	return r
}

// root is the address that people type.
func (s *console) root(c echo.Context) error { return web.Redirect(c, home) }
