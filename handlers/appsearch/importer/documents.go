package importer

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"net/http"
	"strings"
	"time"

	"latchkey/db/engine"
)

// documentsSize is how many documents are asked for and stored at once.
const documentsSize = 100

// sayEvery is how often progress is told.
const sayEvery = 2 * time.Second

// position is where the documents of an engine are.
type position struct {
	Done  bool   `json:"done,omitempty"`  // all were taken over
	Page  int    `json:"page,omitempty"`  // the last page of the list that was
	Field string `json:"field,omitempty"` // the list is through; searches go along this field
	From  any    `json:"from,omitempty"`  // from here
}

// documents are the documents of one engine under way.
type documents struct {
	*run
	name     string
	schema   engine.Schema
	seen     map[uint64]struct{} // which ones came, as a hash of their ids
	seed     maphash.Seed
	expected int64
	resumed  bool
	unsorted bool      // the source does not sort by ids
	told     time.Time // when progress was last told
	at       position
}

// documents takes the documents of an engine over.
func (r *run) documents(ctx context.Context, e engineWire, schema engine.Schema) error {
	d := &documents{run: r, name: e.Name, schema: schema, seen: map[uint64]struct{}{}, seed: maphash.MakeSeed(), expected: e.Documents}
	if text, ok := r.saved[d.item()]; ok {
		d.resumed = json.Unmarshal([]byte(text), &d.at) == nil
	}
	if d.at.Done {
		r.report.note(Documents, e.Name, "", noteDone)
		return nil
	}
	err := d.all(ctx)
	if err == nil {
		return d.save(ctx, position{Done: true})
	}
	why, err := r.reason(ctx, err)
	if err == nil {
		r.report.remark(Documents, e.Name, "", why)
	}
	return err
}

const noteDone = "An earlier import that was cut off has taken all of these over."

func (d *documents) item() string { return "documents/" + d.name }

func (d *documents) save(ctx context.Context, p position) error {
	d.at = p
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return d.Takeover.Save(ctx, d.who, d.place, d.report.Source, d.item(), string(text))
}

func (d *documents) all(ctx context.Context) error {
	if d.at.Field == "" {
		if err := d.list(ctx); err != nil {
			return err
		}
	}
	if missing, err := d.missing(ctx); err != nil || missing <= 0 {
		return err
	}
	if err := d.search(ctx); err != nil {
		return err
	}
	missing, err := d.missing(ctx)
	if missing > 0 {
		d.report.count(Documents).Failed += int(missing)
		d.report.remark(Documents, d.name, "", whyUnreached(missing, d.expected))
	}
	return err
}

// missing is how many documents the source says it has beyond those that came. After a run that was cut off only those
// that are here can be counted.
func (d *documents) missing(ctx context.Context) (int64, error) {
	if !d.resumed {
		return d.expected - int64(len(d.seen)), nil
	}
	here, err := d.Engines.Count(ctx, d.who, d.place, d.name)
	return d.expected - here, err
}

// list goes through the list of documents, as far as it reaches.
func (d *documents) list(ctx context.Context) error {
	for page := max(d.at.Page, 1); ; page++ {
		var list listWire[engine.Source]
		err := d.source.ask(ctx, question{key: d.PrivateKey, way: []string{"engines", d.name, "documents", "list"}, query: pageQuery(page, documentsSize)}, &list)
		if page > 1 && says(err, http.StatusBadRequest) {
			return nil // App Search goes no further than 10,000 documents
		}
		if err != nil {
			return err
		}
		if list.Meta.Page == nil {
			return errShape
		}
		d.expected = max(d.expected, list.Meta.Page.Total)
		fresh, err := d.take(ctx, list.Results)
		if err != nil {
			return err
		}
		if err := d.save(ctx, position{Page: page}); err != nil {
			return err
		}
		d.tell()
		switch {
		case page >= list.Meta.Page.Pages || len(list.Results) == 0:
			return nil
		case fresh == 0:
			return errRepeats
		case endless(len(d.seen), d.expected):
			return errEndless
		}
	}
}

// take stores documents and tells how many had not come before.
func (d *documents) take(ctx context.Context, docs []engine.Source) (fresh int, err error) {
	var list []engine.Source
	for _, doc := range docs {
		id, _ := doc["id"].(string)
		if d.isNew(id) {
			delete(doc, "_meta") // what a search adds
			list = append(list, doc)
		}
	}
	if len(list) == 0 {
		return 0, nil
	}
	results, err := d.Engines.Import(ctx, d.who, d.place, d.name, list)
	if err != nil {
		return 0, err
	}
	count := d.report.count(Documents)
	for _, one := range results {
		switch one.Effect {
		case engine.Added:
			count.Taken++
		case engine.Changed:
			count.Changed++
		case engine.Same:
			count.Same++
		default:
			d.report.problem(Documents, d.name, d.source.tidy(one.ID), d.source.tidy(strings.Join(one.Errors, " ")))
		}
	}
	return len(list), nil
}

func (d *documents) isNew(id string) bool {
	h := d.hash(id)
	_, had := d.seen[h]
	d.seen[h] = struct{}{}
	return !had
}

func (d *documents) hash(id string) uint64 { return maphash.String(d.seed, id) }

// tell says how far it is, now and then.
func (d *documents) tell() {
	if now := d.Now(); now.Sub(d.told) >= sayEvery {
		d.told = now
		d.Say("  %s: %d of %d documents", d.source.tidy(d.name), len(d.seen), d.expected)
	}
}
