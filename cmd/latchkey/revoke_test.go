package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

// hammer is one way of using a key, or a key signed with it, over HTTP.
type hammer struct {
	name    string
	request func(base, raw, signed string) (*http.Request, error)
}

func hammers(index string) []hammer {
	get := func(header string, value func(raw, signed string) string, path func(signed string) string) func(base, raw, signed string) (*http.Request, error) {
		return func(base, raw, signed string) (*http.Request, error) {
			r, err := http.NewRequest(http.MethodGet, base+path(signed), nil)
			if err == nil && header != "" {
				r.Header.Set(header, value(raw, signed))
			}
			return r, err
		}
	}
	search := func(string) string { return "/api/as/v1/engines/parks/search?query=" }
	return []hammer{
		{"the key, in App Search", get("Authorization", func(raw, _ string) string { return "Bearer " + raw }, search)},
		{"a signed key, in App Search", get("Authorization", func(_, signed string) string { return "Bearer " + signed }, search)},
		{"a signed key, in the address", get("", nil, func(signed string) string { return search("") + "&auth_token=" + signed })},
		{"the key, in Lupa", get("X-Lupa-Api-Key", func(raw, _ string) string { return raw }, func(string) string { return "/v1/indices/" + index })},
	}
}

// No request that begins after a revocation was answered is let in, over either dialect, signed keys included.
func TestNoRequestPassesAfterRevocation(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 60
	}
	w := newWorld(t)
	_, admin := w.key(w.shop, credential.Input{Type: secret.Admin})
	ada := w.browser("ada")
	revocations := []func(k credential.Key) webtest.Answer{
		func(k credential.Key) webtest.Answer {
			return w.web.Client("Authorization", "Bearer "+admin).Do(http.MethodDelete, "/api/as/v1/credentials/"+k.Name, "")
		},
		func(k credential.Key) webtest.Answer {
			return w.web.Client("X-Lupa-Api-Key", admin).Do(http.MethodDelete, "/v1/organizations/acme/projects/shop/apiKeys/"+k.ID, "")
		},
		func(k credential.Key) webtest.Answer {
			return ada.Form("/console/organizations/acme/projects/shop/credentials/" + k.ID + "/revoke")
		},
	}
	index := w.objects().index
	ways := hammers(index)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	status := func(way hammer, raw, signed string) int {
		r, err := way.request(w.web.URL, raw, signed)
		if err != nil {
			t.Error(err)
			return 0
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body) // only the status matters
		return resp.StatusCode
	}
	var before, late atomic.Int64
	for n := range rounds {
		in := privateKey(permission.AccessFull)
		in.Name = fmt.Sprintf("hammered-%d", n)
		k, raw := w.key(w.shop, in)
		signed := sign(raw, `{"api_key_name":"`+in.Name+`"}`)
		var revoked, stop atomic.Bool
		var running, wg sync.WaitGroup
		running.Add(8)
		for g := range 8 {
			wg.Go(func() {
				for first := true; !stop.Load(); first = false {
					after := revoked.Load() // read before the request begins
					got := status(ways[g%len(ways)], raw, signed)
					if got == http.StatusOK {
						before.Add(1)
					}
					if after && got != http.StatusUnauthorized {
						late.Add(1)
					}
					if first {
						running.Done()
					}
				}
			})
		}
		running.Wait()
		resp := revocations[n%len(revocations)](k)
		revoked.Store(true)
		if resp.Status != http.StatusOK && resp.Status != http.StatusSeeOther {
			t.Fatalf("round %d: %d %s", n, resp.Status, resp.Body)
		}
		for _, way := range ways {
			if got := status(way, raw, signed); got != http.StatusUnauthorized {
				t.Errorf("round %d: %s after the revocation was answered: %d", n, way.name, got)
			}
		}
		stop.Store(true)
		wg.Wait()
	}
	if late.Load() != 0 {
		t.Errorf("%d requests passed after the revocation was answered", late.Load())
	}
	if before.Load() < int64(8*rounds) {
		t.Errorf("only %d requests passed before: the test proves little", before.Load())
	}
	t.Logf("%d rounds, %d requests passed before, %d after", rounds, before.Load(), late.Load())
}
