package views

import "time"

// usage is a range in which there was something every day.
func (b build) usage(span string) Usage {
	step, n := 24*time.Hour, 30
	switch span {
	case "24h":
		step, n = time.Hour, 24
	case "7d":
		step, n = 6*time.Hour, 28
	case "1y":
		step, n = 7*24*time.Hour, 52
	}
	u := Usage{Range: span, Signed: 31_200, Reasons: []ReasonRow{{"rate_limited", 2_600}, {"not_permitted", 122}, {"in_url", 3}, {b.text("else"), 1}}}
	for i, v := range wave(n, 37_000, 18_000) {
		start := now.Truncate(step).Add(time.Duration(i-n+1) * step)
		bar := UsageBarOf(span, start, start.Add(step))
		bar.Accepted, bar.Rejected = int64(v), int64(v/300)
		if i == 17 {
			bar.Rejected = 2_600
		}
		u.Bars, u.Accepted, u.Rejected = append(u.Bars, bar), u.Accepted+bar.Accepted, u.Rejected+bar.Rejected
	}
	return u
}

func (b build) seen() Seen {
	t := b.text
	return Seen{
		Full:      20,
		Addresses: []Sighting{{"198.51.100.7", 1_204_113, 12, Ago(now, now)}, {t("2001:db8:85a3::8a2e:370:7334"), 0, 31, Ago(days(-3), now)}},
		Agents:    []Sighting{{t("elastic-app-search-node/8.9.0 axios/1.7"), 1_204_000, 0, Ago(now, now)}, {"curl/8.1", 113, 43, Ago(days(-2), now)}, {t("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"), 2, 0, Ago(days(-9), now)}},
		Endpoints: []Sighting{{"POST /api/as/v1/engines/:engine/search", 1_204_113, 43, Ago(now, now)}, {"PATCH /v1/indices/:index/documents", 0, 1, Ago(days(-2), now)}},
	}
}

// usages are the pages about usage, in all ranges.
func (b build) usages() []sample {
	t := b.text
	key := func(n int64, status string) UsageKey {
		return UsageKey{ID: t("key_01"), Name: t("checkout"), Description: t("Checkout production"), Visible: t("private-6fK*****0kV"), Type: "private", Status: status, Number: n}
	}
	page := UsagePage{
		Page: b.page(NavUsage), Usage: b.usage("30d"), Before: 900_000, RejectedThen: 10, HasKeys: true,
		Top: []UsageKey{key(900_000, StatusActive), key(14_000, StatusExpiring), key(3, StatusUnused)}, Refused: []UsageKey{key(2_600, StatusRevoked)},
	}
	page.Usage.Reasons = append(page.Usage.Reasons, ReasonRow{"key_revoked", 40})
	calm := page
	calm.Usage.Rejected, calm.Usage.Reasons, calm.Refused = 0, nil, nil
	list := []sample{
		{"usage", ProjectUsage(page)}, {"usage-calm", ProjectUsage(calm)},
		{"usage-empty", ProjectUsage(UsagePage{Page: b.page(NavUsage), Usage: Usage{Range: "30d"}})},
		{"usage-unused", ProjectUsage(UsagePage{Page: b.page(NavUsage), Usage: Usage{Range: "24h"}, HasKeys: true})},
	}
	for _, span := range []string{"24h", "7d", "1y"} {
		p := b.details()
		p.Usage = b.usage(span)
		list = append(list, sample{"key-" + span, KeyDetails(p)})
	}
	expired := b.details()
	expired.Status, expired.Can.SeeAudit = StatusExpired, true
	expired.Revoked = &Revocation{Expired: true, At: Exact(days(-12), now), SignedTokens: true}
	expired.History = append([]HistoryEvent{{Event: "expire", At: Moment(days(-12), now)}, {Event: t("other")}}, expired.History...)
	return append(list, sample{"key-expired", KeyDetails(expired)})
}
