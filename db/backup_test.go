package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/db"
	"latchkey/db/dbtest"
)

// counting gives a data directory in which each database has a table to write to.
func counting(t *testing.T) *db.Dir {
	t.Helper()
	d := dbtest.Open(t, dbtest.NewClock())
	for _, part := range []*db.DB{d.Core, d.Engines} {
		if err := part.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, "CREATE TABLE t (n INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func insert(d *db.DB, n int) error {
	return d.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "INSERT INTO t VALUES ($1, $2)", n, strings.Repeat("x", 2000))
		return err
	})
}

func backUp(t *testing.T, d *db.Dir) db.Backup {
	t.Helper()
	b, _, err := d.Copy(context.Background(), d.BackupFolder(), func(_ db.Backup, put func() error) error { return put() })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// restoreInto restores a backup of a directory into a new one, with its master key.
func restoreInto(t *testing.T, d *db.Dir, from string) (string, error) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "restored")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(d.Path, "master.key"), filepath.Join(to, "master.key"))
	_, err := db.Restore(context.Background(), db.RestoreOptions{From: from, To: to})
	return to, err
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A backup that is taken while others write holds everything that was acknowledged before it began, and is whole.
func TestBackupUnderLoad(t *testing.T) {
	d := counting(t)
	for n := range 200 {
		if err := errors.Join(insert(d.Core, n), insert(d.Engines, n)); err != nil {
			t.Fatal(err)
		}
	}
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 200; ; n++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := errors.Join(insert(d.Core, n), insert(d.Engines, n)); err != nil {
				done <- err
				return
			}
		}
	}()
	b := backUp(t, d)
	close(stop)
	if err := <-done; err != nil {
		t.Fatalf("a writer failed while the backup was taken: %v", err)
	}
	path, err := restoreInto(t, d, b.Path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := open(path)
	if err != nil {
		t.Fatalf("open what was restored: %v", err)
	}
	defer r.Close()
	for _, part := range []*db.DB{r.Core, r.Engines} {
		var n, highest int64
		if err := part.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRowContext(ctx, "SELECT COUNT(*), MAX(n) + 1 FROM t").Scan(&n, &highest)
		}); err != nil || n < 200 || n != highest {
			t.Errorf("%d rows up to %d, %v", n, highest, err)
		}
	}
}

