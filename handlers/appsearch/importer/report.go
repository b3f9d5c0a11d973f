package importer

// Kind is what can be taken over.
type Kind string

// The kinds, in the order in which they are taken over.
const (
	Credentials Kind = "credentials"
	Engines     Kind = "engines"
	Schema      Kind = "schemaFields"
	Documents   Kind = "documents"
	MetaEngines Kind = "metaEngines"
	Synonyms    Kind = "synonyms"
	Curations   Kind = "curations"
	Settings    Kind = "searchSettings"
)

// Report is what came of an import.
type Report struct {
	Source   string          `json:"source"`
	Complete bool            `json:"complete"` // false: it was cut off, and goes on when it is started again
	Resumed  bool            `json:"resumed"`  // it went on where an earlier one was cut off; counts are of this run
	Error    string          `json:"error,omitempty"`
	Counts   map[Kind]*Count `json:"counts"`
	Problems []Remark        `json:"notTakenOver"`
	Omitted  int             `json:"omitted,omitempty"` // how many more problems there are, beyond maxProblems
	Notes    []Remark        `json:"notes"`             // worth knowing, and no failure
}

// Count tells how many things of a kind became what.
type Count struct {
	Taken   int `json:"takenOver"`
	Same    int `json:"alreadyThere"`
	Changed int `json:"changed"`
	Failed  int `json:"failed"`
}

// Remark is about one thing.
type Remark struct {
	Kind   Kind   `json:"kind"`
	Engine string `json:"engine,omitempty"`
	Name   string `json:"name,omitempty"`
	Reason string `json:"reason"`
}

// maxProblems is how many problems are told one by one.
const maxProblems = 10_000

func newReport(source string) *Report {
	return &Report{Source: source, Counts: map[Kind]*Count{}, Problems: []Remark{}, Notes: []Remark{}}
}

// Failed reports whether anything was not taken over.
func (r *Report) Failed() bool { return !r.Complete || len(r.Problems) > 0 }

func (r *Report) count(k Kind) *Count {
	if r.Counts[k] == nil {
		r.Counts[k] = &Count{}
	}
	return r.Counts[k]
}

// problem writes down what could not be taken over.
func (r *Report) problem(k Kind, engine, name, reason string) {
	r.count(k).Failed++
	r.remark(k, engine, name, reason)
}

// remark is problem for what is not one thing that could be counted.
func (r *Report) remark(k Kind, engine, name, reason string) {
	if len(r.Problems) >= maxProblems {
		r.Omitted++
		return
	}
	r.Problems = append(r.Problems, Remark{k, engine, name, reason})
}

func (r *Report) note(k Kind, engine, name, reason string) {
	r.Notes = append(r.Notes, Remark{k, engine, name, reason})
}
