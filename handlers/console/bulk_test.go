package console_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/secret"
	"latchkey/views"
)

// many makes public search keys named prefix-000 and so on, and gives their ids and secrets.
func (w *world) many(prefix string, n int) (ids, secrets []string) {
	w.t.Helper()
	for i := range n {
		k, s, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.project.Target(), credential.Input{
			Name: fmt.Sprintf("%s-%03d", prefix, i), Type: secret.Search, AllEngines: true}, nil)
		check(w.t, err)
		ids, secrets = append(ids, k.ID), append(secrets, s.Reveal())
	}
	return ids, secrets
}

// values gives what the inputs of a name on a page hold.
func values(body, name string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`name="`+name+`" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		list = append(list, html.UnescapeString(m[1]))
	}
	return list
}

func form(name string, list []string, more ...string) []string {
	for _, v := range list {
		more = append(more, name, v)
	}
	return more
}

// From the list to revoked: the link in the row, and the button of the page it opens. No menu, no script, no password.
func TestRevokingFromTheDashboardTakesTwoActions(t *testing.T) {
	w := settled(t)
	id, text := w.createKey(w.as(pat))
	row := regexp.MustCompile(`(?s)<tr role="row"[^>]*>(.*?)</tr>`)
	link := ""
	for _, m := range row.FindAllStringSubmatch(w.as(pat).Get(keysURL).Body, -1) {
		if before, _, _ := strings.Cut(m[1], "popover>"); strings.Contains(m[1], keyURL(id, "")) {
			if a := regexp.MustCompile(`<a class="[^"]*" href="([^"]+/revoke)" aria-label="Revoke [^"]*Nightly import`).FindStringSubmatch(before); a != nil {
				link = a[1]
			}
		}
	}
	if link == "" {
		t.Fatal("the row has no link that revokes, outside of its menu")
	}
	dialog := w.as(pat).Get(link).Body // action one
	button := regexp.MustCompile(`(?s)<dialog.*<form method="post" action="([^"]+)">\s*<button class="btn danger">Revoke key</button>`).FindStringSubmatch(dialog)
	if button == nil || strings.Contains(dialog[strings.Index(dialog, "<dialog"):], `type="password"`) {
		t.Fatal("the page that asks has no single button")
	}
	w.as(pat).Form(button[1]) // action two
	if w.deps.Credentials.Check(text).Reason != credential.KeyRevoked {
		t.Error("the key is not dead")
	}
	lacks(t, w.as(vic).Get(keysURL).Body, "/revoke", `type="checkbox" name="id"`)
}

// Several keys are listed, counted and revoked; those that were not shown stay.
func TestRevokeSeveral(t *testing.T) {
	w := settled(t)
	ids, secrets := w.many("bulk", 5)
	foreign := w.other()
	strange, _, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), foreign.Target(), credential.Input{Name: "strange", Type: secret.Search, AllEngines: true}, nil)
	check(t, err)
	_, err = w.deps.Credentials.Revoke(context.Background(), audit.CommandLine(), w.project.Target(), ids[4])
	check(t, err)
	b := w.as(pat)
	bulk := keysURL + "/bulk"
	ask := b.Form(bulk, form("id", append(slices.Clone(ids[1:]), strange.ID), "act", "revoke", "q", "bulk")...)
	contains(t, ask.Body, "Revoke 3 keys", "bulk-001", "bulk-003", "1 key is revoked already", "1 key does not exist any more.", "Type 3 to confirm", keysURL+"?q=bulk")
	lacks(t, ask.Body, "bulk-000", "strange", strange.ID, "bulk-004")
	shown := values(ask.Body, "id")
	if !slices.Equal(shown, ids[1:4]) {
		t.Fatalf("posted would be %q", shown)
	}
	w.visits(t, []visit{
		{name: "nothing ticked", as: pat, path: bulk, form: []string{"act", "revoke"}, status: 303, location: keysURL + "?done=none-ticked"},
		{name: "nothing to do", as: pat, path: bulk, form: []string{"id", ids[0], "act", "destroy"}, status: 303, location: keysURL + "?done=none-ticked"},
		{name: "another number", as: pat, path: bulk + "/revoke", form: form("id", shown, "count", "5"), status: 422,
			has: []string{"Error: Revoke 3 keys", "Nothing was revoked.", `value="5"`, `aria-invalid="true"`}},
		{name: "no number", as: pat, path: bulk + "/revoke", form: form("id", shown), status: 422, has: []string{"Nothing was revoked."}},
		{name: "no keys", as: pat, path: bulk + "/revoke", form: []string{"count", "0"}, status: 422},
		{name: "a viewer", as: vic, path: bulk + "/revoke", form: form("id", shown, "count", "3"), status: 403},
	})
	for i := range 4 {
		if w.deps.Credentials.Check(secrets[i]).Reason != "" {
			t.Fatalf("key %d is dead before anybody confirmed", i)
		}
	}
	// What matches changes in between: what was shown counts.
	_, lateSecrets := w.many("bulk-late", 1)
	done := b.Form(bulk+"/revoke", form("id", append(shown, strange.ID), "count", "4")...)
	contains(t, done.Body, "3 keys revoked, 1 failed", "bulk-001", "bulk-002", "bulk-003", "A key that is not here", "There is no such key.", `data-selection-done="`+keysURL+`"`)
	lacks(t, done.Body, "strange", strange.ID)
	for i, raw := range append(slices.Clone(secrets[:4]), lateSecrets...) {
		if dead := w.deps.Credentials.Check(raw).Reason == credential.KeyRevoked; dead != (i > 0 && i < 4) {
			t.Errorf("key %d is dead: %v", i, dead)
		}
	}
	again := b.Form(bulk+"/revoke", form("id", shown, "count", "3")...)
	contains(t, again.Body, "3 keys revoked", "Was revoked already")
	if a := b.Form(bulk+"/revoke", "id", secrets[0]); strings.Contains(a.Body, secrets[0]) {
		t.Error("what may be a secret is repeated")
	}
	guarded(t, done)
}

