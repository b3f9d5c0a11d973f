package engine

import (
	"fmt"
	"math"
	"strings"

	"latchkey/db/fault"
)

// Boost changes the score of the documents in which a field says something. Documents without a value for the field
// keep theirs. Of an array, for a value boost any element counts and counts once, for a functional boost the largest,
// for a proximity boost the nearest.
type Boost struct {
	Field     string
	Type      BoostType
	Operation BoostOperation
	Factor    float64 // from -10 to 10. Below zero it lowers the score

	Values   []Value       // of a value boost: at least one is equal
	Function BoostFunction // of the other two
	Center   Value         // of a proximity boost of numbers or dates
	Now      bool          // the center is the time of the search: dates
	Place    *Point        // the center of a proximity boost of geolocations
}

// BoostType is what a boost looks at.
type BoostType string

// The types of boosts.
const (
	BoostValue      BoostType = "value"      // is the field one of these values: text, number, date
	BoostFunctional BoostType = "functional" // how large is it: number
	BoostProximity  BoostType = "proximity"  // how near is it to a center: number, date, geolocation
)

// BoostOperation is how a boost changes a score.
type BoostOperation string

// The operations; "" is add. Of several boosts, all multiply before any adds: their order makes no difference.
const (
	BoostAdd      BoostOperation = "add"      // factor times what the boost says is added to the score
	BoostMultiply BoostOperation = "multiply" // the score is multiplied by it
)

// BoostFunction makes what a boost says of the number x in the field, or of its distance d from a center. h is the
// distance at which it is half as much: half of the center for a number, 30 days, or 50 kilometres. It depends on no
// other document, because a score must not tell of those that the asker may not see.
type BoostFunction string

// The functions.
const (
	BoostLinear      BoostFunction = "linear"      // x; 1 - d/2h, at least 0
	BoostExponential BoostFunction = "exponential" // e^x; 2^-(d/h)
	BoostLogarithmic BoostFunction = "logarithmic" // ln(1+x), 0 for x < 0; of functional boosts only
	BoostGaussian    BoostFunction = "gaussian"    // 2^-(d/h)²; of proximity boosts only
)

// The distances at which a proximity boost is half as much.
const (
	halfDays   = 30 * 24 * 60 * 60 * 1000.0 // in milliseconds
	halfMetres = 50_000.0
)

// CheckBoosts holds boosts to the schema and the limits.
func (s Schema) CheckBoosts(list []Boost) error {
	if len(list) > MaxBoosts {
		return fault.New(fault.Invalid, "A search can have at most 32 boosts")
	}
	for _, x := range list {
		if err := x.check(s); err != nil {
			return err
		}
	}
	return nil
}

func (x Boost) check(schema Schema) error {
	field, ok := schema.field(x.Field)
	switch {
	case !ok:
		return fault.New(fault.Invalid, "Boosts contains invalid field: "+cut(x.Field, MaxName))
	case math.IsNaN(x.Factor) || math.Abs(x.Factor) > MaxFactor:
		return fault.New(fault.Invalid, "Boosts factor must be between -10 and 10: "+x.Field)
	case x.Operation != "" && x.Operation != BoostAdd && x.Operation != BoostMultiply:
		return fault.New(fault.Invalid, "Boosts operation must be add or multiply: "+x.Field)
	case !x.fits(field.Type):
		return fault.New(fault.Invalid, fmt.Sprintf("Boosts of type %q do not fit field %s, which is of type %s",
			cut(string(x.Type), MaxName), x.Field, field.Type))
	}
	switch x.Type {
	case BoostValue:
		return x.checkValues(field)
	case BoostFunctional:
		if x.Function != BoostLinear && x.Function != BoostExponential && x.Function != BoostLogarithmic {
			return fault.New(fault.Invalid, "Boosts function must be linear, exponential or logarithmic: "+x.Field)
		}
	case BoostProximity:
		if x.Function != BoostLinear && x.Function != BoostExponential && x.Function != BoostGaussian {
			return fault.New(fault.Invalid, "Boosts function must be linear, exponential or gaussian: "+x.Field)
		}
		return x.checkCenter(field)
	}
	return nil
}

func (x Boost) fits(t Type) bool {
	switch x.Type {
	case BoostValue:
		return t != TypeGeolocation
	case BoostFunctional:
		return t == TypeNumber
	case BoostProximity:
		return t != TypeText
	}
	return false
}

