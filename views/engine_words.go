package views

import (
	"fmt"
	"strconv"
	"time"
)

func emptyEngines(mayCreate bool) string {
	if mayCreate {
		return "An engine holds the documents that one search looks through. Create one here, or let a client with a private key do it."
	}
	return "An admin of the project, or a client with a private key, can create one."
}

func emptyDocuments(may bool) string {
	if may {
		return "A client with a private key adds documents. The overview of this engine has a command for it."
	}
	return "A client with a private key adds documents."
}

// last is the number of the last page.
func (p Pages) last() int {
	if p.Size <= 0 {
		return 1
	}
	n := max(1, int((p.Total+int64(p.Size)-1)/int64(p.Size)))
	if p.Last > 0 {
		n = min(n, p.Last)
	}
	return n
}

// span says which part of the list the page shows, "" when it shows all of it.
func (p Pages) span(one, many string) string {
	if p.last() == 1 && p.Number <= 1 {
		return ""
	}
	from := int64(p.Number-1)*int64(p.Size) + 1
	to := min(from+int64(p.Size)-1, p.Total)
	if from > to {
		return "Nothing here, of " + Count(p.Total, one, many)
	}
	return Number(from) + "–" + Number(to) + " of " + Count(p.Total, one, many)
}

// previous and next are the pages beside this one, 0 where there is none.
func (p Pages) previous() int { return min(max(p.Number-1, 0), p.last()) }

func (p Pages) next() int {
	if p.Number >= p.last() {
		return 0
	}
	return p.Number + 1
}

// found says how many engines are listed.
func (p EnginesPage) found() string { return Count(p.Pages.Total, "engine", "engines") }

// reached counts the keys that reach an engine.
func reached(n int64) string { return Count(n, "key", "keys") }

// fieldTypes are the types that a field can have.
var fieldTypes = []string{"text", "number", "date", "geolocation"}

// FieldTypeLabel is the type of a field in words.
func FieldTypeLabel(kind string) string { return capital(kind) }

// fieldUse says what a field of a type is good for.
func fieldUse(kind string) string {
	switch kind {
	case "text":
		return "Searched; filtered, sorted and counted by its exact value"
	case "number":
		return "Filtered, sorted and counted, also in ranges"
	case "date":
		return "Filtered, sorted and counted, also in ranges of time"
	case "geolocation":
		return "Filtered and sorted by distance"
	}
	return ""
}

// typeHint says what a value has to look like.
const typeHint = "A number is a 64-bit float. A date is RFC 3339 or a day such as 2026-11-21. A geolocation is “lat,lon”."

// refusals are what a search can be refused for, as the handlers name it, in words.
var refusals = map[string]string{
	"key_revoked":   "The key is revoked.",
	"key_expired":   "The key is expired.",
	"key_unsure":    "The state of the key could not be read after a change, so it is refused until it can be.",
	"key_unknown":   "No key of this project fits. A key of another project is unknown here too.",
	"token_invalid": "This is not a valid signed search key of this project: it is malformed, or the signature is not that of the key it names.",
	"token_expired": "The signed search key is expired.",
	"parent_unfit":  "The key that signed it may not search.",
	"permission":    "The key has no permission to search.",
	"scope":         "This engine is outside of the scope of the key.",
	"options":       "The search options are refused.",
}

func (r Refusal) text() string {
	if text := refusals[r.Code]; text != "" {
		return text
	}
	return "The search is refused."
}

// answer is what a client with the key gets.
func (r Refusal) answer() string {
	return "App Search answers " + strconv.Itoa(r.Status) + ": "
}

// What App Search answers to keys that it refuses before it looks at an engine.
const (
	RefusedToken  = "Invalid authentication token."
	RefusedAction = "Unauthorized action."
)

// Took is how long something took.
func Took(d time.Duration) string {
	if ms := d.Milliseconds(); ms > 0 {
		return Number(ms) + " ms"
	}
	return "less than 1 ms"
}

// result says how many documents a search found.
func (p EngineSearchPage) result() string {
	text := Count(p.Pages.Total, "document", "documents")
	if p.Took != "" {
		text += " in " + p.Took
	}
	return text
}

// pageURL is another page of the results.
func (p EngineSearchPage) pageURL(n int) string {
	address := with(p.ofEngine(p.Name, EngineSearchURL), "key", p.Key, "find", p.Find, "page", pageNumber(n))
	if p.Query == "" { // an empty search is one too, and is asked for by its name
		if address == p.ofEngine(p.Name, EngineSearchURL) {
			return address + "?q="
		}
		return address + "&q="
	}
	return with(p.ofEngine(p.Name, EngineSearchURL), "q", p.Query, "key", p.Key, "find", p.Find, "page", pageNumber(n))
}

// option is how a key stands in the list of keys to search as.
func (k KeyChoice) option() string {
	text := k.Called + " · " + k.Visible
	if k.Status != "" && k.Status != StatusActive {
		text += " (" + StatusLabel(k.Status) + ")"
	}
	return text
}

// deleted says what goes with an engine.
func (p EngineDeletePage) deleted() string {
	text := Count(p.Documents, "document", "documents")
	if p.Queries > 0 {
		text += " and " + Count(p.Queries, "public search query", "public search queries")
	}
	return text
}

