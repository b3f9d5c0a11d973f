package views

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"latchkey/views/ui"
)

func keysPage(f KeyFilter) CredentialsPage {
	p := build{plain}.credentials()
	p.Filter = f
	return p
}

func TestTheFilterStandsInTheAddress(t *testing.T) {
	const base = "/console/organizations/nordlys/projects/storefront/credentials"
	full := KeyFilter{Query: "a&b", Type: "private", Engine: "x", Status: "active", Access: "read", Creator: "ada", Sort: "name", Dir: "desc", Inactive: true}
	for got, want := range map[string]string{
		keysPage(KeyFilter{}).address(KeyFilter{}, ""):    base,
		keysPage(full).address(full, "c1"):                base + "?access=read&creator=ada&cursor=c1&dir=desc&engine=x&inactive=1&q=a%26b&sort=name&status=active&type=private",
		keysPage(full).clearURL():                         base + "?dir=desc&inactive=1&sort=name",
		keysPage(KeyFilter{Query: "a"}).inactiveURL(true): base + "?inactive=1&q=a",
		keysPage(full).statusURL("expiring"):              base + "?status=expiring",
	} {
		if got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestAColumnSortsInItsUsualDirectionFirstAndThenTurnsRound(t *testing.T) {
	for _, c := range []struct {
		now          KeyFilter
		column, want string
	}{
		{KeyFilter{}, "name", "sort=name&dir=desc"},
		{KeyFilter{Sort: "type"}, "name", "sort=name&dir=asc"},
		{KeyFilter{}, "status", "sort=status&dir=asc"},
		{KeyFilter{Sort: "engines"}, "engines", "sort=engines&dir=desc"},
		{KeyFilter{}, "last_used", "sort=last_used&dir=desc"},
		{KeyFilter{Sort: "name"}, "name", "sort=name&dir=desc"},
		{KeyFilter{Sort: "name", Dir: "desc"}, "name", "sort=name&dir=asc"},
		{KeyFilter{Sort: "last_used"}, "last_used", "sort=last_used&dir=asc"},
		{KeyFilter{Sort: "last_used", Dir: "sideways"}, "last_used", "sort=last_used&dir=asc"},
		{KeyFilter{Sort: "name", Dir: "desc"}, "expires", "sort=expires&dir=asc"},
	} {
		got := keysPage(c.now).sortURL(c.column)
		for part := range strings.SplitSeq(c.want, "&") {
			if !strings.Contains(got, part) {
				t.Errorf("%+v by %s: %q lacks %s", c.now, c.column, got, part)
			}
		}
	}
}

func TestMessagesStandInTheOrderOfTheFields(t *testing.T) {
	f := Form{Errors: map[string]string{"b": "second", "a": "first", "z": "other", "y": "another", "c": ""}}
	want := []ui.Problem{{ID: "a", Text: "first"}, {ID: "b-input", Text: "second"}, {Text: "another"}, {Text: "other"}}
	if got := f.problems("a", "b:b-input", "c"); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// sent gives what a form of a page posts when it is sent as it came.
func sent(t *testing.T, page sample, class string) map[string][]string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(render(t, page.page)))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	walk(root, func(n *html.Node) {
		form := inside(n, "form")
		if n.Data != "input" || form == nil || attr(n, "name") == "" || has(n, "disabled") || !strings.Contains(attr(form, "class"), class) {
			return
		}
		if kind := attr(n, "type"); (kind == "radio" || kind == "checkbox") && !has(n, "checked") {
			return
		}
		values[attr(n, "name")] = append(values[attr(n, "name")], attr(n, "value"))
	})
	return values
}

func TestTheKeyFormSendsBackWhatWasTyped(t *testing.T) {
	got := sent(t, sample{page: KeyForm(build{plain}.keyForm())}, "key-form")
	for name, want := range map[string][]string{
		"form_token": {"t0k3n"}, "type": {"private"}, "name": {"recommendations"}, "description": {"Recommendations service, production"},
		"access": {"custom"}, "permission": {"documents.read", "documents.modify", "search.read", "synonyms.read", "ab_tests.read", "api_keys.read"},
		"scope": {"some"}, "engine": {"products", "products-staging"}, "expires": {"90"}, "expires_on": {""},
	} {
		if !slices.Equal(got[name], want) {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
}

func TestAnEditSendsNeitherTypeNorNameAndKeepsTheExpiry(t *testing.T) {
	p := build{plain}.keyForm()
	p.Edit, p.ID, p.Expires, p.Type = true, "k", "", "search"
	got := sent(t, sample{page: KeyForm(p)}, "key-form")
	for _, name := range []string{"type", "name", "access", "permission", "form_token"} {
		if len(got[name]) > 0 {
			t.Errorf("an edit of a search key sends %s %q", name, got[name])
		}
	}
	if !slices.Equal(got["expires"], []string{"keep"}) || !slices.Equal(got["scope"], []string{"some"}) {
		t.Errorf("expires %q, scope %q", got["expires"], got["scope"])
	}
}

func TestWhoMayNotManageKeysIsNotOfferedTo(t *testing.T) {
	p := build{plain}.credentials()
	p.Can = Can{}
	for i := range p.Keys {
		p.Keys[i].CanEdit, p.Keys[i].CanRevoke = false, false
	}
	page := render(t, Credentials(p))
	for _, act := range []string{"Create key", "/edit", "/revoke"} {
		if strings.Contains(page, act) {
			t.Errorf("a viewer is offered %q", act)
		}
	}
}

func TestASecretStandsInTheOutputAndNowhereElse(t *testing.T) {
	p := build{plain}.reveal()
	if n := strings.Count(render(t, KeyReveal(p)), p.Secret); n != 1 {
		t.Errorf("the secret occurs %d times", n)
	}
	gone := render(t, KeyRevealGone(KeyRevealGonePage{Page: p.Page, Name: "n", Visible: "private-6fK*****0kV"}))
	if strings.Contains(gone, "<output") {
		t.Error("the page without the secret has a place for it")
	}
}
