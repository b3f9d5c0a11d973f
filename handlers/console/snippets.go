package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/views"
)

// example is one request that a key may make. body is JSON that is also a value in JavaScript, Python and PHP strings:
// no single quotes, no null, true or false.
type example struct {
	what    string // "Search"
	address string
	body    string // empty: a GET request
}

// tryWith gives examples of a key in use, for this instance, this project and an engine that the key reaches. They
// read the key from the environment and never hold it.
func (s *console) tryWith(c echo.Context, v *visitor, k credential.Key) (views.TryIt, error) {
	names, err := s.engineNames(c, v)
	if err != nil {
		return views.TryIt{}, err
	}
	base := strings.TrimSuffix(s.URL.String(), "/") + "/h/" + v.project.HostIdentifier + "/api/as/v1"
	e := exampleOf(k, base, names)
	t := views.TryIt{What: e.what, AppSearch: base + "/", Examples: examples(e)}
	if needsEngine := strings.Contains(e.address, "/engines/"); needsEngine && !slices.ContainsFunc(names, k.Scope.Has) {
		t.Missing = exampleEngine(k.Scope, names)
	}
	if k.Permissions() != permission.Of(permission.SearchRead) {
		t.Lupa = strings.TrimSuffix(s.URL.String(), "/") + "/v1"
	}
	return t, nil
}

// exampleOf chooses what to show: the most useful request that the key may make.
func exampleOf(k credential.Key, base string, names []string) example {
	engine := base + "/engines/" + exampleEngine(k.Scope, names)
	may := k.Permissions()
	switch {
	case len(names) == 0 && k.Scope.All && may.Has(permission.IndicesModify):
		return example{"Create the first engine", base + "/engines", `{"name": "my-engine"}`}
	case may.Has(permission.SearchRead):
		return example{"Search", engine + "/search", `{"query": "park"}`}
	case may.Has(permission.DocumentsModify):
		return example{"Add a document", engine + "/documents", `[{"id": "first", "title": "My first document"}]`}
	case may.Has(permission.APIKeysRead):
		return example{"List the keys", base + "/credentials", ""}
	}
	return example{"List the engines", base + "/engines", ""}
}

// exampleEngine is an engine that the key reaches, one that exists if there is any.
func exampleEngine(scope permission.Scope, names []string) string {
	if i := slices.IndexFunc(names, scope.Has); i >= 0 {
		return names[i]
	}
	if len(scope.Engines) > 0 {
		return scope.Engines[0]
	}
	return "my-engine"
}

// examples is the example in every language. They need nothing that has to be installed.
func examples(e example) []views.Example {
	return []views.Example{
		{Code: "curl", Title: "curl", Text: curl(e.address, e.body)},
		{Code: "node", Title: "Node.js", Text: node(e)},
		{Code: "python", Title: "Python", Text: python(e)},
		{Code: "ruby", Title: "Ruby", Text: ruby(e)},
		{Code: "php", Title: "PHP", Text: php(e)},
	}
}

func (e example) method() string {
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
func (e example) with(line string) string {
	if e.body == "" {
		return ""
	}
	return line
}

// curl is a command line. body is JSON without single quotes, or empty.
func curl(address, body string) string {
	text := "curl '" + address + "' \\\n  -H \"Authorization: Bearer $KEY\""
	if body != "" {
		text += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + body + "'"
	}
	return text
}

func node(e example) string {
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

func python(e example) string {
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

func ruby(e example) string {
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

func php(e example) string {
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
