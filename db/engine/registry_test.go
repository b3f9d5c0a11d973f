package engine_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

const notFound = "Could not find engine."

// calls are all functions that take who is asking and an engine, with the permission each needs.
func (w *world) calls() map[string]struct {
	need permission.Permission
	call func(who audit.Who, in permission.Target, name string) error
} {
	type entry = struct {
		need permission.Permission
		call func(who audit.Who, in permission.Target, name string) error
	}
	s, doc := w.store, []engine.Source{{"id": "1", "title": "x"}}
	return map[string]entry{
		"Get": {permission.IndicesRead, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.Get(ctx(), who, in, name)
			return err
		}},
		"Schema": {permission.IndicesRead, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.Schema(ctx(), who, in, name)
			return err
		}},
		"UpdateSchema": {permission.IndicesModify, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.UpdateSchema(ctx(), who, in, name, engine.Schema{{Name: "n", Type: engine.TypeNumber}})
			return err
		}},
		"Import": {permission.DocumentsModify, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.Import(ctx(), who, in, name, doc)
			return err
		}},
		"Patch": {permission.DocumentsModify, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.Patch(ctx(), who, in, name, doc)
			return err
		}},
		"DeleteDocuments": {permission.DocumentsModify, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.DeleteDocuments(ctx(), who, in, name, []string{"1"})
			return err
		}},
		"GetDocuments": {permission.DocumentsRead, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.GetDocuments(ctx(), who, in, name, []string{"1"})
			return err
		}},
		"ListDocuments": {permission.DocumentsRead, func(who audit.Who, in permission.Target, name string) error {
			_, _, err := s.ListDocuments(ctx(), who, in, name, 1, 10)
			return err
		}},
		"ScanDocuments": {permission.DocumentsRead, func(who audit.Who, in permission.Target, name string) error {
			_, _, err := s.ScanDocuments(ctx(), who, in, name, 0, 10)
			return err
		}},
		"Count": {permission.DocumentsRead, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.Count(ctx(), who, in, name)
			return err
		}},
		"Search": {permission.SearchRead, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.Search(ctx(), who, in, name, engine.Query{Size: 10})
			return err
		}},
		"CreateQuery": {permission.SearchQueriesModify, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.CreateQuery(ctx(), who, in, name, engine.NewSearchQuery{Configuration: []byte("{}")})
			return err
		}},
		"ListQueries": {permission.SearchQueriesRead, func(who audit.Who, in permission.Target, name string) error {
			_, err := s.ListQueries(ctx(), who, in, name)
			return err
		}},
		"GetQuery": {permission.SearchQueriesRead, func(who audit.Who, in permission.Target, name string) error {
			return dropMissing(s.GetQuery(ctx(), who, in, name, "none"))
		}},
		"UpdateQuery": {permission.SearchQueriesModify, func(who audit.Who, in permission.Target, name string) error {
			return dropMissing(s.UpdateQuery(ctx(), who, in, name, "none", engine.ChangeSearchQuery{}))
		}},
		"DeleteQuery": {permission.SearchQueriesModify, func(who audit.Who, in permission.Target, name string) error {
			return dropMissing(engine.SearchQuery{}, s.DeleteQuery(ctx(), who, in, name, "none"))
		}},
	}
}

// dropMissing lets a missing search query pass: it is what those who may ask are told.
func dropMissing(_ engine.SearchQuery, err error) error {
	if err != nil && err.Error() == "Could not find search query." {
		return nil
	}
	return err
}

