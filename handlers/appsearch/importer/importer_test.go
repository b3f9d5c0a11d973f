package importer_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/handlers/appsearch/importer"
)

func sign(key, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signing := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64([]byte(payload))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signing))
	return signing + "." + b64(h.Sum(nil))
}

// What worked with keys of the source works at the target with the same keys, and gives the same.
func TestClientsNeedNotChange(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	report := b.takeAll(a)
	requests := []struct {
		name, method, path, key, body string
		status                        int
	}{
		{"search key", "POST", "/engines/shop/search", a.keys["search-key"], `{"query":"lamp","page":{"size":5},"sort":{"price":"desc"}}`, 200},
		{"search key of one engine", "POST", "/engines/shop/search", a.keys["shop-search"], `{"query":"17"}`, 200},
		{"the same, another engine", "POST", "/engines/blog/search", a.keys["shop-search"], `{"query":""}`, 404},
		{"search key that App Search minted", "GET", "/engines/shop/search?query=3", a.keys["old-search"], "", 200},
		{"signed with a private key", "POST", "/engines/shop/search", sign(a.keys["private-key"], `{"api_key_name":"private-key","filters":{"tags":"17"}}`), `{"query":""}`, 200},
		{"signed with a search key", "POST", "/engines/shop/search", sign(a.keys["search-key"], `{"api_key_name":"search-key","result_fields":{"title":{"raw":{}}}}`), `{"query":"5"}`, 200},
		{"signed with a key of before 2018", "POST", "/engines/shop/search", sign(a.keys["oldest"], `{"api_key_name":"oldest","filters":{"tags":"9"}}`), `{"query":""}`, 200},
		{"signed with another secret", "POST", "/engines/shop/search", sign("private-aaaabbbbccccddddeeeefff", `{"api_key_name":"private-key"}`), `{"query":""}`, 401},
		{"private key reads", "GET", "/engines/shop/documents?ids[]=p007&ids[]=nosuch", a.keys["reader"], "", 200},
		{"the key of before 2018 reads", "GET", "/engines/shop/schema", a.keys["oldest"], "", 200},
		{"a reader writes nothing", "POST", "/engines/shop/documents", a.keys["reader"], `[{"id":"x"}]`, 401},
		{"private key writes", "POST", "/engines/shop/documents", a.keys["shop-writer"], `[{"id":"new","title":"New"}]`, 200},
		{"a curation and a synonym", "POST", "/engines/shop/search", a.keys["reader"], `{"query":"lamps"}`, 200},
		{"a hidden document", "POST", "/engines/shop/search", a.keys["reader"], `{"query":"","sort":{"price":"asc"}}`, 200},
		{"meta engine", "POST", "/engines/all/search", a.keys["reader"], `{"query":"post"}`, 200},
		{"search settings", "GET", "/engines/shop/search_settings", a.keys["reader"], "", 200},
		{"search settings by default", "GET", "/engines/blog/search_settings", a.keys["reader"], "", 200},
		{"synonyms of the meta engine", "GET", "/engines/all/synonyms", a.keys["reader"], "", 200},
		{"engines", "GET", "/engines", a.keys["private-key"], "", 200},
		{"documents", "GET", "/engines/blog/documents/list", a.keys["private-key"], "", 200},
		{"a private key lists no keys", "GET", "/credentials", a.keys["private-key"], "", 401},
		{"admin key", "GET", "/credentials/reader", a.keys["admin"], "", 200},
		{"admin key makes keys", "POST", "/credentials", a.keys["admin"], `{"name":"fresh","type":"search","access_all_engines":true}`, 200},
	}
	for _, c := range requests {
		statusA, bodyA := a.call(c.method, "/api/as/v1"+c.path, c.key, c.body)
		statusB, bodyB := b.call(c.method, "/api/as/v1"+c.path, c.key, c.body)
		if statusA != c.status || statusB != c.status {
			t.Errorf("%s: %d at the source, %d here: %s", c.name, statusA, statusB, bodyB)
		}
		if strings.HasPrefix(c.path, "/engines") && volatile(bodyA) != volatile(bodyB) {
			t.Errorf("%s:\nat the source %s\nhere          %s", c.name, bodyA, bodyB)
		}
	}
	want := map[importer.Kind]importer.Count{importer.Credentials: {Taken: 8}, importer.Engines: {Taken: 2}, importer.Schema: {Taken: 7}, importer.Documents: {Taken: 233},
		importer.MetaEngines: {Taken: 1}, importer.Synonyms: {Taken: 2}, importer.Curations: {Taken: 2}, importer.Settings: {Taken: 1, Same: 2}}
	for kind, count := range want {
		if got := report.Counts[kind]; got == nil || *got != count {
			t.Errorf("%s: %+v, want %+v", kind, got, count)
		}
	}
	if status, _ := b.call("GET", "/api/as/v1/engines", b.keys["private-key"], ""); status != http.StatusUnauthorized {
		t.Errorf("the default key that was replaced: %d", status)
	}
}

