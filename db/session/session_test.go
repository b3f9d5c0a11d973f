package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/dbtest"
	"latchkey/db/secret"
	"latchkey/db/session"
)

var ctx = context.Background()

type instance struct {
	*session.Store
	dir   *db.Dir
	clock *dbtest.Clock
	log   *audit.Log
}

// open gives an instance with the users u1 and u2.
func open(t *testing.T) instance {
	t.Helper()
	clock := dbtest.NewClock()
	dir := dbtest.Open(t, clock)
	err := dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range []string{"u1", "u2"} {
			if _, err := db.Exec(ctx, tx, "INSERT INTO users (id, email, password_hash, created_at, updated_at) VALUES ($1, $1, '$argon2id$', 1, 1)", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := audit.NewLog(dir.Core, dir.Master)
	if err != nil {
		t.Fatal(err)
	}
	return instance{session.NewStore(dir.Core, log), dir, clock, log}
}

func (i instance) begin(t *testing.T, user string) secret.Secret {
	t.Helper()
	token, err := i.Create(ctx, session.Session{UserID: user, Epoch: 1, Address: "192.0.2.1", UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (i instance) alive(token secret.Secret) bool {
	_, err := i.Find(ctx, token)
	return err == nil
}

func TestSessionEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		every time.Duration // between requests
		total time.Duration
		alive bool
	}{
		{"idle for less than 30 minutes", 30*time.Minute - time.Second, 30*time.Minute - time.Second, true},
		{"idle for 30 minutes", 30 * time.Minute, 30 * time.Minute, false},
		{"used all day, before 12 hours", 10 * time.Minute, 12*time.Hour - 10*time.Minute, true},
		{"used all day, after 12 hours", 10 * time.Minute, 12 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := open(t)
			token := i.begin(t, "u1")
			alive := true
			for spent := time.Duration(0); spent < c.total; spent += c.every {
				i.clock.Add(c.every)
				alive = i.alive(token)
			}
			if alive != c.alive {
				t.Errorf("alive: %v", alive)
			}
		})
	}
}

func TestSessionSurvivesNoJumpOfTheClockBack(t *testing.T) {
	i := open(t)
	token := i.begin(t, "u1")
	i.clock.Add(-2 * time.Hour)
	if i.alive(token) {
		t.Error("a clock set back lengthens sessions")
	}
}

func TestSeenIsWrittenOnceAMinute(t *testing.T) {
	i := open(t)
	token := i.begin(t, "u1")
	i.clock.Add(59 * time.Second)
	if v, err := i.Find(ctx, token); err != nil || !v.SeenAt.Equal(dbtest.Start) {
		t.Fatalf("%v, %v", v.SeenAt, err)
	}
	if v, err := i.Find(ctx, token); err != nil || !v.SeenAt.Equal(dbtest.Start) {
		t.Errorf("written after 59 seconds: %v, %v", v.SeenAt, err)
	}
	i.clock.Add(time.Second)
	i.alive(token)
	if v, err := i.Find(ctx, token); err != nil || !v.SeenAt.Equal(dbtest.Start.Add(time.Minute)) {
		t.Errorf("not written after a minute: %v, %v", v.SeenAt, err)
	}
}

func TestOldestSessionsEnd(t *testing.T) {
	i := open(t)
	other := i.begin(t, "u2")
	var tokens []secret.Secret
	for range session.MaxPerUser + 2 {
		i.clock.Add(time.Second)
		tokens = append(tokens, i.begin(t, "u1"))
	}
	for n, token := range tokens {
		if want := n >= 2; i.alive(token) != want {
			t.Errorf("session %d alive: %v", n, !want)
		}
	}
	if !i.alive(other) {
		t.Error("another user's session ended")
	}
	if list, err := i.OfUser(ctx, "u1"); err != nil || len(list) != session.MaxPerUser {
		t.Errorf("%d listed, %v", len(list), err)
	}
}

func TestDeletedSessionsAreDead(t *testing.T) {
	i := open(t)
	a, b, c := i.begin(t, "u1"), i.begin(t, "u1"), i.begin(t, "u2")
	if err := i.Delete(ctx, a); err != nil || i.alive(a) || !i.alive(b) {
		t.Errorf("one: %v", err)
	}
	if err := i.DeleteOfUser(ctx, "u1"); err != nil || i.alive(b) || !i.alive(c) {
		t.Errorf("all of a user: %v", err)
	}
	if err := i.Delete(ctx, a); err != nil {
		t.Errorf("twice: %v", err)
	}
	if i.alive("") || i.alive("x") {
		t.Error("a made-up token is alive")
	}
}

func TestStashIsForOneSessionAlone(t *testing.T) {
	i := open(t)
	mine, sameUser, other := i.begin(t, "u1"), i.begin(t, "u1"), i.begin(t, "u2")
	const precious = secret.Secret("private-precious-precious-precious")
	if err := i.Stash(ctx, mine, "k1", precious); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := i.Peek(ctx, mine, "k1"); err != nil || got.Reveal() != precious.Reveal() {
			t.Errorf("its own session: %v", err)
		}
	}
	for name, token := range map[string]secret.Secret{"another session of the user": sameUser, "another user": other, "no session": ""} {
		if got, err := i.Peek(ctx, token, "k1"); !errors.Is(err, session.ErrGone) || got != "" {
			t.Errorf("%s: %v", name, err)
		}
		if err := i.Forget(ctx, token, "k1"); err != nil {
			t.Error(err)
		}
	}
	if _, err := i.Peek(ctx, mine, "k2"); !errors.Is(err, session.ErrGone) {
		t.Errorf("another key: %v", err)
	}
	if _, err := i.Peek(ctx, mine, "k1"); err != nil {
		t.Errorf("others could destroy it: %v", err)
	}
	// Whoever has the files, and could write to them, gains nothing by giving the row to another session.
	h := secret.HashToken(other.Reveal())
	if err := i.dir.Core.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, "UPDATE reveals SET token_hash = $1", fmt.Sprintf("%x", h[:]))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := i.Peek(ctx, other, "k1"); err == nil || got != "" {
		t.Errorf("opened by another token: %v", err)
	}
}

