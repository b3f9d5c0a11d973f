package appsearch_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
)

// sign makes a signed search key as the official clients do.
func (s *stand) sign(key string, claims jwt.MapClaims) string {
	s.t.Helper()
	return s.signWith(key, jwt.SigningMethodHS256, claims, nil)
}

func (s *stand) signWith(key string, method jwt.SigningMethod, claims jwt.MapClaims, header map[string]any) string {
	s.t.Helper()
	token := jwt.NewWithClaims(method, claims)
	for name, v := range header {
		if token.Header[name] = v; v == nil {
			delete(token.Header, name)
		}
	}
	var signer any = []byte(key)
	if method == jwt.SigningMethodNone {
		signer = jwt.UnsafeAllowNoneSignatureType
	}
	raw, err := token.SignedString(signer)
	s.must(err)
	return raw
}

// signText signs a payload that need not be what an encoder would write.
func (s *stand) signText(key, header, payload string) string {
	s.t.Helper()
	enc := base64.RawURLEncoding
	signing := enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(payload))
	mac, err := jwt.SigningMethodHS256.Sign(signing, []byte(key))
	s.must(err)
	return signing + "." + enc.EncodeToString(mac)
}

// sized makes a good token of so many bytes. What fills it is a claim that is no option.
func (s *stand) sized(key string, size int) string {
	s.t.Helper()
	for n := size / 2; n < size; n++ {
		if token := s.signText(key, plainHeader, `{"api_key_name":"read","jti":"`+strings.Repeat("x", n)+`"}`); len(token) == size {
			return token
		}
	}
	// Base64 has no texts of some lengths: the header helps out with a blank.
	for n := size / 2; n < size; n++ {
		if token := s.signText(key, plainHeader+" ", `{"api_key_name":"read","jti":"`+strings.Repeat("x", n)+`"}`); len(token) == size {
			return token
		}
	}
	s.t.Fatalf("no token has %d bytes", size)
	return ""
}

const plainHeader = `{"alg":"HS256"}`

