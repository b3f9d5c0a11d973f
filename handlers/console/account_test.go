package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web/webtest"
)

// device is a browser of its own, signed in.
func (w *world) device(name, agent string) *webtest.Client {
	w.t.Helper()
	b := w.Client("Sec-Fetch-Site", "same-origin", "Origin", w.URL, "User-Agent", agent)
	w.signIn(b, name)
	return b
}

// sessionOf gives the id of a session by its browser.
func (w *world) sessionOf(name, agent string) session.Session {
	w.t.Helper()
	list, err := w.deps.Rows.OfUser(context.Background(), w.who(name).ID)
	check(w.t, err)
	for _, v := range list {
		if v.UserAgent == agent {
			return v
		}
	}
	w.t.Fatalf("%s has no session in %q", name, agent)
	return session.Session{}
}

// signedOut checks that nothing passes any more that comes with a browser's cookie.
func (w *world) signedOut(t *testing.T, b *webtest.Client) {
	t.Helper()
	if a := b.Get(keysURL); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), views.LoginURL) {
		t.Errorf("still signed in: %d", a.Status)
	}
	if a := b.Form(newKeyURL, "type", "private"); a.Status != http.StatusUnauthorized {
		t.Errorf("may still post: %d", a.Status)
	}
}

func TestEndASession(t *testing.T) {
	w := settled(t)
	here, phone := w.device(pat, "Here"), w.device(pat, "Phone")
	foreign := w.device(ada, "Foreign")
	id, foreignID := w.sessionOf(pat, "Phone").ID, w.sessionOf(ada, "Foreign").ID
	page := here.Get(views.AccountURL).Body
	contains(t, page, "Phone", "This browser", views.EndSessionURL(id), views.EndSessionsURL, "Sign out \u2068Phone\u2069, \u2068127.0.0.1\u2069")
	lacks(t, page, "Foreign", foreignID, views.EndSessionURL(w.sessionOf(pat, "Here").ID))
	const nowhere = "00000000-0000-4000-8000-000000000000"
	missing := here.Form(views.EndSessionURL(nowhere))
	other := here.Form(views.EndSessionURL(foreignID))
	if missing.Status != http.StatusNotFound || strings.ReplaceAll(missing.Body, nowhere, "X") != strings.ReplaceAll(other.Body, foreignID, "X") || other.Status != http.StatusNotFound || foreign.Get(keysURL).Status != http.StatusOK {
		t.Errorf("a foreign session: %d, a missing one: %d", other.Status, missing.Status)
	}
	if a := w.Browser().Form(views.EndSessionURL(id)); a.Status != http.StatusUnauthorized || phone.Get(keysURL).Status != http.StatusOK {
		t.Errorf("as a guest: %d", a.Status)
	}
	if a := here.Get(views.EndSessionURL(id)); a.Status != http.StatusMethodNotAllowed {
		t.Errorf("by a link: %d", a.Status)
	}
	a := here.Form(views.EndSessionURL(id))
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != views.AccountURL+"?done=session" {
		t.Fatalf("%d to %q", a.Status, a.Header.Get("Location"))
	}
	w.signedOut(t, phone)
	after := here.Get(a.Header.Get("Location"))
	contains(t, after.Body, "Signed out there.", "This browser")
	lacks(t, after.Body, views.EndSessionURL(id), "Sign out everywhere else</button>")
	events, err := w.deps.Audit.OfSubject(context.Background(), id)
	if err != nil || len(events) != 1 || events[0].Action != audit.SessionEnd || events[0].ActorLabel != email(pat) || events[0].Address != "127.0.0.1" {
		t.Errorf("%+v, %v", events, err)
	}
	// What no organization is about stands in no organization's log.
	lacks(t, w.as(ada).Get(orgAuditURL).Body, "signed out a browser", "> signed in")
}

func TestEndOtherSessions(t *testing.T) {
	w := settled(t)
	here, phone, tablet, foreign := w.device(pat, "Here"), w.device(pat, "Phone"), w.device(pat, "Tablet"), w.device(ada, "Foreign")
	if a := w.Browser().Form(views.EndSessionsURL); a.Status != http.StatusUnauthorized {
		t.Errorf("as a guest: %d", a.Status)
	}
	a := here.Form(views.EndSessionsURL)
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != views.AccountURL+"?done=sessions" {
		t.Fatalf("%d to %q", a.Status, a.Header.Get("Location"))
	}
	w.signedOut(t, phone)
	w.signedOut(t, tablet)
	contains(t, here.Get(a.Header.Get("Location")).Body, "Signed out everywhere else.", "Here")
	if foreign.Get(keysURL).Status != http.StatusOK {
		t.Error("somebody else is signed out")
	}
}

func TestSignInHistory(t *testing.T) {
	w := settled(t)
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	w.device(pat, firefox)
	w.clock.Add(time.Minute)
	stranger := w.Client("Sec-Fetch-Site", "same-origin", "Origin", w.URL, "User-Agent", "curl/8.5.0")
	for range 3 {
		stranger.Form(views.LoginURL, "email", email(pat), "password", "not it")
	}
	stranger.Form(views.LoginURL, "email", email(mia), "password", "not it either")
	w.clock.Add(time.Minute)
	b := w.device(pat, "<script>alert(1)</script>")
	body := b.Get(views.AccountURL).Body
	contains(t, body, "Firefox on Linux", "Signed in", "Wrong password, 3 times", "curl/8.5.0", "14 Mar 2026, 09:27 UTC", "New device", "Last signed in")
	if strings.Count(body, "New device") != 1 {
		t.Error("more than one new device")
	}
	tame(t, views.AccountURL, body)
	lacks(t, body, "not it")
	lacks(t, w.as(ada).Get(views.AccountURL).Body, "curl/8.5.0", "Firefox on Linux")
	lacks(t, w.as(ada).Get(orgAuditURL).Body, "curl/8.5.0", "Wrong password")
	// The failures are told apart from nothing by whoever makes them.
	known := stranger.Form(views.LoginURL, "email", email(pat), "password", "not it")
	unknown := stranger.Form(views.LoginURL, "email", email("nobody"), "password", "not it")
	if known.Status != unknown.Status || strings.ReplaceAll(known.Body, email(pat), "X") != strings.ReplaceAll(unknown.Body, email("nobody"), "X") {
		t.Error("a failed sign-in tells whether there is such a user")
	}
}
