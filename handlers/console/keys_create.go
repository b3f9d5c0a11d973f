package console

import (
	"context"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db"
	"latchkey/db/credential"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/db/session"
	"latchkey/views"
	"latchkey/web"
)

// createKey makes a key and leads to the page that reveals its secret. A form that is sent twice leads there twice.
// A search key is public and can be copied from its page at any time, so it is not revealed but shown there.
func (s *console) createKey(c echo.Context) error {
	posted, err := readForm(c)
	if err != nil {
		return err
	}
	v, form := visitorOf(c), readKeyForm(posted)
	aside := func(ctx context.Context, tx *db.Tx, id string, made secret.Secret) error {
		return session.StashTx(ctx, tx, v.token, id, made)
	}
	in := form.input(s.Now(), credential.Key{})
	if in.Type == secret.Search {
		aside = nil
	}
	k, _, err := s.Credentials.Create(c.Request().Context(), v.Who, v.project.Target(), in, aside)
	if err != nil {
		return again(err, func(status int, messages views.Form) error {
			return s.showKeyForm(c, status, form, credential.Key{}, messages)
		})
	}
	if k.Type == secret.Search {
		return web.Redirect(c, done(s.keyURL(v, k.ID), "created"))
	}
	return web.Redirect(c, views.RevealKeyURL(v.organization.Slug, v.project.Slug, k.ID))
}

// resourceNames are those whose words are not their names.
var resourceNames = map[string]string{"indices": "Engines", "ab_tests": "A/B tests", "api_keys": "API keys"}

// resources is what custom access can be made of: a row for each resource that a key can have. What the visitor may
// not give is there with the reason.
func resources(grantable permission.Set, chosen []string) []views.PermissionRow {
	var rows []views.PermissionRow
	for _, info := range permission.All() {
		if !info.Custom {
			continue
		}
		name := resourceName(info.Permission.Resource())
		if len(rows) == 0 || rows[len(rows)-1].Name != name {
			rows = append(rows, views.PermissionRow{Name: name})
		}
		row := &rows[len(rows)-1]
		row.Sentence = info.Sentence // of modify where there is one: it stands behind read and says more
		if strings.HasPrefix(row.Sentence, "change ") {
			row.Sentence = "see and " + row.Sentence
		}
		cell := views.PermissionCell{Value: string(info.Permission), Checked: slices.Contains(chosen, string(info.Permission))}
		if !grantable.Has(info.Permission) {
			cell.Unavailable = "you do not have this permission yourself"
		}
		if info.Permission.Modifies() {
			row.Modify = cell
		} else {
			row.Read = cell
		}
	}
	return rows
}

func resourceName(resource string) string {
	if name, ok := resourceNames[resource]; ok {
		return name
	}
	words := strings.ReplaceAll(resource, "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}
