package credential

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// MaxPage is how many keys List gives at most.
const MaxPage = 1000

// UnusedAfter is how long a key must lie still to count as unused.
const UnusedAfter = 90 * 24 * time.Hour

// Filter says which keys to list and in which order. The zero Filter lists those that are neither revoked nor expired.
type Filter struct {
	Text     string // part of name, description or visible key, or an id, or a whole secret
	Type     secret.Type
	Access   permission.Access
	Engine   string // keys that reach this engine
	Status   string // a Status, "never_used" or "unused"; empty: all that are alive
	Inactive bool   // with the revoked and the expired
	Live     bool   // with the expired but without the revoked
	Sort     string // name (default), type, access, expires, created, last_used
	Desc     bool
	Offset   int
	Limit    int // 0: MaxPage
}

// Page is a part of a list.
type Page struct {
	Keys     []Key
	Total    int // of the whole list
	Inactive int // revoked and expired keys of the project, listed or not
}

var sorts = map[string]string{
	"": "k.name", "name": "k.name", "type": "k.type", "access": "k.access", "created": "k.created_at",
	"expires": "k.expires_at", "last_used": "u.used_at",
}

// List gives keys of a project. It needs api_keys.read.
func (s *Store) List(ctx context.Context, who audit.Who, place permission.Target, f Filter) (Page, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return Page{}, err
	}
	if f.Limit <= 0 || f.Limit > MaxPage {
		f.Limit = MaxPage
	}
	order, ok := sorts[f.Sort]
	if !ok {
		order = sorts[""]
	}
	if f.Desc {
		order += " DESC"
	}
	var page Page
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := tx.NowMillis()
		inactive, err := db.One(ctx, tx, nil, db.Int, `
			SELECT COUNT(*) FROM keys WHERE project_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)`, place.Project, now)
		if err != nil {
			return err
		}
		where, args := f.where(place.Project, now)
		from := " FROM keys k LEFT JOIN key_use u ON u.key_id = k.id WHERE " + where
		total, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*)"+from, args...)
		if err != nil {
			return err
		}
		page.Inactive, page.Total = int(inactive), int(total)
		page.Keys, err = db.Query(ctx, tx, scanRow, fmt.Sprintf("SELECT %s%s ORDER BY %s NULLS LAST, k.name, k.id LIMIT $%d OFFSET $%d",
			keyColumns, from, order, len(args)+1, len(args)+2), append(args, f.Limit, max(f.Offset, 0))...)
		return err
	})
	return page, err
}

// where builds the conditions of a filter.
func (f Filter) where(project string, now int64) (string, []any) {
	args := []any{project}
	arg := func(v any) string {
		args = append(args, v)
		return fmt.Sprintf("$%d", len(args))
	}
	conditions := []string{"k.project_id = $1", f.alive(arg, now)}
	if f.Type != "" {
		conditions = append(conditions, "k.type = "+arg(string(f.Type)))
	}
	if f.Access != "" {
		conditions = append(conditions, "k.access = "+arg(string(f.Access)))
	}
	if f.Engine != "" {
		conditions = append(conditions, "k.type <> 'admin' AND (k.all_engines OR EXISTS (SELECT 1 FROM key_engines e WHERE e.key_id = k.id AND e.engine = "+arg(f.Engine)+"))")
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		conditions = append(conditions, f.matches(arg, text))
	}
	return strings.Join(conditions, " AND "), args
}

func (f Filter) alive(arg func(any) string, now int64) string {
	living := "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > " + arg(now) + ")"
	switch f.Status {
	case string(Active):
		return living
	case string(ExpiringSoon):
		return living + " AND k.expires_at <= " + arg(now+ExpirySoon.Milliseconds())
	case string(Expired):
		return "k.revoked_at IS NULL AND k.expires_at <= " + arg(now)
	case string(Revoked):
		return "k.revoked_at IS NOT NULL"
	case "never_used":
		return living + " AND u.used_at IS NULL"
	case "unused":
		return living + " AND COALESCE(u.used_at, k.created_at) < " + arg(now-UnusedAfter.Milliseconds())
	}
	switch {
	case f.Inactive:
		return "k.id <> ''"
	case f.Live:
		return "k.revoked_at IS NULL"
	}
	return living
}

