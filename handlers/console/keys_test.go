package console_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/views"
	"latchkey/web/webtest"
)

func TestKeysByRole(t *testing.T) {
	w := settled(t)
	foreign := w.other()
	foreignKeys := views.KeysURL("other", foreign.Slug)
	id := w.keyNamed("private-key").ID
	var list []visit
	for _, path := range []string{keysURL, keyURL(id, ""), newKeyURL, keyURL(id, "/edit"), keyURL(id, "/revoke")} {
		modifies := path != keysURL && path != keyURL(id, "")
		for _, who := range []string{ada, pat, vic, mia, oz} {
			v := visit{name: who + " " + path, as: who, path: path, status: 200}
			switch {
			case who == vic && modifies:
				v.status, v.has = 403, []string{"You cannot do this", "Shop"}
			case who == vic:
				v.not = []string{"Create key", "/revoke", "/edit"}
			case who == mia, who == oz:
				v.status, v.has, v.not = 404, []string{"Nothing here"}, []string{"Shop", "private-key"}
			}
			list = append(list, v)
		}
		list = append(list, visit{name: "guest " + path, as: guest, path: path, status: 303, location: views.LoginNextURL(path)})
	}
	post := func(who, path string, status int) visit {
		return visit{name: who + " posts to " + path, as: who, path: path, method: http.MethodPost, status: status}
	}
	for _, path := range []string{newKeyURL, keyURL(id, "/edit"), keyURL(id, "/revoke"), keyURL(id, "/reveal/done")} {
		list = append(list, post(guest, path, 401), post(vic, path, 403), post(mia, path, 404), post(oz, path, 404))
	}
	list = append(list,
		post(guest, keysURL+"/search", 401), post(oz, keysURL+"/search", 404),
		visit{name: "another organization's keys", as: ada, path: foreignKeys, status: 404, not: []string{"Other", "Depot"}},
		visit{name: "its own admin", as: oz, path: foreignKeys, status: 200, has: []string{"Depot"}, not: []string{"Acme", "Shop"}},
		visit{name: "a key under another project's address", as: oz, path: foreignKeys + "/" + id, status: 404, not: []string{"private-key"}},
		post(oz, foreignKeys+"/"+id+"/revoke", 404),
	)
	w.visits(t, list)
	if k := w.key(id); !k.RevokedAt.IsZero() {
		t.Error("somebody revoked the key")
	}
}

// What is foreign must look like what is missing, to the last byte.
func TestForeignIsMissing(t *testing.T) {
	w := settled(t)
	other := views.KeysURL("other", "depot")
	paths := []string{other, other + "/new", views.OrganizationURL("other"), views.NewProjectURL("other"), views.EnginesURL("other", "depot"), views.KeysURL("acme", "vault")}
	before := map[string]string{}
	for _, path := range paths {
		before[path] = w.as(mia).Get(path).Body
	}
	w.other()
	_, _, err := w.deps.Accounts.CreateProject(context.Background(), audit.CommandLine(), "acme", "Vault", nil)
	check(t, err)
	for _, path := range paths {
		a := w.as(mia).Get(path)
		if a.Status != http.StatusNotFound || a.Body != before[path] {
			t.Errorf("%s differs from a missing one: %d", path, a.Status)
		}
	}
	vault, err := w.deps.Accounts.Project(context.Background(), audit.CommandLine(), "acme", "vault")
	check(t, err)
	list, err := w.deps.Credentials.List(context.Background(), audit.CommandLine(), vault.Target(), credential.Filter{})
	check(t, err)
	const missing = "00000000-0000-4000-8000-000000000000"
	for _, k := range list.Keys {
		for _, rest := range []string{"", "/edit", "/revoke", "/reveal"} {
			a, b := w.as(pat).Get(keyURL(k.ID, rest)), w.as(pat).Get(keyURL(missing, rest))
			if a.Status != http.StatusNotFound || strings.ReplaceAll(a.Body, k.ID, missing) != b.Body {
				t.Errorf("a foreign key differs from a missing one: %d", a.Status)
			}
		}
	}
}

