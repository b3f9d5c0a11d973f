package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Hidden stands in the place of what may have been a secret.
const Hidden = "[hidden]"

const (
	// keyForm is a key of ours or of an older form, or a signed search key or a login token, or a good part of one.
	// Its dash may be escaped, as in addresses and in JSON, also more than once.
	keyForm = `(?:search|private|admin)` + dash + `[0-9a-z]{12,}|(?:api|public)` + dash + `[0-9a-z]{20,}|eyJ[0-9A-Za-z_-]{8,}[0-9A-Za-z_.-]*`
	dash    = `(?:-|%(?:25)*2d|\\\\*u002d)`
	// longRun is more letters and digits in a row than any word has.
	longRun = `[0-9A-Za-z]{32,}`
)

var (
	likeKey    = regexp.MustCompile(`(?i)` + keyForm)
	likeSecret = regexp.MustCompile(`(?i)` + keyForm + `|` + longRun)
	likeScheme = regexp.MustCompile(`(?i)\b(basic|bearer)[\s+]+[0-9a-z+/=._~-]{6,}`)
	likeNamed  = regexp.MustCompile(`(?i)((?:passw(?:or)?d|passphrase|secret|token|authorization|credentials?|\bpwd|(?:api|access|secret|private|admin|session)[-_ ]?keys?)["'\\]*\s*[:=]\s*["'\\]*)[^\s"'\\,;&}]+`)
)

// Hide takes out of a text whatever has the form of a secret: keys, signed search keys, login tokens, and anything that
// is 32 or more letters and digits in a row.
func Hide(s string) string { return likeSecret.ReplaceAllString(s, Hidden) }

// HideKeys is Hide for texts in which long identifiers are usual: it takes out keys and tokens only.
func HideKeys(s string) string { return likeKey.ReplaceAllString(s, Hidden) }

// Hider takes secrets out of requests and answers before they are kept. It knows them by their form, as Hide does, by
// the name under which they stand, and by themselves.
type Hider struct {
	Known []string // hidden wherever they stand, such as what a request proved itself with
}

// Text hides what is secret in a text: what Hide does, what follows "password=" and the like, and what is known.
func (h Hider) Text(s string) string {
	s = h.known(s)
	s = likeScheme.ReplaceAllString(s, "$1 "+Hidden)
	return likeNamed.ReplaceAllString(Hide(s), "${1}"+Hidden)
}

// ID hides what is secret in an identifier, in which a long row of letters and digits is no secret.
func (h Hider) ID(s string) string { return HideKeys(h.known(s)) }

// minKnown is how long a known secret must be: a shorter one would be found in every word.
const minKnown = 6

// known hides what is known, also where it is escaped as in addresses.
func (h Hider) known(s string) string {
	for _, k := range h.Known {
		if len(k) < minKnown {
			continue
		}
		if s = strings.ReplaceAll(s, k, Hidden); strings.Contains(unescape(s), k) {
			return Hidden
		}
	}
	return s
}

// lastKey is a name whose last word is key.
var lastKey = regexp.MustCompile(`(?:^|[^A-Za-z])(?i:keys?)$|[a-z]Keys?$`)

// promises reports whether what stands under a name is a secret, going by the name.
func promises(name string) bool {
	if name == "_group_key" { // of a search, the value by which results are grouped
		return false
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == ' ' || r == '.':
			return -1
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
	for _, word := range []string{"password", "passwd", "passphrase", "secret", "token", "credential", "authorization"} {
		if strings.Contains(plain, word) {
			return true
		}
	}
	return plain == "pwd" || plain == "pass" || plain == "auth" || lastKey.MatchString(name)
}

// notJSON stands for a body that is no JSON: there is no telling what is a secret in it.
const notJSON = "[not valid JSON]"

// cutMark stands at the end of what was cut.
const cutMark = "…"

// JSON hides what is secret in a JSON text and cuts it to about most bytes. head is its beginning, or all of it where whole
// is set. What is no JSON is not shown at all.
func (h Hider) JSON(head []byte, whole bool, most int) string {
	if len(bytes.TrimSpace(head)) == 0 {
		return ""
	}
	w := jsonHider{Hider: h, d: jsontext.NewDecoder(bytes.NewBuffer(head), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)), head: head}
	for len(w.out) < most {
		err := w.next()
		switch {
		case errors.Is(err, io.EOF) && whole && w.d.StackDepth() == 0:
			return clip(string(w.out), most)
		case !whole && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)):
			return clip(string(w.out), most) + cutMark
		case err != nil:
			return notJSON
		}
	}
	return clip(string(w.out), most) + cutMark
}

