package usage

import (
	"context"
	"time"

	"latchkey/db"
)

// Range is how far back a series goes.
type Range string

// The ranges.
const (
	Range24h Range = "24h"
	Range7d  Range = "7d"
	Range30d Range = "30d"
	Range1y  Range = "1y"
)

// Ranges lists them, the shortest first.
var Ranges = [...]Range{Range24h, Range7d, Range30d, Range1y}

// ParseRange reads a range. Anything else is 30 days.
func ParseRange(s string) Range {
	for _, r := range Ranges {
		if string(r) == s {
			return r
		}
	}
	return Range30d
}

// plan tells in which units a range is counted, how much time one of its points covers, and how many there are.
func (r Range) plan() (unit string, step time.Duration, points int) {
	switch r {
	case Range24h:
		return "hour", time.Hour, 24
	case Range7d:
		return "hour", 6 * time.Hour, 28
	case Range1y:
		return "day", 7 * day, 52
	}
	return "day", day, 30
}

// Point is the requests of one step of a series.
type Point struct {
	Start, End time.Time
	Totals
}

// Series is the requests of a key or a project over a range.
type Series struct {
	Range   Range
	Points  []Point // oldest first, also those without requests; the last is not over yet
	Total   Totals
	Before  Totals        // as long before that; zero for a year, which is all that is kept
	Signed  int64         // of Total, those made with signed search keys
	Reasons []ReasonCount // why those of Total were rejected, the most frequent first
}

// SeriesOfKey gives the requests of a key. The caller has checked that the asker may see it.
func (s *Store) SeriesOfKey(ctx context.Context, keyID string, r Range) (Series, error) {
	return s.series(ctx, ofKey, keyID, r)
}

// SeriesOfProject gives the requests of all keys of a project. The caller has checked that the asker may see it.
func (s *Store) SeriesOfProject(ctx context.Context, projectID string, r Range) (Series, error) {
	return s.series(ctx, ofProject, projectID, r)
}

func (s *Store) series(ctx context.Context, of subject, id string, r Range) (Series, error) {
	series := Series{Range: r}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		unit, _, _ := r.plan()
		start, length := series.begin(tx.Now)
		units := int64(day / time.Second)
		if unit == "hour" {
			units = 3600
		}
		from := start
		if r != Range1y {
			from = start.Add(-length)
		}
		counts, err := of.counts(ctx, tx, unit, id, from.Unix()/units)
		if err != nil {
			return err
		}
		for _, c := range counts {
			series.add(c, time.Unix(c.at*units, 0))
		}
		series.Reasons, err = of.reasons(ctx, tx, unit, id, start.Unix()/units)
		return err
	})
	return series, err
}

// begin lays out the points: steps of a day and less end with the one that is running, weeks end today.
func (s *Series) begin(now time.Time) (start time.Time, length time.Duration) {
	_, step, n := s.Range.plan()
	end := now.Truncate(min(step, day)).Add(min(step, day))
	length = time.Duration(n) * step
	start = end.Add(-length)
	for i := range n {
		at := start.Add(time.Duration(i) * step)
		s.Points = append(s.Points, Point{Start: at, End: at.Add(step)})
	}
	return start, length
}

func (s *Series) add(c count, at time.Time) {
	start := s.Points[0].Start
	if at.Before(start) {
		s.Before.add(c.Totals)
		return
	}
	if i := int(at.Sub(start) / s.Points[0].End.Sub(start)); i < len(s.Points) {
		s.Points[i].add(c.Totals)
		s.Total.add(c.Totals)
		s.Signed += c.signed
	}
}
