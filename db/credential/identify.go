package credential

import (
	"context"
	"database/sql"
	"errors"
	"regexp"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// MaxFound is how many keys Identify reports at most.
const MaxFound = 1000

// Found is a key that stands in a text.
type Found struct {
	Visible      string
	Known        bool   // the key is or was one of this instance, and the asker may see it
	Key          Key    // only of a known one
	Organization string // slug
	Project      string // slug
}

// keyForm is how a key of ours looks inside a text. Secret scanners can use the same expression.
var keyForm = regexp.MustCompile(`\b(?:search|private|admin)-[0-9A-Za-z]{49}\b`)

// Identify finds the keys in a text, such as a log or a leaked file: each once, in order. Strings whose checksum is
// wrong are passed over. Keys of projects in which the asker has no api_keys.read are reported as unknown.
func (s *Store) Identify(ctx context.Context, who audit.Who, text string) ([]Found, error) {
	var found []Found
	seen := map[string]bool{}
	for _, raw := range keyForm.FindAllString(text, -1) {
		if _, ok := secret.Parse(raw); !ok || seen[raw] {
			continue
		}
		if seen[raw] = true; len(seen) > MaxFound {
			return nil, fault.New(fault.TooLarge, "There are too many keys in this text.")
		}
		f, err := s.identify(ctx, who, raw)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

func (s *Store) identify(ctx context.Context, who audit.Who, raw string) (Found, error) {
	f := Found{Visible: secret.Mask(raw)}
	e := s.live.find(raw)
	if e == nil {
		return f, nil
	}
	place := permission.Target{Organization: e.principal.Organization, Project: e.principal.Project}
	if !permission.Allows(who.Principal, permission.APIKeysRead, place) {
		return f, nil
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if f.Key, err = findKey(ctx, tx, e.principal.Project, e.principal.ID); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `
			SELECT o.slug, p.slug FROM projects p JOIN organizations o ON o.id = p.organization_id WHERE p.id = $1`,
			e.principal.Project).Scan(&f.Organization, &f.Project)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Found{Visible: f.Visible}, nil // its project was deleted, and with it whom the key belonged to
	}
	f.Known = err == nil
	return f, err
}
