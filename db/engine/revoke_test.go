package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

var errEnded = fault.New(fault.Unauthenticated, "Your key was revoked.")

// until is the admin, whose right ends after it was confirmed so many times.
func (w *world) until(times int) audit.Who {
	who := w.admin
	who.Again = func(context.Context) (permission.Principal, error) {
		if times--; times < 0 {
			return permission.Principal{}, errEnded
		}
		return w.admin.Principal, nil
	}
	return who
}

// What changes something asks again, once the request holds the writer, and changes nothing if the right has ended.
func TestNothingIsChangedAfterARevocation(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.add("shop", `{"id":"1","t":"lamp"}`)
	q, err := w.store.CreateQuery(ctx(), w.admin, w.place, "shop", engine.NewSearchQuery{Configuration: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	state := func() string {
		r := w.search("shop", engine.Query{})
		schema, _ := w.store.Schema(ctx(), w.admin, w.place, "shop")
		engines, _ := w.store.List(ctx(), w.admin, w.place)
		queries, _ := w.store.ListQueries(ctx(), w.admin, w.place, "shop")
		v, err := w.log.Verify(ctx())
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.Hits, schema, engines, queries, v.Events)
	}
	before, s, desk := state(), w.store, "desk"
	for name, call := range map[string]func(who audit.Who) error{
		"Create": func(who audit.Who) error {
			_, err := s.Create(ctx(), who, w.place, engine.New{Name: "new"})
			return err
		},
		"Delete": func(who audit.Who) error { return s.Delete(ctx(), who, w.place, "shop") },
		"UpdateSchema": func(who audit.Who) error {
			_, err := s.UpdateSchema(ctx(), who, w.place, "shop", engine.Schema{{Name: "n", Type: engine.TypeNumber}})
			return err
		},
		"Import": func(who audit.Who) error {
			_, err := s.Import(ctx(), who, w.place, "shop", parse(t, `{"id":"2","t":"desk"}`))
			return err
		},
		"Patch": func(who audit.Who) error {
			_, err := s.Patch(ctx(), who, w.place, "shop", parse(t, `{"id":"1","t":"desk"}`))
			return err
		},
		"DeleteDocuments": func(who audit.Who) error {
			_, err := s.DeleteDocuments(ctx(), who, w.place, "shop", []string{"1"})
			return err
		},
		"CreateQuery": func(who audit.Who) error {
			_, err := s.CreateQuery(ctx(), who, w.place, "shop", engine.NewSearchQuery{Configuration: []byte("{}")})
			return err
		},
		"UpdateQuery": func(who audit.Who) error {
			_, err := s.UpdateQuery(ctx(), who, w.place, "shop", q.ID, engine.ChangeSearchQuery{Description: &desk})
			return err
		},
		"DeleteQuery": func(who audit.Who) error { return s.DeleteQuery(ctx(), who, w.place, "shop", q.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := call(w.until(0)); !errors.Is(err, errEnded) {
				t.Errorf("error %v, want that the right has ended", err)
			}
			if after := state(); after != before {
				t.Errorf("it changed\n%s\nto\n%s", before, after)
			}
		})
	}
}

// A slice of documents is confirmed at its beginning and before its end.
func TestARevocationStopsLongWorkAtItsSlice(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	many := func(n int) (docs []engine.Source, ids []string) {
		for i := range n {
			docs = append(docs, engine.Source{"id": fmt.Sprint(i), "n": fmt.Sprint(i)})
			ids = append(ids, fmt.Sprint(i))
		}
		return docs, ids
	}
	docs, ids := many(1000)
	stopped := func(err error, left int64) {
		t.Helper()
		if !errors.Is(err, errEnded) {
			t.Errorf("error %v, want that the right has ended", err)
		}
		if n := w.countDocuments("shop"); n != left {
			t.Errorf("%d documents, want %d", n, left)
		}
	}
	_, err := w.store.Import(ctx(), w.until(4), w.place, "shop", docs)
	stopped(err, 200)
	_, err = w.store.Import(ctx(), w.until(5), w.place, "shop", docs[200:]) // it ends within the third slice
	stopped(err, 400)
	for i := range docs[:400] {
		docs[i]["n"] = "7"
	}
	_, err = w.store.Patch(ctx(), w.until(2), w.place, "shop", docs[:400])
	stopped(err, 400)
	if r := w.search("shop", engine.Query{Filter: &engine.Filter{Field: "n", Values: values("7")}}); r.Total != 100 {
		t.Errorf("%d documents were patched, want 100", r.Total)
	}
	_, err = w.store.DeleteDocuments(ctx(), w.until(4), w.place, "shop", ids)
	stopped(err, 200)

	t.Run("UpdateSchema leaves the rest to Run", func(t *testing.T) {
		w.add("shop", `{"id":"7","n":"7"}`)
		_, err := w.store.UpdateSchema(ctx(), w.until(5), w.place, "shop", engine.Schema{{Name: "n", Type: engine.TypeNumber}})
		stopped(err, 201)
		if n := w.count("SELECT pending FROM engines"); n == 0 {
			t.Error("no slice was done")
		}
		if err := w.store.Tidy(ctx()); err != nil {
			t.Fatal(err)
		}
		r := w.search("shop", engine.Query{Filter: &engine.Filter{Field: "n", Range: &engine.Range{}}})
		if r.Total != 201 || w.count("SELECT COUNT(*) FROM engines WHERE pending IS NOT NULL") != 0 {
			t.Errorf("%d documents are indexed anew, want 201", r.Total)
		}
	})
	t.Run("so does a client that goes away", func(t *testing.T) {
		gone, leave := context.WithCancel(ctx())
		calls, who := 0, w.admin
		who.Again = func(context.Context) (permission.Principal, error) {
			if calls++; calls == 3 { // in the second slice, which is finished
				leave()
			}
			return who.Principal, nil
		}
		_, err := w.store.DeleteDocuments(gone, who, w.place, "shop", ids)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want canceled", err)
		}
		if n := w.countDocuments("shop"); n != 1 {
			t.Errorf("%d documents, want 1", n)
		}
	})
	t.Run("so does the deletion of the engine", func(t *testing.T) {
		calls, who := 0, w.admin
		who.Again = func(ctx context.Context) (permission.Principal, error) {
			if calls++; calls == 3 {
				if err := w.store.Delete(ctx, w.admin, w.place, "shop"); err != nil {
					t.Error(err)
				}
			}
			return who.Principal, nil
		}
		_, err := w.store.Import(ctx(), who, w.place, "shop", docs)
		wantFault(t, err, fault.NotFound, notFound)
		if err := w.store.Tidy(ctx()); err != nil {
			t.Fatal(err)
		}
		w.wantStored(0)
	})
}

