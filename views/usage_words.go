package views

import (
	"math"
	"strconv"
	"strings"
	"time"

	"latchkey/views/ui"
)

// ranges are the ranges of usage, the shortest first.
var ranges = []struct{ value, label, title, step string }{
	{"24h", "24 h", "last 24 hours", "hour"},
	{"7d", "7 days", "last 7 days", "6 hours"},
	{"30d", "30 days", "last 30 days", "day"},
	{"1y", "1 year", "last year", "week"},
}

func (u Usage) index() int {
	for i, r := range ranges {
		if r.value == u.Range {
			return i
		}
	}
	return 2
}

// over says which range it is: "last 30 days".
func (u Usage) over() string { return ranges[u.index()].title }

// step is what one bar stands for: "day".
func (u Usage) step() string { return ranges[u.index()].step }

// segments are the ranges to choose from. The address of each keeps the reader at the chart.
func (u Usage) segments(address string) []ui.Segment {
	list := make([]ui.Segment, len(ranges))
	for i, r := range ranges {
		list[i] = ui.Segment{Text: r.label, Href: address + "?range=" + r.value + "#usage", Current: i == u.index()}
	}
	return list
}

// UsageBarOf names a step of a range, from one moment up to another.
func UsageBarOf(span string, start, end time.Time) UsageBar {
	start, end = start.UTC(), end.UTC()
	switch span {
	case "24h":
		return UsageBar{Axis: start.Format("15:04"), Label: start.Format("2 Jan, 15:04") + " to " + end.Format("15:04")}
	case "7d":
		return UsageBar{Axis: ShortDate(start), Label: start.Format("2 Jan, 15:04") + " to " + end.Format("15:04")}
	case "1y":
		return UsageBar{Axis: ShortDate(start), Label: ShortDate(start) + " to " + Date(end.AddDate(0, 0, -1))}
	}
	return UsageBar{Axis: ShortDate(start), Label: ShortDate(start)}
}

// chart is the usage as bars.
func (u Usage) chart() []ui.Bar {
	bars := make([]ui.Bar, len(u.Bars))
	for i, b := range u.Bars {
		bars[i] = ui.Bar{
			Label: b.Axis, Accepted: b.Accepted, Rejected: b.Rejected,
			Title: b.Label + ": " + Number(b.Accepted) + " accepted, " + Number(b.Rejected) + " rejected",
		}
	}
	if n := len(bars); n > 0 {
		bars[n-1].Label = map[string]string{"24h": "Now", "7d": "Now", "1y": "This week"}[u.Range]
		if bars[n-1].Label == "" {
			bars[n-1].Label = "Today"
		}
	}
	return bars
}

// describe is the usage in one sentence or two.
func (u Usage) describe() string {
	text := Number(u.Accepted) + " accepted and " + Number(u.Rejected) + " rejected in the " + u.over() + "."
	var most UsageBar
	for _, b := range u.Bars {
		if b.Accepted+b.Rejected > most.Accepted+most.Rejected {
			most = b
		}
	}
	if n := most.Accepted + most.Rejected; n > 0 {
		text += " The most in one step was " + Number(n) + ", " + most.Label + "."
	}
	return text
}

// rows are the bars as a table lists them, latest first. Steps without requests are left out of the long ones.
func (u Usage) rows() []UsageBar {
	var list []UsageBar
	for i := len(u.Bars) - 1; i >= 0; i-- {
		if b := u.Bars[i]; b.Accepted+b.Rejected > 0 || len(u.Bars) <= 30 {
			list = append(list, b)
		}
	}
	return list
}

// none says that there is nothing to draw.
func (u Usage) none() string { return "No requests in the " + u.over() + "." }

// signed says how many came with signed search keys, "" where none did.
func (u Usage) signed() string {
	if u.Signed == 0 {
		return ""
	}
	return Short(u.Signed) + " with signed search keys"
}

// reasonWords are the reasons why requests are rejected, short and in a sentence.
var reasonWords = map[string][2]string{
	"key_revoked":   {"Key revoked", "The key had been revoked."},
	"key_expired":   {"Key expired", "The key had expired."},
	"key_unsure":    {"Key in doubt", "The state of the key could not be read for a moment."},
	"token_invalid": {"Signed key not valid", "A signed search key had times that make no sense, or is not valid yet."},
	"token_expired": {"Signed key expired", "A signed search key made with this key had expired."},
	"parent_unfit":  {"Signed key not allowed", "A signed search key was made with a key that may not search."},
	"not_permitted": {"Not permitted", "The key does not have the permission."},
	"not_found":     {"Nothing there", "The engine or document does not exist, or the key does not reach it."},
	"rate_limited":  {"Too many requests", "A limit of requests was reached."},
	"wrong_project": {"Wrong project", "The address named another project than the key’s."},
	"in_url":        {"Secret in the address", "A secret key stood in the address, where it ends up in logs. Treat it as leaked."},
	"changed":       {"Key changed meanwhile", "What the key may do was changed while the request was on its way."},
	"unknown":       {"Not recorded", "Why is not known."},
}

