package console_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web/webtest"
)

// signers is a world with an engine and a private key that may search it.
func signers(t *testing.T) (w *world, k credential.Key, raw string) {
	t.Helper()
	w = settled(t)
	w.engine("parks")
	w.documents("parks",
		engine.Source{"id": "d1", "title": "Yosemite", "state": "CA", "visitors": 4},
		engine.Source{"id": "d2", "title": "Redwood", "state": "CA", "visitors": 2},
		engine.Source{"id": "d3", "title": "Acadia", "state": "ME", "visitors": 3})
	_, err := w.deps.Engines.UpdateSchema(context.Background(), audit.CommandLine(), w.project.Target(), "parks", engine.Schema{{Name: "visitors", Type: engine.TypeNumber}})
	check(t, err)
	k, raw = w.makeKey(credential.Input{Type: secret.Private, Name: "signer", Description: "Portal backend", Access: permission.AccessRead, Engines: []string{"parks"}})
	return w, k, raw
}

func signURL(k credential.Key) string { return views.SignKeyURL("acme", "shop", k.ID) }

// claimsOf reads the claims of the token that a page shows.
func claimsOf(t *testing.T, body string) (token string, claims map[string]any) {
	t.Helper()
	token = secretOn(body)
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no token on the page: %q", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	check(t, err)
	check(t, json.Unmarshal(raw, &claims))
	return token, claims
}