// volatile takes out what differs between two answers that are the same.
func volatile(body string) string {
	before, rest, ok := strings.Cut(body, `"request_id":"`)
	if !ok {
		return body
	}
	_, after, _ := strings.Cut(rest, `"`)
	return before + after
}

func TestImportTwiceChangesNothing(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	b.takeAll(a)
	once := b.state()
	report := b.takeAll(a)
	if b.state() != once {
		t.Error("the second import changed something")
	}
	for kind, count := range report.Counts {
		if count.Taken+count.Changed+count.Failed > 0 || count.Same == 0 {
			t.Errorf("%s: %+v", kind, count)
		}
	}
	if strings.Count(once, "legacy=true") != 2 {
		t.Errorf("legacy keys: %s", once)
	}
}

func TestWhatChangedSince(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	b.takeAll(a)
	a.add("shop", engine.Source{"id": "p001", "title": "Changed"}, engine.Source{"id": "extra", "title": "Extra"})
	_, err := a.engines.DeleteDocuments(ctx, audit.CommandLine(), a.project.Target(), "shop", []string{"p002"})
	a.must(err)
	_, err = a.engines.UpdateSchema(ctx, audit.CommandLine(), a.project.Target(), "shop", engine.Schema{{Name: "title", Type: engine.TypeText}, {Name: "stock", Type: engine.TypeNumber}})
	a.must(err)
	b.add("shop", engine.Source{"id": "mine", "title": "Made here"})
	b.revoke("reader") // contained here
	k, err := b.credentials.GetByName(ctx, audit.CommandLine(), b.project.Target(), "private-key")
	b.must(err)
	_, err = b.credentials.Update(ctx, audit.CommandLine(), b.project.Target(), k.ID, credential.Input{Access: permission.AccessRead, Engines: []string{"shop"}})
	b.must(err)

	o, s := a.options(a.server.URL)
	report, err := b.take(ctx, o, s, a)
	if err != nil || !report.Failed() || len(report.Problems) != 1 || report.Problems[0].Name != "reader" {
		t.Fatalf("%v: %+v", err, report)
	}
	if got := *report.Counts[importer.Documents]; got != (importer.Count{Taken: 1, Changed: 1, Same: 231}) {
		t.Errorf("documents %+v", got)
	}
	if got := *report.Counts[importer.Schema]; got != (importer.Count{Taken: 1, Same: 7}) {
		t.Errorf("schema %+v", got)
	}
	docs, err := b.engines.GetDocuments(ctx, audit.CommandLine(), b.project.Target(), "shop", []string{"p001", "p002", "mine", "extra"})
	b.must(err)
	if docs[0].Get("title").String() != "Changed" || docs[1] == nil || docs[2] == nil || docs[3] == nil {
		t.Errorf("documents %+v", docs)
	}
	if b.credentials.Check(a.keys["reader"]).Reason != credential.KeyRevoked {
		t.Error("a key that was revoked here came back")
	}
	if p := b.credentials.Check(a.keys["private-key"]).Principal; p.Scope.All || p.Permissions.Has(permission.DocumentsModify) {
		t.Errorf("a key that was narrowed here became wider: %+v", p)
	}
}

func TestWhatCannotBeTakenOverIsTold(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.fill("shop", "", engine.Schema{{Name: "size", Type: engine.TypeText}}, 2, func(n int) engine.Source {
		return engine.Source{"id": []string{"fits", "odd"}[n], "size": []string{"1", "large"}[n]}
	})
	a.must(a.credentials.SetReadable(ctx, audit.CommandLine(), a.project.Target(), false))
	a.must(a.credentials.SetReadable(ctx, audit.CommandLine(), a.project.Target(), true)) // what was kept is gone
	visible := a.key(credential.Input{Name: "visible", Type: secret.Private, Access: permission.AccessRead, AllEngines: true})
	b.key(credential.Input{Name: "old-search", Type: secret.Search, AllEngines: true})
	// Here the field has another type, which not all values of the source fit.
	b.fill("shop", "", engine.Schema{{Name: "size", Type: engine.TypeNumber}}, 0, nil)
	o, s := a.options(a.server.URL)
	o.KeepDefaults = true
	report, err := b.take(ctx, o, s, a)
	if err != nil || !report.Failed() {
		t.Fatalf("%v: %+v", err, report)
	}
	problems := map[string]string{}
	for _, p := range report.Problems {
		problems[p.Name] = p.Reason
	}
	for name, want := range map[string]string{"admin": "masked", "private-key": "masked", "reader": "masked", "oldest": "masked",
		"search-key": "another key with this name", "old-search": "another key with this name"} {
		if !strings.Contains(problems[name], want) {
			t.Errorf("%s: %q", name, problems[name])
		}
	}
	if b.credentials.Check(visible).Reason != "" || b.credentials.Check(b.keys["search-key"]).Reason != "" {
		t.Error("what could be taken over was not, or a key that was to be kept is gone")
	}
	// The source's type wins; the documents all come.
	if got := *report.Counts[importer.Documents]; got.Taken != 2 || report.Counts[importer.Schema].Changed != 1 {
		t.Errorf("documents %+v, schema %+v", got, report.Counts[importer.Schema])
	}
}

