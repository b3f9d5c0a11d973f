package limit

import "time"

// Account is whose password is tried: a user, or a name that belongs to nobody.
type Account struct {
	User string // id; "": nobody
	// Place is, for a user, the network from which they have signed in before, or "" for everywhere else. For nobody it is
	// what the account was called.
	Place string
}

// count is the failures of an account that followed one another.
type count struct {
	failures int
	last     time.Time
	pending  int
}

// wait tells how long the next attempt has to wait.
func (c *count) wait(now time.Time) time.Duration {
	c.age(now)
	if until := c.last.Add(waitAfter(c.failures)); until.After(now) {
		return until.Sub(now)
	}
	// As many at once as may fail without a wait; behind that one after the other.
	if c.pending > 0 && c.failures+c.pending > FreeFailures {
		return soon
	}
	return 0
}

// age forgets what is long ago.
func (c *count) age(now time.Time) {
	if c.failures > 0 && !now.Before(c.last.Add(forgetAfter)) {
		c.failures = 0
	}
}

func (c *count) fail(now time.Time) {
	c.age(now)
	c.failures, c.last = c.failures+1, now
}
