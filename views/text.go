package views

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// When is a moment as the pages show it. The zero When is shown as a dash, or as the word a page has for it.
type When struct {
	Text    string // "14 Feb 2027", or "3 days ago" where that is what counts
	Note    string // "in 85 days", shown smaller beside or below the text; may be empty
	Title   string // the full moment, shown when pointed at; may be empty
	Machine string // RFC 3339, for the datetime attribute
}

// Day shows the date of t with how far it is from now: "14 Feb 2027", "in 85 days". The zero time gives the zero When.
func Day(t, now time.Time) When {
	if t.IsZero() {
		return When{}
	}
	return When{Text: Date(t), Note: Relative(t, now), Title: DateTime(t), Machine: machine(t)}
}

// Moment shows t to the minute with how far it is from now: "14 Feb 2027, 09:41 UTC", "2 h ago".
func Moment(t, now time.Time) When {
	if t.IsZero() {
		return When{}
	}
	return When{Text: DateTime(t), Note: Relative(t, now), Machine: machine(t)}
}

// Ago shows how long t is past, with the full moment as its title: "3 days ago".
func Ago(t, now time.Time) When {
	if t.IsZero() {
		return When{}
	}
	return When{Text: capital(Relative(t, now)), Title: DateTime(t), Machine: machine(t)}
}

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Date is the day of t in UTC, "14 Feb 2027".
func Date(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// ShortDate is the day of t in UTC without the year, "14 Feb", for axes.
func ShortDate(t time.Time) string { return t.UTC().Format("2 Jan") }

// DateTime is t to the minute, "14 Feb 2027, 09:41 UTC".
func DateTime(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// Relative says how far t is from now in one unit: "just now", "12 min ago", "in 3 days", "2 years ago".
func Relative(t, now time.Time) string {
	d := now.Sub(t)
	past := d >= 0
	d = d.Abs()
	if d < 45*time.Second {
		if past {
			return "just now"
		}
		return "in a moment"
	}
	if past {
		return span(d) + " ago"
	}
	// What was just given 90 days has a few seconds less, and is still said to end in 90 days.
	const day = 24 * time.Hour
	if d > day-time.Minute {
		d = d.Round(day)
	}
	return "in " + span(d)
}

func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Hour:
		return strconv.Itoa(max(1, int(d/time.Minute))) + " min"
	case d < day:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d < 365*day:
		return Count(int64(d/day), "day", "days")
	default:
		return Count(int64(d/(365*day)), "year", "years")
	}
}

// Number writes n with separators: 41,208.
func Number(n int64) string {
	digits, sign := strings.CutPrefix(strconv.FormatInt(n, 10), "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if sign {
		return "-" + digits
	}
	return digits
}

// Short writes n with two or three digits that matter: 214, 86 k, 6.3 M.
func Short(n int64) string {
	f := float64(n)
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(f) < u.size*0.9995 {
			continue
		}
		if n < 10_000 && n > -10_000 {
			return Number(n)
		}
		v := f / u.size
		if math.Abs(v) < 9.95 {
			return strconv.FormatFloat(v, 'f', 1, 64) + "\u00a0" + u.name
		}
		return strconv.FormatFloat(v, 'f', 0, 64) + "\u00a0" + u.name
	}
	return strconv.FormatInt(n, 10)
}

// Count writes a number with its noun: "1 key", "1,290 keys".
func Count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// RoleLabel is a role in words. An unknown role is shown as it is.
func RoleLabel(role string) string {
	switch role {
	case "ORGANIZATION_ADMIN":
		return "Organization admin"
	case "ORGANIZATION_MEMBER":
		return "Organization member"
	case "PROJECT_ADMIN":
		return "Project admin"
	case "PROJECT_VIEWER":
		return "Project viewer"
	}
	return role
}

// LanguageLabel is a language of engines in words; "" is the one that fits every text.
func LanguageLabel(code string) string {
	names := map[string]string{
		"": "Universal", "da": "Danish", "de": "German", "en": "English", "es": "Spanish", "fr": "French",
		"it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese",
		"pt-br": "Portuguese (Brazil)", "ru": "Russian", "th": "Thai", "zh": "Chinese",
	}
	if name, ok := names[strings.ToLower(code)]; ok {
		return name
	}
	return code
}

// capital writes the first letter large.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// isolate keeps a name's writing direction to itself where no element can, as in a title or an attribute.
func isolate(s string) string { return "\u2068" + s + "\u2069" }

// initials are the two letters of an avatar: of the first two words, or of the only one.
func initials(s string) string {
	s, _, _ = strings.Cut(s, "@")
	var letters []rune
	between := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for _, word := range strings.FieldsFunc(s, between) {
		letters = append(letters, []rune(word)[0])
		if len(letters) == 2 {
			break
		}
	}
	if len(letters) == 1 {
		if word := []rune(strings.TrimFunc(s, between)); len(word) > 1 {
			letters = word[:2]
		}
	}
	return strings.ToUpper(string(letters))
}

// Browser names the browser and the system of a User-Agent header, "Firefox on Linux". What it does not know it gives
// back as it is.
func Browser(agent string) string {
	first := func(list [][2]string) string {
		for _, known := range list {
			if strings.Contains(agent, known[0]) {
				return known[1]
			}
		}
		return ""
	}
	// In this order: nearly all of them claim to be Safari, and many to be Chrome.
	browser := first([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := first([][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	switch {
	case !strings.HasPrefix(agent, "Mozilla/") || browser == "":
		return agent
	case system == "":
		return browser
	}
	return browser + " on " + system
}

// spelled is a visible key for a screen reader: "Private key ending in 0 k V".
func spelled(kind, visible string) string {
	tail := []rune(visible)
	if len(tail) > 3 {
		tail = tail[len(tail)-3:]
	}
	letters := make([]string, len(tail))
	for i, r := range tail {
		letters[i] = string(r)
	}
	return fmt.Sprintf("%s key ending in %s", TypeLabel(kind), strings.Join(letters, " "))
}
