package engine

import (
	"slices"
	"strings"
)

// maxExpansions is how many synonyms one query is widened by at most; what else there is is ignored. Without a limit, a
// word that stands in every set would make an expression of eight thousand phrases.
const maxExpansions = 128

// term is a part of a query: words that follow each other, and what may be found instead of all of them.
type term struct {
	words  []string
	others []string // synonyms, each a phrase
}

// expand takes the words of a query apart and puts beside each word or phrase that stands in a set the rest of that
// set. Where several phrases fit, the one that begins first counts, and of these the longest, in all sets it is in.
// Words of which nothing is known stay as they are.
func expand(words []string, sets [][]string, language string) []term {
	terms := make([]term, 0, len(words))
	if len(sets) == 0 {
		for _, word := range words {
			terms = append(terms, term{words: []string{word}})
		}
		return terms
	}
	x := expansion{tokens: tokensOf(words, language), left: maxExpansions}
	for _, set := range sets {
		x.sets = append(x.sets, phrasesOf(set, language))
	}
	from := 0 // where the tokens begin that belong to no phrase
	for at := 0; at < len(x.tokens); {
		length, others := x.longest(at)
		if length == 0 {
			at++
			continue
		}
		terms = append(terms, single(words, x.tokens, from, at)...)
		terms = append(terms, term{words: joined(words, x.tokens, at, at+length), others: others})
		at += length
		from = at
	}
	return append(terms, single(words, x.tokens, from, len(x.tokens))...)
}

// phrase is a synonym and the words of it.
type phrase struct {
	text   string
	tokens []token
}

func phrasesOf(set []string, language string) []phrase {
	list := make([]phrase, len(set))
	for i, text := range set {
		list[i] = phrase{text, tokensOf(strings.Fields(text), language)}
	}
	return list
}

type expansion struct {
	tokens []token
	sets   [][]phrase
	left   int // how many synonyms may still be added
}

// longest finds the longest phrase that begins at a token, and the rest of the sets that it is in.
func (x *expansion) longest(at int) (length int, others []string) {
	if !breaks(x.tokens, at) {
		return 0, nil
	}
	for _, set := range x.sets {
		for _, p := range set {
			if n := len(p.tokens); n > length && sameForms(x.tokens[at:], p.tokens) && breaks(x.tokens, at+n) {
				length = n
			}
		}
	}
	if length == 0 {
		return 0, nil
	}
	found := x.tokens[at : at+length]
	same := func(p phrase) bool { return len(p.tokens) == length && sameForms(found, p.tokens) }
	for _, set := range x.sets {
		if !slices.ContainsFunc(set, same) {
			continue
		}
		for _, p := range set {
			if x.left == 0 || same(p) || slices.Contains(others, p.text) {
				continue
			}
			others = append(others, p.text)
			x.left--
		}
	}
	return length, others
}

// single makes a term of each word among the tokens.
func single(words []string, tokens []token, from, to int) []term {
	list := joined(words, tokens, from, to)
	terms := make([]term, len(list))
	for i, word := range list {
		terms[i] = term{words: []string{word}}
	}
	return terms
}

// joined puts tokens back together as words. A word that is all there is what it was, any other a phrase of its tokens.
func joined(words []string, tokens []token, from, to int) []string {
	var list []string
	for i := from; i < to; {
		word, j := tokens[i].word, i
		var parts []string
		for ; j < to && tokens[j].word == word; j++ {
			parts = append(parts, tokens[j].text)
		}
		whole := (i == 0 || tokens[i-1].word != word) && (j == len(tokens) || tokens[j].word != word)
		if whole {
			list = append(list, words[word])
		} else {
			list = append(list, strings.Join(parts, " "))
		}
		i = j
	}
	return list
}
