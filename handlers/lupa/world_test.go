package lupa_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/handlers/lupa"
	"latchkey/web"
	"latchkey/web/webtest"
)

const password = "plum velvet harbour 4711"

// world is a whole server with two organizations. Acme has the project shop, with the engines books and films, and the
// project blog, with the engine posts. Globex has the project lab, with the engine notes.
type world struct {
	*webtest.Server
	t           testing.TB
	clock       *dbtest.Clock
	dir         *db.Dir
	accounts    *account.Store
	credentials *credential.Store
	engines     *engine.Store
	usage       *usage.Store
	web         *web.Server
	queryPath   string // of the search query that configure made last

	users                      map[string]account.User
	keys                       map[string]made
	acme, globex               account.Organization
	shop, blog, lab            account.Project
	books, films, posts, notes engine.Engine
}

// made is a key with its secret.
type made struct{ id, secret string }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: dbtest.NewClock(), users: map[string]account.User{}, keys: map[string]made{}}
	w.open()
	w.people()
	w.shop = w.project("acme", "shop")
	w.blog, w.lab = w.newProject("acme", "Blog"), w.newProject("globex", "Lab")
	w.join("manager", "acme", "shop", permission.ProjectAdmin)
	w.join("viewer", "acme", "shop", permission.ProjectViewer)
	w.books, w.films = w.engine(w.shop, "books"), w.engine(w.shop, "films")
	w.posts, w.notes = w.engine(w.blog, "posts"), w.engine(w.lab, "notes")
	w.someKeys()
	w.web = web.New(web.Config{Logger: slog.New(slog.DiscardHandler)},
		lupa.New(lupa.Deps{Accounts: w.accounts, Credentials: w.credentials, Engines: w.engines, Usage: w.usage, Now: w.dir.Core.Now}))
	w.Server = webtest.Start(t, w.web.Handler())
	return w
}

func (w *world) open() {
	w.dir = dbtest.Open(w.t, w.clock)
	ctx := context.Background()
	log, err := audit.NewLog(w.dir.Core, w.dir.Master)
	w.must(err)
	w.credentials, err = credential.NewStore(ctx, w.dir.Core, w.dir.Master, log)
	w.must(err)
	w.accounts, err = account.NewStore(w.dir.Core, w.dir.Master, log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), w.credentials.Defaults)
	w.must(err)
	w.engines = engine.NewStore(w.dir.Core, w.dir.Engines, log)
	w.usage = usage.NewStore(w.dir.Core)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// people sets up both organizations. An admin founds globex and leaves it to the stranger.
func (w *world) people() {
	ctx := context.Background()
	admin, acme, _, _, err := w.accounts.SetUp(ctx, audit.CommandLine(),
		account.SetUp{Email: "admin@example.test", Password: password, Organization: "Acme", Project: "Shop"})
	w.must(err)
	w.users["admin"], w.acme = admin, acme
	principal, _, err := w.accounts.Principal(ctx, permission.User, admin.ID, admin.Epoch)
	w.must(err)
	w.globex, err = w.accounts.CreateOrganization(ctx, audit.Who{Principal: principal}, "Globex")
	w.must(err)
	w.users["stranger"], err = w.accounts.AddUser(ctx, audit.CommandLine(), account.NewUser{Email: "stranger@example.test",
		Password: password, Organization: "globex", Role: permission.OrganizationAdmin})
	w.must(err)
	w.must(w.accounts.RemoveMember(ctx, audit.CommandLine(), "globex", admin.ID))
	w.join("member", "acme", "", "")
}

func (w *world) join(name, organization, project string, role permission.Role) {
	u, err := w.accounts.AddUser(context.Background(), audit.CommandLine(), account.NewUser{Email: name + "@example.test",
		Password: password, Organization: organization, Role: permission.OrganizationMember, Project: project, ProjectRole: role})
	w.must(err)
	w.users[name] = u
}

