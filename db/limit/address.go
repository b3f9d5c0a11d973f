package limit

import (
	"net/netip"
	"time"
)

// Network is what counts as one client address: an IPv4 address, or the first half of an IPv6 address, of which whoever
// has one usually has all. What is no address is one as well.
func Network(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 64
	if a = a.Unmap().WithZone(""); a.Is4() {
		bits = 32
	}
	network, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// source is the count of a client address: when its last failures were, in Unix seconds, oldest first from next on.
type source struct {
	failed  [AddressFailures]uint32
	next    int
	pending int
}

// wait tells how long the next attempt has to wait.
func (s *source) wait(now time.Time) time.Duration {
	if oldest := time.Unix(int64(s.failed[s.next]), 0).Add(AddressWindow); oldest.After(now) {
		return oldest.Sub(now)
	}
	recent := 0
	for _, at := range s.failed {
		if time.Unix(int64(at), 0).Add(AddressWindow).After(now) {
			recent++
		}
	}
	if recent+s.pending >= AddressFailures {
		return soon
	}
	return 0
}

func (s *source) fail(now time.Time) {
	s.failed[s.next] = uint32(now.Unix())
	s.next = (s.next + 1) % len(s.failed)
}
