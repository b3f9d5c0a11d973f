package console_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
)

// waiting counts the secrets that wait to be stored.
func (w *world) waiting() (n int64) {
	w.t.Helper()
	check(w.t, w.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM reveals")
		return err
	}))
	return n
}

// lacksInFiles looks for a secret, and for every long piece of it, in all files of the data directory as they are.
func (w *world) lacksInFiles(t *testing.T, text string) {
	t.Helper()
	read := 0
	check(t, filepath.WalkDir(w.dir.Path, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read += len(b)
		_, random, _ := strings.Cut(text, "-")
		for i := 0; i+16 <= len(random); i++ {
			if strings.Contains(string(b), random[i:i+16]) {
				t.Errorf("%s holds %d characters of the secret", d.Name(), 16)
				break
			}
		}
		return nil
	}))
	if read < 10_000 {
		t.Errorf("only %d bytes were searched", read)
	}
}

// What a secret that waits goes through, and whether it is still there afterwards for the browser that made it, and
// then never again.
func TestRevealMatrix(t *testing.T) {
	fresh := "another orbit velvet canyon"
	for _, c := range []struct {
		name   string
		do     func(w *world, id string)
		status int   // of the reveal page in the browser that made the key
		left   int64 // secrets that still wait in the database
	}{
		{"nothing", func(*world, string) {}, 200, 1},
		{"reload", func(w *world, id string) { w.as(pat).Get(keyURL(id, "/reveal")); w.as(pat).Get(keyURL(id, "/reveal")) }, 200, 1},
		{"another page and back", func(w *world, id string) { w.as(pat).Get(keysURL); w.as(pat).Get(keyURL(id, "")) }, 200, 1},
		{"another key in another tab", func(w *world, _ string) { w.createKey(w.as(pat), "description", "Second") }, 200, 2},
		{"other people and browsers look", func(w *world, id string) {
			for _, who := range []string{ada, vic, mia, guest} {
				lacks(w.t, w.as(who).Get(keyURL(id, "/reveal")).Body, `id="secret"`)
				w.as(who).Form(keyURL(id, "/reveal/done"))
			}
			elsewhere := w.Browser()
			w.signIn(elsewhere, pat)
			lacks(w.t, elsewhere.Get(keyURL(id, "/reveal")).Body, `id="secret"`)
			elsewhere.Form(keyURL(id, "/reveal/done"))
		}, 200, 1},
		{"the key is edited", func(w *world, id string) {
			_, save := w.review(w.t.(*testing.T), pat, keyURL(id, "/edit"), "access", "full", "scope", "all", "expires", "keep")
			w.as(pat).Form(keyURL(id, "/edit"), save...)
		}, 200, 1},
		{"a second before its time is over", func(w *world, _ string) { w.clock.Add(session.StashLife - time.Second); w.sweep() }, 200, 1},
		{"its time is over", func(w *world, _ string) { w.clock.Add(session.StashLife); w.sweep() }, 410, 0},
		{"stored", func(w *world, id string) { w.as(pat).Form(keyURL(id, "/reveal/done")) }, 410, 0},
		{"the key is revoked by somebody", func(w *world, id string) { w.as(ada).Form(keyURL(id, "/revoke")) }, 410, 0},
		{"signed out and in again", func(w *world, _ string) { w.as(pat).Form(views.LogoutURL); w.signIn(w.as(pat), pat) }, 410, 0},
		{"signed in anew without signing out", func(w *world, _ string) { w.signIn(w.as(pat), pat) }, 410, 0},
		{"the password is changed", func(w *world, _ string) {
			w.as(pat).Form(views.AccountURL, "current_password", password, "new_password", fresh)
		}, 410, 0},
		{"the password is reset from outside", func(w *world, _ string) {
			_, err := w.deps.Accounts.ResetPassword(context.Background(), audit.CommandLine(), email(pat), secret.Secret(fresh))
			check(w.t, err)
		}, 303, 1}, // unreadable already: its session is dead, and it goes when its time is over
		{"the user is disabled", func(w *world, _ string) {
			_, err := w.deps.Accounts.DisableUser(context.Background(), audit.CommandLine(), email(pat))
			check(w.t, err)
		}, 303, 1},
		{"the user loses the project", func(w *world, _ string) {
			u, err := w.deps.Accounts.Authenticate(context.Background(), audit.Who{}, email(pat), password)
			check(w.t, err)
			check(w.t, w.deps.Accounts.RemoveMember(context.Background(), audit.CommandLine(), "acme", u.ID))
		}, 404, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := settled(t)
			w.t = t
			id, text := w.createKey(w.as(pat))
			w.lacksInFiles(t, text)
			c.do(w, id)
			a := w.as(pat).Get(keyURL(id, "/reveal"))
			if a.Status != c.status || (secretOn(a.Body) == text) != (c.status == http.StatusOK) {
				t.Errorf("status %d, want %d", a.Status, c.status)
			}
			guarded(t, a)
			if left := w.waiting(); left != c.left {
				t.Errorf("%d secrets wait, want %d", left, c.left)
			}
			w.lacksInFiles(t, text)
			w.clock.Add(session.StashLife)
			w.sweep()
			if left := w.waiting(); left != 0 {
				t.Errorf("%d secrets wait after their time", left)
			}
			lacks(t, w.as(pat).Get(keyURL(id, "/reveal")).Body, text)
		})
	}
}

// sweep is what the program does in the background.
func (w *world) sweep() {
	w.t.Helper()
	_, err := w.deps.Rows.Sweep(context.Background())
	check(w.t, err)
}

// A program that starts again on the same directory shows the secret to the browser that made it, and to no other.
func TestRevealSurvivesARestart(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	again := newWorld(t, func(next *world) { next.reopen(w) })
	b := again.Browser()
	b.SetCookies(w.as(pat).Cookies()...)
	if a := b.Get(keyURL(id, "/reveal")); a.Status != http.StatusOK || secretOn(a.Body) != text {
		t.Errorf("after a restart: %d", a.Status)
	}
	stranger := again.Browser()
	again.signIn(stranger, pat)
	if a := stranger.Get(keyURL(id, "/reveal")); a.Status != http.StatusGone || strings.Contains(a.Body, text) {
		t.Errorf("another browser after a restart: %d", a.Status)
	}
}

// reopen lets a world work on the rows of another one with stores that were opened anew.
func (w *world) reopen(before *world) {
	w.t.Helper()
	w.dir, w.clock = before.dir, before.clock
	log := must(audit.NewLog(w.dir.Core, w.dir.Master))(w.t)
	credentials := must(credential.NewStore(context.Background(), w.dir.Core, w.dir.Master, log))(w.t)
	w.deps = before.deps
	w.deps.Audit, w.deps.Credentials, w.deps.Rows = log, credentials, session.NewStore(w.dir.Core, log)
}

// The browser is told to keep nothing of the page, to leave it when its time is over, and to drop it once stored.
func TestTheBrowserKeepsNothingOfAReveal(t *testing.T) {
	w := settled(t)
	id, _ := w.createKey(w.as(pat))
	w.clock.Add(3 * time.Minute)
	a := w.as(pat).Get(keyURL(id, "/reveal"))
	if got := a.Header.Get("Refresh"); got != "421" {
		t.Errorf("the page asks again after %q seconds", got)
	}
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", a.Header)
	}
	if got := w.as(pat).Form(keyURL(id, "/reveal/done")).Header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("after it was stored the browser is told %q", got)
	}
}
