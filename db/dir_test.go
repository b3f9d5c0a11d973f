package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/dbtest"
)

func open(path string) (*db.Dir, error) {
	return db.OpenDir(context.Background(), db.DirOptions{Path: path})
}

// made gives a closed data directory that was in use.
func made(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	d, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenDirAgain(t *testing.T) {
	path := made(t)
	d, err := open(path)
	if err != nil {
		t.Fatalf("open again: %v", err)
	}
	defer d.Close()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", e.Name(), info.Mode())
		}
	}
	if _, err := open(path); !errors.Is(err, db.ErrLocked) {
		t.Errorf("a second process got in: %v", err)
	}
}

// What was lost must not be made anew: an empty database would hand the console to the first visitor.
func TestOpenDirRefuses(t *testing.T) {
	write := func(name, text string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(filepath.Join(path, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(names ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			for _, name := range names {
				if err := os.Remove(filepath.Join(path, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
		}
	}
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, path string)
		want   string
	}{
		{"the database is gone", remove("latchkey.db"), "restore it from a backup"},
		{"the database is empty", write("latchkey.db", ""), "restore it from a backup"},
		{"the engines are gone", remove("engines.db"), "restore it from a backup"},
		{"the master key is gone", remove("master.key"), "master key"},
		{"another master key", write("master.key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), "does not belong"},
		{"the database is no database", write("latchkey.db", strings.Repeat("this is text ", 1000)), "not a database"},
		{"the database is cut", func(t *testing.T, path string) {
			if err := os.Truncate(filepath.Join(path, "latchkey.db"), 5000); err != nil {
				t.Fatal(err)
			}
		}, "malformed"},
		{"the marker of another instance", write("latchkey.instance", "1234\n"), "two instances"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := made(t)
			c.damage(t, path)
			d, err := open(path)
			if err == nil {
				d.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("message %q, want %q", err, c.want)
			}
		})
	}
}

func TestOpenDirRefusesWhatOthersMayWrite(t *testing.T) {
	path := made(t)
	if err := os.Chmod(path, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := open(path); err == nil || !strings.Contains(err.Error(), "chmod go-w") {
		t.Errorf("opened: %v", err)
	}
}

// A lock that can be deleted is none.
func TestTheLockIsNotAFile(t *testing.T) {
	path := made(t)
	d, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.Remove(filepath.Join(path, "latchkey.lock")); err != nil {
		t.Fatal(err)
	}
	if _, err := open(path); !errors.Is(err, db.ErrLocked) {
		t.Errorf("a second process got in: %v", err)
	}
}

func TestOpenDirRefusesANewerSchema(t *testing.T) {
	path := made(t)
	d, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(path); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("opened: %v", err)
	}
}

func TestOpenDirFinishesAnInterruptedStart(t *testing.T) {
	path := made(t)
	if err := os.Remove(filepath.Join(path, "latchkey.instance")); err != nil {
		t.Fatal(err)
	}
	d, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(path, "latchkey.instance")); err != nil {
		t.Error(err)
	}
}

// A client that goes away must not make a change uncertain: what was begun is done, and done means committed.
func TestWriteSurvivesCancelling(t *testing.T) {
	d := dbtest.Open(t, dbtest.NewClock()).Core
	exec := func(ctx context.Context, query string, args ...any) error {
		return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, query, args...)
			return err
		})
	}
	if err := exec(context.Background(), "CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT"); err != nil {
		t.Fatal(err)
	}
	var committed atomic.Int64
	for i := range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			time.Sleep(time.Duration(i%20) * 20 * time.Microsecond)
			cancel()
		}()
		if err := exec(ctx, "INSERT INTO t VALUES ($1)", i); err != nil {
			t.Errorf("round %d: %v", i, err)
			continue
		}
		committed.Add(1)
	}
	var n int64
	err := d.Read(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM t")
		return err
	})
	if err != nil || n != committed.Load() {
		t.Errorf("%d rows, %d acknowledged, %v", n, committed.Load(), err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	d := dbtest.Open(t, dbtest.NewClock()).Core
	err := d.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "DELETE FROM instance")
		return err
	})
	if err == nil {
		t.Error("a reader wrote")
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	d := dbtest.Open(t, dbtest.NewClock()).Core
	boom := errors.New("boom")
	err := d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, "DELETE FROM instance"); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	err = d.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		n, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM instance")
		if n != 1 {
			t.Errorf("%d rows", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkOpenDir(b *testing.B) {
	for b.Loop() {
		dbtest.Open(b, dbtest.NewClock())
	}
}
