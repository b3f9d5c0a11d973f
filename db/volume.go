package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Storage is what an instance takes on its disk, in bytes.
type Storage struct {
	Core, CoreLog       int64 // the database and its write-ahead log
	Engines, EnginesLog int64
	Backups             int64
	Free, Total         int64 // of the volume
}

// Storage measures the files without opening them.
func (d *Dir) Storage() (Storage, error) {
	s := Storage{
		Core: max(d.size(coreFile), 0), CoreLog: max(d.size(coreFile+"-wal"), 0),
		Engines: max(d.size(enginesFile), 0), EnginesLog: max(d.size(enginesFile+"-wal"), 0),
	}
	backups, err := d.Backups()
	for _, b := range backups {
		s.Backups += b.Bytes
	}
	if err != nil {
		return s, err
	}
	s.Free, s.Total, err = volume(d.Path)
	return s, err
}

// volume gives the room on the volume that holds a path.
func volume(path string) (free, total int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, 0, fmt.Errorf("measure the volume of %s: %w", path, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil //nolint:unconvert // the types differ between systems
}

// Inside reports whether a file lies in the data directory, where everything that can read the one can read the other.
func (d *Dir) Inside(path string) bool {
	if path == "" {
		return true
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	a, errA := os.Stat(filepath.Dir(abs))
	b, errB := os.Stat(d.Path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// Schema is the number of the last migration that a database has.
func (d *DB) Schema(ctx context.Context) (int64, error) { return schemaOf(ctx, d.read) }

// QuickCheck reads both databases once and reports damage to their structure. No writer waits for it.
func (d *Dir) QuickCheck(ctx context.Context) error {
	var errs []error
	for name, part := range map[string]*DB{coreFile: d.Core, enginesFile: d.Engines} {
		if err := part.quickCheck(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (d *DB) quickCheck(ctx context.Context) error {
	var verdict string
	if err := d.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the file is damaged: %s", verdict)
	}
	return nil
}
