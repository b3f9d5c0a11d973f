package main

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/db/credential"
	"latchkey/db/secret"
	"latchkey/web/webtest"
)

const (
	reads  = "search.read indices.read documents.read search_queries.read synonyms.read analytics.read"
	writes = "indices.modify documents.modify search_queries.modify synonyms.modify"
	keys   = "api_keys.read api_keys.modify"
)

// What an answer means.
const (
	passed     = "passed"
	toSignIn   = "sent to sign in"
	refused401 = "401"
	refused403 = "403"
	refused404 = "404"
)

func meaning(a webtest.Answer) string {
	switch {
	case a.Status == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/console/login"):
		return toSignIn
	case a.Status == 401, a.Status == 403, a.Status == 404:
		return fmt.Sprint(a.Status)
	case a.Status < 400, a.Status == 400, a.Status == 409, a.Status == 410, a.Status == 422:
		return passed
	}
	return fmt.Sprintf("%d (%s)", a.Status, a.Body)
}

// expected is the policy applied: what an actor must get on a route.
func expected(route, needs string, a actor) string {
	method, path, _ := strings.Cut(route, " ")
	if needs == "public" {
		return passed
	}
	switch {
	case strings.HasPrefix(path, "/console"):
		if a.dead || a.proof != "cookie" {
			if method == http.MethodGet {
				return toSignIn
			}
			return refused401
		}
		return expectedOfUser(needs, a)
	case strings.HasPrefix(path, "/v1"):
		return expectedOfLupa(method, path, needs, a)
	}
	return expectedOfAppSearch(path, needs, a)
}

func expectedOfUser(needs string, a actor) string {
	yes := func(ok bool, otherwise string) string {
		if ok {
			return passed
		}
		return otherwise
	}
	switch needs {
	case "session":
		return yes(a.user, refused401)
	case "own session":
		return refused404 // the one that is tried belongs to nobody who asks
	case "founder":
		return yes(a.found, refused403)
	case "instance admin":
		return yes(a.ops, refused403)
	case "member":
		return yes(a.acme, refused404)
	case "organization admin":
		if !a.acme {
			return refused404
		}
		return yes(a.admin, refused403)
	}
	if a.scope == "hidden" {
		return refused404
	}
	if needs == "project by organization" {
		return yes(a.admin, refused403)
	}
	return yes(slices.Contains(strings.Fields(a.holds), needs), refused403)
}

func expectedOfLupa(method, path, needs string, a actor) string {
	switch {
	case a.dead, a.proof != "token" && a.proof != "key":
		return refused401
	case a.proof == "token":
		return expectedOfUser(needs, a)
	case needs == "session":
		return refused401
	}
	holds, inProject := slices.Contains(strings.Fields(a.holds), needs), strings.Contains(path, "/projects/")
	switch {
	case inProject && a.scope == "foreign":
		return refused404
	case !holds:
		return refused403
	case !inProject && a.scope != "":
		return refused404
	case inProject && a.scope == "elsewhere" && needs == "indices.modify":
		return refused403 // it may make no engine that it could not reach
	case strings.HasSuffix(path, "/apiKeys/:id") && method == http.MethodPatch && a.name == "key that makes keys":
		return refused403 // the key it would change holds more than it does
	}
	return passed
}

func expectedOfAppSearch(path, needs string, a actor) string {
	switch {
	case needs == "password" && a.proof == "basic" && !a.dead:
		return passed
	case a.dead, a.proof != "bearer" && a.proof != "parameter" && a.proof != "basic", !slices.Contains(strings.Fields(a.holds), needs):
		return refused401
	case a.scope != "" && (strings.Contains(path, "/:engine") || strings.Contains(path, "/:name")):
		return refused404
	case a.scope == "elsewhere" && needs == "indices.modify":
		return refused401 // it may make no engine that it could not reach
	}
	return passed
}

// answersOfTheirOwn are the public routes that refuse an empty request, or send to the sign-in page, whoever asks.
var answersOfTheirOwn = []string{"POST /v1/users/login", "POST /console/login", "GET /console/setup", "POST /console/setup",
	"GET /console/invitation", "POST /console/invitation", signOut}

const signOut = "POST /console/logout"

func TestEveryRouteAgainstEveryPrincipal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	actors := append(w.userActors(), w.keyActors()...)
	cells := 0
	// Signing out ends the session it comes with: it is tried last.
	routes := slices.DeleteFunc(slices.Clone(w.routes), func(r string) bool { return r == signOut })
	for _, route := range append(routes, signOut) {
		needs, ok := policy[route]
		if !ok {
			t.Errorf("%s: a route without a policy", route)
			continue
		}
		o := w.objects()
		for _, a := range actors {
			got, want := meaning(w.send(route, o, a)), expected(route, needs, a)
			if got == passed && !strings.HasPrefix(route, http.MethodGet) && strings.Contains(route, ":") {
				o = w.objects() // the next one must find what this one may have ended
			}
			if needs == "public" && slices.Contains(answersOfTheirOwn, route) {
				want = got // what these answer to an empty request is about the request, not about who makes it
			}
			if got != want {
				t.Errorf("%s (%s) as %s by %s: %s, want %s", route, needs, a.name, a.proof, got, want)
			}
			cells++
		}
	}
	for route := range policy {
		if !slices.Contains(w.routes, route) {
			t.Errorf("%s: a policy without a route", route)
		}
	}
	t.Logf("%d routes, %d principals, %d cells", len(w.routes), len(actors), cells)
}

