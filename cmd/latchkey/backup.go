package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"latchkey/db"
	"latchkey/db/account"
	"latchkey/db/audit"
)

// backupResult is what backup prints.
type backupResult struct {
	Path     string          `json:"path"`
	Instance string          `json:"instance"`
	At       time.Time       `json:"at"`
	Bytes    int64           `json:"bytes"`
	Files    []db.BackupFile `json:"files"`
}

func backupCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "backup",
		Usage: "back up the databases, also while the server runs",
		Description: "Copies both databases into a new directory, checks the copies from end to end, and prints where they are. The server\n" +
			"goes on meanwhile, and no request waits. The master key is never part of a backup: keep a copy of it in another\n" +
			"place, because a backup is of no use without it.",
		Flags: append(dirFlags(), &cli.StringFlag{Name: "to", Usage: "`directory` in which the backup gets a directory of its own (default: backups in the data directory)"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			folder := c.String("to")
			if folder != "" {
				// A running server has another working directory.
				abs, err := filepath.Abs(folder)
				if err != nil {
					return err
				}
				folder, inv.args = abs, []string{"latchkey", "backup", "--to", abs}
			}
			return inv.with(ctx, c, func(ctx context.Context, a *app) error {
				b, m, err := a.instance.BackUp(ctx, audit.CommandLine(), folder)
				if err != nil {
					return err
				}
				return inv.printJSON(backupResult{Path: b.Path, Instance: m.Instance, At: m.At, Bytes: b.Bytes, Files: m.Files})
			})
		},
	}
}

// restoreResult is what restore prints.
type restoreResult struct {
	Data     string    `json:"data"`
	Instance string    `json:"instance"`
	At       time.Time `json:"at"`
}

func restoreCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "restore",
		Usage: "restore a backup into an empty data directory",
		Description: "Takes a directory that 'latchkey backup' has made. The data directory must be empty; only master.key may lie there. The\n" +
			"master key of the instance is needed: put it there (mode 0600), or name it with --master-key-file. A backup that is\n" +
			"not whole, or that belongs to another master key, is refused, and nothing is put in place.\n\n" +
			"What happened after the backup is undone: keys that were revoked since are active again. Revoke them again before\n" +
			"you start the server. All sessions, login tokens and links of invitations are void.",
		Flags: append(dirFlags(), &cli.StringFlag{Name: "from", Required: true, Usage: "`directory` of the backup"}),
		Action: func(ctx context.Context, c *cli.Command) error {
			return restore(ctx, inv, readDirConfig(c), c.String("from"))
		},
	}
}

func restore(ctx context.Context, inv *invocation, cfg config, from string) (err error) {
	m, err := db.Restore(ctx, db.RestoreOptions{From: from, To: cfg.Data, MasterKeyFile: cfg.MasterKeyFile})
	if err != nil {
		return err
	}
	// Opened once, so that it has this version's schema and what does not fit is found now and not at the next start.
	a, err := openApp(ctx, cfg, options{cost: account.DefaultCost})
	if err != nil {
		return err
	}
	err = a.instance.Restored(ctx, audit.CommandLine(), m)
	if closed := a.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return err
	}
	fmt.Fprintf(inv.stderr, "Restored the state of %s. What happened after that is undone: revoke again what was revoked since.\n", m.At.UTC().Format("2 Jan 2006, 15:04:05 UTC"))
	return inv.printJSON(restoreResult{Data: data, Instance: m.Instance, At: m.At})
}
