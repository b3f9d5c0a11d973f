package permission

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestEveryPermissionIsDescribedAndUsed(t *testing.T) {
	seen := map[Permission]bool{}
	for _, i := range All() {
		if seen[i.Permission] || i.Sentence == "" || strings.HasSuffix(i.Sentence, ".") {
			t.Errorf("%s: doubled, or its sentence %q does not fit", i.Permission, i.Sentence)
		}
		seen[i.Permission] = true
		if !Everything.Has(i.Permission) {
			t.Errorf("an admin of an organization lacks %s", i.Permission)
		}
		if i.Custom && !Manage.Has(i.Permission) {
			t.Errorf("an admin of a project cannot give %s to a key", i.Permission)
		}
	}
	if len(all) > 64 {
		t.Error("a Set has room for 64 permissions")
	}
}

func TestNamedSets(t *testing.T) {
	for _, c := range []struct {
		name    string
		set     Set
		has     []Permission
		without []Permission
	}{
		{"read", Read, []Permission{SearchRead, DocumentsRead, AnalyticsRead}, []Permission{DocumentsModify, APIKeysRead, MembersRead}},
		{"write", Write, []Permission{DocumentsModify, IndicesModify}, []Permission{SearchRead, DocumentsRead, APIKeysModify, ProjectsModify}},
		{"full", Full, []Permission{SearchRead, DocumentsModify}, []Permission{APIKeysRead, APIKeysModify, MembersModify, AuditRead}},
		{"an admin key", ManageKeys, []Permission{APIKeysRead, APIKeysModify}, []Permission{SearchRead, DocumentsRead, IndicesRead}},
		{"a viewer", View, []Permission{APIKeysRead, DocumentsRead}, []Permission{APIKeysModify, DocumentsModify, MembersModify, AuditRead}},
		{"a project's admin", Manage, []Permission{APIKeysModify, ProjectsModify, AuditRead}, []Permission{MembersModify}},
	} {
		for _, p := range c.has {
			if !c.set.Has(p) {
				t.Errorf("%s lacks %s", c.name, p)
			}
		}
		for _, p := range c.without {
			if c.set.Has(p) {
				t.Errorf("%s has %s", c.name, p)
			}
		}
	}
}

func TestComplete(t *testing.T) {
	got := Of(DocumentsModify).Complete()
	if want := Of(DocumentsModify, DocumentsRead, IndicesRead); got != want {
		t.Errorf("modify brings %v, want %v", got.List(), want.List())
	}
	if Set(0).Complete() != 0 {
		t.Error("nothing brings something along")
	}
}

func TestParse(t *testing.T) {
	if _, unknown, ok := Parse([]string{"documents.read", "documents.own"}); ok || unknown != "documents.own" {
		t.Errorf("unknown permission: %q, %v", unknown, ok)
	}
	if _, unknown, ok := Parse([]string{"members.modify"}); ok || unknown != "members.modify" {
		t.Errorf("a key was given a permission of people: %q, %v", unknown, ok)
	}
	s, _, ok := Parse(Keys.Strings())
	if !ok || s != Keys {
		t.Error("the permissions of keys do not survive being written and read")
	}
}