func TestWhichSignedSearchKeysAreGood(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	now := s.clock.Now()
	named := func(name string) jwt.MapClaims { return jwt.MapClaims{"api_key_name": name} }
	read := s.keys["read"]
	good := s.sign(read, named("read"))
	parts := strings.Split(good, ".")
	swapped := base64.RawURLEncoding.EncodeToString([]byte(`{"api_key_name":"private-key"}`))
	cases := []struct {
		name, token string
		good        bool
	}{
		{"a private key with read", good, true},
		{"a search key", s.sign(s.keys["search-key"], named("search-key")), true},
		{"a header without typ, as Ruby writes it", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"typ": nil}), true},
		{"a key limited to the engine", s.sign(s.keys["shop-full"], named("shop-full")), true},
		{"a custom key that may search", s.sign(s.keys["custom-keys"], named("custom-keys")), true},
		{"api_key_id, as before May 2018", s.sign(read, jwt.MapClaims{"api_key_id": "read"}), true},
		{"iat and exp, as node writes them", s.sign(read, jwt.MapClaims{"api_key_name": "read", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}), true},
		{"nbf that has come", s.sign(read, jwt.MapClaims{"api_key_name": "read", "nbf": now.Add(-time.Minute).Unix()}), true},
		{"both names, of which the newer counts", s.sign(read, jwt.MapClaims{"api_key_name": "read", "api_key_id": "private-key"}), true},
		{"jti, iss, aud and sub, which are no options", s.sign(read, jwt.MapClaims{"api_key_name": "read", "jti": "1", "iss": "i", "aud": "a", "sub": "s"}), true},
		{"typ in another case", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"typ": "jwt"}), true},
		{"8 KiB exactly", s.sized(read, 8<<10), true},
		{"a byte more", s.sized(read, 8<<10+1), false},
		{"another typ", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"typ": "at+jwt"}), false},
		{"zip", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"zip": "DEF"}), false},
		{"jwk", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"jwk": map[string]any{"kty": "oct"}}), false},
		{"b64", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"b64": false}), false},
		{"iat in the future", s.sign(read, jwt.MapClaims{"api_key_name": "read", "iat": now.Add(2 * time.Minute).Unix()}), false},
		{"expired", s.sign(read, jwt.MapClaims{"api_key_name": "read", "exp": now.Add(-2 * time.Minute).Unix()}), false},
		{"an exp that is no number", s.sign(read, jwt.MapClaims{"api_key_name": "read", "exp": "never"}), false},
		{"not yet good", s.sign(read, jwt.MapClaims{"api_key_name": "read", "nbf": now.Add(2 * time.Minute).Unix()}), false},
		{"a key that may only write", s.sign(s.keys["write"], named("write")), false},
		{"an admin key", s.sign(s.keys["admin"], named("admin")), false},
		{"a custom key that may not search", s.sign(s.keys["custom-docs"], named("custom-docs")), false},
		{"no name", s.sign(read, jwt.MapClaims{"query": ""}), false},
		{"an unknown name", s.sign(read, named("no-such")), false},
		{"another key's name", s.sign(read, named("private-key")), false},
		{"a name that is no text", s.sign(read, jwt.MapClaims{"api_key_name": 5}), false},
		{"tampered claims", parts[0] + "." + swapped + "." + parts[2], false},
		{"no signature", parts[0] + "." + parts[1] + ".", false},
		{"another signature", parts[0] + "." + parts[1] + "." + strings.Repeat("A", 43), false},
		{"alg none", s.signWith(read, jwt.SigningMethodNone, named("read"), nil), false},
		{"HS384", s.signWith(read, jwt.SigningMethodHS384, named("read"), nil), false},
		{"HS512", s.signWith(read, jwt.SigningMethodHS512, named("read"), nil), false},
		{"alg in another case", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"alg": "hs256"}), false},
		{"crit", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"crit": []string{"exp"}}), false},
		{"kid", s.signWith(read, jwt.SigningMethodHS256, named("read"), map[string]any{"kid": "read"}), false},
		{"a doubled claim", s.signText(read, plainHeader, `{"api_key_name":"read","filters":{"status":"public"},"filters":{}}`), false},
		{"a doubled member inside of a claim", s.signText(read, plainHeader, `{"api_key_name":"read","filters":{"status":"public","status":"hidden"}}`), false},
		{"a doubled header", s.signText(read, `{"alg":"none","alg":"HS256"}`, `{"api_key_name":"read"}`), false},
		{"text after the claims", s.signText(read, plainHeader, `{"api_key_name":"read"}{}`), false},
		{"claims that are an array", s.signText(read, plainHeader, `["api_key_name"]`), false},
		{"more than 8 KiB", s.sign(read, jwt.MapClaims{"api_key_name": "read", "query": strings.Repeat("x", 8<<10)}), false},
		{"a key of another project under a name it does not have", s.sign(s.foreign["private-key"], named("read")), false},
		{"the masked key", s.sign(secret.Mask(read), named("read")), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for how, got := range map[string]string{
				"header": s.as(c.token).Get(search + "?query=chair").Body,
				"URL":    s.server.Client().Get(search + "?query=chair&auth_token=" + c.token).Body,
			} {
				if c.good != strings.Contains(got, `"id":{"raw":"p3"}`) || !c.good && got != invalidToken {
					t.Errorf("%s: %s", how, got)
				}
			}
		})
	}
}

func TestASignedSearchKeySearchesAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	token := s.sign(s.keys["custom-keys"], jwt.MapClaims{"api_key_name": "custom-keys"})
	for _, e := range endpoints {
		got := s.as(token).JSON(e.method, as+e.path, e.body)
		if strings.HasSuffix(e.path, "search") || strings.HasSuffix(e.path, "/query_suggestion") || strings.HasSuffix(e.path, "/click") {
			if got.Status != 200 {
				t.Errorf("%s %s: %d %s", e.method, e.path, got.Status, got.Body)
			}
			continue
		}
		expect(t, got, 401, unauthorized)
	}
	// custom-keys reaches shop alone.
	expect(t, s.as(token).Get(as+"/engines/blog/search?query="), 404, noEngine)
	expect(t, s.as(token).Get(as+"/engines/confidential/search?query="), 404, noEngine)
}

func TestASignedSearchKeyDiesWithItsParent(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	short := s.key(s.mine, credential.Input{Name: "short", Type: secret.Private, Access: permission.AccessRead, AllEngines: true, ExpiresAt: s.clock.Now().Add(time.Hour)})
	ofRead, ofShort := s.sign(s.keys["read"], jwt.MapClaims{"api_key_name": "read"}), s.sign(short, jwt.MapClaims{"api_key_name": "short"})
	parent := s.keyByName(s.mine, "read").ID
	for _, token := range []string{ofRead, ofShort} {
		ok(t, s.as(token).Get(search+"?query="))
	}
	ok(t, s.with("admin").Do("DELETE", creds+"/read", ""))
	expect(t, s.as(ofRead).Get(search+"?query="), 401, invalidToken)
	s.clock.Add(time.Hour)
	expect(t, s.as(ofShort).Get(search+"?query="), 401, invalidToken)
	// A new key of the same name is another key.
	ok(t, s.with("admin").JSON("POST", creds, `{"name":"read","type":"private","read":true,"access_all_engines":true}`))
	expect(t, s.as(ofRead).Get(search+"?query="), 401, invalidToken)
	if got := s.used(parent); got.Accepted != 1 {
		t.Errorf("the parent's use: %+v", got)
	}
}

