package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/static"
	"latchkey/web/webtest"
)

// policy says, for every route there is, what it takes to pass. It is written by hand and knows nothing of the guards.
// A route that is missing here fails the build.
var policy = map[string]string{
	"GET /healthz": "public", "GET /readyz": "public",

	// The console.
	"GET /": "public", "GET /static/*": "public",
	"GET /console/setup": "public", "POST /console/setup": "public",
	"GET /console/login": "public", "POST /console/login": "public", "POST /console/logout": "public", "POST /console/theme": "public",
	"GET /console": "session", "GET /console/account": "session", "POST /console/account": "session",
	"POST /console/account/sessions/end": "session", "POST /console/account/sessions/:session/end": "own session",
	"GET /console/organizations":     "session",
	"GET /console/organizations/new": "founder", "POST /console/organizations/new": "founder",
	"GET /console/organizations/:org":              "member",
	"GET /console/organizations/:org/projects/new": "organization admin", "POST /console/organizations/:org/projects/new": "organization admin",
	"GET /console/organizations/:org/projects/:project/usage":                         "analytics.read",
	"GET /console/organizations/:org/projects/:project":                               "projects.read",
	"GET /console/organizations/:org/projects/:project/credentials":                   "api_keys.read",
	"POST /console/organizations/:org/projects/:project/credentials/search":           "api_keys.read",
	"GET /console/organizations/:org/projects/:project/credentials/export.csv":        "api_keys.read",
	"GET /console/organizations/:org/projects/:project/credentials/export.json":       "api_keys.read",
	"GET /console/organizations/:org/projects/:project/credentials/bulk":              "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/bulk":             "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/bulk/revoke":      "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/bulk/expiry":      "api_keys.modify",
	"GET /console/organizations/:org/projects/:project/credentials/new":               "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/new":              "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/summary":          "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/engines":          "api_keys.modify",
	"GET /console/organizations/:org/projects/:project/credentials/:key":              "api_keys.read",
	"GET /console/organizations/:org/projects/:project/credentials/:key/edit":         "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/:key/edit":        "api_keys.modify",
	"GET /console/organizations/:org/projects/:project/credentials/:key/revoke":       "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/:key/revoke":      "api_keys.modify",
	"GET /console/organizations/:org/projects/:project/credentials/:key/reveal":       "api_keys.modify",
	"POST /console/organizations/:org/projects/:project/credentials/:key/reveal/done": "api_keys.modify",
	"GET /console/organizations/:org/audit":                                           "organization admin",
	"POST /console/organizations/:org/audit":                                          "organization admin",
	"POST /console/organizations/:org/audit/export":                                   "organization admin",
	"GET /console/organizations/:org/projects/:project/audit":                         "audit.read",
	"POST /console/organizations/:org/projects/:project/audit":                        "audit.read",
	"POST /console/organizations/:org/projects/:project/audit/export":                 "audit.read",
	"GET /console/organizations/:org/projects/:project/engines":                       "indices.read",
	"GET /console/organizations/:org/projects/:project/engines/new":                   "indices.modify",
	"POST /console/organizations/:org/projects/:project/engines/new":                  "indices.modify",

	"GET /console/organizations/:org/projects/:project/engines/:engine":                     "indices.read",
	"GET /console/organizations/:org/projects/:project/engines/:engine/overview":            "indices.read",
	"GET /console/organizations/:org/projects/:project/engines/:engine/documents":           "documents.read",
	"GET /console/organizations/:org/projects/:project/engines/:engine/documents/:document": "documents.read",
	"GET /console/organizations/:org/projects/:project/engines/:engine/schema":              "indices.read",
	"POST /console/organizations/:org/projects/:project/engines/:engine/schema":             "indices.modify",
	"GET /console/organizations/:org/projects/:project/engines/:engine/search":              "search.read",
	"POST /console/organizations/:org/projects/:project/engines/:engine/search":             "search.read",
	"GET /console/organizations/:org/projects/:project/engines/:engine/delete":              "indices.modify",
	"POST /console/organizations/:org/projects/:project/engines/:engine/delete":             "indices.modify",
	"GET /console/instance": "instance admin", "POST /console/instance/check": "instance admin", "POST /console/instance/audit": "instance admin",
	"GET /console/instance/users": "instance admin", "POST /console/instance/users/search": "instance admin", "GET /console/instance/users/:user": "instance admin",
	"GET /console/instance/users/:user/disable": "instance admin", "POST /console/instance/users/:user/disable": "instance admin", "POST /console/instance/users/:user/enable": "instance admin",
	"GET /console/instance/users/:user/admin": "instance admin", "POST /console/instance/users/:user/admin": "instance admin",
	"GET /console/instance/backups": "instance admin", "POST /console/instance/backups": "instance admin",
	"GET /console/instance/backups/:backup/delete": "instance admin", "POST /console/instance/backups/:backup/delete": "instance admin",

	// The console: people and settings.
	"GET /console/organizations/:org/settings": "organization admin", "POST /console/organizations/:org/settings": "organization admin",
	"GET /console/organizations/:org/settings/delete": "organization admin", "POST /console/organizations/:org/settings/delete": "organization admin",
	"GET /console/invitation": "public", "POST /console/invitation": "public",
	"GET /console/organizations/:org/members":        "organization admin",
	"GET /console/organizations/:org/members/invite": "organization admin", "POST /console/organizations/:org/members/invite": "organization admin",
	"GET /console/organizations/:org/members/invitations/:invitation":         "organization admin",
	"POST /console/organizations/:org/members/invitations/:invitation/done":   "organization admin",
	"POST /console/organizations/:org/members/invitations/:invitation/renew":  "organization admin",
	"POST /console/organizations/:org/members/invitations/:invitation/revoke": "organization admin",
	"GET /console/organizations/:org/members/:member":                         "organization admin",
	"POST /console/organizations/:org/members/:member":                        "organization admin",
	"GET /console/organizations/:org/members/:member/remove":                  "organization admin",
	"POST /console/organizations/:org/members/:member/remove":                 "organization admin",
	"GET /console/organizations/:org/projects/:project/settings":              "projects.read",
	"POST /console/organizations/:org/projects/:project/settings":             "projects.modify",
	"POST /console/organizations/:org/projects/:project/settings/access":      "members.modify",
	"GET /console/organizations/:org/projects/:project/settings/secrets":      "projects.modify",
	"POST /console/organizations/:org/projects/:project/settings/secrets":     "projects.modify",
	"GET /console/organizations/:org/projects/:project/settings/delete":       "project by organization",
	"POST /console/organizations/:org/projects/:project/settings/delete":      "project by organization",

	// Lupa.
	"POST /v1/users/login": "public", "GET /v1/users/me": "session",
	"GET /v1/organizations/:org/projects/:project/apiKeys":        "api_keys.read",
	"POST /v1/organizations/:org/projects/:project/apiKeys":       "api_keys.modify",
	"GET /v1/organizations/:org/projects/:project/apiKeys/:id":    "api_keys.read",
	"PUT /v1/organizations/:org/projects/:project/apiKeys/:id":    "api_keys.modify",
	"PATCH /v1/organizations/:org/projects/:project/apiKeys/:id":  "api_keys.modify",
	"DELETE /v1/organizations/:org/projects/:project/apiKeys/:id": "api_keys.modify",
	"GET /v1/organizations/:org/projects/:project/indices":        "indices.read",
	"POST /v1/organizations/:org/projects/:project/indices":       "indices.modify",
	"GET /v1/indices/:index":                                      "indices.read",
	"DELETE /v1/indices/:index":                                   "indices.modify",
	"GET /v1/indices/:index/mapping":                              "indices.read",
	"POST /v1/indices/:index/mapping":                             "indices.modify",
	"PUT /v1/indices/:index/mapping":                              "indices.modify",
	"POST /v1/indices/:index/documents":                           "documents.modify",
	"PATCH /v1/indices/:index/documents":                          "documents.modify",
	"GET /v1/indices/:index/documents/count":                      "documents.read",
	"POST /v1/indices/:index/documents/batchDelete":               "documents.modify",
	"DELETE /v1/indices/:index/documents/:document":               "documents.modify",
	"GET /v1/indices/:index/queries":                              "search_queries.read",
	"POST /v1/indices/:index/queries":                             "search_queries.modify",
	"GET /v1/indices/:index/queries/:id":                          "search_queries.read",
	"PUT /v1/indices/:index/queries/:id":                          "search_queries.modify",
	"DELETE /v1/indices/:index/queries/:id":                       "search_queries.modify",
	"POST /v1/query/:queryKey":                                    "public",
	"GET /v1/query/:queryKey":                                     "public",

	// App Search.
	"GET /api/as/v1/credentials": "api_keys.read", "GET /as/credentials/collection": "api_keys.read",
	"POST /api/as/v1/credentials": "api_keys.modify", "GET /api/as/v1/credentials/:name": "api_keys.read",
	"PUT /api/as/v1/credentials/:name": "api_keys.modify", "DELETE /api/as/v1/credentials/:name": "api_keys.modify",
	"GET /api/as/v1/engines": "indices.read", "POST /api/as/v1/engines": "indices.modify",
	"GET /api/as/v1/engines/:engine": "indices.read", "DELETE /api/as/v1/engines/:engine": "indices.modify",
	"GET /api/as/v1/engines/:engine/schema": "indices.read", "POST /api/as/v1/engines/:engine/schema": "indices.modify",
	"GET /api/as/v1/engines/:engine/documents/list": "documents.read", "GET /api/as/v1/engines/:engine/documents": "documents.read",
	"POST /api/as/v1/engines/:engine/documents": "documents.modify", "PATCH /api/as/v1/engines/:engine/documents": "documents.modify",
	"DELETE /api/as/v1/engines/:engine/documents": "documents.modify",
	"GET /api/as/v1/engines/:engine/search":       "search.read", "POST /api/as/v1/engines/:engine/search": "search.read",
	"GET /api/as/v1/engines/:engine/multi_search": "search.read", "POST /api/as/v1/engines/:engine/multi_search": "search.read",
}

