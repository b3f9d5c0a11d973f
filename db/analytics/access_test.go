package analytics_test

import (
	"testing"

	"latchkey/db/analytics"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func key(kind permission.Kind, keyType secret.Type, set permission.Set, engines ...string) audit.Who {
	return audit.Who{Principal: permission.Principal{Kind: kind, ID: "k", Organization: "o", Project: "p", KeyType: string(keyType), Permissions: set,
		Scope: permission.Scope{All: len(engines) == 0, Engines: engines}}}
}

func TestWhoMayReadAndClick(t *testing.T) {
	w := open(t)
	const ok, forbidden, missing = "", "forbidden", "not_found"
	search := permission.Of(permission.SearchRead)
	for name, c := range map[string]struct {
		who         audit.Who
		read, click string
	}{
		"nobody":                  {audit.Who{}, forbidden, forbidden},
		"search key":              {key(permission.Key, secret.Search, search), forbidden, ok},
		"signed search key":       {key(permission.Signed, secret.Private, search), forbidden, ok},
		"signed with all rights":  {key(permission.Signed, secret.Private, permission.Full), forbidden, ok},
		"reading key":             {key(permission.Key, secret.Private, permission.Read), ok, ok},
		"writing key":             {key(permission.Key, secret.Private, permission.Write), forbidden, forbidden},
		"admin key":               {key(permission.Key, secret.Admin, permission.ManageKeys), forbidden, forbidden},
		"key of another engine":   {key(permission.Key, secret.Private, permission.Full, "blog"), missing, missing},
		"viewer of another place": {audit.Who{Principal: permission.Principal{Kind: permission.User, Grants: []permission.Grant{{Organization: "z", Role: permission.OrganizationAdmin}}}}, missing, missing},
		"admin":                   {audit.Who{Principal: permission.Principal{Kind: permission.User, Grants: []permission.Grant{{Organization: "o", Role: permission.OrganizationAdmin}}}}, ok, ok},
	} {
		_, terms := w.TopTerms(ctx, c.who, w.place, "shop", analytics.Filter{}, analytics.Page{})
		_, documents := w.TopDocuments(ctx, c.who, w.place, "shop", analytics.Filter{}, analytics.Page{})
		_, counts := w.Counts(ctx, c.who, w.place, "shop", analytics.Filter{}, analytics.Daily)
		_, _, logs := w.Logs(ctx, c.who, w.place, "shop", analytics.LogFilter{}, analytics.Page{})
		for what, err := range map[string]error{"terms": terms, "documents": documents, "counts": counts, "logs": logs} {
			if (err == nil) != (c.read == ok) || err != nil && !fault.Is(err, fault.Kind(c.read)) {
				t.Errorf("%s: %s: %v, want %q", name, what, err, c.read)
			}
		}
		err := w.Clicked(ctx, c.who, w.place, "shop", analytics.Click{Document: "p1"})
		if (err == nil) != (c.click == ok) || err != nil && !fault.Is(err, fault.Kind(c.click)) {
			t.Errorf("%s: click: %v, want %q", name, err, c.click)
		}
	}
	for _, engine := range []string{"none", ""} {
		if _, err := w.Counts(ctx, w.who, w.place, engine, analytics.Filter{}, analytics.Daily); !fault.Is(err, fault.NotFound) {
			t.Errorf("engine %q: %v", engine, err)
		}
	}
	w.sql(w.dir.Core, "UPDATE all_projects SET deleted_at = 1 WHERE id = 'p'")
	if _, err := w.Counts(ctx, w.who, w.place, "shop", analytics.Filter{}, analytics.Daily); !fault.Is(err, fault.NotFound) {
		t.Errorf("engine of a deleted project: %v", err)
	}
}
