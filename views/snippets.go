package views

import (
	"net/http"
	"slices"
	"strings"
)

// ExampleKind is a request of the App Search API that pages show as an example.
type ExampleKind string

// The examples.
const (
	ExampleEngine    ExampleKind = "engine"    // create the first engine
	ExampleDocument  ExampleKind = "document"  // add a document
	ExampleDocuments ExampleKind = "documents" // list the documents
	ExampleSearch    ExampleKind = "search"
	ExampleFind      ExampleKind = "find" // search for the document of ExampleDocument
	ExampleEngines   ExampleKind = "engines"
	ExampleKeys      ExampleKind = "keys"
)

// FirstEngine is what examples call an engine where there is none.
const FirstEngine = "my-engine"

// examples are what each request is called, where it goes below the address of the project, and what it sends. A body is
// JSON that is also a value in JavaScript, Python and PHP strings: no single quotes, no null, true or false. Without one
// it is a GET request.
var examples = map[ExampleKind]struct{ title, path, body string }{
	ExampleEngine:    {"Create the first engine", "/engines", `{"name": "` + FirstEngine + `"}`},
	ExampleDocument:  {"Add a document", "/engines/{engine}/documents", `[{"id": "first", "title": "My first document"}]`},
	ExampleDocuments: {"List the documents", "/engines/{engine}/documents/list", ""},
	ExampleSearch:    {"Search", "/engines/{engine}/search", `{"query": "park"}`},
	ExampleFind:      {"Search", "/engines/{engine}/search", `{"query": "first"}`},
	ExampleEngines:   {"List the engines", "/engines", ""},
	ExampleKeys:      {"List the keys", "/credentials", ""},
}

// NeedsEngine reports whether a request is about an engine that has to exist.
func (k ExampleKind) NeedsEngine() bool { return strings.Contains(examples[k].path, "{engine}") }

// Example is a request in every language that we show. It reads the key from the environment and never holds it.
type Example struct{ title, address, body string }

// ExampleFor is a request to the App Search API of a project, which is at base.
func ExampleFor(kind ExampleKind, base, engine string) Example {
	e := examples[kind]
	return Example{e.title, base + strings.ReplaceAll(e.path, "{engine}", engine), e.body}
}

// snippet is an example in one language.
type snippet struct{ code, title, text string }

// snippets is the example in every language, curl first. They need nothing that has to be installed.
func (e Example) snippets() []snippet {
	return []snippet{
		{"curl", "curl", e.curl()}, {"node", "Node.js", e.node()}, {"python", "Python", e.python()}, {"ruby", "Ruby", e.ruby()},
		{"php", "PHP", e.php()},
	}
}

func (e Example) method() string {
	if e.body == "" {
		return http.MethodGet
	}
	return http.MethodPost
}

// lines joins those lines that are not empty.
func lines(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "\n")
}

// with gives a line where the example has a body.
func (e Example) with(line string) string {
	if e.body == "" {
		return ""
	}
	return line
}

func (e Example) curl() string {
	text := "curl '" + e.address + "' \\\n  -H \"Authorization: Bearer $KEY\""
	if e.body != "" {
		text += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + e.body + "'"
	}
	return text
}

func (e Example) node() string {
	return lines(
		`const answer = await fetch("`+e.address+`", {`,
		`  method: "`+e.method()+`",`,
		`  headers: {`,
		"    Authorization: `Bearer ${process.env.KEY}`,",
		e.with(`    "Content-Type": "application/json",`),
		`  },`,
		e.with(`  body: JSON.stringify(`+e.body+`),`),
		`});`,
		`console.log(answer.status, await answer.json());`,
	)
}

func (e Example) python() string {
	return lines(
		`import json, os, urllib.request`,
		`request = urllib.request.Request(`,
		`    "`+e.address+`",`,
		e.with(`    data=json.dumps(`+e.body+`).encode(),`),
		`    headers={`,
		`        "Authorization": "Bearer " + os.environ["KEY"],`,
		e.with(`        "Content-Type": "application/json",`),
		`    },`,
		`)`,
		`with urllib.request.urlopen(request) as answer:`,
		`    print(answer.status, json.load(answer))`,
	)
}

func (e Example) ruby() string {
	headers := `"Authorization" => "Bearer #{ENV.fetch("KEY")}"`
	if e.body == "" {
		return lines(`require "net/http"`, `uri = URI("`+e.address+`")`, `puts Net::HTTP.get(uri, `+headers+`)`)
	}
	return lines(
		`require "net/http"`,
		`uri = URI("`+e.address+`")`,
		`answer = Net::HTTP.post(uri, '`+e.body+`',`,
		`  `+headers+`,`,
		`  "Content-Type" => "application/json")`,
		`puts answer.code, answer.body`,
	)
}

func (e Example) php() string {
	return lines(
		`<?php`,
		`$context = stream_context_create(["http" => [`,
		`  "method" => "`+e.method()+`",`,
		`  "header" => [`,
		`    "Authorization: Bearer " . getenv("KEY"),`,
		e.with(`    "Content-Type: application/json",`),
		`  ],`,
		e.with(`  "content" => '`+e.body+`',`),
		`]]);`,
		`echo file_get_contents("`+e.address+`", false, $context);`,
	)
}