const (
	reads  = "search.read indices.read documents.read search_queries.read analytics.read"
	writes = "indices.modify documents.modify search_queries.modify"
	keys   = "api_keys.read api_keys.modify"
)

// actor is somebody who asks, and the one way in which they prove who they are.
type actor struct {
	name  string
	proof string // cookie, token, key (X-Lupa-Api-Key), bearer, parameter (auth_token)
	value string
	holds string // permissions in acme's shop
	scope string // "": all of shop; "elsewhere": engines that do not exist; "foreign": another project; "hidden": nothing to see
	dead  bool   // the proof is worth nothing
	admin bool   // of the organization acme
	user  bool   // a user, who belongs to some organization
	acme  bool   // belongs to acme
	found bool   // an admin of any organization
	ops   bool   // looks after the instance
}

func (w *world) userActors() []actor {
	all := reads + " " + writes + " " + keys
	expired := w.loginToken("ada")
	w.clock.Add(2 * time.Hour)
	list := []actor{{name: "guest", dead: true}, {name: "an expired token", proof: "token", value: expired, dead: true},
		{name: "a made-up cookie", proof: "cookie", value: secret.Token().Reveal(), dead: true}}
	for _, a := range []actor{
		{name: "ada", holds: all + " audit.read" + " projects.read projects.modify members.modify", user: true, admin: true, acme: true, found: true, ops: true},
		{name: "ops", user: true, scope: "hidden", ops: true},
		{name: "manager", holds: all + " audit.read" + " projects.read projects.modify", user: true, acme: true},
		{name: "viewer", holds: reads + " api_keys.read" + " projects.read", user: true, acme: true},
		{name: "member", user: true, acme: true, scope: "hidden"},
		{name: "bob", user: true, scope: "hidden", found: true},
		{name: "other-member", user: true, scope: "hidden"},
		{name: "other-manager", user: true, scope: "hidden"},
		{name: "other-viewer", user: true, scope: "hidden"},
		{name: "gone", dead: true},
	} {
		cookie, token := a, a
		cookie.proof, cookie.value = "cookie", w.signIn(a.name).Reveal()
		token.proof, token.value = "token", w.loginToken(a.name)
		list = append(list, cookie, token)
	}
	if _, err := w.accounts.DisableUser(context.Background(), audit.CommandLine(), "gone@example.com"); err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) keyActors() []actor {
	must := func(k credential.Key, raw string) string { return raw }
	scoped := privateKey(permission.AccessFull)
	scoped.Name, scoped.AllEngines, scoped.Engines = "elsewhere", false, []string{"elsewhere"}
	expiring := privateKey(permission.AccessFull)
	expiring.Name, expiring.ExpiresAt = "expired", w.clock.Now().Add(time.Second)
	expired := must(w.key(w.shop, expiring))
	revokedInput := privateKey(permission.AccessFull)
	revokedInput.Name = "revoked"
	revokedKey, revoked := w.key(w.shop, revokedInput)
	w.revoke(revokedKey)
	w.clock.Add(2 * time.Second)
	elsewhere := must(w.key(w.shop, scoped))
	var list []actor
	for _, a := range []actor{
		{name: "search key", value: w.searchKey, holds: "search.read"},
		{name: "read key", value: must(w.key(w.shop, privateKey(permission.AccessRead))), holds: reads},
		{name: "write key", value: must(w.key(w.shop, privateKey(permission.AccessWrite))), holds: writes},
		{name: "full key", value: w.private, holds: reads + " " + writes},
		{name: "documents key", value: must(w.key(w.shop, privateKey(permission.AccessCustom, "documents.modify"))), holds: "documents.modify documents.read indices.read"},
		{name: "key that makes keys", value: must(w.key(w.shop, privateKey(permission.AccessCustom, "api_keys.modify"))), holds: keys + " indices.read"},
		{name: "admin key", value: must(w.key(w.shop, credential.Input{Type: secret.Admin})), holds: keys},
		{name: "key of other engines", value: elsewhere, holds: reads + " " + writes, scope: "elsewhere"},
		{name: "another project's key", value: w.storeKey, holds: reads + " " + writes, scope: "foreign"},
		{name: "expired key", value: expired, dead: true},
		{name: "revoked key", value: revoked, dead: true},
		{name: "made-up key", value: secret.Mint(secret.Private).Reveal(), dead: true},
		{name: "garbage", value: "garbage", dead: true},
	} {
		key, bearer, parameter := a, a, a
		key.proof, bearer.proof, parameter.proof = "key", "bearer", "parameter"
		// In an address only what is public by nature counts.
		parameter.dead = a.dead || a.value != w.searchKey
		list = append(list, key, bearer, parameter)
	}
	return append(list, w.signedActors(elsewhere, expired, revoked)...)
}

