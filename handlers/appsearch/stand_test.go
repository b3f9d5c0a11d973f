package appsearch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/analytics"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/handlers/appsearch"
	"latchkey/web"
	"latchkey/web/webtest"
)

const (
	as       = "/api/as/v1"
	baseHost = "search.example.com"
)

// The two bodies that tell nothing.
const (
	signIn       = `{"error":"You need to sign in before continuing."}`
	invalidToken = `{"error":"Invalid authentication token."}`
	unauthorized = `{"errors":["Unauthorized action."]}`
	noEngine     = `{"errors":["Could not find engine."]}`
)

// stand is a whole server with two projects of two organizations. Both have the engines shop and blog; only the second
// has "confidential", and the name of its document "Foreign lamp" must never come up in the first.
type stand struct {
	t           *testing.T
	dir         *db.Dir
	clock       *dbtest.Clock
	accounts    *account.Store
	credentials *credential.Store
	engines     *engine.Store
	usage       *usage.Store
	analytics   *analytics.Store
	log         *audit.Log
	server      *webtest.Server
	handler     *web.Server
	mine, other account.Project
	keys        map[string]string // secrets of the first project's keys, by name
	foreign     map[string]string // of the second's
}

var ctx = context.Background()

// cheap is a cost of passwords that no real instance has.
var cheap = account.HashCost{MemoryKiB: 8, Passes: 1}

const password = "correct horse battery staple"

// user adds a user to the organization of the first project, with a role in that project or with none.
func (s *stand) user(name string, role permission.Role) account.User {
	s.t.Helper()
	in := account.NewUser{Email: name + "@example.com", Password: password, Organization: "acme", Role: permission.OrganizationMember}
	if in.ProjectRole = role; role != "" {
		in.Project = "shop"
	}
	u, err := s.accounts.AddUser(ctx, audit.CommandLine(), in)
	s.must(err)
	return u
}

// by makes a client that sends a user's e-mail address and password.
func (s *stand) by(name, password string) *webtest.Client {
	return s.server.Client("Authorization", "Basic "+basic(name+"@example.com", password))
}

func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{t: t, clock: dbtest.NewClock(), keys: map[string]string{}, foreign: map[string]string{}}
	s.dir = dbtest.Open(t, s.clock)
	log, err := audit.NewLog(s.dir.Core, s.dir.Master)
	s.must(err)
	s.log = log
	s.credentials, err = credential.NewStore(ctx, s.dir.Core, s.dir.Master, log)
	s.must(err)
	s.accounts, err = account.NewStore(s.dir.Core, s.dir.Master, log, account.NewHasher(cheap), s.credentials.Defaults)
	s.must(err)
	s.engines = engine.NewStore(s.dir.Core, s.dir.Engines, log)
	s.usage = usage.NewStore(s.dir.Core)
	s.analytics = analytics.NewStore(s.dir.Core, s.dir.Engines)
	s.projects()
	s.fill()
	s.handler = s.serving(web.Config{Logger: slog.New(slog.DiscardHandler)})
	s.server = webtest.Start(t, s.handler.Handler())
	return s
}

// serving makes the server of the stand.
func (s *stand) serving(config web.Config) *web.Server {
	return web.New(config, appsearch.New(appsearch.Deps{
		Accounts: s.accounts, Credentials: s.credentials, Engines: s.engines, Usage: s.usage, Analytics: s.analytics, BaseHost: baseHost,
	}))
}

func (s *stand) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) projects() {
	s.t.Helper()
	u, _, mine, minted, err := s.accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{
		Email: "ada@example.com", Password: password, Organization: "Acme", Project: "Shop",
	})
	s.must(err)
	s.mine = mine
	for _, m := range minted {
		s.keys[m.Name] = m.Secret.Reveal()
	}
	s.clock.Add(time.Second) // the second project is younger
	p, _, err := s.accounts.Principal(ctx, permission.User, u.ID, u.Epoch)
	s.must(err)
	org, err := s.accounts.CreateOrganization(ctx, audit.Who{Principal: p}, "Globex")
	s.must(err)
	s.other, minted, err = s.accounts.CreateProject(ctx, audit.CommandLine(), org.Slug, "Confidential project", nil)
	s.must(err)
	for _, m := range minted {
		s.foreign[m.Name] = m.Secret.Reveal()
	}
}

// fill makes the keys and engines that most tests need.
func (s *stand) fill() {
	s.t.Helper()
	private := func(name string, a permission.Access, engines ...string) {
		s.key(s.mine, credential.Input{Name: name, Type: secret.Private, Access: a, AllEngines: len(engines) == 0, Engines: engines})
	}
	private("read", permission.AccessRead)
	private("write", permission.AccessWrite)
	private("shop-full", permission.AccessFull, "shop")
	s.key(s.mine, credential.Input{Name: "admin", Type: secret.Admin})
	s.key(s.mine, credential.Input{Name: "shop-search", Type: secret.Search, Engines: []string{"shop"}})
	s.key(s.mine, credential.Input{Name: "custom-docs", Type: secret.Private, Access: permission.AccessCustom,
		Permissions: []string{"documents.read"}, AllEngines: true})
	s.key(s.mine, credential.Input{Name: "custom-keys", Type: secret.Private, Access: permission.AccessCustom,
		Permissions: []string{"api_keys.modify", "documents.read", "search.read"}, Engines: []string{"shop"}})
	s.key(s.other, credential.Input{Name: "admin", Type: secret.Admin})
	for _, p := range []account.Project{s.mine, s.other} {
		for _, name := range []string{"shop", "blog"} {
			s.engine(p, name)
		}
	}
	s.engine(s.other, "confidential")
	s.lamps()
	s.documents(s.other, "shop", `[{"id":"f1","title":"Foreign lamp","price":1}]`)
}

