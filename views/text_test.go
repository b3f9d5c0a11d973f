package views

import (
	"math"
	"testing"
	"time"
)

func TestRelativeTimesHaveOneUnitAndADirection(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"just now": 0, "in a moment": 20 * time.Second, "1 min ago": -50 * time.Second, "12 min ago": -12 * time.Minute,
		"59 min ago": -59*time.Minute - 59*time.Second, "4 h ago": -4*time.Hour - 30*time.Minute, "in 23 h": 23 * time.Hour,
		"1 day ago": -24 * time.Hour, "3 days ago": -3 * 24 * time.Hour, "in 85 days": 85*24*time.Hour + time.Hour, "in 90 days": 90*24*time.Hour - 5*time.Second,
		"in 1 year": 366 * 24 * time.Hour, "2 years ago": -2 * 366 * 24 * time.Hour,
	} {
		if got := Relative(now.Add(d), now); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestMomentsAreInUTCAndEmptyWhenUnknown(t *testing.T) {
	oslo := time.Date(2027, 2, 14, 0, 30, 0, 0, time.FixedZone("", 3600))
	if got, want := Day(oslo, now), (When{"13 Feb 2027", "in 84 days", "13 Feb 2027, 23:30 UTC", "2027-02-13T23:30:00Z"}); got != want {
		t.Errorf("Day: %+v, want %+v", got, want)
	}
	if got, want := Moment(oslo, oslo), (When{"13 Feb 2027, 23:30 UTC", "just now", "", "2027-02-13T23:30:00Z"}); got != want {
		t.Errorf("Moment: %+v, want %+v", got, want)
	}
	if got, want := Ago(now.Add(-time.Hour), now), (When{"1 h ago", "", "21 Nov 2026, 13:02 UTC", "2026-11-21T13:02:00Z"}); got != want {
		t.Errorf("Ago: %+v, want %+v", got, want)
	}
	for name, f := range map[string]func(time.Time, time.Time) When{"Day": Day, "Moment": Moment, "Ago": Ago} {
		if got := f(time.Time{}, now); got != (When{}) {
			t.Errorf("%s of no time: %+v", name, got)
		}
	}
	if got := ShortDate(oslo); got != "13 Feb" {
		t.Errorf("ShortDate: %q", got)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64][2]string{
		0: {"0", "0"}, 214: {"214", "214"}, 7_214: {"7,214", "7,214"}, 9_999: {"9,999", "9,999"}, 41_208: {"41,208", "41 k"},
		86_400: {"86,400", "86 k"}, 999_600: {"999,600", "1.0 M"}, 6_312_044: {"6,312,044", "6.3 M"}, 12_500_000: {"12,500,000", "12 M"},
		3_000_000_000: {"3,000,000,000", "3.0 G"}, -5_000: {"-5,000", "-5,000"}, math.MinInt64: {"-9,223,372,036,854,775,808", "-9223372037 G"},
	} {
		if got := Number(n); got != want[0] {
			t.Errorf("Number(%d) = %q, want %q", n, got, want[0])
		}
		if got := Short(n); got != replaceSpace(want[1]) {
			t.Errorf("Short(%d) = %q, want %q", n, got, want[1])
		}
	}
	if Count(1, "key", "keys") != "1 key" || Count(0, "key", "keys") != "0 keys" || Count(1290, "key", "keys") != "1,290 keys" {
		t.Error("Count")
	}
}

func replaceSpace(s string) string {
	out := []rune(s)
	for i, r := range out {
		if r == ' ' {
			out[i] = '\u00a0'
		}
	}
	return string(out)
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		TypeLabel("search"): "Public search", TypeLabel("private"): "Private", AccessLabel("search"): "Search only",
		AccessLabel("custom"): "Custom", StatusLabel(StatusExpiring): "Expires soon", StatusLabel(StatusUnused): "Unused 90 days", StatusLabel(StatusNeverUsed): "Never used", StatusLabel(StatusLegacy): "Legacy", RoleLabel("PROJECT_VIEWER"): "Project viewer",
		RoleLabel("SOMETHING"): "SOMETHING", LanguageLabel(""): "Universal", LanguageLabel("PT-BR"): "Portuguese (Brazil)", LanguageLabel("xx"): "xx",
		spelled("private", "private-6fK*****0kV"): "Private key ending in 0 k V", spelled("admin", "é"): "Admin key ending in é",
		initials("mara.lindqvist@nordlys.example"): "ML", initials("Storefront"): "ST", initials("pat@nordlys.example"): "PA", initials("é"): "É", initials("  "): "", initials("øre æra"): "ØÆ",
		lower("Search queries"): "search queries", lower("A/B tests"): "A/B tests", lower("API keys"): "API keys", lower(""): "",
		capital(""): "", capital("search documents"): "Search documents",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNoticesLeadNowhereElse(t *testing.T) {
	for href, want := range map[string]string{
		"/console/account?a=b": "/console/account?a=b", "//evil.example": "/x", "https://evil.example": "/x", "javascript:alert(1)": "/x",
		"/\\evil.example": "/x", "/\t/evil.example": "/x", "": "/x",
	} {
		if got := local(href, "/x"); got != want {
			t.Errorf("%q: %q, want %q", href, got, want)
		}
	}
}

func TestAddressesEscapeWhatTheyAreMadeOf(t *testing.T) {
	for got, want := range map[string]string{
		KeyURL("a", "b", "c"):        "/console/organizations/a/projects/b/credentials/c",
		KeyURL("../x", "b?c", "d/e"): "/console/organizations/..%2Fx/projects/b%3Fc/credentials/d%2Fe",
		RevealDoneURL("a", "b", "c"): "/console/organizations/a/projects/b/credentials/c/reveal/done",
		NewProjectURL("a"):           "/console/organizations/a/projects/new",
		LoginNextURL("/a?b=c&d=e"):   "/console/login?next=%2Fa%3Fb%3Dc%26d%3De",
		LoginNextURL(""):             "/console/login",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestBrowsersAreNamed(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36":                     "Chrome on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0": "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":     "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156 Safari/604.1":    "Chrome on iPhone",
		"Mozilla/5.0 (Unheard of) Firefox/150.0": "Firefox", "Mozilla/5.0 (X11; Linux)": "Mozilla/5.0 (X11; Linux)", "curl/8.1": "curl/8.1", "": "",
	} {
		if got := Browser(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func TestKeysAreCalledAsTheyWereDescribed(t *testing.T) {
	for _, c := range [][4]string{
		{"Checkout production", "checkout-production", "Checkout production", ""},
		{"Private API key", "private-key", "Private API key", "private-key"},
		{"", "private-key", "private-key", ""},
		{"مفتاح", "private-key-2", "مفتاح", "private-key-2"},
	} {
		if got := called(c[0], c[1]); got != c[2] {
			t.Errorf("%q is called %q", c[0], got)
		}
		if got := alias(c[0], c[1]); got != c[3] {
			t.Errorf("%q has the other name %q", c[0], got)
		}
	}
}
