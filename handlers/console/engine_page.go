package console

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// engineHead finds the engine of a page and gives what all pages about it begin with. One that does not exist is an
// error, before anything else of the page is looked for.
func (s *console) engineHead(c echo.Context, tab string) (views.EngineHead, engine.Engine, error) {
	v := visitorOf(c)
	e, err := s.Engines.Get(c.Request().Context(), v.Who, v.project.Target(), web.Param(c, "engine"))
	if err != nil {
		return views.EngineHead{}, e, err
	}
	p, err := s.page(c, v, views.NavEngines)
	return views.EngineHead{
		Page: p, Name: e.Name, Documents: e.Documents, Fields: int64(e.Fields), Language: e.Language, Indexing: e.Indexing, Tab: tab,
		Meta: e.Meta, Sources: int64(len(e.Sources)),
		SeeDocuments: v.may(permission.DocumentsRead), Search: v.may(permission.SearchRead), SeeKeys: v.may(permission.APIKeysRead),
	}, e, err
}

// engine is the page of an engine.
func (s *console) engine(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	head, e, err := s.engineHead(c, views.TabOverview)
	if err != nil {
		return err
	}
	page := views.EnginePage{EngineHead: head, Created: views.Day(e.CreatedAt, s.Now()), Commands: s.engineCommands(v, e)}
	if e.UpdatedAt.After(e.CreatedAt) {
		page.Changed = views.Day(e.UpdatedAt, s.Now())
	}
	if page.Queries, err = s.queriesOf(ctx, v, e.Name); err != nil {
		return err
	}
	if page.SourceItems, page.SearchedBy, err = s.beside(ctx, v, e); err != nil {
		return err
	}
	if head.SeeKeys {
		reach, err := s.Credentials.Reach(ctx, v.Who, v.project.Target(), []string{e.Name})
		if err != nil {
			return err
		}
		page.KeysAll, page.KeysOnly = int64(reach.All), int64(reach.Named[e.Name])
	}
	return web.Render(c, http.StatusOK, views.Engine(page))
}

// queriesOf counts the public search queries of an engine, for those who may see them.
func (s *console) queriesOf(ctx context.Context, v *visitor, name string) (int64, error) {
	if !v.may(permission.SearchQueriesRead) {
		return 0, nil
	}
	return s.Engines.CountQueries(ctx, v.Who, v.project.Target(), name)
}

// engineCommands are commands to use an engine with.
func (s *console) engineCommands(v *visitor, e engine.Engine) []views.Example {
	var list []views.Example
	for _, kind := range []views.ExampleKind{views.ExampleSearch, views.ExampleDocument, views.ExampleDocuments} {
		if kind == views.ExampleDocument && e.Meta {
			continue // it has none of its own
		}
		list = append(list, views.ExampleFor(kind, s.appSearchAddress(v), e.Name))
	}
	return list
}

// keyChoices are keys as the pages of engines name them.
func (s *console) keyChoices(keys []credential.Key) []views.KeyChoice {
	list := make([]views.KeyChoice, len(keys))
	for i, k := range keys {
		list[i] = views.KeyChoice{ID: k.ID, Called: calledOf(k), Visible: k.Visible, Status: statusOf(k, s.Now())}
	}
	return list
}

// calledOf is what people know a key by.
func calledOf(k credential.Key) string {
	if k.Description != "" {
		return k.Description
	}
	return k.Name
}

// cutText takes a text to search for from an address: not one that is too long, and none that may be a secret.
func cutText(text string, limit int) string {
	text = strings.TrimSpace(text)
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > limit || likeKey.MatchString(text) {
		return ""
	}
	return text
}