// Bytes writes a size: "512 bytes", "1.2 kB", "3.4 MB".
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return Count(n, "byte", "bytes")
	case n < 1_000_000:
		return fmt.Sprintf("%.1f\u00a0kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f\u00a0MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f\u00a0GB", float64(n)/1e9)
}

// kind is what an engine is in a list: the language of its texts, or that it searches others.
func (e EngineItem) kind() string {
	if e.Meta {
		return "Meta engine of " + Number(e.Sources)
	}
	return LanguageLabel(e.Language)
}

// size is how an engine stands among those to choose from.
func (e EngineChoice) size() string {
	if e.Meta {
		return "Meta engine, " + Count(e.Documents, "document", "documents")
	}
	return Count(e.Documents, "document", "documents")
}

// reachThrough warns of keys that are limited to other engines.
const reachThrough = "Keys that reach these can search it through them."

// fewSources is how many engines are listed without a field to find some.
const fewSources = 12

// sourcesHint says what choosing a source does.
const sourcesHint = "At most 15. Everybody who may search the meta engine sees what is in them, whatever else their key reaches."

// schemaOfSources says where the fields of a meta engine come from.
const schemaOfSources = "The fields of all source engines together. They are changed in the source engines."

// conflictHint says what a difference between sources does.
const conflictHint = "Their types differ, so this meta engine neither searches nor filters, sorts, counts or shows them. Give them one type in all source engines to use them."

// noDocuments says why there are none.
func (p DocumentsPage) noDocuments() string {
	if p.Meta {
		return "Its source engines have none."
	}
	return emptyDocuments(p.Can.ManageEngines)
}

// remains says what becomes of the documents of a meta engine.
func (p EngineDeletePage) remains() string {
	return "Its " + Count(p.Sources, "source engine stays", "source engines stay") + ", with all documents."
}

// sentence is what stands under the name of an engine.
func (p EngineHead) sentence() string {
	if p.Meta {
		return "Meta engine: " + Count(p.Documents, "document", "documents") + " in " + Count(p.Sources, "source engine", "source engines") + ", " + Count(p.Fields, "field", "fields")
	}
	return Count(p.Documents, "document", "documents") + ", " + Count(p.Fields, "field", "fields") + ", " + LanguageLabel(p.Language)
}

// split says how the keys that reach an engine do so.
func (p EnginePage) split() string {
	return Number(p.KeysAll) + " for all engines, " + Number(p.KeysOnly) + " for this one by name"
}

// column is the name of a column of documents.
func (p DocumentsPage) column(i int) string {
	if i < len(p.Columns) {
		return p.Columns[i]
	}
	return ""
}

// none says why nothing was found.
func (p EngineSearchPage) none() string {
	switch {
	case p.Documents == 0:
		return "This engine has no documents yet."
	case p.Pages.Total > 0:
		return "There is nothing on this page."
	case p.As != nil && p.As.Enforced != "":
		return "Nothing was found, under the options that the key imposes."
	}
	return "Nothing was found."
}

// title names what a search was made with.
func (a SearchAs) title() string {
	if a.Signed {
		return "Signed search key"
	}
	return "Searched as"
}

// kind says what the key that is named has to do with it.
func (a SearchAs) kind() string {
	if a.Signed {
		return "Made with"
	}
	return "Key"
}

// queriesEnd says what becomes of the public search queries.
func (p EngineDeletePage) queriesEnd() string {
	if p.Queries == 0 {
		return "None"
	}
	return Number(p.Queries) + ", which end with it"
}

// changes reports whether the schema can be changed here.
func (p SchemaPage) changes() bool { return p.Can.ManageEngines && !p.Meta }

// many says how many fields there are.
func (p SchemaPage) many() string {
	n := Number(int64(len(p.Items)))
	if p.Meta {
		return n + ", beside the id"
	}
	return n + " of at most " + Number(p.MaxFields) + ", beside the id"
}

// changed names what changed last of an engine.
func (p EnginePage) changed() string {
	if p.Meta {
		return "Source engines changed"
	}
	return "Schema changed"
}

// changeHint says what a change of type does.
func (p SchemaPage) changeHint() string {
	text := "Values that do not fit the new type stay in their documents, and are neither searched nor filtered."
	if p.Documents > 0 {
		return text + " All " + Count(p.Documents, "document", "documents") + " are indexed anew; a search with a filter finds only those that already are."
	}
	return text
}

// fieldIDs are the inputs of the form that was sent.
func (p SchemaPage) fieldIDs() []string {
	if p.Do == "change" {
		return []string{"name:change-name", "type:change-type"}
	}
	return []string{"name:add-name", "type:add-type"}
}

// errorOf is the message about a field of one of the two forms.
func (p SchemaPage) errorOf(do, field string) string {
	if p.Do != do {
		return ""
	}
	return p.Errors[field]
}

func (p SchemaPage) typeOf(do string) string {
	if p.Do != do {
		return "text"
	}
	return p.NewType
}

func (p SchemaPage) newField() string {
	if p.Do != "add" {
		return ""
	}
	return p.NewName
}

func (p SchemaPage) chosenField() string {
	if p.Do != "change" {
		return ""
	}
	return p.NewName
}
