package secret

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func testMaster(t *testing.T) (*Master, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	m, err := CreateMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	return m, path
}

func TestSealedValuesStayWhereTheyBelong(t *testing.T) {
	m, path := testMaster(t)
	again, err := LoadMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := testMaster(t)
	sealed := m.Seal([]byte("precious"), "keys", "states", "1")
	if got, err := again.Open(sealed, "keys", "states", "1"); err != nil || string(got) != "precious" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if strings.Contains(sealed, "precious") || m.Seal([]byte("precious"), "keys", "states", "1") == sealed {
		t.Error("sealing hides too little")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another row":               func() ([]byte, error) { return m.Open(sealed, "keys", "states", "2") },
		"another column":            func() ([]byte, error) { return m.Open(sealed, "keys", "sealed", "1") },
		"parts joined otherwise":    func() ([]byte, error) { return m.Open(sealed, "keysstates", "1") },
		"another master key":        func() ([]byte, error) { return other.Open(sealed, "keys", "states", "1") },
		"not base64":                func() ([]byte, error) { return m.Open("%%", "keys", "states", "1") },
		"cut":                       func() ([]byte, error) { return m.Open(sealed[:8], "keys", "states", "1") },
		"opened as a token's value": func() ([]byte, error) { return OpenFor(Token(), sealed, "keys", "states", "1") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: opened as %q", name, got)
		}
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(raw) * 8 {
		raw[i/8] ^= 1 << (i % 8)
		if _, err := m.Open(base64.RawStdEncoding.EncodeToString(raw), "keys", "states", "1"); err == nil {
			t.Fatalf("a change of bit %d is not noticed", i)
		}
		raw[i/8] ^= 1 << (i % 8)
	}
}

func TestSealForOneToken(t *testing.T) {
	token := Token()
	sealed, err := SealFor(token, []byte("precious"), "reveals", "1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenFor(token, sealed, "reveals", "1"); err != nil || string(got) != "precious" {
		t.Fatalf("OpenFor = %q, %v", got, err)
	}
	if _, err := OpenFor(Token(), sealed, "reveals", "1"); err == nil {
		t.Error("another token opens it")
	}
	if _, err := OpenFor(token, sealed, "reveals", "2"); err == nil {
		t.Error("it opens for another subject")
	}
	if _, err := SealFor("short", nil); err == nil {
		t.Error("a guessable token was taken")
	}
}

func TestLoadMasterRefuses(t *testing.T) {
	_, path := testMaster(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"readable by others": {string(good), 0o644, "can be read by others"},
		"too short":          {"aGVsbG8=\n", 0o600, "not a master key"},
		"not base64":         {"%%%", 0o600, "not a master key"},
		"empty":              {"", 0o600, "not a master key"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "k")
			if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := LoadMaster(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || Missing(err) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	if _, err := CreateMaster(path); err == nil {
		t.Error("an existing master key was overwritten")
	}
	if _, err := LoadMaster(path + "x"); !Missing(err) {
		t.Errorf("missing file: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	m, _ := testMaster(t)
	seen := map[string]string{}
	for _, label := range []string{labelSeal, labelCheck, LabelLogin, LabelAudit} {
		k, err := m.Derive(label)
		if err != nil || len(k) != 32 {
			t.Fatalf("%s: %d bytes, %v", label, len(k), err)
		}
		if before, ok := seen[string(k)]; ok {
			t.Errorf("%s and %s share a key", label, before)
		}
		seen[string(k)] = label
	}
}
