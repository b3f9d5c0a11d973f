package console_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/instance"
	"latchkey/db/permission"
	"latchkey/db/session"
	"latchkey/db/usage"
	"latchkey/handlers/appsearch"
	"latchkey/handlers/console"
	"latchkey/views"
	"latchkey/web"
	"latchkey/web/webtest"
)

const password = "orbit velvet canyon thirteen"

// The people of the tests, by the part of their address before the @.
const (
	ada   = "ada"   // admin of Acme, made by set-up
	pat   = "pat"   // admin of Acme's project Shop
	vic   = "vic"   // viewer of Acme's project Shop
	mia   = "mia"   // member of Acme without any project
	oz    = "oz"    // admin of another organization, Other
	guest = "guest" // not signed in
)

func email(name string) string { return name + "@example.com" }

// Addresses that most tests are about.
var (
	keysURL   = views.KeysURL("acme", "shop")
	newKeyURL = views.NewKeyURL("acme", "shop")
)

// world is a whole server with its data, over HTTP.
type world struct {
	*webtest.Server
	t        testing.TB
	clock    *dbtest.Clock
	dir      *db.Dir
	deps     console.Deps
	web      *web.Server
	log      *logbook
	browsers map[string]*webtest.Client
	proxies  []netip.Prefix // whose X-Forwarded-For counts

	organization account.Organization // Acme
	project      account.Project      // Shop
}

// logbook is everything the server has logged.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld starts a server that waits to be set up. change may alter what the console is made from.
func newWorld(t testing.TB, change ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, clock: dbtest.NewClock(), log: &logbook{}, browsers: map[string]*webtest.Client{}}
	w.dir = dbtest.Open(t, w.clock)
	ctx := context.Background()
	log := must(audit.NewLog(w.dir.Core, w.dir.Master))(t)
	credentials := must(credential.NewStore(ctx, w.dir.Core, w.dir.Master, log))(t)
	engines, rows := engine.NewStore(w.dir.Core, w.dir.Engines, log), session.NewStore(w.dir.Core, log)
	w.deps = console.Deps{
		Accounts: must(account.NewStore(w.dir.Core, w.dir.Master, log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), credentials.Defaults,
			credentials.EndProject, engines.EndProject))(t),
		Credentials: credentials, Engines: engines,
		Usage: usage.NewStore(w.dir.Core), Audit: log, Instance: instance.NewStore(w.dir, log, instance.About{Version: "test", URL: "https://keys.example.com"}), Rows: rows, Sessions: web.NewSessions(rows, false),
		Setup: account.NewSetupLink(w.clock.Now), URL: &url.URL{Scheme: "https", Host: "keys.example.com"},
		Hosts: []string{"127.0.0.1", "localhost", "keys.example.com"}, Now: w.clock.Now, Query: appsearch.Query,
	}
	for _, f := range change {
		f(w)
	}
	logger := slog.New(slog.NewTextHandler(w.log, nil))
	w.web = web.New(web.Config{Logger: logger, Secure: w.deps.Secure, TrustedProxies: w.proxies}, console.New(w.deps))
	w.Server = webtest.Start(t, w.web.Handler())
	return w
}

// settled starts a server with all the people of the tests.
func settled(t testing.TB, change ...func(*world)) *world {
	t.Helper()
	w := newWorld(t, change...)
	ctx, system := context.Background(), audit.CommandLine()
	var err error
	_, w.organization, w.project, _, err = w.deps.Accounts.SetUp(ctx, system, account.SetUp{
		Email: email(ada), Password: password, Organization: "Acme", Project: "Shop",
	})
	check(t, err)
	w.add(account.NewUser{Email: email(pat), Organization: "acme", Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectAdmin})
	w.add(account.NewUser{Email: email(vic), Organization: "acme", Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectViewer})
	w.add(account.NewUser{Email: email(mia), Organization: "acme", Role: permission.OrganizationMember})
	return w
}

func (w *world) add(u account.NewUser) {
	w.t.Helper()
	u.Password = password
	_, err := w.deps.Accounts.AddUser(context.Background(), audit.CommandLine(), u)
	check(w.t, err)
}

// who gives one of the people as the stores know them.
func (w *world) who(name string) audit.Who {
	w.t.Helper()
	ctx := context.Background()
	u, err := w.deps.Accounts.Authenticate(ctx, audit.Who{}, email(name), password)
	check(w.t, err)
	p, _, err := w.deps.Accounts.Principal(ctx, permission.User, u.ID, u.Epoch)
	check(w.t, err)
	return audit.Who{Principal: p}
}

// other makes another organization with a project and an admin of its own, who has nothing to do with Acme.
func (w *world) other() account.Project {
	w.t.Helper()
	ctx, founder := context.Background(), w.who(ada)
	o, err := w.deps.Accounts.CreateOrganization(ctx, founder, "Other")
	check(w.t, err)
	w.add(account.NewUser{Email: email(oz), Organization: o.Slug, Role: permission.OrganizationAdmin})
	check(w.t, w.deps.Accounts.RemoveMember(ctx, audit.CommandLine(), o.Slug, founder.ID))
	p, _, err := w.deps.Accounts.CreateProject(ctx, audit.CommandLine(), o.Slug, "Depot", nil)
	check(w.t, err)
	return p
}