func (w *world) signedActors(elsewhere, expired, revoked string) []actor {
	good := sign(w.private, `{"api_key_name":"private-key"}`)
	var list []actor
	for _, a := range []actor{
		{name: "signed", value: good, holds: "search.read"},
		{name: "signed with the search key", value: sign(w.searchKey, `{"api_key_name":"search-key"}`), holds: "search.read"},
		{name: "signed with a key of other engines", value: sign(elsewhere, `{"api_key_name":"elsewhere"}`), holds: "search.read", scope: "elsewhere"},
		{name: "signed, tampered with", value: good[:len(good)-2] + "xx", dead: true},
		{name: "signed, expired", value: sign(w.private, fmt.Sprintf(`{"api_key_name":"private-key","exp":%d}`, w.clock.Now().Unix()-100)), dead: true},
		{name: "signed with an expired key", value: sign(expired, `{"api_key_name":"expired"}`), dead: true},
		{name: "signed with a revoked key", value: sign(revoked, `{"api_key_name":"revoked"}`), dead: true},
		{name: "signed with another project's key", value: sign(w.storeKey, `{"api_key_name":"private-key"}`), holds: "search.read", scope: "foreign"},
	} {
		bearer, parameter, key := a, a, a
		bearer.proof, parameter.proof, key.proof = "bearer", "parameter", "key"
		key.dead = true
		list = append(list, bearer, parameter, key)
	}
	return list
}

