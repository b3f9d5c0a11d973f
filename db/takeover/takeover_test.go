package takeover_test

import (
	"context"
	"testing"
	"time"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/takeover"
)

var ctx = context.Background()

func TestPositionsLastUntilTheImportIsFinished(t *testing.T) {
	clock := dbtest.NewClock()
	dir := dbtest.Open(t, clock)
	log, err := audit.NewLog(dir.Core, dir.Master)
	must(t, err)
	credentials, err := credential.NewStore(ctx, dir.Core, dir.Master, log)
	must(t, err)
	accounts, err := account.NewStore(dir.Core, dir.Master, log, account.NewHasher(account.HashCost{MemoryKiB: 8, Passes: 1}), credentials.Defaults)
	must(t, err)
	_, _, project, _, err := accounts.SetUp(ctx, audit.CommandLine(), account.SetUp{Email: "ada@example.com", Password: "northern otter plays chess", Organization: "Acme", Project: "Shop"})
	must(t, err)
	s, who, place := takeover.NewStore(dir.Core, log), audit.CommandLine(), project.Target()
	expect := func(what, source, item, want string) {
		t.Helper()
		got, err := s.Positions(ctx, who, place, source)
		if err != nil || got[item] != want {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	must(t, s.Save(ctx, who, place, "https://a", "documents/shop", "1"))
	must(t, s.Save(ctx, who, place, "https://a", "documents/shop", "2"))
	must(t, s.Save(ctx, who, place, "https://b", "documents/shop", "9"))
	expect("the last position counts", "https://a", "documents/shop", "2")
	clock.Add(takeover.Fresh - time.Second)
	expect("nearly a day later", "https://a", "documents/shop", "2")
	clock.Add(2 * time.Second)
	expect("more than a day later", "https://a", "documents/shop", "")
	must(t, s.Save(ctx, who, place, "https://a", "documents/shop", "3"))
	must(t, s.Save(ctx, who, place, "https://b", "documents/shop", "9"))
	must(t, s.Clear(ctx, who, place, "https://a"))
	expect("finished", "https://a", "documents/shop", "")
	expect("another source is not touched", "https://b", "documents/shop", "9")

	guest := audit.Who{}
	if got, err := s.Positions(ctx, guest, place, "https://b"); !fault.Is(err, fault.Forbidden) || got != nil {
		t.Errorf("a guest reads positions: %v", err)
	}
	if s.Save(ctx, guest, place, "https://b", "documents/shop", "1") == nil || s.Clear(ctx, guest, place, "https://b") == nil {
		t.Error("a guest changes positions")
	}
	if s.Save(ctx, who, permission.Target{Organization: project.OrganizationID, Project: "nosuch"}, "https://b", "x", "1") == nil {
		t.Error("a position of a project that does not exist")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
