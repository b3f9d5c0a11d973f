package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"latchkey/db"
	"latchkey/db/account"
)

func serveCommand(inv *invocation) *cli.Command {
	return &cli.Command{
		Name:  "serve",
		Usage: "serve the console and the APIs",
		Description: "Serves until it is told to stop (SIGTERM or Ctrl-C). Where nobody was added yet it prints a link with which the\n" +
			"first admin sets Latchkey up; the link is good for 15 minutes, then a new one is printed.",
		Flags: serveFlags(),
		Action: func(ctx context.Context, c *cli.Command) error {
			cfg, err := readConfig(c)
			if err != nil {
				return err
			}
			return serve(ctx, inv, cfg)
		},
	}
}

func serve(ctx context.Context, inv *invocation, cfg config) (err error) {
	a, err := openApp(ctx, cfg, options{cost: account.DefaultCost})
	if errors.Is(err, db.ErrLocked) {
		return fmt.Errorf("%w: %s; is another 'latchkey serve' running?", err, cfg.Data)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return err
	}
	control, err := a.listenControl()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	logger := slog.New(slog.NewJSONHandler(inv.stderr, nil))
	ctx, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { a.usage.Run(ctx, logger) })
	background.Go(func() { a.analytics.Run(ctx, logger) })
	background.Go(func() { a.accounts.Run(ctx, logger) })
	background.Go(func() { a.credentials.Run(ctx, logger) })
	background.Go(func() { a.engines.Run(ctx, logger) })
	background.Go(func() { a.sessions.Run(ctx, logger) })
	background.Go(func() { a.instance.Run(ctx, logger) })
	background.Go(func() { a.serveControl(ctx, control, logger) })
	background.Go(func() { a.offerSetup(ctx, inv.stdout, cfg.URL, logger) })
	logger.Info("listening", "address", listener.Addr().String(), "url", cfg.URL.String())
	err = a.server(cfg, logger).Serve(ctx, listener)
	stop()
	background.Wait()
	logger.Info("stopped")
	return err
}

// offerSetup prints the set-up link, and a new one whenever it has run out, until somebody was added.
func (a *app) offerSetup(ctx context.Context, w io.Writer, base *url.URL, logger *slog.Logger) {
	every(ctx, account.LinkLife, func() bool { return a.offerLink(ctx, w, base, logger) })
}

// offerLink prints a new set-up link and reports whether another will be needed.
func (a *app) offerLink(ctx context.Context, w io.Writer, base *url.URL, logger *slog.Logger) bool {
	empty, err := a.accounts.Empty(ctx)
	if err != nil {
		logger.Error("look whether anybody was added", "error", err)
		return true
	}
	if !empty {
		a.setup.Void()
		return false
	}
	link := base.JoinPath("/console/setup")
	link.RawQuery = url.Values{"token": {a.setup.Renew().Reveal()}}.Encode()
	fmt.Fprintf(w, "Set up Latchkey within %d minutes: %s\n", int(account.LinkLife.Minutes()), link)
	return true
}

// every does something at once and then at every interval, as long as it says true and the context lasts.
func every(ctx context.Context, interval time.Duration, do func() bool) {
	for do() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
	}
}
