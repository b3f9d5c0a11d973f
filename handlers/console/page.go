package console

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// bare is what a page knows that is for nobody in particular.
func (s *console) bare(c echo.Context) views.Page {
	return views.Page{Theme: chosenTheme(c), Notice: noticeOf(c), Unprotected: !s.Secure && !web.Loopback(c.Request().Host)}
}

// page fills in what every page needs for somebody who is signed in. It is the only place that does.
func (s *console) page(c echo.Context, v *visitor, nav views.NavItem) (views.Page, error) {
	ctx := c.Request().Context()
	p := s.bare(c)
	p.Nav, p.Path = nav, here(c.Request())
	p.User = &views.UserInfo{Email: v.user.Email, Role: v.role()}
	p.Can = v.can()
	p.Organization, p.Project = v.focus()
	var err error
	if p.Switcher, err = s.switcher(ctx, v); err != nil {
		return views.Page{}, err
	}
	if v.may(permission.APIKeysRead) {
		o, err := s.Credentials.Overview(ctx, v.Who, v.project.Target())
		if err != nil {
			return views.Page{}, err
		}
		p.Attention = o.Expiring + o.Unused
	}
	return p, nil
}

// can is what to offer to the visitor where they are.
func (v *visitor) can() views.Can {
	organization := permission.Target{Organization: v.organization.ID}
	everywhere := func(do permission.Permission) bool { return permission.Allows(v.Principal, do, organization) }
	return views.Can{
		ManageKeys: v.may(permission.APIKeysModify), ManageEngines: v.may(permission.IndicesModify),
		ManageProject: v.may(permission.ProjectsModify), SeeUsage: v.may(permission.AnalyticsRead), SeeAudit: v.may(permission.AuditRead),
		CreateProject: everywhere(permission.ProjectsModify), ManageMembers: everywhere(permission.MembersModify),
		ManageOrganization: everywhere(permission.ProjectsModify), SeeOrganizationAudit: everywhere(permission.AuditRead),
		CreateOrganization: permission.Founds(v.Principal), Administer: permission.Administers(v.Principal),
	}
}

// focus names the organization and the project that the page is about.
func (v *visitor) focus() (*views.OrganizationInfo, *views.ProjectInfo) {
	o, p := v.organization, v.project
	switch {
	case o.ID == "":
		return nil, nil
	case p.ID == "":
		return &views.OrganizationInfo{Name: o.Name, Slug: o.Slug}, nil
	}
	return &views.OrganizationInfo{Name: o.Name, Slug: o.Slug},
		&views.ProjectInfo{OrgName: o.Name, OrgSlug: o.Slug, ProjectName: p.Name, ProjectSlug: p.Slug}
}

// switcher lists the places that the visitor may go to.
func (s *console) switcher(ctx context.Context, v *visitor) ([]views.SwitcherOrganization, error) {
	places, err := s.places(ctx, v)
	list := make([]views.SwitcherOrganization, len(places))
	for i, place := range places {
		list[i] = views.SwitcherOrganization{Name: place.Name, Slug: place.Slug}
		for _, p := range place.projects {
			list[i].Projects = append(list[i].Projects, views.SwitcherProject{Name: p.Name, Slug: p.Slug, Current: p.ID == v.project.ID})
		}
	}
	return list, err
}

// place is an organization of the visitor's with those of its projects that they may see.
type place struct {
	account.Organization
	projects []account.Project
}

func (s *console) places(ctx context.Context, v *visitor) ([]place, error) {
	organizations, err := s.Accounts.Organizations(ctx, v.Who)
	if err != nil {
		return nil, err
	}
	list := make([]place, len(organizations))
	for i, o := range organizations {
		list[i].Organization = o
		if list[i].projects, err = s.Accounts.Projects(ctx, v.Who, o.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// roleOf is the role that counts where the visitor is: in the project, else in the organization, else the highest.
func roleOf(v *visitor) permission.Role {
	order := []permission.Role{permission.OrganizationAdmin, permission.ProjectAdmin, permission.ProjectViewer, permission.OrganizationMember}
	for _, role := range order {
		for _, g := range v.Grants {
			if g.Role == role && v.counts(g) {
				return role
			}
		}
	}
	return ""
}

// role is what stands under the visitor's address.
func (v *visitor) role() string {
	if r := roleOf(v); r != "" || !v.InstanceAdmin {
		return views.RoleLabel(string(r))
	}
	return views.InstanceAdminLabel
}

// counts reports whether a role means something where the visitor is.
func (v *visitor) counts(g permission.Grant) bool {
	switch {
	case v.project.ID != "":
		return g.Organization == v.project.OrganizationID && (g.Project == "" || g.Project == v.project.ID)
	case v.organization.ID != "":
		return g.Organization == v.organization.ID && g.Project == ""
	}
	return true
}

func noticeOf(c echo.Context) *views.Notice {
	if reads(c) {
		return views.Result(c.QueryParam("done"))
	}
	return nil
}

// done is an address that tells a result once.
func done(address, code string) string { return address + "?done=" + code }

// likeKey is text that may be a secret, whole or in part, of ours or of an older form. Names hardly ever have that many
// letters and digits in a row, and a visible key never has. A signed search key begins with two pieces of JSON in base64.
var likeKey = regexp.MustCompile(`(?i)(private|search|admin|api|public)-[0-9a-z]{20,}|eyJ[0-9a-z_-]{8,}\.eyJ[0-9a-z_.-]*`)

// here is the path and query of a page, to return to. A notice is told once, and what may be a secret is not repeated.
func here(r *http.Request) string {
	if likeKey.MatchString(r.URL.Path) {
		return home
	}
	q := r.URL.Query()
	q.Del("done")
	q.Del("token") // of a link: it is a proof
	for _, values := range q {
		if likeKey.MatchString(strings.Join(values, " ")) {
			q = nil
			break
		}
	}
	if len(q) == 0 {
		return r.URL.EscapedPath()
	}
	return r.URL.EscapedPath() + "?" + q.Encode()
}

// next is where to go after something, as asked for from outside: a page of the console, or else its beginning.
func (s *console) next(asked string) string {
	path := web.LocalPath(asked, home)
	u, err := url.Parse(path)
	if err != nil || !s.isPage(u.EscapedPath()) {
		return home
	}
	if text, err := url.QueryUnescape(path); err != nil || likeKey.MatchString(text) {
		return home
	}
	return path
}

// isPage reports whether a path leads to a page, so that nobody lands on an address that only takes forms.
func (s *console) isPage(path string) bool {
	for _, pattern := range s.pages {
		want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
		fits := len(want) == len(got)
		for i := 0; fits && i < len(want); i++ {
			fits = want[i] == got[i] || strings.HasPrefix(want[i], ":") && got[i] != "" && got[i] != "." && got[i] != ".."
		}
		if fits {
			return true
		}
	}
	return false
}

// readForm gives the fields of a posted form. What stands in the address does not count as one.
func readForm(c echo.Context) (url.Values, error) {
	r := c.Request()
	if err := r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "The form could not be read.").WithCause(err)
	}
	return r.PostForm, nil
}

// again answers an error about what was typed with the same form and messages. Other errors it gives back.
func again(err error, show func(status int, form views.Form) error) error {
	f := fault.From(err)
	form := views.FormOf(f.Message, f.Fields)
	switch {
	case f.Kind == fault.Invalid, f.Kind == fault.Conflict && len(f.Fields) > 0:
		return show(http.StatusUnprocessableEntity, form)
	case f.Kind == fault.Forbidden && f.Reason == "grant":
		return show(http.StatusForbidden, form)
	}
	return err
}
