package console_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/session"
	"latchkey/views"
)

func TestReveal(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	page := keyURL(id, "/reveal")
	elsewhere := w.Browser()
	w.signIn(elsewhere, pat)
	w.browsers["pat elsewhere"] = elsewhere
	w.visits(t, []visit{
		{name: "it survives a reload", as: pat, path: page, status: 200, has: []string{">" + text + "<", "I have stored it", "$KEY", "https://keys.example.com/h/" + w.project.HostIdentifier + "/api/as/v1/engines/"}},
		{name: "and a prefetch", as: pat, path: page, method: http.MethodHead, status: 200},
		{name: "another session of the same user", as: "pat elsewhere", path: page, status: 410, not: []string{text}, has: []string{"View key details"}},
		{name: "another admin", as: ada, path: page, status: 410, not: []string{text}, has: []string{"This secret is not shown here"}},
		{name: "a viewer", as: vic, path: page, status: 403, not: []string{text}},
		{name: "a member of nothing", as: mia, path: page, status: 404, not: []string{text}},
		{name: "a guest", as: guest, path: page, status: 303, location: views.LoginNextURL(page)},
		{name: "another admin cannot destroy it", as: ada, path: page + "/done", method: http.MethodPost, status: 303, location: keyURL(id, "?done=stored")},
		{name: "it is still there", as: pat, path: page, status: 200, has: []string{text}},
		{name: "stored", as: pat, path: page + "/done", method: http.MethodPost, status: 303, location: keyURL(id, "?done=stored")},
		{name: "then it is gone", as: pat, path: page, status: 410, not: []string{text}, has: []string{"This secret is not shown here", w.key(id).Visible}},
		{name: "storing twice is fine", as: pat, path: page + "/done", method: http.MethodPost, status: 303, location: keyURL(id, "?done=stored")},
		{name: "a key that does not exist", as: pat, path: keyURL("nothing", "/reveal"), status: 404},
		{name: "the secret of a search key is on its page", as: pat, path: keyURL(w.keyNamed("search-key").ID, "/reveal"), status: 410},
	})
	if w.deps.Credentials.Check(text).Reason != "" {
		t.Error("the key does not work")
	}
}

func TestRevealEnds(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	w.clock.Add(session.StashLife - time.Second)
	w.visits(t, []visit{{name: "a second before", as: pat, path: keyURL(id, "/reveal"), status: 200, has: []string{text}}})
	w.clock.Add(time.Second)
	w.visits(t, []visit{{name: "after ten minutes", as: pat, path: keyURL(id, "/reveal"), status: 410, has: []string{"no longer available"}, not: []string{text}}})
}

// The secret goes with the session that made it, also where the browser signs in anew.
func TestRevealEndsWithTheSession(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	w.as(pat).Form(views.LogoutURL)
	w.signIn(w.as(pat), pat)
	a := w.as(pat).Get(keyURL(id, "/reveal"))
	if a.Status != http.StatusGone {
		t.Errorf("status %d", a.Status)
	}
	lacks(t, a.Body, text)
}

func TestDoubleSubmit(t *testing.T) {
	w := settled(t)
	b := w.as(pat)
	form := w.keyFields(b)
	first, second := b.Form(newKeyURL, form...), b.Form(newKeyURL, form...)
	if first.Status != http.StatusSeeOther || second.Header.Get("Location") != first.Header.Get("Location") {
		t.Fatalf("%q and %q", first.Header.Get("Location"), second.Header.Get("Location"))
	}
	if secretOn(b.Get(second.Header.Get("Location")).Body) == "" {
		t.Error("the secret of the first is lost")
	}
	page, err := w.deps.Credentials.List(context.Background(), audit.CommandLine(), w.project.Target(), credential.Filter{Inactive: true})
	check(t, err)
	if page.Total != 3 {
		t.Errorf("%d keys", page.Total)
	}
	if third := b.Form(newKeyURL, w.keyFields(b)...); third.Header.Get("Location") == first.Header.Get("Location") {
		t.Error("a new form does not make a new key")
	}
}

// A project may keep its secrets readable for clients. The console shows them once all the same.
func TestReadableSecretsStayHidden(t *testing.T) {
	w := settled(t)
	check(t, w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE all_projects SET readable_secrets = 1")
		return err
	}))
	id, text := w.createKey(w.as(pat))
	if kept, err := w.deps.Credentials.Secret(context.Background(), audit.CommandLine(), w.project.Target(), id); err != nil || kept.Reveal() != text {
		t.Fatalf("the secret is not readable: %v", err)
	}
	for _, who := range []string{ada, pat, vic} {
		lacks(t, w.as(who).Get(keyURL(id, "")).Body, text)
	}
}

// After a secret was shown it stands nowhere: on no page, in no address, no cookie, and not in the log.
func TestSecretsStayOnTheirPage(t *testing.T) {
	w := settled(t)
	b := w.as(ada)
	made := b.Form(views.NewProjectURL("acme"), "name", "Second")
	reveal := made.Header.Get("Location")
	text := secretOn(b.Get(reveal).Body)
	id, other := w.createKey(b, "type", "admin")
	if text == "" {
		t.Fatalf("a new project does not show its key: %d to %q", made.Status, reveal)
	}
	second := views.KeysURL("acme", "second")
	var paths []string
	for _, r := range w.web.Routes() {
		if r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/console") && !strings.HasSuffix(r.Path, "/reveal") {
			path := strings.NewReplacer(":org", "acme", ":project", "shop", ":key", id).Replace(r.Path)
			paths = append(paths, path, strings.Replace(path, "/projects/shop", "/projects/second", 1))
		}
	}
	paths = append(paths, "/console/nowhere", keysURL+"?inactive=1", second+"?q=private", strings.TrimSuffix(reveal, "/reveal"), strings.TrimSuffix(reveal, "reveal")+"revoke")
	answers := []string{}
	for _, path := range paths {
		a := b.Get(path)
		guarded(t, a)
		if a.Status >= 500 {
			t.Errorf("%s: %d", path, a.Status)
		}
		answers = append(answers, path+a.Body+strings.Join(slices.Concat(a.Header.Values("Location"), a.Header.Values("Set-Cookie")), " "))
	}
	for _, path := range []string{reveal + "/done", keyURL(id, "/reveal/done"), keyURL(id, "/revoke")} {
		a := b.Form(path)
		answers = append(answers, a.Body+strings.Join(slices.Concat(a.Header.Values("Location"), a.Header.Values("Set-Cookie")), " "))
	}
	b.Form(keysURL+"/search", "q", text)
	b.Get(keysURL + "?q=" + text)
	w.as(guest).Get(keysURL + "?q=" + text)
	for _, answer := range append(answers, w.log.String(), made.Header.Get("Location"), strings.Join(made.Header.Values("Set-Cookie"), " ")) {
		if strings.Contains(answer, text) || strings.Contains(answer, other) {
			t.Errorf("a secret is in %.200s", answer)
		}
		if strings.Contains(answer, password) {
			t.Errorf("a password is in %.200s", answer)
		}
	}
	for _, c := range b.Cookies() {
		if strings.Contains(text+other, c.Value) || strings.Contains(c.Value, text) {
			t.Errorf("the cookie %s holds a secret", c.Name)
		}
	}
}
