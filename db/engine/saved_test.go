package engine_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
)

func TestSearchQueries(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	w.create("blog")
	w.add("shop", `{"id":"1","title":"lamp"}`)
	n := engine.NewSearchQuery{Description: "Front page", Configuration: json.RawMessage(`{"queryFields":{"title":1}}`)}
	q, err := w.store.CreateQuery(ctx(), w.admin, w.place, "shop", n)
	if err != nil || !regexp.MustCompile("^[a-z0-9]{12}$").MatchString(q.QueryKey) || q.EngineID != e.ID || q.CreatedBy != w.admin.ID {
		t.Fatalf("created %+v, %v", q, err)
	}

	t.Run("its key finds it without permission, and runs it", func(t *testing.T) {
		got, at, in, err := w.store.FindPublic(ctx(), q.QueryKey)
		if err != nil || got.ID != q.ID || string(got.Configuration) != string(n.Configuration) || at.ID != e.ID || in != w.place {
			t.Errorf("found %+v in %+v, %v", got, in, err)
		}
		r, err := w.store.SearchPublic(ctx(), at.ID, engine.Query{Text: "lamp", Size: 10})
		if err != nil {
			t.Fatal(err)
		}
		wantIDs(t, r, "1")
	})
	t.Run("an unknown key finds nothing", func(t *testing.T) {
		_, _, _, err := w.store.FindPublic(ctx(), "000000000000")
		wantFault(t, err, fault.NotFound, "Could not find search query.")
		_, err = w.store.SearchPublic(ctx(), "none", engine.Query{})
		wantFault(t, err, fault.NotFound, notFound)
	})
	t.Run("a change keeps what it does not name, and the key", func(t *testing.T) {
		yes := true
		got, err := w.store.UpdateQuery(ctx(), w.admin, w.place, "shop", q.ID, engine.ChangeSearchQuery{DebugMode: &yes})
		if err != nil || !got.DebugMode || got.Description != n.Description || got.QueryKey != q.QueryKey {
			t.Errorf("changed %+v, %v", got, err)
		}
		events, err := w.log.OfSubject(ctx(), q.ID)
		if err != nil || len(events) != 2 || events[0].Action != audit.SearchQueryUpdate || len(events[0].Changes) != 1 {
			t.Errorf("history %+v, %v", events, err)
		}
	})
	t.Run("it belongs to one engine", func(t *testing.T) {
		_, err := w.store.GetQuery(ctx(), w.admin, w.place, "blog", q.ID)
		wantFault(t, err, fault.NotFound, "Could not find search query.")
		list, err := w.store.ListQueries(ctx(), w.admin, w.place, "blog")
		if err != nil || len(list) != 0 {
			t.Errorf("list %v, %v", list, err)
		}
		list, err = w.store.ListQueries(ctx(), w.admin, w.place, "shop")
		if err != nil || len(list) != 1 || list[0].ID != q.ID {
			t.Errorf("list %v, %v", list, err)
		}
	})
	t.Run("a configuration is a JSON object", func(t *testing.T) {
		for _, bad := range []string{"", " ", "[]", `"x"`, "{", "null", `{"a":"` + strings.Repeat("x", 64<<10) + `"}`} {
			_, err := w.store.CreateQuery(ctx(), w.admin, w.place, "shop", engine.NewSearchQuery{Configuration: json.RawMessage(bad)})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%.20q: %v", bad, err)
			}
		}
	})
	t.Run("deleted, its key finds nothing", func(t *testing.T) {
		if err := w.store.DeleteQuery(ctx(), w.admin, w.place, "shop", q.ID); err != nil {
			t.Fatal(err)
		}
		_, _, _, err := w.store.FindPublic(ctx(), q.QueryKey)
		wantFault(t, err, fault.NotFound, "Could not find search query.")
		wantFault(t, w.store.DeleteQuery(ctx(), w.admin, w.place, "shop", q.ID), fault.NotFound, "Could not find search query.")
	})
}
