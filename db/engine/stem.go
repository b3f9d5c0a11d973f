package engine

import "strings"

// stem gives the stem of an English word by Porter's algorithm, step by step as FTS5's tokenizer does it, so that a
// synonym is found by the same words as a document. A test compares the two.
func stem(word string) string {
	if len(word) < 3 || len(word) > 64 {
		return word
	}
	word = stemPlural(word)
	word = stemPast(word)
	if head, ok := strings.CutSuffix(word, "y"); ok && hasVowel(head) {
		word = head + "i"
	}
	word = replaceSuffix(word, stemStep2, func(head, _ string) bool { return measure(head) > 0 })
	word = replaceSuffix(word, stemStep3, func(head, _ string) bool { return measure(head) > 0 })
	word = replaceSuffix(word, stemStep4, func(head, suffix string) bool {
		return measure(head) > 1 && (suffix != "ion" || strings.HasSuffix(head, "s") || strings.HasSuffix(head, "t"))
	})
	if head, ok := strings.CutSuffix(word, "e"); ok && (measure(head) > 1 || measure(head) == 1 && !endsShort(head)) {
		word = head
	}
	if head, ok := strings.CutSuffix(word, "l"); ok && strings.HasSuffix(head, "l") && measure(head) > 1 {
		word = head
	}
	return word
}

// The suffixes of steps 2 to 4, each before those that it ends with, and what replaces them.
var (
	stemStep2 = [][2]string{
		{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"}, {"logi", "log"}, {"bli", "ble"},
		{"alli", "al"}, {"entli", "ent"}, {"ousli", "ous"}, {"eli", "e"}, {"ization", "ize"}, {"ation", "ate"}, {"ator", "ate"},
		{"alism", "al"}, {"iveness", "ive"}, {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"}, {"iviti", "ive"}, {"biliti", "ble"},
	}
	stemStep3 = [][2]string{
		{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"}, {"ical", "ic"}, {"ful", ""}, {"ness", ""},
	}
	stemStep4 = [][2]string{
		{"al", ""}, {"ance", ""}, {"ence", ""}, {"er", ""}, {"ic", ""}, {"able", ""}, {"ible", ""}, {"ant", ""}, {"ement", ""}, {"ment", ""},
		{"ent", ""}, {"ion", ""}, {"ou", ""}, {"ism", ""}, {"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""},
	}
)

// replaceSuffix replaces the first suffix in a list that a word has, if what is before it allows that.
func replaceSuffix(word string, list [][2]string, allowed func(head, suffix string) bool) string {
	for _, pair := range list {
		if head, ok := strings.CutSuffix(word, pair[0]); ok && head != "" {
			if allowed(head, pair[0]) {
				return head + pair[1]
			}
			return word
		}
	}
	return word
}

func stemPlural(word string) string {
	switch {
	case !strings.HasSuffix(word, "s") || strings.HasSuffix(word, "ss"):
		return word
	case len(word) > 4 && strings.HasSuffix(word, "sses"), len(word) > 3 && strings.HasSuffix(word, "ies"):
		return word[:len(word)-2]
	}
	return word[:len(word)-1]
}

func stemPast(word string) string {
	if head, ok := strings.CutSuffix(word, "eed"); ok && head != "" {
		if measure(head) > 0 {
			return head + "ee"
		}
		return word
	}
	head, ok := strings.CutSuffix(word, "ed")
	if !ok {
		head, ok = strings.CutSuffix(word, "ing")
	}
	if !ok || !hasVowel(head) {
		return word
	}
	for _, end := range []string{"at", "bl", "iz"} {
		if len(head) > 2 && strings.HasSuffix(head, end) {
			return head + "e"
		}
	}
	last := head[len(head)-1]
	switch {
	case len(head) > 1 && !isVowel(last, false) && last != 'l' && last != 's' && last != 'z' && last == head[len(head)-2]:
		return head[:len(head)-1]
	case measure(head) == 1 && endsShort(head):
		return head + "e"
	}
	return word[:len(head)]
}

func isVowel(c byte, y bool) bool {
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || y && c == 'y'
}

func hasVowel(s string) bool {
	for i := range len(s) {
		if isVowel(s[i], i > 0) {
			return true
		}
	}
	return false
}

// measure counts how often a vowel is followed by a consonant. A y is a vowel after a consonant.
func measure(s string) int {
	n, vowel, consonant := 0, false, false
	for i := range len(s) {
		consonant = !isVowel(s[i], consonant)
		if consonant && vowel {
			n++
		}
		vowel = !consonant
	}
	return n
}

// endsShort reports whether a word ends with a consonant, a vowel and a consonant that is not w, x or y.
func endsShort(s string) bool {
	if s == "" || strings.ContainsAny(s[len(s)-1:], "wxy") {
		return false
	}
	var kinds []bool
	consonant := false
	for i := range len(s) {
		consonant = !isVowel(s[i], consonant)
		kinds = append(kinds, consonant)
	}
	n := len(kinds)
	return n > 2 && kinds[n-3] && !kinds[n-2] && kinds[n-1]
}
