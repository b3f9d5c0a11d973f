package engine_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"latchkey/db/engine"
	"latchkey/db/fault"
)

// scores gives the score of every document of the engine shop that a query finds.
func (w *world) scores(q engine.Query) map[string]float64 {
	w.t.Helper()
	found := map[string]float64{}
	for _, h := range w.search("shop", q).Hits {
		found[h.ID] = h.Score
	}
	return found
}

func number(f float64) engine.Value { return engine.NumberValue(f) }

// A search for nothing gives every document the score 1, so that the boosts can be read off.
func TestBoostsChangeTheScore(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	now := w.dir.Engines.Now()
	w.add("shop", `{"id":"e","title":"New","made":"`+now.Add(-30*24*time.Hour).Format(time.RFC3339)+`","price":-5}`)
	times := func(b engine.Boost) []engine.Boost { b.Operation = engine.BoostMultiply; return []engine.Boost{b} }
	plus := func(b engine.Boost) []engine.Boost { b.Operation = engine.BoostAdd; return []engine.Boost{b} }
	berlin, vilnius := engine.Point{Lat: 52.52, Lon: 13.405}, engine.Point{Lat: 54.6872, Lon: 25.2797}
	for name, c := range map[string]struct {
		boosts []engine.Boost
		want   map[string]float64 // 1 where nothing is said
	}{
		"a value adds":               {plus(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk"), Factor: 3}), map[string]float64{"b": 4}},
		"a value multiplies":         {times(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk"), Factor: 3}), map[string]float64{"b": 3}},
		"a factor below zero lowers": {times(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk"), Factor: -3}), map[string]float64{"b": -3}},
		"one of several values":      {plus(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk", "Chair"), Factor: 1}), map[string]float64{"b": 2, "d": 2}},
		"a value is exact":           {plus(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("desk"), Factor: 1}), nil},
		"an array counts once":       {plus(engine.Boost{Field: "tags", Type: engine.BoostValue, Values: values("Home", "Light"), Factor: 1}), map[string]float64{"a": 2, "b": 2}},
		"a number":                   {plus(engine.Boost{Field: "price", Type: engine.BoostValue, Values: []engine.Value{number(70)}, Factor: 1}), map[string]float64{"c": 2}},
		"a date, however written":    {plus(engine.Boost{Field: "made", Type: engine.BoostValue, Values: values("2021-12-31T22:00:00Z"), Factor: 1}), map[string]float64{"c": 2}},

		"linear, the largest of an array": {plus(engine.Boost{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostLinear, Factor: 2}),
			map[string]float64{"a": 21, "b": 401, "c": 141, "e": -9}},
		"logarithmic": {plus(engine.Boost{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostLogarithmic, Factor: 1}),
			map[string]float64{"a": 1 + math.Log(11), "b": 1 + math.Log(201), "c": 1 + math.Log(71)}},
		"exponential, and no further than a score can go": {times(engine.Boost{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostExponential, Factor: 1}),
			map[string]float64{"a": math.Exp(10), "b": math.Exp(60), "c": math.Exp(60), "e": math.Exp(-5)}},

		"near a number, linear": {plus(engine.Boost{Field: "price", Type: engine.BoostProximity, Function: engine.BoostLinear, Center: number(100), Factor: 1}),
			map[string]float64{"a": 1.1, "b": 1, "c": 1.7, "e": 1}},
		"near a number, exponential": {plus(engine.Boost{Field: "price", Type: engine.BoostProximity, Function: engine.BoostExponential, Center: number(20), Factor: 4}),
			map[string]float64{"a": 1 + 4*0.5, "b": 1 + 4*math.Pow(0.5, 18), "c": 1 + 4*0.5, "e": 1 + 4*math.Pow(0.5, 2.5)}},
		"near a number, gaussian": {plus(engine.Boost{Field: "price", Type: engine.BoostProximity, Function: engine.BoostGaussian, Center: number(20), Factor: 1}),
			map[string]float64{"a": 1.5, "b": 1, "c": 1.5, "e": 1 + math.Pow(0.5, 6.25)}},
		"near a date": {plus(engine.Boost{Field: "made", Type: engine.BoostProximity, Function: engine.BoostExponential, Center: engine.TextValue("2020-01-31"), Factor: 1}),
			map[string]float64{"a": 1.5}},
		"near now": {plus(engine.Boost{Field: "made", Type: engine.BoostProximity, Function: engine.BoostGaussian, Now: true, Factor: 1}),
			map[string]float64{"e": 1.5}},
		"near a place, the nearest of an array": {plus(engine.Boost{Field: "place", Type: engine.BoostProximity, Function: engine.BoostLinear, Place: &vilnius, Factor: 1}),
			map[string]float64{"c": 2}},
		"near another place": {times(engine.Boost{Field: "place", Type: engine.BoostProximity, Function: engine.BoostExponential, Place: &berlin, Factor: 10}),
			map[string]float64{"a": 10, "b": 10 * math.Pow(0.5, 877.46/50), "c": 10}},

		"what multiplies comes before what adds": {append(plus(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk"), Factor: 3}),
			times(engine.Boost{Field: "tags", Type: engine.BoostValue, Values: values("Home"), Factor: 5})...), map[string]float64{"a": 5, "b": 8}},
		"two of one field": {append(plus(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk"), Factor: 3}),
			plus(engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("Desk", "Chair"), Factor: 1})...), map[string]float64{"b": 5, "d": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.scores(engine.Query{Size: 10, Boosts: c.boosts})
			for _, id := range []string{"a", "b", "c", "d", "e"} {
				want, ok := c.want[id]
				if !ok {
					want = 1
				}
				if math.Abs(got[id]-want) > math.Abs(want)*1e-3 {
					t.Errorf("%s has %g, want %g", id, got[id], want)
				}
			}
		})
	}
}

func TestBoostsDecideTheOrder(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	cheap := []engine.Boost{{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostLinear, Factor: -1}}
	wantIDs(t, w.search("shop", engine.Query{Boosts: cheap}), "d", "a", "c", "b")
	wantIDs(t, w.search("shop", engine.Query{Boosts: cheap, Sort: []engine.Sort{{Field: engine.ByScore}}}), "b", "c", "a", "d")
	wantIDs(t, w.search("shop", engine.Query{Boosts: cheap, Sort: []engine.Sort{{Field: "title"}}}), "c", "d", "b", "a")
	wantIDs(t, w.search("shop", engine.Query{Boosts: cheap, Page: 2, Size: 2}), "c", "b")
	desk := []engine.Boost{{Field: "title", Type: engine.BoostValue, Values: values("Desk"), Factor: 10, Operation: engine.BoostAdd}}
	wantIDs(t, w.search("shop", engine.Query{Text: "lamp", Boosts: desk}), "b", "a", "c")
	f := engine.Filter{Field: "title", Values: values("Blue lamp")}
	wantIDs(t, w.search("shop", engine.Query{Text: "lamp", Boosts: desk, Filter: &f}), "c")
}

// Thirty-two boosts by huge numbers would be infinite, and JSON has no word for that.
func TestABoostedScoreIsAlwaysANumber(t *testing.T) {
	w := newWorld(t)
	w.create("shop")
	w.schema("shop", engine.SchemaField{Name: "size", Type: engine.TypeNumber}, engine.SchemaField{Name: "place", Type: engine.TypeGeolocation})
	w.add("shop", `{"id":"a","size":1e308,"place":"90,0"}`, `{"id":"b","size":-1e308}`, `{"id":"c","size":0,"place":"-90,180"}`)
	for _, f := range []engine.BoostFunction{engine.BoostLinear, engine.BoostExponential, engine.BoostLogarithmic, engine.BoostGaussian} {
		for _, operation := range []engine.BoostOperation{engine.BoostAdd, engine.BoostMultiply} {
			for _, b := range []engine.Boost{
				{Field: "size", Type: engine.BoostFunctional}, {Field: "size", Type: engine.BoostProximity, Center: number(-1e308)},
				{Field: "place", Type: engine.BoostProximity, Place: &engine.Point{Lat: 90}},
			} {
				if b.Function, b.Operation, b.Factor = f, operation, -10; f == engine.BoostLogarithmic && b.Type == engine.BoostProximity || f == engine.BoostGaussian && b.Type == engine.BoostFunctional {
					continue
				}
				list := make([]engine.Boost, engine.MaxBoosts)
				for i := range list {
					list[i] = b
				}
				got := w.scores(engine.Query{Size: 10, Boosts: list})
				for id, score := range got {
					if math.IsInf(score, 0) || math.IsNaN(score) {
						t.Errorf("%+v: %s has %g", b, id, score)
					}
				}
				if len(got) != 3 {
					t.Errorf("%+v: found %v", b, got)
				}
			}
		}
	}
}

func TestBoostsThatMakeNoSenseAreRefused(t *testing.T) {
	w := newWorld(t)
	w.shelf()
	value := engine.Boost{Field: "title", Type: engine.BoostValue, Values: values("x"), Factor: 1}
	for want, list := range map[string][]engine.Boost{
		"at most 32 boosts":           make([]engine.Boost, 33),
		"invalid field: nope":         {{Field: "nope", Type: engine.BoostValue, Values: values("x")}},
		"invalid field: id":           {{Field: "id", Type: engine.BoostValue, Values: values("a")}},
		"between -10 and 10: title":   {{Field: "title", Type: engine.BoostValue, Values: values("x"), Factor: 10.5}},
		"between -10 and 10: tags":    {value, {Field: "tags", Type: engine.BoostValue, Values: values("x"), Factor: math.NaN()}},
		"add or multiply: title":      {{Field: "title", Type: engine.BoostValue, Values: values("x"), Operation: "divide"}},
		`"value" do not fit`:          {{Field: "place", Type: engine.BoostValue, Values: values("1,1")}},
		`"functional" do not fit`:     {{Field: "made", Type: engine.BoostFunctional, Function: engine.BoostLinear}},
		`"proximity" do not fit`:      {{Field: "title", Type: engine.BoostProximity, Function: engine.BoostLinear, Center: engine.TextValue("x")}},
		`"" do not fit`:               {{Field: "title"}},
		"no value for field: title":   {{Field: "title", Type: engine.BoostValue}},
		"cannot be parsed as a float": {{Field: "price", Type: engine.BoostValue, Values: values("cheap")}},
		"exponential or logarithmic":  {{Field: "price", Type: engine.BoostFunctional, Function: engine.BoostGaussian}},
		"exponential or gaussian":     {{Field: "price", Type: engine.BoostProximity, Function: engine.BoostLogarithmic, Center: number(1)}},
		"invalid center for field: p": {{Field: "price", Type: engine.BoostProximity, Function: engine.BoostLinear, Now: true}},
		"invalid center for field: m": {{Field: "made", Type: engine.BoostProximity, Function: engine.BoostLinear, Place: &engine.Point{}}},
	} {
		_, err := w.store.Search(ctx(), w.admin, w.place, "shop", engine.Query{Boosts: list})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
