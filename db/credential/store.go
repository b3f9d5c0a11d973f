package credential

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// NewStore opens the keys of an instance and reads all of them into memory.
func NewStore(ctx context.Context, d *db.DB, master *secret.Master, log *audit.Log) (*Store, error) {
	s := &Store{db: d, master: master, log: log, live: newLive()}
	return s, d.Read(ctx, func(ctx context.Context, tx *db.Tx) error { return s.load(ctx, tx, "") })
}

// Keep puts a new secret where its maker can fetch it, in the transaction that makes the key.
type Keep func(ctx context.Context, tx *db.Tx, id string, s secret.Secret) error

// Create makes a key in a project. It needs api_keys.modify, and gives nobody more than the asker holds. The secret is
// in the answer and, if keep is given, where keep put it. A second Create with the same FormToken gives the first key
// and an empty secret.
func (s *Store) Create(ctx context.Context, who audit.Who, place permission.Target, in Input, keep Keep) (Key, secret.Secret, error) {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return Key{}, "", err
	}
	k, err := in.check(who, place, s.db.Now(), nil)
	if err != nil {
		return Key{}, "", err
	}
	minted := secret.Mint(k.Type)
	k.ID = uuid.NewString()
	err = s.change(ctx, who, &k, func(ctx context.Context, tx *db.Tx) (err error) {
		if in.FormToken != "" {
			first, err := db.One(ctx, tx, errNoKey, scanRow, selectKey+" WHERE k.form_token = $1 AND k.project_id = $2", in.FormToken, place.Project)
			if err == nil {
				k, minted = first, ""
				return nil
			}
			if !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if k.Name, err = freeName(ctx, tx, k, strings.TrimSpace(in.Name) == ""); err != nil {
			return err
		}
		if k, err = s.insert(ctx, tx, who, k, minted, in.FormToken); err != nil {
			return err
		}
		if err := s.note(ctx, tx, who, place, audit.KeyCreate, k, diff(Key{}, k)); err != nil || keep == nil {
			return err
		}
		return keep(ctx, tx, k.ID, minted)
	})
	if err != nil {
		return Key{}, "", err
	}
	return k, minted, nil
}

// change runs a transaction that makes or changes one key, k, and puts it into effect in the same critical section: the
// memory shows the new state before the writer is free again. Whoever gets the writer next and asks whether they may
// (audit.Who.Confirm) sees it, so that nothing can slip in between a revocation and its effect.
func (s *Store) change(ctx context.Context, who audit.Who, k *Key, f func(ctx context.Context, tx *db.Tx) error) error {
	return s.changeTwo(ctx, who, k, new(""), f)
}

// changeTwo is change for a transaction that may change another key as well and then says which.
func (s *Store) changeTwo(ctx context.Context, who audit.Who, k *Key, other *string, f func(ctx context.Context, tx *db.Tx) error) error {
	shown := false
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		if err := f(ctx, tx); err != nil {
			return err
		}
		s.live.publishing.Lock()
		shown = true
		return s.load(ctx, tx, " WHERE k.id IN ($1, $2)", k.ID, *other)
	})
	if !shown {
		return err
	}
	defer s.live.publishing.Unlock()
	// Once more, as it was really committed: the transaction may have failed after all.
	if rerr := s.reread(ctx, slices.DeleteFunc([]string{k.ID, *other}, func(id string) bool { return id == "" })...); rerr != nil {
		return rerr
	}
	if failed := fault.From(err); failed != nil && (failed.Reason != db.CommitUnknown || !s.happened(ctx, *k)) {
		return err
	}
	return nil
}

// happened looks whether a change whose commit gave no clear answer is in the database after all.
func (s *Store) happened(ctx context.Context, k Key) bool {
	var now Key
	err := s.db.Read(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
		now, err = findKey(ctx, tx, k.ProjectID, k.ID)
		return err
	})
	return err == nil && now.UpdatedAt.Equal(k.UpdatedAt) && now.RevokedAt.Equal(k.RevokedAt)
}

// maxNumbered is how far names are numbered before they get a random end: looking for a free one must not take long
// while nobody else can write.
const maxNumbered = 9

