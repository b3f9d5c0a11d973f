package importer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// What can be wrong with a source as such.
var (
	errTooLong = errors.New("the source sent an answer of more than 32 MB")
	errCut     = errors.New("the connection to the source was cut")
	errNoJSON  = errors.New("the source did not answer with JSON; is this the URL of App Search?")
	errBusy    = errors.New("the source has too many requests")
	errRepeats = errors.New("the source sends the same page again and again")
	errEndless = errors.New("the source sends far more than it says it has")
	errShape   = errors.New("the source answered in a form that is not App Search's")
)

// refusal is the source's no to a question.
type refusal struct {
	status  int
	message string // what the source says, tidied
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("the source answered %d", r.status)
	if name := http.StatusText(r.status); name != "" {
		text += " (" + name + ")"
	}
	if r.message != "" {
		text += ": " + r.message
	}
	return text
}

// says reports whether an error is the source's no with this status.
func says(err error, status int) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == status
}

// particular reports whether an error concerns one question only, so that others are worth asking: the source understood
// and said no. A key that does not count, and a source that fails, end the import.
func particular(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status >= 400 && r.status < 500 && r.status != http.StatusUnauthorized && r.status != http.StatusForbidden && r.status != http.StatusTooManyRequests
}

// retryError is a failure that may pass.
type retryError struct {
	cause error
	after time.Duration
	told  bool // the source has said how long to wait
}

func (e *retryError) Error() string { return e.cause.Error() }
func (e *retryError) Unwrap() error { return e.cause }

// redirected tells where a redirect leads. It is never followed: the key would go along.
func redirected(location string) error {
	to := "elsewhere"
	if u, err := url.Parse(location); err == nil && u.Host != "" {
		to = "to " + (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	}
	return fmt.Errorf("the source redirects %s, and keys are not sent along; give the URL itself with --url", to)
}

// unreached words a failure to reach the source. What cannot get better by waiting is not tried again. The address in
// an error of net/http is ours, without secrets; still only what lies below it is shown.
func (c *client) unreached(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var untrusted *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		return fmt.Errorf("the certificate of %s is for another name: %v", c.base.Host, err)
	case errors.As(err, &authority):
		return fmt.Errorf("the certificate of %s is signed by nobody this machine trusts: %v; add that authority to the system's certificates, or name its file in SSL_CERT_FILE", c.base.Host, err)
	case errors.As(err, &untrusted):
		return fmt.Errorf("the certificate of %s does not count: %v", c.base.Host, err)
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s does not speak TLS; is its URL http://?", c.base.Host)
	case errors.Is(err, context.DeadlineExceeded):
		return &retryError{cause: errors.New("the source did not answer in time")}
	}
	return &retryError{cause: fmt.Errorf("the source cannot be reached: %s", c.tidy(err.Error()))}
}
