// Package importer takes over what an App Search holds, or another Latchkey that speaks its dialect: credentials with their
// secrets, engines, schemas, documents, synonyms, curations and search settings. It asks over HTTP as any client would,
// with an admin key for the credentials and a private key for all else, and stores through the same functions as every
// surface, so that the same rules hold.
//
// What is decided here:
//
//   - It can be run again, any number of times. Documents are replaced by their id. What vanished at the source meanwhile
//     stays here: nothing is ever deleted, except a default key that nobody has used or changed, when the source has one of
//     the same name; that is noted, and KeepDefaults forbids it.
//   - A key that is there already is left as it is, also where it may do something else by now, and one that was revoked
//     here stays revoked. The key that the import itself asks with is a credential like the others and is taken over too.
//   - Where something is here and says something else, such as a schema, a curation or search settings, the source wins;
//     keys are the exception, because a rerun must not undo what was decided about them here.
//   - A run that is cut off goes on at the page of documents where it was, if it is started again within a day. Everything
//     else is asked anew: it takes little time.
//   - Documents come from the list of documents. App Search ends that at 10,000; the others are then looked for by searches
//     that cut the engine along its number and date fields, and along the values of its text fields. What cannot be
//     reached so is reported.
//   - Whatever is not taken over stands in the Report with the reason. One thing that fails does not keep others from being
//     taken over; a source that fails for good, or refuses the key, ends the run.
//   - Redirects are never followed: the keys would go along. No secret stands in a message or a Report.
package importer

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/takeover"
)

// Deps is where to put what is taken over.
type Deps struct {
	Credentials *credential.Store
	Engines     *engine.Store
	Takeover    *takeover.Store
	Now         func() time.Time
}

// Options say what to take over from where.
type Options struct {
	URL          *url.URL      // of the source, with or without /api/as/v1
	AdminKey     secret.Secret // empty: no credentials
	PrivateKey   secret.Secret // empty: credentials only
	KeepDefaults bool          // do not replace default keys that nobody has used
	Restart      bool          // do not go on where an earlier run was cut off
	Agent        string        // how to introduce oneself to the source

	// Say tells a person what is going on.
	Say func(format string, args ...any)
	// Wait waits, or gives an error when the context ends first.
	Wait func(context.Context, time.Duration) error
	// Transport reaches the source; nil: over the network.
	Transport http.RoundTripper

	reach reach // of one search; zero: App Search's
}

// Endpoint gives the address below which the source's API lies.
func Endpoint(u *url.URL) *url.URL {
	e := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}
	if !strings.HasSuffix(e.Path, apiPath) {
		e.Path += apiPath
	}
	return e
}

const apiPath = "/api/as/v1"

// run is one import under way.
type run struct {
	Deps
	Options
	who    audit.Who
	place  permission.Target
	source *client
	report *Report
	saved  map[string]string // positions of an earlier run that was cut off
}

// Import takes everything over into a project. The report is there also beside an error, which tells what ended the run
// early.
func Import(ctx context.Context, d Deps, who audit.Who, place permission.Target, o Options) (*Report, error) {
	base := Endpoint(o.URL)
	over := o.Transport
	if over == nil {
		t := transport()
		defer t.CloseIdleConnections()
		over = t
	}
	r := &run{Deps: d, Options: o, who: who, place: place, report: newReport(base.String()), source: &client{
		base: base, agent: o.Agent, secrets: []secret.Secret{o.AdminKey, o.PrivateKey}, wait: o.Wait, now: d.Now, say: o.Say,
		http: &http.Client{Transport: over, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}}
	if r.reach.page == 0 {
		r.reach = appSearchReach()
	}
	err := r.all(ctx)
	if err != nil {
		r.report.Error = err.Error()
	}
	r.report.Complete = err == nil
	return r.report, err
}

func (r *run) all(ctx context.Context) error {
	keys, engines, err := r.look(ctx)
	if err != nil {
		return err
	}
	if err := r.resume(ctx); err != nil {
		return err
	}
	if err := r.credentials(ctx, keys); err != nil {
		return err
	}
	if err := r.engines(ctx, engines); err != nil {
		return err
	}
	return r.Takeover.Clear(ctx, r.who, r.place, r.report.Source)
}

// look asks for what there is, with both keys: what is wrong with them is known before anything is stored.
func (r *run) look(ctx context.Context) (keys []credentialWire, engines []engineWire, err error) {
	if r.AdminKey == "" {
		r.report.note(Credentials, "", "", "not asked for: there was no admin key")
	} else {
		r.Say("Asking %s for its credentials", r.report.Source)
		keys, err = all(ctx, r.source, r.AdminKey, []string{"credentials"}, func(k credentialWire) string { return k.Name })
		if err != nil {
			return nil, nil, explain(err, "admin key")
		}
	}
	if r.PrivateKey == "" {
		r.report.note(Engines, "", "", "not asked for: there was no private key")
		return keys, nil, nil
	}
	r.Say("Asking %s for its engines", r.report.Source)
	engines, err = all(ctx, r.source, r.PrivateKey, []string{"engines"}, func(e engineWire) string { return e.Name })
	return keys, engines, explain(err, "private key")
}

// explain says which key a first refusal is about.
func explain(err error, key string) error {
	switch {
	case says(err, http.StatusUnauthorized), says(err, http.StatusForbidden):
		return &explained{"the source does not accept the " + key + " for this, or not with enough rights", err}
	case says(err, http.StatusNotFound):
		return &explained{"there is no App Search at this URL", err}
	}
	return err
}

// explained is an error with what it means before it.
type explained struct {
	meaning string
	cause   error
}

func (e *explained) Error() string { return e.meaning + " (" + e.cause.Error() + ")" }
func (e *explained) Unwrap() error { return e.cause }

// resume finds out whether an earlier run was cut off.
func (r *run) resume(ctx context.Context) (err error) {
	if r.Restart {
		return r.Takeover.Clear(ctx, r.who, r.place, r.report.Source)
	}
	r.saved, err = r.Takeover.Positions(ctx, r.who, r.place, r.report.Source)
	if r.report.Resumed = len(r.saved) > 0; r.report.Resumed {
		r.Say("Going on where an earlier import was cut off")
	}
	return err
}

// failed writes down why one thing could not be taken over, and gives the error back if it ends the run.
func (r *run) failed(ctx context.Context, err error, k Kind, engine, name string) error {
	why, err := r.reason(ctx, err)
	if err == nil {
		r.report.problem(k, r.source.tidy(engine), r.source.tidy(name), why)
	}
	return err
}

// reason words what the store or the source said about one thing, and gives the error back if it ends the run.
func (r *run) reason(ctx context.Context, err error) (string, error) {
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if particular(err) {
		return err.Error(), nil
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		return r.source.tidy(words(f)), nil
	}
	return "", err
}
