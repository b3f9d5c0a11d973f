package audit

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db"
	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

var (
	system  = CommandLine()
	acme    = permission.Target{Organization: "acme"}
	shop    = permission.Target{Organization: "acme", Project: "shop"}
	objects = []string{"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"}
)

// instance is a history with a clock that can be moved.
type instance struct {
	*Log
	t     testing.TB
	dir   *db.Dir
	clock *dbtest.Clock
}

func openInstance(t testing.TB) instance {
	t.Helper()
	clock := dbtest.NewClock()
	d := dbtest.Open(t, clock)
	l, err := NewLog(d.Core, d.Master)
	if err != nil {
		t.Fatal(err)
	}
	return instance{l, t, d, clock}
}

func user(id string, grants ...permission.Grant) Who {
	return Who{Principal: permission.Principal{Kind: permission.User, ID: id, Label: id + "@example.com", Grants: grants}, Address: "192.0.2.1"}
}

func (i instance) add(who Who, e Event) {
	i.t.Helper()
	err := i.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error { return i.Append(ctx, tx, who, e) })
	if err != nil {
		i.t.Fatal(err)
	}
}

// scatter writes events of every kind, also of others, with a clock that is set back now and then.
func (i instance) scatter(n int) {
	i.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	err := i.dir.Core.Write(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for range n {
			tx.Now = tx.Now.Add(time.Duration(r.IntN(20)-3) * time.Minute)
			e := Event{Action: Action(pick("key.create", "key.revoke", "key.update", "engine.create", "member.add")),
				Organization: pick("acme", "acme", "acme", "other", ""), SubjectID: pick(objects...), SubjectLabel: pick("Checkout", "check_out", "Größe 50%", "x")}
			switch e.Organization {
			case "acme":
				e.Project = pick("shop", "shop", "depot", "")
			case "other":
				e.Project = pick("shop", "store") // the same id cannot be, and would not matter
			}
			if err := i.Append(ctx, tx, user(pick("ada", "bob", "pat")), e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		i.t.Fatal(err)
	}
}

// all reads the whole history, in the order of lists.
func (i instance) all() []Record {
	i.t.Helper()
	var list []Record
	err := i.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, scan, columns)
		return err
	})
	if err != nil {
		i.t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b Record) int { return b.cursor().compare(a.cursor()) })
	return list
}

// passes is the filter, said once more and without any database.
func passes(r Record, place permission.Target, f Filter) bool {
	group, isGroup := strings.CutSuffix(f.Action, "*")
	return r.Organization == place.Organization && (place.Project == "" || r.Project == place.Project) &&
		(f.Actor == "" || f.Actor == r.ActorID || f.Actor == r.ActorLabel) &&
		(f.Action == "" || isGroup && strings.HasPrefix(string(r.Action), group) || string(r.Action) == f.Action) &&
		(f.Object == "" || f.Object == r.SubjectID || strings.Contains(strings.ToLower(r.SubjectLabel), strings.ToLower(f.Object))) &&
		(f.From.IsZero() || !r.At.Before(f.From)) && (f.Until.IsZero() || r.At.Before(f.Until))
}

func seqs(list []Record) []int64 {
	var s []int64
	for _, r := range list {
		s = append(s, r.Seq)
	}
	return s
}

// walk reads a list page by page, all the way to the oldest event and back again.
func (i instance) walk(place permission.Target, f Filter, size int, window int64) (down, up []int64) {
	i.t.Helper()
	err := i.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		s, err := newSearch(ctx, tx, place, f)
		if err != nil {
			return err
		}
		s.window = window
		page, last := Page{Size: size}, Listing{}
		for {
			if last, err = s.page(ctx, tx, page); err != nil {
				return err
			}
			down = append(down, seqs(last.Records)...)
			if len(last.Records) < size && last.Older != (Cursor{}) && last.Reached.IsZero() {
				i.t.Fatal("a page ended early and did not say so")
			}
			if last.Older == (Cursor{}) {
				break
			}
			page = Page{Size: size, Cursor: last.Older}
		}
		up = seqs(last.Records)
		for last.Newer != (Cursor{}) {
			if last, err = s.page(ctx, tx, Page{Size: size, Cursor: last.Newer, Newer: true}); err != nil {
				return err
			}
			up = append(seqs(last.Records), up...)
		}
		return nil
	})
	if err != nil {
		i.t.Fatal(err)
	}
	return down, up
}