// key makes a key as the command line would, and remembers its secret.
func (s *stand) key(p account.Project, in credential.Input) string {
	s.t.Helper()
	_, minted, err := s.credentials.Create(ctx, audit.CommandLine(), p.Target(), in, nil)
	s.must(err)
	into := s.keys
	if p.ID == s.other.ID {
		into = s.foreign
	}
	into[in.Name] = minted.Reveal()
	return minted.Reveal()
}

func (s *stand) keyByName(p account.Project, name string) credential.Key {
	s.t.Helper()
	k, err := s.credentials.GetByName(ctx, audit.CommandLine(), p.Target(), name)
	s.must(err)
	return k
}

func (s *stand) revoke(name string) {
	s.t.Helper()
	_, err := s.credentials.Revoke(ctx, audit.CommandLine(), s.mine.Target(), s.keyByName(s.mine, name).ID)
	s.must(err)
}

// readable turns the readable secrets of the first project on or off.
func (s *stand) readable(on bool) {
	s.t.Helper()
	s.must(s.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE all_projects SET readable_secrets = $1 WHERE id = $2", on, s.mine.ID)
		return err
	}))
}

func (s *stand) engine(p account.Project, name string) {
	s.t.Helper()
	_, err := s.engines.Create(ctx, audit.CommandLine(), p.Target(), engine.New{Name: name})
	s.must(err)
}

func (s *stand) documents(p account.Project, name, docs string) {
	s.t.Helper()
	var sources []engine.Source
	s.must(json.Unmarshal([]byte(docs), &sources))
	results, err := s.engines.Import(ctx, audit.CommandLine(), p.Target(), name, sources)
	s.must(err)
	for _, r := range results {
		if len(r.Errors) > 0 {
			s.t.Fatalf("document %s: %v", r.ID, r.Errors)
		}
	}
}

// lamps fills the engine shop: four documents, one of which is not public.
func (s *stand) lamps() {
	s.t.Helper()
	_, err := s.engines.UpdateSchema(ctx, audit.CommandLine(), s.mine.Target(), "shop", engine.Schema{
		{Name: "title", Type: engine.TypeText}, {Name: "color", Type: engine.TypeText}, {Name: "status", Type: engine.TypeText},
		{Name: "price", Type: engine.TypeNumber}, {Name: "made", Type: engine.TypeDate}, {Name: "place", Type: engine.TypeGeolocation},
		{Name: "note", Type: engine.TypeText},
	})
	s.must(err)
	s.documents(s.mine, "shop", `[
		{"id":"p1","title":"Red lamp","color":"red","status":"public","price":10,"made":"2026-01-01","place":"52.5,13.4","note":"unicorn"},
		{"id":"p2","title":"Blue lamp","color":"blue","status":"public","price":20,"made":"2026-02-01","place":"48.1,11.6"},
		{"id":"p3","title":"Red chair","color":"red","status":"public","price":30,"made":"2026-03-01","place":"53.5,10.0"},
		{"id":"p4","title":"Gold lamp","color":"gold","status":"hidden","price":999,"made":"2026-04-01","place":"52.5,13.5","note":"classified"}]`)
}

// as makes a client that sends a token.
func (s *stand) as(token string) *webtest.Client {
	return s.server.Client("Authorization", "Bearer "+token)
}

// with makes a client that sends one of the first project's keys.
func (s *stand) with(name string) *webtest.Client {
	s.t.Helper()
	key, ok := s.keys[name]
	if !ok {
		s.t.Fatalf("there is no key %q", name)
	}
	return s.as(key)
}

// expect checks an answer to the byte.
func expect(t *testing.T, got webtest.Answer, status int, body string) {
	t.Helper()
	if got.Status != status || got.Body != body {
		t.Errorf("got  %d %s\nwant %d %s", got.Status, got.Body, status, body)
	}
	discreet(t, got)
}

// discreet checks that an answer tells nothing of the other project.
func discreet(t *testing.T, got webtest.Answer) {
	t.Helper()
	for _, word := range []string{"Foreign", "onfidential", "Globex", `"sealed"`, `"states"`, `"hash"`} {
		if strings.Contains(got.Body, word) {
			t.Errorf("the answer tells %q: %s", word, got.Body)
		}
	}
}

// ok checks the status and gives the decoded body.
func ok(t *testing.T, got webtest.Answer) map[string]any {
	t.Helper()
	discreet(t, got)
	var v map[string]any
	if got.Status != http.StatusOK {
		t.Fatalf("got %d %s", got.Status, got.Body)
	}
	if err := json.Unmarshal([]byte(got.Body), &v); err != nil {
		t.Fatalf("%v: %s", err, got.Body)
	}
	return v
}

// ids gives the ids of what a search found, in order.
func ids(t *testing.T, got webtest.Answer) string {
	t.Helper()
	var list []string
	for _, r := range ok(t, got)["results"].([]any) {
		list = append(list, fmt.Sprint(r.(map[string]any)["id"].(map[string]any)["raw"]))
	}
	return strings.Join(list, " ")
}

// used tells how many requests with a key were accepted and rejected.
func (s *stand) used(id string) usage.Totals {
	s.t.Helper()
	s.must(s.usage.Flush(ctx))
	sum, err := s.usage.OfKey(ctx, id)
	s.must(err)
	return sum.Hour
}