func TestPermissions(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.create("blog")
	elsewhere := permission.Target{Organization: "o1", Project: "p2"}
	forged := permission.Target{Organization: "o1", Project: "p3"} // p3 is o2's
	for name, c := range w.calls() {
		t.Run(name, func(t *testing.T) {
			for who, asker := range map[string]audit.Who{
				"nobody":                       {},
				"a key without the permission": key("p1", permission.Everything&^permission.Of(c.need)),
			} {
				if err := c.call(asker, w.place, "shop"); !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s: %v, want forbidden", who, err)
				}
			}
			missing := c.call(w.admin, w.place, "none")
			for who, err := range map[string]error{
				"the owner, about an engine that is missing":       missing,
				"a member of another organization":                 c.call(user("o2", permission.OrganizationAdmin), w.place, "shop"),
				"a key of another project":                         c.call(key("p2", permission.Keys), w.place, "shop"),
				"a key whose scope leaves it out":                  c.call(key("p1", permission.Keys, "blog"), w.place, "shop"),
				"a key whose scope has it, but it is missing":      c.call(key("p1", permission.Keys, "none"), w.place, "none"),
				"the owner, in another project":                    c.call(w.admin, elsewhere, "shop"),
				"an admin who puts a foreign project in their own": c.call(w.admin, forged, "shop"),
			} {
				if !fault.Is(err, fault.NotFound) || err.Error() != notFound || fault.From(err).Reason != "" {
					t.Errorf("%s: %v, want %q", who, err, notFound)
				}
				if !errors.Is(err, missing) {
					t.Errorf("%s: another error value than that of a missing engine", who)
				}
			}
			for who, asker := range map[string]audit.Who{
				"a key with just the permission": key("p1", permission.Of(c.need), "shop"),
				"the owner":                      w.admin,
				"the command line":               audit.CommandLine(),
			} {
				if err := c.call(asker, w.place, "shop"); err != nil {
					t.Errorf("%s: %v, want none", who, err)
				}
			}
		})
	}
}

func TestCreate(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		who  audit.Who
		in   permission.Target
		new  engine.New
		kind fault.Kind // "": it works
		says string
	}{
		"a plain name":               {w.admin, w.place, engine.New{Name: "shop-2"}, "", ""},
		"a language of App Search":   {w.admin, w.place, engine.New{Name: "loja", Language: "pt-br"}, "", ""},
		"no name":                    {w.admin, w.place, engine.New{}, fault.Invalid, "Name can't be blank"},
		"uppercase":                  {w.admin, w.place, engine.New{Name: "Shop"}, fault.Invalid, "Name can only contain lowercase letters, numbers, and hyphens"},
		"a letter that is not ASCII": {w.admin, w.place, engine.New{Name: "café"}, fault.Invalid, "Name can only contain lowercase letters, numbers, and hyphens"},
		"65 characters":              {w.admin, w.place, engine.New{Name: strings.Repeat("a", 65)}, fault.Invalid, "Name is too long (maximum is 64 characters)"},
		"64 characters":              {w.admin, w.place, engine.New{Name: strings.Repeat("a", 64)}, "", ""},
		"an unknown language":        {w.admin, w.place, engine.New{Name: "x", Language: "tlh"}, fault.Invalid, "Language must be one of: " + strings.Join(engine.Languages(), ", ")},
		"nobody":                     {audit.Who{}, w.place, engine.New{Name: "y"}, fault.Forbidden, "Unauthorized action."},
		"a reader":                   {key("p1", permission.Read), w.place, engine.New{Name: "y"}, fault.Forbidden, "Unauthorized action."},
		"a writer out of its scope":  {key("p1", permission.Full, "other"), w.place, engine.New{Name: "y"}, fault.Forbidden, "Unauthorized action."},
		"a writer in its scope":      {key("p1", permission.Full, "mine"), w.place, engine.New{Name: "mine"}, "", ""},
		"another organization":       {user("o2", permission.OrganizationAdmin), w.place, engine.New{Name: "y"}, fault.NotFound, notFound},
		"a forged place":             {w.admin, permission.Target{Organization: "o1", Project: "p3"}, engine.New{Name: "y"}, fault.NotFound, notFound},
		"a project that is missing":  {w.admin, permission.Target{Organization: "o1", Project: "none"}, engine.New{Name: "y"}, fault.NotFound, notFound},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := w.store.Create(ctx(), c.who, c.in, c.new)
			if c.kind != "" {
				wantFault(t, err, c.kind, c.says)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.store.Get(ctx(), w.admin, c.in, c.new.Name)
			if err != nil || !reflect.DeepEqual(got, e) || got.Language != c.new.Language || got.CreatedBy != c.who.ID {
				t.Errorf("got %+v, %v; want %+v", got, err, e)
			}
			events, err := w.log.OfSubject(ctx(), e.ID)
			if err != nil || len(events) != 1 || events[0].Action != audit.EngineCreate || events[0].Project != "p1" {
				t.Errorf("history %+v, %v; want one creation", events, err)
			}
		})
	}

	t.Run("a name is taken once in a project, and free in another", func(t *testing.T) {
		w.create("twice")
		_, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: "twice"})
		wantFault(t, err, fault.Conflict, "Name is already taken")
		if _, err := w.store.Create(ctx(), w.admin, permission.Target{Organization: "o1", Project: "p2"}, engine.New{Name: "twice"}); err != nil {
			t.Error(err)
		}
	})
}

