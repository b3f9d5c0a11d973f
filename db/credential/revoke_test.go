package credential_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// A request may have been let in before its key ended, and bring its change afterwards: nothing may come of it.
func TestNoChangeAfterItsAskerEnded(t *testing.T) {
	p := open(t)
	adminKey, admin := p.create(t, credential.Input{Name: "ends", Type: secret.Admin})
	target, raw := p.create(t, private(permission.AccessRead))
	who := p.as(t, admin)
	who.Again = func(context.Context) (permission.Principal, error) {
		if proof := p.Check(admin); proof.Reason != "" {
			return permission.Principal{}, fault.New(fault.Unauthenticated, string(proof.Reason))
		}
		return p.Check(admin).Principal, nil
	}
	if _, _, err := p.Create(ctx, who, p.place, private(permission.AccessFull), nil); err != nil {
		t.Fatalf("while it is alive: %v", err)
	}
	before, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{Inactive: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, adminKey.ID); err != nil {
		t.Fatal(err)
	}
	_, minted, errCreate := p.Create(ctx, who, p.place, private(permission.AccessFull), nil)
	_, errUpdate := p.Update(ctx, who, p.place, target.ID, private(permission.AccessFull))
	_, errRevoke := p.Revoke(ctx, who, p.place, target.ID)
	for name, err := range map[string]error{"create": errCreate, "update": errUpdate, "revoke": errRevoke} {
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	after, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{Inactive: true})
	if err != nil || minted != "" || after.Total != before.Total || p.Check(raw).Principal.Permissions != permission.Read {
		t.Errorf("something was changed: %d keys before, %d after, %v", before.Total, after.Total, err)
	}
}

// Requests that mint keys race with the revocation of the key they come with: none commits after it was acknowledged.
func TestNoKeyIsMintedAfterItsMakerWasRevoked(t *testing.T) {
	p := open(t)
	rounds := 60
	if testing.Short() {
		rounds = 15
	}
	minted := 0
	for range rounds {
		adminKey, admin := p.create(t, credential.Input{Type: secret.Admin})
		who := p.as(t, admin)
		who.Again = func(context.Context) (permission.Principal, error) {
			proof := p.Check(admin)
			if proof.Reason != "" {
				return permission.Principal{}, fault.New(fault.Unauthenticated, string(proof.Reason))
			}
			return proof.Principal, nil
		}
		var wg sync.WaitGroup
		var made atomic.Int64
		for range 6 {
			wg.Go(func() {
				for {
					if _, _, err := p.Create(ctx, who, p.place, credential.Input{Description: "race", Type: secret.Search, AllEngines: true}, nil); err != nil {
						return
					}
					made.Add(1)
				}
			})
		}
		for made.Load() < 3 {
			runtime.Gosched()
		}
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, adminKey.ID); err != nil {
			t.Fatal(err)
		}
		count := func() int {
			page, err := p.List(ctx, audit.CommandLine(), p.place, credential.Filter{Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			return page.Total
		}
		atAck := count()
		wg.Wait()
		if after := count(); after != atAck {
			t.Fatalf("%d keys when the revocation was acknowledged, %d later", atAck, after)
		}
		minted += int(made.Load())
	}
	t.Logf("%d keys were minted in %d rounds, none after", minted, rounds)
}

// No check that begins after the revocation has answered may pass, whatever is going on: the promise of the product.
// Signed keys end with their parent. The same is checked over HTTP in cmd/latchkey.
func TestNothingPassesAfterRevocation(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
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
		if _, err := p.Revoke(ctx, audit.CommandLine(), p.place, k.ID); err != nil {
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
	if accepted.Load() < int64(rounds) {
		t.Errorf("only %d checks passed before: the test proves little", accepted.Load())
	}
	t.Logf("%d checks passed before, %d after", accepted.Load(), late.Load())
}
