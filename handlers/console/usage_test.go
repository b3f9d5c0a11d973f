package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/usage"
	"latchkey/views"
	"latchkey/web/webtest"
)

var usageURL = views.UsageURL("acme", "shop")

// count counts n requests made with a key, as they would come from a client.
func (w *world) count(n int, id string, why usage.Reason, address, agent string) {
	for range n {
		w.deps.Usage.Count(usage.Request{Key: id, Address: address, Agent: agent, Method: "POST", Route: "/api/as/v1/engines/:engine/search"}, why)
	}
}

func (w *world) flush() {
	w.t.Helper()
	check(w.t, w.deps.Usage.Flush(context.Background()))
}

func TestUsageOfAProject(t *testing.T) {
	w := settled(t)
	w.other()
	busy, _ := w.createKey(w.as(pat))
	calm, _ := w.createKey(w.as(pat), "description", "Calm one")
	w.visits(t, []visit{
		{name: "before anything was counted", as: vic, path: usageURL, status: 200, has: []string{"Nothing was counted", "Open credentials"}, not: []string{"Create key"}},
	})
	w.count(12, busy, usage.Accepted, "203.0.113.9", "curl/8.1")
	w.count(4, busy, usage.NotPermitted, "203.0.113.9", "curl/8.1")
	w.count(2, calm, usage.Accepted, "203.0.113.9", "curl/8.1")
	w.count(5, calm, usage.KeyExpired, "203.0.113.9", "curl/8.1")
	w.flush()
	w.clock.Add(3 * 24 * time.Hour)
	w.browsers = map[string]*webtest.Client{} // those sessions have ended by their age
	w.count(1, calm, usage.Accepted, "203.0.113.9", "curl/8.1")
	w.flush()
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: usageURL + "?range=7d", status: 303, location: views.LoginNextURL(usageURL + "?range=7d")},
		{name: "an outsider", as: oz, path: usageURL, status: 404, not: []string{"Nightly import"}},
		{name: "a member without the project", as: mia, path: usageURL, status: 404},
		{name: "a viewer", as: vic, path: usageURL, status: 200, has: []string{
			"15 accepted and 9 rejected in the last 30 days", "Not permitted", "Key expired", "Nightly import", "Calm one", ">12<", "37.5% of all", `href="` + keyURL(busy, "") + `"`}},
		{name: "an admin, over a day", as: ada, path: usageURL + "?range=24h", status: 200, has: []string{"1 accepted and 0 rejected in the last 24 hours", "Calm one"}, not: []string{"Nightly import"}},
		{name: "over a week", as: pat, path: usageURL + "?range=7d", status: 200, has: []string{"15 accepted and 9 rejected in the last 7 days", "Requests by 6 hours"}},
		{name: "over a year", as: pat, path: usageURL + "?range=1y", status: 200, has: []string{"15 accepted and 9 rejected in the last year", "This week"}},
		{name: "a range that there is not", as: pat, path: usageURL + "?range=%3Cscript%3E", status: 200, has: []string{"last 30 days"}, not: []string{"<script>"}},
	})
}

func TestUsageOfAKey(t *testing.T) {
	w := settled(t)
	w.other()
	id, text := w.createKey(w.as(pat))
	w.clock.Add(10 * time.Minute)
	w.count(3, id, usage.Accepted, "203.0.113.9", "elastic-app-search-node/8.9.0 axios/1.7")
	w.count(14, id, usage.NotPermitted, "198.51.100.4", "curl/8.1 "+text)
	w.count(2, id, usage.NotFound, "198.51.100.4", "curl/8.1")
	w.flush()
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: keyURL(id, "?range=1y"), status: 303, location: views.LoginNextURL(keyURL(id, "?range=1y"))},
		{name: "an outsider", as: oz, path: keyURL(id, "?range=7d"), status: 404},
		{name: "a viewer sees all of the use", as: vic, path: keyURL(id, ""), status: 200, has: []string{
			"3 accepted and 16 rejected", "203.0.113.9", "198.51.100.4", "elastic-app-search-node", "POST /api/as/v1/engines/:engine/search",
			"Not permitted", "Nothing there", "14 requests rejected", "[hidden]", "Show as a table", "None seen"},
			not: []string{"Open in audit log", "2 requests rejected", "Duplicate", text}},
		{name: "an admin can go on from there", as: pat, path: keyURL(id, "?range=24h"), status: 200, has: []string{
			"last 24 hours", `href="` + newKeyURL + "?from=" + id + `"`, `href="` + views.AuditURL("acme", "shop") + "?object=" + id + `"`, keyURL(id, "?range=7d#usage")}},
	})
}

