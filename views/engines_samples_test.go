package views

func (b build) head(tab string) EngineHead {
	return EngineHead{
		Page: b.page(NavEngines), Name: b.text("products"), Documents: 48_210, Fields: 12, Language: "en", Tab: tab,
		SeeDocuments: true, Search: true, SeeKeys: true,
	}
}

// engines is every page about engines in every state that looks different.
func (b build) engines() []sample {
	list := append(b.engineLists(), b.engineParts()...)
	list = append(list, b.metaEngines()...)
	return append(list, b.engineSearches()...)
}

func (b build) engineLists() []sample {
	t := b.text
	taken := Form{Message: "Some fields need another look.", Errors: map[string]string{"name": t("There is one with this name already.")}}
	page := EnginesPage{Page: b.page(NavEngines), All: true, SeeKeys: true, Pages: Pages{Number: 1, Size: 50, Total: 3}, Items: []EngineItem{
		{Name: t("products"), Documents: 48_210, Fields: 12, Language: "en", Created: Day(days(-280), now), Keys: 9},
		{Name: "products-staging", Documents: 5_000, Fields: 12, Created: Day(days(-30), now), Keys: 1},
		{Name: "orders", Documents: 312_774, Fields: 64, Language: "pt-br", Created: Day(days(-3), now)},
		{Name: "everything", Documents: 365_984, Fields: 70, Created: Day(days(-2), now), Keys: 1, Meta: true, Sources: 3},
	}}
	many := page
	many.Query, many.Pages, many.SeeKeys = t("prod"), Pages{Number: 2, Size: 50, Total: 2_000}, false
	none := page
	none.Items, none.Query, none.Pages.Total = nil, t("nothing"), 0
	viewer := b.page(NavEngines)
	viewer.Can = Can{}
	return []sample{
		{"engines", Engines(page)}, {"engines-page", Engines(many)}, {"engines-filtered", Engines(none)},
		{"engines-empty", Engines(EnginesPage{Page: b.page(NavEngines)})},
		{"engines-empty-viewer", Engines(EnginesPage{Page: viewer})},
		{"engine-new", NewEngine(NewEnginePage{Page: b.page(NavEngines), Languages: []string{"", "da", "de", "en", "pt-br", "xx"}, Language: "en"})},
		{"engine-new-meta", NewEngine(NewEnginePage{Page: b.page(NavEngines), Languages: []string{""}, Meta: true, Name: t("everything"), Choices: b.sources(3)})},
		{"engine-new-meta-none", NewEngine(NewEnginePage{Page: b.page(NavEngines), Languages: []string{""}, Meta: true})},
		{"engine-new-failed", NewEngine(NewEnginePage{Page: b.page(NavEngines), Form: taken, Name: t("products")})},
	}
}

// sources are engines to choose from.
func (b build) sources(total int) EngineChoices {
	return EngineChoices{EnginesTotal: total, EnginesFound: 3, Find: b.text("pro"), Engines: []EngineChoice{
		{Name: b.text("products"), Documents: 48_210, Checked: true}, {Name: "gone", Checked: true, Missing: true}, {Name: "orders", Documents: 1}, {Name: "everything", Documents: 3, Meta: true},
	}}
}

