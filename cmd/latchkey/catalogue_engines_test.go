package main

const enginePath = enginesPath + "/:engine"

func enginePages() []page {
	return []page{
		{enginesPath, readers, []look{
			{name: "engines"},
			{name: "engines-nothing-found", query: "?q=nothing"},
			{name: "engines-empty", with: "project=portal", who: "200 404 404 404"},
			{name: "engine-created", query: "?done=engine", see: "Engine created"},
		}},
		{enginesPath + "/new", managers, []look{
			{name: "engine-new"},
			{name: "engine-new-meta", do: []step{toggle("#engine-meta")}},
			{name: "engine-new-meta-failed", do: []step{toggle("#engine-meta"), send(mainForm, "name=x")}, status: 422},
			{name: "engine-new-failed", do: []step{send(mainForm, "name=Not A Name")}, status: 422},
		}},
		{enginePath, readers, []look{
			{name: "engine"},
			{name: "engine-bare", with: "engine=returns-2026"},
			{name: "engine-meta", with: "engine=everything"},
			{name: "engine-source", with: "engine=stores"},
			{name: "engine-long-name", with: "engine=marketing-campaigns-northern-europe-archive-2019-to-2025"},
			{name: "engine-missing", path: enginesPath + "/nosuch", who: "404 404 404 404"},
		}},
		{enginePath + "/overview", readers, []look{{name: "engine-overview"}}},
		{enginePath + "/documents", readers, []look{
			{name: "documents"},
			{name: "documents-many", with: "engine=products", query: "?page=2"},
			{name: "documents-sought", query: "?id=park_nothing"},
			{name: "documents-meta", with: "engine=everything"},
			{name: "documents-empty", with: "engine=returns-2026"},
		}},
		{enginePath + "/documents/:document", readers, []look{
			{name: "document"},
			{name: "document-missing", path: enginePath + "/documents/nosuch", who: "404 404 404 404"},
		}},
		{enginePath + "/schema", readers, []look{
			{name: "schema"},
			{name: "schema-meta", with: "engine=everything"},
			{name: "schema-empty", with: "engine=returns-2026"},
			{name: "schema-change-failed", with: "engine=products", do: []step{send(`main form:has([value="change"])`, "name=")}, status: 422},
			{name: "schema-add-failed", do: []step{send(`main form:has([value="add"])`, "name=Two Words")}, status: 422},
		}},
		{enginePath + "/search", readers, []look{
			{name: "search"},
			{name: "search-hits", query: "?q=river"},
			{name: "search-meta", with: "engine=everything", query: "?q=headlamp"},
			{name: "search-nothing-found", query: "?q=nothinglikethis"},
			{name: "search-as-key", query: "?q=river&key={key}"},
			{name: "search-pasted", do: []step{send(`main form[method="post"]`, "q=river", "secret=private-nosuch")}},
		}},
		{enginePath + "/sources", managers, []look{
			{name: "engine-sources", with: "engine=everything"},
			{name: "engine-sources-changed", with: "engine=everything", do: []step{send(mainForm)}, see: "Source engines changed"},
		}},
		{enginePath + "/delete", managers, []look{
			{name: "engine-delete"},
			{name: "engine-delete-quiet", with: "engine=returns-2026"},
			{name: "engine-delete-failed", do: []step{send(mainForm, "name=something else")}, status: 422},
			{name: "engine-deleted", with: "engine=new", do: []step{send(mainForm, "name={engine}")}, see: "deleted"},
		}},
	}
}
