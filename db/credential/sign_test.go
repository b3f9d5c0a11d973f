package credential_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func options(t testing.TB, text string) map[string]json.RawMessage {
	t.Helper()
	m, err := credential.ReadOptions(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSignedKeysThatWereMadeHereCount(t *testing.T) {
	p := open(t)
	cl, now := audit.CommandLine(), p.clock.Now()
	private, search := must(p.GetByName(ctx, cl, p.place, "private-key")), must(p.GetByName(ctx, cl, p.place, "search-key"))
	for name, c := range map[string]struct {
		key     credential.Key
		secret  string
		options string
		life    time.Duration
	}{
		"a private key with its secret":   {private, p.private, `{"filters":{"state":"CA"},"facets":null}`, time.Hour},
		"a search key without its secret": {search, "", `{"result_fields":{"title":{"raw":{}}}}`, 24 * time.Hour},
		"a search key with its secret":    {search, p.search, ``, 0},
		"marks of HTML and other scripts": {private, p.private, `{"filters":{"<&>":"\u2028 متجر"}}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			in := credential.Signing{Secret: secret.Secret(c.secret), Options: options(t, c.options)}
			if c.life > 0 {
				in.Expires = now.Add(c.life)
			}
			token, err := p.Sign(ctx, cl, p.place, c.key.ID, in)
			if err != nil {
				t.Fatal(err)
			}
			proof := p.CheckSigned(token.Reveal(), "")
			if proof.Reason != "" || proof.KeyID != c.key.ID || len(proof.Principal.Enforced) != len(in.Options) {
				t.Errorf("the proof is %+v", proof)
			}
			d := must(p.Decode(ctx, cl, p.place, token.Reveal()))
			if !d.Verified || !d.Plain || d.Reason != "" || d.Parent.ID != c.key.ID || d.Name != c.key.Name || !d.Issued.Equal(now.Truncate(time.Second)) {
				t.Errorf("decoded %+v", d)
			}
			if c.life > 0 && !d.Expires.Equal(in.Expires.Truncate(time.Second)) || c.life == 0 && !d.Expires.IsZero() {
				t.Errorf("it ends at %v", d.Expires)
			}
			for name, value := range in.Options {
				var want, got any
				if json.Unmarshal(value, &want) != nil || json.Unmarshal(d.Options[name], &got) != nil || fmt.Sprint(want) != fmt.Sprint(got) {
					t.Errorf("%s is %s, want %s", name, d.Options[name], value)
				}
			}
		})
	}
}

func TestSigningIsRefused(t *testing.T) {
	p := open(t)
	cl := audit.CommandLine()
	main := must(p.GetByName(ctx, cl, p.place, "private-key"))
	made := func(name string, in credential.Input) (credential.Key, string) {
		in.Name = name
		return p.create(t, in)
	}
	writer, writerSecret := made("writer", private(permission.AccessWrite))
	admin, adminSecret := made("admin", credential.Input{Type: secret.Admin})
	custom := private(permission.AccessCustom)
	custom.Permissions = []string{"documents.modify"}
	indexer, indexerSecret := made("indexer", custom)
	revoked, revokedSecret := made("revoked", private(permission.AccessFull))
	must(p.Revoke(ctx, cl, p.place, revoked.ID))
	ending := private(permission.AccessRead)
	ending.ExpiresAt = p.clock.Now().Add(time.Minute)
	expired, expiredSecret := made("expired", ending)
	p.clock.Add(2 * time.Minute)
	for name, c := range map[string]struct {
		key, secret, field, reason string
		in                         credential.Signing
	}{
		"a key that only writes":          {key: writer.ID, secret: writerSecret, reason: "cannot_sign"},
		"an admin key":                    {key: admin.ID, secret: adminSecret, reason: "cannot_sign"},
		"a custom key without search":     {key: indexer.ID, secret: indexerSecret, reason: "cannot_sign"},
		"a revoked key":                   {key: revoked.ID, secret: revokedSecret, reason: "cannot_sign"},
		"an expired key":                  {key: expired.ID, secret: expiredSecret, reason: "cannot_sign"},
		"no secret":                       {key: main.ID, field: "secret"},
		"another key's secret":            {key: main.ID, secret: p.search, field: "secret"},
		"a secret with one letter more":   {key: main.ID, secret: p.private + "x", field: "secret"},
		"a secret that is far too long":   {key: main.ID, secret: strings.Repeat("x", 1<<20), field: "secret"},
		"a time that has passed":          {key: main.ID, secret: p.private, field: "expires", in: credential.Signing{Expires: p.clock.Now()}},
		"an option that is a claim":       {key: main.ID, secret: p.private, field: "options", in: credential.Signing{Options: options(t, `{"exp":1}`)}},
		"an option that names the parent": {key: main.ID, secret: p.private, field: "options", in: credential.Signing{Options: options(t, `{"api_key_name":"search-key"}`)}},
		"options over 8 KiB":              {key: main.ID, secret: p.private, field: "options", in: credential.Signing{Options: options(t, `{"query":"`+strings.Repeat("x", 6<<10)+`"}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Secret = secret.Secret(c.secret)
			token, err := p.Sign(ctx, cl, p.place, c.key, c.in)
			f := fault.From(err)
			if f == nil || token != "" || c.field != "" && f.Fields[c.field] == "" || c.reason != f.Reason {
				t.Fatalf("a token of %d bytes, error %v", len(token), f)
			}
			if c.secret != "" && strings.Contains(fmt.Sprintf("%v %+v", f, f), c.secret) {
				t.Error("the error tells the secret")
			}
		})
	}
	if events := must(p.log.OfSubject(ctx, main.ID)); len(events) != 1 {
		t.Errorf("%d events of a key that signed nothing", len(events))
	}
}

// Signing is for who may see the key, and a key of another project is no key.
func TestSigningIsForThoseWhoSeeTheKey(t *testing.T) {
	p := open(t)
	k := must(p.GetByName(ctx, audit.CommandLine(), p.place, "private-key"))
	in := credential.Signing{Secret: secret.Secret(p.private)}
	foreign := p.place
	foreign.Project = "another"
	_, missing := p.Sign(ctx, audit.CommandLine(), p.place, "nowhere", in)
	_, other := p.Sign(ctx, audit.CommandLine(), foreign, k.ID, in)
	if !fault.Is(missing, fault.NotFound) || missing.Error() != other.Error() {
		t.Errorf("a missing key %v, a foreign key %v", missing, other)
	}
	reader := p.as(t, p.private) // may search and may not see keys
	if _, err := p.Sign(ctx, reader, p.place, k.ID, in); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody who may not see keys: %v", err)
	}
	if _, err := p.Decode(ctx, reader, p.place, "a.b.c"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody who may not see keys decodes: %v", err)
	}
}

