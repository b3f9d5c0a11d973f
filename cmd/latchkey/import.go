package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/secret"
	"latchkey/handlers/appsearch/importer"
	"latchkey/web"
)

// Where the keys of the source may stand instead of in flags.
const (
	envAdminKey   = "LATCHKEY_IMPORT_ADMIN_KEY"
	envPrivateKey = "LATCHKEY_IMPORT_PRIVATE_KEY"
)

func importCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:     "import",
		Usage:    "take over what another system holds",
		Commands: []*cli.Command{importAppSearch(inv)},
	}
}

func importAppSearch(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "appsearch",
		Usage: "take over credentials, engines, documents and relevance from an App Search, or another Latchkey",
		Description: "Copies over HTTP into a project: credentials with their secrets, so that clients need not change, engines, schemas,\n" +
			"documents, synonyms, curations and search settings. Tells its progress on standard error and ends with a report as\n" +
			"JSON on standard output; the exit code is 1 if anything could not be taken over.\n\n" +
			"It can be run again: documents are replaced, what is here already stays, nothing is deleted that vanished at the source.\n" +
			"A run that was cut off goes on where it was, within a day. A default key of the project (search-key, private-key) that\n" +
			"nobody has used is revoked if the source has a key of that name. A key that was revoked here is not taken over again.\n\n" +
			"Flags can be seen by everybody on this machine in the list of processes. Better put the keys into " + envAdminKey + "\n" +
			"and " + envPrivateKey + ", or write them to standard input with --keys-stdin, the admin key on the first line and\n" +
			"the private key on the second. Without an admin key no credentials are taken over, without a private key nothing else.",
		Flags: append(placeFlags(),
			&cli.StringFlag{Name: "url", Required: true, Usage: "`URL` of the source, such as https://search.example.com:3002"},
			&cli.StringFlag{Name: "admin-key", Usage: "admin `key` of the source; lists the credentials (or " + envAdminKey + ")"},
			&cli.StringFlag{Name: "private-key", Usage: "private `key` of the source with read access; reads all else (or " + envPrivateKey + ")"},
			&cli.BoolFlag{Name: "keys-stdin", Usage: "read both keys from standard input, a line each"},
			&cli.BoolFlag{Name: "keep-default-keys", Usage: "do not replace default keys of the project, even if nobody has used them"},
			&cli.BoolFlag{Name: "restart", Usage: "start from the beginning, also if an earlier run was cut off"},
			&cli.BoolFlag{Name: "allow-plain-http", Usage: "allow an http URL on another host than this machine; the keys can then be read on the way"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			o, err := inv.importOptions(c)
			if err != nil {
				return err
			}
			return inv.inProject(ctx, c, func(ctx context.Context, a *app, p account.Project) error { return inv.importFrom(ctx, a, p, o) })
		},
	}
}

// importOptions reads what to import with which keys.
func (inv *invocation) importOptions(c *cli.Command) (importer.Options, error) {
	o := importer.Options{KeepDefaults: c.Bool("keep-default-keys"), Restart: c.Bool("restart"), Agent: "latchkey/" + version, Wait: wait}
	var err error
	if o.URL, err = sourceURL(c.String("url"), c.Bool("allow-plain-http")); err != nil {
		return o, err
	}
	o.AdminKey = secret.Secret(first(c.String("admin-key"), inv.getenv(envAdminKey)))
	o.PrivateKey = secret.Secret(first(c.String("private-key"), inv.getenv(envPrivateKey)))
	if c.Bool("keys-stdin") {
		if c.IsSet("admin-key") || c.IsSet("private-key") {
			return o, usagef("give the keys by --keys-stdin or by --admin-key and --private-key, not by both")
		}
		text, err := inv.read()
		if err != nil {
			return o, err
		}
		admin, rest, _ := strings.Cut(string(text), "\n")
		private, _, _ := strings.Cut(rest, "\n")
		o.AdminKey, o.PrivateKey = secret.Secret(strings.TrimSpace(admin)), secret.Secret(strings.TrimSpace(private))
	}
	if o.AdminKey == "" && o.PrivateKey == "" {
		return o, usagef("give the keys of the source: --admin-key for its credentials, --private-key for all else; see --help for better ways than flags")
	}
	for _, key := range []secret.Secret{o.AdminKey, o.PrivateKey} {
		if key != "" && !secret.Plausible(key.Reveal()) {
			return o, usagef("a key of the source has characters that keys do not have, or is too long")
		}
	}
	return o, nil
}

func first(list ...string) string {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// sourceURL reads the address of a source. What it says of a wrong one holds no password of it.
func sourceURL(text string, plain bool) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, usagef("--url: want http:// or https:// and a host, perhaps with a path, without user, password and parameters")
	}
	if u.Scheme == "http" && !plain && !web.Loopback(u.Host) {
		return nil, usagef("--url %s: plain http to another machine would send the keys in clear; use https, or say --allow-plain-http", u)
	}
	return u, nil
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (inv *invocation) importFrom(ctx context.Context, a *app, p account.Project, o importer.Options) error {
	o.Say = func(format string, args ...any) { fmt.Fprintf(inv.stderr, format+"\n", args...) }
	// Which keys were used is known only when what was counted is written down.
	if err := a.usage.Flush(ctx); err != nil {
		return err
	}
	report, err := importer.Import(ctx, importer.Deps{Credentials: a.credentials, Engines: a.engines, Takeover: a.takeover, Now: a.dir.Core.Now},
		audit.CommandLine(), p.Target(), o)
	if perr := inv.printJSON(report); err == nil {
		err = perr
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the import was cut off; run it again to go on: %w", ctx.Err())
	case err != nil:
		return fmt.Errorf("the import ended early; run it again to go on: %w", err)
	case report.Failed():
		o.Say("Done, but not everything could be taken over: see notTakenOver in the report.")
		return exitError(exitFailed)
	}
	o.Say("Done: everything was taken over.")
	return nil
}
