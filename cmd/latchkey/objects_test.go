package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/static"
	"latchkey/web/webtest"
)

// objects are what the parameters of a route stand for: fresh ones for each request, because some requests end them.
type objects struct{ user, backup, org, project, key, keyName, index, engineName, query, queryKey, member, invitation, session, synonyms, curation string }

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
	syn, err := w.engines.CreateSynonyms(context.Background(), audit.CommandLine(), place, e.Name, []string{"lamp", "light"})
	if err != nil {
		w.t.Fatal(err)
	}
	cur, err := w.engines.CreateCuration(context.Background(), audit.CommandLine(), place, e.Name, engine.Curated{Queries: []string{"x"}, Hidden: []string{"d1"}})
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := w.sessions.Look(context.Background(), w.signIn("gone"))
	if err != nil {
		w.t.Fatal(err)
	}
	return objects{session: v.ID, synonyms: "syn-" + syn.ID, curation: "cur-" + cur.ID, user: w.newcomer(), backup: w.backupFolder(), org: "acme", project: "shop", key: k.ID, keyName: k.Name, index: e.ID, engineName: e.Name, query: q.ID, queryKey: q.QueryKey, member: w.someMember(), invitation: w.someInvitation()}
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
	if w.invitation != "" { // only so many may wait at a time; it may be over already
		_ = w.accounts.RevokeInvitation(context.Background(), audit.CommandLine(), "acme", w.invitation)
	}
	nowhere := func(context.Context, *db.Tx, secret.Minted) error { return nil }
	i, err := w.accounts.Invite(context.Background(), audit.CommandLine(), "acme",
		account.NewInvitation{Email: uuid.NewString() + "@example.com", Role: permission.OrganizationMember}, nowhere)
	if err != nil {
		w.t.Fatal(err)
	}
	w.invitation = i.ID
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
	return objects{synonyms: "syn-000000000000000000000001", curation: "cur-000000000000000000000001", session: "00000000-0000-4000-8000-000000000004", user: "00000000-0000-4000-8000-000000000003", backup: "latchkey-20200101T000000Z", org: "acmx", project: "shox", key: "00000000-0000-4000-8000-000000000000", keyName: "nosuch-key", index: "00000000-0000-4000-8000-000000000001",
		engineName: "nosuch-engine", query: "00000000-0000-4000-8000-000000000002", queryKey: "nosuchquery0", member: "00000000-0000-4000-8000-00000000000a", invitation: "00000000-0000-4000-8000-00000000000b"}
}

func (o objects) fill(path string) string {
	path = strings.NewReplacer("/queries/:id", "/queries/"+o.query, "/synonyms/:id", "/synonyms/"+o.synonyms, "/curations/:id", "/curations/"+o.curation).Replace(path)
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
	case "basic":
		header = append(header, "Authorization", "Basic "+a.value)
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
	case strings.HasSuffix(path, "/click"):
		return `{"query":"","document_id":"d1"}`
	case strings.HasSuffix(path, "/logs/api"):
		return `{"filters":{"date":{"from":"2026-01-01","to":"2027-01-01"}}}`
	case strings.HasSuffix(path, "/source_engines"):
		return `[]`
	case appSearch && strings.HasSuffix(path, "/search"), strings.HasSuffix(path, "/search_explain"), strings.HasSuffix(path, "/query_suggestion"):
		return `{"query":""}`
	case appSearch && strings.HasSuffix(path, "/documents") && (method == http.MethodGet || method == http.MethodDelete):
		return `["d1"]`
	case appSearch && strings.HasSuffix(path, "/documents"):
		return `[{"id":"d1","title":"x"}]`
	case method == http.MethodGet:
		return ""
	case strings.Contains(path, "/synonyms"):
		return `{"synonyms":["bulb","globe"]}`
	case strings.Contains(path, "/curations"):
		return fmt.Sprintf(`{"queries":["q%d"],"hidden":["d1"]}`, time.Now().UnixNano())
	case strings.HasSuffix(path, "/query/:queryKey"):
		return `{"searchText":""}`
	case strings.HasSuffix(path, "/engines"), strings.HasSuffix(path, "/indices"):
		return fmt.Sprintf(`{"name":"new-%d","language":"en"}`, time.Now().UnixNano())
	}
	return `{}`
}
