package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) members(c echo.Context) error {
	page, err := s.membersPage(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.Members(page))
}

// membersPage is the list of members, also as what lies under a dialog.
func (s *console) membersPage(c echo.Context) (views.MembersPage, error) {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavMembers)
	page := views.MembersPage{Page: p}
	if err != nil {
		return page, err
	}
	members, err := s.Accounts.Members(ctx, v.Who, v.organization.Slug)
	if err != nil {
		return page, err
	}
	for _, m := range members {
		page.Items = append(page.Items, s.memberItem(v, m))
	}
	if !p.Can.ManageMembers {
		return page, nil
	}
	invitations, err := s.Accounts.Invitations(ctx, v.Who, v.organization.Slug)
	for _, i := range invitations {
		page.Invitations = append(page.Invitations, s.invitationItem(i))
	}
	return page, err
}

func (s *console) memberItem(v *visitor, m account.Member) views.MemberItem {
	return views.MemberItem{
		ID: m.UserID, Email: m.Email, Role: string(m.Role), Projects: projectRoles(m.Projects), Since: views.Day(m.CreatedAt, s.Now()),
		LastLogin: views.Ago(m.LastLoginAt, s.Now()), Disabled: m.Disabled, Self: m.UserID == v.user.ID,
	}
}

func projectRoles(list []account.ProjectRole) []views.ProjectRoleItem {
	roles := make([]views.ProjectRoleItem, len(list))
	for i, r := range list {
		roles[i] = views.ProjectRoleItem{Project: r.Name, Role: string(r.Role)}
	}
	return roles
}

// lastAdmin reports whether an organization has no admin who can sign in besides one.
func (s *console) lastAdmin(ctx context.Context, v *visitor, userID string) (bool, error) {
	members, err := s.Accounts.Members(ctx, v.Who, v.organization.Slug)
	for _, m := range members {
		if m.UserID != userID && m.Role == permission.OrganizationAdmin && !m.Disabled {
			return false, err
		}
	}
	return true, err
}

func (s *console) member(c echo.Context) error {
	v := visitorOf(c)
	m, err := s.Accounts.Member(c.Request().Context(), v.Who, v.organization.Slug, c.Param("member"))
	if err != nil {
		return err
	}
	roles := map[string]permission.Role{}
	for _, r := range m.Projects {
		roles[r.ProjectID] = r.Role
	}
	return s.showMember(c, http.StatusOK, m, string(m.Role), roles, views.Form{})
}

func (s *console) showMember(c echo.Context, status int, m account.Member, role string, roles map[string]permission.Role, form views.Form) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavMembers)
	if err != nil {
		return err
	}
	page := views.MemberPage{Page: p, Form: form, Item: s.memberItem(v, m), Role: role}
	if m.Role == permission.OrganizationAdmin {
		if page.LastAdmin, err = s.lastAdmin(ctx, v, m.UserID); err != nil {
			return err
		}
	}
	if page.Choices, err = s.projectChoices(ctx, v, roles); err != nil {
		return err
	}
	return web.Render(c, status, views.Member(page))
}

// projectChoices are the projects of the organization, with the roles that were chosen.
func (s *console) projectChoices(ctx context.Context, v *visitor, roles map[string]permission.Role) ([]views.ProjectRoleChoice, error) {
	projects, err := s.Accounts.Projects(ctx, v.Who, v.organization.ID)
	list := make([]views.ProjectRoleChoice, len(projects))
	for i, p := range projects {
		list[i] = views.ProjectRoleChoice{ID: p.ID, Name: p.Name, Role: string(roles[p.ID])}
	}
	return list, err
}

// chosenRoles reads the roles in projects of a form. Without a role stands "".
func chosenRoles(form url.Values) map[string]permission.Role {
	roles := map[string]permission.Role{}
	for name := range form {
		if id, ok := strings.CutPrefix(name, "project:"); ok {
			roles[id] = permission.Role(form.Get(name))
		}
	}
	return roles
}

func (s *console) changeMember(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	v, ctx := visitorOf(c), c.Request().Context()
	m, err := s.Accounts.Member(ctx, v.Who, v.organization.Slug, c.Param("member"))
	if err != nil {
		return err
	}
	roles := chosenRoles(form)
	err = s.Accounts.ChangeMember(ctx, v.Who, v.organization.Slug, m.UserID, permission.Role(form.Get("role")), roles)
	if err != nil {
		return again(roleProblem(err), func(status int, messages views.Form) error {
			return s.showMember(c, status, m, form.Get("role"), roles, messages)
		})
	}
	if m.UserID == v.user.ID && permission.Role(form.Get("role")) != permission.OrganizationAdmin {
		return web.Redirect(c, done(views.OrganizationURL(v.organization.Slug), "member-self"))
	}
	return web.Redirect(c, done(views.MembersURL(v.organization.Slug), "member-saved"))
}

func (s *console) askRemoveMember(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	m, err := s.Accounts.Member(ctx, v.Who, v.organization.Slug, c.Param("member"))
	if err != nil {
		return err
	}
	behind, err := s.membersPage(c)
	if err != nil {
		return err
	}
	page := views.RemoveMemberPage{Page: behind.Page, Behind: &behind, Item: s.memberItem(v, m)}
	if m.Role == permission.OrganizationAdmin {
		if page.LastAdmin, err = s.lastAdmin(ctx, v, m.UserID); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, views.RemoveMember(page))
}

func (s *console) removeMember(c echo.Context) error {
	v := visitorOf(c)
	if err := s.Accounts.RemoveMember(c.Request().Context(), v.Who, v.organization.Slug, c.Param("member")); err != nil {
		return err
	}
	if c.Param("member") == v.user.ID {
		return web.Redirect(c, done(views.OrganizationsURL, "left"))
	}
	return web.Redirect(c, done(views.MembersURL(v.organization.Slug), "member-removed"))
}
