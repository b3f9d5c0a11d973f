package audit

import (
	"context"
	"fmt"
	"time"

	"latchkey/db"
	"latchkey/db/permission"
)

// exportPage is how many events an export reads at a time.
const exportPage = 200

// Wanted says what to export.
type Wanted struct {
	Place  permission.Target
	Label  string // how people know the place
	Format string // for the history only
	Filter Filter
}

// Row is an event with all that its link of the chain was made from, so that it can be verified later: the link before
// it, which may belong to an event that the export does not hold.
type Row struct {
	Record
	Before string
}

// Export writes down that a history is exported and then gives its events to each, newest first, from that moment back.
// It needs audit.read in the place, now and for every page of it. An error of each ends it.
func (l *Log) Export(ctx context.Context, who Who, in Wanted, each func(Row) error) error {
	if err := mayRead(who, in.Place); err != nil {
		return err
	}
	page := Page{Size: exportPage}
	if err := l.noteExport(ctx, who, in, &page.Cursor); err != nil {
		return err
	}
	for {
		rows, older, err := l.exportPage(ctx, who, in, page)
		if err != nil {
			return fmt.Errorf("export audit events: %w", err)
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
		if older == (Cursor{}) {
			return nil
		}
		page.Cursor = older
	}
}

// noteExport writes the export down and tells where in the history that is.
func (l *Log) noteExport(ctx context.Context, who Who, in Wanted, at *Cursor) error {
	return l.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		e := Event{Action: AuditExport, Organization: in.Place.Organization, Project: in.Place.Project, SubjectLabel: in.Label}
		if e.SubjectID = in.Place.Project; e.SubjectID == "" {
			e.SubjectID = in.Place.Organization
		}
		for _, c := range [][2]string{
			{"format", in.Format}, {"actor", in.Filter.Actor}, {"action", in.Filter.Action}, {"object", in.Filter.Object},
			{"from", moment(in.Filter.From)}, {"until", moment(in.Filter.Until)},
		} {
			e.Changes = append(e.Changes, Diff(c[0], "", c[1])...)
		}
		if err := l.Append(ctx, tx, who, e); err != nil {
			return err
		}
		last, err := db.One(ctx, tx, nil, scanCursor, "SELECT at, seq FROM audit ORDER BY seq DESC LIMIT 1")
		*at = last
		return err
	})
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (l *Log) exportPage(ctx context.Context, who Who, in Wanted, page Page) (rows []Row, older Cursor, err error) {
	// Before the reading and not in it: that asks the same database, and whoever holds one of its few connections while they
	// wait for another can wait for ever.
	if err := who.Confirm(ctx); err != nil {
		return nil, older, err
	}
	err = l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err := newSearch(ctx, tx, in.Place, in.Filter)
		if err != nil {
			return err
		}
		list, err := s.page(ctx, tx, page)
		if err != nil {
			return err
		}
		older = list.Older
		for _, r := range list.Records {
			row := Row{Record: r}
			if row.Before, err = db.One(ctx, tx, nil, db.String, "SELECT hash FROM audit WHERE seq = $1", r.Seq-1); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, older, err
}

// Fits reports whether an exported event is, to the last letter, the one this instance has written down after the link
// before it.
func (l *Log) Fits(r Row) (bool, error) {
	want, err := l.seal(r.Before, r.Record)
	return want == r.Hash, err
}
