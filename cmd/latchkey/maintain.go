package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/urfave/cli/v3"
)

// version is set by the build.
var version = "development"

func versionCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(context.Context, *cli.Command) error {
			_, err := fmt.Fprintf(inv.stdout, "latchkey %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func migrateCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "migrate",
		Usage: "bring the data directory to this version's schema, as serve does when it starts",
		Flags: dirFlags(),
		Action: func(ctx context.Context, c *cli.Command) error {
			return inv.with(ctx, c, func(context.Context, *app) error {
				_, err := fmt.Fprintln(inv.stderr, "The data directory has this version's schema.")
				return err
			})
		},
	}
}

func auditCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "audit",
		Usage: "check the audit log",
		Commands: []*cli.Command{{
			Name:  "verify",
			Usage: "check that no event of the audit log was changed, moved or taken out",
			Description: "Prints the number of events and the head of the chain. Events cut off at the end leave no trace in the database:\n" +
				"keep the head elsewhere and compare.",
			Flags: dirFlags(),
			Action: func(ctx context.Context, c *cli.Command) error {
				return inv.with(ctx, c, func(ctx context.Context, a *app) error {
					v, err := a.log.Verify(ctx)
					if err != nil {
						return err
					}
					if v.Broken != 0 {
						return fmt.Errorf("event %d does not fit the one before it: the audit log was changed", v.Broken)
					}
					return inv.printJSON(map[string]any{"events": v.Events, "head": v.Head})
				})
			},
		}},
	}
}
