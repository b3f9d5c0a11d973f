package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// Part names one of the two databases, which is also the folder of its migrations.
type Part string

// The databases: accounts, keys, sessions, audit and usage in one; documents and search in the other, so that
// indexing a million documents never delays a revocation.
const (
	Core    Part = "core"
	Engines Part = "engines"
)

func provider(d *DB, part Part) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations/sqlite/"+string(part))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, d.write, dir)
}

// Migrate brings a database to the schema of this program. It refuses one with a newer schema.
func Migrate(ctx context.Context, d *DB, part Part) error {
	p, err := provider(d, part)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version of %s: %w", part, err)
	}
	if have > want {
		return fmt.Errorf("the %s database has schema %d, made by a newer version; this one knows %d. Use the newer program", part, have, want)
	}
	_, err = p.Up(ctx)
	return err
}

// newest is the schema that this program brings a database to.
func newest(part Part) (int64, error) {
	files, err := fs.Glob(migrations, "migrations/sqlite/"+string(part)+"/*.sql")
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("no migrations of %s: %w", part, err)
	}
	return goose.NumericComponent(files[len(files)-1])
}
