package views

import (
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"
)

var now = time.Date(2026, 11, 21, 14, 2, 0, 0, time.UTC)

func days(n int) time.Time { return now.AddDate(0, 0, n) }

// sample is one page in one state.
type sample struct {
	name string
	page templ.Component
}

// build makes the samples; text is applied to everything that users type.
type build struct{ text func(string) string }

func plain(s string) string { return s }

func (b build) page(nav NavItem) Page {
	t := b.text
	return Page{
		Path: "/console/organizations/nordlys/projects/storefront/credentials?q=a&type=private",
		User: &UserInfo{Email: t("mara.lindqvist@nordlys.example"), Role: RoleLabel("ORGANIZATION_ADMIN")},
		Project: &ProjectInfo{
			OrgName: t("Nordlys Outdoor"), OrgSlug: t("nordlys"), ProjectName: t("Storefront"), ProjectSlug: t("storefront"),
		},
		Switcher: []SwitcherOrganization{
			{Name: t("Nordlys Outdoor"), Slug: t("nordlys"), Projects: []SwitcherProject{
				{Name: t("Storefront"), Slug: t("storefront"), Current: true}, {Name: t("B2B portal"), Slug: "b2b"}, {Name: "Intranet search", Slug: "intranet"},
			}},
			{Name: t("Fjellmat"), Slug: "fjellmat", Projects: []SwitcherProject{{Name: "Recipes", Slug: "recipes"}}},
			{Name: "Empty", Slug: "empty"},
		},
		Nav: nav, Attention: 3,
		Can: Can{ManageKeys: true, ManageEngines: true, CreateProject: true, CreateOrganization: true},
	}
}

func (b build) outside(nav NavItem) Page {
	p := b.page(nav)
	p.Organization = &OrganizationInfo{Name: p.Project.OrgName, Slug: p.Project.OrgSlug}
	p.Project = nil
	return p
}

func wave(n, size, weekend int) []int {
	values := make([]int, n)
	for i := range values {
		values[i] = size + (i*7919)%(size/4+1)
		if d := i % 7; d == 5 || d == 6 {
			values[i] = weekend
		}
	}
	return values
}

func (b build) key(i int, name, kind, access, status string, engines []string, used time.Duration, expires int) KeyRow {
	k := KeyRow{
		ID: b.text(fmt.Sprintf("key_%02d", i)), Name: b.text(name), Type: kind, Access: access, Status: status,
		Description: b.text(strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "-", " ")),
		Visible:     b.text(kind + "-" + string(rune('a'+i)) + "fK*****0kV"), CanEdit: status != StatusRevoked, CanRevoke: status != StatusRevoked,
		AllEngines: engines == nil,
	}
	for _, e := range engines {
		k.Engines = append(k.Engines, b.text(e))
	}
	if access == "custom" {
		k.AccessNote = "3 of 23"
	}
	if used >= 0 {
		k.LastUsed = Ago(now.Add(-used), now)
		k.PerDay = wave(30, 40+i*13, 10)
		k.Requests = Short(int64(i)*482_113) + " requests in 30 days"
	} else {
		k.PerDay = make([]int, 30)
	}
	if expires != 0 {
		k.Expires = Day(days(expires), now)
	}
	return k
}

