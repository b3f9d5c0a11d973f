package appsearch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/usage"
)

// Every request is counted for why it was refused, at the pattern of its route, whichever way it is refused.
func TestRequestsAreCountedByReason(t *testing.T) {
	t.Parallel()
	search := as + "/engines/shop/search?query="
	signed := func(s *stand, claims jwt.MapClaims) string {
		claims["api_key_name"] = "read"
		return s.sign(s.keys["read"], claims)
	}
	for name, c := range map[string]struct {
		key      string
		do       func(s *stand)
		want     usage.Reason
		endpoint string
		signed   bool
	}{
		"accepted": {"read", func(s *stand) { s.with("read").Get(as + "/engines") }, usage.Accepted, "GET /api/as/v1/engines", false},
		"with wrong input": {"read", func(s *stand) { s.with("read").JSON("POST", as+"/engines/shop/search", `{"query":7}`) }, usage.Accepted,
			"POST /api/as/v1/engines/:engine/search", false},
		"under a host identifier": {"read", func(s *stand) { s.with("read").Get("/h/" + s.mine.HostIdentifier + as + "/engines/shop") }, usage.Accepted, "GET /api/as/v1/engines/:engine", false},
		"signed":                  {"read", func(s *stand) { s.as(signed(s, jwt.MapClaims{})).Get(search) }, usage.Accepted, "GET /api/as/v1/engines/:engine/search", true},
		"revoked":                 {"read", func(s *stand) { s.revoke("read"); s.with("read").Get(search) }, usage.KeyRevoked, "GET /api/as/v1/engines/:engine/search", false},
		"revoked, in the address": {"search-key", func(s *stand) {
			s.revoke("search-key")
			s.server.Client().Get(search + "&auth_token=" + s.keys["search-key"])
		}, usage.KeyRevoked, "GET /api/as/v1/engines/:engine/search", false},
		"revoked while its body was on the way": {"private-key", func(s *stand) {
			s.late(as+"/engines/shop/documents", `[{"id":"late"}]`, s.keys["private-key"], func() { s.revoke("private-key") })
		}, usage.KeyRevoked, "POST /api/as/v1/engines/:engine/documents", false},
		"revoked while the writer was busy": {"private-key", func(s *stand) {
			answered := make(chan struct{})
			s.must(s.dir.Engines.Write(ctx, func(context.Context, *db.Tx) error {
				go func() {
					defer close(answered)
					s.with("private-key").JSON("POST", as+"/engines/blog/documents", `[{"id":"late"}]`)
				}()
				time.Sleep(200 * time.Millisecond) // by now it waits
				s.revoke("private-key")
				return nil
			}))
			<-answered
		}, usage.KeyRevoked, "POST /api/as/v1/engines/:engine/documents", false},
		"changed while its body was on the way": {"shop-full", func(s *stand) {
			s.late(as+"/engines/shop/documents", `[{"id":"late"}]`, s.keys["shop-full"], func() {
				_, err := s.credentials.Update(ctx, audit.CommandLine(), s.mine.Target(), s.keyByName(s.mine, "shop-full").ID,
					credential.Input{Type: "private", Access: "full", Engines: []string{"blog"}})
				s.must(err)
			})
		}, usage.Changed, "POST /api/as/v1/engines/:engine/documents", false},
		"expired": {"soon", func(s *stand) {
			s.key(s.mine, credential.Input{Name: "soon", Type: "private", Access: "read", AllEngines: true, ExpiresAt: s.clock.Now().Add(time.Hour)})
			s.clock.Add(2 * time.Hour)
			s.with("soon").Get(search)
		}, usage.KeyExpired, "GET /api/as/v1/engines/:engine/search", false},
		"not permitted": {"read", func(s *stand) { s.with("read").JSON("POST", as+"/engines", `{"name":"x"}`) }, usage.NotPermitted, "POST /api/as/v1/engines", false},
		"signed, but no search": {"read", func(s *stand) { s.as(signed(s, jwt.MapClaims{})).Get(as + "/engines") }, usage.NotPermitted,
			"GET /api/as/v1/engines", true},
		"an engine that there is not": {"read", func(s *stand) { s.with("read").Get(as + "/engines/secret-name") }, usage.NotFound, "GET /api/as/v1/engines/:engine", false},
		"an engine out of reach":      {"shop-full", func(s *stand) { s.with("shop-full").Get(as + "/engines/blog") }, usage.NotFound, "GET /api/as/v1/engines/:engine", false},
		"another project":             {"read", func(s *stand) { s.with("read").Get("/h/" + s.other.HostIdentifier + as + "/engines") }, usage.WrongProject, "GET /api/as/v1/engines", false},
		"a secret in the address":     {"read", func(s *stand) { s.server.Client().Get(search + "&auth_token=" + s.keys["read"]) }, usage.InURL, "GET /api/as/v1/engines/:engine/search", false},
		"a signed key that expired": {"read", func(s *stand) {
			s.as(signed(s, jwt.MapClaims{"exp": s.clock.Now().Add(-time.Hour).Unix()})).Get(search)
		}, usage.TokenExpired,
			"GET /api/as/v1/engines/:engine/search", true},
		"a signed key of tomorrow": {"read", func(s *stand) {
			s.as(signed(s, jwt.MapClaims{"nbf": s.clock.Now().Add(24 * time.Hour).Unix()})).Get(search)
		}, usage.TokenInvalid,
			"GET /api/as/v1/engines/:engine/search", true},
		"a signed key of a key that may not search": {"write", func(s *stand) { s.as(s.sign(s.keys["write"], jwt.MapClaims{"api_key_name": "write"})).Get(search) }, usage.ParentUnfit,
			"GET /api/as/v1/engines/:engine/search", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t)
			id := ""
			if c.key != "soon" {
				id = s.keyByName(s.mine, c.key).ID
			}
			c.do(s)
			if id == "" {
				id = s.keyByName(s.mine, c.key).ID
			}
			known, err := s.usage.KnownOf(ctx, id)
			s.must(err)
			got, latest := s.used(id), known.Last
			if c.want == usage.Accepted {
				if got != (usage.Totals{Accepted: 1}) || len(known.Rejections) != 0 {
					t.Fatalf("counted %+v, %+v", got, known.Rejections)
				}
			} else {
				if got != (usage.Totals{Rejected: 1}) || len(known.Rejections) != 1 || known.Rejections[0].Reason != c.want || known.Rejections[0].Count != 1 {
					t.Fatalf("counted %+v, %+v", got, known.Rejections)
				}
				latest = known.Rejections[0].Use
			}
			if latest.Endpoint != c.endpoint || latest.Address != "127.0.0.1" || (known.Tokens == 1) != c.signed {
				t.Errorf("at %q from %s, %d signed keys", latest.Endpoint, latest.Address, known.Tokens)
			}
		})
	}
}

