package lupa_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"latchkey/db/engine"
)

const shopIndices = "/v1/organizations/acme/projects/shop/indices"

// An index answers with exactly the members of Lupa's documentation; its flags are numbers.
func TestIndexObject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.as("manager")
	body := want(t, c.JSON(post, shopIndices, `{"language":"en","name":"toys-2026"}`), 200)
	var made struct{ ID string }
	w.must(json.Unmarshal([]byte(body), &made))
	object := func(mapping string) string {
		return fmt.Sprintf(`{"id":"%s","name":"toys-2026","language":"en","type":"DOC","isEnabled":1,"createdByUserId":"%s","needsReindex":0,`+
			`"reindexInProgress":0,"createdAt":"2026-03-14T11:26:53.000Z","updatedAt":"2026-03-14T11:26:53.000Z","reindexedAt":null,"mapping":%s,"metadata":{}}`,
			made.ID, w.users["manager"].ID, mapping)
	}
	if wanted := object("null") + "\n"; body != wanted {
		t.Errorf("answer\n%s\nwant\n%s", body, wanted)
	}
	path := "/v1/indices/" + made.ID
	if got := want(t, c.Get(path), 200); got != object("null")+"\n" {
		t.Errorf("get\n%s", got)
	}
	if got := want(t, c.JSON(post, path+"/mapping", `{"id":{"type":"integer"},"title":{"type":"text"}}`), 200); got != success {
		t.Errorf("mapping answers %s", got)
	}
	mapped := object(`{"id":{"type":"keyword"},"title":{"type":"text"}}`)
	if got := want(t, c.Get(path), 200); got != mapped+"\n" {
		t.Errorf("get\n%s\nwant\n%s", got, mapped)
	}
	if list := want(t, c.Get(shopIndices), 200); !strings.Contains(list, mapped) || strings.Contains(list, w.posts.ID) || strings.Contains(list, w.notes.ID) {
		t.Errorf("list\n%s", list)
	}
	if got := want(t, c.Do(del, path, ""), 200); got != success {
		t.Errorf("delete answers %s", got)
	}
	refuses(t, c.Get(path), 404, "There is no such index.")
	refuses(t, c.Do(del, path, ""), 404, "There is no such index.")
}

func TestCreateIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	languages := strings.Join(engine.Languages(), ", ")
	for name, c := range map[string]struct{ body, message string }{
		"no language":       {`{"name":"any"}`, ""},
		"region":            {`{"name":"region","language":"en-us"}`, ""},
		"region of its own": {`{"name":"brazil","language":"pt-br"}`, ""},
		"unknown members":   {`{"name":"more","language":"de","metadata":{}}`, ""},
		"type":              {`{"name":"typed","type":"DOC"}`, ""},
		"other type":        {`{"name":"words","type":"SUGGESTION","sourceIndexId":"x"}`, "type must be DOC: there are no other indices here."},
		"other language":    {`{"name":"lt","language":"lt"}`, "language must be one of " + languages + ". Leave it out for any other."},
		"no name":           {`{"language":"en"}`, "name: Name can't be blank"},
		"capitals":          {`{"name":"Shoes"}`, "name: Name can only contain lowercase letters, numbers, and hyphens"},
		"taken":             {`{"name":"books"}`, "name: Name is already taken"},
		"name as a number":  {`{"name":1}`, "name has a value of the wrong type."},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.as("manager").JSON(post, shopIndices, c.body)
			if c.message == "" {
				want(t, a, 200)
				return
			}
			refuses(t, a, 400, c.message)
		})
	}
}

// The types of Lupa become those of the engine, and are shown as what the field does.
func TestMapping(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, path := w.as("manager"), index(w.books)+"/mapping"
	if got := want(t, c.Get(path), 200); got != "{}\n" {
		t.Errorf("no mapping: %s", got)
	}
	want(t, c.JSON(put, path, `{"a":{"type":"text"},"b":{"type":"keyword"},"c":{"type":"text_keyword"},"d":{"type":"text_simplified"},"e":{"type":"hierarchy"},
		"f":{"type":"boolean"},"g":{"type":"long"},"h":{"type":"integer","extra":1},"i":{"type":"short"},"j":{"type":"byte"},"k":{"type":"double"},"l":{"type":"float"},"m":{"type":"date"}}`), 200)
	text, number := `{"type":"text"}`, `{"type":"double"}`
	wanted := `{"a":T,"b":T,"c":T,"d":T,"e":T,"f":T,"g":N,"h":N,"i":N,"id":{"type":"keyword"},"j":N,"k":N,"l":N,"m":{"type":"date"}}` + "\n"
	if got := want(t, c.Get(path), 200); got != strings.NewReplacer("T", text, "N", number).Replace(wanted) {
		t.Errorf("mapping %s", got)
	}
	refuses(t, c.JSON(post, path, `{"title":{"type":"nested"},"sub":{}}`), 400, "sub: type “” is not supported. title: type “nested” is not supported.")
	refuses(t, c.JSON(post, path, `{"Title":{"type":"text"}}`), 400, "Title: Fields can only contain lowercase letters, numbers, and underscores: Title.")
	refuses(t, c.JSON(post, path, `{"title":"text"}`), 400, "The request body does not have the right form.")
}
