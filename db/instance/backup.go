package instance

import (
	"context"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Backups is what there is to restore from, and how far the next one is.
type Backups struct {
	Folder string
	List   []db.Backup // newest first
	Job    Job
}

// Backups lists the backups in the data directory.
func (s *Store) Backups(_ context.Context, who audit.Who) (Backups, error) {
	if err := authorize(who); err != nil {
		return Backups{}, err
	}
	list, err := s.dir.Backups()
	return Backups{Folder: s.dir.BackupFolder(), List: list, Job: s.backup.now()}, err
}

// StartBackup begins a backup into the folder for backups.
func (s *Store) StartBackup(ctx context.Context, who audit.Who) error {
	return s.start(ctx, who, "backup", &s.backup, backupLimit, func(ctx context.Context) (string, audit.Verdict, error) {
		b, _, err := s.copy(ctx, who, s.dir.BackupFolder())
		return b.Name, audit.Verdict{}, err
	})
}

// BackUp makes a backup and waits for it. An empty folder means the one for backups.
func (s *Store) BackUp(ctx context.Context, who audit.Who, folder string) (db.Backup, db.Manifest, error) {
	if err := authorize(who); err != nil {
		return db.Backup{}, db.Manifest{}, err
	}
	if err := s.backup.begin(s.dir.Core.Now()); err != nil {
		return db.Backup{}, db.Manifest{}, err
	}
	if folder == "" {
		folder = s.dir.BackupFolder()
	}
	ctx, cancel := context.WithTimeout(ctx, backupLimit)
	defer cancel()
	b, m, err := s.copy(ctx, who, folder)
	s.backup.end(s.dir.Core.Now(), b.Name, audit.Verdict{}, err)
	return b, m, err
}

// copy makes a backup that counts once it is written down. Whoever asked for it may have gone by then.
func (s *Store) copy(ctx context.Context, who audit.Who, folder string) (db.Backup, db.Manifest, error) {
	who.Again = nil
	return s.dir.Copy(ctx, folder, func(b db.Backup, put func() error) error {
		return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
			if err := s.log.Append(ctx, tx, who, audit.Event{Action: audit.BackupCreate, SubjectID: b.Name, SubjectLabel: b.Name}); err != nil {
				return err
			}
			return put()
		})
	})
}

var errNoBackup = fault.New(fault.NotFound, "There is no such backup.")

// Backup gives one of the backups in the data directory.
func (s *Store) Backup(_ context.Context, who audit.Who, name string) (db.Backup, error) {
	if err := authorize(who); err != nil {
		return db.Backup{}, err
	}
	b, ok := s.dir.Backup(name)
	if !ok {
		return db.Backup{}, errNoBackup
	}
	return b, nil
}

// DeleteBackup removes one of the backups in the data directory.
func (s *Store) DeleteBackup(ctx context.Context, who audit.Who, name string) error {
	b, err := s.Backup(ctx, who, name)
	if err != nil {
		return err
	}
	return s.dir.RemoveBackup(b, func(gone func() error) error {
		return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
			if err := s.log.Append(ctx, tx, who, audit.Event{Action: audit.BackupDelete, SubjectID: b.Name, SubjectLabel: b.Name}); err != nil {
				return err
			}
			return gone()
		})
	})
}

// Restored makes a data directory that was just restored safe to use: whatever proved anybody before is void, since
// what was signed out, changed, disabled, revoked or used up after the backup would count again, and the history says
// what was done. Epochs move on by the time, so that none comes back that was in use after the backup.
func (s *Store) Restored(ctx context.Context, who audit.Who, m db.Manifest) error {
	if who.Kind != permission.System {
		return errForbidden
	}
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, "DELETE FROM sessions"); err != nil {
			return err
		}
		for _, statement := range []string{
			"UPDATE users SET epoch = epoch + $1",
			"UPDATE invitations SET expires_at = $1 WHERE accepted_at IS NULL AND expires_at > $1",
		} {
			if _, err := db.Exec(ctx, tx, statement, tx.NowMillis()); err != nil {
				return err
			}
		}
		return s.log.Append(ctx, tx, who, audit.Event{Action: audit.BackupRestore, SubjectID: m.Instance, SubjectLabel: "backup of " + m.At.UTC().Format(time.RFC3339)})
	})
}
