package secret_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/db/secret"
)

const token = "eyJhbGciOiJIUzI1NiJ9.eyJhcGlfa2V5X25hbWUiOiJrIn0.c2lnbmF0dXJl"

var spoken = secret.Hider{Known: []string{"horse.battery"}}

func TestTextIsShownWithoutSecrets(t *testing.T) {
	key, old := secret.Mint(secret.Private).Reveal(), "private-abcdefgh1234567mnopqrstu"
	for _, text := range []string{
		key, old, token, "api-abcdefgh1234567mnopqrstu", "x " + key[:30], "private%2d" + old[8:], "private%25252D" + old[8:], `private\u002d` + old[8:], strings.ToUpper(key),
		"Bearer abc.def-1", "Authorization: Basic YWRhOnB3", "password=hunter2", `"password": "hunter2"`, `{\"password\":\"hunter2\"}`,
		"api_key: hunter2", "say horse.battery", "say horse%252ebattery", "token=hunter2&x=1", strings.Repeat("a1", 16),
	} {
		got := spoken.Text(text)
		for _, s := range []string{key[:12], old[8:], token, "abc.def-1", "YWRhOnB3", "hunter2", "horse", "a1a1", "api-abc"} {
			if strings.Contains(strings.ToLower(got), strings.ToLower(s)) {
				t.Errorf("%s: %s", text, got)
			}
		}
		if !strings.Contains(got, secret.Hidden) {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, text := range []string{"red lamp", "search-results-page", "doc-5fa1e04d389ab9c9bb5be384", "the key to the door", "monkey: banana", "Options contains invalid key: color",
		"4b825dc6-42cb-4eb9-a060-e54bf8d69288", "elastic-app-search-node/8.3.2", "basic lamp", ""} {
		if got := spoken.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if id := strings.Repeat("a1", 16); spoken.ID(id) != id || spoken.ID("x"+key) == "x"+key || spoken.ID(token) == token {
		t.Error("identifiers")
	}
}

func TestJSONIsShownWithoutSecrets(t *testing.T) {
	key := secret.Mint(secret.Admin).Reveal()
	for body, want := range map[string]string{
		`{"query":"lamp","page":{"size":10}}`:                           `{"query":"lamp","page":{"size":10}}`,
		" [ {\"id\" : \"1\"} ,\n null ]\n":                              " [ {\"id\" : \"1\"} ,\n null ]",
		`{"key":"opaque"}`:                                              `{"key":"[hidden]"}`,
		`{"Pass\u0077ord":"hunter2","n":1}`:                             `{"Pass\u0077ord":"[hidden]","n":1}`,
		`{"password":1234,"n":1}`:                                       `{"password":"[hidden]","n":1}`,
		`{"apiKey":["a",{"b":["c",2]}],"n":"d"}`:                        `{"apiKey":["[hidden]",{"b":["[hidden]","[hidden]"]}],"n":"d"}`,
		`{"session_key":{"x":"y"},"after":"z"}`:                         `{"session_key":{"x":"[hidden]"},"after":"z"}`,
		`{"a":"` + key + `"}`:                                           `{"a":"[hidden]"}`,
		`{"a":"admin\u002d` + key[6:] + `"}`:                            `{"a":"[hidden]"}`,
		`{"` + key + `":1}`:                                             `{"[hidden]":1}`,
		`{"_group_key":"red","turkey":"x","keyboard":"y","token":null}`: `{"_group_key":"red","turkey":"x","keyboard":"y","token":null}`,
		`{"note":"horse.battery"}`:                                      `{"note":"[hidden]"}`,
		`{"a":"{\"password\":\"hunter2\"}"}`:                            `{"a":"{\"password\":\"[hidden]\"}"}`,
		`"` + key + `"`:                                                 `"[hidden]"`,
		``:                                                              ``,
		`{"password":"hunter2"`:                                         `[not valid JSON]`,
		`{password:hunter2}`:                                            `[not valid JSON]`,
		`password=hunter2`:                                              `[not valid JSON]`,
		`{} {"password":"hunter2"}`:                                     `[not valid JSON]`,
		`{}hunter2`:                                                     `[not valid JSON]`,
		`1 2`:                                                           `[not valid JSON]`,
		`{"a":1,"a":{"key":"hunter2"},"key":"hunter2"}`:                 `{"a":1,"a":{"key":"[hidden]"},"key":"[hidden]"}`,
		`[[{"key":[[1]]},"free"],"free"]`:                               `[[{"key":[["[hidden]"]]},"free"],"free"]`,
		`{"search_fields":{"api_key":{"weight":3}},"sort":{"price":"asc"}}`: `{"search_fields":{"api_key":{"weight":"[hidden]"}},"sort":{"price":"asc"}}`,
	} {
		if got := spoken.JSON([]byte(body), true, 4096); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
}

// Wherever a body is cut, nothing of a secret is left at the edge.
func TestCutJSONEndsInNoSecret(t *testing.T) {
	key := secret.Mint(secret.Private).Reveal()
	body := fmt.Sprintf(`{"query":"red lamp","filters":{"owner":%q},"password":"horse staple","more":%q,"end":1}`, key, token)
	for n := range len(body) {
		for _, most := range []int{n, 4096} {
			got := spoken.JSON([]byte(body)[:n], false, most)
			for _, s := range []string{"private-", "horse", "eyJ"} {
				if strings.Contains(got, s) {
					t.Fatalf("cut at %d of %d: %s", most, n, got)
				}
			}
			if len(got) > most+len("…") {
				t.Fatalf("%d bytes, at most %d", len(got), most)
			}
		}
	}
	long := `["` + strings.Repeat("lamp ", 2000) + `"]`
	if got := spoken.JSON([]byte(long), true, 100); len(got) != 103 || !strings.HasPrefix(got, `["lamp `) {
		t.Errorf("a long text: %d %s", len(got), got)
	}
}

func TestAddressesAreShownWithoutSecrets(t *testing.T) {
	key, path := "private-abcdefgh1234567mnopqrstu", "/api/as/v1/engines/shop/search"
	for uri, want := range map[string]string{
		path + "?query=red%20lamp&page%5Bsize%5D=1":          path + "?query=red%20lamp&page%5Bsize%5D=1",
		path + "?auth_token=" + key:                          path + "?auth_token=[hidden]",
		path + "?auth%5Ftoken=opaque&a=b":                    path + "?auth%5Ftoken=[hidden]&a=b",
		path + "?filters%5Bkey%5D=opaque":                    path + "?filters%5Bkey%5D=[hidden]",
		path + "?query=private%2Dabcdefgh1234567mnopqrstu":   path + "?query=hidden",
		path + "?query=private%252Dabcdefgh1234567mnopqrstu": path + "?query=hidden",
		path + "?query=x+horse.battery":                      path + "?query=x+hidden",
		path + "?" + key:                                     path + "?hidden",
		path + "?" + key + "=1":                              path + "?hidden=1",
		"/api/as/v1/engines/" + key + "/search":              "/api/as/v1/engines/hidden/search",
		path + "?query=%zz" + key:                            path + "?query=%25zzhidden",
	} {
		if got := spoken.URL(uri, 2048); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", uri, got, want)
		}
	}
	if got := spoken.URL(path, 10); got != path[:10] {
		t.Errorf("cut: %s", got)
	}
}

// What is shown of valid JSON is valid JSON.
func FuzzHideJSON(f *testing.F) {
	f.Add([]byte(`{"key":["a",{"b":1}],"c":"d"}`), 10)
	f.Add([]byte(`{"a":"\u0000\ud800"} x`), 3)
	f.Fuzz(func(t *testing.T, body []byte, most int) {
		got := spoken.JSON(body, true, 1<<20)
		if json.Valid(body) && len(strings.TrimSpace(string(body))) > 0 && !json.Valid([]byte(got)) {
			t.Errorf("%q became %q", body, got)
		}
		if got := spoken.JSON(body, false, max(most, 0)); len(got) > max(most, 0)+len("[not valid JSON]") {
			t.Errorf("%d bytes, at most %d", len(got), most)
		}
	})
}
