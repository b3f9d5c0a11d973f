package console_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
)

var reviewedMark = regexp.MustCompile(`name="reviewed" value="([^"]+)"`)

// review posts an edit without the mark of a review and gives the page with the differences and the fields that save it.
func (w *world) review(t *testing.T, who, edit string, fields ...string) (body string, save []string) {
	t.Helper()
	a := w.as(who).Form(edit, fields...)
	m := reviewedMark.FindStringSubmatch(a.Body)
	if a.Status != http.StatusOK || m == nil {
		t.Fatalf("review: %d %s", a.Status, a.Body)
	}
	guarded(t, a)
	return a.Body, append(fields, "reviewed", m[1])
}

func TestEditKey(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	id, _ := w.createKey(w.as(pat), "name", "import", "scope", "some", "engine", "parks")
	before := w.key(id)
	edit := keyURL(id, "/edit")
	fields := []string{"description", "Hourly", "access", "write", "scope", "some", "engine", "gone-engine", "expires", "keep", "name", "other", "type", "admin"}
	w.visits(t, []visit{
		{name: "the form", as: pat, path: edit, status: 200, has: []string{"import", `value="Nightly import"`, `value="parks" checked`, `value="keep" checked`, "Keep 13 Apr 2026", "Review changes"},
			not: []string{`name="name"`, `name="type"`, "Save changes"}},
		{name: "an error", as: pat, path: edit, status: 422, form: []string{"description", "Kept", "access", "read", "scope", "all", "expires", "date"},
			has: []string{"Enter a date", `value="Kept"`, "Error: Edit"}},
	})
	body, save := w.review(t, pat, edit, fields...)
	contains(t, body, "3 changes", "Review changes to", "<del><bdi>Nightly import</bdi></del>", "<ins><bdi>Hourly</bdi></ins>", "<ins><bdi>gone-engine</bdi></ins>",
		"<del><bdi>parks</bdi></del>", "<ins><bdi>Add, change and delete documents</bdi></ins>", "<del><bdi>Search documents</bdi></del>",
		"This widens the key: permissions and engines.", "More than before", "It can add, change and delete documents in gone-engine.", "Save changes")
	if k := w.key(id); k.Description != "Nightly import" || k.Access != permission.AccessRead {
		t.Fatalf("saved without a review: %+v", k)
	}
	w.visits(t, []visit{
		{name: "change again keeps what was typed", as: pat, path: edit, status: 200, form: append(save, "preview", "summary"), has: []string{`value="Hourly"`, `value="gone-engine" checked`, "Does not exist", "Review changes"}},
		{name: "saving", as: pat, path: edit, status: 303, location: keyURL(id, "?done=saved"), form: save},
		{name: "the notice", as: pat, path: keyURL(id, "?done=saved"), status: 200, has: []string{"Changes saved.", "Hourly", "gone-engine"}},
		{name: "an engine that is no more can be kept", as: pat, path: edit, status: 200, has: []string{`value="gone-engine" checked`}},
		{name: "the same again changes nothing", as: pat, path: edit, status: 200, form: fields, has: []string{"Nothing changes", "Back to the key"}, not: []string{"Save changes"}},
		{name: "the history tells from what to what", as: pat, path: keyURL(id, ""), status: 200,
			has: []string{"<del><bdi>Read</bdi></del>", "<ins><bdi>Write</bdi></ins>", "<del><bdi>parks</bdi></del>", email(pat), "127.0.0.1"}},
		{name: "which a viewer learns only in part", as: vic, path: keyURL(id, ""), status: 200, has: []string{"Created", email(pat)}, not: []string{"<del>", "127.0.0.1"}},
	})
	k := w.key(id)
	if k.Name != "import" || k.Type != secret.Private || !k.ExpiresAt.Equal(before.ExpiresAt) || k.Access != permission.AccessWrite || k.Description != "Hourly" {
		t.Errorf("now %+v", k)
	}
	body, save = w.review(t, pat, edit, "description", "Hourly", "access", "write", "scope", "all", "expires", "never")
	contains(t, body, "This widens the key: engines and expires.", "<ins><bdi>Never</bdi></ins>", "stays dangerous")
	w.as(pat).Form(edit, save...)
	if k := w.key(id); !k.ExpiresAt.IsZero() || !k.Scope.All {
		t.Errorf("now %+v", k)
	}
}

