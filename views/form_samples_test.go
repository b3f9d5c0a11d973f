package views

import (
	"latchkey/db/permission"
)

func (b build) keyForm() KeyFormPage {
	t := b.text
	row := func(name, sentence, resource string, modify bool) PermissionRow {
		r := PermissionRow{Name: name, Sentence: sentence, Read: PermissionCell{Value: resource + ".read", Checked: true}}
		if modify {
			r.Modify = PermissionCell{Value: resource + ".modify", Checked: resource == "documents"}
		} else {
			r.Modify = PermissionCell{Unavailable: "there is nothing to modify"}
		}
		return r
	}
	keys := row("API keys", "list, create, change and revoke keys", "api_keys", true)
	keys.Modify.Unavailable = "you may not hand this out"
	return KeyFormPage{
		Page: b.page(NavCredentials), Token: "t0k3n", Type: "private", Description: t("Recommendations service, production"), Name: t("recommendations"),
		Access: "custom", Scope: "some", Expires: "90", Earliest: "2026-11-22",
		Ends: map[string]string{"7": "28 Nov 2026", "30": "21 Dec 2026", "90": "19 Feb 2027", "365": "21 Nov 2027"},
		Resources: []PermissionRow{
			row("Documents", "add, change, delete and read documents", "documents", true), row("Search", "search documents", "search", false),
			row("Synonyms", "see and change synonyms", "synonyms", true), row("A/B tests", "see and change A/B tests", "ab_tests", true), keys,
		},
		EngineChoices: EngineChoices{EnginesTotal: 4, EnginesFound: 4, Engines: []EngineChoice{
			{Name: t("products"), Documents: 48_210, Checked: true}, {Name: "products-staging", Documents: 5_000, Checked: true},
			{Name: "orders", Documents: 312_774}, {Name: "stores", Documents: 1},
		}},
		Effect: EffectOf(KeyPlan{Type: "private", Permissions: permission.Full, Engines: []string{t("products"), "products-staging"}, Expires: days(90), Now: now}),
	}
}

// forms is creating, changing and revealing keys.
func (b build) forms() []sample {
	t := b.text
	fresh := KeyFormPage{Page: b.page(NavCredentials), Token: "t", Resources: b.keyForm().Resources, Effect: EffectOf(KeyPlan{Type: "private", Permissions: permission.Read, AllEngines: true, Expires: days(90), Now: now})}
	failed := b.keyForm()
	failed.Form = Form{Message: "Some fields need another look.", Errors: map[string]string{
		"name": t("There is a key with this name already."), "expires_on": "Choose a day after today.", "permissions": "Tick at least one permission.", "engines": "Choose an engine.", "unknown": t("And this.")}}
	failed.Expires, failed.ExpiresOn = "date", "2026-11-20"
	preset := b.keyForm()
	preset.Preset, preset.Type, preset.Access, preset.Focus = "browser", "search", "read", "summary"
	dangerous := b.keyForm()
	dangerous.Expires, dangerous.Scope = "never", "all"
	dangerous.Effect = EffectOf(KeyPlan{Type: "private", Permissions: permission.Keys, AllEngines: true, Now: now})
	many := b.keyForm()
	many.EnginesTotal, many.EnginesFound, many.Find, many.Focus = 2_000, 1_204, t("staging"), "find"
	many.Engines = append(many.Engines, EngineChoice{Name: t("gone"), Checked: true, Missing: true}, EngineChoice{Name: "far", Unavailable: NotReached})
	none := many
	none.Engines, none.EnginesFound = nil, 0
	limited := b.keyForm()
	limited.Unavailable = map[string]string{"admin": NotEverything, "full": NotAllHeld, "write": NotAllHeld, "all": NotEverywhere}
	edit := b.keyForm()
	edit.Edit, edit.ID, edit.Visible, edit.Expires, edit.ExpiresNow, edit.Seen = true, t("key_01"), t("private-6fK*****0kV"), "keep", Day(days(85), now), "1"
	edit.Called = t("Recommendations service")
	public := edit
	public.Type, public.Expires, public.ExpiresNow = "search", "never", When{}
	return append([]sample{
		{"key-new", KeyForm(fresh)}, {"key-new-custom", KeyForm(b.keyForm())}, {"key-new-failed", KeyForm(failed)}, {"key-new-preset", KeyForm(preset)},
		{"key-new-dangerous", KeyForm(dangerous)}, {"key-new-many", KeyForm(many)}, {"key-new-none", KeyForm(none)}, {"key-new-limited", KeyForm(limited)},
		{"key-edit", KeyForm(edit)}, {"key-edit-search", KeyForm(public)},
	}, append(b.reviews(), b.reveals()...)...)
}

func (b build) reviews() []sample {
	t := b.text
	from := KeyPlan{Type: "private", Permissions: permission.Read, Engines: []string{t("products"), "orders"}, Expires: days(60), Now: now}
	to := KeyPlan{Type: "private", Permissions: permission.Write, Engines: []string{"orders", t("stores")}, Now: now}
	page := KeyReviewPage{
		Page: b.page(NavCredentials), ID: t("key_01"), Name: t("recommendations"), Description: t("Recommendations service"), Type: "private",
		Visible: t("private-6fK*****0kV"), Differences: KeyDifferences(from, to, [2]string{t("Recommendations"), t("Recommendations service")}), Effect: EffectOf(to),
		Fields: []FormField{{"description", t("Recommendations service")}, {"access", "write"}, {"engine", t("stores")}}, Reviewed: "1",
	}
	all := page
	to.AllEngines, to.Engines = true, nil
	all.Changed, all.Differences = true, KeyDifferences(from, to, [2]string{"", t("Named")})
	same := page
	same.Differences = nil
	return []sample{{"key-review", KeyReview(page)}, {"key-review-changed", KeyReview(all)}, {"key-review-nothing", KeyReview(same)}}
}

// sampleAPI is the address of the sample project.
const sampleAPI = "https://keys.nordlys.example/h/host-2376rb/api/as/v1"

func (b build) reveals() []sample {
	t := b.text
	alone := b.reveal()
	alone.Behind = nil
	gone := KeyRevealGonePage{Page: b.page(NavCredentials), ID: t("k"), Name: t("recommendations"), Type: "private", Visible: t("private-6fK*****0kV"), Description: t("Recommendations service")}
	late := gone
	late.Late = true
	return []sample{{"reveal", KeyReveal(b.reveal())}, {"reveal-alone", KeyReveal(alone)}, {"reveal-gone", KeyRevealGone(gone)}, {"reveal-late", KeyRevealGone(late)}}
}

func (b build) reveal() KeyRevealPage {
	behind := b.credentials()
	return KeyRevealPage{
		Page: b.page(NavCredentials), Behind: &behind, ID: b.text("key_13"), Name: b.text("recommendations"), Description: b.text("Recommendations service, production"), Type: "private",
		Secret: "private-6fK3vQ9ZsT1mXy8RbN4wLd72HcJpE5gUa0SkVq1W2e3R4t5Y", Access: "custom", AccessNote: "7 of 23",
		Engines: []string{b.text("products"), "products-staging"}, Expires: Day(days(90), now), Until: When{Text: "14:12 UTC", Machine: "2026-11-21T14:12:00Z"},
		Try: TryIt{
			Example: ExampleFor(ExampleSearch, sampleAPI, b.text("products")), Missing: b.text("products"),
			AppSearch: sampleAPI + "/", Lupa: "https://keys.nordlys.example/v1",
		},
	}
}
