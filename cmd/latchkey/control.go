package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/urfave/cli/v3"

	"latchkey/db"
	"latchkey/db/account"
)

// A running server has the data directory to itself, and holds all keys in memory. A command of another process is
// therefore handed to it over a Unix socket that only the directory's owner can open, and carried out there, so that
// "key revoke" counts at once in the process that checks keys.

// maxSocketPath is how long the path of a Unix socket may be (sun_path has 108 bytes on Linux).
const maxSocketPath = 100

// call is a command on its way to the server, and called what came of it.
type (
	call struct {
		Args  []string
		Stdin []byte
	}
	called struct {
		Code           int
		Stdout, Stderr []byte
	}
)

// listenControl opens the socket and notes its path for other processes.
func (a *app) listenControl() (net.Listener, error) {
	path := filepath.Join(a.dir.Path, "latchkey.sock")
	if len(path) > maxSocketPath {
		dir, err := os.MkdirTemp("", "latchkey-")
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, "latchkey.sock")
		a.atEnd = append(a.atEnd, func() error { return os.RemoveAll(dir) })
	}
	// The lock is ours, so a socket that is still there belongs to a process that is gone.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Chmod(path, 0o600), a.dir.Note(path)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// serveControl carries out commands of other processes until the context ends.
func (a *app) serveControl(ctx context.Context, l net.Listener, logger *slog.Logger) {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var running sync.WaitGroup
	defer running.Wait() // the databases are closed only after what runs has been answered
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() == nil {
				logger.Error("accept command", "error", err)
			}
			return
		}
		running.Go(func() {
			if err := a.answerCall(ctx, conn); err != nil {
				logger.Error("carry out command", "error", err)
			}
		})
	}
}

func (a *app) answerCall(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	var in call
	if err := json.NewDecoder(io.LimitReader(conn, 2*maxInput)).Decode(&in); err != nil {
		return err
	}
	var stdout, stderr bytes.Buffer
	code := run(ctx, &invocation{args: in.Args, stdin: bytes.NewReader(in.Stdin), stdout: &stdout, stderr: &stderr, app: a})
	// A backup takes as long as it takes; only then the answer has its own minute.
	if err := conn.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	return json.NewEncoder(conn).Encode(called{Code: code, Stdout: stdout.Bytes(), Stderr: stderr.Bytes()})
}

// with runs a command on the data directory: on the open one when this is the server, on one it opens itself, or, if
// a server has it open, by handing the command over.
func (inv *invocation) with(ctx context.Context, c *cli.Command, do func(ctx context.Context, a *app) error) (err error) {
	if inv.app != nil {
		return do(ctx, inv.app)
	}
	cfg := readDirConfig(c)
	if _, err := os.Stat(cfg.Data); err != nil && c.FullName() != "latchkey setup" {
		return fmt.Errorf("there is no data directory %s; name it with --data", cfg.Data)
	}
	a, err := openApp(ctx, cfg, options{cost: account.DefaultCost})
	if errors.Is(err, db.ErrLocked) {
		return inv.handOver(cfg)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return do(ctx, a)
}

// dialServer reaches the server that has a directory open. A server that is just starting gets a few seconds.
func dialServer(cfg config) (net.Conn, error) {
	for try := 0; ; try++ {
		if path := db.ReadNote(cfg.Data); path != "" && ours(path) {
			if conn, err := net.Dial("unix", path); err == nil {
				return conn, nil
			}
		}
		if try == 50 {
			return nil, fmt.Errorf("%w (%s), and it takes no commands", db.ErrLocked, cfg.Data)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// ours reports whether a socket and its directory belong to the user who calls, and nobody else may write there: a
// password may be handed over.
func ours(path string) bool {
	for _, name := range []string{path, filepath.Dir(path)} {
		info, err := os.Lstat(name)
		if err != nil || info.Mode().Perm()&0o022 != 0 {
			return false
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Getuid() {
			return false
		}
	}
	return true
}

func (inv *invocation) handOver(cfg config) error {
	conn, err := dialServer(cfg)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(call{Args: inv.args, Stdin: inv.input}); err != nil {
		return err
	}
	var out called
	if err := json.NewDecoder(conn).Decode(&out); err != nil {
		return fmt.Errorf("the server did not answer; look whether it was done: %w", err)
	}
	_, err = inv.stdout.Write(out.Stdout)
	if _, werr := inv.stderr.Write(out.Stderr); err == nil {
		err = werr
	}
	if err == nil && out.Code != exitDone {
		err = exitError(out.Code)
	}
	return err
}
