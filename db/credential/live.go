package credential

import (
	"cmp"
	"context"
	"crypto/subtle"
	"database/sql"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"latchkey/db"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// entry is a key as checks see it. It is never changed, only replaced.
type entry struct {
	hash      [secret.HashSize]byte
	principal permission.Principal
	name      string
	founded   int64 // when its project was made, to tell the oldest
	expires   int64 // 0: never
	revoked   bool
	unsure    bool   // its state could not be read after a change: refused until it can be
	states    string // sealed; "" if nothing can be signed with it
	access    permission.Access
	creator   string
	legacy    bool
	text      string // what a text filter looks in, folded
}

// live holds all keys in memory.
type live struct {
	publishing sync.Mutex // taken while rows are read and put here: a later reading never loses to an earlier one
	mu         sync.RWMutex
	byHash     map[[secret.HashSize]byte]*entry
	byID       map[string]*entry
	byName     map[string][]*entry // those that are not revoked, of the oldest project first
	unsure     map[string]bool     // ids of those in doubt
	shelves    shelves
}

func newLive() *live {
	return &live{byHash: map[[secret.HashSize]byte]*entry{}, byID: map[string]*entry{}, byName: map[string][]*entry{}, unsure: map[string]bool{},
		shelves: shelves{of: map[string]map[string]*entry{}}}
}

// find gives the key of a secret, dead or alive, or nil.
func (l *live) find(raw string) *entry {
	hash := secret.Hash(raw)
	l.mu.RLock()
	e := l.byHash[hash]
	l.mu.RUnlock()
	if e == nil || subtle.ConstantTimeCompare(e.hash[:], hash[:]) != 1 {
		return nil
	}
	return e
}

// maxParents is how many keys are tried as the parent of one signed search key.
const maxParents = 32

// parents gives the keys that a signed search key may mean: the one with this id and those with this name, in one
// project or, where the project is not known, in all, those of the oldest first.
func (l *live) parents(name, project string) []*entry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var list []*entry
	if e := l.byID[name]; e != nil && !e.revoked && (project == "" || e.principal.Project == project) {
		list = append(list, e)
	}
	for _, e := range l.byName[name] {
		if (project == "" || e.principal.Project == project) && len(list) < maxParents {
			list = append(list, e)
		}
	}
	return list
}

// put replaces what is known of a key.
func (l *live) put(e *entry) {
	l.shelves.put(e)
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.byID[e.principal.ID]; old != nil {
		l.dropName(old)
	}
	delete(l.unsure, e.principal.ID)
	l.byID[e.principal.ID], l.byHash[e.hash] = e, e
	if !e.revoked {
		list := append(slices.Clone(l.byName[e.name]), e)
		slices.SortStableFunc(list, func(a, b *entry) int { return cmp.Compare(a.founded, b.founded) })
		l.byName[e.name] = list
	}
}

func (l *live) dropName(old *entry) {
	list := slices.DeleteFunc(slices.Clone(l.byName[old.name]), func(e *entry) bool { return e == old })
	if len(list) == 0 {
		delete(l.byName, old.name)
	} else {
		l.byName[old.name] = list
	}
}

// remove forgets a key that does not exist.
func (l *live) remove(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if old := l.byID[id]; old != nil {
		l.shelves.remove(old)
		l.dropName(old)
		delete(l.byHash, old.hash)
		delete(l.byID, id)
		delete(l.unsure, id)
	}
}

// doubted lists the keys whose state could not be read.
func (l *live) doubted() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Sorted(maps.Keys(l.unsure))
}

// ofProject lists the keys of a project.
func (l *live) ofProject(project string) []string {
	var ids []string
	l.shelves.each(project, func(e *entry) { ids = append(ids, e.principal.ID) })
	return ids
}

// doubt bars a key whose state could not be read.
func (l *live) doubt(id string) {
	l.mu.RLock()
	old := l.byID[id]
	l.mu.RUnlock()
	if old == nil {
		return
	}
	e := *old
	e.unsure = true
	l.put(&e)
	l.mu.Lock()
	l.unsure[id] = true
	l.mu.Unlock()
}

// healEvery is how often keys in doubt are read again.
const healEvery = time.Second

// Run reads keys in doubt again until their state is known, and ends with the context.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	ticker := time.NewTicker(healEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if ids := s.live.doubted(); len(ids) > 0 {
			if err := s.publish(ctx, ids...); err != nil {
				logger.Error("read keys in doubt", "keys", len(ids), "error", err)
			}
		}
	}
}

// publish brings what is in memory of some keys to what the database holds.
func (s *Store) publish(ctx context.Context, ids ...string) error {
	s.live.publishing.Lock()
	defer s.live.publishing.Unlock()
	return s.reread(ctx, ids...)
}

// reread is publish for who holds the lock already. What cannot be read is barred until it can.
func (s *Store) reread(ctx context.Context, ids ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), db.WriteLimit)
	defer cancel()
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range ids {
			n, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM keys WHERE id = $1", id)
			if err != nil {
				return err
			}
			if n == 0 {
				s.live.remove(id) // it was shown by a transaction that failed after all
			}
			if err := s.load(ctx, tx, " WHERE k.id = $1", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for _, id := range ids {
			s.live.doubt(id)
		}
	}
	return err
}

// load reads keys into memory, those of deleted projects too: they are dead, and known to be.
func (s *Store) load(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	rows, err := tx.QueryContext(ctx, `
		SELECT p.organization_id, p.created_at, k.hash, k.states, `+keyColumns+`
		FROM keys k JOIN all_projects p ON p.id = k.project_id LEFT JOIN key_use u ON u.key_id = k.id`+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		s.live.put(e)
	}
	return rows.Err()
}

func scanEntry(rows db.Scanner) (*entry, error) {
	var e entry
	var organization, hash string
	var states sql.NullString
	k, err := scanKey(func(dest ...any) error {
		return rows.Scan(append([]any{&organization, &e.founded, &hash, &states}, dest...)...)
	})
	if err != nil {
		return nil, err
	}
	if e.hash, err = parseHash(hash); err != nil {
		return nil, err
	}
	e.name, e.states, e.revoked = k.Name, states.String, !k.RevokedAt.IsZero()
	e.access, e.creator, e.legacy, e.text = k.Access, k.CreatedBy, k.Legacy, k.searchText()
	if !k.ExpiresAt.IsZero() {
		e.expires = k.ExpiresAt.UnixMilli()
	}
	e.principal = permission.Principal{
		Kind: permission.Key, ID: k.ID, Label: k.Visible, Organization: organization, Project: k.ProjectID,
		KeyType: string(k.Type), Permissions: k.Permissions(), Scope: k.Scope, Expires: e.expires,
	}
	return &e, nil
}
