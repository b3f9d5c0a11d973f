package views

import (
	"testing"
	"time"
)

func TestUsageIsToldInWordsToo(t *testing.T) {
	u := Usage{Range: "30d", Accepted: 12, Rejected: 3, Bars: []UsageBar{{"1 Nov", "1 Nov", 2, 0}, {"2 Nov", "2 Nov", 10, 3}}}
	if got, want := u.describe(), "12 accepted and 3 rejected in the last 30 days. The most in one step was 13, 2 Nov."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := u.rows()[0].Label; got != "2 Nov" {
		t.Errorf("the table begins with %s", got)
	}
	if got := u.chart()[1].Label; got != "Today" {
		t.Errorf("the last bar is called %s", got)
	}
	if got, want := (Usage{}).describe(), "0 accepted and 0 rejected in the last 30 days."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestStepsOfTime(t *testing.T) {
	start := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		span        string
		step        time.Duration
		axis, label string
	}{
		{"24h", time.Hour, "18:00", "21 Nov, 18:00 to 19:00"},
		{"7d", 6 * time.Hour, "21 Nov", "21 Nov, 18:00 to 00:00"},
		{"30d", 24 * time.Hour, "21 Nov", "21 Nov"},
		{"1y", 7 * 24 * time.Hour, "21 Nov", "21 Nov to 27 Nov 2026"},
	} {
		if b := UsageBarOf(c.span, start, start.Add(c.step)); b.Axis != c.axis || b.Label != c.label {
			t.Errorf("%s: %+v", c.span, b)
		}
	}
}

func TestTrends(t *testing.T) {
	for _, c := range []struct {
		now, before int64
		want        string
	}{{108, 100, "up 8%"}, {97, 100, "down 3%"}, {100, 100, "no change"}, {1001, 1000, "no change"}, {5, 0, ""}, {0, 0, ""}, {0, 7, "down 100%"}, {5000, 100, "up 50 times"}} {
		if got := TrendText(c.now, c.before); got != c.want {
			t.Errorf("%d after %d: %q, want %q", c.now, c.before, got, c.want)
		}
	}
}

func TestClientsHaveShortNames(t *testing.T) {
	for agent, want := range map[string]string{
		"curl/8.1": "curl",
		"elastic-app-search-node/8.9.0 axios/1.7": "elastic-app-search-node",
		"Go-http-client/1.1":                      "Go",
		"python-requests/2.32.3":                  "Python requests",
		"GuzzleHttp/7":                            "Guzzle (PHP)",
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox on Linux",
		"":               "No name given",
		"My own client":  "My",
		"/x":             "/x",
		"[hidden] thing": "[hidden]",
	} {
		if got := ClientName(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	for reason, words := range reasonWords {
		if words[0] == "" || words[1] == "" || ReasonLabel(reason) == reason {
			t.Errorf("%s has no words", reason)
		}
	}
	if ReasonLabel("other") != "other" {
		t.Error("a reason without words is not shown as it is")
	}
}
