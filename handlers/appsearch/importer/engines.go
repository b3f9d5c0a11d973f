package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// The types of engines.
const (
	typeDefault = "default"
	typeMeta    = "meta"
)

// engines takes the engines over with all that is in them, those made of others last.
func (r *run) engines(ctx context.Context, list []engineWire) error {
	if len(list) > 0 {
		r.Say("Engines: %d", len(list))
	}
	n := 0
	for _, meta := range []bool{false, true} {
		for _, e := range list {
			if (e.Type == typeMeta) != meta {
				continue
			}
			n++
			r.Say("Engine %d of %d: %s", n, len(list), r.source.tidy(e.Name))
			if err := r.engine(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// engine takes one engine over. What takes little time comes first.
func (r *run) engine(ctx context.Context, e engineWire) error {
	if e.Type != "" && e.Type != typeDefault && e.Type != typeMeta {
		r.report.problem(Engines, "", r.source.tidy(e.Name), "Engines of the type "+fault.Quote(r.source.tidy(e.Type))+" keep their documents elsewhere.")
		return nil
	}
	before := *r.report.count(e.kind())
	ok, err := r.makeEngine(ctx, e)
	if err != nil || !ok {
		return err
	}
	made := r.report.count(e.kind()).Taken > before.Taken
	var schema engine.Schema
	if e.Type != typeMeta {
		if schema, err = r.schema(ctx, e.Name); err != nil {
			return err
		}
	}
	if err := r.relevance(ctx, e.Name, made); err != nil || e.Type == typeMeta {
		return err
	}
	return r.documents(ctx, e, schema)
}

// kind is what an engine counts as.
func (e engineWire) kind() Kind {
	if e.Type == typeMeta {
		return MetaEngines
	}
	return Engines
}

// makeEngine makes an engine that is not there yet, and reports whether it is there then.
func (r *run) makeEngine(ctx context.Context, e engineWire) (bool, error) {
	there, err := r.Engines.Get(ctx, r.who, r.place, e.Name)
	switch {
	case err == nil:
		return r.haveEngine(ctx, e, there)
	case !fault.Is(err, fault.NotFound):
		return false, err
	}
	n := engine.New{Name: e.Name, Language: e.Language, Meta: e.Type == typeMeta, Sources: e.Sources}
	if n.Language != "" && !slices.Contains(engine.Languages(), n.Language) {
		r.report.remark(Engines, "", r.source.tidy(e.Name), "Its language is not known here: "+fault.Quote(r.source.tidy(n.Language))+". It was made without one.")
		n.Language = ""
	}
	if _, err := r.Engines.Create(ctx, r.who, r.place, n); err != nil {
		return false, r.failed(ctx, err, e.kind(), "", e.Name)
	}
	r.report.count(e.kind()).Taken++
	return true, nil
}

// haveEngine brings an engine that is there already to what the source says.
func (r *run) haveEngine(ctx context.Context, e engineWire, there engine.Engine) (bool, error) {
	name := r.source.tidy(e.Name)
	if there.Meta != (e.Type == typeMeta) {
		r.report.problem(e.kind(), "", name, whyOtherType)
		return false, nil
	}
	if !there.Meta {
		r.report.count(Engines).Same++
		if there.Language != e.Language {
			r.report.note(Engines, "", name, noteLanguage)
		}
		return true, nil
	}
	var sources []string
	for _, source := range there.Sources {
		sources = append(sources, source.Name)
	}
	if slices.Equal(slices.Sorted(slices.Values(sources)), slices.Sorted(slices.Values(e.Sources))) {
		r.report.count(MetaEngines).Same++
		return true, nil
	}
	if _, err := r.Engines.SetSources(ctx, r.who, r.place, e.Name, e.Sources); err != nil {
		return true, r.failed(ctx, err, MetaEngines, "", e.Name)
	}
	r.report.count(MetaEngines).Changed++
	return true, nil
}

// schema takes the fields of an engine over and gives the source's schema. Fields that cannot be are told apart from the
// others, which still are.
func (r *run) schema(ctx context.Context, name string) (engine.Schema, error) {
	var wire json.RawMessage
	if err := r.source.ask(ctx, question{key: r.PrivateKey, way: []string{"engines", name, "schema"}}, &wire); err != nil {
		return nil, r.failed(ctx, err, Schema, name, "")
	}
	before, err := r.Engines.Schema(ctx, r.who, r.place, name)
	if err != nil {
		return nil, err
	}
	want, err := readSchema(wire)
	if err != nil {
		return nil, err
	}
	change := slices.DeleteFunc(slices.Clone(want), func(f engine.SchemaField) bool { return sameType(before, f) })
	change, err = r.changeSchema(ctx, name, change)
	if err != nil {
		return nil, err
	}
	count := r.report.count(Schema)
	for _, f := range want {
		_, had := before.Type(f.Name)
		changed := slices.ContainsFunc(change, func(c engine.SchemaField) bool { return c.Name == f.Name })
		switch {
		case changed && had:
			count.Changed++
		case changed:
			count.Taken++
		case had && sameType(before, f):
			count.Same++
		}
	}
	return want, nil
}

// readSchema reads a schema in the order in which it stands.
//
//	{"title":"text","views":"number"}
func readSchema(raw json.RawMessage) (engine.Schema, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errShape
	}
	var s engine.Schema
	for d.More() {
		name, errName := d.Token()
		var kind string
		if errName != nil || d.Decode(&kind) != nil {
			return nil, errShape
		}
		s = append(s, engine.SchemaField{Name: name.(string), Type: engine.Type(kind)})
	}
	return s, nil
}

func sameType(s engine.Schema, f engine.SchemaField) bool {
	t, ok := s.Type(f.Name)
	return ok && t == f.Type
}

// changeSchema changes what can be changed, and gives it.
func (r *run) changeSchema(ctx context.Context, name string, change engine.Schema) (engine.Schema, error) {
	for len(change) > 0 {
		_, err := r.Engines.UpdateSchema(ctx, r.who, r.place, name, change)
		if err == nil {
			return change, nil
		}
		why, end := r.reason(ctx, err)
		if end != nil {
			return nil, end
		}
		var left engine.Schema
		bad := fault.From(err).Fields
		for _, f := range change {
			if message, isBad := bad[f.Name]; isBad || len(bad) == 0 {
				if message == "" {
					message = why
				}
				r.report.problem(Schema, name, r.source.tidy(f.Name), r.source.tidy(message))
			} else {
				left = append(left, f)
			}
		}
		change = left
	}
	return nil, nil
}
