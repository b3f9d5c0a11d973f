package views

import (
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db/permission"
)

func planOf(kind string, set permission.Set, engines ...string) KeyPlan {
	return KeyPlan{Type: kind, Permissions: set, AllEngines: len(engines) == 0, Engines: engines, Expires: days(94), Now: now}
}

func custom(list ...permission.Permission) permission.Set { return permission.Of(list...).Complete() }

const ends = " It stops working on 23 Feb 2027, in 94 days."

func TestKeySummary(t *testing.T) {
	search := permission.Of(permission.SearchRead)
	never := planOf("private", permission.Read)
	never.Expires = time.Time{}
	open := never
	open.Undecided = true
	over := planOf("private", permission.Read)
	over.Expires = days(-1)
	nowhere := planOf("private", permission.Read)
	nowhere.AllEngines = false
	for _, tt := range []struct {
		name string
		plan KeyPlan
		want string
	}{
		{"the example of the issue", planOf("private", custom(permission.SearchRead, permission.DocumentsRead), "products", "orders"),
			"It can search and read documents in products and orders. It cannot change anything." + ends},
		{"public search", planOf("search", search, "products"),
			"It can search in products. It cannot read documents or change anything. It is public: anyone who sees the page or app can copy it." + ends},
		{"read", planOf("private", permission.Read),
			"It can search and read documents in all engines, also those added later. It can also see all search settings, and read analytics and logs. It cannot change anything." + ends},
		{"write", planOf("private", permission.Write, "a", "b", "c"),
			"It can add, change and delete documents in a, b and c. It can also change all search settings, and create, change and delete these engines themselves. It cannot search, read documents or manage keys." + ends},
		{"full", planOf("private", permission.Full),
			"It can search, and read, add, change and delete documents in all engines, also those added later. It can also change all search settings, create, change and delete engines, and read analytics and logs. It cannot manage keys." + ends},
		{"everything a key can have", planOf("private", permission.Keys),
			"It can search, and read, add, change and delete documents in all engines, also those added later. It can also change all search settings, create, change and delete engines, and read analytics and logs. It can list, create, change and revoke keys of this project. There is nothing in these engines that it cannot do." + ends},
		{"some settings", planOf("private", custom(permission.SynonymsModify, permission.KeywordsRead), "a"),
			"It can change synonyms and see keywords in a. It cannot search, read documents, change documents, create or delete engines, or manage keys." + ends},
		{"only engines", planOf("private", custom(permission.IndicesRead), "a"), "It can see engines and their schema in a. It cannot search, read documents or change anything." + ends},
		{"lists keys", planOf("private", custom(permission.SearchRead, permission.APIKeysRead), "a"),
			"It can search in a. It can list the keys of this project, without their secrets. It cannot read documents or change anything." + ends},
		{"admin", planOf("admin", permission.ManageKeys),
			"It can list, create, change and revoke all keys of this project. It cannot search or touch documents itself, but it can make a key that does." + ends},
		{"nothing ticked", planOf("private", 0), "It cannot do anything yet: no permission is chosen." + ends},
		{"no engine chosen", nowhere, "It can search and read documents in no engine yet: none is chosen. It can also see all search settings, and read analytics and logs. It cannot change anything." + ends},
		{"many engines", planOf("search", search, "a", "b", "c", "d", "e", "f"),
			"It can search in 6 engines: a, b, c, d and 2 more. It cannot read documents or change anything. It is public: anyone who sees the page or app can copy it." + ends},
		{"a name that turns the writing", planOf("search", search, "\u202ea"),
			"It can search in \u2068\u202ea\u2069. It cannot read documents or change anything. It is public: anyone who sees the page or app can copy it." + ends},
		{"never", never, "It can search and read documents in all engines, also those added later. It can also see all search settings, and read analytics and logs. It cannot change anything. It works until someone revokes it."},
		{"not decided", open, "It can search and read documents in all engines, also those added later. It can also see all search settings, and read analytics and logs. It cannot change anything. When it stops working is not chosen yet."},
		{"over", over, "It can search and read documents in all engines, also those added later. It can also see all search settings, and read analytics and logs. It cannot change anything. It stopped working on 20 Nov 2026."},
	} {
		if got := strings.Join(KeySummary(tt.plan), " "); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// A summary must not be the same for two keys that differ in what they may do.
func TestKeySummaryTellsEveryPermission(t *testing.T) {
	silent := []permission.Permission{permission.IndicesRead} // comes with every other
	for _, info := range permission.All() {
		if !info.Custom || slices.Contains(silent, info.Permission) {
			continue
		}
		with, without := permission.Of(info.Permission, permission.IndicesRead), permission.Of(permission.IndicesRead)
		if strings.Join(KeySummary(planOf("private", with)), "") == strings.Join(KeySummary(planOf("private", without)), "") {
			t.Errorf("%s makes no difference", info.Permission)
		}
	}
}

func TestKeyWarnings(t *testing.T) {
	forever := func(p KeyPlan) KeyPlan { p.Expires = time.Time{}; return p }
	undecided := forever(planOf("private", permission.Full, "a"))
	undecided.Undecided = true
	late := planOf("search", permission.Of(permission.SearchRead), "a")
	late.Expires = days(500)
	year := late
	year.Expires = days(365)
	for _, tt := range []struct {
		name string
		plan KeyPlan
		want []string // what each is about and a word of it
	}{
		{"read, one engine, some months", planOf("private", permission.Read, "a"), nil},
		{"read, all engines", planOf("private", permission.Read), nil},
		{"read, never over", forever(planOf("private", permission.Read, "a")), []string{"never: secret"}},
		{"write, never over", forever(planOf("private", permission.Write, "a")), []string{"never: change things"}},
		{"full, all engines", planOf("private", permission.Full), []string{"scope: Full access"}},
		{"full, one engine", planOf("private", permission.Full, "a"), nil},
		{"full by hand, all engines", planOf("private", permission.Keys), []string{"access: make other keys", "scope: Full access"}},
		{"manages keys", planOf("private", custom(permission.APIKeysModify), "a"), []string{"access: make other keys"}},
		{"lists keys", planOf("private", custom(permission.APIKeysRead), "a"), nil},
		{"admin", planOf("admin", permission.ManageKeys), []string{"type: every permission"}},
		{"admin, never over", forever(planOf("admin", permission.ManageKeys)), []string{"type: every permission", "never: manages keys"}},
		{"search, all engines", planOf("search", permission.Of(permission.SearchRead)), []string{"scope: public"}},
		{"search, never over", forever(planOf("search", permission.Of(permission.SearchRead), "a")), nil},
		{"a year", year, nil},
		{"longer", late, []string{"expires: more than a year"}},
		{"not decided", undecided, nil},
		{"all at once", forever(planOf("private", permission.Keys)), []string{"access: make other keys", "scope: Full access", "never: change things"}},
	} {
		got := KeyWarnings(tt.plan)
		ok := len(got) == len(tt.want)
		for i := 0; ok && i < len(got); i++ {
			about, word, _ := strings.Cut(tt.want[i], ": ")
			ok = got[i].About == about && strings.Contains(got[i].Text, word)
		}
		if !ok {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// htmx is loaded by the form for keys and by nothing else: no other page pays for it.
func TestOnlyFormsForKeysLoadHTMX(t *testing.T) {
	for _, s := range (build{plain}).all() {
		wants := strings.HasPrefix(s.name, "key-new") || s.name == "key-edit" || s.name == "key-edit-search"
		source := render(t, s.page)
		if got := strings.Contains(source, "htmx-4.0.1.min."); got != wants || strings.Contains(source, "hx-post") && !wants {
			t.Errorf("%s loads htmx: %v", s.name, got)
		}
	}
}

func TestKeyDifferences(t *testing.T) {
	a := planOf("private", permission.Read, "parks", "orders")
	same := [2]string{"x", "x"}
	for _, tt := range []struct {
		name string
		to   func(p *KeyPlan)
		want string // field, "more" where it widens, and a part of it
	}{
		{"nothing", func(*KeyPlan) {}, ""},
		{"more permissions", func(p *KeyPlan) { p.Permissions = permission.Full }, "Permissions more +Add, change and delete documents"},
		{"fewer permissions", func(p *KeyPlan) { p.Permissions = custom(permission.SearchRead) }, "Permissions less -Read documents directly"},
		{"other permissions", func(p *KeyPlan) { p.Permissions = permission.Write }, "Permissions more -Search documents"},
		{"one more engine", func(p *KeyPlan) { p.Engines = []string{"orders", "parks", "stores"} }, "Engines more +stores"},
		{"one engine less", func(p *KeyPlan) { p.Engines = []string{"parks"} }, "Engines less -orders"},
		{"the same in another order", func(p *KeyPlan) { p.Engines = []string{"orders", "parks"} }, ""},
		{"all engines", func(p *KeyPlan) { p.AllEngines, p.Engines = true, nil }, "Engines more >All engines"},
		{"later", func(p *KeyPlan) { p.Expires = days(200) }, "Expires more >9 Jun 2027"},
		{"earlier", func(p *KeyPlan) { p.Expires = days(2) }, "Expires less >23 Nov 2026"},
		{"never", func(p *KeyPlan) { p.Expires = time.Time{} }, "Expires more >Never"},
	} {
		b := a
		tt.to(&b)
		got := ""
		for _, d := range KeyDifferences(a, b, same) {
			widens := " less "
			if d.Widens {
				widens = " more "
			}
			got += d.Field + widens + "+" + strings.Join(d.Added, "+") + "-" + strings.Join(d.Removed, "-") + "<" + d.From + ">" + d.To
		}
		head, part := tt.want, ""
		if i := strings.IndexAny(tt.want, "+->"); i >= 0 {
			head, part = tt.want[:i], tt.want[i:]
		}
		if !strings.HasPrefix(got, head) || !strings.Contains(got, part) || (tt.want == "") != (got == "") {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	forever := a
	forever.Expires = time.Time{}
	if d := KeyDifferences(forever, a, [2]string{"", "x"}); len(d) != 2 || d[0].From != "none" || d[1].Widens {
		t.Errorf("%+v", d)
	}
}