func TestWhatIsSignedSaysWhatTheFormSays(t *testing.T) {
	w, k, raw := signers(t)
	now := w.clock.Now()
	a := w.as(vic).Form(signURL(k), "engine", "parks", "filter_field_1", "state", "filter_value_1", "CA", "filter_field_2", "visitors", "filter_value_2", "4",
		"search_scope", "some", "search_field", "title", "result_scope", "some", "result_field", "title", "facets", "none", "sort", "visitors:desc",
		"options", `{"filters": {"none": [{"id": "d2"}]}, "precision": 3}`, "expires", "1h", "secret", " "+raw+"\n")
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	guarded(t, a)
	packed := w.as(vic).Do("POST", signURL(k), url.Values{"expires": {"1h"}, "secret": {raw}}.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept-Encoding", "gzip")
	if packed.Header.Get("Content-Encoding") != "" || secretOn(packed.Body) == "" {
		t.Errorf("the page that shows a token is compressed: %d", packed.Status)
	}
	token, claims := claimsOf(t, a.Body)
	want := map[string]any{
		"api_key_name": "signer", "iat": float64(now.Unix()), "exp": float64(now.Add(time.Hour).Unix()), "precision": 3.0, "facets": map[string]any{},
		"filters":       map[string]any{"all": []any{map[string]any{"state": "CA"}, map[string]any{"visitors": 4.0}, map[string]any{"none": []any{map[string]any{"id": "d2"}}}}},
		"search_fields": map[string]any{"title": map[string]any{}}, "sort": map[string]any{"visitors": "desc"},
		"result_fields": map[string]any{"title": map[string]any{"raw": map[string]any{}, "snippet": map[string]any{"fallback": true}}},
	}
	if fmt.Sprint(claims) != fmt.Sprint(want) {
		t.Errorf("the claims are %v\nwant %v", claims, want)
	}
	proof := w.deps.Credentials.CheckSigned(token, w.project.ID)
	if proof.Reason != "" || proof.KeyID != k.ID {
		t.Errorf("it proves %+v", proof)
	}
	contains(t, html.UnescapeString(a.Body), "It can search in parks, and do nothing else.", "state is “\u2068CA\u2069” and visitors is", "In parks that is 1 of 3 documents now.",
		"Words are looked for in title only.", "Of each document only title can be seen, and its id.", "facets are forbidden",
		"or before that when its key is revoked", `"alg": "HS256"`, `"precision": 3`, "/api/as/v1/engines/parks/search", "Reloading this page")
	decoded := w.as(vic).Form(views.DecodeKeyURL("acme", "shop"), "token", token)
	contains(t, html.UnescapeString(decoded.Body), "It was signed with this key and counts now", "Portal backend", keyURL(k.ID, ""), "Words are looked for in title only.")
	found := w.as(vic).Form(views.EngineSearchURL("acme", "shop", "parks"), "q", "", "secret", token)
	contains(t, found.Body, "1 document in ", "Yosemite")
	lacks(t, found.Body, "Acadia", "Redwood")
}

func TestASearchKeySignsWithoutItsSecret(t *testing.T) {
	w, _, _ := signers(t)
	k := w.keyNamed("search-key")
	form := w.as(vic).Get(signURL(k))
	contains(t, form.Body, "filled in by the server", "Its key is public.")
	lacks(t, form.Body, `name="secret"`)
	a := w.as(vic).Form(signURL(k), "engine", "", "expires", "parent")
	token, claims := claimsOf(t, a.Body)
	if len(claims) != 2 || w.deps.Credentials.CheckSigned(token, "").KeyID != k.ID {
		t.Errorf("the claims are %v", claims)
	}
	contains(t, a.Body, "It imposes no options", "It works until its key is revoked.", "It has no end of its own.")
}

func TestSigningIsRefusedWithAMessage(t *testing.T) {
	w, k, raw := signers(t)
	form := func(pairs ...string) []string {
		return append([]string{"engine", "parks", "expires", "1d", "secret", raw}, pairs...)
	}
	path := signURL(k)
	other := "private-" + strings.Repeat("Q7", 24) + "x"
	w.visits(t, []visit{
		{name: "no secret", as: vic, path: path, form: []string{"engine", "parks", "expires", "1d"}, status: 422, has: []string{"Paste the secret of this key.", `id="secret-error"`, "Error: Sign a search key"}},
		{name: "another secret", as: vic, path: path, form: []string{"expires", "1d", "secret", other}, status: 422, has: []string{"This is not the secret of this key."}, not: []string{other, raw}},
		{name: "no lifetime", as: vic, path: path, form: []string{"secret", raw}, status: 422, has: []string{"Choose how long it works."}, not: []string{raw}},
		{name: "a day that has passed", as: vic, path: path, form: []string{"secret", raw, "expires", "date", "expires_on", "2020-01-01"}, status: 422, has: []string{"This day has passed.", `value="2020-01-01"`}, not: []string{raw}},
		{name: "no day", as: vic, path: path, form: []string{"secret", raw, "expires", "date", "expires_on", "soon"}, status: 422, has: []string{"Enter a date as year, month and day"}},
		{name: "an unknown option", as: vic, path: path, form: form("options", `{"color": 1}`), status: 422, has: []string{"Options contains invalid key: color", "{&#34;color&#34;: 1}"}, not: []string{raw}},
		{name: "a claim among the options", as: vic, path: path, form: form("options", `{"exp": 1}`), status: 422, has: []string{"Options contains invalid key: exp"}},
		{name: "JSON that is none", as: vic, path: path, form: form("options", "{\n\"a\":"), status: 422, has: []string{"look at line 2"}},
		{name: "options over 8 KiB", as: vic, path: path, form: form("options", `{"filters":{"id":"`+strings.Repeat("x", 9000)+`"}}`), status: 422, has: []string{"at most 8192 bytes"}, not: []string{raw}},
		{name: "an option twice", as: vic, path: path, form: form("facets", "none", "options", `{"facets": {}}`), status: 422, has: []string{"facets is chosen above and named here too."}},
		{name: "a field that the engine lacks", as: vic, path: path, form: form("options", `{"filters": {"color": "red"}}`), status: 422, has: []string{"Filters contains invalid field: color"}},
		{name: "no field ticked", as: vic, path: path, form: form("search_scope", "some", "result_scope", "some"), status: 422, has: []string{"Tick at least one field.", `id="search_field-error"`, `id="result_field-error"`}},
		{name: "a word for a number", as: vic, path: path, form: form("filter_field_1", "visitors", "filter_value_1", "many"), status: 422, has: []string{"This field holds numbers.", `value="many"`}},
		{name: "a number that JSON has not", as: vic, path: path, form: form("filter_field_1", "visitors", "filter_value_1", "Inf"), status: 422, has: []string{"This field holds numbers."}},
		{name: "a value without a field", as: vic, path: path, form: form("filter_value_2", "x"), status: 422, has: []string{"Choose the field"}},
		{name: "an engine that the key does not reach", as: vic, path: path, form: []string{"engine", "elsewhere", "expires", "1d", "secret", raw}, status: 422, has: []string{"Choose an engine that this key reaches."}, not: []string{raw}},
		{name: "the secret where it would be shown", as: vic, path: path, form: form("options", `{"query":"`+raw+`"}`, "filter_field_1", "state", "filter_value_1", other), status: 422, has: []string{"This looks like a key."}, not: []string{raw, other}},
		{name: "only the fields of another engine", as: vic, path: path, form: form("preview", "fields", "filter_field_1", "state", "filter_value_1", "CA"), status: 200, has: []string{`value="CA"`, "Sign a search key"}, not: []string{raw, "Error:"}},
	})
}

func TestOnlyKeysThatSearchSign(t *testing.T) {
	w, _, _ := signers(t)
	w.other()
	in := func(name string, access permission.Access, may ...string) credential.Input {
		return credential.Input{Type: secret.Private, Name: name, Access: access, AllEngines: true, Permissions: may}
	}
	writer, _ := w.makeKey(in("writer", permission.AccessWrite))
	custom, _ := w.makeKey(in("custom", permission.AccessCustom, "documents.modify"))
	finder, _ := w.makeKey(in("finder", permission.AccessCustom, "search.read"))
	admin, _ := w.makeKey(credential.Input{Type: secret.Admin, Name: "admin"})
	dead, _ := w.makeKey(in("dead", permission.AccessFull))
	_, err := w.deps.Credentials.Revoke(context.Background(), audit.CommandLine(), w.project.Target(), dead.ID)
	check(t, err)
	short := in("short", permission.AccessFull)
	short.ExpiresAt = w.clock.Now().Add(time.Minute)
	expired, _ := w.makeKey(short)
	w.clock.Add(time.Hour)
	for _, k := range []credential.Key{writer, custom, admin, dead, expired} {
		lacks(t, w.as(ada).Get(keyURL(k.ID, "")).Body, signURL(k))
		for _, a := range []webtest.Answer{w.as(ada).Get(signURL(k)), w.as(ada).Form(signURL(k), "expires", "1d")} {
			if a.Status != 303 || a.Header.Get("Location") != keyURL(k.ID, "?done=cannot-sign") {
				t.Errorf("%s: %d to %q", k.Name, a.Status, a.Header.Get("Location"))
			}
		}
	}
	list := w.as(ada).Get(keysURL + "?inactive=1").Body
	contains(t, list, signURL(finder), signURL(w.keyNamed("search-key")))
	lacks(t, list, signURL(writer), signURL(admin), signURL(dead), signURL(expired), signURL(custom))
	missing := keyURL("00000000-0000-4000-8000-000000000000", "/sign")
	w.visits(t, []visit{
		{name: "offered", as: vic, path: keyURL(finder.ID, ""), status: 200, has: []string{signURL(finder)}},
		{name: "a viewer", as: vic, path: signURL(finder), status: 200, has: []string{"Sign a search key"}},
		{name: "a guest", as: guest, path: signURL(finder), status: 303, location: views.LoginNextURL(signURL(finder))},
		{name: "a guest who sends", as: guest, path: signURL(finder), form: []string{"expires", "1d"}, status: 401},
		{name: "a member without the project", as: mia, path: signURL(finder), status: 404, not: []string{"finder"}},
		{name: "somebody else", as: oz, path: signURL(finder), status: 404},
		{name: "somebody else who sends", as: oz, path: signURL(finder), form: []string{"expires", "1d"}, status: 404},
		{name: "somebody else who decodes", as: oz, path: views.DecodeKeyURL("acme", "shop"), form: []string{"token", "a.b.c"}, status: 404},
		{name: "no such key", as: ada, path: missing, status: 404},
		{name: "no such key, sent", as: ada, path: missing, form: []string{"expires", "1d"}, status: 404},
	})
	foreign := views.SignKeyURL("other", "depot", finder.ID)
	none := "00000000-0000-4000-8000-000000000000"
	if a, b := w.as(oz).Get(foreign), w.as(oz).Get(strings.Replace(foreign, finder.ID, none, 1)); a.Status != 404 || strings.ReplaceAll(a.Body, finder.ID, none) != b.Body {
		t.Error("a key of another project answers unlike a missing one")
	}
}

// Neither the secret nor what was signed gets into the log, the history, a header, an error page or any file.
func TestSecretsThatSignAreKeptNowhere(t *testing.T) {
	w, k, raw := signers(t)
	needles := map[string]string{"secret": raw, "end of the secret": raw[len(raw)-20:]}
	var answers []webtest.Answer
	for i, pairs := range [][]string{
		{"options", `{"query":"canary-4711"}`, "expires", "1d"}, {"expires", "none"}, {"options", `{"bad": 1}`, "expires", "1d"}, {"options", raw, "expires", "1d"}, {"preview", "fields"},
	} {
		a := w.as(vic).Form(signURL(k), append(pairs, "engine", "parks", "secret", raw)...)
		if i == 0 {
			token, _ := claimsOf(t, a.Body)
			parts := strings.Split(token, ".")
			needles["token"], needles["claims"], needles["signature"], needles["option"] = token, parts[1], parts[2], "canary-4711"
			answers = append(answers, w.as(vic).Form(keysURL+"/search", "q", token), w.as(vic).Get(keysURL+"?q="+token), w.as(vic).Form(views.DecodeKeyURL("acme", "shop"), "token", token))
			lacks(t, a.Body, raw)
			continue
		}
		answers = append(answers, a)
	}
	check(t, w.deps.Usage.Flush(context.Background()))
	answers = append(answers, w.as(ada).Get(views.AuditURL("acme", "shop")), w.as(ada).Get(keyURL(k.ID, "")))
	texts := map[string]string{"the log": w.log.String()}
	for i, a := range answers {
		texts[fmt.Sprint("answer ", i)] = a.Body + fmt.Sprint(a.Header)
	}
	files, err := filepath.Glob(filepath.Join(w.dir.Path, "*"))
	check(t, err)
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			texts[filepath.Base(name)] = string(b)
		}
	}
	for where, text := range texts {
		for what, needle := range needles {
			shown := what == "option" && strings.HasPrefix(where, "answer") // decoded, as was asked for
			if strings.Contains(text, needle) && !shown {
				t.Errorf("%s holds the %s", where, what)
			}
		}
	}
	contains(t, texts["answer "+fmt.Sprint(len(answers)-1)], "Signed a search key")
	contains(t, texts["answer "+fmt.Sprint(len(answers)-2)], "signed a search key with")
	if len(texts) < 12 {
		t.Errorf("only %d texts were looked at", len(texts))
	}
}

