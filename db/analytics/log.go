package analytics

import (
	"bytes"
	"time"

	"latchkey/db/audit"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Request is what is logged of a request and of its answer.
type Request struct {
	Method string
	Path   string // as it was asked for, with the query
	Agent  string
	Body   []byte // as far as it was read
	Status int
	Answer []byte       // the beginning of it, or all
	Whole  bool         // all of it
	Hiding secret.Hider // what must not be kept
}

// Capture is how many bytes of a body are looked at. More than MaxBody, because a text that is not there to its end is
// not shown.
const Capture = 2 * MaxBody

// Log keeps a request that somebody made of an engine, however it ended, if they may know of the engine. Where there is
// no such engine nothing is kept. It must be known who they are: nobody fills the log without a key.
func (s *Store) Log(who audit.Who, in permission.Target, engine string, r Request) {
	if !knows(who, in, engine) {
		return
	}
	p := place{in.Project, engine}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pending.room(p) {
		return
	}
	whole := len(r.Body) <= Capture
	r.Body = bytes.Clone(r.Body[:min(len(r.Body), Capture)])
	s.pending.request(request{Request: r, place: p, public: public(who), at: s.engines.Now(), whole: whole})
}

// public reports whether somebody asks with a key that anybody may have.
func public(who audit.Who) bool {
	return who.Kind == permission.Signed || who.Kind == permission.Key && who.KeyType == string(secret.Search)
}

// request is a request as it came, with what is secret in it.
type request struct {
	Request
	place
	public bool
	at     time.Time
	whole  bool // Body is all of it
}

// logRow is a request as it is kept.
type logRow struct {
	engine                    string
	public                    bool
	at                        time.Time
	method                    string
	status                    int
	path, agent, body, answer string
}

// row takes what is secret out of a request.
func (r request) row(engine string) logRow {
	return logRow{
		engine: engine, public: r.public, at: r.at, method: r.Method, status: r.Status,
		path:   fit(r.Hiding.URL(r.Path, MaxPath)),
		agent:  fit(r.Hiding.Line(r.Agent, MaxAgent)),
		body:   fit(r.Hiding.JSON(r.Body, r.whole, MaxBody)),
		answer: fit(r.Hiding.JSON(r.Answer, r.Whole, MaxBody)),
	}
}
