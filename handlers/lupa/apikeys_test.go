package lupa_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

// keyAnswer is what these tests read of a key.
type keyAnswer struct {
	ID, VisibleKey, Description, Access, Key, Type string
	Permissions                                    []string
	RestrictIndexScope                             bool
	IndexIDs                                       []string `json:"indexIds"`
	Expiration                                     *string
}

func readAnswer(t testing.TB, body string) keyAnswer {
	t.Helper()
	var k keyAnswer
	if err := json.Unmarshal([]byte(body), &k); err != nil {
		t.Fatal(err)
	}
	return k
}

// plain replaces what is random in an answer about a key: its id, its secret and its visible form.
func plain(body string) string {
	for _, r := range [][2]string{
		{`"id":"[0-9a-f-]{36}"`, `"id":"ID"`}, {`"key":"private-[0-9A-Za-z]{49}"`, `"key":"KEY"`},
		{`-[0-9A-Za-z]{3}\*{5}[0-9A-Za-z]{3}"`, `-abc*****xyz"`},
	} {
		body = regexp.MustCompile(r[0]).ReplaceAllString(body, r[1])
	}
	return body
}

// A new key answers with exactly the members of Lupa's documentation, in their order; afterwards its secret is nowhere.
func TestCreateKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as("admin")
	a := c.JSON(post, w.keysPath(), `{"description":"Import in <staging>","access":"full","restrictIndexScope":true,"expiration":null,"indexIds":["`+w.books.ID+`"]}`)
	body := want(t, a, 200)
	const golden = `{"id":"ID","visibleKey":"private-abc*****xyz","description":"Import in \u003cstaging\u003e","access":"full",` +
		`"restrictIndexScope":true,"indexIds":["%s"],"expiration":null,"key":"KEY"}` + "\n"
	if got, wanted := plain(body), fmt.Sprintf(golden, w.books.ID); got != wanted {
		t.Errorf("answer\n%s\nwant\n%s", got, wanted)
	}
	k := readAnswer(t, body)
	if k.VisibleKey != secret.Mask(k.Key) {
		t.Errorf("visible key %s", k.VisibleKey)
	}
	user := w.Client("X-Lupa-Api-Key", k.Key)
	want(t, user.Get(index(w.books)), 200)
	refuses(t, user.Get(index(w.films)), 404, "There is no such index.")
	for _, later := range []string{
		want(t, c.Get(w.keysPath()), 200), want(t, c.Get(w.keysPath()+"/"+k.ID), 200),
		want(t, c.JSON(patch, w.keysPath()+"/"+k.ID, `{"description":"Import"}`), 200),
	} {
		if strings.Contains(later, k.Key) || strings.Contains(later, k.Key[len("private-"):]) || strings.Contains(later, `"key"`) {
			t.Errorf("the secret is shown again: %s", later)
		}
	}
}