func TestStashEnds(t *testing.T) {
	for name, end := range map[string]func(i instance, token secret.Secret) error{
		"when it is stored": func(i instance, token secret.Secret) error { return i.Forget(ctx, token, "k1") },
		"after ten minutes": func(i instance, _ secret.Secret) error { i.clock.Add(session.StashLife); return nil },
		"with its session":  func(i instance, token secret.Secret) error { return i.Delete(ctx, token) },
	} {
		i := open(t)
		token := i.begin(t, "u1")
		if err := i.Stash(ctx, token, "k1", "private-precious"); err != nil {
			t.Fatal(err)
		}
		if err := end(i, token); err != nil {
			t.Fatal(err)
		}
		if _, err := i.Peek(ctx, token, "k1"); !errors.Is(err, session.ErrGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFilesHoldNeitherTokenNorStash(t *testing.T) {
	i := open(t)
	token := i.begin(t, "u1")
	if err := i.Stash(ctx, token, "k1", "private-precious-precious"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"latchkey.db", "latchkey.db-wal"} {
		b, err := os.ReadFile(filepath.Join(i.dir.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(token.Reveal())) || bytes.Contains(b, []byte("private-precious")) {
			t.Errorf("%s holds a secret", name)
		}
	}
}

// A secret whose time is over leaves the database although nobody signs in or makes a key.
func TestSweepDestroysWhatIsOver(t *testing.T) {
	i := open(t)
	rows := func() (n int64) {
		t.Helper()
		if err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM reveals")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	token := i.begin(t, "u1")
	if err := i.Stash(ctx, token, "old", "private-precious"); err != nil {
		t.Fatal(err)
	}
	i.clock.Add(session.StashLife - time.Second)
	if err := i.Stash(ctx, token, "new", "private-precious"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		later time.Duration
		swept int64
		left  int64
	}{{0, 0, 2}, {time.Second, 1, 1}, {0, 0, 1}, {session.StashLife, 1, 0}} {
		i.clock.Add(step.later)
		if n, err := i.Sweep(ctx); err != nil || n != step.swept || rows() != step.left {
			t.Errorf("after %v: swept %d, %v; %d left", step.later, n, err, rows())
		}
	}
}

// The sweep runs by itself as long as the program does.
func TestRunSweeps(t *testing.T) {
	i := open(t)
	if err := i.Stash(ctx, i.begin(t, "u1"), "k1", "private-precious"); err != nil {
		t.Fatal(err)
	}
	i.clock.Add(session.StashLife)
	running, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	ended := make(chan struct{})
	go func() { i.Run(running, slog.New(slog.DiscardHandler)); close(ended) }()
	for n := int64(1); n > 0; time.Sleep(time.Millisecond) {
		if running.Err() != nil {
			t.Fatal("nobody swept")
		}
		if err := i.dir.Core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM reveals")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	<-ended
}
