package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
	"latchkey/web/webtest"
)

func TestLogin(t *testing.T) {
	w := settled(t)
	const wrong = "The e-mail address or the password is wrong."
	w.visits(t, []visit{
		{name: "the page", as: guest, path: views.LoginURL, status: 200, has: []string{"Sign in"}},
		{name: "a wrong password keeps the address and not the password", as: guest, path: views.LoginURL,
			form: []string{"email", email(ada), "password", "quarrel ribbon teapot nine"}, status: 401,
			has: []string{wrong, `value="` + email(ada) + `"`}, not: []string{"quarrel"}},
		{name: "an unknown address reads the same", as: guest, path: views.LoginURL,
			form: []string{"email", "nobody@example.com", "password", password}, status: 401, has: []string{wrong}, not: []string{password}},
		{name: "nothing at all", as: guest, path: views.LoginURL, form: []string{}, status: 401, has: []string{wrong}},
		{name: "the address line does not count as form", as: guest, path: views.LoginURL + "?email=" + email(ada) + "&password=" + url.QueryEscape(password),
			form: []string{}, status: 401},
		{name: "signed in already", as: ada, path: views.LoginURL, status: 303, location: "/console"},
		{name: "signed in already, on the way", as: ada, path: views.LoginNextURL(keysURL), status: 303, location: keysURL},
		{name: "the console leads to the keys", as: ada, path: "/console", status: 303, location: keysURL},
		{name: "without a project it leads to the organizations", as: mia, path: "/console", status: 303, location: views.OrganizationsURL},
	})
}

// Where more people sign in than the machine can check, they are told to come back, and nothing breaks.
func TestBusyLogin(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.proxies = behindProxy
		slow := account.NewHasher(account.HashCost{MemoryKiB: 19 << 10, Passes: 16})
		w.deps.Accounts = must(account.NewStore(w.dir.Core, w.dir.Master, w.deps.Audit, slow, w.deps.Credentials.Defaults))(t)
	})
	var group sync.WaitGroup
	var busy atomic.Int32
	for i := range 100 {
		group.Go(func() {
			name, address := fmt.Sprintf("nobody-%d@example.com", i), fmt.Sprintf("192.0.2.%d", i)
			a := w.Server.Client("Sec-Fetch-Site", "same-origin", "X-Forwarded-For", address).Form(views.LoginURL, "email", name, "password", password)
			switch a.Status {
			case http.StatusServiceUnavailable:
				busy.Add(1)
				contains(t, a.Body, "Too many people are signing in at this moment.")
				if a.Header.Get("Retry-After") == "" {
					t.Error("nothing says when to come back")
				}
			case http.StatusUnauthorized:
			default:
				t.Errorf("status %d", a.Status)
			}
		})
	}
	group.Wait()
	if busy.Load() == 0 {
		t.Error("nobody was told to wait")
	}
}

