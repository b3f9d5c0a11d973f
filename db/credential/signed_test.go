package credential_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// sign makes a token of exactly these bytes.
func sign(key, header, payload string) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signing := b64([]byte(header)) + "." + b64([]byte(payload))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(signing))
	return signing + "." + b64(h.Sum(nil))
}

const plain = `{"alg":"HS256","typ":"JWT"}`

func TestSignedKeysOfAllClients(t *testing.T) {
	p := open(t)
	now := p.clock.Now().Unix()
	k, err := p.GetByName(ctx, audit.CommandLine(), p.place, "private-key")
	if err != nil {
		t.Fatal(err)
	}
	library, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"api_key_name": "private-key", "filters": map[string]any{"a": "b"}}).SignedString([]byte(p.private))
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"a JWT library":                  library,
		"node: iat and exp":              sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","iat":%d,"exp":%d}`, now, now+300)),
		"ruby: no typ":                   sign(p.private, `{"alg":"HS256"}`, `{"api_key_name":"private-key"}`),
		"typ first":                      sign(p.private, `{"typ":"JWT","alg":"HS256"}`, `{"api_key_name":"private-key"}`),
		"clients of before 2018":         sign(p.private, plain, `{"api_key_id":"private-key"}`),
		"named by id":                    sign(p.private, plain, `{"api_key_id":"`+k.ID+`"}`),
		"signed with the search key":     sign(p.search, plain, `{"api_key_name":"search-key"}`),
		"expired, within the leeway":     sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","exp":%d}`, now-30)),
		"from a clock that runs ahead":   sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","nbf":%d,"iat":%d}`, now+30, now+30)),
		"options of every JSON type":     sign(p.private, plain, `{"api_key_name":"private-key","facets":null,"page":{"size":3},"query":"x"}`),
		"a time with a fraction":         sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","exp":%d.5}`, now+3)),
		"a name in another writing mode": sign(p.private, plain, `{"api_key_name":"\u0070rivate-key"}`),
	} {
		proof := p.CheckSigned(token, "")
		if proof.Reason != "" || proof.Principal.Kind != permission.Signed || proof.KeyID == "" {
			t.Errorf("%s: %+v", name, proof)
			continue
		}
		if proof.Principal.Permissions != permission.Of(permission.SearchRead) {
			t.Errorf("%s: may do %v", name, proof.Principal.Permissions.List())
		}
		for _, reserved := range []string{"api_key_name", "api_key_id", "iat", "exp", "nbf"} {
			if _, ok := proof.Principal.Enforced[reserved]; ok {
				t.Errorf("%s: %s became a search option", name, reserved)
			}
		}
	}
	proof := p.CheckSigned(sign(p.private, plain, `{"api_key_name":"private-key","facets":null,"page":{"size":3}}`), "")
	if e := proof.Principal.Enforced; len(e) != 2 || string(e["facets"]) != "null" || string(e["page"]) != `{"size":3}` {
		t.Errorf("enforced %s", e)
	}
}

