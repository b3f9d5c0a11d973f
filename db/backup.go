package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A backup is a directory of its own: a copy of each database and a manifest that ties them together. The master key
// is never part of it: whoever finds a backup can open none of the sealed values in it.
const (
	backupFolder = "backups"
	manifestFile = "backup.json"
	unfinished   = ".new" // what the name of a backup ends with while it is being made
)

// spare is how much room must stay free beside a backup.
const spare = 64 << 20

// Manifest says what a backup holds.
type Manifest struct {
	Instance string       `json:"instance"`
	At       time.Time    `json:"at"`
	Files    []BackupFile `json:"files"`
}

// BackupFile is one database in a backup.
type BackupFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Schema int64  `json:"schema"`
}

// Backup is a backup as it lies in its folder.
type Backup struct {
	Name  string
	Path  string
	At    time.Time // zero where the manifest cannot be read
	Bytes int64
	Whole bool // all files are there with the sizes that were verified when it was made
}

var backupName = regexp.MustCompile(`^latchkey-\d{8}T\d{6}Z(-\d{1,3})?$`)

// BackupFolder is where backups lie unless another place is asked for.
func (d *Dir) BackupFolder() string { return filepath.Join(d.Path, backupFolder) }

// Copy makes a backup while everything goes on, verifies it, and then gives it its name in a folder. No writer waits
// for it. The engines are copied first: no engine that the copy of the core knows was cleared away in between.
func (d *Dir) Copy(ctx context.Context, folder string, keep func(b Backup, put func() error) error) (Backup, Manifest, error) {
	m := Manifest{At: d.Core.Now()}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Backup{}, m, err
	}
	path, err := freeName(folder, m.At)
	if err != nil {
		return Backup{}, m, err
	}
	b := Backup{Name: filepath.Base(path), Path: path, At: m.At, Whole: true}
	staged := path + unfinished
	if err := errors.Join(d.clearUnfinished(), d.room(folder), os.Mkdir(staged, 0o700)); err != nil {
		return Backup{}, m, err
	}
	defer os.RemoveAll(staged) // in place by then, or of no use
	for _, name := range []string{enginesFile, coreFile} {
		f, err := copyInto(ctx, filepath.Join(d.Path, name), filepath.Join(staged, name))
		if err != nil {
			return Backup{}, m, fmt.Errorf("copy %s: %w", name, err)
		}
		m.Files = append(m.Files, f)
		b.Bytes += f.Bytes
	}
	if err := inspect(ctx, filepath.Join(staged, coreFile), func(c *sql.DB) error {
		return c.QueryRowContext(ctx, "SELECT id FROM instance").Scan(&m.Instance)
	}); err != nil {
		return Backup{}, m, err
	}
	if err := writeManifest(staged, m); err != nil {
		return Backup{}, m, err
	}
	if _, err := Verify(ctx, staged); err != nil {
		return Backup{}, m, fmt.Errorf("the copy did not pass its check: %w", err)
	}
	put := func() error { return errors.Join(os.Rename(staged, path), syncFile(folder)) }
	return b, m, keep(b, put)
}

// room refuses a backup that would fill the volume.
func (d *Dir) room(folder string) error {
	free, _, err := volume(folder)
	if need := max(d.size(coreFile), 0) + max(d.size(enginesFile), 0) + spare; err == nil && free < need {
		return fmt.Errorf("there is not enough room for a backup in %s: it needs %d MB, %d MB are free", folder, need>>20, free>>20)
	}
	return err
}

// clearUnfinished removes what a process that ended in the middle of a backup has left. Only one is made at a time.
func (d *Dir) clearUnfinished() error {
	entries, err := os.ReadDir(d.BackupFolder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), unfinished); ok && backupName.MatchString(name) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(d.BackupFolder(), e.Name())))
		}
	}
	return err
}

func freeName(folder string, at time.Time) (string, error) {
	base := filepath.Join(folder, "latchkey-"+at.Format("20060102T150405Z"))
	path := base
	for n := 2; n < 1000; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
		path = fmt.Sprintf("%s-%d", base, n)
	}
	return "", fmt.Errorf("too many backups were made in this second in %s", folder)
}

// copyInto copies a database as it is at one moment, through a connection of its own that only reads it.
func copyInto(ctx context.Context, from, to string) (BackupFile, error) {
	f := BackupFile{Name: filepath.Base(to)}
	if err := create(to); err != nil {
		return f, err
	}
	source, err := sql.Open("sqlite", dsn(from, false))
	if err != nil {
		return f, err
	}
	source.SetMaxOpenConns(1)
	_, err = source.ExecContext(ctx, "VACUUM INTO $1", to)
	if err := errors.Join(err, source.Close()); err != nil {
		return f, err
	}
	if err := syncFile(to); err != nil { // SQLite leaves that to us
		return f, err
	}
	if err := inspect(ctx, to, func(d *sql.DB) (err error) {
		f.Schema, err = schemaOf(ctx, d)
		return err
	}); err != nil {
		return f, err
	}
	f.Bytes, f.SHA256, err = digest(to, nil)
	return f, err
}

