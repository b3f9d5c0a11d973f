package usage

import "strings"

// maxPending is how many signed search keys of one parent are told apart between two flushes.
const maxPending = 100

// counter is what was counted of one key since the last flush.
type counter struct {
	hours    []tally // nearly always one
	usedAt   int64   // 0 unless a request was accepted: only then was the key used
	use      place   // of the latest accepted request
	signedAt int64
	refusals []refusal
	seen     seen
	tokens   map[Token]int64 // when each was last seen
}

// tally is the requests of one hour.
type tally struct {
	hour                       int64
	accepted, rejected, signed int64
	reasons                    []reasonCount
}

type reasonCount struct {
	reason Reason
	n      int64
}

// refusal is the requests refused for one reason.
type refusal struct {
	reason      Reason
	n           int64
	first, last int64
	use         place
}

// place is from where, with what and at what a request was made.
type place struct{ address, agent, endpoint string }

// Count counts one request made with a key, and why it was refused or that it was Accepted. A refused request is no use
// of the key.
func (s *Store) Count(r Request, why Reason) {
	if r.Key == "" {
		return
	}
	now := s.db.Now().UnixMilli()
	r.Address, r.Agent = tidy(r.Address), tidy(r.Agent)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counter(r.Key).count(&r, why, now)
}

func (s *Store) counter(keyID string) *counter {
	c := s.pending[keyID]
	if c == nil {
		c = &counter{}
		s.pending[strings.Clone(keyID)] = c
	}
	return c
}

func (c *counter) count(r *Request, why Reason, now int64) {
	t := c.hour(now / hourMillis)
	here := place{
		address:  c.seen.Addresses.note(r.Address, "", why == Accepted, now),
		agent:    c.seen.Agents.note(r.Agent, "", why == Accepted, now),
		endpoint: c.seen.Endpoints.note(r.Method, r.Route, why == Accepted, now),
	}
	if r.Token != (Token{}) {
		t.signed++
		c.signedAt = now
		c.token(r.Token, now)
	}
	if why != Accepted {
		t.rejected++
		t.because(why, 1)
		c.refuse(refusal{reason: why, n: 1, first: now, last: now, use: here})
		return
	}
	t.accepted++
	c.usedAt, c.use = now, here
}

func (c *counter) hour(h int64) *tally {
	for i := len(c.hours) - 1; i >= 0; i-- {
		if c.hours[i].hour == h {
			return &c.hours[i]
		}
	}
	c.hours = append(c.hours, tally{hour: h})
	return &c.hours[len(c.hours)-1]
}

func (t *tally) because(why Reason, n int64) {
	for i := range t.reasons {
		if t.reasons[i].reason == why {
			t.reasons[i].n += n
			return
		}
	}
	t.reasons = append(t.reasons, reasonCount{why, n})
}

func (c *counter) refuse(r refusal) {
	for i := range c.refusals {
		if old := &c.refusals[i]; old.reason == r.reason {
			old.n, old.last, old.use = old.n+r.n, r.last, r.use
			return
		}
	}
	c.refusals = append(c.refusals, r)
}

func (c *counter) token(t Token, now int64) {
	if c.tokens == nil {
		c.tokens = map[Token]int64{}
	}
	if _, known := c.tokens[t]; known || len(c.tokens) < maxPending {
		c.tokens[t] = now
	}
}

// add adds what was counted later.
func (c *counter) add(later *counter) {
	for _, t := range later.hours {
		sum := c.hour(t.hour)
		sum.accepted, sum.rejected, sum.signed = sum.accepted+t.accepted, sum.rejected+t.rejected, sum.signed+t.signed
		for _, r := range t.reasons {
			sum.because(r.reason, r.n)
		}
	}
	for _, r := range later.refusals {
		c.refuse(r)
	}
	c.seen.add(later.seen)
	for t, at := range later.tokens {
		c.token(t, at)
	}
	c.signedAt = max(c.signedAt, later.signedAt)
	if later.usedAt != 0 {
		c.usedAt, c.use = later.usedAt, later.use
	}
}
