package credential

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

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

// foreignForm is how a key of App Search looks inside a text: "api-" before 2018, "public-" for a while.
var foreignForm = regexp.MustCompile(`\b(?:search|private|admin|api|public)-[0-9A-Za-z]{16,57}\b`)

// Identify finds the keys in a text, such as a log or a leaked file: each once, in order. Strings of our form whose
// checksum is wrong are passed over. Keys of projects in which the asker has no api_keys.read are reported as unknown.
// Imported keys have no form by which one that is not known could be told from other words: they are reported where they
// are known, to those who may read them.
func (s *Store) Identify(ctx context.Context, who audit.Who, text string) ([]Found, error) {
	var found []Found
	seen := map[string]bool{}
	for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return r >= utf8.RuneSelf || !secret.Plausible(string(r)) }) {
		for _, raw := range suspects(run) {
			_, ours := secret.Parse(raw)
			if seen[raw] || !ours && s.live.find(raw) == nil {
				continue
			}
			seen[raw] = true
			f, err := s.identify(ctx, who, raw)
			if err != nil {
				return nil, err
			}
			if !ours && !f.Known {
				continue
			}
			if found = append(found, f); len(found) > MaxFound {
				return nil, fault.New(fault.TooLarge, "There are too many keys in this text.")
			}
		}
	}
	return found, nil
}

// suspects lists what of a run of letters, digits and -._ can be a key: parts that look like one, or the whole run,
// also without the marks of a sentence around it.
func suspects(run string) []string {
	if len(run) < secret.MinForeign {
		return nil
	}
	list := append(keyForm.FindAllString(run, -1), foreignForm.FindAllString(run, -1)...)
	for _, whole := range []string{run, strings.Trim(run, "-._")} {
		if secret.CheckForeign(whole) == "" {
			list = append(list, whole)
		}
	}
	return list
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
