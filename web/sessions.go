package web

import (
	"errors"
	"net/http"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/db/secret"
	"latchkey/db/session"
)

// Sessions are browser sessions: gorilla's interface over our own table. The cookie holds a random token and nothing
// else; gorilla's defaults (SameSite=None, readable by scripts, thirty days, alive after sign-out) are all replaced.
type Sessions struct {
	rows   *session.Store
	secure bool
}

// NewSessions makes sessions over a table. secure says that browsers reach the server by https.
func NewSessions(rows *session.Store, secure bool) *Sessions {
	return &Sessions{rows: rows, secure: secure}
}

// cookieName has the __Host- prefix where browsers accept it, so that no other host can set the cookie.
func (s *Sessions) cookieName() string {
	if s.secure {
		return "__Host-latchkey"
	}
	return "latchkey"
}

// What a gorilla session holds of ours.
const (
	valueToken   = "token"
	valueSession = "session"
)

var _ sessions.Store = (*Sessions)(nil)

// Get gives the session of a request, looked up once per request.
func (s *Sessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New looks the cookie's token up. Without a live session the result is new and empty.
func (s *Sessions) New(r *http.Request, name string) (*sessions.Session, error) {
	v := sessions.NewSession(s, name)
	v.Options, v.IsNew = s.options(), true
	cookie, err := r.Cookie(name)
	if err != nil {
		return v, nil
	}
	token := secret.Secret(cookie.Value)
	row, err := s.rows.Find(r.Context(), token)
	if fault.Is(err, fault.Unauthenticated) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.IsNew = false
	v.Values[valueToken], v.Values[valueSession] = token, row
	return v, nil
}

// Save writes a new session's row and its cookie, or ends a session whose MaxAge is negative.
func (s *Sessions) Save(r *http.Request, w http.ResponseWriter, v *sessions.Session) error {
	token, _ := v.Values[valueToken].(secret.Secret)
	if v.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(v.Name(), "", v.Options))
		return s.rows.Delete(r.Context(), token)
	}
	row, ok := v.Values[valueSession].(session.Session)
	if !ok {
		return errors.New("web: a session without a user cannot be saved")
	}
	fresh, err := s.rows.Create(r.Context(), row)
	if err != nil {
		return err
	}
	v.Values[valueToken], v.IsNew = fresh, false
	http.SetCookie(w, sessions.NewCookie(v.Name(), fresh.Reveal(), v.Options))
	if token != "" {
		return s.rows.Delete(r.Context(), token)
	}
	return nil
}

func (s *Sessions) options() *sessions.Options {
	return &sessions.Options{Path: "/", MaxAge: int(session.Life.Seconds()), Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// Current gives the live session of a request and its token. Without one the error is Unauthenticated.
func (s *Sessions) Current(c echo.Context) (session.Session, secret.Secret, error) {
	v, err := s.Get(c.Request(), s.cookieName())
	if err != nil {
		return session.Session{}, "", err
	}
	row, ok := v.Values[valueSession].(session.Session)
	if v.IsNew || !ok {
		return session.Session{}, "", fault.New(fault.Unauthenticated, "Sign in to go on.").WithReason("signed_out")
	}
	return row, v.Values[valueToken].(secret.Secret), nil
}

// SignIn starts a session for a user under a new token and gives the token; the session before it ends.
func (s *Sessions) SignIn(c echo.Context, userID string, epoch int64) (secret.Secret, error) {
	v, err := s.Get(c.Request(), s.cookieName())
	if err != nil {
		return "", err
	}
	v.Options = s.options()
	v.Values[valueSession] = session.Session{UserID: userID, Epoch: epoch, Address: c.RealIP(), UserAgent: fault.Cut(c.Request().UserAgent(), 300)}
	if err := v.Save(c.Request(), c.Response()); err != nil {
		return "", err
	}
	return v.Values[valueToken].(secret.Secret), nil
}

// SignOut ends the session of a request, on the server too, and makes the browser forget what it kept.
func (s *Sessions) SignOut(c echo.Context) error {
	v, err := s.Get(c.Request(), s.cookieName())
	if err != nil {
		return err
	}
	v.Options = s.options()
	v.Options.MaxAge = -1
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return v.Save(c.Request(), c.Response())
}