// One that cannot be revoked does not hold up the others, and is named with the reason.
func TestRevokeSeveralNamesWhatFailed(t *testing.T) {
	w := settled(t)
	ids, secrets := w.many("bulk", 3)
	check(t, w.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, "CREATE TRIGGER stuck BEFORE UPDATE OF revoked_at ON keys WHEN OLD.name = 'bulk-001' BEGIN SELECT RAISE(ABORT, 'the disk is full at /secret/path'); END")
		return err
	}))
	a := w.as(pat).Form(keysURL+"/bulk/revoke", form("id", ids, "count", "3")...)
	contains(t, a.Body, "2 keys revoked, 1 failed", "Something went wrong")
	lacks(t, a.Body, "/secret/path")
	if failed := a.Body[strings.Index(a.Body, "failed-title"):strings.Index(a.Body, "done-title")]; !strings.Contains(failed, "bulk-001") || strings.Contains(failed, "bulk-000") {
		t.Error("the wrong key is said to have failed")
	}
	for i, raw := range secrets {
		if dead := w.deps.Credentials.Check(raw).Reason == credential.KeyRevoked; dead != (i != 1) {
			t.Errorf("key %d is dead: %v", i, dead)
		}
	}
}

func TestSetTheExpiryOfSeveral(t *testing.T) {
	w := settled(t)
	ids, _ := w.many("bulk", 2)
	url := keysURL + "/bulk/expiry"
	ask := w.as(pat).Form(keysURL+"/bulk", form("id", ids, "act", "expiry")...)
	contains(t, ask.Body, "Set the expiry of 2 keys", `value="90" checked`, "bulk-001", url)
	w.visits(t, []visit{
		{name: "no choice", as: pat, path: url, form: form("id", ids), status: 422, has: []string{"Choose when the key expires."}},
		{name: "a day that has passed", as: pat, path: url, form: form("id", ids, "expires", "date", "expires_on", "2026-03-01"), status: 422,
			has: []string{"The date has passed.", `value="2026-03-01"`, `id="expires_on-error"`}},
		{name: "no day", as: pat, path: url, form: form("id", ids, "expires", "date", "expires_on", "soon"), status: 422, has: []string{"Enter a date"}},
		{name: "a viewer", as: vic, path: url, form: form("id", ids, "expires", "7"), status: 403},
		{name: "a week", as: pat, path: url, form: form("id", ids, "expires", "7"), status: 200, has: []string{"Expiry of 2 keys set", "They expire on", "Expires soon"}},
		{name: "again", as: pat, path: url, form: form("id", ids, "expires", "7"), status: 200, has: []string{"Had this expiry already"}},
	})
	if k := w.key(ids[1]); !k.ExpiresAt.Equal(w.clock.Now().AddDate(0, 0, 7)) {
		t.Errorf("expires %v", k.ExpiresAt)
	}
	w.visits(t, []visit{{name: "never", as: pat, path: url, form: form("id", ids, "expires", "never"), status: 200, has: []string{"They never expire now."}}})
	if k := w.key(ids[0]); !k.ExpiresAt.IsZero() {
		t.Errorf("expires %v", k.ExpiresAt)
	}
}

// Without JavaScript what is ticked travels from page to page with the form.
func TestTheSelectionIsKeptAcrossPagesWithoutScripts(t *testing.T) {
	w := settled(t)
	ids, _ := w.many("bulk", 60)
	b := w.as(pat)
	next := values(b.Get(keysURL+"?q=bulk").Body, "go")
	if len(next) != 1 {
		t.Fatalf("%d buttons lead on", len(next))
	}
	second := b.Form(keysURL+"/bulk", form("id", ids[:2], "q", "bulk", "go", next[0])...)
	if got := values(second.Body, "kept"); second.Status != 200 || !slices.Equal(got, ids[:2]) {
		t.Fatalf("%d: kept %q", second.Status, got)
	}
	contains(t, second.Body, "bulk-059", "and 2 on other pages", "51–60 of 60 keys")
	back := b.Form(keysURL+"/bulk", form("kept", ids[:2], "id", ids[55], "q", "bulk", "go", values(second.Body, "go")[0])...)
	contains(t, back.Body, `value="`+ids[0]+`" checked`, `value="`+ids[1]+`" checked`, "and 1 on other pages")
	lacks(t, back.Body, `value="`+ids[2]+`" checked`)
	ask := b.Form(keysURL+"/bulk", form("kept", []string{ids[55]}, "id", ids[0], "act", "revoke")...)
	contains(t, ask.Body, "Revoke 2 keys", "bulk-000", "bulk-055")
}

