// Package instance looks after the whole instance, for those who administer it: how it is, what it takes on its disk,
// and its backups.
//
// What takes long (a backup, reading all databases for damage, following the chain of the audit log) runs in the
// background, one of each kind at a time; whoever asks for a page sees how far it is. None of it holds the writer for
// longer than one row takes. Nothing here tells anything about an organization but how many there are.
package instance

import (
	"context"
	"errors"
	"runtime"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// About is what the program knows of itself.
type About struct {
	Version       string
	URL           string // where people and programs reach the server
	PlainHTTP     bool   // by http, on another host than this machine
	MasterKeyFile string // empty: in the data directory
}

// Store looks after one instance. It is safe for concurrent use.
type Store struct {
	dir     *db.Dir
	log     *audit.Log
	about   About
	started time.Time
	tasks   chan task
	backup  job
	check   job
	chain   job
}

// NewStore looks after an open data directory. That opening it has found no damage is the first result of the check.
func NewStore(dir *db.Dir, log *audit.Log, about About) *Store {
	now := dir.Core.Now()
	s := &Store{dir: dir, log: log, about: about, started: now, tasks: make(chan task, 3)}
	s.check.state = Job{State: Done, Began: now, Ended: now}
	return s
}

var errForbidden = fault.New(fault.Forbidden, "Only an admin of the instance may do this.")

func authorize(who audit.Who) error {
	if !permission.Administers(who.Principal) {
		return errForbidden
	}
	return nil
}

// Counts are how much there is.
type Counts struct{ Users, Organizations, Projects, Keys, Engines, Documents int64 }

// Warning is something that an admin should look at.
type Warning string

// The warnings.
const (
	PlainHTTP   Warning = "plain_http"   // whoever is on the way reads passwords and keys
	LowSpace    Warning = "low_space"    // the next backup would not fit, or hardly anything would
	ClockBehind Warning = "clock_behind" // the history holds events from the future
	NoBackup    Warning = "no_backup"    // there is none in the folder
	OldBackup   Warning = "old_backup"   // the newest one is older than a week
	Damaged     Warning = "damaged"      // a check has found something
)

// Overview is how the instance is.
type Overview struct {
	About
	Go                        string
	Started, Now              time.Time
	MasterKeyInside           bool // beside the databases
	Storage                   db.Storage
	CoreSchema, EnginesSchema int64
	Counts                    Counts
	Check, Chain              Job
	Verdict                   audit.Verdict // of Chain, once it is done
	Warnings                  []Warning
}

// Overview tells how the instance is.
func (s *Store) Overview(ctx context.Context, who audit.Who) (Overview, error) {
	if err := authorize(who); err != nil {
		return Overview{}, err
	}
	o := Overview{About: s.about, Go: runtime.Version(), Started: s.started, Now: s.dir.Core.Now(), MasterKeyInside: s.dir.Inside(s.about.MasterKeyFile)}
	o.Check, o.Chain = s.check.now(), s.chain.now()
	o.Verdict = o.Chain.verdict
	var err error
	if o.Storage, err = s.dir.Storage(); err != nil {
		return o, err
	}
	if o.Counts, err = s.counts(ctx); err != nil {
		return o, err
	}
	var wrong [2]error
	o.CoreSchema, wrong[0] = s.dir.Core.Schema(ctx)
	o.EnginesSchema, wrong[1] = s.dir.Engines.Schema(ctx)
	if err := errors.Join(wrong[:]...); err != nil {
		return o, err
	}
	o.Warnings, err = s.warnings(ctx, o)
	return o, err
}

func (s *Store) counts(ctx context.Context) (c Counts, err error) {
	err = s.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM organizations), (SELECT COUNT(*) FROM projects),
				(SELECT COUNT(*) FROM keys WHERE revoked_at IS NULL), (SELECT COUNT(*) FROM engines)`).
			Scan(&c.Users, &c.Organizations, &c.Projects, &c.Keys, &c.Engines)
	})
	if err != nil {
		return c, err
	}
	err = s.dir.Engines.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c.Documents, err = db.One(ctx, tx, nil, db.Int, "SELECT COALESCE(SUM(documents), 0) FROM engines")
		return err
	})
	return c, err
}

const (
	backupAge = 7 * 24 * time.Hour
	clockSlip = time.Minute
	lowSpace  = 256 << 20
)

func (s *Store) warnings(ctx context.Context, o Overview) ([]Warning, error) {
	backups, err := s.dir.Backups()
	if err != nil {
		return nil, err
	}
	last, err := s.lastEvent(ctx)
	if err != nil {
		return nil, err
	}
	var newest time.Time
	for _, b := range backups {
		if b.Whole && b.At.After(newest) {
			newest = b.At
		}
	}
	var list []Warning
	for _, w := range []struct {
		Warning
		holds bool
	}{
		{Damaged, o.Check.State == Failed || o.Verdict.Broken != 0},
		{PlainHTTP, o.PlainHTTP},
		{LowSpace, o.Storage.Free < lowSpace+o.Storage.Core+o.Storage.Engines},
		{ClockBehind, last.After(o.Now.Add(clockSlip))},
		{NoBackup, newest.IsZero()},
		{OldBackup, !newest.IsZero() && o.Now.Sub(newest) > backupAge},
	} {
		if w.holds {
			list = append(list, w.Warning)
		}
	}
	return list, nil
}

// lastEvent is when the history ends.
func (s *Store) lastEvent(ctx context.Context) (at time.Time, err error) {
	err = s.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		ms, err := db.One(ctx, tx, nil, db.Int, "SELECT at FROM audit ORDER BY seq DESC LIMIT 1")
		if ms != 0 {
			at = time.UnixMilli(ms)
		}
		return err
	})
	return at, err
}
