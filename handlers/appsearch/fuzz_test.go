package appsearch

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/web"
)

// shelf is an engine with a field of every type, to ask for what a parser made.
type shelf struct {
	store *engine.Store
	place permission.Target
}

func newShelf(f *testing.F) shelf {
	f.Helper()
	must := func(err error) {
		if err != nil {
			f.Helper()
			f.Fatal(err)
		}
	}
	ctx, who := context.Background(), audit.CommandLine()
	dir := dbtest.Open(f, dbtest.NewClock())
	log, err := audit.NewLog(dir.Core, dir.Master)
	must(err)
	keys, err := credential.NewStore(ctx, dir.Core, dir.Master, log)
	must(err)
	accounts, err := account.NewStore(dir.Core, dir.Master, log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), keys.Defaults)
	must(err)
	_, _, project, _, err := accounts.SetUp(ctx, who, account.SetUp{Email: "ada@example.com", Password: "northern otter plays chess", Organization: "Acme", Project: "Shop"})
	must(err)
	s := shelf{engine.NewStore(dir.Core, dir.Engines, log), project.Target()}
	_, err = s.store.Create(ctx, who, s.place, engine.New{Name: "shop"})
	must(err)
	_, err = s.store.UpdateSchema(ctx, who, s.place, "shop", engine.Schema{
		{Name: "t", Type: engine.TypeText}, {Name: "n", Type: engine.TypeNumber}, {Name: "d", Type: engine.TypeDate}, {Name: "g", Type: engine.TypeGeolocation}})
	must(err)
	_, err = s.store.Import(ctx, who, s.place, "shop", []engine.Source{
		{"id": "1", "t": []any{"a", "b"}, "n": 1, "d": "2026-01-01", "g": "1,1"}, {"id": "2", "t": "A", "n": []any{5, -5}}, {"id": "3", "d": "2027-01-01", "g": []any{"2,2", "50,8"}}, {"id": "4"}})
	must(err)
	return s
}

func (s shelf) search(q engine.Query) (engine.Results, error) {
	return s.store.Search(context.Background(), audit.CommandLine(), s.place, "shop", q)
}

// parsed gives what a request would hold: JSON that is valid, has no doubled members and is not too deep. Of other text
// it makes something of the right form, because hardly any JSON stays valid when a fuzzer changes it.
func parsed(raw string) (any, bool) {
	if v := jsontext.Value(raw); len(raw) > searchBody || !v.IsValid() {
		return grow(&raw, 7), true
	}
	v, err := decode([]byte(raw))
	return v, err == nil && !deeper(v, web.MaxDepth)
}

// seedWords are what filters, facets and searches are made of, and some that they are not.
var seedWords = strings.Split("t n d g id all any none from to center unit distance km 1,1 2026-01-01 type value range ranges name sort count asc desc size a b true bogus "+
	"query page current filters facets search_fields result_fields weight raw snippet fallback group field collapse boosts precision tags _score order", " ")

// grow reads each byte as a choice.
func grow(raw *string, depth int) any {
	next := func(n int) int {
		if *raw == "" {
			return 0
		}
		c := (*raw)[0]
		*raw = (*raw)[1:]
		return int(c) % n
	}
	kind := next(8)
	if depth == 0 {
		kind %= 3
	}
	switch kind {
	case 0:
		return []any{nil, true, "", "{}"}[next(4)]
	case 1:
		return json.Number(strconv.Itoa(next(256) - 20))
	case 2:
		return seedWords[next(len(seedWords))]
	case 3, 4:
		list := make([]any, next(4))
		for i := range list {
			list[i] = grow(raw, depth-1)
		}
		return list
	}
	o := map[string]any{}
	for range next(4) {
		name := seedWords[next(len(seedWords))]
		o[name] = grow(raw, depth-1)
	}
	return o
}

// blamed fails unless an error tells the client in few words that it is at fault.
func blamed(t *testing.T, err error) {
	t.Helper()
	f := fault.From(err)
	if f.Kind != fault.Invalid || f.Message == "" || len(f.Message) > 300 || !utf8.ValidString(f.Message) {
		t.Fatalf("refused with %q, %v", f.Message, err)
	}
}

