package lupa

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/web"
)

// keyHeader carries a key (Lupa, "API Authentication", Using API Key). It is spelt in several ways; names of headers
// have no case.
const keyHeader = "X-Lupa-Api-Key"

const invalidToken = "invalid_token"

// One answer for every key that does not count: whether it was ever good is nobody's business but its owner's.
var (
	errNobody    = fault.New(fault.Unauthenticated, "Send an API key in X-Lupa-Api-Key or an access token as Authorization: Bearer.")
	errKey       = fault.New(fault.Unauthenticated, "The API key is not valid.").WithReason(invalidToken)
	errToken     = fault.New(fault.Unauthenticated, "The access token is not valid. Log in again.").WithReason(invalidToken)
	errMisplaced = fault.New(fault.Unauthenticated, "An API key is sent in X-Lupa-Api-Key, not as Authorization: Bearer.").WithReason(invalidToken)
	errUsersOnly = fault.New(fault.Unauthenticated, "Only a user's access token can do this, not an API key.").WithReason(invalidToken).WithCause(usage.Because(usage.NotPermitted))
	errForbidden = fault.New(fault.Forbidden, "You do not have the permission to do this.")
	errNoProject = fault.New(fault.NotFound, "There is no such project.")
	errNoIndex   = fault.New(fault.NotFound, "There is no such index.")
)

// What guards leave in the context of a request for its handler.
const (
	whoKey     = "lupa.who"
	userKey    = "lupa.user"
	projectKey = "lupa.project"
	indexKey   = "lupa.index"
)

// index is the engine that a request is about, and where it is.
type index struct {
	engine.Engine
	place permission.Target
}

// Without its guard a handler finds the zero value here: nobody, who may do nothing, and nowhere.
func whoOf(c echo.Context) audit.Who     { v, _ := c.Get(whoKey).(audit.Who); return v }
func userOf(c echo.Context) account.User { v, _ := c.Get(userKey).(account.User); return v }
func projectOf(c echo.Context) permission.Target {
	v, _ := c.Get(projectKey).(permission.Target)
	return v
}
func indexOf(c echo.Context) index { v, _ := c.Get(indexKey).(index); return v }

// requireUser lets users with a login token pass.
func (a *api) requireUser() web.Guard {
	return a.guard("a user with a login token", func(_ echo.Context, who audit.Who) error {
		if who.Kind != permission.Token {
			return errUsersOnly
		}
		return nil
	})
}

// requireInProject lets those pass who have a permission in the project that the path names.
func (a *api) requireInProject(do permission.Permission) web.Guard {
	return a.guard(string(do)+" in the project, by login token or key", func(c echo.Context, who audit.Who) error {
		p, err := a.Accounts.Project(c.Request().Context(), who, c.Param("org"), c.Param("project"))
		if fault.Is(err, fault.NotFound) {
			return errNoProject
		}
		if err != nil {
			return err
		}
		c.Set(projectKey, p.Target())
		return permission.Decide(who.Principal, do, p.Target()).Err(errForbidden, errNoProject)
	})
}

// requireOnIndex lets those pass who have a permission on the index that the path names by its id.
func (a *api) requireOnIndex(do permission.Permission) web.Guard {
	return a.guard(string(do)+" on the index, by login token or key", func(c echo.Context, who audit.Who) error {
		// A key that may never do this learns nothing about indices by asking for them.
		own := permission.Target{Organization: who.Organization, Project: who.Project}
		if who.Kind == permission.Key && !permission.Allows(who.Principal, do, own) {
			return errForbidden
		}
		e, place, err := a.Engines.Locate(c.Request().Context(), c.Param("index"))
		if fault.Is(err, fault.NotFound) {
			return errNoIndex
		}
		if err != nil {
			return err
		}
		c.Set(indexKey, index{e, place})
		on := permission.Target{Organization: place.Organization, Project: place.Project, Engine: e.Name}
		return permission.Decide(who.Principal, do, on).Err(errForbidden, errNoIndex)
	})
}

// guard authenticates, asks a further question, asks again who it is once the body is there, and counts what became of
// it for the key that was used.
func (a *api) guard(name string, check func(c echo.Context, who audit.Who) error) web.Guard {
	return web.Guard{Name: name, Check: func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			keyID, err := a.authenticate(c)
			who := whoOf(c)
			if err == nil {
				err = check(c, who)
			}
			if err == nil {
				err = web.Hold(c, func() error {
					if err := who.Confirm(c.Request().Context()); err != nil {
						return err
					}
					return next(c)
				})
			}
			a.Usage.CountResult(used(c, keyID), err)
			return err
		}
	}}
}

// used is a request as it is counted for the key it was made with.
func used(c echo.Context, keyID string) usage.Request {
	return usage.Request{Key: keyID, Address: c.RealIP(), Agent: c.Request().UserAgent(), Method: c.Request().Method, Route: c.Path()}
}

// caller is the request as far as it is known before anything is proven.
func caller(c echo.Context) audit.Who {
	return audit.Who{Address: c.RealIP(), UserAgent: c.Request().UserAgent(), RequestID: web.RequestID(c)}
}

// authenticate finds out who is asking. Which verifier is tried depends only on which header was sent. The id of the
// key is given as far as it is known, also for one that is refused.
func (a *api) authenticate(c echo.Context) (keyID string, err error) {
	if keys := c.Request().Header.Values(keyHeader); len(keys) > 0 {
		return a.authenticateKey(c, keys)
	}
	scheme, token, _ := strings.Cut(strings.Join(c.Request().Header.Values(echo.HeaderAuthorization), ","), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", errNobody
	}
	return "", a.authenticateToken(c, strings.TrimSpace(token))
}

func (a *api) authenticateKey(c echo.Context, keys []string) (keyID string, err error) {
	if len(keys) != 1 {
		return "", errKey
	}
	prove := func() (credential.Proof, error) {
		proof := a.Credentials.Check(keys[0])
		if proof.Reason != "" {
			return proof, errKey.WithCause(usage.Because(proof.Reason))
		}
		return proof, nil
	}
	proof, err := prove()
	if err != nil {
		return proof.KeyID, err
	}
	proven(c, proof.Principal, func(context.Context) (permission.Principal, error) {
		now, err := prove()
		return now.Principal, err
	})
	return proof.KeyID, nil
}

func (a *api) authenticateToken(c echo.Context, token string) error {
	if _, key := secret.Parse(token); key {
		return errMisplaced
	}
	prove := func(ctx context.Context) (permission.Principal, account.User, error) {
		principal, user, err := a.Accounts.PrincipalByToken(ctx, token)
		if fault.Is(err, fault.Unauthenticated) {
			err = errToken.WithCause(err)
		}
		return principal, user, err
	}
	principal, user, err := prove(c.Request().Context())
	if err != nil {
		return err
	}
	c.Set(userKey, user)
	proven(c, principal, func(ctx context.Context) (permission.Principal, error) {
		now, _, err := prove(ctx)
		return now, err
	})
	return nil
}

// proven keeps who is asking for the handler, with the way to prove it again. Only that keeps what was presented.
func proven(c echo.Context, p permission.Principal, again func(context.Context) (permission.Principal, error)) {
	who := caller(c)
	who.Principal, who.Again = p, again
	c.Set(whoKey, who)
}
