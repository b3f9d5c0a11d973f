package importer_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
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
	"latchkey/db/takeover"
	"latchkey/db/usage"
	"latchkey/handlers/appsearch"
	"latchkey/handlers/appsearch/importer"
	"latchkey/web"
)

var (
	ctx = context.Background()
	who = audit.CommandLine()
)

// instance is a whole Latchkey with one project, reached over HTTP.
type instance struct {
	t           testing.TB
	dir         *db.Dir
	clock       *dbtest.Clock
	log         *audit.Log
	credentials *credential.Store
	engines     *engine.Store
	takeover    *takeover.Store
	project     account.Project
	keys        map[string]string // secrets by name
	handler     http.Handler
	server      *httptest.Server
}

func newInstance(t testing.TB) *instance {
	t.Helper()
	i := &instance{t: t, clock: dbtest.NewClock(), keys: map[string]string{}}
	i.dir = dbtest.Open(t, i.clock)
	var err error
	i.log, err = audit.NewLog(i.dir.Core, i.dir.Master)
	i.must(err)
	i.credentials, err = credential.NewStore(ctx, i.dir.Core, i.dir.Master, i.log)
	i.must(err)
	accounts, err := account.NewStore(i.dir.Core, i.dir.Master, i.log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), i.credentials.Defaults)
	i.must(err)
	i.engines, i.takeover = engine.NewStore(i.dir.Core, i.dir.Engines, i.log), takeover.NewStore(i.dir.Core, i.log)
	_, _, project, minted, err := accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{
		Email: "ada@example.com", Password: "correct horse battery staple", Organization: "Acme", Project: "Shop"})
	i.must(err)
	i.project = project
	for _, m := range minted {
		i.keys[m.Name] = m.Secret.Reveal()
	}
	i.handler = web.New(web.Config{Logger: slog.New(slog.DiscardHandler)}, appsearch.New(appsearch.Deps{
		Accounts: accounts, Credentials: i.credentials, Engines: i.engines, Usage: usage.NewStore(i.dir.Core), Analytics: analytics.NewStore(i.dir.Core, i.dir.Engines),
	})).Handler()
	i.server = httptest.NewServer(i.handler)
	t.Cleanup(i.server.Close)
	return i
}

func (i *instance) must(err error) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
}

// key makes a key and remembers its secret.
func (i *instance) key(in credential.Input) string {
	i.t.Helper()
	_, minted, err := i.credentials.Create(ctx, audit.CommandLine(), i.project.Target(), in, nil)
	i.must(err)
	i.keys[in.Name] = minted.Reveal()
	return minted.Reveal()
}

func (i *instance) revoke(name string) {
	i.t.Helper()
	k, err := i.credentials.GetByName(ctx, audit.CommandLine(), i.project.Target(), name)
	i.must(err)
	_, err = i.credentials.Revoke(ctx, audit.CommandLine(), i.project.Target(), k.ID)
	i.must(err)
}

// newSource makes a Latchkey that shows its secrets, as App Search does, with keys of every kind.
func newSource(t testing.TB) *instance {
	t.Helper()
	i := newInstance(t)
	i.must(i.credentials.SetReadable(ctx, audit.CommandLine(), i.project.Target(), true))
	i.revoke("private-key") // it was made before secrets were readable
	private := func(name string, a permission.Access, engines ...string) {
		i.key(credential.Input{Name: name, Type: secret.Private, Access: a, AllEngines: len(engines) == 0, Engines: engines})
	}
	private("private-key", permission.AccessFull)
	private("reader", permission.AccessRead)
	private("shop-writer", permission.AccessWrite, "shop")
	i.key(credential.Input{Name: "admin", Type: secret.Admin})
	i.key(credential.Input{Name: "shop-search", Type: secret.Search, Engines: []string{"shop"}})
	// As App Search itself minted them.
	for _, k := range []credential.Import{
		{Input: credential.Input{Name: "oldest", Type: secret.Private, Access: permission.AccessRead, AllEngines: true}, Secret: "api-h5j8k2m9n4p7q1r6s3t8v2wx"},
		{Input: credential.Input{Name: "old-search", Type: secret.Search, AllEngines: true}, Secret: "search-7xk3m9q2vb8nw4tz6yr1pu5h"},
	} {
		_, err := i.credentials.Import(ctx, audit.CommandLine(), i.project.Target(), k)
		i.must(err)
		i.keys[k.Name] = k.Secret.Reveal()
	}
	return i
}

