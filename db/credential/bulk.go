package credential

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// MaxBulk is how many keys can be changed in one go.
const MaxBulk = 1000

// Outcome is what became of one key of many.
type Outcome struct {
	ID      string
	Key     Key   // as it is now; as it was, where Err says why nothing was done; zero for one that does not exist
	Already bool  // nothing was to be done
	Err     error // nil: it is done
}

var errOutOfTime = fault.New(fault.Unavailable, "The time for one request was over before this key was reached. Nothing was done to it.")

var errTooMany = fault.New(fault.Invalid, fmt.Sprintf("At most %d keys can be changed in one go.", MaxBulk)).WithReason("too_many")

// Pick gives the keys with some ids, by name. Those that do not exist in the project are left out. It needs
// api_keys.read.
func (s *Store) Pick(ctx context.Context, who audit.Who, place permission.Target, ids []string) ([]Key, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	if len(wanted) > MaxBulk {
		return nil, errTooMany
	}
	var list []Key
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		// These ids come from outside: they are given as parameters, some at a time.
		for some := range slices.Chunk(slices.Sorted(maps.Keys(wanted)), 100) {
			q := statement{}
			query := selectKey + " WHERE k.project_id = " + q.arg(place.Project) + " AND k.id IN ("
			for i, id := range some {
				if i > 0 {
					query += ", "
				}
				query += q.arg(id)
			}
			found, err := db.Query(ctx, tx, scanRow, query+")", q.args...)
			if err != nil {
				return err
			}
			list = append(list, found...)
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Key) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

// RevokeEach revokes keys one by one, in the order of their ids given: each is in effect before the next is begun, and
// what is reported as done is done, whatever becomes of the others. Rights are asked for anew before each.
func (s *Store) RevokeEach(ctx context.Context, who audit.Who, place permission.Target, ids []string) ([]Outcome, error) {
	return s.each(ctx, who, place, ids, func(before Key) (Key, bool, error) {
		k, err := s.Revoke(ctx, who, place, before.ID)
		return k, !before.RevokedAt.IsZero(), err
	})
}

// ExpireEach lets keys end at a moment, or never if it is zero, one by one as RevokeEach does.
func (s *Store) ExpireEach(ctx context.Context, who audit.Who, place permission.Target, ids []string, at time.Time) ([]Outcome, error) {
	if err := CheckExpiry(at, s.db.Now()); err != nil {
		return nil, err
	}
	return s.each(ctx, who, place, ids, func(before Key) (Key, bool, error) {
		k, err := s.SetExpiry(ctx, who, place, before.ID, at)
		return k, k.ExpiresAt.Equal(before.ExpiresAt), err
	})
}

func (s *Store) each(ctx context.Context, who audit.Who, place permission.Target, ids []string, do func(before Key) (after Key, already bool, err error)) ([]Outcome, error) {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return nil, err
	}
	known, err := s.Pick(ctx, who, place, ids)
	if err != nil {
		return nil, err
	}
	keys := map[string]Key{}
	for _, k := range known {
		keys[k.ID] = k
	}
	list := make([]Outcome, 0, len(keys))
	done := map[string]bool{}
	for _, id := range ids {
		if done[id] {
			continue
		}
		done[id] = true
		before, ok := keys[id]
		if !ok {
			list = append(list, Outcome{ID: id, Err: errNoKey})
			continue
		}
		o := Outcome{ID: id}
		if ctx.Err() != nil {
			o.Key, o.Err = before, errOutOfTime
			list = append(list, o)
			continue
		}
		if o.Key, o.Already, o.Err = do(before); o.Err != nil {
			o.Key, o.Already = before, false
		}
		list = append(list, o)
	}
	return list, nil
}

// CheckExpiry refuses a moment at which no key can be made to end. The zero time is never.
func CheckExpiry(at, now time.Time) error {
	fields := fault.Fields{}
	checkExpiry(at, now, fields)
	return fields.Err()
}

func checkExpiry(at, now time.Time, fields fault.Fields) {
	switch {
	case at.IsZero():
	case !at.After(now):
		fields.Add("expires", "The date has passed. Choose a later one.")
	case at.Year() > 9999:
		fields.Add("expires", "The date is too far away.")
	}
}

// SetExpiry changes when a key ends, and nothing else. It needs api_keys.modify, and that the asker may give such a key.
// A revoked key cannot be changed.
func (s *Store) SetExpiry(ctx context.Context, who audit.Who, place permission.Target, id string, at time.Time) (Key, error) {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return Key{}, err
	}
	k := Key{ID: id}
	err := s.change(ctx, who, &k, func(ctx context.Context, tx *db.Tx) error {
		before, err := findKey(ctx, tx, place.Project, id)
		if err != nil {
			return err
		}
		if !before.RevokedAt.IsZero() {
			return errRevoked
		}
		k = before
		if !at.IsZero() {
			at = at.UTC().Truncate(time.Millisecond)
		}
		if k.ExpiresAt = at; at.Equal(before.ExpiresAt) {
			return nil
		}
		if err := CheckExpiry(at, tx.Now); err != nil {
			return err
		}
		if err := checkGrant(who, place, k); err != nil {
			return err
		}
		k.UpdatedAt = before.next(tx.Now)
		if _, err := db.Exec(ctx, tx, "UPDATE keys SET expires_at = $1, updated_at = $2 WHERE id = $3", db.Millis(at), k.UpdatedAt.UnixMilli(), id); err != nil {
			return fmt.Errorf("set expiry: %w", err)
		}
		return s.note(ctx, tx, who, place, audit.KeyUpdate, k, diff(before, k))
	})
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

// eachPage is how many keys Each reads at once.
const eachPage = 500

// Each gives every key that a filter lets through, by name, page by page; the first page comes even if it is empty.
// Names do not change, so no key comes twice, and none is missed that was there all the time. Before each page the asker
// has to be allowed anew. It needs api_keys.read.
func (s *Store) Each(ctx context.Context, who audit.Who, place permission.Target, f Filter, yield func([]Key) error) error {
	f.Sort, f.Desc, f.Cursor, f.Offset, f.Limit = "name", false, "", 0, eachPage
	for {
		page, err := s.List(ctx, who, place, f)
		if err != nil {
			return err
		}
		if err := yield(page.Keys); err != nil {
			return err
		}
		if f.Cursor = page.Older; f.Cursor == "" {
			return nil
		}
		if err := who.Confirm(ctx); err != nil {
			return err
		}
	}
}
