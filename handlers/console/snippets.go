package console

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/views"
)

// absolute is a path of this instance as an address that can be given away.
func (s *console) absolute(path string) string { return strings.TrimSuffix(s.URL.String(), "/") + path }

// appSearchAddress is where clients of App Search reach the project, with its host identifier.
func (s *console) appSearchAddress(v *visitor) string {
	return s.absolute("/h/" + v.project.HostIdentifier + "/api/as/v1")
}

// lupaAddress is where clients of Lupa reach the instance.
func (s *console) lupaAddress() string { return s.absolute("/v1") }

// tryWith gives examples of a key in use, for this instance, this project and an engine that the key reaches.
func (s *console) tryWith(c echo.Context, v *visitor, k credential.Key) (views.TryIt, error) {
	names, err := s.engineNames(c, v)
	if err != nil {
		return views.TryIt{}, err
	}
	base, name, what := s.appSearchAddress(v), exampleEngine(k.Scope, names), exampleOf(k, names)
	t := views.TryIt{Example: views.ExampleFor(what, base, name), AppSearch: base + "/"}
	if what.NeedsEngine() && !slices.ContainsFunc(names, k.Scope.Has) {
		t.Missing = name
	}
	if k.Permissions() != permission.Of(permission.SearchRead) {
		t.Lupa = s.lupaAddress()
	}
	return t, nil
}

// exampleOf chooses what to show: the most useful request that the key may make.
func exampleOf(k credential.Key, names []string) views.ExampleKind {
	may := k.Permissions()
	switch {
	case len(names) == 0 && k.Scope.All && may.Has(permission.IndicesModify):
		return views.ExampleEngine
	case may.Has(permission.SearchRead):
		return views.ExampleSearch
	case may.Has(permission.DocumentsModify):
		return views.ExampleDocument
	case may.Has(permission.APIKeysRead):
		return views.ExampleKeys
	}
	return views.ExampleEngines
}

// exampleEngine is an engine that the key reaches, one that exists if there is any.
func exampleEngine(scope permission.Scope, names []string) string {
	if i := slices.IndexFunc(names, scope.Has); i >= 0 {
		return names[i]
	}
	if len(scope.Engines) > 0 {
		return scope.Engines[0]
	}
	return views.FirstEngine
}
