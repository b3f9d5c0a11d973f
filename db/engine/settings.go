package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Settings are what holds for the searches of an engine that ask for them (Query.Settings) and say nothing else.
type Settings struct {
	SearchFields map[string]*float64    `json:"search_fields,omitempty"` // text fields and their weight; nil is 1
	ResultFields map[string]ResultField `json:"result_fields,omitempty"`
	Boosts       []Boost                `json:"boosts,omitempty"`
	Precision    int                    `json:"precision,omitempty"` // 1 to 11, 0 where nothing is set; it is only kept
}

// ChangeSettings is what to change of settings: nil and 0 keep what is there, what is empty goes back to the default.
type ChangeSettings Settings

// MaxPrecision is the largest precision.
const MaxPrecision = 11

// full gives the settings with all that holds by default: all text fields and id are searched with weight 1, and all
// fields are shown. So a new field is searched and shown until somebody says which are.
func (s Settings) full(schema Schema) Settings {
	one := 1.0
	if len(s.SearchFields) == 0 {
		s.SearchFields = map[string]*float64{"id": &one}
		for _, f := range schema {
			if f.Type == TypeText {
				s.SearchFields[f.Name] = &one
			}
		}
	}
	if len(s.ResultFields) == 0 {
		s.ResultFields = map[string]ResultField{"id": {Raw: &RawOption{}}}
		for _, f := range schema {
			s.ResultFields[f.Name] = ResultField{Raw: &RawOption{}}
		}
	}
	return s
}

// fill says for a query what it does not say itself. Types change: what does not fit the schema any more is passed over.
func (s Settings) fill(q *Query, schema Schema) {
	if q.SearchFields == nil {
		for name, weight := range s.SearchFields {
			if kind, _ := schema.Type(name); kind != TypeText && name != "id" {
				continue
			}
			if q.SearchFields == nil {
				q.SearchFields = make(map[string]float64, len(s.SearchFields))
			}
			q.SearchFields[name] = weightOf(weight)
		}
	}
	if q.ResultFields == nil {
		for name, f := range s.ResultFields {
			if _, ok := schema.Type(name); !ok && name != "id" {
				continue
			}
			if q.ResultFields == nil {
				q.ResultFields = make(map[string]ResultField, len(s.ResultFields))
			}
			q.ResultFields[name] = f
		}
	}
	if q.Boosts == nil {
		for _, x := range s.Boosts {
			if x.check(schema) == nil {
				q.Boosts = append(q.Boosts, x)
			}
		}
	}
}

func weightOf(weight *float64) float64 {
	if weight == nil {
		return 1
	}
	return *weight
}

// check holds settings to the schema, by the very rules of a search.
func (s Settings) check(schema Schema) error {
	q := Query{ResultFields: s.ResultFields, Boosts: s.Boosts, SearchFields: make(map[string]float64, len(s.SearchFields))}
	for name, weight := range s.SearchFields {
		q.SearchFields[name] = weightOf(weight)
	}
	if _, err := matchOf(storage{schema: schema}, q, relevance{}); err != nil {
		return err
	}
	if err := q.checkResultFields(schema); err != nil {
		return err
	}
	if s.Precision < 0 || s.Precision > MaxPrecision {
		return fault.New(fault.Invalid, "Precision must be between 1 and 11")
	}
	return schema.CheckBoosts(s.Boosts)
}

// GetSettings gives the search settings of an engine, with all that holds by default. It needs search_queries.read.
func (s *Store) GetSettings(ctx context.Context, who audit.Who, in permission.Target, name string) (Settings, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesRead, in, name)
	if err != nil {
		return Settings{}, err
	}
	schema, err := s.schemaOf(ctx, e)
	if err != nil {
		return Settings{}, err
	}
	var set Settings
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		set, err = findSettings(ctx, tx, e)
		return err
	})
	return set.full(schema), wrap("get search settings", err)
}

