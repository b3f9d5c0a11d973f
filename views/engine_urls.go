package views

import (
	"net/url"
	"strconv"
)

// EngineURL is the page of an engine. An engine called "new" would have the address of the form for a new one.
func EngineURL(org, project, name string) string {
	if name == "new" {
		return engineURL(org, project, name) + "/overview"
	}
	return engineURL(org, project, name)
}

// engineURL is what every address of an engine starts with.
func engineURL(org, project, name string) string {
	return EnginesURL(org, project) + "/" + url.PathEscape(name)
}

// DocumentsURL lists the documents of an engine.
func DocumentsURL(org, project, name string) string {
	return engineURL(org, project, name) + "/documents"
}

// DocumentURL is the page of one document. Ids that browsers would read as a way through folders stand in the query.
func DocumentURL(org, project, name, id string) string {
	if id == "." || id == ".." || id == "" {
		return DocumentsURL(org, project, name) + "?" + url.Values{"id": {id}}.Encode()
	}
	return DocumentsURL(org, project, name) + "/" + url.PathEscape(id)
}

// SchemaURL is the schema of an engine, and where changes of it are posted to.
func SchemaURL(org, project, name string) string { return engineURL(org, project, name) + "/schema" }

// EngineSearchURL is where a search can be tried as a key. A pasted key is posted to it.
func EngineSearchURL(org, project, name string) string {
	return engineURL(org, project, name) + "/search"
}

// SourcesURL asks which engines a meta engine searches, and is where the answer is posted to.
func SourcesURL(org, project, name string) string { return engineURL(org, project, name) + "/sources" }

// DeleteEngineURL asks before an engine is deleted, and is where the answer is posted to.
func DeleteEngineURL(org, project, name string) string {
	return engineURL(org, project, name) + "/delete"
}

func (p Page) ofEngine(name string, address func(org, project, name string) string) string {
	if p.Project == nil {
		return OrganizationsURL
	}
	return address(p.Project.OrgSlug, p.Project.ProjectSlug, name)
}

func (p Page) engineURL(name string) string { return p.ofEngine(name, EngineURL) }

func (p Page) documentURL(engine, id string) string {
	return p.ofEngine(engine, func(org, project, name string) string { return DocumentURL(org, project, name, id) })
}

// with adds parameters to an address, leaving out those that are empty.
func with(address string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return address
	}
	return address + "?" + v.Encode()
}

// pageNumber is a page as an address names it: the first is not named.
func pageNumber(n int) string {
	if n <= 1 {
		return ""
	}
	return strconv.Itoa(n)
}
