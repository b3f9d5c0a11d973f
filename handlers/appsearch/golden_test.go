package appsearch_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

var update = flag.Bool("update", false, "write the answers into the golden files")

// golden is one exchange, a file in testdata/golden whose name begins with the section of the specification that
// records it. To make one, write the request and run the test with -update; then read what it wrote.
//
// What is different each time is replaced, in answers by names that say what form it has (goldenVolatile), in requests
// by what stands for it (goldenRequest). An answer that does not have the form is not replaced, and the test fails.
type golden struct {
	Note    string        `json:"note"`            // what the source says
	State   string        `json:"state,omitempty"` // one of goldenStates; empty: the stand as it is
	Request goldenRequest `json:"request"`
	Answer  goldenAnswer  `json:"answer"`
}

// goldenRequest is what is sent. In the path and the headers <key NAME> and <foreign key NAME> mean keys of the stand,
// <signed NAME {claims}> a token signed with one, <basic EMAIL PASSWORD> what stands behind "Basic", <host> the project's
// host identifier, <synonyms> and <curation> the ids of those in the state "relevance". In a body that is a text, <bytes N> is a long one.
type goldenRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"` // a text is sent as the text it is, which need not be JSON
}

// goldenAnswer is what must come back. Of the headers those of goldenHeaders count and those that the file names.
type goldenAnswer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"` // a text where it is not JSON
}

// goldenHeaders count in every file: one that is not there must not come.
var goldenHeaders = []string{"Content-Type", "Cache-Control", "WWW-Authenticate", "Retry-After"}

// goldenStates prepare what a file needs beside what every stand has.
var goldenStates = map[string]func(*stand){
	"": func(*stand) {},
	"relevance": func(s *stand) {
		s.made("/synonyms", `{"synonyms":["chair","seat"]}`)
		s.made("/curations", `{"queries":["lamp","light"],"promoted":["p3"],"hidden":["p4"]}`)
	},
	"meta engine": func(s *stand) {
		s.documents(s.mine, "blog", `[{"id":"b1","title":"A lamp for the night"}]`)
		s.engine(s.mine, "news")
		s.documents(s.mine, "news", `[{"id":"n1","title":"Film","year":1980,"sizes":[1,2.5]}]`)
		_, err := s.engines.Create(ctx, audit.CommandLine(), s.mine.Target(), engine.New{Name: "all", Meta: true, Sources: []string{"shop", "blog"}})
		s.must(err)
	},
	"users": withUsers, "failed sign-ins": withFailures,
	"readable secrets": func(s *stand) {
		s.readable(true)
		s.key(s.mine, credential.Input{Name: "kept-private", Type: secret.Private, Access: permission.AccessFull, AllEngines: true})
		s.key(s.mine, credential.Input{Name: "kept-admin", Type: secret.Admin})
	},
	"analytics": func(s *stand) {
		c := s.with("search-key")
		c.JSON("POST", as+"/engines/shop/search", `{"query":"Lamp","result_fields":{"title":{"raw":{}}},"page":{"size":1},"analytics":{"tags":["web"]}}`)
		c.JSON("POST", as+"/engines/shop/search", `{"query":"unicorns and dragons","color":"red"}`)
		c.JSON("POST", as+"/engines/shop/search", `{"query":"zeppelin"}`)
		c.JSON("POST", as+"/engines/shop/click", `{"query":"lamp","document_id":"p1","tags":["web"]}`)
		s.must(s.analytics.Flush(ctx))
	},
}

// goldenVolatile names what is different each time. The text on the right replaces what the left matches.
var goldenVolatile = []struct {
	form *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`"request_id":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"`), `"request_id":"<request id>"`},
	{regexp.MustCompile(`"score":[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?([,}])`), `"score":"<score>"$1`},
	{regexp.MustCompile(`\b(search|private|admin)-[0-9A-Za-z]{49}\b`), `<new $1 key>`},
	{regexp.MustCompile(`\b(search|private|admin)-[0-9A-Za-z]{3}\*{5}[0-9A-Za-z]{3}`), `<masked $1 key>`},
	{regexp.MustCompile(`"(doc|syn|cur)-[0-9a-f]{24}"`), `"<new $1 id>"`},
	{regexp.MustCompile(`^W/"[0-9A-Za-z_-]{20,64}"$`), `<etag>`},
	{regexp.MustCompile(`^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`), `<request id>`},
}

func TestGoldenFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs side by side here, and the race detector makes it slow")
	}
	t.Parallel()
	files, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	shared := map[string]*stand{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(st *testing.T) {
			g := readGolden(st, file)
			prepare, known := goldenStates[g.State]
			if !known {
				st.Fatalf("there is no state %q", g.State)
			}
			s := shared[g.State]
			if s == nil || !g.changesNothing() {
				s = newStand(t)
				prepare(s)
			}
			if g.changesNothing() {
				shared[g.State] = s
			}
			got := g.answer(st, s)
			if *update {
				g.Answer = got
				writeGolden(st, file, g)
				return
			}
			if want, have := goldenText(st, g.Answer), goldenText(st, got); want != have {
				st.Errorf("got\n%s\nwant\n%s", have, want)
			}
		})
	}
}

