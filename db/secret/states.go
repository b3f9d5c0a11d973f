package secret

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding"
	"errors"
	"hash"
)

// States are the two states of SHA-256 after the key block of HMAC: all that is needed to compute HMAC-SHA-256 under
// a key, and not enough to find the key. FIPS 198-1 section 6 allows keeping them and demands that they are protected
// like the key: whoever has them can sign anything in the key's name.
type States [64]byte

// A marshalled SHA-256 is 4 bytes of magic, 32 of state, a 64-byte buffer and an 8-byte length.
const (
	magicLen   = 4
	stateLen   = sha256.Size
	bufferLen  = sha256.BlockSize
	marshalLen = magicLen + stateLen + bufferLen + 8
)

// NewStates computes the states of a key. The key must not be longer than 64 bytes (MaxKeyLen).
func NewStates(key Secret) (States, error) {
	var s States
	if len(key) == 0 || len(key) > MaxKeyLen {
		return s, errors.New("secret: a signing key has 1 to 64 bytes")
	}
	for i, pad := range []byte{0x36, 0x5c} {
		block := bytes.Repeat([]byte{pad}, sha256.BlockSize)
		for j := range len(key) {
			block[j] ^= key[j]
		}
		h := sha256.New()
		h.Write(block)
		m, err := h.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			return s, err
		}
		// Go warns that a marshalled hash may hold parts of its input: keep the state alone, and make sure.
		if len(m) != marshalLen || !bytes.Equal(m[magicLen+stateLen:magicLen+stateLen+bufferLen], make([]byte, bufferLen)) {
			return s, errors.New("secret: this Go marshals SHA-256 in a form that is not known here")
		}
		copy(s[i*stateLen:], m[magicLen:magicLen+stateLen])
	}
	return s, nil
}

// resume gives a SHA-256 that has read one block and stands in the given state.
func resume(state []byte) (hash.Hash, error) {
	h := sha256.New()
	m, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, err
	}
	copy(m[magicLen:], state)
	m[marshalLen-1] = sha256.BlockSize // the length so far, big endian
	return h, h.(encoding.BinaryUnmarshaler).UnmarshalBinary(m)
}

// MAC computes HMAC-SHA-256 of a message under the key the states came from.
func (s *States) MAC(message []byte) ([]byte, error) {
	inner, err := resume(s[:stateLen])
	if err != nil {
		return nil, err
	}
	inner.Write(message)
	outer, err := resume(s[stateLen:])
	if err != nil {
		return nil, err
	}
	outer.Write(inner.Sum(nil))
	return outer.Sum(nil), nil
}

// Verify reports, in constant time, whether mac is the HMAC-SHA-256 of a message.
func (s *States) Verify(message, mac []byte) bool {
	want, err := s.MAC(message)
	return err == nil && subtle.ConstantTimeCompare(want, mac) == 1
}
