package console_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
)

var (
	auditURL    = views.AuditURL("acme", "shop")
	orgAuditURL = views.OrganizationAuditURL("acme")
)

// newKey makes a key in a project and gives its secret.
func (w *world) newKey(p account.Project, name, description string) (credential.Key, string) {
	w.t.Helper()
	k, s, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), p.Target(),
		credential.Input{Type: secret.Private, Access: permission.AccessRead, AllEngines: true, Name: name, Description: description}, nil)
	check(w.t, err)
	return k, s.Reveal()
}

func TestAuditLog(t *testing.T) {
	w := settled(t)
	depot := w.other()
	foreign, _ := w.newKey(depot, "foreign-key", "Foreign")
	k, _ := w.newKey(w.project, "checkout", "Checkout")
	_, err := w.deps.Credentials.Revoke(context.Background(), w.who(pat), w.project.Target(), k.ID)
	check(t, err)
	others := []string{"foreign-key", "Depot", email(oz), foreign.ID, depot.ID}
	w.visits(t, []visit{
		{name: "a project's, as its admin", as: pat, path: auditURL, status: 200, not: others,
			has: []string{"Audit log", email(pat), "revoked key", "checkout (", "Today", keyURL(k.ID, ""), "The command line", "latchkey audit verify", "Status", "Key revoked", "09:26:53 UTC", `datetime="2026-03-14T09:26:53.000Z"`}},
		{name: "a project's, as the organization's admin", as: ada, path: auditURL, status: 200, not: append(others, "added member"), has: []string{"checkout ("}},
		{name: "a project's, as a viewer", as: vic, path: auditURL, status: 403, not: append(others, "checkout (")},
		{name: "a project's, as a member", as: mia, path: auditURL, status: 404},
		{name: "a project's, as a guest", as: guest, path: auditURL, status: 303, location: views.LoginNextURL(auditURL)},
		{name: "a project's, as an outsider", as: oz, path: auditURL, status: 404, not: []string{"checkout", "Acme"}},
		{name: "an organization's", as: ada, path: orgAuditURL, status: 200, not: others, has: []string{"checkout (", "added member", email(vic), " in ", keysURL}},
		{name: "an organization's, as a project's admin", as: pat, path: orgAuditURL, status: 403, not: []string{"checkout (", "added member"}},
		{name: "an organization's, as a member", as: mia, path: orgAuditURL, status: 403},
		{name: "an organization's, as a guest", as: guest, path: orgAuditURL, status: 303, location: views.LoginNextURL(orgAuditURL)},
		{name: "an organization's, as an outsider", as: oz, path: orgAuditURL, status: 404, not: []string{"Acme"}},
		{name: "a viewer is not led there", as: vic, path: keysURL, status: 200, not: []string{auditURL, orgAuditURL}},
		{name: "a project's admin is", as: pat, path: keysURL, status: 200, has: []string{auditURL}, not: []string{orgAuditURL}},
	})
}

