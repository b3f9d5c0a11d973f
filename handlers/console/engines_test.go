package console_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
)

// documents puts documents into an engine of Shop.
func (w *world) documents(name string, docs ...engine.Source) {
	w.t.Helper()
	results, err := w.deps.Engines.Import(context.Background(), audit.CommandLine(), w.project.Target(), name, docs)
	check(w.t, err)
	for _, r := range results {
		if len(r.Errors) > 0 {
			w.t.Fatal(r.Errors)
		}
	}
}

// makeKey makes a key of Shop and gives its secret.
func (w *world) makeKey(in credential.Input) (credential.Key, string) {
	w.t.Helper()
	k, s, err := w.deps.Credentials.Create(context.Background(), audit.CommandLine(), w.project.Target(), in, nil)
	check(w.t, err)
	return k, s.Reveal()
}

func signed(key, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signing := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64([]byte(payload))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signing))
	return signing + "." + b64(h.Sum(nil))
}

func TestEnginePagesAreForThoseWhoMay(t *testing.T) {
	w := settled(t)
	w.other()
	w.engine("parks")
	w.documents("parks", engine.Source{"id": "d1", "title": "Yosemite"})
	at := func(rest string) string { return views.EnginesURL("acme", "shop") + "/parks" + rest }
	missing := func(rest string) string { return views.EnginesURL("acme", "shop") + "/nowhere" + rest }
	var list []visit
	for _, rest := range []string{"", "/overview", "/documents", "/documents/d1", "/schema", "/search", "/search?q=park", "/delete"} {
		viewer := 200
		if rest == "/delete" {
			viewer = 403
		}
		next := views.LoginNextURL(at(rest))
		list = append(list,
			visit{name: rest + " as a guest", as: guest, path: at(rest), status: 303, location: next, not: []string{"Yosemite"}},
			visit{name: rest + " as another organization's admin", as: oz, path: at(rest), status: 404, not: []string{"parks</bdi>", "Yosemite"}},
			visit{name: rest + " as a member without the project", as: mia, path: at(rest), status: 404, not: []string{"parks</bdi>", "Yosemite"}},
			visit{name: rest + " as a viewer", as: vic, path: at(rest), status: viewer},
			visit{name: rest + " as the project's admin", as: pat, path: at(rest), status: 200, has: []string{"parks"}},
			visit{name: rest + " of an engine that is missing", as: pat, path: missing(rest), status: 404},
		)
	}
	for _, rest := range []string{"/schema", "/delete"} {
		form := []string{"do", "add", "name", "stars", "type", "number"}
		list = append(list,
			visit{name: "post " + rest + " as a guest", as: guest, path: at(rest), form: form, status: 401},
			visit{name: "post " + rest + " as a stranger", as: oz, path: at(rest), form: form, status: 404},
			visit{name: "post " + rest + " as a viewer", as: vic, path: at(rest), form: form, status: 403},
		)
	}
	list = append(list,
		visit{name: "a document that is missing", as: pat, path: at("/documents/d2"), status: 404},
		visit{name: "post to an engine that is missing", as: pat, path: missing("/schema"), form: []string{"do", "add", "name", "x", "type", "text"}, status: 404},
		visit{name: "delete an engine that is missing", as: pat, path: missing("/delete"), form: []string{"name", "nowhere"}, status: 404},
		visit{name: "a viewer is offered no changes", as: vic, path: at(""), status: 200, not: []string{at("/delete")}},
		visit{name: "and no form for the schema", as: vic, path: at("/schema"), status: 200, has: []string{"title"}, not: []string{"Add a field", "<form class=\"body"}},
	)
	w.visits(t, list)
}

func TestEngineList(t *testing.T) {
	w := settled(t)
	place := w.project.Target()
	for i := range 60 {
		_, err := w.deps.Engines.Create(context.Background(), audit.CommandLine(), place, engine.New{Name: fmt.Sprintf("engine-%02d", i)})
		check(t, err)
	}
	w.engine("anew")
	w.makeKey(credential.Input{Type: secret.Search, Name: "narrow", Engines: []string{"engine-03"}})
	list := views.EnginesURL("acme", "shop")
	w.visits(t, []visit{
		{name: "the first page", as: vic, path: list, status: 200, has: []string{"engine-00", "1–50 of 61 engines", list + "?page=2", "3 keys", "2 keys"}, not: []string{"engine-55"}},
		{name: "the second", as: vic, path: list + "?page=2", status: 200, has: []string{"engine-55", "51–61 of 61 engines"}, not: []string{"engine-00"}},
		{name: "beyond the last", as: vic, path: list + "?page=900", status: 200, has: []string{"No engines match", list + "?page=2"}},
		{name: "a page that is none", as: vic, path: list + "?page=-1", status: 200, has: []string{"engine-00"}},
		{name: "by name", as: vic, path: list + "?q=NGINE-1", status: 200, has: []string{"engine-10", "engine-19", "10 engines"}, not: []string{"engine-01", "1–"}},
		{name: "signs of a pattern are no pattern", as: vic, path: list + "?q=" + url.QueryEscape("engine_0"), status: 200, has: []string{"No engines match", "Clear the search"}},
		{name: "nothing", as: vic, path: list + "?q=%25", status: 200, has: []string{"No engines match"}},
	})
}