func TestSignedKeysRefused(t *testing.T) {
	p := open(t)
	now := p.clock.Now().Unix()
	expiring := private(permission.AccessRead)
	expiring.Name, expiring.ExpiresAt = "ended", p.clock.Now().Add(time.Second)
	_, ended := p.create(t, expiring)
	revokedKey, revoked := p.create(t, credential.Input{Name: "revoked", Type: secret.Private, Access: permission.AccessRead, AllEngines: true})
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, revokedKey.ID); err != nil {
		t.Fatal(err)
	}
	_, writer := p.create(t, credential.Input{Name: "writer", Type: secret.Private, Access: permission.AccessWrite, AllEngines: true})
	_, admin := p.create(t, credential.Input{Name: "admin", Type: secret.Admin})
	p.clock.Add(2 * time.Second)
	good := `{"api_key_name":"private-key","filters":{"a":"b"}}`
	token := sign(p.private, plain, good)
	parts := strings.Split(token, ".")
	library := func(m jwt.SigningMethod, key any) string {
		s, err := jwt.NewWithClaims(m, jwt.MapClaims{"api_key_name": "private-key"}).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	hash := secret.Hash(p.private)
	sum := sha256.Sum256([]byte(p.private))
	for _, c := range []struct {
		name, token string
		want        credential.Reason
	}{
		{"another key's secret", sign(p.search, plain, good), credential.TokenInvalid},
		{"an empty secret", sign("", plain, good), credential.TokenInvalid},
		{"the stored hash as the secret", sign(string(hash[:]), plain, good), credential.TokenInvalid},
		{"the plain hash as the secret", sign(string(sum[:]), plain, good), credential.TokenInvalid},
		{"the payload changed", parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"api_key_name":"private-key"}`)) + "." + parts[2], credential.TokenInvalid},
		{"no signature", parts[0] + "." + parts[1] + ".", credential.TokenInvalid},
		{"alg none", library(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), credential.TokenInvalid},
		{"HS384", library(jwt.SigningMethodHS384, []byte(p.private)), credential.TokenInvalid},
		{"HS512", library(jwt.SigningMethodHS512, []byte(p.private)), credential.TokenInvalid},
		{"alg in another case", sign(p.private, `{"alg":"hs256"}`, good), credential.TokenInvalid},
		{"no alg", sign(p.private, `{"typ":"JWT"}`, good), credential.TokenInvalid},
		{"crit", sign(p.private, `{"alg":"HS256","crit":["x"]}`, good), credential.TokenInvalid},
		{"kid", sign(p.private, `{"alg":"HS256","typ":"JWT","kid":"1"}`, good), credential.TokenInvalid},
		{"alg doubled", sign(p.private, `{"alg":"none","alg":"HS256"}`, good), credential.TokenInvalid},
		{"an option doubled", sign(p.private, plain, `{"api_key_name":"private-key","filters":{},"filters":{"a":"b"}}`), credential.TokenInvalid},
		{"an option doubled further in", sign(p.private, plain, `{"api_key_name":"private-key","filters":{"a":"b","a":"c"}}`), credential.TokenInvalid},
		{"the name doubled", sign(p.private, plain, `{"api_key_name":"search-key","api_key_name":"private-key"}`), credential.TokenInvalid},
		{"no name", sign(p.private, plain, `{"filters":{}}`), credential.TokenInvalid},
		{"a name that is no text", sign(p.private, plain, `{"api_key_name":1}`), credential.TokenInvalid},
		{"not an object", sign(p.private, plain, `[1]`), credential.TokenInvalid},
		{"null", sign(p.private, plain, `null`), credential.TokenInvalid},
		{"something behind the object", sign(p.private, plain, good+"{}"), credential.TokenInvalid},
		{"not UTF-8", sign(p.private, plain, "{\"api_key_name\":\"private-key\",\"query\":\"\xff\"}"), credential.TokenInvalid},
		{"too deep", sign(p.private, plain, `{"api_key_name":"private-key","filters":`+strings.Repeat("[", 20)+strings.Repeat("]", 20)+`}`), credential.TokenInvalid},
		{"over 8 KiB", sign(p.private, plain, `{"api_key_name":"private-key","query":"`+strings.Repeat("a", 8000)+`"}`), credential.TokenInvalid},
		{"padding", token + "=", credential.TokenInvalid},
		{"a line break", token[:40] + "\n" + token[40:], credential.TokenInvalid},
		{"an unknown parent", sign(p.private, plain, `{"api_key_name":"nosuch"}`), credential.KeyUnknown},
		{"expired", sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","exp":%d}`, now-120)), credential.TokenExpired},
		{"exp as text", sign(p.private, plain, `{"api_key_name":"private-key","exp":"99999999999"}`), credential.TokenInvalid},
		{"exp null", sign(p.private, plain, `{"api_key_name":"private-key","exp":null}`), credential.TokenInvalid},
		{"not yet good", sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","nbf":%d}`, now+600)), credential.TokenInvalid},
		{"made in the future", sign(p.private, plain, fmt.Sprintf(`{"api_key_name":"private-key","iat":%d}`, now+600)), credential.TokenInvalid},
		{"an expired parent", sign(ended, plain, `{"api_key_name":"ended"}`), credential.KeyExpired},
		{"a revoked parent", sign(revoked, plain, `{"api_key_name":"revoked"}`), credential.KeyUnknown},
		{"a revoked parent by id", sign(revoked, plain, `{"api_key_name":"`+revokedKey.ID+`"}`), credential.KeyUnknown},
		{"a parent that may only write", sign(writer, plain, `{"api_key_name":"writer"}`), credential.ParentUnfit},
		{"an admin key as parent", sign(admin, plain, `{"api_key_name":"admin"}`), credential.TokenInvalid},
	} {
		if proof := p.CheckSigned(c.token, ""); proof.Reason != c.want || proof.Principal.Kind != permission.Anonymous {
			t.Errorf("%s: %+v, want %s", c.name, proof, c.want)
		}
	}
	last := token[len(token)-1]
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		if c != last && p.CheckSigned(token[:len(token)-1]+string(c), "").Reason == "" {
			t.Errorf("accepted with the last character %c", c)
		}
	}
	if p.Check(token).Reason != credential.KeyUnknown {
		t.Error("a signed key was taken for a key")
	}
}

