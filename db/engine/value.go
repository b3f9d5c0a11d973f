package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"latchkey/db/fault"
)

// Kind is what a value is.
type Kind uint8

// The kinds of values. Booleans come in as the texts "true" and "false".
const (
	Null Kind = iota
	Text
	Number
	Array // of the others, but not of arrays
)

// Value is one value of a field, exactly as it came in. The zero Value is null.
type Value struct {
	kind Kind
	text string // the text, or the number as it was written
	list []Value
}

// TextValue makes a text.
func TextValue(s string) Value { return Value{kind: Text, text: s} }

// NumberValue makes a number.
func NumberValue(f float64) Value {
	return Value{kind: Number, text: strconv.FormatFloat(f, 'f', -1, 64)}
}

// ValueOf takes what encoding/json makes of a value, with or without UseNumber: nil, bool, string, json.Number,
// float64, []any; also int and Value. The error is Invalid with a sentence in the words of App Search.
func ValueOf(x any) (Value, error) {
	switch x := x.(type) {
	case Value:
		return x, nil
	case []any:
		v := Value{kind: Array, list: make([]Value, 0, len(x))}
		for _, e := range x {
			one, err := scalarOf(e)
			if err != nil {
				return Value{}, err
			}
			v.list = append(v.list, one)
		}
		return v, nil
	}
	return scalarOf(x)
}

func scalarOf(x any) (Value, error) {
	switch x := x.(type) {
	case nil:
		return Value{}, nil
	case string:
		return TextValue(strings.ToValidUTF8(x, "\uFFFD")), nil
	case bool:
		return TextValue(strconv.FormatBool(x)), nil
	case int:
		return Value{kind: Number, text: strconv.Itoa(x)}, nil
	case json.Number:
		return Value{kind: Number, text: x.String()}, nil
	case float64:
		return NumberValue(x), nil
	case []any:
		return Value{}, refuse("Invalid field value: Value '%s' cannot be an array", show(x))
	}
	return Value{}, refuse("Invalid field value: Value '%s' cannot be an object", show(x))
}

// refuse makes the error of a value, in App Search's words.
func refuse(format string, args ...any) error {
	return fault.New(fault.Invalid, fmt.Sprintf(format, args...))
}

// show gives a value for an error text, at most 100 bytes of it.
func show(x any) string {
	b, err := json.Marshal(x)
	if err != nil {
		return "…"
	}
	return cut(string(b), 100)
}

// Kind is what the value is.
func (v Value) Kind() Kind { return v.kind }

// List gives the elements of an array, the value itself if it is a text or a number, and nothing for null.
func (v Value) List() []Value {
	switch v.kind {
	case Null:
		return nil
	case Array:
		return v.list
	}
	return []Value{v}
}

// String gives the text, the number as it was written, the elements of an array with ", " between them, or "".
func (v Value) String() string {
	if v.kind != Array {
		return v.text
	}
	texts := make([]string, len(v.list))
	for i, e := range v.list {
		texts[i] = e.text
	}
	return strings.Join(texts, ", ")
}

// Any gives the value as encoding/json would with UseNumber: nil, string, json.Number or []any.
func (v Value) Any() any {
	switch v.kind {
	case Text:
		return v.text
	case Number:
		return json.Number(v.text)
	case Array:
		list := make([]any, len(v.list))
		for i, e := range v.list {
			list[i] = e.Any()
		}
		return list
	}
	return nil
}

// MarshalJSON writes the value as it came in. Nothing is escaped that JSON does not ask for.
func (v Value) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v.Any())
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON reads a value; objects and arrays of arrays are refused.
func (v *Value) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var x any
	if err := d.Decode(&x); err != nil {
		return err
	}
	got, err := ValueOf(x)
	*v = got
	return err
}

// size is about how many bytes the value takes.
func (v Value) size() int {
	n := len(v.text) + 2
	for _, e := range v.list {
		n += e.size()
	}
	return n
}
