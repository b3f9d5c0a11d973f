package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func (w *world) synonyms(name string, list ...string) engine.SynonymSet {
	w.t.Helper()
	set, err := w.store.CreateSynonyms(ctx(), w.admin, w.place, name, list)
	if err != nil {
		w.t.Fatalf("synonyms %v: %v", list, err)
	}
	return set
}

func TestSynonymsChangeWhatIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("shop") // English
	if _, err := w.store.Create(ctx(), w.admin, w.place, engine.New{Name: "plain"}); err != nil {
		t.Fatal(err)
	}
	docs := []string{
		`{"id":"car","title":"A red car"}`, `{"id":"auto","title":"A red automobile"}`, `{"id":"bike","title":"A red bicycle"}`,
		`{"id":"phone","title":"Cell phone, red"}`, `{"id":"mobile","title":"The mobile with a case"}`, `{"id":"apart","title":"A phone in a cell"}`,
		`{"id":"shirt","title":"T-shirt"}`, `{"id":"tee","title":"Tee"}`, `{"id":"cafe","title":"Café"}`, `{"id":"bistro","title":"Bistro"}`,
		`{"id":"ja","title":"国立公園の地図"}`, `{"id":"park","title":"Garden map"}`, `{"id":"other","title":"car","note":"x"}`,
	}
	for _, name := range []string{"shop", "plain"} {
		w.add(name, docs...)
		w.synonyms(name, "car", "automobile")
		w.synonyms(name, "cell phone", "mobile", "handset")
		w.synonyms(name, "T-Shirt", "tee")
		w.synonyms(name, "CAFÉ", "bistro")
		w.synonyms(name, "公園", "garden")
		w.synonyms(name, "city", "new york city", "town")
		w.synonyms(name, "new york", "ny", `quoted " word`)
	}
	for _, c := range []struct {
		name, text string
		q          engine.Query
		want       string
	}{
		{"either word finds both", "car", engine.Query{}, "auto car other"},
		{"also the other way round", "automobile", engine.Query{}, "auto car other"},
		{"in another case", "AUTOmobile", engine.Query{}, "auto car other"},
		{"a word beside it must still be there", "red car", engine.Query{Match: engine.MatchAll}, "auto car"},
		{"in any order", "car red", engine.Query{Match: engine.MatchAll}, "auto car"},
		{"a phrase finds the words for it", "cell phone", engine.Query{}, "apart mobile phone"},
		{"a word finds the phrase, and its words apart do not do", "handset", engine.Query{}, "mobile phone"},
		{"a phrase with a word beside it", "cell phone case", engine.Query{Match: engine.MatchAll}, "mobile"},
		{"a part of the phrase is not it", "cell", engine.Query{}, "apart phone"},
		{"words between others are not a phrase", "phone cell", engine.Query{Match: engine.MatchAll}, "apart phone"},
		{"a word of two parts", "t-shirt", engine.Query{}, "shirt tee"},
		{"the same as two words", "T shirt", engine.Query{}, "shirt tee"},
		{"a part of a word is not the word", "x-tee", engine.Query{Match: engine.MatchAll}, ""},
		{"without its accent", "cafe", engine.Query{}, "bistro cafe"},
		{"with an accent that it does not have", "bïstro", engine.Query{}, "bistro cafe"},
		{"in a script without spaces, inside of a longer word", "国立公園", engine.Query{Match: engine.MatchAny}, "ja park"},
		{"to and from a script without spaces", "garden map", engine.Query{Match: engine.MatchAll}, "park"},
		{"any of several", "automobile bistro", engine.Query{Match: engine.MatchAny}, "auto bistro cafe car other"},
		{"in the fields that are searched and no other", "automobile", engine.Query{SearchFields: map[string]float64{"note": 1}}, ""},
		{"under a filter", "car", engine.Query{Filter: &engine.Filter{Field: "id", Values: values("auto", "bike")}}, "auto"},
		{"under an enforced filter", "car", engine.Query{Enforced: &engine.Filter{Field: "id", Values: values("bike")}}, ""},
		{"nothing is said of it", "bicycle", engine.Query{}, "bike"},
		{"one with a quote in it is a phrase and nothing else", "ny", engine.Query{}, ""},
		{"everything", "", engine.Query{}, "apart auto bike bistro cafe car ja mobile other park phone shirt tee"},
	} {
		for _, name := range []string{"shop", "plain"} {
			t.Run(c.name+" in "+name, func(t *testing.T) {
				c.q.Text = c.text
				got := idsOf(w.search(name, c.q))
				slices.Sort(got)
				if strings.Join(got, " ") != c.want {
					t.Errorf("%q: %v, want %s", c.text, got, c.want)
				}
			})
		}
	}
	t.Run("by the stem, where the language has stems", func(t *testing.T) {
		if got := len(w.search("shop", engine.Query{Text: "automobiles"}).Hits); got != 3 {
			t.Errorf("English: %d", got)
		}
		if got := len(w.search("plain", engine.Query{Text: "automobiles"}).Hits); got != 0 {
			t.Errorf("universal: %d", got)
		}
	})
	t.Run("the beginning of a word is no synonym, a whole one is", func(t *testing.T) {
		wantIDs(t, w.search("plain", engine.Query{Text: "automob", Prefix: true}), "auto")
		if r := w.search("plain", engine.Query{Text: "red automobile", Match: engine.MatchAll, Prefix: true}); r.Total != 2 {
			t.Errorf("%d", r.Total)
		}
	})
	t.Run("snippets mark them", func(t *testing.T) {
		r := w.search("shop", engine.Query{Text: "handset", ResultFields: map[string]engine.ResultField{"title": {Snippet: &engine.SnippetOption{}}}})
		var got []string
		for _, h := range r.Hits {
			got = append(got, *h.Fields["title"].Snippet)
		}
		slices.Sort(got)
		if strings.Join(got, "|") != "<em>Cell phone</em>, red|The <em>mobile</em> with a case" {
			t.Errorf("%q", got)
		}
	})
	t.Run("facets count what they find", func(t *testing.T) {
		r := w.search("shop", engine.Query{Text: "car", Facets: []engine.Facet{{Field: "title", Type: engine.FacetValue}}})
		if len(r.Facets[0].Data) != 3 {
			t.Errorf("%+v", r.Facets)
		}
	})
}

