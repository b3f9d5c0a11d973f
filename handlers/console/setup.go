package console

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

// waiting says that the server waits to be set up, and where the link for it is.
func (s *console) waiting(c echo.Context) error {
	return web.Render(c, http.StatusOK, views.SetupLink(views.SetupLinkPage{Page: s.bare(c), Waiting: true}))
}

// setupOpen reports whether the server may be set up with this token. Otherwise it has answered.
func (s *console) setupOpen(c echo.Context, token string) (open bool, err error) {
	waiting, err := s.Accounts.Empty(c.Request().Context())
	switch {
	case err != nil:
		return false, err
	case !waiting:
		return false, web.Redirect(c, views.LoginURL)
	case !s.Setup.Fits(token):
		return false, web.Render(c, http.StatusForbidden, views.SetupLink(views.SetupLinkPage{Page: s.bare(c)}))
	}
	return true, nil
}

func (s *console) setupForm(c echo.Context) error {
	token := c.QueryParam("token")
	if open, err := s.setupOpen(c, token); !open {
		return err
	}
	return web.RenderSecret(c, http.StatusOK, views.Setup(views.SetupPage{Page: s.bare(c), Token: token, Sample: true}))
}

// setupLabel is who the history names for what is made before anybody has signed in.
const setupLabel = "set-up link"

// setUp makes the first admin, who is signed in at once and sees the secret of the first private key.
func (s *console) setUp(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if open, err := s.setupOpen(c, form.Get("token")); !open {
		return err
	}
	who, in := asker(c), account.SetUp{
		Email: form.Get("email"), Password: secret.Secret(form.Get("password")),
		Organization: form.Get("organization"), Project: form.Get("project"),
	}
	who.Label = setupLabel
	u, o, p, keys, err := s.Accounts.SetUp(c.Request().Context(), who, in)
	if err != nil {
		return s.setupFailed(c, form, err)
	}
	s.Setup.Void()
	token, err := s.Sessions.SignIn(c, u.ID, u.Epoch)
	if err != nil {
		return err
	}
	if err := s.handOver(c, token, keys); err != nil {
		return err
	}
	address := firstPage(o, p, keys)
	if form.Get("sample") == "1" && s.addSample(c, u, p) != nil {
		address = done(address, "no-sample") // a remark, not a failure: the instance is set up
	}
	return web.Redirect(c, address)
}

func (s *console) setupFailed(c echo.Context, form url.Values, err error) error {
	if fault.From(err).Reason == "set_up" {
		return web.Redirect(c, views.LoginURL)
	}
	return again(err, func(status int, messages views.Form) error {
		return web.RenderSecret(c, status, views.Setup(views.SetupPage{
			Page: s.bare(c), Form: messages, Token: form.Get("token"), Email: form.Get("email"),
			OrganizationName: form.Get("organization"), ProjectName: form.Get("project"), Sample: form.Get("sample") == "1",
		}))
	})
}

// isShownOnce tells the key of a new project whose secret its maker must store from the one that can be read any time.
func isShownOnce(k secret.Minted) bool {
	t, _ := secret.Parse(k.Secret.Reveal())
	return t == secret.Private
}

// firstPage is where to go after a project was made: to the secret of its private key.
func firstPage(o account.Organization, p account.Project, keys []secret.Minted) string {
	if i := slices.IndexFunc(keys, isShownOnce); i >= 0 {
		return views.RevealKeyURL(o.Slug, p.Slug, keys[i].ID)
	}
	return views.KeysURL(o.Slug, p.Slug)
}

// handOver puts the secret of the first project's private key aside for the session of its maker, who had none while
// it was made.
func (s *console) handOver(c echo.Context, token secret.Secret, keys []secret.Minted) error {
	if i := slices.IndexFunc(keys, isShownOnce); i >= 0 {
		return s.Rows.Stash(c.Request().Context(), token, keys[i].ID, keys[i].Secret)
	}
	return nil
}

func (s *console) addSample(c echo.Context, u account.User, p account.Project) error {
	who := asker(c)
	var err error
	if who.Principal, _, err = s.Accounts.Principal(c.Request().Context(), permission.User, u.ID, u.Epoch); err != nil {
		return err
	}
	return s.Engines.AddSample(c.Request().Context(), who, p.Target())
}