var volatile = regexp.MustCompile(`"request_id":"[^"]*"`)

// To somebody who may not know of an object it must look exactly like one that does not exist.
func TestForeignObjectsAnswerLikeMissingOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, otherSearch := w.key(w.store, credential.Input{Type: secret.Search, AllEngines: true})
	_, otherAdmin := w.key(w.store, credential.Input{Type: secret.Admin})
	strangers := []actor{
		{name: "bob", proof: "cookie", value: w.signIn("bob").Reveal()}, {name: "bob", proof: "token", value: w.loginToken("bob")},
		{name: "member", proof: "cookie", value: w.signIn("member").Reveal()}, {name: "member", proof: "token", value: w.loginToken("member")},
		{name: "other-manager", proof: "cookie", value: w.signIn("other-manager").Reveal()}, {name: "other-viewer", proof: "token", value: w.loginToken("other-viewer")},
		{name: "the other private key", proof: "key", value: w.storeKey}, {name: "the other private key", proof: "bearer", value: w.storeKey},
		{name: "the other search key", proof: "bearer", value: otherSearch}, {name: "the other admin key", proof: "bearer", value: otherAdmin},
		{name: "the other admin key", proof: "key", value: otherAdmin},
		w.basicActor(actor{name: "bob"}), w.basicActor(actor{name: "other-manager"}), w.basicActor(actor{name: "member"}),
	}
	pairs := 0
	for _, route := range w.routes {
		if !strings.Contains(route, ":") || policy[route] == "public" {
			continue
		}
		o := w.objects()
		gone := o.missing()
		// The organization is known to its own member; the project and what is in it are not.
		known := gone
		known.org = o.org
		for _, a := range strangers {
			if a.name == "member" && !strings.Contains(route, ":project") && strings.Contains(route, ":org") {
				continue // their own organization
			}
			missing := known
			if a.name != "member" {
				missing = gone
			}
			foreign, absent := w.send(route, o, a), w.send(route, missing, a)
			if strip(foreign, o) != strip(absent, missing) {
				t.Errorf("%s as %s by %s:\nforeign %s\nmissing %s", route, a.name, a.proof, strip(foreign, o), strip(absent, missing))
			}
			if foreign.Status < 300 && strings.Contains(route, "/:") && !strings.HasSuffix(a.name, "admin key") {
				t.Errorf("%s as %s by %s: %d", route, a.name, a.proof, foreign.Status)
			}
			pairs++
		}
	}
	t.Logf("%d pairs compared", pairs)
}

// strip takes the request's own words and ids out of an answer.
func strip(a webtest.Answer, o objects) string {
	text := fmt.Sprint(a.Status, " ")
	for _, name := range []string{"Location", "Content-Type", "Www-Authenticate", "Vary", "Cache-Control", "Set-Cookie", "Content-Security-Policy"} {
		text += strings.Join(a.Header.Values(name), ",") + " "
	}
	text += volatile.ReplaceAllString(a.Body, "")
	for _, s := range []string{o.session, o.synonyms, o.curation, o.key, o.keyName, o.index, o.query, o.engineName, o.user, o.backup, o.member, o.invitation} {
		text = strings.ReplaceAll(text, s, "X")
	}
	for _, slash := range []string{"/", "%2F"} {
		text = strings.ReplaceAll(text, "organizations"+slash+o.org, "organizations/O")
		text = strings.ReplaceAll(text, "projects"+slash+o.project, "projects/P")
	}
	return text
}

// Every user of another organization finds nothing of acme in anything they may see.
func TestNothingOfAnotherOrganizationShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bob := w.browser("bob")
	words := []string{"acme", "Acme", "shop-only", w.shop.ID, w.shop.OrganizationID, w.shop.HostIdentifier, "ada@example.com", w.searchKey}
	for _, path := range []string{"/console", "/console/account", "/console/organizations", "/console/organizations/other", "/console/organizations/other/projects/store/credentials",
		"/console/organizations/other/projects/store/credentials/new", "/console/organizations/other/members", "/console/organizations/other/settings",
		"/console/organizations/other/projects/store/settings", "/console/organizations/other/projects/store/settings/delete", "/console/organizations/other/projects/store/engines",
		"/console/organizations/other/audit", "/console/organizations/other/projects/store/audit"} {
		a := bob.Get(path)
		if a.Status != http.StatusOK && a.Status != http.StatusSeeOther {
			t.Errorf("%s: %d", path, a.Status)
		}
		for _, word := range words {
			if word == "ada@example.com" && strings.HasSuffix(path, "/other/audit") {
				continue // she founded it, and its own history says so
			}
			if strings.Contains(a.Body, word) {
				t.Errorf("%s shows %q", path, word)
			}
		}
	}
	me := w.web.Client("Authorization", "Bearer "+w.loginToken("bob")).Get("/v1/users/me")
	if me.Status != http.StatusOK || strings.Contains(me.Body, "acme") {
		t.Errorf("users/me: %d %s", me.Status, me.Body)
	}
}