func TestKeysList(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	b := w.as(ada)
	w.createKey(b, "name", "nightly-import", "description", "Nightly import", "access", "custom", "permission", "documents.modify", "scope", "some", "engine", "parks")
	w.createKey(b, "name", "soon-over", "description", "", "expires", "7")
	dead, _ := w.createKey(b, "name", "gone-one")
	b.Form(keyURL(dead, "/revoke"))
	w.visits(t, []visit{
		{name: "those that are alive", as: ada, path: keysURL, status: 200,
			has: []string{"Nightly import", "soon-over", "search-key", "private-key", "3 of 24", "Show inactive (1)", "1 expiring", "parks"}, not: []string{"gone-one"}},
		{name: "with the revoked", as: ada, path: keysURL + "?inactive=1", status: 200, has: []string{"gone-one", "Hide inactive"}},
		{name: "by text", as: ada, path: keysURL + "?q=NIGHT", status: 200, has: []string{"Nightly import", `value="NIGHT"`, "1 key"}, not: []string{"soon-over"}},
		{name: "by type", as: ada, path: keysURL + "?type=search", status: 200, has: []string{"search-key"}, not: []string{"Nightly import"}},
		{name: "by access", as: ada, path: keysURL + "?access=custom", status: 200, has: []string{"Nightly import"}, not: []string{"soon-over"}},
		{name: "by engine", as: ada, path: keysURL + "?engine=else", status: 200, has: []string{"search-key"}, not: []string{"Nightly import"}},
		{name: "by status", as: ada, path: keysURL + "?status=revoked", status: 200, has: []string{"gone-one"}, not: []string{"soon-over"}},
		{name: "expiring", as: ada, path: keysURL + "?status=expiring", status: 200, has: []string{"soon-over"}, not: []string{"Nightly import"}},
		{name: "to nothing", as: ada, path: keysURL + "?q=nothing-like-it", status: 200, has: []string{"No keys match.", "Clear filters"}},
		{name: "nonsense counts as nothing", as: ada, path: keysURL + "?type=x&access=x&status=x&sort=x&dir=x&cursor=-4&engine=%3Cb%3E&q=%ff", status: 200,
			has: []string{"Nightly import", "search-key"}, not: []string{"<b></", "<b>&"}},
	})
	body := b.Get(keysURL + "?sort=name&dir=desc").Body
	if strings.Index(body, "soon-over") > strings.Index(body, "Nightly import") {
		t.Error("not sorted from the end")
	}
	w.clock.Add(credential.UnusedAfter + time.Hour)
	w.browsers = map[string]*webtest.Client{}
	w.visits(t, []visit{{name: "unused", as: ada, path: keysURL + "?status=unused", status: 200, has: []string{"private-key", "Unused", "2 unused"}}})
}

func TestKeysPages(t *testing.T) {
	w := settled(t)
	for i := range 120 {
		_, _, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.project.Target(), credential.Input{
			Name: fmt.Sprintf("bulk-%03d", i), Type: secret.Search, AllEngines: true}, nil)
		check(t, err)
	}
	b := w.as(ada)
	first := b.Get(keysURL).Body
	contains(t, first, "bulk-000", "bulk-049", "1–50 of 122 keys", `aria-disabled="true">Previous`)
	lacks(t, first, "bulk-050")
	second := b.Get(pageLink(t, first, "Next")).Body
	contains(t, second, "bulk-050", "bulk-099", "51–100 of 122 keys")
	lacks(t, second, "bulk-049", "bulk-100")
	last := b.Get(pageLink(t, second, "Next")).Body
	contains(t, last, "bulk-119", "private-key", "101–122 of 122 keys", `aria-disabled="true">Next`)
	lacks(t, last, "bulk-099")
	back := b.Get(pageLink(t, last, "Previous")).Body
	contains(t, back, "bulk-050", "bulk-099", "51–100 of 122 keys")
	lacks(t, back, "bulk-049", "bulk-100")
	back = b.Get(pageLink(t, back, "Previous")).Body
	contains(t, back, "bulk-000", "1–50 of 122 keys", `aria-disabled="true">Previous`)
}

// pageLink is where a button of the pager leads.
func pageLink(t testing.TB, body, text string) string {
	t.Helper()
	m := regexp.MustCompile(`<a class="btn sm" href="([^"]+)">` + text + `</a>`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no link %s", text)
	}
	return html.UnescapeString(m[1])
}

