package console_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/secret"
	"latchkey/views"
)

func TestMetaEngineInTheConsole(t *testing.T) {
	w := settled(t)
	w.other()
	w.engine("parks")
	w.engine("lakes")
	w.documents("parks", engine.Source{"id": "d1", "title": "Yosemite", "size": 1})
	w.documents("lakes", engine.Source{"id": "d1", "title": "Tahoe near Yosemite"})
	list, at := views.EnginesURL("acme", "shop"), views.EngineURL("acme", "shop", "all")
	w.visits(t, []visit{
		{name: "without a source it is none", as: pat, path: list + "/new", form: []string{"name", "all", "type", "meta"}, status: 422, has: []string{"Source engines are required for meta engines", `value="all"`, `id="engine-meta" name="type" value="meta" checked`}},
		{name: "one that is missing", as: pat, path: list + "/new", form: []string{"name", "all", "type", "meta", "engine", "seas", "engine", "parks"}, status: 422, has: []string{"Could not find source engines: seas", `value="parks" checked`}},
		{name: "the language of a form that hides it is nothing", as: pat, path: list + "/new", form: []string{"name", "all", "type", "meta", "language", "de", "engine", "parks"}, status: 303, location: at + "?done=engine"},
		{name: "it cannot be a source itself", as: pat, path: list + "/new", status: 200, has: []string{`value="parks"`}, not: []string{`value="all"`}},
		{name: "the list says what it is", as: vic, path: list, status: 200, has: []string{"Meta engine of 1"}},
		{name: "its page lists its sources", as: vic, path: at, status: 200, has: []string{"Meta engine: 1 document in 1 source engine, 2 fields", list + "/parks"}, not: []string{at + "/sources", "Add a document"}},
		{name: "a guest", as: guest, path: at + "/sources", status: 303, location: views.LoginNextURL(at + "/sources")},
		{name: "a viewer changes none", as: vic, path: at + "/sources", status: 403},
		{name: "nor by posting", as: vic, path: at + "/sources", form: []string{"engine", "lakes"}, status: 403},
		{name: "a stranger finds nothing", as: oz, path: at + "/sources", status: 404},
		{name: "nor changes anything", as: oz, path: at + "/sources", form: []string{"engine", "lakes"}, status: 404},
		{name: "the form knows the present ones", as: pat, path: at + "/sources", status: 200, has: []string{`value="parks" checked`, `value="lakes"`}, not: []string{`value="lakes" checked`}},
		{name: "one that is missing changes nothing", as: pat, path: at + "/sources", form: []string{"engine", "lakes", "engine", "seas"}, status: 422, has: []string{"Could not find source engines: seas", `value="lakes" checked`}},
		{name: "both", as: pat, path: at + "/sources", form: []string{"engine", "lakes", "engine", "parks"}, status: 303, location: at + "?done=sources"},
		{name: "a search finds in both", as: vic, path: at + "/search?q=yosemite", status: 200, has: []string{"parks|d1", "lakes|d1", at + "/documents/parks%7Cd1"}},
		{name: "the documents of both", as: vic, path: at + "/documents", status: 200, has: []string{"parks|d1", "lakes|d1"}},
		{name: "one document", as: vic, path: at + "/documents/lakes%7Cd1", status: 200, has: []string{"Tahoe"}},
		{name: "of no source", as: vic, path: at + "/documents/seas%7Cd1", status: 404},
		{name: "the schema of both, without a form", as: pat, path: at + "/schema", status: 200, has: []string{"title", "size"}, not: []string{"Add a field", "Fields in conflict"}},
		{name: "which is not changed here", as: pat, path: at + "/schema", form: []string{"do", "add", "name", "x", "type", "text"}, status: 422},
		{name: "a source knows who searches it", as: vic, path: list + "/parks", status: 200, has: []string{"Meta engines that search it", at}},
		{name: "also when it is to be deleted", as: pat, path: list + "/parks/delete", status: 200, has: []string{"Meta engines that search it"}},
		{name: "the sources of one that is to be deleted stay", as: pat, path: at + "/delete", status: 200, has: []string{"Its 2 source engines stay, with all documents."}, not: []string{"goes with"}},
		{name: "an engine with documents has no sources", as: pat, path: list + "/parks/sources", status: 303, location: list + "/parks"},
		{name: "nor gets some", as: pat, path: list + "/parks/sources", form: []string{"engine", "lakes"}, status: 303, location: list + "/parks"},
	})
	t.Run("the sources keep their order", func(t *testing.T) {
		body := w.as(vic).Get(at).Body
		if p, l := strings.Index(body, list+"/parks"), strings.Index(body, list+"/lakes"); p < 0 || p > l {
			t.Errorf("parks at %d, lakes at %d", p, l)
		}
	})
	t.Run("documents are counted once", func(t *testing.T) {
		contains(t, w.as(vic).Get(views.ProjectURL("acme", "shop")).Body, "2 documents")
	})
	t.Run("a key for it alone searches it", func(t *testing.T) {
		k, _ := w.makeKey(credential.Input{Type: secret.Search, Name: "only-all", Engines: []string{"all"}})
		contains(t, w.as(vic).Get(at+"/search?q=yosemite&key="+k.ID).Body, "parks|d1", "lakes|d1")
		lacks(t, w.as(vic).Get(list+"/parks/search?q=yosemite&key="+k.ID).Body, "/documents/d1")
	})
}

func TestSourcesAreFoundAmongMany(t *testing.T) {
	w := settled(t)
	for i := range 20 {
		w.engine(fmt.Sprintf("engine-%02d", i))
	}
	list := views.EnginesURL("acme", "shop")
	w.visits(t, []visit{
		{name: "by name, keeping what is chosen", as: pat, path: list + "/new", form: []string{"name", "all", "type", "meta", "engine", "engine-03", "find", "NE-1", "do", "find"}, status: 200,
			has: []string{`value="engine-03" checked`, `value="engine-10"`, `value="ne-1"`, `value="all"`}, not: []string{`value="engine-04"`, "error"}},
		{name: "too many", as: pat, path: list + "/new", form: append([]string{"name", "all", "type", "meta"}, all16()...), status: 422, has: []string{"A meta engine can have at most 15 source engines"}},
		{name: "made", as: pat, path: list + "/new", form: []string{"name", "all", "type", "meta", "engine", "engine-03"}, status: 303, location: list + "/all?done=engine"},
		{name: "for one that is there", as: pat, path: list + "/all/sources", form: []string{"engine", "engine-05", "find", "-1", "do", "find"}, status: 200,
			has: []string{`value="engine-05" checked`, `value="engine-10"`}, not: []string{`value="engine-03"`}},
		{name: "none at all", as: pat, path: list + "/all/sources", form: []string{"x", "y"}, status: 303, location: list + "/all?done=sources"},
		{name: "then it says so", as: vic, path: list + "/all", status: 200, has: []string{"A search finds nothing until there are some."}},
	})
}

func all16() []string {
	var form []string
	for i := range 16 {
		form = append(form, "engine", fmt.Sprintf("engine-%02d", i))
	}
	return form
}
