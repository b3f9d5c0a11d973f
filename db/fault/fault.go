// Package fault is the one error type that crosses package borders.
//
// A subject returns a *Error when the caller did something that can be explained to them; any other error is
// internal: surfaces show a fixed sentence for it and log the details once, at the edge.
package fault

import (
	"errors"
	"time"
)

// Kind says what class of mistake was made. Surfaces map kinds to status codes; nothing else does.
type Kind string

// The kinds. New ones are added at the end.
const (
	Internal        Kind = "internal"        // our mistake; the text is never shown
	Invalid         Kind = "invalid"         // the input is wrong; Fields may say where
	Unauthenticated Kind = "unauthenticated" // who is asking is not known, or the proof is no longer good
	Forbidden       Kind = "forbidden"       // who is asking is known and may not do this
	NotFound        Kind = "not_found"       // there is no such object, or the asker may not know of it
	Conflict        Kind = "conflict"        // the state of the object does not allow it
	TooLarge        Kind = "too_large"       // the input exceeds a stated limit
	TooMany         Kind = "too_many"        // a rate limit was reached
	Unavailable     Kind = "unavailable"     // the server cannot do it now, but may later
	Method          Kind = "method"          // the route exists, the method does not
	Misdirected     Kind = "misdirected"     // the request is meant for another server
	Gone            Kind = "gone"            // whoever asked is not there any more
)

// Error is an explainable failure. Message and Fields are safe to show to whoever asked.
type Error struct {
	Kind    Kind
	Message string            // a sentence for the person who asked
	Fields  map[string]string // input field to message; only with Invalid and Conflict
	Reason  string            // a stable word for programs, such as "key_revoked"; may be empty

	RetryAfter time.Duration // when to come back, of TooMany and Unavailable; 0: nobody knows

	cause error
}

// New makes an Error of a kind with a sentence that may be shown.
func New(kind Kind, message string) *Error { return &Error{Kind: kind, Message: message} }

// Field makes an Invalid error about one input field.
func Field(field, message string) *Error {
	return &Error{Kind: Invalid, Message: message, Fields: map[string]string{field: message}}
}

// WithReason returns a copy of e that carries a stable word for programs.
func (e *Error) WithReason(reason string) *Error {
	c := *e
	c.Reason = reason
	return &c
}

// WithRetryAfter returns a copy of e that says when to come back.
func (e *Error) WithRetryAfter(wait time.Duration) *Error {
	c := *e
	c.RetryAfter = wait
	return &c
}

// WithCause returns a copy of e that remembers what caused it, for the log only.
func (e *Error) WithCause(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error gives the message that may be shown; the cause is reached through errors.Unwrap.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// From gives the explainable error inside err, or an Internal one with a fixed sentence that keeps err as its cause.
// It gives nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return New(Internal, "Something went wrong on our side.").WithCause(err)
}

// Is reports whether err is explainable and of this kind.
func Is(err error, kind Kind) bool {
	var f *Error
	return errors.As(err, &f) && f.Kind == kind
}

// Fields collects messages by input field, so that every problem is reported at once.
type Fields map[string]string

// Add records the first message about a field and ignores later ones.
func (f Fields) Add(field, message string) {
	if _, ok := f[field]; !ok {
		f[field] = message
	}
}

// Err gives nil if nothing was added, and otherwise one Invalid error with all messages.
func (f Fields) Err() error {
	switch len(f) {
	case 0:
		return nil
	case 1:
		for field, message := range f {
			return Field(field, message)
		}
	}
	return &Error{Kind: Invalid, Message: "Some fields need another look.", Fields: f}
}
