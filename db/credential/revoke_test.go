package credential_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/permission"
)

// rounds is how often a key is hammered and revoked.
const rounds = 1000

// No check that begins after the revocation has answered may pass, whatever is going on: the promise of the product.
// Signed keys end with their parent. The same is checked over HTTP in cmd/latchkey.
func TestNothingPassesAfterRevocation(t *testing.T) {
	p := open(t)
	var accepted, late atomic.Int64
	for range rounds {
		in := private(permission.AccessFull)
		in.Name = "hammered"
		k, raw := p.create(t, in)
		signed := sign(raw, plain, `{"api_key_name":"hammered"}`)
		var revoked, stop atomic.Bool
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				for !stop.Load() {
					after := revoked.Load() // read before the check begins
					ok := n%2 == 0 && p.Check(raw).Reason == "" || n%2 == 1 && p.CheckSigned(signed, "").Reason == ""
					if ok {
						accepted.Add(1)
					}
					if ok && after {
						late.Add(1)
					}
				}
			})
		}
		if _, err := p.Revoke(ctx, audit.Console(), p.place, k.ID); err != nil {
			t.Fatal(err)
		}
		revoked.Store(true)
		for range 50 {
			if p.Check(raw).Reason == "" || p.CheckSigned(signed, "").Reason == "" {
				late.Add(1)
			}
		}
		stop.Store(true)
		wg.Wait()
	}
	if late.Load() != 0 {
		t.Errorf("%d checks passed after the revocation had answered", late.Load())
	}
	if accepted.Load() < rounds {
		t.Errorf("only %d checks passed before: the test proves little", accepted.Load())
	}
	t.Logf("%d checks passed before, %d after", accepted.Load(), late.Load())
}
