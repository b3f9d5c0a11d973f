package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/views"
	"latchkey/web"
)

// instanceUsers lists everybody who can sign in.
func (s *console) instanceUsers(c echo.Context) error {
	v, filter := visitorOf(c), account.UserFilter{Text: c.QueryParam("q"), After: c.QueryParam("after")}
	list, more, err := s.Accounts.Users(c.Request().Context(), v.Who, filter)
	if err != nil {
		return err
	}
	p, err := s.page(c, v, views.NavInstance)
	if err != nil {
		return err
	}
	page := views.InstanceUsersPage{Page: p, Text: filter.Text, First: filter.After == ""}
	for _, u := range list {
		page.Items = append(page.Items, s.userItem(v, u))
	}
	if more {
		page.Older = list[len(list)-1].Email
	}
	return web.Render(c, http.StatusOK, views.InstanceUsers(page))
}

func (s *console) userItem(v *visitor, u account.Listed) views.InstanceUser {
	item := views.InstanceUser{
		ID: u.ID, Email: u.Email, LastLogin: views.Ago(u.LastLoginAt, s.Now()), LastFrom: u.LastLoginAddress, Created: views.Day(u.CreatedAt, s.Now()),
		Disabled: views.Day(u.DisabledAt, s.Now()), InstanceAdmin: u.InstanceAdmin, Self: u.ID == v.user.ID,
	}
	for _, m := range u.Memberships {
		item.Organizations = append(item.Organizations, views.Membership{Organization: m.Organization, Role: views.RoleLabel(string(m.Role))})
	}
	return item
}

// searchInstanceUsers takes what was typed out of the body, so that a secret pasted by mistake gets into no address.
func (s *console) searchInstanceUsers(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	text := form.Get("q")
	if likeKey.MatchString(text) {
		return web.Redirect(c, done(views.InstanceUsersURL, "secret-typed"))
	}
	return web.Redirect(c, views.FilteredUsersURL(text, ""))
}

func (s *console) instanceUser(c echo.Context) error {
	v := visitorOf(c)
	u, err := s.Accounts.UserByID(c.Request().Context(), v.Who, c.Param("user"))
	if err != nil {
		return err
	}
	p, err := s.page(c, v, views.NavInstance)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.InstanceUserDetails(views.InstanceUserPage{Page: p, User: s.userItem(v, u)}))
}

// askAboutUser asks before something is done to a user, again with a message where the store has refused it.
func (s *console) askAboutUser(c echo.Context, status int, form views.Form, question func(u account.Listed) string) error {
	v := visitorOf(c)
	u, err := s.Accounts.UserByID(c.Request().Context(), v.Who, c.Param("user"))
	if err != nil {
		return err
	}
	p, err := s.page(c, v, views.NavInstance)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.InstanceAsk(views.InstanceAskPage{Page: p, Form: form, Ask: question(u), User: s.userItem(v, u)}))
}

// refused shows the question again where the rules say no, and gives other errors back.
func (s *console) refused(c echo.Context, err error, question func(u account.Listed) string) error {
	f := fault.From(err)
	if f.Kind != fault.Conflict {
		return err
	}
	return s.askAboutUser(c, http.StatusConflict, views.Form{Message: f.Message}, question)
}

func toDisable(account.Listed) string { return views.AskDisable }

func giveOrTake(u account.Listed) string {
	if u.InstanceAdmin {
		return views.AskTake
	}
	return views.AskGive
}

func (s *console) askDisable(c echo.Context) error {
	return s.askAboutUser(c, http.StatusOK, views.Form{}, toDisable)
}

func (s *console) disableUser(c echo.Context) error {
	u, err := s.Accounts.Disable(c.Request().Context(), visitorOf(c).Who, c.Param("user"))
	if err != nil {
		return s.refused(c, err, toDisable)
	}
	// They count no longer; gone are also their rows, so that nothing lists them.
	if err := s.Rows.DeleteOfUser(c.Request().Context(), u.ID); err != nil {
		return err
	}
	return web.Redirect(c, done(views.InstanceUserURL(u.ID), "user-disabled"))
}

func (s *console) enableUser(c echo.Context) error {
	u, err := s.Accounts.Enable(c.Request().Context(), visitorOf(c).Who, c.Param("user"))
	if err != nil {
		return err
	}
	return web.Redirect(c, done(views.InstanceUserURL(u.ID), "user-enabled"))
}

func (s *console) askInstanceAdmin(c echo.Context) error {
	return s.askAboutUser(c, http.StatusOK, views.Form{}, giveOrTake)
}

func (s *console) setInstanceAdmin(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("admin") != "0" && form.Get("admin") != "1" {
		return fault.New(fault.Invalid, "Say whether to give or to take: admin is 1 or 0.")
	}
	v, give := visitorOf(c), form.Get("admin") == "1"
	u, err := s.Accounts.SetInstanceAdmin(c.Request().Context(), v.Who, c.Param("user"), give)
	switch {
	case err != nil:
		return s.refused(c, err, giveOrTake)
	case give:
		return web.Redirect(c, done(views.InstanceUserURL(u.ID), "admin-given"))
	case u.ID == v.user.ID: // these pages are no longer theirs
		return web.Redirect(c, done(views.AccountURL, "admin-taken"))
	}
	return web.Redirect(c, done(views.InstanceUserURL(u.ID), "admin-taken"))
}
