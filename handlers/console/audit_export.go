package console

import (
	"context"
	"encoding/json"
	"io"
	"strconv"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/web"
)

// exportAudit sends what the filter finds as a file. It is posted, because it is written down.
func (s *console) exportAudit(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, format := visitorOf(c), "csv"
	if form.Get("format") == "jsonl" {
		format = "jsonl"
	}
	in := audit.Wanted{Place: v.place(), Label: v.organization.Name, Format: format, Filter: s.auditFilter(readAuditFilter(form))}
	name := "audit-" + v.organization.Slug
	if v.project.ID != "" {
		in.Label = v.project.Name
		name += "-" + v.project.Slug
	}
	name += "-" + s.Now().Format("20060102-150405") + "." + format
	if format == "csv" {
		return web.Download(c, name, "text/csv; charset=utf-8; header=present", func(ctx context.Context, w io.Writer) error {
			return s.exportCSV(ctx, v, in, web.NewCSV(w))
		})
	}
	return web.Download(c, name, "application/jsonl", func(ctx context.Context, w io.Writer) error {
		lines := json.NewEncoder(w)
		return s.Audit.Export(ctx, v.Who, in, func(r audit.Row) error { return lines.Encode(lineOf(r)) })
	})
}

// exported is an event in an export: all that its link of the chain was made from, the link before it, and the link.
type exported struct {
	Seq          int64          `json:"seq"`
	ID           string         `json:"id"`
	At           string         `json:"at"`
	Organization string         `json:"organization_id"`
	Project      string         `json:"project_id"`
	ActorKind    string         `json:"actor_kind"`
	ActorID      string         `json:"actor_id"`
	Actor        string         `json:"actor_label"`
	Address      string         `json:"address"`
	RequestID    string         `json:"request_id"`
	Action       string         `json:"action"`
	SubjectID    string         `json:"subject_id"`
	Subject      string         `json:"subject_label"`
	Changes      []audit.Change `json:"changes"`
	Before       string         `json:"previous_hash"`
	Hash         string         `json:"hash"`
}

func lineOf(r audit.Row) exported {
	return exported{
		Seq: r.Seq, ID: r.ID, At: exactly(r.At).Machine, Organization: r.Organization, Project: r.Project, ActorKind: string(r.ActorKind),
		ActorID: r.ActorID, Actor: r.ActorLabel, Address: r.Address, RequestID: r.RequestID, Action: string(r.Action),
		SubjectID: r.SubjectID, Subject: r.SubjectLabel, Changes: r.Changes, Before: r.Before, Hash: r.Hash,
	}
}

func (s *console) exportCSV(ctx context.Context, v *visitor, in audit.Wanted, w web.CSV) error {
	head := true
	err := s.Audit.Export(ctx, v.Who, in, func(r audit.Row) error {
		if head {
			head = false
			if err := w.Row(exportColumns...); err != nil {
				return err
			}
		}
		e := lineOf(r)
		changes, err := json.Marshal(e.Changes)
		if err != nil {
			return err
		}
		return w.Row(strconv.FormatInt(e.Seq, 10), e.ID, e.At, e.Organization, e.Project, e.ActorKind, e.ActorID, e.Actor, e.Address, e.RequestID,
			e.Action, e.SubjectID, e.Subject, string(changes), e.Before, e.Hash)
	})
	if err == nil && head {
		err = w.Row(exportColumns...) // a file without events says so
	}
	if err != nil {
		return err
	}
	return w.Flush()
}

var exportColumns = []string{"seq", "id", "at", "organization_id", "project_id", "actor_kind", "actor_id", "actor_label", "address", "request_id",
	"action", "subject_id", "subject_label", "changes", "previous_hash", "hash"}
