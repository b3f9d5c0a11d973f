package engine

import (
	"html"
	"strings"
	"unicode"
)

// defaultSnippet is how many characters a snippet has where nothing is said.
const defaultSnippet = 100

// snippet makes the snippet of one field from its marked text, or from its value where nothing was found in it.
func (o SnippetOption) snippet(marked string, v Value) *string {
	size := o.Size
	if size <= 0 {
		size = defaultSnippet
	}
	chars, first := unmark(marked)
	if first < 0 {
		if !o.Fallback || v.kind == Null {
			return nil
		}
		chars, first = plainChars(v.String()), 0
	}
	from, to := window(chars, first, size)
	out := render(chars[from:to])
	return &out
}

// char is a character of a text, and whether it belongs to what was found.
type char struct {
	r     rune
	found bool
}

func plainChars(s string) []char {
	chars := make([]char, 0, len(s))
	for _, r := range s {
		chars = append(chars, char{r: r})
	}
	return chars
}

// unmark reads a text with marks, and tells where the first is; -1 if there is none.
func unmark(s string) (chars []char, first int) {
	first = -1
	found := false
	for _, r := range s {
		switch r {
		case markOn:
			if found = true; first < 0 {
				first = len(chars)
			}
		case markOff:
			found = false
		case apart:
		case separator:
			chars = append(chars, char{r: ','}, char{r: ' '})
		default:
			chars = append(chars, char{r, found})
		}
	}
	return chars, first
}

// window chooses the part of a text to show: size characters with the first find in their first third, beginning and
// ending between words where that does not cut off the find.
func window(chars []char, first, size int) (from, to int) {
	if len(chars) <= size {
		return 0, len(chars)
	}
	from = min(max(0, first-size/3), len(chars)-size)
	to = from + size
	for i := from; from > 0 && i < first; i++ {
		if unicode.IsSpace(chars[i-1].r) {
			from = i
			break
		}
	}
	for i := to; i < len(chars) && i > first; i-- {
		if unicode.IsSpace(chars[i].r) {
			to = i
			break
		}
	}
	return from, to
}

// render writes characters as HTML, what was found in <em>.
func render(chars []char) string {
	var b strings.Builder
	for i := 0; i < len(chars); {
		j := i
		var part strings.Builder
		for ; j < len(chars) && chars[j].found == chars[i].found; j++ {
			part.WriteRune(chars[j].r)
		}
		text := html.EscapeString(part.String())
		if chars[i].found {
			text = "<em>" + text + "</em>"
		}
		b.WriteString(text)
		i = j
	}
	return b.String()
}

// cut gives the value with its texts cut to n characters, if n > 0.
func (v Value) cut(n int) Value {
	if n <= 0 {
		return v
	}
	switch v.kind {
	case Text:
		if chars := []rune(v.text); len(chars) > n {
			v.text = string(chars[:n])
		}
	case Array:
		list := make([]Value, len(v.list))
		for i, e := range v.list {
			list[i] = e.cut(n)
		}
		v.list = list
	}
	return v
}