func TestEngineCalledNew(t *testing.T) {
	w := settled(t)
	w.engine("new")
	list := views.EnginesURL("acme", "shop")
	w.visits(t, []visit{
		{name: "the form keeps its address", as: pat, path: list + "/new", status: 200, has: []string{"Create an engine"}},
		{name: "the engine has another", as: pat, path: views.EngineURL("acme", "shop", "new"), status: 200, has: []string{`aria-label="Sections of this engine"`}},
		{name: "which the list links to", as: pat, path: list, status: 200, has: []string{`href="` + list + `/new/overview"`}},
	})
}

func TestDocuments(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	list := views.DocumentsURL("acme", "shop", "parks")
	w.visits(t, []visit{{name: "none", as: pat, path: list, status: 200, has: []string{"No documents yet"}}})
	var docs []engine.Source
	for i := range 60 {
		docs = append(docs, engine.Source{"id": fmt.Sprintf("d-%02d", i), "title": fmt.Sprintf("Title %02d", i), "tags": []any{"a", "b"}})
	}
	w.documents("parks", docs...)
	hostile := map[string]string{
		"markup": `<script>alert(1)</script>"'`, "a path": "a/b/../c", "a query": "a?b=c&d#e", "dots": "..", "a dot": ".", "percent": "100%2F", "space": " x ", "long": strings.Repeat("é", 800),
	}
	for _, id := range hostile {
		w.documents("parks", engine.Source{"id": id, "title": `"><img src=x onerror=alert(1)>` + "\u202egnp", "html": "</pre><script>alert(2)</script>"})
	}
	w.visits(t, []visit{
		{name: "the first page", as: vic, path: list, status: 200, has: []string{"d-00", "Title 24", "a, b", "1–25 of 68 documents"}, not: []string{"Title 25"}},
		{name: "the second", as: vic, path: list + "?page=2", status: 200, has: []string{"Title 25"}, not: []string{"Title 24"}},
		{name: "one that is not there", as: vic, path: list + "?id=d-99", status: 200, has: []string{"No document has this id"}, not: []string{"Title"}},
		{name: "one that is", as: vic, path: list + "?id=d-07", status: 200, has: []string{"&#34;id&#34;: &#34;d-07&#34;", "Title 07"}},
	})
	for name, id := range hostile {
		t.Run(name, func(t *testing.T) {
			address := views.DocumentURL("acme", "shop", "parks", id)
			a := w.as(vic).Get(address)
			if a.Status != 200 {
				t.Fatalf("%s: %d", address, a.Status)
			}
			contains(t, a.Body, `&#34;title&#34;: &#34;\&#34;&gt;&lt;img`, `\u202egnp`)
			lacks(t, a.Body, "<script>alert", "<img", "\u202e")
			found := w.as(vic).Get(list + "?" + url.Values{"id": {id}}.Encode())
			if !strings.Contains(found.Body, `\u202egnp`) {
				t.Error("is not found by its id")
			}
		})
	}
	page := w.as(vic).Get(list + "?page=3").Body
	lacks(t, page, "<script>alert", "<img")
	for _, id := range hostile {
		contains(t, page, strings.ReplaceAll(views.DocumentURL("acme", "shop", "parks", id), "&", "&amp;"))
	}
}

