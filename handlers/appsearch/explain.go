package appsearch

import (
	"cmp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/web"
)

// explainAnswer is how a search would be made. query_string has the form that clients know, and names nothing that is here;
// query_body, which App Search words for Elasticsearch, is in the words of this engine.
//
//	{"meta":{"alerts":[],"warnings":[],"precision":2,"engine":{…},"request_id":"…"},
//	"query_string":"GET enterprise-search-engine-shop/_search","query_body":{…}}
type explainAnswer struct {
	Meta        explainMeta `json:"meta"`
	QueryString string      `json:"query_string"`
	QueryBody   explainBody `json:"query_body"`
}

type explainMeta struct {
	Alerts    []string   `json:"alerts"`
	Warnings  []string   `json:"warnings"`
	Precision int        `json:"precision"`
	Engine    engineName `json:"engine"`
	RequestID string     `json:"request_id"`
}

type explainBody struct {
	Text     string                 `json:"text"`
	Match    string                 `json:"match"`
	Searched []searchedWire         `json:"searched"` // the engine, or each source of a meta engine
	Filters  *filterWire            `json:"filters"`
	Sort     []sortWire             `json:"sort"` // where they leave documents equal, the oldest comes first
	Boosts   map[string][]boostWire `json:"boosts"`
	Group    *groupWire             `json:"group"`
	Facets   []facetWire            `json:"facets"`
	Results  map[string]formsWire   `json:"result_fields"` // null: every field, raw
	Page     explainPage            `json:"page"`
	Curation *curationShown         `json:"curation"` // null: the text belongs to none
	Filled   []string               `json:"from_search_settings"`
}

type searchedWire struct {
	Engine   string                `json:"engine"`
	Language *string               `json:"language"`
	Fields   map[string]weightWire `json:"fields"`
	Terms    []termWire            `json:"terms"`
	Nothing  bool                  `json:"finds_nothing"`
}

type termWire struct {
	Words    []string `json:"words"`
	Forms    []string `json:"compared_as"`
	Synonyms []string `json:"synonyms"`
}

type explainPage struct {
	Size int `json:"size"`
	From int `json:"from"`
}

type curationShown struct {
	Promoted []string `json:"promoted"`
	Hidden   []string `json:"hidden"`
}

// explainSearch tells how a search would be made. It searches nothing, and counts as no search.
func (d *dialect) explainSearch(c echo.Context) error {
	params, err := readOnly(c, optionNames()...)
	if err != nil {
		return err
	}
	a := asking(c)
	asked, err := readSearch(params.values, a.who.Enforced)
	if err != nil {
		return err
	}
	x, err := d.Engines.Explain(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), asked.query)
	if err != nil {
		return err
	}
	return answer(c, explainAnswer{
		Meta: explainMeta{
			Alerts: []string{}, Warnings: []string{}, Precision: cmp.Or(asked.precision, x.Precision, defaultPrecision),
			Engine: engineName{x.Engine.Name, typeOf(x.Engine)}, RequestID: web.RequestID(c),
		},
		QueryString: "GET enterprise-search-engine-" + x.Engine.Name + "/_search",
		QueryBody:   explainBodyOf(x),
	})
}

func explainBodyOf(x engine.Explanation) explainBody {
	q := x.Query
	settings := settingsOf(engine.Settings{Boosts: q.Boosts, ResultFields: q.ResultFields})
	body := explainBody{
		Text: q.Text, Match: matchWords(q), Searched: searchedOf(x.Searched),
		Sort: sortOf(q.Sort), Boosts: settings.Boosts,
		Facets: facetsAskedOf(q.Facets), Page: explainPage{q.Size, q.Offset}, Filled: []string{},
	}
	if !slices.ContainsFunc(q.Sort, func(s engine.Sort) bool { return s.Field == engine.ByScore }) {
		body.Sort = append(body.Sort, sortWire{Field: engine.ByScore, Order: directionOf(false)})
	}
	if q.ResultFields != nil {
		body.Results = settings.ResultFields
	}
	if q.Filter != nil {
		f := filterOf(*q.Filter)
		body.Filters = &f
	}
	if q.Group != nil {
		body.Group = &groupWire{q.Group.Field, cmp.Or(q.Group.Size, engine.MaxGroupSize), sortOf(q.Group.Sort)}
	}
	if len(x.Promoted)+len(x.Hidden) > 0 {
		body.Curation = &curationShown{append([]string{}, x.Promoted...), append([]string{}, x.Hidden...)}
	}
	for _, option := range []struct {
		name   string
		filled bool
	}{{"search_fields", x.Filled.SearchFields}, {"result_fields", x.Filled.ResultFields}, {"boosts", x.Filled.Boosts}} {
		if option.filled {
			body.Filled = append(body.Filled, option.name)
		}
	}
	return body
}

// matchWords says what a document must have in it.
func matchWords(q engine.Query) string {
	if strings.TrimSpace(q.Text) == "" {
		return "every document"
	}
	return "all terms, or any word where nothing has all terms"
}

func searchedOf(list []engine.Searched) []searchedWire {
	searched := make([]searchedWire, len(list))
	for i, s := range list {
		w := searchedWire{Engine: s.Engine, Fields: make(map[string]weightWire, len(s.Fields)), Terms: make([]termWire, len(s.Terms)), Nothing: s.Nothing}
		if s.Language != "" {
			w.Language = &s.Language
		}
		for name, weight := range s.Fields {
			w.Fields[name] = weightWire{&weight}
		}
		for j, t := range s.Terms {
			w.Terms[j] = termWire{t.Words, append([]string{}, t.Forms...), append([]string{}, t.Synonyms...)}
		}
		searched[i] = w
	}
	return searched
}
