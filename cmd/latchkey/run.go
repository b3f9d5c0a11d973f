package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/urfave/cli/v3"

	"latchkey/db/fault"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// invocation is one call of the program: its words and its streams. app is set when the call came from another
// process and runs inside the server, on the stores the server has open.
type invocation struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	app            *app
	input          []byte            // what was read of stdin, for the server if it carries the call out
	environ        map[string]string // what was read of the environment, for the same
}

// getenv reads the environment of whoever calls, also when it is another process.
func (inv *invocation) getenv(name string) string {
	if inv.app == nil {
		if inv.environ == nil {
			inv.environ = map[string]string{}
		}
		inv.environ[name] = os.Getenv(name)
	}
	return inv.environ[name]
}

// maxInput is how many bytes a command reads from standard input.
const maxInput = 16 << 20

// read reads standard input to its end.
func (inv *invocation) read() ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(inv.stdin, maxInput+1))
	if err == nil && len(b) > maxInput {
		err = fault.New(fault.TooLarge, "Standard input is larger than 16 MiB.")
	}
	inv.input = b
	return b, err
}

// usageError is a mistake in the words of a call.
type usageError struct{ error }

// usagef makes a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError carries the exit code of a call that another process has carried out.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// run carries out one call and gives its exit code.
func run(ctx context.Context, inv *invocation) int {
	err := command(inv).Run(ctx, inv.args)
	var usage usageError
	var code exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		fmt.Fprintf(inv.stderr, "latchkey: %v\nRun 'latchkey help' for usage.\n", err)
		return exitUsage
	}
	explain(inv.stderr, err)
	return exitFailed
}

// explain words an error for a person at a terminal, who may see causes too.
func explain(w io.Writer, err error) {
	fmt.Fprintf(w, "latchkey: %v\n", err)
	var f *fault.Error
	if !errors.As(err, &f) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		if f.Fields[name] != f.Message {
			fmt.Fprintf(w, "  %s: %s\n", name, f.Fields[name])
		} else {
			fmt.Fprintf(w, "  (%s)\n", name)
		}
	}
	if cause := errors.Unwrap(f); cause != nil {
		fmt.Fprintf(w, "  cause: %v\n", cause)
	}
}

// command is the table of all subcommands.
func command(inv *invocation) *cli.Command {
	root := &cli.Command{
		Name:  "latchkey",
		Usage: "the credentials desk of a search platform",
		Commands: []*cli.Command{
			serveCommand(inv), setupCommand(inv), userCommand(inv), keyCommand(inv), importCommand(inv), auditCommand(inv), backupCommand(inv), restoreCommand(inv), migrateCommand(inv), versionCommand(inv),
		},
		Reader: inv.stdin, Writer: inv.stdout, ErrWriter: inv.stderr,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	strict(root)
	return root
}

// strict makes every command refuse words it does not know.
func strict(c *cli.Command) {
	c.OnUsageError = func(_ context.Context, _ *cli.Command, err error, _ bool) error { return usageError{err} }
	c.HideHelpCommand = c.Name != "latchkey"
	if c.Action == nil {
		c.Action = func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return usagef("there is no command %q", c.Args().First())
			}
			_ = cli.ShowSubcommandHelp(c) // the help of a command that exists can always be shown
			return usagef("say what to do")
		}
	} else {
		action := c.Action
		c.Action = func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return usagef("unexpected argument %q", c.Args().First())
			}
			return action(ctx, c)
		}
	}
	for _, sub := range c.Commands {
		strict(sub)
	}
}

// printJSON writes a result for scripts.
func (inv *invocation) printJSON(v any) error {
	e := json.NewEncoder(inv.stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
