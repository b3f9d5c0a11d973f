package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"latchkey/db/secret"
)

// restoring is where the copies lie until all of them are there.
const restoring = "restore" + unfinished

// RestoreOptions say which backup to bring back, and where.
type RestoreOptions struct {
	From          string // the directory of the backup
	To            string // the data directory, empty but for the master key
	MasterKeyFile string // empty: master.key in the data directory
}

// Restore puts the databases of a backup into an empty data directory. Nothing is put in place before every byte was
// checked, and the master key of the instance has to be there: without it the copies would be of no use.
func Restore(ctx context.Context, o RestoreOptions) (Manifest, error) {
	to, err := filepath.Abs(o.To)
	if err != nil {
		return Manifest{}, err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return Manifest{}, err
	}
	held, err := lock(to)
	if err != nil {
		return Manifest{}, err
	}
	defer held.Close()
	if err := vacant(to); err != nil {
		return Manifest{}, err
	}
	m, err := Verify(ctx, o.From)
	if err != nil {
		return m, fmt.Errorf("the backup %s cannot be restored: %w", o.From, err)
	}
	if err := errors.Join(m.notNewer(), m.opens(ctx, o, to)); err != nil {
		return m, err
	}
	return m, m.put(o.From, to)
}

// vacant refuses a directory that holds anything but a master key: what is there must not be mixed with a backup.
func vacant(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case masterFile, restoring, noteFile:
		default:
			return fmt.Errorf("%s is not empty (there is %s): a backup is restored into an empty data directory, in which only %s may lie. Name another one with --data, or move what is there away",
				path, e.Name(), masterFile)
		}
	}
	return nil
}

// notNewer refuses a backup that a newer program has made.
func (m Manifest) notNewer() error {
	for _, f := range m.Files {
		part := Core
		if f.Name == enginesFile {
			part = Engines
		}
		known, err := newest(part)
		if err != nil {
			return err
		}
		if f.Schema > known {
			return fmt.Errorf("%s has schema %d, made by a newer version; this one knows %d. Use the newer program", f.Name, f.Schema, known)
		}
	}
	return nil
}

// opens checks that the master key at hand is the one of the backup.
func (m Manifest) opens(ctx context.Context, o RestoreOptions, to string) error {
	path := o.MasterKeyFile
	if path == "" {
		path = filepath.Join(to, masterFile)
	}
	master, err := secret.LoadMaster(path)
	switch {
	case err != nil && secret.Missing(err):
		return fmt.Errorf("the master key %s is missing: it is never part of a backup. Copy the master key of the instance there (mode 0600), or point --master-key-file at it, and restore again", path)
	case err != nil:
		return err
	}
	want, err := master.Check(m.Instance)
	if err != nil {
		return err
	}
	return inspect(ctx, filepath.Join(o.From, coreFile), func(d *sql.DB) error {
		var check string
		if err := d.QueryRowContext(ctx, "SELECT key_check FROM instance WHERE id = $1", m.Instance).Scan(&check); err != nil {
			return err
		}
		if check != want {
			return fmt.Errorf("the master key %s does not belong to this backup; point --master-key-file at the right one", path)
		}
		return nil
	})
}

// put copies everything aside, checks it once more while it is copied, and then gives the files their names. The marker
// comes first: with it, a directory in which the databases are not yet in place is refused rather than made anew.
func (m Manifest) put(from, to string) (err error) {
	aside := filepath.Join(to, restoring)
	if err := errors.Join(os.RemoveAll(aside), os.Mkdir(aside, 0o700)); err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	for _, f := range m.Files {
		if err := f.copyTo(from, aside); err != nil {
			return err
		}
	}
	marker := filepath.Join(to, markerFile)
	err = writeWhole(marker, m.Instance+"\n")
	for _, f := range m.Files {
		if err == nil {
			err = os.Rename(filepath.Join(aside, f.Name), filepath.Join(to, f.Name))
		}
	}
	if err == nil {
		return syncFile(to)
	}
	for _, name := range []string{coreFile, enginesFile, markerFile} { // so that it can be tried again
		if gone := os.Remove(filepath.Join(to, name)); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

func (f BackupFile) copyTo(from, aside string) error {
	path := filepath.Join(aside, f.Name)
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	bytes, sum, err := digest(filepath.Join(from, f.Name), out)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	return f.same(bytes, sum)
}
