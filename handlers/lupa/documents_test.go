package lupa_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// An import answers with success and a batch key, as Magento's plug-in demands, and the documents are there.
func TestImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, path := w.as("write key"), index(w.books)+"/documents"
	body := want(t, c.JSON(post, path, `{"documents":[{"id":1,"title":"One","price":9.5,"tags":["a","b"]},{"id":"2","title":"Two"}]}`), 200)
	if !regexp.MustCompile(`^\{"success":true,"batchKey":"documents-import-1773487613000-[a-z0-9]{3}"\}\n$`).MatchString(body) {
		t.Errorf("import answers %s", body)
	}
	if got := want(t, w.as("read key").Get(path+"/count"), 200); got != `{"count":2}`+"\n" {
		t.Errorf("count %s", got)
	}
	body = want(t, c.JSON(patch, path, `{"documents":[{"id":"1","title":"Uno"}]}`), 200)
	if !regexp.MustCompile(`^\{"success":true,"batchKey":"documents-update-\d{13}-[a-z0-9]{3}"\}\n$`).MatchString(body) {
		t.Errorf("patch answers %s", body)
	}
	w.configure(`{"queryFields":{"title":1}}`)
	if got := w.items(`{"searchText":"uno"}`); got != `[{"id":"1","price":9.5,"tags":["a","b"],"title":"Uno"}]` {
		t.Errorf("after the patch: %s", got)
	}
	want(t, c.JSON(post, path, `{"documents":[{"id":1,"title":"Again"}]}`), 200)
	if got := w.items(`{"searchText":"again"}`); got != `[{"id":"1","title":"Again"}]` {
		t.Errorf("after the import of the same id: %s", got)
	}
}

// Documents that are refused are named beside those that were stored; if none was, the answer is an error.
func TestRefusedDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, path := w.as("full key"), index(w.books)+"/documents"
	body := want(t, c.JSON(post, path, `{"documents":[{"id":1},{"title":"x"},{"id":2,"Bad":"x"},{"id":3,"deep":{"a":1}}]}`), 200)
	rest := regexp.MustCompile(`"batchKey":"[^"]+"`).ReplaceAllString(body, `"batchKey":"B"`)
	wanted := `{"success":true,"batchKey":"B","errors":[{"id":"","message":"The document has no id."},` +
		`{"id":"2","message":"Fields can only contain lowercase letters, numbers, and underscores: Bad."},` +
		`{"id":"3","message":"Invalid field value: Value '{\"a\":1}' cannot be an object"}],"failed":3}` + "\n"
	if rest = strings.ReplaceAll(rest, `\u0027`, "'"); rest != wanted {
		t.Errorf("answer\n%s\nwant\n%s", rest, wanted)
	}
	refuses(t, c.JSON(post, path, `{"documents":[{"title":"x"}]}`), 400, "No document was stored. The document has no id.")
	refuses(t, c.JSON(patch, path, `{"documents":[{"id":"9"}]}`), 400, "No document was stored. “9”: Document not found")
	var many []string
	for i := range 150 {
		many = append(many, fmt.Sprintf(`{"id":%d,"Bad":1}`, i))
	}
	all := "[" + strings.Join(many, ",") + "]"
	reason := "Fields can only contain lowercase letters, numbers, and underscores: Bad."
	refuses(t, c.JSON(post, path, `{"documents":`+all+`}`), 400,
		"No document was stored. “0”: "+reason+" “1”: "+reason+" “2”: "+reason+" And 147 more.")
	body = want(t, c.JSON(post, path, `{"documents":[{"id":"good"},`+all[1:]+`}`), 200)
	if strings.Count(body, `"message"`) != 100 || !strings.Contains(body, `"failed":150`) {
		t.Errorf("answer %s", body)
	}
	if got := want(t, c.Get(path+"/count"), 200); got != `{"count":2}`+"\n" {
		t.Errorf("count %s", got)
	}
}

func TestDocumentBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, path := w.as("full key"), index(w.books)+"/documents"
	const missing, ids = "documents must be an array of objects.", "ids must be an array of strings or numbers."
	for name, b := range map[string]struct{ path, body, message string }{
		"no documents":            {path, `{}`, missing},
		"null":                    {path, `{"documents":null}`, missing},
		"documents not objects":   {path, `{"documents":[1]}`, "documents has a value of the wrong type."},
		"documents not an array":  {path, `{"documents":{"id":1}}`, "documents has a value of the wrong type."},
		"null as a document":      {path, `{"documents":[null]}`, "No document was stored. The document has no id."},
		"empty id":                {path, `{"documents":[{"id":""}]}`, "No document was stored. The document has no id."},
		"boolean as id":           {path, `{"documents":[{"id":true}]}`, "No document was stored. Invalid field type: id must be a string or a number"},
		"no ids":                  {path + "/batchDelete", `{}`, ids},
		"object as id to delete":  {path + "/batchDelete", `{"ids":[{}]}`, ids},
		"boolean as id to delete": {path + "/batchDelete", `{"ids":[true]}`, ids},
		"ids not an array":        {path + "/batchDelete", `{"ids":"1"}`, "ids has a value of the wrong type."},
		"empty":                   {path, `{"documents":[]}`, ""},
		"nothing to delete":       {path + "/batchDelete", `{"ids":[]}`, ""},
		"unknown members":         {path, `{"documents":[{"id":1}],"more":1}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.JSON(post, b.path, b.body)
			if b.message == "" {
				want(t, a, 200)
				return
			}
			refuses(t, a, 400, b.message)
		})
	}
	large := `{"documents":[{"id":1,"title":"` + strings.Repeat("x", 80_000) + `"}]}`
	want(t, c.JSON(post, path, large), 200)
}

// A request has limits in what is made of it, not only in bytes.
func TestRequestsHaveLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := index(w.books) + "/documents"
	list := func(name, entry string, n int) string {
		return `{"` + name + `":[` + strings.TrimSuffix(strings.Repeat(entry+",", n), ",") + `]}`
	}
	const most = " can have at most 10000 entries. Send the others in another request."
	const values, deep = "The request body has too many values.", "The request body is nested too deep."
	for name, c := range map[string]struct {
		path, body string
		status     int
		message    string // "": it is done
	}{
		"documents":                 {path, list("documents", "{}", 10_001), 413, "documents" + most},
		"ids":                       {path + "/batchDelete", list("ids", "1", 10_001), 413, "ids" + most},
		"as many ids as there may":  {path + "/batchDelete", list("ids", "1", 10_000), 200, ""},
		"many values of documents":  {path, list("documents", `{"id":"1","n":[`+strings.TrimSuffix(strings.Repeat("1,", 1000), ",")+`]}`, 25), 200, ""},
		"too many of them":          {path, list("documents", `{"id":1}`, 600_000), 413, values},
		"too many in another place": {w.keysPath(), list("indexIds", "1", 20_000), 413, values},
		"too deep":                  {path, `{"documents":[{"id":1,"a":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}]}`, 400, deep},
		"too deep elsewhere":        {w.keysPath(), strings.Repeat("[", 33), 400, deep},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as("admin").JSON(post, c.path, c.body)
			if c.message == "" {
				want(t, a, c.status)
				return
			}
			refuses(t, a, c.status, c.message)
		})
	}
}

// Documents are deleted by id, whatever is in it; what is not there is no mistake in a batch, and 404 alone.
func TestDeleteDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, path := w.as("full key"), index(w.books)+"/documents"
	want(t, c.JSON(post, path, `{"documents":[{"id":1},{"id":"two"},{"id":"a/b c"},{"id":"100%"},{"id":"stays"}]}`), 200)
	if got := want(t, c.JSON(post, path+"/batchDelete", `{"ids":[1,"two","nothing"]}`), 200); got != success {
		t.Errorf("batch answers %s", got)
	}
	for _, id := range []string{"a%2Fb%20c", "100%25"} {
		if got := want(t, c.Do(del, path+"/"+id, ""), 200); got != success {
			t.Errorf("%s: %s", id, got)
		}
		refuses(t, c.Do(del, path+"/"+id, ""), 404, "There is no such document.")
	}
	if got := want(t, c.Get(path+"/count"), 200); got != `{"count":1}`+"\n" {
		t.Errorf("count %s", got)
	}
}