// What kinds of keys can be made, and what each answers.
func TestKindsOfKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct{ body, wanted string }{
		"read": {`{"description":"r","access":"read","restrictIndexScope":false}`,
			`"description":"r","access":"read","restrictIndexScope":false,"indexIds":[],"expiration":null`},
		"custom, completed": {`{"access":"custom","permissions":["documents.modify"],"restrictIndexScope":false}`,
			`"description":"","access":"custom","permissions":["indices.read","documents.read","documents.modify"],"restrictIndexScope":false,"indexIds":[],"expiration":null`},
		"indices that do not count": {`{"access":"full","restrictIndexScope":false,"indexIds":["` + w.books.ID + `"]}`,
			`"description":"","access":"full","restrictIndexScope":false,"indexIds":[],"expiration":null`},
		"two indices, by name": {`{"access":"full","restrictIndexScope":true,"indexIds":["` + w.films.ID + `","` + w.books.ID + `","` + w.films.ID + `"]}`,
			`"description":"","access":"full","restrictIndexScope":true,"indexIds":["` + w.books.ID + `","` + w.films.ID + `"],"expiration":null`},
		"expiration with zone": {`{"access":"read","restrictIndexScope":false,"expiration":"2027-01-02T03:04:05.678+02:00"}`,
			`"description":"","access":"read","restrictIndexScope":false,"indexIds":[],"expiration":"2027-01-02T01:04:05.678Z"`},
		"expiration without zone": {`{"access":"read","restrictIndexScope":false,"expiration":"2027-01-02T03:04:05"}`,
			`"description":"","access":"read","restrictIndexScope":false,"indexIds":[],"expiration":"2027-01-02T03:04:05.000Z"`},
		"expiration as a date": {`{"access":"read","restrictIndexScope":false,"expiration":"2027-01-02"}`,
			`"description":"","access":"read","restrictIndexScope":false,"indexIds":[],"expiration":"2027-01-02T00:00:00.000Z"`},
		"expiration in milliseconds": {`{"access":"read","restrictIndexScope":false,"expiration":1798858845678}`,
			`"description":"","access":"read","restrictIndexScope":false,"indexIds":[],"expiration":"2027-01-02T03:00:45.678Z"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := plain(want(t, w.as("admin").JSON(post, w.keysPath(), c.body), 200))
			if wanted := `{"id":"ID","visibleKey":"private-abc*****xyz",` + c.wanted + `,"key":"KEY"}` + "\n"; got != wanted {
				t.Errorf("answer\n%s\nwant\n%s", got, wanted)
			}
		})
	}
}

// What is wrong with a key is said by its name on the wire, and no key is made.
func TestInvalidKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const unknown = "11111111-2222-4333-8444-555555555555"
	before := want(t, w.as("admin").Get(w.keysPath()), 200)
	noIndex := func(id string) string {
		return "indexIds names an index that does not exist in this project: “" + id + "”."
	}
	const times = "expiration must be an ISO 8601 time, epoch milliseconds or null."
	full := func(rest string) string { return `{"access":"full","restrictIndexScope":` + rest + `}` }
	for name, c := range map[string]struct{ body, message string }{
		"empty":              {``, "The request body is not valid JSON."},
		"nothing said":       {`{}`, "access must be read, full or custom. restrictIndexScope must be true or false."},
		"no access":          {`{"restrictIndexScope":false}`, "access must be read, full or custom."},
		"no scope":           {`{"access":"full","indexIds":["` + w.books.ID + `"]}`, "restrictIndexScope must be true or false."},
		"unknown access":     {`{"access":"admin","restrictIndexScope":false}`, "access must be read, full or custom."},
		"access write":       {`{"access":"write","restrictIndexScope":false}`, "access must be read, full or custom."},
		"unknown permission": {`{"access":"custom","permissions":["documents.erase"],"restrictIndexScope":false}`, "permissions: There is no permission “documents.erase”."},
		"permission no key can have": {`{"access":"custom","permissions":["members.modify"],"restrictIndexScope":false}`,
			"permissions: There is no permission “members.modify”."},
		"custom without permissions": {`{"access":"custom","restrictIndexScope":false}`, "permissions: Choose at least one permission."},
		"permissions without custom": {`{"access":"full","permissions":["documents.read"],"restrictIndexScope":false}`,
			"permissions: Permissions are chosen for custom access only."},
		"unknown index":     {full(`true,"indexIds":["` + unknown + `"]`), noIndex(unknown)},
		"foreign index":     {full(`true,"indexIds":["` + w.notes.ID + `"]`), noIndex(w.notes.ID)},
		"sister's index":    {full(`true,"indexIds":["` + w.books.ID + `","` + w.posts.ID + `"]`), noIndex(w.posts.ID)},
		"index by name":     {full(`true,"indexIds":["books"]`), noIndex("books")},
		"no index":          {full(`true,"indexIds":[]`), "indexIds must name at least one index if restrictIndexScope is true."},
		"indices not said":  {full(`true`), "indexIds must name at least one index if restrictIndexScope is true."},
		"past expiration":   {full(`false,"expiration":"2020-01-01T00:00:00Z"`), "expiration: The date has passed. Choose a later one."},
		"seconds":           {full(`false,"expiration":1798858845`), times},
		"fraction":          {full(`false,"expiration":1798858845678.5`), times},
		"no time":           {full(`false,"expiration":"tomorrow"`), times},
		"boolean as time":   {full(`false,"expiration":true`), times},
		"far away":          {full(`false,"expiration":9223372036854775807`), "expiration: The date is too far away."},
		"scope as text":     {full(`"false"`), "restrictIndexScope has a value of the wrong type."},
		"more members":      {full(`false,"project":"blog"`), "project is not a known field."},
		"id":                {full(`false,"id":"` + unknown + `"`), "id is not a known field."},
		"long description":  {full(`false,"description":"` + strings.Repeat("x", 301) + `"`), "description: At most 300 characters."},
		"doubled member":    {full(`false,"access":"read"`), "The request body is not valid JSON."},
		"two mistakes":      {full(`true,"expiration":1`), times + " indexIds must name at least one index if restrictIndexScope is true."},
		"control character": {full(`false,"description":"a\u0007b"`), "description: Control characters and marks that turn the writing direction are not allowed."},
	} {
		t.Run(name, func(t *testing.T) { refuses(t, w.as("admin").JSON(post, w.keysPath(), c.body), 400, c.message) })
	}
	if after := want(t, w.as("admin").Get(w.keysPath()), 200); after != before {
		t.Errorf("keys were made: %s", after)
	}
}

// The list shows every key that is not revoked, the oldest first, and no secret.
func TestListKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range []string{"viewer", "keys reader", "admin key"} {
		body := want(t, w.as(who).Get(w.keysPath()), 200)
		var list []keyAnswer
		w.must(json.Unmarshal([]byte(body), &list))
		if len(list) != 11 { // two of a new project, and nine that were made and not revoked
			t.Errorf("%s: %d keys: %s", who, len(list), body)
		}
		for name, k := range w.keys {
			shop := name != "revoked key" && name != "blog key" && name != "globex key"
			if strings.Contains(body, k.id) != shop {
				t.Errorf("%s: %s listed: %v", who, name, !shop)
			}
			if strings.Contains(body, k.secret) || strings.Contains(body, "hash") || strings.Contains(body, w.notes.ID) {
				t.Errorf("%s: the list tells too much: %s", who, body)
			}
		}
	}
	empty := w.newProject("acme", "Empty")
	for _, name := range []string{"search-key", "private-key"} {
		k, err := w.credentials.GetByName(t.Context(), console, empty.Target(), name)
		w.must(err)
		_, err = w.credentials.Revoke(t.Context(), console, empty.Target(), k.ID)
		w.must(err)
	}
	if body := want(t, w.as("admin").Get("/v1/organizations/acme/projects/empty/apiKeys"), 200); body != "[]\n" {
		t.Errorf("no keys: %s", body)
	}
}

// Keys that were made elsewhere have the nearest words of Lupa, and a type.
func TestShowKeysMadeElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ghost := w.key(w.shop, credential.Input{Access: permission.AccessWrite, Engines: []string{"books", "not-there"}})
	w.keys["ghost"] = ghost
	for name, wanted := range map[string]string{
		"search key": `"visibleKey":"search-abc*****xyz","description":"search key","access":"read","restrictIndexScope":false,"indexIds":[],"expiration":null,"type":"search"}`,
		"admin key": `"visibleKey":"admin-abc*****xyz","description":"admin key","access":"custom","permissions":["api_keys.read","api_keys.modify"],` +
			`"restrictIndexScope":false,"indexIds":[],"expiration":null,"type":"admin"}`,
		"write key":   `"visibleKey":"private-abc*****xyz","description":"write key","access":"write","restrictIndexScope":false,"indexIds":[],"expiration":null}`,
		"expired key": `"visibleKey":"private-abc*****xyz","description":"expired key","access":"full","restrictIndexScope":false,"indexIds":[],"expiration":"2026-03-14T10:26:53.000Z"}`,
		"ghost":       `"visibleKey":"private-abc*****xyz","description":"","access":"write","restrictIndexScope":true,"indexIds":["` + w.books.ID + `"],"expiration":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			got := plain(want(t, w.as("admin key").Get(w.keysPath()+"/"+w.keys[name].id), 200))
			if wanted = `{"id":"ID",` + wanted + "\n"; got != wanted {
				t.Errorf("answer\n%s\nwant\n%s", got, wanted)
			}
		})
	}
}

