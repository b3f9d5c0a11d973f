package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/web/webtest"
)

const password = secret.Secret("northern otter plays chess")

// world is a whole program with two organizations that must know nothing of each other: acme with the project shop,
// and other with the project store. Both have an engine called parks.
type world struct {
	*app
	t          testing.TB
	clock      *dbtest.Clock
	web        *webtest.Server
	log        *logBuffer
	routes     []string // "METHOD path" of every route
	shop       account.Project
	store      account.Project
	users      map[string]account.User // by the first part of their address
	private    string                  // secret of shop's private-key
	searchKey  string                  // secret of shop's search-key
	storeKey   string                  // secret of store's private-key
	n          int
	invitation string // the latest that objects made
}

// logBuffer keeps what was logged.
type logBuffer struct {
	mu sync.Mutex
	strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Builder.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Builder.String()
}

func newWorld(t testing.TB) *world {
	t.Helper()
	ctx := context.Background()
	w := &world{t: t, clock: dbtest.NewClock(), log: &logBuffer{}, users: map[string]account.User{}}
	o := options{now: w.clock.Now, cost: account.MinCost}
	a, err := newApp(ctx, dbtest.Open(t, w.clock), o)
	if err != nil {
		t.Fatal(err)
	}
	w.app = a
	u, _, shop, keys, err := a.accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "ada@example.com", Password: password, Organization: "Acme", Project: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	w.users["ada"], w.shop = u, shop
	w.searchKey, w.private = keys[0].Secret.Reveal(), keys[1].Secret.Reveal()
	w.addUsers()
	server := a.server(config{URL: &url.URL{Scheme: "http", Host: "localhost:8080"}}, slog.New(slog.NewJSONHandler(w.log, nil)))
	for _, r := range server.Routes() {
		w.routes = append(w.routes, r.Method+" "+r.Path)
	}
	w.web = webtest.Start(t, server.Handler())
	w.addEngine(audit.CommandLine(), w.shop, "parks")
	w.addEngine(audit.CommandLine(), w.shop, "shop-only")
	w.addEngine(audit.CommandLine(), w.store, "parks")
	return w
}

// addUsers adds one user for every role, and the other organization with an admin of its own.
func (w *world) addUsers() {
	w.t.Helper()
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			w.t.Helper()
			w.t.Fatal(err)
		}
	}
	_, err := w.accounts.CreateOrganization(ctx, w.who("ada"), "Other")
	must(err)
	for _, in := range []account.NewUser{
		{Email: "member@example.com", Organization: "acme", Role: permission.OrganizationMember},
		{Email: "manager@example.com", Organization: "acme", Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectAdmin},
		{Email: "viewer@example.com", Organization: "acme", Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectViewer},
		{Email: "gone@example.com", Organization: "acme", Role: permission.OrganizationAdmin},
		{Email: "bob@example.com", Organization: "other", Role: permission.OrganizationAdmin},
		{Email: "ops@example.com", InstanceAdmin: true},
	} {
		w.addUser(in, in.Organization)
	}
	must(w.accounts.RemoveMember(ctx, w.who("bob"), "other", w.users["ada"].ID))
	store, keys, err := w.accounts.CreateProject(ctx, w.who("bob"), "other", "Store", nil)
	must(err)
	w.store, w.storeKey = store, keys[1].Secret.Reveal()
	for _, in := range []account.NewUser{
		{Email: "other-member@example.com", Role: permission.OrganizationMember},
		{Email: "other-manager@example.com", Role: permission.OrganizationMember, Project: "store", ProjectRole: permission.ProjectAdmin},
		{Email: "other-viewer@example.com", Role: permission.OrganizationMember, Project: "store", ProjectRole: permission.ProjectViewer},
	} {
		w.addUser(in, "other")
	}
}

func (w *world) addUser(in account.NewUser, organization string) {
	w.t.Helper()
	in.Password, in.Organization = password, organization
	u, err := w.accounts.AddUser(context.Background(), audit.CommandLine(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	name, _, _ := strings.Cut(in.Email, "@")
	w.users[name] = u
}

// who is a user as a principal, with present roles.
func (w *world) who(name string) audit.Who {
	w.t.Helper()
	p, _, err := w.accounts.Principal(context.Background(), permission.User, w.users[name].ID, w.users[name].Epoch)
	if err != nil {
		w.t.Fatal(err)
	}
	return audit.Who{Principal: p}
}

func (w *world) addEngine(who audit.Who, p account.Project, name string) engine.Engine {
	w.t.Helper()
	e, err := w.engines.Create(context.Background(), who, permission.Target{Organization: p.OrganizationID, Project: p.ID}, engine.New{Name: name})
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// key makes a key in a project. Names are made up if they are empty.
func (w *world) key(p account.Project, in credential.Input) (credential.Key, string) {
	w.t.Helper()
	if in.Name == "" {
		w.n++
		in.Name = fmt.Sprintf("key-%d", w.n)
	}
	k, s, err := w.credentials.Create(context.Background(), audit.CommandLine(), p.Target(), in, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return k, s.Reveal()
}

func (w *world) revoke(k credential.Key) {
	w.t.Helper()
	if _, err := w.credentials.Revoke(context.Background(), audit.CommandLine(), w.shop.Target(), k.ID); err != nil {
		w.t.Fatal(err)
	}
}

// browser is a browser in which a user is signed in.
func (w *world) browser(name string) *webtest.Client {
	w.t.Helper()
	c := w.web.Browser()
	if name == "" {
		return c
	}
	token := w.signIn(name)
	c.SetCookies(&http.Cookie{Name: "latchkey", Value: token.Reveal(), Path: "/"})
	return c
}

// signIn starts a session for a user and gives its token.
func (w *world) signIn(name string) secret.Secret {
	w.t.Helper()
	token, err := w.sessions.Create(context.Background(), session.Session{UserID: w.users[name].ID, Epoch: w.users[name].Epoch, Address: "192.0.2.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (w *world) loginToken(name string) string {
	w.t.Helper()
	s, err := w.accounts.IssueToken(w.users[name])
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Reveal()
}

// private gives the input of a private key for all engines.
func privateKey(access permission.Access, permissions ...string) credential.Input {
	return credential.Input{Type: secret.Private, Access: access, Permissions: permissions, AllEngines: true}
}
