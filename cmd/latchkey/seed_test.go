package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/instance"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
)

// The people of the seeded world, by what they are in the project that is looked at.
const (
	admin    = "mara.lindqvist@nordlys.example" // of the organization and of the instance
	manager  = "jonas.berg@nordlys.example"     // admin of the project
	viewer   = "aiko.tanaka@nordlys.example"
	outsider = "sam.okafor@fjellmat.example" // admin of another organization

	guest  = "guest"  // is not signed in
	nobody = "nobody" // has yet set this instance up
)

// seedNow is when the seeded world is looked at: a Thursday afternoon.
var seedNow = time.Date(2026, time.March, 12, 14, 20, 0, 0, time.UTC)

// seeded is a whole program with a year of history, as an instance looks that is in use.
type seeded struct {
	*app
	t     testing.TB
	clock *dbtest.Clock
	url   string // of the server, as browsers reach it
	log   *logBuffer
	// routes is "METHOD path" of every route.
	routes  []string
	project account.Project
	place   permission.Target
	users   map[string]account.User
	// things are ids and names by the parameter of a route and a word: things["key"]["revoked"].
	things  map[string]map[string]string
	invited string // token of the invitation that waits
	mu      sync.Mutex
	n       int // of what was made new
}

// seed makes the world and serves it.
func seed(t testing.TB) *seeded {
	t.Helper()
	w := serveEmpty(t)
	w.at(seedNow.AddDate(-1, 0, 0))
	w.people()
	w.fillEngines()
	w.addKeys()
	w.at(seedNow.AddDate(0, 0, -2))
	w.invite()
	w.addSessions()
	return w
}

// serveEmpty serves a program that nobody has set up yet.
func serveEmpty(t testing.TB) *seeded {
	t.Helper()
	w := &seeded{t: t, clock: dbtest.NewClock(), log: &logBuffer{}, users: map[string]account.User{}, things: map[string]map[string]string{}}
	w.at(seedNow.Add(-51 * time.Hour)) // it was started two days ago
	a, err := newApp(context.Background(), dbtest.Open(t, w.clock), options{now: w.clock.Now, cost: account.MinCost, about: instance.About{Version: "1.4.0", URL: "https://keys.nordlys.example"}})
	w.must(err)
	w.app = a
	w.at(seedNow)
	ctx, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { a.instance.Run(ctx, slog.New(slog.NewJSONHandler(w.log, nil))) })
	t.Cleanup(func() { stop(); background.Wait() })
	server := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	w.url = "http://localhost:" + port
	surfaces := a.server(config{URL: &url.URL{Scheme: "http", Host: "localhost:" + port}}, slog.New(slog.NewJSONHandler(w.log, nil)))
	for _, r := range surfaces.Routes() {
		w.routes = append(w.routes, r.Method+" "+r.Path)
	}
	server.Config.Handler = surfaces.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return w
}

func (w *seeded) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

// at moves the clock to a moment.
func (w *seeded) at(moment time.Time) { w.clock.Add(moment.Sub(w.clock.Now())) }

// thing remembers what a parameter of a route can stand for. The first one is what it stands for unless a look says
// otherwise.
func (w *seeded) thing(parameter, word, value string) {
	if w.things[parameter] == nil {
		w.things[parameter] = map[string]string{}
	}
	if _, ok := w.things[parameter][""]; !ok {
		w.things[parameter][""] = value
	}
	w.things[parameter][word] = value
}

// who is one of the people as a principal, with the roles of the moment.
func (w *seeded) who(email string) audit.Who {
	w.t.Helper()
	p, _, err := w.accounts.Principal(context.Background(), permission.User, w.users[email].ID, w.users[email].Epoch)
	w.must(err)
	return audit.Who{Principal: p, Address: "198.51.100.7", UserAgent: firefox}
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.3 Mobile/15E148 Safari/604.1"
)