// PATCH keeps what it does not name; PUT says everything anew.
func TestChangeKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	scoped := `{"description":"d","access":"custom","permissions":["documents.read"],"restrictIndexScope":true,"indexIds":["` + w.books.ID + `"],"expiration":"2027-01-01T00:00:00Z"}`
	const custom = `"access":"custom","permissions":["indices.read","documents.read"]`
	books := `"restrictIndexScope":true,"indexIds":["` + w.books.ID + `"]`
	const until = `"expiration":"2027-01-01T00:00:00.000Z"`
	for name, c := range map[string]struct{ method, body, wanted string }{
		"nothing":           {patch, `{}`, `"description":"d",` + custom + `,` + books + `,` + until},
		"description":       {patch, `{"description":"e"}`, `"description":"e",` + custom + `,` + books + `,` + until},
		"for ever":          {patch, `{"expiration":null}`, `"description":"d",` + custom + `,` + books + `,"expiration":null`},
		"access":            {patch, `{"access":"read"}`, `"description":"d","access":"read",` + books + `,` + until},
		"other permissions": {patch, `{"permissions":["analytics.read"]}`, `"description":"d","access":"custom","permissions":["indices.read","analytics.read"],` + books + `,` + until},
		"other index":       {patch, `{"indexIds":["` + w.films.ID + `"]}`, `"description":"d",` + custom + `,"restrictIndexScope":true,"indexIds":["` + w.films.ID + `"],` + until},
		"all indices":       {patch, `{"restrictIndexScope":false}`, `"description":"d",` + custom + `,"restrictIndexScope":false,"indexIds":[],` + until},
		"replaced":          {put, `{"access":"full","restrictIndexScope":false,"expiration":null}`, `"description":"","access":"full","restrictIndexScope":false,"indexIds":[],"expiration":null`},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as("admin")
			k := readAnswer(t, want(t, a.JSON(post, w.keysPath(), scoped), 200))
			got := plain(want(t, a.JSON(c.method, w.keysPath()+"/"+k.ID, c.body), 200))
			if wanted := `{"id":"ID","visibleKey":"private-abc*****xyz",` + c.wanted + "}\n"; got != wanted {
				t.Errorf("answer\n%s\nwant\n%s", got, wanted)
			}
			if again := plain(want(t, a.Get(w.keysPath()+"/"+k.ID), 200)); again != got {
				t.Errorf("afterwards it is\n%s", again)
			}
		})
	}
}