// Revoking says what it breaks, takes one button, and leads to a receipt that is exact to the last request.
func TestRevokingByTheNumbers(t *testing.T) {
	w := settled(t)
	w.other()
	id, _ := w.createKey(w.as(pat))
	ask := keyURL(id, "/revoke")
	w.count(7, id, usage.Accepted, "203.0.113.9", "curl/8.1")
	w.count(1, id, usage.Accepted, "2001:db8::9", "Go-http-client/1.1")
	w.count(3, id, usage.NotPermitted, "198.51.100.77", "curl/8.1")
	for n := range 5 {
		w.deps.Usage.Count(usage.Request{Key: id, Address: "203.0.113.9", Agent: "curl/8.1", Token: usage.TokenOf(fmt.Sprint(n))}, usage.Accepted)
	}
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: ask, status: 303, location: views.LoginNextURL(ask)},
		{name: "an outsider", as: oz, path: ask, status: 404},
		{name: "a viewer", as: vic, path: ask, status: 403},
		{name: "a viewer, at once", as: vic, path: ask, method: http.MethodPost, status: 403},
		{name: "what it will break", as: pat, path: ask, status: 200, has: []string{
			"13 requests in the last hour, 13 in 24 hours, 13 in 30 days", "The latest just now.", "203.0.113.9, 2001:db8::9", "curl, Go",
			"POST /api/as/v1/engines/:engine/search", "5 in 30 days", "Private API key", `href="` + keyURL(w.keyNamed("private-key").ID, "") + `"`, "autofocus>Keep key"},
			not: []string{"198.51.100.77", `type="password"`}},
		{name: "what could take over is asked anew", as: pat, path: keyURL(w.keyNamed("private-key").ID, "/revoke"), status: 200, has: []string{"No other active key can do all that this one does."}},
		{name: "one button does it", as: pat, path: ask, method: http.MethodPost, status: 303, location: keyURL(id, "?done=revoked")},
	})
	w.count(41, id, usage.KeyRevoked, "192.0.2.66", "Go-http-client/1.1")
	w.clock.Add(65 * time.Second)
	w.count(1, id, usage.KeyRevoked, "192.0.2.67", "curl/8.1")
	// Nothing was flushed since: the page is exact all the same.
	w.visits(t, []visit{
		{name: "the receipt", as: vic, path: keyURL(id, ""), status: 200, has: []string{
			"In effect since", `<time datetime="2026-03-14T09:26:53Z">14 Mar 2026, 09:26:53 UTC</time>`, email(pat), "<b>42</b><span>requests refused since</span>",
			"14 Mar 2026, 09:27:58 UTC", "192.0.2.67", "42 requests rejected", "First on"},
			not: []string{"/revoke\"", "Edit"}},
	})
}

func TestAnExpiredKeySaysWhatWasRefused(t *testing.T) {
	w := settled(t)
	id, _ := w.createKey(w.as(pat), "expires", "7")
	w.clock.Add(8 * 24 * time.Hour)
	w.browsers = map[string]*webtest.Client{}
	w.count(2, id, usage.KeyExpired, "192.0.2.66", "curl/8.1")
	w.visits(t, []visit{
		{name: "its page", as: pat, path: keyURL(id, ""), status: 200, has: []string{">Expired</h2>", "<b>2</b>", "192.0.2.66", "2 requests rejected", "Signed search keys made with it are refused and counted too."}},
	})
}

// Whoever puts a key into everything that is counted of a request finds it in no table.
func TestCountingKeepsNoSecret(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	w.as(pat).Form(keyURL(id, "/reveal/done"))
	for _, secret := range []string{text, "prefix " + text, strings.Repeat("x ", 97) + text, "%" + text + "%", text[:40], strings.ToUpper(text)} {
		for _, why := range []usage.Reason{usage.Accepted, usage.KeyRevoked} {
			w.deps.Usage.Count(usage.Request{Key: id, Address: secret, Agent: secret, Method: "GET", Route: "/v1/indices/:index", Token: usage.TokenOf(secret)}, why)
		}
	}
	w.flush()
	part := strings.ToLower(text[len("private-") : len("private-")+12])
	err := w.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		tables, err := db.Query(ctx, tx, db.String, "SELECT name FROM sqlite_schema WHERE type = 'table'")
		if err != nil {
			return err
		}
		for _, table := range tables {
			rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table)
			if err != nil {
				return err
			}
			columns, _ := rows.Columns()
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			for rows.Next() {
				check(t, rows.Scan(into...))
				if strings.Contains(strings.ToLower(fmt.Sprint(values...)), part) {
					t.Errorf("%s holds the secret: %v", table, values)
				}
			}
			rows.Close()
		}
		return nil
	})
	check(t, err)
	if a := w.as(pat).Get(keyURL(id, "")); !strings.Contains(a.Body, "[hidden]") || strings.Contains(strings.ToLower(a.Body), part) {
		t.Error("the page of the key shows the secret")
	}
}