// freeName refuses a name that is taken, or finds a free one beside it if it was made from the description.
func freeName(ctx context.Context, tx *db.Tx, k Key, derived bool) (string, error) {
	for n := 1; ; n++ {
		name := k.Name
		switch {
		case n > maxNumbered:
			name = k.Name + "-" + secret.Short(6)
		case n > 1:
			name = fmt.Sprintf("%s-%d", k.Name, n)
		}
		count, err := db.One(ctx, tx, nil, db.Int, `
			SELECT COUNT(*) FROM keys WHERE project_id = $1 AND name = $2 AND revoked_at IS NULL`, k.ProjectID, name)
		if err != nil || count == 0 {
			return name, err
		}
		if !derived {
			return "", &fault.Error{Kind: fault.Conflict, Message: "Name is already taken", Fields: map[string]string{"name": "Name is already taken"}}
		}
	}
}

// insert writes a checked key down.
func (s *Store) insert(ctx context.Context, tx *db.Tx, who audit.Who, k Key, minted secret.Secret, formToken string) (Key, error) {
	k.Visible, k.CreatedAt, k.UpdatedAt, k.CreatedBy = secret.Mask(minted.Reveal()), tx.Now, tx.Now, who.Label
	states, sealed, err := s.seal(ctx, tx, k, minted)
	if err != nil {
		return Key{}, err
	}
	permissions, err := permissionsJSON(k.Custom)
	if err != nil {
		return Key{}, err
	}
	hash := secret.Hash(minted.Reveal())
	_, err = db.Exec(ctx, tx, `
		INSERT INTO keys (id, project_id, name, description, type, access, permissions, all_engines, expires_at, hash, visible,
			states, sealed, form_token, created_at, created_by, updated_at, search_text, legacy)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $15, $17, $18)`,
		k.ID, k.ProjectID, k.Name, k.Description, string(k.Type), string(k.Access), permissions, k.Scope.All, db.Millis(k.ExpiresAt),
		hex.EncodeToString(hash[:]), k.Visible, states, sealed, null(formToken), tx.NowMillis(), k.CreatedBy, k.searchText(), k.Legacy)
	if err != nil {
		return Key{}, fmt.Errorf("insert key: %w", err)
	}
	return k, insertEngines(ctx, tx, k.ID, k.Scope)
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// seal prepares what is kept of a secret: the states that verify what is signed with it, and, where it may be read
// again, the secret itself.
func (s *Store) seal(ctx context.Context, tx *db.Tx, k Key, minted secret.Secret) (states, sealed any, err error) {
	if k.Type != secret.Admin {
		st, err := secret.NewStates(minted)
		if err != nil {
			return nil, nil, err
		}
		states = s.master.Seal(st[:], "keys", "states", k.ID)
	}
	readable, err := db.One(ctx, tx, errNoKey, db.Bool, "SELECT readable_secrets FROM projects WHERE id = $1", k.ProjectID)
	if err != nil {
		return nil, nil, err
	}
	if k.Type == secret.Search || readable {
		sealed = s.master.Seal([]byte(minted.Reveal()), "keys", "sealed", k.ID)
	}
	return states, sealed, nil
}

func (s *Store) note(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target, action audit.Action, k Key, changes []audit.Change) error {
	return s.log.Append(ctx, tx, who, audit.Event{Action: action, Organization: place.Organization, Project: place.Project,
		SubjectID: k.ID, SubjectLabel: k.Name + " (" + k.Visible + ")", Changes: changes})
}

// diff tells in what two states of a key differ, in words for people.
func diff(from, to Key) []audit.Change {
	return slices.Concat(
		audit.Diff("name", from.Name, to.Name),
		audit.Diff("description", from.Description, to.Description),
		audit.Diff("type", string(from.Type), string(to.Type)),
		audit.Diff("access", string(from.Access), string(to.Access)),
		audit.Diff("permissions", strings.Join(from.Custom.Strings(), ", "), strings.Join(to.Custom.Strings(), ", ")),
		audit.Diff("engines", engines(from), engines(to)),
		audit.Diff("expires", expiry(from), expiry(to)),
	)
}

func engines(k Key) string {
	if k.Scope.All && k.Type != secret.Admin {
		return "all"
	}
	return strings.Join(k.Scope.Engines, ", ")
}

func expiry(k Key) string {
	switch {
	case k.ID == "":
		return ""
	case k.ExpiresAt.IsZero():
		return "never"
	}
	return k.ExpiresAt.Format(time.RFC3339)
}

// Preview tells what Update would make of a key, and the key as it is. It changes nothing; it fails where Update would.
func (s *Store) Preview(ctx context.Context, who audit.Who, place permission.Target, id string, in Input) (before, after Key, err error) {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return Key{}, Key{}, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		if before, err = findKey(ctx, tx, place.Project, id); err != nil {
			return err
		}
		if !before.RevokedAt.IsZero() {
			return errRevoked
		}
		after, err = in.check(who, place, tx.Now, &before)
		return err
	})
	return before, after, err
}