func TestSchema(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	w.documents("parks", engine.Source{"id": "d1", "title": "Yosemite", "stars": "many"}, engine.Source{"id": "d2", "stars": "4"})
	path := views.SchemaURL("acme", "shop", "parks")
	form := func(do, name, kind string) []string { return []string{"do", do, "name", name, "type", kind} }
	w.visits(t, []visit{
		{name: "seen", as: pat, path: path, status: 200, has: []string{"title", "stars", "Text", "2 of at most 64", "All 2 documents are indexed anew"}},
		{name: "added", as: pat, path: path, form: form("add", "made", "date"), status: 303, location: path + "?done=field-add"},
		{name: "is there", as: vic, path: path + "?done=field-add", status: 200, has: []string{"Field added.", "made", "Date"}},
		{name: "twice", as: pat, path: path, form: form("add", "made", "text"), status: 422, has: []string{"There is a field with this name already.", `id="add-name-error"`, `value="made"`, "Error: Schema of"}},
		{name: "a bad name", as: pat, path: path, form: form("add", "<b>Two Words", "text"), status: 422, has: []string{"lowercase letters", `value="&lt;b&gt;Two Words"`}, not: []string{"<b>Two"}},
		{name: "no name", as: pat, path: path, form: form("add", "", "text"), status: 422, has: []string{"be blank"}},
		{name: "a type that is none", as: pat, path: path, form: form("add", "x", "color"), status: 422, has: []string{`id="add-type-error"`}},
		{name: "the id", as: pat, path: path, form: form("add", "id", "text"), status: 422, has: []string{"Field id cannot be changed."}},
		{name: "changed", as: pat, path: path, form: form("change", "stars", "number"), status: 303, location: path + "?done=field-change"},
		{name: "is changed", as: vic, path: path, status: 200, has: []string{"Number"}},
		{name: "one that is not there", as: pat, path: path, form: form("change", "nowhere", "number"), status: 422, has: []string{"There is no such field.", `id="change-name-error"`}},
	})
	schema, err := w.deps.Engines.Schema(context.Background(), audit.CommandLine(), w.project.Target(), "parks")
	check(t, err)
	if kind, _ := schema.Type("stars"); kind != engine.TypeNumber || len(schema) != 3 {
		t.Errorf("the schema is %v", schema)
	}
	if body := w.as(vic).Get(views.DocumentURL("acme", "shop", "parks", "d1")).Body; !strings.Contains(body, "many") {
		t.Error("a value that does not fit is gone from its document")
	}
}

func TestDeleteEngine(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	w.engine("other")
	w.documents("parks", engine.Source{"id": "d1", "title": "Yosemite"})
	_, err := w.deps.Engines.CreateQuery(context.Background(), audit.CommandLine(), w.project.Target(), "parks", engine.NewSearchQuery{Configuration: []byte(`{}`)})
	check(t, err)
	named, _ := w.makeKey(credential.Input{Type: secret.Search, Name: "box", Description: "Search box", Engines: []string{"parks"}})
	w.makeKey(credential.Input{Type: secret.Search, Name: "elsewhere", Engines: []string{"other"}})
	path, list := views.DeleteEngineURL("acme", "shop", "parks"), views.EnginesURL("acme", "shop")
	w.visits(t, []visit{
		{name: "asked", as: pat, path: path, status: 200, has: []string{"1 document and 1 public search query", "Search box", keyURL(named.ID, ""), "Type the name of the engine to confirm"}, not: []string{"elsewhere", "search-key"}},
		{name: "no name", as: pat, path: path, form: []string{"name", ""}, status: 422, has: []string{"This is not the name of the engine.", "Search box"}},
		{name: "another name", as: pat, path: path, form: []string{"name", "other"}, status: 422, has: []string{`value="other"`}},
		{name: "the name in the address does not count", as: pat, path: path + "?name=parks", form: []string{"x", "y"}, status: 422},
		{name: "still there", as: vic, path: views.EngineURL("acme", "shop", "parks"), status: 200},
		{name: "deleted", as: pat, path: path, form: []string{"name", "parks"}, status: 303, location: list + "?done=engine-deleted"},
		{name: "gone", as: pat, path: views.EngineURL("acme", "shop", "parks"), status: 404},
		{name: "and its documents", as: pat, path: views.DocumentURL("acme", "shop", "parks", "d1"), status: 404},
		{name: "and only it", as: pat, path: list + "?done=engine-deleted", status: 200, has: []string{"Engine deleted.", "other"}, not: []string{"parks"}},
		{name: "again", as: pat, path: path, form: []string{"name", "parks"}, status: 404},
	})
}