// inspect opens a copy that nobody writes to, without leaving anything beside it.
func inspect(ctx context.Context, path string, look func(d *sql.DB) error) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	d, err := sql.Open("sqlite", frozen(path))
	if err != nil {
		return err
	}
	d.SetMaxOpenConns(1)
	return errors.Join(look(d), d.Close())
}

func schemaOf(ctx context.Context, d *sql.DB) (v int64, err error) {
	err = d.QueryRowContext(ctx, "SELECT MAX(version_id) FROM goose_db_version").Scan(&v)
	return v, err
}

// digest reads a file to its end, and writes it to a copy where there is one.
func digest(path string, to io.Writer) (bytes int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	h := sha256.New()
	var w io.Writer = h
	if to != nil {
		w = io.MultiWriter(h, to)
	}
	bytes, err = io.Copy(w, f)
	return bytes, hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

func writeManifest(dir string, m Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, manifestFile), string(text)+"\n")
}

func readManifest(dir string) (m Manifest, err error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s cannot be read: %w", manifestFile, err)
	}
	names := make([]string, len(m.Files))
	for i, f := range m.Files {
		names[i] = f.Name
	}
	if slices.Sort(names); !slices.Equal(names, []string{enginesFile, coreFile}) || m.Instance == "" {
		return m, fmt.Errorf("%s is not the manifest of a backup", manifestFile)
	}
	return m, nil
}

// Verify checks a backup from end to end: every byte of it, the structure of the databases, and that they belong to
// one instance.
func Verify(ctx context.Context, dir string) (Manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return m, err
	}
	for _, f := range m.Files {
		path := filepath.Join(dir, f.Name)
		bytes, sum, err := digest(path, nil)
		if err == nil {
			err = f.same(bytes, sum)
		}
		if err != nil {
			return m, err
		}
		if err := inspect(ctx, path, func(d *sql.DB) error { return m.belongs(ctx, d, f.Name) }); err != nil {
			return m, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return m, nil
}

func (f BackupFile) same(bytes int64, sum string) error {
	switch {
	case bytes != f.Bytes:
		return fmt.Errorf("%s has %d bytes, and had %d when the backup was made: the copy is not whole", f.Name, bytes, f.Bytes)
	case sum != f.SHA256:
		return fmt.Errorf("%s was changed since the backup was made", f.Name)
	}
	return nil
}

func (m Manifest) belongs(ctx context.Context, d *sql.DB, name string) error {
	var verdict, id string
	if err := d.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the file is damaged: %s", verdict)
	}
	if err := d.QueryRowContext(ctx, "SELECT id FROM instance").Scan(&id); err != nil {
		return err
	}
	if id != m.Instance {
		return errors.New("it belongs to another instance")
	}
	return nil
}

// Backups lists what lies in the folder for backups, newest first.
func (d *Dir) Backups() ([]Backup, error) {
	entries, err := os.ReadDir(d.BackupFolder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Backup
	for _, e := range entries {
		if e.IsDir() && backupName.MatchString(e.Name()) {
			list = append(list, lookAt(filepath.Join(d.BackupFolder(), e.Name())))
		}
	}
	slices.SortFunc(list, func(a, b Backup) int { return strings.Compare(b.Name, a.Name) })
	return list, err
}

// lookAt tells of a backup what can be told without reading it.
func lookAt(path string) Backup {
	b := Backup{Name: filepath.Base(path), Path: path}
	m, err := readManifest(path)
	b.At, b.Whole = m.At, err == nil
	for _, f := range m.Files {
		info, err := os.Stat(filepath.Join(path, f.Name))
		if err != nil || info.Size() != f.Bytes {
			b.Whole = false
		}
		if err == nil {
			b.Bytes += info.Size()
		}
	}
	return b
}

// Backup finds one in the folder for backups by its name; ok is false where there is none.
func (d *Dir) Backup(name string) (b Backup, ok bool) {
	path := filepath.Join(d.BackupFolder(), name)
	if !backupName.MatchString(name) {
		return b, false
	}
	if info, err := os.Lstat(path); err != nil || !info.IsDir() {
		return b, false
	}
	return lookAt(path), true
}

// RemoveBackup takes a backup out of the folder at once; its bytes are freed afterwards. keep is called in between and
// may refuse.
func (d *Dir) RemoveBackup(b Backup, keep func(gone func() error) error) error {
	aside := b.Path + unfinished
	if err := keep(func() error { return os.Rename(b.Path, aside) }); err != nil {
		if _, moved := os.Lstat(aside); moved == nil { // moved, and the note of it failed
			return errors.Join(err, os.Rename(aside, b.Path))
		}
		return err
	}
	return errors.Join(os.RemoveAll(aside), syncFile(d.BackupFolder()))
}

// syncFile sees to it that a file, or the names in a folder, are on the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
