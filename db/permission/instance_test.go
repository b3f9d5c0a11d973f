package permission

import (
	"slices"
	"testing"
)

// What Smallest names is enough, and nothing smaller is.
func TestSmallestIsEnoughAndNotMore(t *testing.T) {
	const org, project = "o", "p"
	ladder := []Role{ProjectViewer, ProjectAdmin, OrganizationAdmin}
	with := func(r Role) Principal {
		p := Principal{Kind: User, Grants: []Grant{{Organization: org, Role: OrganizationMember}}}
		if r == OrganizationAdmin {
			p.Grants[0].Role = r
		} else {
			p.Grants = append(p.Grants, Grant{Organization: org, Project: project, Role: r})
		}
		return p
	}
	seen := map[Role]bool{}
	for _, info := range All() {
		for _, on := range []Target{{Organization: org}, {Organization: org, Project: project}} {
			got := Smallest(info.Permission, on)
			seen[got] = true
			if !Allows(with(got), info.Permission, on) {
				t.Errorf("%s on %+v: %s is not enough", info.Permission, on, got)
			}
			for _, smaller := range ladder[:slices.Index(ladder, got)] {
				if Allows(with(smaller), info.Permission, on) {
					t.Errorf("%s on %+v: %s is named, and %s would do", info.Permission, on, got, smaller)
				}
			}
		}
	}
	if len(seen) != len(ladder) {
		t.Errorf("only %v came up", seen)
	}
	if OrganizationMember.Set() != 0 || Role("KING").Set() != 0 {
		t.Error("a role without permissions has some")
	}
}

// Who administers the instance holds nothing in any organization by that, and nobody does it by a key or a token.
func TestInstanceAdminsHoldNothingElse(t *testing.T) {
	admin := Principal{Kind: User, ID: "u", InstanceAdmin: true}
	for _, info := range All() {
		for _, on := range []Target{{}, {Organization: "o"}, {Organization: "o", Project: "p"}, {Organization: "o", Project: "p", Engine: "e"}} {
			if d := Decide(admin, info.Permission, on); d != Hide {
				t.Errorf("%s on %+v: %d", info.Permission, on, d)
			}
		}
	}
	if held, visible := HeldBy(admin, Target{Organization: "o"}); held != 0 || visible || Founds(admin) {
		t.Error("an instance admin is something in an organization")
	}
	for kind, want := range map[Kind]bool{Anonymous: false, User: true, Token: false, Key: false, Signed: false, System: true} {
		if got := Administers(Principal{Kind: kind, InstanceAdmin: kind != System}); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
	if Administers(Principal{Kind: User, Grants: []Grant{{Organization: "o", Role: OrganizationAdmin}}}) {
		t.Error("an organization's admin administers the instance")
	}
}
