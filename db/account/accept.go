package account

import (
	"context"
	"fmt"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Offer is an invitation as whoever holds its link may see it.
type Offer struct {
	Invitation
	Organization string // name
	Known        bool   // there is a user with the address already, who has to sign in
}

// Offer gives what a link's token is good for. Every token that is good for nothing gives the same error: one that never
// was, that was used, revoked or replaced, whose time is over, or whose inviter may no longer invite.
func (s *Store) Offer(ctx context.Context, token string) (Offer, error) {
	var f Offer
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, o, err := openInvitation(ctx, tx, token)
		if err != nil {
			return err
		}
		_, err = findUser(ctx, tx, "email", i.Email)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		f = Offer{Invitation: i, Organization: o.Name, Known: err == nil}
		return nil
	})
	return f, err
}

// openInvitation finds the invitation of a token, if it can be accepted now. The token is looked up by its hash: how long
// that takes tells nothing about it.
func openInvitation(ctx context.Context, tx *db.Tx, token string) (Invitation, Organization, error) {
	none := func(err error) (Invitation, Organization, error) { return Invitation{}, Organization{}, err }
	i, err := db.One(ctx, tx, errNoInvitation, scanInvitation, invitationColumns+" WHERE i.token_hash = $1", tokenHash(token))
	if err != nil {
		return none(err)
	}
	if i.State(tx.Now) != InvitationPending {
		return none(errNoInvitation)
	}
	o, err := db.One(ctx, tx, errNoInvitation, scanOrganization, organizationColumns+" FROM organizations o WHERE o.id = $1", i.orgID)
	if err != nil {
		return none(err)
	}
	return i, o, i.fill(ctx, tx)
}

// AcceptInvitation makes the asking user a member, with the roles that were offered to their address.
func (s *Store) AcceptInvitation(ctx context.Context, who audit.Who, token string) (Organization, error) {
	var o Organization
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		i, into, err := openInvitation(ctx, tx, token)
		if err != nil {
			return err
		}
		u, err := findUser(ctx, tx, "id", who.ID)
		if err != nil {
			return err
		}
		if who.Kind != permission.User || u.Email != i.Email {
			return fault.New(fault.Forbidden, "This invitation is for another address.").WithReason("other_address")
		}
		o = into
		return s.accept(ctx, tx, who, i, o, u)
	})
	return o, err
}

// AcceptAsNew makes a user of somebody who has no account, with the password they chose, and makes them a member with the
// roles that were offered. who is the request; the token is its proof.
func (s *Store) AcceptAsNew(ctx context.Context, who audit.Who, token string, password secret.Secret) (User, Organization, error) {
	offer, err := s.Offer(ctx, token)
	if err != nil {
		return User{}, Organization{}, err
	}
	hash, err := s.hashNew(ctx, password, offer.Email, offer.Organization)
	if err != nil {
		return User{}, Organization{}, err
	}
	var u User
	var o Organization
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		i, into, err := openInvitation(ctx, tx, token)
		if err != nil {
			return err
		}
		who.Label = "invitation link"
		if u, err = s.insertUser(ctx, tx, who, i.Email, hash, into.ID); err != nil {
			return err
		}
		o = into
		who.Kind, who.ID, who.Label = permission.User, u.ID, u.Email
		return s.accept(ctx, tx, who, i, o, u)
	})
	return u, o, err
}

// accept uses an invitation up.
func (s *Store) accept(ctx context.Context, tx *db.Tx, who audit.Who, i Invitation, o Organization, u User) error {
	n, err := db.Exec(ctx, tx, `
		UPDATE invitations SET accepted_at = $1, accepted_by = $2
		WHERE id = $3 AND accepted_at IS NULL AND revoked_at IS NULL`, tx.NowMillis(), u.ID, i.ID)
	if err != nil {
		return fmt.Errorf("accept invitation: %w", err)
	}
	if n == 0 {
		return errNoInvitation
	}
	if _, err := db.Exec(ctx, tx, "DELETE FROM reveals WHERE subject_id = $1", i.ID); err != nil {
		return err
	}
	if err := s.noteInvitation(ctx, tx, who, audit.InvitationAccept, i, nil); err != nil {
		return err
	}
	if err := s.addMember(ctx, tx, who, o, u, i.Role); err != nil {
		return err
	}
	roles := map[string]permission.Role{}
	for _, p := range i.Projects {
		roles[p.ProjectID] = p.Role
	}
	return s.setProjectRoles(ctx, tx, who, o.ID, u, roles)
}