func (b build) metaEngines() []sample {
	t := b.text
	meta := func(tab string) EngineHead {
		head := b.head(tab)
		head.Meta, head.Sources, head.Language = true, 2, ""
		return head
	}
	engine := EnginePage{EngineHead: meta(TabOverview), Created: Day(days(-280), now), Changed: Day(days(-12), now), Commands: []Example{ExampleFor(ExampleSearch, sampleAPI, t("products"))},
		SourceItems: []EngineItem{{Name: t("products"), Documents: 48_210, Language: "en"}, {Name: "orders"}}}
	bare := engine
	bare.SourceItems, bare.Can = nil, Can{}
	schema := SchemaPage{EngineHead: meta(TabSchema), Items: []SchemaItem{{"title", "text"}}, Conflicts: []SchemaConflict{{t("price"), []SchemaItem{{t("products"), "number"}, {"orders", "text"}}}}}
	fresh := SchemaPage{EngineHead: meta(TabSchema)}
	empty := DocumentsPage{EngineHead: meta(TabDocuments)}
	empty.Documents = 0
	sources := SourcesPage{EngineHead: meta(TabOverview), Choices: b.sources(90)}
	failed := sources
	failed.Form = Form{Message: t("Some fields need another look."), Errors: map[string]string{"source": t("Could not find source engines: gone")}}
	searched := EnginePage{EngineHead: b.head(TabOverview), SearchedBy: []string{t("everything"), "all"}}
	return []sample{
		{"meta", Engine(engine)}, {"meta-bare", Engine(bare)}, {"meta-source", Engine(searched)}, {"meta-schema", EngineSchema(schema)}, {"meta-schema-empty", EngineSchema(fresh)},
		{"meta-documents-empty", Documents(empty)}, {"meta-sources", EngineSources(sources)}, {"meta-sources-failed", EngineSources(failed)},
		{"meta-delete", EngineDelete(EngineDeletePage{EngineHead: meta("")})}, {"meta-source-delete", EngineDelete(EngineDeletePage{EngineHead: b.head(""), SearchedBy: []string{t("everything")}})},
	}
}

func (b build) engineParts() []sample {
	t := b.text
	engine := EnginePage{
		EngineHead: b.head(TabOverview), Created: Day(days(-280), now), Changed: Day(days(-12), now), KeysAll: 4, KeysOnly: 5, Queries: 2,
		Commands: []Example{ExampleFor(ExampleSearch, sampleAPI, t("products")), ExampleFor(ExampleDocument, sampleAPI, t("products"))},
	}
	bare := EnginePage{EngineHead: b.head(TabOverview), Created: Day(days(0), now)}
	bare.Can, bare.Documents, bare.SeeKeys, bare.SeeDocuments, bare.Search, bare.Indexing = Can{}, 0, false, false, false, true
	documents := DocumentsPage{EngineHead: b.head(TabDocuments), Columns: []string{"title", "price", "made", "place"}, Pages: Pages{Number: 2, Size: 25, Total: 48_210}, Items: []DocumentItem{
		{t("p-1001"), []string{t("Headlamp 400 with a red light and a very long name that is cut at some"), "49.90", "2026-10-02", "59.91,10.75"}},
		{t("p-1002/../x"), []string{t("Trail shoe"), "", "", ""}},
	}}
	lost := documents
	lost.Items, lost.Sought, lost.SoughtID = nil, true, t("p-9999")
	beyond := documents
	beyond.Items, beyond.Pages.Number = nil, 9_999
	empty := DocumentsPage{EngineHead: b.head(TabDocuments)}
	empty.Documents = 0
	one := DocumentPage{EngineHead: b.head(TabDocuments), ID: t("p-1001"), Size: Bytes(1_234), JSON: "{\n  \"id\": \"" + t("p-1001") + "\",\n  \"title\": \"" + t("Headlamp") + "\"\n}"}
	schema := SchemaPage{EngineHead: b.head(TabSchema), MaxFields: 64, Items: []SchemaItem{{"title", "text"}, {"price", "number"}, {"made", "date"}, {"place", "geolocation"}}}
	added, changed, viewer, fresh := schema, schema, schema, schema
	added.Do, added.NewName, added.NewType = "add", t("Two Words"), "number"
	added.Form = Form{Errors: map[string]string{"name": t("Fields can only contain lowercase letters, numbers, and underscores."), "type": "No."}}
	changed.Do, changed.NewName, changed.NewType = "change", "price", "date"
	changed.Form = Form{Message: "Some fields need another look.", Errors: map[string]string{"name": "There is no such field."}}
	viewer.Can = Can{}
	fresh.Items, fresh.Documents = nil, 0
	remove := EngineDeletePage{EngineHead: b.head(""), Queries: 2, KeysAll: 4, MoreKeys: 3, Keys: []KeyChoice{{t("k1"), t("Storefront search box"), "search-a1b*****c2d", StatusActive}, {"k2", t("Import"), "private-a1b*****c2d", StatusUnused}}}
	wrong, quiet := remove, EngineDeletePage{EngineHead: b.head("")}
	wrong.Typed, wrong.Form = t("product"), Form{Message: "x", Errors: map[string]string{"name": "This is not the name of the engine."}}
	quiet.Documents = 0
	return []sample{
		{"engine", Engine(engine)}, {"engine-bare", Engine(bare)},
		{"documents", Documents(documents)}, {"documents-lost", Documents(lost)}, {"documents-beyond", Documents(beyond)}, {"documents-empty", Documents(empty)},
		{"document", Document(one)},
		{"schema", EngineSchema(schema)}, {"schema-add-failed", EngineSchema(added)}, {"schema-change-failed", EngineSchema(changed)}, {"schema-viewer", EngineSchema(viewer)}, {"schema-empty", EngineSchema(fresh)},
		{"engine-delete", EngineDelete(remove)}, {"engine-delete-failed", EngineDelete(wrong)}, {"engine-delete-quiet", EngineDelete(quiet)},
	}
}

