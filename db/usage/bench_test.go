package usage_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/usage"
)

func BenchmarkCount(b *testing.B) {
	i := open(b)
	b.Run("one key", func(b *testing.B) {
		b.ReportAllocs()
		r := usage.Request{Key: "k1", Address: "192.0.2.1", Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", Method: "POST", Route: "/api/as/v1/engines/:engine/search"}
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i.Count(r, usage.Accepted)
			}
		})
	})
	b.Run("refused", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			i.Count(usage.Request{Key: "k2", Address: "192.0.2.1", Agent: "curl/8", Method: "POST", Route: "/api/as/v1/engines/:engine/search"}, usage.KeyRevoked)
		}
	})
	b.Run("hostile", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n++
			i.Count(usage.Request{Key: "k3", Address: fmt.Sprint(n), Agent: fmt.Sprint("q1w2e3r4t5y6u7i8o9p0 ", n), Method: "POST", Route: "/x"}, usage.Accepted)
		}
	})
}

// BenchmarkFlush writes what was counted of many keys at once. slice-ms is how long a revocation would have to wait at
// most: the longest transaction.
func BenchmarkFlush(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n, " keys"), func(b *testing.B) {
			i := open(b)
			ids := make([]string, n)
			for k := range ids {
				ids[k] = fmt.Sprintf("%08d-4444-4444-8888-0123456789ab", k)
			}
			i.keys(b, "p", ids...)
			longest := time.Duration(0)
			for b.Loop() {
				for _, id := range ids {
					i.Count(usage.Request{Key: id, Address: "192.0.2.1", Agent: "curl/8", Method: "POST", Route: "/search"}, usage.Accepted)
				}
				done := make(chan struct{})
				go func() { i.flush(b); close(done) }()
				longest = max(longest, i.waits(b, done))
			}
			b.ReportMetric(float64(longest.Microseconds())/1000, "slice-ms")
		})
	}
}

// waits asks for the writer again and again, as a revocation would, and gives the longest that it had to wait.
func (i instance) waits(b *testing.B, done chan struct{}) (longest time.Duration) {
	for {
		select {
		case <-done:
			return longest
		default:
		}
		began := time.Now()
		if err := i.dir.Core.Write(ctx, func(context.Context, *db.Tx) error { return nil }); err != nil {
			b.Error(err)
		}
		longest = max(longest, time.Since(began))
		time.Sleep(time.Millisecond)
	}
}
