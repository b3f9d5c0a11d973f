package secret

import "strings"

// MinForeign is how many characters an imported key has at least. App Search's have 24 behind their prefix, of 34
// letters and digits.
const MinForeign = 20

// minLetters is how many different characters an imported key has at least: "aaaaaaaaaaaaaaaaaaaaaaaa" is long and no
// secret. Of 24 random ones of 34, fewer than 8 differ once in 10^11 keys.
const minLetters = 8

// Masked reports whether s is not a key but what is shown in its place.
func Masked(s string) bool { return strings.ContainsAny(s, "*•…") }

// CheckForeign says why s cannot be taken over as a key that another system has minted, or "". A key is opaque: its
// prefix tells nothing of its type. What has two dots would be read as a signed search key.
func CheckForeign(s string) string {
	switch {
	case Masked(s):
		return "The secret is masked."
	case len(s) < MinForeign:
		return "The secret is too short to be one: fewer than 20 characters."
	case len(s) > MaxKeyLen:
		return "The secret is too long: more than 64 characters."
	case !Plausible(s), strings.Count(s, ".") == 2:
		return "The secret has characters that keys do not have."
	case different(s) < minLetters:
		return "The secret is too easy to guess: fewer than 8 different characters."
	}
	return ""
}

func different(s string) int {
	seen := map[byte]bool{}
	for i := range len(s) {
		seen[s[i]] = true
	}
	return len(seen)
}
