package appsearch

import (
	"context"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/account"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// credentialWire is a key. read and write are there for private keys only; of access_all_engines and engines there is
// one, and neither for admin keys.
//
//	{"id":"loco_moco_account_id:5f00aa11bb22cc33dd44ee55|name:indexer","key":"private-…","name":"indexer",
//	"type":"private","read":true,"write":true,"access_all_engines":true}
type credentialWire struct {
	ID               string   `json:"id"`
	Key              string   `json:"key"`
	Name             string   `json:"name"`
	Type             string   `json:"type"`
	Read             *bool    `json:"read,omitempty"`
	Write            *bool    `json:"write,omitempty"`
	AccessAllEngines bool     `json:"access_all_engines,omitempty"`
	Engines          []string `json:"engines,omitempty"`
}

func credentialOf(k credential.Key, key string) credentialWire {
	w := credentialWire{ID: credentialID(k), Key: key, Name: k.Name, Type: string(k.Type)}
	if k.Type == secret.Admin {
		return w
	}
	if k.Type == secret.Private {
		read, write := flags(k)
		w.Read, w.Write = &read, &write
	}
	if w.AccessAllEngines = k.Scope.All; !k.Scope.All {
		w.Engines = k.Scope.Engines
	}
	return w
}

// credentialID gives the opaque id in the recorded form; its digits are the first of the project's id.
func credentialID(k credential.Key) string {
	digits := strings.ReplaceAll(k.ProjectID, "-", "")
	return "loco_moco_account_id:" + digits[:min(24, len(digits))] + "|name:" + k.Name
}

// flags tells whether a key can read anything and change anything, which is all that App Search knows of access.
func flags(k credential.Key) (read, write bool) {
	for _, p := range k.Permissions().List() {
		if p.Modifies() {
			write = true
		} else {
			read = true
		}
	}
	return read, write
}

const credentialsSize = 25

func (d *dialect) listCredentials(c echo.Context) error {
	a, ctx := asking(c), c.Request().Context()
	params, err := readOnly(c, "page")
	if err != nil {
		return err
	}
	p, err := params.listPage(credentialsSize)
	if err != nil {
		return err
	}
	keys, err := d.Credentials.List(ctx, a.who, a.place, credential.Filter{Live: true, Offset: p.offset(), Limit: p.size})
	if err != nil {
		return err
	}
	project, err := d.Accounts.ProjectByID(ctx, a.place.Project)
	if err != nil {
		return err
	}
	list := make([]credentialWire, len(keys.Keys))
	for i, k := range keys.Keys {
		key, err := d.shown(ctx, a, project, k)
		if err != nil {
			return err
		}
		list[i] = credentialOf(k, key)
	}
	return answerSecret(c, listOfAll(p, int64(keys.Total), list))
}

func (d *dialect) getCredential(c echo.Context) error {
	a := asking(c)
	k, err := d.Credentials.GetByName(c.Request().Context(), a.who, a.place, param(c, "name"))
	if err != nil {
		return err
	}
	return d.answerCredential(c, a, k)
}

func (d *dialect) createCredential(c echo.Context) error {
	a := asking(c)
	wish, err := readWish(c)
	if err != nil {
		return err
	}
	in, err := wish.input(nil)
	if err != nil {
		return err
	}
	k, minted, err := d.Credentials.Create(c.Request().Context(), a.who, a.place, in, nil)
	if err != nil {
		return err
	}
	return answerSecret(c, credentialOf(k, minted.Reveal()))
}

func (d *dialect) updateCredential(c echo.Context) error {
	a, ctx := asking(c), c.Request().Context()
	wish, err := readWish(c)
	if err != nil {
		return err
	}
	before, err := d.Credentials.GetByName(ctx, a.who, a.place, param(c, "name"))
	if err != nil {
		return err
	}
	in, err := wish.input(&before)
	if err != nil {
		return err
	}
	k, err := d.Credentials.Update(ctx, a.who, a.place, before.ID, in)
	if err != nil {
		return err
	}
	return d.answerCredential(c, a, k)
}

func (d *dialect) deleteCredential(c echo.Context) error {
	a, ctx := asking(c), c.Request().Context()
	k, err := d.Credentials.GetByName(ctx, a.who, a.place, param(c, "name"))
	if err != nil {
		return err
	}
	if _, err := d.Credentials.Revoke(ctx, a.who, a.place, k.ID); err != nil {
		return err
	}
	return answer(c, deletedAnswer{Deleted: true})
}

func (d *dialect) answerCredential(c echo.Context, a asker, k credential.Key) error {
	project, err := d.Accounts.ProjectByID(c.Request().Context(), a.place.Project)
	if err != nil {
		return err
	}
	key, err := d.shown(c.Request().Context(), a, project, k)
	if err != nil {
		return err
	}
	return answerSecret(c, credentialOf(k, key))
}

// shown gives what "key" shows of a key that is not new: the secret of a search key, which is public by nature, and of
// every key where the project chose readable secrets; else the masked form. The project is asked first, because a
// secret that was sealed while the choice held is still there after it was taken back.
func (d *dialect) shown(ctx context.Context, a asker, project account.Project, k credential.Key) (string, error) {
	if k.Type != secret.Search && !project.ReadableSecrets || !reaches(a.who.Principal, k) {
		return k.Visible, nil
	}
	s, err := d.Credentials.Secret(ctx, a.who, a.place, k.ID)
	switch {
	case err == nil:
		return s.Reveal(), nil
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Forbidden):
		return k.Visible, nil
	}
	return "", err
}

// reaches keeps a key that is limited to some engines from taking over a key that reaches further.
func reaches(p permission.Principal, k credential.Key) bool {
	return p.Kind != permission.Key || p.KeyType == string(secret.Admin) || p.Scope.Contains(k.Scope)
}
