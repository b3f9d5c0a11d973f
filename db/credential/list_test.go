package credential_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func TestListFiltersAndCounts(t *testing.T) {
	p := open(t)
	now := p.clock.Now()
	mk := func(in credential.Input) credential.Key { k, _ := p.create(t, in); return k }
	mk(credential.Input{Name: "soon", Type: secret.Search, Engines: []string{"a"}, ExpiresAt: now.Add(24 * time.Hour)})
	mk(credential.Input{Name: "late", Type: secret.Private, Access: permission.AccessRead, Engines: []string{"b"}, ExpiresAt: now.Add(90 * 24 * time.Hour)})
	ended := mk(credential.Input{Name: "ended", Type: secret.Search, AllEngines: true, ExpiresAt: now.Add(time.Minute)})
	dead := mk(credential.Input{Name: "dead", Type: secret.Admin})
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, dead.ID); err != nil {
		t.Fatal(err)
	}
	p.clock.Add(time.Hour)
	_, full := p.create(t, credential.Input{Name: "w100", Description: "100%_sure, École", Type: secret.Private, Access: permission.AccessFull, AllEngines: true})
	for _, c := range []struct {
		name string
		f    credential.Filter
		want string
	}{
		{"nothing said", credential.Filter{}, "late private-key search-key soon w100"},
		{"with inactive", credential.Filter{Inactive: true}, "dead ended late private-key search-key soon w100"},
		{"with expired", credential.Filter{Live: true}, "ended late private-key search-key soon w100"},
		{"expiring", credential.Filter{Status: "expiring"}, "soon"},
		{"expired", credential.Filter{Status: "expired"}, "ended"},
		{"revoked", credential.Filter{Status: "revoked"}, "dead"},
		{"by type", credential.Filter{Type: secret.Search}, "search-key soon"},
		{"by access", credential.Filter{Access: permission.AccessFull}, "private-key w100"},
		{"by engine, also those of all", credential.Filter{Engine: "a"}, "private-key search-key soon w100"},
		{"by a piece of name", credential.Filter{Text: "OO"}, "soon"},
		{"percent is no wildcard", credential.Filter{Text: "%"}, "w100"},
		{"underscore is no wildcard", credential.Filter{Text: "0%_s"}, "w100"},
		{"by id", credential.Filter{Text: ended.ID, Inactive: true}, "ended"},
		{"by the end of the visible key", credential.Filter{Text: full[len(full)-3:], Type: secret.Private, Access: permission.AccessFull, Sort: "created", Desc: true, Limit: 1}, "w100"},
		{"by the whole secret", credential.Filter{Text: full}, "w100"},
		{"letters beyond ASCII, in another case", credential.Filter{Text: "éCOLE"}, "w100"},
		{"a quote", credential.Filter{Text: `'";--`}, ""},
		{"descending", credential.Filter{Sort: "name", Desc: true}, "w100 soon search-key private-key late"},
		{"by expiry, never last", credential.Filter{Sort: "expires", Limit: 2}, "soon late"},
		{"second page", credential.Filter{Limit: 2, Offset: 2}, "search-key soon"},
		{"an unknown order", credential.Filter{Sort: "hash; DROP TABLE keys"}, "late private-key search-key soon w100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			page, err := p.List(ctx, audit.CommandLine(), p.place, c.f)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, k := range page.Keys {
				names = append(names, k.Name)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if page.Overview.Inactive() != 2 {
				t.Errorf("%d inactive", page.Overview.Inactive())
			}
		})
	}
	o, err := p.Overview(ctx, audit.CommandLine(), p.place)
	if err != nil || o != (credential.Overview{Total: 6, Active: 5, Expiring: 1, Revoked: 1}) {
		t.Errorf("%+v, %v", o, err)
	}
}