// All that match can be selected by an address, up to a limit that the page names.
func TestSelectAllThatMatch(t *testing.T) {
	w := settled(t)
	ids, _ := w.many("bulk", 3)
	a := w.as(pat).Get(keysURL + "/bulk?q=bulk")
	if got := values(a.Body, "id"); a.Status != 200 || !slices.Equal(got, ids) {
		t.Fatalf("%d %q", a.Status, got)
	}
	if strings.Count(a.Body, "checked") != 3 {
		t.Error("not all of them are ticked")
	}
	contains(t, a.Body, `method="post" action="`+keysURL+`/bulk"`)
	one := w.as(pat).Form(keysURL+"/bulk", "id", ids[0], "act", "revoke").Body
	contains(t, one, "Revoke 1 key", "Keep key")
	lacks(t, one, `name="count"`)
	w.many("more", credential.MaxBulk)
	w.visits(t, []visit{
		{name: "too many", as: pat, path: keysURL + "/bulk", status: 200, has: []string{"These are the first 1,000. 5 more match"}},
		{name: "of the revoked none", as: pat, path: keysURL + "/bulk?status=revoked", status: 200, not: []string{`name="id"`}},
		{name: "a viewer", as: vic, path: keysURL + "/bulk", status: 403},
	})
}

func TestExport(t *testing.T) {
	w := settled(t)
	nasty := []string{`=HYPERLINK("http://evil.example","x")`, `+1+1`, `-2+3`, `@SUM(A1)`, `a "quoted", one; x`, "мир 鍵", "'already", " =1+1"}
	for i, text := range nasty {
		_, _, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.project.Target(), credential.Input{
			Name: fmt.Sprintf("nasty-%d", i), Description: text, Type: secret.Search, Engines: []string{"a", "b"}, ExpiresAt: w.clock.Now().Add(time.Hour)}, nil)
		check(t, err)
	}
	_, secrets := w.many("bulk", 600)
	gone := w.keyNamed("bulk-007")
	_, err := w.deps.Credentials.Revoke(context.Background(), audit.CommandLine(), w.project.Target(), gone.ID)
	check(t, err)
	a := w.as(vic).Get(keysURL + "/export.csv?sort=created")
	rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	check(t, err)
	if a.Header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" || a.Header.Get("Content-Disposition") != `attachment; filename=keys-acme-shop-20260314-092653.csv` {
		t.Errorf("%q, %q", a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
	}
	if len(rows) != 1+2+len(nasty)+599 || rows[0][0] != "id" || rows[0][12] != "expires_at" {
		t.Errorf("%d rows, head %q", len(rows), rows[0])
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(strings.TrimSpace(cell)[:1], "=+-@") {
				t.Errorf("a formula: %q", cell)
			}
		}
		if i := 0; strings.HasPrefix(row[1], "nasty-") {
			fmt.Sscanf(row[1], "nasty-%d", &i)
			if !strings.HasSuffix(row[2], strings.TrimSpace(nasty[i])) || row[12] != "2026-03-14T10:26:53Z" || row[7] != "a b" {
				t.Errorf("%q", row)
			}
		}
	}
	for _, raw := range secrets[:20] {
		lacks(t, a.Body, raw, raw[10:])
	}
	j := w.as(vic).Get(keysURL + "/export.json?q=bulk&inactive=1")
	var list []struct {
		Name, Status, Visible_Key string
		Engines                   []string
		All_Engines               bool
		Revoked_At, Expires_At    *time.Time
	}
	check(t, json.Unmarshal([]byte(j.Body), &list))
	if len(list) != 600 || list[7].Name != "bulk-007" || list[7].Status != "revoked" || list[7].Revoked_At == nil || list[0].Expires_At != nil || !list[0].All_Engines || list[0].Engines == nil {
		t.Errorf("%d keys, %+v", len(list), list[7])
	}
	if none := w.as(vic).Get(keysURL + "/export.json?q=nothing-like-it"); strings.TrimSpace(none.Body) != "[\n]" {
		t.Errorf("none: %q", none.Body)
	}
	w.visits(t, []visit{
		{name: "a guest", as: guest, path: keysURL + "/export.csv", status: 303, location: views.LoginNextURL(keysURL + "/export.csv")},
		{name: "a member without the project", as: mia, path: keysURL + "/export.json", status: 404},
	})
	if got := w.as(pat).Do(http.MethodHead, keysURL+"/export.csv", ""); got.Status != 200 {
		t.Errorf("HEAD: %d", got.Status)
	}
}