// ReasonLabel is why a request was rejected, in two or three words.
func ReasonLabel(reason string) string {
	if w, ok := reasonWords[reason]; ok {
		return w[0]
	}
	return reason
}

// reasonSentence is the same in a sentence.
func reasonSentence(reason string) string { return reasonWords[reason][1] }

// TrendText compares a number with that of as long a time before: "up 8%". Where there was nothing before it is empty.
func TrendText(now, before int64) string {
	if before <= 0 {
		return ""
	}
	percent := int(math.Round(float64(now-before) / float64(before) * 100))
	switch {
	case percent >= 1000:
		return "up " + strconv.Itoa(percent/100+1) + " times"
	case percent > 0:
		return "up " + strconv.Itoa(percent) + "%"
	case percent < 0:
		return "down " + strconv.Itoa(-percent) + "%"
	}
	return "no change"
}

// ClientName is the short name of the client in a User-Agent header: "curl", "Firefox on Linux".
func ClientName(agent string) string {
	if agent == "" {
		return "No name given"
	}
	if name := Browser(agent); name != agent {
		return name
	}
	product, _, _ := strings.Cut(agent, " ")
	product, _, _ = strings.Cut(product, "/")
	known := map[string]string{
		"Go-http-client": "Go", "python-requests": "Python requests", "Python-urllib": "Python", "node": "Node.js", "undici": "Node.js",
		"GuzzleHttp": "Guzzle (PHP)", "okhttp": "OkHttp (Java)", "PostmanRuntime": "Postman", "Apache-HttpClient": "Apache HttpClient (Java)",
	}
	if name, ok := known[product]; ok {
		return name
	}
	if product == "" {
		return agent
	}
	return product
}

// clients are the names of the clients of user agents, each once.
func clients(list []Sighting) []string {
	var names []string
	for _, s := range list {
		name, known := ClientName(s.Value), false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			names = append(names, name)
		}
	}
	return names
}

// Exact shows t to the second with how far it is from now: "14 Feb 2027, 09:41:07 UTC".
func Exact(t, now time.Time) When {
	w := Moment(t, now)
	if !t.IsZero() {
		w.Text = t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
	}
	return w
}

// listed is a list in a line, the first few and how many more: "a, b and 3 more".
func listed(list []string, limit int) string {
	if len(list) > limit {
		return strings.Join(list[:limit], ", ") + " and " + strconv.Itoa(len(list)-limit) + " more"
	}
	return strings.Join(list, ", ")
}

// signedText says how many signed search keys were seen.
func (s SignedUse) text() string {
	switch {
	case s.Tokens == 0 && s.Last.Text == "":
		return "None seen"
	case s.Tokens == 0:
		return "None in 30 days"
	case s.Many:
		return "At least " + Number(s.Tokens) + " in 30 days"
	}
	return Number(s.Tokens) + " in 30 days"
}

// summary says under the heading what of it is shown.
func (s Seen) summary() string {
	return "The latest " + Number(s.Full) + " of each, accepted or not."
}

// requests names the number of a list of keys, for those who do not see its column.
func (k UsageKey) share(list []UsageKey) (of, all int64) { return k.Number, list[0].Number }

// trend is what stands beside a number: how it has changed.
func (p UsagePage) trend() string { return TrendText(p.Usage.Accepted, p.Before) }

// rejectedShare says how many of a hundred were rejected.
func (p UsagePage) rejectedShare() string {
	all := p.Usage.Accepted + p.Usage.Rejected
	if all == 0 || p.Usage.Rejected == 0 {
		return ""
	}
	percent := float64(p.Usage.Rejected) / float64(all) * 100
	if percent < 0.1 {
		return "under 0.1%"
	}
	return strconv.FormatFloat(percent, 'f', 1, 64) + "% of all"
}

// dead counts those made with keys that are at their end.
func (p UsagePage) dead() int64 { return p.reason("key_revoked") + p.reason("key_expired") }

func (p UsagePage) reason(code string) (n int64) {
	for _, r := range p.Usage.Reasons {
		if r.Reason == code {
			n += r.Count
		}
	}
	return n
}

// quiet reports that nothing was ever counted in the range.
func (p UsagePage) quiet() bool { return p.Usage.Accepted == 0 && p.Usage.Rejected == 0 }

func (p UsagePage) emptyText() string {
	if p.HasKeys {
		return "Requests are counted as soon as a key is used. Try a longer time, or send a request with one of the keys."
	}
	return "Requests are counted by key. Create one, and its first request shows up here within seconds."
}
