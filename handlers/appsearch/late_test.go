package appsearch_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

// late sends all of a body but its last byte, waits until the server asks for the body, which it does only once the
// guard has let the request pass, and sends the rest after something has happened.
func (s *stand) late(path, body, token string, meanwhile func()) webtest.Answer {
	s.t.Helper()
	return s.lateAs("Bearer "+token, path, body, meanwhile)
}

func (s *stand) lateAs(authorization, path, body string, meanwhile func()) webtest.Answer {
	s.t.Helper()
	reader, writer := io.Pipe()
	r, err := http.NewRequest("POST", s.server.URL+path, reader)
	s.must(err)
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	defer transport.CloseIdleConnections()
	go func() {
		if _, err := io.WriteString(writer, body[:len(body)-1]); err != nil {
			s.t.Errorf("refused before its body was asked for: %v", err)
			return
		}
		meanwhile()
		_, _ = io.WriteString(writer, body[len(body)-1:]) // the server may have answered already
		writer.Close()
	}()
	resp, err := transport.RoundTrip(r)
	s.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	s.must(err)
	return webtest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(b)}
}

// What ends while a request is on its way counts for it too: nothing is made, stored or found.
func TestAKeyThatEndsWhileTheBodyIsOnItsWayIsRefused(t *testing.T) {
	t.Parallel()
	const (
		newKey    = `{"name":"late","type":"private","read":true,"access_all_engines":true}`
		documents = `[{"id":"late"}]`
		lamps     = `{"query":"lamp"}`
	)
	paths := map[string]string{newKey: creds, documents: as + "/engines/blog/documents", lamps: search}
	revoke := func(name string) func(*stand) { return func(s *stand) { s.revoke(name) } }
	narrow := func(s *stand) {
		_, err := s.credentials.Update(ctx, audit.CommandLine(), s.mine.Target(), s.keyByName(s.mine, "private-key").ID,
			credential.Input{Name: "private-key", Type: secret.Private, Access: permission.AccessRead, Engines: []string{"blog"}})
		s.must(err)
	}
	for name, c := range map[string]struct {
		key, body string
		signed    bool
		end       func(*stand)
		want      string // "": it is done
	}{
		"a new key, revoked":            {"admin", newKey, false, revoke("admin"), invalidToken},
		"documents, revoked":            {"private-key", documents, false, revoke("private-key"), invalidToken},
		"documents, narrowed":           {"private-key", documents, false, narrow, unauthorized},
		"a search, revoked":             {"search-key", lamps, false, revoke("search-key"), invalidToken},
		"a search, narrowed":            {"private-key", lamps, false, narrow, unauthorized},
		"a signed search, revoked":      {"read", lamps, true, revoke("read"), invalidToken},
		"a signed search, narrowed":     {"private-key", lamps, true, narrow, unauthorized},
		"a signed search, expired":      {"read", lamps, true, func(s *stand) { s.clock.Add(time.Hour) }, invalidToken},
		"a new key, nothing happens":    {"admin", newKey, false, func(*stand) {}, ""},
		"documents, nothing happens":    {"private-key", documents, false, func(*stand) {}, ""},
		"a signed search, and it holds": {"read", lamps, true, func(*stand) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t)
			token := s.keys[c.key]
			if c.signed {
				token = s.sign(token, jwt.MapClaims{"api_key_name": c.key, "exp": s.clock.Now().Add(time.Minute).Unix()})
			}
			a := s.late(paths[c.body], c.body, token, func() { c.end(s) })
			stored, err := s.engines.Count(ctx, audit.CommandLine(), s.mine.Target(), "blog")
			s.must(err)
			_, err = s.credentials.GetByName(ctx, audit.CommandLine(), s.mine.Target(), "late")
			if c.want == "" {
				if a.Status != 200 || (stored == 1) != (c.body == documents) || (err == nil) != (c.body == newKey) {
					t.Errorf("%d %s, %d documents, key: %v", a.Status, a.Body, stored, err)
				}
				return
			}
			expect(t, a, 401, c.want)
			if stored != 0 || err == nil {
				t.Errorf("%d documents were stored, key: %v", stored, err)
			}
		})
	}
}

// A request that waits for the writer, long after its guard, is refused there.
func TestAKeyThatEndsWhileTheWriterIsBusyIsRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	var a webtest.Answer
	answered := make(chan struct{})
	s.must(s.dir.Engines.Write(ctx, func(context.Context, *db.Tx) error {
		go func() {
			defer close(answered)
			a = s.with("private-key").JSON("POST", as+"/engines/blog/documents", `[{"id":"late"}]`)
		}()
		time.Sleep(200 * time.Millisecond) // by now it waits
		s.revoke("private-key")
		return nil
	}))
	<-answered
	expect(t, a, 401, invalidToken)
	if n, err := s.engines.Count(ctx, audit.CommandLine(), s.mine.Target(), "blog"); n != 0 || err != nil {
		t.Errorf("%d documents were stored: %v", n, err)
	}
}
