package engine

import (
	"fmt"
	"math"
	"strings"

	"latchkey/db/fault"
)

// earth is the mean radius of the Earth in metres. Distances are those on a sphere: up to 0.5 % off.
const earth = 6_371_008.8

var errPoint = fault.New(fault.Invalid, "A latitude must be between -90 and 90, a longitude between -180 and 180.")

// distance gives the metres between x (a row of field_points) and a place.
func (b *builder) distance(from Point) (string, error) {
	if !from.valid() { // also for not-a-number
		return "", errPoint
	}
	lat, lon := b.arg(from.Lat), b.arg(from.Lon)
	return fmt.Sprintf(`(%f * asin(min(1.0, sqrt(
		pow(sin(radians(x.lat - %s) / 2), 2)
		+ cos(radians(%s)) * cos(radians(x.lat)) * pow(sin(radians(x.lon - %s) / 2), 2)))))`,
		2*earth, lat, lat, lon), nil
}

// within tests x against a ring. The latitudes it can reach are looked up by the index, the rest is computed.
func (b *builder) within(g Geo) (string, error) {
	distance, err := b.distance(g.Center)
	if err != nil {
		return "", err
	}
	reach := math.Pi * earth
	var tests []string
	for _, bound := range []struct {
		metres *float64
		op     string
		upper  bool
	}{{g.Distance, "<=", true}, {g.To, "<", true}, {g.From, ">=", false}} {
		if bound.metres == nil {
			continue
		}
		if math.IsNaN(*bound.metres) || *bound.metres < 0 {
			return "", fault.New(fault.Invalid, "A distance cannot be negative.")
		}
		if bound.upper {
			reach = min(reach, *bound.metres)
		}
		tests = append(tests, fmt.Sprintf("%s %s %s", distance, bound.op, b.arg(*bound.metres)))
	}
	// A hair more than the reach, lest rounding cuts off what lies exactly on it.
	degrees := reach/(math.Pi*earth)*180 + 1e-6
	tests = append([]string{fmt.Sprintf("x.lat BETWEEN %s AND %s", b.arg(g.Center.Lat-degrees), b.arg(g.Center.Lat+degrees))}, tests...)
	return strings.Join(tests, " AND "), nil
}
