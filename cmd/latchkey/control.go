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

// call is a command on its way to the server, and called what came of it. A caller that understands parts gets what is
// said while the command runs at once, in parts before the last one.
type (
	call struct {
		Args    []string
		Stdin   []byte
		Environ map[string]string
		Parts   bool
	}
	called struct {
		Code           int
		Stdout, Stderr []byte
		More           bool
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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	go func() { // a caller says no more; when it ends, or is interrupted, so does its command
		_, _ = conn.Read(make([]byte, 1))
		cancel()
	}()
	var stdout, stderr bytes.Buffer
	inv := &invocation{args: in.Args, stdin: bytes.NewReader(in.Stdin), stdout: &stdout, stderr: &stderr, app: a, environ: in.Environ}
	if in.Parts {
		inv.stderr = parts{conn}
	}
	code := run(ctx, inv)
	return sendPart(conn, called{Code: code, Stdout: stdout.Bytes(), Stderr: stderr.Bytes()})
}

// parts sends what is written to it at once.
type parts struct{ conn net.Conn }

func (p parts) Write(b []byte) (int, error) {
	return len(b), sendPart(p.conn, called{Stderr: b, More: true})
}

// sendPart answers a caller. A command takes as long as it takes; each part of the answer has its own minute.
func sendPart(conn net.Conn, c called) error {
	if err := conn.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	return json.NewEncoder(conn).Encode(c)
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
		return inv.handOver(ctx, cfg)
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

// handOver has the server carry the command out. When the context ends, the server is told, and still says what came of
// the command.
func (inv *invocation) handOver(ctx context.Context, cfg config) error {
	conn, err := dialServer(cfg)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(call{Args: inv.args, Stdin: inv.input, Environ: inv.environ, Parts: true}); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() {
		if c, ok := conn.(*net.UnixConn); ok {
			_ = c.CloseWrite() // the server may have ended meanwhile
		}
	})()
	answers := json.NewDecoder(conn)
	var out called
	for more := true; more; more = out.More {
		out = called{}
		if err := answers.Decode(&out); err != nil {
			return fmt.Errorf("the server did not answer; look whether it was done: %w", err)
		}
		_, err = inv.stdout.Write(out.Stdout)
		if _, werr := inv.stderr.Write(out.Stderr); err == nil {
			err = werr
		}
	}
	if err == nil && out.Code != exitDone {
		err = exitError(out.Code)
	}
	return err
}
