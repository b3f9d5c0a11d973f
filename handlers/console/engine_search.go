package console

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/views"
	"latchkey/web"
)

// How much a tried search shows: hits on a page, pages, characters of a field, fields of a hit, and keys to choose from.
const (
	hitsShown   = 10
	searchPages = 100
	fieldShown  = 200
	fieldsShown = 5
	keysListed  = 100
)

// asSomebody is whose rights a tried search has, and how they are shown. Nothing is counted as a use of a key.
type asSomebody struct {
	proof credential.Proof // with a Reason where the key is refused already
	shown *views.SearchAs  // nil: the visitor
}

// searchEngine tries a search as the visitor or as a key of the project, which is named by its id.
func (s *console) searchEngine(c echo.Context) error {
	page, e, err := s.searchPage(c, c.QueryParam("q"), c.QueryParam("key"), c.QueryParam("find"))
	if err != nil {
		return err
	}
	v, ctx := visitorOf(c), c.Request().Context()
	as := asSomebody{proof: credential.Proof{Principal: v.Principal}}
	if page.Key != "" {
		if as, err = s.asKey(ctx, v, page.Key); err != nil {
			return err
		}
	}
	page.As = as.shown
	switch asked := c.QueryParams()["q"]; {
	case len(asked) > 0 && likeKey.MatchString(asked[0]):
		page.Notice = views.Result("secret-typed")
	case len(asked) > 0:
		err = s.try(ctx, v, e, as, &page, min(pageOf(c), searchPages))
	}
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.EngineSearch(page))
}

// searchPasted tries a search as whoever holds a pasted key or signed search key. The key is looked at and forgotten.
func (s *console) searchPasted(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	page, e, err := s.searchPage(c, form.Get("q"), "", "")
	if err != nil {
		return err
	}
	v, ctx := visitorOf(c), c.Request().Context()
	as, err := s.asPasted(ctx, v, strings.TrimSpace(form.Get("secret")))
	if err != nil {
		return err
	}
	page.As, page.Pasted = as.shown, true
	if err := s.try(ctx, v, e, as, &page, 1); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.EngineSearch(page))
}

// searchPage is the page without an answer: the form, with the keys to choose from.
func (s *console) searchPage(c echo.Context, query, key, find string) (views.EngineSearchPage, engine.Engine, error) {
	v, ctx := visitorOf(c), c.Request().Context()
	head, e, err := s.engineHead(c, views.TabSearch)
	if err != nil {
		return views.EngineSearchPage{}, e, err
	}
	page := views.EngineSearchPage{EngineHead: head, Query: cutText(query, maxQuery*10), Key: key, Find: cutText(find, maxQuery)}
	if !head.SeeKeys {
		page.Key = ""
		return page, e, nil
	}
	return page, e, s.listKeys(ctx, v, e.Name, &page)
}

// listKeys fills in the keys to search as: those that reach the engine, then others, and in any case the chosen one.
func (s *console) listKeys(ctx context.Context, v *visitor, name string, page *views.EngineSearchPage) error {
	here, err := s.Credentials.List(ctx, v.Who, v.project.Target(), credential.Filter{Text: page.Find, Engine: name, Limit: keysListed})
	if err != nil {
		return err
	}
	all, err := s.Credentials.List(ctx, v.Who, v.project.Target(), credential.Filter{Text: page.Find, Live: true, Limit: keysListed})
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	may := func(k credential.Key) bool { return k.Permissions().Has(permission.SearchRead) }
	for _, k := range here.Keys {
		if may(k) {
			page.Reach, listed[k.ID] = append(page.Reach, s.keyChoices([]credential.Key{k})...), true
		}
	}
	for _, k := range all.Keys {
		if !listed[k.ID] {
			page.Others, listed[k.ID] = append(page.Others, s.keyChoices([]credential.Key{k})...), true
		}
	}
	page.More = here.Total > keysListed || all.Total > keysListed
	if page.Key == "" || listed[page.Key] {
		return nil
	}
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), page.Key)
	page.Others = append(page.Others, s.keyChoices([]credential.Key{k})...)
	return err
}

// asKey is a key of the project that the visitor chose.
func (s *console) asKey(ctx context.Context, v *visitor, id string) (asSomebody, error) {
	proof, err := s.Credentials.Try(ctx, v.Who, v.project.Target(), id)
	if err != nil {
		return asSomebody{}, err
	}
	shown, err := s.shownAs(ctx, v, proof)
	return asSomebody{proof, shown}, err
}

// asPasted is what a pasted text proves here: the keys of other projects are as unknown as those that do not exist.
func (s *console) asPasted(ctx context.Context, v *visitor, raw string) (asSomebody, error) {
	check := func(raw, _ string) credential.Proof { return s.Credentials.Check(raw) }
	signed := credential.IsSigned(raw)
	if signed {
		check = s.Credentials.CheckSigned
	}
	proof := check(raw, v.project.ID)
	shown, err := s.shownAs(ctx, v, proof)
	if err != nil {
		return asSomebody{}, err
	}
	if shown.ID == "" {
		proof = credential.Proof{Reason: unknownHere(proof.Reason)}
	}
	shown.Signed = signed
	if len(proof.Principal.Enforced) > 0 {
		shown.Enforced = indented(proof.Principal.Enforced)
	}
	return asSomebody{proof, shown}, nil
}

// unknownHere is the reason of a proof that names no key of this project.
func unknownHere(r credential.Reason) credential.Reason {
	if r == "" || r == credential.KeyRevoked || r == credential.KeyExpired || r == credential.KeyUnsure {
		return credential.KeyUnknown
	}
	return r
}

