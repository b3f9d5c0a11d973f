package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// actor is somebody who asks, and the one way in which they prove who they are.
type actor struct {
	name  string
	proof string // cookie, token, key (X-Lupa-Api-Key), bearer, parameter (auth_token), basic
	value string
	holds string // permissions in acme's shop
	scope string // "": all of shop; "elsewhere": engines that do not exist; "foreign": another project; "hidden": nothing to see
	dead  bool   // the proof is worth nothing
	admin bool   // of the organization acme
	user  bool   // a user, who belongs to some organization
	acme  bool   // belongs to acme
	found bool   // an admin of any organization
	ops   bool   // looks after the instance
}

func (w *world) userActors() []actor {
	all := reads + " " + writes + " " + keys
	expired := w.loginToken("ada")
	w.clock.Add(2 * time.Hour)
	list := []actor{{name: "guest", dead: true}, {name: "an expired token", proof: "token", value: expired, dead: true},
		{name: "a made-up cookie", proof: "cookie", value: secret.Token().Reveal(), dead: true}}
	for _, a := range []actor{
		{name: "ada", holds: all + " audit.read" + " projects.read projects.modify members.modify", user: true, admin: true, acme: true, found: true, ops: true},
		{name: "ops", user: true, scope: "hidden", ops: true},
		{name: "manager", holds: all + " audit.read" + " projects.read projects.modify", user: true, acme: true},
		{name: "viewer", holds: reads + " api_keys.read" + " projects.read", user: true, acme: true},
		{name: "member", user: true, acme: true, scope: "hidden"},
		{name: "bob", user: true, scope: "hidden", found: true},
		{name: "other-member", user: true, scope: "hidden"},
		{name: "other-manager", user: true, scope: "hidden"},
		{name: "other-viewer", user: true, scope: "hidden"},
		{name: "gone", dead: true},
	} {
		cookie, token := a, a
		cookie.proof, cookie.value = "cookie", w.signIn(a.name).Reveal()
		token.proof, token.value = "token", w.loginToken(a.name)
		list = append(list, cookie, token, w.basicActor(a))
	}
	if _, err := w.accounts.DisableUser(context.Background(), audit.CommandLine(), "gone@example.com"); err != nil {
		w.t.Fatal(err)
	}
	return list
}

// basicActor is a user as App Search clients know them: with what they hold in their own oldest project.
func (w *world) basicActor(a actor) actor {
	a.proof, a.value = "basic", base64.StdEncoding.EncodeToString([]byte(a.name+"@example.com:"+password.Reveal()))
	all := reads + " " + writes + " " + keys
	if holds, ok := map[string]string{"bob": all, "other-manager": all, "other-viewer": reads + " api_keys.read"}[a.name]; ok {
		a.holds, a.scope = holds, "foreign"
	}
	return a
}

func (w *world) keyActors() []actor {
	must := func(k credential.Key, raw string) string { return raw }
	scoped := privateKey(permission.AccessFull)
	scoped.Name, scoped.AllEngines, scoped.Engines = "elsewhere", false, []string{"elsewhere"}
	expiring := privateKey(permission.AccessFull)
	expiring.Name, expiring.ExpiresAt = "expired", w.clock.Now().Add(time.Second)
	expired := must(w.key(w.shop, expiring))
	revokedInput := privateKey(permission.AccessFull)
	revokedInput.Name = "revoked"
	revokedKey, revoked := w.key(w.shop, revokedInput)
	w.revoke(revokedKey)
	w.clock.Add(2 * time.Second)
	elsewhere := must(w.key(w.shop, scoped))
	var list []actor
	for _, a := range []actor{
		{name: "search key", value: w.searchKey, holds: "search.read"},
		{name: "read key", value: must(w.key(w.shop, privateKey(permission.AccessRead))), holds: reads},
		{name: "write key", value: must(w.key(w.shop, privateKey(permission.AccessWrite))), holds: writes},
		{name: "full key", value: w.private, holds: reads + " " + writes},
		{name: "documents key", value: must(w.key(w.shop, privateKey(permission.AccessCustom, "documents.modify"))), holds: "documents.modify documents.read indices.read"},
		{name: "key that makes keys", value: must(w.key(w.shop, privateKey(permission.AccessCustom, "api_keys.modify"))), holds: keys + " indices.read"},
		{name: "admin key", value: must(w.key(w.shop, credential.Input{Type: secret.Admin})), holds: keys},
		{name: "key of other engines", value: elsewhere, holds: reads + " " + writes, scope: "elsewhere"},
		{name: "another project's key", value: w.storeKey, holds: reads + " " + writes, scope: "foreign"},
		{name: "expired key", value: expired, dead: true},
		{name: "revoked key", value: revoked, dead: true},
		{name: "made-up key", value: secret.Mint(secret.Private).Reveal(), dead: true},
		{name: "garbage", value: "garbage", dead: true},
	} {
		key, bearer, parameter := a, a, a
		key.proof, bearer.proof, parameter.proof = "key", "bearer", "parameter"
		// In an address only what is public by nature counts.
		parameter.dead = a.dead || a.value != w.searchKey
		list = append(list, key, bearer, parameter)
	}
	return append(list, w.signedActors(elsewhere, expired, revoked)...)
}

func (w *world) signedActors(elsewhere, expired, revoked string) []actor {
	good := sign(w.private, `{"api_key_name":"private-key"}`)
	var list []actor
	for _, a := range []actor{
		{name: "signed", value: good, holds: "search.read"},
		{name: "signed with the search key", value: sign(w.searchKey, `{"api_key_name":"search-key"}`), holds: "search.read"},
		{name: "signed with a key of other engines", value: sign(elsewhere, `{"api_key_name":"elsewhere"}`), holds: "search.read", scope: "elsewhere"},
		{name: "signed, tampered with", value: good[:len(good)-2] + "xx", dead: true},
		{name: "signed, expired", value: sign(w.private, fmt.Sprintf(`{"api_key_name":"private-key","exp":%d}`, w.clock.Now().Unix()-100)), dead: true},
		{name: "signed with an expired key", value: sign(expired, `{"api_key_name":"expired"}`), dead: true},
		{name: "signed with a revoked key", value: sign(revoked, `{"api_key_name":"revoked"}`), dead: true},
		{name: "signed with another project's key", value: sign(w.storeKey, `{"api_key_name":"private-key"}`), holds: "search.read", scope: "foreign"},
	} {
		bearer, parameter, key := a, a, a
		bearer.proof, parameter.proof, key.proof = "bearer", "parameter", "key"
		key.dead = true
		list = append(list, bearer, parameter, key)
	}
	return list
}

// sign makes a signed search key.
func sign(key, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signing := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64([]byte(payload))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signing))
	return signing + "." + b64(h.Sum(nil))
}