// What was reviewed is what is saved: a change by somebody else in between is shown, and nothing is overwritten unseen.
func TestEditMeetsAnotherEdit(t *testing.T) {
	w := settled(t)
	id, _ := w.createKey(w.as(pat))
	edit := keyURL(id, "/edit")
	seen := hiddenValue(w.as(pat).Get(edit).Body, "seen")
	mine := []string{"seen", seen, "description", "Mine", "access", "read", "scope", "all", "expires", "keep"}
	_, save := w.review(t, pat, edit, mine...)
	_, theirs := w.review(t, ada, edit, "description", "Theirs", "access", "full", "scope", "all", "expires", "keep")
	if a := w.as(ada).Form(edit, theirs...); a.Status != http.StatusSeeOther {
		t.Fatalf("the other edit: %d", a.Status)
	}
	a := w.as(pat).Form(edit, save...)
	contains(t, a.Body, "Somebody changed this key meanwhile.", "<del><bdi>Theirs</bdi></del>", "<ins><bdi>Mine</bdi></ins>", "<del><bdi>Add, change and delete documents</bdi></del>")
	if k := w.key(id); a.Status != http.StatusConflict || k.Description != "Theirs" || k.Access != permission.AccessFull {
		t.Fatalf("%d, now %+v", a.Status, k)
	}
	// A form that was filled before the change learns of it at the review already.
	late := w.as(pat).Form(edit, mine...)
	contains(t, late.Body, "Somebody changed this key meanwhile.")
	again := append(mine, "reviewed", reviewedMark.FindStringSubmatch(a.Body)[1])
	if b := w.as(pat).Form(edit, again...); b.Status != http.StatusSeeOther || w.key(id).Description != "Mine" {
		t.Errorf("after the second review: %d %s", b.Status, b.Body)
	}
	for _, mark := range []string{"x", "0", "-1", "99999999999999999999"} {
		if b := w.as(pat).Form(edit, append(mine[:len(mine):len(mine)], "access", "full", "reviewed", mark)...); b.Status != http.StatusConflict {
			t.Errorf("mark %q: %d", mark, b.Status)
		}
	}
}

func TestARevokedKeyCannotBeReviewed(t *testing.T) {
	w := settled(t)
	id, _ := w.createKey(w.as(pat))
	_, save := w.review(t, pat, keyURL(id, "/edit"), "description", "Mine", "access", "read", "scope", "all", "expires", "keep")
	w.as(ada).Form(keyURL(id, "/revoke"))
	w.visits(t, []visit{
		{name: "saving what was reviewed before", as: pat, path: keyURL(id, "/edit"), form: save, status: 409, has: []string{"revoked"}, not: []string{"Save changes"}},
		{name: "reviewing", as: pat, path: keyURL(id, "/edit"), form: save[:len(save)-2], status: 409, not: []string{"Save changes"}},
	})
}

