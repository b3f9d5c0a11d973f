package usage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"latchkey/db"
)

// Rank says by what the keys of a project are put in order.
type Rank string

// The ranks: by accepted and by rejected requests.
const (
	ByRequests Rank = "requests"
	ByRejected Rank = "rejected"
)

// KeyCount is how much one key was used.
type KeyCount struct {
	KeyID string
	Totals
}

func (k KeyCount) by(r Rank) int64 {
	if r == ByRejected {
		return k.Rejected
	}
	return k.Accepted
}

// How many keys of each day are looked at, and of how many the sum over the whole range is made.
const (
	topOfDay   = 50
	candidates = 100
)

// TopKeys gives the keys of a project with the most requests over a range, at most limit. It reads no more rows with
// 100,000 keys than with 100: the first 50 of each day are found by index, and of those the sums are made. A key that
// was among the first 50 on no day of the range is not found. The caller has checked that the asker may see the
// project.
func (s *Store) TopKeys(ctx context.Context, projectID string, r Range, by Rank, limit int) ([]KeyCount, error) {
	var list []KeyCount
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		series := Series{Range: r}
		start, _ := series.begin(tx.Now)
		ids, err := leading(ctx, tx, projectID, start, by)
		if err != nil {
			return err
		}
		unit, seconds := "day", int64(86400)
		if r == Range24h || r == Range7d {
			unit, seconds = "hour", 3600
		}
		for _, id := range ids {
			counts, err := ofKey.counts(ctx, tx, unit, id, start.Unix()/seconds)
			if err != nil {
				return err
			}
			k := KeyCount{KeyID: id}
			for _, c := range counts {
				k.add(c.Totals)
			}
			if k.by(by) > 0 {
				list = append(list, k)
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b KeyCount) int {
		return cmp.Or(cmp.Compare(b.by(by), a.by(by)), cmp.Compare(a.KeyID, b.KeyID))
	})
	return list[:min(limit, len(list))], err
}

// leading gives the keys that may be the first of a range: the first of each day, the most promising first.
func leading(ctx context.Context, tx *db.Tx, projectID string, start time.Time, by Rank) ([]string, error) {
	scan := func(s db.Scanner) (KeyCount, error) {
		var k KeyCount
		err := s.Scan(&k.KeyID, &k.Accepted)
		return k, err
	}
	column := "accepted"
	if by == ByRejected {
		column = "rejected"
	}
	sums := map[string]int64{}
	for d := start.Unix() / 86400; d <= tx.Now.Unix()/86400; d++ {
		rows, err := db.Query(ctx, tx, scan, "SELECT key_id, "+column+" FROM key_days WHERE project_id = $1 AND day = $2 AND "+
			column+" > 0 ORDER BY "+column+" DESC LIMIT $3", projectID, d, topOfDay)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			sums[r.KeyID] += r.Accepted
		}
	}
	ids := make([]string, 0, len(sums))
	for id := range sums {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b)) })
	return ids[:min(candidates, len(ids))], nil
}