func TestSignedKeysBelongToOneProject(t *testing.T) {
	p := open(t)
	p.clock.Add(time.Minute)
	other, keys, err := p.accounts.CreateProject(ctx, audit.CommandLine(), "acme", "Other", nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs := keys[1].Secret.Reveal()
	ours, foreign := sign(p.private, plain, `{"api_key_name":"private-key"}`), sign(theirs, plain, `{"api_key_name":"private-key"}`)
	for _, c := range []struct {
		name, token, project string
		want                 string // project of the principal; "" is refused
	}{
		{"ours in ours", ours, p.place.Project, p.place.Project},
		{"theirs in theirs", foreign, other.ID, other.ID},
		{"ours in theirs", ours, other.ID, ""},
		{"theirs in ours", foreign, p.place.Project, ""},
		{"no project named, of the older", ours, "", p.place.Project},
		{"no project named, of the younger", foreign, "", other.ID},
	} {
		if proof := p.CheckSigned(c.token, c.project); proof.Principal.Project != c.want {
			t.Errorf("%s: %+v", c.name, proof)
		}
	}
}

// Nobody can put out another project's signed keys by calling a key like theirs, or like their id.
func TestSignedKeysCannotBePutOutByNames(t *testing.T) {
	p := open(t)
	p.clock.Add(time.Minute)
	other, keys, err := p.accounts.CreateProject(ctx, audit.CommandLine(), "acme", "Other", nil)
	if err != nil {
		t.Fatal(err)
	}
	victim, id := keys[1].Secret.Reveal(), keys[1].ID
	p.create(t, credential.Input{Name: id, Type: secret.Search, AllEngines: true}) // "private-key" exists in both already
	for _, claim := range []string{`{"api_key_name":"private-key"}`, `{"api_key_id":"` + id + `"}`, `{"api_key_name":"` + id + `"}`} {
		if proof := p.CheckSigned(sign(victim, plain, claim), ""); proof.Principal.Project != other.ID {
			t.Errorf("%s: %+v", claim, proof)
		}
	}
}

func FuzzCheckSigned(f *testing.F) {
	p := open(f)
	f.Add(plain, `{"api_key_name":"private-key","filters":{"a":["b"]}}`, true)
	f.Add(`{"alg":"HS256"}`, `{"api_key_id":"private-key","exp":1}`, false)
	f.Add(plain, `{"api_key_name":"private-key","iat":1,"nbf":1.5,"exp":4e9,"jti":"x","iss":"x","aud":["x"],"sub":"x"}`, true)
	f.Add(`{"typ":"jwt","alg":"HS256"}`, `{"api_key_name":"search-key"}`, false)
	f.Fuzz(func(t *testing.T, header, payload string, right bool) {
		key := p.private
		if !right {
			key = p.search
		}
		p.believes(t, sign(key, header, payload), key)
	})
}

// FuzzSignedToken takes the token as a whole, so that its form is tried too.
func FuzzSignedToken(f *testing.F) {
	p := open(f)
	good := sign(p.private, plain, `{"api_key_name":"private-key","filters":{"a":["b"]}}`)
	parts := strings.Split(good, ".")
	for _, token := range []string{good, good + "=", good + ".", "..", parts[0] + "." + parts[1] + ".", parts[0] + ".." + parts[2], "." + parts[1] + "." + parts[2],
		parts[1] + "." + parts[0] + "." + parts[2], strings.ToUpper(good), good[:len(good)-1] + "\n", strings.Repeat("A", credential.MaxSigned) + ".A.A"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if credential.IsSigned(token) {
			p.believes(t, token, p.private)
		}
	})
}

// believes fails if a token is accepted that a well-kept library refuses under the same key, or if it allows what none may.
func (p project) believes(t *testing.T, token, key string) {
	t.Helper()
	proof := p.CheckSigned(token, "")
	if proof.Reason != "" {
		if proof.Principal.Kind != permission.Anonymous || len(proof.Principal.Permissions.List()) > 0 {
			t.Errorf("%q is refused, and yet somebody: %+v", token, proof)
		}
		return
	}
	// Numbers are taken as they are written: what an option makes of one that is too large is for the option to say.
	library := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation(), jwt.WithJSONNumber())
	if _, err := library.Parse(token, func(*jwt.Token) (any, error) { return []byte(key), nil }); err != nil {
		t.Errorf("accepted %q, which golang-jwt refuses: %v", token, err)
	}
	if may := proof.Principal.Permissions.Strings(); len(token) > credential.MaxSigned || len(may) != 1 || may[0] != string(permission.SearchRead) {
		t.Errorf("%q, of %d bytes, may %v", token, len(token), may)
	}
	for _, claim := range []string{"api_key_name", "api_key_id", "iat", "exp", "nbf", "jti", "iss", "aud", "sub"} {
		if _, ok := proof.Principal.Enforced[claim]; ok {
			t.Errorf("%q: %s became an option of searches", token, claim)
		}
	}
}

func BenchmarkCheckSigned(b *testing.B) {
	p := open(b)
	token := sign(p.private, plain, `{"api_key_name":"private-key","filters":{"states":"Utah"},"search_fields":{"title":{}}}`)
	b.ReportAllocs()
	for b.Loop() {
		if p.CheckSigned(token, "").Reason != "" {
			b.Fatal("refused")
		}
	}
}
