// Package secret makes, reads and hides the strings that give access.
//
// A key is "search-", "private-" or "admin-", then 43 base62 characters (256 random bits), then 6 base62 characters of
// the CRC-32 of all that stands before: 55 to 57 bytes. It stays below 64 bytes because HMAC replaces a longer key by
// its hash, which would make the stored hash a signing key. The checksum refuses typos before any look-up and lets
// scanners recognise a leaked key without asking anybody; it is no protection.
//
// What is kept of a key is Hash (to find it) and, sealed, the two inner states of HMAC-SHA-256 (to verify search keys
// signed with it). Neither gives the key back.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"log/slog"
	"math/big"
	"strings"
)

// Redacted is what every secret prints as.
const Redacted = "[redacted]"

// Secret is a string that gives access. It prints, logs and marshals as "[redacted]"; Reveal gives the string.
type Secret string

// Reveal gives the string itself. Every call is a place where a secret may leak.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret from fmt.
func (Secret) String() string { return Redacted }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return Redacted }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// Minted is a new key together with its secret, on its way to whoever made it.
type Minted struct {
	ID     string
	Name   string
	Secret Secret
}

// Type is the kind of a key, which is also its prefix.
type Type string

// The types of keys.
const (
	Search  Type = "search"  // public by nature, searches only
	Private Type = "private" // secret, for servers
	Admin   Type = "admin"   // secret, manages keys only
)

// Valid reports whether t is one of the types.
func (t Type) Valid() bool { return t == Search || t == Private || t == Admin }

const (
	alphabet  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomLen = 43
	sumLen    = 6
)

// Mint makes a new key of a type from 256 bits of the system's randomness.
func Mint(t Type) Secret {
	body := string(t) + "-" + Token().Reveal()
	return Secret(body + checksum(body))
}

// pad writes big.Int's base 62 (0-9a-zA-Z) in our alphabet (0-9A-Za-z), with leading zeros.
func pad(s string, n int) string {
	swap := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}
	return strings.Repeat("0", n-len(s)) + strings.Map(swap, s)
}

func checksum(body string) string {
	n := crc32.ChecksumIEEE([]byte(body))
	var b [sumLen]byte
	for i := sumLen - 1; i >= 0; i-- {
		b[i] = alphabet[n%62]
		n /= 62
	}
	return string(b[:])
}

// Parse tells the type of a key in our own format. It refuses what has another form or a wrong checksum; a key that
// passes need not exist.
func Parse(s string) (Type, bool) {
	prefix, rest, ok := strings.Cut(s, "-")
	t := Type(prefix)
	if !ok || !t.Valid() || len(rest) != randomLen+sumLen {
		return "", false
	}
	for i := range len(rest) {
		if strings.IndexByte(alphabet, rest[i]) < 0 {
			return "", false
		}
	}
	body := s[:len(s)-sumLen]
	return t, checksum(body) == s[len(body):]
}

// MaxKeyLen is the longest key in bytes that may be kept: one block of SHA-256.
const MaxKeyLen = 64

// Plausible reports whether s can be a key at all, our own or an imported one: 1 to 64 of [A-Za-z0-9._-]. It keeps
// strange bytes away from hashing and look-up.
func Plausible(s string) bool {
	if s == "" || len(s) > MaxKeyLen {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '.' && c != '_' && strings.IndexByte(alphabet, c) < 0 {
			return false
		}
	}
	return true
}

// HashSize is the size of a Hash in bytes.
const HashSize = sha256.Size

// Hash is what a key is found by: SHA-256 with a prefix of our own, so that it can never be the key of an HMAC made
// with the string it came from.
func Hash(s string) [HashSize]byte { return digest("kv1\x00", s) }

// HashToken is Hash for tokens that are no keys (sessions, links), apart from it by its prefix.
func HashToken(s string) [HashSize]byte { return digest("tv1\x00", s) }

func digest(domain, s string) [HashSize]byte {
	var buf [4 + 2*MaxKeyLen]byte
	return sha256.Sum256(append(append(buf[:0], domain...), s...))
}

// Token makes a random string of 256 bits that is no key: for sessions, links and forms.
func Token() Secret {
	var b [32]byte
	rand.Read(b[:]) //nolint:errcheck // never fails: it ends the program instead
	return Secret(pad(new(big.Int).SetBytes(b[:]).Text(62), randomLen))
}

// Mask gives the visible form of a key: its prefix, the first three characters of what follows, five stars, and the
// last three, such as "private-6fK*****0kV". Of a string too short for that only stars are left.
func Mask(s string) string {
	prefix, rest, ok := strings.Cut(s, "-")
	switch {
	case ok && Type(prefix).Valid():
		prefix += "-"
	default:
		prefix, rest = "", s
	}
	if len(rest) < 16 {
		return prefix + "*****"
	}
	return prefix + rest[:3] + "*****" + rest[len(rest)-3:]
}

// Short makes a random identifier of n characters of [a-z0-9], for names that people read. It is no secret.
func Short(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		for {
			var r [1]byte
			rand.Read(r[:]) //nolint:errcheck // never fails: it ends the program instead
			// 252 is the largest multiple of 36 in a byte: no letter comes up more often than another.
			if r[0] < 252 {
				b[i] = letters[r[0]%36]
				break
			}
		}
	}
	return string(b)
}