func findSettings(ctx context.Context, tx *db.Tx, e Engine) (Settings, error) {
	list, err := db.Query(ctx, tx, db.String, "SELECT settings FROM search_settings WHERE engine_id = $1", e.ID)
	if err != nil || len(list) == 0 {
		return Settings{}, err
	}
	return readSettings(list[0])
}

func readSettings(text string) (set Settings, err error) {
	err = json.Unmarshal([]byte(text), &set)
	return set, err
}

// UpdateSettings changes the search settings of an engine and gives all of them. It needs search_queries.modify.
func (s *Store) UpdateSettings(ctx context.Context, who audit.Who, in permission.Target, name string, change ChangeSettings) (Settings, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesModify, in, name)
	if err != nil {
		return Settings{}, err
	}
	schema, err := s.schemaOf(ctx, e)
	if err != nil {
		return Settings{}, err
	}
	if err := Settings(change).check(schema); err != nil {
		return Settings{}, err
	}
	return s.setSettings(ctx, who, in, name, schema, func(set *Settings) {
		if change.SearchFields != nil {
			set.SearchFields = change.SearchFields
		}
		if change.ResultFields != nil {
			set.ResultFields = change.ResultFields
		}
		if change.Boosts != nil {
			set.Boosts = change.Boosts
		}
		if change.Precision != 0 {
			set.Precision = change.Precision
		}
	})
}

// ResetSettings gives up what was set for the searches of an engine, and gives what holds then. It needs
// search_queries.modify.
func (s *Store) ResetSettings(ctx context.Context, who audit.Who, in permission.Target, name string) (Settings, error) {
	e, err := s.find(ctx, who, permission.SearchQueriesModify, in, name)
	if err != nil {
		return Settings{}, err
	}
	schema, err := s.schemaOf(ctx, e)
	if err != nil {
		return Settings{}, err
	}
	return s.setSettings(ctx, who, in, name, schema, func(set *Settings) { *set = Settings{} })
}

// setSettings changes settings where that makes a difference.
func (s *Store) setSettings(ctx context.Context, who audit.Who, in permission.Target, name string, schema Schema, do func(*Settings)) (Settings, error) {
	var set Settings
	err := s.changing(ctx, who, permission.SearchQueriesModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		before, err := findSettings(ctx, tx, e)
		if err != nil {
			return err
		}
		set = before
		do(&set)
		changes := settingsDiff(before, set)
		if len(changes) == 0 {
			return nil
		}
		text, err := json.Marshal(set)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO search_settings (engine_id, settings, updated_at)
			VALUES ($1, $2, $3)
			ON CONFLICT (engine_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at`,
			e.ID, string(text), tx.NowMillis()); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, event(audit.SettingsUpdate, in, e, changes...))
	})
	if err != nil {
		return Settings{}, wrap("change search settings", err)
	}
	return set.full(schema), nil
}

// settingsDiff lists what changed, for the history.
func settingsDiff(before, after Settings) []audit.Change {
	list := audit.Diff("search_fields", saidFields(before.SearchFields), saidFields(after.SearchFields))
	for _, part := range []struct {
		name          string
		before, after any
	}{{"result_fields", before.ResultFields, after.ResultFields}, {"boosts", before.Boosts, after.Boosts}} {
		list = append(list, audit.Diff(part.name, saidPart(part.before), saidPart(part.after))...)
	}
	return append(list, audit.Diff("precision", saidPrecision(before.Precision), saidPrecision(after.Precision))...)
}

func saidFields(fields map[string]*float64) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text := name
		if fields[name] != nil {
			text += " " + strconv.FormatFloat(*fields[name], 'g', -1, 64)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// saidPart names what may be long by its beginning and, where that is not all, by its digest.
func saidPart(part any) string {
	text, err := json.Marshal(part)
	switch {
	case err != nil || string(text) == "null" || string(text) == "{}" || string(text) == "[]":
		return ""
	case len(text) > maxChange:
		return fmt.Sprintf("%s… (%s)", cut(string(text), maxChange), digest(text))
	}
	return string(text)
}

func saidPrecision(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
