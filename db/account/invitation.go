package account

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// InvitationLife is how long the link of an invitation is good for.
const InvitationLife = 7 * 24 * time.Hour

// MaxInvitations is how many invitations Invitations lists at most, and how many of an organization can wait to be
// accepted: none that works is out of sight.
const MaxInvitations = 200

// waits is the condition that an invitation i was neither accepted nor revoked and is in time at $2.
const waits = "(i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2)"

// Invitation lets whoever holds its link become a member of an organization under one e-mail address. Of the link's
// token only a hash is kept.
type Invitation struct {
	ID         string
	Email      string // in canonical form
	Role       permission.Role
	Projects   []ProjectRole
	InvitedBy  string // address of the one who answers for it; "" for the command line
	CreatedAt  time.Time
	IssuedAt   time.Time // when its present link was made
	ExpiresAt  time.Time
	AcceptedAt time.Time // zero: not accepted
	RevokedAt  time.Time // zero: not revoked
	able       bool      // the one who answers for it may still invite
	orgID      string
}

// InvitationState is what an invitation is good for at a moment.
type InvitationState string

// The states of an invitation. Only a pending one can be accepted.
const (
	InvitationPending  InvitationState = "pending"
	InvitationExpired  InvitationState = "expired"
	InvitationAccepted InvitationState = "accepted"
	InvitationRevoked  InvitationState = "revoked"
	InvitationVoid     InvitationState = "void" // its inviter may invite no longer
)

// State tells what the invitation is good for at a moment.
func (i Invitation) State(now time.Time) InvitationState {
	switch {
	case !i.AcceptedAt.IsZero():
		return InvitationAccepted
	case !i.RevokedAt.IsZero():
		return InvitationRevoked
	case !now.Before(i.ExpiresAt):
		return InvitationExpired
	case !i.able:
		return InvitationVoid
	}
	return InvitationPending
}

// errNoInvitation is the answer to every token that is good for nothing, whatever the reason.
var errNoInvitation = fault.New(fault.NotFound, "This invitation does not work.").WithReason("no_invitation")

// invitationColumns tell with the invitation whether its inviter may still invite.
const invitationColumns = `
	SELECT i.id, i.organization_id, i.email, i.role, u.email, i.created_at, i.issued_at, i.expires_at, i.accepted_at, i.revoked_at,
		i.invited_by IS NULL OR EXISTS (
			SELECT 1 FROM members m
			WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by AND m.role = 'ORGANIZATION_ADMIN'
				AND u.disabled_at IS NULL)
	FROM invitations i LEFT JOIN users u ON u.id = i.invited_by`

func scanInvitation(s db.Scanner) (Invitation, error) {
	var i Invitation
	var by sql.NullString
	var created, issued, expires, accepted, revoked sql.NullInt64
	err := s.Scan(&i.ID, &i.orgID, &i.Email, &i.Role, &by, &created, &issued, &expires, &accepted, &revoked, &i.able)
	i.InvitedBy, i.CreatedAt, i.IssuedAt, i.ExpiresAt = by.String, db.Time(created), db.Time(issued), db.Time(expires)
	i.AcceptedAt, i.RevokedAt = db.Time(accepted), db.Time(revoked)
	return i, err
}

func (i *Invitation) fill(ctx context.Context, tx *db.Tx) (err error) {
	i.Projects, err = db.Query(ctx, tx, func(row db.Scanner) (ProjectRole, error) {
		var r ProjectRole
		err := row.Scan(&r.ProjectID, &r.Name, &r.Slug, &r.Role)
		return r, err
	}, `
		SELECT p.id, p.name, p.slug, r.role
		FROM invitation_projects r JOIN projects p ON p.id = r.project_id
		WHERE r.invitation_id = $1
		ORDER BY p.name, p.id`, i.ID)
	return err
}

// Invitations lists the invitations of an organization: those that wait to be accepted and then the others, the newest
// first. It needs members.modify.
func (s *Store) Invitations(ctx context.Context, who audit.Who, orgSlug string) ([]Invitation, error) {
	var list []Invitation
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.MembersModify, orgSlug)
		if err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanInvitation, invitationColumns+`
			WHERE i.organization_id = $1
			ORDER BY `+waits+` DESC, i.issued_at DESC, i.id
			LIMIT $3`, o.ID, tx.NowMillis(), MaxInvitations)
		for n := range list {
			if err == nil {
				err = list[n].fill(ctx, tx)
			}
		}
		return err
	})
	return list, err
}

