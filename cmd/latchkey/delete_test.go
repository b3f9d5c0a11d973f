package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/permission"
)

// doomed is a project with an engine and a search query, and the ways in which requests reach it.
type doomed struct {
	account.Project
	raw, signed string
	requests    map[string]*http.Request
	open        []string // those that need no key
}

// doom makes a project that will be deleted.
func (w *world) doom(name string) doomed {
	w.t.Helper()
	ctx := context.Background()
	p, keys, err := w.accounts.CreateProject(ctx, audit.CommandLine(), "acme", name, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	d := doomed{Project: p, raw: keys[1].Secret.Reveal(), open: []string{"a public query"}}
	d.signed = sign(d.raw, `{"api_key_name":"private-key"}`)
	e := w.addEngine(audit.CommandLine(), p, "parks")
	if _, err := w.engines.Import(ctx, audit.CommandLine(), p.Target(), "parks", []engine.Source{{"id": "d1", "title": "x"}}); err != nil {
		w.t.Fatal(err)
	}
	q, err := w.engines.CreateQuery(ctx, audit.CommandLine(), p.Target(), "parks", engine.NewSearchQuery{Configuration: []byte(`{"queryFields":{"title":1}}`)})
	if err != nil {
		w.t.Fatal(err)
	}
	request := func(method, path, body string, header ...string) *http.Request {
		r, err := http.NewRequest(method, w.web.URL+path, strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	host := "/h/" + p.HostIdentifier + "/api/as/v1/engines"
	d.requests = map[string]*http.Request{
		"the key, by the host":          request("GET", host+"/parks/search?query=", "", "Authorization", "Bearer "+d.raw),
		"the key, without a host":       request("GET", "/api/as/v1/engines/parks/search?query=", "", "Authorization", "Bearer "+d.raw),
		"a signed key, by the host":     request("GET", host+"/parks/search?query=", "", "Authorization", "Bearer "+d.signed),
		"a signed key, without a host":  request("GET", "/api/as/v1/engines/parks/search?query=", "", "Authorization", "Bearer "+d.signed),
		"a signed key, in the address":  request("GET", "/api/as/v1/engines/parks/search?query=&auth_token="+d.signed, ""),
		"the key, in Lupa":              request("GET", "/v1/indices/"+e.ID, "", "X-Lupa-Api-Key", d.raw),
		"documents, written":            request("POST", host+"/parks/documents", `[{"id":"d2","title":"y"}]`, "Authorization", "Bearer "+d.raw),
		"an engine, made":               request("POST", host, fmt.Sprintf(`{"name":"e-%d"}`, time.Now().UnixNano()), "Authorization", "Bearer "+d.raw),
		"a public query":                request("POST", "/v1/query/"+q.QueryKey, `{"searchText":""}`),
		"an admin's token, by its slug": request("GET", "/v1/organizations/acme/projects/"+p.Slug+"/indices", "", "Authorization", "Bearer "+w.loginToken("ada")),
		"an admin's token, by its id":   request("GET", "/v1/indices/"+e.ID, "", "Authorization", "Bearer "+w.loginToken("ada")),
	}
	return d
}

// status makes one of the requests.
func (d doomed) status(t *testing.T, client *http.Client, name string) int {
	r := d.requests[name].Clone(context.Background())
	r.Body, _ = r.GetBody()
	resp, err := client.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // only the status matters
	return resp.StatusCode
}

// No request that begins after the deletion of a project was answered is let in, on any path and in either dialect, and
// nothing of the project is left that could be found.
func TestNoRequestPassesAfterItsProjectIsDeleted(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 8
	}
	w := newWorld(t)
	ada := w.browser("ada")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	var before, late atomic.Int64
	for n := range rounds {
		d := w.doom("Doomed")
		names := make([]string, 0, len(d.requests))
		for name := range d.requests {
			names = append(names, name)
		}
		var deleted, stop atomic.Bool
		var running, wg sync.WaitGroup
		running.Add(8)
		for g := range 8 {
			wg.Go(func() {
				for i := g; !stop.Load(); i++ {
					after := deleted.Load() // read before the request begins
					got := d.status(t, client, names[i%len(names)])
					if got < 300 {
						before.Add(1)
					}
					if got < 300 && after {
						late.Add(1)
					}
					if i == g {
						running.Done()
					}
				}
			})
		}
		running.Wait()
		a := ada.Form("/console/organizations/acme/projects/"+d.Slug+"/settings/delete", "name", "Doomed", "password", password.Reveal())
		deleted.Store(true)
		if a.Status != http.StatusSeeOther {
			t.Fatalf("round %d: %d %s", n, a.Status, a.Body)
		}
		for _, name := range names {
			want := http.StatusUnauthorized
			if strings.HasPrefix(name, "an admin's") || name == "a public query" {
				want = http.StatusNotFound
			}
			if got := d.status(t, client, name); got != want {
				t.Errorf("round %d: %s after the deletion was answered: %d, want %d", n, name, got, want)
			}
		}
		stop.Store(true)
		wg.Wait()
		w.nothingOf(d)
	}
	if late.Load() != 0 {
		t.Errorf("%d requests passed after the deletion was answered", late.Load())
	}
	if before.Load() < int64(8*rounds) {
		t.Errorf("only %d requests passed before: the test proves little", before.Load())
	}
	w.freed()
	t.Logf("%d rounds, %d requests passed before, %d after", rounds, before.Load(), late.Load())
}

// nothingOf looks for what is left of a deleted project in the core database.
func (w *world) nothingOf(d doomed) {
	w.t.Helper()
	err := w.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for name, query := range map[string]string{
			"living keys": "SELECT COUNT(*) FROM keys WHERE project_id = $1 AND (revoked_at IS NULL OR states IS NOT NULL OR sealed IS NOT NULL)",
			"engines":     "SELECT COUNT(*) FROM engines WHERE project_id = $1",
			"roles":       "SELECT COUNT(*) FROM project_members WHERE project_id = $1",
			"a project":   "SELECT COUNT(*) FROM projects WHERE id = $1",
		} {
			n, err := db.One(ctx, tx, nil, db.Int, query, d.ID)
			if err != nil {
				return err
			}
			if n != 0 {
				w.t.Errorf("%d %s are left", n, name)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// freed runs what happens in the background and looks whether the documents of deleted projects are gone.
func (w *world) freed() {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { w.engines.Run(ctx, slog.New(slog.DiscardHandler)) })
	defer background.Wait()
	defer stop()
	left := int64(-1)
	for range 400 {
		err := w.dir.Engines.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			left, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM documents")
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if left == 0 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	w.t.Errorf("%d documents were not freed", left)
}

// Whoever was let in before a project was deleted finds nothing to change in it.
func TestDeletedProjectTakesNoChanges(t *testing.T) {
	w := newWorld(t)
	d := w.doom("Doomed")
	ada := w.who("ada")
	if err := w.accounts.DeleteProject(context.Background(), ada, "acme", d.Slug, account.Deletion{Name: "Doomed", Password: password}); err != nil {
		t.Fatal(err)
	}
	_, _, errKey := w.credentials.Create(context.Background(), ada, d.Target(), privateKey(permission.AccessRead), nil)
	_, errEngine := w.engines.Create(context.Background(), ada, d.Target(), engine.New{Name: "late"})
	for name, err := range map[string]error{"a key": errKey, "an engine": errEngine} {
		if err == nil {
			t.Errorf("%s was made", name)
		}
	}
	w.nothingOf(d)
}
