package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

// reveal shows a new secret to the session that made it, until it is stored or its time is over.
func (s *console) reveal(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	made, err := s.Rows.Peek(ctx, v.token, k.ID)
	if errors.Is(err, session.ErrGone) {
		return s.gone(c, k)
	}
	if err != nil {
		return err
	}
	p, behind, err := s.backdrop(c)
	if err != nil {
		return err
	}
	snippets, err := s.snippets(c, v, k)
	if err != nil {
		return err
	}
	access, note := accessOf(k)
	return web.Render(c, http.StatusOK, views.KeyReveal(views.KeyRevealPage{
		Page: p, Behind: behind, ID: k.ID, Name: k.Name, Type: string(k.Type), Secret: made.Reveal(),
		Access: access, AccessNote: note, AllEngines: k.Scope.All, Engines: k.Scope.Engines, Expires: views.Day(k.ExpiresAt, s.Now()),
		Until: views.Moment(k.CreatedAt.Add(session.StashLife), s.Now()), Snippets: snippets,
	}))
}

// revealSlack is how much younger than a key the session may be that made it: set-up signs in after its first keys.
const revealSlack = time.Minute

// gone says that the secret cannot be seen, with the likeliest reason: what is kept does not tell them apart.
func (s *console) gone(c echo.Context, k credential.Key) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	page := views.KeyRevealGonePage{Page: p, ID: k.ID, Name: k.Name, Type: string(k.Type), Visible: k.Visible}
	switch {
	case !s.Now().Before(k.CreatedAt.Add(session.StashLife)) || !k.RevokedAt.IsZero() || k.Type == secret.Search:
		page.Reason = views.GoneExpired
	case k.CreatedBy != v.Label && k.CreatedBy != setupLabel, v.session.CreatedAt.After(k.CreatedAt.Add(revealSlack)):
		page.Reason = views.GoneOther
	default:
		page.Reason = views.GoneStored
	}
	return web.Render(c, http.StatusGone, views.KeyRevealGone(page))
}

// revealDone destroys the secret that waits for this session.
func (s *console) revealDone(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), c.Param("key"))
	if err != nil {
		return err
	}
	if err := s.Rows.Forget(ctx, v.token, k.ID); err != nil {
		return err
	}
	return web.Redirect(c, done(s.keyURL(v, k.ID), "stored"))
}

// snippets are commands to try a key with. They hold $KEY, never the key.
func (s *console) snippets(c echo.Context, v *visitor, k credential.Key) ([]views.Snippet, error) {
	names, err := s.engineNames(c, v)
	if err != nil {
		return nil, err
	}
	address := strings.TrimSuffix(s.URL.String(), "/") + "/h/" + v.project.HostIdentifier + "/api/as/v1"
	engine := address + "/engines/" + exampleEngine(k.Scope, names)
	may := k.Permissions()
	var list []views.Snippet
	if may.Has(permission.SearchRead) {
		list = append(list, views.Snippet{Title: "Try it with curl", Code: curl(engine+"/search", `{"query": "park"}`)})
	}
	if may.Has(permission.DocumentsModify) {
		list = append(list, views.Snippet{Title: "Add a document with curl", Code: curl(engine+"/documents", `[{"id": "first", "title": "My first document"}]`)})
	}
	if len(list) == 0 && may.Has(permission.APIKeysRead) {
		list = append(list, views.Snippet{Title: "Try it with curl", Code: curl(address+"/credentials", "")})
	}
	if len(list) == 0 {
		list = append(list, views.Snippet{Title: "Try it with curl", Code: curl(address+"/engines", "")})
	}
	return list, nil
}

// exampleEngine is an engine that the key reaches, one that exists if there is any.
func exampleEngine(scope permission.Scope, names []string) string {
	if i := slices.IndexFunc(names, scope.Has); i >= 0 {
		return names[i]
	}
	if len(scope.Engines) > 0 {
		return scope.Engines[0]
	}
	return "my-engine"
}

// curl is a command line. body is JSON without single quotes, or empty.
func curl(address, body string) string {
	text := "curl '" + address + "' \\\n  -H \"Authorization: Bearer $KEY\""
	if body != "" {
		text += " \\\n  -H 'Content-Type: application/json' \\\n  -d '" + body + "'"
	}
	return text
}
