package usage_test

import (
	"slices"
	"testing"
	"time"

	"latchkey/db/usage"
)

func TestDeadUses(t *testing.T) {
	i := open(t)
	i.many(3, "k1", usage.KeyRevoked)
	i.many(9, "k1", usage.NotFound)
	i.flush(t)
	i.clock.Add(time.Hour)
	start := i.clock.Now()
	i.many(2, "k2", usage.KeyExpired)
	i.many(5, "k3", usage.KeyRevoked)
	i.flush(t)
	for name, c := range map[string]struct {
		project string
		since   time.Time
		limit   int
		want    []string
	}{
		"the latest first":          {"p", start.Add(-2 * time.Hour), 9, []string{"k2 key_expired", "k1 key_revoked"}},
		"since a moment":            {"p", start, 9, []string{"k2 key_expired"}},
		"at most so many":           {"p", start.Add(-2 * time.Hour), 1, []string{"k2 key_expired"}},
		"of the other project":      {"q", start.Add(-2 * time.Hour), 9, []string{"k3 key_revoked"}},
		"of a project that is none": {"x", start.Add(-2 * time.Hour), 9, nil},
	} {
		list, err := i.DeadUses(ctx, c.project, c.since, c.limit)
		var got []string
		for _, d := range list {
			got = append(got, d.KeyID+" "+string(d.Reason))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if list, err := i.DeadUses(ctx, "p", start, 1); err != nil || list[0].Count != 2 || list[0].At.Before(start) || list[0].Address == "" {
		t.Errorf("%+v, %v", list, err)
	}
}
