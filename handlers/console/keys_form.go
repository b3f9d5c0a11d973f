package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

// keyForm is what somebody has typed or ticked about a key.
type keyForm struct {
	token, kind, name, description, access string
	permissions                            []string
	scope, find                            string
	engines                                []string
	expires, expiresOn                     string

	preset         string // what filled the form
	preview        string // the form is to be shown again: enter, find or summary
	seen, reviewed string // when the key was last changed, as the form and as the review know it
}

func readKeyForm(form url.Values) keyForm {
	return keyForm{
		token: form.Get("form_token"), kind: form.Get("type"), name: form.Get("name"), description: form.Get("description"),
		access: form.Get("access"), permissions: form["permission"], scope: form.Get("scope"), find: form.Get("find"),
		engines: form["engine"], expires: form.Get("expires"), expiresOn: form.Get("expires_on"),
		preview: form.Get("preview"), seen: form.Get("seen"), reviewed: form.Get("reviewed"),
	}
}

// formOf is the form filled with a key as it is.
func formOf(k credential.Key) keyForm {
	f := keyForm{
		kind: string(k.Type), name: k.Name, description: k.Description, access: string(k.Access), permissions: k.Custom.Strings(),
		scope: "all", engines: k.Scope.Engines, expires: "keep", seen: stamp(k.UpdatedAt),
	}
	if !k.Scope.All {
		f.scope = "some"
	}
	return f
}

// stamp writes the moment of a change as forms carry it.
func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// moment reads a stamp. What is none gives a moment at which no key was changed.
func moment(stamp string) time.Time {
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return unreadable
	}
	return time.UnixMilli(ms)
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

// plan is what a key of this form could do, as far as the form tells by now.
func (f keyForm) plan(now time.Time, before credential.Key) views.KeyPlan {
	in := f.input(now, before)
	custom, _, _ := permission.Parse(in.Permissions)
	k := credential.Key{Type: in.Type, Access: in.Access, Custom: custom, Scope: permission.Scope{All: in.AllEngines || in.Type == secret.Admin}, ExpiresAt: in.ExpiresAt}
	k.Scope.Engines = slices.Compact(slices.Sorted(slices.Values(in.Engines)))
	p := planOf(k, now)
	if in.ExpiresAt.Equal(unreadable) {
		p.Undecided, p.Expires = true, time.Time{}
	}
	return p
}

// planOf is what a key can do.
func planOf(k credential.Key, now time.Time) views.KeyPlan {
	return views.KeyPlan{
		Type: string(k.Type), Permissions: k.Permissions(), AllEngines: k.Scope.All, Engines: k.Scope.Engines, Expires: k.ExpiresAt, Now: now,
	}
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
		messages["expires_on"] = views.NotADate
	case f.expires == "date":
		rename(messages, "expires", "expires_on")
	default:
		messages["expires"] = views.NoExpiry
	}
}

// focus is where a reader who asked to see the form again wants to go on.
func (f keyForm) focus() string {
	switch {
	case f.preview == "find", f.preview == "enter" && f.find != "":
		return "find"
	case f.preview != "":
		return "summary"
	}
	return ""
}

// showKeyForm shows what was typed; k is the key that is changed, or the zero one for a new key.
func (s *console) showKeyForm(c echo.Context, status int, form keyForm, k credential.Key, messages views.Form) error {
	v, now := visitorOf(c), s.Now()
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	form.explain(messages.Errors)
	gift := credential.GiftOf(v.Principal, v.project.Target())
	engines, err := s.engineChoices(c, v, form.engines, form.find, gift.Scope)
	if err != nil {
		return err
	}
	return web.Render(c, status, views.KeyForm(views.KeyFormPage{
		Page: p, Form: messages, Token: form.token, Edit: k.ID != "", ID: k.ID, Visible: k.Visible, Called: k.Description, Seen: stamp(k.UpdatedAt),
		Preset: form.preset, Type: form.kind, Name: form.name, Description: form.description, Access: form.access,
		Resources: resources(gift.Permissions, form.permissions), Scope: form.scope, EngineChoices: engines,
		Expires: form.expires, ExpiresOn: form.expiresOn, Earliest: now.Format(time.DateOnly), ExpiresNow: views.Day(k.ExpiresAt, now),
		Ends: ends(now), Effect: views.EffectOf(form.plan(now, k)), Unavailable: unavailable(gift), Focus: form.focus(),
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

// keySummary answers a form with what the key will be able to do, for pages that follow what is ticked.
func (s *console) keySummary(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	form, before := readKeyForm(posted), credential.Key{}
	if id := posted.Get("key"); id != "" {
		if before, err = s.Credentials.Get(c.Request().Context(), visitorOf(c).Who, visitorOf(c).project.Target(), id); err != nil {
			return err
		}
		form.kind = string(before.Type)
	}
	return web.Render(c, http.StatusOK, views.KeyEffectPart(views.EffectOf(form.plan(s.Now(), before))))
}

// findEngines answers a form with the engines that it looks for.
func (s *console) findEngines(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	v, form := visitorOf(c), readKeyForm(posted)
	choices, err := s.engineChoices(c, v, form.engines, form.find, credential.GiftOf(v.Principal, v.project.Target()).Scope)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.EngineList(choices))
}