// world is a small universe of which every corner is tried.
var (
	organizations = []string{"", "o1", "o2"}
	projects      = []string{"", "p1", "p2"}
	engines       = []string{"", "e1", "e2"}
	roles         = []Role{OrganizationAdmin, OrganizationMember, ProjectAdmin, ProjectViewer}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func randomPrincipal(r *rand.Rand) Principal {
	p := Principal{
		Kind:         pick(r, []Kind{Anonymous, User, Token, Key, Signed}),
		Organization: pick(r, organizations[1:]), Project: pick(r, projects[1:]),
		KeyType:     pick(r, []string{"search", "private", "admin"}),
		Permissions: pick(r, []Set{0, Of(SearchRead), Read, Write, Full, ManageKeys, Of(DocumentsModify).Complete(), Keys}),
		Scope:       pick(r, []Scope{{}, {All: true}, {Engines: []string{"e1"}}, {Engines: []string{"e1", "e2"}}}),
	}
	for range r.IntN(4) {
		g := Grant{Organization: pick(r, organizations[1:]), Role: pick(r, roles)}
		if g.Role.OfProject() {
			g.Project = pick(r, projects[1:])
		}
		p.Grants = append(p.Grants, g)
	}
	return p
}

// model is the policy once more, written as slowly and plainly as possible.
func model(p Principal, do Permission, on Target) Decision {
	if p.Kind == Anonymous {
		return Forbid
	}
	if p.Kind == Key || p.Kind == Signed {
		if on.Organization != p.Organization || (on.Project != "" && on.Project != p.Project) {
			return Hide
		}
		if !slices.Contains(p.Permissions.List(), do) || (p.Kind == Signed && do != SearchRead) {
			return Forbid
		}
		if on.Engine != "" && !p.Scope.All && !slices.Contains(p.Scope.Engines, on.Engine) {
			return Hide
		}
		return Allow
	}
	has := func(project string, role Role) bool {
		return on.Organization != "" && slices.Contains(p.Grants, Grant{Organization: on.Organization, Project: project, Role: role})
	}
	switch {
	case has("", OrganizationAdmin):
		return Allow
	case !has("", OrganizationMember):
		return Hide
	case on.Project == "":
		return Forbid
	case has(on.Project, ProjectAdmin):
		if slices.Contains(Manage.List(), do) || has(on.Project, ProjectViewer) && slices.Contains(View.List(), do) {
			return Allow
		}
		return Forbid
	case has(on.Project, ProjectViewer):
		if slices.Contains(View.List(), do) {
			return Allow
		}
		return Forbid
	}
	return Hide
}

func TestDecideAgreesWithThePolicy(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	counts := map[Decision]int{}
	for range 200_000 {
		p, do := randomPrincipal(r), pick(r, all).Permission
		on := Target{Organization: pick(r, organizations), Project: pick(r, projects), Engine: pick(r, engines)}
		got, want := Decide(p, do, on), model(p, do, on)
		if got != want {
			t.Fatalf("Decide(%+v, %s, %+v) = %d, want %d", p, do, on, got, want)
		}
		counts[got]++
	}
	for _, d := range []Decision{Hide, Forbid, Allow} {
		if counts[d] < 1000 {
			t.Errorf("decision %d came up only %d times: the test proves little", d, counts[d])
		}
	}
}

// Nobody grants more than they hold, and what was granted cannot grant more in turn.
func TestGrantableNeverExceedsWhatIsHeld(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		p := randomPrincipal(r)
		on := Target{Organization: pick(r, organizations), Project: pick(r, projects)}
		set, scope := Grantable(p, on)
		held, visible := HeldBy(p, on)
		switch {
		case set == 0:
			if scope.All || len(scope.Engines) > 0 {
				t.Fatalf("a scope without permissions: %+v", p)
			}
		case !visible || !held.Has(APIKeysModify) || p.Kind == Signed || p.Kind == Anonymous:
			t.Fatalf("%+v may give %v on %+v", p, set.List(), on)
		case !Keys.Contains(set):
			t.Fatalf("a key can be given %v", set.List())
		case p.Kind == Key && p.KeyType == "admin": // exists to make keys of every kind
		case !held.Contains(set):
			t.Fatalf("%+v holds %v and may give %v", p, held.List(), set.List())
		case p.Kind == Key && !p.Scope.Contains(scope):
			t.Fatalf("%+v may give the scope %+v", p, scope)
		}
	}
}

func TestScopeContains(t *testing.T) {
	some, more, every := Scope{Engines: []string{"a"}}, Scope{Engines: []string{"a", "b"}}, Scope{All: true}
	for _, c := range []struct {
		name string
		a, b Scope
		want bool
	}{
		{"all covers some", every, some, true}, {"some does not cover all", more, every, false}, {"more covers some", more, some, true},
		{"some does not cover more", some, more, false}, {"anything covers nothing", some, Scope{}, true}, {"all covers all", every, every, true},
	} {
		if got := c.a.Contains(c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
