package appsearch

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/usage"
	"latchkey/web"
)

// The refusals, in recorded words.
var (
	errNoToken      = fault.New(fault.Unauthenticated, "You need to sign in before continuing.")
	errToken        = fault.New(fault.Unauthenticated, "Invalid authentication token.")
	errUnauthorized = fault.New(fault.Forbidden, unauthorized)
)

const unauthorized = "Unauthorized action."

// asker is who makes a request, and the project in which.
type asker struct {
	who   audit.Who
	place permission.Target
}

const askerKey = "appsearch.asker"

// asking gives who a guard let pass.
func asking(c echo.Context) asker { return c.Get(askerKey).(asker) }

// proven is who somebody has proven to be, and the project they ask in. The key is named also where it is refused, as far
// as it is known; a user has none.
type proven struct {
	principal permission.Principal
	place     permission.Target
	keyID     string
}

// require lets those pass who hold a permission in their project. It decides before the body is read, and asks again
// once it is there; which engines are theirs the stores decide. Every request counts for its key, by how it ends.
func (d *dialect) require(p permission.Permission) web.Guard {
	return web.Guard{Name: "a key, signed search key or user with " + string(p), Check: func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return d.guard(c, p, next) }
	}}
}

func (d *dialect) guard(c echo.Context, p permission.Permission, next echo.HandlerFunc) (err error) {
	var proof proven
	used := usage.Request{Address: c.RealIP(), Agent: client(c), Method: c.Request().Method, Route: c.Path()}
	defer func() {
		used.Key = proof.keyID
		d.Usage.CountResult(used, err)
		if err == nil {
			d.note(c)
		}
	}()
	prove, signed, err := d.prover(c)
	if err != nil {
		return err
	}
	used.Token = signed
	if proof, err = prove(c.Request().Context()); err != nil {
		return err
	}
	d.watch(c, asker{who: audit.Who{Principal: proof.principal}, place: proof.place})
	if !permission.Allows(proof.principal, p, proof.place) {
		return errUnauthorized
	}
	who := caller(c)
	who.Principal = proof.principal
	who.Again = func(ctx context.Context) (permission.Principal, error) {
		now, err := prove(ctx)
		return now.principal, err
	}
	return web.Hold(c, func() error {
		if err := who.Confirm(c.Request().Context()); err != nil {
			return err
		}
		c.Set(askerKey, asker{who: who, place: proof.place})
		return next(c)
	})
}

// client is how a client calls itself: the official ones do so in headers of their own, before what they are made of.
//
//	X-Swiftype-Client: elastic-app-search-node, X-Swiftype-Client-Version: 8.9.0 (official clients)
func client(c echo.Context) string {
	h, agent := c.Request().Header, c.Request().UserAgent()
	name, version := h.Get("X-Swiftype-Client"), h.Get("X-Swiftype-Client-Version")
	switch {
	case name == "":
		return agent
	case version != "":
		name += "/" + version
	}
	return strings.TrimSpace(name + " " + agent)
}

// prover gives what tells who makes a request, now or again later; nothing else keeps what was presented. signed tells
// signed search keys apart.
func (d *dialect) prover(c echo.Context) (prove func(context.Context) (proven, error), signed usage.Token, err error) {
	if headers := c.Request().Header.Values(echo.HeaderAuthorization); len(headers) == 1 {
		email, password, is, err := basic(headers[0])
		if err != nil {
			return nil, signed, err
		}
		if is {
			prove, err := d.userProver(c, email, password)
			return prove, signed, err
		}
	}
	raw, inURL, err := token(c)
	if err != nil {
		return nil, signed, err
	}
	project, err := d.project(c)
	if err != nil {
		return nil, signed, err
	}
	if credential.IsSigned(raw) {
		signed = usage.TokenOf(raw)
	}
	return func(context.Context) (proven, error) {
		proof := d.check(raw, project.ID)
		if why := refusal(proof, project.ID, inURL); why != "" {
			return proven{keyID: proof.KeyID}, errToken.WithCause(usage.Because(why))
		}
		p := proof.Principal
		return proven{p, permission.Target{Organization: p.Organization, Project: p.Project}, proof.KeyID}, nil
	}, signed, nil
}

// refusal says why a token does not count, "" where it does.
func refusal(proof credential.Proof, project string, inURL bool) usage.Reason {
	p := proof.Principal
	switch {
	case proof.Reason != "":
		return usage.Reason(proof.Reason)
	case project != "" && p.Project != project:
		return usage.WrongProject
	case inURL && p.Kind != permission.Signed && p.KeyType != string(secret.Search):
		return usage.InURL
	}
	return ""
}

// check hands a token to the one verifier that its shape calls for.
func (d *dialect) check(raw, project string) credential.Proof {
	if credential.IsSigned(raw) {
		return d.Credentials.CheckSigned(raw, project)
	}
	return d.Credentials.Check(raw)
}

// token finds the token of a request: in the Authorization header or, without one, in "auth_token" of the query
// string. There must be exactly one.
//
//	Authorization: Bearer [API_KEY] ... "A key can also be passed within URL parameters." (App Search, Authentication)
func token(c echo.Context) (raw string, inURL bool, err error) {
	headers := c.Request().Header.Values(echo.HeaderAuthorization)
	if len(headers) > 1 {
		return "", false, errToken
	}
	if len(headers) == 1 && strings.TrimSpace(headers[0]) != "" {
		scheme, raw, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
		raw = strings.TrimSpace(raw)
		switch {
		case !strings.EqualFold(scheme, "Bearer"):
			return "", false, errToken
		case raw == "":
			return "", false, errNoToken
		}
		return raw, false, nil
	}
	switch tokens := c.QueryParams()[tokenParam]; {
	case len(tokens) > 1:
		return "", true, errToken
	case len(tokens) == 0 || tokens[0] == "":
		return "", false, errNoToken
	default:
		return tokens[0], true, nil
	}
}

const tokenParam = "auth_token"

// noProject is what an identifier names that no project has.
var noProject = account.Project{ID: "none"}

// project gives the project whose host identifier a request names, and the zero Project where it names none.
func (d *dialect) project(c echo.Context) (account.Project, error) {
	identifiers, _ := c.Get(identifiersKey).([]string)
	var project account.Project
	for _, identifier := range identifiers {
		p, err := d.Accounts.ProjectByHost(c.Request().Context(), identifier)
		switch {
		case fault.Is(err, fault.NotFound), err == nil && project.ID != "" && p.ID != project.ID:
			return noProject, nil
		case err != nil:
			return account.Project{}, err
		}
		project = p
	}
	return project, nil
}