// Invitation gives one invitation of an organization. It needs members.modify.
func (s *Store) Invitation(ctx context.Context, who audit.Who, orgSlug, id string) (Invitation, error) {
	var i Invitation
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.MembersModify, orgSlug)
		if err != nil {
			return err
		}
		i, err = findInvitation(ctx, tx, o.ID, id)
		return err
	})
	return i, err
}

func findInvitation(ctx context.Context, tx *db.Tx, orgID, id string) (Invitation, error) {
	i, err := db.One(ctx, tx, errNoInvitation, scanInvitation, invitationColumns+" WHERE i.organization_id = $1 AND i.id = $2", orgID, id)
	if err != nil {
		return Invitation{}, err
	}
	return i, i.fill(ctx, tx)
}

// NewInvitation is what an invitation is made from.
type NewInvitation struct {
	Email    string
	Role     permission.Role
	Projects map[string]permission.Role // by the id of the project
}

func (in *NewInvitation) check() error {
	fields := fault.Fields{}
	var err error
	if in.Email, err = Email(in.Email); err != nil {
		fields.Add("email", fault.From(err).Fields["email"])
	}
	if checkRole(in.Role) != nil {
		fields.Add("role", "Choose a role.")
	}
	for _, role := range in.Projects {
		if !role.OfProject() {
			fields.Add("project-role", "Choose PROJECT_ADMIN or PROJECT_VIEWER.")
		}
	}
	return fields.Err()
}

// Invite makes an invitation with a link that is good for InvitationLife, and hands the link's token to keep: it exists
// nowhere else. It needs members.modify. Of an address that was invited before and did not accept, the earlier
// invitation ends, unless it can still be accepted.
func (s *Store) Invite(ctx context.Context, who audit.Who, orgSlug string, in NewInvitation, keep Keep) (Invitation, error) {
	if err := in.check(); err != nil {
		return Invitation{}, err
	}
	i := Invitation{ID: uuid.NewString(), Email: in.Email, Role: in.Role}
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.MembersModify, orgSlug)
		if err != nil {
			return err
		}
		if err := room(ctx, tx, o); err != nil {
			return err
		}
		if err := clearFor(ctx, tx, o, in.Email); err != nil {
			return err
		}
		token := secret.Token()
		if err := s.insertInvitation(ctx, tx, who, o, i.ID, in, token); err != nil {
			return err
		}
		if i, err = findInvitation(ctx, tx, o.ID, i.ID); err != nil {
			return err
		}
		if err := s.noteInvitation(ctx, tx, who, audit.InvitationCreate, i, invited(i)); err != nil {
			return err
		}
		return keep(ctx, tx, secret.Minted{ID: i.ID, Name: i.Email, Secret: token})
	})
	return i, err
}

// room refuses where too many invitations wait already.
func room(ctx context.Context, tx *db.Tx, o Organization) error {
	n, err := db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM invitations i WHERE i.organization_id = $1 AND "+waits, o.ID, tx.NowMillis())
	if err == nil && n >= MaxInvitations {
		err = fault.New(fault.Conflict, fmt.Sprintf("%d invitations wait to be accepted. Revoke some of them first.", n)).WithReason("too_many")
	}
	return err
}

// clearFor makes room for an invitation of an address, or says why there is none.
func clearFor(ctx context.Context, tx *db.Tx, o Organization, email string) error {
	n, err := db.One(ctx, tx, nil, db.Int, `
		SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.organization_id = $1 AND u.email = $2`, o.ID, email)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.Field("email", "Somebody with this address is a member already.")
	}
	old, err := db.One(ctx, tx, errNoInvitation, scanInvitation, invitationColumns+`
		WHERE i.organization_id = $1 AND i.email = $2 AND i.accepted_at IS NULL`, o.ID, email)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case old.State(tx.Now) == InvitationPending:
		return fault.Field("email", "This address has an invitation that still works. Revoke it, or make a new link for it.")
	}
	_, err = db.Exec(ctx, tx, "DELETE FROM invitations WHERE id = $1", old.ID)
	return err
}

func (s *Store) insertInvitation(ctx context.Context, tx *db.Tx, who audit.Who, o Organization, id string, in NewInvitation, token secret.Secret) error {
	_, err := db.Exec(ctx, tx, `
		INSERT INTO invitations (id, organization_id, email, role, token_hash, created_at, invited_by, issued_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8)`,
		id, o.ID, in.Email, string(in.Role), tokenHash(token.Reveal()), tx.NowMillis(), inviter(who), tx.Now.Add(InvitationLife).UnixMilli())
	if err != nil {
		return fmt.Errorf("insert invitation: %w", err)
	}
	for _, project := range slices.Sorted(maps.Keys(in.Projects)) {
		n, err := db.Exec(ctx, tx, `
			INSERT INTO invitation_projects (invitation_id, organization_id, project_id, role)
			SELECT $1, p.organization_id, p.id, $2
			FROM projects p
			WHERE p.organization_id = $3 AND p.id = $4`, id, string(in.Projects[project]), o.ID, project)
		if err != nil {
			return fmt.Errorf("insert project of invitation: %w", err)
		}
		if n == 0 {
			return errNoProject
		}
	}
	return nil
}

