package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func (w *world) curation(name string, queries, promoted, hidden []string) engine.Curation {
	w.t.Helper()
	c, err := w.store.CreateCuration(ctx(), w.admin, w.place, name, engine.Curated{Queries: queries, Promoted: promoted, Hidden: hidden})
	if err != nil {
		w.t.Fatalf("curation of %v: %v", queries, err)
	}
	return c
}

// curatedWorld is an engine of lamps, of which one search is curated: it finds a3 and a1 by hand, not a2, and the
// chair.
func curatedWorld(t *testing.T) *world {
	w := newWorld(t)
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "price", Type: engine.TypeNumber})
	w.add("shop",
		`{"id":"a1","title":"red lamp","color":"red","price":30}`, `{"id":"a2","title":"lamp lamp lamp","color":"blue","price":10}`,
		`{"id":"a3","title":"a chair, quite another thing","color":"red","price":50}`, `{"id":"a4","title":"lamp lamp","color":"blue","price":20}`,
		`{"id":"a5","title":"lamp","color":"red","price":40}`, `{"id":"a6","title":"secret thing","color":"secret","price":5}`)
	w.curation("shop", []string{"Lamp", "lamp  shade"}, []string{"a3", "gone", "a6", "a1"}, []string{"a2", "gone too"})
	return w
}

func TestCurationsChangeWhatIsFound(t *testing.T) {
	t.Parallel()
	w := curatedWorld(t)
	w.curation("shop", []string{""}, []string{"a6"}, []string{"a1"})
	w.curation("shop", []string{"!?"}, []string{"a5"}, nil)
	w.curation("shop", []string{"red lamp"}, nil, []string{"a1"})
	public := &engine.Filter{None: []engine.Filter{{Field: "color", Values: values("secret")}}}
	red := &engine.Filter{Field: "color", Values: values("red")}
	byPrice := []engine.Sort{{Field: "price"}}
	huge := make([]engine.Boost, engine.MaxBoosts)
	for i := range huge {
		huge[i] = engine.Boost{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostExponential, Operation: engine.BoostMultiply, Factor: 10}
	}
	for _, c := range []struct {
		name, text, want string
		q                engine.Query
	}{
		{"promoted first in their order, hidden not at all", "lamp", "a3 a6 a1 a4 a5", engine.Query{}},
		{"in another case and with more space", " LAMP ", "a3 a6 a1 a4 a5", engine.Query{}},
		{"for each of its queries", "lamp shade", "a3 a6 a1 a4 a5", engine.Query{}},
		{"not for part of a query", "lamps", "a2 a4 a5 a1", engine.Query{}},
		{"not for more than a query", "lamp chair", "a3 a2 a4 a5 a1", engine.Query{}},
		{"a search without text", "", "a6 a2 a3 a4 a5", engine.Query{}},
		{"a search of spaces is one", "  ", "a6 a2 a3 a4 a5", engine.Query{}},
		{"a text without words", "!?", "a5", engine.Query{}},
		{"hidden alone", "red lamp", "a5", engine.Query{}},
		{"a filter holds for what is promoted", "lamp", "a3 a1 a5", engine.Query{Filter: red}},
		{"so does an enforced one", "lamp", "a3 a1 a4 a5", engine.Query{Enforced: public}},
		{"both", "lamp", "a3 a1 a5", engine.Query{Filter: red, Enforced: public}},
		{"an enforced one that nothing passes", "lamp", "", engine.Query{Enforced: &engine.Filter{Field: "color", Values: values("none")}}},
		{"an enforced one without text", "", "a2 a3 a4 a5", engine.Query{Enforced: public}},
		{"another order puts each where it belongs", "lamp", "a6 a4 a1 a5 a3", engine.Query{Sort: byPrice}},
		{"without text too", "", "a6 a2 a4 a5 a3", engine.Query{Sort: byPrice}},
		{"best score first", "lamp", "a3 a6 a1 a4 a5", engine.Query{Sort: []engine.Sort{{Field: engine.ByScore, Desc: true}}}},
		{"worst score first", "lamp", "a5 a4 a1 a6 a3", engine.Query{Sort: []engine.Sort{{Field: engine.ByScore}}}},
		{"the second criterion", "lamp", "a4 a3 a1 a5 a6", engine.Query{Sort: []engine.Sort{{Field: "color"}, {Field: engine.ByScore, Desc: true}}}},
		{"no boost lifts anything above what is promoted", "lamp", "a3 a6 a1 a4 a5", engine.Query{Boosts: huge}},
		{"nor puts what is promoted down", "lamp", "a3 a6 a1 a4 a5", engine.Query{Boosts: []engine.Boost{{Field: "color", Type: engine.BoostValue, Operation: engine.BoostMultiply, Factor: -10, Values: values("red", "secret")}}}},
		{"of a group the promoted document comes first", "lamp", "a3 a6 a4", engine.Query{Group: &engine.Group{Field: "color"}}},
		{"fields that are not searched find nothing, what is promoted stays", "lamp", "a3 a6 a1", engine.Query{SearchFields: map[string]float64{"color": 1}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Text = c.text
			r := w.search("shop", c.q)
			if got := strings.Join(idsOf(r), " "); got != c.want || int(r.Total) != len(r.Hits) {
				t.Errorf("found %s of %d, want %s", got, r.Total, c.want)
			}
		})
	}
}