// sign makes a signed search key.
func sign(key, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signing := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64([]byte(payload))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signing))
	return signing + "." + b64(h.Sum(nil))
}

// What an answer means.
const (
	passed     = "passed"
	toSignIn   = "sent to sign in"
	refused401 = "401"
	refused403 = "403"
	refused404 = "404"
)

func meaning(a webtest.Answer) string {
	switch {
	case a.Status == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/console/login"):
		return toSignIn
	case a.Status == 401, a.Status == 403, a.Status == 404:
		return fmt.Sprint(a.Status)
	case a.Status < 400, a.Status == 400, a.Status == 409, a.Status == 410, a.Status == 422:
		return passed
	}
	return fmt.Sprintf("%d (%s)", a.Status, a.Body)
}

// expected is the policy applied: what an actor must get on a route.
func expected(route, needs string, a actor) string {
	method, path, _ := strings.Cut(route, " ")
	if needs == "public" {
		return passed
	}
	switch {
	case strings.HasPrefix(path, "/console"):
		if a.dead || a.proof != "cookie" {
			if method == http.MethodGet {
				return toSignIn
			}
			return refused401
		}
		return expectedOfUser(needs, a)
	case strings.HasPrefix(path, "/v1"):
		return expectedOfLupa(method, path, needs, a)
	}
	return expectedOfAppSearch(path, needs, a)
}

