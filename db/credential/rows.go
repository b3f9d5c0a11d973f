package credential

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"latchkey/db"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// keyColumns are the columns of a key, from keys k and key_use u. The names of engines hold no comma.
const keyColumns = `k.id, k.project_id, k.name, k.description, k.type, k.access, k.permissions, k.all_engines,
	(SELECT string_agg(e.engine, ',') FROM key_engines e WHERE e.key_id = k.id),
	k.expires_at, k.visible, k.legacy, k.created_at, k.created_by, k.updated_at, k.revoked_at, k.revoked_by,
	u.used_at, u.address, u.user_agent`

func scanKey(scan func(dest ...any) error) (Key, error) {
	var k Key
	var permissions string
	var engines, revokedBy, address, agent sql.NullString
	var expires, created, updated, revoked, used sql.NullInt64
	err := scan(&k.ID, &k.ProjectID, &k.Name, &k.Description, &k.Type, &k.Access, &permissions, &k.Scope.All, &engines,
		&expires, &k.Visible, &k.Legacy, &created, &k.CreatedBy, &updated, &revoked, &revokedBy, &used, &address, &agent)
	if err != nil {
		return Key{}, err
	}
	if engines.String != "" {
		k.Scope.Engines = strings.Split(engines.String, ",")
		slices.Sort(k.Scope.Engines)
	}
	k.ExpiresAt, k.CreatedAt, k.UpdatedAt, k.RevokedAt = db.Time(expires), db.Time(created), db.Time(updated), db.Time(revoked)
	k.RevokedBy = revokedBy.String
	k.Use = Use{At: db.Time(used), Address: address.String, UserAgent: agent.String}
	var names []string
	if err := json.Unmarshal([]byte(permissions), &names); err != nil {
		return Key{}, fmt.Errorf("permissions of key %s: %w", k.ID, err)
	}
	var unknown string
	var ok bool
	if k.Custom, unknown, ok = permission.Parse(names); !ok {
		return Key{}, fmt.Errorf("key %s has the unknown permission %q", k.ID, unknown)
	}
	return k, nil
}

func scanRow(s db.Scanner) (Key, error) { return scanKey(s.Scan) }

const selectKey = "SELECT " + keyColumns + " FROM keys k LEFT JOIN key_use u ON u.key_id = k.id"

func findKey(ctx context.Context, tx *db.Tx, project, id string) (Key, error) {
	return db.One(ctx, tx, errNoKey, scanRow, selectKey+" WHERE k.project_id = $1 AND k.id = $2", project, id)
}

func parseHash(text string) (hash [secret.HashSize]byte, err error) {
	n, err := hex.Decode(hash[:], []byte(text))
	if err == nil && n != len(hash) {
		err = fmt.Errorf("a key's hash has %d bytes", n)
	}
	return hash, err
}

// insertEngines writes the engines of a scope down, and the first one beside the key, by which lists are sorted.
func insertEngines(ctx context.Context, tx *db.Tx, id string, scope permission.Scope) error {
	first := ""
	if !scope.All && len(scope.Engines) > 0 {
		first = slices.Min(scope.Engines)
	}
	if _, err := db.Exec(ctx, tx, "UPDATE keys SET first_engine = $1 WHERE id = $2 AND first_engine <> $1", first, id); err != nil {
		return err
	}
	if scope.All {
		return nil
	}
	for _, engine := range scope.Engines {
		if _, err := db.Exec(ctx, tx, "INSERT INTO key_engines (key_id, engine) VALUES ($1, $2)", id, engine); err != nil {
			return fmt.Errorf("insert scope: %w", err)
		}
	}
	return nil
}

func permissionsJSON(s permission.Set) (string, error) {
	b, err := json.Marshal(s.Strings())
	return string(b), err
}