// Replacing a key that ends by one that never does takes a word; a key that never ends needs none.
func TestAnExpirationDoesNotVanish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.as("admin")
	const rest = `"access":"full","restrictIndexScope":false`
	const demand = "expiration must be said, because the key has one; null takes it away."
	k := readAnswer(t, want(t, a.JSON(post, w.keysPath(), `{`+rest+`,"expiration":"2027-01-01T00:00:00Z"}`), 200))
	path := w.keysPath() + "/" + k.ID
	refuses(t, a.JSON(put, path, `{`+rest+`}`), 400, demand)
	refuses(t, a.JSON(put, path, `{}`), 400, "access must be read, full or custom. "+demand+" restrictIndexScope must be true or false.")
	for _, c := range []struct{ method, body, expiration string }{
		{patch, `{"description":"e"}`, `"2027-01-01T00:00:00.000Z"`},
		{put, `{` + rest + `,"expiration":"2027-02-01"}`, `"2027-02-01T00:00:00.000Z"`},
		{put, `{` + rest + `,"expiration":null}`, `null`},
		{put, `{` + rest + `}`, `null`},
	} {
		if body := want(t, a.JSON(c.method, path, c.body), 200); !strings.Contains(body, `"expiration":`+c.expiration) {
			t.Errorf("%s %s: %s", c.method, c.body, body)
		}
	}
}

// A change of a key that is wrong says so, and what was shown of a key made elsewhere may come back unchanged.
func TestInvalidChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := func(name string) string { return w.keysPath() + "/" + w.keys[name].id }
	for name, c := range map[string]struct {
		method, path, body string
		message            string // "" for what passes
	}{
		"PUT without access":       {put, path("full key"), `{"restrictIndexScope":false}`, "access must be read, full or custom."},
		"PUT without scope":        {put, path("full key"), `{"access":"full"}`, "restrictIndexScope must be true or false."},
		"write stays write":        {put, path("write key"), `{"access":"write","restrictIndexScope":false}`, ""},
		"full becomes write":       {patch, path("full key"), `{"access":"write"}`, "access must be read, full or custom."},
		"restricted to nothing":    {patch, path("full key"), `{"restrictIndexScope":true}`, "indexIds must name at least one index if restrictIndexScope is true."},
		"unknown member":           {patch, path("full key"), `{"type":"admin"}`, "type is not a known field."},
		"secret":                   {patch, path("full key"), `{"key":"private-mine"}`, "key is not a known field."},
		"search key stays":         {put, path("search key"), `{"description":"public","access":"read","restrictIndexScope":false}`, ""},
		"search key wants more":    {patch, path("search key"), `{"access":"full"}`, "access of a key of type search cannot be changed."},
		"search key, permissions":  {patch, path("search key"), `{"permissions":["documents.modify"]}`, "permissions of a key of type search cannot be changed."},
		"search key, one index":    {patch, path("search key"), `{"restrictIndexScope":true,"indexIds":["` + w.books.ID + `"]}`, ""},
		"admin key stays":          {put, path("admin key"), `{"access":"custom","permissions":["api_keys.modify","api_keys.read"],"restrictIndexScope":false}`, ""},
		"admin key wants more":     {patch, path("admin key"), `{"permissions":["documents.modify"]}`, "permissions of a key of type admin cannot be changed."},
		"expired key stays so":     {patch, path("expired key"), `{"description":"old"}`, ""},
		"custom wants permissions": {patch, path("full key"), `{"access":"custom"}`, "permissions: Choose at least one permission."},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as("admin").JSON(c.method, c.path, c.body)
			if c.message == "" {
				want(t, a, 200)
				return
			}
			refuses(t, a, 400, c.message)
		})
	}
}