// What belongs into a backup is there, for its owner alone, and the master key is not.
func TestWhatABackupHolds(t *testing.T) {
	d := counting(t)
	b := backUp(t, d)
	again := backUp(t, d) // in the same second
	if again.Name == b.Name || !b.Whole || b.Bytes == 0 {
		t.Errorf("%+v, %+v", b, again)
	}
	key, err := os.ReadFile(filepath.Join(d.Path, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"latchkey.db": true, "engines.db": true, "backup.json": true}
	entries, err := os.ReadDir(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode().Perm() != 0o600 || !want[e.Name()] {
			t.Errorf("%s %v, %v", e.Name(), info.Mode(), err)
		}
		if text, _ := os.ReadFile(filepath.Join(b.Path, e.Name())); strings.Contains(string(text), strings.TrimSpace(string(key))) {
			t.Errorf("the master key stands in %s", e.Name())
		}
	}
	for _, dir := range []string{d.BackupFolder(), b.Path} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
	list, err := d.Backups()
	if err != nil || len(list) != 2 || list[0].Name != again.Name || list[1].Name != b.Name || len(entries) != 3 {
		t.Errorf("%+v, %v", list, err)
	}
}

// A backup that is not kept, or that is stopped, leaves nothing.
func TestABackupThatFailsLeavesNothing(t *testing.T) {
	d := counting(t)
	boom := errors.New("boom")
	if _, _, err := d.Copy(context.Background(), d.BackupFolder(), func(db.Backup, func() error) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := d.Copy(ended, d.BackupFolder(), func(_ db.Backup, put func() error) error { return put() }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(d.BackupFolder()); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
	// And what a process that was killed has left goes with the next one.
	if err := os.MkdirAll(filepath.Join(d.BackupFolder(), "latchkey-20260101T000000Z.new"), 0o700); err != nil {
		t.Fatal(err)
	}
	backUp(t, d)
	if entries, err := os.ReadDir(d.BackupFolder()); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestRemoveBackup(t *testing.T) {
	d := counting(t)
	b := backUp(t, d)
	boom := errors.New("boom")
	if err := d.RemoveBackup(b, func(gone func() error) error { return errors.Join(gone(), boom) }); !errors.Is(err, boom) {
		t.Errorf("%v", err)
	}
	if _, ok := d.Backup(b.Name); !ok {
		t.Error("what could not be noted is gone")
	}
	if err := d.RemoveBackup(b, func(gone func() error) error { return gone() }); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(d.BackupFolder()); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
	for _, name := range []string{b.Name, "", ".", "..", "../data", "latchkey-20260314T092653Z/..", "latchkey.db"} {
		if _, ok := d.Backup(name); ok {
			t.Errorf("%q is a backup", name)
		}
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(d.BackupFolder(), "latchkey-20260101T000000Z")); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Backup("latchkey-20260101T000000Z"); ok {
		t.Error("a link to another place is a backup")
	}
}

// A backup that is not what it was, or that does not fit, is refused before anything is put in place.
func TestRestoreRefuses(t *testing.T) {
	change := func(name string, do func(b []byte) []byte) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, do(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(b []byte) []byte { return b[:len(b)-4096] }
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, backup, to string)
		want   string
	}{
		{"the core is cut", func(t *testing.T, b, _ string) { change("latchkey.db", cut)(t, b) }, "not whole"},
		{"the engines are cut", func(t *testing.T, b, _ string) { change("engines.db", cut)(t, b) }, "not whole"},
		{"a bit is wrong", func(t *testing.T, b, _ string) { change("latchkey.db", flip)(t, b) }, "was changed"},
		{"a file is gone", func(t *testing.T, b, _ string) { os.Remove(filepath.Join(b, "engines.db")) }, "engines.db"},
		{"no manifest", func(t *testing.T, b, _ string) { os.Remove(filepath.Join(b, "backup.json")) }, "backup.json"},
		{"a manifest that names other files", func(t *testing.T, b, _ string) {
			change("backup.json", func(b []byte) []byte {
				return []byte(strings.Replace(string(b), `"latchkey.db"`, `"../latchkey.db"`, 1))
			})(t, b)
		}, "not the manifest"},
		{"of another instance than the manifest says", func(t *testing.T, b, _ string) {
			change("backup.json", func(b []byte) []byte { return []byte(strings.Replace(string(b), `"instance": "`, `"instance": "x`, 1)) })(t, b)
		}, "another instance"},
		{"from a newer program", func(t *testing.T, b, _ string) {
			change("backup.json", func(b []byte) []byte { return []byte(strings.Replace(string(b), `"schema": `, `"schema": 99`, 1)) })(t, b)
		}, "newer version"},
		{"no master key", func(t *testing.T, _, to string) { os.Remove(filepath.Join(to, "master.key")) }, "never part of a backup"},
		{"another master key", func(t *testing.T, _, to string) {
			change("master.key", func([]byte) []byte { return []byte("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n") })(t, to)
		}, "does not belong to this backup"},
		{"a directory that is in use", func(t *testing.T, b, to string) {
			copyFile(t, filepath.Join(b, "engines.db"), filepath.Join(to, "engines.db"))
		}, "is not empty"},
		{"a directory with something else", func(t *testing.T, _, to string) { os.WriteFile(filepath.Join(to, "notes.txt"), nil, 0o600) }, "notes.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := counting(t)
			b := backUp(t, d)
			to := t.TempDir()
			copyFile(t, filepath.Join(d.Path, "master.key"), filepath.Join(to, "master.key"))
			c.damage(t, b.Path, to)
			before := names(t, to)
			_, err := db.Restore(context.Background(), db.RestoreOptions{From: b.Path, To: to})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if after := names(t, to); after != before {
				t.Errorf("it left %s, there was %s", after, before)
			}
		})
	}
}

func names(t *testing.T, dir string) (list string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list += e.Name() + " "
	}
	return list
}

// Engines of another instance are noticed, as the marker and the master key are.
func TestOpenDirRefusesForeignEngines(t *testing.T) {
	path, other := made(t), made(t)
	copyFile(t, filepath.Join(other, "engines.db"), filepath.Join(path, "engines.db"))
	if d, err := open(path); err == nil || !strings.Contains(err.Error(), "engines.db belongs to another instance") {
		if err == nil {
			d.Close()
		}
		t.Errorf("opened: %v", err)
	}
}