// Every filter, in every combination, gives exactly the events that pass it, in order, in pages of any size, also where
// the window ends the search of each page after a few events.
func TestListGivesExactlyWhatPasses(t *testing.T) {
	i := openInstance(t)
	i.scatter(400)
	all := i.all()
	middle := all[len(all)/2].At
	n := 0
	for _, place := range []permission.Target{acme, shop, {Organization: "acme", Project: "store"}, {Organization: "nobody"}} {
		for _, actor := range []string{"", "ada", "bob@example.com", "zoe"} {
			for _, action := range []string{"", "key.revoke", "key.*", "k*", "nothing.*", "member.add"} {
				for _, object := range []string{"", objects[1], "CHECK", "_", "50%", "größe"} {
					for _, when := range []Filter{{}, {From: middle}, {Until: middle}, {From: middle.Add(-5 * time.Hour), Until: middle.Add(5 * time.Hour)}} {
						f := Filter{Actor: actor, Action: action, Object: object, From: when.From, Until: when.Until}
						var want []int64
						for _, r := range all {
							if passes(r, place, f) {
								want = append(want, r.Seq)
							}
						}
						size, window := 3+n%17, int64(5+n%60)
						n++
						down, up := i.walk(place, f, size, window)
						if !slices.Equal(down, want) {
							t.Fatalf("%v %+v in pages of %d: %v, want %v", place, f, size, down, want)
						}
						// On the way back the newest page is filled up with what follows it.
						if len(up) < len(want) || !slices.Equal(up[len(up)-len(want)+min(size, len(want)):], want[min(size, len(want)):]) {
							t.Fatalf("%v %+v backwards in pages of %d: %v, want %v", place, f, size, up, want)
						}
					}
				}
			}
		}
	}
	t.Logf("%d filters", n)
}

func TestListIsForThoseWhoMayReadIt(t *testing.T) {
	i := openInstance(t)
	i.scatter(50)
	member := permission.Grant{Organization: "acme", Role: permission.OrganizationMember}
	of := func(role permission.Role, project string) permission.Grant {
		return permission.Grant{Organization: "acme", Project: project, Role: role}
	}
	key := Who{Principal: permission.Principal{Kind: permission.Key, Organization: "acme", Project: "shop", Permissions: permission.Keys, Scope: permission.Scope{All: true}}}
	for _, c := range []struct {
		name  string
		who   Who
		place permission.Target
		kind  fault.Kind // "": may
	}{
		{"the organization's admin, of it", user("a", of(permission.OrganizationAdmin, "")), acme, ""},
		{"the organization's admin, of a project", user("a", of(permission.OrganizationAdmin, "")), shop, ""},
		{"the project's admin, of it", user("a", member, of(permission.ProjectAdmin, "shop")), shop, ""},
		{"the project's admin, of the organization", user("a", member, of(permission.ProjectAdmin, "shop")), acme, fault.Forbidden},
		{"another project's admin", user("a", member, of(permission.ProjectAdmin, "depot")), shop, fault.NotFound},
		{"the project's viewer", user("a", member, of(permission.ProjectViewer, "shop")), shop, fault.Forbidden},
		{"a member, of the organization", user("a", member), acme, fault.Forbidden},
		{"a member, of a project", user("a", member), shop, fault.NotFound},
		{"an outsider", user("a", permission.Grant{Organization: "other", Role: permission.OrganizationAdmin}), acme, fault.NotFound},
		{"a project's admin who left the organization", user("a", of(permission.ProjectAdmin, "shop")), shop, fault.NotFound},
		{"a key with every permission", key, shop, fault.Forbidden},
		{"nobody", Who{}, shop, fault.Forbidden},
		{"the command line", system, acme, ""},
		{"the command line, of no place", system, permission.Target{}, fault.NotFound},
	} {
		list, listErr := i.List(context.Background(), c.who, c.place, Filter{}, Page{})
		choices, choicesErr := i.Choices(context.Background(), c.who, c.place)
		_, headErr := i.Head(context.Background(), c.who, c.place)
		exported := 0
		exportErr := i.Export(context.Background(), c.who, Wanted{Place: c.place, Label: "x", Format: "csv"}, func(Row) error { exported++; return nil })
		for what, err := range map[string]error{"list": listErr, "choices": choicesErr, "head": headErr, "export": exportErr} {
			if c.kind == "" && err != nil || c.kind != "" && !fault.Is(err, c.kind) {
				t.Errorf("%s: %s: %v", c.name, what, err)
			}
		}
		if found := len(list.Records) + len(choices.Actors) + exported; (found > 0) != (c.kind == "") {
			t.Errorf("%s: sees %d", c.name, found)
		}
	}
}

func TestChoicesAreWhatIsThere(t *testing.T) {
	i := openInstance(t)
	i.add(user("ada"), Event{Action: KeyCreate, Organization: "acme", Project: "shop"})
	i.add(user("bob"), Event{Action: KeyRevoke, Organization: "acme", Project: "depot"})
	renamed := user("ada")
	renamed.Label = "ada@new.example"
	i.add(renamed, Event{Action: KeyRevoke, Organization: "acme", Project: "shop"})
	i.add(user("eve"), Event{Action: EngineDelete, Organization: "other", Project: "store"})
	for _, c := range []struct {
		place           permission.Target
		actors, actions string
	}{
		{shop, "[{ada user ada@new.example}]", "[key.create key.revoke]"},
		{acme, "[{ada user ada@new.example} {bob user bob@example.com}]", "[key.create key.revoke]"},
		{permission.Target{Organization: "acme", Project: "store"}, "[]", "[]"},
	} {
		got, err := i.Choices(context.Background(), system, c.place)
		if err != nil || fmt.Sprint(got.Actors) != c.actors || fmt.Sprint(got.Actions) != c.actions {
			t.Errorf("%v: %v, %v", c.place, got, err)
		}
	}
}

