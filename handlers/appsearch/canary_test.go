package appsearch_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

// canary is a secret that must never be kept, and the parts of it by which it would be known.
type canary struct {
	value string
	parts []string
	bare  bool // has no form of its own: it is known only by its name, or by who proves themselves with it
}

func (s *stand) canaries() map[string]canary {
	form := func(key string) canary { return canary{value: key, parts: []string{key[12:26], key[len(key)-16:]}} }
	signed := s.signText(s.keys["private-key"], plainHeader, `{"api_key_name":"private-key","filters":{"status":"public"}}`)
	return map[string]canary{
		"private key":  form(s.keys["private-key"]),
		"admin key":    form(s.keys["admin"]),
		"search key":   form(secret.Mint(secret.Search).Reveal()), // not one of ours, which are kept readable
		"older key":    {value: "private-h7tqz5n2m4c8v6x3b1k9w5p2", parts: []string{"h7tqz5n2m4c8"}},
		"signed key":   {value: signed, parts: []string{signed[20:50], signed[len(signed)-30:]}},
		"credentials":  {value: basic("ada@example.com", "Zanzibar&Quokka-11"), parts: []string{basic("ada@example.com", "Zanzibar&Quokka-11")[8:]}, bare: true},
		"password":     {value: "Zanzibar&Quokka-11", parts: []string{"Zanzibar", "Quokka-11"}, bare: true},
		"strange key":  {value: "Kx.77_legacy.Opaque-Marmalade", parts: []string{"Opaque-Marmalade"}, bare: true},
		"base64 alone": {value: base64.RawStdEncoding.EncodeToString([]byte("a secret of forty bytes, or somewhat more")), parts: []string{"YSBzZWNyZXQgb2YgZm9ydHkg"}},
	}
}

// named is what is known to be a secret by the name under which it comes.
func (s *stand) sendNamed(c *webtest.Client, v string) {
	s.must(s.analytics.Flush(ctx)) // only so many are logged between two flushes
	text, _ := json.Marshal(v)
	for _, name := range []string{"key", "api_key", "apiKey", "token", "auth_token", "password", "client_secret", "Authorization"} {
		c.JSON("POST", shop+"/search", fmt.Sprintf(`{"query":"lamp",%q:%s}`, name, text))
		c.JSON("POST", shop+"/search", fmt.Sprintf(`{"query":"lamp","filters":{%q:[{"x":%s}]}}`, name, text))
		c.JSON("POST", shop+"/documents", fmt.Sprintf(`[{"id":"canary","Not a field":1,%q:%s}]`, name, text))
		c.JSON("POST", shop+"/documents", fmt.Sprintf(`[{"id":"canary",%q:%s`, name, text))
		c.Do("POST", shop+"/search", url.Values{name: {v}}.Encode())
		c.Get(shop + "/search?query=lamp&" + url.Values{name: {v}}.Encode())
		c.Get(shop + "/search?query=lamp&" + url.Values{"filters[" + name + "]": {v}}.Encode())
	}
}

// sendFormed sends what is known to be a secret by its form, in every place.
func (s *stand) sendFormed(c *webtest.Client, v string, headers bool) {
	s.must(s.analytics.Flush(ctx))
	text, _ := json.Marshal(v)
	escaped, twice := url.QueryEscape(v), url.QueryEscape(strings.ReplaceAll(v, "-", "%2D"))
	for _, p := range []string{escaped, twice, strings.ReplaceAll(v, "-", "%2D")} {
		c.Get(shop + "/search?query=" + p)
		c.Get(shop + "/search?query=lamp&" + p)
		c.Get(shop + "/search?query=lamp&" + p + "=1")
		c.Get(shop + "/documents/list?page[size]=" + p)
		c.Get(as + "/engines/" + p + "/search?query=lamp")
		c.Get(shop + "/" + p)
	}
	for _, body := range []string{`{"query":%s}`, `{"query":"x %[1]s y","analytics":{"tags":[%[1]s]}}`, `{%s:1,"query":""}`, `{"query":"","filters":{"color":%s}}`, `{"query":"","sort":{%s:"asc"}}`,
		`{"query":"","search_fields":{%s:{}}}`, `{"query":%s`, `[%s]`, `%s`, `{"query":"","facets":{%s:{"type":"value"}}}`} {
		if strings.Contains(body, `"x %[1]s y"`) {
			c.JSON("POST", shop+"/search", fmt.Sprintf(`{"query":"x %s y","analytics":{"tags":[%s]}}`, v, text))
			continue
		}
		c.JSON("POST", shop+"/search", fmt.Sprintf(body, text))
		c.JSON("POST", shop+"/multi_search", `{"queries":[`+fmt.Sprintf(body, text)+`]}`)
	}
	c.JSON("POST", shop+"/search", `{"query":"`+strings.ReplaceAll(v, "-", `\u002d`)+`"}`)
	c.JSON("POST", shop+"/search", `{"query":"`+strings.Repeat("x", 3000)+`","a":"`+strings.Repeat("lamp ", 1030)+v+`"}`)
	c.JSON("POST", shop+"/click", fmt.Sprintf(`{"query":%s,"document_id":"p1","request_id":%[1]s,"tags":[%[1]s]}`, text))
	c.JSON("POST", shop+"/schema", fmt.Sprintf(`{%s:"text"}`, text))
	c.JSON("GET", shop+"/documents", fmt.Sprintf(`[%s]`, text))
	c.JSON("POST", shop+"/analytics/clicks", fmt.Sprintf(`{"query":%s,"filters":{"tag":%[1]s}}`, text))
	c.JSON("POST", shop+"/analytics/counts", fmt.Sprintf(`{"filters":{"document_id":%s}}`, text))
	if a := c.JSON("POST", shop+"/logs/api", fmt.Sprintf(`{"query":%s,"filters":{"date":{"from":"2026-03-01","to":"2026-04-01"}}}`, text)); strings.Contains(a.Body, v) {
		s.t.Errorf("the log repeats what was looked for: %s", a.Body)
	}
	c.JSON("POST", shop+"/logs/api", fmt.Sprintf(`{"filters":{"date":{"from":"2026-03-01","to":"2026-04-01"},"method":%s}}`, text))
	if !headers {
		return
	}
	for _, header := range []string{"User-Agent", "X-Swiftype-Client", "X-Swiftype-Client-Version", "X-Request-Id", "Referer", "Origin", "Content-Type", "X-Forwarded-For", "Accept"} {
		c.Do("POST", shop+"/search", `{"query":"lamp"}`, header, v)
	}
}

