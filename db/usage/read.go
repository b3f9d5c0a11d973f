package usage

import (
	"context"
	"math"
	"time"

	"latchkey/db"
)

// Totals are numbers of requests.
type Totals struct{ Accepted, Rejected int64 }

// Sum is all of them.
func (t Totals) Sum() int64 { return t.Accepted + t.Rejected }

func (t *Totals) add(o Totals) { t.Accepted, t.Rejected = t.Accepted+o.Accepted, t.Rejected+o.Rejected }

// Day is the number of requests on one day, UTC.
type Day struct {
	Date time.Time
	Totals
}

// Summary is how much a key, or a whole project, was used lately.
type Summary struct {
	Hour, Day, Month Totals           // the present and the past hour; 24 hours; 30 days
	Before           Totals           // the 30 days before those
	Days             []Day            // the last 30, oldest first, also those without requests
	Reasons          map[Reason]int64 // why those of the last 30 days were rejected
}

// Dead counts the requests of the last 30 days that were made with revoked or expired keys.
func (s Summary) Dead() int64 { return s.Reasons[KeyRevoked] + s.Reasons[KeyExpired] }

// days is how many days a Summary covers.
const days = 30

// OfKey sums up one key. The caller has checked that the asker may see it.
func (s *Store) OfKey(ctx context.Context, keyID string) (Summary, error) {
	return s.summary(ctx, ofKey, keyID)
}

// OfProject sums up all keys of a project. The caller has checked that the asker may see it.
func (s *Store) OfProject(ctx context.Context, projectID string) (Summary, error) {
	return s.summary(ctx, ofProject, projectID)
}

func (s *Store) summary(ctx context.Context, of subject, id string) (Summary, error) {
	sum := Summary{Reasons: map[Reason]int64{}}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		today, hour := tx.Now.Unix()/86400, tx.Now.Unix()/3600
		hours, err := of.counts(ctx, tx, "hour", id, hour-23)
		if err != nil {
			return err
		}
		for _, h := range hours {
			sum.Day.add(h.Totals)
			if h.at >= hour-1 {
				sum.Hour.add(h.Totals)
			}
		}
		for d := range int64(days) {
			sum.Days = append(sum.Days, Day{Date: time.Unix((today-days+1+d)*86400, 0).UTC()})
		}
		counted, err := of.counts(ctx, tx, "day", id, today-2*days+1)
		if err != nil {
			return err
		}
		for _, d := range counted {
			if i := d.at - (today - days + 1); i < 0 {
				sum.Before.add(d.Totals)
			} else if i < days {
				sum.Month.add(d.Totals)
				sum.Days[i].add(d.Totals)
			}
		}
		reasons, err := of.reasons(ctx, tx, "day", id, today-days+1)
		for _, r := range reasons {
			sum.Reasons[r.Reason] = r.Count
		}
		return err
	})
	return sum, err
}

// count is what was counted in one hour or on one day.
type count struct {
	at, signed int64
	Totals
}

func scanCount(s db.Scanner) (count, error) {
	var c count
	err := s.Scan(&c.at, &c.Accepted, &c.Rejected, &c.signed)
	return c, err
}

// counts reads the counts of hours or days, from one on.
func (s subject) counts(ctx context.Context, tx *db.Tx, unit, id string, from int64) ([]count, error) {
	return db.Query(ctx, tx, scanCount, "SELECT "+unit+", accepted, rejected, signed FROM "+s.name+"_"+unit+"s WHERE "+
		s.id+" = $1 AND "+unit+" >= $2 ORDER BY "+unit, id, from)
}

// ReasonCount is how many requests were rejected for one reason.
type ReasonCount struct {
	Reason Reason
	Count  int64
}

func scanReason(s db.Scanner) (ReasonCount, error) {
	var r ReasonCount
	err := s.Scan(&r.Reason, &r.Count)
	return r, err
}

// reasons sums up why requests were rejected, from an hour or a day on, the most frequent first.
func (s subject) reasons(ctx context.Context, tx *db.Tx, unit, id string, from int64) ([]ReasonCount, error) {
	return db.Query(ctx, tx, scanReason, "SELECT reason, SUM(n) FROM "+s.name+"_"+unit+"_reasons WHERE "+
		s.id+" = $1 AND "+unit+" >= $2 GROUP BY reason ORDER BY SUM(n) DESC, reason", id, from)
}

// DaysOf gives the accepted requests per day of several keys over the last 30 days, for small charts in a list. Keys
// without any are left out.
func (s *Store) DaysOf(ctx context.Context, keyIDs []string) (map[string][]int, error) {
	all := make(map[string][]int, len(keyIDs))
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		first := tx.Now.Unix()/86400 - days + 1
		for _, id := range keyIDs {
			rows, err := ofKey.counts(ctx, tx, "day", id, first)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				continue
			}
			list := make([]int, days)
			for _, r := range rows {
				if i := r.at - first; i < days {
					list[i] = int(r.Accepted)
				}
			}
			all[id] = list
		}
		return nil
	})
	return all, err
}

// Trend compares a number with that of as long a time before, in percent. Where there was nothing before it says no.
func Trend(now, before int64) (percent int, ok bool) {
	if before <= 0 {
		return 0, false
	}
	return int(math.Round(float64(now-before) / float64(before) * 100)), true
}
