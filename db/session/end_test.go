package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

func asker(id string) audit.Who {
	return audit.Who{Principal: permission.Principal{Kind: permission.User, ID: id, Label: id + "@example.com"}}
}

// idOf gives the id by which lists show a session.
func (i instance) idOf(t *testing.T, token secret.Secret) string {
	t.Helper()
	v, err := i.Look(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func TestEndIsForOnesOwnSessions(t *testing.T) {
	i := open(t)
	here, there, foreign := i.begin(t, "u1"), i.begin(t, "u1"), i.begin(t, "u2")
	id, foreignID := i.idOf(t, there), i.idOf(t, foreign)
	for name, try := range map[string]struct {
		who audit.Who
		id  string
	}{
		"somebody else's": {asker("u1"), foreignID}, "one that never was": {asker("u1"), "x"}, "by nobody": {audit.Who{}, id},
		"by a key": {audit.Who{Principal: permission.Principal{Kind: permission.Key, ID: "u1"}}, id},
	} {
		if err := i.End(ctx, try.who, try.id); !fault.Is(err, fault.NotFound) || err.Error() != "There is no such session." {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !i.alive(here) || !i.alive(there) || !i.alive(foreign) {
		t.Fatal("a session was ended that could not be")
	}
	if err := i.End(ctx, asker("u1"), id); err != nil || i.alive(there) || !i.alive(here) || !i.alive(foreign) {
		t.Errorf("%v", err)
	}
	if err := i.End(ctx, asker("u1"), id); !fault.Is(err, fault.NotFound) {
		t.Errorf("twice: %v", err)
	}
	events, err := i.log.OfSubject(ctx, id)
	if err != nil || len(events) != 1 || events[0].Action != audit.SessionEnd || events[0].ActorID != "u1" || events[0].SubjectLabel != "192.0.2.1" || events[0].Organization != "" {
		t.Errorf("%+v, %v", events, err)
	}
}

func TestEndOthersKeepsOne(t *testing.T) {
	i := open(t)
	here, there, foreign := i.begin(t, "u1"), i.begin(t, "u1"), i.begin(t, "u2")
	i.clock.Add(time.Minute)
	if n, err := i.EndOthers(ctx, asker("u1"), i.idOf(t, here)); err != nil || n != 1 || i.alive(there) || !i.alive(here) || !i.alive(foreign) {
		t.Errorf("%d ended, %v", n, err)
	}
	if n, err := i.EndOthers(ctx, asker("u1"), i.idOf(t, here)); err != nil || n != 0 || !i.alive(here) {
		t.Errorf("again: %d ended, %v", n, err)
	}
}

// A session that ended while its request was on its way ends no other.
func TestEndNeedsALivingProof(t *testing.T) {
	i := open(t)
	there := i.begin(t, "u1")
	who, ended := asker("u1"), errors.New("ended")
	who.Again = func(context.Context) (permission.Principal, error) { return permission.Principal{}, ended }
	if err := i.End(ctx, who, i.idOf(t, there)); !errors.Is(err, ended) || !i.alive(there) {
		t.Errorf("%v", err)
	}
}
