package credential

import (
	"context"
	"encoding/hex"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Import is a key that another system has minted, and that is to work here unchanged.
type Import struct {
	Input                       // Name is required; the type is what the other system says, whatever the secret's prefix
	Secret        secret.Secret // see secret.CheckForeign
	ReplaceUnused bool          // revoke a key of this name that came with the project and was never used
}

// Imported is what became of an Import.
type Imported struct {
	Key      Key
	New      bool // false: the key was there already, with this name and this secret, and was left as it is
	Replaced Key  // the unused key that was revoked for it; without an ID there was none
}

// The refusals of Import. None tells where else a secret is a key, or what the other key of a name is.
var (
	errKeyRevoked   = fault.New(fault.Conflict, "This key was revoked here and stays so.").WithReason("key_revoked")
	errKeyElsewhere = fault.New(fault.Conflict, "This secret is a key of this instance already, under another name or in another project.").WithReason("key_elsewhere")
	errNameTaken    = fault.New(fault.Conflict, "There is another key with this name here, with another secret.").WithReason("name_taken")
)

// Import takes a key over together with its secret: of that is kept what is kept of a minted one, and from then on it
// proves the same. It needs api_keys.modify, and gives nobody more than the asker holds. A key that is there already is
// left as it is, also where it may do something else by now, and one that was revoked stays revoked: importing again
// must not undo what was decided here.
func (s *Store) Import(ctx context.Context, who audit.Who, place permission.Target, in Import) (Imported, error) {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return Imported{}, err
	}
	if why := secret.CheckForeign(in.Secret.Reveal()); why != "" {
		return Imported{}, fault.Field("secret", why)
	}
	if in.Name == "" {
		return Imported{}, fault.Field("name", "Name the key.")
	}
	k, err := in.check(who, place, s.db.Now(), nil)
	if err != nil {
		return Imported{}, err
	}
	k.ID, k.Legacy = uuid.NewString(), isForeign(k.Type, in.Secret)
	done, replaced := Imported{}, ""
	err = s.changeTwo(ctx, who, &k, &replaced, func(ctx context.Context, tx *db.Tx) (err error) {
		if done.Key, err = known(ctx, tx, k, in.Secret); err != nil || done.Key.ID != "" {
			k = done.Key
			return err
		}
		if done.Replaced, err = s.makeWay(ctx, tx, who, place, k.Name, in.ReplaceUnused); err != nil {
			return err
		}
		replaced = done.Replaced.ID
		if k, err = s.insert(ctx, tx, who, k, in.Secret, ""); err != nil {
			return err
		}
		done.Key, done.New = k, true
		return s.note(ctx, tx, who, place, audit.KeyImport, k, diff(Key{}, k))
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// isForeign reports whether a key has another form than ours: it has less randomness and no checksum.
func isForeign(t secret.Type, s secret.Secret) bool {
	ours, ok := secret.Parse(s.Reveal())
	return !ok || ours != t
}

// known gives the key that has this secret already, if it is the very key that is to be imported.
func known(ctx context.Context, tx *db.Tx, k Key, s secret.Secret) (Key, error) {
	hash := secret.Hash(s.Reveal())
	found, err := db.Query(ctx, tx, scanRow, selectKey+" WHERE k.hash = $1", hex.EncodeToString(hash[:]))
	if err != nil || len(found) == 0 {
		return Key{}, err
	}
	switch there := found[0]; {
	case there.ProjectID != k.ProjectID:
		return Key{}, errKeyElsewhere
	case !there.RevokedAt.IsZero():
		return Key{}, errKeyRevoked
	case there.Name != k.Name:
		return Key{}, errKeyElsewhere
	default:
		return there, nil
	}
}

// makeWay makes sure that a name is free. A key that has it is in the way, unless it came with the project, nobody has
// changed or used it, and it may be replaced: then it is revoked.
func (s *Store) makeWay(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target, name string, replace bool) (Key, error) {
	found, err := db.Query(ctx, tx, scanRow, selectKey+" WHERE k.project_id = $1 AND k.name = $2 AND k.revoked_at IS NULL", place.Project, name)
	if err != nil || len(found) == 0 {
		return Key{}, err
	}
	there := found[0]
	founded, err := db.One(ctx, tx, errNoKey, db.Int, "SELECT created_at FROM projects WHERE id = $1", place.Project)
	if err != nil {
		return Key{}, err
	}
	untouched := there.Use.At.IsZero() && there.CreatedAt.UnixMilli() == founded && there.UpdatedAt.Equal(there.CreatedAt)
	if !replace || !untouched || name != defaultSearch && name != defaultPrivate {
		return Key{}, errNameTaken
	}
	return s.revoke(ctx, tx, who, place, there.ID)
}
