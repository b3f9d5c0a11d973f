package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"latchkey/db/dbtest"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

func (i instance) export(who Who, place permission.Target, f Filter) ([]Row, error) {
	var rows []Row
	err := i.Export(context.Background(), who, Wanted{Place: place, Label: "Shop", Format: "csv", Filter: f}, func(r Row) error {
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

func TestExportGivesRowsThatCanBeVerified(t *testing.T) {
	i := openInstance(t)
	i.scatter(1600) // more than one page
	i.clock.Add(1000 * time.Hour)
	var want []int64
	for _, r := range i.all() {
		if passes(r, shop, Filter{Action: "key.*"}) {
			want = append(want, r.Seq)
		}
	}
	rows, err := i.export(system, shop, Filter{Action: "key.*"})
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, r := range rows {
		got = append(got, r.Seq)
		if ok, err := i.Fits(r); !ok || err != nil {
			t.Errorf("event %d does not fit: %v", r.Seq, err)
		}
	}
	if !slices.Equal(got, want) || len(got) <= exportPage {
		t.Errorf("%d events, want %d", len(got), len(want))
	}
	for name, change := range map[string]func(*Row){
		"the label": func(r *Row) { r.SubjectLabel += "x" }, "the time": func(r *Row) { r.At = r.At.Add(time.Millisecond) },
		"the place": func(r *Row) { r.Seq++ }, "the link before": func(r *Row) { r.Before = r.Hash }, "a change": func(r *Row) { r.Changes = []Change{{Field: "x"}} },
	} {
		r := rows[3]
		change(&r)
		if ok, _ := i.Fits(r); ok {
			t.Errorf("an event fits with another value of %s", name)
		}
	}
}

func TestExportIsWrittenDown(t *testing.T) {
	i := openInstance(t)
	i.add(user("ada"), Event{Action: KeyCreate, Organization: "acme", Project: "shop", SubjectLabel: "x"})
	ada := user("ada", permission.Grant{Organization: "acme", Role: permission.OrganizationAdmin})
	from := dbtest.Start.Add(-time.Hour)
	rows, err := i.export(ada, shop, Filter{Actor: "ada", From: from})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d events, %v", len(rows), err)
	}
	last := i.all()[0]
	if last.Action != AuditExport || last.ActorID != "ada" || last.Organization != "acme" || last.Project != "shop" || last.SubjectID != "shop" || last.SubjectLabel != "Shop" {
		t.Errorf("%+v", last)
	}
	if got := fmt.Sprint(last.Changes); got != "[{format  csv} {actor  ada} {from  2026-03-14T08:26:53Z}]" {
		t.Error(got)
	}
	// Also where it is broken off, and never where it was refused.
	gone := errors.New("the reader went away")
	err = i.Export(context.Background(), ada, Wanted{Place: acme, Label: "Acme", Format: "jsonl"}, func(Row) error { return gone })
	if !errors.Is(err, gone) || i.all()[0].SubjectID != "acme" {
		t.Errorf("%v, %+v", err, i.all()[0])
	}
	n := len(i.all())
	if _, err := i.export(user("eve"), shop, Filter{}); !fault.Is(err, fault.NotFound) || len(i.all()) != n {
		t.Errorf("%v, %d events more", err, len(i.all())-n)
	}
}

// Whoever is signed out in the middle of an export gets no more of it.
func TestExportEndsWithItsSession(t *testing.T) {
	i := openInstance(t)
	i.scatter(600)
	i.clock.Add(1000 * time.Hour)
	ada := user("ada", permission.Grant{Organization: "acme", Role: permission.OrganizationAdmin})
	ended := fault.New(fault.Unauthenticated, "ended")
	alive := true
	ada.Again = func(context.Context) (permission.Principal, error) {
		if !alive {
			return permission.Principal{}, ended
		}
		return ada.Principal, nil
	}
	n := 0
	err := i.Export(context.Background(), ada, Wanted{Place: acme, Label: "Acme", Format: "csv"}, func(Row) error {
		n++
		alive = false
		return nil
	})
	if !errors.Is(err, ended) || n != exportPage {
		t.Errorf("%d events, %v", n, err)
	}
}
