package views

import "encoding/json"

func (b build) signPlan() SignPlan {
	t := b.text
	return SignPlan{
		Type: "private", Engines: []string{t("products")}, Expires: days(1), Now: now, Engine: t("products"), Passing: 12, Documents: 48_210,
		Options: map[string]any{
			"filters": map[string]any{"all": []any{
				map[string]any{"brand": t("Nordlys")}, map[string]any{"price": map[string]any{"from": json.Number("5"), "to": json.Number("50")}},
				map[string]any{"any": []any{map[string]any{t("color"): []any{t("red"), t("blue")}}, map[string]any{"none": []any{map[string]any{"stock": json.Number("0")}}}}},
				map[string]any{"place": map[string]any{"center": t("59.91,10.75"), "distance": json.Number("300"), "unit": "km"}},
			}},
			"search_fields": map[string]any{"title": map[string]any{}}, "result_fields": map[string]any{"title": nil, t("price"): nil, "id": nil}, "facets": nil,
			"sort": map[string]any{"price": "asc"}, "page": map[string]any{"size": json.Number("5")}, "query": t("lamp"), "boosts": map[string]any{}, "precision": json.Number("3"),
		},
	}
}

// signs is signing search keys and looking at them.
func (b build) signs() []sample {
	t := b.text
	parent := SignParent{ID: t("key_01"), Called: t("Storefront search backend"), Type: "private", Visible: t("private-6fK*****0kV"), Status: StatusActive, Engines: []string{t("products"), "stores"}, Expires: Day(days(85), now)}
	public := parent
	public.Type, public.AllEngines, public.Expires = "search", true, When{}
	form := KeySignPage{
		Page: b.page(NavCredentials), Parent: parent, Engines: []string{t("products"), "stores"}, Engine: t("products"), Expires: "1d", Earliest: "2026-11-21",
		Fields: []SignField{{"title", "text", true, true}, {t("price"), "number", false, true}, {"made", "date", false, false}, {"place", "geolocation", false, false}},
		Ends:   map[string]string{"1h": "21 Nov 2026, 15:02 UTC", "1d": "22 Nov 2026, 14:02 UTC", "7d": "28 Nov 2026", "30d": "21 Dec 2026"},
	}
	filled := form
	filled.Filters = [SignFilters]SignFilter{{"title", t("lamp")}, {"made", t("2026-01-01")}}
	filled.SearchScope, filled.ResultScope, filled.Facets, filled.Sort, filled.Options, filled.Chosen = "some", "some", "none", "made:desc", t(`{"page": {"size": 5}}`), true
	failed := filled
	failed.Expires, failed.ExpiresOn = "date", t("2020-01-01")
	failed.Form = Form{Message: "Some fields need another look.", Errors: map[string]string{
		"engine": NotThatEngine, "filters": t("Filters contains invalid field: x"), "filter_value_2": NotANumber, "search_field": NoFieldTicked, "result_field": NoFieldTicked,
		"sort": NoSuchField, "options": t("Options contains invalid key: x"), "expires": NoLifetime, "expires_on": DatePassed, "secret": "This is not the secret of this key.", "unknown": "And this."}}
	bare := form
	bare.Parent, bare.Engine, bare.Fields, bare.Engines, bare.Expires = public, "", nil, nil, "parent"
	fieldless := form
	fieldless.Fields, fieldless.SearchScope, fieldless.ResultScope = nil, "some", "some"
	plan, open := b.signPlan(), SignPlan{Type: "search", AllEngines: true, Options: map[string]any{}, Now: now}
	signed := KeySignedPage{Page: b.page(NavCredentials), Parent: parent, Token: "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln", Plan: plan, Header: "{\n  \"alg\": \"HS256\"\n}", Claims: "{\n  \"query\": \"" + t("lamp") + "\"\n}",
		Try: TryIt{Example: ExampleFor(ExampleSearch, sampleAPI, "products"), AppSearch: sampleAPI + "/"}}
	unlimited := signed
	unlimited.Parent, unlimited.Plan = public, open
	decode := KeyDecodePage{Page: b.page(NavCredentials)}
	works := decode
	works.Decoded = &DecodedKey{Verified: true, Name: t("storefront"), Parent: parent, Plan: plan, Header: signed.Header, Claims: signed.Claims, Issued: Moment(days(-1), now), Expires: Moment(days(1), now)}
	list := []sample{
		{"sign", KeySign(form)}, {"sign-filled", KeySign(filled)}, {"sign-failed", KeySign(failed)}, {"sign-bare", KeySign(bare)}, {"sign-fieldless", KeySign(fieldless)},
		{"signed", KeySigned(signed)}, {"signed-unlimited", KeySigned(unlimited)}, {"decode", KeyDecode(decode)}, {"decode-works", KeyDecode(works)},
	}
	for code := range verdicts {
		refused := works
		copied := *works.Decoded
		refused.Decoded = &copied
		copied.Code, copied.Verified, copied.Parent = code, false, SignParent{}
		if code == "token_malformed" {
			copied.Header, copied.Claims, copied.Name = "", "", ""
		}
		list = append(list, sample{"decode-" + code, KeyDecode(refused)})
	}
	nothing := decode
	nothing.Form = Form{Errors: map[string]string{"token": NothingPasted}}
	return append(list, sample{"decode-nothing", KeyDecode(nothing)})
}
