package secret

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

func reference(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}

// The keys of RFC 4231 that fit into one block.
func TestStatesKnownAnswers(t *testing.T) {
	for _, c := range []struct{ key, message, want string }{
		{strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{strings.Repeat("\xaa", 20), strings.Repeat("\xdd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	} {
		s, err := NewStates(Secret(c.key))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.MAC([]byte(c.message))
		if err != nil || hex.EncodeToString(got) != c.want {
			t.Errorf("MAC = %x, %v; want %s", got, err, c.want)
		}
	}
}

func TestStatesAgreeWithHMAC(t *testing.T) {
	for i := range 3000 {
		key, message := make([]byte, 1+i%MaxKeyLen), make([]byte, i%700)
		rand.Read(key)
		rand.Read(message)
		s, err := NewStates(Secret(key))
		if err != nil {
			t.Fatal(err)
		}
		want := reference(key, message)
		if !s.Verify(message, want) {
			t.Fatalf("a true MAC was refused (key of %d bytes, message of %d)", len(key), len(message))
		}
		want[i%len(want)] ^= 1
		if s.Verify(message, want) {
			t.Fatal("a changed MAC was accepted")
		}
	}
}

func TestStatesRefuseUnfitKeys(t *testing.T) {
	for name, key := range map[string]Secret{"empty": "", "longer than a block": Secret(strings.Repeat("a", 65))} {
		if _, err := NewStates(key); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzStates(f *testing.F) {
	f.Add([]byte("key"), []byte("message"))
	f.Fuzz(func(t *testing.T, key, message []byte) {
		if len(key) == 0 || len(key) > MaxKeyLen {
			return
		}
		s, err := NewStates(Secret(key))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.MAC(message); err != nil || !bytes.Equal(got, reference(key, message)) {
			t.Errorf("MAC = %x, %v", got, err)
		}
	})
}

func BenchmarkStatesVerify(b *testing.B) {
	key, message := Mint(Private), make([]byte, 193)
	s, err := NewStates(key)
	if err != nil {
		b.Fatal(err)
	}
	mac := reference([]byte(key.Reveal()), message)
	for b.Loop() {
		if !s.Verify(message, mac) {
			b.Fatal("refused")
		}
	}
}