func (x Boost) checkValues(field SchemaField) error {
	if len(x.Values) > MaxValues {
		return fault.New(fault.Invalid, "Boosts can have at most 1024 values: "+x.Field)
	}
	values := 0
	for _, v := range x.Values {
		for _, e := range v.List() {
			if _, err := field.Type.key(e); err != nil {
				return err
			}
			values++
		}
	}
	if values == 0 {
		return fault.New(fault.Invalid, "Boosts contains no value for field: "+x.Field)
	}
	return nil
}

func (x Boost) checkCenter(field SchemaField) error {
	fits := x.Place != nil && x.Place.valid()
	if field.Type != TypeGeolocation {
		_, err := field.Type.key(x.Center)
		fits = x.Place == nil && (err == nil || x.Now && field.Type == TypeDate)
	}
	if !fits {
		return fault.New(fault.Invalid, "Boosts contains invalid center for field: "+x.Field)
	}
	return nil
}

// boosted gives the SQL of a score with all boosts. It stays a finite number, whatever the fields hold.
func (b *builder) boosted(score string, list []Boost, now int64) (string, error) {
	var sum strings.Builder
	for _, x := range list {
		term, err := b.boost(x, now)
		if err != nil {
			return "", err
		}
		term = b.arg(x.Factor) + " * " + term
		if x.Operation == BoostMultiply {
			score = "max(-1e100, min(1e100, " + score + " * COALESCE(" + term + ", 1.0)))"
		} else {
			sum.WriteString(" + COALESCE(" + term + ", 0.0)")
		}
	}
	return "(" + score + sum.String() + ")", nil
}

// boost is the SQL of what one boost says of a document, NULL where it says nothing.
func (b *builder) boost(x Boost, now int64) (string, error) {
	field, ok := b.st.schema.field(x.Field)
	if !ok {
		return "", fault.New(fault.Invalid, "Boosts contains invalid field: "+cut(x.Field, MaxName))
	}
	switch x.Type {
	case BoostValue:
		test, err := b.values(field, Filter{Values: x.Values})
		return fmt.Sprintf("CASE WHEN EXISTS (SELECT 1 FROM field_values x WHERE x.document = %s AND x.slot = %d AND %s) THEN 1.0 END",
			b.doc, field.slot, test), err
	case BoostFunctional:
		return functional(x.Function, b.extreme("MAX", "x.value", "field_values", field)), nil
	}
	if x.Place != nil {
		distance, err := b.distance(*x.Place)
		return proximity(x.Function, b.extreme("MIN", distance, "field_points", field), halfMetres), err
	}
	center, half, err := x.center(field.Type, now)
	distance := "abs(x.value - " + b.arg(center) + ")"
	return proximity(x.Function, b.extreme("MIN", distance, "field_values", field), half), err
}

// center gives the center of a proximity boost as it stands in the index, and the distance at which it is half as much.
func (x Boost) center(t Type, now int64) (center, half float64, err error) {
	if x.Now {
		return float64(now), halfDays, nil
	}
	key, err := t.key(x.Center)
	center, _ = key.(float64)
	if t == TypeDate {
		return center, halfDays, err
	}
	return center, max(math.Abs(center), 1) / 2, err
}

// extreme is the SQL of the largest or smallest of what a document has for a field.
func (b *builder) extreme(which, value, table string, field SchemaField) string {
	return fmt.Sprintf("(SELECT %s(%s) FROM %s x WHERE x.document = %s AND x.slot = %d)", which, value, table, b.doc, field.slot)
}

func functional(f BoostFunction, x string) string {
	switch f {
	case BoostExponential:
		return "exp(max(-60.0, min(60.0, " + x + ")))"
	case BoostLogarithmic:
		return "ln(1.0 + max(0.0, " + x + "))"
	}
	return "max(-1e30, min(1e30, " + x + "))"
}

func proximity(f BoostFunction, distance string, half float64) string {
	far := fmt.Sprintf("%s / %g", distance, half)
	switch f {
	case BoostExponential:
		return "pow(0.5, min(1000.0, " + far + "))"
	case BoostGaussian:
		return "pow(0.5, min(1000.0, pow(" + far + ", 2)))"
	}
	return "max(0.0, 1.0 - " + far + " / 2)"
}