func (w *world) project(organization, slug string) account.Project {
	p, err := w.accounts.Project(context.Background(), audit.CommandLine(), organization, slug)
	w.must(err)
	return p
}

func (w *world) newProject(organization, name string) account.Project {
	p, _, err := w.accounts.CreateProject(context.Background(), audit.CommandLine(), organization, name, nil)
	w.must(err)
	return p
}

func place(p account.Project) permission.Target {
	return permission.Target{Organization: p.OrganizationID, Project: p.ID}
}

func (w *world) engine(p account.Project, name string) engine.Engine {
	e, err := w.engines.Create(context.Background(), audit.CommandLine(), place(p), engine.New{Name: name})
	w.must(err)
	return e
}

// key makes a key in a project, with all engines if it names none.
func (w *world) key(p account.Project, in credential.Input) made {
	w.t.Helper()
	if in.Type == "" {
		in.Type = secret.Private
	}
	in.AllEngines = len(in.Engines) == 0
	k, s, err := w.credentials.Create(context.Background(), audit.CommandLine(), p.Target(), in, nil)
	w.must(err)
	return made{k.ID, s.Reveal()}
}

// someKeys makes one key of every kind that access depends on.
func (w *world) someKeys() {
	full := credential.Input{Access: permission.AccessFull}
	custom := func(list ...string) credential.Input {
		return credential.Input{Access: permission.AccessCustom, Permissions: list}
	}
	for name, in := range map[string]credential.Input{
		"search key":  {Type: secret.Search},
		"admin key":   {Type: secret.Admin},
		"read key":    {Access: permission.AccessRead},
		"write key":   {Access: permission.AccessWrite},
		"full key":    full,
		"keys reader": custom("api_keys.read"),
		"keys maker":  custom("api_keys.modify"),
		"films key":   {Access: permission.AccessFull, Engines: []string{"films"}},
		"revoked key": full,
		"expired key": {Access: permission.AccessFull, ExpiresAt: w.clock.Now().Add(time.Hour)},
	} {
		in.Description = name
		w.keys[name] = w.key(w.shop, in)
	}
	w.keys["blog key"], w.keys["globex key"] = w.key(w.blog, full), w.key(w.lab, full)
	w.revoke(w.keys["revoked key"].id)
	w.clock.Add(2 * time.Hour)
}

func (w *world) revoke(id string) {
	_, err := w.credentials.Revoke(context.Background(), audit.CommandLine(), w.shop.Target(), id)
	w.must(err)
}

func (w *world) token(name string) string {
	s, err := w.accounts.IssueToken(w.users[name])
	w.must(err)
	return s.Reveal()
}

// as gives a client that is somebody: a user, a key, or a guest.
func (w *world) as(name string) *webtest.Client {
	w.t.Helper()
	if k, ok := w.keys[name]; ok {
		return w.Client("X-Lupa-Api-Key", k.secret)
	}
	if _, ok := w.users[name]; ok {
		return w.Client("Authorization", "Bearer "+w.token(name))
	}
	if name != "guest" {
		w.t.Fatalf("there is no %q", name)
	}
	return w.Client()
}

// want checks a status and gives the body.
func want(t testing.TB, a webtest.Answer, status int) string {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	if a.Body == "" || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		t.Fatalf("no JSON: %q %q", a.Header.Get("Content-Type"), a.Body)
	}
	return a.Body
}

// refuses checks that something is refused with a status and exactly this message.
func refuses(t testing.TB, a webtest.Answer, status int, message string) {
	t.Helper()
	body := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(want(t, a, status))
	if wanted := `{"success":false,"errors":{"message":"` + message + `"}}` + "\n"; body != wanted {
		t.Errorf("body\n%s\nwant\n%s", body, wanted)
	}
}

func (w *world) keysPath() string { return "/v1/organizations/acme/projects/shop/apiKeys" }

func index(e engine.Engine) string { return "/v1/indices/" + e.ID }

const (
	get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	success                    = `{"success":true}` + "\n"
)

var console = audit.CommandLine()