// Nobody makes or changes a key into one that could do more than they can.
func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keys["scoped maker"] = w.key(w.shop, credential.Input{Access: permission.AccessCustom,
		Permissions: []string{"api_keys.modify", "documents.modify"}, Engines: []string{"films"}})
	const permissions = "A key cannot be given permissions that you do not have."
	const engines = "A key cannot be given engines that you cannot reach."
	read := `{"access":"custom","permissions":["documents.read"],"restrictIndexScope":`
	for name, c := range map[string]struct {
		who, body string
		status    int
		message   string
	}{
		"permissions":           {"keys maker", `{"access":"full","restrictIndexScope":false}`, 403, permissions},
		"own permissions":       {"keys maker", `{"access":"custom","permissions":["api_keys.read"],"restrictIndexScope":false}`, 200, ""},
		"all engines":           {"scoped maker", read + `false}`, 403, engines},
		"own engine":            {"scoped maker", read + `true,"indexIds":["` + w.films.ID + `"]}`, 200, ""},
		"admin key gives all":   {"admin key", `{"access":"full","restrictIndexScope":false}`, 200, ""},
		"project's admin":       {"manager", `{"access":"full","restrictIndexScope":false}`, 200, ""},
		"engine out of scope":   {"scoped maker", read + `true,"indexIds":["` + w.books.ID + `"]}`, 400, "indexIds names an index that does not exist in this project: “" + w.books.ID + "”."},
		"viewer makes no key":   {"viewer", read + `false}`, 403, "You do not have the permission to do this."},
		"full key makes no key": {"full key", read + `false}`, 403, "You do not have the permission to do this."},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as(c.who).JSON(post, w.keysPath(), c.body)
			if c.status == 200 {
				want(t, a, 200)
				return
			}
			refuses(t, a, c.status, c.message)
		})
	}
	refuses(t, w.as("keys maker").JSON(patch, w.keysPath()+"/"+w.keys["keys reader"].id, `{"permissions":["documents.modify"]}`), 403, permissions)
}

// A revoked key is dead with the answer, and gone: it is not shown, listed or changed. Revoking again is no mistake.
func TestRevokeKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, user := w.as("keys maker"), w.as("full key")
	path := w.keysPath() + "/" + w.keys["full key"].id
	want(t, user.Get(index(w.books)), 200)
	for range 2 {
		if body := want(t, c.Do(del, path, ""), 200); body != success {
			t.Errorf("answer %s", body)
		}
		refuses(t, user.Get(index(w.books)), 401, "The API key is not valid.")
	}
	for name, a := range map[string]webtest.Answer{
		"get": c.Get(path), "put": c.JSON(put, path, `{"access":"read","restrictIndexScope":false}`), "patch": c.JSON(patch, path, `{}`),
	} {
		t.Run(name, func(t *testing.T) { refuses(t, a, 404, "There is no such key.") })
	}
	refuses(t, c.Do(del, w.keysPath()+"/"+w.keys["globex key"].id, ""), 404, "There is no such key.")
	refuses(t, c.Do(del, w.keysPath()+"/"+w.keys["blog key"].id, ""), 404, "There is no such key.")
	want(t, w.as("blog key").Get(index(w.posts)), 200)
}

// A key ends at its expiration to the millisecond.
func TestKeysExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.clock.Now().Add(1500e6)
	k := readAnswer(t, want(t, w.as("admin").JSON(post, w.keysPath(), fmt.Sprintf(`{"access":"read","restrictIndexScope":false,"expiration":%d}`, at.UnixMilli())), 200))
	c := w.Client("X-Lupa-Api-Key", k.Key)
	w.clock.Add(1499e6)
	want(t, c.Get(index(w.books)), 200)
	w.clock.Add(1e6)
	refuses(t, c.Get(index(w.books)), 401, "The API key is not valid.")
}