// The filter is posted, and becomes an address unless it holds a secret: that leads to its key and nowhere else.
func TestSearchKeys(t *testing.T) {
	w := settled(t)
	foreign := w.other()
	minted := secret.Mint(secret.Private).Reveal()
	id, text := w.createKey(w.as(ada))
	revoked, revokedText := w.createKey(w.as(ada), "description", "Second")
	w.as(ada).Form(keyURL(revoked, "/revoke"))
	_, foreignText, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), foreign.Target(),
		credential.Input{Type: secret.Private, Access: permission.AccessRead, AllEngines: true}, nil)
	check(t, err)
	search := keysURL + "/search"
	unknown := keysURL + "?done=unknown-key"
	typo := text[:len(text)-1] + "!"
	w.visits(t, []visit{
		{name: "a filter", as: vic, path: search, form: []string{"q", " nightly ", "type", "private", "status", "", "inactive", "1"}, status: 303,
			location: keysURL + "?inactive=1&q=nightly&type=private"},
		{name: "the order stays", as: vic, path: search, form: []string{"q", "", "sort", "name:desc"}, status: 303, location: keysURL + "?dir=desc&sort=name"},
		{name: "another order begins anew", as: vic, path: search, form: []string{"sort", "expires:asc", "dir", "desc"}, status: 303, location: keysURL + "?dir=asc&sort=expires"},
		{name: "nothing", as: vic, path: search, form: []string{"q", ""}, status: 303, location: keysURL},
		{name: "a visible key", as: vic, path: search, form: []string{"q", secret.Mask(text)}, status: 303, location: keysURL + "?q=" + url.QueryEscape(secret.Mask(text))},
		{name: "a secret", as: vic, path: search, form: []string{"q", text}, status: 303, location: keyURL(id, "")},
		{name: "a secret with something around it", as: vic, path: search, form: []string{"q", `Authorization: Bearer "` + text + `"`}, status: 303, location: keyURL(id, "")},
		{name: "the secret of a revoked key", as: vic, path: search, form: []string{"q", revokedText}, status: 303, location: keyURL(revoked, "")},
		{name: "a secret that nobody has", as: vic, path: search, form: []string{"q", minted}, status: 303, location: unknown},
		{name: "a secret of another organization", as: vic, path: search, form: []string{"q", foreignText.Reveal()}, status: 303, location: unknown},
		{name: "a secret with a slip", as: vic, path: search, form: []string{"q", typo}, status: 303, location: unknown},
		{name: "a secret of the old form", as: vic, path: search, form: []string{"q", "private-abcdefghij0123456789abcd"}, status: 303, location: unknown},
		{name: "the notice", as: vic, path: unknown, status: 200, has: []string{"No such key here."}},
		{name: "a secret in the address is dropped", as: vic, path: keysURL + "?q=" + text, status: 200, has: []string{"search-key"}, not: []string{text}},
		{name: "nor is one in the path repeated", as: vic, path: keyURL(text, ""), status: 404, not: []string{text}},
		{name: "also within other text", as: vic, path: keysURL + "?q=x+" + text + "&engine=" + text, status: 200, not: []string{text}},
	})
}