func hiddenValue(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

func TestPresetsFillTheForm(t *testing.T) {
	w := settled(t)
	has := func(preset string, parts ...string) visit {
		return visit{name: preset, as: pat, path: views.PresetURL("acme", "shop", preset), status: 200, has: append(parts, `aria-current="true"`)}
	}
	w.visits(t, []visit{
		{name: "without engines all are meant", as: pat, path: views.PresetURL("acme", "shop", "backend"), status: 200, has: []string{`value="all" checked`}},
	})
	w.engine("parks")
	w.visits(t, []visit{
		has("browser", `value="search" checked`, `value="some" checked`, `value="365" checked`, "none is chosen", "It is public"),
		has("backend", `value="private" checked`, `value="read" checked`, `value="90" checked`),
		has("indexer", `value="custom" checked`, `value="documents.modify" data-half="modify" checked`, `value="indices.read" data-half="read" checked`),
		has("ci", `value="custom" checked`, `value="7" checked`, `value="search.read" data-half="read" checked`),
		has("admin", `value="admin" checked`, `value="30" checked`, "Whoever holds this key can make keys"),
		{name: "one that does not exist", as: pat, path: views.PresetURL("acme", "shop", `"><b>`), status: 200, has: []string{`value="private" checked`, `value="90" checked`}, not: []string{`id="preset-hint" role="status">A`}},
		{name: "never is not chosen by anything", as: pat, path: newKeyURL, status: 200, has: []string{`value="90" checked`}, not: []string{`value="never" checked`}},
	})
}

func TestDuplicateKey(t *testing.T) {
	w := settled(t)
	foreign := w.other()
	w.engine("parks")
	id, text := w.createKey(w.as(pat), "name", "import", "access", "custom", "permission", "synonyms.modify", "scope", "some", "engine", "parks", "expires", "date", "expires_on", "2026-04-20")
	plain, _ := w.createKey(w.as(pat), "description", "", "name", "unnamed", "expires", "never")
	foreignID := views.KeysURL("other", foreign.Slug)
	from := func(id string) string { return views.DuplicateKeyURL("acme", "shop", id) }
	w.visits(t, []visit{
		{name: "what it is, and nothing secret", as: pat, path: from(id), status: 200, not: []string{text, text[:14], `value="import"`},
			has: []string{"Nightly import copy", `value="custom" checked`, `value="synonyms.modify" data-half="modify" checked`, `value="parks" checked`, `value="30" checked`, "Create key"}},
		{name: "never is not copied", as: pat, path: from(plain), status: 200, has: []string{"unnamed copy", `value="365" checked`}, not: []string{`value="never" checked`}},
		{name: "a key that does not exist", as: pat, path: from("00000000-0000-4000-8000-000000000000"), status: 404},
		{name: "a key of another project", as: oz, path: foreignID + "/new?from=" + id, status: 404, not: []string{"Nightly import"}},
		{name: "a viewer", as: vic, path: from(id), status: 403, not: []string{"Nightly import"}},
	})
	w.as(ada).Form(keyURL(id, "/revoke"))
	w.visits(t, []visit{{name: "a revoked key can be made anew", as: pat, path: from(id), status: 200, has: []string{"Nightly import copy"}}})
	a, b := w.as(oz).Get(foreignID+"/new?from="+id), w.as(oz).Get(foreignID+"/new?from=00000000-0000-4000-8000-000000000000")
	if got := regexp.MustCompile(id).ReplaceAllString(a.Body, "00000000-0000-4000-8000-000000000000"); got != b.Body {
		t.Error("a foreign key differs from a missing one")
	}
}

// The summary follows the form: alone for pages that ask, and inside the form after a submit.
func TestSummary(t *testing.T) {
	w := settled(t)
	foreign := w.other()
	w.engine("parks")
	id, _ := w.createKey(w.as(pat), "expires", "date", "expires_on", "2026-12-31")
	summary := views.KeySummaryURL("acme", "shop")
	form := []string{"type", "private", "access", "custom", "permission", "search.read", "permission", "documents.read", "scope", "some", "engine", "parks", "expires", "365"}
	const sentences = "<li>It can search and read documents in parks.</li><li>It cannot change anything.</li><li>It stops working on 14 Mar 2027, in 1 year.</li>"
	edited := []string{"key", id, "access", "read", "scope", "all", "expires", "keep"}
	w.visits(t, []visit{
		{name: "alone", as: pat, path: summary, form: form, status: 200, has: []string{sentences}, not: []string{"<html", "caution"}},
		{name: "in the form", as: pat, path: newKeyURL, form: append(form, "preview", "summary", "description", "Typed"), status: 200, has: []string{sentences, `value="Typed"`, "autofocus"}, not: []string{"Error:"}},
		{name: "with warnings", as: pat, path: summary, form: []string{"type", "private", "access", "full", "scope", "all", "expires", "never"}, status: 200,
			has: []string{"Full access to all engines", "never expires", `data-about="scope"`, "Warning: "}},
		{name: "of a change", as: pat, path: summary, form: edited, status: 200, has: []string{"It stops working on 31 Dec 2026"}},
		{name: "of a form without anything", as: pat, path: summary, form: []string{}, status: 200, has: []string{"not chosen yet"}},
		{name: "of nonsense", as: pat, path: summary, form: []string{"type", "private", "access", "custom", "permission", "<b>", "scope", "some", "engine", "<script>", "expires", "x"}, status: 200, not: []string{"<b>", "<script>"}},
		{name: "of a key that is not here", as: oz, path: views.KeySummaryURL("other", foreign.Slug), form: edited, status: 404, not: []string{"31 Dec"}},
		{name: "a viewer", as: vic, path: summary, form: form, status: 403},
	})
	if made := w.countKeys(); made != 3 {
		t.Errorf("%d keys: a summary made one", made)
	}
}

func TestFindEngines(t *testing.T) {
	w := settled(t)
	for _, name := range []string{"parks", "parks-staging", "orders"} {
		w.engine(name)
	}
	for i := range mostEngines {
		w.engine("bulk-" + time.Duration(i).String())
	}
	find := views.FindEnginesURL("acme", "shop")
	w.visits(t, []visit{
		{name: "alone", as: pat, path: find, form: []string{"find", " PARKS ", "engine", "orders"}, status: 200,
			has: []string{`value="orders" checked`, `value="parks"`, `value="parks-staging"`, "2 engines found"}, not: []string{"<html", `value="bulk-`}},
		{name: "in the form", as: pat, path: newKeyURL, form: []string{"preview", "find", "find", "parks", "scope", "some", "engine", "orders", "description", "Typed", "expires", "7"}, status: 200,
			has: []string{`value="orders" checked`, `value="parks"`, `value="Typed"`, `value="7" checked`, `value="parks" autocomplete`}, not: []string{`value="bulk-`}},
		{name: "nothing", as: pat, path: find, form: []string{"find", "nothing"}, status: 200, has: []string{"No engine has this in its name."}},
		{name: "not all at once", as: pat, path: newKeyURL, status: 200, has: []string{"Showing 100 of 103 engines", "Find engines"}},
		{name: "a chosen one is always there", as: pat, path: newKeyURL, form: []string{"preview", "summary", "scope", "some", "engine", "parks-staging"}, status: 200, has: []string{`value="parks-staging" checked`}},
		{name: "a viewer", as: vic, path: find, form: []string{"find", "parks"}, status: 403, not: []string{"parks-staging"}},
	})
}

const mostEngines = 100

// Enter presses the first button: that must be the one which only shows the form again.
func TestEnterNeverMakesAKey(t *testing.T) {
	w := settled(t)
	id := w.keyNamed("private-key").ID
	button := regexp.MustCompile(`<form class="key-form"[\s\S]*?(<button[^>]*>)`)
	for _, path := range []string{newKeyURL, keyURL(id, "/edit")} {
		m := button.FindStringSubmatch(w.as(pat).Get(path).Body)
		if m == nil || !regexp.MustCompile(`name="preview"`).MatchString(m[1]) {
			t.Errorf("%s: the first button is %q", path, m)
		}
	}
	for _, preview := range []string{"enter", "find", "summary", "x"} {
		if a := w.as(pat).Form(newKeyURL, w.keyFields(w.as(pat), "preview", preview)...); a.Status != http.StatusOK {
			t.Errorf("preview %s: %d", preview, a.Status)
		}
	}
	if n := w.countKeys(); n != 2 {
		t.Errorf("%d keys", n)
	}
}
