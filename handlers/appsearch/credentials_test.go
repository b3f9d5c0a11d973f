package appsearch_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

const creds = as + "/credentials"

// wireOf is a key as it must stand on the wire, byte for byte.
func (s *stand) wireOf(key, name, rest string) string {
	digits := strings.ReplaceAll(s.mine.ID, "-", "")[:24]
	return fmt.Sprintf(`{"id":"loco_moco_account_id:%s|name:%s","key":%q,"name":%q,%s}`, digits, name, key, name, rest)
}

// keyIn reads the member "key" of an answer.
func keyIn(t *testing.T, got webtest.Answer) string {
	t.Helper()
	key, _ := ok(t, got)["key"].(string)
	return key
}

func TestAKeyIsShownInFullWhenItIsMade(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	cases := []struct{ name, body, rest string }{
		{"private-all", `{"name":"private-all","type":"private","read":true,"write":true,"access_all_engines":true}`,
			`"type":"private","read":true,"write":true,"access_all_engines":true`},
		{"private-some", `{"name":"private-some","type":"private","read":true,"write":false,"access_all_engines":false,"engines":["shop"]}`,
			`"type":"private","read":true,"write":false,"engines":["shop"]`},
		{"only-write", `{"name":"only-write","type":"private","write":true,"engines":["shop","blog","not-yet"]}`,
			`"type":"private","read":false,"write":true,"engines":["blog","not-yet","shop"]`},
		{"search-all", `{"name":"search-all","type":"search","access_all_engines":true,"engines":[]}`,
			`"type":"search","access_all_engines":true`},
		{"search-some", `{"id":"ignored","name":"search-some","type":"search","engines":["shop"]}`,
			`"type":"search","engines":["shop"]`},
		{"second-admin", `{"name":"second-admin","type":"admin","read":null,"engines":[]}`, `"type":"admin"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			made := s.with("admin").JSON("POST", creds, c.body)
			key := keyIn(t, made)
			if kind, good := secret.Parse(key); !good || !strings.Contains(c.rest, string(kind)) {
				t.Fatalf("key %q", key)
			}
			expect(t, made, 200, s.wireOf(key, c.name, c.rest))
			shown := secret.Mask(key)
			if strings.HasPrefix(key, "search-") {
				shown = key
			}
			expect(t, s.with("admin").Get(creds+"/"+c.name), 200, s.wireOf(shown, c.name, c.rest))
			if got := s.as(key).Get(as + "/engines/shop/search?query="); got.Status == 401 && got.Body == invalidToken {
				t.Errorf("the new key does not work: %s", got.Body)
			}
		})
	}
	t.Run("from the query string", func(t *testing.T) {
		expectMade := s.with("admin").JSON("POST", creds+"?name=by-query&type=private&read=true&write=false&engines[]=shop&engines[]=blog", "{}")
		expect(t, expectMade, 200, s.wireOf(keyIn(t, expectMade), "by-query", `"type":"private","read":true,"write":false,"engines":["blog","shop"]`))
	})
}

func TestAKeyThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	long := strings.Repeat("a", 65)
	name := "name: Use lower-case letters, digits and single hyphens, at most 64 characters."
	cases := []struct{ name, body, want string }{
		{"nothing", `{}`, "Missing required parameter: name"},
		{"no body", ``, "Missing required parameter: name"},
		{"a blank name", `{"name":"  ","type":"admin"}`, "Missing required parameter: name"},
		{"no type", `{"name":"x"}`, "Missing required parameter: type"},
		{"an unknown type", `{"name":"x","type":"root"}`, "type must be search, private or admin"},
		{"a type in capitals", `{"name":"x","type":"ADMIN"}`, "type must be search, private or admin"},
		{"a name in capitals", `{"name":"Big","type":"admin"}`, name},
		{"a name with a slash", `{"name":"a/b","type":"admin"}`, name},
		{"a long name", `{"name":"` + long + `","type":"admin"}`, name},
		{"a taken name", `{"name":"search-key","type":"admin"}`, "Name is already taken"},
		{"a name that is no text", `{"name":5,"type":"admin"}`, "name must be a text"},
		{"private without read and write", `{"name":"x","type":"private","access_all_engines":true}`, "Private keys need read or write access"},
		{"private with neither", `{"name":"x","type":"private","read":false,"write":false,"access_all_engines":true}`, "Private keys need read or write access"},
		{"read that is no truth", `{"name":"x","type":"private","read":1,"access_all_engines":true}`, "read must be true or false"},
		{"no engines", `{"name":"x","type":"search"}`, "Missing required parameter: engines"},
		{"an empty list of engines", `{"name":"x","type":"search","access_all_engines":false,"engines":[]}`, "Missing required parameter: engines"},
		{"all engines and some", `{"name":"x","type":"search","access_all_engines":true,"engines":["shop"]}`, "engines must be empty when access_all_engines is true"},
		{"engines that are no list", `{"name":"x","type":"search","engines":"shop"}`, "engines must be a list of names"},
		{"an impossible engine", `{"name":"x","type":"search","engines":["No Engine"]}`, "engines: “No Engine” cannot be the name of an engine."},
		{"search with read", `{"name":"x","type":"search","read":true,"access_all_engines":true}`, "Search keys cannot have read or write"},
		{"admin with write", `{"name":"x","type":"admin","write":true}`, "Admin keys cannot have read, write, access_all_engines or engines"},
		{"admin with all engines", `{"name":"x","type":"admin","access_all_engines":true}`, "Admin keys cannot have read, write, access_all_engines or engines"},
		{"admin with engines", `{"name":"x","type":"admin","engines":["shop"]}`, "Admin keys cannot have read, write, access_all_engines or engines"},
		{"a chosen key", `{"name":"x","type":"admin","key":"admin-mine"}`, "key cannot be chosen"},
		{"another project", `{"name":"x","type":"admin","project_id":"p"}`, "Options contains invalid key: project_id"},
		{"another case", `{"name":"x","Type":"admin"}`, "Options contains invalid key: Type"},
		{"permissions", `{"name":"x","type":"private","permissions":["members.modify"]}`, "Options contains invalid key: permissions"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, err := json.Marshal(map[string][]string{"errors": {c.want}})
			s.must(err)
			expect(t, s.with("admin").JSON("POST", creds, c.body), 400, string(body))
		})
	}
}

func TestPutKeepsTheKeyAndWhatAppSearchDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	expires := s.clock.Now().Add(time.Hour)
	key := s.key(s.mine, credential.Input{Name: "job", Description: "nightly", Type: secret.Private, Access: permission.AccessRead, AllEngines: true, ExpiresAt: expires})
	body := `{"name":"job","type":"private","read":true,"write":true,"engines":["shop"]}`
	expect(t, s.with("admin").JSON("PUT", creds+"/job", body), 200,
		s.wireOf(secret.Mask(key), "job", `"type":"private","read":true,"write":true,"engines":["shop"]`))
	k := s.keyByName(s.mine, "job")
	if k.Access != permission.AccessFull || k.Description != "nightly" || !k.ExpiresAt.Equal(expires) {
		t.Errorf("%+v", k)
	}
	if got := s.as(key).JSON("POST", as+"/engines/shop/documents", `[]`); got.Status != 200 {
		t.Errorf("the key changed: %s", got.Body)
	}
	expect(t, s.as(key).Get(as+"/engines/blog"), 404, noEngine)
	search := ok(t, s.with("admin").Get(creds+"/search-key"))["key"]
	if got := ok(t, s.with("admin").JSON("PUT", creds+"/search-key", `{"name":"search-key","type":"search","engines":["shop"]}`)); got["key"] != search {
		t.Errorf("%v", got)
	}
	for _, c := range []struct{ path, body, want string }{
		{"/job", `{"name":"task","type":"private","read":true,"access_all_engines":true}`, "name cannot be changed"},
		{"/job", `{"name":"job","type":"admin"}`, "type cannot be changed"},
		{"/job", `{"name":"job","type":"private","access_all_engines":true}`, "Private keys need read or write access"},
		{"/job", `{"name":"job","type":"private","read":true}`, "Missing required parameter: engines"},
		{"/admin", `{"name":"admin","type":"admin","read":true}`, "Admin keys cannot have read, write, access_all_engines or engines"},
	} {
		expect(t, s.with("admin").JSON("PUT", creds+c.path, c.body), 400, `{"errors":["`+c.want+`"]}`)
	}
}

func TestPuttingBackACustomKeyDoesNotWidenIt(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	got := s.with("admin").Get(creds + "/custom-docs")
	expect(t, got, 200, s.wireOf(secret.Mask(s.keys["custom-docs"]), "custom-docs", `"type":"private","read":true,"write":false,"access_all_engines":true`))
	expect(t, s.with("admin").JSON("PUT", creds+"/custom-docs", got.Body), 200, got.Body)
	k := s.keyByName(s.mine, "custom-docs")
	if k.Access != permission.AccessCustom || k.Permissions() != permission.Of(permission.DocumentsRead, permission.IndicesRead) {
		t.Errorf("%+v", k)
	}
	ok(t, s.with("admin").JSON("PUT", creds+"/custom-docs", `{"name":"custom-docs","type":"private","read":true,"write":true,"access_all_engines":true}`))
	if k := s.keyByName(s.mine, "custom-docs"); k.Access != permission.AccessFull {
		t.Errorf("%+v", k)
	}
}

func TestDeleteEndsAKey(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	expect(t, s.with("admin").Do("DELETE", creds+"/read", ""), 200, `{"deleted":true}`)
	expect(t, s.with("read").Get(as+"/engines"), 401, invalidToken)
	const gone = `{"errors":["There is no such key."]}`
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		for _, name := range []string{"read", "never-was", "confidential", "a%2Fb", "%00", s.keys["admin"]} {
			body := ""
			if method == "PUT" {
				body = `{"type":"admin"}`
			}
			expect(t, s.with("admin").Do(method, creds+"/"+name, body), 404, gone)
		}
	}
	// The name is free again.
	ok(t, s.with("admin").JSON("POST", creds, `{"name":"read","type":"admin"}`))
}

func TestTheListOfKeys(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.key(s.mine, credential.Input{Name: "a-late-one", Type: secret.Private, Access: permission.AccessRead, AllEngines: true, ExpiresAt: s.clock.Now().Add(time.Hour)})
	s.clock.Add(2 * time.Hour)
	s.revoke("write")
	names := func(got webtest.Answer) string {
		var list []string
		for _, r := range ok(t, got)["results"].([]any) {
			list = append(list, r.(map[string]any)["name"].(string))
		}
		return strings.Join(list, " ")
	}
	admin := s.with("admin")
	const all = "a-late-one admin custom-docs custom-keys private-key read search-key shop-full shop-search"
	for name, got := range map[string]webtest.Answer{
		"plain":          admin.Get(creds),
		"with a slash":   admin.Get(creds + "/"),
		"the old path":   admin.Get("/as/credentials/collection?page[current]=1"),
		"below its host": admin.Get("/h/" + s.mine.HostIdentifier + "/as/credentials/collection"),
		"page as body":   admin.JSON("GET", creds, `{"page":{"current":1,"size":20}}`),
		"a large page":   admin.Get(creds + "?page[size]=5000"),
	} {
		if list := names(got); list != all {
			t.Errorf("%s: %s", name, list)
		}
	}
	if list := names(admin.Get(creds + "?page[current]=2&page[size]=4")); list != "private-key read search-key shop-full" {
		t.Error(list)
	}
	got := admin.Get(creds + "?page[current]=9&page[size]=4")
	expect(t, got, 200, `{"meta":{"page":{"current":9,"total_pages":3,"total_results":9,"size":4}},"results":[]}`)
	for _, page := range []string{"page[current]=0", "page[current]=-1", "page[size]=0", "page[size]=x", "page=3", "page[sizes]=3", "page[current]=99999999999999999999"} {
		if got := admin.Get(creds + "?" + page); got.Status != 400 {
			t.Errorf("%s: %d %s", page, got.Status, got.Body)
		}
	}
}

func TestSecretsAreReadableWhereTheProjectChoseSo(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	show := func(as, name string) string { return keyIn(t, s.with(as).Get(creds+"/"+name)) }
	s.readable(true)
	key := s.key(s.mine, credential.Input{Name: "written", Type: secret.Private, Access: permission.AccessFull, AllEngines: true})
	if got := show("admin", "written"); got != key {
		t.Errorf("got %q", got)
	}
	if got := show("admin", "private-key"); got != secret.Mask(s.keys["private-key"]) {
		t.Errorf("a key of before the choice: %q", got)
	}
	if got := show("custom-keys", "written"); got != secret.Mask(key) {
		t.Errorf("a key with less access reads: %q", got)
	}
	s.readable(false)
	if got := show("admin", "written"); got != secret.Mask(key) {
		t.Errorf("after the choice was taken back: %q", got)
	}
}

func TestNoListShowsASecret(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for _, as := range []string{"admin", "custom-keys"} {
		body := s.with(as).Get(creds).Body
		for name, key := range s.keys {
			public := name == "shop-search" || name == "search-key" && as == "admin"
			if strings.Contains(body, key) != public {
				t.Errorf("%s sees %s: %v", as, name, !public)
			}
		}
		for _, key := range s.foreign {
			if strings.Contains(body, key) || strings.Contains(body, secret.Mask(key)) {
				t.Errorf("%s sees a key of another project", as)
			}
		}
	}
}

func TestNobodyGrantsMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	c := s.with("custom-keys") // may manage keys, read documents and search, in shop
	for name, body := range map[string]string{
		"an admin key":  `{"name":"x","type":"admin"}`,
		"write":         `{"name":"x","type":"private","write":true,"engines":["shop"]}`,
		"all engines":   `{"name":"x","type":"search","access_all_engines":true}`,
		"other engines": `{"name":"x","type":"search","engines":["blog"]}`,
	} {
		got := c.JSON("POST", creds, body)
		if got.Status != 401 || !strings.HasPrefix(got.Body, `{"errors":["Unauthorized action.","A`) && name != "an admin key" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	ok(t, c.JSON("POST", creds, `{"name":"x","type":"search","engines":["shop"]}`))
}

func TestTwoProjectsDoNotMeet(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	before := s.keyByName(s.other, "private-key")
	ok(t, s.with("admin").Do("DELETE", creds+"/private-key", ""))
	if k := s.keyByName(s.other, "private-key"); k.ID != before.ID || !k.RevokedAt.IsZero() {
		t.Errorf("%+v", k)
	}
	if got := s.as(s.foreign["private-key"]).Get(as + "/engines"); got.Status != 200 {
		t.Errorf("the other project's key died: %s", got.Body)
	}
}