// Update changes what a key may do, keeping its secret. It needs api_keys.modify. A revoked key cannot be changed.
func (s *Store) Update(ctx context.Context, who audit.Who, place permission.Target, id string, in Input) (Key, error) {
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
		if !in.Seen.IsZero() && !before.UpdatedAt.Equal(in.Seen) {
			return fault.New(fault.Conflict, "Somebody has changed this key meanwhile.").WithReason("key_changed")
		}
		if k, err = in.check(who, place, tx.Now, &before); err != nil {
			return err
		}
		changes := diff(before, k)
		if len(changes) == 0 {
			return nil
		}
		k.UpdatedAt = before.next(tx.Now)
		return s.update(ctx, tx, who, place, k, changes)
	})
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

// next is when a change of the key happens, always later than the one before, so that two states of a key can be told
// apart by it.
func (k Key) next(now time.Time) time.Time {
	if now.After(k.UpdatedAt) {
		return now
	}
	return k.UpdatedAt.Add(time.Millisecond)
}

func (s *Store) update(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target, k Key, changes []audit.Change) error {
	permissions, err := permissionsJSON(k.Custom)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `
		UPDATE keys SET description = $1, access = $2, permissions = $3, all_engines = $4, expires_at = $5, updated_at = $6,
			search_text = $7
		WHERE id = $8`,
		k.Description, string(k.Access), permissions, k.Scope.All, db.Millis(k.ExpiresAt), k.UpdatedAt.UnixMilli(), k.searchText(), k.ID); err != nil {
		return fmt.Errorf("update key: %w", err)
	}
	if _, err := db.Exec(ctx, tx, "DELETE FROM key_engines WHERE key_id = $1", k.ID); err != nil {
		return err
	}
	if err := insertEngines(ctx, tx, k.ID, k.Scope); err != nil {
		return err
	}
	return s.note(ctx, tx, who, place, audit.KeyUpdate, k, changes)
}

// Revoke ends a key, and with it every search key signed with it: once it has answered, no request passes. It needs
// api_keys.modify, and nothing else: whoever manages keys may end any of the project's, because containing a leak must not
// wait for rights. Revoking twice gives the first result.
func (s *Store) Revoke(ctx context.Context, who audit.Who, place permission.Target, id string) (Key, error) {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return Key{}, err
	}
	k := Key{ID: id}
	err := s.change(ctx, who, &k, func(ctx context.Context, tx *db.Tx) (err error) {
		k, err = s.revoke(ctx, tx, who, place, id)
		return err
	})
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

func (s *Store) revoke(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target, id string) (Key, error) {
	n, err := db.Exec(ctx, tx, `
		UPDATE keys SET revoked_at = $1, revoked_by = $2, states = NULL, sealed = NULL, updated_at = $1
		WHERE id = $3 AND project_id = $4 AND revoked_at IS NULL`, tx.NowMillis(), who.Label, id, place.Project)
	if err != nil {
		return Key{}, fmt.Errorf("revoke key: %w", err)
	}
	k, err := findKey(ctx, tx, place.Project, id)
	if err != nil || n == 0 {
		return k, err
	}
	if _, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE subject_id = $1", id); err != nil {
		return Key{}, err
	}
	return k, s.note(ctx, tx, who, place, audit.KeyRevoke, k, audit.Diff("status", "active", "revoked"))
}
