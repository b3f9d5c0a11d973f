package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

// keyForm is what somebody has typed or ticked about a key.
type keyForm struct {
	token, kind, name, description, access string
	permissions                            []string
	scope                                  string
	engines                                []string
	expires, expiresOn                     string
}

func readKeyForm(form url.Values) keyForm {
	return keyForm{
		token: form.Get("form_token"), kind: form.Get("type"), name: form.Get("name"), description: form.Get("description"),
		access: form.Get("access"), permissions: form["permission"], scope: form.Get("scope"), engines: form["engine"],
		expires: form.Get("expires"), expiresOn: form.Get("expires_on"),
	}
}

// formOf is the form filled with a key as it is.
func formOf(k credential.Key) keyForm {
	f := keyForm{
		kind: string(k.Type), name: k.Name, description: k.Description, access: string(k.Access), permissions: k.Custom.Strings(),
		scope: "all", engines: k.Scope.Engines, expires: "keep",
	}
	if !k.Scope.All {
		f.scope = "some"
	}
	return f
}

// input words the form as the store wants it. The form always carries the choices of every type, so what does not
// belong to the chosen one is left out.
func (f keyForm) input(now time.Time, before credential.Key) credential.Input {
	in := credential.Input{
		Name: f.name, Description: f.description, Type: secret.Type(f.kind), ExpiresAt: f.expiry(now, before),
	}
	if secret.Plausible(f.token) {
		in.FormToken = f.token
	}
	if in.Type == secret.Private {
		in.Access = permission.Access(f.access)
		if in.Access == permission.AccessCustom {
			in.Permissions = f.permissions
		}
	}
	if in.Type != secret.Admin {
		if in.AllEngines = f.scope == "all"; !in.AllEngines {
			in.Engines = f.engines
		}
	}
	return in
}

// unreadable stands for an expiry that makes no sense. It has passed, so the store refuses it together with everything
// else that is wrong, and explain finds better words.
var unreadable = time.UnixMilli(1)

// expiry is when the key ends: some days from now, at the end of a day in UTC, as before, or never (the zero time).
func (f keyForm) expiry(now time.Time, before credential.Key) time.Time {
	switch f.expires {
	case "never":
		return time.Time{}
	case "7", "30", "90", "365":
		days, _ := strconv.Atoi(f.expires)
		return now.AddDate(0, 0, days)
	case "date":
		day, err := time.Parse(time.DateOnly, f.expiresOn)
		if err != nil {
			return unreadable
		}
		return day.AddDate(0, 0, 1).Add(-time.Millisecond)
	case "", "keep":
		if before.ID != "" {
			return before.ExpiresAt
		}
	}
	return unreadable
}

// explain puts the message about the expiry beside what was typed.
func (f keyForm) explain(messages map[string]string) {
	if messages["expires"] == "" {
		return
	}
	_, err := time.Parse(time.DateOnly, f.expiresOn)
	switch {
	case f.expires == "date" && err != nil:
		delete(messages, "expires")
		messages["expires_on"] = "Enter a date as year, month and day, such as 2027-02-14."
	case f.expires == "date":
		rename(messages, "expires", "expires_on")
	default:
		messages["expires"] = "Choose when the key expires."
	}
}

func (s *console) newKey(c echo.Context) error {
	form := keyForm{token: secret.Token().Reveal(), kind: string(secret.Private), access: string(permission.AccessRead), scope: "all", expires: "90"}
	return s.showKeyForm(c, http.StatusOK, form, credential.Key{}, views.Form{})
}

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

// updateKey changes what a key may do. What it is stays: its type and its name are not part of the form.
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
	k, err := s.Credentials.Update(c.Request().Context(), v.Who, v.project.Target(), before.ID, form.input(s.Now(), before))
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showKeyForm(c, status, form, before, messages)
		})
	}
	return web.Redirect(c, done(s.keyURL(v, k.ID), "saved"))
}

func (s *console) keyURL(v *visitor, id string) string {
	return views.KeyURL(v.organization.Slug, v.project.Slug, id)
}

// showKeyForm shows what was typed; k is the key that is changed, or the zero one for a new key.
func (s *console) showKeyForm(c echo.Context, status int, form keyForm, k credential.Key, messages views.Form) error {
	v, now := visitorOf(c), s.Now()
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	form.explain(messages.Errors)
	engines, err := s.engineChoices(c, v, form.engines)
	if err != nil {
		return err
	}
	grantable, _ := permission.Grantable(v.Principal, v.project.Target())
	return web.Render(c, status, views.KeyForm(views.KeyFormPage{
		Page: p, Form: messages, Token: form.token, Edit: k.ID != "", ID: k.ID, Visible: k.Visible, Called: k.Description,
		Type: form.kind, Name: form.name, Description: form.description, Access: form.access,
		Resources: resources(grantable, form.permissions), Scope: form.scope, Engines: engines,
		Expires: form.expires, ExpiresOn: form.expiresOn, Earliest: now.Format(time.DateOnly), ExpiresNow: views.Day(k.ExpiresAt, now),
		Ends: ends(now),
	}))
}

// ends tells for each number of days that can be chosen on which day it ends.
func ends(now time.Time) map[string]string {
	m := map[string]string{}
	for _, days := range []int{7, 30, 90, 365} {
		m[strconv.Itoa(days)] = views.Date(now.AddDate(0, 0, days))
	}
	return m
}

// engineChoices lists the engines of the project, and those that were chosen and do not exist any more.
func (s *console) engineChoices(c echo.Context, v *visitor, chosen []string) ([]views.EngineChoice, error) {
	if !v.may(permission.IndicesRead) {
		return nil, nil
	}
	engines, err := s.Engines.List(c.Request().Context(), v.Who, v.project.Target())
	var list []views.EngineChoice
	for _, e := range engines {
		list = append(list, views.EngineChoice{Name: e.Name, Documents: e.Documents, Checked: slices.Contains(chosen, e.Name)})
	}
	for _, name := range chosen {
		known := func(e views.EngineChoice) bool { return e.Name == name }
		if !slices.ContainsFunc(list, known) {
			list = append(list, views.EngineChoice{Name: name, Checked: true})
		}
	}
	return list, err
}
