package usage_test

import (
	"fmt"
	"testing"
	"time"

	"latchkey/db/usage"
)

func TestSeries(t *testing.T) {
	i := open(t)
	for range 400 { // two requests a day for more than a year, and one that was rejected
		i.many(2, "k1", usage.Accepted)
		i.many(1, "k1", usage.KeyExpired)
		i.Count(usage.Request{Key: "k2", Token: usage.TokenOf("x")}, usage.Accepted)
		i.clock.Add(24 * time.Hour)
	}
	i.many(5, "k1", usage.Accepted)
	i.flush(t)
	for _, c := range []struct {
		r             usage.Range
		points        int
		step          time.Duration
		total, before usage.Totals
		last          int64
	}{
		{usage.Range24h, 24, time.Hour, usage.Totals{Accepted: 5}, usage.Totals{Accepted: 2, Rejected: 1}, 5},
		{usage.Range7d, 28, 6 * time.Hour, usage.Totals{Accepted: 17, Rejected: 6}, usage.Totals{Accepted: 14, Rejected: 7}, 5},
		{usage.Range30d, 30, 24 * time.Hour, usage.Totals{Accepted: 63, Rejected: 29}, usage.Totals{Accepted: 60, Rejected: 30}, 5},
		{usage.Range1y, 52, 7 * 24 * time.Hour, usage.Totals{Accepted: 731, Rejected: 363}, usage.Totals{}, 17},
	} {
		t.Run(string(c.r), func(t *testing.T) {
			s, err := i.SeriesOfKey(ctx, "k1", c.r)
			if err != nil || len(s.Points) != c.points || s.Total != c.total || s.Before != c.before {
				t.Fatalf("%d points, total %+v, before %+v, %v", len(s.Points), s.Total, s.Before, err)
			}
			last := s.Points[c.points-1]
			if last.Accepted != c.last || last.End.Sub(last.Start) != c.step || !last.End.After(i.clock.Now()) || last.Start.After(i.clock.Now()) {
				t.Errorf("the last point is %+v", last)
			}
			if c.total.Rejected > 0 && (len(s.Reasons) != 1 || s.Reasons[0] != usage.ReasonCount{Reason: usage.KeyExpired, Count: c.total.Rejected}) {
				t.Errorf("reasons %+v", s.Reasons)
			}
			project, err := i.SeriesOfProject(ctx, "p", c.r)
			if days := c.total.Rejected; err != nil || project.Signed != days || project.Total.Accepted != c.total.Accepted+days {
				t.Errorf("project: total %+v, signed %d, %v", project.Total, project.Signed, err)
			}
		})
	}
}

func TestTopKeys(t *testing.T) {
	i := open(t)
	ids := make([]string, 200)
	for n := range ids {
		ids[n] = fmt.Sprintf("key-%03d", n)
	}
	i.keys(t, "p", ids...)
	i.many(1000, "k3", usage.Accepted) // of another project
	for n, id := range ids {
		i.many(n+1, id, usage.Accepted)
	}
	i.many(9, ids[0], usage.KeyRevoked)
	i.flush(t)
	i.clock.Add(3 * 24 * time.Hour)
	i.many(500, ids[4], usage.Accepted)
	i.many(3, ids[1], usage.NotPermitted)
	i.flush(t)
	for _, c := range []struct {
		r    usage.Range
		by   usage.Rank
		want string
	}{
		{usage.Range7d, usage.ByRequests, "[key-004 505 key-199 200 key-198 199]"},
		{usage.Range30d, usage.ByRequests, "[key-004 505 key-199 200 key-198 199]"},
		{usage.Range1y, usage.ByRequests, "[key-004 505 key-199 200 key-198 199]"},
		{usage.Range24h, usage.ByRequests, "[key-004 500]"},
		{usage.Range30d, usage.ByRejected, "[key-000 9 key-001 3]"},
		{usage.Range24h, usage.ByRejected, "[key-001 3]"},
	} {
		list, err := i.TopKeys(ctx, "p", c.r, c.by, 3)
		var got []string
		for _, k := range list {
			n := k.Accepted
			if c.by == usage.ByRejected {
				n = k.Rejected
			}
			got = append(got, fmt.Sprintf("%s %d", k.KeyID, n))
		}
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s by %s: %v, %v", c.r, c.by, got, err)
		}
	}
}

func TestWhatIsOldIsRemoved(t *testing.T) {
	i := open(t)
	ids := make([]string, 120) // more than one round
	for n := range ids {
		ids[n] = fmt.Sprintf("old-%03d", n)
	}
	i.keys(t, "p", ids...)
	count := func() {
		for _, id := range append(ids, "k1") {
			i.many(1, id, usage.Accepted)
			i.many(1, id, usage.NotFound)
			i.Count(usage.Request{Key: id, Token: usage.TokenOf("x")}, usage.Accepted)
		}
		i.flush(t)
	}
	clean := func() {
		for range 5 {
			if err := i.Clean(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	rows := func(tables ...string) (n int64) {
		for _, table := range tables {
			n += i.number(t, "SELECT COUNT(*) FROM "+table)
		}
		return n
	}
	hours := []string{"key_hours", "key_hour_reasons", "project_hours", "project_hour_reasons", "key_tokens"}
	days := []string{"key_days", "key_day_reasons", "project_days", "project_day_reasons", "key_seen"}
	count()
	clean()
	if rows(hours...) != 3*121+2 || rows(days...) != 3*121+2 {
		t.Fatalf("removed what is new: %d, %d", rows(hours...), rows(days...))
	}
	i.clock.Add(61 * 24 * time.Hour)
	clean()
	if rows(hours...) != 0 || rows(days...) != 3*121+2 {
		t.Errorf("after two months %d and %d rows", rows(hours...), rows(days...))
	}
	i.clock.Add(340 * 24 * time.Hour)
	i.many(1, "k1", usage.Accepted)
	i.flush(t)
	clean()
	if rows(days...) != 3 || rows("key_rejections") != 121 {
		t.Errorf("after a year %d rows", rows(days...))
	}
	if k := i.known(t, "k1"); len(k.Addresses) != 1 || k.Last.At.IsZero() {
		t.Errorf("%+v", k)
	}
}

// No more rows are read where there are many keys.
func BenchmarkProject(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		i := open(b)
		for from := 0; from < n; from += 5000 {
			i.sql(b, `
				WITH RECURSIVE n (n) AS (SELECT $1 + 1 UNION ALL SELECT n + 1 FROM n WHERE n < $2)
				INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, created_at, created_by, updated_at, search_text)
				SELECT 'key-' || n, 'p', 'n' || n, 'search', '', 1, printf('%064d', n), n, 1, '', 1, n FROM n`, from, min(from+5000, n))
		}
		for d := range int64(10) {
			i.sql(b, `
				INSERT INTO key_days (key_id, day, project_id, accepted, rejected)
				SELECT id, $1, 'p', abs(random()) % 100000, abs(random()) % 50 FROM keys WHERE project_id = 'p'`, i.clock.Now().Unix()/86400-d)
		}
		b.Run(fmt.Sprint(n, " keys"), func(b *testing.B) {
			for b.Loop() {
				if _, err := i.OfProject(ctx, "p"); err != nil {
					b.Fatal(err)
				}
				for _, by := range []usage.Rank{usage.ByRequests, usage.ByRejected} {
					if _, err := i.TopKeys(ctx, "p", usage.Range30d, by, 10); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
