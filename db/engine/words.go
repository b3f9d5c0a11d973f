package engine

import (
	"strings"
	"unicode"
)

// Characters that stand in indexed texts and in nothing else: indexText removes them from what comes in.
const (
	markOn    = '\x02'   // before a found word, put there by highlight()
	markOff   = '\x03'   // after it
	separator = '\x1e'   // between the elements of an array
	apart     = '\u200b' // around characters of scripts written without spaces, which makes each of them a word
)

// spaceless are the scripts that are written without spaces between words.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// indexText prepares a text for the full-text table, and the words of a query in the same way: in a script without
// spaces every character becomes a word, so that a query finds them as a phrase.
func indexText(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == apart || unicode.IsControl(r) && r != '\n' && r != '\t':
			b.WriteByte(' ')
		case unicode.In(r, spaceless...):
			b.WriteRune(apart)
			b.WriteRune(r)
			b.WriteRune(apart)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' {
			return false
		}
	}
	return true
}

// So much of a query counts; the rest is ignored. Without a limit one request could ask for a phrase of a million
// words.
const (
	maxWords = 64
	maxQuery = 2048 // bytes
)

// words splits a query. What is left of a word after its punctuation may be nothing, and then it is no word.
func words(query string) []string {
	query = strings.ToValidUTF8(cut(query, maxQuery), " ")
	query = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, query)
	var list []string
	seen := map[string]bool{}
	for _, word := range strings.Fields(query) {
		if strings.IndexFunc(word, wordRune) < 0 || seen[word] {
			continue
		}
		seen[word] = true
		if list = append(list, word); len(list) == maxWords {
			break
		}
	}
	return list
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// quote makes a word a string of FTS5's query language. Inside of quotes nothing has a meaning but the quote itself.
func quote(word string) string {
	return `"` + strings.ReplaceAll(indexText(word), `"`, `""`) + `"`
}
