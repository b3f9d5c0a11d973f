package credential_test

import (
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func TestNobodyGrantsMoreThanTheyHold(t *testing.T) {
	p := open(t)
	custom := func(engines []string, permissions ...string) credential.Input {
		return credential.Input{Type: secret.Private, Access: permission.AccessCustom, Permissions: permissions, AllEngines: engines == nil, Engines: engines}
	}
	_, admin := p.create(t, credential.Input{Type: secret.Admin})
	_, keeper := p.create(t, custom(nil, "api_keys.modify", "documents.read"))
	_, narrow := p.create(t, custom([]string{"a"}, "api_keys.modify", "documents.read"))
	_, reader := p.create(t, custom(nil, "api_keys.read"))
	for _, c := range []struct {
		name, as string
		in       credential.Input
		kind     fault.Kind
	}{
		{"an admin key makes a full key", admin, private(permission.AccessFull), ""},
		{"an admin key makes an admin key", admin, credential.Input{Type: secret.Admin}, ""},
		{"a custom key gives what it holds", keeper, custom(nil, "documents.read"), ""},
		{"a custom key gives one engine", keeper, custom([]string{"a"}, "documents.read"), ""},
		{"a custom key gives more", keeper, custom(nil, "documents.modify"), fault.Forbidden},
		{"a custom key makes a search key without having search", keeper, credential.Input{Type: secret.Search, AllEngines: true}, fault.Forbidden},
		{"a custom key makes an admin key", keeper, credential.Input{Type: secret.Admin}, fault.Forbidden},
		{"a custom key makes a full key", keeper, private(permission.AccessFull), fault.Forbidden},
		{"a key of one engine gives that engine", narrow, custom([]string{"a"}, "documents.read"), ""},
		{"a key of one engine gives another", narrow, custom([]string{"a", "b"}, "documents.read"), fault.Forbidden},
		{"a key of one engine gives all", narrow, custom(nil, "documents.read"), fault.Forbidden},
		{"a key that only lists", reader, custom(nil, "documents.read"), fault.Forbidden},
		{"a full key", p.private, private(permission.AccessRead), fault.Forbidden},
		{"a search key", p.search, credential.Input{Type: secret.Search, AllEngines: true}, fault.Forbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := p.Create(ctx, p.as(t, c.as), p.place, c.in, nil)
			if kind := kindOf(err); kind != c.kind {
				t.Errorf("%q (%v), want %q", kind, err, c.kind)
			}
		})
	}
	k, raw := p.create(t, custom(nil, "documents.read"))
	widen := custom(nil, "documents.modify")
	if _, err := p.Update(ctx, p.as(t, keeper), p.place, k.ID, widen); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a key was widened beyond the asker: %v", err)
	}
	if p.Check(raw).Principal.Permissions.Has(permission.DocumentsModify) {
		t.Error("and it took effect")
	}
}

// A key that ends cannot make itself, or its like, last.
func TestATemporaryKeyStaysTemporary(t *testing.T) {
	p := open(t)
	end := p.clock.Now().Add(time.Hour)
	keeper := credential.Input{Type: secret.Private, Access: permission.AccessCustom, Permissions: []string{"api_keys.modify", "documents.read"}, AllEngines: true, ExpiresAt: end}
	k, raw := p.create(t, keeper)
	_, admin := p.create(t, credential.Input{Type: secret.Admin, ExpiresAt: end})
	until := func(in credential.Input, at time.Time) credential.Input { in.ExpiresAt = at; return in }
	reader := credential.Input{Type: secret.Private, Access: permission.AccessCustom, Permissions: []string{"documents.read"}, AllEngines: true}
	for _, c := range []struct {
		name, as string
		do       func(who audit.Who) error
		kind     fault.Kind
	}{
		{"it takes its own end away", raw, func(w audit.Who) error {
			_, err := p.Update(ctx, w, p.place, k.ID, until(keeper, time.Time{}))
			return err
		}, fault.Forbidden},
		{"it moves its own end", raw, func(w audit.Who) error {
			_, err := p.Update(ctx, w, p.place, k.ID, until(keeper, end.Add(1e9)))
			return err
		}, fault.Forbidden},
		{"it makes a key that lasts", raw, func(w audit.Who) error { _, _, err := p.Create(ctx, w, p.place, reader, nil); return err }, fault.Forbidden},
		{"it makes a key that ends with it", raw, func(w audit.Who) error { _, _, err := p.Create(ctx, w, p.place, until(reader, end), nil); return err }, ""},
		{"a temporary admin key makes a key that lasts", admin, func(w audit.Who) error { _, _, err := p.Create(ctx, w, p.place, reader, nil); return err }, ""},
		{"a temporary admin key makes an admin key that lasts", admin, func(w audit.Who) error {
			_, _, err := p.Create(ctx, w, p.place, credential.Input{Type: secret.Admin}, nil)
			return err
		}, fault.Forbidden},
	} {
		if err := c.do(p.as(t, c.as)); kindOf(err) != c.kind {
			t.Errorf("%s: %v, want %q", c.name, err, c.kind)
		}
	}
}
