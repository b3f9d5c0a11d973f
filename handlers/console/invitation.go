package console

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) inviteForm(c echo.Context) error {
	return s.showInvite(c, http.StatusOK, "", string(permission.OrganizationMember), nil, views.Form{})
}

func (s *console) showInvite(c echo.Context, status int, email, role string, roles map[string]permission.Role, form views.Form) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavMembers)
	if err != nil {
		return err
	}
	choices, err := s.projectChoices(c.Request().Context(), v, roles)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.Invite(views.InvitePage{Page: p, Form: form, Email: email, Role: role, Projects: choices}))
}

// keepFor puts a new secret aside for the visitor's session.
func keepFor(v *visitor) account.Keep {
	return func(ctx context.Context, tx *db.Tx, m secret.Minted) error {
		return session.StashTx(ctx, tx, v.token, m.ID, m.Secret)
	}
}

// invite makes an invitation and goes to the page that shows its link, once.
func (s *console) invite(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, roles := visitorOf(c), chosenRoles(form)
	in := account.NewInvitation{Email: form.Get("email"), Role: permission.Role(form.Get("role")), Projects: maps.Clone(roles)}
	maps.DeleteFunc(in.Projects, func(_ string, r permission.Role) bool { return r == "" })
	i, err := s.Accounts.Invite(c.Request().Context(), v.Who, v.organization.Slug, in, keepFor(v))
	if err != nil {
		return again(roleProblem(err), func(status int, messages views.Form) error {
			return s.showInvite(c, status, form.Get("email"), form.Get("role"), roles, messages)
		})
	}
	return web.Redirect(c, views.OneInvitationURL(v.organization.Slug, i.ID))
}

// roleProblem says in the words of the page what the rules say in those of the API.
func roleProblem(err error) error {
	if f := fault.From(err); f != nil && f.Fields["role"] != "" {
		fields := maps.Clone(f.Fields)
		fields["role"] = views.NoRole
		return &fault.Error{Kind: f.Kind, Message: f.Message, Fields: fields}
	}
	return err
}

func (s *console) invitationItem(i account.Invitation) views.InvitationItem {
	return views.InvitationItem{
		ID: i.ID, Email: i.Email, Role: string(i.Role), Projects: projectRoles(i.Projects), State: string(i.State(s.Now())),
		Issued: views.Ago(i.IssuedAt, s.Now()), InvitedBy: i.InvitedBy, Expires: views.Day(i.ExpiresAt, s.Now()),
	}
}

// oneInvitation shows an invitation, with its link while that waits for this session.
func (s *console) oneInvitation(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	i, err := s.Accounts.Invitation(ctx, v.Who, v.organization.Slug, c.Param("invitation"))
	if err != nil {
		return err
	}
	token, err := s.Rows.Peek(ctx, v.token, i.ID)
	if errors.Is(err, session.ErrGone) {
		p, err := s.page(c, v, views.NavMembers)
		if err != nil {
			return err
		}
		return web.Render(c, http.StatusOK, views.Invitation(views.InvitationPage{Page: p, Item: s.invitationItem(i)}))
	}
	if err != nil {
		return err
	}
	behind, err := s.membersPage(c)
	if err != nil {
		return err
	}
	link := s.absolute(views.InvitationLinkURL(token.Reveal()))
	return web.RenderSecret(c, http.StatusOK, views.Invitation(views.InvitationPage{Page: behind.Page, Behind: &behind,
		Item: s.invitationItem(i), Link: link, Until: views.Moment(i.IssuedAt.Add(session.StashLife), s.Now())}))
}

// invitationDone destroys the link that waits for this session.
func (s *console) invitationDone(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	i, err := s.Accounts.Invitation(ctx, v.Who, v.organization.Slug, c.Param("invitation"))
	if err != nil {
		return err
	}
	if err := s.Rows.Forget(ctx, v.token, i.ID); err != nil {
		return err
	}
	return web.Redirect(c, done(views.MembersURL(v.organization.Slug), "invited"))
}

func (s *console) renewInvitation(c echo.Context) error {
	v := visitorOf(c)
	i, err := s.Accounts.RenewInvitation(c.Request().Context(), v.Who, v.organization.Slug, c.Param("invitation"), keepFor(v))
	if err != nil {
		return err
	}
	return web.Redirect(c, views.OneInvitationURL(v.organization.Slug, i.ID))
}

func (s *console) revokeInvitation(c echo.Context) error {
	v := visitorOf(c)
	if err := s.Accounts.RevokeInvitation(c.Request().Context(), v.Who, v.organization.Slug, c.Param("invitation")); err != nil {
		return err
	}
	return web.Redirect(c, done(views.MembersURL(v.organization.Slug), "invitation-revoked"))
}
