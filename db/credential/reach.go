package credential

import (
	"context"
	"fmt"
	"strings"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// Reach counts the keys that reach engines. Keys that are revoked or expired reach nothing, and admin keys no engine.
type Reach struct {
	All   int            // keys that may touch every engine
	Named map[string]int // keys limited to some engines, by the name of each
}

// Of is how many keys reach an engine.
func (r Reach) Of(engine string) int { return r.All + r.Named[engine] }

// reaching is the condition that a key k is neither revoked nor expired at $2, in the project $1, and reaches engines.
const reaching = "k.project_id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AND k.type <> 'admin'"

// Reach counts the keys of a project that reach each of some engines. It needs api_keys.read.
func (s *Store) Reach(ctx context.Context, who audit.Who, place permission.Target, engines []string) (Reach, error) {
	r := Reach{Named: map[string]int{}}
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return r, err
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		args := []any{place.Project, tx.NowMillis()}
		all, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM keys k WHERE k.all_engines AND "+reaching, args...)
		r.All = int(all)
		if err != nil || len(engines) == 0 {
			return err
		}
		var list []string
		for _, name := range engines {
			args = append(args, name)
			list = append(list, fmt.Sprintf("$%d", len(args)))
		}
		_, err = db.Query(ctx, tx, func(row db.Scanner) (struct{}, error) {
			var name string
			var n int
			err := row.Scan(&name, &n)
			r.Named[name] = n
			return struct{}{}, err
		}, `SELECT e.engine, COUNT(*)
			FROM key_engines e JOIN keys k ON k.id = e.key_id
			WHERE e.engine IN (`+strings.Join(list, ", ")+") AND NOT k.all_engines AND "+reaching+`
			GROUP BY e.engine`, args...)
		return err
	})
	return r, err
}

// Scoped reports whether a project has a living key that is limited to some engines. It needs api_keys.read.
func (s *Store) Scoped(ctx context.Context, who audit.Who, place permission.Target) (bool, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return false, err
	}
	var n int64
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM (SELECT 1 FROM keys k WHERE NOT k.all_engines AND "+reaching+" LIMIT 1) AS one", place.Project, tx.NowMillis())
		return err
	})
	return n > 0, err
}

// Naming gives the living keys of a project whose scope names an engine, by name, at most limit of them. It needs
// api_keys.read.
func (s *Store) Naming(ctx context.Context, who audit.Who, place permission.Target, engine string, limit int) ([]Key, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return nil, err
	}
	var keys []Key
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		keys, err = db.Query(ctx, tx, scanRow, selectKey+`
			WHERE k.id IN (SELECT e.key_id FROM key_engines e WHERE e.engine = $3) AND NOT k.all_engines AND `+reaching+`
			ORDER BY k.name, k.id LIMIT $4`, place.Project, tx.NowMillis(), engine, limit)
		return err
	})
	return keys, err
}

// Try tells what Check would say to the secret of a key, for somebody who may see the key and does not have its secret.
// The proof is for showing what the key would be allowed, and for nothing that changes anything. It needs
// api_keys.read.
func (s *Store) Try(ctx context.Context, who audit.Who, place permission.Target, id string) (Proof, error) {
	if _, err := s.Get(ctx, who, place, id); err != nil {
		return Proof{}, err
	}
	s.live.mu.RLock()
	e := s.live.byID[id]
	s.live.mu.RUnlock()
	if e == nil || e.principal.Project != place.Project {
		return Proof{}, errNoKey
	}
	return s.proof(e), nil
}