// sendClick sends a secret as the id of a document.
func (s *stand) sendClick(c *webtest.Client, v string) {
	text, _ := json.Marshal(v)
	c.JSON("POST", shop+"/click", fmt.Sprintf(`{"query":"lamp","document_id":%s}`, text))
	s.must(s.analytics.Flush(ctx))
}

// sendOwn sends what has no form of a secret, but is what the request proves itself with: the password of a user, and a
// key that was taken over from elsewhere.
func (s *stand) sendOwn(all map[string]canary) {
	const own, opaque = "Walrus.Parsnip-2719", "Kx_77_legacy_Opaque-Tangerine"
	_, err := s.accounts.AddUser(ctx, audit.CommandLine(), account.NewUser{
		Email: "wal@example.com", Password: own, Organization: "acme", Role: permission.OrganizationMember, Project: "shop", ProjectRole: permission.ProjectAdmin,
	})
	s.must(err)
	_, err = s.credentials.Import(ctx, audit.CommandLine(), s.mine.Target(), credential.Import{
		Input: credential.Input{Name: "opaque", Type: secret.Private, Access: permission.AccessFull, AllEngines: true}, Secret: opaque,
	})
	s.must(err)
	all["own password"] = canary{value: own, parts: []string{"walrus", "parsnip"}}
	all["own credentials"] = canary{value: own, parts: []string{basic("wal@example.com", own)[8:]}}
	all["own key"] = canary{value: opaque, parts: []string{"tangerine"}}
	for _, c := range []struct {
		client *webtest.Client
		value  string
	}{{s.by("wal", own), own}, {s.by("wal", own), basic("wal@example.com", own)}, {s.as(opaque), opaque}} {
		if a := c.client.Get(shop + "/search?query="); a.Status != 200 {
			s.t.Fatalf("%d %s", a.Status, a.Body)
		}
		s.sendNamed(c.client, c.value)
		s.sendFormed(c.client, c.value, false)
		s.sendClick(c.client, c.value)
	}
}

// kept looks for the canaries in everything that is kept and in what the log tells.
func (s *stand) kept(of map[string]canary) {
	s.t.Helper()
	s.must(s.analytics.Flush(ctx))
	s.must(s.usage.Flush(ctx))
	places := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(s.dir.Path, "*.db*"))
	if err != nil || len(files) < 2 {
		s.t.Fatal(files, err)
	}
	for _, file := range files {
		places[filepath.Base(file)], err = os.ReadFile(file)
		s.must(err)
	}
	const question = `{"filters":{"date":{"from":"2026-03-01","to":"2026-04-01"}},"page":{"size":1000,"current":%d}}`
	for page := 1; page <= 3; page++ {
		a := s.with("read").JSON("POST", shop+"/logs/api", fmt.Sprintf(question, page))
		places[fmt.Sprint("the answer of logs/api, page ", page)] = []byte(a.Body)
	}
	for _, what := range []string{"clicks", "queries", "counts"} {
		places["the answer of analytics/"+what] = []byte(s.with("read").JSON("POST", shop+"/analytics/"+what, `{}`).Body)
	}
	for place, raw := range places {
		low := bytes.ToLower(raw)
		for name, c := range of {
			for _, part := range c.parts {
				if i := bytes.Index(low, []byte(strings.ToLower(part))); i >= 0 {
					s.t.Errorf("%s: %s: …%q…", place, name, raw[max(0, i-150):min(len(raw), i+len(part)+20)])
				}
			}
		}
	}
}

// No secret is ever kept, in whatever place it comes, and none is told.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	all := s.canaries()
	for name, c := range all {
		if c.bare {
			s.sendNamed(s.with("private-key"), c.value)
		} else {
			s.sendFormed(s.with("private-key"), c.value, true)
			s.sendFormed(s.as(c.value), c.value, true)
		}
		if name != "base64 alone" { // ids of documents are long rows of letters and digits, and no secrets
			s.sendClick(s.as(c.value), c.value)
		}
		s.server.Client().Get(shop + "/search?query=" + url.QueryEscape(c.value) + "&auth_token=" + url.QueryEscape(c.value))
	}
	s.sendFormed(s.with("search-key"), all["admin key"].value, true)
	s.sendOwn(all)
	s.kept(all)
	rows := ok(t, s.with("read").JSON("POST", shop+"/logs/api", `{"filters":{"date":{"from":"2026-03-01","to":"2026-04-01"}}}`))
	if n := rows["meta"].(map[string]any)["page"].(map[string]any)["total_results"].(float64); n < 900 {
		t.Errorf("only %v requests were logged", n)
	}
}
