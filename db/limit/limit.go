// Package limit slows down those who guess passwords, and nobody else.
//
// An attempt to sign in is counted against the address it comes from and against the account it is for. An address has
// AddressFailures failures in AddressWindow, then waits until the oldest is that old. An account has FreeFailures, then
// waits after each further one: 1, 2, 4 ... MaxWait. Whoever waits is refused before any password is looked at, so that
// guessing costs us nothing, and a refused attempt counts for nothing, so that nobody can make a wait longer by asking.
// A success ends the account's count, and so does a day without failures.
//
// Nobody can lock somebody else out: an address from which somebody has signed in before has a count of its own for
// their account, which failures from elsewhere do not touch. Live sessions, tokens and keys are not asked here at all.
//
// Addresses that belong to no account are counted just like accounts, or the limit would tell which exist. Their counts,
// and those of client addresses, are kept in memory and are bounded; the least recently used ones are dropped. The counts
// of accounts are kept in the database and survive a restart.
package limit

import (
	"fmt"
	"math"
	"time"

	"latchkey/db/fault"
)

// The limits.
const (
	AddressFailures = 20
	AddressWindow   = 10 * time.Minute
	FreeFailures    = 5
	MaxWait         = 15 * time.Minute
	// Memory is how many client addresses are remembered at most, Names how many names that belong to no account.
	Memory = 1 << 16
	Names  = 1 << 15

	forgetAfter = 24 * time.Hour
	// soon is what is told to those who come while other attempts are still being worked on.
	soon = time.Second
)

// ReasonThrottled is the reason of the error for those who must wait.
const ReasonThrottled = "throttled"

// tooMany words a wait.
func tooMany(wait time.Duration) error {
	seconds := int64(math.Ceil(wait.Seconds()))
	amount := fmt.Sprintf("%d seconds", seconds)
	switch {
	case seconds == 1:
		amount = "a second"
	case seconds > 90:
		amount = fmt.Sprintf("%d minutes", (seconds+59)/60)
	}
	return fault.New(fault.TooMany, "Too many attempts to sign in have failed. Try again in "+amount+".").
		WithReason(ReasonThrottled).WithRetryAfter(time.Duration(seconds) * time.Second)
}

// waitAfter is how long an account waits after so many failures.
func waitAfter(failures int) time.Duration {
	n := failures - FreeFailures
	if n <= 0 {
		return 0
	}
	if n > 10 {
		return MaxWait
	}
	return min(MaxWait, time.Second<<(n-1))
}
