package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
	"latchkey/web"
)

// signer is the key of a page that signs. Where the key cannot sign, its own page says so.
func (s *console) signer(c echo.Context, then func(k credential.Key) error) error {
	v := visitorOf(c)
	k, err := s.Credentials.Get(c.Request().Context(), v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	if !k.CanSign(s.Now()) {
		return web.Redirect(c, done(s.keyURL(v, k.ID), "cannot-sign"))
	}
	return then(k)
}

// askSign is the form that signs a search key with a key.
func (s *console) askSign(c echo.Context) error {
	return s.signer(c, func(k credential.Key) error {
		form := signForm{expires: "1d", engine: c.QueryParam("engine")}
		names, err := s.signEngines(c, k)
		if err != nil {
			return err
		}
		if form.engine == "" && len(names) > 0 {
			form.engine = names[0]
		}
		return s.showSignForm(c, http.StatusOK, form, k, views.Form{})
	})
}

// sign makes a signed search key and shows it in this answer, which is the only place where it ever is.
func (s *console) sign(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	return s.signer(c, func(k credential.Key) error {
		form, err := readSignForm(posted)
		if err == nil && form.preview {
			return s.showSignForm(c, http.StatusOK, form, k, views.Form{})
		}
		var page views.KeySignedPage
		if err == nil {
			page, err = s.signed(c, &form, k)
		}
		if err != nil {
			return again(err, func(status int, messages views.Form) error { return s.showSignForm(c, status, form, k, messages) })
		}
		return web.RenderSecret(c, http.StatusOK, views.KeySigned(page))
	})
}

// signed makes what the form asks for, after the options were tried as a search with it would be.
func (s *console) signed(c echo.Context, form *signForm, k credential.Key) (views.KeySignedPage, error) {
	v, ctx := visitorOf(c), c.Request().Context()
	var in credential.Signing
	var err error
	if err = s.findFields(c, form, k); err != nil {
		return views.KeySignedPage{}, err
	}
	in.Options, err = form.imposed()
	end, errEnd := form.expiry(s.Now())
	if err = together(err, errEnd); err != nil {
		return views.KeySignedPage{}, err
	}
	plan := signPlan(k, in.Options, s.Now())
	if err := s.tryOptions(ctx, v, k, form, in.Options, &plan); err != nil {
		return views.KeySignedPage{}, err
	}
	in.Secret, in.Expires, plan.Expires = form.secret, end, end
	token, err := s.Credentials.Sign(ctx, v.Who, v.project.Target(), k.ID, in)
	if err != nil {
		return views.KeySignedPage{}, err
	}
	return s.signedPage(c, k, token, plan, form.engine)
}

// together is one error with the messages of several about fields, or the first that is about none.
func together(errs ...error) error {
	wrong := fault.Fields{}
	for _, err := range errs {
		f := fault.From(err)
		if f == nil {
			continue
		}
		if len(f.Fields) == 0 {
			return err
		}
		for field, message := range f.Fields {
			wrong.Add(field, message)
		}
	}
	return wrong.Err()
}

func (s *console) signedPage(c echo.Context, k credential.Key, token secret.Secret, plan views.SignPlan, name string) (views.KeySignedPage, error) {
	v := visitorOf(c)
	page := views.KeySignedPage{Token: token.Reveal(), Plan: plan, Parent: s.signParent(k)}
	var err error
	if page.Page, err = s.page(c, v, views.NavCredentials); err != nil {
		return page, err
	}
	d, err := s.Credentials.Decode(c.Request().Context(), v.Who, v.project.Target(), token.Reveal())
	if err != nil {
		return page, err
	}
	page.Header, page.Claims = pretty(d.Header), pretty(d.Claims)
	if page.Try, err = s.tryWith(c, v, k); err != nil {
		return page, err
	}
	page.Try.Lupa = "" // which knows no signed search keys
	page.Try.Example = views.ExampleFor(views.ExampleSearch, s.appSearchAddress(v), name)
	if name == "" {
		names, err := s.engineNames(c, v)
		page.Try.Example = views.ExampleFor(views.ExampleSearch, s.appSearchAddress(v), exampleEngine(k.Scope, names))
		return page, err
	}
	return page, nil
}

// tryOptions checks the options as every search with them will be, and counts the documents that pass in the engine of
// the form.
func (s *console) tryOptions(ctx context.Context, v *visitor, k credential.Key, form *signForm, options map[string]json.RawMessage, plan *views.SignPlan) error {
	q, err := s.Query(map[string]any{"query": ""}, options)
	if err == nil && form.engine != "" {
		proof := permission.Principal{
			Kind: permission.Signed, ID: k.ID, Organization: v.organization.ID, Project: v.project.ID, KeyType: string(k.Type),
			Permissions: permission.Of(permission.SearchRead), Scope: k.Scope, Enforced: options,
		}
		q.Page, q.Size = 1, 0
		var found engine.Results
		found, err = s.Engines.Search(ctx, audit.Who{Principal: proof}, v.project.Target(), form.engine, q)
		plan.Engine, plan.Passing = form.engine, found.Total
	}
	switch {
	case fault.Is(err, fault.Unavailable):
		plan.Engine = "" // it took too long to count, and the options are fine
	case fault.Is(err, fault.Invalid):
		field := "options"
		if strings.TrimSpace(form.options) == "" && form.engine != "" {
			field = "filters" // nothing else of the form can be wrong for its engine
		}
		return fault.Field(field, fault.From(err).Message)
	case err != nil:
		return err
	}
	if plan.Engine == "" {
		return nil
	}
	e, err := s.Engines.Get(ctx, v.Who, v.project.Target(), form.engine)
	plan.Documents = e.Documents
	return err
}

// signEngines are the engines that a key reaches and the visitor sees, to take fields from.
func (s *console) signEngines(c echo.Context, k credential.Key) ([]string, error) {
	names, err := s.engineNames(c, visitorOf(c))
	return slices.DeleteFunc(names, func(name string) bool { return !k.Scope.Has(name) }), err
}

// findFields fills in the fields of the engine that the form names, which must be one that the key reaches.
func (s *console) findFields(c echo.Context, form *signForm, k credential.Key) error {
	if form.engine == "" {
		return nil
	}
	names, err := s.signEngines(c, k)
	if err != nil {
		return err
	}
	if !slices.Contains(names, form.engine) {
		form.engine = ""
		return fault.Field("engine", views.NotThatEngine)
	}
	v := visitorOf(c)
	form.fields, err = s.Engines.Schema(c.Request().Context(), v.Who, v.project.Target(), form.engine)
	return err
}

// showSignForm shows what was typed, without the secret.
func (s *console) showSignForm(c echo.Context, status int, form signForm, k credential.Key, messages views.Form) error {
	v, now := visitorOf(c), s.Now()
	if err := s.findFields(c, &form, k); err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	page := views.KeySignPage{
		Form: messages, Parent: s.signParent(k), Engine: form.engine, Filters: form.filters, SearchScope: form.searchScope,
		ResultScope: form.resultScope, Facets: form.facets, Sort: form.sort, Options: form.options, Expires: form.expires,
		ExpiresOn: form.expiresOn, Earliest: now.Format(time.DateOnly), Chosen: form.preview, Ends: map[string]string{
			"1h": views.DateTime(now.Add(time.Hour)), "1d": views.DateTime(now.AddDate(0, 0, 1)),
			"7d": views.Date(now.AddDate(0, 0, 7)), "30d": views.Date(now.AddDate(0, 0, 30)),
		},
	}
	for _, f := range form.fields {
		page.Fields = append(page.Fields, views.SignField{
			Name: f.Name, Type: string(f.Type), Searched: slices.Contains(form.searchFields, f.Name), Result: slices.Contains(form.resultField, f.Name),
		})
	}
	var err error
	if page.Page, err = s.page(c, v, views.NavCredentials); err != nil {
		return err
	}
	if page.Engines, err = s.signEngines(c, k); err != nil {
		return err
	}
	return web.Render(c, status, views.KeySign(page))
}

// signParent is a key as the pages about what it signs show it.
func (s *console) signParent(k credential.Key) views.SignParent {
	if k.ID == "" {
		return views.SignParent{}
	}
	return views.SignParent{
		ID: k.ID, Called: calledOf(k), Type: string(k.Type), Visible: k.Visible, Status: statusOf(k, s.Now()),
		AllEngines: k.Scope.All, Engines: k.Scope.Engines, Expires: views.Day(k.ExpiresAt, s.Now()),
	}
}

// signPlan is what options allow that are imposed on searches with a key's rights.
func signPlan(k credential.Key, options map[string]json.RawMessage, now time.Time) views.SignPlan {
	p := views.SignPlan{
		Type: string(k.Type), AllEngines: k.Scope.All, Engines: k.Scope.Engines, Options: map[string]any{}, ParentEnds: k.ExpiresAt, Now: now,
	}
	for name, raw := range options {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		if d.Decode(&v) == nil {
			p.Options[name] = v
		}
	}
	return p
}

// pretty is JSON on lines of its own, with marks that cannot be seen made visible.
func pretty(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return ""
	}
	return engine.Visible(b.String())
}

