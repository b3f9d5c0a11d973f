package console

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

// newKey is the form for a new key: with what is usual, or filled by a preset or with what another key is.
func (s *console) newKey(c echo.Context) error {
	form := keyForm{kind: string(secret.Private), access: string(permission.AccessRead), scope: "all", expires: "90"}
	if preset, ok := views.PresetOf(c.QueryParam("preset")); ok {
		var err error
		if form, err = s.presetForm(c, preset); err != nil {
			return err
		}
	}
	if id := c.QueryParam("from"); id != "" {
		v := visitorOf(c)
		k, err := s.Credentials.Get(c.Request().Context(), v.Who, v.project.Target(), id)
		if err != nil {
			return err
		}
		form = copyOf(k)
	}
	form.token = secret.Token().Reveal()
	return s.showKeyForm(c, http.StatusOK, form, credential.Key{}, views.Form{})
}

// presetForm is the form as a preset fills it. Where there are engines, they are to be named.
func (s *console) presetForm(c echo.Context, preset views.KeyPreset) (keyForm, error) {
	names, err := s.engineNames(c, visitorOf(c))
	form := keyForm{
		preset: preset.Code, kind: preset.Type, access: cmp.Or(preset.Access, string(permission.AccessRead)), permissions: preset.Permissions,
		scope: "all", expires: preset.Expires,
	}
	if len(names) > 0 && preset.Type != string(secret.Admin) {
		form.scope = "some"
	}
	return form, err
}

// copyOf is the form filled with what a key is, for another one. Its name is not taken over, nor that it never
// expires: both are for the reader to choose.
func copyOf(k credential.Key) keyForm {
	form := formOf(k)
	form.seen, form.name, form.expires = "", "", "365"
	form.description = fault.Cut(cmp.Or(k.Description, k.Name), credential.MaxDescription-len(" copy")) + " copy"
	if !k.ExpiresAt.IsZero() {
		form.expires = likeLife(k.ExpiresAt.Sub(k.CreatedAt))
	}
	return form
}

// likeLife is the choice of days that comes closest to how long a key lives.
func likeLife(life time.Duration) string {
	best := 7
	for _, days := range []int{30, 90, 365} {
		if distance(life, days) < distance(life, best) {
			best = days
		}
	}
	return strconv.Itoa(best)
}

func distance(life time.Duration, days int) time.Duration {
	return (life - time.Duration(days)*24*time.Hour).Abs()
}

// createKey makes a key and leads to the page that reveals its secret. A form that is sent twice leads there twice.
// A search key is public and can be copied from its page at any time, so it is not revealed but shown there.
func (s *console) createKey(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	v, form := visitorOf(c), readKeyForm(posted)
	if form.preview != "" {
		return s.showKeyForm(c, http.StatusOK, form, credential.Key{}, views.Form{})
	}
	aside := func(ctx context.Context, tx *db.Tx, id string, made secret.Secret) error {
		return session.StashTx(ctx, tx, v.token, id, made)
	}
	in := form.input(s.Now(), credential.Key{})
	if in.Type == secret.Search {
		aside = nil
	}
	k, _, err := s.Credentials.Create(c.Request().Context(), v.Who, v.project.Target(), in, aside)
	if err != nil {
		return s.formAgain(c, err, form, credential.Key{})
	}
	if k.Type == secret.Search {
		return web.Redirect(c, done(s.keyURL(v, k.ID), "created"))
	}
	return web.Redirect(c, views.RevealKeyURL(v.organization.Slug, v.project.Slug, k.ID))
}
