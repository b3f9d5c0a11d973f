package usage

import (
	"crypto/sha256"
	"strings"
	"unicode/utf8"

	"latchkey/db/fault"
	"latchkey/db/secret"
)

// Request is what is counted of a request.
type Request struct {
	Key     string // id of the key, or of the parent of the signed search key; "" counts nothing
	Address string // of the client, without port
	Agent   string // as the client calls itself; anything may stand here
	Method  string
	Route   string // the pattern of the route, never the address
	Token   Token  // of a signed search key; zero for the key itself
}

// Token tells signed search keys apart. It is a piece of a hash, too small to be anything but counted.
type Token [8]byte

// TokenOf gives the Token of a signed search key.
func TokenOf(raw string) Token {
	sum := sha256.Sum256([]byte("latchkey usage token\x00" + raw))
	return Token(sum[:8])
}

// How many bytes of text are kept, and how far behind that a secret is looked for that begins before.
const (
	maxText   = 200
	lookahead = 100
)

// tidy makes text from outside fit to be kept: short, valid, on one line, and without secrets.
func tidy(s string) string {
	if plain(s) {
		return s
	}
	s = secret.Hide(fault.Cut(s, maxText+lookahead))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return fault.Cut(s, maxText)
}

// plain reports that tidy would change nothing, without the cost of a regular expression: most texts are so. Where it is
// not sure it says no.
func plain(s string) bool {
	if len(s) > maxText {
		return false
	}
	run := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == 0x7f || c >= utf8.RuneSelf:
			return false
		case '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			if run++; run >= 12 {
				return false
			}
		default:
			run = 0
		}
	}
	return !strings.Contains(s, "eyJ")
}
