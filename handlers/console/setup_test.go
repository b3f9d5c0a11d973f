package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/views"
)

func (w *world) setupFields(token string, change ...string) []string {
	return append([]string{
		"token", token, "email", email(ada), "password", password, "organization", "Acme", "project", "Shop",
	}, change...)
}

func TestWaitingForSetUp(t *testing.T) {
	w := newWorld(t)
	token := w.deps.Setup.Renew().Reveal()
	explains := []string{"Latchkey is not set up yet", "on its terminal"}
	w.visits(t, []visit{
		{name: "the root leads to the console", as: guest, path: "/", status: 303, location: "/console"},
		{name: "the console says where the link is", as: guest, path: "/console", status: 200, has: explains, not: []string{token}},
		{name: "so does the login page", as: guest, path: views.LoginURL, status: 200, has: explains, not: []string{token, `name="password"`}},
		{name: "nobody can sign in", as: guest, path: views.LoginURL, form: []string{"email", email(ada), "password", password}, status: 401},
		{name: "no token", as: guest, path: views.SetupURL, status: 403, has: []string{"This set-up link does not work"}, not: []string{token, `name="password"`}},
		{name: "a wrong token", as: guest, path: views.SetupURL + "?token=" + token[1:], status: 403, not: []string{token, `name="password"`}},
		{name: "the right token", as: guest, path: views.SetupURL + "?token=" + token, status: 200,
			has: []string{`name="token" value="` + token + `"`, `name="password"`}},
		{name: "a form without the token", as: guest, path: views.SetupURL, form: w.setupFields(""), status: 403},
		{name: "a form with a wrong token", as: guest, path: views.SetupURL, form: w.setupFields("x" + token), status: 403},
		{name: "the token in the address does not count", as: guest, path: views.SetupURL + "?token=" + token, form: w.setupFields(""), status: 403},
		{name: "a weak password", as: guest, path: views.SetupURL, form: []string{"token", token, "email", "ada", "password", "short", "organization", "Acme", "sample", "1"},
			status: 422, has: []string{`value="ada"`, `value="Acme"`, `value="` + token + `"`, "At least 15 characters", "Error: Set up"}, not: []string{`value="short"`}},
	})
	if empty, err := w.deps.Accounts.Empty(context.Background()); err != nil || !empty {
		t.Fatalf("somebody was added: %v", err)
	}
}

func TestSetUpLinkExpires(t *testing.T) {
	w := newWorld(t)
	token := w.deps.Setup.Renew().Reveal()
	w.clock.Add(15*time.Minute - time.Second)
	w.visits(t, []visit{{name: "a second before its end", as: guest, path: views.SetupURL + "?token=" + token, status: 200}})
	w.clock.Add(time.Second)
	w.visits(t, []visit{
		{name: "at its end", as: guest, path: views.SetupURL + "?token=" + token, status: 403},
		{name: "and its form", as: guest, path: views.SetupURL, form: w.setupFields(token), status: 403},
	})
}

func TestSetUp(t *testing.T) {
	for _, sample := range []bool{true, false} {
		w := newWorld(t)
		token := w.deps.Setup.Renew().Reveal()
		b, form := w.Browser(), w.setupFields(token)
		if sample {
			form = append(form, "sample", "1")
		}
		a := b.Form(views.SetupURL, form...)
		guarded(t, a)
		reveal := a.Header.Get("Location")
		if a.Status != http.StatusSeeOther || !strings.HasSuffix(reveal, "/reveal") {
			t.Fatalf("%d to %q: %s", a.Status, reveal, a.Body)
		}
		page := b.Get(reveal)
		text := secretOn(page.Body)
		if page.Status != http.StatusOK || w.deps.Credentials.Check(text).KeyID == "" {
			t.Fatalf("the first private key is not shown: %d %s", page.Status, page.Body)
		}
		contains(t, page.Body, email(ada), "private-key")
		a = b.Form(reveal + "/done")
		if want := strings.TrimSuffix(reveal, "/reveal") + "?done=stored"; a.Header.Get("Location") != want {
			t.Errorf("done leads to %q", a.Header.Get("Location"))
		}
		if a = b.Get(reveal); a.Status != http.StatusGone || !strings.Contains(a.Body, "This secret is not shown here") {
			t.Errorf("after it was stored: %d %s", a.Status, a.Body)
		}
		listed := b.Get(views.EnginesURL("acme", "shop")).Body
		if strings.Contains(listed, engine.SampleName) != sample {
			t.Errorf("sample wanted %v: %s", sample, listed)
		}
		w.visits(t, []visit{
			{name: "the link is used up", as: guest, path: views.SetupURL + "?token=" + token, status: 303, location: views.LoginURL},
			{name: "and its form", as: guest, path: views.SetupURL, form: w.setupFields(token, "email", "eve@example.com"), status: 303, location: views.LoginURL},
			{name: "even a new token opens nothing", as: guest, path: views.SetupURL, form: w.setupFields(w.deps.Setup.Renew().Reveal()), status: 303, location: views.LoginURL},
			{name: "login asks now", as: guest, path: views.LoginURL, status: 200, has: []string{`name="password"`}},
		})
	}
}

// A sample that cannot be added does not take the set-up back: it is told on the page that follows.
func TestSetUpWithoutItsSample(t *testing.T) {
	w := newWorld(t)
	check(t, w.dir.Engines.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DROP TABLE field_values")
		return err
	}))
	b := w.Browser()
	a := b.Form(views.SetupURL, w.setupFields(w.deps.Setup.Renew().Reveal(), "sample", "1")...)
	if a.Status != http.StatusSeeOther || !strings.HasSuffix(a.Header.Get("Location"), "/reveal?done=no-sample") {
		t.Fatalf("%d to %q: %s", a.Status, a.Header.Get("Location"), a.Body)
	}
	a = b.Get(a.Header.Get("Location"))
	if n := strings.Count(a.Body, "The sample engine is missing."); n != 1 {
		t.Errorf("the remark is made %d times", n)
	}
	if secretOn(a.Body) == "" {
		t.Error("the secret is not shown")
	}
}

func TestSetUpIsWrittenDown(t *testing.T) {
	w := newWorld(t)
	a := w.Browser().Form(views.SetupURL, w.setupFields(w.deps.Setup.Renew().Reveal())...)
	id := strings.Split(a.Header.Get("Location"), "/")[6+1]
	records, err := w.deps.Audit.OfSubject(context.Background(), id)
	check(t, err)
	if len(records) != 1 || records[0].Action != audit.KeyCreate || records[0].ActorLabel != "set-up link" || records[0].Address != "127.0.0.1" {
		t.Errorf("history: %+v", records)
	}
}
