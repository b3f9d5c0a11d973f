package engine_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func weight(f float64) *float64 { return &f }

func (w *world) settings(name string, change engine.ChangeSettings) engine.Settings {
	w.t.Helper()
	s, err := w.store.UpdateSettings(ctx(), w.admin, w.place, name, change)
	if err != nil {
		w.t.Fatalf("settings %+v: %v", change, err)
	}
	return s
}

func TestSettingsHoldWhereASearchSaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "price", Type: engine.TypeNumber})
	w.add("shop",
		`{"id":"a","title":"lamp","text":"thing","color":"red","price":1}`,
		`{"id":"b","title":"thing","text":"lamp lamp","color":"blue","price":5}`,
		`{"id":"c","title":"thing","text":"chair","color":"lamp","price":9}`)
	ask := func(q engine.Query) string {
		t.Helper()
		q.Text, q.Settings = "lamp", true
		r := w.search("shop", q)
		fields := ""
		for name, f := range r.Hits[0].Fields {
			if f.Raw != nil {
				fields += " " + name
			}
		}
		return strings.Join(append(idsOf(r), strings.Split(fields, " ")[1:]...), " ")
	}
	found := func(q engine.Query) string {
		q.Text, q.Settings = "lamp", true
		return strings.Join(idsOf(w.search("shop", q)), " ")
	}
	if got := found(engine.Query{}); got != "b a c" {
		t.Errorf("before: %s", got)
	}
	w.settings("shop", engine.ChangeSettings{SearchFields: map[string]*float64{"title": weight(10), "text": nil}})
	if got := found(engine.Query{}); got != "a b" {
		t.Errorf("search fields: %s", got)
	}
	if got := found(engine.Query{SearchFields: map[string]float64{"color": 1}}); got != "c" {
		t.Errorf("its own search fields: %s", got)
	}
	w.settings("shop", engine.ChangeSettings{Boosts: []engine.Boost{{Field: "color", Type: engine.BoostValue, Operation: engine.BoostAdd, Factor: 10, Values: values("blue")}}})
	if got := found(engine.Query{}); got != "b a" {
		t.Errorf("boosts: %s", got)
	}
	if got := found(engine.Query{Boosts: []engine.Boost{}}); got != "a b" {
		t.Errorf("no boosts: %s", got)
	}
	w.settings("shop", engine.ChangeSettings{ResultFields: map[string]engine.ResultField{"price": {Raw: &engine.RawOption{}}}, Precision: 7})
	if got := ask(engine.Query{}); got != "b a price" {
		t.Errorf("result fields: %s", got)
	}
	if got := ask(engine.Query{ResultFields: map[string]engine.ResultField{"color": {Raw: &engine.RawOption{}}}}); got != "b a color" {
		t.Errorf("its own result fields: %s", got)
	}
	if r := w.search("shop", engine.Query{Text: "lamp", Settings: true}); r.Precision != 7 || len(r.ResultFields) != 1 {
		t.Errorf("%d %v", r.Precision, r.ResultFields)
	}
	t.Run("a search that does not ask for them is as before", func(t *testing.T) {
		r := w.search("shop", engine.Query{Text: "lamp"})
		if got := strings.Join(idsOf(r), " "); got != "b a c" || len(r.Hits[0].Fields) != 4 || r.Precision != 0 {
			t.Errorf("%s %v", got, r.Hits[0].Fields)
		}
	})
	t.Run("what does not fit any more is passed over", func(t *testing.T) {
		w.schema("shop", engine.SchemaField{Name: "title", Type: engine.TypeNumber}, engine.SchemaField{Name: "color", Type: engine.TypeGeolocation})
		if got := found(engine.Query{}); got != "b" {
			t.Errorf("%s", got)
		}
	})
	t.Run("and without them", func(t *testing.T) {
		if _, err := w.store.ResetSettings(ctx(), w.admin, w.place, "shop"); err != nil {
			t.Fatal(err)
		}
		if got := ask(engine.Query{}); !strings.HasPrefix(got, "b ") || strings.Count(got, " ") != 4 {
			t.Errorf("%s", got)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.create("shop")
	get := func() engine.Settings {
		t.Helper()
		s, err := w.store.GetSettings(ctx(), w.admin, w.place, "shop")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	names := func(s engine.Settings) string {
		var search, result []string
		for name, f := range s.SearchFields {
			search = append(search, name+fmt.Sprint(*f))
		}
		for name := range s.ResultFields {
			result = append(result, name)
		}
		slices.Sort(search)
		slices.Sort(result)
		return strings.Join(append(append(search, "|"), result...), " ")
	}
	if got := names(get()); got != "id1 | id" {
		t.Errorf("an empty engine: %s", got)
	}
	w.schema("shop", engine.SchemaField{Name: "price", Type: engine.TypeNumber}, engine.SchemaField{Name: "made", Type: engine.TypeDate}, engine.SchemaField{Name: "title", Type: engine.TypeText})
	if got := names(get()); got != "id1 title1 | id made price title" {
		t.Errorf("a new field: %s", got)
	}
	all := engine.ChangeSettings{
		SearchFields: map[string]*float64{"title": weight(2.5)},
		ResultFields: map[string]engine.ResultField{"title": {Raw: &engine.RawOption{Size: 50}, Snippet: &engine.SnippetOption{Size: 30, Fallback: true}}},
		Boosts: []engine.Boost{
			{Field: "made", Type: engine.BoostProximity, Function: engine.BoostLinear, Now: true, Factor: 2},
			{Field: "price", Type: engine.BoostProximity, Function: engine.BoostGaussian, Center: engine.NumberValue(1950), Factor: -3},
			{Field: "title", Type: engine.BoostValue, Operation: engine.BoostMultiply, Values: values("a", "b"), Factor: 1},
		},
		Precision: 5,
	}
	w.settings("shop", all)
	if got := get(); !reflect.DeepEqual(got, engine.Settings(all)) {
		t.Errorf("got %+v\nwant %+v", got, all)
	}
	t.Run("a change keeps what it does not name", func(t *testing.T) {
		w.settings("shop", engine.ChangeSettings{Precision: 3})
		want := engine.Settings(all)
		want.Precision = 3
		if got := get(); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got)
		}
		events, err := w.log.OfSubject(ctx(), e.ID)
		if err != nil || events[0].Action != audit.SettingsUpdate || fmt.Sprint(events[0].Changes) != "[{precision 5 3}]" {
			t.Errorf("%+v %v", events, err)
		}
		w.settings("shop", engine.ChangeSettings{Precision: 3})
		if again, err := w.log.OfSubject(ctx(), e.ID); err != nil || len(again) != len(events) {
			t.Errorf("what changes nothing is no event: %v %v", again, err)
		}
	})
	t.Run("what is empty goes back to the default", func(t *testing.T) {
		got := w.settings("shop", engine.ChangeSettings{SearchFields: map[string]*float64{}, ResultFields: map[string]engine.ResultField{}, Boosts: []engine.Boost{}})
		if names(got) != "id1 title1 | id made price title" || len(got.Boosts) != 0 || got.Precision != 3 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what is wrong is refused and changes nothing", func(t *testing.T) {
		before := get()
		raw := engine.ResultField{Raw: &engine.RawOption{}}
		for want, change := range map[string]engine.ChangeSettings{
			"Search fields contains invalid field: none":             {SearchFields: map[string]*float64{"none": nil}, Precision: 9},
			"Search fields contains invalid field: price":            {SearchFields: map[string]*float64{"price": weight(1)}},
			"Search fields contains invalid field: made":             {SearchFields: map[string]*float64{"made": weight(1)}},
			"Search fields contains invalid weight for field: title": {SearchFields: map[string]*float64{"title": weight(-1)}},
			"Result fields contains invalid field: none":             {ResultFields: map[string]engine.ResultField{"none": raw}},
			"Boosts contains invalid field: none":                    {Boosts: []engine.Boost{{Field: "none", Type: engine.BoostValue, Values: values("x")}}},
			"Precision must be between 1 and 11":                     {Precision: 12},
			"Boosts factor must be between -10 and 10: title":        {Boosts: []engine.Boost{{Field: "title", Type: engine.BoostValue, Values: values("x"), Factor: 11}}},
		} {
			_, err := w.store.UpdateSettings(ctx(), w.admin, w.place, "shop", change)
			wantFault(t, err, fault.Invalid, want)
		}
		if got := get(); !reflect.DeepEqual(got, before) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("who may", func(t *testing.T) {
		for name, c := range map[string]struct {
			who        audit.Who
			read, make fault.Kind
		}{
			"a key with read":          {key("p1", permission.Read), "", fault.Forbidden},
			"a key with write":         {key("p1", permission.Write), fault.Forbidden, ""},
			"a key for search queries": {key("p1", permission.Of(permission.SearchQueriesModify).Complete()), "", ""},
			"a key for synonyms":       {key("p1", permission.Of(permission.SynonymsModify).Complete()), fault.Forbidden, fault.Forbidden},
			"a key of another engine":  {key("p1", permission.Full, "blog"), fault.NotFound, fault.NotFound},
			"a key of another project": {key("p2", permission.Full), fault.NotFound, fault.NotFound},
		} {
			_, err := w.store.GetSettings(ctx(), c.who, w.place, "shop")
			_, err2 := w.store.UpdateSettings(ctx(), c.who, w.place, "shop", engine.ChangeSettings{Precision: 4})
			_, err3 := w.store.ResetSettings(ctx(), c.who, w.place, "shop")
			for i, err := range []error{err, err2, err3} {
				want := c.read
				if i > 0 {
					want = c.make
				}
				if want == "" && err != nil || want != "" && !fault.Is(err, want) {
					t.Errorf("%s: %d: %v", name, i, err)
				}
			}
		}
	})
	t.Run("what stands in databases can be read for ever", func(t *testing.T) {
		const stored = `{"search_fields":{"id":null,"title":2},"result_fields":{"title":{"Raw":{"Size":20},"Snippet":{"Size":30,"Fallback":true}}},` +
			`"boosts":[{"Field":"price","Type":"proximity","Operation":"multiply","Factor":2,"Values":null,"Function":"linear","Center":5,"Now":false,"Place":null},` +
			`{"Field":"title","Type":"value","Operation":"","Factor":1,"Values":["x"],"Function":"","Center":null,"Now":false,"Place":null},` +
			`{"Field":"title","Type":"proximity","Operation":"","Factor":1,"Values":null,"Function":"gaussian","Center":null,"Now":true,"Place":{"Lat":1.5,"Lon":2}}],"precision":4}`
		err := w.dir.Core.Write(ctx(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, "UPDATE search_settings SET settings = $1", stored)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := get(); !reflect.DeepEqual(got, engine.Settings{
			SearchFields: map[string]*float64{"id": nil, "title": weight(2)}, Precision: 4,
			ResultFields: map[string]engine.ResultField{"title": {Raw: &engine.RawOption{Size: 20}, Snippet: &engine.SnippetOption{Size: 30, Fallback: true}}},
			Boosts: []engine.Boost{
				{Field: "price", Type: engine.BoostProximity, Operation: engine.BoostMultiply, Factor: 2, Function: engine.BoostLinear, Center: engine.NumberValue(5)},
				{Field: "title", Type: engine.BoostValue, Factor: 1, Values: values("x")},
				{Field: "title", Type: engine.BoostProximity, Factor: 1, Function: engine.BoostGaussian, Now: true, Place: &engine.Point{Lat: 1.5, Lon: 2}},
			},
		}) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("they go with the engine", func(t *testing.T) {
		if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
			t.Fatal(err)
		}
		if n := w.countCore("SELECT COUNT(*) FROM search_settings"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// A meta engine has settings of its own, over the fields of all its sources; those of the sources do not hold in it.
func TestSettingsOfAMetaEngine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("a")
	w.create("b")
	w.add("a", `{"id":"1","title":"lamp","only_a":"x"}`)
	w.add("b", `{"id":"1","title":"chair","only_b":"lamp"}`, `{"id":"2","title":"lamp"}`)
	w.meta("all", "a", "b")
	w.settings("a", engine.ChangeSettings{SearchFields: map[string]*float64{"only_a": nil}, Precision: 3})
	ask := func() engine.Results {
		t.Helper()
		return w.search("all", engine.Query{Text: "lamp", Settings: true})
	}
	if r := ask(); r.Total != 3 || r.Precision != 0 {
		t.Errorf("%d found, precision %d", r.Total, r.Precision)
	}
	got := w.settings("all", engine.ChangeSettings{
		SearchFields: map[string]*float64{"only_b": weight(2)}, Precision: 9,
		ResultFields: map[string]engine.ResultField{"only_a": {Raw: &engine.RawOption{}}},
	})
	if len(got.SearchFields) != 1 || len(got.ResultFields) != 1 {
		t.Errorf("%+v", got)
	}
	r := ask()
	wantIDs(t, r, "b|1")
	if v, shown := r.Hits[0].Fields["only_a"]; !shown || v.Raw == nil || len(r.Hits[0].Fields) != 1 || r.Precision != 9 || len(r.ResultFields) != 1 {
		t.Errorf("%+v", r)
	}
	if r := w.search("b", engine.Query{Text: "lamp", Settings: true}); r.Total != 2 {
		t.Errorf("a source follows its own: %d", r.Total)
	}
	if _, err := w.store.UpdateSettings(ctx(), w.admin, w.place, "all", engine.ChangeSettings{SearchFields: map[string]*float64{"nowhere": nil}}); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, err := w.store.RemoveSources(ctx(), w.admin, w.place, "all", []string{"b"}); err != nil {
		t.Fatal(err)
	}
	wantIDs(t, ask(), "a|1") // only_b is gone with its engine, so all fields are searched
}