func TestList(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"c", "a", "b"} {
		w.create(name)
	}
	w.add("a", `{"id":"1","t":"x"}`, `{"id":"2","t":"x"}`)
	for name, c := range map[string]struct {
		who  audit.Who
		want string
	}{
		"everything by name, with counts":        {w.admin, "a:2 b:0 c:0"},
		"a key sees the engines of its scope":    {key("p1", permission.Read, "c", "z"), "c:0"},
		"a key with an empty scope sees nothing": {key("p1", permission.Read, []string{}...), ""},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := w.store.List(ctx(), c.who, w.place)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range list {
				got = append(got, e.Name+":"+string(rune('0'+e.Documents)))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("list %v, want %s", got, c.want)
			}
		})
	}
	_, err := w.store.List(ctx(), user("o2", permission.OrganizationAdmin), w.place)
	wantFault(t, err, fault.NotFound, notFound)
	_, err = w.store.List(ctx(), key("p1", permission.Of(permission.SearchRead)), w.place)
	wantFault(t, err, fault.Forbidden, "Unauthorized action.")
}

func TestLocate(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	got, in, err := w.store.Locate(ctx(), e.ID)
	if err != nil || !reflect.DeepEqual(got, e) || in != w.place {
		t.Errorf("located %+v in %+v, %v", got, in, err)
	}
	_, _, err = w.store.Locate(ctx(), "none")
	wantFault(t, err, fault.NotFound, notFound)
}

func TestDelete(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	w.create("blog")
	w.add("shop", `{"id":"1","title":"lamp","at":"1.5,2.5"}`)
	w.add("blog", `{"id":"1","title":"lamp"}`)
	if _, err := w.store.CreateQuery(ctx(), w.admin, w.place, "shop", engine.NewSearchQuery{Configuration: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.store.Delete(ctx(), key("p1", permission.Read), w.place, "shop"), fault.Forbidden, "Unauthorized action.")
	wantFault(t, w.store.Delete(ctx(), key("p1", permission.Full, "blog"), w.place, "shop"), fault.NotFound, notFound)
	if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.store.Delete(ctx(), w.admin, w.place, "shop"), fault.NotFound, notFound)
	w.tidy()
	w.wantStored(1)
	if r := w.search("blog", engine.Query{Text: "lamp"}); r.Total != 1 {
		t.Errorf("the other engine has %d documents left, want 1", r.Total)
	}
	events, err := w.log.OfSubject(ctx(), e.ID)
	if err != nil || events[0].Action != audit.EngineDelete || events[0].SubjectLabel != "shop" {
		t.Errorf("history %+v, %v; want the deletion last", events, err)
	}
	if v, err := w.log.Verify(ctx()); err != nil || v.Broken != 0 {
		t.Errorf("history %+v, %v", v, err)
	}
}

// wantStored says how many engines have storage, and that nothing is there of any other.
func (w *world) wantStored(engines int64) {
	w.t.Helper()
	if n := w.count("SELECT COUNT(*) FROM engines"); n != engines {
		w.t.Errorf("%d engines have storage, want %d", n, engines)
	}
	if n := w.count("SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'text\\__' ESCAPE '\\'"); n != engines {
		w.t.Errorf("%d full-text tables, want %d", n, engines)
	}
	for _, table := range []string{"fields", "documents", "field_values", "field_points"} {
		if n := w.count("SELECT COUNT(*) FROM " + table + " WHERE engine NOT IN (SELECT number FROM engines)"); n != 0 {
			w.t.Errorf("%d rows of %s belong to nobody", n, table)
		}
	}
}

func TestOrphanSweep(t *testing.T) {
	w := newWorld(t)
	gone := w.create("gone")
	w.create("kept")
	var many []string
	for range 450 {
		many = append(many, `{"title":"lamp","place":"1,2"}`)
	}
	w.add("gone", many...)
	w.add("kept", `{"id":"1","title":"lamp"}`)
	// The program ended after the engine was deleted and before its storage was.
	err := w.dir.Core.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DELETE FROM engines WHERE id = $1", gone.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.wantStored(2)
	w.tidy()
	w.wantStored(1)
	if n, err := w.store.Count(ctx(), w.admin, w.place, "kept"); err != nil || n != 1 {
		t.Errorf("the engine that is there has %d documents, %v; want 1", n, err)
	}
}
