package credential_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// exec runs statements on the database, past every rule.
func (p project) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if err := p.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// used writes a last use down, as the counting does.
func (p project) used(t testing.TB, id string, at time.Time) {
	t.Helper()
	p.exec(t, `INSERT INTO key_use (key_id, used_at, address, user_agent) VALUES ($1, $2, '', '')
		ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at`, id, at.UnixMilli())
}

// crowd makes keys in every state and gives a source of the same chances every time.
func (p project) crowd(t testing.TB, n int) *rand.Rand {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		p.oneMore(t, r)
		p.clock.Add(time.Duration(r.IntN(400)) * time.Minute)
	}
	return r
}

func (p project) oneMore(t testing.TB, r *rand.Rand) {
	t.Helper()
	in := credential.Input{Description: fmt.Sprintf("Key %d", r.IntN(30)), Type: []secret.Type{secret.Private, secret.Search, secret.Admin}[r.IntN(3)]}
	if in.Type == secret.Private {
		in.Access = []permission.Access{permission.AccessRead, permission.AccessWrite, permission.AccessFull}[r.IntN(3)]
	}
	if in.AllEngines = r.IntN(2) == 0; in.Type == secret.Admin {
		in.AllEngines = true
	} else if !in.AllEngines {
		in.Engines = []string{[]string{"a", "b", "c"}[r.IntN(3)], "d"}
	}
	now := p.clock.Now()
	if r.IntN(2) == 0 {
		in.ExpiresAt = now.Add(time.Duration(1+r.IntN(200*24)) * time.Hour)
	}
	k, _ := p.create(t, in)
	if r.IntN(3) == 0 {
		p.exec(t, "UPDATE keys SET created_at = $1 WHERE id = $2", now.AddDate(0, 0, -r.IntN(200)).UnixMilli(), k.ID)
	}
	if r.IntN(2) == 0 {
		p.used(t, k.ID, now.Add(-time.Duration(r.IntN(150*24))*time.Hour))
	}
	if r.IntN(8) == 0 {
		p.exec(t, "UPDATE keys SET legacy = 1 WHERE id = $1", k.ID)
	}
	if r.IntN(6) == 0 {
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// everything is every key of the project, read without any list.
func (p project) everything(t testing.TB) []credential.Key {
	t.Helper()
	var ids []string
	if err := p.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ids, err = db.Query(ctx, tx, db.String, "SELECT id FROM keys WHERE project_id = $1", p.place.Project)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var all []credential.Key
	for _, id := range ids {
		all = append(all, must(p.Get(ctx, audit.CommandLine(), p.place, id)))
	}
	return all
}

// ranks say for each order what it sorts by, and that what has no value comes last.
var ranks = map[string]func(k credential.Key, now time.Time) (missing bool, number int64, text string){
	"name": func(credential.Key, time.Time) (bool, int64, string) { return false, 0, "" },
	"type": func(k credential.Key, _ time.Time) (bool, int64, string) { return false, 0, string(k.Type) },
	"access": func(k credential.Key, _ time.Time) (bool, int64, string) {
		return false, int64(slices.Index([]string{"search", "read", "write", "custom", "full", "admin"}, cmp.Or(string(k.Access), string(k.Type)))), ""
	},
	"engines": func(k credential.Key, _ time.Time) (bool, int64, string) {
		switch {
		case k.Type == secret.Admin:
			return false, 1, ""
		case k.Scope.All:
			return false, 0, ""
		}
		return false, 0, k.Scope.Engines[0]
	},
	"created": func(k credential.Key, _ time.Time) (bool, int64, string) { return false, k.CreatedAt.UnixMilli(), "" },
	"expires": func(k credential.Key, _ time.Time) (bool, int64, string) {
		return k.ExpiresAt.IsZero(), k.ExpiresAt.UnixMilli(), ""
	},
	"last_used": func(k credential.Key, _ time.Time) (bool, int64, string) {
		return k.Use.At.IsZero(), k.Use.At.UnixMilli(), ""
	},
	"status": func(k credential.Key, now time.Time) (bool, int64, string) {
		first := k.Facts(now)[0]
		n := int64(slices.Index([]credential.Status{"expiring", "legacy", "unused", "never_used", "active", "expired", "revoked"}, first)) << 50
		switch first {
		case "expiring", "expired":
			n += k.ExpiresAt.UnixMilli()
		case "unused":
			n += cmp.Or(k.Use.At, k.CreatedAt).UnixMilli()
		case "active":
			n += k.Use.At.UnixMilli()
		}
		return false, n, ""
	},
}

// expected is the list that a filter asks for, made the slow and plain way.
func expected(all []credential.Key, f credential.Filter, now time.Time) []string {
	rank := ranks[f.Sort]
	list := slices.DeleteFunc(slices.Clone(all), func(k credential.Key) bool {
		facts := k.Facts(now)
		alive := facts[0] != credential.Revoked && facts[0] != credential.Expired
		switch f.Status {
		case "active":
			return !alive
		case "never_used":
			return !alive || !k.Use.At.IsZero()
		case "":
			return !alive && !f.Inactive && !(f.Live && facts[0] == credential.Expired)
		}
		return !slices.Contains(facts, credential.Status(f.Status))
	})
	list = slices.DeleteFunc(list, func(k credential.Key) bool {
		return f.Type != "" && k.Type != f.Type || f.Creator != "" && k.CreatedBy != f.Creator || f.Access != "" && k.Access != f.Access ||
			f.Engine != "" && (k.Type == secret.Admin || !k.Scope.All && !slices.Contains(k.Scope.Engines, f.Engine)) ||
			!strings.Contains(strings.ToLower(k.Name+"\n"+k.Description), f.Text)
	})
	slices.SortFunc(list, func(a, b credential.Key) int {
		missA, numberA, textA := rank(a, now)
		missB, numberB, textB := rank(b, now)
		if missA != missB {
			return map[bool]int{true: 1, false: -1}[missA]
		}
		c := 0
		if !missA {
			c = cmp.Or(cmp.Compare(numberA, numberB), cmp.Compare(textA, textB))
		}
		c = cmp.Or(c, cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		if f.Desc {
			c = -c
		}
		return c
	})
	var ids []string
	for _, k := range list {
		ids = append(ids, k.ID)
	}
	return ids
}

func (p project) list(t testing.TB, f credential.Filter) credential.Page {
	t.Helper()
	page, err := p.List(ctx, audit.CommandLine(), p.place, f)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func idsOf(keys []credential.Key) []string {
	var ids []string
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// Page by page, forwards and backwards, every list is what sorting all keys by hand gives.
func TestPagesOfEveryOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs side by side here, and the race detector makes it slow")
	}
	p := open(t)
	p.crowd(t, 90)
	p.Store = p.reopen(t) // the crowd was made past it in part
	all, now := p.everything(t), p.clock.Now()
	var filters []credential.Filter
	for _, status := range []string{"", "active", "expiring", "expired", "revoked", "never_used", "unused", "legacy"} {
		filters = append(filters, credential.Filter{Status: status}, credential.Filter{Status: status, Type: secret.Private})
	}
	filters = append(filters, credential.Filter{Inactive: true}, credential.Filter{Live: true}, credential.Filter{Inactive: true, Text: "key-1"},
		credential.Filter{Creator: "nobody"}, credential.Filter{Creator: "command line", Access: permission.AccessRead, Inactive: true}, credential.Filter{Engine: "b", Inactive: true})
	for sort := range ranks {
		for _, f := range filters {
			for _, desc := range []bool{false, true} {
				f.Sort, f.Desc, f.Limit = sort, desc, 7
				p.readsLike(t, f, expected(all, f, now))
			}
		}
	}
}

// readsLike goes through all pages of a list and back again.
func (p project) readsLike(t *testing.T, f credential.Filter, want []string) {
	t.Helper()
	var got []string
	var last credential.Page
	for n := 0; ; n++ {
		page := p.list(t, f)
		if page.Total != len(want) || page.Index != len(got) || (page.Newer == "") != (n == 0) {
			t.Errorf("%+v: page %d of %d keys (want %d) starts behind %d (want %d), newer %q", f, n, page.Total, len(want), page.Index, len(got), page.Newer)
			return
		}
		got, last = append(got, idsOf(page.Keys)...), page
		if page.Older == "" {
			break
		}
		f.Cursor = page.Older
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v:\n%q\nwant\n%q", f, got, want)
		return
	}
	from := last.Index
	for last.Newer != "" {
		f.Cursor = last.Newer
		last = p.list(t, f)
		ids := idsOf(last.Keys)
		if from = last.Index; !slices.Equal(ids, want[from:from+len(ids)]) || last.Older == "" {
			t.Errorf("%+v: back at %d: %q", f, from, ids)
			return
		}
	}
	if from != 0 {
		t.Errorf("%+v: the way back ends at %d", f, from)
	}
}

// A page that a cursor points at stays reachable when the keys around it come and go.
func TestACursorOutlivesItsKey(t *testing.T) {
	p := open(t)
	for i := range 20 {
		p.create(t, credential.Input{Name: fmt.Sprintf("k%02d", i), Type: secret.Search, AllEngines: true})
	}
	f := credential.Filter{Text: "k", Type: secret.Search, Limit: 5}
	first := p.list(t, f)
	f.Cursor = first.Older
	for _, k := range first.Keys[2:] {
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
			t.Fatal(err)
		}
	}
	second := p.list(t, f)
	if second.Keys[0].Name != "k05" {
		t.Errorf("the second page begins with %s", second.Keys[0].Name)
	}
	f.Cursor = second.Newer
	if back := p.list(t, f); len(back.Keys) != 5 || back.Keys[0].Name != "k00" || back.Newer != "" || back.Index != 0 {
		t.Errorf("the way back leads to %d keys from %s", len(back.Keys), back.Keys[0].Name)
	}
	for _, k := range second.Keys {
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
			t.Fatal(err)
		}
	}
	f = credential.Filter{Text: "k", Type: secret.Search, Limit: 5, Sort: "name"}
	for range 2 {
		f.Cursor = p.list(t, f).Older
	}
	for _, k := range p.list(t, f).Keys {
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
			t.Fatal(err)
		}
	}
	if end := p.list(t, f); len(end.Keys) != 5 || end.Older != "" || end.Keys[4].Name != "k17" || end.Index != 5 {
		t.Errorf("behind the end lie %d keys from %d", len(end.Keys), end.Index)
	}
}

