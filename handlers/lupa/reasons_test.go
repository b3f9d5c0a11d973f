package lupa_test

import (
	"testing"

	"latchkey/db/credential"
	"latchkey/db/usage"
)

// Every request is counted for why it was refused, at the pattern of its route.
func TestRequestsAreCountedByReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		name, key string
		do        func()
		want      usage.Reason
		endpoint  string
	}{
		{"accepted", "search key", func() { w.as("search key").Get("/v1/nothing"); w.as("read key").Get(index(w.books)) }, usage.Accepted, ""},
		{"revoked", "revoked key", func() { w.as("revoked key").Get(index(w.books)) }, usage.KeyRevoked, "GET /v1/indices/:index"},
		{"expired", "expired key", func() { w.as("expired key").Get(w.keysPath()) }, usage.KeyExpired, "GET /v1/organizations/:org/projects/:project/apiKeys"},
		{"not permitted", "write key", func() { w.as("write key").Get(index(w.books) + "/documents/count") }, usage.NotPermitted, "GET /v1/indices/:index/documents/count"},
		{"for users only", "admin key", func() { w.as("admin key").Get("/v1/users/me") }, usage.NotPermitted, "GET /v1/users/me"},
		{"out of reach", "films key", func() { w.as("films key").Get(index(w.books)) }, usage.NotFound, "GET /v1/indices/:index"},
		{"of another organization", "globex key", func() { w.as("globex key").Get(index(w.books)) }, usage.NotFound, "GET /v1/indices/:index"},
		{"revoked while its body was on the way", "keys maker", func() {
			w.late(post, w.keysPath(), `{"access":"read","restrictIndexScope":false}`, [2]string{"X-Lupa-Api-Key", w.keys["keys maker"].secret},
				func() { w.revoke(w.keys["keys maker"].id) })
		}, usage.KeyRevoked, "POST /v1/organizations/:org/projects/:project/apiKeys"},
		{"changed while its body was on the way", "full key", func() {
			w.late(post, index(w.books)+"/documents", `{"documents":[{"id":"a"}]}`, [2]string{"X-Lupa-Api-Key", w.keys["full key"].secret}, func() {
				_, err := w.credentials.Update(t.Context(), console, w.shop.Target(), w.keys["full key"].id,
					credential.Input{Type: "private", Description: "full key", Access: "read", AllEngines: true})
				w.must(err)
			})
		}, usage.Changed, "POST /v1/indices/:index/documents"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.do()
			known, err := w.usage.KnownOf(t.Context(), w.keys[c.key].id)
			w.must(err)
			if c.want == usage.Accepted {
				if len(known.Rejections) != 0 || !known.Last.At.IsZero() {
					t.Errorf("counted what nobody asked a key for: %+v", known)
				}
				return
			}
			if len(known.Rejections) != 1 || known.Rejections[0].Reason != c.want || known.Rejections[0].Count != 1 || known.Rejections[0].Endpoint != c.endpoint {
				t.Errorf("counted %+v", known.Rejections)
			}
		})
	}
	known, err := w.usage.KnownOf(t.Context(), w.keys["read key"].id)
	w.must(err)
	if len(known.Rejections) != 0 || known.Last.Endpoint != "GET /v1/indices/:index" || known.Last.Address != "127.0.0.1" {
		t.Errorf("an accepted request is remembered as %+v", known.Last)
	}
}
