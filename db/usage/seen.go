package usage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// seen is where, with what and at what a key was used, as it is counted and as it is kept.
type seen struct {
	Addresses sightings `json:"addresses,omitempty"`
	Agents    sightings `json:"agents,omitempty"`
	Endpoints sightings `json:"endpoints,omitempty"`
}

// sighting is one address, user agent or endpoint of a key. Times are Unix milliseconds.
type sighting struct {
	Value    string `json:"v"`
	First    int64  `json:"f"`
	Last     int64  `json:"l"`
	Accepted int64  `json:"a,omitempty"`
	Rejected int64  `json:"r,omitempty"`
}

// sightings are the latest MaxSeen of a kind, the very latest first.
type sightings []sighting

func parseSeen(text string) (seen, error) {
	var s seen
	if text == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("read sightings: %w", err)
	}
	return s, nil
}

// add adds what was seen later.
func (s *seen) add(later seen) {
	s.Addresses.add(later.Addresses)
	s.Agents.add(later.Agents)
	s.Endpoints.add(later.Endpoints)
}

func (l *sightings) add(later sightings) {
	for _, s := range slices.Backward(later) {
		l.put(slices.IndexFunc(*l, func(old sighting) bool { return old.Value == s.Value }), s)
	}
}

// note counts one more of a value, which is given in two parts so that one that is known costs no memory, and gives it
// as it is kept.
func (l *sightings) note(a, b string, accepted bool, now int64) string {
	if a == "" && b == "" {
		return ""
	}
	one := sighting{First: now, Last: now}
	if accepted {
		one.Accepted = 1
	} else {
		one.Rejected = 1
	}
	i := slices.IndexFunc(*l, func(s sighting) bool { return s.is(a, b) })
	if i < 0 {
		if one.Value = strings.Clone(a); b != "" {
			one.Value = a + " " + b
		}
	}
	l.put(i, one)
	return (*l)[0].Value
}

func (s sighting) is(a, b string) bool {
	if b == "" {
		return s.Value == a
	}
	return len(s.Value) == len(a)+1+len(b) && s.Value[:len(a)] == a && s.Value[len(a)+1:] == b
}

// put adds a later sighting to that at i, or as a new one, in whose favour the oldest is forgotten.
func (l *sightings) put(i int, s sighting) {
	if i < 0 {
		if len(*l) < MaxSeen {
			*l = append(*l, sighting{})
		}
		i = len(*l) - 1
	} else {
		old := (*l)[i]
		s.Value, s.First = old.Value, old.First
		s.Accepted, s.Rejected = s.Accepted+old.Accepted, s.Rejected+old.Rejected
	}
	copy((*l)[1:i+1], (*l)[:i])
	(*l)[0] = s
}

// since gives those seen after a moment.
func (l sightings) since(t time.Time) []Sighting {
	var list []Sighting
	for _, s := range l {
		if at := time.UnixMilli(s.Last).UTC(); at.After(t) {
			list = append(list, Sighting{Value: s.Value, First: time.UnixMilli(s.First).UTC(), Last: at, Totals: Totals{s.Accepted, s.Rejected}})
		}
	}
	return list
}
