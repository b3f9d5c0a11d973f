package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"latchkey/db/secret"
)

// Names of the files of a data directory.
const (
	coreFile    = "latchkey.db"
	enginesFile = "engines.db"
	masterFile  = "master.key"
	markerFile  = "latchkey.instance"
	noteFile    = "latchkey.lock"
)

// Dir is an open data directory. Only one process has it open at a time.
type Dir struct {
	Path    string
	Core    *DB
	Engines *DB
	Master  *secret.Master
	lock    *os.File
}

// DirOptions says which data directory to open and how.
type DirOptions struct {
	Path          string           // made if missing, readable by its owner only
	MasterKeyFile string           // empty: master.key in the directory
	Now           func() time.Time // nil: the real clock
}

// ErrLocked means that another process has the directory open.
var ErrLocked = errors.New("another process is using this data directory")

// OpenDir opens a data directory, or makes one where there is nothing yet. A directory from which something was lost
// is refused with the reason and what to do: making a missing part anew would hand the console to the first visitor,
// or silently void every sealed value.
func OpenDir(ctx context.Context, o DirOptions) (*Dir, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.Mode().Perm()&0o022 != 0 {
		return nil, fmt.Errorf("others may write to %s (mode %04o) and could exchange its files; run: chmod go-w %s", path, info.Mode().Perm(), path)
	}
	d := &Dir{Path: path}
	if d.lock, err = lock(path); err != nil {
		return nil, err
	}
	if err := errors.Join(d.Note(""), d.open(ctx, o)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// lock locks the directory itself: a lock file could be deleted under a running process and made anew.
func lock(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, err
	}
	return f, nil
}

func (d *Dir) open(ctx context.Context, o DirOptions) error {
	masterPath := o.MasterKeyFile
	if masterPath == "" {
		masterPath = filepath.Join(d.Path, masterFile)
	}
	marked, core, engines := d.has(markerFile), d.size(coreFile), d.size(enginesFile)
	switch {
	case marked && core <= 0:
		return fmt.Errorf("%s was set up before, but %s is missing or empty; restore it from a backup. To start over on purpose, remove %s",
			d.Path, coreFile, markerFile)
	case marked && engines <= 0:
		return fmt.Errorf("%s was set up before, but %s is missing or empty; restore it from a backup", d.Path, enginesFile)
	}
	var err error
	d.Master, err = secret.LoadMaster(masterPath)
	switch {
	case err == nil:
	case !secret.Missing(err):
		return err
	case core > 0:
		return fmt.Errorf("the master key %s is missing: without it the sealed values in %s cannot be opened; put the file back, or point --master-key-file at it",
			masterPath, coreFile)
	default:
		if d.Master, err = secret.CreateMaster(masterPath); err != nil {
			return fmt.Errorf("create master key: %w", err)
		}
	}
	if d.Core, err = d.openPart(ctx, coreFile, Core, o.Now); err != nil {
		return err
	}
	if d.Engines, err = d.openPart(ctx, enginesFile, Engines, o.Now); err != nil {
		return err
	}
	return d.identify(ctx, masterPath)
}

func (d *Dir) has(name string) bool { return d.size(name) >= 0 }

// size asks for a file's size without opening it: opening a live SQLite file by any other way drops SQLite's locks.
func (d *Dir) size(name string) int64 {
	info, err := os.Stat(filepath.Join(d.Path, name))
	if err != nil {
		return -1
	}
	return info.Size()
}

func (d *Dir) openPart(ctx context.Context, name string, part Part, now func() time.Time) (*DB, error) {
	path := filepath.Join(d.Path, name)
	if err := create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	p, err := Open(ctx, path, now)
	if err != nil {
		return nil, err
	}
	if err := Migrate(ctx, p, part); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// identify checks that the databases and the master key belong together, and writes the marker when all of it is
// there for the first time.
func (d *Dir) identify(ctx context.Context, masterPath string) error {
	var id, check string
	err := d.Core.Read(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.QueryRowContext(ctx, "SELECT id, key_check FROM instance").Scan(&id, &check)
	})
	if errors.Is(err, sql.ErrNoRows) {
		id = uuid.NewString()
		if check, err = d.Master.Check(id); err != nil {
			return err
		}
		err = d.Core.Write(ctx, func(ctx context.Context, tx *Tx) error {
			_, err := Exec(ctx, tx, "INSERT INTO instance (id, created_at, key_check) VALUES ($1, $2, $3)", id, tx.NowMillis(), check)
			return err
		})
	}
	if err != nil {
		return err
	}
	want, err := d.Master.Check(id)
	if err != nil {
		return err
	}
	if check != want {
		return fmt.Errorf("the master key %s does not belong to this database; point --master-key-file at the right one", masterPath)
	}
	return errors.Join(d.mark(id), d.claim(ctx, id))
}

// claim notes in the engines to which instance they belong, and refuses those of another one.
func (d *Dir) claim(ctx context.Context, id string) error {
	return d.Engines.Write(ctx, func(ctx context.Context, tx *Tx) error {
		have, err := One(ctx, tx, errUnclaimed, String, "SELECT id FROM instance")
		switch {
		case errors.Is(err, errUnclaimed):
			_, err = Exec(ctx, tx, "INSERT INTO instance (id) VALUES ($1)", id)
			return err
		case err == nil && have != id:
			return fmt.Errorf("%s belongs to another instance than %s: files of two instances are mixed in %s", enginesFile, coreFile, d.Path)
		}
		return err
	})
}

var errUnclaimed = errors.New("db: the engines belong to no instance yet")

func (d *Dir) mark(id string) error {
	path := filepath.Join(d.Path, markerFile)
	have, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(have) == 0 {
		return writeWhole(path, id+"\n")
	}
	if err == nil && strings.TrimSpace(string(have)) != id {
		return fmt.Errorf("%s names another instance than %s holds: files of two instances are mixed in %s", markerFile, coreFile, d.Path)
	}
	return err
}

// writeWhole writes a file so that after a crash it is there with all its text or not at all.
func writeWhole(path, text string) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// Note keeps a line for other processes to read, such as where this one listens. The one before is gone at once.
func (d *Dir) Note(line string) error {
	return writeWhole(filepath.Join(d.Path, noteFile), line+"\n")
}

// ReadNote gives the line that the process that has a directory open left there, and "" if there is none.
func ReadNote(path string) string {
	b, err := os.ReadFile(filepath.Join(path, noteFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// Close closes the databases and lets others open the directory.
func (d *Dir) Close() error {
	var errs []error
	for _, p := range []*DB{d.Core, d.Engines} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if d.lock != nil {
		errs = append(errs, d.Note(""), d.lock.Close())
	}
	return errors.Join(errs...)
}