// However many synonyms there are for however many words, a search stays small enough to be run.
func TestAQueryIsWidenedOnlySoFar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("shop")
	long := strings.Repeat(" long", 20)
	w.add("shop", `{"id":"word","title":"common"}`, `{"id":"within","title":"w0x3`+long+`"}`, `{"id":"beyond","title":"w9x3`+long+`"}`)
	for i := range 40 {
		list := []string{"common"}
		for j := range engine.MaxSynonyms - 1 {
			list = append(list, fmt.Sprintf("w%dx%d%s", i, j, long))
		}
		w.synonyms("shop", list...)
	}
	r := w.search("shop", engine.Query{Text: strings.Repeat("common word ", 100), Match: engine.MatchAny, Sort: []engine.Sort{{Field: "id"}}})
	wantIDs(t, r, "within", "word")
}

func TestSynonymSets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.create("shop")
	w.create("blog")
	w.add("shop", `{"id":"1","title":"lamp"}`)
	set := w.synonyms("shop", "  desk   light", "lamp", "lamp")
	if len(set.ID) != 24 || strings.Join(set.Synonyms, "|") != "desk light|lamp" {
		t.Fatalf("%+v", set)
	}
	finds := func(text string, want int) {
		t.Helper()
		if got := w.search("shop", engine.Query{Text: text, Match: engine.MatchAll}); len(got.Hits) != want {
			t.Errorf("%s: %d", text, len(got.Hits))
		}
	}
	finds("desk light", 1)
	changed, err := w.store.UpdateSynonyms(ctx(), w.admin, w.place, "shop", set.ID, []string{"lantern", "lamp"})
	if err != nil || changed.ID != set.ID || strings.Join(changed.Synonyms, "|") != "lantern|lamp" {
		t.Errorf("%+v %v", changed, err)
	}
	finds("desk light", 0)
	finds("lantern", 1)
	events, err := w.log.OfSubject(ctx(), set.ID)
	if err != nil || len(events) != 2 || events[0].Action != audit.SynonymSetUpdate || events[0].SubjectLabel != "shop/lantern, lamp" ||
		fmt.Sprint(events[0].Changes) != "[{synonyms desk light, lamp lantern, lamp}]" {
		t.Errorf("history %+v, %v", events, err)
	}
	t.Run("one belongs to one engine", func(t *testing.T) {
		_, err := w.store.GetSynonyms(ctx(), w.admin, w.place, "blog", set.ID)
		wantFault(t, err, fault.NotFound, "Could not find synonym set.")
		if err := w.store.DeleteSynonyms(ctx(), w.admin, w.place, "blog", set.ID); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		if list, n, err := w.store.ListSynonyms(ctx(), w.admin, w.place, "blog", 0, 9); err != nil || n != 0 || len(list) != 0 {
			t.Errorf("%v %d %v", list, n, err)
		}
	})
	t.Run("what is wrong is refused and changes nothing", func(t *testing.T) {
		many := make([]string, engine.MaxSynonyms+1)
		for i := range many {
			many[i] = fmt.Sprint("w", i)
		}
		for _, bad := range [][]string{nil, {"one"}, {"one", "one"}, {"one", " "}, {"one", "!?"}, {"a", "b\x00c"}, {"a", strings.Repeat("x", 129)}, {"a", "\xff"}, many} {
			if _, err := w.store.CreateSynonyms(ctx(), w.admin, w.place, "shop", bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.40q: %v", bad, err)
			}
			if _, err := w.store.UpdateSynonyms(ctx(), w.admin, w.place, "shop", set.ID, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%.40q: %v", bad, err)
			}
		}
		finds("lantern", 1)
	})
	t.Run("pages", func(t *testing.T) {
		for i := range 4 {
			w.synonyms("blog", fmt.Sprint("a", i), fmt.Sprint("b", i))
		}
		list, n, err := w.store.ListSynonyms(ctx(), w.admin, w.place, "blog", 1, 2)
		if err != nil || n != 4 || len(list) != 2 {
			t.Errorf("%v %d %v", list, n, err)
		}
	})
	t.Run("who may", func(t *testing.T) {
		for name, c := range map[string]struct {
			who        audit.Who
			read, make fault.Kind
		}{
			"a key with read":           {key("p1", permission.Read), "", fault.Forbidden},
			"a key with write":          {key("p1", permission.Write), fault.Forbidden, ""},
			"a key for synonyms":        {key("p1", permission.Of(permission.SynonymsModify).Complete()), "", ""},
			"a key for search queries":  {key("p1", permission.Of(permission.SearchQueriesModify).Complete()), fault.Forbidden, fault.Forbidden},
			"a key of another engine":   {key("p1", permission.Full, "blog"), fault.NotFound, fault.NotFound},
			"a key of another project":  {key("p2", permission.Full), fault.NotFound, fault.NotFound},
			"an admin of another place": {user("o2", permission.OrganizationAdmin), fault.NotFound, fault.NotFound},
		} {
			_, _, err := w.store.ListSynonyms(ctx(), c.who, w.place, "shop", 0, 9)
			_, err2 := w.store.GetSynonyms(ctx(), c.who, w.place, "shop", set.ID)
			_, err3 := w.store.CreateSynonyms(ctx(), c.who, w.place, "shop", []string{"x", "y"})
			_, err4 := w.store.UpdateSynonyms(ctx(), c.who, w.place, "shop", set.ID, []string{"lantern", "lamp"})
			for i, err := range []error{err, err2, err3, err4} {
				want := c.read
				if i > 1 {
					want = c.make
				}
				if want == "" && err != nil || want != "" && !fault.Is(err, want) {
					t.Errorf("%s: %d: %v", name, i, err)
				}
			}
		}
	})
	t.Run("deleted, it is without effect", func(t *testing.T) {
		if err := w.store.DeleteSynonyms(ctx(), w.admin, w.place, "shop", set.ID); err != nil {
			t.Fatal(err)
		}
		finds("lantern", 0)
		wantFault(t, w.store.DeleteSynonyms(ctx(), w.admin, w.place, "shop", set.ID), fault.NotFound, "Could not find synonym set.")
	})
	t.Run("only so many", func(t *testing.T) {
		_, n, _ := w.store.ListSynonyms(ctx(), w.admin, w.place, "blog", 0, 1)
		for i := n; i < engine.MaxSynonymSets; i++ {
			w.synonyms("blog", fmt.Sprint("m", i), fmt.Sprint("n", i))
		}
		_, err := w.store.CreateSynonyms(ctx(), w.admin, w.place, "blog", []string{"x", "y"})
		wantFault(t, err, fault.Invalid, "An engine can have at most 256 synonym sets.")
	})
	t.Run("they go with the engine", func(t *testing.T) {
		w.synonyms("shop", "desk light", "lamp")
		if err := w.store.Delete(ctx(), w.admin, w.place, "shop"); err != nil {
			t.Fatal(err)
		}
		if n := w.countCore("SELECT (SELECT COUNT(*) FROM synonym_sets WHERE engine_id = $1) + (SELECT COUNT(*) FROM synonym_words WHERE engine_id = $1)", e.ID); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		w.create("shop")
		w.add("shop", `{"id":"1","title":"lamp"}`)
		finds("desk light", 0)
	})
}
