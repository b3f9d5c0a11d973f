package db

import (
	"context"
	"testing"
)

// The keys of an older version get what lists are sorted by, and are counted.
func TestMigrationPreparesKeysForLists(t *testing.T) {
	ctx, d := context.Background(), older(t)
	if err := d.Write(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO organizations VALUES ('o', 'o', 'o', 1, 1);
			INSERT INTO projects (id, organization_id, name, slug, host_identifier, created_at, updated_at) VALUES ('p', 'o', 'p', 'p', 'p', 1, 1);
			INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, created_at, created_by, updated_at, search_text, expires_at, revoked_at, revoked_by)
			SELECT k, 'p', k, 'search', '', k <> 'some', substr(k || hex(zeroblob(32)), 1, 64), k, 86400000, '', 1, k, e, r, r
			FROM (SELECT 'all' AS k, NULL AS e, NULL AS r UNION ALL SELECT 'some', 99 * 86400000, NULL UNION ALL SELECT 'brief', 20 * 86400000, NULL
				UNION ALL SELECT 'dead', 99 * 86400000, 5);
			INSERT INTO key_engines VALUES ('some', 'z'), ('some', 'm');
			INSERT INTO key_use VALUES ('some', 172800001, '', '');`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(ctx, d, Core); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT string_agg(id || ' ' || COALESCE(used_at, '-') || ' ' || first_engine || ' ' || access_order || revoked, ',') FROM (SELECT * FROM keys ORDER BY id)": "all -  00,brief -  00,dead -  01,some 172800001 m 00",
		"SELECT string_agg(kind || ' ' || day || ' ' || n, ',') FROM (SELECT * FROM key_tally ORDER BY kind, day)":                                                   "all 0 4,expiry 20 1,expiry 99 1,idle 1 1,idle 2 1,idle_end 99 1,revoked 0 1",
	} {
		if err := d.Read(ctx, func(ctx context.Context, tx *Tx) error {
			got, err := One(ctx, tx, nil, String, query)
			if got != want {
				t.Errorf("%q\nwant %q", got, want)
			}
			return err
		}); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}