func TestAuditFilter(t *testing.T) {
	w := settled(t)
	k, text := w.newKey(w.project, "checkout", "Checkout")
	depot := w.other()
	_, foreign := w.newKey(depot, "foreign", "Foreign")
	_, err := w.deps.Credentials.Revoke(context.Background(), w.who(pat), w.project.Target(), k.ID)
	check(t, err)
	at := func(q string) string { return auditURL + "?" + q }
	form := func(pairs ...string) []string { return pairs }
	w.visits(t, []visit{
		{name: "one action", as: pat, path: at("action=key.revoke"), status: 200, has: []string{"revoked key", `value="key.revoke" selected`}, not: []string{"> created key"}},
		{name: "one actor", as: pat, path: at("actor=system"), status: 200, has: []string{"created key"}, not: []string{"</b> revoked key"}},
		{name: "one object", as: pat, path: at("object=" + k.ID), status: 200, has: []string{"revoked key", "created key", "checkout ("}, not: []string{"search-key ("}},
		{name: "a text", as: pat, path: at("object=CHECK"), status: 200, has: []string{"checkout (", `value="CHECK"`}, not: []string{"search-key ("}},
		{name: "today", as: pat, path: at("last=1"), status: 200, has: []string{"checkout (", `aria-current="true">Today`}},
		{name: "yesterday", as: pat, path: at("from=2026-03-13&to=2026-03-13"), status: 200, has: []string{"No events match.", "Clear filters", `value="2026-03-13"`}, not: []string{"checkout ("}},
		{name: "up to today", as: pat, path: at("to=2026-03-14"), status: 200, has: []string{"checkout ("}},
		{name: "nothing", as: pat, path: at("object=nowhere"), status: 200, has: []string{"No events match."}},
		{name: "nonsense counts as not said", as: pat, path: at("action=x'&last=5&from=x&to=&before=;&after=1-"), status: 200, has: []string{"checkout ("}, not: []string{"No events match."}},
		{name: "a secret in the address is not taken", as: pat, path: at("object=" + text), status: 200, has: []string{"search-key ("}, not: []string{text}},
		{name: "the form becomes an address", as: pat, path: auditURL, form: form("object", " Check ", "did", "key.*", "from", "2026-03-01", "last", "7"),
			status: 303, location: at("action=key.%2A&from=2026-03-01&object=Check")},
		{name: "an empty form", as: pat, path: auditURL, form: form("object", "", "did", ""), status: 303, location: auditURL},
		{name: "a secret finds its key", as: pat, path: auditURL, form: form("object", "KEY="+text), status: 303, location: at("object=" + k.ID)},
		{name: "also in the organization", as: ada, path: orgAuditURL, form: form("object", text), status: 303, location: orgAuditURL + "?object=" + k.ID},
		{name: "a secret of elsewhere", as: pat, path: auditURL, form: form("object", foreign), status: 303, location: auditURL + "?done=unknown-secret"},
		{name: "a secret of nowhere", as: ada, path: orgAuditURL, form: form("object", secret.Mint(secret.Private).Reveal()), status: 303, location: orgAuditURL + "?done=unknown-secret"},
		{name: "the notice", as: pat, path: auditURL + "?done=unknown-secret", status: 200, has: []string{"No such key here."}},
		{name: "as a viewer", as: vic, path: auditURL, form: form("object", "x"), status: 403},
		{name: "as an outsider", as: oz, path: auditURL, form: form("object", text), status: 404},
	})
}

func TestAuditPages(t *testing.T) {
	w := settled(t)
	for range 70 {
		w.clock.Add(time.Minute)
		w.engine("e-" + secret.Short(8))
	}
	first := w.as(pat).Get(auditURL)
	count := func(body string) int { return strings.Count(body, "created engine") }
	if got := count(first.Body); got != 100 { // once to see and once to hear
		t.Fatalf("%d engines on the first page", got)
	}
	link := func(body, text string) string {
		before, _, ok := strings.Cut(body, `">`+text+`</a>`)
		if !ok {
			return ""
		}
		return strings.ReplaceAll(before[strings.LastIndex(before, `"`)+1:], "&amp;", "&")
	}
	older := link(first.Body, "Older")
	second := w.as(pat).Get(older)
	if older == "" || link(first.Body, "Newer") != "" || count(second.Body) != 40 || !strings.Contains(second.Body, "created project") || link(second.Body, "Older") != "" {
		t.Fatalf("%q leads to %d engines", older, count(second.Body))
	}
	if newer := link(second.Body, "Newer"); count(w.as(pat).Get(newer).Body) != 100 {
		t.Errorf("%q does not lead back", newer)
	}
}

