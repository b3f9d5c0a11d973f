package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// world is a fresh data directory with two organizations: "o1" with the projects "p1" and "p2", "o2" with "p3".
type world struct {
	t     testing.TB
	dir   *db.Dir
	log   *audit.Log
	store *engine.Store
	admin audit.Who
	place permission.Target
}

func newWorld(t testing.TB) *world {
	t.Helper()
	dir := dbtest.Open(t, dbtest.NewClock())
	log, err := audit.NewLog(dir.Core, dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, log: log, admin: user("o1", permission.OrganizationAdmin), place: permission.Target{Organization: "o1", Project: "p1"}}
	err = dir.Core.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
		for _, o := range []string{"o1", "o2"} {
			if _, err := db.Exec(ctx, tx, `
				INSERT INTO all_organizations (id, name, slug, created_at, updated_at)
				VALUES ($1, $1, $1, 1, 1)`, o); err != nil {
				return err
			}
		}
		for _, p := range [][2]string{{"p1", "o1"}, {"p2", "o1"}, {"p3", "o2"}} {
			if _, err := db.Exec(ctx, tx, `
				INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at)
				VALUES ($1, $2, $1, $1, $1, 1, 1)`, p[0], p[1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.open()
	return w
}

// open makes the store anew, as a new start of the program does.
func (w *world) open() {
	w.store = engine.NewStore(w.dir.Core, w.dir.Engines, w.log)
}

// tidy does what Run does.
func (w *world) tidy() {
	w.t.Helper()
	if err := w.store.Tidy(ctx()); err != nil {
		w.t.Fatalf("tidy: %v", err)
	}
}

func (w *world) placeOf(project string) permission.Target {
	return permission.Target{Organization: "o1", Project: project}
}

func ctx() context.Context { return context.Background() }

func user(organization string, role permission.Role) audit.Who {
	return audit.Who{Principal: permission.Principal{
		Kind: permission.User, ID: "u-" + organization, Label: "ada@example.com",
		Grants: []permission.Grant{{Organization: organization, Role: role}},
	}}
}

func key(project string, set permission.Set, engines ...string) audit.Who {
	return audit.Who{Principal: permission.Principal{
		Kind: permission.Key, ID: "k1", Label: "private-abc*****xyz", Organization: "o1", Project: project, KeyType: "private",
		Permissions: set, Scope: permission.Scope{All: engines == nil, Engines: engines},
	}}
}

func (w *world) create(name string) engine.Engine {
	w.t.Helper()
	e, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: name, Language: "en"})
	if err != nil {
		w.t.Fatalf("create %s: %v", name, err)
	}
	return e
}

// parse reads documents written as JSON in a test.
func parse(t testing.TB, list ...string) []engine.Source {
	t.Helper()
	docs := make([]engine.Source, len(list))
	for i, s := range list {
		d := json.NewDecoder(newReader(s))
		d.UseNumber()
		if err := d.Decode(&docs[i]); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return docs
}

// add stores documents and fails if one is refused.
func (w *world) add(name string, list ...string) {
	w.t.Helper()
	results, err := w.store.Import(ctx(), w.admin, w.place, name, parse(w.t, list...))
	if err != nil {
		w.t.Fatalf("import: %v", err)
	}
	for _, r := range results {
		if len(r.Errors) > 0 {
			w.t.Fatalf("import %s: %v", r.ID, r.Errors)
		}
	}
}

func (w *world) schema(name string, fields ...engine.SchemaField) {
	w.t.Helper()
	if _, err := w.store.UpdateSchema(ctx(), w.admin, w.place, name, fields); err != nil {
		w.t.Fatalf("update schema: %v", err)
	}
}

func (w *world) search(name string, q engine.Query) engine.Results {
	w.t.Helper()
	if q.Size == 0 {
		q.Size = 100
	}
	r, err := w.store.Search(ctx(), w.admin, w.place, name, q)
	if err != nil {
		w.t.Fatalf("search %+v: %v", q, err)
	}
	return r
}

func idsOf(r engine.Results) []string {
	list := make([]string, len(r.Hits))
	for i, h := range r.Hits {
		list[i] = h.ID
	}
	return list
}

func wantIDs(t testing.TB, r engine.Results, want ...string) {
	t.Helper()
	if got := idsOf(r); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func wantFault(t testing.TB, err error, kind fault.Kind, message string) {
	t.Helper()
	if !fault.Is(err, kind) || err.Error() != message {
		t.Errorf("error %v, want %s %q", err, kind, message)
	}
}

// count counts rows of the engines database.
func (w *world) count(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	err := w.dir.Engines.Read(ctx(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, query, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// countCore counts rows of the core database.
func (w *world) countCore(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	err := w.dir.Core.Read(ctx(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, query, args...)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