func TestHeadIsWhatVerifyFinds(t *testing.T) {
	i := openInstance(t)
	if h, err := i.Head(context.Background(), system, acme); err != nil || h != (Head{}) {
		t.Errorf("of nothing: %+v, %v", h, err)
	}
	i.scatter(20)
	h, err := i.Head(context.Background(), system, acme)
	v, verr := i.Verify(context.Background())
	if err != nil || verr != nil || h.Events != 20 || h.Events != v.Events || h.Hash != v.Head || v.Broken != 0 {
		t.Errorf("%+v, %+v, %v, %v", h, v, err, verr)
	}
}

func TestCursorsAreReadBack(t *testing.T) {
	for _, c := range []Cursor{{}, {1, 1}, {1_792_345_678_901, 42}} {
		if got := ParseCursor(c.String()); got != c {
			t.Errorf("%v became %v", c, got)
		}
	}
	for _, s := range []string{"", "-", "1", "1-", "-1-1", "1--1", "a-b", "1-2-3", "99999999999999999999-1", "1-1 OR 1=1"} {
		if got := ParseCursor(s); got != (Cursor{}) {
			t.Errorf("%q became %v", s, got)
		}
	}
}

// Every query goes along one index that has its order already: nothing is sorted, and nothing is read that an index
// could have skipped.
func TestListIsReadFromIndexes(t *testing.T) {
	i := openInstance(t)
	i.scatter(100)
	for _, c := range []struct {
		name  string
		place permission.Target
		f     Filter
		index string
	}{
		{"a project", shop, Filter{}, "audit_project (project_id=? AND at>? AND at<?"},
		{"an organization", acme, Filter{}, "audit_organization (organization_id=? AND at>? AND at<?"},
		{"an actor", shop, Filter{Actor: "ada"}, "audit_project_actor (project_id=? AND (actor_id,at)>(?,?) AND (actor_id,at)<(?,?)"},
		{"an actor of an organization", acme, Filter{Actor: "ada"}, "audit_organization_actor (organization_id=? AND (actor_id,at)>(?,?) AND (actor_id,at)<(?,?)"},
		{"an action", shop, Filter{Action: "key.revoke"}, "audit_project_action (project_id=? AND (action,at)>(?,?) AND (action,at)<(?,?)"},
		{"an action of an organization", acme, Filter{Action: "key.revoke"}, "audit_organization_action (organization_id=? AND (action,at)>(?,?) AND (action,at)<(?,?)"},
		{"an action of an actor", shop, Filter{Action: "key.revoke", Actor: "ada"}, "audit_project_action (project_id=? AND (action,at)>(?,?) AND (action,at)<(?,?)"},
		{"an object", shop, Filter{Object: objects[0]}, "audit_organization_subject (organization_id=? AND (subject_id,at)>(?,?) AND (subject_id,at)<(?,?)"},
		{"everything at once", shop, Filter{Object: objects[0], Actor: "ada", Action: "key.revoke"}, "audit_organization_subject (organization_id=? AND (subject_id,at)>(?,?) AND (subject_id,at)<(?,?)"},
		{"a text", acme, Filter{Object: "check"}, "audit_organization (organization_id=? AND at>? AND at<?"},
		{"the label of an actor", shop, Filter{Actor: "ada@example.com"}, "audit_project (project_id=? AND at>? AND at<?"},
	} {
		err := i.dir.Core.Read(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			s, err := newSearch(ctx, tx, c.place, c.f)
			if err != nil {
				return err
			}
			for _, newer := range []bool{false, true} {
				for _, q := range []query{first(s.query(c.f.Action)), s.indexed(c.f.Action)} {
					q.between(Cursor{1, 1}, Cursor{2, 2})
					rows, err := tx.QueryContext(ctx, "EXPLAIN QUERY PLAN "+columns+" WHERE "+q.text()+q.order(newer)+" LIMIT 51", q.args...)
					if err != nil {
						return err
					}
					var plan []string
					for rows.Next() {
						var id, parent, unused int
						var detail string
						if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
							return err
						}
						plan = append(plan, detail)
					}
					if err := rows.Close(); err != nil {
						return err
					}
					want := "SEARCH audit USING INDEX " + c.index + ")"
					if len(plan) != 1 || plan[0] != want {
						t.Errorf("%s: %q, want %q", c.name, plan, want)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func first[T, U any](v T, _ U) T { return v }