// changesNothing tells which exchanges can have one stand together: making one takes long. Whoever asks for something is
// known by the method or the end of the path, and what is refused changes nothing either.
func (g golden) changesNothing() bool {
	path, _, _ := strings.Cut(g.Request.Path, "?")
	asks := []string{"search", "multi_search", "query_suggestion", "search_explain", "clicks", "queries", "counts", "api"}
	return !*update && g.Answer.Status >= 400 || g.Request.Method == http.MethodGet || g.Request.Method == http.MethodOptions ||
		slices.Contains(asks, strings.TrimSuffix(filepath.Base(path), ".json"))
}

// answer sends the request and gives the answer with names for what is different each time.
func (g golden) answer(t *testing.T, s *stand) goldenAnswer {
	t.Helper()
	var headers []string
	for name, value := range g.Request.Headers {
		headers = append(headers, name, s.fillIn(t, value))
	}
	body := string(g.Request.Body)
	var text string
	if json.Unmarshal(g.Request.Body, &text) == nil {
		body = s.fillIn(t, text)
	} else if body != "" {
		body = compact(t, body)
	}
	got := s.server.Client().Do(g.Request.Method, s.fillIn(t, g.Request.Path), body, headers...)
	discreet(t, got)
	sameRequestID(t, got)
	a := goldenAnswer{Status: got.Status, Headers: map[string]string{}}
	names := slices.Clone(goldenHeaders)
	for name := range g.Answer.Headers {
		names = append(names, name)
	}
	for _, name := range names {
		if value := got.Header.Get(name); value != "" {
			a.Headers[name] = s.nameVolatile(value)
		}
	}
	plain := s.nameVolatile(got.Body)
	if a.Body = json.RawMessage(plain); !json.Valid(a.Body) {
		var b bytes.Buffer
		encodeTo(t, &b, plain)
		a.Body = b.Bytes()
	}
	return a
}

// sameRequestID checks that an answer which tells its request id tells the one in the header.
func sameRequestID(t *testing.T, got webtest.Answer) {
	t.Helper()
	id := got.Header.Get("X-Request-Id")
	if id == "" {
		t.Error("no X-Request-Id")
	}
	for _, m := range regexp.MustCompile(`"request_id":"([^"]*)"`).FindAllStringSubmatch(got.Body, -1) {
		if m[1] != id {
			t.Errorf("request_id %q, X-Request-Id %q", m[1], id)
		}
	}
}

// basic is what stands behind "Basic" in an Authorization header.
func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func (s *stand) nameVolatile(text string) string {
	for name, key := range s.keys {
		text = strings.ReplaceAll(text, key, "<key "+name+">")
	}
	for name, p := range map[string]account.Project{"<account>": s.mine, "<other account>": s.other} {
		text = strings.ReplaceAll(text, strings.ReplaceAll(p.ID, "-", "")[:24], name)
	}
	for _, v := range goldenVolatile {
		text = v.form.ReplaceAllString(text, v.name)
	}
	return text
}

var goldenInput = regexp.MustCompile(`<(key|foreign key|signed|basic|host|synonyms|curation|bytes) ?([^ <>]*) ?([^<>]*)>`)

func (s *stand) fillIn(t *testing.T, text string) string {
	t.Helper()
	return goldenInput.ReplaceAllStringFunc(text, func(place string) string {
		m := goldenInput.FindStringSubmatch(place)
		value := ""
		switch m[1] {
		case "key":
			value = s.keys[m[2]]
		case "foreign key":
			value = s.foreign[m[2]]
		case "signed":
			value = s.signText(s.keys[m[2]], plainHeader, m[3])
		case "basic":
			value = basic(m[2], m[3])
		case "bytes":
			n, _ := strconv.Atoi(m[2])
			value = strings.Repeat("x", n)
		case "host":
			value = s.mine.HostIdentifier
		case "synonyms", "curation":
			value = s.onlyOne(m[1])
		}
		if value == "" {
			t.Fatalf("nothing stands for %s", place)
		}
		return value
	})
}

func readGolden(t *testing.T, file string) (g golden) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return g
}

func writeGolden(t *testing.T, file string, g golden) {
	t.Helper()
	if err := os.WriteFile(file, []byte(goldenText(t, g)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// goldenText is how golden files are written: members keep their order, and nothing is escaped that need not be.
func goldenText(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	encodeTo(t, &b, v)
	var indented bytes.Buffer
	if err := json.Indent(&indented, b.Bytes(), "", "\t"); err != nil {
		t.Fatal(err)
	}
	return indented.String()
}

func encodeTo(t *testing.T, b *bytes.Buffer, v any) {
	t.Helper()
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