func expectedOfUser(needs string, a actor) string {
	yes := func(ok bool, otherwise string) string {
		if ok {
			return passed
		}
		return otherwise
	}
	switch needs {
	case "session":
		return yes(a.user, refused401)
	case "own session":
		return refused404 // the one that is tried belongs to nobody who asks
	case "founder":
		return yes(a.found, refused403)
	case "instance admin":
		return yes(a.ops, refused403)
	case "member":
		return yes(a.acme, refused404)
	case "organization admin":
		if !a.acme {
			return refused404
		}
		return yes(a.admin, refused403)
	}
	if a.scope == "hidden" {
		return refused404
	}
	if needs == "project by organization" {
		return yes(a.admin, refused403)
	}
	return yes(slices.Contains(strings.Fields(a.holds), needs), refused403)
}

func expectedOfLupa(method, path, needs string, a actor) string {
	switch {
	case a.dead, a.proof != "token" && a.proof != "key":
		return refused401
	case a.proof == "token":
		return expectedOfUser(needs, a)
	case needs == "session":
		return refused401
	}
	holds, inProject := slices.Contains(strings.Fields(a.holds), needs), strings.Contains(path, "/projects/")
	switch {
	case inProject && a.scope == "foreign":
		return refused404
	case !holds:
		return refused403
	case !inProject && a.scope != "":
		return refused404
	case inProject && a.scope == "elsewhere" && needs == "indices.modify":
		return refused403 // it may make no engine that it could not reach
	case strings.HasSuffix(path, "/apiKeys/:id") && method == http.MethodPatch && a.name == "key that makes keys":
		return refused403 // the key it would change holds more than it does
	}
	return passed
}

func expectedOfAppSearch(path, needs string, a actor) string {
	switch {
	case a.dead, a.proof != "bearer" && a.proof != "parameter", !slices.Contains(strings.Fields(a.holds), needs):
		return refused401
	case a.scope != "" && strings.Contains(path, "/:engine"):
		return refused404
	case a.scope == "elsewhere" && needs == "indices.modify":
		return refused401 // it may make no engine that it could not reach
	}
	return passed
}

// objects are what the parameters of a route stand for: fresh ones for each request, because some requests end them.
type objects struct{ user, backup, org, project, key, keyName, index, engineName, query, queryKey, member, invitation, session string }

