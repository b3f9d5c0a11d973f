package lupa

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/web"
)

// apiKey is a key as it is shown (Lupa, "API Authentication", Obtaining API Key).
//
//	{"id":"…","visibleKey":"SOF*****cl7","description":"…","access":"full","restrictIndexScope":true,
//	 "indexIds":["…"],"expiration":null,"key":"…"}
//
// "permissions" stands in it for access "custom" only, "type" for keys that are not private, "key" after creating.
type apiKey struct {
	ID                 string            `json:"id"`
	VisibleKey         string            `json:"visibleKey"`
	Description        string            `json:"description"`
	Access             permission.Access `json:"access"`
	Permissions        []string          `json:"permissions,omitempty"`
	RestrictIndexScope bool              `json:"restrictIndexScope"`
	IndexIDs           []string          `json:"indexIds"`
	Expiration         stamp             `json:"expiration"`
	Key                string            `json:"key,omitempty"`
	Type               secret.Type       `json:"type,omitempty"`
}

func keyOf(k credential.Key, in engineIDs) apiKey {
	out := apiKey{
		ID: k.ID, VisibleKey: k.Visible, Description: k.Description, Access: shownAccess(k), RestrictIndexScope: !k.Scope.All,
		IndexIDs: []string{}, Expiration: stamp(k.ExpiresAt),
	}
	if out.Access == permission.AccessCustom {
		out.Permissions = k.Permissions().Strings()
	}
	if k.Type != secret.Private {
		out.Type = k.Type
	}
	if k.Scope.All {
		return out
	}
	for _, name := range k.Scope.Engines {
		// A key may name an engine that does not exist; it has no id to show.
		if id, ok := in.ids[name]; ok {
			out.IndexIDs = append(out.IndexIDs, id)
		}
	}
	return out
}

// shownAccess gives the word of Lupa that comes nearest to what keys of other types may do.
func shownAccess(k credential.Key) permission.Access {
	switch k.Type {
	case secret.Search:
		return permission.AccessRead
	case secret.Admin:
		return permission.AccessCustom
	}
	return k.Access
}

// engineIDs are the engines of a project by their two names: Lupa scopes keys by id, keys are kept with names.
type engineIDs struct {
	ids, names map[string]string
}

// engineIDs looks at all engines of the project: whoever may see its keys may see where they lead to, also an admin key,
// which may see no engine.
func (a *api) engineIDs(ctx context.Context, project permission.Target) (engineIDs, error) {
	names, err := a.Engines.Names(ctx, project.Project)
	all := engineIDs{ids: make(map[string]string, len(names)), names: names}
	for id, name := range names {
		all.ids[name] = id
	}
	return all, err
}

func (a *api) listKeys(c echo.Context) error {
	ctx, project := c.Request().Context(), projectOf(c)
	in, err := a.engineIDs(ctx, project)
	if err != nil {
		return err
	}
	list, filter := []apiKey{}, credential.Filter{Live: true, Sort: "created"}
	for {
		page, err := a.Credentials.List(ctx, whoOf(c), project, filter)
		if err != nil {
			return err
		}
		for _, k := range page.Keys {
			list = append(list, keyOf(k, in))
		}
		if filter.Cursor = page.Older; filter.Cursor == "" {
			return c.JSON(http.StatusOK, list)
		}
	}
}

func (a *api) createKey(c echo.Context) error {
	ctx, project := c.Request().Context(), projectOf(c)
	in, err := a.engineIDs(ctx, project)
	if err != nil {
		return err
	}
	input, err := readKey(c, in, nil, false)
	if err != nil {
		return err
	}
	k, minted, err := a.Credentials.Create(ctx, whoOf(c), project, input, nil)
	if err != nil {
		return err
	}
	out := keyOf(k, in)
	out.Key = minted.Reveal()
	return c.JSON(http.StatusOK, out)
}

var errNoKey = fault.New(fault.NotFound, "There is no such key.")

// findKey gives a key that was not revoked: here a revoked key is gone.
func (a *api) findKey(c echo.Context) (credential.Key, error) {
	k, err := a.Credentials.Get(c.Request().Context(), whoOf(c), projectOf(c), web.Param(c, "id"))
	if err != nil {
		return credential.Key{}, err
	}
	if !k.RevokedAt.IsZero() {
		return credential.Key{}, errNoKey
	}
	return k, nil
}

func (a *api) getKey(c echo.Context) error {
	k, err := a.findKey(c)
	if err != nil {
		return err
	}
	in, err := a.engineIDs(c.Request().Context(), projectOf(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, keyOf(k, in))
}

func (a *api) replaceKey(c echo.Context) error { return a.updateKey(c, false) }

func (a *api) changeKey(c echo.Context) error { return a.updateKey(c, true) }

// updateKey changes a key. Where it merges, what the body does not name stays.
func (a *api) updateKey(c echo.Context, merge bool) error {
	ctx, project := c.Request().Context(), projectOf(c)
	before, err := a.findKey(c)
	if err != nil {
		return err
	}
	in, err := a.engineIDs(ctx, project)
	if err != nil {
		return err
	}
	input, err := readKey(c, in, &before, merge)
	if err != nil {
		return err
	}
	k, err := a.Credentials.Update(ctx, whoOf(c), project, before.ID, input)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, keyOf(k, in))
}

func (a *api) revokeKey(c echo.Context) error {
	if _, err := a.Credentials.Revoke(c.Request().Context(), whoOf(c), projectOf(c), web.Param(c, "id")); err != nil {
		return err
	}
	return answerDone(c)
}
