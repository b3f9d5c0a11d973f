package engine

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// token is a word as the full-text table sees it. A word of a query may consist of several, such as "t-shirt".
type token struct {
	text string // as it was written
	form string // as it is compared
	word int    // of which word of the query it is a part
	free bool   // a character of a script without spaces, which may stand apart from its neighbours
}

// tokensOf cuts words as the tokenizer of a language does.
func tokensOf(words []string, language string) []token {
	var list []token
	for i, word := range words {
		start := -1
		end := func(at int) {
			if start >= 0 {
				text := word[start:at]
				list, start = append(list, token{text: text, form: formOf(text, language), word: i}), -1
			}
		}
		for at, r := range word {
			switch {
			case r >= 0x80 && unicode.In(r, spaceless...):
				end(at)
				list = append(list, token{text: string(r), form: string(r), word: i, free: true})
			case wordRune(r) || start >= 0 && unicode.Is(unicode.Mn, r):
				if start < 0 {
					start = at
				}
			default:
				end(at)
			}
		}
		end(len(word))
	}
	return list
}

// formOf gives a word in the form in which it is compared: without case and accents, in English by its stem.
func formOf(word, language string) string {
	if plain(word) {
		word = strings.ToLower(word)
	} else {
		word = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return unicode.ToLower(r)
		}, norm.NFD.String(word))
	}
	if language == "en" {
		return stem(word)
	}
	return word
}

// breaks reports whether a phrase may end before the token at i.
func breaks(list []token, i int) bool {
	return i == 0 || i == len(list) || list[i-1].word != list[i].word || list[i-1].free || list[i].free
}

// sameForms reports whether words begin with those of a phrase.
func sameForms(words, phrase []token) bool {
	if len(phrase) == 0 || len(words) < len(phrase) {
		return false
	}
	for i, p := range phrase {
		if words[i].form != p.form {
			return false
		}
	}
	return true
}