func (w *world) objects() objects {
	w.t.Helper()
	k, _ := w.key(w.shop, privateKey(permission.AccessRead))
	w.n++
	e := w.addEngine(audit.CommandLine(), w.shop, fmt.Sprintf("engine-%d", w.n))
	place := permission.Target{Organization: w.shop.OrganizationID, Project: w.shop.ID}
	if _, err := w.engines.Import(context.Background(), audit.CommandLine(), place, e.Name, []engine.Source{{"id": "d1", "title": "x"}}); err != nil {
		w.t.Fatal(err)
	}
	q, err := w.engines.CreateQuery(context.Background(), audit.CommandLine(), place, e.Name, engine.NewSearchQuery{Configuration: []byte(`{"queryFields":{"title":1}}`)})
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := w.sessions.Look(context.Background(), w.signIn("gone"))
	if err != nil {
		w.t.Fatal(err)
	}
	return objects{session: v.ID, user: w.newcomer(), backup: w.backupFolder(), org: "acme", project: "shop", key: k.ID, keyName: k.Name, index: e.ID, engineName: e.Name, query: q.ID, queryKey: q.QueryKey, member: w.someMember(), invitation: w.someInvitation()}
}

// someMember adds a user to acme who can do nothing, not even sign in: hashing a password would take longer than all else.
func (w *world) someMember() string {
	w.t.Helper()
	id := uuid.NewString()
	err := w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, "INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ($1, $2, '$argon2id$none', 1, 1)", id, id+"@example.com"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, "INSERT INTO members (organization_id, user_id, role, created_at) VALUES ($1, $2, 'ORGANIZATION_MEMBER', 1)", w.shop.OrganizationID, id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) someInvitation() string {
	w.t.Helper()
	nowhere := func(context.Context, *db.Tx, secret.Minted) error { return nil }
	i, err := w.accounts.Invite(context.Background(), audit.CommandLine(), "acme",
		account.NewInvitation{Email: uuid.NewString() + "@example.com", Role: permission.OrganizationMember}, nowhere)
	if err != nil {
		w.t.Fatal(err)
	}
	return i.ID
}

// newcomer is a user of no organization, without the work of a password.
func (w *world) newcomer() string {
	w.t.Helper()
	w.n++
	id := fmt.Sprintf("user-%d", w.n)
	if err := w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "INSERT INTO users (id, email, password_hash, created_at, updated_at) SELECT $1, $1, password_hash, 1, 1 FROM users LIMIT 1", id)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// backupFolder is a backup, or what is left of one, that can be looked at and deleted.
func (w *world) backupFolder() string {
	w.t.Helper()
	w.n++
	name := fmt.Sprintf("latchkey-20260101T%06dZ", w.n)
	if err := os.MkdirAll(filepath.Join(w.dir.BackupFolder(), name), 0o700); err != nil {
		w.t.Fatal(err)
	}
	return name
}

// missing are objects of the same form that exist nowhere.
func (o objects) missing() objects {
	return objects{session: "00000000-0000-4000-8000-000000000004", user: "00000000-0000-4000-8000-000000000003", backup: "latchkey-20200101T000000Z", org: "acmx", project: "shox", key: "00000000-0000-4000-8000-000000000000", keyName: "nosuch-key", index: "00000000-0000-4000-8000-000000000001",
		engineName: "nosuch-engine", query: "00000000-0000-4000-8000-000000000002", queryKey: "nosuchquery0", member: "00000000-0000-4000-8000-00000000000a", invitation: "00000000-0000-4000-8000-00000000000b"}
}

func (o objects) fill(path string) string {
	path = strings.Replace(path, "/queries/:id", "/queries/"+o.query, 1)
	r := strings.NewReplacer(":org", o.org, ":project", o.project, ":key", o.key, ":id", o.key, ":name", o.keyName, ":index", o.index,
		":engine", o.engineName, ":queryKey", o.queryKey, ":document", "d1", ":member", o.member, ":invitation", o.invitation, ":user", o.user, ":backup", o.backup, ":session", o.session)
	return r.Replace(strings.Replace(path, ":queryKey", o.queryKey, 1))
}

