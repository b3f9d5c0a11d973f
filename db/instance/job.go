package instance

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"latchkey/db/audit"
	"latchkey/db/fault"
)

// State is how far something in the background is.
type State string

// The states of a job.
const (
	Never   State = "" // since the server was started
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Job is the last time that something was done in the background.
type Job struct {
	State   State
	Began   time.Time
	Ended   time.Time // zero while it runs
	Failure string    // why it failed, for an admin
	Result  string    // what it made: the name of a backup
	verdict audit.Verdict
}

// job is one kind of work; there is never more than one of a kind.
type job struct {
	mu    sync.Mutex
	state Job
}

func (j *job) now() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

var errRunning = fault.New(fault.Conflict, "This is running already. Reload the page to see how far it is.").WithReason("running")

// begin takes the place of a kind of work.
func (j *job) begin(now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.state.State == Running {
		return errRunning
	}
	j.state = Job{State: Running, Began: now}
	return nil
}

// end gives the place free and keeps what came of it.
func (j *job) end(now time.Time, result string, verdict audit.Verdict, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state.State, j.state.Ended, j.state.Result, j.state.verdict = Done, now, result, verdict
	if err != nil {
		j.state.State, j.state.Failure = Failed, err.Error()
	}
}

// Limits of what runs in the background.
const (
	checkLimit  = 10 * time.Minute
	backupLimit = time.Hour
)

// Run does what was asked for until the context ends, and then waits for what is running, which ends with it.
func (s *Store) Run(ctx context.Context, logger *slog.Logger) {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case task := <-s.tasks:
			running.Go(func() {
				if err := task.do(ctx); err != nil && ctx.Err() == nil {
					logger.Error("work in the background failed", "kind", task.kind, "error", err)
				}
			})
		}
	}
}

// task is work that waits for Run.
type task struct {
	kind string
	do   func(ctx context.Context) error
}

// start puts work of one kind into the background. There is room for one of each kind, so this never waits.
func (s *Store) start(ctx context.Context, who audit.Who, kind string, j *job, limit time.Duration, do func(ctx context.Context) (result string, v audit.Verdict, err error)) error {
	if err := authorize(who); err != nil {
		return err
	}
	if err := who.Confirm(ctx); err != nil {
		return err
	}
	if err := j.begin(s.dir.Core.Now()); err != nil {
		return err
	}
	s.tasks <- task{kind, func(ctx context.Context) (err error) {
		var result string
		var verdict audit.Verdict
		defer func() {
			if r := recover(); r != nil { // it must not take the server with it
				err = fmt.Errorf("panic: %v", r)
			}
			j.end(s.dir.Core.Now(), result, verdict, err)
		}()
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		result, verdict, err = do(ctx)
		return err
	}}
	return nil
}

// StartCheck begins to read both databases for damage.
func (s *Store) StartCheck(ctx context.Context, who audit.Who) error {
	return s.start(ctx, who, "check", &s.check, checkLimit, func(ctx context.Context) (string, audit.Verdict, error) {
		return "", audit.Verdict{}, s.dir.QuickCheck(ctx)
	})
}

// StartChain begins to follow the chain of the audit log.
func (s *Store) StartChain(ctx context.Context, who audit.Who) error {
	return s.start(ctx, who, "audit chain", &s.chain, checkLimit, func(ctx context.Context) (string, audit.Verdict, error) {
		v, err := s.log.Verify(ctx)
		return "", v, err
	})
}
