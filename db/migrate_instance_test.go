package db

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
)

// before opens a database of the schema before a migration, fills it, and then brings it to the present one.
func before(t *testing.T, part Part, version int64, fill string) *DB {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "old.db")
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	p, err := provider(d, part)
	if err != nil {
		t.Fatal(err)
	}
	// Up to the last one before it: numbers need not follow one on the other.
	var last int64
	for _, s := range p.ListSources() {
		if s.Version < version {
			last = s.Version
		}
	}
	if _, err := p.UpTo(ctx, last); err != nil && err != goose.ErrNoNextVersion {
		t.Fatal(err)
	}
	if _, err := d.write.ExecContext(ctx, fill); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(ctx, d, part); err != nil {
		t.Fatal(err)
	}
	return d
}

func text(t *testing.T, d *DB, query string) (s string) {
	t.Helper()
	if err := d.read.QueryRow(query).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// An instance that was there before there were instance admins gets one: its first user who can sign in.
func TestAnOldInstanceGetsAnAdmin(t *testing.T) {
	const user = `INSERT INTO users (id, email, password_hash, created_at, updated_at, disabled_at) VALUES `
	for name, c := range map[string]struct{ users, want string }{
		"the first one":        {`('c', 'c@x', '$argon2id$', 3, 3, NULL), ('a', 'a@x', '$argon2id$', 1, 1, NULL), ('b', 'b@x', '$argon2id$', 2, 2, NULL)`, "a@x"},
		"not a disabled one":   {`('a', 'a@x', '$argon2id$', 1, 1, 5), ('b', 'b@x', '$argon2id$', 2, 2, NULL)`, "b@x"},
		"a disabled one alone": {`('a', 'a@x', '$argon2id$', 1, 1, 5)`, "a@x"},
	} {
		t.Run(name, func(t *testing.T) {
			d := before(t, Core, 8, user+c.users)
			if got := text(t, d, "SELECT group_concat(email) FROM users WHERE instance_admin"); got != c.want {
				t.Errorf("instance admins: %s, want %s", got, c.want)
			}
		})
	}
}
