package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// keyResult is what the key commands print of a key. Key, the secret, is printed once, by create.
type keyResult struct {
	ID           string     `json:"id"`
	Organization string     `json:"organization,omitempty"`
	Project      string     `json:"project,omitempty"`
	Name         string     `json:"name"`
	VisibleKey   string     `json:"visibleKey"`
	Description  string     `json:"description"`
	Type         string     `json:"type"`
	Access       string     `json:"access,omitempty"`
	Permissions  []string   `json:"permissions"`
	AllEngines   bool       `json:"allEngines"`
	Engines      []string   `json:"engines,omitempty"`
	Status       string     `json:"status"`
	ExpiresAt    *time.Time `json:"expiresAt"`
	CreatedAt    time.Time  `json:"createdAt"`
	RevokedAt    *time.Time `json:"revokedAt"`
	LastUsedAt   *time.Time `json:"lastUsedAt"`
	Key          string     `json:"key,omitempty"`
}

func newKeyResult(k credential.Key, now time.Time) keyResult {
	return keyResult{
		ID: k.ID, Name: k.Name, VisibleKey: k.Visible, Description: k.Description, Type: string(k.Type), Access: string(k.Access),
		Permissions: k.Permissions().Strings(), AllEngines: k.Scope.All, Engines: k.Scope.Engines, Status: string(k.Status(now)),
		ExpiresAt: moment(k.ExpiresAt), CreatedAt: k.CreatedAt, RevokedAt: moment(k.RevokedAt), LastUsedAt: moment(k.Use.At),
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func placeFlags() []cli.Flag {
	return append(dirFlags(),
		&cli.StringFlag{Name: "organization", Required: true, Usage: "`slug` of the organization"},
		&cli.StringFlag{Name: "project", Required: true, Usage: "`slug` of the project"},
	)
}

// inProject runs a command on one project.
func (inv *invocation) inProject(ctx context.Context, c *cli.Command, do func(ctx context.Context, a *app, p account.Project) error) error {
	return inv.with(ctx, c, func(ctx context.Context, a *app) error {
		p, err := a.accounts.Project(ctx, audit.CommandLine(), c.String("organization"), c.String("project"))
		if err != nil {
			return err
		}
		return do(ctx, a, p)
	})
}

func keyCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:     "key",
		Usage:    "create, list, revoke and identify keys",
		Commands: []*cli.Command{keyCreate(inv), keyList(inv), keyRevoke(inv), keyIdentify(inv)},
	}
}

func keyCreate(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "create",
		Usage: "create a key; its secret is in the answer and nowhere else",
		Flags: append(placeFlags(),
			&cli.StringFlag{Name: "type", Value: string(secret.Private), Usage: "`type`: private, search or admin"},
			&cli.StringFlag{Name: "name", Usage: "`name` for App Search clients (default: made from the description)"},
			&cli.StringFlag{Name: "description", Usage: "what the key is for"},
			&cli.StringFlag{Name: "access", Usage: "`access` of a private key: read, write, full or custom"},
			&cli.StringSliceFlag{Name: "permission", Usage: "a `permission` for custom access, such as documents.modify; repeatable"},
			&cli.StringSliceFlag{Name: "engine", Usage: "an `engine` the key may touch; repeatable (default: all)"},
			&cli.TimestampFlag{Name: "expires", Config: cli.TimestampConfig{Layouts: []string{time.RFC3339, time.DateOnly}, Timezone: time.UTC}, Usage: "`time` at which the key ends, as 2027-01-31 or RFC 3339 (default: never)"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			in := credential.Input{
				Name: c.String("name"), Description: c.String("description"), Type: secret.Type(c.String("type")),
				Access: permission.Access(c.String("access")), Permissions: c.StringSlice("permission"),
				Engines: c.StringSlice("engine"), ExpiresAt: c.Timestamp("expires"),
			}
			in.AllEngines = len(in.Engines) == 0
			return inv.inProject(ctx, c, func(ctx context.Context, a *app, p account.Project) error {
				k, minted, err := a.credentials.Create(ctx, audit.CommandLine(), p.Target(), in, nil)
				if err != nil {
					return err
				}
				r := newKeyResult(k, a.dir.Core.Now())
				r.Key = minted.Reveal()
				return inv.printJSON(r)
			})
		},
	}
}

func keyList(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list the keys of a project, one JSON object a line",
		Flags: append(placeFlags(), &cli.BoolFlag{Name: "inactive", Usage: "with revoked and expired keys"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			return inv.inProject(ctx, c, func(ctx context.Context, a *app, p account.Project) error {
				f := credential.Filter{Inactive: c.Bool("inactive"), Limit: credential.MaxPage}
				for {
					page, err := a.credentials.List(ctx, audit.CommandLine(), p.Target(), f)
					if err != nil {
						return err
					}
					for _, k := range page.Keys {
						if err := inv.printJSON(newKeyResult(k, a.dir.Core.Now())); err != nil {
							return err
						}
					}
					if f.Cursor = page.Older; f.Cursor == "" {
						return nil
					}
				}
			})
		},
	}
}

func keyRevoke(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "revoke",
		Usage: "revoke a key; once this returns, no request passes with it",
		Flags: append(placeFlags(),
			&cli.StringFlag{Name: "id", Usage: "`id` of the key"},
			&cli.StringFlag{Name: "name", Usage: "`name` of the key"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			id, name := c.String("id"), c.String("name")
			if (id == "") == (name == "") {
				return usagef("say either --id or --name")
			}
			return inv.inProject(ctx, c, func(ctx context.Context, a *app, p account.Project) error {
				if name != "" {
					k, err := a.credentials.GetByName(ctx, audit.CommandLine(), p.Target(), name)
					if err != nil {
						return err
					}
					id = k.ID
				}
				k, err := a.credentials.Revoke(ctx, audit.CommandLine(), p.Target(), id)
				if err != nil {
					return err
				}
				return inv.printJSON(newKeyResult(k, a.dir.Core.Now()))
			})
		},
	}
}

// foundResult is what identify prints of a key.
type foundResult struct {
	Known      bool   `json:"known"`
	VisibleKey string `json:"visibleKey"`
	*keyResult
}

func keyIdentify(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "identify",
		Usage: "find keys in a text from standard input, and tell whose they are and whether they are alive",
		Flags: dirFlags(),
		Action: func(ctx context.Context, c *cli.Command) error {
			text, err := inv.read()
			if err != nil {
				return err
			}
			return inv.with(ctx, c, func(ctx context.Context, a *app) error {
				found, err := a.credentials.Identify(ctx, audit.CommandLine(), string(text))
				if err != nil {
					return err
				}
				for _, f := range found {
					r := foundResult{Known: f.Known, VisibleKey: f.Visible}
					if f.Known {
						k := newKeyResult(f.Key, a.dir.Core.Now())
						k.Organization, k.Project = f.Organization, f.Project
						r.keyResult = &k
					}
					if err := inv.printJSON(r); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}
