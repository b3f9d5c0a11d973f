package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

// acceptForm shows what an invitation's link is good for, to whoever holds it.
func (s *console) acceptForm(c echo.Context) error {
	return s.showOffer(c, http.StatusOK, c.QueryParam("token"), views.Form{})
}

// noInvitation is the one answer to every token that is good for nothing.
func (s *console) noInvitation(c echo.Context) error {
	return web.Render(c, http.StatusNotFound, views.NoInvitation(s.bare(c)))
}

func (s *console) showOffer(c echo.Context, status int, token string, form views.Form) error {
	f, err := s.Accounts.Offer(c.Request().Context(), token)
	if fault.Is(err, fault.NotFound) {
		return s.noInvitation(c)
	}
	if err != nil {
		return err
	}
	v, err := s.visiting(c)
	if err != nil {
		return err
	}
	page := views.AcceptPage{
		Page: s.bare(c), Form: form, Token: token, Mode: modeFor(v, f), Email: f.Email, OrganizationName: f.Organization,
		Role: string(f.Role), Projects: projectRoles(f.Projects), InvitedBy: f.InvitedBy, Expires: views.Day(f.ExpiresAt, s.Now()),
	}
	if v != nil {
		page.SignedIn = v.user.Email
	}
	return web.RenderSecret(c, status, views.Accept(page))
}

// visiting gives who is signed in, or nil.
func (s *console) visiting(c echo.Context) (*visitor, error) {
	v, err := s.identify(c)
	if fault.Is(err, fault.Unauthenticated) {
		return nil, nil
	}
	return v, err
}

// modeFor says what whoever came has to do to accept.
func modeFor(v *visitor, f account.Offer) views.AcceptMode {
	switch {
	case v != nil && v.user.Email == f.Email:
		return views.AcceptJoin
	case v != nil:
		return views.AcceptOther
	case f.Known:
		return views.AcceptLogin
	}
	return views.AcceptNew
}

// accept makes a member of whoever holds the link and proves to be, or becomes, the invited one. What the form says is
// the token and a password; everything else the invitation says.
func (s *console) accept(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	token, ctx := form.Get("token"), c.Request().Context()
	f, err := s.Accounts.Offer(ctx, token)
	if fault.Is(err, fault.NotFound) {
		return s.noInvitation(c)
	}
	if err != nil {
		return err
	}
	v, err := s.visiting(c)
	if err != nil {
		return err
	}
	var o account.Organization
	switch modeFor(v, f) {
	case views.AcceptOther:
		return s.showOffer(c, http.StatusForbidden, token, views.Form{})
	case views.AcceptJoin:
		o, err = s.Accounts.AcceptInvitation(ctx, v.Who, token)
	case views.AcceptLogin:
		o, err = s.acceptAsKnown(c, f.Email, secret.Secret(form.Get("password")), token)
	default:
		o, err = s.acceptAsNew(c, secret.Secret(form.Get("password")), token)
	}
	if err != nil {
		return s.acceptFailed(c, token, err)
	}
	return web.Redirect(c, done(views.OrganizationURL(o.Slug), "joined"))
}

// acceptAsKnown signs the invited user in and lets them join.
func (s *console) acceptAsKnown(c echo.Context, email string, password secret.Secret, token string) (account.Organization, error) {
	ctx, who := c.Request().Context(), asker(c)
	u, err := s.Accounts.Authenticate(ctx, who, email, password)
	if err != nil {
		return account.Organization{}, err
	}
	if who.Principal, _, err = s.Accounts.Principal(ctx, permission.User, u.ID, u.Epoch); err != nil {
		return account.Organization{}, err
	}
	o, err := s.Accounts.AcceptInvitation(ctx, who, token)
	if err != nil {
		return account.Organization{}, err
	}
	_, err = s.Sessions.SignIn(c, u.ID, u.Epoch)
	return o, err
}

// acceptAsNew makes an account for the invited address and signs it in.
func (s *console) acceptAsNew(c echo.Context, password secret.Secret, token string) (account.Organization, error) {
	u, o, err := s.Accounts.AcceptAsNew(c.Request().Context(), asker(c), token, password)
	if err != nil {
		return account.Organization{}, err
	}
	_, err = s.Sessions.SignIn(c, u.ID, u.Epoch)
	return o, err
}

// acceptFailed shows the form again, or that the invitation has ended meanwhile.
func (s *console) acceptFailed(c echo.Context, token string, err error) error {
	f := fault.From(err)
	switch {
	case f.Reason == "no_invitation":
		return s.noInvitation(c)
	case f.Reason == "login_failed":
		return s.showOffer(c, http.StatusUnauthorized, token, views.Form{Message: views.WrongPassword})
	case f.Reason == "member", f.Kind == fault.Conflict && len(f.Fields) > 0:
		// Somebody was quicker: there is an account now, or a membership.
		return s.showOffer(c, http.StatusConflict, token, views.Form{Message: f.Message})
	}
	return again(err, func(status int, messages views.Form) error { return s.showOffer(c, status, token, messages) })
}