// behindProxy believes what a proxy on this machine says of its clients.
var behindProxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// Whoever guesses is told to wait, and for how long; nobody who is signed in already notices.
func TestGuessingIsSlowedDown(t *testing.T) {
	throttled := func(t *testing.T, a webtest.Answer, after, words string) {
		t.Helper()
		if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != after {
			t.Errorf("status %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
		}
		contains(t, a.Body, "Too many attempts to sign in have failed. Try again in "+words+".", `value="`+email(ada)+`"`, "<h1>Sign in</h1>")
		lacks(t, a.Body, password)
	}
	try := func(b *webtest.Client, name, password string) webtest.Answer {
		return b.Form(views.LoginURL, "email", email(name), "password", password)
	}
	t.Run("at one account", func(t *testing.T) {
		w := settled(t, func(w *world) { w.proxies = behindProxy })
		from := func(address string) *webtest.Client {
			return w.Server.Client("Sec-Fetch-Site", "same-origin", "X-Forwarded-For", address)
		}
		inside := w.as(ada)
		for i := range 7 {
			w.clock.Add(time.Second)
			if a := try(from(fmt.Sprintf("192.0.2.%d", i)), ada, fmt.Sprint("wrong ", i)); a.Status != http.StatusUnauthorized {
				t.Fatalf("failure %d: status %d", i, a.Status)
			}
		}
		throttled(t, try(from("192.0.2.99"), ada, password), "2", "2 seconds")
		if a := try(from("192.0.2.99"), pat, password); a.Status != http.StatusSeeOther {
			t.Errorf("somebody else: %d", a.Status)
		}
		if a := inside.Get(keysURL); a.Status != http.StatusOK {
			t.Errorf("who is signed in: %d", a.Status)
		}
		if a := try(from("127.0.0.1"), ada, password); a.Status != http.StatusSeeOther {
			t.Errorf("from where ada has signed in before: %d", a.Status)
		}
		w.clock.Add(2 * time.Second)
		if a := try(from("192.0.2.99"), ada, password); a.Status != http.StatusSeeOther {
			t.Errorf("after the wait: %d", a.Status)
		}
	})
	t.Run("from one address, whatever it says of itself", func(t *testing.T) {
		w := settled(t)
		inside := w.as(ada)
		for i := range 20 {
			b := w.Server.Client("Sec-Fetch-Site", "same-origin", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i), "X-Real-Ip", fmt.Sprintf("192.0.2.%d", i))
			if a := try(b, fmt.Sprint("nobody-", i), password); a.Status != http.StatusUnauthorized {
				t.Fatalf("failure %d: status %d", i, a.Status)
			}
		}
		throttled(t, try(w.Server.Client("Sec-Fetch-Site", "same-origin", "X-Forwarded-For", "192.0.2.99"), ada, password), "600", "10 minutes")
		if a := inside.Get(keysURL); a.Status != http.StatusOK {
			t.Errorf("who is signed in: %d", a.Status)
		}
	})
}

func TestNext(t *testing.T) {
	w := settled(t)
	_, key := w.createKey(w.as(ada))
	cases := map[string]string{
		"":                               "/console",
		keysURL:                          keysURL,
		keysURL + "?q=shop&type=private": keysURL + "?q=shop&type=private",
		"/console/account":               "/console/account",
		"//evil.example":                 "/console",
		"/\\evil.example":                "/console",
		"https://evil.example/console":   "/console",
		"/consolevil":                    "/console",
		"/console/%09/evil":              "/console",
		"/console\t//evil.example":       "/console",
		"/console/../evil":               "/console",
		"/console/logout":                "/console",
		"/console/theme":                 "/console",
		"/console/nowhere":               "/console",
		keysURL + "/search":              keysURL + "/search", // reads as the page of a key that does not exist
		keysURL + "?q=" + key:            "/console",
		keyURL(key, ""):                  "/console",
		"/v1/users":                      "/console",
		"/console?x=" + strings.Repeat("x", 3000): "/console",
	}
	for asked, want := range cases {
		b := w.Browser()
		a := b.Form(views.LoginURL, "email", email(ada), "password", password, "next", asked)
		if got := a.Header.Get("Location"); a.Status != http.StatusSeeOther || got != want {
			t.Errorf("next %q leads to %q, want %q", asked, got, want)
		}
		if got := b.Form(views.ThemeURL, "theme", "dark", "next", asked).Header.Get("Location"); got != want {
			t.Errorf("theme with next %q leads to %q, want %q", asked, got, want)
		}
	}
	w.visits(t, []visit{
		{name: "a guest comes back to the page", as: guest, path: keysURL + "?q=a+b&done=saved", status: 303, location: views.LoginNextURL(keysURL + "?q=a+b")},
		{name: "a secret does not come along", as: guest, path: keysURL + "?q=" + key, status: 303, location: views.LoginNextURL(keysURL)},
		{name: "nor from the path", as: guest, path: keyURL(key, ""), status: 303, location: views.LoginURL},
		{name: "the form does not repeat one", as: guest, path: views.LoginNextURL(keysURL + "?q=" + key), status: 200, not: []string{key}},
	})
}