// shownAs is the key of a proof as the page shows it, an empty one where the visitor may not know of it.
func (s *console) shownAs(ctx context.Context, v *visitor, proof credential.Proof) (*views.SearchAs, error) {
	if proof.KeyID == "" || !v.may(permission.APIKeysRead) {
		return &views.SearchAs{}, nil
	}
	k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), proof.KeyID)
	if fault.Is(err, fault.NotFound) {
		return &views.SearchAs{}, nil
	}
	return &views.SearchAs{
		ID: k.ID, Called: calledOf(k), Type: string(k.Type), Visible: k.Visible, Status: statusOf(k, s.Now()),
		AllEngines: k.Scope.All, Engines: k.Scope.Engines,
	}, err
}

func indented(enforced map[string]json.RawMessage) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if e.Encode(enforced) != nil {
		return ""
	}
	return engine.Visible(strings.TrimSpace(b.String()))
}

// try runs the search of a page with somebody's rights, or says why it is refused.
func (s *console) try(ctx context.Context, v *visitor, e engine.Engine, as asSomebody, page *views.EngineSearchPage, number int) error {
	page.Asked = true
	if page.Refusal = refusedBefore(as.proof, v.project.Target()); page.Refusal != nil {
		return nil
	}
	schema, err := s.Engines.Schema(ctx, v.Who, v.project.Target(), e.Name)
	if err != nil {
		return err
	}
	began := s.Now()
	q, err := s.Query(searchOptions(page.Query, number, schema), as.proof.Principal.Enforced)
	var found engine.Results
	if err == nil {
		found, err = s.Engines.Search(ctx, audit.Who{Principal: as.proof.Principal}, v.project.Target(), e.Name, q)
	}
	switch {
	case fault.Is(err, fault.NotFound):
		// The engine was found for the visitor a moment ago: it is the key that does not reach it.
		page.Refusal = &views.Refusal{Code: "scope", Status: http.StatusNotFound, Message: fault.From(err).Message}
		return nil
	case fault.Is(err, fault.Invalid):
		page.Refusal = &views.Refusal{Code: "options", Status: http.StatusBadRequest, Message: fault.From(err).Message}
		return nil
	case err != nil:
		return err
	}
	page.Took = views.Took(s.Now().Sub(began))
	page.Hits = hitsOf(found, schema)
	page.Pages = views.Pages{Number: number, Size: q.Size, Total: found.Total, Last: searchPages}
	return nil
}

// refusedBefore is why the App Search API refuses a key before it looks at an engine, or nil.
func refusedBefore(proof credential.Proof, place permission.Target) *views.Refusal {
	switch {
	case proof.Reason != "":
		return &views.Refusal{Code: string(proof.Reason), Status: http.StatusUnauthorized, Message: views.RefusedToken}
	case !permission.Allows(proof.Principal, permission.SearchRead, place):
		return &views.Refusal{Code: "permission", Status: http.StatusUnauthorized, Message: views.RefusedAction}
	}
	return nil
}

// searchOptions are the options of a tried search, as a client would send them: texts with what was found in them, other
// fields as they are.
func searchOptions(query string, page int, schema engine.Schema) map[string]any {
	size := json.Number(strconv.Itoa(fieldShown))
	fields := map[string]any{}
	for _, f := range schema {
		if f.Type == engine.TypeText {
			fields[f.Name] = map[string]any{"snippet": map[string]any{"size": size, "fallback": true}}
		} else {
			fields[f.Name] = map[string]any{"raw": map[string]any{}}
		}
	}
	return map[string]any{
		"query": query, "result_fields": fields,
		"page": map[string]any{"current": json.Number(strconv.Itoa(page)), "size": json.Number(strconv.Itoa(hitsShown))},
	}
}

// hitsOf gives what was found, in the order of the schema: the first fields, and all in which something was found.
func hitsOf(found engine.Results, schema engine.Schema) []views.SearchHit {
	order := map[string]int{}
	for i, f := range schema {
		order[f.Name] = i + 1
	}
	hits := make([]views.SearchHit, len(found.Hits))
	for i, h := range found.Hits {
		hits[i] = views.SearchHit{ID: h.ID, Score: strconv.FormatFloat(h.Score, 'f', 2, 64)}
		names := slices.SortedFunc(maps.Keys(h.Fields), func(a, b string) int { return order[a] - order[b] })
		for _, name := range names {
			parts := partsOf(h.Fields[name])
			found := slices.ContainsFunc(parts, func(p views.HitPart) bool { return p.Found })
			switch {
			case len(parts) == 0:
			case found, len(hits[i].Fields) < fieldsShown:
				hits[i].Fields = append(hits[i].Fields, views.HitField{Name: name, Parts: parts})
			default:
				hits[i].More++
			}
		}
	}
	return hits
}

// partsOf takes a field apart into text and what was found. A snippet is HTML, with nothing in it but <em>; it is read
// back into text, so that the page escapes all of it again.
func partsOf(f engine.FieldResult) []views.HitPart {
	if f.Snippet == nil {
		if f.Raw == nil || f.Raw.String() == "" {
			return nil
		}
		return []views.HitPart{{Text: fault.Cut(f.Raw.String(), fieldShown*4)}}
	}
	var parts []views.HitPart
	for i, piece := range strings.Split(*f.Snippet, "<em>") {
		found, rest, ok := strings.Cut(piece, "</em>")
		if i == 0 || !ok {
			found, rest = "", piece
		}
		for _, part := range []views.HitPart{{Text: html.UnescapeString(found), Found: true}, {Text: html.UnescapeString(rest)}} {
			if part.Text != "" {
				parts = append(parts, part)
			}
		}
	}
	return parts
}