// jsonHider copies JSON token by token.
type jsonHider struct {
	Hider
	d      *jsontext.Decoder
	head   []byte
	out    []byte
	begun  bool
	secret bool // the next value stands under a name that promises a secret
	hiding int  // the depth in which all values are hidden; 0: none
}

var errMore = errors.New("secret: more than one JSON value")

func (w *jsonHider) next() error {
	from, another := w.d.InputOffset(), w.begun && w.d.StackDepth() == 0
	token, err := w.d.ReadToken()
	switch {
	case err != nil:
		return err
	case another:
		return errMore
	}
	w.begun = true
	piece := w.head[from:w.d.InputOffset()]
	mark := bytes.TrimLeft(piece, " \t\r\n:,")
	w.out = append(w.out, piece[:len(piece)-len(mark)]...)
	w.out = append(w.out, w.hide(token, mark)...)
	return nil
}

// hide gives a token as it is shown, and keeps what it tells of the next one.
func (w *jsonHider) hide(token jsontext.Token, raw []byte) []byte {
	depth := w.d.StackDepth()
	in, n := w.d.StackIndex(depth)
	name := in == '{' && n%2 == 1 && token.Kind() == '"'
	hidden := w.secret || w.hiding > 0
	switch token.Kind() {
	case '{', '[':
		if w.secret && w.hiding == 0 {
			w.hiding = depth
		}
	case '}', ']':
		if depth < w.hiding {
			w.hiding = 0
		}
	case '"':
		text := token.String()
		if name {
			w.secret = promises(text)
			return quoted(raw, text, w.Text(text))
		}
		shown := w.Text(text)
		if hidden && text != "" {
			shown = Hidden
		}
		raw = quoted(raw, text, shown)
	case '0':
		if hidden {
			raw = []byte(`"` + Hidden + `"`)
		}
	}
	w.secret = false
	return raw
}

// quoted gives a string as it stood where nothing was hidden in it.
func quoted(raw []byte, text, shown string) []byte {
	if shown == text {
		return raw
	}
	b, _ := json.Marshal(shown) // a string can always be written
	return b
}

// URL hides what is secret in the path and the query of a request, and cuts it.
func (h Hider) URL(uri string, most int) string {
	path, query, found := strings.Cut(uri, "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = h.part(s)
	}
	shown := strings.Join(segments, "/")
	if found {
		pairs := strings.Split(query, "&")
		for i, pair := range pairs {
			pairs[i] = h.pair(pair)
		}
		shown += "?" + strings.Join(pairs, "&")
	}
	return clip(shown, most)
}

// pair hides a parameter, the name of which may promise a secret in any of its parts: "filters[key]".
func (h Hider) pair(pair string) string {
	name, value, found := strings.Cut(pair, "=")
	for part := range strings.FieldsFuncSeq(unescape(name), func(r rune) bool { return r == '[' || r == ']' }) {
		if promises(part) && found {
			return h.part(name) + "=" + Hidden
		}
	}
	if !found {
		return h.part(name)
	}
	return h.part(name) + "=" + h.part(value)
}

// part hides a piece of an address, however often it is escaped, and leaves it alone where nothing in it is secret.
func (h Hider) part(escaped string) string {
	plain := unescape(escaped)
	if shown := h.Text(plain); shown != plain {
		return url.QueryEscape(strings.ReplaceAll(shown, Hidden, "hidden"))
	}
	if h.Text(escaped) != escaped {
		return "hidden"
	}
	return escaped
}

func unescape(s string) string {
	for range 5 {
		plain, err := url.QueryUnescape(s)
		if err != nil || plain == s {
			break
		}
		s = plain
	}
	return s
}

// Line hides what is secret in a text and cuts it.
func (h Hider) Line(s string, most int) string {
	return clip(h.Text(s), most)
}

// clip cuts a text to at most so many bytes of valid UTF-8.
func clip(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}