func TestPagesOfACuratedSearchFit(t *testing.T) {
	t.Parallel()
	w := curatedWorld(t)
	for _, q := range []engine.Query{{Text: "lamp"}, {Text: "lamp", Sort: []engine.Sort{{Field: "price", Desc: true}}}} {
		all := idsOf(w.search("shop", q))
		for size := 1; size < 7; size++ {
			var paged []string
			for page := 1; page < 8; page++ {
				q.Page, q.Size = page, size
				r := w.search("shop", q)
				if r.Total != 5 {
					t.Errorf("page %d of %d: total %d", page, size, r.Total)
				}
				paged = append(paged, idsOf(r)...)
			}
			if strings.Join(paged, " ") != strings.Join(all, " ") || len(all) != 5 {
				t.Errorf("by %d: %v, want %v", size, paged, all)
			}
		}
	}
	t.Run("what comes by any of the words comes as without a curation", func(t *testing.T) {
		// No document has both words, so any of them does.
		if r := w.search("shop", engine.Query{Text: "lamp shade"}); r.Total != 5 {
			t.Errorf("%d", r.Total)
		}
		if r := w.search("shop", engine.Query{Text: "lamp shade", Match: engine.MatchAll}); r.Total != 3 {
			t.Errorf("%d", r.Total)
		}
	})
	t.Run("facets count what is found", func(t *testing.T) {
		r := w.search("shop", engine.Query{
			Text: "lamp", Enforced: &engine.Filter{None: []engine.Filter{{Field: "color", Values: values("secret")}}},
			Facets: []engine.Facet{
				{Field: "color", Type: engine.FacetValue}, {Field: "price", Type: engine.FacetStats},
				{Field: "price", Type: engine.FacetRange, Ranges: []engine.FacetRangeOption{{From: engine.NumberValue(0), To: engine.NumberValue(25)}}},
			},
		})
		got := []any{r.Total, r.Facets[1].Min, r.Facets[1].Max, r.Facets[2].Data[0].Count}
		for _, bucket := range r.Facets[0].Data {
			got = append(got, bucket.Value.String(), bucket.Count)
		}
		if text := fmt.Sprint(got...); text != "4 20 50 1red3blue1" {
			t.Error(text)
		}
	})
	t.Run("snippets of what is promoted mark what is in it", func(t *testing.T) {
		r := w.search("shop", engine.Query{Text: "lamp", ResultFields: map[string]engine.ResultField{"title": {Snippet: &engine.SnippetOption{}}}})
		if s := r.Hits[2].Fields["title"].Snippet; s == nil || *s != "red <em>lamp</em>" {
			t.Errorf("%v", s)
		}
		if s := r.Hits[0].Fields["title"].Snippet; s != nil {
			t.Errorf("%v", *s)
		}
	})
	t.Run("no score is higher, and each is another", func(t *testing.T) {
		last := 2e38
		for _, h := range w.search("shop", engine.Query{Text: "lamp"}).Hits {
			if h.Score >= last || float32(h.Score) >= float32(last) {
				t.Errorf("%s: %g after %g", h.ID, h.Score, last)
			}
			last = h.Score
		}
	})
	t.Run("an engine without documents", func(t *testing.T) {
		w.create("empty")
		w.curation("empty", []string{"lamp"}, []string{"a1"}, nil)
		if r := w.search("empty", engine.Query{Text: "lamp"}); r.Total != 0 || len(r.Hits) != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestCurations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.create("shop")
	w.create("blog")
	w.add("shop", `{"id":"1","title":"lamp"}`, `{"id":"2","title":"lamp"}`)
	c := w.curation("shop", []string{"lamp", "LAMP", " light "}, []string{"2", "2"}, nil)
	if len(c.ID) != 24 || strings.Join(c.Queries, "|") != "lamp| light " || strings.Join(c.Promoted, "|") != "2" || c.Hidden == nil {
		t.Fatalf("%+v", c)
	}
	finds := func(text, want string) {
		t.Helper()
		if got := strings.Join(idsOf(w.search("shop", engine.Query{Text: text})), " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	finds("lamp", "2 1")
	t.Run("a query belongs to one curation", func(t *testing.T) {
		_, err := w.store.CreateCuration(ctx(), w.admin, w.place, "shop", engine.Curated{Queries: []string{"new", "Light"}, Hidden: []string{"1"}})
		wantFault(t, err, fault.Conflict, "queries has a query of another curation: Light")
		finds("new", "")
		w.curation("blog", []string{"light"}, nil, []string{"1"})
	})
	changed, err := w.store.UpdateCuration(ctx(), w.admin, w.place, "shop", c.ID, engine.Curated{Queries: []string{"lamp"}, Hidden: []string{"2"}})
	if err != nil || changed.ID != c.ID || len(changed.Promoted) != 0 || strings.Join(changed.Hidden, "|") != "2" {
		t.Errorf("%+v %v", changed, err)
	}
	finds("lamp", "1")
	finds("light", "")
	events, err := w.log.OfSubject(ctx(), c.ID)
	if err != nil || len(events) != 2 || events[0].Action != audit.CurationUpdate || events[0].SubjectLabel != "shop/lamp" ||
		fmt.Sprint(events[0].Changes) != "[{queries lamp,  light  lamp} {promoted 2 } {hidden  2}]" {
		t.Errorf("history %+v, %v", events, err)
	}
	t.Run("one belongs to one engine", func(t *testing.T) {
		_, err := w.store.GetCuration(ctx(), w.admin, w.place, "blog", c.ID)
		wantFault(t, err, fault.NotFound, "Could not find curation.")
		if err := w.store.DeleteCuration(ctx(), w.admin, w.place, "blog", c.ID); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
	t.Run("what is wrong is refused and changes nothing", func(t *testing.T) {
		many := make([]string, 101)
		for i := range many {
			many[i] = fmt.Sprint("w", i)
		}
		for _, bad := range []engine.Curated{
			{Promoted: []string{"1"}}, {Queries: []string{"x"}}, {Queries: many, Promoted: []string{"1"}}, {Queries: []string{"x"}, Promoted: many[:51]},
			{Queries: []string{"x"}, Hidden: many[:51]}, {Queries: []string{"x"}, Promoted: []string{""}}, {Queries: []string{"x"}, Hidden: []string{"a\x00"}},
			{Queries: []string{"x"}, Hidden: []string{strings.Repeat("x", 801)}}, {Queries: []string{strings.Repeat("x", 129)}, Hidden: []string{"1"}},
			{Queries: []string{"x"}, Promoted: []string{"1"}, Hidden: []string{"1"}}, {Queries: []string{"\xff"}, Promoted: []string{"1"}},
		} {
			if _, err := w.store.CreateCuration(ctx(), w.admin, w.place, "shop", bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.60v: %v", bad, err)
			}
			if _, err := w.store.UpdateCuration(ctx(), w.admin, w.place, "shop", c.ID, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.60v: %v", bad, err)
			}
		}
		finds("lamp", "1")
		if list, n, err := w.store.ListCurations(ctx(), w.admin, w.place, "shop", 0, 9); err != nil || n != 1 || len(list) != 1 {
			t.Errorf("%v %d %v", list, n, err)
		}
	})
	t.Run("who may", func(t *testing.T) {
		for name, c2 := range map[string]struct {
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
			what := engine.Curated{Queries: []string{name}, Hidden: []string{"2"}}
			_, _, err := w.store.ListCurations(ctx(), c2.who, w.place, "shop", 0, 9)
			_, err2 := w.store.GetCuration(ctx(), c2.who, w.place, "shop", c.ID)
			made, err3 := w.store.CreateCuration(ctx(), c2.who, w.place, "shop", what)
			err4 := w.store.DeleteCuration(ctx(), c2.who, w.place, "shop", made.ID)
			if err3 != nil {
				_, err4 = w.store.UpdateCuration(ctx(), c2.who, w.place, "shop", c.ID, what)
			}
			for i, err := range []error{err, err2, err3, err4} {
				want := c2.read
				if i > 1 {
					want = c2.make
				}
				if want == "" && err != nil || want != "" && !fault.Is(err, want) {
					t.Errorf("%s: %d: %v", name, i, err)
				}
			}
		}
	})
	t.Run("deleted, it is without effect", func(t *testing.T) {
		if err := w.store.DeleteCuration(ctx(), w.admin, w.place, "shop", c.ID); err != nil {
			t.Fatal(err)
		}
		finds("lamp", "1 2")
		wantFault(t, w.store.DeleteCuration(ctx(), w.admin, w.place, "shop", c.ID), fault.NotFound, "Could not find curation.")
	})
	t.Run("they go with the engine", func(t *testing.T) {
		w.curation("shop", []string{"lamp"}, nil, []string{"2"})
		if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
			t.Fatal(err)
		}
		if n := w.countCore("SELECT (SELECT COUNT(*) FROM curations WHERE engine_id = $1) + (SELECT COUNT(*) FROM curation_queries WHERE engine_id = $1)", e.ID); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}
