// Package audit keeps the history: who did what to what, when, from where, and what changed from what to what.
//
// An event is written in the transaction of the change it tells of; if it cannot be written, the change does not
// happen. Each row carries an HMAC over itself and the row before it, under a key derived from the master key: an
// edited, moved or removed row breaks the chain at a place that Verify names. Rows cut off at the very end cannot be
// noticed from inside the database.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Action names what happened: "<subject>.<verb>".
type Action string

// The actions. New ones are added at the end.
const (
	InstanceSetUp      Action = "instance.set_up"
	UserCreate         Action = "user.create"
	UserDisable        Action = "user.disable"
	UserPassword       Action = "user.password"
	UserLogin          Action = "user.login"
	UserLogout         Action = "user.logout"
	OrganizationCreate Action = "organization.create"
	MemberAdd          Action = "member.add"
	MemberUpdate       Action = "member.update"
	MemberRemove       Action = "member.remove"
	ProjectCreate      Action = "project.create"
	ProjectUpdate      Action = "project.update"
	KeyCreate          Action = "key.create"
	KeyUpdate          Action = "key.update"
	KeyRevoke          Action = "key.revoke"
	KeyReveal          Action = "key.reveal"
	EngineCreate       Action = "engine.create"
	EngineUpdate       Action = "engine.update"
	EngineDelete       Action = "engine.delete"
	SearchQueryCreate  Action = "search_query.create"
	SearchQueryUpdate  Action = "search_query.update"
	SearchQueryDelete  Action = "search_query.delete"
	OrganizationUpdate Action = "organization.update"
	OrganizationDelete Action = "organization.delete"
	ProjectDelete      Action = "project.delete"
	InvitationCreate   Action = "invitation.create"
	InvitationRenew    Action = "invitation.renew"
	InvitationRevoke   Action = "invitation.revoke"
	InvitationAccept   Action = "invitation.accept"
	UserEnable         Action = "user.enable"
	UserInstanceAdmin  Action = "user.instance_admin"
	BackupCreate       Action = "backup.create"
	BackupDelete       Action = "backup.delete"
	BackupRestore      Action = "backup.restore"
	AuditExport        Action = "audit.export"
	SessionEnd         Action = "session.end"
	KeyImport          Action = "key.import"
	SynonymSetCreate   Action = "synonym_set.create"
	SynonymSetUpdate   Action = "synonym_set.update"
	SynonymSetDelete   Action = "synonym_set.delete"
	CurationCreate     Action = "curation.create"
	CurationUpdate     Action = "curation.update"
	CurationDelete     Action = "curation.delete"
	SettingsUpdate     Action = "search_settings.update"
	KeySign            Action = "key.sign"
)

// Who is a principal together with the request it speaks through.
type Who struct {
	permission.Principal
	Address   string // of the client, without port
	UserAgent string
	RequestID string
	// Again proves the principal once more, as it is now. A request may wait long between its guard and its change, such
	// as for the rest of its body, and what proved it may have ended. nil: it is proven for good.
	Again func(ctx context.Context) (permission.Principal, error)
}

// errChanged is the answer where what somebody may do is not what it was when their request began.
var errChanged = fault.New(fault.Forbidden, "What you may do was changed while this was being done. Try again.").WithReason("changed")

// Confirm asks whether what proved the principal still holds, with the same rights. Whatever changes something asks
// this at the start of each of its transactions: while it holds the writer, no revocation can be acknowledged.
func (w Who) Confirm(ctx context.Context) error {
	if w.Again == nil {
		return nil
	}
	now, err := w.Again(ctx)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(now, w.Principal) {
		return errChanged
	}
	return nil
}