// fill makes an engine with so many documents.
func (i *instance) fill(name, language string, schema engine.Schema, n int, doc func(n int) engine.Source) {
	i.t.Helper()
	place := i.project.Target()
	_, err := i.engines.Create(ctx, who, place, engine.New{Name: name, Language: language})
	i.must(err)
	_, err = i.engines.UpdateSchema(ctx, who, place, name, schema)
	i.must(err)
	var docs []engine.Source
	for d := range n {
		docs = append(docs, doc(d))
	}
	i.add(name, docs...)
}

func (i *instance) add(name string, docs ...engine.Source) {
	i.t.Helper()
	results, err := i.engines.Import(ctx, audit.CommandLine(), i.project.Target(), name, docs)
	i.must(err)
	for _, r := range results {
		if len(r.Errors) > 0 {
			i.t.Fatal(r.Errors)
		}
	}
}

var lampSchema = engine.Schema{{Name: "title", Type: engine.TypeText}, {Name: "price", Type: engine.TypeNumber}, {Name: "made", Type: engine.TypeDate},
	{Name: "place", Type: engine.TypeGeolocation}, {Name: "tags", Type: engine.TypeText}}

func lamp(n int) engine.Source {
	return engine.Source{"id": fmt.Sprintf("p%03d", n), "title": fmt.Sprintf("Lamp %d", n), "price": json.Number(fmt.Sprint(n)) + ".5",
		"made": "2026-01-01T00:00:00Z", "place": "52.5,13.4", "tags": []any{"red", fmt.Sprint(n)}}
}

// shelves fills a source with two engines, one of which takes three pages.
func (i *instance) shelves() {
	i.t.Helper()
	i.fill("shop", "en", lampSchema, 230, lamp)
	i.fill("blog", "", engine.Schema{{Name: "title", Type: engine.TypeText}}, 3, func(n int) engine.Source {
		return engine.Source{"id": fmt.Sprint(n), "title": "Post", "empty": nil}
	})
	place := i.project.Target()
	_, err := i.engines.Create(ctx, who, place, engine.New{Name: "all", Meta: true, Sources: []string{"shop", "blog"}})
	i.must(err)
	for _, words := range [][]string{{"lamp", "light"}, {"red", "crimson", "dark red"}} {
		_, err = i.engines.CreateSynonyms(ctx, who, place, "shop", words)
		i.must(err)
	}
	_, err = i.engines.UpdateSettings(ctx, who, place, "shop", engine.ChangeSettings{
		SearchFields: map[string]*float64{"title": new(7.5), "tags": nil}, Boosts: []engine.Boost{{Field: "price", Type: engine.BoostFunctional, Function: "linear", Operation: "add", Factor: 2}}, Precision: 5})
	i.must(err)
	for _, c := range []engine.Curated{{Queries: []string{"lamp", "lamps"}, Promoted: []string{"p007", "p003"}}, {Queries: []string{""}, Hidden: []string{"p001"}}} {
		_, err = i.engines.CreateCuration(ctx, who, place, "shop", c)
		i.must(err)
	}
}

// told is what an import said and waited.
type told struct {
	mu    sync.Mutex
	lines []string
	waits []time.Duration
}

func (s *told) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

func (s *told) wait(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, d)
	return ctx.Err()
}

// options are those of an import from a source at an address.
func (i *instance) options(address string) (importer.Options, *told) {
	i.t.Helper()
	u, err := url.Parse(address)
	i.must(err)
	s := &told{}
	return importer.Options{URL: u, AdminKey: secret.Secret(i.keys["admin"]), PrivateKey: secret.Secret(i.keys["private-key"]),
		Agent: "latchkey/test", Say: s.say, Wait: s.wait}, s
}