func (w *seeded) people() {
	w.t.Helper()
	ctx := context.Background()
	u, _, shop, _, err := w.accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: admin, Password: password, Organization: "Nordlys Outdoor", Project: "Storefront"})
	w.must(err)
	w.users[admin], w.project, w.place = u, shop, shop.Target()
	w.thing("user", admin, u.ID)
	w.thing("member", admin, u.ID)
	w.clock.Add(time.Hour)
	for _, name := range []string{"B2B portal", "Field notes and maps: internal pilot for the northern warehouses and the two mountain huts"} {
		_, _, err := w.accounts.CreateProject(ctx, w.who(admin), "nordlys-outdoor", name, nil)
		w.must(err)
		w.clock.Add(9 * 24 * time.Hour)
	}
	for _, name := range []string{"Fjellmat", "متجر الشمال", "Nordlys Labs"} {
		o, err := w.accounts.CreateOrganization(ctx, w.who(admin), name)
		w.must(err)
		w.thing("org", name, o.Slug)
	}
	w.things["org"][""] = "nordlys-outdoor"
	w.thing("org", "empty", w.things["org"]["Nordlys Labs"])
	w.thing("project", "", "storefront")
	w.thing("project", "portal", "b2b-portal")
	catalog, _, err := w.accounts.CreateProject(ctx, w.who(admin), w.things["org"]["متجر الشمال"], "دليل المنتجات", nil)
	w.must(err)
	w.thing("project", "right to left", catalog.Slug)
	for _, in := range []account.NewUser{
		{Email: manager, Role: permission.OrganizationMember, Project: "storefront", ProjectRole: permission.ProjectAdmin},
		{Email: viewer, Role: permission.OrganizationMember, Project: "storefront", ProjectRole: permission.ProjectViewer},
		{Email: "priya.raghunathan@nordlys.example", Role: permission.OrganizationAdmin},
		{Email: "lars@nordlys.example", Role: permission.OrganizationMember, Project: "b2b-portal", ProjectRole: permission.ProjectAdmin},
		{Email: "an-unusually-long-address-for-the-warehouse-system@contractors.nordlys.example", Role: permission.OrganizationMember},
		{Email: outsider, Organization: "fjellmat", Role: permission.OrganizationAdmin},
	} {
		w.clock.Add(26 * time.Hour)
		if in.Organization == "" {
			in.Organization = "nordlys-outdoor"
		}
		w.addUser(in)
	}
	_, _, err = w.accounts.CreateProject(ctx, w.who(outsider), "fjellmat", "Recipes", nil)
	w.must(err)
}

func (w *seeded) addUser(in account.NewUser) {
	w.t.Helper()
	in.Password = password
	u, err := w.accounts.AddUser(context.Background(), audit.CommandLine(), in)
	w.must(err)
	w.users[in.Email] = u
	w.thing("user", in.Email, u.ID)
	w.thing("member", in.Email, u.ID)
}

func (w *seeded) fillEngines() {
	w.t.Helper()
	ctx, who := context.Background(), w.who(admin)
	w.must(w.engines.AddSample(ctx, who, w.place))
	w.thing("engine", "", engine.SampleName)
	w.thing("document", "", "park_acadia")
	for _, e := range []struct {
		name, language string
		documents      int
	}{{"products", "en", 240}, {"products-staging", "en", 60}, {"orders", "", 120}, {"stores", "nl", 12}, {"returns-2026", "", 0}, {"marketing-campaigns-northern-europe-archive-2019-to-2025", "de", 3}} {
		w.clock.Add(50 * time.Hour)
		_, err := w.engines.Create(ctx, who, w.place, engine.New{Name: e.name, Language: e.language})
		w.must(err)
		w.thing("engine", e.name, e.name)
		for from := 0; from < e.documents; from += 100 {
			var list []engine.Source
			for i := from; i < min(from+100, e.documents); i++ {
				list = append(list, engine.Source{"id": fmt.Sprintf("%s-%04d", e.name[:3], i), "title": titles[i%len(titles)] + fmt.Sprintf(" %d", i),
					"price": 19.5 + float64(i%90), "in_stock": fmt.Sprint(i%3 == 0), "added": seedNow.AddDate(0, 0, -i).Format(time.RFC3339)})
			}
			_, err := w.engines.Import(ctx, who, w.place, e.name, list)
			w.must(err)
		}
	}
	_, err := w.engines.Create(ctx, who, w.place, engine.New{Name: "everything", Meta: true, Sources: []string{"products", "orders", "stores"}})
	w.must(err)
	w.thing("engine", "everything", "everything")
}