func (b build) engineSearches() []sample {
	t := b.text
	key := func(id, called, status string) KeyChoice {
		return KeyChoice{id, t(called), "private-a1b*****c2d", status}
	}
	form := EngineSearchPage{EngineHead: b.head(TabSearch), Reach: []KeyChoice{key("k1", "Storefront search box", StatusActive), key("k2", "Checkout", StatusExpiring)}, Others: []KeyChoice{key("k3", "Import", StatusExpired)}}
	found := form
	found.Query, found.Asked, found.Took, found.Key, found.Pages = t("headlamp"), true, "4 ms", "k1", Pages{Number: 2, Size: 10, Total: 214, Last: 100}
	found.As = &SearchAs{ID: t("k1"), Called: t("Storefront search box"), Type: "search", Visible: "search-a1b*****c2d", Status: StatusActive, Engines: []string{t("products"), "orders"}}
	found.Hits = []SearchHit{
		{t("p-1001"), "4.21", []HitField{{"title", []HitPart{{t("Red "), false}, {t("headlamp"), true}, {" 400", false}}}, {"price", []HitPart{{"49.90", false}}}}, 3},
		{t("p-1002"), "1.00", nil, 0},
	}
	none := form
	none.Query, none.Asked, none.Took, none.Pages = t("nothing"), true, "less than 1 ms", Pages{Number: 1, Size: 10}
	refused := found
	refused.Hits, refused.Refusal, refused.Find, refused.More = nil, &Refusal{Code: "scope", Status: 404, Message: t("Could not find engine.")}, t("store"), true
	signed := found
	signed.Key, signed.Pasted = "", true
	signed.As = &SearchAs{ID: t("k1"), Called: t("Storefront search box"), Type: "search", Visible: "search-a1b*****c2d", Status: StatusActive, AllEngines: true, Signed: true, Enforced: t("{\n  \"filters\": {}\n}")}
	unknown := signed
	unknown.Hits, unknown.As, unknown.Refusal = nil, &SearchAs{Signed: true}, &Refusal{Code: "something new", Status: 401, Message: "Invalid authentication token."}
	plain := signed
	admin := *signed.As
	admin.Enforced, admin.Type = "", "admin"
	plain.As = &admin
	viewer := none
	viewer.SeeKeys, viewer.SeeDocuments, viewer.Documents = false, false, 0
	return []sample{
		{"search", EngineSearch(form)}, {"search-found", EngineSearch(found)}, {"search-none", EngineSearch(none)}, {"search-refused", EngineSearch(refused)},
		{"search-signed", EngineSearch(signed)}, {"search-unknown", EngineSearch(unknown)}, {"search-admin", EngineSearch(plain)}, {"search-viewer", EngineSearch(viewer)},
	}
}
