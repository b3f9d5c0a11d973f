package console

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

// visitor is who is asking, and the place that the guard has found for them.
type visitor struct {
	audit.Who
	user         account.User
	session      session.Session
	token        secret.Secret        // of the session
	organization account.Organization // the zero one where the page is about none
	project      account.Project      // the zero one where the page is about none
	missing      permission.Role      // what a guard asked for, to name it where it refuses
}

// may reports whether the visitor may do something in the project in focus.
func (v *visitor) may(do permission.Permission) bool {
	return permission.Allows(v.Principal, do, v.project.Target())
}

const visitorKey = "latchkey.console.visitor"

// visitorOf gives the visitor that the guard of a route has found, or nil where none looked for one.
func visitorOf(c echo.Context) *visitor {
	v, _ := c.Get(visitorKey).(*visitor)
	return v
}

// asker is a request as the history names it, before it is known who sent it.
func asker(c echo.Context) audit.Who {
	return audit.Who{Address: c.RealIP(), UserAgent: c.Request().UserAgent(), RequestID: web.RequestID(c)}
}

// identify tells who is asking: the user of a live session, as the database knows them now.
func (s *console) identify(c echo.Context) (*visitor, error) {
	row, token, err := s.Sessions.Current(c)
	if err != nil {
		return nil, err
	}
	p, u, err := s.Accounts.Principal(c.Request().Context(), permission.User, row.UserID, row.Epoch)
	if err != nil {
		return nil, err
	}
	v := &visitor{Who: asker(c), user: u, session: row, token: token}
	v.Principal = p
	v.Again = func(ctx context.Context) (permission.Principal, error) {
		// The session too: it may have been ended while the request was on its way.
		if _, err := s.Rows.Look(ctx, token); err != nil {
			return permission.Principal{}, err
		}
		p, _, err := s.Accounts.Principal(ctx, permission.User, row.UserID, row.Epoch)
		return p, err
	}
	return v, nil
}

// The refusals of guards. That a project is missing must not be told from that it is foreign.
var (
	errForbidden = fault.New(fault.Forbidden, "Your role does not include this.")
	errNotHere   = fault.New(fault.NotFound, "There is nothing here.")
)

// public lets everybody pass who comes from the console's own pages and under its own name.
func (s *console) public(why string) web.Guard { return s.protect(web.Public(why)) }

// requireSession lets those pass who are signed in.
func (s *console) requireSession() web.Guard {
	return s.require("signed in", func(echo.Context, *visitor) error { return nil })
}

// requireFounder lets those pass who may make organizations.
func (s *console) requireFounder() web.Guard {
	return s.require("admin of any organization", func(_ echo.Context, v *visitor) error {
		if !permission.Founds(v.Principal) {
			v.missing = roleFounder
			return errForbidden
		}
		return nil
	})
}

// requireInstance lets those pass who look after the instance itself.
func (s *console) requireInstance() web.Guard {
	return s.require("instance admin", func(_ echo.Context, v *visitor) error {
		if !permission.Administers(v.Principal) {
			v.missing = roleInstance
			return errForbidden
		}
		return nil
	})
}

// requireMember lets those pass who belong to the organization in the path.
func (s *console) requireMember() web.Guard {
	return s.require("member of the organization", s.findOrganization)
}

// requireOrganization lets those pass who hold a permission in the whole organization in the path.
func (s *console) requireOrganization(do permission.Permission) web.Guard {
	return s.require("organization: "+string(do), func(c echo.Context, v *visitor) error {
		if err := s.findOrganization(c, v); err != nil {
			return err
		}
		return decide(v, do, permission.Target{Organization: v.organization.ID})
	})
}

// requireProject lets those pass who hold a permission in the project in the path.
func (s *console) requireProject(do permission.Permission) web.Guard {
	return s.require("project: "+string(do), func(c echo.Context, v *visitor) error { return s.findProject(c, v, do) })
}

// requireOwner lets those pass who hold a permission in the whole organization of the project in the path.
func (s *console) requireOwner(do permission.Permission) web.Guard {
	return s.require("project, by its organization: "+string(do), func(c echo.Context, v *visitor) error {
		if err := s.findProject(c, v, permission.ProjectsRead); err != nil {
			return err
		}
		return decide(v, do, permission.Target{Organization: v.organization.ID})
	})
}

func (s *console) findProject(c echo.Context, v *visitor, do permission.Permission) error {
	p, err := s.Accounts.Project(c.Request().Context(), v.Who, c.Param("org"), c.Param("project"))
	if err != nil {
		return err
	}
	if err := s.findOrganization(c, v); err != nil {
		return err
	}
	v.project = p
	if err := decide(v, do, p.Target()); err != nil {
		return err
	}
	s.remember(c, v)
	return nil
}

func (s *console) findOrganization(c echo.Context, v *visitor) (err error) {
	v.organization, err = s.Accounts.Organization(c.Request().Context(), v.Who, c.Param("org"))
	return err
}

// What guards ask for that is no role of a single organization or project.
const (
	roleFounder  permission.Role = views.RoleFounder
	roleInstance permission.Role = views.RoleInstance
)

func decide(v *visitor, do permission.Permission, on permission.Target) error {
	v.missing = permission.Smallest(do, on) // only told where it is refused
	return permission.Decide(v.Principal, do, on).Err(errForbidden, errNotHere)
}

// require is a guard that finds out who is asking and then lets check find the place and decide.
func (s *console) require(name string, check func(echo.Context, *visitor) error) web.Guard {
	return s.protect(web.Guard{Name: name, Check: func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			v, err := s.identify(c)
			if fault.Is(err, fault.Unauthenticated) && reads(c) {
				return s.toSignIn(c)
			}
			if err != nil {
				return err
			}
			c.Set(visitorKey, v) // before the check: its refusal is shown inside the navigation
			if err := check(c, v); err != nil {
				return err
			}
			return next(c)
		}
	}})
}

// protect puts in front of a guard what holds for all of them: the name of the host, and no requests from other sites.
func (s *console) protect(g web.Guard) web.Guard {
	hosts, check := web.OnHosts(s.Hosts...), g.Check
	g.Check = func(next echo.HandlerFunc) echo.HandlerFunc {
		return hosts(s.Sessions.SameOrigin(check(next)))
	}
	return g
}

func reads(c echo.Context) bool {
	return c.Request().Method == http.MethodGet || c.Request().Method == http.MethodHead
}

// toSignIn sends a guest to the login page, or says that there is nobody yet who could sign in.
func (s *console) toSignIn(c echo.Context) error {
	waiting, err := s.Accounts.Empty(c.Request().Context())
	if err != nil {
		return err
	}
	if waiting {
		return s.waiting(c)
	}
	next := s.next(here(c.Request()))
	if next == home {
		next = ""
	}
	return web.Redirect(c, views.LoginNextURL(next))
}
