package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
)

// Limits of every connection and request.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	handlerTimeout    = 20 * time.Second
	stopTimeout       = 10 * time.Second
	// DefaultBody is how many bytes a request body may have where a route says nothing else.
	DefaultBody = 64 << 10
)

// Guard decides who may pass to a route. Name says so in words; the policy of the whole program is the list of these.
type Guard struct {
	Name  string
	Check echo.MiddlewareFunc
}

// Public lets everybody pass. why says for what reason that is right.
func Public(why string) Guard {
	return Guard{Name: "public: " + why, Check: func(next echo.HandlerFunc) echo.HandlerFunc { return next }}
}

// Route is one method and path with its guard.
type Route struct {
	Method, Path string
	Guard        Guard
	Handle       echo.HandlerFunc
	Body         int64 // bytes a request body may have; 0: DefaultBody
}

// Surface is one of the faces the program shows.
type Surface struct {
	Name     string
	Prefixes []string // paths below which it words the errors, also of routes that do not exist
	Routes   []Route
	// Pre runs before routing. It may rewrite the path, or answer and say so.
	Pre func(c echo.Context) (answered bool, err error)
	// Fail answers an error in the surface's own words.
	Fail func(c echo.Context, f *fault.Error) error
}

// Config is what a Server needs to know.
type Config struct {
	Logger         *slog.Logger
	Secure         bool           // reached by https
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; none: nobody's
}

// Server answers requests for all surfaces.
type Server struct {
	config   Config
	echo     *echo.Echo
	surfaces []Surface
	routes   []Route
}

// New makes a server. It panics on a route without a guard, because such a program must not start.
func New(config Config, surfaces ...Surface) *Server {
	e := echo.New()
	s := &Server{config: config, echo: e, surfaces: surfaces}
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = extractor(config.TrustedProxies)
	e.HTTPErrorHandler = s.fail
	e.Pre(s.identify, s.log, s.recoverPanics, s.headers, s.limit, s.pre)
	for _, surface := range surfaces {
		for _, r := range surface.Routes {
			if r.Guard.Check == nil {
				panic(fmt.Sprintf("web: %s %s has no guard", r.Method, r.Path))
			}
			e.Add(r.Method, r.Path, r.Handle, sized(r.Body), r.Guard.Check)
			if r.Method == http.MethodGet {
				e.Add(http.MethodHead, r.Path, r.Handle, sized(r.Body), r.Guard.Check)
			}
			s.routes = append(s.routes, r)
		}
	}
	return s
}

func extractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		options = append(options, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// Routes lists all routes, for tests and for the policy.
func (s *Server) Routes() []Route { return s.routes }

// Handler is the server as an http.Handler.
func (s *Server) Handler() http.Handler { return s.echo }

// Serve answers on a listener until the context ends; then it lets running requests finish, for ten seconds at most.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.echo, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.config.Logger.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		done <- server.Shutdown(stop)
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}

// surface gives the surface that answers under a path, the one with the longest prefix, or nil.
func (s *Server) surface(path string) *Surface {
	var best *Surface
	longest := -1
	for i := range s.surfaces {
		for _, prefix := range s.surfaces[i].Prefixes {
			under := path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
			if under && len(prefix) > longest {
				best, longest = &s.surfaces[i], len(prefix)
			}
		}
	}
	return best
}

func (s *Server) pre(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if surface := s.surface(c.Request().URL.Path); surface != nil && surface.Pre != nil {
			if answered, err := surface.Pre(c); answered || err != nil {
				return err
			}
		}
		return next(c)
	}
}
