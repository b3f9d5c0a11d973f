package views

import "time"

// overview is the first page of a project in every state that looks different.
func (b build) overview() []sample {
	t := b.text
	page := b.page(NavOverview)
	page.Can.SeeAudit, page.Can.SeeUsage = true, true
	step := func(kind string, done bool) Step {
		s := Step{Kind: kind, Done: done}
		if kind != StepKey {
			s.Example = ExampleFor(ExampleSearch, sampleAPI, t("products"))
		}
		return s
	}
	item := func(kind, name string, can bool) AttentionItem {
		a := AttentionItem{Kind: kind, ID: t("k-" + kind), Called: t(name), Type: "private", Visible: t("private-6fK*****0kV"), Status: StatusRevoked, CanChange: can, Requests: 4_120, Rejected: 2_600, Address: t("203.0.113.24")}
		a.When = Ago(now.Add(-time.Hour), now)
		a.When.Note = "1 h ago"
		if kind == AttentionExpiring {
			a.When = Day(days(3), now)
		}
		return a
	}
	never := item(AttentionUnused, "old-importer", true)
	never.When, never.Type = When{}, "search"
	full := OverviewPage{
		Page: page, Stats: OverviewStats{Active: 9, Attention: 3, Requests: 6_312_044, Before: 5_900_000, PerDay: wave(30, 210_000, 120_000), Engines: 6, Documents: 1_312_774},
		Attention: []AttentionItem{item(AttentionDead, "contractor", false), item(AttentionRejected, "Checkout", true), item(AttentionExpiring, "Grafana exporter", true), item(AttentionExpiring, "CI", false), item(AttentionUnused, "Load test", true), never, item("something new", "x", true)},
		More:      []MoreKeys{{AttentionExpiring, 12}, {AttentionUnused, 1_204}},
		Changes: []ChangeItem{
			{"key.create", t("mara@nordlys.example"), t("checkout-production"), Moment(now, now)}, {"engine.delete", "The command line", t("orders"), Moment(days(-2), now)},
			{"user.login", t("mara@nordlys.example"), "", Moment(days(-3), now)}, {"something.new", t("x"), t("y"), Moment(days(-4), now)},
		},
		Steps:     []Step{step(StepEngine, true), step(StepDocument, true), step(StepRequest, true), step(StepKey, true)},
		Addresses: []Address{{AddressAppSearch, "https://keys.nordlys.example/h/" + t("host-2376rb") + "/api/as/v1/"}, {AddressLupa, "https://keys.nordlys.example/v1"}, {AddressHost, t("host-2376rb")}, {AddressSlugs, t("nordlys/storefront")}},
	}
	half := full
	half.Steps = []Step{step(StepEngine, true), step(StepDocument, false), step(StepRequest, false), step(StepKey, false)}
	half.Stats.Before, half.Changes, half.More = 9_000_000, nil, nil
	fresh := OverviewPage{Page: page, Steps: []Step{step(StepEngine, false), step(StepDocument, false), step(StepRequest, false), step(StepKey, false)}, Addresses: full.Addresses}
	viewer := fresh
	viewer.Can = Can{}
	return []sample{{"overview", Overview(full)}, {"overview-half", Overview(half)}, {"overview-empty", Overview(fresh)}, {"overview-viewer", Overview(viewer)}}
}
