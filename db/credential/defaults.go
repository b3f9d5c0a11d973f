package credential

import (
	"context"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// What the keys of a new project are called.
const (
	defaultSearch  = "search-key"
	defaultPrivate = "private-key"
)

// Defaults makes the two keys that users of App Search expect in a new project; the function it gives puts
// them into effect and is called once the transaction has ended.
func (s *Store) Defaults(ctx context.Context, tx *db.Tx, who audit.Who, place permission.Target) ([]secret.Minted, func(), error) {
	list := []Key{
		{Name: defaultSearch, Type: secret.Search, Description: "Public search key"},
		{Name: defaultPrivate, Type: secret.Private, Access: permission.AccessFull, Description: "Private API key"},
	}
	var made []secret.Minted
	var ids []string
	for _, k := range list {
		k.ID, k.ProjectID, k.Scope = uuid.NewString(), place.Project, permission.Scope{All: true}
		minted := secret.Mint(k.Type)
		k, err := s.insert(ctx, tx, who, k, minted, "")
		if err == nil {
			err = s.note(ctx, tx, who, place, audit.KeyCreate, k, diff(Key{}, k))
		}
		if err != nil {
			return nil, func() {}, err
		}
		made, ids = append(made, secret.Minted{ID: k.ID, Name: k.Name, Secret: minted}), append(ids, k.ID)
	}
	// Nobody holds these secrets before the project is answered, and a failed reading bars what it could not read.
	return made, func() { _ = s.publish(ctx, ids...) }, nil
}
