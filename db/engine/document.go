package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Source is a document as it comes in: a JSON object as encoding/json decodes it, best with UseNumber, so that numbers
// stay as they were written. "id" is a string or a number; the other values are those of ValueOf.
type Source map[string]any

// Document is a document as it is kept.
type Document struct {
	ID     string
	Fields []Field // in the order of the schema; fields the document does not have are not there
}

// Field is one field of a document.
type Field struct {
	Name  string
	Type  Type
	Value Value // as it came in
}

// Get gives a field's value as it came in, and null if there is none.
func (d Document) Get(name string) Value {
	for _, f := range d.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return Value{}
}

// JSON writes the document as an indented JSON object, id first. Characters that change the direction of what follows, or
// that nobody sees, are written as escapes: the text shows what is there.
func (d Document) JSON() (string, error) {
	var b bytes.Buffer
	add := func(name string, v Value) error {
		key, err := TextValue(name).MarshalJSON()
		if err != nil {
			return err
		}
		value, err := v.MarshalJSON()
		b.WriteString(",")
		b.Write(key)
		b.WriteString(":")
		b.Write(value)
		return err
	}
	if err := add("id", TextValue(d.ID)); err != nil {
		return "", err
	}
	for _, f := range d.Fields {
		if err := add(f.Name, f.Value); err != nil {
			return "", err
		}
	}
	var out bytes.Buffer
	if err := json.Indent(&out, append([]byte("{"), append(b.Bytes()[1:], '}')...), "", "  "); err != nil {
		return "", fmt.Errorf("write document: %w", err)
	}
	return Visible(out.String()), nil
}

// Visible escapes, in JSON, what has no shape of its own or changes the direction of what follows.
func Visible(text string) string {
	var b bytes.Buffer
	for _, r := range text {
		switch {
		case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0x061c, r >= 0x7f && r <= 0x9f, r == 0x2028, r == 0x2029:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Result tells what became of one document.
type Result struct {
	ID     string   // given or generated; "" where a refused document had none
	Errors []string // why it was refused, in the words of App Search; empty if it was stored
	Effect Effect   // what storing it did; "" if it was refused
}

// Effect is what storing a document did.
type Effect string

// The effects.
const (
	Added   Effect = "added"
	Changed Effect = "changed"
	Same    Effect = "same" // it was there already, exactly so
)