// FuzzFilters: what is accepted means the same when it is written down and read again, divides all documents in those
// that pass and those that do not, and is refused, if at all, with a reason.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `{"t":"a"}`, `{"t":["a","b"],"n":5}`, `{"n":{"from":1,"to":5}}`, `{"d":{"from":"2026-01-01T00:00:00+00:00"}}`, `{"id":["1","9"]}`,
		`{"g":{"center":"1,1","unit":"km","distance":300}}`, `{"g":{"center":[8,50],"unit":"mi","from":1,"to":1e308}}`, `{"g":{"center":"POINT (8 50)","distance":"5"}}`,
		`{"all":[{"t":"a"},{"any":[{"n":1},{"n":{"to":-1}}]},{"none":[{"t":"b"}]}]}`, `{"any":[],"all":[{"any":[]}],"none":[]}`, `{"any":[{},[],"",null]}`,
		`{"all":[{"all":[{"all":[{"all":[{"all":[{"all":[]}]}]}]}]}]}`, `{"t":true}`, `{"t":{"from":1}}`, `{"n":"x"}`, `{"g":"1,1"}`, `{"":1}`, `{"t":[null]}`,
	} {
		f.Add(seed)
	}
	s := newShelf(f)
	count := func(filter engine.Filter) (int64, error) {
		r, err := s.search(engine.Query{Filter: &filter})
		return r.Total, err
	}
	f.Fuzz(func(t *testing.T, raw string) {
		v, ok := parsed(raw)
		if !ok {
			return
		}
		filter, err := readFilters(v)
		if err != nil {
			blamed(t, err)
			return
		}
		if filter == nil {
			return
		}
		if back, err := readFilters(spellFilter(*filter)); err != nil || !reflect.DeepEqual(back, filter) {
			t.Fatalf("%v is read as %+v, written down and read again as %+v, %v", v, filter, back, err)
		}
		pass, err := count(*filter)
		if err != nil {
			blamed(t, err)
			return
		}
		// One level deeper it can become too deep.
		if rest, err := count(engine.Filter{None: []engine.Filter{*filter}}); err == nil && pass+rest != 4 {
			t.Errorf("%v: of 4 documents %d pass and %d do not", v, pass, rest)
		}
		if again, err := count(engine.Filter{All: []engine.Filter{*filter}, Any: []engine.Filter{*filter}}); err == nil && again != pass {
			t.Errorf("%v: %d documents pass, %d if it is said twice", v, pass, again)
		}
	})
}

// spellFilter writes a filter down as a request would.
func spellFilter(f engine.Filter) any {
	o := map[string]any{}
	for name, group := range map[string][]engine.Filter{"all": f.All, "any": f.Any, "none": f.None} {
		if group == nil {
			continue
		}
		list := make([]any, len(group))
		for i, inner := range group {
			list[i] = spellFilter(inner)
		}
		o[name] = list
	}
	switch {
	case f.Field == "":
	case f.Geo != nil:
		geo := map[string]any{"center": spellPoint(f.Geo.Center), "unit": "m"}
		for name, metres := range map[string]*float64{"distance": f.Geo.Distance, "from": f.Geo.From, "to": f.Geo.To} {
			if metres != nil {
				geo[name] = spellNumber(*metres)
			}
		}
		o[f.Field] = geo
	case f.Range != nil:
		o[f.Field] = map[string]any{"from": f.Range.From.Any(), "to": f.Range.To.Any()}
	default:
		list := make([]any, len(f.Values))
		for i, v := range f.Values {
			list[i] = v.Any()
		}
		o[f.Field] = list
	}
	return o
}

func spellNumber(f float64) json.Number { return json.Number(strconv.FormatFloat(f, 'g', -1, 64)) }

func spellPoint(p engine.Point) []any { return []any{spellNumber(p.Lon), spellNumber(p.Lat)} }

// FuzzFacets: what is accepted means the same when it is written down and read again, keeps to the limits, and can be
// asked for and shown.
func FuzzFacets(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `{"t":{"type":"value"}}`, `{"t":[{"type":"value","name":"top","sort":{"count":"desc"},"size":5},{"type":"value","sort":{"value":"asc"}}]}`,
		`{"n":{"type":"range","ranges":[{"from":1,"to":9,"name":"x"},{"to":1},{"from":"9"}]}}`, `{"d":[{"type":"range","ranges":{"from":"2026-01-01"}}]}`,
		`{"g":{"type":"range","center":"1,1","unit":"km","ranges":[{"to":10},{"from":10,"to":1e300}]}}`, `{"n":{"type":"range","ranges":[]}}`, `{"t":{"type":"range","ranges":[{"from":1}]}}`,
		`{"id":{"type":"value"}}`, `{"t":{"type":"value","size":251}}`, `{"g":{"type":"range","ranges":[{"from":1}]}}`, `{"t":[]}`, `{"t":{"type":"bogus"}}`, `{"n":{"type":"range","unit":"km","ranges":[{"from":true}]}}`,
	} {
		f.Add(seed)
	}
	s := newShelf(f)
	f.Fuzz(func(t *testing.T, raw string) {
		v, ok := parsed(raw)
		if !ok {
			return
		}
		var a, back asked
		if err := a.readFacets(v); err != nil {
			blamed(t, err)
			return
		}
		if err := back.readFacets(spellFacets(a.query.Facets)); err != nil || !reflect.DeepEqual(back.query.Facets, a.query.Facets) {
			t.Fatalf("%v is read as %+v, written down and read again as %+v, %v", v, a.query.Facets, back.query.Facets, err)
		}
		r, err := s.search(engine.Query{Facets: a.query.Facets})
		if err != nil {
			blamed(t, err)
			return
		}
		for i, found := range r.Facets {
			asked := a.query.Facets[i]
			if asked.Type == engine.FacetRange && len(found.Data) != len(asked.Ranges) || len(found.Data) > engine.MaxFacetValues {
				t.Errorf("%v: %d lines", v, len(found.Data))
			}
			for _, line := range found.Data {
				if line.Count < 0 || line.Count > r.Total {
					t.Errorf("%v: %d of %d documents", v, line.Count, r.Total)
				}
			}
		}
		if _, err := json.Marshal(facetsOf(r, a.facets)); err != nil {
			t.Errorf("%v: the answer cannot be written: %v", v, err)
		}
	})
}

