package appsearch_test

import (
	"strings"
	"testing"
)

func TestBoosts(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	cases := []struct{ name, boosts, want string }{
		{"a value", `"color":[{"type":"value","value":"blue"}]`, "p2 p1 p3 p4"},
		{"a bare object", `"color":{"type":"value","value":"blue"}`, "p2 p1 p3 p4"},
		{"a list of values", `"color":[{"type":"value","value":["gold","blue"],"operation":"multiply","factor":2}]`, "p2 p4 p1 p3"},
		{"a number as value", `"price":[{"type":"value","value":30,"factor":0.5}]`, "p3 p1 p2 p4"},
		{"two fields", `"color":[{"type":"value","value":"blue"}],"price":[{"type":"value","value":[999],"factor":2}]`, "p4 p2 p1 p3"},
		{"a factor below zero", `"color":[{"type":"value","value":"red","operation":"multiply","factor":-5}]`, "p2 p4 p1 p3"},
		{"a function", `"price":[{"type":"functional","function":"logarithmic","operation":"multiply","factor":2}]`, "p4 p3 p2 p1"},
		{"near a number", `"price":[{"type":"proximity","function":"exponential","center":21,"factor":3}]`, "p2 p3 p1 p4"},
		{"near a date", `"made":[{"type":"proximity","function":"linear","center":"2026-03-02T00:00:00Z"}]`, "p3 p2 p4 p1"},
		{"near now", `"made":[{"type":"proximity","function":"gaussian","center":"now"}]`, "p3 p4 p2 p1"},
		{"near a place as text", `"place":[{"type":"proximity","function":"gaussian","center":"53.5,10.0"}]`, "p3 p1 p4 p2"},
		{"near a place as a list", `"place":[{"type":"proximity","function":"linear","center":[11.6,48.1]}]`, "p2 p1 p3 p4"},
		{"none, of PHP", ``, "p1 p2 p3 p4"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := ids(t, s.with("search-key").JSON("POST", search, `{"query":"","boosts":{`+c.boosts+`}}`)); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	if got := ids(t, s.with("search-key").Get(search+"?query=&boosts[color][][type]=value&boosts[color][][value]=blue&boosts[color][][factor]=2")); got != "p2 p1 p3 p4" {
		t.Errorf("by query string: %s", got)
	}
	got := s.with("search-key").JSON("POST", search, `{"query":"","page":{"size":1},"boosts":{"color":[{"type":"value","value":"blue","factor":2.5}]}}`)
	if !strings.Contains(got.Body, `"_meta":{"id":"p2","engine":"shop","score":3.5}`) {
		t.Error(got.Body)
	}
}

func TestBoostsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	one := `{"type":"value","value":"x"}`
	for boosts, want := range map[string]string{
		`"all"`:                                                                           "Boosts must be an object",
		`{"color":"blue"}`:                                                                "Boosts contains invalid boost for field: color",
		`{"color":["blue"]}`:                                                              "Boosts contains invalid boost for field: color",
		`{"color":[{"value":"blue"}]}`:                                                    "Boosts type must be value, functional or proximity: color",
		`{"color":[{"type":"recent"}]}`:                                                   "Boosts type must be value, functional or proximity: color",
		`{"color":[{"type":"value"}]}`:                                                    "Boosts contains invalid value for field: color",
		`{"color":[{"type":"value","value":[[]]}]}`:                                       "Boosts contains invalid value for field: color",
		`{"color":[{"type":"value","value":[]}]}`:                                         "Boosts contains no value for field: color",
		`{"color":[{"type":"value","value":"x","center":1}]}`:                             "Boosts contains invalid key: center",
		`{"color":[{"type":"value","value":"x","operation":"divide"}]}`:                   "Boosts operation must be add or multiply: color",
		`{"color":[{"type":"value","value":"x","operation":1}]}`:                          "Boosts operation must be add or multiply: color",
		`{"color":[{"type":"value","value":"x","factor":11}]}`:                            "Boosts factor must be between -10 and 10: color",
		`{"color":[{"type":"value","value":"x","factor":"much"}]}`:                        "Boosts factor must be between -10 and 10: color",
		`{"nope":[` + one + `]}`:                                                          "Boosts contains invalid field: nope",
		`{"id":[` + one + `]}`:                                                            "Boosts contains invalid field: id",
		`{"color":[` + strings.TrimSuffix(strings.Repeat(one+",", 33), ",") + `]}`:        "A search can have at most 32 boosts",
		`{"place":[` + one + `]}`:                                                         `Boosts of type \"value\" do not fit field place, which is of type geolocation`,
		`{"color":[{"type":"functional","function":"linear"}]}`:                           `Boosts of type \"functional\" do not fit field color, which is of type text`,
		`{"price":[{"type":"functional"}]}`:                                               "Boosts function must be linear, exponential or logarithmic: price",
		`{"price":[{"type":"functional","function":[]}]}`:                                 "Boosts contains invalid function for field: price",
		`{"price":[{"type":"functional","function":"linear","value":1}]}`:                 "Boosts contains invalid key: value",
		`{"price":[{"type":"value","value":"cheap"}]}`:                                    "Invalid field value: Value 'cheap' cannot be parsed as a float",
		`{"price":[{"type":"proximity","function":"sine","center":1}]}`:                   "Boosts function must be linear, exponential or gaussian: price",
		`{"price":[{"type":"proximity","function":"linear"}]}`:                            "Boosts contains invalid center for field: price",
		`{"price":[{"type":"proximity","function":"linear","center":"now"}]}`:             "Boosts contains invalid center for field: price",
		`{"made":[{"type":"proximity","function":"linear","center":"yesterday"}]}`:        "Boosts contains invalid center for field: made",
		`{"place":[{"type":"proximity","function":"linear","center":{"lat":1,"lon":1}}]}`: "Boosts contains invalid center for field: place",
		`{"place":[{"type":"proximity","function":"linear","center":"91,0"}]}`:            "Boosts contains invalid center for field: place",
	} {
		expect(t, s.with("search-key").JSON("POST", search, `{"query":"","boosts":`+boosts+`}`), 400, `{"errors":["`+want+`"]}`)
	}
}
