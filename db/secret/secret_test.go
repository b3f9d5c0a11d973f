package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestMint(t *testing.T) {
	seen := map[string]bool{}
	counts := map[byte]int{}
	const rounds = 20_000
	for range rounds {
		s := Mint(Private).Reveal()
		if got, ok := Parse(s); !ok || got != Private {
			t.Fatalf("a minted key does not parse: %q %v", got, ok)
		}
		if len(s) != 57 || seen[s] {
			t.Fatalf("length %d, seen before: %v", len(s), seen[s])
		}
		seen[s] = true
		for i := len("private-") + 1; i < len("private-")+randomLen; i++ { // the first digit of a 256-bit number is not uniform
			counts[s[i]]++
		}
	}
	// Chi-square with 61 degrees of freedom: above 120 in fewer than 1 of 100,000 runs of a fair source.
	mean := float64(rounds*(randomLen-1)) / 62
	chi := 0.0
	for i := range len(alphabet) {
		d := float64(counts[alphabet[i]]) - mean
		chi += d * d / mean
	}
	if chi > 120 {
		t.Errorf("characters are not evenly spread: chi-square %.1f", chi)
	}
}

func TestParseRefuses(t *testing.T) {
	good := Mint(Search).Reveal()
	flip := func(i int) string {
		c := byte('A')
		if good[i] == 'A' {
			c = 'B'
		}
		return good[:i] + string(c) + good[i+1:]
	}
	for name, s := range map[string]string{
		"empty": "", "no prefix": good[7:], "other prefix": "signed" + good[6:], "too short": good[:len(good)-1], "too long": good + "0",
		"a character changed": flip(20), "checksum changed": flip(len(good) - 1), "prefix swapped": "private" + good[6:],
		"space": good + " ", "NUL": good[:20] + "\x00" + good[21:],
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := Parse(s); ok {
				t.Errorf("accepted %q", s)
			}
		})
	}
	for i := 7; i < len(good); i++ {
		if _, ok := Parse(flip(i)); ok {
			t.Errorf("a change of character %d is not noticed", i)
		}
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"private-6fKabcdefghijklmnop0kV":                     "private-6fK*****0kV",
		"SOFKt8Xg6b98L30euM0K4vVR34U8y5hoiagUDBlxsRhmSgNcl7": "SOF*****cl7",
		"short": "*****", "search-short": "search-*****", "": "*****",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSecretNeverPrints(t *testing.T) {
	s := Mint(Admin)
	raw := s.Reveal()
	marshalled, err := json.Marshal(map[string]any{"s": s, "m": Minted{Secret: s}})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "m", Minted{Secret: s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "m", Minted{Secret: s})
	for _, out := range []string{
		fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), fmt.Sprintf("%v %+v %#v", Minted{Secret: s}, &Minted{Secret: s}, Minted{Secret: s}),
		string(marshalled), log.String(),
	} {
		if strings.Contains(out, raw) || !strings.Contains(out, Redacted) {
			t.Errorf("printed as %s", out)
		}
	}
}

func TestShortIsEvenAndOfItsLength(t *testing.T) {
	for range 100 {
		s := Short(12)
		if len(s) != 12 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Fatalf("%q", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Mint(Search).Reveal())
	f.Add("private-")
	f.Fuzz(func(t *testing.T, s string) {
		if typ, ok := Parse(s); ok && (!typ.Valid() || !Plausible(s)) {
			t.Errorf("parsed %q as %q", s, typ)
		}
		if m := Mask(s); len(m) > len("private-")+len("abc*****xyz")+6 || strings.Contains(m, s) && !strings.HasSuffix(s, "-") && s != "" && strings.Trim(s, "*") != "" {
			t.Errorf("the mask of %q shows too much: %q", s, m)
		}
	})
}

func BenchmarkCheckOfShape(b *testing.B) {
	s := Mint(Private).Reveal()
	for b.Loop() {
		if _, ok := Parse(s); !ok {
			b.Fatal("refused")
		}
	}
}