func second[T any](_ T, err error) error { return err }

func TestDeleteManyDocuments(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.add("shop", `{"id":"1","t":"lamp"}`, `{"id":"2","t":"lamp"}`)
	ids := make([]string, engine.MaxDelete)
	for i := range ids {
		ids[i] = fmt.Sprint(i % 3)
	}
	_, err := w.store.DeleteDocuments(ctx(), w.admin, w.place, "shop", append(ids, "2"))
	wantFault(t, err, fault.TooLarge, "At most 10000 documents can be deleted at once.")
	calls, who := 0, w.admin
	who.Again = func(context.Context) (permission.Principal, error) { calls++; return who.Principal, nil }
	deleted, err := w.store.DeleteDocuments(ctx(), who, w.place, "shop", ids)
	if err != nil || len(deleted) != len(ids) || fmt.Sprint(deleted[:6]) != "[false true true false false false]" {
		t.Errorf("deleted %v of %d, %v", deleted[:6], len(deleted), err)
	}
	if calls != 2 {
		t.Errorf("three ids took %d transactions, want one", calls/2)
	}
}

// The store opens at once, whatever is left to do, and Run does it.
func TestRun(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.create("blog")
	w.add("shop", `{"id":"1","n":"1"}`)
	w.add("blog", `{"id":"1","n":"1"}`)
	if err := w.store.Delete(ctx(), w.admin, w.place, "blog"); err != nil {
		t.Fatal(err)
	}
	err := w.dir.Engines.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE engines SET pending = 0 WHERE number = 1")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.open()
	if n := w.count("SELECT COUNT(*) FROM engines WHERE pending = 0 OR number = 2"); n != 2 {
		t.Errorf("opening the store did something already")
	}
	var logged strings.Builder
	running, stop := context.WithCancel(ctx())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.store.Run(running, slog.New(slog.NewTextHandler(&logged, nil)))
	}()
	w.eventually("what was left is done", "SELECT COUNT(*) = 1 AND MAX(pending) IS NULL FROM engines")
	if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
		t.Fatal(err)
	}
	w.eventually("a deletion wakes it", "SELECT COUNT(*) = 0 FROM engines")
	stop()
	<-done
	if logged.Len() > 0 {
		t.Errorf("logged %s", logged.String())
	}
}