func TestACursorThatIsNoneIsTheBeginning(t *testing.T) {
	p := open(t)
	p.crowd(t, 10)
	other := p.list(t, credential.Filter{Sort: "type", Limit: 2}).Older
	for _, c := range []string{"-4", "50", "!", "e30", "eyJpIjp7fX0", other, strings.Repeat("A", 5000),
		"eyJvIjoiIiwibiI6IngiLCJpIjoieCIsInYiOnsiYSI6MX19", "eyJvIjoiIiwibiI6IngiLCJpIjoieCIsInMiOjk5fQ"} {
		page := p.list(t, credential.Filter{Cursor: c, Limit: 2})
		if len(page.Keys) != 2 {
			t.Errorf("%q gives %d keys", c, len(page.Keys))
		}
	}
}

// The counts are right after every change, after reading the keys anew, and as time passes.
func TestOverviewIsRightAtEveryMoment(t *testing.T) {
	p := open(t)
	r := p.crowd(t, 60)
	for step := range 60 {
		all := p.everything(t)
		switch k := all[r.IntN(len(all))]; r.IntN(5) {
		case 0:
			p.oneMore(t, r)
		case 1:
			if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
				t.Fatal(err)
			}
		case 2:
			p.used(t, k.ID, p.clock.Now())
		case 3:
			p.exec(t, "UPDATE keys SET expires_at = $1 WHERE id = $2", p.clock.Now().Add(time.Duration(r.IntN(200))*24*time.Hour).UnixMilli(), k.ID)
		case 4:
			p.clock.Add(time.Duration(r.IntN(9*24)) * time.Hour)
		}
		var want credential.Overview
		all, now := p.everything(t), p.clock.Now()
		for _, k := range all {
			facts := k.Facts(now)
			switch facts[0] {
			case credential.Revoked:
				want.Revoked++
				continue
			case credential.Expired:
			default:
				want.Active++
			}
			want.Total++
			if facts[0] == credential.ExpiringSoon {
				want.Expiring++
			}
			if slices.Contains(facts, credential.Unused) {
				want.Unused++
			}
		}
		got, err := p.Overview(ctx, audit.CommandLine(), p.place)
		if err != nil || got != want {
			t.Fatalf("step %d: %+v, want %+v (%v)", step, got, want, err)
		}
	}
	p.exec(t, "DELETE FROM reveals; DELETE FROM key_use; DELETE FROM key_engines; DELETE FROM keys")
	if got, err := p.Overview(ctx, audit.CommandLine(), p.place); err != nil || got != (credential.Overview{}) {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
}

func TestCreators(t *testing.T) {
	p := open(t)
	p.crowd(t, 5)
	for i := range credential.MaxCreators + 10 {
		k, _ := p.create(t, credential.Input{Type: secret.Search, AllEngines: true})
		p.exec(t, "UPDATE keys SET created_by = $1 WHERE id = $2", fmt.Sprintf("user-%02d@example.com", i/2), k.ID)
	}
	got, err := p.Creators(ctx, audit.CommandLine(), p.place)
	if err != nil || len(got) != 31 || !slices.IsSorted(got) || got[0] != "command line" {
		t.Errorf("%d: %q, %v", len(got), got, err)
	}
}