// take imports into this instance, and checks that no secret of the source is told.
func (i *instance) take(ctx context.Context, o importer.Options, s *told, source *instance) (*importer.Report, error) {
	i.t.Helper()
	report, err := importer.Import(ctx, importer.Deps{Credentials: i.credentials, Engines: i.engines, Takeover: i.takeover, Now: i.clock.Now},
		audit.CommandLine(), i.project.Target(), o)
	text, jerr := json.Marshal(report)
	i.must(jerr)
	whole := string(text) + strings.Join(s.lines, "\n") + fmt.Sprint(err)
	for name, key := range source.keys {
		if strings.Contains(whole, key) {
			i.t.Errorf("the secret of %s is told: %s", name, whole)
		}
	}
	return report, err
}

// takeAll imports everything from a source and wants no failure.
func (i *instance) takeAll(source *instance) *importer.Report {
	i.t.Helper()
	o, s := source.options(source.server.URL)
	report, err := i.take(ctx, o, s, source)
	if err != nil || report.Failed() {
		i.t.Fatalf("%v: %+v", err, report)
	}
	return report
}

// state is all that an import brings, to compare.
func (i *instance) state() string {
	i.t.Helper()
	var b strings.Builder
	place := i.project.Target()
	page, err := i.credentials.List(ctx, who, place, credential.Filter{Inactive: true})
	i.must(err)
	var keys []string
	for _, k := range page.Keys {
		if !k.RevokedAt.IsZero() {
			k.Visible = "" // a default key, of another secret everywhere
		}
		keys = append(keys, fmt.Sprintf("key %s %s %s %+v %s legacy=%v revoked=%v\n", k.Name, k.Type, k.Access, k.Scope, k.Visible, k.Legacy, !k.RevokedAt.IsZero()))
	}
	slices.Sort(keys)
	b.WriteString(strings.Join(keys, ""))
	engines, err := i.engines.List(ctx, who, place)
	i.must(err)
	for _, e := range engines {
		schema, err := i.engines.Schema(ctx, who, place, e.Name)
		i.must(err)
		fmt.Fprintf(&b, "engine %s %q %v\n", e.Name, e.Language, schema)
		for _, s := range e.Sources {
			fmt.Fprintf(&b, "source %s\n", s.Name)
		}
		settings, err := i.engines.GetSettings(ctx, who, place, e.Name)
		i.must(err)
		text, err := appsearch.SettingsJSON(settings)
		i.must(err)
		fmt.Fprintf(&b, "settings %s\n", text)
		sets, _, err := i.engines.ListSynonyms(ctx, who, place, e.Name, 0, 1000)
		i.must(err)
		curations, _, err := i.engines.ListCurations(ctx, who, place, e.Name, 0, 1000)
		i.must(err)
		var lines []string
		for _, s := range sets {
			lines = append(lines, fmt.Sprintf("synonyms %q\n", s.Synonyms))
		}
		for _, c := range curations {
			lines = append(lines, fmt.Sprintf("curation %q\n", c.Curated))
		}
		slices.Sort(lines)
		b.WriteString(strings.Join(lines, ""))
		if e.Meta {
			continue
		}
		var all strings.Builder
		docs, _, err := i.engines.ListDocuments(ctx, who, place, e.Name, 1, 1000)
		i.must(err)
		for _, d := range docs {
			text, err := d.JSON()
			i.must(err)
			all.WriteString(text)
		}
		fmt.Fprintf(&b, "documents %d %x\n", len(docs), sha256.Sum256([]byte(all.String())))
	}
	return b.String()
}

// call sends one request to an instance.
func (i *instance) call(method, path, key, body string) (int, string) {
	i.t.Helper()
	r, err := http.NewRequest(method, i.server.URL+path, strings.NewReader(body))
	i.must(err)
	r.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(r)
	i.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	i.must(err)
	return resp.StatusCode, string(raw)
}
