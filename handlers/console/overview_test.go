package console_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/views"
)

var overviewURL = views.ProjectURL("acme", "shop")

// requests counts requests with a key.
func (w *world) requests(id string, why usage.Reason, n int) {
	w.t.Helper()
	for range n {
		w.deps.Usage.Count(usage.Request{Key: id, Address: "203.0.113.9", Agent: "curl/8.1"}, why)
	}
	check(w.t, w.deps.Usage.Flush(context.Background()))
}

func TestOverviewIsForThoseWhoMay(t *testing.T) {
	w := settled(t)
	w.other()
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: overviewURL, status: 303, location: views.LoginNextURL(overviewURL)},
		{name: "another organization's admin", as: oz, path: overviewURL, status: 404, not: []string{"Shop"}},
		{name: "a member without the project", as: mia, path: overviewURL, status: 404, not: []string{"Shop"}},
		{name: "a viewer", as: vic, path: overviewURL, status: 200, has: []string{"Shop", "Get started"}, not: []string{"What changed", views.NewKeyURL("acme", "shop"), views.NewEngineURL("acme", "shop")}},
		{name: "the project's admin", as: pat, path: overviewURL, status: 200, has: []string{"Shop", "What changed", views.NewKeyURL("acme", "shop"), views.NewEngineURL("acme", "shop")}},
		{name: "the organization's admin", as: ada, path: overviewURL, status: 200, has: []string{"Shop", `aria-current="page"`}},
		{name: "a project that is missing", as: ada, path: views.ProjectURL("acme", "nowhere"), status: 404},
	})
}

func TestOverviewOfAnEmptyProject(t *testing.T) {
	w := settled(t)
	base := "https://keys.example.com/h/" + w.project.HostIdentifier + "/api/as/v1"
	w.visits(t, []visit{{name: "says what to do first", as: pat, path: overviewURL, status: 200, has: []string{
		"Nothing is here yet. Begin with an engine", "0 of 4 steps done", "Create an engine here",
		"curl &#39;" + base + "/engines&#39;", "Bearer $KEY", ">" + base + "/<", ">https://keys.example.com/v1<", ">" + w.project.HostIdentifier + "<",
		"Nothing: no key expires soon",
	}, not: []string{w.keyNamed("search-key").ID + "/revoke"}}})
}

func TestFirstSteps(t *testing.T) {
	w := settled(t)
	progress := func(want string) {
		t.Helper()
		contains(t, w.as(pat).Get(overviewURL).Body, want)
	}
	progress("0 of 4 steps done")
	w.engine("parks")
	progress("1 of 4 steps done")
	contains(t, w.as(pat).Get(overviewURL).Body, "/engines/parks/search&#39;")
	w.documents("parks", engine.Source{"id": "d1", "title": "x"})
	progress("2 of 4 steps done")
	w.requests(w.keyNamed("private-key").ID, usage.NotFound, 1)
	progress("2 of 4 steps done") // refused is no first request
	w.requests(w.keyNamed("private-key").ID, usage.Accepted, 1)
	progress("3 of 4 steps done")
	k, _ := w.makeKey(credential.Input{Type: secret.Search, Name: "box", Engines: []string{"parks"}})
	progress("All 4 steps are done")
	contains(t, w.as(pat).Get(overviewURL).Body, `<details class="card start">`)
	_, err := w.deps.Credentials.Revoke(context.Background(), audit.CommandLine(), w.project.Target(), k.ID)
	check(t, err)
	progress("3 of 4 steps done")
}