// Whoever plants a cookie before the sign-in must not be signed in by it.
func TestNoFixation(t *testing.T) {
	w := settled(t)
	victim, attacker := w.Browser(), w.Browser()
	planted := &http.Cookie{Name: "latchkey", Value: "chosen-by-somebody-else", Path: "/"}
	victim.SetCookies(planted)
	w.signIn(victim, ada)
	attacker.SetCookies(planted)
	if a := attacker.Get(keysURL); a.Status != http.StatusSeeOther {
		t.Errorf("the planted cookie opens the console: %d", a.Status)
	}
	first := cookie(t, victim)
	w.signIn(victim, ada)
	if second := cookie(t, victim); second.Value == first.Value || second.Value == planted.Value {
		t.Error("signing in again keeps the token")
	}
	attacker.SetCookies(first)
	if a := attacker.Get(keysURL); a.Status != http.StatusSeeOther {
		t.Errorf("the token from before signing in again still works: %d", a.Status)
	}
	if a := victim.Get(keysURL); a.Status != http.StatusOK {
		t.Errorf("the new token does not work: %d", a.Status)
	}
}

func cookie(t testing.TB, b *webtest.Client) *http.Cookie {
	t.Helper()
	for _, c := range b.Cookies() {
		if c.Name == "latchkey" {
			return c
		}
	}
	t.Fatal("there is no session cookie")
	return nil
}

func TestLogout(t *testing.T) {
	w := settled(t)
	b := w.as(ada)
	kept := cookie(t, b)
	b.Get(keysURL)
	a := b.Form(views.LogoutURL)
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != views.LoginURL {
		t.Fatalf("logout: %d to %q", a.Status, a.Header.Get("Location"))
	}
	if a.Header.Get("Clear-Site-Data") != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data is %q", a.Header.Get("Clear-Site-Data"))
	}
	if len(b.Cookies()) != 0 {
		t.Errorf("cookies stay: %v", b.Cookies())
	}
	b.SetCookies(kept)
	w.visits(t, []visit{
		{name: "the cookie is worthless afterwards", as: ada, path: keysURL, status: 303, location: views.LoginNextURL(keysURL)},
		{name: "also for forms", as: ada, path: newKeyURL, form: []string{"type", "private"}, status: 401, has: []string{"Sign in again"}},
		{name: "logging out twice is fine", as: ada, path: views.LogoutURL, method: http.MethodPost, status: 303, location: views.LoginURL},
		{name: "logging out is no page", as: ada, path: views.LogoutURL, status: 405},
	})
}

func TestSessionEnds(t *testing.T) {
	w := settled(t)
	idle, busy := w.Browser(), w.Browser()
	w.signIn(idle, ada)
	w.clock.Add(session.Idle - time.Second)
	if a := idle.Get(keysURL); a.Status != http.StatusOK {
		t.Fatalf("idle for less than the limit: %d", a.Status)
	}
	w.clock.Add(session.Idle)
	if a := idle.Get(keysURL); a.Status != http.StatusSeeOther {
		t.Errorf("idle for the limit: %d", a.Status)
	}
	w.signIn(busy, ada)
	const step = 20 * time.Minute
	for range session.Life/step - 1 {
		w.clock.Add(step)
		if a := busy.Get(keysURL); a.Status != http.StatusOK {
			t.Fatalf("in use: %d", a.Status)
		}
	}
	w.clock.Add(step - time.Second)
	if a := busy.Get(keysURL); a.Status != http.StatusOK {
		t.Errorf("a second before twelve hours: %d", a.Status)
	}
	w.clock.Add(time.Second)
	if a := busy.Get(keysURL); a.Status != http.StatusSeeOther {
		t.Errorf("after twelve hours: %d", a.Status)
	}
	if a := busy.Form(newKeyURL, "type", "private"); a.Status != http.StatusUnauthorized {
		t.Errorf("a form after twelve hours: %d", a.Status)
	}
}

