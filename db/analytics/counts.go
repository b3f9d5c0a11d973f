package analytics

import (
	"context"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Interval is how long the buckets of counts are.
type Interval time.Duration

// The intervals.
const (
	Hourly = Interval(time.Hour)
	Daily  = Interval(day)
)

// MaxBuckets is how many buckets an answer has at most.
const MaxBuckets = 5_000

// Bucket is what was counted in a piece of time.
type Bucket struct {
	From, To         time.Time
	Searches, Clicks int64
}

// Counts counts searches and clicks by the hour or the day, in UTC. The first and the last bucket end where the time
// that is asked for does; what happened in an hour counts as a whole. It needs analytics.read.
func (s *Store) Counts(ctx context.Context, who audit.Who, in permission.Target, engine string, f Filter, by Interval) ([]Bucket, error) {
	id, err := s.ask(ctx, who, in, engine, &f, Page{})
	if err != nil {
		return nil, err
	}
	list, err := buckets(f.From, f.To, time.Duration(by))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	searches, clicks := &question{}, &question{}
	ofSearches := "SELECT hour, SUM(n) FROM analytics_queries WHERE " + f.ofSearches(searches, id, false) + " GROUP BY hour"
	ofClicks := "SELECT hour, SUM(n) FROM analytics_clicks WHERE " + f.ofClicks(clicks, id, false) + " GROUP BY hour"
	err = s.read(ctx, "count searches", func(ctx context.Context, tx *db.Tx) error {
		if err := fill(ctx, tx, ofSearches, searches.args, list, time.Duration(by), func(b *Bucket, n int64) { b.Searches += n }); err != nil {
			return err
		}
		return fill(ctx, tx, ofClicks, clicks.args, list, time.Duration(by), func(b *Bucket, n int64) { b.Clicks += n })
	})
	return list, err
}

// buckets parts a time into pieces that begin where an interval does.
func buckets(from, to time.Time, by time.Duration) ([]Bucket, error) {
	if to.Sub(from)/by >= MaxBuckets {
		return nil, fault.New(fault.Invalid, "Date range is too long for this interval")
	}
	var list []Bucket
	for from.Before(to) {
		next := from.Truncate(by).Add(by)
		if next.After(to) {
			next = to
		}
		list = append(list, Bucket{From: from, To: next})
		from = next
	}
	return list, nil
}

// fill adds the counts of hours to the buckets in which they lie.
func fill(ctx context.Context, tx *db.Tx, query string, args []any, list []Bucket, by time.Duration, add func(*Bucket, int64)) error {
	first := list[0].From.Truncate(by)
	_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
		var hour, n int64
		err := s.Scan(&hour, &n)
		if i := int(time.UnixMilli(hour*hourMillis).Sub(first) / by); err == nil {
			add(&list[min(max(i, 0), len(list)-1)], n)
		}
		return struct{}{}, err
	}, query, args...)
	return err
}
