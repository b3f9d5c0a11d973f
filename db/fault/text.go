package fault

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName is how many characters a name that people read may have.
const MaxName = 100

// Line checks one line of text that people will read: it trims it, brings it to NFC, and refuses control characters,
// marks that turn the direction of writing, and more than limit characters. Where it is required, empty is refused.
func Line(field, value string, limit int, required bool) (string, error) {
	if !utf8.ValidString(value) {
		return "", Field(field, "This is not valid text.")
	}
	value = strings.TrimSpace(norm.NFC.String(value))
	switch {
	case value == "" && required:
		return "", Field(field, "This is needed.")
	case utf8.RuneCountInString(value) > limit:
		return "", Field(field, fmt.Sprintf("At most %d characters.", limit))
	case strings.ContainsFunc(value, hidden):
		return "", Field(field, "Control characters and marks that turn the writing direction are not allowed.")
	}
	return value, nil
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || r == 0x61c || r == 0x200e || r == 0x200f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)
}

// Cut shortens text that came from outside to at most limit bytes of valid UTF-8.
func Cut(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ToValidUTF8(s, "")
}

// Quote shows a piece of input in a message without letting it become one.
func Quote(s string) string {
	if len(s) > 60 {
		s = Cut(s, 60) + "…"
	}
	return "“" + s + "”"
}

// Slug makes the part of a URL that stands for a name: lower-case ASCII letters and digits with single hyphens, at
// most 40 characters. It is empty if nothing of the name can stay.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(name)) {
		switch {
		case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // an accent that stood on the letter before
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