func TestWithOneKeyOnly(t *testing.T) {
	a := newSource(t)
	a.shelves()
	for _, c := range []struct {
		name          string
		admin         bool
		keys, engines int
	}{{"the admin key", true, 8, 0}, {"the private key", false, 0, 2}} {
		b := newInstance(t)
		o, s := a.options(a.server.URL)
		if c.admin {
			o.PrivateKey = ""
		} else {
			o.AdminKey = ""
		}
		report, err := b.take(ctx, o, s, a)
		if err != nil || report.Failed() || len(report.Notes) == 0 {
			t.Errorf("%s: %v %+v", c.name, err, report)
		}
		keys, engines := report.Counts[importer.Credentials], report.Counts[importer.Engines]
		if (keys == nil) != (c.keys == 0) || (engines == nil) != (c.engines == 0) || keys != nil && keys.Taken != c.keys || engines != nil && engines.Taken != c.engines {
			t.Errorf("%s: %+v %+v", c.name, keys, engines)
		}
	}
}

// cutter cancels a context at the n-th request.
type cutter struct {
	at, n  int
	cancel context.CancelFunc
	asked  []string
}

func (c *cutter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.asked = append(c.asked, r.URL.Path+" "+r.URL.Query().Get("page[current]"))
	if c.n++; c.n == c.at {
		c.cancel()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Wherever an import is cut off, the next one brings it to the same end, and does not begin at the beginning.
func TestCutOffAnywhereAndRunAgain(t *testing.T) {
	a, whole := newSource(t), newInstance(t)
	a.shelves()
	whole.takeAll(a)
	want := whole.state()
	at := 0
	for done := false; !done; {
		at++
		if !t.Run(fmt.Sprint("request ", at), func(t *testing.T) { done = cutOff(t, a, at, want) }) {
			return
		}
	}
	if at < 9 {
		t.Errorf("only %d requests", at)
	}
}

// shopPage is where the documents of the engine with three pages are listed.
const shopPage = "/api/as/v1/engines/shop/documents/list"

// cutOff cuts an import off at a request, starts it again, and tells whether there was no such request.
func cutOff(t *testing.T, a *instance, at int, want string) (done bool) {
	b := newInstance(t)
	o, s := a.options(a.server.URL)
	cut, cancel := context.WithCancel(ctx)
	c := &cutter{at: at, cancel: cancel}
	o.Transport = c
	report, err := b.take(cut, o, s, a)
	cancel()
	if err == nil {
		if c.n >= at {
			t.Error("it was cut off, and nobody noticed")
		}
		return true
	}
	if report.Complete || report.Error == "" {
		t.Errorf("%+v", report)
	}
	third := slices.Contains(c.asked, shopPage+" 3")
	again, s := a.options(a.server.URL)
	c = &cutter{}
	again.Transport = c
	if report, err = b.take(ctx, again, s, a); err != nil || report.Failed() {
		t.Fatalf("%v %+v", err, report)
	}
	if got := b.state(); got != want {
		t.Errorf("another end:\n%s\nwant\n%s", got, want)
	}
	if third && (!report.Resumed || slices.Contains(c.asked, shopPage+" 1")) {
		t.Errorf("it began at the beginning: %q", c.asked)
	}
	return false
}

func TestRestart(t *testing.T) {
	a, b := newSource(t), newInstance(t)
	a.shelves()
	o, s := a.options(a.server.URL)
	cut, cancel := context.WithCancel(ctx)
	o.Transport = &cutter{at: 8, cancel: cancel}
	if _, err := b.take(cut, o, s, a); err == nil {
		t.Fatal("it was not cut off")
	}
	o, s = a.options(a.server.URL)
	o.Restart = true
	report, err := b.take(ctx, o, s, a)
	if err != nil || report.Failed() || report.Resumed || report.Counts[importer.Documents].Taken+report.Counts[importer.Documents].Same != 233 {
		t.Errorf("%v %+v", err, report)
	}
}
