package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) account(c echo.Context) error {
	return s.showAccount(c, http.StatusOK, views.Form{})
}

func (s *console) showAccount(c echo.Context, status int, form views.Form) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavAccount)
	if err != nil {
		return err
	}
	page := views.AccountPage{Page: p, Form: form, Email: v.user.Email}
	if page.Memberships, err = s.memberships(ctx, v); err != nil {
		return err
	}
	if page.Sessions, err = s.sessionItems(ctx, v); err != nil {
		return err
	}
	if page.Logins, err = s.loginItems(ctx, v); err != nil {
		return err
	}
	before, err := s.loginBefore(ctx, v)
	if err != nil {
		return err
	}
	page.LastLogin, page.LastFrom = views.Moment(before.At, s.Now()), before.Address
	return web.Render(c, status, views.Account(page))
}

// memberships tells the visitor's roles, those in single projects together with their organization.
func (s *console) memberships(ctx context.Context, v *visitor) ([]views.Membership, error) {
	places, err := s.places(ctx, v)
	list := make([]views.Membership, len(places))
	for i, o := range places {
		roles := []string{views.RoleLabel(string(o.Role))}
		for _, p := range o.projects {
			for _, g := range v.Grants {
				if g.Project == p.ID {
					roles = append(roles, views.RoleLabel(string(g.Role))+" of "+p.Name)
				}
			}
		}
		list[i] = views.Membership{Organization: o.Name, Slug: o.Slug, Role: strings.Join(roles, ", ")}
	}
	return list, err
}

// sessionItems lists where the visitor is signed in. Sessions from before a change of password are dead and not shown.
func (s *console) sessionItems(ctx context.Context, v *visitor) ([]views.SessionItem, error) {
	rows, err := s.Rows.OfUser(ctx, v.user.ID)
	var list []views.SessionItem
	for _, row := range rows {
		if row.Epoch != v.user.Epoch {
			continue
		}
		list = append(list, views.SessionItem{
			ID: row.ID, Agent: row.UserAgent, Address: row.Address, Started: views.Moment(row.CreatedAt, s.Now()),
			LastSeen: views.Ago(row.SeenAt, s.Now()), Current: row.ID == v.session.ID,
		})
	}
	return list, err
}

// loginItems lists the visitor's last sign-ins and failed attempts.
func (s *console) loginItems(ctx context.Context, v *visitor) ([]views.LoginItem, error) {
	rows, err := s.Accounts.Logins(ctx, v.Who)
	list := make([]views.LoginItem, len(rows))
	for i, l := range rows {
		list[i] = views.LoginItem{
			At: views.Moment(l.At, s.Now()), Outcome: string(l.Outcome), Times: l.Times, Agent: l.UserAgent, Address: l.Address, NewDevice: l.NewDevice,
		}
	}
	return list, err
}

// endSession signs the visitor out of another browser.
func (s *console) endSession(c echo.Context) error {
	if err := s.Rows.End(c.Request().Context(), visitorOf(c).Who, web.Param(c, "session")); err != nil {
		return err
	}
	return web.Redirect(c, done(views.AccountURL, "session"))
}

// endOtherSessions signs the visitor out of every browser but this one.
func (s *console) endOtherSessions(c echo.Context) error {
	v := visitorOf(c)
	if _, err := s.Rows.EndOthers(c.Request().Context(), v.Who, v.session.ID); err != nil {
		return err
	}
	return web.Redirect(c, done(views.AccountURL, "sessions"))
}

// loginBefore finds the last sign-in before the one that this session stands on, so that somebody else's is noticed.
func (s *console) loginBefore(ctx context.Context, v *visitor) (audit.Record, error) {
	events, err := s.Audit.OfSubject(ctx, v.user.ID)
	seen := false
	for _, e := range events {
		if e.Action != audit.UserLogin || e.At.After(v.session.CreatedAt) {
			continue
		}
		if seen {
			return e, err
		}
		seen = true
	}
	return audit.Record{}, err
}

// changePassword ends all of the visitor's sessions and starts a new one in this browser.
func (s *console) changePassword(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, ctx := visitorOf(c), c.Request().Context()
	u, err := s.Accounts.ChangePassword(ctx, v.Who, secret.Secret(form.Get("current_password")), secret.Secret(form.Get("new_password")))
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			rename(messages.Errors, "current", "current_password")
			rename(messages.Errors, "password", "new_password")
			return s.showAccount(c, status, messages)
		})
	}
	if err := s.Rows.DeleteOfUser(ctx, u.ID); err != nil {
		return err
	}
	if _, err := s.Sessions.SignIn(c, u.ID, u.Epoch); err != nil {
		return err
	}
	return web.Redirect(c, done(views.AccountURL, "password"))
}

// rename gives the message about a field the name that the field has in the form.
func rename(messages map[string]string, subject, form string) {
	if text, ok := messages[subject]; ok {
		delete(messages, subject)
		messages[form] = text
	}
}