// matches finds a piece of text. A whole secret is found by its hash and goes nowhere else.
func (f Filter) matches(arg func(any) string, text string) string {
	if _, ok := secret.Parse(text); ok {
		hash := secret.Hash(text)
		return "k.hash = " + arg(hex.EncodeToString(hash[:]))
	}
	like := arg("%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(fold(text)) + "%")
	return "(k.search_text LIKE " + like + ` ESCAPE '\' OR k.id = ` + arg(text) + ")"
}

// searchText is what a text filter looks in.
func (k Key) searchText() string {
	return fold(strings.Join([]string{k.Name, k.Description, k.Visible}, "\n"))
}

func fold(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// Get gives one key of a project by its id. It needs api_keys.read.
func (s *Store) Get(ctx context.Context, who audit.Who, place permission.Target, id string) (Key, error) {
	return s.get(ctx, who, place, func(ctx context.Context, tx *db.Tx) (Key, error) { return findKey(ctx, tx, place.Project, id) })
}

// GetByName gives the one key of a project with a name that is not revoked. It needs api_keys.read.
func (s *Store) GetByName(ctx context.Context, who audit.Who, place permission.Target, name string) (Key, error) {
	return s.get(ctx, who, place, func(ctx context.Context, tx *db.Tx) (Key, error) {
		return db.One(ctx, tx, errNoKey, scanRow, selectKey+" WHERE k.project_id = $1 AND k.name = $2 AND k.revoked_at IS NULL", place.Project, name)
	})
}

func (s *Store) get(ctx context.Context, who audit.Who, place permission.Target, find func(context.Context, *db.Tx) (Key, error)) (Key, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return Key{}, err
	}
	var k Key
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		k, err = find(ctx, tx)
		return err
	})
	return k, err
}

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
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		sealed, err = db.One(ctx, tx, errNotReadable, db.String, `
			SELECT k.sealed FROM keys k JOIN projects p ON p.id = k.project_id
			WHERE k.id = $1 AND k.sealed IS NOT NULL AND (k.type = 'search' OR p.readable_secrets)`, id)
		return err
	})
	if err != nil {
		return "", err
	}
	if k.Type != secret.Search {
		if err := s.noteReading(ctx, who, place, k); err != nil {
			return "", err
		}
	}
	plain, err := s.master.Open(sealed, "keys", "sealed", id)
	return secret.Secret(plain), err
}

func (s *Store) noteReading(ctx context.Context, who audit.Who, place permission.Target, k Key) error {
	if err := authorize(who, permission.APIKeysModify, place); err != nil {
		return err
	}
	if err := checkGrant(who, place, k); err != nil {
		return err
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		return s.note(ctx, tx, who, place, audit.KeyReveal, k, nil)
	})
}

// Overview counts the keys of a project.
type Overview struct {
	Total    int // that are not revoked
	Active   int // neither revoked nor expired
	Expiring int // within ExpirySoon
	Unused   int // active, and not used for UnusedAfter
}

// Overview counts the keys of a project. It needs api_keys.read.
func (s *Store) Overview(ctx context.Context, who audit.Who, place permission.Target) (Overview, error) {
	var o Overview
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return o, err
	}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := tx.NowMillis()
		return tx.QueryRowContext(ctx, `
			SELECT COUNT(*),
				COUNT(*) FILTER (WHERE k.expires_at IS NULL OR k.expires_at > $2),
				COUNT(*) FILTER (WHERE k.expires_at > $2 AND k.expires_at <= $3),
				COUNT(*) FILTER (WHERE (k.expires_at IS NULL OR k.expires_at > $2) AND COALESCE(u.used_at, k.created_at) < $4)
			FROM keys k LEFT JOIN key_use u ON u.key_id = k.id
			WHERE k.project_id = $1 AND k.revoked_at IS NULL`,
			place.Project, now, now+ExpirySoon.Milliseconds(), now-UnusedAfter.Milliseconds()).
			Scan(&o.Total, &o.Active, &o.Expiring, &o.Unused)
	})
	return o, err
}