// spellFacets writes facets down as a request would.
func spellFacets(facets []engine.Facet) any {
	o := map[string]any{}
	for _, f := range facets {
		one := map[string]any{"type": string(f.Type), "name": f.Name}
		if f.Type == engine.FacetValue {
			by, direction := "count", "desc"
			if f.ByValue {
				by = "value"
			}
			if f.Asc {
				direction = "asc"
			}
			one["sort"] = map[string]any{by: direction}
		}
		if f.Size > 0 {
			one["size"] = json.Number(strconv.Itoa(f.Size))
		}
		if f.Center != nil {
			one["center"] = spellPoint(*f.Center)
		}
		var ranges []any
		for _, r := range f.Ranges {
			ranges = append(ranges, map[string]any{"name": r.Name, "from": r.From.Any(), "to": r.To.Any()})
		}
		if ranges != nil {
			one["ranges"] = ranges
		}
		list, _ := o[f.Field].([]any)
		o[f.Field] = append(list, one)
	}
	return o
}

// FuzzEnforced: nothing that a request says changes what a signed search key enforces, and options that are refused in
// one are refused whatever is asked.
func FuzzEnforced(f *testing.F) {
	const all = `{"query":"x","filters":{"t":"a"},"facets":{"t":{"type":"value"}},"sort":{"n":"asc"},"page":{"size":5},"result_fields":{"t":{"raw":{}}},"search_fields":{"t":{"weight":2}},"group":{"field":"t"},"boosts":{"t":{"type":"value","value":"a"}},"precision":5}`
	for _, enforced := range []string{all, `{}`, `{"filters":{"t":"a"}}`, `{"filters":{"any":[]}}`, `{"facets":null}`, `{"facets":{}}`, `{"result_fields":{}}`, `{"query":"y"}`, `{"bogus":1}`, `{"page":null,"sort":[]}`} {
		f.Add(all, enforced)
		f.Add(`{"query":""}`, enforced)
	}
	f.Fuzz(func(t *testing.T, asking, enforcing string) {
		v, ok := parsed(asking)
		given, isObject := v.(map[string]any)
		w, alsoOK := parsed(enforcing)
		if _, both := w.(map[string]any); !ok || !isObject || !alsoOK || !both {
			return
		}
		var enforced map[string]json.RawMessage
		text, err := json.Marshal(w)
		if err != nil || json.Unmarshal(text, &enforced) != nil {
			t.Fatal(err)
		}
		got, err := readSearch(given, enforced)
		if err != nil {
			blamed(t, err)
			return
		}
		alone, err := readSearch(map[string]any{"query": ""}, enforced)
		if err != nil {
			t.Fatalf("%v is accepted under %s, which is refused by itself: %v", given, text, err)
		}
		if !reflect.DeepEqual(got.query.Enforced, alone.query.Enforced) {
			t.Errorf("%v changes the filters of %s", given, text)
		}
		for _, name := range slices.Sorted(maps.Keys(enforced)) {
			if a, b := optionOf(got, name), optionOf(alone, name); !reflect.DeepEqual(a, b) {
				t.Errorf("%v turns %s of %s into %v", given, name, text, a)
			}
		}
	})
}

// optionOf gives what came of one option.
func optionOf(a asked, name string) any {
	return map[string]any{
		"query": a.query.Text, "page": a.page, "search_fields": a.query.SearchFields, "result_fields": a.query.ResultFields, "facets": a.query.Facets,
		"sort": a.query.Sort, "group": a.query.Group, "boosts": a.query.Boosts, "precision": a.precision,
	}[name]
}
