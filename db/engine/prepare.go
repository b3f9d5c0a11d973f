package engine

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// prepared is a document that has been read and found well-formed on its own, before any schema is looked at.
type prepared struct {
	id     string
	names  []string // of the fields, sorted
	values map[string]Value
	errors []string
}

// prepare reads a document. A missing id is generated, unless the document is a patch.
func prepare(src Source, patch bool) prepared {
	p := prepared{values: make(map[string]Value, len(src))}
	if message := p.readID(src["id"], patch); message != "" {
		p.errors = append(p.errors, message)
	}
	for name := range src {
		if name != "id" {
			p.names = append(p.names, name)
		}
	}
	slices.Sort(p.names)
	for _, name := range p.names {
		if message := checkField(name); message != "" {
			p.errors = append(p.errors, message)
			continue
		}
		v, err := ValueOf(src[name])
		if err != nil {
			p.errors = append(p.errors, err.Error())
			continue
		}
		p.values[name] = v
	}
	if len(p.names) > MaxFields {
		p.errors = append(p.errors, tooManyFields)
	}
	if p.id == "" && len(p.errors) == 0 {
		p.id = newDocumentID()
	}
	return p
}

const tooManyFields = "Invalid field: an engine can have at most 64 fields"

func (p *prepared) readID(x any, must bool) (message string) {
	switch v, err := scalarOf(x); {
	case err != nil || isBool(x):
		return "Invalid field type: id must be a string or a number"
	case v.text == "" && must:
		return "Missing required key 'id'"
	case utf8.RuneCountInString(v.text) > MaxID:
		p.id = cut(v.text, MaxID)
		return "Invalid field type: id must be less than 800 characters"
	case strings.ContainsRune(v.text, 0):
		return "Invalid field value: id cannot contain a null character"
	default:
		p.id = v.text
		return ""
	}
}

func isBool(x any) bool {
	_, ok := x.(bool)
	return ok
}

// newDocumentID makes "doc-" and 24 hex digits, as App Search does.
func newDocumentID() string { return "doc-" + newHexID() }

// newHexID makes 24 random hex digits.
func newHexID() string {
	var b [12]byte
	rand.Read(b[:]) //nolint:errcheck // never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}

// encode gives the document as it is kept: a JSON object of its fields without id.
func encode(values map[string]Value) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(values)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func decode(body string) (map[string]Value, error) {
	var values map[string]Value
	err := json.Unmarshal([]byte(body), &values)
	return values, err
}
