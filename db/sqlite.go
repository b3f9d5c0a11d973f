package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pragmas is what every connection must say when asked, in the words SQLite answers. synchronous=FULL (2): an
// acknowledged revocation survives a power cut. secure_delete=FAST (2): what is destroyed is overwritten in its page, and
// not only forgotten.
var pragmas = [][2]string{
	{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "5000"},
	{"trusted_schema", "0"}, {"cell_size_check", "1"}, {"journal_size_limit", "67108864"},
	{"secure_delete", "2"},
}

// strict makes a misspelt or doubled pragma an error instead of a silently missing protection.
var strict = sync.OnceFunc(func() { sqlite.StrictPragmas(true) })

// dsn names one database file. The file: prefix matters (without it the mode is ignored), and so does mode=rw: a
// wrong path must fail, not create an empty database.
func dsn(path string, readOnly bool) string {
	q := "mode=rw&_txlock=immediate&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1" +
		"&_defensive=1&_dqs=0&_time_integer_format=unix_milli" +
		"&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)&_pragma=journal_size_limit(67108864)&_pragma=secure_delete(fast)"
	if readOnly {
		q = q[:len("mode=rw")] + "&_txlock=deferred" + q[len("mode=rw&_txlock=immediate"):] + "&_pragma=query_only(1)"
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q
}

// Open opens an existing database file with one writer and several readers, and checks that every protection is
// really on. now is the clock, or nil for the real one.
func Open(ctx context.Context, path string, now func() time.Time) (*DB, error) {
	strict()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	write, err := sql.Open("sqlite", dsn(path, false))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn(path, true))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	d := &DB{read: read, write: write, now: now}
	if err := d.check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), read.Close(), write.Close())
	}
	return d, nil
}

// check reads the pragmas back, because a misspelt one would pass in silence, and looks for damage.
func (d *DB) check(ctx context.Context) error {
	for _, pool := range []*sql.DB{d.write, d.read} {
		if err := checkPragmas(ctx, pool); err != nil {
			return err
		}
	}
	return d.quickCheck(ctx)
}

func checkPragmas(ctx context.Context, pool *sql.DB) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, p := range pragmas {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p[0]).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", p[0], err)
		}
		if got != p[1] {
			return fmt.Errorf("pragma %s is %q, want %q", p[0], got, p[1])
		}
	}
	return nil
}

// create makes an empty database file that only its owner can read. It fails where a file already is.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// IsForeignKey reports whether err says that a row refers to one that does not exist.
func IsForeignKey(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

// IsUnique reports whether err says that a UNIQUE or PRIMARY KEY rule was broken.
func IsUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) &&
		(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// frozen names a file that nobody writes to. SQLite takes no locks on it and leaves nothing beside it.
func frozen(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&immutable=1&_dqs=0&_pragma=query_only(1)&_pragma=trusted_schema(0)"
}
