package lupa

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web"
)

// loginBody is what is sent to log in (Lupa, "API Authentication", Obtaining Jwt Access Token).
//
//	{"email":"…","password":"…"}
type loginBody struct {
	Email    string        `json:"email"`
	Password secret.Secret `json:"password"`
}

// loggedIn is the answer to it (ibidem).
//
//	{"success":true,"token":"eyJ…"}
type loggedIn struct {
	Success bool   `json:"success"`
	Token   string `json:"token"`
}

func (a *api) login(c echo.Context) error {
	var body loginBody
	if err := web.DecodeJSON(c, &body); err != nil {
		return err
	}
	if body.Email == "" || body.Password == "" {
		return fault.New(fault.Invalid, "email and password are needed.")
	}
	user, err := a.Accounts.Authenticate(c.Request().Context(), caller(c), body.Email, body.Password)
	if err != nil {
		return err
	}
	token, err := a.Accounts.IssueToken(user)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, loggedIn{Success: true, Token: token.Reveal()})
}

// profile is who a token belongs to (Lupa, "API Authentication", Testing Access Token).
//
//	{"id":"…","email":"…","createdAt":"…","updatedAt":"…","organizations":[…]}
type profile struct {
	ID            string         `json:"id"`
	Email         string         `json:"email"`
	CreatedAt     stamp          `json:"createdAt"`
	UpdatedAt     stamp          `json:"updatedAt"`
	Organizations []organization `json:"organizations"`
}

// organization is one that the user belongs to (ibidem).
//
//	{"id":"…","name":"…","slug":"…","createdAt":"…","updatedAt":"…","role":"ORGANIZATION_ADMIN"}
type organization struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Slug      string          `json:"slug"`
	CreatedAt stamp           `json:"createdAt"`
	UpdatedAt stamp           `json:"updatedAt"`
	Role      permission.Role `json:"role"`
}

func (a *api) me(c echo.Context) error {
	organizations, err := a.Accounts.Organizations(c.Request().Context(), whoOf(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, profileOf(userOf(c), organizations))
}

func profileOf(u account.User, organizations []account.Organization) profile {
	p := profile{ID: u.ID, Email: u.Email, CreatedAt: stamp(u.CreatedAt), UpdatedAt: stamp(u.UpdatedAt), Organizations: []organization{}}
	for _, o := range organizations {
		p.Organizations = append(p.Organizations, organization{
			ID: o.ID, Name: o.Name, Slug: o.Slug, CreatedAt: stamp(o.CreatedAt), UpdatedAt: stamp(o.UpdatedAt), Role: o.Role,
		})
	}
	return p
}
