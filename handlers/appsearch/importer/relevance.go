package importer

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"latchkey/db/engine"
)

// synonymsWire is a synonym set.
//
//	{"id":"syn-…","synonyms":["park","trail"]}
type synonymsWire struct {
	ID       string   `json:"id"`
	Synonyms []string `json:"synonyms"`
}

// curationWire is a curation.
//
//	{"id":"cur-…","queries":["lamp"],"promoted":["p1"],"hidden":[]}
type curationWire struct {
	ID       string   `json:"id"`
	Queries  []string `json:"queries"`
	Promoted []string `json:"promoted"`
	Hidden   []string `json:"hidden"`
}

// ownPage is how much of a list of the store is read at once.
const ownPage = 1000

// relevance takes over what decides the order of an engine's results. made says that the engine was not there before.
func (r *run) relevance(ctx context.Context, name string, made bool) error {
	if err := r.synonyms(ctx, name); err != nil {
		return err
	}
	if err := r.curations(ctx, name); err != nil {
		return err
	}
	return r.settings(ctx, name, made)
}

// missing handles what the source does not have of an engine: older versions and meta engines lack some.
func (r *run) missing(ctx context.Context, err error, k Kind, name string) error {
	if says(err, http.StatusNotFound) {
		r.report.note(k, r.source.tidy(name), "", noteUnknown)
		return nil
	}
	return r.failed(ctx, err, k, name, "")
}

// synonyms takes synonym sets over. One with the same words as one that is here is the same.
func (r *run) synonyms(ctx context.Context, name string) error {
	list, err := all(ctx, r.source, r.PrivateKey, []string{"engines", name, "synonyms"}, func(s synonymsWire) string { return s.ID })
	if err != nil {
		return r.missing(ctx, err, Synonyms, name)
	}
	if len(list) == 0 {
		return nil
	}
	here := map[string]bool{}
	sets, _, err := r.Engines.ListSynonyms(ctx, r.who, r.place, name, 0, engine.MaxSynonymSets)
	if err != nil {
		return err
	}
	for _, s := range sets {
		here[asSet(s.Synonyms)] = true
	}
	for _, s := range list {
		key := asSet(s.Synonyms)
		if here[key] {
			r.report.count(Synonyms).Same++
			continue
		}
		here[key] = true
		if _, err := r.Engines.CreateSynonyms(ctx, r.who, r.place, name, s.Synonyms); err != nil {
			if err := r.failed(ctx, err, Synonyms, name, strings.Join(s.Synonyms, ", ")); err != nil {
				return err
			}
			continue
		}
		r.report.count(Synonyms).Taken++
	}
	return nil
}

// asSet makes the same of texts that differ in their order, and in spaces and case.
func asSet(list []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(plain(list)))), "\x00")
}

// plain is texts without case, and with single spaces.
func plain(list []string) []string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = strings.ToLower(strings.Join(strings.Fields(s), " "))
	}
	return texts
}

// curations takes curations over. One that shares a query with one that is here takes its place, because a query belongs
// to one curation at most.
func (r *run) curations(ctx context.Context, name string) error {
	list, err := all(ctx, r.source, r.PrivateKey, []string{"engines", name, "curations"}, func(c curationWire) string { return c.ID })
	if err != nil {
		return r.missing(ctx, err, Curations, name)
	}
	if len(list) == 0 {
		return nil
	}
	owners := map[string]engine.Curation{} // by each of their queries
	own := func(c engine.Curation) {
		for _, q := range plain(c.Queries) {
			owners[q] = c
		}
	}
	for offset := 0; ; offset += ownPage {
		here, _, err := r.Engines.ListCurations(ctx, r.who, r.place, name, offset, ownPage)
		if err != nil {
			return err
		}
		for _, c := range here {
			own(c)
		}
		if len(here) < ownPage {
			break
		}
	}
	for _, c := range list {
		made, err := r.curation(ctx, name, c, owners)
		if err != nil {
			if err := r.failed(ctx, err, Curations, name, strings.Join(c.Queries, ", ")); err != nil {
				return err
			}
			continue
		}
		for q, owner := range owners {
			if owner.ID == made.ID {
				delete(owners, q)
			}
		}
		own(made)
	}
	return nil
}

// curation takes one curation over and gives it as it is here then.
func (r *run) curation(ctx context.Context, name string, c curationWire, owners map[string]engine.Curation) (engine.Curation, error) {
	want := engine.Curated{Queries: c.Queries, Promoted: c.Promoted, Hidden: c.Hidden}
	count := r.report.count(Curations)
	for _, q := range plain(c.Queries) {
		have, ok := owners[q]
		if !ok {
			continue
		}
		if asSet(have.Queries) == asSet(want.Queries) && slices.Equal(have.Promoted, want.Promoted) &&
			slices.Equal(slices.Sorted(slices.Values(have.Hidden)), slices.Sorted(slices.Values(want.Hidden))) {
			count.Same++
			return have, nil
		}
		made, err := r.Engines.UpdateCuration(ctx, r.who, r.place, name, have.ID, want)
		if err == nil {
			count.Changed++
		}
		return made, err
	}
	made, err := r.Engines.CreateCuration(ctx, r.who, r.place, name, want)
	if err == nil {
		count.Taken++
	}
	return made, err
}