func TestDecode(t *testing.T) {
	w, k, raw := signers(t)
	_, foreign, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.other().Target(), credential.Input{Type: secret.Private, Name: "foreign", Access: permission.AccessRead, AllEngines: true}, nil)
	check(t, err)
	dead, deadRaw := w.makeKey(credential.Input{Type: secret.Private, Name: "dead", Description: "Old portal", Access: permission.AccessRead, AllEngines: true})
	_, err = w.deps.Credentials.Revoke(context.Background(), audit.CommandLine(), w.project.Target(), dead.ID)
	check(t, err)
	path, past := views.DecodeKeyURL("acme", "shop"), w.clock.Now().Add(-time.Hour).Unix()
	good := signed(raw, `{"api_key_name":"signer","filters":{"state":["CA","<script>alert(1)</script>"]}}`)
	for name, c := range map[string]struct {
		token    string
		has, not []string
	}{
		"alive":              {good, []string{"Works", "Signed with", keyURL(k.ID, ""), "What it allows", "state is “\u2068CA\u2069” or “\u2068<script>alert"}, []string{"Refused"}},
		"expired":            {signed(raw, fmt.Sprintf(`{"api_key_name":"signer","exp":%d}`, past)), []string{"Its time is over.", "What it allowed", "It stopped working on"}, []string{"Works"}},
		"changed":            {strings.Replace(good, ".eyJ", ".eyI", 1), []string{"Refused"}, []string{"Works", "Portal backend"}},
		"of a revoked key":   {signed(deadRaw, `{"api_key_name":"dead"}`), []string{"The key that it names is revoked", "Names as its key", keyURL(dead.ID, ""), "What it claims"}, []string{"Works"}},
		"of a foreign key":   {signed(foreign.Reveal(), `{"api_key_name":"foreign"}`), []string{"No key of this project has the name", "Not known in this project"}, []string{"Works", "depot"}},
		"with another alg":   {"eyJhbGciOiJub25lIn0.eyJhcGlfa2V5X25hbWUiOiJzaWduZXIifQ.", []string{"something else than HS256", "none"}, []string{"Works"}},
		"no token":           {"nonsense", []string{"This is no signed search key"}, []string{"Works", "Decoded"}},
		"a key, not a token": {raw, []string{"This is no signed search key"}, []string{"Works"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as(vic).Form(path, "token", c.token)
			if a.Status != 200 {
				t.Fatalf("status %d", a.Status)
			}
			guarded(t, a)
			contains(t, html.UnescapeString(a.Body), c.has...)
			lacks(t, a.Body, append(c.not, "<script>alert")...)
			if len(c.token) > 20 {
				lacks(t, a.Body, c.token)
			}
		})
	}
	w.visits(t, []visit{
		{name: "nothing", as: vic, path: path, form: []string{"token", " "}, status: 422, has: []string{"Paste a signed search key."}},
		{name: "pasted into the list", as: vic, path: keysURL + "/search", form: []string{"q", good}, status: 303, location: keyURL(k.ID, "")},
		{name: "an expired one leads to its key too", as: vic, path: keysURL + "/search", form: []string{"q", "token: " + signed(raw, fmt.Sprintf(`{"api_key_name":"signer","exp":%d}`, past)) + " "}, status: 303, location: keyURL(k.ID, "")},
		{name: "a foreign one leads nowhere", as: vic, path: keysURL + "/search", form: []string{"q", signed(foreign.Reveal(), `{"api_key_name":"foreign"}`)}, status: 303, location: keysURL + "?done=unknown-key"},
		{name: "one in the address is not written back", as: vic, path: keysURL + "?q=" + good, status: 200, not: []string{good, good[:60]}},
	})
}
