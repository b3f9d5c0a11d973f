package account

import (
	"context"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Outcome says how an attempt to sign in ended.
type Outcome string

// The outcomes.
const (
	LoginDone    Outcome = "done"
	LoginFailed  Outcome = "failed"  // the password was wrong
	LoginRefused Outcome = "refused" // the password was right, and the user may not sign in
)

// Login is one sign-in of a user, or failures from one address that follow one another.
type Login struct {
	At        time.Time // of the last one
	Outcome   Outcome
	Address   string
	UserAgent string
	Times     int64
	NewDevice bool // signed in with a kind of browser, or of program, that none of the sign-ins kept before it had
}

// Limits of the history of sign-ins. Failures have a part of their own: whoever tries many passwords must not push the
// sign-ins out of it.
const (
	keptLogins   = 150 // of each user
	keptFailures = 50  // rows, of each user
	ShownLogins  = 20
	// sameAttempt is how long failures from one address may lie apart to count as one.
	sameAttempt = time.Hour
	// maxWaiting is how many failures may wait to be written: more different ones than that in a minute are not kept.
	maxWaiting = 1000
	// failureSlice is how many failures are written in one transaction.
	failureSlice  = 50
	maxAgent      = 300
	flushFailures = time.Minute
)

// failures are failed sign-ins that wait to be written. They are written together, later, and by somebody else: so a
// failure costs the same as one for an address that nobody has, and a flood of them does not keep the writer busy.
type failures struct {
	mu      sync.Mutex
	waiting map[failure]failed
}

type failure struct {
	user, address string
	outcome       Outcome
}

type failed struct {
	at    time.Time
	agent string
	times int64
}

// note remembers a failure. Without a user there is nothing to remember.
func (f *failures) note(now time.Time, who audit.Who, user string, outcome Outcome) {
	key := failure{user, who.Address, outcome}
	f.mu.Lock()
	defer f.mu.Unlock()
	before, known := f.waiting[key]
	if user == "" || !known && len(f.waiting) >= maxWaiting {
		return
	}
	if f.waiting == nil {
		f.waiting = map[failure]failed{}
	}
	f.waiting[key] = failed{now, fault.Cut(who.UserAgent, maxAgent), before.times + 1}
}

func (f *failures) take() map[failure]failed {
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := f.waiting
	f.waiting = nil
	return waiting
}

// Run writes failed sign-ins down every minute, and what limits them while it changes, until the context ends. What is
// left then FlushLogins writes.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	var limits sync.WaitGroup
	defer limits.Wait()
	limits.Go(func() { s.limits.Run(ctx, s.db, logger) })
	ticker := time.NewTicker(flushFailures)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.FlushLogins(ctx); err != nil {
				logger.Error("write failed sign-ins", "error", err)
			}
		}
	}
}

// FlushLogins writes the failed sign-ins that wait, and what limits them. Where that fails the failures are lost: they
// are told to their user and to nobody else, and memory must stay bounded.
func (s *Store) FlushLogins(ctx context.Context) error {
	if err := s.limits.Flush(ctx, s.db); err != nil {
		return err
	}
	waiting := s.failures.take()
	// In slices, so that the one writer is never held for long.
	for keys := range slices.Chunk(slices.Collect(maps.Keys(waiting)), failureSlice) {
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, key := range keys {
				if err := writeFailure(ctx, tx, key, waiting[key]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func writeFailure(ctx context.Context, tx *db.Tx, key failure, f failed) error {
	n, err := db.Exec(ctx, tx, `
		UPDATE logins SET at = $1, user_agent = $2, times = times + $3
		WHERE id = (
			SELECT id FROM logins
			WHERE user_id = $4 AND outcome = $5 AND address = $6 AND at > $7
			ORDER BY at DESC, id DESC LIMIT 1)`,
		f.at.UnixMilli(), f.agent, f.times, key.user, string(key.outcome), key.address, f.at.Add(-sameAttempt).UnixMilli())
	if err != nil || n > 0 {
		return err
	}
	// The user may have been removed in the meantime.
	_, err = db.Exec(ctx, tx, `
		INSERT INTO logins (id, user_id, at, outcome, address, user_agent, times)
		SELECT $1, id, $2, $3, $4, $5, $6 FROM users WHERE id = $7`,
		uuid.NewString(), f.at.UnixMilli(), string(key.outcome), key.address, f.agent, f.times, key.user)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `
		DELETE FROM logins WHERE user_id = $1 AND outcome <> 'done' AND id NOT IN (
			SELECT id FROM logins WHERE user_id = $1 AND outcome <> 'done' ORDER BY at DESC, id DESC LIMIT $2)`, key.user, keptFailures)
	return err
}

// writeLogin writes a sign-in down, in its own transaction.
func writeLogin(ctx context.Context, tx *db.Tx, who audit.Who) error {
	_, err := db.Exec(ctx, tx, `
		INSERT INTO logins (id, user_id, at, outcome, address, user_agent) VALUES ($1, $2, $3, $4, $5, $6)`,
		uuid.NewString(), who.ID, tx.NowMillis(), string(LoginDone), who.Address, fault.Cut(who.UserAgent, maxAgent))
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `
		DELETE FROM logins WHERE user_id = $1 AND outcome = 'done' AND id NOT IN (
			SELECT id FROM logins WHERE user_id = $1 AND outcome = 'done' ORDER BY at DESC, id DESC LIMIT $2)`, who.ID, keptLogins)
	return err
}

func scanLogin(s db.Scanner) (Login, error) {
	var l Login
	var at int64
	err := s.Scan(&at, &l.Outcome, &l.Address, &l.UserAgent, &l.Times)
	l.At = time.UnixMilli(at).UTC()
	return l, err
}

// Logins gives the asking user's own last sign-ins and failed attempts, newest first, at most ShownLogins. Nobody sees
// anybody else's.
func (s *Store) Logins(ctx context.Context, who audit.Who) ([]Login, error) {
	if who.Kind != permission.User {
		return nil, errForbidden
	}
	// What cannot be written, such as on a full disk, is not shown; the rest is.
	_ = s.FlushLogins(ctx)
	var list []Login
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, scanLogin, `
			SELECT at, outcome, address, user_agent, times FROM logins
			WHERE user_id = $1 ORDER BY at DESC, id DESC`, who.ID)
		return err
	})
	markNew(list)
	return list[:min(len(list), ShownLogins)], err
}

// markNew marks the sign-ins of devices that were not seen before, of a list that begins with the newest. The first
// sign-in there is has nothing to compare with.
func markNew(list []Login) {
	seen := map[string]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Outcome != LoginDone {
			continue
		}
		kind := versions.ReplaceAllString(list[i].UserAgent, "")
		list[i].NewDevice = len(seen) > 0 && !seen[kind]
		seen[kind] = true
	}
}

// versions is what changes of a User-Agent header with every update.
var versions = regexp.MustCompile(`[0-9]+[0-9._]*`)