var titles = []string{"Trail jacket", "Wool base layer", "Two-person tent", "Titanium pot", "Headlamp", "Down sleeping bag", "Crampons", "Map case", "Ski wax"}

// invite lets two people wait for an answer.
func (w *seeded) invite() {
	w.t.Helper()
	for _, email := range []string{"agency@example.com", "new.colleague@nordlys.example"} {
		w.clock.Add(26 * time.Minute)
		w.inviteOne(email)
	}
}

// inviteOne invites somebody and keeps the token of their link.
func (w *seeded) inviteOne(email string) {
	w.t.Helper()
	w.clock.Add(time.Millisecond)
	in := account.NewInvitation{Email: email, Role: permission.OrganizationMember, Projects: map[string]permission.Role{w.project.ID: permission.ProjectViewer}}
	i, err := w.accounts.Invite(context.Background(), w.who(admin), "nordlys-outdoor", in, func(_ context.Context, _ *db.Tx, m secret.Minted) error {
		w.invited = m.Secret.Reveal()
		return nil
	})
	w.must(err)
	w.thing("invitation", email, i.ID)
}

// addSessions signs the people in on other machines.
func (w *seeded) addSessions() {
	w.t.Helper()
	ctx := context.Background()
	from := audit.Who{Address: "198.51.100.7", UserAgent: firefox}
	for _, days := range []int{-9, -6, -2, -1} {
		w.at(seedNow.AddDate(0, 0, days).Add(-time.Duration(days*7) * time.Minute))
		for email := range w.users {
			_, err := w.accounts.Authenticate(ctx, from, email, password)
			w.must(err)
		}
		if _, err := w.accounts.Authenticate(ctx, from, admin, "not the password"); err == nil {
			w.t.Fatal("any password signs in")
		}
	}
	_, _, err := w.instance.BackUp(ctx, w.who(admin), "")
	w.must(err)
	list, err := w.instance.Backups(ctx, w.who(admin))
	w.must(err)
	w.thing("backup", "", list.List[0].Name)
	for i, agent := range []string{iphone, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"} {
		w.at(seedNow.Add(time.Duration(i-25) * time.Minute))
		_, err := w.sessions.Create(context.Background(), session.Session{UserID: w.users[admin].ID, Epoch: w.users[admin].Epoch, Address: "203.0.113.9", UserAgent: agent})
		w.must(err)
	}
	w.at(seedNow)
	for _, try := range []struct {
		password secret.Secret
		address  string
	}{{password, "198.51.100.7"}, {"a wrong password", "203.0.113.77"}, {"another wrong one", "203.0.113.77"}} {
		_, _ = w.accounts.Authenticate(context.Background(), audit.Who{Address: try.address, UserAgent: firefox}, admin, try.password)
	}
}

// signIn starts a session for one of the people and gives its token.
func (w *seeded) signIn(email string) string {
	w.t.Helper()
	token, err := w.sessions.Create(context.Background(), session.Session{UserID: w.users[email].ID, Epoch: w.users[email].Epoch, Address: "198.51.100.7", UserAgent: firefox})
	w.must(err)
	return token.Reveal()
}

// fresh makes another thing of a kind, for what ends it.
func (w *seeded) fresh(parameter string) string {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	switch parameter {
	case "key":
		in := private(permission.AccessRead, "products")
		in.Description = fmt.Sprintf("Made to be revoked %d", w.n)
		k, _, err := w.credentials.Create(context.Background(), w.who(manager), w.place, in, nil)
		w.must(err)
		return k.ID
	case "engine":
		e, err := w.engines.Create(context.Background(), w.who(manager), w.place, engine.New{Name: fmt.Sprintf("made-to-be-deleted-%d", w.n)})
		w.must(err)
		return e.Name
	}
	if parameter == "user" || parameter == "member" {
		email := fmt.Sprintf("new%d@nordlys.example", w.n)
		u, err := w.accounts.AddUser(context.Background(), audit.CommandLine(), account.NewUser{
			Email: email, Password: password, Organization: "nordlys-outdoor", Role: permission.OrganizationMember})
		w.must(err)
		return u.ID
	}
	w.t.Fatalf("the seed makes no new %s", parameter)
	return ""
}
