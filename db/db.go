// Package db opens the files in which everything is kept and runs transactions on them.
//
// A data directory holds latchkey.db (accounts, keys, sessions, audit, usage), engines.db (documents and search),
// master.key and a marker file. Each database has one writer connection and a pool of readers. Writes run in
// immediate transactions that no caller can cancel half way: a cancelled statement may report failure for rows that
// were committed, and "revoke failed" must never be false.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"latchkey/db/fault"
)

// WriteLimit is how long one write transaction may take, whatever happens to the request that asked for it.
const WriteLimit = 10 * time.Second

// DB is one database: a single writer and several readers. It is safe for concurrent use. That writes come one after
// the other is relied on where a rule is checked before it is kept: the first user, the last admin, free names and
// slugs, the next event of the audit log. A database with several writers has to run these serializably.
type DB struct {
	read, write *sql.DB
	now         func() time.Time
}

// Tx is a transaction with its clock stopped: Now is the same for everything that happens in it, UTC, in whole
// milliseconds.
type Tx struct {
	*sql.Tx
	Now time.Time
}

// NowMillis is the transaction's time as kept in tables: Unix milliseconds.
func (tx *Tx) NowMillis() int64 { return tx.Now.UnixMilli() }

// Now is the database's clock, UTC, in whole milliseconds.
func (d *DB) Now() time.Time { return d.now().UTC().Truncate(time.Millisecond) }

// reading marks the context of a read transaction of a database.
type reading struct{ *DB }

// Read runs f in a read transaction: everything in it sees one state of the database. f must not write, and must not
// read the same database by another Read: connections are few, and whoever holds one while they wait for another can
// wait for ever. That is refused.
func (d *DB) Read(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	if ctx.Value(reading{d}) != nil {
		return errors.New("db: a read inside a read")
	}
	return d.run(context.WithValue(ctx, reading{d}, true), d.read, f)
}

// Write runs f in the one write transaction and commits when f gives nil. It does not stop when the caller goes
// away; it has WriteLimit to finish. An error of the commit itself is of kind Unavailable with the reason
// "commit_unknown": the caller must look at the state before it answers.
func (d *DB) Write(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), WriteLimit)
	defer cancel()
	return d.run(ctx, d.write, f)
}

func (d *DB) run(ctx context.Context, pool *sql.DB, f func(ctx context.Context, tx *Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing; before it, the error of f counts
	if err := f(ctx, &Tx{Tx: tx, Now: d.Now()}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fault.New(fault.Unavailable, "The change could not be confirmed. Look at the present state before trying again.").
			WithReason(CommitUnknown).WithCause(fmt.Errorf("commit: %w", err))
	}
	return nil
}

// CommitUnknown is the reason of an error after which the change may or may not have happened.
const CommitUnknown = "commit_unknown"

// Ping reports whether the database can be read.
func (d *DB) Ping(ctx context.Context) error {
	return d.Read(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := One(ctx, tx, nil, Int, "SELECT COUNT(*) FROM goose_db_version")
		return err
	})
}

// Close writes everything back into the main file and closes all connections.
func (d *DB) Close() error {
	_, ckpt := d.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(ckpt, d.read.Close(), d.write.Close())
}

// Scanner is a row, or the rows of a query, from which columns are read in order.
type Scanner interface{ Scan(dest ...any) error }

// Query reads all rows of a statement with scan.
func Query[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// One reads the only row of a statement. Where there is none the error is notFound, which should be of kind NotFound.
func One[T any](ctx context.Context, tx *Tx, notFound error, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	v, err := scan(tx.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var zero T
		return zero, notFound
	}
	return v, err
}

// Exec runs a statement and tells how many rows it changed.
func Exec(ctx context.Context, tx *Tx, query string, args ...any) (int64, error) {
	r, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// String scans a row of one text column.
func String(s Scanner) (string, error) {
	var v string
	err := s.Scan(&v)
	return v, err
}

// Int scans a row of one whole number.
func Int(s Scanner) (int64, error) {
	var v int64
	err := s.Scan(&v)
	return v, err
}

// Bool scans a row of one flag.
func Bool(s Scanner) (bool, error) {
	var v bool
	err := s.Scan(&v)
	return v, err
}

// Millis gives a time as it is kept in tables, and NULL for the zero time.
func Millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// Time gives the time kept in a column, and the zero time for NULL.
func Time(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}
