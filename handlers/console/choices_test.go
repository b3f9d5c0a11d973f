package console

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/db/credential"
	"latchkey/db/permission"
)

// What the visitor may not give cannot be chosen, and the reason is told. The store refuses exactly the same.
func TestUnavailableChoices(t *testing.T) {
	everywhere, some := permission.Scope{All: true}, permission.Scope{Engines: []string{"parks"}}
	for _, c := range []struct {
		name string
		gift credential.Gift
		want string
	}{
		{"everything", credential.Gift{Permissions: permission.Keys, Scope: everywhere}, ""},
		{"everything in some engines", credential.Gift{Permissions: permission.Keys, Scope: some}, "admin all"},
		{"no keys", credential.Gift{Permissions: permission.Full, Scope: everywhere}, "admin"},
		{"reading", credential.Gift{Permissions: permission.Read, Scope: everywhere}, "admin full write"},
		{"writing", credential.Gift{Permissions: permission.Write, Scope: everywhere}, "admin full read search"},
		{"nothing", credential.Gift{}, "admin all full read search write"},
	} {
		got := unavailable(c.gift)
		if names := strings.Join(slices.Sorted(maps.Keys(got)), " "); names != c.want {
			t.Errorf("%s: %q, want %q", c.name, names, c.want)
		}
		for name, why := range got {
			if !strings.HasSuffix(why, ".") {
				t.Errorf("%s: %s gives the reason %q", c.name, name, why)
			}
		}
	}
}

// A copy gets the choice of days that is nearest to how long the original lives.
func TestLikeLife(t *testing.T) {
	for days, want := range map[int]string{0: "7", 1: "7", 18: "7", 19: "30", 30: "30", 59: "30", 61: "90", 200: "90", 300: "365", 5000: "365"} {
		if got := likeLife(time.Duration(days) * 24 * time.Hour); got != want {
			t.Errorf("%d days: %s, want %s", days, got, want)
		}
	}
}

// Every permission that a key can have is offered once, and one that the visitor does not hold is offered with the
// reason why it cannot be ticked.
func TestResources(t *testing.T) {
	grantable := permission.Of(permission.DocumentsRead, permission.SearchRead)
	offered := map[string]bool{}
	for _, row := range resources(grantable, []string{"documents.read", "synonyms.modify"}) {
		if row.Name == "" || row.Sentence == "" {
			t.Errorf("a row without words: %+v", row)
		}
		for value, cell := range map[string]bool{row.Read.Value: row.Read.Unavailable == "", row.Modify.Value: row.Modify.Unavailable == ""} {
			if value == "" {
				continue
			}
			if offered[value] {
				t.Errorf("%s is offered twice", value)
			}
			if offered[value] = true; cell != grantable.Has(permission.Permission(value)) {
				t.Errorf("%s can be ticked: %v", value, cell)
			}
		}
		if row.Name == "Documents" && (!row.Read.Checked || row.Modify.Checked) || row.Name == "Synonyms" && !row.Modify.Checked {
			t.Errorf("%s: %+v", row.Name, row)
		}
	}
	for _, p := range permission.Keys.Strings() {
		if !offered[p] {
			t.Errorf("%s is not offered", p)
		}
	}
	if len(offered) != permission.Keys.Len() {
		t.Errorf("%d offered, %d exist", len(offered), permission.Keys.Len())
	}
}
