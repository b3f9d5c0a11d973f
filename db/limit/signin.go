package limit

import (
	"net/netip"
	"sync"
	"time"
)

// SignIns counts attempts to sign in. It is safe for concurrent use.
type SignIns struct {
	now func() time.Time

	mu      sync.Mutex
	sources *LRU[netip.Prefix, *source]
	nobody  *LRU[string, *count]
	users   map[Account]*count
	changed map[Account]bool // what is not in the database yet
	signal  chan struct{}
}

// NewSignIns makes an empty one. now is the clock.
func NewSignIns(now func() time.Time) *SignIns {
	return &SignIns{
		now: now, sources: NewLRU[netip.Prefix, *source](Memory), nobody: NewLRU[string, *count](Names),
		users: map[Account]*count{}, changed: map[Account]bool{}, signal: make(chan struct{}, 1),
	}
}

// Turn is an attempt that may be made. One of its methods must be called when it is over.
type Turn struct {
	s       *SignIns
	source  *source
	count   *count
	account Account
	over    bool
}

// Enter asks for a turn; the error for those who have to wait says how long. Until the attempt is over it counts like one
// that failed, so that many at once are no way round the limits.
func (s *SignIns) Enter(network netip.Prefix, account Account) (*Turn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	src, c := s.source(network), s.count(account)
	if wait := max(src.wait(now), c.wait(now)); wait > 0 {
		return nil, tooMany(wait)
	}
	src.pending++
	c.pending++
	return &Turn{s: s, source: src, count: c, account: account}, nil
}

func (s *SignIns) source(network netip.Prefix) *source {
	src, ok := s.sources.Get(network)
	if !ok {
		src = &source{}
		s.sources.Put(network, src)
	}
	return src
}

func (s *SignIns) count(a Account) *count {
	if a.User == "" {
		c, ok := s.nobody.Get(a.Place)
		if !ok {
			c = &count{}
			s.nobody.Put(a.Place, c)
		}
		return c
	}
	c, ok := s.users[a]
	if !ok {
		c = &count{}
		s.users[a] = c
	}
	return c
}

// end ends a turn once.
func (t *Turn) end(f func()) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	t.source.pending--
	t.count.pending--
	f()
	if t.account.User != "" && t.count.failures == 0 && t.count.pending == 0 && t.s.users[t.account] == t.count {
		delete(t.s.users, t.account)
	}
}

// Failed counts the attempt.
func (t *Turn) Failed() {
	t.end(func() {
		now := t.s.now()
		t.source.fail(now)
		t.count.fail(now)
		t.s.change(t.account)
	})
}

// Done ends the account's count: the password was right. The address keeps its own, or an attacker with an account would
// use it to go on.
func (t *Turn) Done() {
	t.end(func() {
		if t.count.failures > 0 {
			t.count.failures = 0
			t.s.change(t.account)
		}
	})
}

// Dropped takes the attempt back: no password was looked at.
func (t *Turn) Dropped() { t.end(func() {}) }

func (s *SignIns) change(a Account) {
	if a.User == "" {
		return
	}
	s.changed[a] = true
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// Forget ends all counts of a user, who has another password now.
func (s *SignIns) Forget(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, c := range s.users {
		if a.User == user && c.failures > 0 {
			c.failures = 0
			s.change(a)
		}
	}
}