func TestNeedsAttention(t *testing.T) {
	w := settled(t)
	ctx, cl := context.Background(), audit.CommandLine()
	full := func(name string) credential.Input {
		return credential.Input{Type: secret.Private, Name: name, Access: permission.AccessFull, AllEngines: true}
	}
	soon := full("soon")
	soon.ExpiresAt = w.clock.Now().Add(110 * 24 * time.Hour)
	expiring, _ := w.makeKey(soon)
	gone := full("gone")
	gone.ExpiresAt = w.clock.Now().Add(24 * time.Hour)
	expired, _ := w.makeKey(gone)
	idle, _ := w.makeKey(full("idle"))
	revoked, _ := w.makeKey(full("revoked"))
	_, err := w.deps.Credentials.Revoke(ctx, cl, w.project.Target(), revoked.ID)
	check(t, err)
	w.clock.Add(100 * 24 * time.Hour)
	busy, _ := w.makeKey(full("busy"))
	troubled, _ := w.makeKey(full("troubled"))
	w.requests(busy.ID, usage.Accepted, 300)
	w.requests(busy.ID, usage.NotFound, 29) // many, and less than a tenth
	w.requests(troubled.ID, usage.Accepted, 10)
	w.requests(troubled.ID, usage.NotPermitted, 25)
	w.requests(revoked.ID, usage.KeyRevoked, 3)
	w.requests(expired.ID, usage.KeyExpired, 2)
	w.requests(expiring.ID, usage.Accepted, 1)
	body := w.as(pat).Get(overviewURL).Body
	list := body[strings.Index(body, `id="attention"`):strings.Index(body, "What changed")]
	contains(t, list, "Expires in 10 days", keyURL(expiring.ID, "/edit"), "Revoked, still tried", "3 requests refused, the last just now", "203.0.113.9",
		"Expired, still tried", "2 requests refused", "25 of 35 requests rejected in 7 days", keyURL(troubled.ID, ""), keyURL(idle.ID, "/revoke"), "Never used")
	lacks(t, list, keyURL(busy.ID, ""), keyURL(revoked.ID, "/revoke"), keyURL(expired.ID, "/edit"))
	seen := w.as(vic).Get(overviewURL).Body
	contains(t, seen, "Expires in 10 days", "Look at it")
	lacks(t, seen, keyURL(expiring.ID, "/edit"), keyURL(idle.ID, "/revoke"))
	w.clock.Add(8 * 24 * time.Hour)
	delete(w.browsers, pat) // that session is over
	later := w.as(pat).Get(overviewURL).Body
	contains(t, later, "Needs attention", "Expires in 2 days")
	lacks(t, later, "still tried", "requests rejected in 7 days")
}

// More than a few keys of a kind are counted, and listed elsewhere.
func TestNeedsAttentionIsShort(t *testing.T) {
	w := settled(t)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		w.makeKey(credential.Input{Type: secret.Search, Name: "quiet-" + name, AllEngines: true})
	}
	w.clock.Add(91 * 24 * time.Hour)
	body := w.as(pat).Get(overviewURL).Body
	if n := strings.Count(body, "Never used"); n != 5 {
		t.Errorf("%d are listed", n)
	}
	contains(t, body, "All 9 unused keys", keysURL+"?status=unused")
}

func TestOverviewShowsNothingOfAnotherProject(t *testing.T) {
	w := settled(t)
	ctx, cl := context.Background(), audit.CommandLine()
	depot, keys, err := w.deps.Accounts.CreateProject(ctx, w.who(ada), "acme", "Depot", nil)
	check(t, err)
	in := credential.Input{Type: secret.Search, Name: "depot-box", Description: "Depot box", Engines: []string{"depot-engine"}, ExpiresAt: w.clock.Now().Add(24 * time.Hour)}
	k, _, err := w.deps.Credentials.Create(ctx, cl, depot.Target(), in, nil)
	check(t, err)
	_, err = w.deps.Engines.Create(ctx, cl, depot.Target(), engine.New{Name: "depot-engine"})
	check(t, err)
	_, err = w.deps.Engines.Import(ctx, cl, depot.Target(), "depot-engine", []engine.Source{{"id": "x"}})
	check(t, err)
	w.requests(keys[1].ID, usage.Accepted, 40)
	w.requests(keys[1].ID, usage.NotFound, 77)
	w.requests(k.ID, usage.KeyRevoked, 66)
	body := w.as(vic).Get(overviewURL).Body
	lacks(t, body, "Depot", "depot", "77 of", "66 requests", ">40<", k.ID, k.Visible)
	contains(t, body, "0 of 4 steps done", "0 documents", "Nothing: no key expires soon")
	body = w.as(pat).Get(overviewURL).Body
	lacks(t, body, "Depot", "depot", "77 of", k.ID, k.Visible)
}

func TestWhatChanged(t *testing.T) {
	w := settled(t)
	if a := w.as(pat).Form(views.NewEngineURL("acme", "shop"), "name", "parks"); a.Status != 303 {
		t.Fatal(a.Status)
	}
	body := w.as(pat).Get(overviewURL).Body
	contains(t, body, "<bdi>"+email(pat)+"</bdi> created engine", "<bdi>parks</bdi>", views.AuditURL("acme", "shop"))
	for range 15 {
		w.as(pat).Form(views.SchemaURL("acme", "shop", "parks"), "do", "add", "name", "f_"+strings.Repeat("x", 1+strings.Count(w.as(pat).Get(views.SchemaURL("acme", "shop", "parks")).Body, "<code><bdi>f_")), "type", "text")
	}
	if n := strings.Count(w.as(pat).Get(overviewURL).Body, "changed engine"); n != 10 {
		t.Errorf("%d changes are listed", n)
	}
}
