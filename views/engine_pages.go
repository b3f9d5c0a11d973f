package views

// EnginesPage lists the engines of a project, those with Query in their name.
type EnginesPage struct {
	Page
	Query   string
	All     bool // there are engines, whether or not one matches
	Items   []EngineItem
	Pages   Pages
	SeeKeys bool
}

// EngineItem is an engine in a list.
type EngineItem struct {
	Name      string
	Documents int64
	Fields    int64
	Language  string // code, see LanguageLabel
	Created   When
	Keys      int64 // that reach it
	Meta      bool
	Sources   int64 // how many engines a meta engine searches
}

// Pages says which part of a list a page shows: pages have numbers, beginning with 1.
type Pages struct {
	Number int
	Size   int
	Total  int64
	Last   int // the last page that can be asked for; 0 where Total alone decides
}

// NewEnginePage posts to NewEngineURL: name, type ("meta" or not), language, and for a meta engine an engine each.
type NewEnginePage struct {
	Page
	Form
	Name      string
	Language  string
	Languages []string // codes to choose from, see LanguageLabel; "" is universal
	Meta      bool
	Choices   EngineChoices // of sources
}

// SourcesPage asks which engines a meta engine searches. It posts to SourcesURL: an engine each.
type SourcesPage struct {
	EngineHead
	Form
	Choices EngineChoices
}

// The sections of the page of an engine.
const (
	TabOverview  = "overview"
	TabDocuments = "documents"
	TabSchema    = "schema"
	TabSearch    = "search"
)

// EngineHead is what every page about one engine begins with.
type EngineHead struct {
	Page
	Name      string
	Documents int64
	Fields    int64
	Language  string // code, see LanguageLabel
	Indexing  bool   // documents are indexed anew after a change of types
	Meta      bool   // it has no documents of its own, but searches other engines
	Sources   int64  // how many
	Tab       string
	// What the reader may see of it.
	SeeDocuments, Search, SeeKeys bool
}

// EnginePage is about one engine as a whole.
type EnginePage struct {
	EngineHead
	Created  When
	Changed  When // the engine or its schema; zero where it never was
	KeysAll  int64
	KeysOnly int64 // limited to some engines, this one among them
	Queries  int64 // public search queries
	Host     string
	Commands []Example

	SourceItems []EngineItem // of a meta engine
	SearchedBy  []string     // names of the meta engines that search it
}

// DocumentsPage lists the documents of an engine. SoughtID is the id that was looked for and not found.
type DocumentsPage struct {
	EngineHead
	SoughtID string
	Sought   bool
	Columns  []string // the first fields of the schema
	Items    []DocumentItem
	Pages    Pages
}

// DocumentItem is a document in a list, with its values in the order of the columns, cut short.
type DocumentItem struct {
	ID     string
	Values []string
}

// DocumentPage shows one document.
type DocumentPage struct {
	EngineHead
	ID   string
	JSON string // indented
	Size string // "1.2 kB"
}

// SchemaPage lists the fields of an engine. It posts to SchemaURL: do ("add" or "change"), name, type.
type SchemaPage struct {
	EngineHead
	Form
	Items     []SchemaItem
	MaxFields int64
	Do        string // which of the two forms was sent
	NewName   string
	NewType   string
	Conflicts []SchemaConflict // of a meta engine
}

// SchemaConflict is a field that has another type in one source of a meta engine than in another.
type SchemaConflict struct {
	Name  string
	Types []SchemaItem // by the name of the source
}

// SchemaItem is one field.
type SchemaItem struct {
	Name string
	Type string // text, number, date or geolocation
}

// EngineSearchPage tries a search. It is asked with q, key, find and page; a pasted key is posted: q, secret.
type EngineSearchPage struct {
	EngineHead
	Query   string
	Key     string // id of the key to search as; "" for the reader
	Find    string // narrows the list of keys
	Reach   []KeyChoice
	Others  []KeyChoice
	More    bool // there are more keys than are listed
	Asked   bool // there is an answer
	As      *SearchAs
	Refusal *Refusal // nil when it was allowed
	Took    string   // "4 ms"
	Hits    []SearchHit
	Pages   Pages
	Pasted  bool // by a pasted key: only the first page can be shown
}

// KeyChoice is a key to search as.
type KeyChoice struct {
	ID, Called, Visible, Status string
}

// SearchAs is the key that a search was made as; the zero one stands for the reader.
type SearchAs struct {
	ID         string // "" where it is not known in this project
	Called     string
	Type       string
	Visible    string
	Status     string
	AllEngines bool
	Engines    []string
	Signed     bool
	Enforced   string // options that a signed search key imposes, as indented JSON; may be empty
	Expires    When   // of the signed search key; zero where it says nothing
}

// Refusal is why a search was refused.
type Refusal struct {
	Code    string // see refusals
	Status  int    // what the App Search API answers
	Message string // what it says
}

// SearchHit is a document that was found.
type SearchHit struct {
	ID     string
	Score  string
	Fields []HitField
	More   int64 // fields that are not shown
}

// HitField is a field of a hit with what was found in it.
type HitField struct {
	Name  string
	Parts []HitPart
}

// HitPart is a piece of text, and whether it is what was searched for.
type HitPart struct {
	Text  string
	Found bool
}

// EngineDeletePage asks before an engine is deleted. It posts to DeleteEngineURL: name.
type EngineDeletePage struct {
	EngineHead
	Form
	Typed    string
	Queries  int64
	KeysAll  int64 // that reach every engine
	Keys     []KeyChoice
	MoreKeys int64 // that name it, beside Keys

	SearchedBy []string // names of the meta engines that search it
}
