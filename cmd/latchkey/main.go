// Command latchkey is the credentials desk of a search platform: a console in which admins create, see and revoke
// scoped API keys, and the App Search and Lupa APIs that enforce them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	syscall.Umask(0o077) // whatever this process writes is for its owner alone
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, &invocation{args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}))
}
