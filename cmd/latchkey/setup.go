package main

import (
	"context"
	"errors"
	"strings"

	"github.com/urfave/cli/v3"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// passwordFlag makes a command read a password from standard input: as an argument everybody on the machine could
// see it.
func passwordFlag() cli.Flag {
	return &cli.BoolFlag{Name: "password-stdin", Usage: "read the password from standard input (required)"}
}

// password reads a password from standard input, without the line's end.
func (inv *invocation) password(c *cli.Command) (secret.Secret, error) {
	if !c.Bool("password-stdin") {
		return "", usagef("--password-stdin is required: the password is read from standard input")
	}
	b, err := inv.read()
	if err != nil {
		return "", err
	}
	return secret.Secret(strings.TrimRight(string(b), "\r\n")), nil
}

func setupCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "setup",
		Usage: "add the first admin, organization and project without a browser",
		Description: "Prints JSON with the slugs of the organization and the project, the host identifier, and the secrets of the two\n" +
			"default keys. The secret of private-key is shown here and never again. Refuses where setup was done before.",
		Flags: append(dirFlags(),
			&cli.StringFlag{Name: "email", Required: true, Usage: "e-mail `address` of the admin"},
			passwordFlag(),
			&cli.StringFlag{Name: "organization", Required: true, Usage: "`name` of the organization"},
			&cli.StringFlag{Name: "project", Required: true, Usage: "`name` of the project"},
			&cli.BoolFlag{Name: "sample", Usage: "add the engine " + engine.SampleName + " with the national parks of the United States"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			password, err := inv.password(c)
			if err != nil {
				return err
			}
			in := account.SetUp{Email: c.String("email"), Password: password, Organization: c.String("organization"), Project: c.String("project")}
			return inv.with(ctx, c, func(ctx context.Context, a *app) error { return setup(ctx, inv, a, in, c.Bool("sample")) })
		},
	}
}

// setupResult is what setup prints.
type setupResult struct {
	Organization   string            `json:"organization"`
	Project        string            `json:"project"`
	HostIdentifier string            `json:"hostIdentifier"`
	Keys           map[string]string `json:"keys"`
}

func setup(ctx context.Context, inv *invocation, a *app, in account.SetUp, sample bool) error {
	_, o, p, keys, err := a.accounts.SetUp(ctx, audit.CommandLine(), in)
	if err != nil {
		return err
	}
	a.setup.Void()
	result := setupResult{Organization: o.Slug, Project: p.Slug, HostIdentifier: p.HostIdentifier, Keys: map[string]string{}}
	for _, k := range keys {
		result.Keys[k.Name] = k.Secret.Reveal()
	}
	// The secrets exist nowhere else: they are printed whatever becomes of the sample.
	if sample {
		err = a.engines.AddSample(ctx, audit.CommandLine(), permission.Target{Organization: o.ID, Project: p.ID})
	}
	return errors.Join(inv.printJSON(result), err)
}