func TestCreateKey(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	b := w.as(pat)
	cases := []struct {
		name   string
		change []string
		want   credential.Key
	}{
		{"read access to everything for 30 days", nil, credential.Key{Type: secret.Private, Access: permission.AccessRead,
			Scope: permission.Scope{All: true}, ExpiresAt: w.clock.Now().AddDate(0, 0, 30)}},
		{"full access, never over", []string{"access", "full", "expires", "never"}, credential.Key{Type: secret.Private, Access: permission.AccessFull, Scope: permission.Scope{All: true}}},
		{"until the end of a day", []string{"expires", "date", "expires_on", "2026-12-31"}, credential.Key{Type: secret.Private, Access: permission.AccessRead,
			Scope: permission.Scope{All: true}, ExpiresAt: time.Date(2026, 12, 31, 23, 59, 59, 999e6, time.UTC)}},
		{"until the end of today", []string{"expires", "date", "expires_on", "2026-03-14"}, credential.Key{Type: secret.Private, Access: permission.AccessRead,
			Scope: permission.Scope{All: true}, ExpiresAt: time.Date(2026, 3, 14, 23, 59, 59, 999e6, time.UTC)}},
		{"one engine", []string{"scope", "some", "engine", "parks"}, credential.Key{Type: secret.Private, Access: permission.AccessRead,
			Scope: permission.Scope{Engines: []string{"parks"}}, ExpiresAt: w.clock.Now().AddDate(0, 0, 30)}},
		{"picked permissions", []string{"access", "custom", "permission", "synonyms.modify", "expires", "365"}, credential.Key{Type: secret.Private, Access: permission.AccessCustom,
			Custom: permission.Of(permission.SynonymsModify).Complete(), Scope: permission.Scope{All: true}, ExpiresAt: w.clock.Now().AddDate(0, 0, 365)}},
		{"permissions that were ticked and not chosen", []string{"permission", "api_keys.modify"}, credential.Key{Type: secret.Private, Access: permission.AccessRead,
			Scope: permission.Scope{All: true}, ExpiresAt: w.clock.Now().AddDate(0, 0, 30)}},
		{"an admin key", []string{"type", "admin", "scope", "some", "engine", "parks", "permission", "search.read"}, credential.Key{Type: secret.Admin,
			Scope: permission.Scope{All: true}, ExpiresAt: w.clock.Now().AddDate(0, 0, 30)}},
		{"fields that the form does not have", []string{"id", "chosen", "project_id", "chosen", "role", "PROJECT_ADMIN", "created_by", "root"}, credential.Key{Type: secret.Private,
			Access: permission.AccessRead, Scope: permission.Scope{All: true}, ExpiresAt: w.clock.Now().AddDate(0, 0, 30)}},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			id, text := w.createKey(b, tt.change...)
			k := w.key(id)
			if k.Type != tt.want.Type || k.Access != tt.want.Access || k.Custom != tt.want.Custom || !k.ExpiresAt.Equal(tt.want.ExpiresAt) ||
				k.Scope.All != tt.want.Scope.All || strings.Join(k.Scope.Engines, ",") != strings.Join(tt.want.Scope.Engines, ",") {
				t.Errorf("made %+v", k)
			}
			if k.CreatedBy != email(pat) || k.Description != "Nightly import" {
				t.Errorf("made by %q as %q", k.CreatedBy, k.Description)
			}
			if w.deps.Credentials.Check(text).KeyID != id {
				t.Error("the secret shown is not that of the key")
			}
		})
	}
}

func TestCreateSearchKey(t *testing.T) {
	w := settled(t)
	b := w.as(pat)
	a := b.Form(newKeyURL, w.keyFields(b, "type", "search", "name", "site-search")...)
	k := w.keyNamed("site-search")
	if want := keyURL(k.ID, "?done=created"); a.Header.Get("Location") != want {
		t.Fatalf("leads to %q, want %q", a.Header.Get("Location"), want)
	}
	page := b.Get(keyURL(k.ID, "?done=created")).Body
	contains(t, page, "Key created.", "Public by nature")
	if w.deps.Credentials.Check(secretOn(page)).KeyID != k.ID {
		t.Error("the page of a search key does not show it")
	}
	if again := secretOn(w.as(vic).Get(keyURL(k.ID, "")).Body); again != secretOn(page) {
		t.Error("a viewer does not see the public key")
	}
}

func TestKeyFormErrors(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	b := w.as(pat)
	fill := func(change ...string) []string { return w.keyFields(b, change...) }
	list := []visit{
		{name: "a name that is taken keeps everything", form: fill("name", "search-key", "description", "Kept <b>text</b>", "access", "custom", "permission", "documents.read",
			"scope", "some", "engine", "parks", "expires", "date", "expires_on", "2026-12-31"),
			has: []string{"Name is already taken", `value="search-key"`, "Kept &lt;b&gt;text", `value="2026-12-31"`, `name="form_token" value="`, "Error: Create a key",
				`value="custom" checked`, `value="documents.read" data-half="read" checked`, `value="some" checked`, `value="parks" checked`, `value="date" checked`},
			not: []string{"<b>text"}},
		{name: "a bad name", form: fill("name", "No Spaces"), has: []string{"lower-case letters", `value="No Spaces"`}},
		{name: "no such type", form: fill("type", "root"), has: []string{"Choose private, search or admin."}},
		{name: "no such access", form: fill("access", "everything"), has: []string{"Choose read, write, full or custom."}},
		{name: "custom without a permission", form: fill("access", "custom"), has: []string{"Choose at least one permission."}},
		{name: "no such permission", form: fill("access", "custom", "permission", "members.modify"), has: []string{"There is no permission"}},
		{name: "some engines and none named", form: fill("scope", "some"), has: []string{"Choose at least one engine"}},
		{name: "no scope at all is not all engines", form: fill("scope", ""), has: []string{"Choose at least one engine"}},
		{name: "a date that has passed", form: fill("expires", "date", "expires_on", "2026-03-13"), has: []string{`id="expires_on-error"`, "The date has passed."}},
		{name: "no date", form: fill("expires", "date", "expires_on", "soon"), has: []string{`id="expires_on-error"`, "Enter a date", `value="soon"`}},
		{name: "no expiry at all is not never", form: fill("expires", ""), has: []string{"Choose when the key expires."}},
		{name: "keep is for changes only", form: fill("expires", "keep"), has: []string{"Choose when the key expires."}},
		{name: "marks that turn the writing", form: fill("description", "abc\u202etxt"), has: []string{"writing direction"}},
		{name: "several at once", form: fill("type", "root", "name", "A", "expires", "x"), has: []string{"Choose private", "lower-case letters", "Choose when", "Three things to fix"}},
	}
	for i := range list {
		list[i].as, list[i].path, list[i].status = pat, newKeyURL, 422
	}
	w.visits(t, list)
	page, err := w.deps.Credentials.List(context.Background(), audit.CommandLine(), w.project.Target(), credential.Filter{Inactive: true})
	check(t, err)
	if page.Total != 2 {
		t.Errorf("%d keys", page.Total)
	}
}

