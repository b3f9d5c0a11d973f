package views

import "time"

func (b build) event(seq int64, action, actor, object string, before time.Duration) AuditEvent {
	at := now.Add(-before)
	return AuditEvent{
		Seq: seq, Action: action, Actor: b.text(actor), ActorKind: "user", Object: b.text(object), ObjectID: b.text("5b0f6c0e-3f0a-4c43-9d1c-2f1f0c9a1a11"),
		Address: b.text("198.51.100.7"), RequestID: b.text("0b9c4a5e-6a51-4f3e-9f0b-77a0c52f5c1d"), Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		At: When{Text: at.Format("15:04:05 UTC"), Title: at.Format("2 Jan 2006, 15:04:05 UTC"), Machine: machine(at)},
	}
}

// log is the audit log of a project.
func (b build) log() AuditPage {
	t := b.text
	revoked := b.event(412, "key.revoke", "mara.lindqvist@nordlys.example", "Checkout production (private-6fK*****0kV)", 3*time.Minute)
	revoked.ObjectURL = KeyURL("nordlys", "storefront", t("k1"))
	revoked.Changes = []Change{{"status", t("active"), "revoked"}}
	changed := b.event(411, "key.update", "jonas.berg@nordlys.example", "grafana-exporter (private-Qe0*****V2n)", 2*time.Hour)
	changed.ObjectURL = KeyURL("nordlys", "storefront", "k2")
	changed.Changes = []Change{{"engines", t("products"), t("products, orders")}, {"expires", "never", "2027-02-14T09:41:00Z"}, {"description", "", t("Dashboards")}}
	machine := b.event(398, "engine.delete", "private-key (private-6fK*****0kV)", "products-staging", 26*time.Hour)
	machine.ActorKind = "key"
	system := b.event(397, "member.add", "The command line", "vic@nordlys.example", 27*time.Hour)
	system.ActorKind, system.Address, system.RequestID = "system", "", ""
	return AuditPage{
		Page: b.page(NavAudit), Events: 41_208, Head: "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9", Today: "2026-11-21", Older: "1792345678901-397",
		Actors:  []AuditActor{{t("u1"), t("mara.lindqvist@nordlys.example")}, {"u2", "jonas.berg@nordlys.example"}, {"system", "The command line"}},
		Actions: []string{"key.create", "key.revoke", "key.update", "engine.delete", "member.add", t("strange.deed")},
		Days: []AuditDay{
			{"Today", "21 Nov 2026", []AuditEvent{revoked, changed, b.event(409, "audit.export", "mara.lindqvist@nordlys.example", "Storefront", 3*time.Hour)}},
			{"Yesterday", "20 Nov 2026", []AuditEvent{machine, system, b.event(396, "user.login", "mara.lindqvist@nordlys.example", "", 28*time.Hour)}},
			{"", "14 Feb 2026", []AuditEvent{b.event(12, "key.create", "jonas.berg@nordlys.example", "Checkout production (private-6fK*****0kV)", 280*24*time.Hour)}},
		},
	}
}

func (b build) audit() []sample {
	t := b.text
	of := b.log()
	of.Page = b.outside(NavOrgAudit)
	for i := range of.Days {
		for j := range of.Days[i].Events {
			of.Days[i].Events[j].Place, of.Days[i].Events[j].PlaceURL = t("Storefront"), KeysURL("nordlys", t("storefront"))
		}
	}
	of.Days[0].Events[0].Place, of.Days[0].Events[0].PlaceURL = "a deleted project", ""
	filtered := b.log()
	filtered.Filter = AuditFilter{Actor: t("gone"), Action: "key.*", Object: t("check"), From: "2026-11-01", To: "2026-11-20"}
	filtered.Newer = "1792345678901-500"
	recent := b.log()
	recent.Theme, recent.Filter = "dark", AuditFilter{Last: 30, Action: t("strange.other")}
	nothing := b.log()
	nothing.Filter, nothing.Days, nothing.Older = AuditFilter{Object: t("nowhere")}, nil, ""
	far := nothing
	far.Older, far.Reached = "1792345678901-3", Moment(days(-200), now)
	unknown := b.log()
	unknown.Notice = Result("unknown-secret")
	return []sample{
		{"audit", Audit(b.log())}, {"audit-organization", Audit(of)}, {"audit-filtered", Audit(filtered)}, {"audit-recent-dark", Audit(recent)},
		{"audit-nothing", Audit(nothing)}, {"audit-far", Audit(far)}, {"audit-unknown-secret", Audit(unknown)},
		{"audit-empty", Audit(AuditPage{Page: b.page(NavAudit)})},
	}
}
