package views

import "time"

// bulk is what is done with several keys, in every state, and the dashboard while something is ticked.
func (b build) bulk() []sample {
	t := b.text
	key := func(i int, name, kind, status string, used time.Duration, expires int, requests string) BulkKey {
		k := b.key(i, name, kind, "", status, nil, used, expires)
		return BulkKey{ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: kind, Status: status,
			LastUsed: k.LastUsed, Expires: k.Expires, Requests: requests, Recent: used >= 0 && used < 24*time.Hour}
	}
	keys := []BulkKey{
		key(0, "checkout-production", "private", StatusActive, 2*time.Minute, 85, "1.2\u00a0M"), key(1, "grafana-exporter", "private", StatusExpiring, time.Hour, 3, "42 k"),
		key(2, "old-importer", "admin", StatusUnused, -1, 0, "0"), key(3, "black-friday", "search", StatusExpired, 300*time.Hour, -12, "0"), key(4, "imported", "private", StatusLegacy, 40*time.Hour, 0, "12"),
	}
	page := KeyBulkPage{Page: b.page(NavCredentials), Keys: keys, Back: KeyFilter{Query: t("import"), Sort: "last_used"}}
	revoke := page
	revoke.Act, revoke.Revoked, revoke.Missing = ActRevoke, 2, 1
	wrong := revoke
	wrong.Count, wrong.Form = t("4"), Form{Errors: map[string]string{"count": "This is not the number of keys in the list. Nothing was revoked."}}
	one := revoke
	one.Keys, one.Revoked, one.Missing = keys[2:3], 0, 0
	gone := revoke
	gone.Keys = nil
	expiry := page
	expiry.Act, expiry.Expires, expiry.Earliest = ActExpiry, "90", "2026-11-22"
	expiry.Ends = map[string]string{"7": "28 Nov 2026", "30": "21 Dec 2026", "90": "19 Feb 2027", "365": "21 Nov 2027"}
	late := expiry
	late.Expires, late.ExpiresOn, late.Form = "date", t("2026-11-20"), Form{Errors: map[string]string{"expires_on": "The date has passed. Choose a later one."}}
	all := page
	all.More = 1_234
	why := func(k BulkKey, text string) BulkKey { k.Why = text; return k }
	mixed := KeyBulkResultPage{Page: b.page(NavCredentials), Act: ActRevoke,
		Done:   []BulkKey{why(key(0, "checkout-production", "private", StatusRevoked, 2*time.Minute, 85, ""), "Revoked"), why(key(1, "b", "search", StatusRevoked, -1, 0, ""), "Was revoked already")},
		Failed: []BulkKey{why(key(2, "old-importer", "admin", StatusUnused, -1, 0, ""), t("What you may do was changed while this was being done.")), {Why: "There is no such key."}}}
	set := KeyBulkResultPage{Page: b.page(NavCredentials), Act: ActExpiry, Until: Moment(days(90), now), Done: []BulkKey{why(keys[0], "Expiry set"), why(keys[1], "Had this expiry already")}}
	never := set
	never.Until = When{}
	nothing := mixed
	nothing.Done = nil
	ticked := b.credentials()
	ticked.Keys[0].Ticked, ticked.Keys[3].Ticked = true, true
	ticked.Kept = []string{t("key_90"), "key_91"}
	ticked.Creators = []Creator{{t("ada@example.com"), t("ada@example.com")}, {"command line", "the command line"}}
	ticked.Filter = KeyFilter{Query: t("a"), Type: "private", Engine: t("orders"), Status: StatusLegacy, Access: "read", Creator: t("somebody else"), Sort: "created", Dir: "asc", Inactive: true}
	ticked.Keys[2].Also, ticked.Keys[4].Status = []string{StatusLegacy, StatusUnused}, StatusNeverUsed
	first := b.credentials()
	first.Stats = KeyStats{Active: 1, Total: 1}
	fewer := b.credentials()
	fewer.Stats = KeyStats{Active: 1, Total: 1, Requests: 10, Compared: true, Trend: -3, Rejected: 1}
	return []sample{
		{"keys-ticked", Credentials(ticked)}, {"keys-first", Credentials(first)}, {"keys-fewer", Credentials(fewer)},
		{"bulk-all", KeyBulk(all)}, {"bulk-revoke", KeyBulk(revoke)}, {"bulk-revoke-wrong", KeyBulk(wrong)}, {"bulk-revoke-one", KeyBulk(one)}, {"bulk-revoke-none", KeyBulk(gone)},
		{"bulk-expiry", KeyBulk(expiry)}, {"bulk-expiry-wrong", KeyBulk(late)},
		{"bulk-result-mixed", KeyBulkResult(mixed)}, {"bulk-result-expiry", KeyBulkResult(set)}, {"bulk-result-never", KeyBulkResult(never)}, {"bulk-result-nothing", KeyBulkResult(nothing)},
	}
}
