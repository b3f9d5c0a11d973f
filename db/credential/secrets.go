package credential

import (
	"context"
	"slices"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// errNotReadable is the answer where a secret was shown once and exists no more.
var errNotReadable = fault.New(fault.NotFound, "This secret was shown once, when the key was made, and is kept nowhere.").WithReason("not_readable")

// Secret gives the secret of a search key, which is public by nature, or of a key in a project that has readable
// secrets at this moment. It needs api_keys.read, and for other than search keys the right to make such a key; reading
// those is written down in the audit log. A key limited to some engines reads no secret that reaches further.
func (s *Store) Secret(ctx context.Context, who audit.Who, place permission.Target, id string) (secret.Secret, error) {
	k, err := s.Get(ctx, who, place, id)
	if err != nil {
		return "", err
	}
	if who.Kind == permission.Key && !who.Scope.Contains(k.Scope) {
		return "", errNotReadable
	}
	var sealed string
	read := func(ctx context.Context, tx *db.Tx) (err error) {
		sealed, err = db.One(ctx, tx, errNotReadable, db.String, `
			SELECT k.sealed FROM keys k JOIN projects p ON p.id = k.project_id
			WHERE k.id = $1 AND k.sealed IS NOT NULL AND (k.type = 'search' OR p.readable_secrets)`, id)
		return err
	}
	if err = s.db.Read(ctx, read); err == nil && k.Type != secret.Search {
		err = s.noteReading(ctx, who, place, k, read)
	}
	if err != nil {
		return "", err
	}
	plain, err := s.master.Open(sealed, "keys", "sealed", id)
	return secret.Secret(plain), err
}

// noteReading writes down that a secret is read, and reads it again in the same transaction: it may have been destroyed
// while the writer was waited for.
func (s *Store) noteReading(ctx context.Context, who audit.Who, place permission.Target, k Key, read func(context.Context, *db.Tx) error) error {
	if err := mayReveal(who, place, k); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		if err := read(ctx, tx); err != nil {
			return err
		}
		return s.note(ctx, tx, who, place, audit.KeyReveal, k, nil)
	})
}

// mayReveal tells whether somebody may read the secret of a key that is not public: whoever could make such a key.
func mayReveal(who audit.Who, place permission.Target, k Key) error {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return err
	}
	return checkGrant(who, place, k)
}

// revealSlice is how many readings are written down in one transaction, so that the one writer is never held for long.
const revealSlice = 100

// Secrets gives, by id, the secrets of those of a project's keys that Secret would give, with the same rules and the same
// history, in a few statements for all.
func (s *Store) Secrets(ctx context.Context, who audit.Who, place permission.Target, keys []Key) (map[string]secret.Secret, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return nil, err
	}
	public, noted := revealable(who, place, keys)
	var found map[string]string
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		found, err = sealedOf(ctx, tx, place, slices.Concat(public, noted))
		return err
	})
	if err != nil {
		return nil, err
	}
	noted = slices.DeleteFunc(noted, func(k Key) bool { return found[k.ID] == "" })
	for part := range slices.Chunk(noted, revealSlice) {
		if err := s.noteReadings(ctx, who, place, part, found); err != nil {
			return nil, err
		}
	}
	secrets := make(map[string]secret.Secret, len(found))
	for id, sealed := range found {
		plain, err := s.master.Open(sealed, "keys", "sealed", id)
		if err != nil {
			return nil, err
		}
		secrets[id] = secret.Secret(plain)
	}
	return secrets, nil
}

// revealable picks the keys whose secrets somebody may read, and of these the ones whose reading is written down.
func revealable(who audit.Who, place permission.Target, keys []Key) (public, noted []Key) {
	for _, k := range keys {
		switch {
		case k.ProjectID != place.Project, who.Kind == permission.Key && !who.Scope.Contains(k.Scope):
		case k.Type == secret.Search:
			public = append(public, k)
		case mayReveal(who, place, k) == nil:
			noted = append(noted, k)
		}
	}
	return public, noted
}

// noteReadings writes down that secrets are read, and takes those out of found that were destroyed meanwhile.
func (s *Store) noteReadings(ctx context.Context, who audit.Who, place permission.Target, keys []Key, found map[string]string) error {
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		still, err := sealedOf(ctx, tx, place, keys)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if still[k.ID] == "" {
				delete(found, k.ID)
				continue
			}
			if err := s.note(ctx, tx, who, place, audit.KeyReveal, k, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

type sealedRow struct{ id, sealed string }

func scanSealed(s db.Scanner) (sealedRow, error) {
	var r sealedRow
	err := s.Scan(&r.id, &r.sealed)
	return r, err
}

// sealedOf gives, by id, the sealed secrets that can be read at this moment.
func sealedOf(ctx context.Context, tx *db.Tx, place permission.Target, keys []Key) (map[string]string, error) {
	found := map[string]string{}
	if len(keys) == 0 {
		return found, nil
	}
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	rows, err := db.Query(ctx, tx, scanSealed, `
		SELECT k.id, k.sealed FROM keys k JOIN projects p ON p.id = k.project_id
		WHERE k.project_id = $1 AND k.sealed IS NOT NULL AND (k.type = 'search' OR p.readable_secrets) AND k.id IN `+listed(ids), place.Project)
	for _, r := range rows {
		found[r.id] = r.sealed
	}
	return found, err
}
