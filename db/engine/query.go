package engine

// Query is one search.
type Query struct {
	Text string // "" matches everything
	// Which documents to show: Size of them, after (Page-1)*Size if Page > 0 and else after Offset. Size 0 shows none
	// and still counts.
	Page, Size, Offset int
	Match              Match
	Prefix             bool // the last word may be the beginning of a word

	// Settings says that where the next three are nil the engine's search settings hold, if it has any.
	Settings     bool
	SearchFields map[string]float64     // text fields and their weight, >= 0; nil: all text fields and id, weight 1
	ResultFields map[string]ResultField // what Hit.Fields holds; nil: every field of the document, raw
	Boosts       []Boost                // at most MaxBoosts
	Filter       *Filter
	Enforced     *Filter // must hold as well: what a signed search key imposes. It has limits of its own
	Sort         []Sort  // at most MaxSorts; nil: by score, and the oldest document first where scores are the same
	Facets       []Facet // at most MaxFacets
	Group        *Group  // nil: every document is a result of its own
}

// Match says how many of the words must be found.
type Match string

// The ways to match. The default asks for all words first and is content with any where nothing has them all: a long
// question then still finds something, while what has every word is never buried under what has one.
const (
	MatchDefault Match = ""
	MatchAll     Match = "all"
	MatchAny     Match = "any"
)

// ResultField says in which forms to give a field.
type ResultField struct {
	Raw     *RawOption
	Snippet *SnippetOption
}

// RawOption asks for the value itself, texts cut to Size characters if Size > 0.
type RawOption struct{ Size int }

// SnippetOption asks for at most Size characters around what was found (100 if Size is 0), as HTML with the found
// words in <em>. Fallback asks for the beginning of the text where nothing was found in it.
type SnippetOption struct {
	Size     int
	Fallback bool
}

// Filter is a condition on documents: a group (All, Any, None; several of them must all hold), or one field with Values,
// Range or Geo. A filter without anything in it always holds.
type Filter struct {
	All, Any, None []Filter

	Field  string  // a field of the schema, or "id" with Values; of a meta engine also BySource with Values
	Values []Value // at least one is equal, in upper and lower case too; of an array, any element counts
	Range  *Range  // number, date
	Geo    *Geo    // geolocation
}

// Range is a range of numbers or dates. Bounds that are null are open.
type Range struct {
	From, To Value // from inclusive (>=), to exclusive (<)
	Gt, Lte  Value // the other two, > and <=
}

// Point is a place on Earth in degrees.
type Point struct{ Lat, Lon float64 }

// Geo is a ring around a place, in metres. Of Distance, From and To those that are nil are open.
type Geo struct {
	Center   Point
	Distance *float64 // at most so far
	From, To *float64 // from inclusive, to exclusive
}

// ByScore is the field name that sorts by score.
const ByScore = "_score"

// Sort is one criterion of the order. Documents without a value come last. Of an array, the smallest element counts
// upwards and the largest downwards.
type Sort struct {
	Field  string // number, date or text field, "id", ByScore, or with Center a geolocation
	Desc   bool   // for ByScore, Desc is best first
	Center *Point // sort by the distance from here
	Mode   SortMode
}

// SortMode says which distance counts where a field has several points.
type SortMode string

// The modes; "" is the nearest point.
const (
	SortNearest  SortMode = "min"
	SortFarthest SortMode = "max"
	SortMedian   SortMode = "median" // of an even number, the mean of the two in the middle
	SortAverage  SortMode = "avg"
)

// FacetType is what a facet counts.
type FacetType string

// The types of facets.
const (
	FacetValue FacetType = "value" // documents by value: text, number, date
	FacetRange FacetType = "range" // documents by range: number, date, geolocation
	FacetStats FacetType = "stats" // smallest and largest value: number, date
)

// Facet asks for numbers about all documents that were found, not only those shown.
type Facet struct {
	Field string
	Type  FacetType
	Name  string // handed back as it is

	Size    int  // of a value facet: how many values, 1 to 250; 0 means 10
	ByValue bool // order values by themselves instead of by count
	Asc     bool // smallest first; the default is largest first

	Ranges []FacetRangeOption // of a range facet
	Center *Point             // of a range facet of a geolocation; the ranges are metres
}

// FacetRangeOption is one range of a range facet: from inclusive, to exclusive, null is open.
type FacetRangeOption struct {
	Name     string // handed back as it is
	From, To Value
}

// Results is what a search found.
type Results struct {
	Engine Engine // without Documents
	Total  int64  // all documents that match, exactly, or all groups of them
	Hits   []Hit
	Facets []FacetResult // one for each facet that was asked for, in that order

	ResultFields map[string]ResultField // those of the query, or of the search settings where it had none
	Precision    int                    // of the search settings, 0 where they have none or were not asked for
}

// Hit is one document that was found.
type Hit struct {
	ID       string  // of a meta engine, its ScopedID
	Source   string  // of a meta engine, the name of the source engine that it is in
	Score    float64 // larger is better; 1 for all where no text was searched, before any boosts
	Fields   map[string]FieldResult
	Document Document
	Key      *Value // what its group has in common, null where that is nothing; nil where nothing was grouped
	Group    []Hit  // the other documents of its group
}

// FieldResult is a field in the forms that were asked for.
type FieldResult struct {
	Raw     *Value  // as the field's type says (Field.Typed); nil if not asked for
	Snippet *string // HTML; nil if not asked for or if there is nothing to show
}

// FacetResult is the answer to a Facet.
type FacetResult struct {
	Facet
	Data     []Bucket // value and range
	Min, Max *Value   // stats; nil where no document has a value
}

// Bucket is one line of a facet.
type Bucket struct {
	Value    Value // of a value facet
	Name     string
	From, To Value // of a range facet, as asked for
	Count    int64
}