func TestAuditExport(t *testing.T) {
	w := settled(t)
	depot := w.other()
	w.newKey(depot, "foreign-key", "Foreign")
	_, text := w.newKey(w.project, "checkout", "Checkout")
	check(t, func() error {
		_, err := w.deps.Accounts.CreateOrganization(context.Background(), w.who(ada), `=cmd|' /C calc'!A0`)
		return err
	}())
	w.visits(t, []visit{
		{name: "as a viewer", as: vic, path: auditURL + "/export", form: []string{"format", "csv"}, status: 403},
		{name: "as a member", as: mia, path: auditURL + "/export", form: []string{"format", "csv"}, status: 404},
		{name: "as a guest", as: guest, path: auditURL + "/export", form: []string{"format", "csv"}, status: 401},
		{name: "as an outsider", as: oz, path: auditURL + "/export", form: []string{"format", "csv"}, status: 404},
		{name: "of the organization, as a project's admin", as: pat, path: orgAuditURL + "/export", form: []string{"format", "csv"}, status: 403},
		{name: "by a link", as: pat, path: auditURL + "/export", status: 405},
		{name: "nothing is written down of these", as: ada, path: orgAuditURL, status: 200, not: []string{"exported the audit log"}},
	})
	a := w.as(pat).Form(auditURL+"/export", "format", "csv", "did", "key.create")
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") ||
		a.Header.Get("Content-Disposition") != "attachment; filename=audit-acme-shop-20260314-092653.csv" {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	guarded(t, a)
	rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if err != nil || len(rows) != 4 || rows[0][0] != "seq" || rows[1][10] != "key.create" || len(rows[1][15]) != 64 {
		t.Errorf("%q, %v", rows, err)
	}
	lacks(t, a.Body, "foreign-key", text)
	a = w.as(ada).Form(orgAuditURL+"/export", "format", "jsonl")
	lines := strings.Split(strings.TrimSpace(a.Body), "\n")
	for _, line := range lines {
		var e struct {
			Seq  int64
			Hash string
			At   time.Time
			Org  string `json:"organization_id"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Seq == 0 || len(e.Hash) != 64 || e.At.IsZero() || e.Org != w.organization.ID {
			t.Errorf("%s: %v", line, err)
		}
	}
	if len(lines) < 8 {
		t.Errorf("%d lines", len(lines))
	}
	lacks(t, a.Body, "foreign-key", "Depot", text)
	contains(t, w.as(ada).Get(orgAuditURL).Body, "exported the audit log of", "Everything about", "Format", "jsonl")
	hostile := w.as(ada).Form(views.OrganizationAuditURL("cmd-c-calc-a0")+"/export", "format", "csv")
	rows, err = csv.NewReader(strings.NewReader(hostile.Body)).ReadAll()
	if err != nil || len(rows) != 3 || rows[2][12] != `'=cmd|' /C calc'!A0` {
		t.Errorf("%q, %v", rows, err)
	}
}

// What happened in a project that is gone is told, and leads nowhere.
func TestAuditLogOfADeletedProject(t *testing.T) {
	w := settled(t)
	k, _ := w.newKey(w.project, "checkout", "Checkout")
	check(t, w.deps.Accounts.DeleteProject(context.Background(), w.who(ada), "acme", "shop", account.Deletion{Name: "Shop", Password: password}))
	a := w.as(ada).Get(orgAuditURL)
	if a.Status != http.StatusOK {
		t.Fatal(a.Status)
	}
	contains(t, a.Body, "deleted project", "checkout (", "a deleted project")
	lacks(t, a.Body, keyURL(k.ID, ""), `href="`+keysURL, auditURL)
	w.visits(t, []visit{{name: "its own log", as: ada, path: auditURL, status: 404}, {name: "for its former admin", as: pat, path: auditURL, status: 404}})
}

// Whatever was typed stands in the log as text, and so does what a filter in an address says.
func TestAuditLogOfHostileText(t *testing.T) {
	w := settled(t)
	for _, text := range []string{`"><script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `javascript:alert(1)`, `=1+1`, `שלום`, strings.Repeat("ö", 100)} {
		w.createKey(w.as(ada), "description", text)
		for _, path := range []string{auditURL, orgAuditURL, auditURL + "?" + url.Values{"object": {text}, "actor": {text}, "action": {text}}.Encode()} {
			a := w.as(ada).Get(path)
			if a.Status != http.StatusOK {
				t.Errorf("%s: %d", path, a.Status)
			}
			tame(t, path, a.Body)
		}
	}
}