// Write runs a change that somebody asked for, in one transaction of the core database, if they may still ask.
func (l *Log) Write(ctx context.Context, who Who, f func(ctx context.Context, tx *db.Tx) error) error {
	return l.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := who.Confirm(ctx); err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

// CommandLine is who acts on the command line of the machine itself.
func CommandLine() Who {
	return Who{Principal: permission.Principal{Kind: permission.System, ID: "system", Label: "command line"}}
}

// Change is one field that got another value. Secrets never stand here, keys only in their visible form.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// Diff gives a change where the two values differ, as a list to append to others.
func Diff(field, from, to string) []Change {
	if from == to {
		return nil
	}
	return []Change{{Field: field, From: from, To: to}}
}

// Event is what to write down.
type Event struct {
	Action       Action
	Organization string // id, empty for events of the instance
	Project      string // id, empty for events of the organization
	SubjectID    string
	SubjectLabel string // how people know the subject: a name, an address, a visible key
	Changes      []Change
}

// Record is an event as it was written down.
type Record struct {
	Event
	Seq        int64
	ID         string
	At         time.Time
	ActorKind  permission.Kind
	ActorID    string
	ActorLabel string
	Address    string
	RequestID  string
	Hash       string // its link of the chain
}

// Log is the history. It is safe for concurrent use.
type Log struct {
	db  *db.DB
	key []byte
}

// NewLog opens the history of an instance.
func NewLog(d *db.DB, master *secret.Master) (*Log, error) {
	key, err := master.Derive(secret.LabelAudit)
	return &Log{db: d, key: key}, err
}

// Append writes an event down, in the transaction of the change it tells of.
func (l *Log) Append(ctx context.Context, tx *db.Tx, who Who, e Event) error {
	last, err := db.One(ctx, tx, nil, scan, columns+" ORDER BY seq DESC LIMIT 1")
	if err != nil {
		return fmt.Errorf("read end of audit log: %w", err)
	}
	r := Record{
		Event: e, Seq: last.Seq + 1, ID: uuid.NewString(), At: tx.Now,
		ActorKind: who.Kind, ActorID: who.ID, ActorLabel: who.Label, Address: who.Address, RequestID: who.RequestID,
	}
	if r.Changes == nil {
		r.Changes = []Change{}
	}
	changes, err := json.Marshal(r.Changes)
	if err != nil {
		return err
	}
	if r.Hash, err = l.seal(last.Hash, r); err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO audit (seq, id, at, organization_id, project_id, actor_kind, actor_id, actor_label, address,
			request_id, action, subject_id, subject_label, changes, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		r.Seq, r.ID, r.At.UnixMilli(), r.Organization, r.Project, string(r.ActorKind), r.ActorID, r.ActorLabel, r.Address,
		r.RequestID, string(r.Action), r.SubjectID, r.SubjectLabel, string(changes), r.Hash)
	if err != nil {
		return fmt.Errorf("write audit event: %w", err)
	}
	return nil
}

// seal computes a row's link of the chain: an HMAC over the link before it and all of its own columns. JSON of an
// array of strings is unambiguous, whatever the strings hold.
func (l *Log) seal(before string, r Record) (string, error) {
	changes, err := json.Marshal(r.Changes)
	if err != nil {
		return "", err
	}
	row, err := json.Marshal([]string{
		before, fmt.Sprint(r.Seq), r.ID, fmt.Sprint(r.At.UnixMilli()), r.Organization, r.Project, string(r.ActorKind),
		r.ActorID, r.ActorLabel, r.Address, r.RequestID, string(r.Action), r.SubjectID, r.SubjectLabel, string(changes),
	})
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, l.key)
	mac.Write(row)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

const columns = `
	SELECT seq, id, at, organization_id, project_id, actor_kind, actor_id, actor_label, address, request_id, action,
		subject_id, subject_label, changes, hash
	FROM audit`

func scan(s db.Scanner) (Record, error) {
	var r Record
	var at int64
	var changes string
	err := s.Scan(&r.Seq, &r.ID, &at, &r.Organization, &r.Project, &r.ActorKind, &r.ActorID, &r.ActorLabel, &r.Address,
		&r.RequestID, &r.Action, &r.SubjectID, &r.SubjectLabel, &changes, &r.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, err
	}
	if err != nil {
		return Record{}, fmt.Errorf("read audit event: %w", err)
	}
	r.At = time.UnixMilli(at).UTC()
	return r, json.Unmarshal([]byte(changes), &r.Changes)
}

// MaxHistory is how many events OfSubject gives at most.
const MaxHistory = 200

// OfSubject gives what happened to one subject, newest first, at most MaxHistory events. The caller has checked that
// the asker may see the subject.
func (l *Log) OfSubject(ctx context.Context, subjectID string) ([]Record, error) {
	var list []Record
	err := l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, scan, columns+" WHERE subject_id = $1 ORDER BY at DESC, seq DESC LIMIT $2", subjectID, MaxHistory)
		return err
	})
	return list, err
}

// Verdict is what Verify found.
type Verdict struct {
	Events int64  // how many were read
	Head   string // the last link of the chain; note it elsewhere to notice rows cut off at the end
	Broken int64  // the first event that does not fit; 0 if all do
}

// Verify reads the whole history and checks every link.
func (l *Log) Verify(ctx context.Context) (Verdict, error) {
	var v Verdict
	err := l.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.QueryContext(ctx, columns+" ORDER BY seq")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			r, err := scan(rows)
			if err != nil {
				return err
			}
			want, err := l.seal(v.Head, r)
			if err != nil {
				return err
			}
			if v.Events++; r.Seq != v.Events || r.Hash != want {
				v.Broken = v.Events
				return nil
			}
			v.Head = r.Hash
		}
		return rows.Err()
	})
	return v, err
}
