package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/permission"
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
		Page: p, Behind: behind, ID: k.ID, Name: k.Name, Description: k.Description, Type: string(k.Type), Secret: made.Reveal(),
		Access: access, AccessNote: note, AllEngines: k.Scope.All, Engines: k.Scope.Engines, Expires: views.Day(k.ExpiresAt, s.Now()),
		Until: views.Moment(k.CreatedAt.Add(session.StashLife), s.Now()), Snippets: snippets,
	}))
}

// gone says that the secret cannot be seen. Why is told only where it is sure: what is kept does not tell a secret that
// was stored from one that another browser made.
func (s *console) gone(c echo.Context, k credential.Key) error {
	v := visitorOf(c)
	p, err := s.page(c, v, views.NavCredentials)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusGone, views.KeyRevealGone(views.KeyRevealGonePage{
		Page: p, ID: k.ID, Name: k.Name, Description: k.Description, Type: string(k.Type), Visible: k.Visible,
		Late: !s.Now().Before(k.CreatedAt.Add(session.StashLife)),
	}))
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
	if len(names) == 0 && k.Scope.All && may.Has(permission.IndicesModify) {
		list = append(list, views.Snippet{Title: "Create the first engine with curl", Code: curl(address+"/engines", `{"name": "my-engine"}`)})
	}
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