func TestKeyDetails(t *testing.T) {
	w := settled(t)
	id, _ := w.createKey(w.as(pat), "access", "custom", "permission", "documents.modify")
	for range 3 {
		w.deps.Usage.Count(usage.Request{Key: id, Address: "203.0.113.9", Agent: "curl/8.1"}, usage.Accepted)
	}
	w.deps.Usage.Count(usage.Request{Key: id, Address: "203.0.113.9", Agent: "curl/8.1"}, usage.NotPermitted)
	check(t, w.deps.Usage.Flush(context.Background()))
	w.visits(t, []visit{
		{name: "what it is and does", as: vic, path: keyURL(id, ""), status: 200, has: []string{
			w.key(id).Visible, "Custom, 3 of 24 permissions", "Read, modify", "3 accepted and 1 rejected", "203.0.113.9", "curl/8.1", "Created"},
			not: []string{`id="secret"`}},
		{name: "before it is revoked", as: pat, path: keyURL(id, "/revoke"), status: 200, has: []string{"This key is in use.", "3 requests in the last hour", "Keep key", "Revoke key"}},
	})
}

func TestRevoke(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	w.visits(t, []visit{
		{name: "asking changes nothing", as: pat, path: keyURL(id, "/revoke"), status: 200, has: []string{"This key was never used."}},
		{name: "it is carried out", as: pat, path: keyURL(id, "/revoke"), method: http.MethodPost, status: 303, location: keyURL(id, "?done=revoked")},
	})
	if w.deps.Credentials.Check(text).Reason != credential.KeyRevoked {
		t.Error("the key is not dead")
	}
	at := w.key(id).RevokedAt
	w.clock.Add(time.Minute)
	w.deps.Usage.Count(usage.Request{Key: id, Address: "203.0.113.9", Agent: "curl/8.1"}, usage.KeyRevoked)
	check(t, w.deps.Usage.Flush(context.Background()))
	w.visits(t, []visit{
		{name: "the receipt", as: pat, path: keyURL(id, "?done=revoked"), status: 200, has: []string{"Key revoked.", "receipt-title", email(pat), "<b>1</b>", "Signed search keys"},
			not: []string{"/edit", keyURL(id, "/revoke")}},
		{name: "asking again leads to the key", as: ada, path: keyURL(id, "/revoke"), status: 303, location: keyURL(id, "")},
		{name: "revoking again is fine", as: ada, path: keyURL(id, "/revoke"), method: http.MethodPost, status: 303, location: keyURL(id, "?done=revoked")},
		{name: "its secret waits no longer", as: pat, path: keyURL(id, "/reveal"), status: 410, not: []string{text}},
		{name: "it cannot be changed", as: pat, path: keyURL(id, "/edit"), status: 409, has: []string{"A revoked key cannot be changed."}},
		{name: "not even by force", as: pat, path: keyURL(id, "/edit"), form: []string{"access", "full"}, status: 409},
	})
	if k := w.key(id); !k.RevokedAt.Equal(at) || k.RevokedBy != email(pat) {
		t.Errorf("revoked at %v by %s", k.RevokedAt, k.RevokedBy)
	}
}
