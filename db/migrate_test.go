package db

import (
	"context"
	"path/filepath"
	"testing"
)

// The rows of an older version must come through: deleting was added to tables that others refer to.
func TestMigrationKeepsWhatRefersToProjects(t *testing.T) {
	ctx, d := context.Background(), older(t)
	exec := func(query string) error {
		return d.Write(ctx, func(ctx context.Context, tx *Tx) error {
			_, err := tx.ExecContext(ctx, query)
			return err
		})
	}
	if err := exec(`
		INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ('u', 'u@example.com', '$argon2id$', 1, 1);
		INSERT INTO organizations (id, name, slug, created_at, updated_at) VALUES ('o', 'O', 'o', 1, 1);
		INSERT INTO projects (id, organization_id, name, slug, host_identifier, created_at, updated_at) VALUES ('p', 'o', 'P', 'p', 'host-p', 1, 1);
		INSERT INTO members (organization_id, user_id, role, created_at) VALUES ('o', 'u', 'ORGANIZATION_MEMBER', 1);
		INSERT INTO project_members (organization_id, project_id, user_id, role, created_at) VALUES ('o', 'p', 'u', 'PROJECT_ADMIN', 1);
		INSERT INTO engines (id, project_id, name, created_at, updated_at) VALUES ('e', 'p', 'e', 1, 1);`); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(ctx, d, Core); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int64{
		"SELECT COUNT(*) FROM organizations":                                        1,
		"SELECT COUNT(*) FROM projects WHERE host_identifier = 'host-p'":            1,
		"SELECT COUNT(*) FROM project_members":                                      1,
		"SELECT COUNT(*) FROM engines":                                              1,
		"SELECT COUNT(*) FROM pragma_foreign_key_check":                             0,
		"SELECT COUNT(*) FROM sqlite_master WHERE sql LIKE '%REFERENCES projects%'": 0,
	} {
		err := d.Read(ctx, func(ctx context.Context, tx *Tx) error {
			got, err := One(ctx, tx, nil, Int, query)
			if got != want {
				t.Errorf("%s: %d, want %d", query, got, want)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	for name, query := range map[string]string{
		"a project of no organization": "INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at) VALUES ('x', 'x', 'x', 'x', 'x', 1, 1)",
		"an engine of no project":      "INSERT INTO engines (id, project_id, name, created_at, updated_at) VALUES ('x', 'x', 'x', 1, 1)",
		"a host identifier twice":      "INSERT INTO all_projects (id, organization_id, name, slug, host_identifier, created_at, updated_at) VALUES ('x', 'o', 'x', 'x', 'host-p', 1, 1)",
		"a row of a view":              "INSERT INTO projects (id) VALUES ('x')",
	} {
		if exec(query) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := exec("UPDATE all_projects SET deleted_at = 2"); err != nil {
		t.Fatal(err)
	}
	err := d.Read(ctx, func(ctx context.Context, tx *Tx) error {
		n, err := One(ctx, tx, nil, Int, "SELECT COUNT(*) FROM projects")
		if n != 0 {
			t.Error("a deleted project is still seen")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// older is a database of the first version.
func older(t *testing.T) *DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "core.db")
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	p, err := provider(d, Core)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	return d
}