func tokenHash(token string) string {
	h := secret.HashToken(token)
	return hex.EncodeToString(h[:])
}

// inviter is who answers for an invitation: nobody where it comes from the command line.
func inviter(who audit.Who) any {
	if who.Kind == permission.System {
		return nil
	}
	return who.ID
}

func (s *Store) noteInvitation(ctx context.Context, tx *db.Tx, who audit.Who, action audit.Action, i Invitation, changes []audit.Change) error {
	return s.log.Append(ctx, tx, who, audit.Event{Action: action, Organization: i.orgID, SubjectID: i.ID, SubjectLabel: i.Email, Changes: changes})
}

// invited tells what an invitation offers.
func invited(i Invitation) []audit.Change {
	list := audit.Diff("role", "", string(i.Role))
	for _, p := range i.Projects {
		list = append(list, audit.Diff("role in "+p.Name, "", string(p.Role))...)
	}
	return append(list, audit.Diff("expires", "", i.ExpiresAt.Format(time.RFC3339))...)
}

// RenewInvitation makes a new link for an invitation that was not accepted, and ends the one before; the asker answers
// for it from then on. It needs members.modify.
func (s *Store) RenewInvitation(ctx context.Context, who audit.Who, orgSlug, id string, keep Keep) (Invitation, error) {
	var i Invitation
	err := s.changeInvitation(ctx, who, orgSlug, id, func(ctx context.Context, tx *db.Tx, o Organization, before Invitation) (err error) {
		if before.State(tx.Now) != InvitationPending {
			if err := room(ctx, tx, o); err != nil {
				return err
			}
		}
		token := secret.Token()
		if _, err := db.Exec(ctx, tx, `
			UPDATE invitations
			SET token_hash = $1, issued_at = $2, expires_at = $3, invited_by = $4, revoked_at = NULL
			WHERE id = $5`,
			tokenHash(token.Reveal()), tx.NowMillis(), tx.Now.Add(InvitationLife).UnixMilli(), inviter(who), id); err != nil {
			return fmt.Errorf("renew invitation: %w", err)
		}
		if i, err = findInvitation(ctx, tx, o.ID, id); err != nil {
			return err
		}
		changes := audit.Diff("expires", before.ExpiresAt.Format(time.RFC3339), i.ExpiresAt.Format(time.RFC3339))
		if err := s.noteInvitation(ctx, tx, who, audit.InvitationRenew, i, changes); err != nil {
			return err
		}
		return keep(ctx, tx, secret.Minted{ID: i.ID, Name: i.Email, Secret: token})
	})
	return i, err
}

// RevokeInvitation ends an invitation that was not accepted: its link does nothing from then on. It needs
// members.modify. Revoking twice gives the first result.
func (s *Store) RevokeInvitation(ctx context.Context, who audit.Who, orgSlug, id string) error {
	return s.changeInvitation(ctx, who, orgSlug, id, func(ctx context.Context, tx *db.Tx, _ Organization, before Invitation) error {
		if !before.RevokedAt.IsZero() {
			return nil
		}
		if _, err := db.Exec(ctx, tx, "UPDATE invitations SET revoked_at = $1 WHERE id = $2", tx.NowMillis(), id); err != nil {
			return fmt.Errorf("revoke invitation: %w", err)
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE subject_id = $1", id); err != nil {
			return err
		}
		return s.noteInvitation(ctx, tx, who, audit.InvitationRevoke, before, audit.Diff("status", string(before.State(tx.Now)), string(InvitationRevoked)))
	})
}

// changeInvitation runs a change of an invitation that was not accepted.
func (s *Store) changeInvitation(ctx context.Context, who audit.Who, orgSlug, id string,
	f func(ctx context.Context, tx *db.Tx, o Organization, before Invitation) error) error {
	return s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		o, err := organizationFor(ctx, tx, who, permission.MembersModify, orgSlug)
		if err != nil {
			return err
		}
		before, err := findInvitation(ctx, tx, o.ID, id)
		if err != nil {
			return err
		}
		if !before.AcceptedAt.IsZero() {
			return fault.New(fault.Conflict, "This invitation was accepted. Its link does nothing any more.").WithReason("accepted")
		}
		return f(ctx, tx, o, before)
	})
}