// What somebody may do can end while they wait for the writer: then nothing was signed.
func TestNothingIsSignedForThoseWhoMayNoLonger(t *testing.T) {
	p := open(t)
	k := must(p.GetByName(ctx, audit.CommandLine(), p.place, "private-key"))
	who := audit.CommandLine()
	who.Again = func(context.Context) (permission.Principal, error) { return permission.Principal{}, nil }
	token, err := p.Sign(ctx, who, p.place, k.ID, credential.Signing{Secret: secret.Secret(p.private)})
	if !fault.Is(err, fault.Forbidden) || token != "" {
		t.Errorf("a token of %d bytes, error %v", len(token), err)
	}
	if events := must(p.log.OfSubject(ctx, k.ID)); len(events) != 1 {
		t.Errorf("%d events", len(events))
	}
}

func TestOptionsAsTheyAreTyped(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		" \n ":                            "",
		"{\"a\":1,\r\n\"b\":[]}":          "",
		"{\"a\":1,\n\"a\":2}":             "named twice",
		"{\"a\":{\"b\":1,\"b\":2}}":       "named twice",
		"{\"a\":1,\n\n\"b\":}":            "line 3",
		"{\"a\":1} x":                     "line 1",
		"[]":                              "one JSON object",
		"null":                            "one JSON object",
		"{\"a\":\"\xff\"}":                "line 1",
		strings.Repeat(`{"a":`, 20) + "1": "too deep",
	} {
		_, err := credential.ReadOptions(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(fault.From(err).Fields["options"], want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// The history has who signed what with which key. No value, no secret and no token gets into it, or into any file.
func TestWhatWasSignedIsKeptNowhere(t *testing.T) {
	p := open(t)
	k := must(p.GetByName(ctx, audit.CommandLine(), p.place, "private-key"))
	token, err := p.Sign(ctx, audit.CommandLine(), p.place, k.ID, credential.Signing{
		Secret: secret.Secret(p.private), Options: options(t, `{"filters":{"patient":"canary-4711"},"facets":{}}`), Expires: p.clock.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	var event audit.Record
	for _, r := range must(p.log.OfSubject(ctx, k.ID)) {
		if r.Action == audit.KeySign {
			event = r
		}
	}
	if text := fmt.Sprintf("%+v", event); !strings.Contains(text, "facets, filters") || !strings.Contains(text, "private-key") {
		t.Errorf("the event is %s", text)
	}
	parts := strings.Split(token.Reveal(), ".")
	needles := map[string]string{"token": token.Reveal(), "claims": parts[1], "signature": parts[2], "secret": p.private, "end of the secret": p.private[len(p.private)-30:], "value": "canary-4711"}
	files := must(filepath.Glob(filepath.Join(p.dir.Path, "*")))
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // a folder
		}
		for what, needle := range needles {
			if strings.Contains(string(b), needle) {
				t.Errorf("%s holds the %s", filepath.Base(name), what)
			}
		}
	}
	if len(files) < 4 {
		t.Errorf("only %d files were looked at", len(files))
	}
}

func TestDecodeTellsWhatIsTrueOfAToken(t *testing.T) {
	p := open(t)
	cl, now := audit.CommandLine(), p.clock.Now().Unix()
	gone, goneSecret := p.create(t, credential.Input{Name: "gone", Type: secret.Private, Access: permission.AccessRead, AllEngines: true})
	must(p.Revoke(ctx, cl, p.place, gone.ID))
	_, writer := p.create(t, credential.Input{Name: "writer", Type: secret.Private, Access: permission.AccessWrite, AllEngines: true})
	for name, c := range map[string]struct {
		token    string
		reason   credential.Reason
		verified bool
		parent   string
		plain    bool
	}{
		"alive":                   {sign(p.private, plain, `{"api_key_name":"private-key"}`), "", true, "private-key", true},
		"expired":                 {sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","exp":%d}`, now-100)), credential.TokenExpired, true, "private-key", true},
		"of a revoked key":        {sign(goneSecret, plain, `{"api_key_name":"gone"}`), credential.KeyUnknown, false, "gone", true},
		"of a key that is not so": {sign(p.search, plain, `{"api_key_name":"private-key"}`), credential.TokenInvalid, false, "private-key", true},
		"of a key that writes":    {sign(writer, plain, `{"api_key_name":"writer"}`), credential.ParentUnfit, true, "writer", true},
		"of nobody":               {sign(p.private, plain, `{"api_key_name":"nobody"}`), credential.KeyUnknown, false, "", true},
		"with another header":     {sign(p.private, `{"alg":"HS256","kid":"1"}`, `{"api_key_name":"private-key"}`), credential.TokenInvalid, false, "private-key", false},
		"an end beyond all dates": {sign(p.private, plain, `{"api_key_name":"private-key","exp":1e300}`), "", true, "private-key", true},
		"nonsense":                {"a.b.c", credential.TokenInvalid, false, "", false},
		"nothing":                 {"", credential.TokenInvalid, false, "", false},
		"too long":                {sign(p.private, plain, `{"api_key_name":"private-key","query":"`+strings.Repeat("x", 8<<10)+`"}`), credential.TokenInvalid, false, "", false},
	} {
		d, err := p.Decode(ctx, cl, p.place, c.token)
		if err != nil || d.Reason != c.reason || d.Verified != c.verified || d.Parent.Name != c.parent || d.Plain != c.plain {
			t.Errorf("%s: %v %+v", name, err, d)
		}
	}
	foreign := p.place
	foreign.Project = "another"
	d, err := p.Decode(ctx, cl, foreign, sign(p.private, plain, `{"api_key_name":"private-key"}`))
	if err != nil || d.Verified || d.Parent.ID != "" || d.Reason != credential.KeyUnknown {
		t.Errorf("a token of another project: %v %+v", err, d)
	}
}
