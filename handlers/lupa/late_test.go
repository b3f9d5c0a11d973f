package lupa_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/web/webtest"
)

// late sends all of a body but its last byte, waits until the server asks for the body, which it does only once the
// guard has let the request pass, and sends the rest after something has happened.
func (w *world) late(method, path, body string, header [2]string, meanwhile func()) webtest.Answer {
	w.t.Helper()
	reader, writer := io.Pipe()
	r, err := http.NewRequest(method, w.URL+path, reader)
	w.must(err)
	r.Header.Set(header[0], header[1])
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	go func() {
		if _, err := io.WriteString(writer, body[:len(body)-1]); err != nil {
			w.t.Errorf("refused before its body was asked for: %v", err)
			return
		}
		meanwhile()
		_, _ = io.WriteString(writer, body[len(body)-1:]) // the server may have answered already
		writer.Close()
	}()
	resp, err := transport.RoundTrip(r)
	w.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	w.must(err)
	return webtest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(b)}
}

// What ends while a request is on its way counts for it too: nothing is made, nothing is stored.
func TestWhoeverEndsWhileTheBodyIsOnItsWayIsRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	narrow := func(w *world, name string, permissions ...string) {
		_, err := w.credentials.Update(ctx, console, w.shop.Target(), w.keys[name].id, credential.Input{
			Type: "private", Description: name, Access: permission.AccessCustom, Permissions: permissions, AllEngines: true,
		})
		w.must(err)
	}
	const key, token, changed = "The API key is not valid.", "The access token is not valid. Log in again.",
		"What you may do was changed while this was being done. Try again."
	newKey := `{"access":"custom","permissions":["api_keys.read"],"restrictIndexScope":false}`
	documents := `{"documents":[{"id":"late"}]}`
	for name, c := range map[string]struct {
		who, body string
		end       func(w *world)
		status    int
		message   string
	}{
		"a user who is disabled": {"manager", newKey, func(w *world) { _, err := w.accounts.DisableUser(ctx, console, "manager@example.test"); w.must(err) }, 401, token},
		"a user with another password": {"manager", newKey, func(w *world) {
			_, err := w.accounts.ResetPassword(ctx, console, "manager@example.test", password+"!")
			w.must(err)
		}, 401, token},
		"a user who is removed":         {"manager", newKey, func(w *world) { w.must(w.accounts.RemoveMember(ctx, console, "acme", w.users["manager"].ID)) }, 403, changed},
		"a token that expires":          {"manager", newKey, func(w *world) { w.clock.Add(2 * time.Hour) }, 401, token},
		"a key that is revoked":         {"keys maker", newKey, func(w *world) { w.revoke(w.keys["keys maker"].id) }, 401, key},
		"a key that is narrowed":        {"keys maker", newKey, func(w *world) { narrow(w, "keys maker", "api_keys.read") }, 403, changed},
		"documents, key revoked":        {"full key", documents, func(w *world) { w.revoke(w.keys["full key"].id) }, 401, key},
		"documents, key narrowed":       {"full key", documents, func(w *world) { narrow(w, "full key", "documents.read") }, 403, changed},
		"documents, user disabled":      {"manager", documents, func(w *world) { _, err := w.accounts.DisableUser(ctx, console, "manager@example.test"); w.must(err) }, 401, token},
		"nothing changes":               {"keys maker", newKey, func(*world) {}, 200, ""},
		"documents and nothing changes": {"full key", documents, func(*world) {}, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			header := [2]string{"X-Lupa-Api-Key", w.keys[c.who].secret}
			if _, ok := w.users[c.who]; ok {
				header = [2]string{"Authorization", "Bearer " + w.token(c.who)}
			}
			path := w.keysPath()
			if c.body == documents {
				path = index(w.books) + "/documents"
			}
			live := func() int {
				page, err := w.credentials.List(ctx, console, w.shop.Target(), credential.Filter{Live: true})
				w.must(err)
				return page.Total
			}
			before := 0
			a := w.late(post, path, c.body, header, func() { c.end(w); before = live() })
			made := live() - before
			stored, err := w.engines.Count(ctx, console, place(w.shop), "books")
			w.must(err)
			if c.status == 200 {
				want(t, a, 200)
				if made+int(stored) != 1 {
					t.Errorf("%d keys were made and %d documents stored", made, stored)
				}
				return
			}
			refuses(t, a, c.status, c.message)
			if made != 0 || stored != 0 {
				t.Errorf("%d keys were made and %d documents stored", made, stored)
			}
		})
	}
}

// A request that waits for the writer, long after its guard, is refused there.
func TestWhoeverEndsWhileTheWriterIsBusyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// while holds a database, sends a request that needs it, and lets it go after something has happened.
	while := func(d *db.DB, path, body, who string, happens func(ctx context.Context, tx *db.Tx)) (a webtest.Answer) {
		c, answered := w.as(who), make(chan struct{})
		w.must(d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			go func() {
				defer close(answered)
				a = c.JSON(post, path, body)
			}()
			time.Sleep(200 * time.Millisecond) // by now it waits
			happens(ctx, tx)
			return nil
		}))
		<-answered
		return a
	}
	a := while(w.dir.Engines, index(w.books)+"/documents", `{"documents":[{"id":"late"}]}`, "full key", func(context.Context, *db.Tx) {
		w.revoke(w.keys["full key"].id)
	})
	refuses(t, a, 401, "The API key is not valid.")
	if n, err := w.engines.Count(t.Context(), console, place(w.shop), "books"); n != 0 || err != nil {
		t.Errorf("%d documents were stored: %v", n, err)
	}
	before := want(t, w.as("admin").Get(w.keysPath()), 200)
	a = while(w.dir.Core, w.keysPath(), `{"access":"full","restrictIndexScope":false}`, "manager", func(ctx context.Context, tx *db.Tx) {
		_, err := db.Exec(ctx, tx, "UPDATE users SET disabled_at = 1, epoch = epoch + 1 WHERE id = $1", w.users["manager"].ID)
		w.must(err)
	})
	refuses(t, a, 401, "The access token is not valid. Log in again.")
	if after := want(t, w.as("admin").Get(w.keysPath()), 200); after != before {
		t.Errorf("a key was made: %s", after)
	}
}
