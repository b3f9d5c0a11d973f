package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// masterLen is the length of the master key in bytes.
const masterLen = 32

// Labels name the keys derived from the master key; each serves one purpose only.
const (
	labelSeal  = "latchkey/1/seal"
	labelCheck = "latchkey/1/check"
	// LabelLogin is the purpose of the key that signs login tokens.
	LabelLogin = "latchkey/1/login-token"
	// LabelAudit is the purpose of the key that seals the audit trail.
	LabelAudit = "latchkey/1/audit"
)

// Master is the instance's master key. It never leaves this type: only keys derived from it do.
type Master struct {
	key  []byte
	seal cipher.AEAD
}

// String hides the key from fmt.
func (*Master) String() string { return Redacted }

// CreateMaster makes a master key and writes it to a new file that only its owner can read. It fails where a file
// already is.
func CreateMaster(path string) (*Master, error) {
	key := make([]byte, masterLen)
	rand.Read(key) //nolint:errcheck // never fails: it ends the program instead
	// Written beside its place and then linked there: after a crash it is whole or not there, and never replaces another.
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	err = os.Link(path+".new", path)
	if err := errors.Join(err, os.Remove(path+".new"), syncDir(filepath.Dir(path))); err != nil {
		return nil, err
	}
	return newMaster(key)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// LoadMaster reads a master key file: 32 bytes in base64. It refuses a file that others can read.
func LoadMaster(path string) (*Master, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != masterLen {
		return nil, fmt.Errorf("%s is not a master key: it must be %d bytes in base64", path, masterLen)
	}
	return newMaster(key)
}

// Missing reports whether an error of LoadMaster means that there is no such file.
func Missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func newMaster(key []byte) (*Master, error) {
	m := &Master{key: key}
	sealKey, err := m.Derive(labelSeal)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return nil, err
	}
	m.seal, err = cipher.NewGCMWithRandomNonce(block)
	return m, err
}

// Derive gives the 32-byte key of one purpose (HKDF-SHA-256, RFC 5869).
func (m *Master) Derive(label string) ([]byte, error) {
	return hkdf.Key(sha256.New, m.key, nil, label, masterLen)
}

// Check gives a value that tells whether a database belongs to this master key, and nothing else.
func (m *Master) Check(instance string) (string, error) {
	key, err := m.Derive(labelCheck)
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte(instance))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)), nil
}

// Seal encrypts data so that it can be opened only with this master key and only at the same place: table, column and
// row. What is sealed for one row is worthless in another.
func (m *Master) Seal(data []byte, place ...string) string {
	return base64.RawStdEncoding.EncodeToString(m.seal.Seal(nil, nil, data, address(place)))
}

// Open decrypts what Seal made. It fails if the text was changed or moved.
func (m *Master) Open(sealed string, place ...string) ([]byte, error) {
	return open(m.seal, sealed, place)
}

func open(aead cipher.AEAD, sealed string, place []string) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, errors.New("secret: not a sealed value")
	}
	data, err := aead.Open(nil, nil, raw, address(place))
	if err != nil {
		return nil, errors.New("secret: a sealed value cannot be opened: wrong key, changed, or moved")
	}
	return data, nil
}

// address joins the parts of a place, each with its length, so that no two places read alike.
func address(place []string) []byte {
	var b []byte
	for _, p := range place {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}

// SealFor encrypts data under a key made from a random token that its holder alone has: whoever keeps only the
// token's hash cannot open it.
func SealFor(token Secret, data []byte, place ...string) (string, error) {
	aead, err := tokenAEAD(token)
	if err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(aead.Seal(nil, nil, data, address(place))), nil
}

// OpenFor decrypts what SealFor made with the same token and place.
func OpenFor(token Secret, sealed string, place ...string) ([]byte, error) {
	aead, err := tokenAEAD(token)
	if err != nil {
		return nil, err
	}
	return open(aead, sealed, place)
}

func tokenAEAD(token Secret) (cipher.AEAD, error) {
	if len(token) < randomLen {
		return nil, errors.New("secret: a token to seal with has at least 256 bits")
	}
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "latchkey/1/token-seal", masterLen)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
