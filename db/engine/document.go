package engine

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

// Result tells what became of one document.
type Result struct {
	ID     string   // given or generated; "" where a refused document had none
	Errors []string // why it was refused, in the words of App Search; empty if it was stored
}