// Nothing passes once the command that disables a user has answered, however many requests are under way.
func TestDisabledUserIsOut(t *testing.T) {
	w := settled(t)
	b := w.as(pat)
	var mu sync.Mutex
	disabled := false
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				mu.Lock()
				late := disabled
				mu.Unlock()
				if a := b.Get(keysURL); late && a.Status != http.StatusSeeOther {
					t.Errorf("status %d after the user was disabled", a.Status)
				}
			}
		})
	}
	_, err := w.deps.Accounts.DisableUser(context.Background(), audit.CommandLine(), email(pat))
	check(t, err)
	mu.Lock()
	disabled = true
	mu.Unlock()
	group.Wait()
	w.visits(t, []visit{
		{name: "pages", as: pat, path: keysURL, status: 303, location: views.LoginNextURL(keysURL)},
		{name: "forms", as: pat, path: newKeyURL, form: []string{"type", "private"}, status: 401},
		{name: "signing in", as: pat, path: views.LoginURL, form: []string{"email", email(pat), "password", password}, status: 401},
	})
}

func TestLostRoleCountsAtOnce(t *testing.T) {
	w := settled(t)
	w.visits(t, []visit{{name: "before", as: pat, path: newKeyURL, status: 200}})
	check(t, w.deps.Accounts.RemoveMember(context.Background(), audit.CommandLine(), "acme", w.who(pat).ID))
	w.visits(t, []visit{{name: "after", as: pat, path: newKeyURL, status: 404}})
}

func TestCookies(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := settled(t, func(w *world) {
			w.deps.Secure, w.deps.Sessions = secure, web.NewSessions(w.deps.Rows, secure)
		})
		want, name := []string{"Path=/", "HttpOnly", "SameSite=Lax"}, "latchkey="
		if secure {
			want, name = append(want, "Secure"), "__Host-latchkey="
		}
		b := w.Browser()
		set := b.Form(views.LoginURL, "email", email(ada), "password", password).Header.Values("Set-Cookie")
		if len(set) != 1 || !strings.HasPrefix(set[0], name) || !strings.Contains(set[0], "Max-Age=43200") {
			t.Fatalf("session cookie: %v", set)
		}
		theme := b.Form(views.ThemeURL, "theme", "dark").Header.Values("Set-Cookie")
		if len(theme) != 1 || !strings.HasPrefix(theme[0], "latchkey-theme=dark;") || !strings.Contains(theme[0], "Max-Age=31536000") {
			t.Fatalf("theme cookie: %v", theme)
		}
		for _, line := range append(set, theme...) {
			contains(t, line, want...)
			lacks(t, line, "Domain")
			if !secure && strings.Contains(line, "Secure") {
				t.Errorf("a browser would drop %q", line)
			}
		}
	}
}

func TestTheme(t *testing.T) {
	w := settled(t)
	w.visits(t, []visit{
		{name: "dark", as: ada, path: views.ThemeURL, form: []string{"theme", "dark", "next", views.AccountURL}, status: 303, location: views.AccountURL},
		{name: "is kept", as: ada, path: views.AccountURL, status: 200, has: []string{`data-theme="dark"`}},
		{name: "nonsense follows the system", as: ada, path: views.ThemeURL, form: []string{"theme", `"><script>`}, status: 303, location: "/console"},
		{name: "again", as: ada, path: views.AccountURL, status: 200, not: []string{"data-theme"}},
		{name: "not by a link", as: ada, path: views.ThemeURL + "?theme=dark", status: 405},
	})
}

// Beside plain http that is not on this machine, the pages say that nothing is protected.
func TestWarning(t *testing.T) {
	w := settled(t)
	const warning = "This connection is not protected"
	lacks(t, w.as(ada).Get(keysURL).Body, warning)
	contains(t, w.Browser().Get(keysURL, "Host", "keys.example.com", "Cookie", cookie(t, w.as(ada)).String()).Body, warning, "Acme")
	contains(t, w.as(guest).Get(views.LoginURL, "Host", "keys.example.com:8080").Body, warning)
}
