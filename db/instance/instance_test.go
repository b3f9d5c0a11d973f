package instance_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/instance"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

var ctx = context.Background()

// desk is an instance with somebody who looks after it.
type desk struct {
	*instance.Store
	dir   *db.Dir
	log   *audit.Log
	clock *dbtest.Clock
	admin audit.Who
}

func open(t *testing.T, about instance.About) desk {
	t.Helper()
	clock := dbtest.NewClock()
	dir := dbtest.Open(t, clock)
	log, err := audit.NewLog(dir.Core, dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	admin := audit.Who{Principal: permission.Principal{Kind: permission.User, ID: "u", Label: "ada@example.com", InstanceAdmin: true}}
	return desk{instance.NewStore(dir, log, about), dir, log, clock, admin}
}

// run lets the background work until the test ends.
func (d desk) run(t *testing.T) {
	t.Helper()
	background, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(background, slog.New(slog.DiscardHandler))
	}()
	t.Cleanup(func() { stop(); <-done })
}

func (d desk) overview(t *testing.T) instance.Overview {
	t.Helper()
	o, err := d.Overview(ctx, d.admin)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// ended waits until a job is no longer running.
func ended(t *testing.T, now func() instance.Job) instance.Job {
	t.Helper()
	for range 1000 {
		if j := now(); j.State != instance.Running {
			return j
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it never ends")
	return instance.Job{}
}

func (d desk) backups(t *testing.T) instance.Backups {
	t.Helper()
	b, err := d.Backups(ctx, d.admin)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOnlyInstanceAdminsLookAfterTheInstance(t *testing.T) {
	d := open(t, instance.About{})
	b, _, err := d.BackUp(ctx, audit.CommandLine(), "")
	if err != nil {
		t.Fatal(err)
	}
	gone := d.admin
	gone.Again = func(context.Context) (permission.Principal, error) {
		return permission.Principal{}, fault.New(fault.Unauthenticated, "Sign in again.")
	}
	everything := permission.Principal{Kind: permission.User, ID: "x", Grants: []permission.Grant{{Organization: "o", Role: permission.OrganizationAdmin}}}
	for name, do := range map[string]func(who audit.Who) error{
		"overview": func(who audit.Who) error { _, err := d.Overview(ctx, who); return err },
		"backups":  func(who audit.Who) error { _, err := d.Backups(ctx, who); return err },
		"backup":   func(who audit.Who) error { _, err := d.Backup(ctx, who, b.Name); return err },
		"check":    func(who audit.Who) error { return d.StartCheck(ctx, who) },
		"chain":    func(who audit.Who) error { return d.StartChain(ctx, who) },
		"start":    func(who audit.Who) error { return d.StartBackup(ctx, who) },
		"back up":  func(who audit.Who) error { _, _, err := d.BackUp(ctx, who, ""); return err },
		"delete":   func(who audit.Who) error { return d.DeleteBackup(ctx, who, b.Name) },
		"restored": func(who audit.Who) error { return d.Restored(ctx, who, db.Manifest{}) },
	} {
		for as, who := range map[string]audit.Who{"guest": {}, "admin of an organization": {Principal: everything}} {
			if err := do(who); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s as %s: %v", name, as, err)
			}
		}
		if err := do(gone); name != "overview" && name != "backups" && name != "backup" && name != "back up" && err == nil {
			t.Errorf("%s was done for somebody whose session has ended", name)
		}
	}
	if list := d.backups(t).List; len(list) != 2 { // the one above, and "back up" of the one whose session ended, who waits for it
		t.Errorf("%d backups", len(list))
	}
}

func TestChecksRunInTheBackground(t *testing.T) {
	d := open(t, instance.About{})
	if o := d.overview(t); o.Check.State != instance.Done || o.Chain.State != instance.Never {
		t.Errorf("at the start: %+v %+v", o.Check, o.Chain)
	}
	if err := d.log.Write(ctx, d.admin, func(ctx context.Context, tx *db.Tx) error {
		return d.log.Append(ctx, tx, d.admin, audit.Event{Action: audit.UserLogin})
	}); err != nil {
		t.Fatal(err)
	}
	d.clock.Add(time.Hour)
	for _, start := range []func(context.Context, audit.Who) error{d.StartCheck, d.StartChain, d.StartBackup} {
		if err := start(ctx, d.admin); err != nil {
			t.Fatal(err)
		}
		if err := start(ctx, d.admin); fault.From(err).Reason != "running" {
			t.Errorf("a second one at the same time: %v", err)
		}
	}
	if _, _, err := d.BackUp(ctx, audit.CommandLine(), t.TempDir()); fault.From(err).Reason != "running" {
		t.Errorf("a backup beside a backup: %v", err)
	}
	d.run(t)
	check := ended(t, func() instance.Job { return d.overview(t).Check })
	chain := ended(t, func() instance.Job { return d.overview(t).Chain })
	backup := ended(t, func() instance.Job { return d.backups(t).Job })
	if check.State != instance.Done || !check.Began.Equal(d.clock.Now()) || chain.State != instance.Done || backup.State != instance.Done {
		t.Errorf("%+v %+v %+v", check, chain, backup)
	}
	if v := d.overview(t).Verdict; v.Broken != 0 || v.Events < 1 || v.Head == "" {
		t.Errorf("%+v", v)
	}
	if b := d.backups(t); len(b.List) != 1 || b.List[0].Name != backup.Result || !b.List[0].Whole {
		t.Errorf("%+v", b)
	}
}

func TestABackupThatFailsSaysWhy(t *testing.T) {
	d := open(t, instance.About{})
	d.run(t)
	// A file where the folder should be.
	if err := os.WriteFile(d.dir.BackupFolder(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.StartBackup(ctx, d.admin); err != nil {
		t.Fatal(err)
	}
	j := ended(t, d.jobOfBackup(t))
	if j.State != instance.Failed || !strings.Contains(j.Failure, "not a directory") {
		t.Errorf("%+v", j)
	}
	if err := os.Remove(d.dir.BackupFolder()); err != nil {
		t.Fatal(err)
	}
	if err := d.StartBackup(ctx, d.admin); err != nil {
		t.Fatal(err)
	}
	if j := ended(t, d.jobOfBackup(t)); j.State != instance.Done || j.Failure != "" {
		t.Errorf("%+v", j)
	}
}

// jobOfBackup asks for the job of backups even while the folder cannot be listed.
func (d desk) jobOfBackup(t *testing.T) func() instance.Job {
	return func() instance.Job {
		b, err := d.Backups(ctx, d.admin)
		if err != nil && !strings.Contains(err.Error(), "not a directory") {
			t.Fatal(err)
		}
		return b.Job
	}
}

func TestBackupsAreWrittenDown(t *testing.T) {
	d := open(t, instance.About{})
	b, m, err := d.BackUp(ctx, d.admin, "")
	if err != nil || m.Instance == "" {
		t.Fatalf("%+v, %v", m, err)
	}
	if err := d.DeleteBackup(ctx, d.admin, b.Name); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteBackup(ctx, d.admin, b.Name); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	events, err := d.log.OfSubject(ctx, b.Name)
	if err != nil || len(events) != 2 || events[0].Action != audit.BackupDelete || events[1].Action != audit.BackupCreate || events[1].ActorLabel != "ada@example.com" {
		t.Errorf("%+v, %v", events, err)
	}
	// What cannot be written down does not happen.
	if err := d.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.BackUp(ctx, d.admin, ""); err == nil {
		t.Error("a backup that the history does not know was kept")
	}
	if list := d.backups(t).List; len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestWarnings(t *testing.T) {
	d := open(t, instance.About{PlainHTTP: true, MasterKeyFile: filepath.Join(t.TempDir(), "master.key")})
	o := d.overview(t)
	if !slices.Equal(o.Warnings, []instance.Warning{instance.PlainHTTP, instance.NoBackup}) || o.MasterKeyInside {
		t.Errorf("%+v", o)
	}
	if err := d.log.Write(ctx, d.admin, func(ctx context.Context, tx *db.Tx) error {
		return d.log.Append(ctx, tx, d.admin, audit.Event{Action: audit.UserLogin})
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.BackUp(ctx, d.admin, ""); err != nil {
		t.Fatal(err)
	}
	d.clock.Add(-2 * time.Minute)
	if w := d.overview(t).Warnings; !slices.Equal(w, []instance.Warning{instance.PlainHTTP, instance.ClockBehind}) {
		t.Errorf("the clock was put back: %v", w)
	}
	d.clock.Add(8 * 24 * time.Hour)
	if w := d.overview(t).Warnings; !slices.Equal(w, []instance.Warning{instance.PlainHTTP, instance.OldBackup}) {
		t.Errorf("a week later: %v", w)
	}
}

// A backup brings nobody back who has signed out or was barred since.
func TestRestoredVoidsWhatWasProven(t *testing.T) {
	d := open(t, instance.About{})
	if err := d.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ('u', 'u@x', '$argon2id$', 1, 1);
			INSERT INTO sessions (token_hash, id, user_id, epoch, created_at, seen_at, address, user_agent) VALUES ('h', 's', 'u', 1, 1, 1, '', '')`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.Restored(ctx, audit.CommandLine(), db.Manifest{Instance: "i", At: d.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	var sessions, epoch int64
	if err := d.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM sessions), epoch FROM users").Scan(&sessions, &epoch)
	}); err != nil || sessions != 0 || epoch == 1 {
		t.Errorf("%d sessions, epoch %d, %v", sessions, epoch, err)
	}
	if events, err := d.log.OfSubject(ctx, "i"); err != nil || len(events) != 1 || !strings.Contains(events[0].SubjectLabel, "2026-03-14") {
		t.Errorf("%+v, %v", events, err)
	}
}

// What was given out after the backup was taken must not count once it is restored: a login token of a later password, and
// the link of an invitation that was revoked or used since.
func TestRestoredVoidsWhatWasGivenOutSince(t *testing.T) {
	d := open(t, instance.About{})
	none := func(context.Context, *db.Tx, audit.Who, permission.Target) ([]secret.Minted, func(), error) {
		return nil, func() {}, nil
	}
	accounts, err := account.NewStore(d.dir.Core, d.dir.Master, d.log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), none)
	if err != nil {
		t.Fatal(err)
	}
	u, o, _, _, err := accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "ada@example.com", Password: "northern otter plays chess", Organization: "Acme", Project: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	var link secret.Secret
	if _, err := accounts.Invite(ctx, audit.CommandLine(), o.Slug, account.NewInvitation{Email: "bo@example.com", Role: permission.OrganizationAdmin},
		func(_ context.Context, _ *db.Tx, m secret.Minted) error { link = m.Secret; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Offer(ctx, link.Reveal()); err != nil {
		t.Fatal(err)
	}
	if err := d.Restored(ctx, audit.CommandLine(), db.Manifest{Instance: "i", At: d.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Offer(ctx, link.Reveal()); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link of an invitation works again: %v", err)
	}
	for range 5 { // changes of the password after the backup
		u.Epoch++
		token, err := accounts.IssueToken(u)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := accounts.PrincipalByToken(ctx, token.Reveal()); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a login token of epoch %d works again: %v", u.Epoch, err)
		}
	}
}

func TestDamageIsFound(t *testing.T) {
	d := open(t, instance.About{})
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := d.dir.QuickCheck(stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("a check does not end with its time: %v", err)
	}
	if err := d.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			CREATE TABLE t (n INTEGER PRIMARY KEY, x TEXT) STRICT;
			WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 4000)
			INSERT INTO t SELECT n, printf('%.2000c', 'x') FROM c`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	// So much goes to the main file by itself; there it is overwritten, as a bad disk would.
	f, err := os.OpenFile(filepath.Join(d.dir.Path, "latchkey.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := f.Stat(); err != nil || info.Size() < 4<<20 {
		t.Fatalf("%v, %v", info.Size(), err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 1<<20), 2<<20); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	d.run(t)
	if err := d.StartCheck(ctx, d.admin); err != nil {
		t.Fatal(err)
	}
	j := ended(t, func() instance.Job { return d.overview(t).Check })
	if j.State != instance.Failed || !strings.Contains(j.Failure, "latchkey.db") || !slices.Contains(d.overview(t).Warnings, instance.Damaged) {
		t.Errorf("%+v", j)
	}
	if _, _, err := d.BackUp(ctx, d.admin, ""); err == nil {
		t.Error("a damaged database was backed up")
	}
}
