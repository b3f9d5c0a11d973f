package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) editKey(c echo.Context) error {
	k, err := s.changeable(c)
	if err != nil {
		return err
	}
	return s.showKeyForm(c, http.StatusOK, formOf(k), k, views.Form{})
}

// changeable gives the key in the path, if it can still be changed.
func (s *console) changeable(c echo.Context) (credential.Key, error) {
	v := visitorOf(c)
	k, err := s.Credentials.Get(c.Request().Context(), v.Who, v.project.Target(), c.Param("key"))
	if err == nil && !k.RevokedAt.IsZero() {
		err = fault.New(fault.Conflict, "A revoked key cannot be changed.").WithReason("key_revoked")
	}
	return k, err
}

// updateKey changes what a key may do, once the differences were shown: a form without the mark of the review gets
// them. What a key is stays: its type and its name are not part of the form.
func (s *console) updateKey(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	before, err := s.changeable(c)
	if err != nil {
		return err
	}
	v, form := visitorOf(c), readKeyForm(posted)
	form.kind, form.name = string(before.Type), before.Name
	switch {
	case form.preview != "":
		return s.showKeyForm(c, http.StatusOK, form, before, views.Form{})
	case form.reviewed == "":
		return s.reviewKey(c, http.StatusOK, form, before)
	}
	in := form.input(s.Now(), before)
	in.Seen = moment(form.reviewed)
	k, err := s.Credentials.Update(c.Request().Context(), v.Who, v.project.Target(), before.ID, in)
	if f := fault.From(err); f != nil && f.Reason == "key_changed" {
		return s.reviewKey(c, http.StatusConflict, form, before)
	}
	if err != nil {
		return s.formAgain(c, err, form, before)
	}
	return web.Redirect(c, done(s.keyURL(v, k.ID), "saved"))
}

func (s *console) formAgain(c echo.Context, err error, form keyForm, k credential.Key) error {
	return again(err, func(status int, messages views.Form) error { return s.showKeyForm(c, status, form, k, messages) })
}

// reviewKey shows what a form would change of a key, compared with the key as it is now.
func (s *console) reviewKey(c echo.Context, status int, form keyForm, k credential.Key) error {
	v, now := visitorOf(c), s.Now()
	before, after, err := s.Credentials.Preview(c.Request().Context(), v.Who, v.project.Target(), k.ID, form.input(now, k))
	if err != nil {
		return s.formAgain(c, err, form, k)
	}
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	from, to := planOf(before, now), planOf(after, now)
	return web.Render(c, status, views.KeyReview(views.KeyReviewPage{
		Page: p, ID: k.ID, Name: before.Name, Description: before.Description, Type: string(before.Type), Visible: before.Visible,
		Changed:     form.seen != "" && form.seen != stamp(before.UpdatedAt) || status == http.StatusConflict,
		Differences: views.KeyDifferences(from, to, [2]string{before.Description, after.Description}),
		Effect:      views.EffectOf(to), Fields: form.fields(), Reviewed: stamp(before.UpdatedAt),
	}))
}

// fields is what the review carries on, so that saving posts what was reviewed.
func (f keyForm) fields() []views.FormField {
	list := []views.FormField{{Name: "description", Value: f.description}, {Name: "access", Value: f.access}}
	for _, p := range f.permissions {
		list = append(list, views.FormField{Name: "permission", Value: p})
	}
	list = append(list, views.FormField{Name: "scope", Value: f.scope})
	for _, e := range f.engines {
		list = append(list, views.FormField{Name: "engine", Value: e})
	}
	return append(list, views.FormField{Name: "expires", Value: f.expires}, views.FormField{Name: "expires_on", Value: f.expiresOn})
}

func (s *console) keyURL(v *visitor, id string) string {
	return views.KeyURL(v.organization.Slug, v.project.Slug, id)
}