func TestAHostIdentifierChoosesTheParent(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	claims := jwt.MapClaims{"api_key_name": "search-key"} // both projects have one
	mine, other := s.sign(s.keys["search-key"], claims), s.sign(s.foreign["search-key"], claims)
	path := "/engines/shop/search?query="
	at := func(host string) string { return "/h/" + host + as + path }
	ok(t, s.as(mine).Get(as+path)) // without an identifier the signature tells
	if got := s.as(other).Get(as + path); got.Status != 200 || !strings.Contains(got.Body, "Foreign lamp") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	ok(t, s.as(mine).Get(at(s.mine.HostIdentifier)))
	expect(t, s.as(mine).Get(at(s.other.HostIdentifier)), 401, invalidToken)
	expect(t, s.as(other).Get(at(s.mine.HostIdentifier)), 401, invalidToken)
	expect(t, s.as(mine).Get(at("host-nobody")), 401, invalidToken)
	if got := s.as(other).Get(at(s.other.HostIdentifier)); got.Status != 200 || !strings.Contains(got.Body, "Foreign lamp") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

// TestNoSpellingGetsAroundWhatIsEnforced tries every way to say an option against what a token says.
func TestNoSpellingGetsAroundWhatIsEnforced(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	token := s.sign(s.keys["read"], jwt.MapClaims{
		"api_key_name":  "read",
		"filters":       map[string]any{"status": "public"},
		"result_fields": map[string]any{"title": map[string]any{"raw": map[string]any{}}},
		"search_fields": map[string]any{"title": map[string]any{}},
		"facets":        map[string]any{},
		"page":          map[string]any{"size": 2, "current": 1},
	})
	attempts := []struct{ name, method, query, body string }{
		{"nothing", "POST", "", `{"query":"lamp"}`},
		{"a body", "POST", "", `{"query":"","filters":{"status":"hidden"},"result_fields":{"note":{"raw":{}}},"search_fields":{"note":{}},"facets":{"note":{"type":"value"}},"page":{"size":100}}`},
		{"any", "POST", "", `{"query":"","filters":{"any":[{"status":"hidden"},{"status":"public"}]}}`},
		{"none", "POST", "", `{"query":"","filters":{"none":[{"status":"public"}]}}`},
		{"empty", "POST", "", `{"query":"","filters":{},"result_fields":{},"search_fields":{},"facets":{"note":{"type":"value"}}}`},
		{"null", "POST", "", `{"query":"","filters":null,"result_fields":null,"search_fields":null,"page":null}`},
		{"the query string", "GET", "?query=&filters[status]=hidden&result_fields[note][raw]=&search_fields[note][weight]=1&facets[note][][type]=value&page[size]=100", ``},
		{"escaped brackets", "GET", "?query=&filters%5Bstatus%5D=hidden&result_fields%5Bnote%5D%5Braw%5D=&page%5Bsize%5D=100", ``},
		{"both at once", "POST", "?filters[status]=hidden&result_fields[note][raw]=", `{"query":"","result_fields":{"note":{"raw":{}}}}`},
		{"an empty object in the query string", "GET", "?query=&filters=&result_fields=&facets=", ``},
		{"a snippet", "POST", "", `{"query":"unicorn","result_fields":{"note":{"snippet":{"fallback":true}}}}`},
		{"a doubled member", "POST", "", `{"query":"","filters":{"status":"public"},"filters":{"status":"hidden"}}`},
		{"another case", "POST", "", `{"query":"","Filters":{"status":"hidden"},"RESULT_FIELDS":{"note":{"raw":{}}}}`},
		{"another case in the query string", "GET", "?query=&Filters[status]=hidden&Result_fields[note][raw]=", ``},
		{"an escaped name", "POST", "", `{"query":"","result\u005ffields":{"note":{"raw":{}}}}`},
		{"a null byte", "POST", "", `{"query":"","result_fields\u0000":{"note":{"raw":{}}}}`},
		{"the claims as options", "POST", "", `{"query":"","api_key_name":"private-key"}`},
		{"sort by what is not shown", "POST", "", `{"query":"","sort":{"note":"desc"}}`},
	}
	for _, a := range attempts {
		for _, multi := range []bool{false, true} {
			path, body := search+a.query, a.body
			if multi {
				if a.body == "" || a.query != "" {
					continue
				}
				path, body = as+"/engines/shop/multi_search", `{"queries":[`+a.body+`,`+a.body+`]}`
			}
			got := s.as(token).JSON(a.method, path, body)
			discreet(t, got)
			for _, word := range []string{"classified", "unicorn", "Gold", "p4", `"note"`, `"facets"`, `"price"`, `"size":100`} {
				if strings.Contains(got.Body, word) {
					t.Errorf("%s shows %s: %s", a.name, word, got.Body)
				}
			}
			if got.Status != 200 && got.Status != 400 {
				t.Errorf("%s: %d %s", a.name, got.Status, got.Body)
			}
		}
	}
}

func TestEnforcedOptions(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	cases := []struct{ name, claim, options, want string }{
		{"filters are added", `"filters":{"status":"public"}`, `"query":"lamp","sort":{"price":"asc"},"filters":{"color":["red","gold"]}`, "p1"},
		{"filters alone", `"filters":{"status":"public"}`, `"query":"lamp","sort":{"price":"asc"}`, "p1 p2"},
		{"five levels of filters are not six", `"filters":{"all":[{"any":[{"all":[{"any":[{"all":[{"status":"public"}]}]}]}]}]}`,
			`"query":"","filters":{"all":[{"any":[{"all":[{"any":[{"all":[{"color":"red"}]}]}]}]}]},"sort":{"price":"asc"}`, "p1 p3"},
		{"no filters", `"filters":{}`, `"query":"gold"`, "p4"},
		{"the query", `"query":"chair"`, `"query":"lamp"`, "p3"},
		{"the query, where there is none", `"query":"chair"`, `"page":{}`, "p3"},
		{"search_fields", `"search_fields":{"title":{}}`, `"query":"unicorn","search_fields":{"note":{}}`, ""},
		{"the page", `"page":{"size":1}`, `"query":"","page":{"size":100,"current":2},"sort":{"price":"asc"}`, "p1"},
		{"the order", `"sort":{"price":"desc"}`, `"query":"","sort":{"price":"asc"}`, "p4 p3 p2 p1"},
		{"the order, none", `"sort":null,"query":""`, `"sort":{"price":"desc"}`, "p1 p2 p3 p4"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read",`+c.claim+`}`)
			if got := ids(t, s.as(token).JSON("POST", search, "{"+c.options+"}")); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	for _, facets := range []string{"{}", "null", "[]"} {
		token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read","facets":`+facets+`}`)
		if got := s.as(token).JSON("POST", search, `{"query":"","facets":{"color":{"type":"value"}}}`); got.Status != 200 || strings.Contains(got.Body, "facets") {
			t.Errorf("facets %s: %d %s", facets, got.Status, got.Body)
		}
	}
}

func TestAnEnforcedOptionThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	for claim, want := range map[string]string{
		`"bogus":1`:                     "Options contains invalid key: bogus",
		`"Filters":{"status":"public"}`: "Options contains invalid key: Filters",
		`"user_id":"u1"`:                "Options contains invalid key: user_id",
		`"filters":"public"`:            "Filters must be an object",
		`"filters":null`:                "Filters must be an object",
		`"filters":[]`:                  "Filters must be an object",
		`"filters":""`:                  "Filters must be an object",
		`"filters":"{}"`:                "Filters must be an object",
		`"filters":{"any":[{"status":"public"},[]]}`:  "Filters must be an object",
		`"filters":{"all":[{"any":[{"all":[""]}]}]}`:  "Filters must be an object",
		`"filters":{"status":"public","none":[null]}`: "Filters must be an object",
		`"filters":{"nope":"public"}`:                 "Filters contains invalid field: nope",
		`"filters":{"status":[]}`:                     "Filters contains no value for field: status",
		`"filters":{"any":[]}`:                        "Filters contains invalid list: any",
		`"filters":{"all":[{"none":[{"any":[]}]}]}`:   "Filters contains invalid list: any",
		`"result_fields":{}`:                          "Signed search key enforces no fields: result_fields",
		`"result_fields":null`:                        "Signed search key enforces no fields: result_fields",
		`"search_fields":[]`:                          "Signed search key enforces no fields: search_fields",
		`"search_fields":["title"]`:                   "Signed search key enforces no fields: search_fields",
		`"result_fields":{"nope":{}}`:                 "Result fields contains invalid field: nope",
		`"group":{"field":"nope"}`:                    "Group contains invalid field: nope",
		`"page":{"size":5,"offset":100}`:              "Page contains invalid key: offset",
	} {
		token := s.signText(s.keys["read"], plainHeader, `{"api_key_name":"read",`+claim+`}`)
		expect(t, s.as(token).JSON("POST", search, `{"query":"lamp"}`), 400, `{"errors":["`+want+`"]}`)
		expect(t, s.as(token).JSON("POST", as+"/engines/shop/multi_search", `{"queries":[{"query":"lamp"}]}`), 400, `[{"errors":["`+want+`"]}]`)
	}
}

func TestARefusedSignedKeyCountsForItsParent(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	id := s.keyByName(s.mine, "read").ID
	token := s.sign(s.keys["read"], jwt.MapClaims{"api_key_name": "read"})
	s.as(token).Get(as + "/engines")
	s.as(token).Get(search + "?query=")
	s.as(token[:len(token)-2] + "xx").Get(search + "?query=") // made by nobody known
	if got, want := s.used(id), (usage.Totals{Accepted: 1, Rejected: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