// send makes the request of an actor. Bodies are small and need not be right: passing means passing the guard.
func (w *world) send(route string, o objects, a actor) webtest.Answer {
	method, path, _ := strings.Cut(route, " ")
	path = strings.Replace(o.fill(path), "/static/*", static.URL("app.css"), 1)
	var header []string
	switch a.proof {
	case "cookie":
		header = append(header, "Cookie", "latchkey="+a.value)
	case "token", "bearer":
		header = append(header, "Authorization", "Bearer "+a.value)
	case "key":
		header = append(header, "X-Lupa-Api-Key", a.value)
	case "parameter":
		path += "?auth_token=" + a.value
	}
	if strings.HasPrefix(path, "/console") {
		return w.web.Browser().Do(method, path, "x=1", append(header, "Content-Type", "application/x-www-form-urlencoded")...)
	}
	return w.web.Client().JSON(method, path, body(route), header...)
}

// body is a request body that the route can read, so that only who asks decides.
func body(route string) string {
	method, path, _ := strings.Cut(route, " ")
	appSearch := strings.Contains(path, "/as/")
	switch {
	case strings.HasSuffix(path, "/multi_search"):
		return `{"queries":[{"query":""}]}`
	case appSearch && strings.HasSuffix(path, "/search"):
		return `{"query":""}`
	case appSearch && strings.HasSuffix(path, "/documents") && (method == http.MethodGet || method == http.MethodDelete):
		return `["d1"]`
	case appSearch && strings.HasSuffix(path, "/documents"):
		return `[{"id":"d1","title":"x"}]`
	case method == http.MethodGet:
		return ""
	case strings.HasSuffix(path, "/query/:queryKey"):
		return `{"searchText":""}`
	case strings.HasSuffix(path, "/engines"), strings.HasSuffix(path, "/indices"):
		return fmt.Sprintf(`{"name":"new-%d","language":"en"}`, time.Now().UnixNano())
	}
	return `{}`
}

// answersOfTheirOwn are the public routes that refuse an empty request, or send to the sign-in page, whoever asks.
var answersOfTheirOwn = []string{"POST /v1/users/login", "POST /console/login", "GET /console/setup", "POST /console/setup",
	"GET /console/invitation", "POST /console/invitation", signOut}

const signOut = "POST /console/logout"

func TestEveryRouteAgainstEveryPrincipal(t *testing.T) {
	w := newWorld(t)
	actors := append(w.userActors(), w.keyActors()...)
	cells := 0
	// Signing out ends the session it comes with: it is tried last.
	routes := slices.DeleteFunc(slices.Clone(w.routes), func(r string) bool { return r == signOut })
	for _, route := range append(routes, signOut) {
		needs, ok := policy[route]
		if !ok {
			t.Errorf("%s: a route without a policy", route)
			continue
		}
		o := w.objects()
		for _, a := range actors {
			got, want := meaning(w.send(route, o, a)), expected(route, needs, a)
			if got == passed && !strings.HasPrefix(route, http.MethodGet) && strings.Contains(route, ":") {
				o = w.objects() // the next one must find what this one may have ended
			}
			if needs == "public" && slices.Contains(answersOfTheirOwn, route) {
				want = got // what these answer to an empty request is about the request, not about who makes it
			}
			if got != want {
				t.Errorf("%s (%s) as %s by %s: %s, want %s", route, needs, a.name, a.proof, got, want)
			}
			cells++
		}
	}
	for route := range policy {
		if !slices.Contains(w.routes, route) {
			t.Errorf("%s: a policy without a route", route)
		}
	}
	t.Logf("%d routes, %d principals, %d cells", len(w.routes), len(actors), cells)
}

var volatile = regexp.MustCompile(`"request_id":"[^"]*"`)

