package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/analytics"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/instance"
	"latchkey/db/session"
	"latchkey/db/takeover"
	"latchkey/db/usage"
	"latchkey/handlers/appsearch"
	"latchkey/handlers/console"
	"latchkey/handlers/lupa"
	"latchkey/web"
)

// app is an open data directory with everything that works on it.
type app struct {
	dir         *db.Dir
	log         *audit.Log
	accounts    *account.Store
	credentials *credential.Store
	engines     *engine.Store
	usage       *usage.Store
	analytics   *analytics.Store
	sessions    *session.Store
	instance    *instance.Store
	takeover    *takeover.Store
	setup       *account.SetupLink
	atEnd       []func() error // what else there is to tidy up
}

// options are what tests change of an app.
type options struct {
	now  func() time.Time // nil: the real clock
	cost account.HashCost // of passwords

	about instance.About // what the program tells of itself
}

// openApp opens a data directory, or makes one where there is nothing yet.
func openApp(ctx context.Context, cfg config, o options) (*app, error) {
	dir, err := db.OpenDir(ctx, db.DirOptions{Path: cfg.Data, MasterKeyFile: cfg.MasterKeyFile, Now: o.now})
	if err != nil {
		return nil, err
	}
	o.about = instance.About{Version: version, MasterKeyFile: cfg.MasterKeyFile}
	if cfg.URL != nil {
		o.about.URL, o.about.PlainHTTP = cfg.URL.String(), cfg.URL.Scheme == "http" && !web.Loopback(cfg.URL.Host)
	}
	a, err := newApp(ctx, dir, o)
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return a, nil
}

func newApp(ctx context.Context, dir *db.Dir, o options) (*app, error) {
	a := &app{dir: dir, usage: usage.NewStore(dir.Core), setup: account.NewSetupLink(dir.Core.Now)}
	var err error
	if a.log, err = audit.NewLog(dir.Core, dir.Master); err != nil {
		return nil, err
	}
	a.sessions = session.NewStore(dir.Core, a.log)
	if a.credentials, err = credential.NewStore(ctx, dir.Core, dir.Master, a.log); err != nil {
		return nil, err
	}
	a.instance, a.takeover = instance.NewStore(dir, a.log, o.about), takeover.NewStore(dir.Core, a.log)
	a.engines = engine.NewStore(dir.Core, dir.Engines, a.log)
	a.analytics = analytics.NewStore(dir.Core, dir.Engines)
	a.accounts, err = account.NewStore(dir.Core, dir.Master, a.log, account.NewHasher(o.cost), a.credentials.Defaults,
		a.credentials.EndProject, a.engines.EndProject)
	return a, err
}

// server puts all surfaces onto one web server. This list is the whole outside of the program.
func (a *app) server(cfg config, logger *slog.Logger) *web.Server {
	secure := cfg.URL.Scheme == "https"
	return web.New(
		web.Config{Logger: logger, Secure: secure, TrustedProxies: cfg.TrustedProxies},
		console.New(console.Deps{
			Accounts: a.accounts, Credentials: a.credentials, Engines: a.engines, Usage: a.usage, Audit: a.log, Instance: a.instance,
			Sessions: web.NewSessions(a.sessions, secure), Rows: a.sessions, Setup: a.setup,
			URL: cfg.URL, Hosts: consoleHosts(cfg.URL), Secure: secure, Now: a.dir.Core.Now, Query: appsearch.Query,
		}),
		lupa.New(lupa.Deps{Accounts: a.accounts, Credentials: a.credentials, Engines: a.engines, Usage: a.usage, Now: a.dir.Core.Now}),
		appsearch.New(appsearch.Deps{Accounts: a.accounts, Credentials: a.credentials, Engines: a.engines, Usage: a.usage, Analytics: a.analytics, BaseHost: cfg.URL.Hostname()}),
		web.Probes(a.ready),
	)
}

// consoleHosts are the names under which the console answers: its own, and this machine's.
func consoleHosts(u *url.URL) []string {
	return []string{u.Host, u.Hostname(), "localhost", "127.0.0.1", "[::1]"}
}

// ready reports whether the databases answer. It does not take the writer: anybody may ask, as often as they like.
func (a *app) ready(ctx context.Context) error {
	for _, d := range []*db.DB{a.dir.Core, a.dir.Engines} {
		if err := d.Ping(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close writes what is still in memory and closes the directory.
func (a *app) Close() error {
	errs := []error{a.usage.Flush(context.Background()), a.analytics.Flush(context.Background()), a.accounts.FlushLogins(context.Background()), a.dir.Close()}
	for _, end := range a.atEnd {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}
