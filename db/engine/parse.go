package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxIndexed is the longest text in bytes that stands in the index as it is. Each is there twice.
const maxIndexed = 512

// Of a longer text the index has the beginning, by which it is sorted and shown in facets, and after longMark the
// SHA-256 of the whole, by which it is found. A text with that character in it is always kept so, lest a short text
// could pass for a long one.
const (
	longMark  = "\x1f"
	longStart = maxIndexed - len(longMark) - 2*sha256.Size
)

// entries are what a field puts into the indexes that filters, sorts and facets use.
type entries struct {
	values []any // string or float64
	points []Point
}

// index reads a value as its field's type says, and gives what fits. The error is about the first that does not, a
// sentence in App Search's words.
func (t Type) index(v Value) (out entries, bad error) {
	if p, ok := lonLat(v); ok && t == TypeGeolocation {
		out.points = append(out.points, p)
		return out, nil
	}
	for _, e := range v.List() {
		if e.kind == Null {
			continue
		}
		if t == TypeGeolocation {
			if p, ok := ParsePoint(e); ok {
				out.points = append(out.points, p)
			} else {
				bad = cmp.Or(bad, unparsable(e, "geolocation"))
			}
			continue
		}
		key, err := t.key(e)
		if err == nil {
			out.values = append(out.values, key)
		}
		bad = cmp.Or(bad, err)
	}
	return out, bad
}

// key gives a text or a number as it stands in the index of a field of this type: a string or a float64.
func (t Type) key(v Value) (any, error) {
	switch t {
	case TypeNumber:
		if f, ok := parseNumber(v.text); ok {
			return f, nil
		}
		return nil, unparsable(v, "float")
	case TypeDate:
		if at, ok := parseDate(v.text); ok {
			return float64(at.UnixMilli()), nil
		}
		return nil, unparsable(v, "date")
	}
	return textKey(v.text), nil
}

func textKey(s string) string {
	if len(s) <= maxIndexed && !strings.Contains(s, longMark) {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	start, _, _ := strings.Cut(cut(s, longStart), longMark)
	return start + longMark + hex.EncodeToString(sum[:])
}

// value is the way back from key, for facets. Dates are RFC 3339 in UTC, long texts their beginning and an ellipsis.
func (t Type) value(key any) Value {
	switch k := key.(type) {
	case float64:
		if t == TypeDate {
			return TextValue(time.UnixMilli(int64(k)).UTC().Format(time.RFC3339Nano))
		}
		return NumberValue(k)
	case string:
		if start, _, long := strings.Cut(k, longMark); long {
			k = start + "…"
		}
		return TextValue(k)
	}
	return Value{}
}

func unparsable(v Value, what string) error {
	return refuse("Invalid field value: Value '%s' cannot be parsed as a %s", cut(v.String(), 100), what)
}

// parseNumber reads a decimal number that a 64-bit float can hold. strconv alone would also take "inf" and "0x1p4".
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// dateLayouts are the forms in which a date may come, the usual first.
var dateLayouts = []string{
	time.RFC3339Nano, "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05",
}

func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range dateLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// ParsePoint reads a place: "lat,lon", "POINT (lon lat)", or an array [lon, lat] as GeoJSON has it.
func ParsePoint(v Value) (Point, bool) {
	if p, ok := lonLat(v); ok {
		return p, true
	}
	s := strings.TrimSpace(v.text)
	if v.kind != Text {
		return Point{}, false
	}
	if rest, ok := strings.CutPrefix(strings.ToUpper(s), "POINT"); ok {
		rest = strings.TrimSpace(rest)
		if !strings.HasPrefix(rest, "(") || !strings.HasSuffix(rest, ")") {
			return Point{}, false
		}
		lon, lat, _ := strings.Cut(strings.TrimSpace(rest[1:len(rest)-1]), " ")
		return point(lat, lon)
	}
	lat, lon, _ := strings.Cut(s, ",")
	return point(lat, lon)
}

func lonLat(v Value) (Point, bool) {
	if v.kind != Array || len(v.list) != 2 || v.list[0].kind != Number || v.list[1].kind != Number {
		return Point{}, false
	}
	return point(v.list[1].text, v.list[0].text)
}

func point(lat, lon string) (Point, bool) {
	a, okA := parseNumber(lat)
	o, okO := parseNumber(lon)
	p := Point{Lat: a, Lon: o}
	return p, okA && okO && p.valid()
}

func (p Point) valid() bool { return math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180 }