func (w *world) eventually(what, query string) {
	w.t.Helper()
	for range 500 {
		if w.count(query) == 1 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Errorf("not within five seconds: %s", what)
}

// What fails is logged, keeps nothing else from being done, and is tried again.
func TestRunGoesOnAfterAFailure(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b"} {
		w.create(name)
		w.add(name, `{"id":"1","n":"1"}`)
	}
	corrupt := func(body string) {
		t.Helper()
		err := w.dir.Engines.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, "UPDATE documents SET body = $1 WHERE engine = 1", body); err != nil {
				return err
			}
			_, err := db.Exec(ctx, tx, "UPDATE engines SET pending = 0")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	corrupt("damaged")
	w.open()
	if err := w.store.Tidy(ctx()); err == nil || !strings.Contains(err.Error(), "re-index") {
		t.Errorf("error %v, want one of re-indexing", err)
	}
	if n := w.count("SELECT COUNT(*) FROM engines WHERE pending IS NOT NULL"); n != 1 {
		t.Errorf("%d engines are pending, want only the damaged one", n)
	}
	corrupt(`{"n":"1"}`)
	if err := w.store.Tidy(ctx()); err != nil || w.count("SELECT COUNT(*) FROM engines WHERE pending IS NOT NULL") != 0 {
		t.Errorf("it was not tried again: %v", err)
	}
}

// A deleted engine is gone at once, although its storage is still there.
func TestADeletedEngineCannotBeRead(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	w.add("shop", `{"id":"1","t":"lamp"}`)
	if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
		t.Fatal(err)
	}
	for name, c := range w.calls() {
		if err := c.call(audit.CommandLine(), w.place, "shop"); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want not found", name, err)
		}
	}
	wantFault(t, second(w.store.SearchPublic(ctx(), e.ID, engine.Query{Size: 10})), fault.NotFound, notFound)
	wantFault(t, second(w.store.SchemaOf(ctx(), e.ID)), fault.NotFound, notFound)
	w.create("shop")
	if r := w.search("shop", engine.Query{Text: "lamp"}); r.Total != 0 {
		t.Errorf("a new engine of that name finds %d documents of the old one", r.Total)
	}
}

// A full-text table is small when it is dropped: one transaction could not drop a large one.
func TestFullTextIsSmallWhenItIsDropped(t *testing.T) {
	w := newWorld(t)
	e := w.create("shop")
	docs := make([]engine.Source, 600)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range docs {
		docs[i] = product(r, i)
	}
	if _, err := w.store.Import(ctx(), w.admin, w.place, "shop", docs); err != nil {
		t.Fatal(err)
	}
	before := w.count("SELECT SUM(LENGTH(block)) FROM text_1_data")
	if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
		t.Fatal(err)
	}
	last := before
	err := w.store.Free(ctx(), e.ID, func() {
		if w.count("SELECT COUNT(*) FROM sqlite_master WHERE name = 'text_1_data'") == 1 {
			last = w.count("SELECT SUM(LENGTH(block)) FROM text_1_data")
		}
	})
	if err != nil || last > before/2 {
		t.Errorf("%d bytes of %d were left, %v", last, before, err)
	}
	w.wantStored(0)
}

// heavy makes an engine of documents of many words and many values, and deletes it.
func heavy(t testing.TB) *world {
	w := newWorld(t)
	w.create("shop")
	for i := range 60 {
		tags, words := make([]any, 2000), make([]string, 2000)
		for j := range tags {
			tags[j], words[j] = fmt.Sprintf("tag-%d-%d", i, j), fmt.Sprintf("word%d", (i*j*7919)%50_000)
		}
		w.importOne(engine.Source{"tags": tags, "text": strings.Join(words, " ")})
	}
	if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestHeavyEnginesAreFreed(t *testing.T) {
	w := heavy(t)
	w.tidy()
	w.wantStored(0)
}

// BenchmarkFreeing measures how long others wait for the writer while a heavy engine is freed.
func BenchmarkFreeing(b *testing.B) {
	var longest time.Duration
	for b.Loop() {
		w := heavy(b)
		done := make(chan error, 1)
		go func() { done <- w.store.Tidy(ctx()) }()
		for waiting := true; waiting; {
			select {
			case err := <-done:
				if err != nil {
					b.Fatal(err)
				}
				waiting = false
			default:
				began := time.Now()
				if err := w.dir.Engines.Write(ctx(), func(context.Context, *db.Tx) error { return nil }); err != nil {
					b.Fatal(err)
				}
				longest = max(longest, time.Since(began))
				time.Sleep(time.Millisecond)
			}
		}
	}
	b.ReportMetric(float64(longest.Milliseconds()), "ms-longest-wait")
}

func (w *world) importOne(doc engine.Source) {
	w.t.Helper()
	if r, err := w.store.Import(ctx(), w.admin, w.place, "shop", []engine.Source{doc}); err != nil || len(r[0].Errors) > 0 {
		w.t.Fatal(r, err)
	}
}
