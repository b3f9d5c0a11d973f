package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	zxcvbn "github.com/ccojocar/zxcvbn-go"
	"golang.org/x/crypto/argon2"
	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"

	"latchkey/db/fault"
	"latchkey/db/secret"
)

// Limits of a password: characters at least, bytes at most. Longer ones are refused, never cut.
const (
	MinPassword = 15
	MaxPassword = 256
)

// minEntropy is the number of bits below which a password counts as easy to guess.
const minEntropy = 35

// HashCost says how much work one password hash is (argon2id, RFC 9106, with one lane).
type HashCost struct {
	MemoryKiB uint32
	Passes    uint32
}

// Costs of hashing: the default, and the least that is allowed (OWASP Password Storage Cheat Sheet).
var (
	DefaultCost = HashCost{MemoryKiB: 64 << 10, Passes: 3}
	MinCost     = HashCost{MemoryKiB: 19 << 10, Passes: 2}
)

// maxMemoryKiB is the largest memory a stored hash may ask for: a doctored row must not exhaust the machine.
const maxMemoryKiB = 256 << 10

// Limits of waiting for a hash.
const (
	hashQueue = 64
	hashWait  = 3 * time.Second
)

// Hasher hashes passwords, only as many at a time as there are processors: each costs much memory on purpose, and a
// flood of sign-ins must not take down the checking of keys.
type Hasher struct {
	cost  HashCost
	slots chan struct{} // one for each password being checked
	queue chan struct{} // one for each that waits for a slot
	fresh chan struct{} // held while a new password is hashed: a flood of sign-ins must not stop a reset
	dummy string
}

// NewHasher makes a hasher.
func NewHasher(cost HashCost) *Hasher {
	h := &Hasher{cost: cost, slots: make(chan struct{}, runtime.GOMAXPROCS(0)), queue: make(chan struct{}, hashQueue), fresh: make(chan struct{}, 1)}
	h.dummy = h.encode(cost, make([]byte, 16), make([]byte, 32))
	return h
}

// ReasonBusy is the reason of the error for those whose password cannot be hashed now.
const ReasonBusy = "busy"

var errBusy = fault.New(fault.Unavailable, "Too many people are signing in at this moment. Try again in a few seconds.").WithReason(ReasonBusy)

// enter waits for a turn and gives the function that ends it.
func (h *Hasher) enter(ctx context.Context) (func(), error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, errBusy
	}
	timer := time.NewTimer(hashWait)
	defer timer.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-timer.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, errBusy.WithCause(ctx.Err())
	}
}

// Hash gives the PHC string of a password that was prepared before.
func (h *Hasher) Hash(ctx context.Context, password secret.Secret) (string, error) {
	select {
	case h.fresh <- struct{}{}:
		defer func() { <-h.fresh }()
	case <-ctx.Done():
		return "", errBusy.WithCause(ctx.Err())
	}
	salt := make([]byte, 16)
	rand.Read(salt) //nolint:errcheck // never fails: it ends the program instead
	return h.encode(h.cost, salt, argon2.IDKey([]byte(password.Reveal()), salt, h.cost.Passes, h.cost.MemoryKiB, 1, 32)), nil
}

func (h *Hasher) encode(cost HashCost, salt, sum []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, cost.MemoryKiB, cost.Passes, b64(salt), b64(sum))
}

// Verify reports whether a password fits a PHC string, and whether the string should be made anew because it is
// weaker than today's. An empty string costs the same time and never fits.
func (h *Hasher) Verify(ctx context.Context, phc string, password secret.Secret) (ok, weak bool, err error) {
	known := phc != ""
	if !known {
		phc = h.dummy
	}
	cost, salt, sum, err := decode(phc)
	if err != nil {
		return false, false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	got := argon2.IDKey([]byte(password.Reveal()), salt, cost.Passes, cost.MemoryKiB, 1, uint32(len(sum)))
	ok = subtle.ConstantTimeCompare(got, sum) == 1 && known
	return ok, cost != h.cost, nil
}

func decode(phc string) (cost HashCost, salt, sum []byte, err error) {
	bad := errors.New("account: a stored password hash is not in a form that is accepted here")
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, nil, nil, bad
	}
	var lanes int
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.MemoryKiB, &cost.Passes, &lanes); err != nil {
		return cost, nil, nil, bad
	}
	if cost.MemoryKiB < 8 || cost.MemoryKiB > maxMemoryKiB || cost.Passes < 1 || cost.Passes > 16 || lanes != 1 {
		return cost, nil, nil, bad
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	sum, errSum := base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errSum != nil || len(sum) < 16 || len(sum) > 64 {
		return cost, nil, nil, bad
	}
	return cost, salt, sum, nil
}

// preparePassword brings a password to the one form in which it is hashed (RFC 8265, OpaqueString): the same letters
// typed on another machine must sign in. ok is false for what can never be a password.
func preparePassword(password secret.Secret) (secret.Secret, bool) {
	p := password.Reveal()
	if p == "" || len(p) > MaxPassword {
		return "", false
	}
	p, err := precis.OpaqueString.String(p)
	if err != nil || len(p) > MaxPassword {
		return "", false
	}
	return secret.Secret(p), true
}

// newPassword checks a password that somebody wants to have. words are what an attacker would try first: names and
// addresses around the user.
func newPassword(password secret.Secret, words ...string) (secret.Secret, error) {
	if len(password.Reveal()) > MaxPassword {
		return "", fault.Field("password", fmt.Sprintf("At most %d bytes.", MaxPassword))
	}
	p, ok := preparePassword(password)
	switch {
	case !ok && password.Reveal() == "":
		return "", fault.Field("password", "This is needed.")
	case !ok:
		return "", fault.Field("password", "A password cannot hold control characters such as tabs.")
	case utf8.RuneCountInString(p.Reveal()) < MinPassword:
		return "", fault.Field("password", fmt.Sprintf("At least %d characters. A few unrelated words do well.", MinPassword))
	}
	inputs := []string{"latchkey"}
	for _, w := range words {
		inputs = append(inputs, strings.FieldsFunc(strings.ToLower(w), func(r rune) bool { return strings.ContainsRune("@.-_ +", r) })...)
	}
	if zxcvbn.PasswordStrength(p.Reveal(), inputs).Entropy < minEntropy {
		return "", fault.Field("password", "This is easy to guess: it is made of common passwords, names, repeats or rows of keys. Add unrelated words.")
	}
	return p, nil
}

// Email brings an e-mail address to the one form in which it is kept and compared: an ASCII local part and an IDNA
// domain, in lower case.
func Email(address string) (string, error) {
	bad := fault.Field("email", "Enter an e-mail address, such as ada@example.com.")
	address = strings.TrimSpace(address)
	if address == "" {
		return "", fault.Field("email", "This is needed.")
	}
	local, domain, ok := strings.Cut(address, "@")
	if !ok || len(local) > 64 || len(address) > 254 || strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", bad
	}
	host, err := idna.Lookup.ToASCII(domain)
	if err != nil || strings.HasPrefix(host, "[") || !strings.ContainsRune(host, '.') && host != "localhost" {
		return "", bad
	}
	canonical := strings.ToLower(local) + "@" + strings.ToLower(host)
	parsed, err := mail.ParseAddress(canonical)
	if err != nil || parsed.Address != canonical || parsed.Name != "" {
		return "", bad
	}
	return canonical, nil
}