// What is pasted is never written back, and does not get into an address or the log.
func TestSearchWithAPastedKey(t *testing.T) {
	w := settled(t)
	other := w.other()
	w.engine("parks")
	w.documents("parks", engine.Source{"id": "d1", "title": "Yosemite park", "state": "CA"}, engine.Source{"id": "d2", "title": "Acadia park", "state": "ME"})
	ctx, cl := context.Background(), audit.CommandLine()
	in := func(name string) credential.Input {
		return credential.Input{Type: secret.Private, Name: name, Access: permission.AccessFull, AllEngines: true}
	}
	k, raw := w.makeKey(in("signer"))
	_, foreign, err := w.deps.Credentials.Create(ctx, cl, other.Target(), in("foreign"), nil)
	check(t, err)
	path := views.EngineSearchURL("acme", "shop", "parks")
	good := signed(raw, `{"api_key_name":"signer","filters":{"state":"CA"},"result_fields":{"title":{"raw":{}}},"search_fields":{"title":{}}}`)
	for name, c := range map[string]struct {
		secret   string
		has, not []string
	}{
		"a key":                         {raw, []string{"2 documents", "Yosemite", "Acadia", keyURL(k.ID, "")}, []string{"Refused"}},
		"a signed key":                  {good, []string{"1 document", "Yosemite", "Options it imposes", "&#34;state&#34;: &#34;CA&#34;", "Made with", keyURL(k.ID, "")}, []string{"Acadia", "Refused", ">state<"}},
		"a signed key of another maker": {signed("private-nobody", `{"api_key_name":"signer"}`), []string{"Refused", "signature is not that of the key", "401"}, []string{"Yosemite", keyURL(k.ID, "")}},
		"a signed key that is expired":  {signed(raw, fmt.Sprintf(`{"api_key_name":"signer","exp":%d}`, w.clock.Now().Add(-time.Hour).Unix())), []string{"The signed search key is expired.", keyURL(k.ID, "")}, []string{"Yosemite"}},
		"an option that is none":        {signed(raw, `{"api_key_name":"signer","color":1}`), []string{"The search options are refused.", "400", "Options contains invalid key: color"}, []string{"Yosemite"}},
		"a foreign key":                 {foreign.Reveal(), []string{"No key of this project fits."}, []string{"Yosemite", "foreign"}},
		"a foreign signed key":          {signed(foreign.Reveal(), `{"api_key_name":"foreign"}`), []string{"No key of this project fits."}, []string{"Yosemite"}},
		"nonsense":                      {"<script>alert(1)</script>", []string{"No key of this project fits."}, []string{"Yosemite", "<script>alert"}},
		"nothing":                       {"", []string{"No key of this project fits."}, []string{"Yosemite"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as(vic).Form(path, "q", "park", "secret", c.secret)
			if a.Status != 200 {
				t.Fatalf("status %d", a.Status)
			}
			contains(t, a.Body, c.has...)
			lacks(t, a.Body, c.not...)
			if len(c.secret) > 30 {
				lacks(t, a.Body, c.secret)
				lacks(t, w.log.String(), c.secret)
			}
			guarded(t, a)
		})
	}
	if a := w.as(vic).Get(path + "?q=" + raw); strings.Contains(a.Body, raw) || !strings.Contains(a.Body, "That looks like a key.") || strings.Contains(a.Body, "documents in") {
		t.Error("a key in the address is written back or searched for")
	}
	check(t, w.deps.Usage.Flush(ctx))
	if used := w.key(k.ID).Use; !used.At.IsZero() {
		t.Error("trying counts as a use of the key")
	}
	sum, err := w.deps.Usage.OfKey(ctx, k.ID)
	check(t, err)
	if sum.Month.Accepted+sum.Month.Rejected != 0 {
		t.Errorf("trying was counted: %+v", sum.Month)
	}
}

func TestSearchResults(t *testing.T) {
	w := settled(t)
	w.engine("parks")
	for i := range 25 {
		w.documents("parks", engine.Source{"id": fmt.Sprintf("d-%02d", i), "title": "<em>deep</em> <script>alert(1)</script> wood & more", "n": i})
	}
	path := views.EngineSearchURL("acme", "shop", "parks")
	w.visits(t, []visit{
		{name: "not asked", as: vic, path: path, status: 200, has: []string{"Empty finds every document."}, not: []string{"Results", "Refused"}},
		{name: "what was found is marked and nothing else is markup", as: vic, path: path + "?q=deep+wood", status: 200,
			has: []string{"25 documents in ", "<mark>deep</mark>", "<mark>wood</mark>", "&lt;script&gt;alert(1)&lt;/script&gt;", "1–10 of 25 documents", path + "?page=2&amp;q=deep+wood"}, not: []string{"<em>", "<script>alert"}},
		{name: "the last page", as: vic, path: path + "?q=deep+wood&page=3", status: 200, has: []string{"21–25 of 25 documents"}},
		{name: "everything", as: vic, path: path + "?q=", status: 200, has: []string{"25 documents in ", `href="` + path + `?page=2&amp;q="`}, not: []string{"<mark>"}},
		{name: "nothing", as: vic, path: path + "?q=zebra", status: 200, has: []string{"Nothing was found.", "0 documents"}},
		{name: "a query that is too long", as: vic, path: path + "?q=" + strings.Repeat("x", 200), status: 200, has: []string{"Query must be at most 128 characters"}},
		{name: "a key that is none", as: vic, path: path + "?q=a&key=nowhere", status: 404},
	})
}