// The reasons for which a credential is refused have the same names where they are counted.
func TestReasonsAreSpeltAlike(t *testing.T) {
	for c, u := range map[credential.Reason]usage.Reason{
		credential.KeyRevoked: usage.KeyRevoked, credential.KeyExpired: usage.KeyExpired, credential.KeyUnsure: usage.KeyUnsure,
		credential.TokenInvalid: usage.TokenInvalid, credential.TokenExpired: usage.TokenExpired, credential.ParentUnfit: usage.ParentUnfit,
	} {
		if string(c) != string(u) {
			t.Errorf("%s and %s", c, u)
		}
	}
}

// Clients are known by the name they give, and no token or key that stands in their requests is kept.
func TestWhatClientsSayIsKeptWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	id, key := s.keyByName(s.mine, "read").ID, s.keys["read"]
	token := s.sign(key, jwt.MapClaims{"api_key_name": "read", "filters": map[string]any{"a": "b"}})
	s.with("read").Get(as+"/engines", "X-Swiftype-Client", "elastic-app-search-node", "X-Swiftype-Client-Version", "8.9.0", "User-Agent", "axios/1.7")
	s.with("read").Get(as+"/engines/"+key, "User-Agent", "curl/8 "+key)
	s.as(token).Get(as+"/engines/shop/search?query="+key, "User-Agent", token, "X-Swiftype-Client", key)
	s.used(id)
	known, err := s.usage.KnownOf(ctx, id)
	s.must(err)
	all := fmt.Sprintf("%+v", known)
	if !strings.Contains(all, "elastic-app-search-node/8.9.0 axios/1.7") || !strings.Contains(all, "curl/8 [hidden]") || known.Tokens != 1 {
		t.Error(all)
	}
	for _, part := range []string{key[len("private-") : len("private-")+12], token[len(token)-20:], token[40:60]} {
		s.nowhere(part)
	}
}

// nowhere fails where any table of the core database holds a piece of text.
func (s *stand) nowhere(part string) {
	s.t.Helper()
	s.must(s.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		tables, err := db.Query(ctx, tx, db.String, "SELECT name FROM sqlite_schema WHERE type = 'table'")
		s.must(err)
		for _, table := range tables {
			rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table)
			s.must(err)
			columns, err := rows.Columns()
			s.must(err)
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			for rows.Next() {
				s.must(rows.Scan(into...))
				if strings.Contains(fmt.Sprint(values...), part) {
					s.t.Errorf("%s holds it: %v", table, values)
				}
			}
			rows.Close()
		}
		return nil
	}))
}