// To somebody who may not know of an object it must look exactly like one that does not exist.
func TestForeignObjectsAnswerLikeMissingOnes(t *testing.T) {
	w := newWorld(t)
	_, otherSearch := w.key(w.store, credential.Input{Type: secret.Search, AllEngines: true})
	_, otherAdmin := w.key(w.store, credential.Input{Type: secret.Admin})
	strangers := []actor{
		{name: "bob", proof: "cookie", value: w.signIn("bob").Reveal()}, {name: "bob", proof: "token", value: w.loginToken("bob")},
		{name: "member", proof: "cookie", value: w.signIn("member").Reveal()}, {name: "member", proof: "token", value: w.loginToken("member")},
		{name: "other-manager", proof: "cookie", value: w.signIn("other-manager").Reveal()}, {name: "other-viewer", proof: "token", value: w.loginToken("other-viewer")},
		{name: "the other private key", proof: "key", value: w.storeKey}, {name: "the other private key", proof: "bearer", value: w.storeKey},
		{name: "the other search key", proof: "bearer", value: otherSearch}, {name: "the other admin key", proof: "bearer", value: otherAdmin},
		{name: "the other admin key", proof: "key", value: otherAdmin},
	}
	pairs := 0
	for _, route := range w.routes {
		if !strings.Contains(route, ":") || policy[route] == "public" {
			continue
		}
		o := w.objects()
		gone := o.missing()
		// The organization is known to its own member; the project and what is in it are not.
		known := gone
		known.org = o.org
		for _, a := range strangers {
			if a.name == "member" && !strings.Contains(route, ":project") && strings.Contains(route, ":org") {
				continue // their own organization
			}
			missing := known
			if a.name != "member" {
				missing = gone
			}
			foreign, absent := w.send(route, o, a), w.send(route, missing, a)
			if strip(foreign, o) != strip(absent, missing) {
				t.Errorf("%s as %s by %s:\nforeign %s\nmissing %s", route, a.name, a.proof, strip(foreign, o), strip(absent, missing))
			}
			if foreign.Status < 300 && strings.Contains(route, "/:") && !strings.HasSuffix(a.name, "admin key") {
				t.Errorf("%s as %s by %s: %d", route, a.name, a.proof, foreign.Status)
			}
			pairs++
		}
	}
	t.Logf("%d pairs compared", pairs)
}

// strip takes the request's own words and ids out of an answer.
func strip(a webtest.Answer, o objects) string {
	text := fmt.Sprint(a.Status, " ")
	for _, name := range []string{"Location", "Content-Type", "Www-Authenticate", "Vary", "Cache-Control", "Set-Cookie", "Content-Security-Policy"} {
		text += strings.Join(a.Header.Values(name), ",") + " "
	}
	text += volatile.ReplaceAllString(a.Body, "")
	for _, s := range []string{o.session, o.key, o.keyName, o.index, o.query, o.engineName, o.user, o.backup, o.member, o.invitation} {
		text = strings.ReplaceAll(text, s, "X")
	}
	for _, slash := range []string{"/", "%2F"} {
		text = strings.ReplaceAll(text, "organizations"+slash+o.org, "organizations/O")
		text = strings.ReplaceAll(text, "projects"+slash+o.project, "projects/P")
	}
	return text
}

// Every user of another organization finds nothing of acme in anything they may see.
func TestNothingOfAnotherOrganizationShows(t *testing.T) {
	w := newWorld(t)
	bob := w.browser("bob")
	words := []string{"acme", "Acme", "shop-only", w.shop.ID, w.shop.OrganizationID, w.shop.HostIdentifier, "ada@example.com", w.searchKey}
	for _, path := range []string{"/console", "/console/account", "/console/organizations", "/console/organizations/other", "/console/organizations/other/projects/store/credentials",
		"/console/organizations/other/projects/store/credentials/new", "/console/organizations/other/members", "/console/organizations/other/settings",
		"/console/organizations/other/projects/store/settings", "/console/organizations/other/projects/store/settings/delete", "/console/organizations/other/projects/store/engines",
		"/console/organizations/other/audit", "/console/organizations/other/projects/store/audit"} {
		a := bob.Get(path)
		if a.Status != http.StatusOK && a.Status != http.StatusSeeOther {
			t.Errorf("%s: %d", path, a.Status)
		}
		for _, word := range words {
			if word == "ada@example.com" && strings.HasSuffix(path, "/other/audit") {
				continue // she founded it, and its own history says so
			}
			if strings.Contains(a.Body, word) {
				t.Errorf("%s shows %q", path, word)
			}
		}
	}
	me := w.web.Client("Authorization", "Bearer "+w.loginToken("bob")).Get("/v1/users/me")
	if me.Status != http.StatusOK || strings.Contains(me.Body, "acme") {
		t.Errorf("users/me: %d %s", me.Status, me.Body)
	}
}
