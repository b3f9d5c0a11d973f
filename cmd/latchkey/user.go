package main

import (
	"context"

	"github.com/urfave/cli/v3"

	"latchkey/db/account"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// userResult is what the user commands print.
type userResult struct {
	ID       string `json:"id"`
	Email    string `json:"email"`
	Disabled bool   `json:"disabled"`

	InstanceAdmin bool `json:"instanceAdmin"`
}

func (inv *invocation) printUser(u account.User, err error) error {
	if err != nil {
		return err
	}
	return inv.printJSON(userResult{ID: u.ID, Email: u.Email, Disabled: !u.DisabledAt.IsZero(), InstanceAdmin: u.InstanceAdmin})
}

func userCommand(inv *invocation) *cli.Command {
	email := func() cli.Flag {
		return &cli.StringFlag{Name: "email", Required: true, Usage: "e-mail `address` of the user"}
	}
	return &cli.Command{
		Name:  "user",
		Usage: "add users, give them another password, disable them",
		Commands: []*cli.Command{
			{
				Name:  "add",
				Usage: "add a user to an organization, or an admin of the instance",
				Description: "Admins of the instance look after its users, its health and its backups. They see no organization by that: without\n" +
					"--organization they belong to none.",
				Flags: append(dirFlags(), email(), passwordFlag(),
					&cli.StringFlag{Name: "organization", Usage: "`slug` of the organization (required without --instance-admin)"},
					&cli.BoolFlag{Name: "instance-admin", Usage: "make the user an admin of the instance"},
					&cli.StringFlag{Name: "role", Value: string(permission.OrganizationMember), Usage: "`role`: ORGANIZATION_ADMIN or ORGANIZATION_MEMBER"},
					&cli.StringFlag{Name: "project", Usage: "`slug` of a project in which the user gets a role"},
					&cli.StringFlag{Name: "project-role", Value: string(permission.ProjectViewer), Usage: "`role` in the project: PROJECT_ADMIN or PROJECT_VIEWER"},
				),
				Action: func(ctx context.Context, c *cli.Command) error {
					if c.String("organization") == "" && !c.Bool("instance-admin") {
						return usagef("name the organization with --organization, or make the user an admin of the instance with --instance-admin")
					}
					password, err := inv.password(c)
					if err != nil {
						return err
					}
					in := account.NewUser{Email: c.String("email"), Password: password, Organization: c.String("organization"),
						Role: permission.Role(c.String("role")), Project: c.String("project"), ProjectRole: permission.Role(c.String("project-role")),
						InstanceAdmin: c.Bool("instance-admin")}
					return inv.with(ctx, c, func(ctx context.Context, a *app) error {
						return inv.printUser(a.accounts.AddUser(ctx, audit.CommandLine(), in))
					})
				},
			},
			{
				Name:  "reset-password",
				Usage: "give a user another password; all sessions and login tokens end",
				Flags: append(dirFlags(), email(), passwordFlag()),
				Action: func(ctx context.Context, c *cli.Command) error {
					password, err := inv.password(c)
					if err != nil {
						return err
					}
					return inv.with(ctx, c, func(ctx context.Context, a *app) error {
						return inv.printUser(a.accounts.ResetPassword(ctx, audit.CommandLine(), c.String("email"), password))
					})
				},
			},
			{
				Name:  "disable",
				Usage: "bar a user from signing in; all sessions and login tokens end",
				Flags: append(dirFlags(), email()),
				Action: func(ctx context.Context, c *cli.Command) error {
					return inv.with(ctx, c, func(ctx context.Context, a *app) error {
						return inv.printUser(a.accounts.DisableUser(ctx, audit.CommandLine(), c.String("email")))
					})
				},
			},
		},
	}
}