// decodeForm is where a signed search key can be pasted.
func (s *console) decodeForm(c echo.Context) error {
	p, err := s.page(c, visitorOf(c), views.NavCredentials)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.KeyDecode(views.KeyDecodePage{Page: p}))
}

// decode tells what a pasted signed search key is. It is looked at and forgotten.
func (s *console) decode(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	v := visitorOf(c)
	page := views.KeyDecodePage{}
	if page.Page, err = s.page(c, v, views.NavCredentials); err != nil {
		return err
	}
	raw := strings.TrimSpace(posted.Get("token"))
	if raw == "" {
		page.Form = views.FormOf("", map[string]string{"token": views.NothingPasted})
		return web.Render(c, http.StatusUnprocessableEntity, views.KeyDecode(page))
	}
	d, err := s.Credentials.Decode(c.Request().Context(), v.Who, v.project.Target(), raw)
	if err != nil {
		return err
	}
	page.Decoded = s.decoded(d)
	return web.RenderSecret(c, http.StatusOK, views.KeyDecode(page))
}

// decoded is what a signed search key says, as the page shows it.
func (s *console) decoded(d credential.Decoded) *views.DecodedKey {
	now := s.Now()
	out := &views.DecodedKey{
		Code: string(d.Reason), Verified: d.Verified, Name: d.Name, Parent: s.signParent(d.Parent), Plan: signPlan(d.Parent, d.Options, now),
		Header: pretty(d.Header), Claims: pretty(d.Claims), Issued: views.Moment(d.Issued, now), Expires: views.Moment(d.Expires, now),
	}
	out.Plan.Expires = d.Expires
	switch {
	case d.Header == nil:
		out.Code = "token_malformed"
	case !d.Plain:
		out.Code = "token_header"
	case !d.Verified && !d.Parent.RevokedAt.IsZero():
		out.Code = "parent_revoked"
	}
	return out
}