func (b build) credentials() CredentialsPage {
	return CredentialsPage{
		Page: b.page(NavCredentials),
		Stats: KeyStats{
			Active: 9, Total: 12, Attention: 3, Expiring: 2, Unused: 1, Requests: 6_312_044,
			Trend: 8, Compared: true, Rejected: 214, Dead: 3, RequestsPerDay: wave(30, 210_000, 120_000),
		},
		Engines: []string{b.text("products"), "orders", "stores"}, Matching: 12, Inactive: 4, Newer: "n", Older: b.text("o"),
		Filter: KeyFilter{Sort: "last_used"},
		Keys: []KeyRow{
			b.key(0, "checkout-production", "private", "full", StatusActive, []string{"products", "orders"}, 0, 85),
			b.key(1, "storefront-search-box", "search", "search", StatusActive, []string{"products"}, 12*time.Minute, 0),
			b.key(2, "grafana-exporter", "private", "read", StatusExpiring, nil, 30*time.Minute, 3),
			b.key(3, "mobile-app", "search", "search", StatusActive, []string{"products", "stores", "orders", "help-center"}, 3*time.Hour, 130),
			b.key(4, "ci-smoke-tests", "private", "custom", StatusActive, []string{"products-staging"}, 4*time.Hour, 55),
			b.key(5, "terraform", "admin", "admin", StatusActive, nil, 51*time.Hour, 221),
			b.key(6, "old-importer", "private", "write", StatusUnused, nil, -1, 0),
			b.key(7, "black-friday-load-test", "private", "full", StatusExpired, nil, 300*time.Hour, -12),
			b.key(8, "contractor", "private", "full", StatusRevoked, nil, 900*time.Hour, 0),
		},
	}
}

func (b build) details() KeyDetailsPage {
	t := b.text
	p := KeyDetailsPage{
		Page: b.page(NavCredentials), ID: t("key_01"), Name: t("checkout-production"), Description: t("Checkout service in production, owned by the payments team"),
		Visible: t("private-6fK*****0kV"), Type: "private", Status: StatusActive, Access: "full", AccessNote: "22 of 23",
		May:     []May{{"Search", true, false}, {"Engines", true, false}, {"Documents", true, true}, {"Synonyms", false, true}},
		Engines: []string{t("products"), t("orders")}, Expires: Day(days(85), now), Created: Day(days(-280), now), CreatedBy: t("jonas.berg@nordlys.example"),
		LastUsed: LastUse{When: Ago(now.Add(-2*time.Minute), now), Address: "198.51.100.7", Agent: t("elastic-app-search-node/8.10.1 (linux; node 22)")},
		CanEdit:  true, CanRevoke: true,
	}
	p.Usage, p.Seen, p.Signed = b.usage("30d"), b.seen(), SignedUse{Tokens: 214, Last: Ago(now, now)}
	p.History = []HistoryEvent{
		{Event: "reject", Count: 2_600, Reason: "rate_limited", Address: "203.0.113.24", At: Moment(days(-12), now), First: Moment(days(-13), now)},
		{Event: "update", By: t("jonas.berg@nordlys.example"), Address: "198.51.100.7", At: Moment(days(-80), now), Changes: []Change{
			{"Engines", t("products"), t("products, orders")}, {"Expires", "", "14 Feb 2027"}, {"Description", t("Checkout"), t("Checkout service in production")},
		}},
		{Event: "reveal", By: t("mara@nordlys.example"), At: Moment(days(-280), now)},
		{Event: "create", By: t("mara@nordlys.example"), Address: "198.51.100.9", At: Moment(days(-280), now)},
	}
	return p
}

func (b build) revoke() KeyRevokePage {
	behind := b.credentials()
	return KeyRevokePage{
		Page: b.page(NavCredentials), Behind: &behind, ID: b.text("key_01"), Name: b.text("checkout-production"), Description: b.text("Checkout production"), Type: "private", Visible: b.text("private-6fK*****0kV"),
		Engines: []string{b.text("products"), "orders"}, Hour: 1_702, DayCount: 41_208, Month: 1_204_113,
		LastUsed:  LastUse{When: Moment(now, now), Address: "198.51.100.7"},
		Addresses: []string{"198.51.100.7", "2001:db8::7334"}, Agents: []string{b.text("elastic-app-search-node/8.9.0 axios/1.7"), "curl/8.1", "curl/8.2"},
		Endpoints: []string{"POST /api/as/v1/engines/:engine/search", "POST /api/as/v1/engines/:engine/documents"}, Signed: SignedUse{Tokens: 1_000, Many: true, Last: Moment(days(-1), now)},
		Covering: []Link{{b.text("Checkout staging"), KeyURL("nordlys", "storefront", b.text("key_02"))}, {"Importer", b.text("/console")}}, CoveringAll: 4, Created: Day(days(-280), now), CreatedBy: b.text("jonas.berg@nordlys.example"),
	}
}