// as gives the browser of one of the people, signed in.
func (w *world) as(name string) *webtest.Client {
	w.t.Helper()
	if b := w.browsers[name]; b != nil {
		return b
	}
	b := w.Browser()
	if name != guest {
		w.signIn(b, name)
	}
	w.browsers[name] = b
	return b
}

func (w *world) signIn(b *webtest.Client, name string) {
	w.t.Helper()
	if a := b.Form(views.LoginURL, "email", email(name), "password", password); a.Status != http.StatusSeeOther {
		w.t.Fatalf("sign in as %s: status %d", name, a.Status)
	}
}

// visit is one request with what its answer must be.
type visit struct {
	name     string
	as       string
	method   string // "" for GET, or POST where there is a form
	path     string
	form     []string
	status   int
	location string
	has, not []string
}

// visits makes requests one after the other.
func (w *world) visits(t *testing.T, list []visit) {
	for _, v := range list {
		t.Run(v.name, func(t *testing.T) {
			a := w.send(v)
			if a.Status != v.status {
				t.Fatalf("status %d, want %d; body %s", a.Status, v.status, a.Body)
			}
			if got := a.Header.Get("Location"); got != v.location {
				t.Errorf("location %q, want %q", got, v.location)
			}
			contains(t, a.Body, v.has...)
			lacks(t, a.Body, v.not...)
			guarded(t, a)
		})
	}
}

func (w *world) send(v visit) webtest.Answer {
	b := w.as(v.as)
	if v.form != nil || v.method == http.MethodPost {
		return b.Form(v.path, v.form...)
	}
	if v.method == "" {
		v.method = http.MethodGet
	}
	return b.Do(v.method, v.path, "")
}

// guarded checks what every answer of the console carries.
func guarded(t testing.TB, a webtest.Answer) {
	t.Helper()
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
	policy := a.Header.Get("Content-Security-Policy")
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && policy != web.ConsolePolicy || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("Content-Security-Policy is %q", policy)
	}
	if a.Header.Get("Referrer-Policy") != "no-referrer" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error("the usual headers are missing")
	}
}

func contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("lacks %q in %s", part, text)
		}
	}
}

func lacks(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if part == "" {
			t.Error("nothing to look for")
		} else if strings.Contains(text, part) {
			t.Errorf("contains %q", part)
		}
	}
}

var shown = regexp.MustCompile(`<output id="secret"[^>]*>([^<]+)</output>`)

// secretOn gives the secret that a page shows, or "".
func secretOn(body string) string {
	m := shown.FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

var hidden = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// keyFields is the form of a new private key, with other fields added or put in their place.
func (w *world) keyFields(b *webtest.Client, change ...string) []string {
	w.t.Helper()
	m := hidden.FindStringSubmatch(b.Get(newKeyURL).Body)
	if m == nil {
		w.t.Fatal("the form has no token")
	}
	form := []string{"form_token", m[1], "type", "private", "description", "Nightly import", "access", "read", "scope", "all", "expires", "30"}
	for i := 0; i+1 < len(change); i += 2 {
		for j := 0; j+1 < len(form); j += 2 {
			if form[j] == change[i] {
				form = append(form[:j], form[j+2:]...)
				break
			}
		}
		form = append(form, change[i], change[i+1])
	}
	return form
}

// createKey makes a private key in a browser and gives its id and its secret, still waiting to be stored.
func (w *world) createKey(b *webtest.Client, change ...string) (id, text string) {
	w.t.Helper()
	a := b.Form(newKeyURL, w.keyFields(b, change...)...)
	id, ok := strings.CutSuffix(strings.TrimPrefix(a.Header.Get("Location"), keysURL+"/"), "/reveal")
	if a.Status != http.StatusSeeOther || !ok {
		w.t.Fatalf("create key: %d to %q: %s", a.Status, a.Header.Get("Location"), a.Body)
	}
	if text = secretOn(b.Get(keyURL(id, "/reveal")).Body); text == "" {
		w.t.Fatal("the reveal page shows no secret")
	}
	return id, text
}

func keyURL(id, rest string) string { return views.KeyURL("acme", "shop", id) + rest }

// keyNamed gives a key of Shop by its name.
func (w *world) keyNamed(name string) credential.Key {
	w.t.Helper()
	k, err := w.deps.Credentials.GetByName(context.Background(), audit.CommandLine(), w.project.Target(), name)
	check(w.t, err)
	return k
}

func (w *world) key(id string) credential.Key {
	w.t.Helper()
	k, err := w.deps.Credentials.Get(context.Background(), audit.CommandLine(), w.project.Target(), id)
	check(w.t, err)
	return k
}

// countKeys counts the keys of Shop, dead ones too.
func (w *world) countKeys() int {
	w.t.Helper()
	page, err := w.deps.Credentials.List(context.Background(), audit.CommandLine(), w.project.Target(), credential.Filter{Inactive: true})
	check(w.t, err)
	return page.Total
}

func (w *world) engine(name string) {
	w.t.Helper()
	place := permission.Target{Organization: w.organization.ID, Project: w.project.ID}
	_, err := w.deps.Engines.Create(context.Background(), audit.CommandLine(), place, engine.New{Name: name})
	check(w.t, err)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return v
	}
}
