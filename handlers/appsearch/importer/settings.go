package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"latchkey/db/engine"
	"latchkey/handlers/appsearch"
)

// settings takes the search settings of an engine over. Those that hold by default are not set: they go on to hold for
// fields that come later.
func (r *run) settings(ctx context.Context, name string, made bool) error {
	var wire map[string]any
	if err := r.source.ask(ctx, question{key: r.PrivateKey, way: []string{"engines", name, "search_settings"}}, &wire); err != nil {
		return r.missing(ctx, err, Settings, name)
	}
	for _, member := range slices.Sorted(maps.Keys(wire)) {
		if !slices.Contains([]string{"search_fields", "result_fields", "boosts", "precision", "precision_enabled"}, member) {
			r.report.note(Settings, r.source.tidy(name), r.source.tidy(member), noteSetting)
		}
	}
	before, err := r.Engines.GetSettings(ctx, r.who, r.place, name)
	if err != nil {
		return err
	}
	if sameSettings(wire, before) {
		r.report.count(Settings).Same++
		return nil
	}
	change, err := appsearch.ReadSettings(wire)
	if err != nil {
		return r.failed(ctx, err, Settings, name, "")
	}
	after, err := r.Engines.UpdateSettings(ctx, r.who, r.place, name, change)
	count := r.report.count(Settings)
	switch {
	case err != nil:
		return r.failed(ctx, err, Settings, name, "")
	case reflect.DeepEqual(before, after):
		count.Same++
	case made:
		count.Taken++
	default:
		count.Changed++
	}
	return nil
}

// sameSettings reports whether the source says of the settings here what they say.
func sameSettings(wire map[string]any, s engine.Settings) bool {
	text, err := appsearch.SettingsJSON(s)
	if err != nil {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var here map[string]any
	if d.Decode(&here) != nil {
		return false
	}
	for _, member := range []string{"search_fields", "result_fields", "boosts", "precision"} {
		if v, said := wire[member]; said && !reflect.DeepEqual(v, here[member]) {
			return false
		}
	}
	return true
}
