package appsearch

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"latchkey/db/engine"
	"latchkey/web"
)

// settingsWire is the search settings of an engine, as of version 8.
//
//	{"search_fields":{"id":{"weight":1}},"result_fields":{"id":{"raw":{}}},"boosts":{},"precision":2,"precision_enabled":true}
type settingsWire struct {
	SearchFields map[string]weightWire  `json:"search_fields"`
	ResultFields map[string]formsWire   `json:"result_fields"`
	Boosts       map[string][]boostWire `json:"boosts"`
	Precision    int                    `json:"precision"`
	Enabled      bool                   `json:"precision_enabled"`
}

type weightWire struct {
	Weight *float64 `json:"weight,omitempty"`
}

type formsWire struct {
	Raw     *formWire `json:"raw,omitempty"`
	Snippet *formWire `json:"snippet,omitempty"`
}

type formWire struct {
	Size     int  `json:"size,omitempty"`
	Fallback bool `json:"fallback,omitempty"`
}

// boostWire is a boost.
//
//	{"type":"proximity","function":"linear","center":1950,"factor":9}
type boostWire struct {
	Type      engine.BoostType      `json:"type"`
	Value     any                   `json:"value,omitempty"`
	Function  engine.BoostFunction  `json:"function,omitempty"`
	Center    any                   `json:"center,omitempty"`
	Operation engine.BoostOperation `json:"operation,omitempty"`
	Factor    float64               `json:"factor"`
}

func settingsOf(s engine.Settings) settingsWire {
	w := settingsWire{
		SearchFields: make(map[string]weightWire, len(s.SearchFields)), ResultFields: make(map[string]formsWire, len(s.ResultFields)),
		Boosts: map[string][]boostWire{}, Precision: s.Precision, Enabled: true,
	}
	if w.Precision == 0 {
		w.Precision = defaultPrecision
	}
	for name, weight := range s.SearchFields {
		w.SearchFields[name] = weightWire{weight}
	}
	for name, f := range s.ResultFields {
		var forms formsWire
		if f.Raw != nil {
			forms.Raw = &formWire{Size: f.Raw.Size}
		}
		if f.Snippet != nil {
			forms.Snippet = &formWire{Size: f.Snippet.Size, Fallback: f.Snippet.Fallback}
		}
		w.ResultFields[name] = forms
	}
	for _, b := range s.Boosts {
		w.Boosts[b.Field] = append(w.Boosts[b.Field], boostOf(b))
	}
	return w
}

// SettingsJSON gives search settings as they go over the wire.
func SettingsJSON(s engine.Settings) ([]byte, error) { return encode(settingsOf(s)) }

func boostOf(b engine.Boost) boostWire {
	w := boostWire{Type: b.Type, Function: b.Function, Operation: b.Operation, Factor: b.Factor}
	switch {
	case len(b.Values) == 1:
		w.Value = b.Values[0]
	case len(b.Values) > 1:
		w.Value = b.Values
	}
	switch {
	case b.Type != engine.BoostProximity:
	case b.Now:
		w.Center = "now"
	case b.Place != nil:
		w.Center = strconv.FormatFloat(b.Place.Lat, 'f', -1, 64) + "," + strconv.FormatFloat(b.Place.Lon, 'f', -1, 64)
	default:
		w.Center = b.Center
	}
	return w
}

func (d *dialect) getSettings(c echo.Context) error {
	a := asking(c)
	s, err := d.Engines.GetSettings(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"))
	if err != nil {
		return err
	}
	return answer(c, settingsOf(s))
}

func (d *dialect) updateSettings(c echo.Context) error {
	a := asking(c)
	change, err := readSettings(c)
	if err != nil {
		return err
	}
	s, err := d.Engines.UpdateSettings(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), change)
	if err != nil {
		return err
	}
	return answer(c, settingsOf(s))
}

func (d *dialect) resetSettings(c echo.Context) error {
	a := asking(c)
	s, err := d.Engines.ResetSettings(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"))
	if err != nil {
		return err
	}
	return answer(c, settingsOf(s))
}

// readSettings reads what to change of search settings: the options of a search, as a search reads them. An answer may
// come back as a whole; precision_enabled tells that precision can be set, and cannot be changed itself.
func readSettings(c echo.Context) (engine.ChangeSettings, error) {
	params, err := readOnly(c, "search_fields", "result_fields", "boosts", "precision", "precision_enabled")
	if err != nil {
		return engine.ChangeSettings{}, err
	}
	if v := params.values["precision_enabled"]; v != nil {
		if enabled, ok := truthOf(v); !ok || !enabled {
			return engine.ChangeSettings{}, invalid("precision_enabled cannot be changed")
		}
	}
	return ReadSettings(params.values)
}

// ReadSettings words search settings as they come over the wire, also from another App Search. Of what is given it reads
// search_fields, result_fields, boosts and precision.
func ReadSettings(given map[string]any) (engine.ChangeSettings, error) {
	var said asked
	for _, o := range []option{
		{"search_fields", (*asked).readSearchFields}, {"result_fields", (*asked).readResultFields},
		{"boosts", (*asked).readBoosts}, {"precision", (*asked).readPrecision},
	} {
		if v := given[o.name]; v != nil {
			if err := o.read(&said, v); err != nil {
				return engine.ChangeSettings{}, err
			}
		}
	}
	change := engine.ChangeSettings{ResultFields: said.query.ResultFields, Boosts: said.query.Boosts, Precision: said.precision}
	if given["result_fields"] != nil && change.ResultFields == nil {
		change.ResultFields = map[string]engine.ResultField{}
	}
	if given["search_fields"] != nil {
		change.SearchFields = weightsOf(given["search_fields"], said.query.SearchFields)
	}
	return change, nil
}

// weightsOf gives the weights of search fields that have been read, without those that were not said.
func weightsOf(given any, read map[string]float64) map[string]*float64 {
	fields, _ := objectOf(given)
	weights := make(map[string]*float64, len(read))
	for name, weight := range read {
		weights[name] = nil
		if field, _ := objectOf(fields[name]); field["weight"] != nil {
			weights[name] = &weight
		}
	}
	return weights
}
